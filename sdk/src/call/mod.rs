//! One logical call: the untyped loop of attempts beneath every typed request.
//!
//! What belongs to the call is made once: the idempotency token, the encoded parameters. What
//! belongs to an attempt is made anew each time: credentials, nonce, date, signature.

mod body_scan;
pub(crate) mod cause;
pub(crate) mod classify;
pub(crate) mod extra;
mod failure;
mod fill_in;
mod output;
pub(crate) mod queue;
pub(crate) mod redact;
pub(crate) mod report;
pub(crate) mod retry;
pub(crate) mod runtime;

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::Instant;
use tracing::Instrument;

use crate::check::{self, Violation};
use crate::clock;
use crate::credentials::{Credentials, ProvideCredentials};
use crate::duration::Readable;
use crate::error::{Error, ErrorKind};
use crate::record::Record;
use crate::response::RawResponse;
use crate::schema::{Effect, ErrorClass, Protocol};
use crate::table::called::Called;
use crate::wire::encode::flatten::flatten_extra;
use crate::wire::protocol::{self, Attempt, Prepared};
use failure::{Failure, Retryability};
use fill_in::Filled;
use queue::Permit;
use redact::{Redactor, SignedIn};
use report::AttemptReport;
use retry::{Pace, Progress, RetryPolicy};
use runtime::{Options, Runtime, ValidationPolicy};

pub(crate) use extra::Extra;
pub(crate) use fill_in::{given, with_field};

/// Fills in what the caller left out, checks, and sends until there is an answer.
pub(crate) fn send<'a>(
    runtime: &'a Runtime,
    action: Called,
    input: &'a mut dyn Record,
    options: &'a Options,
) -> Pin<Box<dyn Future<Output = Result<RawResponse, Error>> + Send + 'a>> {
    Box::pin(async move {
        let action = &action;
        let span = report::call_span(action, &runtime.region);
        let mut waited = Duration::ZERO;
        let sending = send_once_checked(runtime, action, input, options, &mut waited);
        if span.is_disabled() && runtime.hooks.call.is_none() {
            return sending.await.map_err(|error| error.in_region(&runtime.region));
        }
        let start = runtime.clock.instant();
        let result = sending.instrument(span.clone()).await;
        let result = result.map_err(|error| error.in_region(&runtime.region));
        let elapsed = runtime.clock.instant().saturating_duration_since(start);
        report::tell_call(runtime, action, &span, &result, waited, elapsed);
        result
    })
}

/// Fills in what the caller left out, and checks it as [`send`] would.
pub(crate) fn check(
    runtime: &Runtime,
    action: &Called,
    input: &mut dyn Record,
    options: &Options,
) -> Result<(), Error> {
    let filled = fill_in::fill_in(runtime, action, input, options)?;
    enforce(ValidationPolicy::Deny, action, input, &filled.extra)
}

async fn send_once_checked(
    runtime: &Runtime,
    action: &Called,
    input: &mut dyn Record,
    options: &Options,
    waited: &mut Duration,
) -> Result<RawResponse, Error> {
    let Filled { token, extra } = fill_in::fill_in(runtime, action, input, options)?;
    let input = &*input;
    let policy = options.validation.unwrap_or(runtime.validation);
    enforce(policy, action, input, &extra)?;
    let deadline = options.deadline.unwrap_or(runtime.deadline);
    let has_effect = action.effect() == Effect::Write && !fill_in::is_dry_run(action, input, &extra);
    let mut call = Call {
        runtime,
        action,
        input,
        extra: &extra,
        prepared: protocol::prepare(action, input, &extra, runtime.signature),
        policy: options.retry.as_ref().unwrap_or(&runtime.retry),
        is_checked: policy != ValidationPolicy::Off,
        has_effect,
        is_repeatable: !has_effect || token.is_some(),
        token,
        deadline: runtime.clock.instant().checked_add(deadline),
    };
    let mut place = call.place_in_queue();
    if let Some(place) = &mut place
        && clock::within(&*runtime.clock, call.remaining(), place.turn()).await.is_none()
    {
        let message = "another call of this client held the resource all the time";
        return Err(call.finish(Error::new(ErrorKind::Timeout, message), 0, false));
    }
    call.run(waited).await
}

