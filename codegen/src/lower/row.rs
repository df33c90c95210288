//! What docs say of a row, and keys that say nothing on the row they stand on.

use crate::diagnostic::{Diagnostics, Location};
use crate::limit::{ITEMS, Limits};
use crate::model::Row;
use crate::path::Table;
use crate::spec::{RowSpec, TodaySpec, TypeName};

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

/// What docs say of it.
pub(super) fn described(row: &RowSpec) -> Row {
    let today = row.today.as_ref();
    let further = [
        ("today", today.map(todays).unwrap_or_default()),
        ("advised", join(row.advice.said())),
        ("advised today", today.map(|today| join(today.advice.said())).unwrap_or_default()),
    ];
    Row {
        path: row.path.to_string(),
        documented_as: row.documented_as.clone(),
        documented: row.documented,
        published: row.published.clone().filter(|_| !row.is_of_published_action),
        is_gone: row.is_gone,
        required: row.required,
        summary: row.summary.clone(),
        limits: join(row.limits.said()),
        unit: row.unit.clone(),
        default: row.default.as_ref().map(|default| default.value.clone()),
        further: further.into_iter().filter(|(_, said)| !said.is_empty()).collect(),
        example: row.example.clone(),
        note: row.note.clone(),
        status: row.status,
    }
}

fn todays(today: &TodaySpec) -> String {
    let mut said: Vec<String> = Vec::new();
    match today.required {
        Some(true) => said.push("required".to_owned()),
        Some(false) => said.push("optional".to_owned()),
        None => {}
    }
    said.extend(today.limits.said());
    said.extend(today.limits.lifted.iter().map(|key| format!("no limit on {}", key.replace('_', " "))));
    match &today.default {
        Some(Some(default)) => said.push(format!("default {}", default.value)),
        Some(None) => said.push("no default".to_owned()),
        None => {}
    }
    join(said)
}

fn join(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(", ")
}
