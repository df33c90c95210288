//! Values that documents print and the checks of a client would refuse: what can be read can be written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Findings;
use crate::model::{Action, Field, Service, Strength};
use crate::spec::{ResourceSpec, RowSpec};

/// Names that say nothing of what they hold.
const OF_ANYTHING: [&str; 2] = ["key", "value"];

/// What answers print, by the lower-case name of the field.
type Printed<'m> = BTreeMap<String, BTreeSet<&'m str>>;

impl<'m> Findings<'m> {
    /// Rows that refuse their own example, or what answers about the same resource, or else of the same
    /// chapter, print under their name.
    pub(super) fn refused_prints(&mut self) {
        let service = self.service;
        for action in &service.actions {
            let answers = printed(answers_about(service, action));
            let mut leaves = Vec::new();
            collect(&action.request.fields, &mut leaves);
            for (field, row) in leaves.iter().filter_map(|field| Some((field, described(action, field)?))) {
                let name = field.name.to_lowercase();
                let read = answers.get(&name).filter(|_| !OF_ANYTHING.contains(&&*name));
                let own = row.example.as_deref().into_iter();
                let values: BTreeSet<&str> = own.chain(read.into_iter().flatten().copied()).collect();
                let refused: Vec<&str> =
                    values.into_iter().filter(|value| refuses(field, row, value)).collect();
                if !refused.is_empty() {
                    let message =
                        format!("`{}` refuses what is printed: `{}`", &**row.path, refused.join("`, `"));
                    self.add("refused-print", &row.path, Some(action), row.path.location, message);
                }
            }
        }
    }
}

/// The row of the request that describes a field.
fn described<'m>(action: &'m Action, field: &Field) -> Option<&'m RowSpec> {
    let path = &field.row.as_ref()?.path;
    action.spec.request.iter().find(|row| *path == **row.path)
}

/// What hangs on a masked value cannot be told.
fn refuses(field: &Field, row: &RowSpec, value: &str) -> bool {
    let is_masked = ["**", "xx", "XX"].iter().any(|mask| value.contains(mask));
    let is_value = !value.is_empty() && !is_masked && row.ty.admits(value);
    let mut limits = field.limits.iter().filter(|limit| limit.strength == Strength::Limit);
    is_value && limits.any(|limit| !limit.check.admits(value))
}

/// The fields that hold scalars.
fn collect<'m>(fields: &'m [Field], leaves: &mut Vec<&'m Field>) {
    for field in fields {
        match field.ty.nested() {
            Some(inner) => collect(&inner.fields, leaves),
            None => leaves.push(field),
        }
    }
}

/// The actions that show the resource that an action is about; if it is about none, those of its chapter.
fn answers_about<'m>(service: &'m Service, action: &'m Action) -> Vec<&'m Action> {
    let by_name = |name: &str| service.actions.iter().find(|action| *action.spec.name == name);
    match resource_of(service, action) {
        Some(resource) => resource.finders().filter_map(|finder| by_name(&finder.action)).collect(),
        None => service.actions.iter().filter(|other| other.chapter == action.chapter).collect(),
    }
}

/// The resource that a wait of the action looks at, that it shows, or whose keys it takes.
fn resource_of<'m>(service: &'m Service, action: &Action) -> Option<&'m ResourceSpec> {
    let shows =
        |resource: &&ResourceSpec| resource.finders().any(|finder| *finder.action == *action.spec.name);
    let named = |name: &str| action.spec.request.iter().any(|row| &**row.path == name);
    let takes = |resource: &&ResourceSpec| {
        let is_near =
            service.resources.iter().any(|one| one.name == *resource.name && one.chapter == action.chapter);
        is_near && !resource.keys.is_empty() && resource.keys.iter().all(|key| named(key))
    };
    let resources = &service.spec.resources;
    let waited = action.wait.as_ref().map(|wait| &wait.resource);
    let of_wait = resources.iter().find(|resource| Some(&*resource.name) == waited);
    of_wait.or_else(|| resources.iter().find(shows)).or_else(|| resources.iter().find(takes))
}

fn printed(actions: Vec<&Action>) -> Printed<'_> {
    let mut printed = Printed::new();
    for action in actions {
        for row in &action.spec.response {
            if let (Some(segment), Some(example)) = (row.path.segments().last(), &row.example) {
                printed.entry(segment.name.to_lowercase()).or_default().insert(example);
            }
        }
        for example in &action.spec.examples {
            if let Some(response) = &example.response {
                add_members(response, &mut printed);
            }
        }
    }
    printed
}

/// The texts of an answer, and those of lists, under the names that hold them.
fn add_members<'m>(json: &'m Json, printed: &mut Printed<'m>) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                let texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                let texts = texts.iter().filter_map(Json::as_str);
                printed.entry(name.to_lowercase()).or_default().extend(texts);
                add_members(value, printed);
            }
        }
        Json::Array(entries) => entries.iter().for_each(|entry| add_members(entry, printed)),
        _ => {}
    }
}
