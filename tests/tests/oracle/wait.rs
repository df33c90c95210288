//! Resources, and the waits for what calls do to them.

use serde_json::Value;

use crate::facts::Facts;
use crate::row::{Table, has, mappings};
use crate::spec::{Action, Entries, Service, camel, known_keys, map, scalar, str, strings};

const RESOURCE: &[&str] = &[
    "name",
    "title",
    "keys",
    "optional_keys",
    "parents",
    "list",
    "show",
    "states",
    "waiters",
    "prefix",
    "object",
    "made",
    "shown",
    "brings",
    "inside",
    "apart",
    "unique",
    "quota",
];
const FINDER: &[&str] = &["action", "rows", "ask", "where", "within", "state", "exists"];
const WAIT: &[&str] = &[
    "resource",
    "by",
    "until",
    "until_if",
    "shows",
    "appears",
    "failure",
    "deadline_s",
    "first_delay_s",
    "source",
    "note",
    "outside",
    "field",
];

/// What waits take where they do not say it.
const DEADLINE_S: u64 = 300;

pub(crate) fn facts(facts: &mut Facts, service: &Service, action: &Action) {
    let Some(wait) = map(&action.yaml, "wait") else { return };
    known_keys(wait, WAIT, &action.file);
    if wait.contains_key("outside") {
        return;
    }
    let name = str(wait, "resource").unwrap_or_default();
    let mut beside = service.resources.get(&action.folder).into_iter().flatten().filter_map(Value::as_object);
    let resource = beside.find(|resource| str(resource, "name") == Some(name));
    let resource = resource.unwrap_or_else(|| panic!("{}: no resource {name}", action.file));
    about_resource(facts, resource, &action.file);
    let mut add = |fact: String| facts.add(format!("wait {fact}"));
    add(format!("for: {name:?}"));
    for key in strings(resource, "keys").into_iter().chain(strings(resource, "optional_keys")) {
        let sources = sources(&key, wait, action);
        if !sources.is_empty() {
            add(format!("by {key}: [{}]", sources.join(", ")));
        }
    }
    let (until, goal) = goal(wait);
    add(format!("until: {until} {goal:?}"));
    for other in mappings(wait, "until_if") {
        known_keys(other, &["if", "equals", "until"], &action.file);
        let (from, equals) = (source(str(other, "if").unwrap_or_default()), scalar(&other["equals"]));
        add(format!("until if: {from} = {equals:?}: {:?}", strings(other, "until")));
    }
    for (field, from) in map(wait, "shows").into_iter().flatten() {
        add(format!("shows {field}: {}", source(&scalar(from))));
    }
    add(format!("failure: {:?}", failure(wait, resource, &goal)));
    add(format!("appears: {}", wait.get("appears").is_some_and(|appears| *appears == true)));
    add(format!("deadline: {}", wait.get("deadline_s").and_then(Value::as_u64).unwrap_or(DEADLINE_S)));
    add(format!("first delay: {}", wait.get("first_delay_s").and_then(Value::as_u64).unwrap_or(0)));
}

fn about_resource(facts: &mut Facts, resource: &Entries, file: &str) {
    known_keys(resource, RESOURCE, file);
    let finder = finder(resource);
    known_keys(finder, FINDER, file);
    let mut add = |fact: String| facts.add(format!("resource {fact}"));
    add(format!("title: {:?}", str(resource, "title").unwrap_or_default()));
    add(format!("keys: {:?}", strings(resource, "keys")));
    add(format!("optional keys: {:?}", strings(resource, "optional_keys")));
    add(format!("poll: {:?}", str(finder, "action").unwrap_or_default()));
    for key in ["rows", "state", "exists"] {
        add(format!("{key}: {:?}", str(finder, key).unwrap_or_default()));
    }
    for (parameter, from) in map(finder, "ask").into_iter().flatten() {
        let from = scalar(from);
        let from = match from.strip_prefix("literal.") {
            Some(text) => format!("Literal({text:?})"),
            None => format!("Key({from:?})"),
        };
        add(format!("ask {parameter}: {from}"));
    }
    for (key, said) in [("where", "row"), ("within", "outer row")] {
        for (field, key) in map(finder, key).into_iter().flatten() {
            add(format!("{said} {field}: {:?}", scalar(key)));
        }
    }
    let states = map(resource, "states");
    let mut states: Vec<String> =
        states.into_iter().flat_map(|states| states.values()).flat_map(texts).collect();
    states.sort();
    add(format!("states: {states:?}"));
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(scalar).collect()
}

/// The action that tells: of one resource, unless only the listing has the state.
pub(crate) fn finder(resource: &Entries) -> &Entries {
    let has_state = |finder: &Entries| finder.contains_key("state");
    match (map(resource, "show"), map(resource, "list")) {
        (Some(show), Some(list)) => {
            if has_state(show) || !has_state(list) {
                show
            } else {
                list
            }
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => panic!("nothing tells of {:?}", resource["name"]),
    }
}

/// Where a key comes from: by default from what was answered, then from what was asked for.
fn sources(key: &str, wait: &Entries, action: &Action) -> Vec<String> {
    match map(wait, "by").and_then(|by| by.get(key)) {
        Some(Value::Array(sources)) => sources.iter().map(|one| source(&scalar(one))).collect(),
        Some(one) => vec![source(&scalar(one))],
        None => {
            let answered = has(&action.response, Table::Response, key).then(|| format!("Response({key:?})"));
            let asked = has(&action.request, Table::Request, key).then(|| format!("Request({key:?})"));
            answered.into_iter().chain(asked).collect()
        }
    }
}

fn source(text: &str) -> String {
    let (place, name) = text.split_once('.').unwrap_or(("", text));
    format!("{}({name:?})", camel(place))
}

/// What is waited for, and in which states it is there.
pub(crate) fn goal(wait: &Entries) -> (&'static str, Vec<String>) {
    match str(wait, "until") {
        Some("gone") => ("Gone", Vec::new()),
        Some("present") => ("Present", Vec::new()),
        _ => ("State", strings(wait, "until")),
    }
}

/// The states that end a wait badly: those that it says, or the failed and leaving ones of the resource; of
/// these the failed ones alone where the goal is one of either. Nothing keeps what shall be gone or there.
pub(crate) fn failure(wait: &Entries, resource: &Entries, goal: &[String]) -> Vec<String> {
    if wait.contains_key("failure") {
        return strings(wait, "failure");
    }
    let states = |key| map(resource, "states").map(|states| strings(states, key)).unwrap_or_default();
    let (failed, leaving) = (states("failed"), states("leaving"));
    if goal.is_empty() {
        return Vec::new();
    }
    let is_goal = |state: &String| goal.contains(state);
    let leads_out = failed.iter().chain(&leaving).any(is_goal);
    let ends = failed.into_iter().chain(if leads_out { Vec::new() } else { leaving });
    ends.filter(|state| !goal.contains(state)).collect()
}
