//! Keeps credentials until they expire, and refreshes them once for all callers.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;

use super::corrected_clock::CorrectedClock;
use super::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};
use crate::clock::{self, Clock, SystemClock};
use crate::duration::Readable;

/// Credentials are refreshed when no more than this is left of them.
const STALE: Duration = Duration::from_secs(5 * 60);

/// Nothing is signed with credentials of which less than this is left.
const LEAST: Duration = Duration::from_secs(10);

/// While old credentials still serve, refreshes begin at least this far apart.
const PAUSE: Duration = Duration::from_secs(10);

/// How long credentials are good for that do not say so: the shortest time that STS gives any for.
const UNSAID: Duration = Duration::from_secs(15 * 60);

/// Longest refresh.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// How often a caller takes part in a refresh that dies before it ends.
const ROUNDS: u32 = 3;

/// A cache around a source of credentials. Clones share it.
///
/// - Credentials that do not expire are asked for once; keys out of files and programs once more
///   every 15 minutes, and until that works the old ones serve. A token that does not say when it
///   expires does so after 15 minutes.
/// - Others are refreshed when 5 minutes or less are left of them. Until 10 seconds before they
///   expire, callers get the old ones at once and the refresh runs beside them; if it fails, the
///   old ones serve on, and the next refresh begins no sooner than 10 s after the last.
/// - Callers without usable credentials wait for the refresh. However many there are, it is one,
///   and all get what it gives; after an error the next call begins another.
/// - Credentials that a service refused as expired are refreshed before the next call gets any,
///   once. If the source gives the same again, they serve on, and refreshes run beside them as
///   above. Such forced refreshes begin at least 10 s apart, too.
/// - A refresh ends after 10 s. It does not end with the caller that began it, and a panic of the
///   source is an error.
///
/// Inside a tokio runtime, refreshes are tasks of their own; elsewhere they run in the caller
/// that began them.
///
/// ```
/// use cloudnet::{CredentialsError, ProvideCredentials, CredentialsFuture, vpc};
/// use cloudnet::credentials::CachedCredentials;
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl ProvideCredentials for Vault {
///     fn provide(&self) -> CredentialsFuture<'_> {
///         Box::pin(async { Err(CredentialsError::new("the vault is closed")) })
///     }
/// }
///
/// let credentials = CachedCredentials::new(Vault);
/// // Two clients with one cache between them.
/// let here = vpc::Client::builder().region("cn-beijing").credentials(credentials.clone()).build()?;
/// let there = vpc::Client::builder().region("eu-west-1").credentials(credentials).build()?;
/// # let _ = (here, there);
/// # Ok::<(), cloudnet::Error>(())
/// ```
#[derive(Clone)]
pub struct CachedCredentials {
    shared: Arc<Shared>,
}

impl CachedCredentials {
    /// Puts a cache around a source.
    pub fn new(source: impl ProvideCredentials + 'static) -> Self {
        Self::with_clock(source, Arc::new(SystemClock))
    }

    /// As [`new`](Self::new), with another clock.
    pub fn with_clock(source: impl ProvideCredentials + 'static, clock: Arc<dyn Clock>) -> Self {
        Self::with_limit(source, CorrectedClock::new(clock), LIMIT)
    }

    /// A cache that asks anew, now and then, for what does not say when it ends.
    pub(super) fn reading_anew(
        source: impl ProvideCredentials + 'static,
        clock: Arc<CorrectedClock>,
    ) -> Self {
        Self::with_settings(source, clock, Settings { limit: LIMIT, reads_anew: true })
    }

    /// As [`with_clock`](Self::with_clock), with another longest refresh.
    pub(super) fn with_limit(
        source: impl ProvideCredentials + 'static,
        clock: Arc<CorrectedClock>,
        limit: Duration,
    ) -> Self {
        Self::with_settings(source, clock, Settings { limit, reads_anew: false })
    }

    fn with_settings(
        source: impl ProvideCredentials + 'static,
        clock: Arc<CorrectedClock>,
        settings: Settings,
    ) -> Self {
        let state = Mutex::default();
        Self { shared: Arc::new(Shared { source: Box::new(source), clock, settings, state }) }
    }
}

impl ProvideCredentials for CachedCredentials {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.shared.provide())
    }

    fn correct_clock(&self, milliseconds_ahead: i64) {
        self.shared.clock.correct(milliseconds_ahead);
        self.shared.source.correct_clock(milliseconds_ahead);
    }

    fn reject(&self, credentials: &Credentials) -> bool {
        self.shared.reject(credentials)
    }
}

