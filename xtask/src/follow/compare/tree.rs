//! The rows of a spec by their names, whether they stand for a value, a list or what holds others.

use std::collections::BTreeMap;

use cloudnet_codegen::limit::Limits;
use cloudnet_codegen::path::Path;
use cloudnet_codegen::spec::{RowSpec, TypeName};

use super::form::Form;
use super::limits::stated;
use crate::follow::published::{Row, Style, Type};

/// Nodes by the names of their path, without indexes.
#[derive(Debug, Default)]
pub(super) struct Tree<'r> {
    nodes: BTreeMap<String, Node<'r>>,
    /// Other spellings, each with the key of what is above and that of the node.
    aliases: BTreeMap<(String, String), String>,
}

/// What stands at a path.
#[derive(Debug, Default)]
pub(super) struct Node<'r> {
    /// The row of the value, or of each entry of a list of values.
    pub(super) entry: Option<&'r RowSpec>,
    /// The row of what holds others, or of a list of values as a whole.
    pub(super) container: Option<&'r RowSpec>,
    pub(super) is_list: bool,
    /// Whether rows stand below it.
    pub(super) has_parts: bool,
}

impl<'r> Tree<'r> {
    pub(super) fn of_spec(rows: &'r [RowSpec]) -> Self {
        let mut tree = Self::default();
        for row in rows {
            tree.add(row);
        }
        tree
    }

    fn add(&mut self, row: &'r RowSpec) {
        let mut key = String::new();
        let segments = row.path.segments();
        for (index, segment) in segments.iter().enumerate() {
            let above = key.clone();
            key = joined(&key, &segment.name);
            let is_last = index + 1 == segments.len();
            let node = self.nodes.entry(key.clone()).or_default();
            // The printed row of a list may be that of its wrapper.
            node.is_list |= segment.is_list;
            node.has_parts |= !is_last;
            if is_last && matches!(row.ty.value, TypeName::List | TypeName::Object | TypeName::Json) {
                node.container = Some(row);
            } else if is_last {
                node.entry = Some(row);
            }
            let others = row.documented_as.iter().chain(&row.also).filter(|_| is_last);
            self.aliases.extend(others.map(|other| ((above.clone(), other.clone()), key.clone())));
        }
    }

    /// The names of a published path, as the spec has them.
    fn key(&self, path: &Path) -> String {
        path.segments().iter().fold(String::new(), |above, segment| {
            let key = joined(&above, &segment.name);
            let alias = self.aliases.get(&(above, segment.name.clone()));
            alias.filter(|_| !self.nodes.contains_key(&key)).cloned().unwrap_or(key)
        })
    }

    /// What is published, by the names that the spec has for it.
    pub(super) fn published<'p>(
        &self,
        rows: &'p [Row],
        read: fn(String) -> Path,
    ) -> BTreeMap<String, Theirs<'p>> {
        let mut theirs = BTreeMap::<String, Theirs<'p>>::new();
        for row in rows {
            let path = read(row.path.clone());
            let one = theirs.entry(self.key(&path)).or_default();
            one.is_list |= row.ty == Type::List || path.segments().last().is_some_and(|last| last.is_list);
            *if row.container { &mut one.container } else { &mut one.entry } = Some(row);
        }
        theirs
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node<'r>> {
        self.nodes.get(key)
    }

    /// What holds nothing else.
    pub(super) fn leaves(&self) -> impl Iterator<Item = (&str, &Node<'r>)> {
        self.nodes.iter().filter(|(_, node)| !node.has_parts).map(|(key, node)| (key.as_str(), node))
    }
}

impl<'r> Node<'r> {
    /// The row of the value if there is one, else of the whole.
    pub(super) fn row(&self) -> Option<&'r RowSpec> {
        self.entry.or(self.container)
    }

    pub(super) fn is_json(&self) -> bool {
        let is_json = |row: &RowSpec| row.ty.value == TypeName::Json || row.limits.format() == Some("json");
        self.row().is_some_and(is_json)
    }

    pub(super) fn is_comma_list(&self) -> bool {
        let formats = self.entry.into_iter().flat_map(stated).filter_map(Limits::format);
        !self.is_list && formats.into_iter().any(|format| format.starts_with("comma-list"))
    }

    pub(super) fn form(&self) -> Form {
        let ty = self.row().map_or(TypeName::Object, |row| row.ty.value);
        match (self.is_list, self.has_parts) {
            _ if self.is_json() => Form::Json,
            (true, true) => Form::Objects,
            (false, true) => Form::Object,
            (true, false) => Form::List(Type::of_spec(ty)),
            (false, false) if self.is_comma_list() => Form::Commas,
            (false, false) => Form::Value(Type::of_spec(ty)),
        }
    }
}

/// What is published under a name: the row of what holds others, that of a value or of each entry of a list of values.
#[derive(Debug, Default)]
pub(super) struct Theirs<'r> {
    pub(super) container: Option<&'r Row>,
    pub(super) entry: Option<&'r Row>,
    is_list: bool,
}

impl<'r> Theirs<'r> {
    /// The row of the value if there is one, else of the whole.
    pub(super) fn row(&self) -> Option<&'r Row> {
        self.entry.or(self.container)
    }

    pub(super) fn form(&self) -> Form {
        match (self.container.or(self.entry).map(|row| row.style), self.entry) {
            (Some(Style::Json), _) => Form::Json,
            (Some(Style::Comma), _) => Form::Commas,
            (_, Some(entry)) if self.is_list => Form::List(entry.ty),
            (_, Some(entry)) => Form::Value(entry.ty),
            _ if self.is_list => Form::Objects,
            _ => Form::Object,
        }
    }
}

fn joined(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}
