//! What is told about calls, attempts and waits: to the caller's hooks, and to spans.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Authority;
use tracing::{Level, Span, field::Empty};

use crate::call::classify;
use crate::call::runtime::Runtime;
use crate::error::{Error, ErrorKind};
use crate::response::RawResponse;
use crate::schema::{Action, ErrorClass, Protocol, Service};
use crate::table::called::Called;

/// One call, once it is over, with all its attempts. Without secrets.
///
/// [`ClientBuilder::on_call`](crate::ClientBuilder::on_call) tells of every call: of those that polls and
/// pages are made of too, and of those that were refused before anything was sent. One that is dropped
/// before it ends is not told of. [The guide](crate::guide::observability) has an example, all names, and
/// the spans.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallReport<'a> {
    /// The service that is called.
    pub service: &'static Service,
    /// Wire name of the action.
    pub action: &'a str,
    /// What the documents say of the action; nothing of one that is [raw](crate::Client::raw).
    pub table: Option<&'static Action>,
    /// The region that the client is for.
    pub region: &'a str,
    /// Where the call went: `host[:port]`.
    pub host: &'a str,
    /// How often the request was tried; 0 if the call failed before the first attempt.
    pub attempts: u32,
    /// How long the call paused between its attempts, all together.
    pub waited: Duration,
    /// How long the call took, pauses included.
    pub elapsed: Duration,
    /// Why it failed; `None` if it did not.
    pub error: Option<&'a Error>,
}

impl CallReport<'_> {
    /// The name of the metric for [`elapsed`](Self::elapsed) in seconds, a histogram, as OpenTelemetry's
    /// semantic conventions have it.
    pub const DURATION: &'static str = "rpc.client.call.duration";

    /// What the failure means. A dry run that passed is none.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        class(self.error)
    }

    /// The service's error code as a table has it; `None` if no table knows it.
    #[must_use]
    pub fn known_code(&self) -> Option<&'static str> {
        let error = self.error?;
        classify::known_code(self.service, self.table, error.code()?, error.status().unwrap_or_default())
    }

    /// Name and value of what a metric is told apart by, as OpenTelemetry's semantic conventions for RPC
    /// clients have them. All values are of a small set: names from tables, and what the client was made
    /// with.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut attributes = attributes(self.service, self.action, self.region, self.host, self.error);
        let code = self.known_code().filter(|_| self.class().is_some());
        attributes.extend(code.map(|code| ("rpc.response.status_code", code.into())));
        attributes
    }
}

/// One wait, once it is over. Without secrets.
///
/// [`ClientBuilder::on_wait`](crate::ClientBuilder::on_wait) tells of it. A wait that is dropped before it
/// ends is not told of. What else is told, and by which names, is on [`CallReport`]'s page.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitReport<'a> {
    /// The action whose effect was waited for; `None` if the wait was not begun by a call.
    pub action: Option<&'static Action>,
    /// The action that the resource was polled with.
    pub poll: &'static Action,
    /// The region that the client is for.
    pub region: &'a str,
    /// Where the polls went: `host[:port]`.
    pub host: &'a str,
    /// What was waited for: the keys of the resource and their values.
    pub resource: Vec<(&'static str, String)>,
    /// What would have ended the wait well: states, `(gone)` or `(present)`.
    pub goal: String,
    /// The state that was seen last.
    pub last_state: Option<String>,
    /// How often the resource was polled.
    pub polls: u32,
    /// How long was waited.
    pub elapsed: Duration,
    /// Why it failed; `None` if it did not.
    pub error: Option<&'a Error>,
}

impl WaitReport<'_> {
    /// A name for the metric of [`elapsed`](Self::elapsed) in seconds, a histogram. There is no convention
    /// for it.
    pub const DURATION: &'static str = "cloudnet.client.wait.duration";

    /// What the failure means.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        class(self.error)
    }

    /// As [`CallReport::attributes`]; the method is the action whose effect was waited for, or else the
    /// poll.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let action = self.action.unwrap_or(self.poll);
        attributes(action.service, action.name, self.region, self.host, self.error)
    }
}

fn attributes<'a>(
    service: &Service,
    action: &str,
    region: &'a str,
    host: &'a str,
    error: Option<&Error>,
) -> Vec<(&'static str, Cow<'a, str>)> {
    let system = match service.protocol {
        Protocol::AcsRpc => "acs_rpc",
        Protocol::AwsJson { .. } => "aws-api",
    };
    let mut attributes = vec![
        ("rpc.system.name", system.into()),
        ("rpc.method", format!("{}/{}", service.product, action).into()),
        ("cloud.region", region.into()),
    ];
    match host.parse::<Authority>() {
        Ok(authority) => {
            attributes.push(("server.address", authority.host().to_owned().into()));
            attributes.extend(authority.port().map(|port| ("server.port", port.to_string().into())));
        }
        Err(_) => attributes.push(("server.address", host.into())),
    }
    attributes.extend(class(error).map(|class| ("error.type", class.as_str().into())));
    attributes
}

fn class(error: Option<&Error>) -> Option<ErrorClass> {
    error.map(Error::class).filter(|class| *class != ErrorClass::DryRunPassed)
}

/// One attempt of a call, once it is over. Without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AttemptReport<'a> {
    /// The service that is called.
    pub service: &'static Service,
    /// Wire name of the action.
    pub action: &'a str,
    /// What the documents say of the action; nothing of one that is [raw](crate::Client::raw).
    pub table: Option<&'static Action>,
    /// The region that the client is for.
    pub region: &'a str,
    /// From 1.
    pub number: u32,
    /// How long the call paused before this attempt.
    pub waited: Duration,
    /// How long the attempt took.
    pub elapsed: Duration,
    /// HTTP status, if the server answered.
    pub status: Option<u16>,
    /// ID of the request, if the service told one.
    pub request_id: Option<&'a str>,
    /// Why it failed; `None` if it did not.
    pub error: Option<&'a Error>,
}

