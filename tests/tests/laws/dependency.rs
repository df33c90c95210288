//! What others lie in cannot be deleted where the table has a code for that; else they go with it.

use cloudnet_codegen::spec::Operation;

use crate::book::{self, Does, Kind};
use crate::ledger::Ledger;
use crate::world::{World, refused};

#[test]
fn what_others_lie_in_stays_or_takes_them_along() {
    let mut ledger = Ledger::of("dependency");
    for does in book::effects().filter(|does| does.index == 0 && does.effect.operation == Operation::Delete) {
        let Some(parent) = does.kind() else { continue };
        for child in children(parent) {
            let stays = !does.deed.codes_of("Dependency").is_empty()
                && !does.effect.with.iter().any(|kind| kind.value == child.name());
            ledger.count(if stays { "stay" } else { "take their children along" });
            let end = if stays { stays_with(does, parent, child) } else { goes_with(does, parent, child) };
            ledger.note(does.deed.name(), child.name(), end);
        }
    }
    ledger.close(25);
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
    let codes = does.deed.codes_of("Dependency");
    match world.call(does.deed, &parameters) {
        Ok(_) => Err("it was deleted".to_owned()),
        Err(error) if error.code().is_some_and(|code| codes.contains(&code)) => match world.remembered() == before {
            true => Ok(()),
            false => Err("it was refused and changed something".to_owned()),
        },
        Err(error) => Err(refused(does.deed, &parameters, &error)),
    }
}

fn goes_with(does: Does, parent: Kind, child: Kind) -> Result<(), String> {
    let world = World::new();
    let parameters = with_child(&world, does, parent, child)?;
    let before = world.things(child).len();
    world.call(does.deed, &parameters).map_err(|error| refused(does.deed, &parameters, &error))?;
    match world.things(child).len() < before {
        true => Ok(()),
        false => Err("the child is still there".to_owned()),
    }
}

/// What deletes a parent that has a child.
fn with_child(world: &World, does: Does, parent: Kind, child: Kind) -> Result<crate::world::Members, String> {
    let own = world.ensure(parent)?;
    let made = world.fresh(child, &[])?;
    let of = child.spec.parents.iter().find(|of| of.resource.value == parent.name()).ok_or("no parent")?;
    let field = of.field.as_ref().map_or(parent.last_key(), |field| field.value.as_str());
    let key = of.of.as_ref().map_or(parent.last_key(), |of| of.value.as_str());
    let (inner, outer) = (crate::world::field(&made.fields, field), crate::world::field(&own.fields, key));
    match (inner, outer) {
        (Some(inner), Some(outer)) if crate::world::same(&inner, &outer) => {}
        (inner, outer) => return Err(format!("the child does not lie in it: {inner:?} and {outer:?}")),
    }
    world.keep(&own);
    world.parameters_for(does.deed, Some(does), &[])
}
