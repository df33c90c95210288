//! Waiting until a call has taken effect, or a resource is in a state.

mod judge;
mod schedule;
mod state;
mod target;
mod walk;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::call;
use crate::call::runtime::{Options, Runtime};
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

pub use state::{ResourceState, UnknownState};

pub(crate) use walk::Poll;

/// A wait for a resource: polls it until it is where it should be.
///
/// Await it for the end, or ask for each state on the way with [`next_state`](Self::next_state).
/// It comes from [`Request::send_with_waiter`](crate::Request::send_with_waiter) or from a method
/// of the client such as `wait_for_vpc_available`. Nothing is sent before it is asked.
///
/// Only the row of the resource itself counts, on whatever page of the listing it is; it is gone
/// when no page has it, and the pages held still meanwhile.
///
/// The pauses between polls grow from 3 s over 6 s to 10 s, give or take a fifth; the last poll is
/// at the deadline, and may take 2 s more. A poll that fails for a passing reason, or for want of
/// credentials, does not end the wait. A resource that is not there ends a wait for a state,
/// but not on the first three polls: one that was just created is not seen everywhere at once.
///
/// ```no_run
/// # async fn run(vpc: cloudnet::vpc::Client) -> Result<(), cloudnet::Error> {
/// vpc.wait_for_vpc_available("vpc-1").await?;
///
/// let mut waiter = vpc.wait_for_vpc_gone("vpc-1");
/// while let Some(state) = waiter.next_state().await {
///     println!("{}", state?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`ErrorKind::Wait`] if the deadline is there (class [`Busy`](ErrorClass::Busy)), the resource
/// is in a state from which it will not recover ([`Precondition`](ErrorClass::Precondition)), or
/// it is gone ([`NotFound`](ErrorClass::NotFound)). Anything that the poll itself fails with for
/// good, such as a missing permission. [`Error::waited_for`] and [`Error::last_state`] say more.
#[must_use = "a waiter does nothing until it is awaited"]
pub struct Waiter {
    runtime: Arc<Runtime>,
    poll: Poll,
    wait: &'static Wait,
    target: Result<Arc<Target>, Error>,
    unknown: UnknownState,
    limit: Limit,
    /// The call that the wait belongs to, if it belongs to one.
    applied: Option<RawResponse>,
    schedule: Option<Schedule>,
    /// A poll that is on its way, kept while nobody asks. The lock is never taken: it makes the
    /// waiter one that threads can share.
    polling: Option<Mutex<Polling>>,
    polls: u32,
    was_seen: bool,
    last_state: Option<ResourceState>,
    last_response: Option<RawResponse>,
    /// Why the last poll told nothing.
    last_failure: Option<String>,
    ended: Option<Result<ResourceState, Error>>,
}

type Polling = Pin<Box<dyn Future<Output = Result<PollOutcome, Error>> + Send>>;

/// When a wait gives up.
#[derive(Clone, Copy)]
enum Limit {
    /// So long after it began.
    After(Duration),
    /// At a time that was set before it began.
    At(Instant),
}

/// Polls on which a resource that should be there may be missing.
const GRACE: u32 = 3;

