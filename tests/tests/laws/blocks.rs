//! Blocks lie in those of their parents, and beside those of their siblings.

use cloudnet_codegen::spec::ValueSpec;
use serde_json::{Value as Json, json};

use crate::book::{self, Does, Kind};
use crate::ledger::Ledger;
use crate::world::{World, field, refused, text};

#[test]
fn blocks_lie_in_those_of_their_parents() {
    let mut ledger = Ledger::of("inside");
    for kind in book::kinds() {
        for (name, value) in &kind.spec.inside {
            let ValueSpec::Of { resource, field: outer } = &value.value else { continue };
            let Some(parent) = Kind::of(kind.service, resource) else { continue };
            for maker in kind.makers() {
                let Some(row) = row_of(maker, &name.value) else { continue };
                ledger.note(maker.deed.name(), &row, lies_inside(maker, kind, &row, parent, outer));
            }
        }
    }
    ledger.close(2);
}

#[test]
fn blocks_lie_beside_those_of_their_siblings() {
    let mut ledger = Ledger::of("apart");
    for kind in book::kinds() {
        for name in &kind.spec.apart {
            for maker in kind.makers() {
                let Some(row) = row_of(maker, &name.value) else { continue };
                ledger.note(maker.deed.name(), &row, lies_apart(maker, kind, &row, &name.value));
            }
        }
    }
    ledger.close(1);
}

fn row_of(maker: Does, name: &str) -> Option<String> {
    maker.stores().into_iter().find(|(_, field)| field == name).map(|(row, _)| row)
}

fn lies_inside(maker: Does, kind: Kind, row: &str, parent: Kind, outer: &str) -> Result<(), String> {
    let world = World::new();
    let block =
        field(&world.ensure(parent)?.fields, outer).and_then(|block| text(&block)).ok_or("no block")?;
    let one = world.fresh(kind, &[(row, Json::Null)])?;
    let inner = field(&one.fields, row).and_then(|inner| text(&inner)).ok_or("no block")?;
    // Another private block, which the parent's is no part of.
    let outside = if block.starts_with("172.") { "192.168.250.0/24" } else { "172.16.250.0/24" };
    let outside = if block.contains(':') { "fd00:1:2:3::/64" } else { outside };
    let outside = if inner.contains('/') { outside } else { outside.trim_end_matches("/24") };
    is_refused(&world, maker, row, outside)
}

fn lies_apart(maker: Does, kind: Kind, row: &str, name: &str) -> Result<(), String> {
    let world = World::new();
    let one = world.fresh(kind, &[(row, Json::Null)])?;
    let block = field(&one.fields, name).and_then(|block| text(&block)).ok_or("no block")?;
    is_refused(&world, maker, row, &block)?;
    world.fresh(kind, &[(row, Json::Null)]).map(|_| ())
}

fn is_refused(world: &World, maker: Does, row: &str, block: &str) -> Result<(), String> {
    let parameters = world.parameters_for(maker.deed, Some(maker), &[(row, json!(block))])?;
    let before = world.remembered();
    match world.call(maker.deed, &parameters) {
        Ok(_) => Err(format!("{block} was taken")),
        Err(_) if world.remembered() != before => Err("it was refused and changed something".to_owned()),
        Err(error) => {
            let known = maker.deed.codes().find(|known| Some(known.code.value.as_str()) == error.code());
            let fits = known.is_some_and(|known| {
                ["InvalidParameter", "AlreadyExists", "Precondition", "Dependency"].contains(&known.class)
            });
            if fits { Ok(()) } else { Err(refused(maker.deed, &parameters, &error)) }
        }
    }
}
