//! Waits must be about a resource that is there, named by what the call has.

use std::collections::HashMap;

use super::lookup::{Neighbours, check_known, dangling, fields_of, has_response, has_row, misspelt};
use crate::diagnostic::{Diagnostics, Location};
use crate::model::{GoalIf, Shape, Source, Until, Wait, Waiter};
use crate::names;
use crate::path::Path;
use crate::read::Spanned;
use crate::source_tree::folder_of;
use crate::spec::{ActionSpec, ResourceSpec, ServiceSpec, UntilSpec, WaitSpec, WaiterSpec};
use crate::suggest::{did_you_mean, nearest};

/// The waiters of a service.
pub(super) fn waiters(
    service: &ServiceSpec,
    neighbours: &Neighbours<'_>,
    diagnostics: &Diagnostics,
) -> Vec<Waiter> {
    check_names(service, neighbours, diagnostics);
    let of = |resource| move |waiter| lower_waiter(waiter, resource, diagnostics);
    service.resources.iter().flat_map(|resource| resource.waiters.iter().map(of(resource))).collect()
}

/// The wait for the effect of an action.
pub(super) fn wait(
    service: &ServiceSpec,
    action: &ActionSpec,
    response: &Shape,
    neighbours: &Neighbours<'_>,
    diagnostics: &Diagnostics,
) -> Option<Wait> {
    let spec = action.wait.as_ref()?;
    if let Some(outside) = &spec.outside {
        if neighbours.contains_key(outside.action.as_str()) {
            let help = "Describe the resource that it shows, and name that resource.";
            dangling_inside(&outside.action, help, diagnostics);
        }
        return None;
    }
    let named = spec.resource.as_ref()?;
    let folder = folder_of(&action.file);
    let known = |resource: &&ResourceSpec| resource.name.value == named.value && resource.folder == folder;
    let Some(resource) = service.resources.iter().find(known) else {
        let help = "Name a resource of the `_resources.yaml` beside this file.";
        let beside = service.resources.iter().filter(|resource| resource.folder == folder);
        misspelt(named, "resource", beside.map(|resource| resource.name.as_str()), help, diagnostics);
        return None;
    };
    let Some(finder) = resource.finder() else {
        unseen(resource, named.location, diagnostics);
        return None;
    };
    let poll = neighbours.get(finder.action.as_str())?;
    let lowering = Lowering { action, response, resource, diagnostics };
    for (field, _) in &spec.shows {
        if !has_response(poll, &finder.path(field)) {
            let known = fields_of(poll, finder.rows_path());
            misspelt(field, "shows", known, "Name a field of the row.", diagnostics);
        }
    }
    Some(Wait {
        by: lowering.by(spec),
        shows: lowering.shows(spec),
        until_if: lowering.until_if(spec),
        ..common(spec, resource, diagnostics)
    })
}

/// What would tell of the effect of an action, but is described by no document here.
pub(super) fn outside(action: &ActionSpec) -> Option<(String, Until)> {
    let wait = action.wait.as_ref()?;
    Some((wait.outside.as_ref()?.action.value.clone(), until(&wait.until)))
}

fn dangling_inside(action: &Spanned<String>, help: &str, diagnostics: &Diagnostics) {
    let message = format!("`{}` is an action of this service", action.value);
    diagnostics.error("not-outside", action.location, message, help);
}

/// Nothing can wait for what no action shows.
fn unseen(resource: &ResourceSpec, location: Location, diagnostics: &Diagnostics) {
    let message = format!("nothing shows a `{}`, so nothing can wait for it", resource.name.value);
    let help = "Give the resource `list: …` or `show: …`, or say `outside: …` in the wait.";
    diagnostics.error("wait-for-unseen", location, message, help);
}

fn lower_waiter(waiter: &WaiterSpec, resource: &ResourceSpec, diagnostics: &Diagnostics) -> Waiter {
    if resource.finder().is_none() {
        unseen(resource, waiter.name.location, diagnostics);
    }
    let by = waiter.by.as_ref().unwrap_or(&resource.keys);
    for name in by {
        check_known(name, "by", resource.key_names(), "Name a key of the resource.", diagnostics);
    }
    let has = |key: &Spanned<String>| by.iter().any(|name| name.value == key.value);
    check_named(resource, has, waiter.name.location, diagnostics);
    let given = by.iter().map(|name| (name.value.clone(), vec![Source::Key(name.value.clone())]));
    Waiter {
        name: waiter.name.value.clone(),
        summary: waiter.summary.clone(),
        note: waiter.wait.note.clone(),
        by: by.iter().map(|name| name.value.clone()).collect(),
        wait: Wait { by: given.collect(), ..common(&waiter.wait, resource, diagnostics) },
    }
}

