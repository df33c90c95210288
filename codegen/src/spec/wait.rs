//! Reads how to see that something has happened: `wait` of an action, `waiters` of a resource.

use super::{GoalIfSpec, OutsideSpec, Pairs, UntilSpec, WaitSpec, WaiterSpec, many, plain, text};
use crate::diagnostic::{Diagnostics, Location};
use crate::read::{Fields, Spanned};
use crate::yaml::{Node, Value};

/// A day: anything longer is another unit.
const MOST_SECONDS: i64 = 86_400;

/// The `wait` of an action.
pub(super) fn action(mut map: Fields<'_>, diagnostics: &Diagnostics) -> WaitSpec {
    let outside = map.text("outside").map(|action| OutsideSpec { action, field: map.text("field") });
    let resource = match outside {
        Some(_) => beside_outside(&mut map, diagnostics),
        None => map.required_text("resource"),
    };
    let mut wait = WaitSpec { outside, resource, ..wait(&mut map, diagnostics) };
    if wait.outside.is_none() {
        wait.by = sources(&mut map, diagnostics);
        wait.until_if = many(map.non_empty_list("until_if"), diagnostics, goal_if);
        wait.shows = pairs(&mut map, "shows", diagnostics);
    }
    map.finish();
    wait
}

/// What is seen outside is no resource of these documents.
fn beside_outside(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> Option<Spanned<String>> {
    if let Some(resource) = map.text("resource") {
        let message = format!("`resource: {}` stands beside `outside`", resource.value);
        let help = "Keep `resource` if a document here shows the effect, else `outside`.";
        diagnostics.error("misplaced-key", resource.location, message, help);
    }
    None
}

/// One of the `waiters` of a resource.
pub(super) fn waiter(mut map: Fields<'_>, diagnostics: &Diagnostics) -> WaiterSpec {
    let waiter = WaiterSpec {
        name: text(&mut map, "name"),
        summary: text(&mut map, "summary").value,
        by: map.texts("by"),
        wait: wait(&mut map, diagnostics),
    };
    map.finish();
    waiter
}

/// What waits and waiters have in common.
fn wait(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> WaitSpec {
    WaitSpec {
        location: map.location(),
        resource: None,
        outside: None,
        by: Vec::new(),
        until: until(map, diagnostics),
        until_if: Vec::new(),
        shows: Vec::new(),
        appears: map.flag("appears").is_some_and(plain),
        failure: map.list("failure").map(|list| scalars(list, diagnostics)),
        deadline_s: map.integer_in("deadline_s", 1..=MOST_SECONDS).map_or(300, plain),
        first_delay_s: map.integer_in("first_delay_s", 0..=MOST_SECONDS).map_or(0, plain),
        observed: map
            .required_one_of("source", &[("documented", false), ("observed", true)])
            .is_some_and(plain),
        note: map.text("note").map(plain),
    }
}

fn until(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> UntilSpec {
    const WORDS: &[(&str, bool)] = &[("gone", false), ("present", true)];
    let Some(node) = map.required_node("until") else { return UntilSpec::Gone };
    let Value::List(list) = &node.value else {
        return match node.one_of(WORDS, diagnostics).is_some_and(plain) {
            true => UntilSpec::Present,
            false => UntilSpec::Gone,
        };
    };
    UntilSpec::States(goals(node.location, list, diagnostics))
}

fn goals(location: Location, list: &[Node], diagnostics: &Diagnostics) -> Vec<Spanned<String>> {
    if list.is_empty() {
        let help = "Name the states that end it, or say `until: gone` or `until: present`.";
        diagnostics.error("wait-without-end", location, "no state ends the wait", help);
    }
    scalars(list, diagnostics)
}

fn goal_if(mut map: Fields<'_>) -> GoalIfSpec {
    let until = map.required_node("until");
    let list = until.and_then(|node| Some((node.location, node.list(map.diagnostics())?)));
    let goal = GoalIfSpec {
        source: text(&mut map, "if"),
        equals: text(&mut map, "equals"),
        until: list.map_or_else(Vec::new, |(location, list)| goals(location, list, map.diagnostics())),
    };
    map.finish();
    goal
}

/// Keys, and where their values come from: one source, or several of which the first counts that is there.
fn sources(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> Vec<(Spanned<String>, Vec<Spanned<String>>)> {
    let entries = map.entries("by").unwrap_or_default().iter().map(|entry| {
        let sources = match &entry.value.value {
            Value::List(list) => list.iter().filter_map(|node| node.text(diagnostics)).collect(),
            _ => entry.value.text(diagnostics).into_iter().collect(),
        };
        (Spanned::new(entry.key.clone(), entry.key_location), sources)
    });
    entries.collect()
}

/// Names on both sides.
pub(super) fn pairs(map: &mut Fields<'_>, key: &'static str, diagnostics: &Diagnostics) -> Pairs {
    let pairs = map.entries(key).unwrap_or_default().iter().filter_map(|entry| {
        let right = entry.value.text(diagnostics)?;
        Some((Spanned::new(entry.key.clone(), entry.key_location), right))
    });
    pairs.collect()
}

pub(super) fn states(map: &mut Fields<'_>, key: &'static str) -> Vec<Spanned<String>> {
    scalars(map.list(key).unwrap_or_default(), map.diagnostics())
}

fn scalars(list: &[Node], diagnostics: &Diagnostics) -> Vec<Spanned<String>> {
    list.iter().filter_map(|node| Some(node.scalar(diagnostics)?.map(|scalar| scalar.text))).collect()
}
