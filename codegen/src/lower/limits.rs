//! Which limits hold: today's where the service states one, the document's otherwise.

use crate::diagnostic::Diagnostics;
use crate::limit::{Check, ITEMS, KINDS, Limits};
use crate::model::Limit;
use crate::read::Spanned;
use crate::spec::RowSpec;

/// The limits to enforce. Of a container only the number of entries is limited.
pub(super) fn effective(row: &RowSpec, is_list: bool, is_container: bool) -> Vec<Limit> {
    let counts = is_container || is_list || row.stated().any(|limits| limits.is_comma_list());
    let items = items(row).filter(|_| counts).into_iter();
    let others = KINDS.iter().filter(|kind| !is_container && kind.key != ITEMS);
    let limits = items.chain(others.filter_map(|kind| chosen(row, kind.key)));
    limits.filter(|limit| limit.check.is_checked()).collect()
}

/// How many entries the innermost list of a row may have.
pub(super) fn items(row: &RowSpec) -> Option<Limit> {
    chosen(row, ITEMS)
}

fn chosen(row: &RowSpec, key: &str) -> Option<Limit> {
    let documented = row.limits.get(key);
    let today = row.today.as_ref().map(|today| &today.limits);
    match today.and_then(|today| today.get(key)) {
        Some(now) => Some(Limit {
            today: documented.is_none_or(|documented| !documented.is_same(now)),
            check: now.value.clone(),
        }),
        None if today.is_some_and(|today| today.lifted.contains(&key)) => None,
        None => documented.map(|documented| Limit { check: documented.value.clone(), today: false }),
    }
}

/// Limits that contradict themselves, their row's type or its default.
pub(super) fn check(row: &RowSpec, diagnostics: &Diagnostics) {
    let stated: Vec<&Limits> = row.stated().collect();
    for limits in &stated {
        limits.check(row.ty.value, &stated, diagnostics);
    }
    check_defaults(row, diagnostics);
}

/// A documented default must satisfy the documented limits, and one of today those of today.
fn check_defaults(row: &RowSpec, diagnostics: &Diagnostics) {
    let check = |default: &Spanned<String>, limits: &[&Check], help: &str| {
        let is_value = !row.ty.is_container() && row.ty.admits(default);
        if !is_value || limits.iter().any(|check| !check.admits(default)) {
            let message =
                format!("the default `{}` does not satisfy the row's own type and limits", default.value);
            diagnostics.error("default-outside-limits", default.location, message, help);
        }
    };
    if let Some(default) = &row.default {
        let limits: Vec<&Check> = row.limits.checks.iter().map(|check| &check.value).collect();
        let help = "Correct the default or the limits; a default of today belongs under `today`.";
        check(default, &limits, help);
    }
    if let Some(default) = row.today.as_ref().and_then(|today| today.default.as_ref()?.as_ref()) {
        let limits: Vec<Limit> = KINDS.iter().filter_map(|kind| chosen(row, kind.key)).collect();
        let limits: Vec<&Check> = limits.iter().map(|limit| &limit.check).collect();
        check(default, &limits, "Correct the default or the limits under `today`.");
    }
}
