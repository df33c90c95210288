//! Reads a `_resources.yaml`: what the actions of a chapter make, show and delete.

use super::wait::{self, pairs, states};
use super::{FinderSpec, ResourceSpec, StatesSpec, many, text};
use crate::diagnostic::Diagnostics;
use crate::read::Fields;
use crate::yaml::Node;

/// Reads the resources of a folder, which is relative to the spec root.
pub(crate) fn read(folder: &str, node: &Node, diagnostics: &Diagnostics) -> Vec<ResourceSpec> {
    let Some(mut map) = Fields::of(node, diagnostics) else { return Vec::new() };
    map.required_node("resources");
    let list = map.non_empty_list("resources");
    let resources = many(list, diagnostics, |map| resource(folder, map, diagnostics));
    map.finish();
    resources
}

fn resource(folder: &str, mut map: Fields<'_>, diagnostics: &Diagnostics) -> ResourceSpec {
    map.required_node("keys");
    let resource = ResourceSpec {
        folder: folder.to_owned(),
        name: text(&mut map, "name"),
        title: text(&mut map, "title").value,
        keys: map.texts("keys").unwrap_or_default(),
        optional_keys: map.texts("optional_keys").unwrap_or_default(),
        parents: map.texts("parents").unwrap_or_default(),
        list: map.fields("list").map(|map| finder(map, true, diagnostics)),
        show: map.fields("show").map(|map| finder(map, false, diagnostics)),
        states: map.fields("states").map(of_states).unwrap_or_default(),
        waiters: many(map.non_empty_list("waiters"), diagnostics, |map| wait::waiter(map, diagnostics)),
    };
    if resource.list.is_none() && resource.show.is_none() {
        let message = format!("nothing says where to find a `{}`", resource.name.value);
        let help = "Give `list: …` or `show: …`.";
        diagnostics.error("missing-key", map.location(), message, help);
    }
    map.finish();
    resource
}

fn finder(mut map: Fields<'_>, lists: bool, diagnostics: &Diagnostics) -> FinderSpec {
    let finder = FinderSpec {
        action: text(&mut map, "action"),
        rows: if lists { map.required_text("rows") } else { None },
        ask: pairs(&mut map, "ask", diagnostics),
        row: pairs(&mut map, "where", diagnostics),
        outer_row: if lists { pairs(&mut map, "within", diagnostics) } else { Vec::new() },
        state: map.text("state"),
        exists: map.text("exists"),
    };
    map.finish();
    finder
}

fn of_states(mut map: Fields<'_>) -> StatesSpec {
    let states = StatesSpec {
        passing: states(&mut map, "passing"),
        settled: states(&mut map, "settled"),
        failed: states(&mut map, "failed"),
        leaving: states(&mut map, "leaving"),
    };
    map.finish();
    states
}