/// Refuses what breaks limits, as the policy says; what the service may accept is advice.
fn enforce(
    policy: ValidationPolicy,
    action: &Called,
    input: &dyn Record,
    extra: &[Extra],
) -> Result<(), Error> {
    refuse_names(action, extra)?;
    let Some(action) = action.table().filter(|_| policy != ValidationPolicy::Off) else { return Ok(()) };
    let violations = check::violations(action, input, extra);
    if policy == ValidationPolicy::Deny {
        refuse(action, violations).map_err(with_ways_out)?;
    } else {
        for violation in violations {
            tracing::warn!(action = action.name, %violation, "sending an invalid parameter");
        }
    }
    if tracing::enabled!(tracing::Level::WARN) {
        let advice = check::advice(action, input, extra);
        for advice in advice.iter().filter(|advice| !advice.is_outdated) {
            tracing::warn!(action = action.name, %advice, "sending what the service may refuse");
        }
    }
    Ok(())
}

/// Says how to send what only the checks of the client refuse.
fn with_ways_out(mut error: Error) -> Error {
    if let Some(Violation { path, .. }) = error.details.violations.first() {
        let one = format!("`with_extra({path:?}, …)` sends this one unchecked");
        let ways = format!("; where the service knows better, {one}, and `ValidationPolicy::Warn` all");
        error.details.message.push_str(&ways);
    }
    error
}

/// Whether the service turned the call down for what it asks, rather than for when or by whom.
fn is_refusal(error: &Error) -> bool {
    use ErrorClass::{Authentication, Busy, Internal, Throttled, Unavailable};
    let class = error.class();
    error.kind() == ErrorKind::Service
        && !matches!(class, Authentication | Busy | Internal | Throttled | Unavailable)
}

/// Whatever is checked: a parameter that the protocol has too could make another call of this one.
fn refuse_names(action: &Called, extra: &[Extra]) -> Result<(), Error> {
    let protocol = action.service().protocol;
    let of = |name: &str, rule| Violation::of_parameter(action.section(), name, rule, None);
    let reserved = extra.iter().filter(|extra| protocol::is_reserved(protocol, &extra.name));
    let reserved = reserved.map(|extra| of(&extra.name, "is set by the protocol itself"));
    let mut violations: Vec<Violation> = reserved.collect();
    if action.is_raw() {
        violations.extend(misnamed(action, extra));
    }
    refuse(action, violations)
}

/// What is wrong with the names of a raw action and its parameters, which no table gave. Two parameters with
/// one name, such as a list and its flat entries, would leave it to the service which of them counts.
fn misnamed(action: &Called, extra: &[Extra]) -> Vec<Violation> {
    let of = |name: &str, rule| Violation::of_parameter(action.section(), name, rule, None);
    let is_word = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let mut found = Vec::new();
    if action.name().is_empty() || !is_word(action.name()) {
        found.push(of("the name of the action", "must be of letters, digits and `_`, and not empty"));
    }
    if action.token().is_some_and(str::is_empty) || extra.iter().any(|extra| extra.name.is_empty()) {
        found.push(of("the name of a parameter", "must not be empty"));
    }
    if action.service().protocol == Protocol::AcsRpc {
        let mut names = HashSet::new();
        for (name, _) in flatten_extra(extra) {
            if names.contains(&name) {
                found.push(of(&name, "is given twice"));
            }
            names.insert(name);
        }
    }
    found
}

/// Fails with the violations, if there are any.
pub(crate) fn refuse(action: impl Into<Called>, violations: Vec<Violation>) -> Result<(), Error> {
    if violations.is_empty() { Ok(()) } else { Err(about(action, Error::validation(violations))) }
}

struct Call<'r> {
    runtime: &'r Runtime,
    action: &'r Called,
    input: &'r dyn Record,
    extra: &'r [Extra],
    prepared: Prepared<'r>,
    policy: &'r RetryPolicy,
    /// Whether what the texts advise against is told if the service refuses.
    is_checked: bool,
    /// Whether the call changes anything: it does not only read, and is no dry run.
    has_effect: bool,
    /// Whether sending the request twice has the effect of sending it once.
    is_repeatable: bool,
    token: Option<String>,
    /// `None` if it lies beyond all time.
    deadline: Option<Instant>,
}

/// An attempt that went well.
struct Answer {
    response: Response<Bytes>,
    request_id: Option<String>,
    signed: Signed,
}

/// What an attempt signed with; needed again to judge and to redact the answer.
struct Signed {
    credentials: Credentials,
    clock_offset: i64,
    signature: Option<SignedIn>,
}

