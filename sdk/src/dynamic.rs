//! Calls by name, with parameters as JSON in wire names: for tools that learn at run time what to
//! call. They pass through the typed structs, so they are checked, sent and retried alike.
//!
//! Feature: `dynamic`.
//!
//! ```no_run
//! # async fn run() -> Result<(), cloudnet::Error> {
//! let client = cloudnet::dynamic::builder("vpc")?.region("cn-hangzhou").build()?;
//! let parameters = serde_json::json!({ "VpcName": "prod", "CidrBlock": "10.0.0.0/8" });
//! let response = client.call("CreateVpc", &parameters)?.send_raw().await?;
//! println!("{}", String::from_utf8_lossy(response.body()));
//! # Ok(())
//! # }
//! ```
//!
//! An action that this crate does not know is called by [`Client::raw`](crate::Client::raw), as with every
//! client: `client.raw("TagResources").params(members)`.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value as Json;

use crate::call::runtime::{Options, Runtime, ValidationPolicy};
use crate::call::{self, Extra};
use crate::check::{self, Violation};
use crate::client::{ClientBuilder, OfClient};
use crate::error::{Error, ErrorKind};
use crate::record::{Held as _, Record, Scalar};
use crate::response::RawResponse;
use crate::schema::{Action, Kind, Service, Shape};
use crate::table::registry::{self, Entry};
use crate::table::text;
use crate::waiter::{self, PendingWaiter, Poll, Waiter};
use crate::wire::{self, decode};

/// The client of a service that was chosen at run time.
///
/// Cheap to clone. Clones share connections, the corrected clock and the brake on retries.
#[derive(Clone, Debug)]
pub struct Client(crate::Client);

impl Deref for Client {
    type Target = crate::Client;

    fn deref(&self) -> &crate::Client {
        &self.0
    }
}

impl OfClient for Client {
    fn of_client(client: crate::Client) -> Self {
        Self(client)
    }
}

/// The services of this crate.
pub fn services() -> impl Iterator<Item = &'static Service> {
    registry::services()
}

/// The actions of a service; none if there is no such service.
pub fn actions(service: &str) -> impl Iterator<Item = &'static Action> {
    registry::actions(service).map(|entry| entry.action)
}

/// The waits of a service for its resources, with the keys that name the resource; none if there is
/// no such service.
pub fn waiters(service: &str) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    registry::waiters(service).map(|waiter| (waiter.name, waiter.by))
}

/// Starts making a client of the service with a name.
///
/// # Errors
///
/// [`ErrorKind::Configuration`] if there is no such service.
pub fn builder(service: &str) -> Result<ClientBuilder<Client>, Error> {
    match services().find(|known| known.name == service) {
        Some(service) => Ok(ClientBuilder::new(service)),
        None => {
            let known: Vec<&str> = services().map(|service| service.name).collect();
            let message = format!("there is no service `{service}`, only {}", known.join(", "));
            Err(Error::configuration(message))
        }
    }
}

/// Reads a response body into the typed output of an action.
///
/// # Errors
///
/// [`ErrorKind::Configuration`] if there is no such action, and [`ErrorKind::Response`] if the
/// body is not one JSON object.
pub fn decode(service: &str, action: &str, body: &[u8]) -> Result<Box<dyn Record>, Error> {
    let entry = entry(service, action)?;
    entry
        .decode(body)
        .map_err(|error| call::about(entry.action, Error::new(ErrorKind::Response, error.to_string())))
}

/// Checks the parameters of an action alone, without a client: a region or an idempotency token that
/// a client would fill in counts as missing.
///
/// ```
/// let parameters = serde_json::json!({ "VpcId": "vpc-1", "Nam": "prod" });
/// let error = cloudnet::dynamic::validate("vpc", "DeleteVpc", &parameters).unwrap_err();
/// assert_eq!(error.violations()[0].path, "Nam");
/// ```
///
/// # Errors
///
/// [`ErrorKind::Configuration`] if there is no such action, and [`ErrorKind::Validation`] with every
/// member that the action has no parameter for or that is of another type; if there are none, with
/// every limit and rule that is broken.
pub fn validate(service: &str, action: &str, parameters: &Json) -> Result<(), Error> {
    let entry = entry(service, action)?;
    let violations = check::violations(entry.action, &*fitting(entry, parameters)?, &[]);
    call::refuse(entry.action, violations)
}

