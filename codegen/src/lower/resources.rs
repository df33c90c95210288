//! Resources must be found by actions that are there, with parameters and fields that they have.

use std::collections::HashMap;

use super::lookup::{
    Neighbours, check_known, dangling, fields_of, has_response, has_row, lists_of, misspelt,
};
use crate::diagnostic::{Diagnostics, Location};
use crate::model::{Resource, Source};
use crate::names;
use crate::path::Path;
use crate::read::Spanned;
use crate::source_tree::folder_of;
use crate::spec::{ActionSpec, FinderSpec, Pairs, ResourceSpec, ServiceSpec, TypeName};

/// Checks the resources of a service.
pub(super) fn check(service: &ServiceSpec, neighbours: &Neighbours<'_>, diagnostics: &Diagnostics) {
    let mut taken: HashMap<&str, Location> = HashMap::new();
    for resource in &service.resources {
        let name = &resource.name;
        if let Some(problem) = names::refuse_wire_name(name) {
            let message = format!("the resource name `{}` {problem}", name.value);
            diagnostics.error("bad-name", name.location, message, "Write it like `NatGateway`.");
        }
        if let Some(first) = taken.insert(name.as_str(), name.location) {
            let message = format!("there are two resources `{}`", name.value);
            let place = (first, "the first one");
            let help = "Rename one of them.";
            diagnostics.error_beside("duplicate-resource", name.location, place, message, help);
        }
        Checker { service, resource, diagnostics }.all(neighbours);
        if resource.finders().next().is_none() && resource.prefix.is_none() && !is_made(resource, neighbours)
        {
            let message = format!("nothing says where to find a `{}`", name.value);
            let help = "Give `list: …` or `show: …`; what only effects are about has a `prefix` at least.";
            diagnostics.error("missing-key", resource.location, message, help);
        }
    }
}

/// Whether an action says that it makes one.
fn is_made(resource: &ResourceSpec, neighbours: &Neighbours<'_>) -> bool {
    let effects = neighbours.values().flat_map(|action| &action.effects);
    effects.into_iter().any(|effect| effect.resource.value == resource.name.value)
}

/// What waits read of a resource: it has one finder there, the one that tells the state.
pub(super) fn lower(service: &ServiceSpec, resource: &ResourceSpec) -> Option<Resource> {
    let finder = resource.finder()?;
    let texts = |names: &[Spanned<String>]| names.iter().map(|name| name.value.clone()).collect();
    let plain =
        |pairs: &Pairs| pairs.iter().map(|(left, right)| (left.value.clone(), right.value.clone())).collect();
    let text =
        |name: &Option<Spanned<String>>| name.as_ref().map_or_else(String::new, |name| name.value.clone());
    let rows = finder.rows.as_ref().map_or_else(String::new, |rows| rows.to_string());
    let ask = finder.ask.iter().map(|(parameter, source)| (parameter.value.clone(), asked(source)));
    Some(Resource {
        name: resource.name.value.clone(),
        title: resource.title.clone(),
        chapter: service.chapter_of(&format!("{}/", resource.folder)).map(names::snake),
        keys: texts(&resource.keys),
        optional_keys: texts(&resource.optional_keys),
        poll: finder.action.value.clone(),
        ask: ask.collect(),
        rows,
        row: plain(&finder.row),
        outer_row: plain(&finder.outer_row),
        state: text(&finder.state),
        exists: text(&finder.exists),
        states: resource.states.all().map(|state| state.value.clone()).collect(),
    })
}

fn asked(source: &str) -> Source {
    match source.strip_prefix(LITERAL) {
        Some(text) => Source::Literal(text.to_owned()),
        None => Source::Key(source.to_owned()),
    }
}

/// What stands before a text that is always the same.
pub(super) const LITERAL: &str = "literal.";

impl ResourceSpec {
    /// The action that waits ask: the one that shows a single resource, if it tells the state.
    pub fn finder(&self) -> Option<&FinderSpec> {
        let tells = |finder: &&FinderSpec| {
            finder.state.is_some() || self.list.as_ref().is_none_or(|list| list.state.is_none())
        };
        self.show.as_ref().filter(tells).or(self.list.as_ref())
    }

    /// The actions that show one.
    pub(crate) fn finders(&self) -> impl Iterator<Item = &FinderSpec> {
        self.list.iter().chain(&self.show)
    }

    /// All that names one.
    pub(crate) fn all_keys(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.keys.iter().chain(&self.optional_keys)
    }

    /// Whether a name is not that of a parent: what has several keys is named by the last ones.
    pub(crate) fn is_own_key(&self, name: &str) -> bool {
        self.keys.len() == 1 || self.keys.first().is_none_or(|first| first.value != name)
    }

    /// A path of the answer about one, as a path of its field; none if it lies elsewhere.
    pub(crate) fn within_object<'p>(&self, path: &'p str) -> Option<&'p str> {
        match &self.object {
            Some(object) => path.strip_prefix(object.as_str())?.strip_prefix('.'),
            None => Some(path),
        }
    }

    /// A field as its readers name it, as the field of its own.
    pub(crate) fn below_object<'p>(&self, path: &'p str) -> &'p str {
        self.within_object(path).unwrap_or(path)
    }

    pub(crate) fn key_names(&self) -> impl Iterator<Item = &str> {
        self.all_keys().map(|key| key.value.as_str())
    }
}

struct Checker<'a> {
    service: &'a ServiceSpec,
    resource: &'a ResourceSpec,
    diagnostics: &'a Diagnostics,
}

