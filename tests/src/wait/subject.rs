//! A wait of the specs with a call, or arguments, that begin it.

use std::collections::BTreeMap;

use cloudnet::{Error, RawResponse, Waiter, dynamic};
use cloudnet_codegen::model::{Action, Service, Type};
use cloudnet_codegen::spec::{FinderSpec, ResourceSpec, RowSpec, UntilSpec, WaitSpec};
use serde_json::{Value as Json, json};

use super::rows::nested;
use crate::sample::{self, Extent};
use crate::server::catalog;

/// One wait, about one resource.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `CreateVpc`, `VpcAvailable`.
    pub name: String,
    /// The service that has it.
    pub service: &'static str,
    /// What is waited for.
    pub resource: &'static ResourceSpec,
    /// Where it is seen.
    pub finder: &'static FinderSpec,
    /// The action of the finder.
    pub poll: &'static Action,
    /// What names the resource.
    pub keys: BTreeMap<String, String>,
    /// What ends the wait well.
    pub goal: Goal,
    /// States that end it badly.
    pub failure: Vec<String>,
    /// Fields of the row and what they show at the end.
    pub shows: Vec<(String, String)>,
    /// Whether absence is only "not yet".
    pub appears: bool,
    /// When the wait gives up.
    pub deadline_s: i64,
    /// When it looks first.
    pub first_delay_s: i64,
    /// The region of each poll.
    pub region: &'static str,
    /// What begins it.
    pub begin: Begin,
}

/// What ends a wait well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// One of these states.
    States(Vec<String>),
    /// Absence.
    Gone,
    /// Presence.
    Present,
}

/// What begins a wait.
#[derive(Clone, Debug)]
pub enum Begin {
    /// A call with these parameters, which is answered so.
    Call {
        /// Parameters in wire names.
        parameters: Json,
        /// Body of the answer.
        answer: Json,
    },
    /// A waiter with these keys.
    Waiter(Json),
}

impl Subject {
    /// Begins the wait.
    ///
    /// # Errors
    ///
    /// If the call fails, or there is no such waiter.
    pub async fn begin(&self, client: &dynamic::Client) -> Result<(Option<RawResponse>, Waiter), Error> {
        match &self.begin {
            Begin::Call { parameters, .. } => client.call(&self.name, parameters)?.send_with_waiter().await,
            Begin::Waiter(keys) => Ok((None, client.wait_for(&self.name, keys)?)),
        }
    }
}

/// Every wait with a resource, once for each goal that it can have, and every waiter.
#[must_use]
pub fn subjects() -> Vec<Subject> {
    let waits = catalog::actions().flat_map(|(service, action)| match &action.spec.wait {
        Some(wait) if wait.resource.is_some() => of_action(service, action, wait),
        _ => Vec::new(),
    });
    let services = catalog::model().services.iter();
    let waiters = services.flat_map(|service| {
        let resources = service.spec.resources.iter();
        resources.flat_map(move |resource| of_resource(service, resource))
    });
    waits.chain(waiters).collect()
}

fn of_action(service: &'static Service, action: &'static Action, wait: &'static WaitSpec) -> Vec<Subject> {
    let goals = wait.until_if.iter();
    let mut cases: Vec<(Vec<(&str, Json)>, Goal)> = Vec::new();
    for goal in goals {
        let row = goal.source.strip_prefix("request.").unwrap_or_default();
        cases.push((vec![(row, told(&goal.equals, true))], states(&goal.until)));
        cases.push((vec![(row, told(&goal.equals, false))], until(wait)));
    }
    if cases.is_empty() {
        cases.push((Vec::new(), until(wait)));
    }
    let answered = cases.iter().map(|(given, goal)| of_call(service, action, wait, given, goal, true));
    let silent = cases.iter().map(|(given, goal)| of_call(service, action, wait, given, goal, false));
    answered.chain(silent.filter(|_| repeats(service, action, wait))).collect()
}

