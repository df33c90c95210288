//! Waiting until a call has taken effect, or a resource is in a state.

mod judge;
mod progress;
mod schedule;
mod state;
mod target;
mod walk;

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll as Polled, ready};
use std::time::Duration;

use futures_core::Stream;
use tokio::time::Instant;
use tracing::Span;

use crate::call::report::{self, WaitReport};
use crate::call::runtime::{Options, Runtime};
use crate::call::{self, Extra};
use crate::clock;
use crate::duration::Readable;
use crate::error::{Error, ErrorKind, Waited};
use crate::record::Record;
use crate::response::RawResponse;
use crate::schema::{Action, ErrorClass, Until, Wait};
use crate::table::operation::Operation;

use judge::{Progress, Seen};
use schedule::Schedule;
use target::{Target, Values};
use walk::{Observation, PollOutcome};

pub use progress::WaitProgress;
pub(crate) use progress::write_resource;
pub use state::{ResourceState, UnknownState};

pub(crate) use walk::Poll;

/// A wait for a resource: polls it until it is where it should be.
///
/// Await it for the end, or ask for what changes on the way with [`next`](Self::next); it is a
/// [`Stream`](futures_core::Stream) of that too. It comes from
/// [`Request::send_with_waiter`](crate::Request::send_with_waiter) or from a method of the client
/// such as `wait_for_vpc_available`. Nothing is sent before it is asked.
///
/// Only the row of the resource itself counts, on whatever page of the listing it is; it is gone
/// when no page has it, and the pages held still meanwhile.
///
/// The pauses between polls grow from 3 s over 6 s to 10 s, unless an
/// [interval](Self::with_interval) is set, give or take a fifth; the last poll is at the deadline,
/// and may take 2 s more. A poll that fails for a passing reason, or for want of credentials, does
/// not end the wait. A resource that is not there ends a wait for a state, but not on the first
/// three polls, nor in the first 9 s: one that was just created is not seen everywhere at once.
///
#[cfg_attr(feature = "testing", doc = "```")]
#[cfg_attr(not(feature = "testing"), doc = "```ignore")]
/// # use cloudnet::testing::{Documented, ManualClock};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), cloudnet::Error> {
/// # let service = Documented::with_clock(&ManualClock::automatic());
/// # service.on_action("DescribeVpcAttribute").json(&serde_json::json!({ "VpcId": "vpc-1", "Status": "Pending" })).times(2);
/// # let vpc = service.client::<cloudnet::vpc::Client>("cn-hangzhou")?;
/// let (created, mut waiter) = vpc.create_vpc().send_with_waiter().await?;
/// while let Some(progress) = waiter.next().await {
///     eprintln!("{}", progress?); // VpcId vpc-1: Pending (5 s, 1 poll)
/// }
/// # assert_eq!(waiter.await?.to_string(), "Available");
/// # let _ = created;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::Wait`] if the deadline is there (class [`Busy`](ErrorClass::Busy)), the resource
/// is in a state from which it will not recover ([`Precondition`](ErrorClass::Precondition)), or
/// it is gone ([`NotFound`](ErrorClass::NotFound)). Anything that the poll itself fails with for
/// good, such as a missing permission. [`Error::waited_for`], [`Error::last_state`],
/// [`Error::waited`] and [`Error::applied`] say more.
#[must_use = "a waiter does nothing until it is awaited"]
pub struct Waiter {
    runtime: Arc<Runtime>,
    poll: Poll,
    wait: &'static Wait,
    target: Result<Arc<Target>, Error>,
    unknown: UnknownState,
    limit: Limit,
    interval: Option<Duration>,
    /// The call that the wait belongs to, if it belongs to one.
    applied: Option<RawResponse>,
    schedule: Option<Schedule>,
    stage: Stage,
    /// There is none before anybody asks.
    span: Option<Span>,
    polls: u32,
    was_seen: bool,
    last_state: Option<ResourceState>,
    /// The state that [`next`](Waiter::next) told last.
    told: Option<ResourceState>,
    last_response: Option<RawResponse>,
    /// Why the last poll told nothing.
    last_failure: Option<String>,
    ended: Option<Result<ResourceState, Error>>,
}

