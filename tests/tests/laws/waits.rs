//! Every wait and every waiter of the client runs against the emulator, and ends well, or badly where the change
//! was told to.

use cloudnet_codegen::spec::{Operation, UntilSpec, WaitSpec, WaiterSpec};
use cloudnet_emulator::{Fault, Transitions};
use serde_json::Value as Json;

use crate::book::{self, Deed, Does, Kind};
use crate::ledger::Ledger;
use crate::world::{Members, Thing, World, field, refused};

/// Looks that a change of state takes.
const LOOKS: u32 = 2;

#[test]
fn every_wait_ends_as_it_must() {
    let mut ledger = Ledger::of("waits");
    for deed in book::deeds() {
        let Some(wait) = deed.action.spec.wait.as_ref().filter(|wait| wait.resource.is_some()) else {
            continue;
        };
        ledger.note(deed.name(), "", ends_well(deed));
        let moves = |does: Does| {
            let is_its = wait.resource.as_ref().is_some_and(|name| name.value == does.effect.resource.value);
            is_its
                && (does.effect.operation == Operation::Create
                    || does.effect.to.is_some()
                    || !does.goals().is_empty())
        };
        if !deed.effects().any(moves) {
            ledger.count("that change no state, and cannot fail");
            continue;
        }
        for state in failed_states(deed, wait) {
            ledger.count("of them that end badly");
            ledger.note(deed.name(), &state.replace(' ', "_"), ends_badly(deed, &state));
        }
    }
    ledger.close(100);
}

#[test]
fn every_waiter_ends_well() {
    let mut ledger = Ledger::beside_actions("waiters");
    for kind in book::kinds() {
        for waiter in &kind.spec.waiters {
            ledger.note(&waiter.name, "", reaches(kind, waiter));
        }
    }
    ledger.close(58);
}

fn settled() -> World {
    World::with(Transitions::Polls(LOOKS))
}

/// States that end the wait of an action badly, by its spec: those of failure and, unless it waits for absence or
/// for one of them, those that lead away.
fn failed_states(deed: Deed, wait: &WaitSpec) -> Vec<String> {
    let kind = wait.resource.as_ref().and_then(|name| Kind::of(deed.service, &name.value));
    let (Some(kind), UntilSpec::States(until)) = (kind, &wait.until) else { return Vec::new() };
    let states = match &wait.failure {
        Some(failure) => failure.iter().collect::<Vec<_>>(),
        None => kind.spec.states.failed.iter().collect(),
    };
    let states = states.into_iter().filter(|state| !until.iter().any(|goal| goal.value == state.value));
    states.map(|state| state.value.clone()).collect()
}

fn ends_well(deed: Deed) -> Result<(), String> {
    let world = settled();
    let parameters = world.parameters(deed, &[])?;
    awaited(&world, deed, &parameters)
}

fn ends_badly(deed: Deed, state: &str) -> Result<(), String> {
    let world = settled();
    let parameters = world.parameters(deed, &[])?;
    world.emulator.fault(Fault::ends_in(state).on(deed.name()));
    match awaited(&world, deed, &parameters) {
        Ok(()) => Err(format!("ended well, though it was told to end in {state}")),
        Err(why) if why.contains(state) => Ok(()),
        Err(why) => Err(why),
    }
}

fn awaited(world: &World, deed: Deed, parameters: &Members) -> Result<(), String> {
    let sent = async {
        let call = world.client(deed).call(deed.name(), &Json::Object(parameters.clone()))?;
        let (_, mut waiter) = call.send_with_waiter().await?;
        while let Some(state) = waiter.next_state().await {
            state?;
        }
        Ok(())
    };
    world.block_on(sent).map_err(|error| refused(deed, parameters, &error))
}

fn reaches(kind: Kind, spec: &WaiterSpec) -> Result<(), String> {
    let world = settled();
    let thing = world.ensure(kind)?;
    let keys = keys(kind, spec, &thing);
    let thing = match &spec.wait.until {
        UntilSpec::States(states) => {
            let states: Vec<&str> = states.iter().map(|state| state.value.as_str()).collect();
            world.bring(thing, &states, "")?
        }
        UntilSpec::Present => thing,
        UntilSpec::Gone => {
            let does = book::effects()
                .find(|does| does.kind() == Some(kind) && does.effect.operation == Operation::Delete);
            let does: Does = does.ok_or("nothing deletes it")?;
            let parameters = world.parameters_for(does.deed, Some(does), &[])?;
            world.settles.set(false);
            world.call(does.deed, &parameters).map_err(|error| refused(does.deed, &parameters, &error))?;
            thing
        }
    };
    let _ = thing;
    let deed = kind.readers().first().ok_or("nothing shows it")?.deed;
    let waited = async {
        let mut waiter = world.client(deed).wait_for(&spec.name, &keys)?;
        while let Some(state) = waiter.next_state().await {
            state?;
        }
        Ok(())
    };
    world.block_on(waited).map_err(|error: cloudnet::Error| format!("{keys}: {error}"))
}

fn keys(kind: Kind, spec: &WaiterSpec, thing: &Thing) -> Json {
    let named: Vec<&str> = match &spec.by {
        Some(by) => by.iter().map(|key| key.value.as_str()).collect(),
        None => kind.spec.keys.iter().map(|key| key.value.as_str()).collect(),
    };
    let pairs = named.into_iter().filter_map(|key| Some((key.to_owned(), field(&thing.fields, key)?)));
    Json::Object(pairs.collect())
}