/// Whether the answer only repeats what names the resource, so that it may be silent.
fn repeats(service: &'static Service, action: &'static Action, wait: &'static WaitSpec) -> bool {
    let resource = resource(service, wait);
    let keys = resource.keys.iter().map(|key| sources(action, wait, &key.value));
    let is_of_call = |source: &String| source.starts_with("request.");
    let all: Vec<Vec<String>> = keys.collect();
    all.iter().all(|sources| sources.iter().any(is_of_call)) && all.iter().any(|sources| sources.len() > 1)
}

/// A flag with a value, or without it.
fn told(equals: &str, holds: bool) -> Json {
    match equals.parse::<bool>() {
        Ok(flag) => json!(flag == holds),
        Err(_) => json!(if holds { equals } else { "something else" }),
    }
}

fn of_call(
    service: &'static Service,
    action: &'static Action,
    wait: &'static WaitSpec,
    given: &[(&str, Json)],
    goal: &Goal,
    is_answered: bool,
) -> Subject {
    let resource = resource(service, wait);
    let all_keys = resource.keys.iter().chain(&resource.optional_keys).map(|key| key.value.as_str());
    let by: Vec<(&str, Vec<String>)> = all_keys.map(|key| (key, sources(action, wait, key))).collect();
    let parameters = parameters(action, &by, given);
    let all = by.iter().flat_map(|(key, sources)| sources.iter().map(move |source| (key, source)));
    let answered =
        all.filter_map(|(key, source)| Some((source.strip_prefix("response.")?, format!("{key}-1"))));
    let answered = answered.filter(|_| is_answered).map(|(path, value)| (path.to_owned(), value));
    let answer = nested(answered);
    let value = |source: &str| match source.split_once('.') {
        Some(("request", row)) => at(&parameters, row),
        Some(("response", path)) => at(&answer, path),
        _ => None,
    };
    let first = |sources: &[String]| sources.iter().find_map(|source| value(source));
    let keys = by.iter().filter_map(|(key, sources)| Some(((*key).to_owned(), first(sources)?))).collect();
    let shows = wait.shows.iter();
    let shows = shows.filter_map(|(field, source)| Some((field.value.clone(), value(source)?))).collect();
    let region = if parameters["RegionId"].is_string() { "cn-beijing" } else { "cn-hangzhou" };
    let name = action.spec.name.value.clone();
    let begin = Begin::Call { parameters, answer };
    Subject { keys, shows, region, ..common(service, resource, wait, name, goal.clone(), begin) }
}