impl Waiter {
    /// Gives up after so long, first pause included, instead of after what the documents or
    /// practice suggest.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.limit = Limit::After(deadline);
        self
    }

    /// Sets what becomes of the wait in a state that the documents do not list for it.
    pub fn with_unknown_state(mut self, policy: UnknownState) -> Self {
        self.unknown = policy;
        self
    }

    /// The next state that is seen; `None` once the wait is over. The last state, or the error,
    /// is the end of the wait. Dropping the future loses nothing.
    pub async fn next_state(&mut self) -> Option<Result<ResourceState, Error>> {
        if self.ended.is_some() {
            return None;
        }
        let seen = self.step().await;
        match &seen {
            Ok((_, false)) => {}
            Ok((state, true)) => self.ended = Some(Ok(state.clone())),
            Err(error) => self.ended = Some(Err(error.clone())),
        }
        Some(seen.map(|(state, _)| state))
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
        Self {
            runtime,
            poll,
            wait,
            target: target.map(Arc::new),
            unknown: UnknownState::default(),
            limit: Limit::After(Duration::from_secs(wait.deadline_s.into())),
            applied: None,
            schedule: None,
            polling: None,
            polls: 0,
            was_seen: false,
            last_state: None,
            last_response: None,
            last_failure: None,
            ended: None,
        }
    }

    /// Polls until a state is seen. `true` if it is the last.
    async fn step(&mut self) -> Result<(ResourceState, bool), Error> {
        loop {
            let observation = match self.next_poll().await {
                Ok((observation, response)) => {
                    self.last_response = response.or_else(|| self.last_response.take());
                    observation
                }
                Err(error) if is_passing(&error) => {
                    tracing::debug!(%error, "a poll failed, the wait goes on");
                    self.last_failure = Some(format!("the last poll failed: {error}"));
                    continue;
                }
                Err(error) => return Err(self.in_context(error)),
            };
            let (state, progress) = match observation {
                Observation::Seen(Seen { state, progress }) => (state, Some(progress)),
                Observation::Absent => (ResourceState::Gone, None),
                Observation::Unsure => {
                    self.last_failure = Some("the pages of the last poll did not hold still".to_owned());
                    continue;
                }
            };
            tracing::debug!(poll = self.poll.action.name, %state, polls = self.polls, "polled");
            self.last_failure = None;
            self.last_state = Some(state.clone());
            return self.is_end(&state, progress).map(|is_end| (state, is_end));
        }
    }

    /// Waits for the next poll and polls. What is on its way when the future is dropped is taken
    /// up by the next one.
    async fn next_poll(&mut self) -> Result<PollOutcome, Error> {
        if self.polling.is_none() {
            let target = match &self.target {
                Ok(target) => Arc::clone(target),
                Err(error) => return Err(error.clone()),
            };
            self.pause().await?;
            self.polling = Some(Mutex::new(self.begin_poll(target)));
        }
        let Some(polling) = &mut self.polling else { return Err(self.in_vain()) };
        let outcome = polling.get_mut().unwrap_or_else(PoisonError::into_inner).await;
        self.polling = None;
        self.plan();
        match outcome {
            Err(error) if error.is_gone() => Ok((Observation::Absent, None)),
            outcome => outcome,
        }
    }

    async fn pause(&mut self) -> Result<(), Error> {
        let clock = Arc::clone(&self.runtime.clock);
        let now = clock.instant();
        let first = Duration::from_secs(self.wait.first_delay_s.into());
        let limit = match self.limit {
            Limit::After(limit) => limit,
            Limit::At(deadline) => deadline.saturating_duration_since(now),
        };
        let schedule = self.schedule.get_or_insert_with(|| Schedule::begin(now, first, limit));
        match schedule.pause(now) {
            None => Err(self.in_vain()),
            Some(Duration::ZERO) => Ok(()),
            Some(pause) => {
                clock.sleep(pause).await;
                Ok(())
            }
        }
    }

    fn begin_poll(&mut self, target: Arc<Target>) -> Polling {
        self.polls += 1;
        let (runtime, poll, wait) = (Arc::clone(&self.runtime), self.poll, self.wait);
        let left = self.schedule.map_or(Duration::MAX, |schedule| schedule.left(runtime.clock.instant()));
        Box::pin(async move {
            let clock = Arc::clone(&runtime.clock);
            let observing =
                walk::observe(Arc::clone(&runtime), poll, wait, target, runtime.deadline.min(left));
            clock::within(&*clock, left, observing).await.unwrap_or_else(|| {
                let message = format!("no answer within {}", Readable(left));
                Err(call::about(poll.action, Error::new(ErrorKind::Timeout, message)))
            })
        })
    }

    fn plan(&mut self) {
        // Without randomness the middle is as good.
        let random = clock::random_number(&*self.runtime.entropy).unwrap_or(u64::MAX / 2);
        let now = self.runtime.clock.instant();
        if let Some(schedule) = &mut self.schedule {
            schedule.plan(now, self.polls, random);
        }
    }

    fn is_end(&mut self, state: &ResourceState, progress: Option<Progress>) -> Result<bool, Error> {
        let until = self.wait.until;
        let Some(progress) = progress else {
            return match until {
                Until::Gone => Ok(true),
                Until::Present => Ok(false),
                // A call that makes the row may take its time.
                Until::State if !self.was_seen && (self.wait.appears || self.polls <= GRACE) => Ok(false),
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
            resource: self.target.as_ref().map(|target| target.named()).unwrap_or_default(),
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
    /// When the caller gives up, call and wait together, if that was set.
    deadline: Option<Instant>,
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
        let deadline = options.deadline.and_then(|limit| runtime.clock.instant().checked_add(limit));
        Ok(Self { runtime: Arc::clone(runtime), poll, wait, action, deadline })
    }

    /// The wait for the effect of the call that was answered so.
    pub(crate) fn of_answer(
        self,
        input: &dyn Record,
        extra: &[(String, String)],
        output: &dyn Record,
        answer: RawResponse,
    ) -> Waiter {
        let values = Values::Call { action: self.action, input, extra, output: Some(output) };
        let target = target::resolve(self.wait, values);
        let mut waiter = Waiter::new(self.runtime, self.poll, self.wait, target);
        waiter.applied = Some(answer);
        if let Some(deadline) = self.deadline {
            waiter.limit = Limit::At(deadline);
        }
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
