//! A clock that a test moves, or that moves itself when there is nothing else to do.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::clock::Clock;

/// A clock for tests: retries and waits pass without any time passing.
///
/// [`new`](Self::new) stands still until [`advance`](Self::advance) moves it.
/// [`automatic`](Self::automatic) moves itself: when all that waits on it has had many turns to
/// go on and did not, the clock jumps to the earliest time that something sleeps for. That suits
/// tests whose work is all in the process; what waits for a real socket needs the other one.
///
/// Cheap to clone; clones are one clock.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use std::time::Duration;
/// use cloudnet::clock::Clock;
/// use cloudnet::testing::ManualClock;
///
/// let clock = ManualClock::automatic();
/// clock.sleep(Duration::from_secs(3_600)).await;
/// assert_eq!(clock.passed(), Duration::from_secs(3_600));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    is_automatic: bool,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    passed: Duration,
    /// What sleeps, by when it ends and in the order of coming.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    next: u64,
}

/// Turns that others get before an automatic clock takes it that nothing else can go on.
const PATIENCE: u32 = 64;

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl ManualClock {
    /// A clock that stands still until it is moved.
    #[must_use]
    pub fn new() -> Self {
        Self::started(false)
    }

    /// A clock that moves itself when there is nothing else to do.
    #[must_use]
    pub fn automatic() -> Self {
        Self::started(true)
    }

    fn started(is_automatic: bool) -> Self {
        Self { shared: Arc::new(Shared { is_automatic, start: Instant::now(), state: Mutex::default() }) }
    }

    /// Moves the clock, and wakes what has slept long enough.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        let passed = state.passed.saturating_add(duration);
        state.move_to(passed);
    }

    /// How long it has moved since it was made.
    #[must_use]
    pub fn passed(&self) -> Duration {
        self.state().passed
    }

    /// How many sleep on it. A test of a standing clock moves it once this is not zero.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.state().sleepers.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn move_to(&mut self, passed: Duration) {
        self.passed = self.passed.max(passed);
        let due = self.sleepers.range(..=(self.passed, u64::MAX));
        due.for_each(|(_, waker)| waker.wake_by_ref());
    }
}

impl Clock for ManualClock {
    /// 2024-03-05T06:07:08Z, and what has passed since.
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_618_828).saturating_add(self.passed())
    }

    fn instant(&self) -> Instant {
        let passed = self.passed();
        self.shared.start.checked_add(passed).unwrap_or(self.shared.start)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut state = self.state();
        state.next += 1;
        let key = (state.passed.saturating_add(duration), state.next);
        drop(state);
        Box::pin(Sleep { clock: self, key, patience: PATIENCE })
    }
}

struct Sleep<'c> {
    clock: &'c ManualClock,
    key: (Duration, u64),
    patience: u32,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (is_automatic, key) = (self.clock.shared.is_automatic, self.key);
        let mut state = self.clock.state();
        if state.passed >= key.0 {
            return Poll::Ready(());
        }
        state.sleepers.insert(key, context.waker().clone());
        if !is_automatic {
            return Poll::Pending;
        }
        let is_earliest = state.sleepers.first_key_value().is_some_and(|(first, _)| *first == key);
        if is_earliest && self.patience == 0 {
            state.move_to(key.0);
            return Poll::Ready(());
        }
        drop(state);
        if is_earliest {
            self.patience -= 1;
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        let mut state = self.clock.state();
        state.sleepers.remove(&self.key);
        // The next one may be the earliest now.
        if let Some((_, waker)) = state.sleepers.first_key_value() {
            waker.wake_by_ref();
        }
    }
}
