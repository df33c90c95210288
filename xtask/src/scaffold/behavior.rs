//! What an action does to what is kept, and how that is seen: as far as names tell.

use cloudnet_codegen::model::Service;
use cloudnet_codegen::model::kept::Kept;
use cloudnet_codegen::path::Path;
use cloudnet_codegen::spec::ResourceSpec;

use super::pages::{Pages, lists};
use super::subject::{Deed, Subject};
use super::yaml::Yaml;
use crate::follow::published::{Action, Published, Row, Type};

/// What fields that tell a state are called.
const STATES: [&str; 2] = ["Status", "State"];

/// States in which things rest.
const SETTLED: [&str; 8] =
    ["Available", "Active", "active", "Normal", "InUse", "Running", "DEPLOYED", "READY"];

/// The row of a filter of pairs whose pairs are no fields.
const TAG: &str = "Tag";

const REGION: &str = "RegionId";

pub(super) struct Acting<'a> {
    pub(super) service: &'a Service,
    pub(super) published: &'a Published,
    pub(super) action: &'a Action,
    pub(super) subject: &'a Subject,
    pub(super) pages: Option<&'a Pages>,
    /// Rows that are about the call alone.
    pub(super) of_call: &'a [String],
    /// Folder that the file is to lie in, relative to the specs.
    pub(super) folder: &'a str,
    /// Whether the specs have an action, or a draft of it.
    pub(super) is_here: &'a dyn Fn(&str) -> bool,
}

