//! What is told about each attempt: to the caller's hook, and to spans.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::{Level, Span, field::Empty};

use crate::error::{Error, ErrorKind};
use crate::response::RawResponse;
use crate::schema::{Action, ErrorClass};

/// One attempt of a call, once it is over. Without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AttemptReport<'a> {
    /// The action, with its service.
    pub action: &'static Action,
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
pub(crate) type Observer = Arc<dyn Fn(&AttemptReport<'_>) + Send + Sync>;

/// An observer that can be printed.
#[derive(Clone, Default)]
pub(crate) struct Hook(Option<Observer>);

impl Hook {
    pub(crate) fn new(observer: Observer) -> Self {
        Self(Some(observer))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn tell(&self, report: &AttemptReport<'_>) {
        if let Some(observer) = &self.0 {
            observer(report);
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Hook" } else { "none" })
    }
}

/// The span of a logical call.
pub(crate) fn call_span(action: &Action, region: &str) -> Span {
    tracing::span!(
        Level::DEBUG,
        "cloudnet",
        service = action.service.name,
        action = action.name,
        region,
        attempts = Empty,
        status = Empty,
        code = Empty,
        class = Empty,
        request_id = Empty,
        elapsed_ms = Empty,
    )
}

/// Writes down how a call ended, when it has.
pub(crate) fn close_call(span: &Span, result: &Result<RawResponse, Error>, elapsed: Duration) {
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

/// Writes down how an attempt ended.
pub(crate) fn close_attempt(span: &Span, report: &AttemptReport<'_>) {
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
