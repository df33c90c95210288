//! Keys that say nothing on the row they stand on.

use crate::diagnostic::{Diagnostics, Location};
use crate::limit::{ITEMS, Limits};
use crate::path::Table;
use crate::spec::{RowSpec, TypeName};

/// Checks one row.
pub(super) fn check(table: Table, row: &RowSpec, diagnostics: &Diagnostics) {
    let has_values = row.stated().chain(row.advised()).any(|limits| limits.values().is_some());
    let makes_enum = row.ty.value == TypeName::String && has_values && !row.sensitive;
    let report = |location: Location, key: &str, where_it_counts: &str| {
        let message = format!("`{key}` says nothing here");
        let help = format!("Remove it; it counts on {where_it_counts}.");
        diagnostics.error("misplaced-key", location, message, &help);
    };
    if let Some(item) = row.item.as_ref().filter(|_| !row.ty.is_container()) {
        report(item.location, "item", "the row of a container");
    }
    if let Some(name) = row.type_name.as_ref().filter(|_| !makes_enum) {
        report(name.location, "type_name", "a row of `type: string` with `values`");
    }
    if row.sensitive && row.ty.value != TypeName::String {
        report(row.path.location, "sensitive", "a row of `type: string`");
    }
    if table == Table::Request && !counts(row) {
        for items in row.stated().chain(row.advised()).filter_map(|limits| limits.get(ITEMS)) {
            report(items.location, "items", "the row of a list or of its fields, or a comma list");
        }
    }
}

/// Whether there is a list whose entries can be counted.
fn counts(row: &RowSpec) -> bool {
    row.ty.value == TypeName::List || row.path.has_list() || row.stated().any(Limits::is_comma_list)
}
