//! An emulator, its clients, and resources that are made as they are needed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cloudnet::{Credentials, Error, RetryPolicy, ValidationPolicy, dynamic};
use cloudnet_codegen::spec::Operation;
use cloudnet_emulator::{Emulator, Options, Transitions};
use serde_json::{Map, Value as Json, json};
use tokio::runtime::Runtime;

pub(crate) use crate::values::{at, dig, field, same, set, text, unknown};

use crate::book::{self, Deed, Does, Kind, Reader};

/// Parameters, or an answer.
pub(crate) type Members = Map<String, Json>;

/// How deep what a resource needs may lie.
const DEPTH: u32 = 12;

/// A thing as the state has it.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    pub(crate) fields: Members,
}

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    runtime: Runtime,
    clients: BTreeMap<&'static str, dynamic::Client>,
    /// What was made last of each kind, which others lie in.
    scene: RefCell<BTreeMap<(&'static str, &'static str), u64>>,
    /// Makes each value another one.
    pub(crate) next: Cell<u32>,
    depth: Cell<u32>,
    transitions: Transitions,
    /// Whether time passes after each call, so that all changes end.
    pub(crate) settles: Cell<bool>,
}

impl World {
    /// States change at once.
    pub(crate) fn new() -> Self {
        Self::with(Transitions::Instant)
    }

