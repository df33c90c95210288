//! Resources, waits and waiters as JSON.

use cloudnet_codegen::model::Service;
use cloudnet_codegen::read::Spanned;
use cloudnet_codegen::spec::{FinderSpec, Pairs, ResourceSpec, UntilSpec, WaitSpec, WaiterSpec};
use serde_json::{Map, Value, json};

use super::{names, text};

/// A resource, in the words of the dialect.
pub(super) fn resource(resource: &ResourceSpec) -> Value {
    let states = &resource.states;
    json!({
        "name": *resource.name,
        "title": resource.title,
        "folder": resource.folder,
        "keys": names(&resource.keys),
        "optional_keys": names(&resource.optional_keys),
        "parents": resource.parents.iter().map(|parent| parent.resource.as_str()).collect::<Vec<_>>(),
        "list": resource.list.as_ref().map(finder),
        "show": resource.show.as_ref().map(finder),
        "states": {
            "passing": names(&states.passing),
            "settled": names(&states.settled),
            "failed": names(&states.failed),
            "leaving": names(&states.leaving),
        },
    })
}

fn finder(finder: &FinderSpec) -> Value {
    json!({
        "action": *finder.action,
        "rows": finder.rows.as_ref().map(|rows| &*rows.value),
        "ask": pairs(&finder.ask),
        "where": pairs(&finder.row),
        "within": pairs(&finder.outer_row),
        "state": text(&finder.state),
        "exists": text(&finder.exists),
    })
}

/// The wait of an action, with what its resource says of it.
pub(super) fn wait(service: &Service, wait: &WaitSpec) -> Value {
    let named = |resource: &&ResourceSpec| {
        wait.resource.as_ref().is_some_and(|name| name.value == resource.name.value)
    };
    let mut entry = common(wait, service.spec.resources.iter().find(named));
    let by = wait.by.iter().map(|(key, sources)| (key.value.clone(), names(sources)));
    let until_if = wait
        .until_if
        .iter()
        .map(|goal| json!({ "if": *goal.source, "equals": *goal.equals, "until": names(&goal.until) }));
    entry["by"] = by.collect::<Map<_, _>>().into();
    entry["until_if"] = until_if.collect();
    entry["shows"] = pairs(&wait.shows).into();
    entry["appears"] = wait.appears.into();
    if let Some(outside) = &wait.outside {
        entry["poll"] = outside.action.as_str().into();
        entry["field"] = text(&outside.field);
    }
    entry
}

/// The waiters of a resource.
pub(super) fn waiters(resource: &ResourceSpec) -> impl Iterator<Item = Value> {
    resource.waiters.iter().map(move |waiter| {
        let WaiterSpec { name, by, wait, .. } = waiter;
        let mut entry = common(wait, Some(resource));
        entry["name"] = name.as_str().into();
        entry["by"] = names(by.as_ref().unwrap_or(&resource.keys));
        entry
    })
}

fn common(wait: &WaitSpec, resource: Option<&ResourceSpec>) -> Value {
    let finder = resource.and_then(ResourceSpec::finder);
    let (until, success) = match &wait.until {
        UntilSpec::States(states) => ("state", names(states)),
        UntilSpec::Gone => ("gone", json!([])),
        UntilSpec::Present => ("present", json!([])),
    };
    json!({
        "resource": resource.map(|resource| resource.name.value.as_str()),
        "outside": wait.outside.is_some(),
        "poll": finder.map(|finder| finder.action.value.as_str()),
        "field": finder.and_then(|finder| Some(finder.path(finder.state.as_ref()?))),
        "until": until,
        "success": success,
        "pending": resource.map(|resource| names(&resource.states.passing)),
        "failure": wait.failure.as_ref().map(|states| names(states)),
        "deadline_s": wait.deadline_s,
        "first_delay_s": wait.first_delay_s,
        "source": if wait.observed { "observed" } else { "documented" },
    })
}

fn pairs(pairs: &Pairs) -> Map<String, Value> {
    let pair = |(name, source): &(Spanned<String>, Spanned<String>)| {
        (name.value.clone(), source.value.as_str().into())
    };
    pairs.iter().map(pair).collect()
}
