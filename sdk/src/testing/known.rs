//! What tables know: names in rules that they do not are refused at once, with what they are slips for.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::Value as Json;

use crate::schema::{Action, ErrorCode, Field, Kind, Shape};
use crate::table::registry::{self, Entry};

/// What is known of an action: of the service, if it is told, and of whichever has it otherwise.
pub(super) fn entry(service: Option<&str>, action: &str) -> Option<&'static Entry> {
    let is_of = |entry: &&Entry| service.is_none_or(|service| entry.action.service.name == service);
    registry::entries().filter(is_of).find(|entry| entry.action.name == action)
}

/// The table of an action.
#[track_caller]
pub(super) fn action(name: &str) -> &'static Action {
    if let Some(entry) = entry(None, name) {
        return entry.action;
    }
    let actions = || registry::entries().map(|entry| entry.action);
    let near = nearest(name, actions().map(|action| action.name));
    match actions().find(|action| Some(action.name) == near) {
        Some(near) => refuse(&format!(
            "`{name}` is no action of `{}`; did you mean `{}`?",
            near.service.name, near.name
        )),
        None => {
            let services: BTreeSet<_> = actions().map(|action| action.service.name).collect();
            let services = listed(services);
            refuse(&format!(
                "`{name}` is no action of {services} that this build has; `on_undocumented` takes any"
            ))
        }
    }
}

/// The status that a code of an action goes with.
#[track_caller]
pub(super) fn status(action: &'static Action, code: &str) -> StatusCode {
    let rows = || [action.errors, action.observed, action.service.errors].into_iter().flatten();
    let is_passed = action.dry_run.is_some_and(|dry_run| dry_run.passed == Some(code));
    match rows().find(|row| row.matches(code)) {
        Some(row) => documented_status(row),
        None if is_passed => StatusCode::BAD_REQUEST,
        None => {
            let passed = action.dry_run.and_then(|dry_run| dry_run.passed);
            let near = nearest(code, rows().map(|row| row.code).chain(passed));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let of = format!("of `{}` and of no action of `{}`", action.name, action.service.name);
            refuse(&format!("no table has a code `{code}` {of}{near}\n`fail_undocumented` takes any"))
        }
    }
}

/// Whether tables, or what every answer may have, know each member of an answer.
#[track_caller]
pub(super) fn check_answer(action: &'static Action, body: &Json) {
    let envelope = body.get(format!("{}Response", action.name));
    let found = unknown_member(&action.response, envelope.unwrap_or(body), "");
    if let Some(Unknown { path, near, .. }) = found.filter(|found| found.path != "RequestId") {
        refuse(&format!("`{path}` is no member of what `{}` returns{near}", action.name));
    }
}

/// A member that the table lacks.
struct Unknown {
    path: String,
    /// What there is instead.
    near: String,
}

fn unknown_member(shape: &'static Shape, json: &Json, above: &str) -> Option<Unknown> {
    json.as_object()?.iter().find_map(|(name, value)| match shape.member(name) {
        Some(field) => unknown_inside(field, value, &format!("{above}{name}")),
        None => Some(unknown(above, name, shape.fields.iter().map(|field| field.name))),
    })
}

fn unknown_inside(field: &'static Field, json: &Json, path: &str) -> Option<Unknown> {
    if field.wrapped.is_empty() {
        return unknown_value(&field.kind, json, path);
    }
    // A bare list is read too.
    let Json::Object(wrapper) = json else { return unknown_value(&field.kind, json, path) };
    wrapper.iter().find_map(|(name, list)| match *name == field.wrapped {
        true => unknown_value(&field.kind, list, &format!("{path}.{name}")),
        false => Some(unknown(&format!("{path}."), name, std::iter::once(field.wrapped))),
    })
}

fn unknown_value(kind: &'static Kind, json: &Json, path: &str) -> Option<Unknown> {
    match (kind, json) {
        (Kind::List(entry), Json::Array(entries)) => {
            entries.iter().find_map(|json| unknown_value(entry, json, &format!("{path}[]")))
        }
        (kind, json) => unknown_member(kind.shape()?, json, &format!("{path}.")),
    }
}

fn unknown(above: &str, name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Unknown {
    let near = match nearest(name, known.clone()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; there are {}", listed(known)),
    };
    Unknown { path: format!("{above}{name}"), near }
}

fn documented_status(row: &ErrorCode) -> StatusCode {
    let documented = StatusCode::from_u16(row.status).ok();
    documented.unwrap_or(StatusCode::BAD_REQUEST)
}

fn listed<'k>(known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<_> = known.into_iter().map(|known| format!("`{known}`")).collect();
    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
}

/// What a name is a slip for, if anything.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let by_distance = known.map(|known| (strsim::osa_distance(name, known), known));
    let (distance, known) = by_distance.min()?;
    (distance <= known.chars().count().div_ceil(3)).then_some(known)
}

/// A mistake in a test ends the test where it is made.
#[track_caller]
#[expect(clippy::panic, reason = "a test that asks for what cannot be must not go on")]
fn refuse(mistake: &str) -> ! {
    panic!("{mistake}")
}