/// What the texts advise against in the parameters of an action, and the service may accept all the
/// same, such as a bandwidth beyond what most accounts are given.
///
/// # Errors
///
/// [`ErrorKind::Configuration`] if there is no such action, and [`ErrorKind::Validation`] with every
/// member that the action has no parameter for or that is of another type.
pub fn advice(service: &str, action: &str, parameters: &Json) -> Result<Vec<Violation>, Error> {
    let entry = entry(service, action)?;
    Ok(check::advice(entry.action, &*fitting(entry, parameters)?, &[]))
}

fn entry(service: &str, action: &str) -> Result<&'static Entry, Error> {
    let known = registry::action(service, action);
    known.ok_or_else(|| {
        let way = "a raw call (`Client::raw`) sends any action unchecked";
        Error::configuration(format!("`{service}` has no action `{action}` that this crate knows; {way}"))
    })
}

/// The input of an action, if each member of the parameters is one of its own.
fn fitting(entry: &Entry, parameters: &Json) -> Result<Box<dyn Record>, Error> {
    let mut found = Misfits::new(entry.action);
    found.record(&entry.action.request, parameters);
    let unknown = found.unknown.into_iter().map(|(violation, _)| violation);
    call::refuse(entry.action, found.mismatched.into_iter().chain(unknown).collect())?;
    input(entry, parameters)
}

fn input(entry: &Entry, parameters: &Json) -> Result<Box<dyn Record>, Error> {
    let mut input = (entry.input)();
    decode::decode(&entry.action.request, parameters.to_string().as_bytes(), &mut *input)
        .map_err(|error| Error::new(ErrorKind::Request, error.to_string()))?;
    Ok(input)
}

impl Client {
    /// Puts a call together. A parameter that travels as JSON may be given as an object or as its
    /// text. Where the client does not deny what breaks limits, members that the action has no
    /// parameter for are sent all the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the service has no such action, and
    /// [`ErrorKind::Validation`] with every member that is of another type or, unless it is to be
    /// sent all the same, that the action has no parameter for.
    pub fn call(&self, action: &str, parameters: &Json) -> Result<Call, Error> {
        let entry = entry(self.runtime.service.name, action)?;
        let mut found = Misfits::new(entry.action);
        found.record(&entry.action.request, parameters);
        let mut problems = found.mismatched;
        let mut options = Options::default();
        if self.runtime.validation == ValidationPolicy::Deny {
            problems.extend(found.unknown.into_iter().map(|(violation, _)| violation));
        } else {
            let pairs = found.unknown.into_iter().flat_map(|(_, pairs)| pairs);
            options.extra.extend(pairs.map(|(name, value)| Extra::text(name, value)));
        }
        call::refuse(entry.action, problems)?;
        let input = input(entry, parameters)?;
        let runtime = Arc::clone(&self.runtime);
        Ok(Call { runtime, entry, input, options })
    }
}

impl Client {
    /// Waits for a resource, whoever changed it, by the name of the wait: `VpcAvailable`, with the
    /// keys of the resource as JSON, `{"VpcId": "vpc-1"}`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the service has no such waiter. A key that is missing is the
    /// waiter's own error.
    pub fn wait_for(&self, name: &str, keys: &Json) -> Result<Waiter, Error> {
        let service = self.runtime.service.name;
        let known = registry::waiters(service).find(|waiter| waiter.name == name);
        let found =
            known.and_then(|known| Some((known, registry::action(service, known.wait.resource.poll)?)));
        let Some((known, poll)) = found else {
            return Err(Error::configuration(format!("`{service}` has no waiter `{name}`")));
        };
        let given = |key: &&'static str| Some((*key, keys.get(*key)?.as_str()?.to_owned()));
        let arguments: Vec<_> = known.by.iter().filter_map(given).collect();
        Ok(Waiter::by_name(Arc::clone(&self.runtime), poll.poll(), known.wait, &arguments))
    }
}

