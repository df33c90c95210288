//! Which limits hold, of those of the document and those of the service today.

use crate::diagnostic::Diagnostics;
use crate::limit::{Check, Content, ITEMS, KINDS, LENGTH, Limits};
use crate::model::{Limit, Strength};
use crate::read::Spanned;
use crate::spec::RowSpec;

/// The limits, and the advice. Of a container only the number of entries is limited.
pub(super) fn effective(row: &RowSpec, is_list: bool, is_container: bool) -> Vec<Limit> {
    let counts = is_container || is_list || row.stated().any(|limits| limits.is_comma_list());
    let items = items(row).into_iter().filter(|_| counts);
    let others = KINDS.iter().filter(|kind| !is_container && kind.key != ITEMS);
    let limits = items.chain(others.flat_map(|kind| of_kind(row, kind.key)));
    let is_given = !is_list && row.is_required();
    let limits = limits.map(|limit| if is_given { never_empty(limit) } else { limit });
    limits.filter(|limit| limit.check.is_checked()).collect()
}

/// A required text that is empty is missing, unless its length is from 0 in so many words.
fn never_empty(mut limit: Limit) -> Limit {
    if limit.check.kind.key == LENGTH
        && let Content::Bounds((least @ None, _)) = &mut limit.check.content
    {
        *least = Some(1);
    }
    limit
}

/// How many entries the innermost list of a row may have.
pub(super) fn items(row: &RowSpec) -> Vec<Limit> {
    of_kind(row, ITEMS)
}

/// What holds: where document and service state a limit of one kind, the wider; what the narrower alone speaks
/// against is advice.
fn of_kind(row: &RowSpec, key: &str) -> Vec<Limit> {
    let stated = |strength, check: &Check, today| Limit { check: check.clone(), today, strength };
    let limit = |check: &Check, today| stated(Strength::Limit, check, today);
    let advice = |check: &Check, today| stated(Strength::Advice, check, today);
    let now = row.today.as_ref();
    let is_lifted = now.is_some_and(|today| today.limits.lifted.contains(&key));
    let mut limits = match (row.limits.get(key), now.and_then(|today| today.limits.get(key))) {
        (Some(documented), Some(today)) if !documented.is_same(today) => {
            let wider = documented.wider(today);
            let is_narrower = |check: &Check| wider.as_ref().is_none_or(|wider| !wider.is_same(check));
            let holds = wider.iter().map(|wider| limit(wider, is_narrower(documented)));
            let outdated = is_narrower(documented).then(|| stated(Strength::Outdated, documented, false));
            holds.chain(outdated).chain(is_narrower(today).then(|| advice(today, true))).collect()
        }
        (Some(documented), _) if !is_lifted => vec![limit(documented, false)],
        (None, Some(today)) => vec![limit(today, true)],
        _ => Vec::new(),
    };
    limits.extend(row.advice.get(key).map(|check| advice(check, false)));
    limits.extend(now.and_then(|today| today.advice.get(key)).map(|check| advice(check, true)));
    limits
}

/// Limits that contradict themselves, their row's type or its default.
pub(super) fn check(row: &RowSpec, diagnostics: &Diagnostics) {
    let all: Vec<&Limits> = row.stated().chain(row.advised()).collect();
    for limits in &all {
        limits.check(row.ty.value, &all, diagnostics);
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
        let limits: Vec<&Check> = KINDS.iter().filter_map(|kind| todays(row, kind.key)).collect();
        check(default, &limits, "Correct the default or the limits under `today`.");
    }
}

/// The limit of a kind as the service states it: the document's, unless it states another or lifts it.
fn todays<'r>(row: &'r RowSpec, key: &str) -> Option<&'r Check> {
    let now = row.today.as_ref().map(|today| &today.limits);
    let is_lifted = now.is_some_and(|limits| limits.lifted.contains(&key));
    let documented = row.limits.get(key).filter(|_| !is_lifted);
    Some(now.and_then(|limits| limits.get(key)).or(documented)?)
}
