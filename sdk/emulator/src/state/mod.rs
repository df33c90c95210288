//! What the services remember: resources, the time they live in, and what becomes of them.

mod change;
mod effects;
mod reads;
mod refused;
mod render;
mod rules;
mod stored;
mod things;
mod tree;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::ptr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::model::{Action, Resource, Service};
use crate::refusal::Refusal;
pub use change::Transitions;
pub(crate) use tree::Node;

use change::Change;
use things::Things;

/// 2024-01-01T00:00:00Z, when every state begins.
const BEGINNING: Duration = Duration::from_secs(1_704_067_200);

/// Virtual time ends some time before the year 10000, with which the form of times ends.
const LATEST: Duration = Duration::from_secs(7_900 * 365 * 86_400);

/// Everything that is remembered.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "stored::Stored")]
pub(crate) struct State {
    #[serde(skip)]
    seed: u64,
    /// How many fresh values there were; each is another one.
    fresh: u64,
    /// Virtual time since the beginning.
    passed: Duration,
    #[serde(skip)]
    transitions: Transitions,
    /// Whether IDs that no action makes must be known.
    #[serde(skip)]
    outside_strict: bool,
    /// The state in which the next transition fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_in: Option<String>,
    /// By service and kind, in the order in which they were made.
    kinds: BTreeMap<String, BTreeMap<String, Things>>,
    /// What the call at hand has touched, as it was before.
    #[serde(skip)]
    before: Vec<(Place, Option<Thing>)>,
}

/// A resource.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Thing {
    region: String,
    /// The one that it was made with, and goes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brought_by: Option<u64>,
    /// Since the beginning.
    created: Duration,
    /// By path, in the names of the readers.
    fields: BTreeMap<String, Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
}

/// Where a thing is: service, kind and number.
#[derive(Clone, Copy)]
struct Place {
    service: &'static Service,
    resource: &'static Resource,
    number: u64,
}

/// What a call is about.
#[derive(Clone, Copy)]
struct Call<'a> {
    service: &'static Service,
    action: &'static Action,
    parameters: &'a Map<String, Json>,
    region: &'a str,
    /// The entry at hand of a list that an effect goes through.
    entry: Option<&'a Json>,
}

impl State {
    /// Nothing yet. `outside_strict` refuses the IDs of what no action here makes.
    pub(crate) fn new(seed: u64, transitions: Transitions, outside_strict: bool) -> Self {
        Self {
            seed,
            fresh: 0,
            passed: Duration::ZERO,
            transitions,
            outside_strict,
            ends_in: None,
            kinds: BTreeMap::new(),
            before: Vec::new(),
        }
    }

    /// The same memory under the settings of another.
    pub(crate) fn set_up_as(self, other: &Self) -> Self {
        let Self { seed, transitions, outside_strict, .. } = *other;
        Self { seed, transitions, outside_strict, ..self }
    }

    /// Does what a call asks for, wholly or not at all, and says what to answer.
    pub(crate) fn call(
        &mut self,
        service: &'static Service,
        action: &'static Action,
        parameters: &Map<String, Json>,
        region: &str,
    ) -> Result<Map<String, Json>, Refusal> {
        let answer = self.attempt(Call { service, action, parameters, region, entry: None });
        // The look that finds a thing gone is one all the same.
        if answer.is_err() && action.write {
            self.undo();
        }
        answer
    }

    /// Whether a call would be done, without doing it.
    pub(crate) fn dry_run(
        &mut self,
        service: &'static Service,
        action: &'static Action,
        parameters: &Map<String, Json>,
        region: &str,
    ) -> Result<(), Refusal> {
        let answer = self.attempt(Call { service, action, parameters, region, entry: None });
        self.undo();
        answer.map(drop)
    }

    /// What is due has ended when time passed, which each request begins with.
    fn attempt(&mut self, call: Call<'_>) -> Result<Map<String, Json>, Refusal> {
        self.before.clear();
        let answer = self.do_call(call);
        // A failure that was told for this call is not for the next one.
        self.ends_in = None;
        answer
    }

