//! What is required cannot be left out, nor be an empty text, and what the client refuses the service refuses too, with codes of its tables.

use std::collections::BTreeMap;

use cloudnet_tests::workspace;
use serde_json::{Value as Json, json};

use crate::book::{self, Deed};
use crate::ledger::Ledger;
use crate::world::{Members, World, set};

#[test]
fn what_is_required_cannot_be_left_out_or_empty() {
    let mut ledger = Ledger::of("missing");
    for deed in book::deeds() {
        // The client gives the region and the token itself.
        let token = deed.action.spec.idempotency.as_ref().map(|token| token.value.as_str());
        let required = required(deed).filter(|row| *row != "RegionId" && Some(*row) != token);
        for row in required {
            for (about, is_empty) in [(row.to_owned(), false), (format!("{row}_empty"), true)] {
                let world = World::new();
                let end = world.parameters(deed, &[]).and_then(|mut parameters| {
                    let given = parameters.remove(row);
                    if is_empty && given.is_some_and(|given| given.is_string()) {
                        parameters.insert(row.to_owned(), json!(""));
                    }
                    refuses(&world, deed, &parameters)
                });
                if end == Ok(false) {
                    ledger.count("with a general code");
                }
                ledger.note(deed.name(), &about, end.map(|_| ()));
            }
        }
    }
    ledger.close(430);
}

#[test]
fn what_the_client_refuses_the_service_refuses() {
    let mut ledger = Ledger::of("refused");
    let text = std::fs::read_to_string(workspace().join("tests/refused.yaml")).expect("it is there");
    let calls: Vec<BTreeMap<String, Json>> = serde_yaml::from_str(&text).expect("it is a list of mappings");
    for call in calls {
        let (service, action) =
            call["action"].as_str().and_then(|name| name.split_once('.')).unwrap_or_default();
        let deed =
            book::deeds().find(|deed| deed.name() == action && deed.service.spec.name.value == service);
        let (Some(deed), Some(given)) = (deed, call["parameters"].as_object()) else {
            ledger.count("of actions that are gone");
            continue;
        };
        let what = call["refuses"].as_str().unwrap_or_default().replace(' ', "_");
        let end = broken(deed, given);
        if end == Ok(false) {
            ledger.count("with a general code");
        }
        ledger.note(action, &what, end.map(|_| ()));
    }
    ledger.close(150);
}

/// The rows that a call must have.
fn required(deed: Deed) -> impl Iterator<Item = &'static str> {
    deed.action.request.fields.iter().filter(|field| field.required).map(|field| field.name.as_str())
}

/// The call with all else that it needs, so that nothing but this is wrong with it.
fn broken(deed: Deed, given: &Members) -> Result<bool, String> {
    let world = World::new();
    let mut parameters = world.parameters(deed, &[])?;
    if given.is_empty() {
        // What is wrong is what is not there.
        let required: Vec<&str> = required(deed).collect();
        parameters.retain(|row, _| required.contains(&row.as_str()));
    }
    for (row, value) in given {
        match value {
            Json::Array(_) | Json::Object(_) => {
                parameters.insert(row.clone(), value.clone());
            }
            _ => set(&mut parameters, deed, row, value.clone()),
        }
    }
    refuses(&world, deed, &parameters)
}

/// Whether it is refused with a code of the action's own table, or with a general one.
fn refuses(world: &World, deed: Deed, parameters: &Members) -> Result<bool, String> {
    const GENERAL: [&str; 4] =
        ["MissingParameter", "InvalidParameter", "InvalidArgumentException", "ValidationException"];
    let before = world.remembered();
    match world.call(deed, parameters) {
        Ok(_) => Err(format!("was taken: {}", json!(parameters))),
        Err(_) if world.remembered() != before => Err("it was refused and changed something".to_owned()),
        Err(error) => match error.code() {
            Some(code) if deed.codes_of("InvalidParameter").contains(&code) => Ok(true),
            Some(code)
                if deed
                    .action
                    .spec
                    .refuses
                    .missing
                    .iter()
                    .chain(&deed.action.spec.refuses.invalid)
                    .any(|(_, said)| said.value == code) =>
            {
                Ok(true)
            }
            Some(code) if deed.codes_of("Unsupported").contains(&code) => Ok(true),
            Some(code) if GENERAL.iter().any(|general| code.starts_with(general)) => Ok(false),
            _ => Err(format!("{error} for {}", json!(parameters))),
        },
    }
}
