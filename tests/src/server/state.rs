//! What arrived, and what the engine makes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use cloudnet_emulator::{Answers, Effect, Engine, Key, Lenient, Options, TimeSource};
use http::{Request, Response};
use tokio::sync::Notify;

use super::fault::{Answer, Delivery, Fault};
use super::message::Message;
use super::parameters::{self, Parameters};
use crate::time::Time;

/// A request that has arrived, or the beginning of one.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// Counts from 1, over all connections.
    pub number: usize,
    /// Counts from 1.
    pub connection: usize,
    /// The request; empty if it was not read.
    pub message: Message,
    /// Wire name of the action; empty if the request is not authentic.
    pub action: String,
    /// Parameters of the action alone.
    pub parameters: Parameters,
    /// The nonce that was signed.
    pub nonce: Option<String>,
    /// The date that was signed.
    pub date: String,
    /// The code of the server's own refusal.
    pub refused: Option<String>,
    /// Whether the request had its effect now: a repeated token has none.
    pub is_applied: bool,
    /// The answer, whether it was delivered or not.
    pub answer: Answer,
}

/// Answers in the place of the store: by action and parameters, and `None` leaves it to the store.
pub(super) struct Script(pub(super) Box<Answering>);

pub(super) type Answering = dyn FnMut(&str, &Parameters) -> Option<Answer> + Send;

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script")
    }
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) time: Time,
    /// Told when a client is kept waiting for an answer.
    pub(super) silence: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    engine: Engine,
    pub(super) faults: BTreeMap<usize, Fault>,
    pub(super) always: Option<Fault>,
    pub(super) script: Option<Script>,
    pub(super) connections: usize,
    pub(super) arrivals: Vec<Arrival>,
}

impl Shared {
    pub(super) fn new(time: Time, keys: Vec<Key>, answers: Answers) -> Self {
        Self { time, silence: Notify::new(), state: Mutex::new(State::new(keys, answers)) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection.
    pub(super) fn connected(&self) -> usize {
        let mut state = self.state();
        state.connections += 1;
        state.connections
    }

    /// Counts a request, and says what goes wrong with it.
    pub(super) fn arrived(&self, connection: usize) -> (usize, Fault) {
        let mut state = self.state();
        let number = state.arrivals.len() + 1;
        state.arrivals.push(Arrival { number, connection, ..Arrival::default() });
        let told = state.faults.get(&number).or(state.always.as_ref()).cloned();
        (number, told.unwrap_or_else(|| Fault::delivery(Delivery::Whole)))
    }

    /// Judges a request, applies it unless the fault forbids it, and says what to answer.
    pub(super) fn answer(&self, number: usize, message: Message, fault: &Fault) -> Answer {
        let now = self.time.now();
        let mut state = self.state();
        let begun = state.arrivals.get_mut(number - 1).map(std::mem::take);
        let mut arrival = begun.unwrap_or_default();
        let (judged, is_refused) = state.judge(&message, fault, now, &mut arrival);
        let mut answer = match &fault.answer {
            Some(told) if !is_refused => quoting(told, &message),
            _ => judged,
        };
        answer.headers.retain(|(name, _)| name != "date");
        answer.headers.push(("date".to_owned(), httpdate::fmt_http_date(now)));
        let is_told = |name: &str| fault.headers.iter().any(|(told, _)| told == name);
        answer.headers.retain(|(name, _)| !is_told(name));
        answer.headers.extend(fault.headers.iter().cloned());
        arrival.message = message;
        arrival.answer = answer.clone();
        if let Some(begun) = state.arrivals.get_mut(number - 1) {
            *begun = arrival;
        }
        answer
    }
}

impl State {
    fn new(keys: Vec<Key>, answers: Answers) -> Self {
        let lenient = Lenient { unknown_parameters: true, limits: true, ..Lenient::default() };
        let engine =
            Engine::new(Options { keys, answers, lenient, clock: TimeSource::Wall, ..Options::default() });
        let (faults, arrivals) = (BTreeMap::new(), Vec::new());
        Self { engine, faults, always: None, script: None, connections: 0, arrivals }
    }

    pub(super) fn know(&mut self, key: Key) {
        self.engine.know(key);
    }

    pub(super) fn forget(&mut self) {
        self.engine = Engine::new(self.engine.options().clone());
        self.connections = 0;
        self.arrivals.clear();
    }

    /// What the service answers, and whether that is a refusal of its own.
    fn judge(
        &mut self,
        message: &Message,
        fault: &Fault,
        now: std::time::SystemTime,
        arrival: &mut Arrival,
    ) -> (Answer, bool) {
        let Some(request) = request(message) else { return (Answer::code(400, "InvalidRequest"), true) };
        let parameters = parameters::of(message);
        let mut tell = |action: &str| {
            let told = self.script.as_mut()?.0(action, &parameters)?;
            told.response().ok()
        };
        let effect = if fault.is_applied { Effect::Instead(&mut tell) } else { Effect::None };
        let (response, call) = self.engine.outcome(&request, now, effect);
        arrival.action = call.action;
        if !arrival.action.is_empty() {
            arrival.parameters = parameters;
        }
        (arrival.nonce, arrival.date) = (call.nonce, call.date);
        (arrival.refused, arrival.is_applied) = (call.code, call.is_applied);
        (answer(response), arrival.refused.is_some())
    }
}

/// The request as the engine takes it.
fn request(message: &Message) -> Option<Request<Bytes>> {
    let mut request = Request::builder().method(message.method.as_str()).uri(message.target.as_str());
    for (name, value) in &message.headers {
        request = request.header(name, value);
    }
    request.body(Bytes::from(message.body.clone())).ok()
}

fn answer(response: Response<Bytes>) -> Answer {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
    Answer {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: response.into_body().to_vec(),
    }
}

/// An answer that quotes the request, as far as it wants to.
fn quoting(told: &Answer, message: &Message) -> Answer {
    let mut answer = told.clone();
    let Ok(body) = std::str::from_utf8(&told.body) else { return answer };
    let quoted: [(&str, &dyn Fn() -> String); 3] = [
        ("{signature}", &|| message.signature().unwrap_or_default()),
        ("{target}", &|| message.target.clone()),
        ("{body}", &|| String::from_utf8_lossy(&message.body).into_owned()),
    ];
    let mut body = body.to_owned();
    for (place, text) in quoted {
        if body.contains(place) {
            body = body.replace(place, &text());
        }
    }
    answer.body = body.into();
    answer
}