impl fmt::Debug for CachedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedCredentials").field("source", &self.shared.source).finish_non_exhaustive()
    }
}

type Outcome = Result<Credentials, CredentialsError>;

struct Shared {
    source: Box<dyn ProvideCredentials>,
    clock: Arc<CorrectedClock>,
    settings: Settings,
    state: Mutex<State>,
}

struct Settings {
    limit: Duration,
    /// Whether what does not say when it ends may change all the same.
    reads_anew: bool,
}

#[derive(Default)]
struct State {
    current: Option<Kept>,
    flight: Option<Flight>,
    flights: u64,
    /// While old credentials serve, no refresh begins before this.
    quiet_until: Option<Instant>,
    rejected: Option<Rejected>,
}

/// Credentials, and when they came.
#[derive(Clone)]
struct Kept {
    credentials: Credentials,
    since: Instant,
}

/// Credentials that a service refused last.
struct Rejected {
    credentials: Credentials,
    at: Instant,
    /// Whether they are not used before the source was asked once more.
    is_barred: bool,
}

/// A refresh that is on its way.
#[derive(Clone)]
struct Flight {
    number: u64,
    ends_at: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// What a caller does next.
enum Step {
    Use(Credentials),
    Wait(Flight),
    Refresh { lease: Lease, flight: Flight, meanwhile: Option<Credentials> },
}

impl Shared {
    async fn provide(self: &Arc<Self>) -> Outcome {
        for _ in 0..ROUNDS {
            let flight = match self.next_step() {
                Step::Use(credentials) => return Ok(credentials),
                Step::Wait(flight) => flight,
                Step::Refresh { lease, flight, meanwhile } => {
                    match Handle::try_current() {
                        Ok(runtime) => drop(runtime.spawn(lease.refresh())),
                        Err(_) => lease.refresh().await,
                    }
                    if let Some(credentials) = meanwhile {
                        return Ok(credentials);
                    }
                    flight
                }
            };
            if let Some(outcome) = self.outcome_of(flight).await {
                return outcome;
            }
        }
        Err(CredentialsError::new("the refresh of the credentials was given up"))
    }

    fn next_step(self: &Arc<Self>) -> Step {
        let (now, instant) = (self.clock.now(), self.clock.instant());
        let mut state = self.state();
        let is_barred = state.rejected.as_ref().is_some_and(|rejected| rejected.is_barred);
        let usable = state.current.clone().filter(|kept| !is_barred && left(&kept.credentials, now) >= LEAST);
        if let Some(fresh) = usable.as_ref().filter(|kept| self.is_fresh(&state, kept, now, instant)) {
            return Step::Use(fresh.credentials.clone());
        }
        let usable = usable.map(|kept| kept.credentials);
        let is_quiet = state.quiet_until.is_some_and(|end| instant < end);
        match (state.flight.clone().filter(|flight| instant < flight.ends_at), usable) {
            (Some(_), Some(credentials)) => Step::Use(credentials),
            (None, Some(credentials)) if is_quiet => Step::Use(credentials),
            (Some(flight), None) => Step::Wait(flight),
            (None, meanwhile) => self.take_off(&mut state, instant, meanwhile),
        }
    }

    /// Whether there is no reason to look for others.
    fn is_fresh(&self, state: &State, kept: &Kept, now: SystemTime, instant: Instant) -> bool {
        let Kept { credentials, since } = kept;
        let is_old = || {
            let ends_unsaid = self.settings.reads_anew && credentials.expires_at().is_none();
            ends_unsaid && instant.saturating_duration_since(*since) >= UNSAID
        };
        left(credentials, now) > STALE && !state.has_rejected(credentials) && !is_old()
    }

    fn reject(&self, credentials: &Credentials) -> bool {
        self.source.reject(credentials);
        let instant = self.clock.instant();
        let mut state = self.state();
        if state.current.as_ref().is_none_or(|kept| !kept.credentials.is_same_key(credentials)) {
            // Others came meanwhile, or will.
            return true;
        }
        if state.has_rejected(credentials) {
            return state.rejected.as_ref().is_some_and(|rejected| rejected.is_barred);
        }
        if state.rejected.as_ref().is_some_and(|last| instant.saturating_duration_since(last.at) < PAUSE) {
            return false;
        }
        state.rejected = Some(Rejected { credentials: credentials.clone(), at: instant, is_barred: true });
        true
    }

