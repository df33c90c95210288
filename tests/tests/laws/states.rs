//! What is on its way to a state cannot be changed meanwhile, where its states say so.

use std::time::Duration;

use cloudnet_codegen::spec::Operation;
use cloudnet_emulator::Transitions;
use serde_json::json;

use crate::book::{self, Does, Kind};
use crate::ledger::Ledger;
use crate::world::{World, refused, text};

#[test]
fn a_state_that_forbids_a_write_refuses_it() {
    let mut ledger = Ledger::of("states");
    for does in book::effects().filter(|does| does.effect.operation != Operation::Create) {
        let Some(kind) = does.kind() else { continue };
        let own = does.effect.from.is_some();
        let passes = !kind.spec.states.passing.is_empty() && kind.state_field().is_some();
        // By default it may be in all settled states.
        if !own && !passes || does.effect.optional || does.effect.from.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        if does.by().is_empty() && does.effect.many.is_none() {
            ledger.count("about what the request does not name");
            continue;
        }
        let end = refuses(does, kind);
        match &end {
            Ok(Some(true)) => ledger.count("with the state code of the table"),
            Ok(Some(false)) => ledger.count("with the general code, for the table has none"),
            Ok(None) => {
                ledger.count("that no state forbids");
                continue;
            }
            Err(_) => {}
        }
        let about = if does.index == 0 { String::new() } else { kind.name().to_owned() };
        ledger.note(does.deed.name(), &about, end.map(|_| ()));
    }
    ledger.close(36);
}

/// Whether the code is of the table; none if it is in no state that forbids the write.
fn refuses(does: Does, kind: Kind) -> Result<Option<bool>, String> {
    let world = World::with(Transitions::After(Duration::from_secs(60)));
    let parameters = world.parameters_for(does.deed, Some(does), &[])?;
    let ready = world.ensure(kind)?;
    let state = |thing: &crate::world::Thing| kind.state_field().and_then(|field| text(thing.fields.get(field)?)).unwrap_or_default();
    let allowed: Vec<&str> = match &does.effect.from {
        Some(from) => from.iter().map(|state| state.value.as_str()).collect(),
        None => kind.spec.states.settled.iter().map(|state| state.value.as_str()).chain(
            kind.spec.states.failed.iter().filter(|_| does.effect.operation == Operation::Delete).map(|state| state.value.as_str())).collect(),
    };
    let thing = match forbidden(&world, kind, &allowed)? {
        Some(thing) => thing,
        None => return Ok(None),
    };
    // The same call, about the one that is on its way.
    let mut parameters = parameters;
    for (key, row) in does.by() {
        if let (Some(own), Some(value)) = (crate::world::field(&ready.fields, &key), crate::world::field(&thing.fields, &key)) {
            if own != value && crate::world::at(&parameters, &row).is_some() {
                crate::world::set(&mut parameters, does.deed, &row, value);
            }
        }
    }
    if let Some(many) = &does.effect.many {
        if let Some(id) = crate::world::field(&thing.fields, kind.last_key()) {
            crate::world::set(&mut parameters, does.deed, &book::without_index(&many.value), id);
        }
    }
    match world.call(does.deed, &parameters) {
        Ok(_) => Err(format!("was taken in state {} with {}", state(&thing), json!(parameters))),
        Err(error) => {
            let code = error.code().unwrap_or_default();
            let known = does.deed.codes().find(|known| known.code.value == code);
            match known {
                // Something else that the call needs hangs on the one that was ready.
                Some(known) if known.class == "NotFound" && does.index > 0 => Ok(None),
                None if code.ends_with("NotFound") && does.index > 0 => Ok(None),
                Some(known) if ["Busy", "Precondition", "Dependency", "Unsupported"].contains(&known.class) => Ok(Some(true)),
                None if code == "IncorrectStatus" => Ok(Some(false)),
                _ => Err(refused(does.deed, &parameters, &error)),
            }
        }
    }
}

/// One in a state that is none of these: made and not there yet, or just made.
fn forbidden(world: &World, kind: Kind, allowed: &[&str]) -> Result<Option<crate::world::Thing>, String> {
    let Some(maker) = kind.makers().first().copied() else { return Ok(None) };
    world.forget_kind(kind);
    let parameters = world.parameters_for(maker.deed, Some(maker), &[])?;
    world.settles.set(false);
    let thing = world.make(kind, maker.deed, &parameters)?;
    let state = kind.state_field().and_then(|field| text(thing.fields.get(field)?)).unwrap_or_default();
    Ok(Some(thing).filter(|_| !allowed.contains(&state.as_str())))
}