/// What the waiter is about to do.
enum Stage {
    Idle,
    Pausing(Kept<()>),
    Polling(Kept<Result<PollOutcome, Error>>),
}

/// A future that is kept while nobody asks. The lock is never taken: it makes the waiter one that
/// threads can share.
struct Kept<T>(Mutex<Pin<Box<dyn Future<Output = T> + Send>>>);

/// When a wait gives up: so long after it began, and at a time that was set before.
#[derive(Clone, Copy)]
struct Limit {
    after: Duration,
    at: Option<Instant>,
}

/// Polls on which a resource that should be there may be missing, and how long it may be at least.
const GRACE: (u32, Duration) = (3, Duration::from_secs(9));

impl Waiter {
    /// Gives up after so long, first pause included, instead of when the request, the client, or
    /// what the documents or practice suggest says so. To be set before the waiter is asked.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.limit = Limit { after: deadline, at: None };
        self
    }

    /// Pauses so long between polls, give or take a fifth, instead of 3, 6, then 10 s; no longer
    /// before the first one; at least 0.1 s. To be set before the waiter is asked.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Sets what becomes of the wait in a state that the documents do not list for it.
    pub fn with_unknown_state(mut self, policy: UnknownState) -> Self {
        self.unknown = policy;
        self
    }

    /// The next state that is not the one before it, or the end; `None` once the wait is over.
    /// The last state, or the error, is the end of the wait. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<WaitProgress, Error>> {
        let asking = Asking(self);
        poll_fn(|context| asking.0.poll_progress(context)).await
    }

    /// What the next poll sees, be it new or not; `None` once the wait is over. The last state, or
    /// the error, is the end of the wait. Dropping the future loses nothing.
    pub async fn next_state(&mut self) -> Option<Result<ResourceState, Error>> {
        let asking = Asking(self);
        poll_fn(|context| asking.0.poll_state(context)).await
    }

    /// What is waited for: the keys of the resource and their values, such as `VpcId` and an ID.
    #[must_use]
    pub fn resource(&self) -> Vec<(&'static str, String)> {
        self.target.as_ref().map(|target| target.named()).unwrap_or_default()
    }

    /// What ends the wait well: states, `(gone)` or `(present)`.
    #[must_use]
    pub fn goal(&self) -> String {
        match (self.wait.until, &self.target) {
            (Until::Gone, _) => ResourceState::Gone.to_string(),
            (Until::Present, _) => ResourceState::Present.to_string(),
            (Until::State, Ok(target)) => target.success.join(" or "),
            (Until::State, Err(_)) => self.wait.success.join(" or "),
        }
    }

    /// How long ago the waiter was first asked.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let now = self.runtime.clock.instant();
        self.schedule.map_or(Duration::ZERO, |schedule| schedule.elapsed(now))
    }

    /// How often the resource was polled.
    #[must_use]
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// What the poll was answered with last, to be decoded as what the poll returns.
    #[must_use]
    pub fn last_response(&self) -> Option<&RawResponse> {
        self.last_response.as_ref()
    }

    pub(crate) fn of_resource<P: Operation>(
        runtime: Arc<Runtime>,
        wait: &'static Wait,
        arguments: &[(&'static str, String)],
    ) -> Self {
        Self::by_name(runtime, Poll::of::<P>(), wait, arguments)
    }

    pub(crate) fn by_name(
        runtime: Arc<Runtime>,
        poll: Poll,
        wait: &'static Wait,
        arguments: &[(&'static str, String)],
    ) -> Self {
        let target = target::resolve(wait, Values::Arguments(arguments));
        Self::new(runtime, poll, wait, target)
    }

    fn new(runtime: Arc<Runtime>, poll: Poll, wait: &'static Wait, target: Result<Target, Error>) -> Self {
        let suggested = Duration::from_secs(wait.deadline_s.into());
        Self {
            poll,
            wait,
            target: target.map(Arc::new),
            unknown: UnknownState::default(),
            limit: Limit { after: runtime.wait.deadline.unwrap_or(suggested), at: None },
            interval: runtime.wait.interval,
            runtime,
            applied: None,
            schedule: None,
            stage: Stage::Idle,
            span: None,
            polls: 0,
            was_seen: false,
            last_state: None,
            told: None,
            last_response: None,
            last_failure: None,
            ended: None,
        }
    }

    fn poll_progress(&mut self, context: &mut Context<'_>) -> Polled<Option<Result<WaitProgress, Error>>> {
        loop {
            let state = match ready!(self.poll_state(context)) {
                Some(Ok(state)) => state,
                Some(Err(error)) => return Polled::Ready(Some(Err(error))),
                None => return Polled::Ready(None),
            };
            let is_end = self.ended.is_some();
            if is_end || self.told.as_ref() != Some(&state) {
                self.told = Some(state.clone());
                let (resource, elapsed, polls) = (self.resource(), self.elapsed(), self.polls);
                return Polled::Ready(Some(Ok(WaitProgress { resource, state, elapsed, polls, is_end })));
            }
        }
    }

    fn poll_state(&mut self, context: &mut Context<'_>) -> Polled<Option<Result<ResourceState, Error>>> {
        if self.ended.is_some() {
            return Polled::Ready(None);
        }
        let span = self.span.take().unwrap_or_else(|| report::wait_span(&self.report(None)));
        self.span = Some(span.clone());
        let seen = ready!(span.in_scope(|| self.poll_step(context)));
        let end = match &seen {
            Ok((_, false)) => None,
            Ok((state, true)) => Some(Ok(state.clone())),
            Err(error) => Some(Err(error.clone())),
        };
        if let Some(end) = end {
            report::tell_wait(&self.runtime, &span, &self.report(end.as_ref().err()));
            self.ended = Some(end);
        }
        Polled::Ready(Some(seen.map(|(state, _)| state)))
    }

    /// Pauses and polls until a state is seen. `true` if it is the last.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Polled<Result<(ResourceState, bool), Error>> {
        loop {
            match &mut self.stage {
                Stage::Idle => match self.begin() {
                    Ok(stage) => self.stage = stage,
                    Err(error) => return Polled::Ready(Err(error)),
                },
                Stage::Pausing(pause) => {
                    ready!(pause.poll(context));
                    self.stage = self.begin_poll();
                }
                Stage::Polling(polling) => {
                    let outcome = ready!(polling.poll(context));
                    self.stage = Stage::Idle;
                    self.plan();
                    if let Some(seen) = self.take_in(outcome).transpose() {
                        return Polled::Ready(seen);
                    }
                }
            }
        }
    }

    /// The pause before the next poll, or the poll itself.
    fn begin(&mut self) -> Result<Stage, Error> {
        if let Err(error) = &self.target {
            return Err(self.in_context(error.clone()));
        }
        let clock = Arc::clone(&self.runtime.clock);
        let now = clock.instant();
        let (limit, interval) = (self.limit, self.interval);
        let schedule = self.schedule.get_or_insert_with(|| {
            let first = Duration::from_secs(self.wait.first_delay_s.into());
            let left = limit.at.map_or(Duration::MAX, |at| at.saturating_duration_since(now));
            Schedule::begin(now, first, limit.after.min(left), interval)
        });
        match schedule.pause(now) {
            None => Err(self.in_vain()),
            Some(Duration::ZERO) => Ok(self.begin_poll()),
            Some(pause) => Ok(Stage::Pausing(Kept::new(async move { clock.sleep(pause).await }))),
        }
    }

    fn begin_poll(&mut self) -> Stage {
        self.polls += 1;
        let (runtime, poll, wait, target) =
            (Arc::clone(&self.runtime), self.poll, self.wait, self.target.clone());
        let left = self.schedule.map_or(Duration::MAX, |schedule| schedule.left(runtime.clock.instant()));
        Stage::Polling(Kept::new(async move {
            let clock = Arc::clone(&runtime.clock);
            let limit = runtime.deadline.min(left);
            let observing = walk::observe(Arc::clone(&runtime), poll, wait, target?, limit);
            clock::within(&*clock, left, observing).await.unwrap_or_else(|| {
                let message = format!("no answer within {}", Readable(left));
                Err(call::about(poll.action, Error::new(ErrorKind::Timeout, message)))
            })
        }))
    }

    fn plan(&mut self) {
        // Without randomness the middle is as good.
        let random = clock::random_number(&*self.runtime.entropy).unwrap_or(u64::MAX / 2);
        let now = self.runtime.clock.instant();
        if let Some(schedule) = &mut self.schedule {
            schedule.plan(now, self.polls, random);
        }
    }

    /// What a poll told: a state, and whether it is the last, or nothing.
    fn take_in(
        &mut self,
        outcome: Result<PollOutcome, Error>,
    ) -> Result<Option<(ResourceState, bool)>, Error> {
        let observation = match outcome {
            Ok((observation, response)) => {
                self.last_response = response.or_else(|| self.last_response.take());
                observation
            }
            Err(error) if error.is_gone() => Observation::Absent,
            Err(error) if is_passing(&error) => {
                tracing::debug!(%error, "a poll failed, the wait goes on");
                self.last_failure = Some(format!("the last poll failed: {error}"));
                return Ok(None);
            }
            Err(error) => return Err(self.in_context(error)),
        };
        let (state, progress) = match observation {
            Observation::Seen(Seen { state, progress }) => (state, Some(progress)),
            Observation::Absent => (ResourceState::Gone, None),
            Observation::Unsure => {
                self.last_failure = Some("the pages of the last poll did not hold still".to_owned());
                return Ok(None);
            }
        };
        tracing::debug!(poll = self.poll.action.name, %state, polls = self.polls, "polled");
        self.last_failure = None;
        self.last_state = Some(state.clone());
        self.is_end(&state, progress).map(|is_end| Some((state, is_end)))
    }

    fn is_end(&mut self, state: &ResourceState, progress: Option<Progress>) -> Result<bool, Error> {
        let until = self.wait.until;
        let Some(progress) = progress else {
            return match until {
                Until::Gone => Ok(true),
                Until::Present => Ok(false),
                // A call that makes the row may take its time.
                Until::State if !self.was_seen && (self.wait.appears || self.has_grace()) => Ok(false),
                Until::State => Err(self.failed(ErrorClass::NotFound, "is gone")),
            };
        };
        self.was_seen = true;
        let states = self.wait.resource.states;
        let is_unknown = matches!(state, ResourceState::Named(name) if !states.contains(&name.as_str()));
        match progress {
            Progress::Reached => Ok(true),
            Progress::Failed => {
                let state = format!("is in state {state}, from which it will not get there");
                Err(self.failed(ErrorClass::Precondition, &state))
            }
            Progress::Underway
                if is_unknown && until != Until::Gone && self.unknown == UnknownState::Fail =>
            {
                let state = format!("is in state {state}, which the documents do not list");
                Err(self.failed(ErrorClass::Unknown, &state))
            }
            Progress::Underway => Ok(false),
        }
    }

    fn has_grace(&self) -> bool {
        let (polls, at_least) = GRACE;
        self.polls <= polls || self.elapsed() < at_least
    }

    fn report<'a>(&'a self, error: Option<&'a Error>) -> WaitReport<'a> {
        WaitReport {
            action: self.applied.as_ref().and_then(|applied| applied.action.table()),
            poll: self.poll.action,
            region: &self.runtime.region,
            host: &self.runtime.endpoint.host,
            resource: self.resource(),
            goal: self.goal(),
            last_state: self.last_state.as_ref().map(ToString::to_string),
            polls: self.polls,
            elapsed: self.elapsed(),
            error,
        }
    }

    fn in_vain(&self) -> Error {
        let after = Readable(self.schedule.map_or(Duration::ZERO, |schedule| schedule.limit()));
        let mut circumstances = match &self.last_state {
            Some(ResourceState::Gone) => format!("is still not there after {after}"),
            Some(state) => format!("is still {state} after {after}"),
            None => format!("was not seen for {after}"),
        };
        if let Some(failure) = &self.last_failure {
            circumstances.push_str(&format!("; {failure}"));
        }
        self.failed(ErrorClass::Busy, &circumstances)
    }

    fn failed(&self, class: ErrorClass, circumstances: &str) -> Error {
        let resource = self.target.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut error = Error::new(ErrorKind::Wait, format!("{resource} {circumstances}"));
        error.details.class = class;
        self.in_context(call::about(self.poll.action, error))
    }

    fn in_context(&self, mut error: Error) -> Error {
        let details = &mut *error.details;
        details.waited = Some(Box::new(Waited {
            resource: self.resource(),
            elapsed: self.elapsed(),
            polls: self.polls,
            last_state: self.last_state.as_ref().map(ToString::to_string),
            applied: self.applied.clone(),
        }));
        if let Some(applied) = &self.applied {
            details.may_have_been_applied = true;
            details.token.clone_from(&applied.token);
        }
        error.in_region(&self.runtime.region)
    }
}

/// A call whose effect is waited for: what is known before it is sent.
pub(crate) struct PendingWaiter {
    runtime: Arc<Runtime>,
    poll: Poll,
    wait: &'static Wait,
    action: &'static Action,
    /// What the request sets: `None` if it leaves it to the client, or to what is suggested.
    limit: Option<Limit>,
    interval: Option<Duration>,
}

impl PendingWaiter {
    /// Refuses a call that cannot be waited for before it is sent: nothing says when it has taken
    /// effect, or it does not name the resource.
    pub(crate) fn of(
        runtime: &Arc<Runtime>,
        action: &'static Action,
        poll: Poll,
        input: &dyn Record,
        options: &Options,
    ) -> Result<Self, Error> {
        let wait = action.wait.as_ref().ok_or_else(|| not_awaited(action))?;
        target::check_named(wait, Values::Call { action, input, extra: &options.extra, output: None })?;
        let at = options.deadline.and_then(|limit| runtime.clock.instant().checked_add(limit));
        let after = options.wait.deadline.or(at.map(|_| Duration::MAX));
        let limit = after.map(|after| Limit { after, at });
        let interval = options.wait.interval;
        Ok(Self { runtime: Arc::clone(runtime), poll, wait, action, limit, interval })
    }

    /// The wait for the effect of the call that was answered so.
    pub(crate) fn of_answer(
        self,
        input: &dyn Record,
        extra: &[Extra],
        output: &dyn Record,
        answer: RawResponse,
    ) -> Waiter {
        let values = Values::Call { action: self.action, input, extra, output: Some(output) };
        let target = target::resolve(self.wait, values);
        let mut waiter = Waiter::new(self.runtime, self.poll, self.wait, target);
        waiter.applied = Some(answer);
        waiter.limit = self.limit.unwrap_or(waiter.limit);
        waiter.interval = self.interval.or(waiter.interval);
        waiter
    }

    /// A wait that is over, if the call failed because what it should make go is gone.
    pub(crate) fn of_failure(self, error: Error) -> Result<Waiter, Error> {
        if self.wait.until != Until::Gone || !error.is_gone() {
            return Err(error);
        }
        let mut waiter = Waiter::new(self.runtime, self.poll, self.wait, Err(error));
        waiter.ended = Some(Ok(ResourceState::Gone));
        Ok(waiter)
    }
}

impl IntoFuture for Waiter {
    type Output = Result<ResourceState, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            loop {
                if let Some(end) = self.ended.take() {
                    return end;
                }
                // What it saw is in `ended` if it was the last.
                drop(self.next_state().await);
            }
        })
    }
}

impl Stream for Waiter {
    type Item = Result<WaitProgress, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled<Option<Self::Item>> {
        self.get_mut().poll_progress(context)
    }
}

/// A waiter as long as somebody asks it. A pause is begun anew by whoever asks next, who may be of
/// another runtime; a poll that is on its way is kept.
struct Asking<'a>(&'a mut Waiter);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Stage::Pausing(_) = self.0.stage {
            self.0.stage = Stage::Idle;
        }
    }
}

impl<T> Kept<T> {
    fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(future)))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Polled<T> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("poll", &self.poll.action.name)
            .field("polls", &self.polls)
            .field("last_state", &self.last_state)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

pub(crate) fn not_awaited(action: &'static Action) -> Error {
    call::about(action, Error::configuration("nothing says when the action has taken effect"))
}

/// Whether a failed poll says nothing about the resource.
fn is_passing(error: &Error) -> bool {
    use ErrorClass::{Busy, Internal, Throttled, Unavailable};
    let is_wait = error.kind() == ErrorKind::Wait;
    let lacks_credentials = error.kind() == ErrorKind::Credentials;
    !is_wait && (lacks_credentials || matches!(error.class(), Busy | Internal | Throttled | Unavailable))
}