    fn take_off(self: &Arc<Self>, state: &mut State, now: Instant, meanwhile: Option<Credentials>) -> Step {
        let (sender, outcome) = watch::channel(None);
        state.flights += 1;
        let flight = Flight { number: state.flights, ends_at: now + self.settings.limit, outcome };
        state.flight = Some(flight.clone());
        state.quiet_until = Some(now + PAUSE);
        let lease = Lease { shared: Arc::clone(self), number: flight.number, outcome: sender };
        Step::Refresh { lease, flight, meanwhile }
    }

    /// What a refresh gives; `None` if it died without an outcome.
    async fn outcome_of(&self, flight: Flight) -> Option<Outcome> {
        let Flight { ends_at, mut outcome, .. } = flight;
        let arrival = async { outcome.wait_for(Option::is_some).await.ok()?.clone() };
        let left = ends_at.saturating_duration_since(self.clock.instant());
        // The refresh has the same limit, but may be stuck in a call that never returns.
        let waited = clock::within(&*self.clock, left, arrival).await;
        waited.unwrap_or_else(|| Some(Err(too_slow(self.settings.limit))))
    }

    async fn ask(&self) -> Outcome {
        let asking = catch_panic(async { self.source.provide().await });
        match clock::within(&*self.clock, self.settings.limit, asking).await {
            None => Err(too_slow(self.settings.limit)),
            Some(None) => Err(CredentialsError::new("the source of the credentials panicked")),
            Some(Some(outcome)) => outcome.and_then(|credentials| self.check(credentials)),
        }
    }

    fn check(&self, credentials: Credentials) -> Outcome {
        let credentials = match (credentials.security_token(), credentials.expires_at()) {
            (Some(_), None) => credentials.with_expiry(self.clock.now() + UNSAID),
            _ => credentials,
        };
        if left(&credentials, self.clock.now()) >= LEAST {
            return Ok(credentials);
        }
        // The clock may have been put right since its correction was learnt; else a service will say.
        if left(&credentials, self.clock.uncorrected()) >= LEAST {
            self.clock.forget();
            return Ok(credentials);
        }
        let message = "the credentials expired, or are about to; is the clock of this machine right?";
        Err(CredentialsError::new(message))
    }

    fn settle(&self, number: u64, outcome: &Outcome) {
        let since = self.clock.instant();
        let mut state = self.state();
        if state.flight.as_ref().is_none_or(|flight| flight.number != number) {
            return;
        }
        state.flight = None;
        if let Some(rejected) = &mut state.rejected {
            rejected.is_barred = false;
        }
        match outcome {
            Ok(credentials) => state.current = Some(Kept { credentials: credentials.clone(), since }),
            Err(error) => tracing::warn!(%error, "the credentials could not be refreshed"),
        }
    }

    /// Lets the next caller begin another refresh.
    fn give_up(&self, number: u64) {
        let mut state = self.state();
        if state.flight.as_ref().is_some_and(|flight| flight.number == number) {
            state.flight = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_rejected(&self, credentials: &Credentials) -> bool {
        self.rejected.as_ref().is_some_and(|rejected| rejected.credentials.is_same_key(credentials))
    }
}

/// The right to refresh. Whoever drops it before there is an outcome wakes those who wait.
struct Lease {
    shared: Arc<Shared>,
    number: u64,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Lease {
    async fn refresh(self) {
        let outcome = self.shared.ask().await;
        self.shared.settle(self.number, &outcome);
        self.outcome.send_replace(Some(outcome));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.give_up(self.number);
    }
}

/// Whether something can be signed with credentials that end then.
pub(super) fn is_usable_until(end: SystemTime, now: SystemTime) -> bool {
    end.duration_since(now).is_ok_and(|left| left >= LEAST)
}

/// How long the credentials can still be used.
fn left(credentials: &Credentials, now: SystemTime) -> Duration {
    let until = |expires_at: SystemTime| expires_at.duration_since(now).unwrap_or_default();
    credentials.expires_at().map_or(Duration::MAX, until)
}

fn too_slow(limit: Duration) -> CredentialsError {
    CredentialsError::new(format!("no answer within {}", Readable(limit)))
}

/// What a future gives, or `None` if it panics.
async fn catch_panic<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| {
        // A future that panicked is never polled again, so nobody sees what it left behind.
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}
