//! The clock of clients whose waits take no time.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use cloudnet::clock::Clock;
use cloudnet::testing::ManualClock;
use tokio::time::Instant;

/// What clients of an emulator in the same process tell the time by: requests are signed at the machine's
/// time, and pauses of retries and waits pass at once, in virtual time.
///
/// When all that sleeps by it has had many turns to go on and did not, virtual time jumps to where the first
/// sleep ends. So it is not for clients that wait for a socket.
#[derive(Clone, Debug)]
pub struct EmulatorClock {
    pauses: ManualClock,
}

impl EmulatorClock {
    pub(crate) fn new() -> Self {
        Self { pauses: ManualClock::automatic() }
    }

    /// Wakes what has slept so much longer.
    pub(crate) fn advance(&self, by: Duration) {
        self.pauses.advance(by);
    }

    /// Virtual time that has passed, whoever let it pass.
    #[must_use]
    pub fn passed(&self) -> Duration {
        self.pauses.passed()
    }
}

impl Clock for EmulatorClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn instant(&self) -> Instant {
        self.pauses.instant()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.pauses.sleep(duration)
    }
}
