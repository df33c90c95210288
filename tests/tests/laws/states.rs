//! What is on its way to a state cannot be changed meanwhile, where its states say so.

use std::time::Duration;

use cloudnet_codegen::spec::Operation;
use cloudnet_emulator::Transitions;
use serde_json::json;

use crate::book::{self, Does, Kind};
use crate::ledger::Ledger;
use crate::world::{Members, Thing, World, at, field, refused, set, text};

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
        if does.by().is_empty() && does.effect.many.is_empty() {
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
    let Some(thing) = forbidden(&world, kind, &allowed(does, kind))? else { return Ok(None) };
    let parameters = about(does, parameters, &ready, &thing);
    match world.call(does.deed, &parameters) {
        Ok(_) => Err(format!("was taken in state {:?} with {}", state(&thing), json!(parameters))),
        Err(error) => {
            let code = error.code().unwrap_or_default();
            let known = does.deed.codes().find(|known| known.code.value == code);
            match known {
                // Something else that the call needs hangs on the one that was ready.
                Some(known) if known.class == "NotFound" && does.index > 0 => Ok(None),
                None if code.ends_with("NotFound") && does.index > 0 => Ok(None),
                Some(known)
                    if ["Busy", "Precondition", "Dependency", "Unsupported"].contains(&known.class) =>
                {
                    Ok(Some(true))
                }
                None if code == "IncorrectStatus" => Ok(Some(false)),
                _ => Err(refused(does.deed, &parameters, &error)),
            }
        }
    }
}

/// States in which the effect may be.
fn allowed(does: Does, kind: Kind) -> Vec<&'static str> {
    let states = &kind.spec.states;
    let deletes = does.effect.operation == Operation::Delete;
    let allowed: Vec<_> = match &does.effect.from {
        Some(from) => from.iter().collect(),
        None => states.settled.iter().chain(states.failed.iter().filter(|_| deletes)).collect(),
    };
    allowed.into_iter().map(|state| state.value.as_str()).collect()
}

/// The same call, about the one that is on its way.
fn about(does: Does, mut parameters: Members, ready: &Thing, thing: &Thing) -> Members {
    for (key, row) in does.by() {
        let (own, other) = (field(&ready.fields, &key), field(&thing.fields, &key));
        if let Some(other) = other.filter(|other| own.as_ref() != Some(other))
            && at(&parameters, &row).is_some()
        {
            set(&mut parameters, does.deed, &row, other);
        }
    }
    let many = does.effect.many.last().map(|many| book::without_index(&many.value));
    if let (Some(many), Some(id)) = (many, field(&thing.fields, thing.kind.last_key())) {
        set(&mut parameters, does.deed, &many, id);
    }
    parameters
}

fn state(thing: &Thing) -> String {
    let state = thing.kind.state_field().and_then(|field| text(thing.fields.get(field)?));
    state.unwrap_or_default()
}

/// One in a state that is none of these: made and not there yet, or just made.
fn forbidden(world: &World, kind: Kind, allowed: &[&str]) -> Result<Option<Thing>, String> {
    let Some(maker) = kind.makers().first().copied() else { return Ok(None) };
    world.forget_kind(kind);
    let parameters = world.parameters_for(maker.deed, Some(maker), &[])?;
    world.settles.set(false);
    let thing = world.make(kind, maker.deed, &parameters)?;
    Ok(Some(thing).filter(|thing| !allowed.contains(&state(thing).as_str())))
}
