//! When a wait polls next, and when it gives up. Pure: time and randomness come in as values.

use std::time::Duration;

use tokio::time::Instant;

use crate::call::retry;

/// The times of a wait that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    began: Instant,
    limit: Duration,
    /// What was set instead of pauses that grow.
    interval: Option<Duration>,
    due: Instant,
    /// Whether the poll that is due is the one at the deadline.
    is_last: bool,
    is_over: bool,
    /// What stops a wait whose clock stands still.
    polls_left: u64,
}

/// How long the poll at the deadline may take.
const LAST_POLL: Duration = Duration::from_secs(2);

/// A shorter interval counts as this.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);

impl Schedule {
    /// The first pause is at most half of the limit, and no longer than the interval: a caller in a
    /// hurry gets a poll all the same.
    pub(super) fn begin(now: Instant, first: Duration, limit: Duration, interval: Option<Duration>) -> Self {
        let interval = interval.map(|interval| interval.max(SHORTEST_INTERVAL));
        let first = first.min(limit / 2).min(interval.unwrap_or(first));
        // No pause is shorter.
        let pause = interval.map_or(Duration::from_secs(2), |interval| interval - interval / 5);
        let most = limit.as_nanos() / pause.as_nanos().max(1) + 2;
        Self {
            began: now,
            limit,
            interval,
            due: now.checked_add(first).unwrap_or(now),
            is_last: false,
            is_over: false,
            polls_left: u64::try_from(most).unwrap_or(u64::MAX),
        }
    }

    /// How long ago it began.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    /// How long to pause before the next poll; `None` if there must be none.
    pub(super) fn pause(&self, now: Instant) -> Option<Duration> {
        let goes_on = !self.is_over && self.polls_left > 0;
        goes_on.then(|| self.due.saturating_duration_since(now))
    }

    /// Sets the time of the poll that follows so many: the interval, or 3, 6, then 10 s later, give
    /// or take a fifth, or at the deadline if that comes first.
    pub(super) fn plan(&mut self, now: Instant, polls: u32, random: u64) {
        let growing = Duration::from_secs(match polls {
            0 | 1 => 3,
            2 => 6,
            _ => 10,
        });
        let pause = self.interval.unwrap_or(growing);
        let fifth = pause / 5;
        let pause = pause - fifth + retry::fraction(fifth * 2, random);
        self.polls_left = self.polls_left.saturating_sub(1);
        let left = self.until_deadline(now);
        self.is_over = self.is_last || left.is_zero();
        self.is_last = pause >= left;
        self.due = now.checked_add(pause.min(left)).unwrap_or(now);
    }

    /// How long the next poll may take.
    pub(super) fn left(&self, now: Instant) -> Duration {
        match self.until_deadline(now) {
            left if self.is_last => left.saturating_add(LAST_POLL.min(self.limit)),
            left => left,
        }
    }

    /// After how long the wait gives up.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    fn until_deadline(&self, now: Instant) -> Duration {
        self.limit.saturating_sub(self.elapsed(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// When the polls of a wait are, in seconds from its beginning, if each takes so long.
    fn polls(first: u64, limit: u64, takes: Duration, random: u64) -> Vec<f64> {
        polls_every(None, first, limit, takes, random)
    }

    fn polls_every(
        interval: Option<Duration>,
        first: u64,
        limit: u64,
        takes: Duration,
        random: u64,
    ) -> Vec<f64> {
        let began = Instant::now();
        let mut schedule = Schedule::begin(
            began,
            SECOND * u32::try_from(first).unwrap(),
            SECOND * u32::try_from(limit).unwrap(),
            interval,
        );
        let (mut now, mut times) = (began, Vec::new());
        while let Some(pause) = schedule.pause(now) {
            now += pause;
            times.push((now - began).as_secs_f64());
            now += takes.min(schedule.left(now));
            schedule.plan(now, u32::try_from(times.len()).unwrap(), random);
        }
        times
    }

    #[test]
    fn the_last_poll_is_at_the_deadline() {
        assert_eq!(polls(5, 20, Duration::ZERO, 1 << 63), [5.0, 8.0, 14.0, 20.0]);
        assert_eq!(polls(0, 2, Duration::ZERO, 1 << 63), [0.0, 2.0]);
        // The first pause is at most half of the limit.
        assert_eq!(polls(5, 2, Duration::ZERO, 1 << 63), [1.0, 2.0]);
        // A poll that takes all that is left is the last.
        assert_eq!(polls(0, 10, SECOND * 60, 1 << 63), [0.0]);
    }

    #[test]
    fn pauses_grow_and_vary_by_a_fifth() {
        assert_eq!(polls(0, 30, Duration::ZERO, 1 << 63), [0.0, 3.0, 9.0, 19.0, 29.0, 30.0]);
        let (early, late) = (polls(0, 30, Duration::ZERO, 0), polls(0, 30, Duration::ZERO, u64::MAX));
        assert!((early[1] - 2.4).abs() < 1e-6 && (late[1] - 3.6).abs() < 1e-6, "{early:?} {late:?}");
    }

    #[test]
    fn an_interval_takes_the_place_of_pauses_that_grow() {
        let every = |interval, first, random| polls_every(Some(interval), first, 5, Duration::ZERO, random);
        assert_eq!(every(SECOND * 2, 5, 1 << 63), [2.0, 4.0, 5.0]);
        assert_eq!(every(SECOND * 2, 1, 1 << 63), [1.0, 3.0, 5.0]);
        assert_eq!(every(SECOND * 60, 5, 1 << 63), [2.5, 5.0]);
        // None is too short, and none of the polls that fit is missing.
        let (shortest, hasty) = (every(Duration::ZERO, 0, 0), every(SECOND / 10, 0, 0));
        assert_eq!(shortest.len(), hasty.len());
        assert!(shortest.len() > 60 && (shortest[1] - 0.08).abs() < 1e-6, "{shortest:?}");
    }

    #[test]
    fn the_last_poll_gets_a_moment_and_the_others_what_is_left() {
        let began = Instant::now();
        let mut schedule = Schedule::begin(began, Duration::ZERO, SECOND * 10, None);
        assert_eq!(schedule.left(began), SECOND * 10);
        schedule.plan(began + SECOND * 9, 3, 0);
        assert_eq!(schedule.pause(began + SECOND * 9), Some(SECOND));
        assert_eq!(schedule.left(began + SECOND * 10), LAST_POLL);
    }

    #[test]
    fn a_clock_that_stands_still_ends_the_wait() {
        let now = Instant::now();
        let mut schedule = Schedule::begin(now, Duration::ZERO, SECOND * 60, None);
        let mut polls = 0;
        while schedule.pause(now).is_some() {
            polls += 1;
            schedule.plan(now, polls, 0);
        }
        assert_eq!(polls, 32);
    }

    #[test]
    fn a_limit_beyond_all_time_overflows_nothing() {
        let now = Instant::now();
        for interval in [None, Some(Duration::MAX), Some(Duration::ZERO)] {
            let mut schedule = Schedule::begin(now, SECOND, Duration::MAX, interval);
            schedule.plan(now, 1, u64::MAX);
            assert!(schedule.pause(now).is_some() && schedule.left(now) > SECOND);
        }
    }
}
