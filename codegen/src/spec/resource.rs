//! A `_resources.yaml`: what the actions of a chapter make, show and delete.

use super::mapping::{Mapping, many, mapping};
use super::text;
use super::wait::{Pairs, WaiterSpec, pairs, states};
use crate::diagnostic::Diagnostics;
use crate::path::Path;
use crate::read::{Fields, Spanned};
use crate::yaml::Node;

mapping! {
    /// Something that a service keeps.
    struct ResourceSpec {
        /// Folder of its file, relative to the spec root.
        folder: String = |_| String::new(),
        name: Spanned<String>,
        title: String,
        keys: Vec<Spanned<String>> = |map| {
            map.required_node("keys");
            map.texts("keys").unwrap_or_default()
        },
        optional_keys: Vec<Spanned<String>>,
        parents: Vec<Spanned<String>>,
        list: Option<FinderSpec> = |map| map.fields("list").map(|map| finder(map, true)),
        show: Option<FinderSpec> = |map| map.fields("show").map(|map| finder(map, false)),
        states: StatesSpec = |map| map.fields("states").map(StatesSpec::whole).unwrap_or_default(),
        waiters: Vec<WaiterSpec>,
    }

    #[derive(Default)]
    struct StatesSpec {
        passing: Vec<Spanned<String>> = |map| states(map, "passing"),
        settled: Vec<Spanned<String>> = |map| states(map, "settled"),
        failed: Vec<Spanned<String>> = |map| states(map, "failed"),
        leaving: Vec<Spanned<String>> = |map| states(map, "leaving"),
    }
}

impl StatesSpec {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Spanned<String>> {
        let Self { passing, settled, failed, leaving } = self;
        [passing, settled, failed, leaving].into_iter().flatten()
    }
}

/// An action that shows resources, and how one is told from the others.
#[derive(Debug)]
pub struct FinderSpec {
    pub action: Spanned<String>,
    pub rows: Option<Spanned<Path>>,
    /// Parameter, and the key or `literal.<text>` that it gets.
    pub ask: Pairs,
    /// Field of the row, and its key.
    pub row: Pairs,
    /// Field of the row that holds the list, and its key.
    pub outer_row: Pairs,
    pub state: Option<Spanned<String>>,
    pub exists: Option<Spanned<String>>,
}

impl FinderSpec {
    /// The path of a field of its rows; without rows, of the answer.
    pub(crate) fn path(&self, field: &str) -> String {
        match &self.rows {
            Some(rows) => format!("{}.{field}", &*rows.value),
            None => field.to_owned(),
        }
    }
}

/// Reads the resources of a folder, which is relative to the spec root.
pub(crate) fn read(folder: &str, node: &Node, diagnostics: &Diagnostics) -> Vec<ResourceSpec> {
    let Some(mut map) = Fields::of(node, diagnostics) else { return Vec::new() };
    map.required_node("resources");
    let list = map.non_empty_list("resources");
    let resources = many(list, diagnostics, |map| resource(folder, map, diagnostics));
    map.finish();
    resources
}

fn resource(folder: &str, map: Fields<'_>, diagnostics: &Diagnostics) -> ResourceSpec {
    let location = map.location();
    let resource = ResourceSpec { folder: folder.to_owned(), ..ResourceSpec::whole(map) };
    if resource.list.is_none() && resource.show.is_none() {
        let message = format!("nothing says where to find a `{}`", resource.name.value);
        let help = "Give `list: …` or `show: …`.";
        diagnostics.error("missing-key", location, message, help);
    }
    resource
}

fn finder(mut map: Fields<'_>, lists: bool) -> FinderSpec {
    let rows = |map: &mut Fields<'_>| map.required_text("rows").map(|rows| rows.map(Path::response));
    let finder = FinderSpec {
        action: text(&mut map, "action"),
        rows: if lists { rows(&mut map) } else { None },
        ask: pairs(&mut map, "ask"),
        row: pairs(&mut map, "where"),
        outer_row: if lists { pairs(&mut map, "within") } else { Vec::new() },
        state: map.text("state"),
        exists: map.text("exists"),
    };
    map.finish();
    finder
}
