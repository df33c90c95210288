//! Values that documents print and the checks of a client would refuse: what can be read can be written.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
        let mut answers = Answers::of(service);
        for action in &service.actions {
            let answers = answers.about(action);
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

/// Looks up what answers print: each resource and each chapter is read once, however many actions ask.
struct Answers<'m> {
    actions: HashMap<&'m str, &'m Action>,
    resources: HashMap<&'m str, &'m ResourceSpec>,
    /// By the action that shows them.
    shown: HashMap<&'m str, &'m ResourceSpec>,
    /// By the chapter that they belong to and the first of their keys.
    keyed: HashMap<(Option<&'m str>, &'m str), Vec<&'m ResourceSpec>>,
    by_resource: HashMap<&'m str, Printed<'m>>,
    by_chapter: HashMap<Option<&'m str>, Printed<'m>>,
}

impl<'m> Answers<'m> {
    fn of(service: &'m Service) -> Self {
        let by_name = |action: &'m Action| (action.spec.name.as_str(), action);
        let actions = service.actions.iter().map(by_name).collect();
        let specs = &service.spec.resources;
        let resources: HashMap<_, _> = specs.iter().map(|one| (one.name.as_str(), one)).collect();
        // The first resource that an action shows counts.
        let shown = specs.iter().rev().flat_map(|one| one.finders().map(move |by| (by.action.as_str(), one)));
        let shown = shown.collect();
        let mut keyed: HashMap<_, Vec<&ResourceSpec>> = HashMap::new();
        for resource in &service.resources {
            let spec = resources.get(resource.name.as_str()).copied();
            if let Some((spec, key)) = spec.and_then(|spec| Some((spec, spec.keys.first()?.as_str()))) {
                keyed.entry((resource.chapter.as_deref(), key)).or_default().push(spec);
            }
        }
        let mut by_chapter: HashMap<_, Printed<'m>> = HashMap::new();
        for action in &service.actions {
            add_answer(action, by_chapter.entry(action.chapter.as_deref()).or_default());
        }
        Self { actions, resources, shown, keyed, by_resource: HashMap::new(), by_chapter }
    }

    /// What answers about the resource of an action print; if it is about none, those of its chapter.
    fn about(&mut self, action: &'m Action) -> &Printed<'m> {
        match self.resource_of(action) {
            Some(resource) => {
                let Self { actions, by_resource, .. } = self;
                by_resource.entry(&resource.name).or_insert_with(|| {
                    let mut printed = Printed::new();
                    let shown = resource.finders().filter_map(|finder| actions.get(finder.action.as_str()));
                    shown.for_each(|action| add_answer(action, &mut printed));
                    printed
                })
            }
            None => self.by_chapter.entry(action.chapter.as_deref()).or_default(),
        }
    }

    /// The resource that a wait of the action looks at, that it shows, or whose keys it takes.
    fn resource_of(&self, action: &'m Action) -> Option<&'m ResourceSpec> {
        let waited = action.wait.as_ref().and_then(|wait| self.resources.get(wait.resource.as_str()));
        let known = waited.or_else(|| self.shown.get(action.spec.name.as_str()));
        known.copied().or_else(|| self.taken_by(action))
    }

    fn taken_by(&self, action: &'m Action) -> Option<&'m ResourceSpec> {
        let names: HashSet<&str> = action.spec.request.iter().map(|row| &**row.path).collect();
        let chapter = action.chapter.as_deref();
        let near = names.iter().filter_map(|name| self.keyed.get(&(chapter, *name))).flatten().copied();
        let taken = near.filter(|resource| resource.keys.iter().all(|key| names.contains(key.as_str())));
        taken.min_by_key(|resource| resource.name.location)
    }
}

/// What an answer prints.
fn add_answer<'m>(action: &'m Action, printed: &mut Printed<'m>) {
    for row in &action.spec.response {
        if let (Some(segment), Some(example)) = (row.path.segments().last(), &row.example) {
            printed.entry(segment.name.to_lowercase()).or_default().insert(example);
        }
    }
    for response in action.spec.examples.iter().filter_map(|example| example.response.as_ref()) {
        add_members(response, printed);
    }
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
