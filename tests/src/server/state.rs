//! What the server remembers: of requests, nonces, tokens and resources.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cloudnet_codegen::model::{Action, Service};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;

use super::authentication::{self, Authentic, Key};
use super::catalog;
use super::fault::{Answer, Delivery, Fault};
use super::message::Message;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::store::Store;
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

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) keys: Vec<Key>,
    pub(super) faults: BTreeMap<usize, Fault>,
    pub(super) always: Option<Fault>,
    pub(super) script: Option<Script>,
    pub(super) connections: usize,
    pub(super) arrivals: Vec<Arrival>,
    nonces: HashSet<String>,
    /// By action and token: the parameters and the answer.
    tokens: BTreeMap<(String, String), (Parameters, Json)>,
    store: Store,
}

impl Shared {
    pub(super) fn new(time: Time, keys: Vec<Key>) -> Self {
        Self { time, silence: Notify::new(), state: Mutex::new(State { keys, ..State::default() }) }
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
        let result = state.judge(&message, fault, now, &mut arrival);
        let mut answer = match (result, &fault.answer) {
            (Err(refusal), _) => {
                arrival.refused = Some(refusal.code.clone());
                refused(&refusal, number)
            }
            (Ok(_), Some(told)) => quoting(told, &message),
            (Ok(answer), None) => answer,
        };
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
    pub(super) fn forget(&mut self) {
        let (keys, faults) = (std::mem::take(&mut self.keys), std::mem::take(&mut self.faults));
        let (always, script) = (self.always.take(), self.script.take());
        *self = Self { keys, faults, always, script, ..Self::default() };
    }

    fn judge(
        &mut self,
        message: &Message,
        fault: &Fault,
        now: std::time::SystemTime,
        arrival: &mut Arrival,
    ) -> Result<Answer, Refusal> {
        let authentic = authentication::authenticate(message, &self.keys, now)?;
        arrival.action.clone_from(&authentic.action);
        arrival.parameters.clone_from(&authentic.parameters);
        arrival.nonce.clone_from(&authentic.nonce);
        arrival.date.clone_from(&authentic.date);
        if authentic.nonce.as_ref().is_some_and(|nonce| !self.nonces.insert(nonce.clone())) {
            return Err(Refusal::new(
                400,
                "SignatureNonceUsed",
                "Specified signature nonce was used already.",
            ));
        }
        let found = catalog::find(&authentic.service, &authentic.action);
        let (service, action) = found
            .ok_or_else(|| Refusal::new(404, "InvalidAction.NotFound", "Specified api is not found."))?;
        if action.spec.get != (message.method == "GET") {
            return Err(Refusal::new(405, "UnsupportedHTTPMethod", "This is not the verb of the action."));
        }
        if let Some(name) = catalog::missing(&action.request, "", &authentic.parameters) {
            let code =
                if catalog::is_json(service) { "InvalidArgumentException" } else { "MissingParameter" };
            return Err(Refusal::new(400, code, format!("The parameter {name} is mandatory.")));
        }
        if !fault.is_applied {
            return Ok(Answer::ok(&json!({})));
        }
        let script = self.script.as_mut();
        if let Some(told) = script.and_then(|script| script.0(&authentic.action, &authentic.parameters)) {
            arrival.is_applied = told.status == 200;
            return Ok(told);
        }
        self.apply_once(service, action, &authentic, arrival).map(|body| Answer::ok(&body))
    }

    /// Applies a request, unless one with its token was: then that one's answer is given again.
    fn apply_once(
        &mut self,
        service: &'static Service,
        action: &'static Action,
        authentic: &Authentic,
        arrival: &mut Arrival,
    ) -> Result<Json, Refusal> {
        let mut parameters = authentic.parameters.clone();
        let name = action.spec.idempotency.as_ref().map(|name| name.value.as_str());
        let token = name.and_then(|name| parameters.remove(name)).filter(|token| !token.is_empty());
        let key = token.map(|token| (authentic.action.clone(), token));
        if let Some((before, answer)) = key.as_ref().and_then(|key| self.tokens.get(key)) {
            if *before == parameters {
                return Ok(answer.clone());
            }
            let text = "The token was used with other parameters.";
            return Err(Refusal::new(400, "IdempotentParameterMismatch", text));
        }
        let own = self.store.apply(service, action, &parameters)?;
        arrival.is_applied = true;
        let mut body = with_example(action, own);
        if !catalog::is_json(service) {
            body["RequestId"] = json!(request_id(arrival.number));
        }
        self.tokens.extend(key.map(|key| (key, (parameters, body.clone()))));
        Ok(body)
    }
}

/// The documented example with what the server knows better; of an action that makes something,
/// the rest of the example is about something else, and does no harm.
fn with_example(action: &'static Action, own: Option<Json>) -> Json {
    let example = action.spec.examples.iter().find_map(|example| example.response.clone());
    let envelope = format!("{}Response", action.spec.name.value);
    let example = example.map(|example| example.get(&envelope).cloned().unwrap_or(example));
    match (example, own) {
        (Some(Json::Object(mut members)), Some(Json::Object(own))) => {
            members.extend(own);
            Json::Object(members)
        }
        (Some(example), None) => example,
        (_, own) => own.unwrap_or_else(|| json!({})),
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

fn refused(refusal: &Refusal, number: usize) -> Answer {
    let (code, message) = (&refusal.code, &refusal.message);
    let body = json!({
        "Code": code, "Message": message, "RequestId": request_id(number), "__type": code, "message": message,
    });
    Answer { status: refusal.status, headers: Vec::new(), body: body.to_string().into() }
}

fn request_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
