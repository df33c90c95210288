//! The machine's clock, put right by what services said.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::clock::{Clock, TOLERATED_OFFSET, shifted};

/// A clock, and how far the services' clocks are ahead of it.
#[derive(Debug)]
pub(super) struct CorrectedClock {
    clock: Arc<dyn Clock>,
    /// In milliseconds.
    offset: AtomicI64,
}

impl CorrectedClock {
    /// A clock that is believed until a service says otherwise.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, offset: AtomicI64::new(0) })
    }

    /// What the clock itself says.
    pub(super) fn uncorrected(&self) -> SystemTime {
        self.clock.now()
    }

    /// Learns how far the services' clocks are ahead, in milliseconds. Whether that is news.
    pub(super) fn correct(&self, offset: i64) -> bool {
        let is_news = offset.abs_diff(self.offset.load(Ordering::Relaxed)) > TOLERATED_OFFSET;
        if is_news {
            self.offset.store(offset, Ordering::Relaxed);
        }
        is_news
    }

    /// Believes the clock itself again.
    pub(super) fn forget(&self) {
        self.offset.store(0, Ordering::Relaxed);
    }
}

impl Clock for CorrectedClock {
    fn now(&self) -> SystemTime {
        shifted(self.clock.now(), self.offset.load(Ordering::Relaxed))
    }

    fn instant(&self) -> Instant {
        self.clock.instant()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.clock.sleep(duration)
    }
}