impl AttemptReport<'_> {
    /// The service's error code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.error.and_then(Error::code)
    }

    /// What the failure means.
    #[must_use]
    pub fn class(&self) -> Option<ErrorClass> {
        self.error.map(Error::class)
    }

    /// Where it failed.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        self.error.map(Error::kind)
    }
}

/// What a program does with reports.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) attempt: Option<Arc<OnAttempt>>,
    pub(crate) call: Option<Arc<OnCall>>,
    pub(crate) wait: Option<Arc<OnWait>>,
}

type OnAttempt = dyn Fn(&AttemptReport<'_>) + Send + Sync;
type OnCall = dyn Fn(&CallReport<'_>) + Send + Sync;
type OnWait = dyn Fn(&WaitReport<'_>) + Send + Sync;

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("attempt", &self.attempt.is_some())
            .field("call", &self.call.is_some())
            .field("wait", &self.wait.is_some())
            .finish()
    }
}

/// Tells how a call ended, when it has.
pub(crate) fn tell_call(
    runtime: &Runtime,
    action: &Called,
    span: &Span,
    result: &Result<RawResponse, Error>,
    waited: Duration,
    elapsed: Duration,
) {
    close_call(span, result, elapsed);
    let Some(observer) = &runtime.hooks.call else { return };
    observer(&CallReport {
        service: action.service(),
        action: action.name(),
        table: action.table(),
        region: &runtime.region,
        host: &runtime.endpoint.host,
        attempts: result.as_ref().map_or_else(Error::attempts, RawResponse::attempts),
        waited,
        elapsed,
        error: result.as_ref().err(),
    });
}

/// Tells how an attempt ended, when it has.
pub(crate) fn tell_attempt(runtime: &Runtime, span: &Span, report: &AttemptReport<'_>) {
    close_attempt(span, report);
    if let Some(observer) = &runtime.hooks.attempt {
        observer(report);
    }
}

/// Tells how a wait ended, when it has.
pub(crate) fn tell_wait(runtime: &Runtime, span: &Span, report: &WaitReport<'_>) {
    span.in_scope(|| close_wait(span, report));
    if let Some(observer) = &runtime.hooks.wait {
        observer(report);
    }
}

/// The span of a logical call.
pub(crate) fn call_span(action: &Called, region: &str) -> Span {
    tracing::span!(
        Level::DEBUG,
        "cloudnet",
        service = action.service().name,
        action = action.name(),
        region,
        attempts = Empty,
        status = Empty,
        code = Empty,
        class = Empty,
        request_id = Empty,
        elapsed_ms = Empty,
    )
}

fn close_call(span: &Span, result: &Result<RawResponse, Error>, elapsed: Duration) {
    match result {
        Ok(response) => {
            span.record("attempts", response.attempts());
            span.record("status", response.status());
            record_request_id(span, response.request_id().as_deref());
        }
        Err(error) => {
            span.record("attempts", error.attempts());
            record_error(span, error);
        }
    }
    span.record("elapsed_ms", milliseconds(elapsed));
}

/// The span of an attempt.
pub(crate) fn attempt_span(number: u32, waited: Duration) -> Span {
    tracing::span!(
        Level::DEBUG,
        "attempt",
        number,
        waited_ms = milliseconds(waited),
        status = Empty,
        code = Empty,
        class = Empty,
        request_id = Empty,
    )
}

fn close_attempt(span: &Span, report: &AttemptReport<'_>) {
    match report.error {
        Some(error) => record_error(span, error),
        None => {
            if let Some(status) = report.status {
                span.record("status", status);
            }
            record_request_id(span, report.request_id);
        }
    }
}

/// The span of a wait that begins.
pub(crate) fn wait_span(report: &WaitReport<'_>) -> Span {
    let resource = Named(&report.resource);
    let span = tracing::span!(
        Level::DEBUG,
        "wait",
        service = report.poll.service.name,
        action = Empty,
        poll = report.poll.name,
        region = report.region,
        %resource,
        goal = report.goal,
        outcome = Empty,
        class = Empty,
        last_state = Empty,
        polls = Empty,
        elapsed_ms = Empty,
    );
    if let Some(action) = report.action {
        span.record("action", action.name);
    }
    span
}

/// `VpcId vpc-1`.
struct Named<'a>(&'a [(&'static str, String)]);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::waiter::write_resource(f, self.0)
    }
}

fn close_wait(span: &Span, report: &WaitReport<'_>) {
    let outcome = if report.error.is_some() { "failed" } else { "reached" };
    let (polls, seconds) = (report.polls, report.elapsed.as_secs_f64());
    span.record("outcome", outcome);
    span.record("polls", polls);
    span.record("elapsed_ms", milliseconds(report.elapsed));
    if let Some(state) = &report.last_state {
        span.record("last_state", state.as_str());
    }
    match report.error {
        None => tracing::debug!(outcome, polls, seconds, "waited"),
        Some(error) => {
            span.record("class", error.class().as_str());
            tracing::debug!(outcome, polls, seconds, %error, "waited");
        }
    }
}

fn record_error(span: &Span, error: &Error) {
    if let Some(status) = error.status() {
        span.record("status", status);
    }
    if let Some(code) = error.code() {
        span.record("code", code);
    }
    span.record("class", error.class().as_str());
    record_request_id(span, error.request_id());
}

fn record_request_id(span: &Span, id: Option<&str>) {
    if let Some(id) = id {
        span.record("request_id", id);
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