/// A call by name that is being put together. It does nothing until it is sent.
#[must_use = "a call does nothing until it is sent"]
pub struct Call {
    runtime: Arc<Runtime>,
    entry: &'static Entry,
    input: Box<dyn Record>,
    options: Options,
}

impl Call {
    /// Adds a parameter by its wire name, unchecked but for the names that the protocol sets
    /// itself, such as `Action`: with one of those the call fails.
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.extra.push(Extra::text(name, value));
        self
    }

    /// Sends the call and returns the response as it came, once it has also been read into the
    /// typed output.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`].
    pub async fn send_raw(mut self) -> Result<RawResponse, Error> {
        let action = self.entry.action;
        let response = call::send(&self.runtime, action.into(), &mut *self.input, &self.options).await?;
        response.checked_by(|body| self.entry.decode(body))
    }

    /// As [`send_raw`](Self::send_raw), with the waiter for the effect of the call. There is no
    /// response if what should go is gone already.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`]; [`ErrorKind::Configuration`] if nothing says when the action has taken
    /// effect, or the call does not name the resource: it is not sent then.
    pub async fn send_with_waiter(mut self) -> Result<(Option<RawResponse>, Waiter), Error> {
        let action = self.entry.action;
        let pending = PendingWaiter::of(&self.runtime, action, self.poll()?, &*self.input, &self.options)?;
        let response = match call::send(&self.runtime, action.into(), &mut *self.input, &self.options).await {
            Ok(response) => response,
            Err(error) => return Ok((None, pending.of_failure(error)?)),
        };
        let mut output = (self.entry.output)();
        response.decode_into(action, &mut *output)?;
        let waiter = pending.of_answer(&*self.input, &self.options.extra, &*output, response.clone());
        Ok((Some(response), waiter))
    }

    fn poll(&self) -> Result<Poll, Error> {
        let action = self.entry.action;
        let wait = action.wait.as_ref();
        let poll = wait.and_then(|wait| registry::action(action.service.name, wait.resource.poll));
        poll.map(Entry::poll).ok_or_else(|| waiter::not_awaited(action))
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = &self.entry.action.name;
        f.debug_struct("Call").field("action", action).finish_non_exhaustive()
    }
}

/// Members of the parameters that the action's table does not have as they are.
struct Misfits {
    action: &'static Action,
    path: String,
    mismatched: Vec<Violation>,
    /// With each, the wire parameters that it would become.
    unknown: Vec<(Violation, Vec<(String, String)>)>,
}

impl Misfits {
    fn new(action: &'static Action) -> Self {
        Self { action, path: String::new(), mismatched: Vec::new(), unknown: Vec::new() }
    }

    fn record(&mut self, shape: &'static Shape, json: &Json) {
        let Json::Object(members) = json else {
            return self.report("must be a JSON object", None);
        };
        for (name, value) in members {
            self.below(name, |this| match shape.member(name) {
                Some(field) => this.value(&field.kind, value),
                None => this.unknown(shape, value),
            });
        }
    }

    /// A member of no table. Its value is not shown: it may be a secret whose name is misspelt.
    fn unknown(&mut self, shape: &'static Shape, json: &Json) {
        let known: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
        let rule = format!("is no parameter; there are {}", known.join(", "));
        let pairs = wire::flatten(&serde_json::json!({ self.path.as_str(): json }));
        self.unknown.push((self.violation(&rule, None), pairs));
    }

