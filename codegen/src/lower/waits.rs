//! Waits must poll an action that is there, with parameters and fields that it has.

use std::collections::HashMap;

use super::references::{Neighbours, dangling, has_row};
use crate::diagnostic::{Diagnostics, Location};
use crate::names;
use crate::spec::{ActionSpec, ServiceSpec, WaitSpec};

/// Checks the waiters of a service.
pub(super) fn check_waiters(service: &ServiceSpec, neighbours: &Neighbours<'_>, diagnostics: &Diagnostics) {
    check_names(service, neighbours, diagnostics);
    for waiter in &service.waiters {
        let is_source = |source: &str| match source.split_once('.') {
            Some(("argument", name)) => waiter.by.iter().any(|by| by.value == name),
            Some(("literal", text)) => !text.is_empty(),
            _ => false,
        };
        let help = "Write `argument.<one of by>` or `literal.<text>`.";
        check(&waiter.wait, &is_source, help, neighbours, diagnostics);
    }
}

/// Waiters become methods beside those of the actions.
fn check_names(service: &ServiceSpec, neighbours: &Neighbours<'_>, diagnostics: &Diagnostics) {
    let actions: HashMap<String, &str> =
        neighbours.actions.keys().map(|action| (names::snake(action), *action)).collect();
    let mut taken: HashMap<String, Location> = HashMap::new();
    for name in service.waiters.iter().map(|waiter| &waiter.name) {
        if let Some(problem) = names::refuse_wire_name(name) {
            let message = format!("the waiter name `{}` {problem}", name.value);
            diagnostics.error("bad-name", name.location, message, "Write it like `VpcAvailable`.");
        }
        let method = names::waiter(name);
        if let Some(action) = actions.get(&method) {
            let message = format!("the waiter `{}` would be the method of `{action}`", name.value);
            diagnostics.error("duplicate-waiter", name.location, message, "Rename the waiter.");
        }
        if let Some(first) = taken.get(&method) {
            diagnostics.error_with(
                "duplicate-waiter",
                name.location,
                format!("two waiters would be the method `{method}`"),
                "Rename one of them.",
                Some((*first, "the first one".to_owned())),
            );
        }
        taken.entry(method).or_insert(name.location);
    }
}

/// Checks one wait, given what its sources can be.
pub(super) fn check(
    wait: &WaitSpec,
    is_source: &dyn Fn(&str) -> bool,
    help: &str,
    neighbours: &Neighbours<'_>,
    diagnostics: &Diagnostics,
) {
    for (_, source) in wait.with.iter().chain(&wait.rows) {
        if !is_source(source) {
            dangling(source, "wait", help, diagnostics);
        }
    }
    if wait.outside {
        return;
    }
    match neighbours.actions.get(wait.poll.value.as_str()) {
        Some(poll) => check_poll(wait, poll, diagnostics),
        None => {
            let help = "Name an action of this service, or say `outside: true`.";
            dangling(&wait.poll, "wait", help, diagnostics);
        }
    }
}

fn check_poll(wait: &WaitSpec, poll: &ActionSpec, diagnostics: &Diagnostics) {
    for (parameter, _) in &wait.with {
        if !has_row(&poll.request, parameter) {
            dangling(parameter, "wait", "Name a request row of the polled action.", diagnostics);
        }
    }
    let help = "Name a response path of the polled action.";
    for path in wait.field.iter().chain(&wait.empty) {
        if !has_response(poll, path) {
            dangling(path, "wait", help, diagnostics);
        }
    }
    let row = row_path(wait.field.as_ref().map_or("", |field| field.value.as_str()));
    for (field, _) in &wait.rows {
        let path = if row.is_empty() { field.value.clone() } else { format!("{row}.{}", field.value) };
        if !has_response(poll, &path) {
            dangling(field, "where", "Name a field of the row that holds `field`.", diagnostics);
        }
    }
}

/// Path of the innermost list on the way to a field; empty if there is none.
pub(super) fn row_path(field: &str) -> &str {
    field.rfind("[]").and_then(|end| field.get(..end + 2)).unwrap_or_default()
}

fn has_response(poll: &ActionSpec, path: &str) -> bool {
    poll.response.iter().any(|row| row.path.value == path || starts(&row.path, path))
}

pub(super) fn starts(path: &str, beginning: &str) -> bool {
    path.strip_prefix(beginning).is_some_and(|rest| rest.starts_with('.'))
}
