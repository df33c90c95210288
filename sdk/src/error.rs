//! The one error of the crate.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::call::cause::Source;
use crate::call::classify;
use crate::check::Violation;
use crate::duration::whole_seconds;
use crate::response::RawResponse;
use crate::schema::ErrorClass;
use crate::table::called::Called;
use crate::waiter::write_resource;
use crate::wire::protocol::AccessDeniedDetail;

/// Why a call, or the making of a client, failed.
///
/// The text alone is enough to act on: it names the action and its section, the code with its
/// class, the message and what the document says of the code, the missing permission, the HTTP status,
/// the request ID, the number of attempts, the region, a host that could not be reached, and the page
/// that the service recommends. Neither the text nor `Debug` contains a secret, a signature or the
/// query of what was sent.
///
/// The text has the causes as well. [`source`](std::error::Error::source) leads to each of them, down
/// to the [`io::Error`](std::io::Error) if there is one, with texts that are as free of secrets:
///
/// ```
/// use std::error::Error as _;
/// use std::io;
///
/// fn is_refused(error: &cloudnet::Error) -> bool {
///     let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
///     causes.any(|cause| {
///         let system = cause.downcast_ref::<io::Error>();
///         system.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
///     })
/// }
/// ```
///
/// ```
/// use cloudnet::{Error, ErrorClass};
///
/// fn ask_again_later(error: &Error) -> bool {
///     error.class() == ErrorClass::Busy && !error.may_have_been_applied()
/// }
/// ```
#[derive(Clone)]
pub struct Error {
    pub(crate) details: Box<Details>,
}

/// What is known about a failure.
#[derive(Clone, Debug)]
pub(crate) struct Details {
    pub(crate) kind: ErrorKind,
    pub(crate) class: ErrorClass,
    pub(crate) action: Option<Called>,
    pub(crate) region: Option<Arc<str>>,
    pub(crate) host: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) recommend: Option<String>,
    pub(crate) access_denied_detail: Option<AccessDeniedDetail>,
    pub(crate) attempts: u32,
    pub(crate) token: Option<String>,
    pub(crate) may_have_been_applied: bool,
    pub(crate) violations: Vec<Violation>,
    pub(crate) advice: Vec<Violation>,
    pub(crate) body_excerpt: Option<String>,
    pub(crate) waited: Option<Box<Waited>>,
    pub(crate) source: Option<Source>,
}