    fn do_call(&mut self, call: Call<'_>) -> Result<Map<String, Json>, Refusal> {
        self.check_references(call)?;
        if !call.action.effects.is_empty() {
            return self.write(call);
        }
        match &call.action.read {
            Some(read) => self.read(call, read),
            None => Ok(example(call.action)),
        }
    }

    /// Lets virtual time pass.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.passed = self.passed.saturating_add(by).min(LATEST);
        self.settle();
    }

    /// The virtual time.
    pub(crate) fn now(&self) -> SystemTime {
        UNIX_EPOCH + BEGINNING + self.passed
    }

    /// Sets the virtual time, which never runs backwards.
    pub(crate) fn reach(&mut self, now: SystemTime) {
        let passed = now.duration_since(UNIX_EPOCH + BEGINNING).unwrap_or_default();
        self.passed = self.passed.max(passed).min(LATEST);
        self.settle();
    }

    /// Lets the next transition end in a state of failure.
    pub(crate) fn fail_next(&mut self, state: &str) {
        self.ends_in = Some(state.to_owned());
    }

    /// All things of a kind, in the order in which they were made.
    fn all(&self, service: &Service, kind: &str) -> impl Iterator<Item = (u64, &Thing)> + Clone {
        self.things(service, kind).into_iter().flat_map(Things::iter)
    }

    /// Those of them that have a value in a field.
    fn having(&self, service: &Service, kind: &str, field: &str, wanted: &Json) -> Vec<(u64, &Thing)> {
        self.things(service, kind).map(|things| things.having(field, wanted)).unwrap_or_default()
    }

    fn things(&self, service: &Service, kind: &str) -> Option<&Things> {
        self.kinds.get(&service.name)?.get(kind)
    }

    fn thing(&self, place: &Place) -> Option<&Thing> {
        self.things(place.service, &place.resource.name)?.get(place.number)
    }

    /// Puts a thing in its place, or takes it away, so that it can be undone.
    fn put(&mut self, place: &Place, thing: Option<Thing>) {
        let before = self.place(place, thing);
        self.before.push((*place, before));
    }

    fn place(&mut self, place: &Place, thing: Option<Thing>) -> Option<Thing> {
        self.kind(place.service, place.resource).place(place.number, thing)
    }

    fn kind(&mut self, service: &'static Service, resource: &'static Resource) -> &mut Things {
        let kinds = self.kinds.entry(service.name.clone()).or_default();
        kinds.entry(resource.name.clone()).or_insert_with(|| Things::new(service, resource))
    }

    fn undo(&mut self) {
        for (place, thing) in std::mem::take(&mut self.before).into_iter().rev() {
            self.place(&place, thing);
        }
    }

    /// A number that was not there before.
    fn number(&mut self) -> u64 {
        self.fresh += 1;
        self.fresh
    }
}

impl Place {
    fn of(service: &'static Service, resource: &'static Resource, number: u64) -> Self {
        Self { service, resource, number }
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        let Self { service, resource, number } = *other;
        self.number == number && ptr::eq(self.resource, resource) && ptr::eq(self.service, service)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.service.name, self.resource.name, self.number)
    }
}

impl Resource {
    /// The key that names it among its siblings.
    fn last_key(&self) -> &str {
        self.keys.last().map_or("", String::as_str)
    }
}

/// The printed answer, without what is said of every call and without the envelope that some are printed in.
pub(crate) fn example(action: &Action) -> Map<String, Json> {
    let envelope = format!("{}Response", action.name);
    let printed = action.example.as_ref().map(|printed| printed.get(&envelope).unwrap_or(printed));
    let mut printed = printed.and_then(Json::as_object).cloned().unwrap_or_default();
    printed.retain(|name, _| name != "RequestId");
    printed
}

/// A time as the answers print it.
fn printed(passed: Duration) -> Json {
    Json::String(crate::timestamp::rfc3339(UNIX_EPOCH + BEGINNING + passed))
}
