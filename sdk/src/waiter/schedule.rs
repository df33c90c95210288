//! When a wait polls next, and when it gives up. Pure: time and randomness come in as values.

use std::time::Duration;

use tokio::time::Instant;

use crate::retry;

/// The times of a wait that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    due: Instant,
    /// `None` if it lies beyond all time.
    deadline: Option<Instant>,
    /// What stops a wait whose clock stands still.
    polls_left: u64,
}

impl Schedule {
    /// The first pause is at most half of the limit: a caller in a hurry gets a poll all the same.
    pub(super) fn begin(now: Instant, first: Duration, limit: Duration) -> Self {
        let first = first.min(limit / 2);
        Self {
            due: now.checked_add(first).unwrap_or(now),
            deadline: now.checked_add(limit),
            polls_left: limit.as_secs() / 2 + 2,
        }
    }

    /// How long to pause before the next poll; `None` if there must be none.
    pub(super) fn pause(&self, now: Instant) -> Option<Duration> {
        let is_late = self.deadline.is_some_and(|deadline| self.due.max(now) > deadline);
        (!is_late && self.polls_left > 0).then(|| self.due.saturating_duration_since(now))
    }

    /// Sets the time of the poll that follows so many: 3, 6, then 10 s later, give or take a
    /// fifth.
    pub(super) fn plan(&mut self, now: Instant, polls: u32, random: u64) {
        let pause = Duration::from_secs(match polls {
            0 | 1 => 3,
            2 => 6,
            _ => 10,
        });
        let fifth = pause / 5;
        let pause = pause - fifth + retry::fraction(fifth * 2, random);
        self.due = now.checked_add(pause).unwrap_or(now);
        self.polls_left = self.polls_left.saturating_sub(1);
    }

    /// What is left until the deadline.
    pub(super) fn left(&self, now: Instant) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now))
    }
}