impl Checker<'_> {
    fn all(&self, neighbours: &Neighbours<'_>) {
        self.parents();
        self.states();
        self.object(neighbours);
        for finder in self.resource.finders() {
            self.keys(finder);
            match neighbours.get(finder.action.value.as_str()) {
                Some(action) if folder_of(&action.file) == self.resource.folder => {
                    self.finder(finder, action)
                }
                _ => self.no_action(finder, neighbours),
            }
        }
    }

    fn no_action(&self, finder: &FinderSpec, neighbours: &Neighbours<'_>) {
        if let Some(action) = neighbours.get(finder.action.as_str()) {
            let help = format!("Describe the resource beside `{}`.", action.file);
            return dangling(&finder.action, "action", &help, self.diagnostics);
        }
        let of_folder = |action: &&&ActionSpec| folder_of(&action.file) == self.resource.folder;
        let known = neighbours.values().filter(of_folder).map(|action| action.name.as_str());
        misspelt(&finder.action, "action", known, "Name an action of this folder.", self.diagnostics);
    }

    fn parents(&self) {
        for parent in &self.resource.parents {
            let known = self.service.resources.iter().map(|other| other.name.as_str());
            let others = known.filter(|other| *other != self.resource.name.as_str());
            let help = "Name another resource of this service.";
            check_known(&parent.resource, "parents", others, help, self.diagnostics);
        }
    }

    /// The object must be one of the answer that shows one.
    fn object(&self, neighbours: &Neighbours<'_>) {
        let Some(object) = &self.resource.object else { return };
        let shows = self.resource.show.as_ref().and_then(|show| neighbours.get(show.action.as_str()));
        let rows = shows.into_iter().flat_map(|action| &action.response);
        let objects = rows.filter(|row| row.ty.value == TypeName::Object).map(|row| &**row.path);
        check_known(
            object,
            "object",
            objects,
            "Name an object of the answer that shows one.",
            self.diagnostics,
        );
    }

    fn states(&self) {
        let mut seen: HashMap<&str, Location> = HashMap::new();
        for state in self.resource.states.all() {
            if let Some(first) = seen.insert(&state.value, state.location) {
                let message = format!("the state `{}` stands twice", state.value);
                let place = (first, "the first time");
                let help = "Keep it in one of the lists.";
                self.diagnostics.error_beside("repeated-value", state.location, place, message, help);
            }
        }
        let field = self.resource.finders().find_map(|finder| finder.state.as_ref());
        if let (Some(field), true) = (field, seen.is_empty()) {
            let message = format!("the states that `{}` can have are missing", field.value);
            let help = "List them under `states`: passing, settled, failed, leaving.";
            self.diagnostics.error("resource-without-states", field.location, message, help);
        }
    }

    /// A finder that does not use what names the resource finds another one.
    fn keys(&self, finder: &FinderSpec) {
        let used = || finder.row.iter().chain(&finder.outer_row).chain(&finder.ask).map(|(_, key)| key);
        for key in &self.resource.keys {
            if !used().any(|used| used.value == key.value) {
                let message = format!("`{}` does not look at `{}`", finder.action.value, key.value);
                let help = "Use the key in `where`, `within` or `ask`.";
                self.diagnostics.error("unused-key", finder.action.location, message, help);
            }
        }
        for key in used().filter(|used| !used.starts_with(LITERAL)) {
            check_known(
                key,
                "keys",
                self.resource.key_names(),
                "Name a key of the resource.",
                self.diagnostics,
            );
        }
        for (_, key) in finder.row.iter().chain(&finder.outer_row) {
            if key.starts_with(LITERAL) {
                dangling(key, "keys", "Only `ask` takes a literal.", self.diagnostics);
            }
        }
    }

    fn finder(&self, finder: &FinderSpec, action: &ActionSpec) {
        for (parameter, _) in &finder.ask {
            if !has_row(&action.request, &Path::of_parameter(parameter)) {
                let known = action.request.iter().map(|row| &**row.path);
                misspelt(parameter, "ask", known, "Name a request row of the action.", self.diagnostics);
            }
        }
        if let Some(rows) = &finder.rows {
            self.rows(rows, action);
        }
        let fields = finder.row.iter().map(|(field, _)| field);
        for field in fields.chain(&finder.state).chain(&finder.exists) {
            if !has_response(action, &finder.path(field)) {
                let known = fields_of(action, finder.rows_path());
                misspelt(field, "field", known, "Name a field of the row.", self.diagnostics);
            }
        }
        for (field, _) in &finder.outer_row {
            let outer = finder.rows.as_ref().map_or("", |rows| rows.outer_list());
            let path =
                if outer.is_empty() { field.value.clone() } else { format!("{outer}.{}", field.value) };
            if !has_response(action, &path) {
                let help = "Name a field of the row that holds the list.";
                misspelt(field, "within", fields_of(action, outer), help, self.diagnostics);
            }
        }
    }

    fn rows(&self, rows: &Spanned<Path>, action: &ActionSpec) {
        let paged = action.pagination.as_ref().map(|pages| &*pages.items);
        let begins =
            |list: &str| paged.is_none_or(|items| Path::response(list.to_owned()).is_at_or_below(items));
        if !rows.ends_with("[]") || !has_response(action, rows) || !begins(rows) {
            let known = lists_of(action).filter(|list| begins(list));
            let help = "Name a list of the response, from the list that is paged on.";
            misspelt(rows, "rows", known, help, self.diagnostics);
        }
    }
}
