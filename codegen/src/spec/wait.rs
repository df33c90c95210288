//! How to see that something has happened: `wait` of an action, `waiters` of a resource.

use crate::diagnostic::{Diagnostics, Location};
use crate::mapping::{Key, Mapping, mapping, text};
use crate::read::{Fields, FromNode as _, Spanned};
use crate::shape::{self, Shape};
use crate::yaml::{Entry, Node, Value};

/// Names on both sides.
pub type Pairs = Vec<(Spanned<String>, Spanned<String>)>;

/// What would tell of the effect, but is described by no document here.
#[derive(Debug)]
pub struct OutsideSpec {
    pub action: Spanned<String>,
    pub field: Option<Spanned<String>>,
}

#[derive(Clone, Debug)]
pub enum UntilSpec {
    States(Vec<Spanned<String>>),
    Gone,
    Present,
}

mapping! {
    /// What waits and waiters have in common, and what only the wait of an action has.
    struct WaitSpec {
        location: Location = |map| map.location(),
        /// What the call changes; a waiter stands with its resource.
        resource: Option<Spanned<String>> = |_| None,
        outside: Option<OutsideSpec> = |_| None,
        /// Key, and where its value comes from.
        by: Vec<(Spanned<String>, Vec<Spanned<String>>)> = |_| Vec::new(),
        until: UntilSpec = until,
        until_if: Vec<GoalIfSpec> = |_| Vec::new(),
        /// Field of the row, and where the value comes from that it must have.
        shows: Pairs = |_| Vec::new(),
        appears: bool,
        failure: Option<Vec<Spanned<String>>> = |map| {
            map.describe(|keys| keys.is("failure", shape::list(shape::scalar())));
            let list = map.get("failure");
            list.map(|list| scalars(list, map.diagnostics()))
        },
        deadline_s: i64 = |map| map.integer_in("deadline_s", 1..=MOST_SECONDS).unwrap_or(300),
        first_delay_s: i64 = |map| map.integer_in("first_delay_s", 0..=MOST_SECONDS).unwrap_or(0),
        observed: bool = |map| {
            let sources = [("documented", false), ("observed", true)];
            map.required_one_of("source", &sources).unwrap_or_default()
        },
        note: Option<String>,
    }

    /// A goal that hangs on a value of the call.
    struct GoalIfSpec {
        source: Spanned<String> = |map| text(map, "if"),
        equals: Spanned<String>,
        until: Vec<Spanned<String>> = narrowed,
    }

    /// A wait for a resource, whoever changed it.
    struct WaiterSpec {
        name: Spanned<String>,
        summary: String,
        /// The keys that the caller gives, where those are not all.
        by: Option<Vec<Spanned<String>>> = |map| map.all("by"),
        wait: WaitSpec = WaitSpec::read,
    }
}

/// A day: anything longer is another unit.
const MOST_SECONDS: i64 = 86_400;

/// What the `wait` of an action looks like.
pub(super) fn shape() -> Shape {
    let inside = shape::of(|map: &mut Fields<'_>| {
        map.required::<String>("resource");
        WaitSpec::read(map);
        sources(map);
        <Vec<GoalIfSpec> as Key>::read(map, "until_if");
        pairs(map, "shows");
    });
    let outside = shape::of(|map: &mut Fields<'_>| {
        map.required::<String>("outside");
        map.get::<String>("field");
        WaitSpec::read(map);
    });
    shape::either([inside, outside])
}

/// The `wait` of an action.
pub(super) fn of_action(mut map: Fields<'_>) -> WaitSpec {
    let outside = map.get("outside").map(|action| OutsideSpec { action, field: map.get("field") });
    let resource = match outside {
        Some(_) => beside_outside(&mut map),
        None => map.required("resource"),
    };
    let mut wait = WaitSpec { outside, resource, ..WaitSpec::read(&mut map) };
    if wait.outside.is_none() {
        wait.by = sources(&mut map);
        wait.until_if = Key::read(&mut map, "until_if");
        wait.shows = pairs(&mut map, "shows");
    }
    map.deny_unknown();
    wait
}

/// What is seen outside is no resource of these documents.
fn beside_outside(map: &mut Fields<'_>) -> Option<Spanned<String>> {
    if let Some(resource) = map.get::<Spanned<String>>("resource") {
        let message = format!("`resource: {}` stands beside `outside`", resource.value);
        let help = "Keep `resource` if a document here shows the effect, else `outside`.";
        map.diagnostics().error("misplaced-key", resource.location, message, help);
    }
    None
}

fn until(map: &mut Fields<'_>) -> UntilSpec {
    let diagnostics = map.diagnostics();
    map.describe(|keys| {
        let states = shape::filled(shape::scalar());
        keys.is("until", shape::either([shape::words(["gone", "present"]), states]));
    });
    const WORDS: &[(&str, UntilSpec)] = &[("gone", UntilSpec::Gone), ("present", UntilSpec::Present)];
    let Some(node) = map.required_node("until") else { return UntilSpec::Gone };
    let Value::List(list) = &node.value else {
        return node.one_of(WORDS, diagnostics).unwrap_or(UntilSpec::Gone);
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

fn narrowed(map: &mut Fields<'_>) -> Vec<Spanned<String>> {
    map.describe(|keys| keys.is("until", shape::filled(shape::scalar())));
    let diagnostics = map.diagnostics();
    let Some(node) = map.required_node("until") else { return Vec::new() };
    <&[Node]>::from_node(node, diagnostics)
        .map_or_else(Vec::new, |list| goals(node.location, list, diagnostics))
}

/// Keys, and where their values come from: one source, or several of which the first counts that is there.
fn sources(map: &mut Fields<'_>) -> Vec<(Spanned<String>, Vec<Spanned<String>>)> {
    map.describe(|keys| {
        let source = || shape::kind("string");
        keys.is("by", shape::each(shape::either([source(), shape::list(source())])));
    });
    let diagnostics = map.diagnostics();
    let entries = map.get::<&[Entry]>("by").unwrap_or_default().iter().map(|entry| {
        let sources = match &entry.value.value {
            Value::List(list) => list.iter().filter_map(|node| node.text(diagnostics)).collect(),
            _ => entry.value.text(diagnostics).into_iter().collect(),
        };
        (Spanned::new(entry.key.clone(), entry.key_location), sources)
    });
    entries.collect()
}

/// Names on both sides.
pub(super) fn pairs(map: &mut Fields<'_>, key: &'static str) -> Pairs {
    map.describe(|keys| keys.is(key, shape::each(shape::kind("string"))));
    let diagnostics = map.diagnostics();
    let pairs = map.get::<&[Entry]>(key).unwrap_or_default().iter().filter_map(|entry| {
        let right = entry.value.text(diagnostics)?;
        Some((Spanned::new(entry.key.clone(), entry.key_location), right))
    });
    pairs.collect()
}

pub(super) fn states(map: &mut Fields<'_>, key: &'static str) -> Vec<Spanned<String>> {
    map.describe(|keys| keys.is(key, shape::list(shape::scalar())));
    scalars(map.get(key).unwrap_or_default(), map.diagnostics())
}

pub(super) fn scalars(list: &[Node], diagnostics: &Diagnostics) -> Vec<Spanned<String>> {
    list.iter().filter_map(|node| node.scalar(diagnostics)).collect()
}