impl Acting<'_> {
    /// The entries of the draft, from `wait` on.
    pub(super) fn entries(&self) -> Vec<(&'static str, Yaml)> {
        let mut entries = Vec::new();
        entries.extend(self.wait().map(|wait| ("wait", wait)));
        match self.subject.deed() {
            Deed::Read => entries.extend(self.reads()),
            _ => entries.extend(self.effects()),
        }
        entries
    }

    /// The resource that the action is named after.
    pub(super) fn resource(&self) -> Option<&ResourceSpec> {
        self.service.spec.resources.iter().find(|one| self.subject.is_about(&one.name))
    }

    fn kept(&self) -> Option<&Kept> {
        let resource = self.resource()?;
        self.service.kept.iter().find(|kept| kept.name == resource.name.value)
    }

    fn effects(&self) -> Vec<(&'static str, Yaml)> {
        let verb = match self.subject.deed() {
            Deed::Create => "create",
            Deed::Change => "change",
            Deed::Delete => "delete",
            Deed::Read | Deed::Other => return self.printed(),
        };
        if self.subject.is_several() {
            return self.printed();
        }
        let Some(resource) = self.resource() else { return self.printed() };
        let mut entries = vec![(verb.to_owned(), Yaml::guess(&resource.name))];
        if verb != "create" {
            entries.extend(self.by(resource, false).map(|by| ("by".to_owned(), by)));
        }
        vec![("effects", Yaml::List(vec![Yaml::Map(entries)]))]
    }

    /// Where those keys of a resource come from that nothing is called like: `answered` looks at the answer too.
    fn by(&self, resource: &ResourceSpec, answered: bool) -> Option<Yaml> {
        let has = |key: &str| {
            self.has_row(key) || answered && self.action.response.iter().any(|row| row.path == key)
        };
        let optional = &resource.optional_keys;
        let is_one_there = optional.is_empty() || optional.iter().any(|key| has(key));
        let missing = resource.keys.iter().filter(|key| !has(key));
        let missing: Vec<&str> =
            missing.chain(optional.first().filter(|_| !is_one_there)).map(|key| key.value.as_str()).collect();
        let is_key = |row: &Row| resource.keys.iter().chain(optional).any(|key| key.value == row.path);
        let rows =
            self.action.request.iter().filter(|row| !row.container && row.path != REGION && !is_key(row));
        let mut ids = rows.filter(|row| row.path.ends_with("Id") || row.path.ends_with("Arn"));
        let source = |key: &str| match ids.next() {
            Some(row) => (key.to_owned(), Yaml::guess(&format!("request.{}", row.path))),
            None => (key.to_owned(), Yaml::hint("request. and the row that has it")),
        };
        let by: Vec<(String, Yaml)> = missing.into_iter().map(source).collect();
        (!by.is_empty()).then_some(Yaml::Map(by))
    }

    fn has_row(&self, name: &str) -> bool {
        self.action.request.iter().any(|row| row.path == name)
    }

    fn reads(&self) -> Vec<(&'static str, Yaml)> {
        let (Some(resource), Some(kept)) = (self.resource(), self.kept()) else { return self.printed() };
        let lists = lists(self.action);
        let is_list = self.pages.is_some() || !lists.is_empty() && self.subject.is_several();
        if !is_list {
            let mut entries = vec![("show".to_owned(), Yaml::guess(&resource.name))];
            entries.extend(self.by(resource, false).map(|by| ("by".to_owned(), by)));
            return vec![("reads", Yaml::Map(entries))];
        }
        let mut entries = vec![("list".to_owned(), Yaml::guess(&resource.name))];
        if self.pages.is_none() {
            entries.extend(lists.first().map(|list| ("rows".to_owned(), Yaml::guess(list))));
        }
        let mut entries = vec![("reads", Yaml::Map(entries))];
        let filters: Vec<(String, Yaml)> = self.filters(kept);
        if !filters.is_empty() {
            entries.push(("filters", Yaml::Map(filters)));
        }
        entries
    }

    /// The rows of a listing that no field is called like.
    fn filters(&self, kept: &Kept) -> Vec<(String, Yaml)> {
        let mut rows: Vec<String> = Vec::new();
        for row in &self.action.request {
            let path = Path::request(row.path.clone());
            let name = path.segments().first().map(|first| first.name.clone()).unwrap_or_default();
            let is_paged = self.pages.is_some_and(|pages| pages.takes(&name));
            let is_other = name == REGION || is_paged || self.of_call.contains(&name);
            if !is_other && !kept.fields.contains(&name) && !self.is_pairs(&name) && !rows.contains(&name) {
                rows.push(name);
            }
        }
        let hint = "why it filters nothing; or the field in place of all this";
        rows.into_iter().map(|row| (row, Yaml::map([("none", Yaml::hint(hint))]))).collect()
    }

    fn is_pairs(&self, name: &str) -> bool {
        let has = |end: &str| self.has_row(&format!("{name}{end}"));
        name != TAG && has(".N.Key") && (has(".N.Value") || has(".N.Value.M"))
    }

    /// What nothing can be said of yet.
    fn printed(&self) -> Vec<(&'static str, Yaml)> {
        let keys = if self.subject.deed() == Deed::Read { "reads" } else { "effects" };
        let hint = format!(
            "why nothing can be modelled; or the resource in _resources.yaml, and {keys} in place of both"
        );
        vec![("answers", Yaml::guess("example")), ("answers_because", Yaml::hint(&hint))]
    }

    fn wait(&self) -> Option<Yaml> {
        let deed = self.subject.deed();
        if matches!(deed, Deed::Read | Deed::Other) || self.subject.is_several() {
            return None;
        }
        let times = [("deadline_s", Yaml::guess("300")), ("source", Yaml::guess("observed"))];
        let seen = match self.resource() {
            Some(resource) if resource.folder == self.folder => self.wait_inside(resource)?,
            Some(_) => return None,
            None => self.wait_outside()?,
        };
        Some(Yaml::map(seen.into_iter().chain(times)))
    }

    /// A wait for a resource of ours, if something shows it.
    fn wait_inside(&self, resource: &ResourceSpec) -> Option<Vec<(&'static str, Yaml)>> {
        let finders: Vec<_> = resource.show.iter().chain(&resource.list).collect();
        if finders.is_empty() {
            return None;
        }
        let state = resource.states.settled.first().filter(|_| finders.iter().any(|one| one.state.is_some()));
        let until = match (self.subject.deed(), state) {
            (Deed::Delete, _) => Yaml::guess("gone"),
            (_, Some(state)) => Yaml::List(vec![Yaml::guess(state)]),
            (Deed::Create, None) => Yaml::guess("present"),
            (_, None) => return None,
        };
        let mut entries = vec![("resource", Yaml::text(&resource.name))];
        entries.extend(self.by(resource, true).map(|by| ("by", by)));
        entries.push(("until", until));
        Some(entries)
    }

    /// A wait by an action that the package has and the specs lack.
    fn wait_outside(&self) -> Option<Vec<(&'static str, Yaml)>> {
        let ours = |name: &str| (self.is_here)(name);
        let tells = |name: &str| {
            let subject = Subject::of(name);
            subject.deed() == Deed::Read && subject.is_about(&self.subject.noun())
        };
        let tellers = self.published.actions.iter().filter(|(name, _)| tells(name) && !ours(name));
        let states = tellers.filter_map(|(name, action)| {
            let rows = action.response.iter().filter(|row| is_state(row, &self.subject.noun()));
            rows.min_by_key(|row| row.path.matches('.').count()).map(|row| (name, row))
        });
        // What shows one is shorter than what lists them.
        let (name, row) = states.min_by_key(|(_, row)| row.path.matches("[]").count())?;
        let until = match self.subject.deed() {
            Deed::Delete => Yaml::guess("gone"),
            _ => {
                let settled =
                    SETTLED.iter().find(|state| row.limits.values.iter().any(|value| value == *state));
                let state =
                    settled.map_or_else(|| Yaml::hint("the state in the end"), |state| Yaml::guess(state));
                Yaml::List(vec![state])
            }
        };
        let field = row.path.rsplit('.').next().unwrap_or(&row.path);
        Some(vec![("outside", Yaml::text(name)), ("field", Yaml::guess(field)), ("until", until)])
    }
}

fn is_state(row: &Row, noun: &str) -> bool {
    let name = row.path.rsplit('.').next().unwrap_or_default();
    let own = STATES.iter().any(|state| name == *state || name.strip_suffix(state) == Some(noun));
    own && row.ty == Type::Text
}

/// The chapter of a service in which the subject of an action is.
pub(super) fn chapter_of<'m>(subject: &Subject, service: &'m Service) -> Option<&'m str> {
    let resource = service.spec.resources.iter().find(|one| subject.is_about(&one.name));
    let of_resource = resource.and_then(|one| one.folder.strip_prefix(&service.spec.folder));
    let beside = || {
        let is_beside = |name: &str| subject.is_about(&Subject::of(name).noun());
        let action = service.actions.iter().find(|action| is_beside(&action.spec.name))?;
        service.spec.chapter_of(&action.spec.file)
    };
    of_resource
        .map(|folder| folder.trim_start_matches('/'))
        .filter(|folder| !folder.is_empty())
        .or_else(beside)
}
