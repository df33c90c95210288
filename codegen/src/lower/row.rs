//! Keys that say nothing on the row they stand on.

use super::tree::Table;
use crate::diagnostic::{Diagnostics, Location};
use crate::spec::{RowSpec, TypeName};

/// Checks one row.
pub(super) fn check(table: Table, row: &RowSpec, diagnostics: &Diagnostics) {
    let is_container = matches!(row.ty.value, TypeName::List | TypeName::Object | TypeName::Json);
    let today = row.today.as_ref().map(|today| &today.limits);
    let has_values = row.limits.values.is_some() || today.is_some_and(|limits| limits.values.is_some());
    let makes_enum = row.ty.value == TypeName::String && has_values && !row.sensitive;
    let report = |location: Location, key: &str, where_it_counts: &str| {
        let message = format!("`{key}` says nothing here");
        let help = format!("Remove it; it counts on {where_it_counts}.");
        diagnostics.error("misplaced-key", location, message, &help);
    };
    if let Some(item) = row.item.as_ref().filter(|_| !is_container) {
        report(item.location, "item", "the row of a container");
    }
    if let Some(name) = row.type_name.as_ref().filter(|_| !makes_enum) {
        report(name.location, "type_name", "a row of `type: string` with `values`");
    }
    if row.sensitive && row.ty.value != TypeName::String {
        report(row.path.location, "sensitive", "a row of `type: string`");
    }
    if table == Table::Request && !counts(row) {
        for items in [Some(&row.limits), today].into_iter().flatten().filter_map(|one| one.items.as_ref()) {
            report(items.location, "items", "the row of a list or of its fields, or a comma list");
        }
    }
}

/// Whether there is a list whose entries can be counted.
fn counts(row: &RowSpec) -> bool {
    let limits = std::iter::once(&row.limits).chain(row.today.iter().map(|today| &today.limits));
    let mut formats = limits.filter_map(|limits| limits.format.as_ref());
    row.ty.value == TypeName::List
        || row.path.split('.').any(|part| matches!(part, "N" | "M" | "L"))
        || formats.any(|format| format.value.starts_with("comma-list"))
}
