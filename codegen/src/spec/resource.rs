//! A `_resources.yaml`: what the actions of a chapter make, show and delete.

use super::effect::{self, BroughtSpec, KeptQuotaSpec, ParentSpec, Values};
use super::wait::{Pairs, WaiterSpec, pairs, states};
use crate::diagnostic::{Diagnostics, Location};
use crate::mapping::{Mapping, mapping};
use crate::path::Path;
use crate::read::{Fields, FromNode as _, Spanned, all};
use crate::shape;
use crate::yaml::Node;

mapping! {
    /// Something that a service keeps.
    struct ResourceSpec {
        location: Location = |map| map.location(),
        /// Folder of its file, relative to the spec root.
        folder: String = |_| String::new(),
        name: Spanned<String>,
        title: String,
        keys: Vec<Spanned<String>> = |map| {
            map.describe(|keys| keys.is("keys", shape::filled(shape::text())));
            map.required_node("keys");
            map.all("keys").unwrap_or_default()
        },
        optional_keys: Vec<Spanned<String>>,
        parents: Vec<ParentSpec>,
        list: Option<FinderSpec> = |map| {
            map.describe(|keys| keys.is("list", shape::of(lister)));
            map.get("list").map(|mut map| {
                let finder = lister(&mut map);
                map.deny_unknown();
                finder
            })
        },
        show: Option<FinderSpec>,
        states: StatesSpec = |map| map.get("states").unwrap_or_default(),
        waiters: Vec<WaiterSpec>,
        /// The object in which answers about one have its fields.
        object: Option<Spanned<String>>,
        /// Of the IDs that a create makes.
        prefix: Option<Spanned<String>>,
        /// What one has from its birth.
        made: Values = |map| effect::values(map, "made"),
        /// What is read off others whenever one is shown.
        shown: Values = |map| effect::values(map, "shown"),
        brings: Vec<BroughtSpec>,
        /// Blocks, and those that they must lie in.
        inside: Values = |map| effect::values(map, "inside"),
        /// Blocks that must not overlap those of siblings.
        apart: Vec<Spanned<String>>,
        unique: Vec<Vec<Spanned<String>>> = effect::unique,
        quota: Option<KeptQuotaSpec>,
    }

    /// An action that shows resources, and how one is told from the others.
    struct FinderSpec {
        action: Spanned<String>,
        rows: Option<Spanned<Path>> = |_| None,
        /// Parameter, and the key or `literal.<text>` that it gets.
        ask: Pairs = |map| pairs(map, "ask"),
        /// Field of the row, and its key.
        row: Pairs = |map| pairs(map, "where"),
        /// Field of the row that holds the list, and its key.
        outer_row: Pairs = |_| Vec::new(),
        state: Option<Spanned<String>>,
        exists: Option<Spanned<String>>,
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

impl FinderSpec {
    /// The path of its rows; empty if it shows one resource.
    pub(crate) fn rows_path(&self) -> &str {
        self.rows.as_ref().map_or("", |rows| rows)
    }

    /// The path of a field of its rows; without rows, of the answer.
    pub fn path(&self, field: &str) -> String {
        match &self.rows {
            Some(rows) => format!("{}.{field}", &*rows.value),
            None => field.to_owned(),
        }
    }
}

/// Reads the resources of a folder, which is relative to the spec root.
pub(crate) fn read(folder: &str, node: &Node, diagnostics: &Diagnostics) -> Vec<ResourceSpec> {
    let Some(mut map) = Fields::from_node(node, diagnostics) else { return Vec::new() };
    map.required_node("resources");
    let resources = all(map.filled_list("resources").unwrap_or_default(), diagnostics).into_iter();
    let resources = resources.map(|map| resource(folder, map)).collect();
    map.deny_unknown();
    resources
}

fn resource(folder: &str, map: Fields<'_>) -> ResourceSpec {
    ResourceSpec { folder: folder.to_owned(), ..ResourceSpec::whole(map) }
}

/// The action that lists them, which has rows and perhaps lists around them.
fn lister(map: &mut Fields<'_>) -> FinderSpec {
    let rows = map.required("rows").map(|rows: Spanned<String>| rows.map(Path::response));
    let outer_row = pairs(map, "within");
    FinderSpec { rows, outer_row, ..FinderSpec::read(map) }
}
