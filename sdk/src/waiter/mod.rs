//! Waiting until a call has taken effect, or a resource is in a state.

mod address;
mod judge;
mod schedule;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::call::{self, Options, Runtime};
use crate::classify;
use crate::clock;
use crate::error::{Error, ErrorKind, Waited};
use crate::operation::{Awaited, Operation};
use crate::record::Record;
use crate::response::RawResponse;
use crate::schema::{Action, ErrorClass, Until, Wait};

use address::{Addressed, Sources};
use schedule::Schedule;

/// What a poll saw.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResourceState {
    /// It is there, in the state that the service names, letter for letter.
    Named(String),
    /// It is there; a state is not looked at.
    Present,
    /// It is not there.
    Gone,
}

impl fmt::Display for ResourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named(state) if state.is_empty() => "(no state)",
            Self::Named(state) => state,
            Self::Present => "(present)",
            Self::Gone => "(gone)",
        })
    }
}

/// What becomes of a wait when the resource is in a state that the documents do not list for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownState {
    /// The wait goes on.
    #[default]
    KeepWaiting,
    /// The wait ends with an error.
    Fail,
}

/// A wait for a resource: polls it until it is where it should be.
///
/// Await it for the end, or ask for each state on the way with [`next_state`](Self::next_state).
/// It comes from [`Request::send_with_waiter`](crate::Request::send_with_waiter) or from a method
/// of the client such as `wait_for_vpc_available`. Nothing is sent before it is asked.
///
/// The pauses between polls grow from 3 s over 6 s to 10 s, give or take a fifth. A poll that
/// fails for a passing reason is repeated like any call, and does not end the wait. A resource
/// that is not there ends a wait for a state, but not on the first three polls: one that was
/// just created is not seen everywhere at once.
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
    poll: &'static Action,
    new_input: fn() -> Box<dyn Record>,
    new_output: fn() -> Box<dyn Record>,
    wait: &'static Wait,
    addressed: Result<Addressed, Error>,
    unknown: UnknownState,
    limit: Duration,
    /// The token of the call that the wait belongs to; `None` if it belongs to none.
    call: Option<Option<String>>,
    schedule: Option<Schedule>,
    polls: u32,
    was_seen: bool,
    last_state: Option<ResourceState>,
    last_response: Option<RawResponse>,
    last_failure: Option<Error>,
    ended: Option<Result<ResourceState, Error>>,
}

/// Polls on which a resource that should be there may be missing.
const GRACE: u32 = 3;