impl<'r> Call<'r> {
    /// The queue for calls with the same values, if the client serialises them.
    fn place_in_queue(&self) -> Option<Permit<'r>> {
        let queues = self.runtime.queues.as_ref()?;
        let mut key = String::new();
        for name in self.action.serialize_by() {
            let value = fill_in::given(self.action, self.input, self.extra, name)?;
            key.push_str(&format!("{name}={value}\n"));
        }
        (!key.is_empty()).then(|| queues.enter(key))
    }

    /// Tries until there is an answer; counts how long it pauses in between.
    async fn run(&mut self, all_pauses: &mut Duration) -> Result<RawResponse, Error> {
        let mut attempts = 0;
        let mut is_ambiguous = false;
        let mut waited = Duration::ZERO;
        let mut progress = Progress::default();
        let mut answered = None;
        if self.remaining().is_zero() {
            return Err(self.finish(no_time_left(), 0, false));
        }
        loop {
            attempts += 1;
            let mut failure = match self.observed_attempt(attempts, waited).await {
                Ok(answer) => return Ok(self.succeed(answer, attempts)),
                Err(failure) => failure,
            };
            is_ambiguous |= failure.is_ambiguous;
            failure.error.details.action = Some(self.action.clone());
            failure.error.details.attempts = attempts;
            let Some(pause) = self.pause(&failure, &mut progress) else {
                let error = failure.told_after(answered, is_ambiguous);
                return Err(self.finish(error, attempts, is_ambiguous));
            };
            tracing::debug!(attempts, ?pause, error = %failure.error, "trying again");
            if failure.is_answer() {
                answered = Some(failure);
            }
            self.runtime.clock.sleep(pause).await;
            waited = pause;
            *all_pauses = all_pauses.saturating_add(pause);
        }
    }

    fn succeed(&mut self, answer: Answer, attempts: u32) -> RawResponse {
        self.runtime.bucket.refill();
        RawResponse {
            action: self.action.clone(),
            region: Arc::clone(&self.runtime.region),
            redactor: self.redactor(&answer.signed),
            response: answer.response,
            attempts,
            token: self.token.take(),
            uncleaned_request_id: answer.request_id,
            has_effect: self.has_effect,
        }
    }

    /// An attempt, with its span and for its hook.
    async fn observed_attempt(&self, number: u32, waited: Duration) -> Result<Answer, Failure> {
        let span = report::attempt_span(number, waited);
        if span.is_disabled() && self.runtime.hooks.attempt.is_none() {
            return self.attempt(number).await;
        }
        let start = self.runtime.clock.instant();
        let outcome = self.attempt(number).instrument(span.clone()).await;
        let answer = outcome.as_ref().ok();
        let error = outcome.as_ref().err().map(|failure| &failure.error);
        let request_id = answer.and_then(|answer| {
            answer.request_id.as_deref().map(|id| self.redactor(&answer.signed).message(id))
        });
        let report = AttemptReport {
            service: self.runtime.service,
            action: self.action.name(),
            table: self.action.table(),
            region: &self.runtime.region,
            number,
            waited,
            elapsed: self.runtime.clock.instant().saturating_duration_since(start),
            status: answer.map(Answer::status).or(error.and_then(Error::status)),
            request_id: request_id.as_deref().or(error.and_then(Error::request_id)),
            error,
        };
        report::tell_attempt(self.runtime, &span, &report);
        outcome
    }

    async fn attempt(&self, number: u32) -> Result<Answer, Failure> {
        let providing = self.runtime.credentials.provide();
        let credentials =
            self.within_attempt("credentials", providing).await.map_err(Failure::before_sending)?;
        let credentials = credentials.map_err(|error| {
            let told = Error::new(ErrorKind::Credentials, error.to_string());
            Failure::before_sending(told.caused_by(error.into_source()))
        })?;
        let (request, signed) = self.sign(number, credentials).map_err(Failure::before_sending)?;
        #[cfg(feature = "testing")]
        let request = crate::testing::marked(request, self.action.service(), &self.runtime.region, number);
        if self.remaining().is_zero() {
            return Err(Failure::before_sending(no_time_left()));
        }
        let sending = self.runtime.transport.send(request, self.runtime.limits);
        let host = &self.runtime.endpoint.host;
        let answer = self.within_attempt("answer", sending).await;
        let answer = answer.map_err(|error| Failure::silence(error).of_host(host))?;
        let response =
            answer.map_err(|error| Failure::of_transport(&error, &self.redactor(&signed)).of_host(host))?;
        let request_id = self.judge(&response, &signed)?;
        Ok(Answer { response, request_id, signed })
    }

    /// Waits for a part of an attempt, no longer than the attempt and the call may take.
    async fn within_attempt<F: Future>(&self, part: &str, future: F) -> Result<F::Output, Error> {
        let limit = self.runtime.limits.attempt.min(self.remaining());
        if limit.is_zero() {
            return Err(no_time_left());
        }
        clock::within(&*self.runtime.clock, limit, future).await.ok_or_else(|| {
            let message = format!("no {part} within {}", Readable(limit));
            Error::new(ErrorKind::Timeout, message)
        })
    }

    fn sign(&self, number: u32, credentials: Credentials) -> Result<(Request<Bytes>, Signed), Error> {
        let runtime = self.runtime;
        let clock_offset = runtime.clock_offset.load(Ordering::Relaxed);
        let nonce = clock::nonce(&*runtime.entropy).map_err(|error| no_randomness(&error))?;
        let attempt = Attempt {
            origin: &runtime.endpoint.origin,
            host: &runtime.endpoint.host,
            region: &runtime.endpoint.signing_region,
            credentials: &credentials,
            at: clock::shifted(runtime.clock.now(), clock_offset),
            nonce: &nonce,
            user_agent: &runtime.user_agent,
            number,
        };
        let request = protocol::sign_request(&self.prepared, &attempt)
            .map_err(|error| Error::new(ErrorKind::Request, error.to_string()))?;
        let signature = SignedIn::of(&request);
        Ok((request, Signed { credentials, clock_offset, signature }))
    }

    /// Judges an answer; the ID of the request if it is a success.
    fn judge(&self, response: &Response<Bytes>, signed: &Signed) -> Result<Option<String>, Failure> {
        let verdict = failure::judge(self.action, response, || self.redactor(signed));
        let mut failure = match verdict {
            Ok(request_id) => return Ok(request_id),
            Err(failure) => failure,
        };
        let (now, headers) = (self.runtime.clock.now(), response.headers());
        failure.hint = retry::server_hint(headers, now);
        let code = failure.error.code().unwrap_or_default();
        let is_clock_error = classify::is_clock_error(code, failure.error.message());
        let has_expired = classify::is_expired_key(code);
        if (is_clock_error || has_expired)
            && let Some(offset) = retry::clock_offset(headers, now)
        {
            self.runtime.credentials.correct_clock(offset);
            if offset.abs_diff(signed.clock_offset) > clock::TOLERATED_OFFSET {
                self.runtime.clock_offset.store(offset, Ordering::Relaxed);
                failure.retryability =
                    if is_clock_error { Retryability::Always } else { failure.retryability };
            }
        }
        if has_expired && self.runtime.credentials.reject(&signed.credentials) {
            failure.retryability = Retryability::Always;
        }
        Err(failure)
    }

    /// How long to wait before the next attempt; `None` if there must not be one.
    fn pause(&self, failure: &Failure, progress: &mut Progress) -> Option<Duration> {
        let pace = self.pace(failure)?;
        let random = clock::random_number(&*self.runtime.entropy).ok()?;
        let now = self.runtime.clock.instant();
        let pause = progress.pause(self.policy, pace, now, failure.hint, random)?;
        let useful = SHORTEST_ATTEMPT.min(self.runtime.limits.attempt);
        let fits = pause.saturating_add(useful) <= self.remaining();
        (fits && self.runtime.bucket.take(pace)).then_some(pause)
    }

    /// At which pace a failed attempt is repeated; `None` if it is not.
    fn pace(&self, failure: &Failure) -> Option<Pace> {
        let is_allowed = match failure.retryability {
            Retryability::Always => true,
            Retryability::IfRepeatable => self.is_repeatable,
            Retryability::Never => {
                let is_wanted = !failure.is_ambiguous && self.policy.is_wanted(&failure.error);
                return is_wanted.then_some(Pace::Busy);
            }
        };
        is_allowed.then(|| Pace::of(failure.error.class()))
    }

    fn remaining(&self) -> Duration {
        match self.deadline {
            Some(deadline) => deadline.saturating_duration_since(self.runtime.clock.instant()),
            None => Duration::MAX,
        }
    }

    fn redactor(&self, signed: &Signed) -> Redactor {
        let mut redactor = Redactor::default();
        redactor.learn_parameters(self.action, self.input, self.extra);
        redactor.learn_credentials(&signed.credentials);
        redactor.learn_signature(signed.signature.clone());
        redactor
    }

    fn finish(&mut self, mut error: Error, attempts: u32, is_ambiguous: bool) -> Error {
        error.details.attempts = attempts;
        error.details.may_have_been_applied = is_ambiguous && self.has_effect;
        error.details.token = self.token.take();
        if let Some(table) = self.action.table().filter(|_| self.is_checked && is_refusal(&error)) {
            error.details.advice = check::advice(table, self.input, self.extra);
        }
        about(self.action, error)
    }
}

impl Answer {
    fn status(&self) -> u16 {
        self.response.status().as_u16()
    }
}

/// An attempt that has less time than this before the deadline would hardly be answered.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(250);

/// Says which action an error is about.
pub(crate) fn about(action: impl Into<Called>, mut error: Error) -> Error {
    error.details.action = Some(action.into());
    error
}

fn no_time_left() -> Error {
    Error::new(ErrorKind::Timeout, "no time is left")
}

fn no_randomness(error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Request, format!("no random numbers: {error}"))
}
