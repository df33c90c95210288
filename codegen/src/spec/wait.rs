//! Reads how to see that something has happened: `wait` of an action, `waiters` of a service.

use super::{UntilSpec, WaitSpec, WaiterSpec, plain, text};
use crate::diagnostic::{Diagnostics, Location};
use crate::read::{Fields, Spanned};

/// A day: anything longer is another unit.
const MOST_SECONDS: i64 = 86_400;

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
        deadline_s: map.integer_in("deadline_s", 1..=MOST_SECONDS).map_or(300, plain),
        first_delay_s: map.integer_in("first_delay_s", 0..=MOST_SECONDS).map_or(0, plain),
        observed: map
            .required_one_of("source", &[("documented", false), ("observed", true)])
            .is_some_and(plain),
        note: map.text("note").map(plain),
    };
    check_end(&wait, map.location(), diagnostics);
    wait
}

fn check_end(wait: &WaitSpec, location: Location, diagnostics: &Diagnostics) {
    if wait.until == UntilSpec::State && (wait.success.is_empty() || wait.field.is_none()) {
        diagnostics.error(
            "wait-without-end",
            location,
            "a wait for a state names no field or no state that ends it",
            "Give `field: …` and `success: […]`, or `until: gone` or `present`.",
        );
    }
    let lists = [&wait.pending, &wait.success, &wait.failure];
    for (index, list) in lists.iter().enumerate() {
        let others = || lists[index + 1..].iter().flat_map(|other| other.iter());
        for state in list.iter().filter(|state| others().any(|other| other.value == state.value)) {
            let message = format!("the state `{}` both goes on and ends the wait", state.value);
            diagnostics.error("repeated-value", state.location, message, "Keep it in one of the lists.");
        }
    }
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

fn states(map: &mut Fields<'_>, key: &'static str) -> Vec<Spanned<String>> {
    let states = map.list(key).unwrap_or_default().iter();
    let diagnostics = map.diagnostics();
    states.filter_map(|node| Some(node.scalar(diagnostics)?.map(|scalar| scalar.text))).collect()
}