/// What a wait was for.
#[derive(Clone, Debug)]
pub(crate) struct Waited {
    pub(crate) resource: Vec<(&'static str, String)>,
    pub(crate) elapsed: Duration,
    pub(crate) polls: u32,
    pub(crate) last_state: Option<String>,
    /// The answer of the call whose effect was waited for.
    pub(crate) applied: Option<RawResponse>,
}

/// Where a failure happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The parameters break the limits of the action; nothing was sent.
    Validation,
    /// The client cannot work as configured; nothing was sent.
    Configuration,
    /// No credentials could be had; nothing was sent on the last attempt.
    Credentials,
    /// The request cannot be expressed in HTTP.
    Request,
    /// No connection could be made; nothing was sent on the last attempt.
    Connect,
    /// The server could not prove who it is.
    Tls,
    /// The attempt or the whole call took too long.
    Timeout,
    /// The connection broke.
    Transport,
    /// The response ended too early.
    Truncated,
    /// The response is larger than the client takes.
    ResponseTooLarge,
    /// The server asked to go elsewhere; no redirect is ever followed.
    UnexpectedRedirect,
    /// The response cannot be read.
    Response,
    /// The service refused, or failed.
    Service,
    /// What was waited for did not come: in time, or ever.
    Wait,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            details: Box::new(Details {
                kind,
                class: kind.usual_class(),
                action: None,
                region: None,
                host: None,
                code: None,
                message: message.into(),
                request_id: None,
                status: None,
                recommend: None,
                access_denied_detail: None,
                attempts: 0,
                token: None,
                may_have_been_applied: false,
                violations: Vec::new(),
                advice: Vec::new(),
                body_excerpt: None,
                waited: None,
                source: None,
            }),
        }
    }

    /// The error, with the region that the call was for.
    pub(crate) fn in_region(mut self, region: &Arc<str>) -> Self {
        self.details.region.get_or_insert_with(|| Arc::clone(region));
        self
    }

    /// The error, with what caused it.
    pub(crate) fn caused_by(mut self, source: Option<Source>) -> Self {
        self.details.source = source;
        self
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn validation(violations: Vec<Violation>) -> Self {
        let texts: Vec<_> = violations.iter().map(ToString::to_string).collect();
        let mut error = Self::new(ErrorKind::Validation, texts.join("; "));
        error.details.violations = violations;
        error
    }

    /// Where the failure happened.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.details.kind
    }

    /// What the failure means for the caller.
    ///
    /// Failures that did not come from the service have the nearest class: violations are
    /// [`InvalidParameter`](ErrorClass::InvalidParameter), a broken connection is
    /// [`Unavailable`](ErrorClass::Unavailable).
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        self.details.class
    }

    /// The service's error code, letter for letter, such as `InvalidVpcId.NotFound`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.details.code.as_deref()
    }

    /// What the code means, in the words of the document's error table; `None` if no table of the action
    /// or its service has it.
    #[must_use]
    pub fn meaning(&self) -> Option<&'static str> {
        let details = &*self.details;
        let (action, code) = (details.action.as_ref()?, details.code.as_deref()?);
        classify::meaning(action, code, details.status.unwrap_or_default())
    }

    /// What went wrong, in words: the service's own if it answered, and what later attempts met.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.details.message
    }

    /// ID of the attempt that the error is of, by which the vendor's support finds it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.details.request_id.as_deref()
    }

    /// HTTP status of the attempt that the error is of, if it was answered. An answer outlasts
    /// later attempts that could not send anything; the message tells of them.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.details.status
    }

    /// A page of the vendor about this error, if the service named one.
    #[must_use]
    pub fn recommend(&self) -> Option<&str> {
        self.details.recommend.as_deref()
    }

    /// Which permission is missing, if the service said so.
    #[must_use]
    pub fn access_denied_detail(&self) -> Option<&AccessDeniedDetail> {
        self.details.access_denied_detail.as_ref()
    }

    /// How often the request was tried; 0 if it failed before the first attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.details.attempts
    }

    /// The idempotency token of the call. The same call with this token, made again, takes up
    /// where this one ended: it never creates a second time.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.details.token.as_deref()
    }

    /// Whether the service may have done what was asked in spite of the error: on any of the
    /// attempts, whatever the last one says.
    ///
    /// Always `false` for actions that only read, for dry runs and for what was never sent. If
    /// `true`, look before asking again, or ask again with the same [`token`](Self::token).
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.details.may_have_been_applied
    }

    /// Every violation, if the parameters were refused before sending.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.details.violations
    }

    /// What the texts advise against in the parameters of a call that the service then refused, such
    /// as a bandwidth beyond what most accounts are given. It may be why, and need not be.
    #[must_use]
    pub fn advice(&self) -> &[Violation] {
        &self.details.advice
    }

    /// Wire name of the action, if the failure belongs to a call.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.details.action.as_ref().map(Called::name)
    }

    /// The region that the client is for, if the failure belongs to a call.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.details.region.as_deref()
    }

    /// The host that could not be reached, did not answer or broke off: `host[:port]`.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.details.host.as_deref()
    }

    /// Section of the document that describes the action. A raw call has none, nor has an action that no document has.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        let table = self.details.action.as_ref()?.table()?;
        Some(table.section).filter(|section| !section.is_empty())
    }

    /// Whether the failure says that what the call is about is not there, by the action's own error
    /// table: such a delete is done. A missing parent, such as the table of an entry, does not count,
    /// nor does a missing region.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let details = &*self.details;
        let (Some(action), Some(code)) = (&details.action, &details.code) else { return false };
        classify::is_gone(action, code, details.status.unwrap_or_default())
    }

    /// The answer of the call that was applied, if what failed is the wait for its effect.
    ///
    /// ```no_run
    /// # async fn run(vpc: cloudnet::vpc::Client) -> Result<(), cloudnet::Error> {
    /// use cloudnet::vpc::CreateVpc;
    ///
    /// if let Err(error) = vpc.create_vpc().send_and_wait().await {
    ///     let created = error.applied().map(|answer| answer.decode::<CreateVpc>()).transpose()?;
    ///     println!("{:?} is there, but not ready: {error}", created.and_then(|created| created.vpc_id));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn applied(&self) -> Option<&RawResponse> {
        self.details.waited.as_ref()?.applied.as_ref()
    }

    /// What was waited for, if the failure is one of a [`Waiter`](crate::Waiter): the keys of the
    /// resource and their values, such as `VpcId` and the ID that a call returned.
    #[must_use]
    pub fn waited_for(&self) -> &[(&'static str, String)] {
        self.details.waited.as_ref().map_or(&[], |waited| &waited.resource)
    }

    /// How long was waited, if the failure is one of a [`Waiter`](crate::Waiter).
    #[must_use]
    pub fn waited(&self) -> Option<Duration> {
        self.details.waited.as_ref().map(|waited| waited.elapsed)
    }

    /// The state that a [`Waiter`](crate::Waiter) saw last.
    #[must_use]
    pub fn last_state(&self) -> Option<&str> {
        self.details.waited.as_ref()?.last_state.as_deref()
    }

    /// What can be shown of a response that could not be read, at most 1 KiB: of JSON what the
    /// action's table has and calls no secret, up to the first mistake, with `…` for what is left
    /// out; of HTML the title. `None` if that is nothing.
    #[must_use]
    pub fn body_excerpt(&self) -> Option<&str> {
        self.details.body_excerpt.as_deref()
    }
}

