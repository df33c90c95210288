//! No write answers success and leaves everything as it was.

use cloudnet_tests::sample::{self, Extent};
use serde_json::Value as Json;

use crate::book::{self, Deed};
use crate::ledger::Ledger;
use crate::world::{World, refused};

#[test]
fn every_write_that_succeeds_leaves_a_trace() {
    let mut ledger = Ledger::of("stores");
    for deed in book::deeds().filter(|deed| deed.is_write()) {
        if deed.action.spec.answers.is_some() {
            ledger.count("answer the example");
            continue;
        }
        ledger.note(deed.name(), "", leaves_a_trace(deed));
    }
    ledger.close(110);
}

fn leaves_a_trace(deed: Deed) -> Result<(), String> {
    let most = sample::parameters(&deed.action.request, Extent::Most);
    let names = most.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let all: Vec<(&str, Json)> =
        names.filter(|name| !deed.is_of_the_call(name)).map(|name| (name, Json::Null)).collect();
    let mut why = String::new();
    // All at once may be refused where one of them is not.
    for wanted in std::iter::once(all.as_slice()).chain(all.chunks(1)).chain([[].as_slice()]) {
        match trace(deed, wanted) {
            Ok(()) => return Ok(()),
            Err(error) if why.is_empty() => why = error,
            Err(_) => {}
        }
    }
    Err(why)
}

fn trace(deed: Deed, wanted: &[(&str, Json)]) -> Result<(), String> {
    let mut why = String::new();
    for turn in 0..3 {
        match tried(deed, wanted, turn) {
            Ok(()) => return Ok(()),
            Err(error) => why = error,
        }
    }
    Err(why)
}

fn tried(deed: Deed, wanted: &[(&str, Json)], turn: u32) -> Result<(), String> {
    let world = World::new();
    // What is a target already is not wanted again.
    let parameters = world.parameters(deed, &[])?;
    let mut wanted: Vec<(&str, Json)> =
        wanted.iter().filter(|(row, _)| !parameters.contains_key(*row)).cloned().collect();
    let closed = deed.action.request.fields.iter().filter(|field| !sample::is_free(field) && field.required);
    wanted.extend(closed.filter(|_| turn > 0).map(|field| (field.name.as_str(), sample::nth(field, turn))));
    clearable(&world, deed)?;
    let parameters = world.parameters(deed, &wanted)?;
    let before = world.remembered();
    world.call(deed, &parameters).map_err(|error| refused(deed, &parameters, &error))?;
    match world.remembered() == before {
        true => Err(format!("nothing changed by {}", Json::Object(parameters))),
        false => Ok(()),
    }
}

/// What the action clears is there first.
fn clearable(world: &World, deed: Deed) -> Result<(), String> {
    for does in deed.effects().filter(|does| !does.effect.optional) {
        let Some(kind) = does.kind() else { continue };
        for path in &does.effect.clear {
            let thing = world.ensure(kind)?;
            if !thing.fields.contains_key(&path.value) {
                crate::filters::changed(world, &thing, &path.value, 0, deed.name()).ok();
            }
        }
    }
    Ok(())
}