fn resource(service: &'static Service, wait: &WaitSpec) -> &'static ResourceSpec {
    let named = wait.resource.as_ref().map_or("", |name| name.value.as_str());
    let resource = service.spec.resources.iter().find(|resource| resource.name.value == named);
    resource.unwrap_or_else(|| panic!("there is no resource {named}"))
}

/// Legal parameters, each name of a resource another one.
fn parameters(action: &'static Action, by: &[(&str, Vec<String>)], given: &[(&str, Json)]) -> Json {
    let mut parameters = sample::parameters(&action.request, Extent::Most);
    let is_free = |name: &str| {
        let field = catalog::field(&action.request, name);
        field.is_some_and(|field| field.ty == Type::Text && field.limits.is_empty())
    };
    let sources = by.iter().flat_map(|(_, sources)| sources);
    for row in sources.filter_map(|source| source.strip_prefix("request.")) {
        if is_free(row) && parameters[row].is_string() {
            parameters[row] = json!(format!("{row}-1"));
        }
    }
    if catalog::field(&action.request, "RegionId").is_some() {
        parameters["RegionId"] = json!("cn-beijing");
    }
    for (row, value) in given {
        parameters[*row] = value.clone();
    }
    parameters
}

/// Where the value of a key comes from: the first counts that is there.
fn sources(action: &'static Action, wait: &'static WaitSpec, key: &str) -> Vec<String> {
    if let Some((_, sources)) = wait.by.iter().find(|(name, _)| name.value == key) {
        return sources.iter().map(|source| source.value.clone()).collect();
    }
    let has = |rows: &[RowSpec]| rows.iter().any(|row| *row.path.value == *key);
    let answered = has(&action.spec.response).then(|| format!("response.{key}"));
    answered.into_iter().chain(has(&action.spec.request).then(|| format!("request.{key}"))).collect()
}

/// A scalar at a path.
fn at(json: &Json, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(json, |json, name| json.get(name))?;
    match found {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(found.to_string()),
        _ => None,
    }
}

fn of_resource(service: &'static Service, resource: &'static ResourceSpec) -> Vec<Subject> {
    let of = |waiter: &'static cloudnet_codegen::spec::WaiterSpec| {
        let by = waiter.by.as_ref().unwrap_or(&resource.keys);
        let value = |key: &str| match key {
            "DestinationCidrBlock" | "RouteDest" | "DstCidrBlock" => "192.168.7.0/24".to_owned(),
            key => format!("{key}-1"),
        };
        let keys: BTreeMap<String, String> = by.iter().map(|key| (key.value.clone(), value(key))).collect();
        let begin = Begin::Waiter(json!(keys));
        let name = waiter.name.value.clone();
        Subject { keys, ..common(service, resource, &waiter.wait, name, until(&waiter.wait), begin) }
    };
    resource.waiters.iter().map(of).collect()
}

fn common(
    service: &'static Service,
    resource: &'static ResourceSpec,
    wait: &'static WaitSpec,
    name: String,
    goal: Goal,
    begin: Begin,
) -> Subject {
    let finder = finder(resource);
    let poll = service.actions.iter().find(|action| action.spec.name.value == finder.action.value);
    let failure = match &wait.failure {
        Some(given) => given.iter().map(|state| state.value.clone()).collect(),
        None => dead_ends(resource, &goal),
    };
    Subject {
        service: &service.spec.name.value,
        resource,
        finder,
        poll: poll.unwrap_or_else(|| panic!("there is no action {}", finder.action.value)),
        keys: BTreeMap::new(),
        failure,
        shows: Vec::new(),
        appears: wait.appears,
        deadline_s: wait.deadline_s,
        first_delay_s: wait.first_delay_s,
        region: "cn-hangzhou",
        name,
        goal,
        begin,
    }
}

/// `show` where it tells the state or nothing does, else `list`.
fn finder(resource: &'static ResourceSpec) -> &'static FinderSpec {
    let tells = |finder: &Option<FinderSpec>| finder.as_ref().is_some_and(|finder| finder.state.is_some());
    let shows = tells(&resource.show) || !tells(&resource.list);
    let finder = resource.show.as_ref().filter(|_| shows).or(resource.list.as_ref());
    finder.unwrap_or_else(|| panic!("nothing shows {}", resource.name.value))
}

fn until(wait: &WaitSpec) -> Goal {
    match &wait.until {
        UntilSpec::States(list) => states(list),
        UntilSpec::Gone => Goal::Gone,
        UntilSpec::Present => Goal::Present,
    }
}

fn states(list: &[cloudnet_codegen::read::Spanned<String>]) -> Goal {
    Goal::States(list.iter().map(|state| state.value.clone()).collect())
}

/// Failed and leaving states, unless the goal is one of them: then only the other failed ones.
fn dead_ends(resource: &ResourceSpec, goal: &Goal) -> Vec<String> {
    let Goal::States(goal) = goal else { return Vec::new() };
    let (failed, leaving) = (&resource.states.failed, &resource.states.leaving);
    let leads_out = failed.iter().chain(leaving).any(|state| goal.contains(&state.value));
    let ends = failed.iter().chain(leaving.iter().filter(|_| !leads_out));
    ends.map(|state| state.value.clone()).filter(|state| !goal.contains(state)).collect()
}