    pub(crate) fn with(transitions: Transitions) -> Self {
        let emulator = Emulator::with(Options { transitions, ..Options::default() });
        let services = dynamic::services();
        let client = |service: &'static str| {
            let region = if service.starts_with("aws") { "us-west-2" } else { "cn-hangzhou" };
            let builder = dynamic::builder(service).expect("it is there").region(region);
            let client = builder
                .credentials(Credentials::new("testid", "testsecret"))
                .transport(emulator.transport())
                .clock(Arc::new(emulator.clock()))
                .validation(ValidationPolicy::Off)
                .retry(RetryPolicy::none())
                .build();
            client.expect("it can be built")
        };
        let clients = services.map(|service| (service.name, client(service.name))).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it starts");
        Self {
            emulator,
            runtime,
            clients,
            scene: RefCell::default(),
            next: Cell::new(1),
            depth: Cell::new(0),
            transitions,
            settles: Cell::new(transitions != Transitions::Instant),
        }
    }

    pub(crate) fn client(&self, deed: Deed) -> &dynamic::Client {
        let name = deed.service.spec.name.value.as_str();
        self.clients.get(name).unwrap_or_else(|| panic!("no client of {name}"))
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Sends a call, and gives what came.
    pub(crate) fn call(&self, deed: Deed, parameters: &Members) -> Result<Members, Error> {
        let parameters = Json::Object(parameters.clone());
        let sent = async { self.client(deed).call(deed.name(), &parameters)?.send_raw().await };
        let answer = self.block_on(sent);
        if self.settles.get() {
            self.settle();
        }
        let answer = answer?;
        let body: Json = serde_json::from_slice(answer.body()).unwrap_or_default();
        Ok(body.as_object().cloned().unwrap_or_default())
    }

    /// Lets all changes end: by the time, and by looking.
    fn settle(&self) {
        self.emulator.advance(Duration::from_secs(3_600));
        if !matches!(self.transitions, Transitions::Polls(_)) {
            return;
        }
        self.settles.set(false);
        for kind in book::kinds() {
            let state = self.emulator.state();
            let things =
                state["kinds"][&kind.service.module][kind.name()].as_object().cloned().unwrap_or_default();
            let passing = things.iter().filter(|(_, thing)| !thing["change"].is_null());
            for number in passing.filter_map(|(number, _)| number.parse().ok()) {
                let Some(reader) = kind.readers().into_iter().next() else { continue };
                for _ in 0..8 {
                    let Some(thing) = self.thing(kind, number) else { break };
                    if self.seen(&reader, &thing).is_err() {
                        break;
                    }
                }
            }
        }
        self.settles.set(true);
    }

    /// All things of a kind, the oldest first.
    pub(crate) fn things(&self, kind: Kind) -> Vec<Thing> {
        let state = self.emulator.state();
        let Some(things) = state["kinds"][&kind.service.module][kind.name()].as_object() else {
            return Vec::new();
        };
        let thing = |(number, thing): (&String, &Json)| Thing {
            kind,
            number: number.parse().unwrap_or_default(),
            fields: thing["fields"].as_object().cloned().unwrap_or_default(),
        };
        let mut all: Vec<Thing> = things.iter().map(thing).collect();
        all.sort_by_key(|thing| thing.number);
        all
    }

    pub(crate) fn thing(&self, kind: Kind, number: u64) -> Option<Thing> {
        self.things(kind).into_iter().find(|thing| thing.number == number)
    }

    /// The state without what hangs on the time and on how many calls there were.
    pub(crate) fn remembered(&self) -> Json {
        let mut state = self.emulator.state();
        state["kinds"].take()
    }

    /// The latest of a kind, which is made if there is none.
    pub(crate) fn ensure(&self, kind: Kind) -> Result<Thing, String> {
        let key = (kind.service.module.as_str(), kind.name());
        let known = self.scene.borrow().get(&key).copied();
        if let Some(thing) = known.and_then(|number| self.thing(kind, number)) {
            return Ok(thing);
        }
        self.fresh(kind, &[])
    }

    /// Lets everything to come be made anew.
    pub(crate) fn forget(&self) {
        self.scene.borrow_mut().clear();
    }

    /// Lets the next one of a kind be made anew.
    pub(crate) fn forget_kind(&self, kind: Kind) {
        self.scene.borrow_mut().remove(&(kind.service.module.as_str(), kind.name()));
    }

    /// Another one of a kind, made with these rows, beside those that are there.
    pub(crate) fn fresh(&self, kind: Kind, wanted: &[(&str, Json)]) -> Result<Thing, String> {
        self.deeper(kind.name(), || match kind.makers().first() {
            Some(maker) => self.made(kind, *maker, wanted),
            None => self.brought(kind),
        })
    }

    pub(crate) fn deeper<T>(&self, what: &str, act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
        if self.depth.get() >= DEPTH {
            return Err(format!("{what} needs itself"));
        }
        self.depth.set(self.depth.get() + 1);
        let done = act();
        self.depth.set(self.depth.get() - 1);
        done
    }

    fn made(&self, kind: Kind, maker: Does, wanted: &[(&str, Json)]) -> Result<Thing, String> {
        let parameters = self.parameters_for(maker.deed, Some(maker), wanted)?;
        self.make(kind, maker.deed, &parameters)
    }

    /// Makes one of a kind by a call.
    pub(crate) fn make(&self, kind: Kind, deed: Deed, parameters: &Members) -> Result<Thing, String> {
        let before: BTreeSet<u64> = self.things(kind).iter().map(|thing| thing.number).collect();
        self.call(deed, parameters).map_err(|error| refused(deed, parameters, &error))?;
        let all = self.things(kind);
        let new = all.into_iter().rev().find(|thing| !before.contains(&thing.number));
        let new = new.ok_or_else(|| format!("{} made no {}", deed.name(), kind.name()))?;
        self.keep_made(deed);
        self.keep(&new);
        Ok(new)
    }

    /// Remembers what an action has made last.
    fn keep_made(&self, deed: Deed) {
        let makes = deed.effects().filter(|does| does.effect.operation == Operation::Create);
        let last = makes.filter_map(|does| self.things(does.kind()?).pop());
        last.for_each(|thing| self.keep(&thing));
    }

    /// Lets everything to come be made anew, but for these, what brings them and what they lie in.
    pub(crate) fn forget_all_but(&self, kept: &[Kind]) {
        let mut known = kept.to_vec();
        let mut at = 0;
        while let Some(kind) = known.get(at).copied() {
            let parents =
                kind.spec.parents.iter().filter_map(|of| Kind::of(kind.service, &of.resource.value));
            let more: Vec<Kind> =
                parents.chain(kind.bringers()).filter(|other| !known.contains(other)).collect();
            known.extend(more);
            at += 1;
        }
        self.scene.borrow_mut().retain(|(service, name), _| {
            known.iter().any(|kind| kind.service.module == *service && kind.name() == *name)
        });
    }

    pub(crate) fn keep(&self, thing: &Thing) {
        let key = (thing.kind.service.module.as_str(), thing.kind.name());
        self.scene.borrow_mut().insert(key, thing.number);
    }

    fn brought(&self, kind: Kind) -> Result<Thing, String> {
        let bringer = kind.bringers().next().ok_or_else(|| format!("nothing makes a {}", kind.name()))?;
        let key = (bringer.service.module.as_str(), bringer.name());
        let before = self.scene.borrow().get(&key).copied();
        let by = match before {
            Some(number) => number,
            None => self.ensure(bringer)?.number,
        };
        let of = |number: u64| {
            let state = self.emulator.state();
            let things =
                state["kinds"][&kind.service.module][kind.name()].as_object().cloned().unwrap_or_default();
            let mut found = things.iter().filter(|(_, thing)| thing["brought_by"] == json!(number));
            found.next().and_then(|(number, _)| number.parse::<u64>().ok())
        };
        let number = of(by).ok_or_else(|| format!("no {} came with {}", kind.name(), bringer.name()))?;
        let thing = self.thing(kind, number).ok_or_else(|| "gone".to_owned())?;
        self.keep(&thing);
        Ok(thing)
    }

    /// One of a kind that an effect can be had on.
    pub(crate) fn in_state(&self, kind: Kind, does: Does) -> Result<Thing, String> {
        let thing = self.ensure(kind)?;
        let thing = self.with_needs(thing, does)?;
        match &does.effect.from {
            Some(from) if !from.is_empty() => {
                let from: Vec<&str> = from.iter().map(|state| state.value.as_str()).collect();
                self.bring(thing, &from, does.deed.name())
            }
            _ => Ok(self.elsewhere(thing, does)),
        }
    }

    /// The thing with the values that an effect needs, by another action that gives them.
    fn with_needs(&self, thing: Thing, does: Does) -> Result<Thing, String> {
        let mut thing = thing;
        for (needed, values) in &does.effect.needs {
            let (name, value) = (needed.value.as_str(), values.first().cloned().unwrap_or_default());
            let has_it = |thing: &Thing| {
                field(&thing.fields, name)
                    .and_then(|found| text(&found))
                    .is_some_and(|found| values.contains(&found))
            };
            let mut ways = book::effects()
                .filter(|way| way.kind() == Some(thing.kind) && way.effect.operation == Operation::Change);
            let way = ways.find_map(|way| {
                let (row, _) = way.stores().into_iter().find(|(_, stored)| stored == name)?;
                Some((way, row))
            });
            if has_it(&thing) {
                continue;
            }
            let (way, row) = way.ok_or_else(|| format!("nothing gives {name}"))?;
            self.keep(&thing);
            let parameters = self.parameters_for(way.deed, Some(way), &[(row.as_str(), json!(value))])?;
            self.call(way.deed, &parameters).map_err(|error| refused(way.deed, &parameters, &error))?;
            thing = self.thing(thing.kind, thing.number).ok_or("it is gone")?;
        }
        Ok(thing)
    }

    /// The thing in another state than the one that an effect leads to, if there is a way.
    fn elsewhere(&self, thing: Thing, does: Does) -> Thing {
        let kind = thing.kind;
        let state = kind.state_field().and_then(|name| text(thing.fields.get(name)?));
        let goals = does.effect.to.as_ref().map_or_else(|| does.goals(), |to| vec![to.value.clone()]);
        let is_there = state.as_ref().is_some_and(|state| goals.contains(state));
        let others: Vec<&str> = kind.spec.states.settled.iter().map(|state| state.value.as_str()).collect();
        let others: Vec<&str> =
            others.into_iter().filter(|state| !goals.iter().any(|goal| goal == state)).collect();
        if !is_there || others.is_empty() || does.effect.operation == Operation::Delete {
            return thing;
        }
        self.bring(thing.clone(), &others, does.deed.name()).unwrap_or(thing)
    }

    /// Brings a thing into one of these states.
    pub(crate) fn bring(&self, thing: Thing, states: &[&str], but: &str) -> Result<Thing, String> {
        let kind = thing.kind;
        let state_of = |thing: &Thing| kind.state_field().and_then(|name| text(thing.fields.get(name)?));
        let is_there = |thing: &Thing| state_of(thing).is_some_and(|state| states.contains(&state.as_str()));
        if is_there(&thing) {
            return Ok(thing);
        }
        let mut why = String::new();
        let mut ways: Vec<Does> =
            book::effects().filter(|does| does.kind() == Some(kind) && does.deed.name() != but).collect();
        ways.sort_by_key(|does| does.effect.to.is_none());
        for does in ways {
            let goal = does.effect.to.as_ref().map(|to| to.value.as_str());
            let goals = does.goals();
            let leads = goal.map_or_else(
                || goals.first().is_some_and(|goal| states.contains(&goal.as_str())),
                |goal| states.contains(&goal),
            );
            if does.effect.operation != Operation::Change || !leads {
                continue;
            }
            self.keep(&thing);
            let done = self.parameters_for(does.deed, Some(does), &[]).and_then(|parameters| {
                self.call(does.deed, &parameters).map_err(|error| refused(does.deed, &parameters, &error))
            });
            match done {
                Ok(_) => {
                    self.keep_made(does.deed);
                    let now = self.thing(kind, thing.number).ok_or("it is gone")?;
                    if is_there(&now) {
                        return Ok(now);
                    }
                    why = format!("{} left it in {:?}", does.deed.name(), state_of(&now));
                }
                Err(error) => why = error,
            }
        }
        Err(format!("no way of a {} from {:?} to {states:?}: {why}", kind.name(), state_of(&thing)))
    }

    /// What a reader shows of a thing.
    pub(crate) fn seen(&self, reader: &Reader, thing: &Thing) -> Result<Json, String> {
        let mut asked: Vec<(&str, Json)> = Vec::new();
        for (row, source) in &reader.ask {
            let value = match source.strip_prefix("literal.") {
                Some(literal) => Some(json!(literal)),
                None => field(&thing.fields, source),
            };
            asked.extend(value.map(|value| (row.as_str(), value)));
        }
        let parameters = self.parameters(reader.deed, &asked)?;
        let answer =
            self.call(reader.deed, &parameters).map_err(|error| refused(reader.deed, &parameters, &error))?;
        let whole = Json::Object(answer);
        let Some(rows) = &reader.rows else {
            let inner = reader.object.as_ref().map(|object| whole.get(object).cloned().unwrap_or_default());
            return Ok(inner.unwrap_or(whole));
        };
        let found = dig(&whole, &rows.replace("[]", ""));
        let is_it = |row: &&&Json| {
            reader.tells.iter().all(|(name, key)| {
                let wanted = field(&thing.fields, key);
                wanted.as_ref().is_none_or(|wanted| dig(row, name).iter().any(|found| same(found, wanted)))
            })
        };
        found
            .iter()
            .find(is_it)
            .map(|row| (*row).clone())
            .ok_or_else(|| format!("{} does not show it", reader.deed.name()))
    }
}

impl Does {
    /// States that its wait says it leads to.
    pub(crate) fn goals(self) -> Vec<String> {
        use cloudnet_codegen::spec::UntilSpec;
        let Some(wait) = &self.deed.action.spec.wait else { return Vec::new() };
        let is_its = wait.resource.as_ref().is_some_and(|name| name.value == self.effect.resource.value);
        match &wait.until {
            UntilSpec::States(states) if is_its && states.len() == 1 => {
                states.iter().map(|state| state.value.clone()).collect()
            }
            _ => Vec::new(),
        }
    }
}

pub(crate) fn refused(deed: Deed, parameters: &Members, error: &Error) -> String {
    format!("{} {} was refused: {:?} {}", deed.name(), Json::Object(parameters.clone()), error.code(), error)
}
