//! Time that passes only when somebody waits, or when a test says so.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, SystemTime};

use cloudnet::clock::Clock;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Virtual time, shared by all clones: by a server and the clients that call it.
#[derive(Clone, Debug)]
pub struct Time {
    started: Instant,
    elapsed_ms: Arc<AtomicU64>,
}

impl Time {
    /// 2024-03-05T06:07:08Z.
    pub const START: Duration = Duration::from_secs(1_709_618_828);

    /// Time that stands at [`START`](Self::START).
    #[must_use]
    pub fn new() -> Self {
        Self { started: Instant::now(), elapsed_ms: Arc::default() }
    }

    /// The right time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Self::START + self.elapsed()
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.elapsed_ms.fetch_add(milliseconds, Ordering::SeqCst);
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(Ordering::SeqCst))
    }
}

impl Default for Time {
    fn default() -> Self {
        Self::new()
    }
}

/// A client's clock: pauses are over at once and move the shared time, and it may be wrong.
///
/// The client also sleeps to guard an attempt that may hang. What it wants to sleep at least
/// [`patience`](Self::with_patience) for is such a guard, and passes in real time.
pub struct TestClock {
    time: Time,
    drift_s: AtomicI64,
    patience: Duration,
    pauses: Mutex<Vec<Duration>>,
    at_pause: Mutex<Option<AtPause>>,
}

type AtPause = Box<dyn FnMut() + Send>;

impl TestClock {
    /// A clock that is right, with a patience of 30 s.
    #[must_use]
    pub fn new(time: Time) -> Self {
        Self {
            time,
            drift_s: AtomicI64::new(0),
            patience: Duration::from_secs(30),
            pauses: Mutex::default(),
            at_pause: Mutex::default(),
        }
    }

    /// Sets from which length on a sleep is a guard: longer than any pause that is expected.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets how many seconds the clock is ahead.
    pub fn drift(&self, seconds: i64) {
        self.drift_s.store(seconds, Ordering::SeqCst);
    }

    /// Sets what happens in every pause.
    pub fn at_pause(&self, act: impl FnMut() + Send + 'static) {
        *lock(&self.at_pause) = Some(Box::new(act));
    }

    /// The pauses since the last time of asking.
    pub fn take_pauses(&self) -> Vec<Duration> {
        std::mem::take(&mut *lock(&self.pauses))
    }

    fn pause(&self, duration: Duration) {
        lock(&self.pauses).push(duration);
        self.time.advance(duration);
        if let Some(act) = &mut *lock(&self.at_pause) {
            act();
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        let drift = self.drift_s.load(Ordering::SeqCst);
        let distance = Duration::from_secs(drift.unsigned_abs());
        if drift < 0 { self.time.now() - distance } else { self.time.now() + distance }
    }

    fn instant(&self) -> Instant {
        self.time.started + self.time.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if duration < self.patience {
                self.pause(duration);
            } else {
                tokio::time::sleep(duration).await;
            }
        })
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClock").field("drift_s", &self.drift_s).finish_non_exhaustive()
    }
}

/// The paused time of a test, held until this is dropped.
///
/// Paused time passes whenever all tasks wait, even if it is for a socket, and then every limit
/// strikes before the answer. Held, it passes by [`pass`] alone: no limit depends on how busy the
/// machine is.
#[derive(Debug)]
pub struct HeldTime {
    /// Open as long as time is held.
    _release: mpsc::Sender<()>,
    passing: Option<AbortHandle>,
}

/// After so long in real time nothing comes any more, and limits may strike.
const HANG: Duration = Duration::from_secs(60);

impl HeldTime {
    /// Holds the time of this runtime.
    #[must_use]
    pub fn start() -> Self {
        let (release, released) = mpsc::channel::<()>();
        // While a blocking task runs, tokio leaves paused time alone.
        drop(tokio::task::spawn_blocking(move || released.recv_timeout(HANG)));
        Self { _release: release, passing: None }
    }

    /// Lets something move the time for as long as it is held.
    #[must_use]
    pub fn passing(mut self, pass: impl Future<Output = ()> + Send + 'static) -> Self {
        self.passing = Some(tokio::spawn(pass).abort_handle());
        self
    }
}

impl Drop for HeldTime {
    fn drop(&mut self) {
        if let Some(passing) = &self.passing {
            passing.abort();
        }
    }
}

/// Lets everything go on that can, and then lets paused time pass.
pub async fn pass(duration: Duration) {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    tokio::time::advance(duration).await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