impl ErrorKind {
    fn usual_class(self) -> ErrorClass {
        match self {
            Self::Validation => ErrorClass::InvalidParameter,
            Self::Credentials => ErrorClass::Authentication,
            Self::Connect | Self::Timeout | Self::Transport | Self::Truncated => ErrorClass::Unavailable,
            _ => ErrorClass::Unknown,
        }
    }
}

impl ErrorKind {
    /// The kind in words, such as `no connection`: a label for metrics that no later version changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validation => "invalid parameters",
            Self::Configuration => "configuration",
            Self::Credentials => "no credentials",
            Self::Request => "impossible request",
            Self::Connect => "no connection",
            Self::Tls => "TLS",
            Self::Timeout => "timeout",
            Self::Transport => "broken connection",
            Self::Truncated => "truncated response",
            Self::ResponseTooLarge => "response too large",
            Self::UnexpectedRedirect => "unexpected redirect",
            Self::Response => "unreadable response",
            Self::Service => "service error",
            Self::Wait => "waited in vain",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.details;
        match details.action.as_ref() {
            Some(Called::Described(action)) if !action.section.is_empty() => {
                write!(f, "{} (section {}) failed: ", action.name, action.section)?;
            }
            Some(called) => write!(f, "{} failed: ", called.name())?,
            None => {}
        }
        match &details.code {
            Some(code) => write!(f, "{code} ({})", details.class)?,
            None => write!(f, "{}", details.kind)?,
        }
        if !details.message.is_empty() {
            write!(f, ": {}", details.message)?;
        }
        // A service that says it in the words of its document need not be explained.
        if let Some(meaning) = self.meaning().filter(|meaning| !details.message.contains(meaning)) {
            write!(f, "; meaning: {meaning}")?;
        }
        details.write_permission(f)?;
        details.write_circumstances(f)?;
        details.write_wait(f)?;
        details.write_outcome(f)?;
        match &details.recommend {
            Some(page) => write!(f, "; see {page}"),
            None => Ok(()),
        }
    }
}