impl Waiter {
    /// Gives up after so long, first pause included, instead of after what the documents or
    /// practice suggest.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.limit = deadline;
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
        let addressed = address::resolve(wait, &Sources::Arguments(arguments));
        Self::new::<P>(runtime, wait, addressed, None)
    }

    /// The wait for the effect of a call.
    pub(crate) fn after<O: Awaited>(
        runtime: Arc<Runtime>,
        input: &O,
        extra: &[(String, String)],
        output: &O::Output,
        token: Option<String>,
    ) -> Result<Self, Error> {
        let wait = wait_of::<O>()?;
        let sources = Sources::Call { action: O::ACTION, input, extra, output };
        Ok(Self::new::<O::Poll>(runtime, wait, address::resolve(wait, &sources), Some(token)))
    }

    /// Whether a call failed because what it should make go is gone.
    pub(crate) fn is_done_by<O: Awaited>(error: &Error) -> bool {
        let waits_for_end = O::ACTION.wait.is_some_and(|wait| wait.until == Until::Gone);
        waits_for_end && means_gone(O::ACTION, error)
    }

    /// A wait that is over: the resource is gone.
    pub(crate) fn done<O: Awaited>(runtime: Arc<Runtime>) -> Self {
        let nothing = Ok(Addressed::default());
        let mut waiter = Self::new::<O::Poll>(runtime, &NOTHING, nothing, None);
        waiter.ended = Some(Ok(ResourceState::Gone));
        waiter
    }

    fn new<P: Operation>(
        runtime: Arc<Runtime>,
        wait: &'static Wait,
        addressed: Result<Addressed, Error>,
        call: Option<Option<String>>,
    ) -> Self {
        Self {
            runtime,
            poll: P::ACTION,
            new_input: || Box::new(P::default()),
            new_output: || Box::new(P::Output::default()),
            wait,
            addressed,
            unknown: UnknownState::default(),
            limit: Duration::from_secs(wait.deadline_s.into()),
            call,
            schedule: None,
            polls: 0,
            was_seen: false,
            last_state: None,
            last_response: None,
            last_failure: None,
            ended: None,
        }
    }

    /// Waits for the next poll and polls, until a state is seen. `true` if it is the last.
    async fn step(&mut self) -> Result<(ResourceState, bool), Error> {
        if let Err(error) = &self.addressed {
            return Err(self.in_context(error.clone()));
        }
        loop {
            self.pause().await?;
            self.polls += 1;
            let polled = self.ask().await;
            self.plan();
            let state = match polled {
                Ok(state) => state,
                Err(error) if is_passing(&error) => {
                    tracing::debug!(%error, "a poll failed, the wait goes on");
                    self.last_failure = Some(error);
                    continue;
                }
                Err(error) => return Err(self.in_context(error)),
            };
            tracing::debug!(poll = self.poll.name, %state, polls = self.polls, "polled");
            self.last_failure = None;
            self.last_state = Some(state.clone());
            return self.is_end(&state).map(|is_end| (state, is_end));
        }
    }

    async fn pause(&mut self) -> Result<(), Error> {
        let clock = Arc::clone(&self.runtime.clock);
        let now = clock.instant();
        let first = Duration::from_secs(self.wait.first_delay_s.into());
        let schedule = self.schedule.get_or_insert_with(|| Schedule::begin(now, first, self.limit));
        match schedule.pause(now) {
            None => Err(self.in_vain()),
            Some(Duration::ZERO) => Ok(()),
            Some(pause) => {
                clock.sleep(pause).await;
                Ok(())
            }
        }
    }

    fn plan(&mut self) {
        // Without randomness the middle is as good.
        let random = clock::random_number(&*self.runtime.entropy).unwrap_or(u64::MAX / 2);
        let now = self.runtime.clock.instant();
        if let Some(schedule) = &mut self.schedule {
            schedule.plan(now, self.polls, random);
        }
    }

    async fn ask(&mut self) -> Result<ResourceState, Error> {
        let addressed = self.addressed.clone()?;
        let mut input = (self.new_input)();
        addressed.fill(self.poll, &mut *input);
        let left = self.schedule.map_or(self.limit, |schedule| schedule.left(self.runtime.clock.instant()));
        let options = Options { deadline: Some(self.runtime.deadline.min(left)), ..Options::default() };
        let answer = match call::send(&self.runtime, self.poll, &mut *input, &options).await {
            Err(error) if means_gone(self.poll, &error) => return Ok(ResourceState::Gone),
            answer => answer?,
        };
        let mut output = (self.new_output)();
        let decoded = answer.decode_into(self.poll, &mut *output);
        self.last_response = Some(answer);
        decoded?;
        Ok(judge::state(self.wait, &addressed.rows, &self.poll.response, &*output))
    }

    fn is_end(&mut self, state: &ResourceState) -> Result<bool, Error> {
        let wait = self.wait;
        let is_one_of = |states: &[&str], state: &str| states.contains(&state);
        match (wait.until, state) {
            (Until::Gone, ResourceState::Gone) | (Until::Present, ResourceState::Present) => Ok(true),
            (Until::Present, ResourceState::Named(_)) => Ok(true),
            (Until::Present, ResourceState::Gone) => Ok(false),
            (Until::State, ResourceState::Gone) if !self.was_seen && self.polls <= GRACE => Ok(false),
            (Until::State, ResourceState::Gone) => {
                Err(self.failed(ErrorClass::NotFound, "is gone".to_owned()))
            }
            (_, ResourceState::Present) => Ok(false),
            (until, ResourceState::Named(name)) => {
                self.was_seen = true;
                if is_one_of(wait.failure, name) {
                    let state = format!("is in state {name}, from which it will not recover");
                    return Err(self.failed(ErrorClass::Precondition, state));
                }
                let is_end = until == Until::State && is_one_of(wait.success, name);
                let is_known = is_end || until == Until::Gone || is_one_of(wait.pending, name);
                if !is_known && self.unknown == UnknownState::Fail {
                    let state = format!("is in state {state}, which the documents do not list");
                    return Err(self.failed(ErrorClass::Unknown, state));
                }
                Ok(is_end)
            }
        }
    }

    fn in_vain(&self) -> Error {
        let mut circumstances = match &self.last_state {
            Some(state) => format!("is still {state} after {} s", self.limit.as_secs()),
            None => format!("was not seen for {} s", self.limit.as_secs()),
        };
        if let Some(failure) = &self.last_failure {
            circumstances.push_str(&format!("; the last poll failed: {failure}"));
        }
        self.failed(ErrorClass::Busy, circumstances)
    }

    fn failed(&self, class: ErrorClass, circumstances: String) -> Error {
        let resource = self.addressed.as_ref().map(Addressed::to_string).unwrap_or_default();
        let mut error = Error::new(ErrorKind::Wait, format!("{resource} {circumstances}"));
        error.details.class = class;
        self.in_context(call::about(self.poll, error))
    }

    fn in_context(&self, mut error: Error) -> Error {
        let details = &mut *error.details;
        details.waited = Some(Box::new(Waited {
            resource: self.addressed.as_ref().map(Addressed::named).unwrap_or_default(),
            last_state: self.last_state.as_ref().map(ToString::to_string),
        }));
        if let Some(token) = &self.call {
            details.may_have_been_applied = true;
            details.token.clone_from(token);
        }
        error
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
            .field("poll", &self.poll.name)
            .field("polls", &self.polls)
            .field("last_state", &self.last_state)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// The wait of what is gone already.
static NOTHING: Wait = Wait {
    poll: "",
    with: &[],
    field: "",
    rows: &[],
    empty: "",
    pending: &[],
    success: &[],
    failure: &[],
    until: Until::Gone,
    deadline_s: 0,
    first_delay_s: 0,
};

fn wait_of<O: Awaited>() -> Result<&'static Wait, Error> {
    O::ACTION.wait.as_ref().ok_or_else(|| {
        call::about(O::ACTION, Error::configuration("nothing says when the action has taken effect"))
    })
}

fn means_gone(action: &Action, error: &Error) -> bool {
    let status = error.status().unwrap_or_default();
    error.code().is_some_and(|code| classify::is_gone(action, code, status))
}

/// Whether a failed poll says nothing about the resource.
fn is_passing(error: &Error) -> bool {
    use ErrorClass::{Busy, Internal, Throttled, Unavailable};
    matches!(error.class(), Busy | Internal | Throttled | Unavailable)
}