/// Waiters become methods beside those of the actions.
fn check_names(service: &ServiceSpec, neighbours: &Neighbours<'_>, diagnostics: &Diagnostics) {
    let actions: HashMap<String, &str> =
        neighbours.keys().map(|action| (names::snake(action), *action)).collect();
    let mut taken: HashMap<String, Location> = HashMap::new();
    let waiters = service.resources.iter().flat_map(|resource| &resource.waiters);
    for name in waiters.map(|waiter| &waiter.name) {
        if let Some(problem) = names::refuse_wire_name(name) {
            let message = format!("the waiter name `{}` {problem}", name.value);
            diagnostics.error("bad-name", name.location, message, "Write it like `VpcAvailable`.");
        }
        let method = names::waiter(name);
        if let Some(action) = actions.get(&method) {
            let message = format!("the waiter `{}` would be the method of `{action}`", name.value);
            diagnostics.error("duplicate-waiter", name.location, message, "Rename the waiter.");
        }
        if let Some(first) = taken.get(&method) {
            let message = format!("two waiters would be the method `{method}`");
            let help = "Rename one of them.";
            let other = (*first, "the first one");
            diagnostics.error_beside("duplicate-waiter", name.location, other, message, help);
        }
        taken.entry(method).or_insert(name.location);
    }
}

/// What does not hang on the call.
fn common(spec: &WaitSpec, resource: &ResourceSpec, diagnostics: &Diagnostics) -> Wait {
    let goal: &[Spanned<String>] = match &spec.until {
        UntilSpec::States(states) => states,
        UntilSpec::Gone | UntilSpec::Present => &[],
    };
    let narrowed = spec.until_if.iter().flat_map(|goal| &goal.until);
    goal.iter().chain(narrowed).for_each(|state| check_state(state, "until", resource, diagnostics));
    let failure = spec.failure.iter().flatten();
    failure.for_each(|state| check_state(state, "failure", resource, diagnostics));
    if !goal.is_empty() && resource.finder().is_some_and(|finder| finder.state.is_none()) {
        let message = format!("`{}` has no state to wait for", resource.name.value);
        let help = "Say `until: present` or `until: gone`, or name the `state` field of the resource.";
        diagnostics.error("wait-without-end", spec.location, message, help);
    }
    let failure =
        spec.failure.as_ref().map_or_else(|| dead_ends(goal, resource), |given| given.iter().collect());
    let is_goal = |state: &&&Spanned<String>| goal.iter().any(|one| one.value == state.value);
    for state in failure.iter().filter(is_goal) {
        let message = format!("the state `{}` ends the wait both well and badly", state.value);
        diagnostics.error("repeated-value", state.location, message, "Keep it in one of the lists.");
    }
    Wait {
        resource: resource.name.value.clone(),
        by: Vec::new(),
        until: until(&spec.until),
        until_if: Vec::new(),
        shows: Vec::new(),
        failure: failure.iter().map(|state| state.value.clone()).collect(),
        appears: spec.appears,
        deadline_s: spec.deadline_s,
        first_delay_s: spec.first_delay_s,
    }
}

fn until(spec: &UntilSpec) -> Until {
    match spec {
        UntilSpec::States(states) => Until::States(states.iter().map(|state| state.value.clone()).collect()),
        UntilSpec::Gone => Until::Gone,
        UntilSpec::Present => Until::Present,
    }
}

fn check_state(state: &Spanned<String>, key: &str, resource: &ResourceSpec, diagnostics: &Diagnostics) {
    let known = resource.states.all().map(|known| known.value.as_str());
    check_known(state, key, known, "Name one of the resource's states, or add it there.", diagnostics);
}

/// The states from which there is no way to a goal. Where the goal itself is a way out, other ways
/// out may lead to it; nothing keeps a resource from going.
fn dead_ends<'a>(goal: &[Spanned<String>], resource: &'a ResourceSpec) -> Vec<&'a Spanned<String>> {
    let states = &resource.states;
    let is_goal = |state: &&Spanned<String>| goal.iter().any(|one| one.value == state.value);
    let leads_out = states.leaving.iter().chain(&states.failed).any(|state| is_goal(&state));
    let leaving = if leads_out { &[][..] } else { &states.leaving };
    match goal {
        [] => Vec::new(),
        _ => states.failed.iter().chain(leaving).filter(|state| !is_goal(state)).collect(),
    }
}