impl Details {
    /// What the service says is missing, or else what the document says that the action needs.
    fn write_permission(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needed = self.action.as_ref().and_then(|action| action.table()?.permission);
        match (&self.access_denied_detail, needed) {
            (Some(detail), _) => write!(f, "; {detail}"),
            (None, Some(permission)) if self.class == ErrorClass::Permission => {
                write!(f, "; needs the permission {permission}")
            }
            _ => Ok(()),
        }
    }

    fn write_circumstances(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for advice in &self.advice {
            write!(f, "; {advice}")?;
        }
        if let Some(status) = self.status {
            write!(f, "; HTTP {status}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(f, "; request ID {request_id}")?;
        }
        match self.attempts {
            0 => return Ok(()),
            1 => f.write_str("; 1 attempt")?,
            attempts => write!(f, "; {attempts} attempts")?,
        }
        if let Some(host) = &self.host {
            write!(f, " at {host}")?;
        }
        if let Some(region) = &self.region {
            write!(f, " in {region}")?;
        }
        Ok(())
    }

    fn write_wait(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Waited { elapsed, polls: polls @ 1.., last_state, .. }) = self.waited.as_deref() {
            if let Some(state) = last_state.as_ref().filter(|_| self.kind != ErrorKind::Wait) {
                write!(f, "; last state {state}")?;
            }
            let plural = if *polls == 1 { "" } else { "s" };
            write!(f, "; {polls} poll{plural} in {}", whole_seconds(*elapsed))?;
        }
        Ok(())
    }

    /// What may have come of the call all the same.
    fn write_outcome(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Waited { resource, applied: Some(applied), .. }) = self.waited.as_deref() {
            write!(f, "; {} was applied", applied.action.name())?;
            if resource.is_empty() {
                return Ok(());
            }
            f.write_str(": ")?;
            return write_resource(f, resource);
        }
        match (self.may_have_been_applied, &self.token) {
            (true, Some(token)) => {
                write!(f, "; may have been applied, ask again with token {token}")
            }
            (true, None) => f.write_str("; may have been applied, look before asking again"),
            (false, _) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let details = &*self.details;
        f.debug_struct("Error")
            .field("kind", &details.kind)
            .field("class", &details.class)
            .field("action", &self.action())
            .field("section", &self.section())
            .field("region", &details.region)
            .field("host", &details.host)
            .field("code", &details.code)
            .field("message", &details.message)
            .field("meaning", &self.meaning())
            .field("recommend", &details.recommend)
            .field("access_denied_detail", &details.access_denied_detail)
            .field("status", &details.status)
            .field("request_id", &details.request_id)
            .field("attempts", &details.attempts)
            .field("token", &details.token)
            .field("may_have_been_applied", &details.may_have_been_applied)
            .field("violations", &details.violations)
            .field("advice", &details.advice)
            .field("body_excerpt", &details.body_excerpt)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    /// What caused it, told without secrets. Its text stands in that of the error.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&**self.details.source.as_ref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn the_text_alone_is_enough_to_act_on() {
        let mut error = Error::new(ErrorKind::Service, "Request was denied due to user flow control.");
        error.details.class = ErrorClass::Throttled;
        error.details.action = Some((&crate::test_service::CREATE).into());
        error.details.code = Some("Throttling.User".to_owned());
        error.details.status = Some(400);
        error.details.request_id = Some("7A-1".to_owned());
        error.details.attempts = 3;
        assert_eq!(
            error.to_string(),
            "CreateThing (section 6.1) failed: Throttling.User (throttled): Request was denied \
             due to user flow control.; HTTP 400; request ID 7A-1; 3 attempts"
        );
        error.details.may_have_been_applied = true;
        error.details.token = Some("t-1".to_owned());
        assert!(error.to_string().ends_with("; may have been applied, ask again with token t-1"));
    }
}
