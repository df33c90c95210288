//! What others lie in cannot be deleted where the table has a code for that; else they go with it.

use cloudnet_codegen::spec::{Operation, ValueSpec};
use serde_json::Value as Json;

use crate::book::{self, Does, Kind};
use crate::ledger::Ledger;
use crate::world::{Thing, World, field, refused, same};

#[test]
fn what_others_lie_in_stays_or_takes_them_along() {
    let mut ledger = Ledger::of("dependency");
    for does in book::effects().filter(|does| does.index == 0 && does.effect.operation == Operation::Delete) {
        let Some(parent) = does.kind() else { continue };
        for child in children(parent) {
            let said = &does.deed.action.spec.refuses.dependency;
            let is_said = said.is_empty()
                || said.iter().any(|(name, _)| name.value.is_empty() || name.value == child.name());
            let stays = !codes(does).is_empty()
                && is_said
                && !does.effect.with.iter().any(|kind| kind.value == child.name());
            ledger.count(if stays { "stay" } else { "take their children along" });
            let end = if stays { stays_with(does, parent, child) } else { goes_with(does, parent, child) };
            ledger.note(does.deed.name(), child.name(), end);
        }
    }
    ledger.close(36);
}

/// Codes of what stands in the way.
fn codes(does: Does) -> Vec<&'static str> {
    let said = does.deed.action.spec.refuses.dependency.iter().map(|(_, code)| code.value.as_str());
    does.deed.codes_of("Dependency").into_iter().chain(said).collect()
}

fn children(parent: Kind) -> impl Iterator<Item = Kind> {
    let lies_in = move |kind: &Kind| {
        kind.service.name == parent.service.name
            && kind.spec.parents.iter().any(|of| of.resource.value == parent.name())
            && !kind.makers().is_empty()
    };
    book::kinds().filter(lies_in)
}

fn stays_with(does: Does, parent: Kind, child: Kind) -> Result<(), String> {
    let world = World::new();
    let parameters = with_child(&world, does, parent, child)?;
    let before = world.remembered();
    let codes = codes(does);
    match world.call(does.deed, &parameters) {
        Ok(_) => Err("it was deleted".to_owned()),
        Err(error) if error.code().is_some_and(|code| codes.contains(&code)) => {
            match world.remembered() == before {
                true => Ok(()),
                false => Err("it was refused and changed something".to_owned()),
            }
        }
        Err(error) => Err(refused(does.deed, &parameters, &error)),
    }
}

fn goes_with(does: Does, parent: Kind, child: Kind) -> Result<(), String> {
    let world = World::new();
    let parameters = with_child(&world, does, parent, child)?;
    let before = world.things(child).len();
    match world.call(does.deed, &parameters) {
        // What the child needs besides stands in the way.
        Err(error) if error.code().is_some_and(|code| codes(does).contains(&code)) => return Ok(()),
        Err(error) => return Err(refused(does.deed, &parameters, &error)),
        Ok(_) => {}
    }
    match world.things(child).len() < before {
        true => Ok(()),
        false => Err("the child is still there".to_owned()),
    }
}

/// What deletes a parent that has a child.
fn with_child(world: &World, does: Does, parent: Kind, child: Kind) -> Result<crate::world::Members, String> {
    let own = world.ensure(parent)?;
    let of = child.spec.parents.iter().find(|of| of.resource.value == parent.name()).ok_or("no parent")?;
    let inner = of.field.as_ref().map_or(parent.last_key(), |field| field.value.as_str());
    let key = of.of.as_ref().map_or(parent.last_key(), |of| of.value.as_str());
    let outer = field(&own.fields, key).ok_or_else(|| format!("the parent has no {key}"))?;
    // A field that another one gives is had by that one.
    let given = child.spec.made.iter().find_map(|(path, value)| match &value.value {
        ValueSpec::Own(own) if path.value == inner => Some(own.as_str()),
        _ => None,
    });
    let made = lying_in(world, child, given.unwrap_or(inner), &outer)?;
    let found = field(&made.fields, inner);
    let own = match found.as_ref().is_some_and(|inner| same(inner, &outer)) {
        true => own,
        false => made_with(world, parent, child, inner, key)
            .ok_or_else(|| format!("the child does not lie in it: {found:?} and {outer:?}"))?,
    };
    world.keep(&own);
    world.parameters_for(does.deed, Some(does), &[])
}

/// A parent that was made by the same call as a child that lies in it.
fn made_with(world: &World, parent: Kind, child: Kind, inner: &str, key: &str) -> Option<Thing> {
    child.makers().into_iter().find_map(|maker| {
        let parameters = world.parameters_for(maker.deed, Some(maker), &[]).ok()?;
        let made = world.make(child, maker.deed, &parameters).ok()?;
        let inner = field(&made.fields, inner)?;
        let is_its = |own: &Thing| field(&own.fields, key).is_some_and(|outer| same(&inner, &outer));
        world.things(parent).into_iter().find(is_its)
    })
}

/// A child whose field has this value: made so, or changed so.
fn lying_in(world: &World, child: Kind, inner: &str, outer: &Json) -> Result<Thing, String> {
    let stores =
        |does: &Does| does.stores().into_iter().find(|(_, field)| field == inner).map(|(row, _)| row);
    let maker = child.makers().into_iter().find_map(|maker| Some((maker, stores(&maker)?)));
    if let Some((maker, row)) = maker {
        let references = maker.deed.references();
        let is_reference =
            references.iter().any(|reference| reference.row == row && reference.kinds.len() == 1);
        let wanted = [(row.as_str(), outer.clone())];
        // What names it by itself is left to the world.
        let parameters =
            world.parameters_for(maker.deed, Some(maker), if is_reference { &[] } else { &wanted })?;
        let has_it = parameters.contains_key(&row);
        let parameters =
            if has_it { parameters } else { world.parameters_for(maker.deed, Some(maker), &wanted)? };
        return world.make(child, maker.deed, &parameters);
    }
    let thing = world.fresh(child, &[])?;
    if field(&thing.fields, inner).is_some_and(|found| same(&found, outer)) {
        return Ok(thing);
    }
    let changes = book::effects()
        .filter(|does| does.kind() == Some(child) && does.effect.operation == Operation::Change);
    for (does, row) in changes.filter_map(|does| Some((does, stores(&does)?))) {
        world.keep(&thing);
        let parameters = world.parameters_for(does.deed, Some(does), &[(row.as_str(), outer.clone())])?;
        if world.call(does.deed, &parameters).is_ok() {
            return world.thing(child, thing.number).ok_or_else(|| "it is gone".to_owned());
        }
    }
    Ok(thing)
}
