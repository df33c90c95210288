//! Rows with full wire paths become nested shapes.

use crate::diagnostic::{Diagnostics, Location};
use crate::path::{Segment, Table};
use crate::spec::{RowSpec, TypeName};

/// A name of a path, with all that stands below it.
#[derive(Debug)]
pub(super) struct Node {
    /// Wire name.
    pub name: String,
    pub is_list: bool,
    /// Whether a row has settled what `is_list` says.
    says_kind: bool,
    /// The row that describes it.
    pub row: Option<usize>,
    /// Where the name first stands.
    pub location: Location,
    pub children: Vec<Node>,
}

impl Node {
    fn new(name: &str, location: Location) -> Self {
        Self {
            name: name.to_owned(),
            is_list: false,
            says_kind: false,
            row: None,
            location,
            children: Vec::new(),
        }
    }
}

/// Builds the tree of a table; its root has no name.
pub(super) fn build(table: Table, rows: &[RowSpec], action: Location, diagnostics: &Diagnostics) -> Node {
    let mut root = Node::new("", action);
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| !row.path.is_empty()) {
        match row.path.problem() {
            None => insert(&mut root, row.path.segments(), index, row, diagnostics),
            Some(problem) => {
                let message = format!("`{}` {problem}", &**row.path);
                let help = match table {
                    Table::Request => {
                        "Write names and indexes between periods: `Tag.N.Key`, `Filter.N.Value.M`."
                    }
                    Table::Response => {
                        "Write names between periods, `[]` behind each list: `Vpcs.Vpc[].VpcId`."
                    }
                };
                diagnostics.error("bad-path", row.path.location, message, help);
            }
        }
    }
    check_kinds(table, &root, rows, diagnostics);
    root
}

fn insert(node: &mut Node, segments: &[Segment], index: usize, row: &RowSpec, diagnostics: &Diagnostics) {
    let Some((segment, rest)) = segments.split_first() else { return };
    let position = node.children.iter().position(|child| child.name == segment.name).unwrap_or_else(|| {
        node.children.push(Node::new(&segment.name, row.path.location));
        node.children.len() - 1
    });
    let child = &mut node.children[position];
    // The row of a container stands without an index.
    let says_kind = segment.is_list || !rest.is_empty();
    if says_kind && child.is_list != segment.is_list && child.says_kind {
        let message = format!("`{}` is a list in one row and none in another", segment.name);
        let help = "Write the index or `[]` in all of the rows, or in none.";
        let other = (child.location, "the first one");
        diagnostics.error_beside("mixed-path", row.path.location, other, message, help);
    }
    child.is_list |= segment.is_list;
    child.says_kind |= says_kind;
    if !rest.is_empty() {
        return insert(child, rest, index, row, diagnostics);
    }
    match child.row {
        None => child.row = Some(index),
        Some(_) => {
            let message = format!("`{}` has two entries", &**row.path);
            let help = "Remove one, or correct its name.";
            let other = (child.location, "the first one");
            diagnostics.error_beside("duplicate-row", row.path.location, other, message, help);
        }
    }
}

/// A row with children must be a container, and a container must have children.
fn check_kinds(table: Table, node: &Node, rows: &[RowSpec], diagnostics: &Diagnostics) {
    for child in &node.children {
        if let Some(row) = child.row.map(|index| &rows[index]) {
            check_kind(table, child, row, diagnostics);
        }
        check_kinds(table, child, rows, diagnostics);
    }
}

fn check_kind(table: Table, node: &Node, row: &RowSpec, diagnostics: &Diagnostics) {
    let is_container = row.ty.is_container();
    let path = &**row.path;
    if node.children.is_empty() && is_container {
        let message = format!("`{path}` is a container, but no row stands below it");
        let help = "Add the rows of its fields, or give the type of its values.";
        diagnostics.error("empty-container", row.ty.location, message, help);
    } else if !node.children.is_empty() && !is_container {
        let message = format!("rows stand below `{path}`, which is no container");
        let help = "Give it `type: list`, `object` or `json`.";
        diagnostics.error("not-a-container", row.ty.location, message, help);
    } else if is_container {
        let is_wrapper =
            matches!(node.children.as_slice(), [only] if table == Table::Response && only.is_list);
        let is_list = node.is_list || is_wrapper;
        if row.ty.value == TypeName::List && !is_list || row.ty.value == TypeName::Object && node.is_list {
            let message = format!("the rows below `{path}` say otherwise whether it is a list");
            let help = "Correct the `type`, or write the index or `[]` in the rows below it.";
            diagnostics.error("mixed-path", row.ty.location, message, help);
        }
    }
}
