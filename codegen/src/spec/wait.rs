//! Reads how to see that something has happened: `wait` of an action, `waiters` of a service.

use super::{UntilSpec, WaitSpec, WaiterSpec, plain, text};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::{Fields, Spanned};

/// The `wait` of an action.
pub(super) fn action(mut map: Fields<'_>, diagnostics: &Diagnostics) -> WaitSpec {
    let outside = map.flag("outside").is_some_and(plain);
    let wait = WaitSpec { outside, ..wait(&mut map, diagnostics) };
    map.finish();
    wait
}

/// One of the `waiters` of a service: what the caller gives is put into the poll.
pub(super) fn resource(mut map: Fields<'_>, diagnostics: &Diagnostics) -> WaiterSpec {
    map.required_node("by");
    let by = map.texts("by").unwrap_or_default();
    let mut waiter = WaiterSpec {
        name: text(&mut map, "name"),
        summary: text(&mut map, "summary").value,
        wait: wait(&mut map, diagnostics),
        by,
    };
    let given = waiter.by.iter().map(|name| {
        let source = Spanned::new(format!("argument.{}", name.value), name.location);
        (name.clone(), source)
    });
    waiter.wait.with.splice(0..0, given);
    map.finish();
    waiter
}

fn wait(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> WaitSpec {
    const UNTIL: &[(&str, UntilSpec)] =
        &[("state", UntilSpec::State), ("gone", UntilSpec::Gone), ("present", UntilSpec::Present)];
    let wait = WaitSpec {
        poll: text(map, "poll"),
        outside: false,
        with: pairs(map, "with", diagnostics),
        field: map.text("field"),
        rows: pairs(map, "where", diagnostics),
        empty: map.text("empty"),
        pending: states(map, "pending"),
        success: states(map, "success"),
        failure: states(map, "failure"),
        until: map.one_of("until", UNTIL).map(plain).unwrap_or_default(),
        deadline_s: seconds(map, "deadline_s", 300, diagnostics),
        first_delay_s: seconds(map, "first_delay_s", 0, diagnostics),
        observed: map
            .required_one_of("source", &[("documented", false), ("observed", true)])
            .is_some_and(plain),
        note: map.text("note").map(plain),
    };
    if wait.until == UntilSpec::State && (wait.success.is_empty() || wait.field.is_none()) {
        let message = "a wait for a state names no field, or no state that ends it";
        let found = Diagnostic::error("wait-without-end", map.location(), message);
        diagnostics.push(found.help("Give `field` and `success: […]`, or `until: gone` or `present`."));
    }
    wait
}

/// What is addressed, and the source of its value.
fn pairs(
    map: &mut Fields<'_>,
    key: &'static str,
    diagnostics: &Diagnostics,
) -> Vec<(Spanned<String>, Spanned<String>)> {
    let pairs = map.entries(key).unwrap_or_default().iter().filter_map(|entry| {
        let source = entry.value.text(diagnostics)?;
        Some((Spanned::new(entry.key.clone(), entry.key_location), source))
    });
    pairs.collect()
}

fn states(map: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let states = map.list(key).unwrap_or_default().iter();
    states.filter_map(|node| Some(node.written()?.to_owned())).collect()
}

/// At most a day: anything else is another unit.
fn seconds(map: &mut Fields<'_>, key: &'static str, default: i64, diagnostics: &Diagnostics) -> i64 {
    let Some(seconds) = map.integer(key) else { return default };
    if !(0..=86_400).contains(&seconds.value) {
        let message = format!("`{key}` is {} seconds", seconds.value);
        let found = Diagnostic::error("bad-seconds", seconds.location, message);
        diagnostics.push(found.help("Write whole seconds, from 0 to 86400."));
    }
    seconds.value
}