/// Reports the keys without which a wait would look at another resource.
fn check_named(
    resource: &ResourceSpec,
    has: impl Fn(&Spanned<String>) -> bool,
    location: Location,
    diagnostics: &Diagnostics,
) {
    for key in resource.keys.iter().filter(|key| !has(key)) {
        let message = format!("`{}` is missing, which names a `{}`", key.value, resource.name.value);
        let help = format!("Say in `by` where `{}` comes from.", key.value);
        diagnostics.error("unnamed-resource", location, message, &help);
    }
    let optional = &resource.optional_keys;
    if !optional.is_empty() && !optional.iter().any(has) {
        let names: Vec<&str> = optional.iter().map(|key| key.value.as_str()).collect();
        let message = format!("one of `{}` must name a `{}`", names.join("`, `"), resource.name.value);
        diagnostics.error("unnamed-resource", location, message, "Say in `by` where one of them comes from.");
    }
}

/// A wait with the action whose effect it sees.
struct Lowering<'a> {
    action: &'a ActionSpec,
    response: &'a Shape,
    resource: &'a ResourceSpec,
    diagnostics: &'a Diagnostics,
}

impl Lowering<'_> {
    /// Where the keys come from: from where the wait says, else from what has their name.
    fn by(&self, spec: &WaitSpec) -> Vec<(String, Vec<Source>)> {
        for (key, _) in &spec.by {
            let known = self.resource.key_names();
            check_known(key, "by", known, "Name a key of the resource.", self.diagnostics);
        }
        let of_key = |key: &Spanned<String>| {
            let given = spec.by.iter().find(|(name, _)| name.value == key.value);
            let sources: Vec<Source> = match given {
                Some((_, sources)) => sources.iter().filter_map(|source| self.source(source, "by")).collect(),
                None => self.of_its_name(key),
            };
            (key.value.clone(), sources)
        };
        let mut by: Vec<_> = self.resource.all_keys().map(of_key).collect();
        by.retain(|(_, sources)| !sources.is_empty());
        // A source that is not there was reported already.
        let is_given = |key: &Spanned<String>| spec.by.iter().any(|(name, _)| name.value == key.value);
        let has = |key: &Spanned<String>| is_given(key) || by.iter().any(|(name, _)| *name == key.value);
        check_named(self.resource, has, spec.location, self.diagnostics);
        by
    }

    /// What the service answers counts before what the call asked for, which an answer need not repeat.
    fn of_its_name(&self, key: &str) -> Vec<Source> {
        let answered = self.responds_with(key).then(|| Source::Response(key.to_owned()));
        let asked = has_row(&self.action.request, key).then(|| Source::Request(key.to_owned()));
        answered.into_iter().chain(asked).collect()
    }

    fn responds_with(&self, path: &str) -> bool {
        self.response.has(Path::response(path.to_owned()).segments())
    }

    fn shows(&self, spec: &WaitSpec) -> Vec<(String, Source)> {
        let pairs = spec.shows.iter();
        pairs
            .filter_map(|(field, source)| Some((field.value.clone(), self.source(source, "shows")?)))
            .collect()
    }

    fn until_if(&self, spec: &WaitSpec) -> Vec<GoalIf> {
        let goals = spec.until_if.iter().filter_map(|goal| {
            Some(GoalIf {
                source: self.source(&goal.source, "until_if")?,
                equals: goal.equals.value.clone(),
                until: goal.until.iter().map(|state| state.value.clone()).collect(),
            })
        });
        goals.collect()
    }

    fn source(&self, source: &Spanned<String>, key: &str) -> Option<Source> {
        match source.split_once('.') {
            Some(("request", name)) if has_row(&self.action.request, name) => {
                Some(Source::Request(name.to_owned()))
            }
            Some(("response", path)) if self.responds_with(path) => Some(Source::Response(path.to_owned())),
            _ => {
                let meant = self.meant(source).map(|meant| did_you_mean(&meant));
                let help = meant.as_deref().unwrap_or("Write `request.<row>` or `response.<path>`.");
                dangling(source, key, help, self.diagnostics);
                None
            }
        }
    }

    /// The source that another one is a slip for: of the same name, or nearly.
    fn meant(&self, source: &str) -> Option<String> {
        let asked = self.action.request.iter().map(|row| format!("request.{}", &**row.path));
        let answered = self.action.response.iter().map(|row| format!("response.{}", &**row.path));
        let known: Vec<String> = asked.chain(answered).collect();
        let name = source.split_once('.').map_or(source, |(_, name)| name);
        let of_name = known.iter().find(|known| known.split_once('.').is_some_and(|(_, one)| one == name));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        of_name.cloned().or_else(|| nearest(source, &known).map(str::to_owned))
    }
}
