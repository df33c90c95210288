//! A used token gives the same answer, and is refused with other parameters.

use cloudnet_tests::sample;
use serde_json::{Value as Json, json};

use crate::book::{self, Deed, field_at, row_path};
use crate::ledger::Ledger;
use crate::world::{Members, World, refused, set};

#[test]
fn a_used_token_gives_the_same_answer_or_a_refusal() {
    let mut ledger = Ledger::of("tokens");
    for deed in book::deeds().filter(|deed| deed.is_write() && deed.action.spec.answers.is_none()) {
        let Some(token) = &deed.action.spec.idempotency else { continue };
        ledger.note(deed.name(), "", holds(deed, &token.value));
    }
    ledger.close(75);
}

fn holds(deed: Deed, token: &str) -> Result<(), String> {
    let world = World::new();
    let mut parameters = world.parameters(deed, &[])?;
    parameters.insert(token.to_owned(), json!("token-of-a-law"));
    let call = |parameters: &Members| {
        world.call(deed, parameters).map(without_id).map_err(|error| refused(deed, parameters, &error))
    };
    let first = call(&parameters)?;
    let before = world.remembered();
    let second = call(&parameters)?;
    if first != second {
        return Err(format!("{} and then {}", json!(first), json!(second)));
    }
    if world.remembered() != before {
        return Err("it was applied twice".to_owned());
    }
    let other = other(deed, token, &parameters).ok_or("no other parameters")?;
    match world.call(deed, &other) {
        Ok(_) => Err(format!("other parameters were taken: {}", json!(other))),
        Err(error) if error.class() == cloudnet::ErrorClass::Idempotency => {
            match world.remembered() == before {
                true => Ok(()),
                false => Err("it was refused and changed something".to_owned()),
            }
        }
        Err(error) => Err(refused(deed, &other, &error)),
    }
}

fn without_id(mut answer: Members) -> Members {
    answer.remove("RequestId");
    answer
}

/// Other parameters that the table allows.
fn other(deed: Deed, token: &str, parameters: &Members) -> Option<Members> {
    let service = deed.service.spec.name.value.as_str();
    let rows = deed.action.spec.request.iter().map(row_path);
    let rows = rows.filter(|row| !row.contains('.') && row != token && row != "RegionId");
    let rows =
        rows.filter(|row| deed.action.spec.dry_run.as_ref().is_none_or(|dry| dry.parameter.value != *row));
    let mut others = rows.flat_map(|row| {
        let field = field_at(&deed.action.request, &row);
        let values: Vec<Json> =
            (7..10).filter_map(|number| field.map(|field| sample::nth(field, number))).collect();
        values.into_iter().map(move |value| (row.clone(), value)).collect::<Vec<_>>()
    });
    others.find_map(|(row, value)| {
        let mut other = parameters.clone();
        set(&mut other, deed, &row, value);
        let is_other = other != *parameters;
        let is_legal = cloudnet::dynamic::validate(service, deed.name(), &json!(other)).is_ok();
        (is_other && is_legal).then_some(other)
    })
}