    fn value(&mut self, kind: &'static Kind, json: &Json) {
        let text = json.as_str();
        let (fits, expected) = match kind {
            _ if json.is_null() => return,
            Kind::Text => (text.is_some() || json.is_number() || json.is_boolean(), "text"),
            Kind::Integer => {
                let whole = json.as_i64().or_else(|| text?.trim().parse().ok());
                (whole.is_some(), "a whole number")
            }
            Kind::Double => {
                let number = json.as_f64().or_else(|| text?.trim().parse().ok());
                (number.is_some(), "a number")
            }
            Kind::Timestamp => {
                let number = json.as_f64().map(Scalar::Double);
                let moment = number.or(text.map(Scalar::Text)).and_then(SystemTime::from_scalar);
                (
                    moment.is_some(),
                    "seconds since 1970 in a year with four digits, or such a time: 2026-01-31T08:00:00Z",
                )
            }
            Kind::Boolean => {
                let is_word = text.is_some_and(|text| matches!(text, "true" | "false"));
                (json.is_boolean() || is_word, "true or false")
            }
            Kind::Json(shape) => return self.json_text(shape, json),
            Kind::Object(shape) => return self.record(shape, json),
            Kind::List(kind) => return self.list(kind, json),
        };
        if !fits {
            // No secret: those are texts, which every scalar is.
            self.report(
                &format!("must be {expected}"),
                text::of_json(json).map(|text| check::shortened(text.into_owned())),
            );
        }
    }

    /// A parameter that travels as JSON may be given as it travels, and is read as if it were not.
    fn json_text(&mut self, shape: &'static Shape, json: &Json) {
        let Some(text) = json.as_str() else { return self.json(shape, json) };
        match serde_json::from_slice::<Json>(text.as_bytes()) {
            Ok(json) => self.json(shape, &json),
            // The parser says where and what it expected, and quotes nothing.
            Err(error) => self.report(&format!("must be a JSON object, and is no JSON: {error}"), None),
        }
    }

    /// What no table knows of it can only be sent as a part of the whole.
    fn json(&mut self, shape: &'static Shape, json: &Json) {
        let known = self.unknown.len();
        self.record(shape, json);
        let mut whole = vec![(self.path.clone(), json.to_string())];
        for (_, pairs) in self.unknown.iter_mut().skip(known) {
            *pairs = std::mem::take(&mut whole);
        }
    }

    fn list(&mut self, kind: &'static Kind, json: &Json) {
        let Json::Array(entries) = json else {
            return self.report("must be a list", None);
        };
        for (index, entry) in entries.iter().enumerate() {
            self.below(&(index + 1).to_string(), |this| this.value(kind, entry));
        }
    }

    fn below(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        check(self);
        self.path.truncate(length);
    }

    fn report(&mut self, rule: &str, value: Option<String>) {
        self.mismatched.push(self.violation(rule, value));
    }

    fn violation(&self, rule: &str, value: Option<String>) -> Violation {
        let path = if self.path.is_empty() { "parameters" } else { &self.path };
        Violation::of_parameter(self.action.section, path, rule, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_service::LIST;

    #[test]
    fn what_is_no_moment_is_said() {
        let mismatched = |json: Json| {
            let mut misfits = Misfits::new(&LIST);
            misfits.below("Since", |misfits| misfits.value(&Kind::Timestamp, &json));
            misfits.mismatched.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        for json in [json(1_600_000_000), json(1_600_000_000.5), json("1.6e9"), json("2026-01-31T08:00:00Z")]
        {
            assert_eq!(mismatched(json), Vec::<String>::new());
        }
        for json in [json(1.6e12), json(i64::MAX), json("soon"), json(true), json([0].as_slice())] {
            let said = mismatched(json.clone());
            let expected = "must be seconds since 1970 in a year with four digits";
            assert!(
                matches!(&said[..], [one] if one.contains(expected) && one.contains("Since")),
                "{json} {said:?}"
            );
        }
    }

    fn json(value: impl Into<Json>) -> Json {
        value.into()
    }
}
