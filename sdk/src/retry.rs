//! When to try again, and after how long. Pure: time and randomness come in as values.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::protocol;
use crate::schema::ErrorClass;

/// How often a call is tried, and how long it pauses in between.
///
/// The pause before attempt `n + 1` is drawn evenly from zero to `base * 2^(n - 1)`, at most
/// [`max_delay`](Self::with_max_delay). A server's own hint (`x-acs-retry-after`, `Retry-After`)
/// is added, up to 5 s. Pauses never reach beyond the deadline of the call: a failure that
/// cannot be retried in time is returned at once.
///
/// Which failures are retried depends on what can have happened. Throttled calls, busy resources
/// and services that say they are away are always tried again; failures that leave open whether
/// the call was applied only if the action just reads or carries an idempotency token.
///
/// ```
/// use std::time::Duration;
/// use cloudnet::RetryPolicy;
///
/// let patient = RetryPolicy::default().with_max_attempts(6);
/// let hasty = RetryPolicy::default().with_max_delay(Duration::from_millis(200));
/// let once = RetryPolicy::none();
/// # let _ = (patient, hasty, once);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    base_delay: Duration,
    throttled_delay: Duration,
    max_delay: Duration,
}

impl Default for RetryPolicy {
    /// 3 attempts, pauses from 50 ms (1 s when throttled or busy) to 20 s.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(50),
            throttled_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(20),
        }
    }
}

impl RetryPolicy {
    /// One attempt.
    #[must_use]
    pub fn none() -> Self {
        Self::default().with_max_attempts(1)
    }

    /// Sets the number of attempts, the first included. 0 counts as 1.
    #[must_use]
    pub fn with_max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts.max(1);
        self
    }

    /// Sets the longest first pause after failures that pass quickly.
    #[must_use]
    pub fn with_base_delay(mut self, base_delay: Duration) -> Self {
        self.base_delay = base_delay;
        self
    }

    /// Sets the longest first pause when the service throttles or a resource is busy.
    #[must_use]
    pub fn with_throttled_delay(mut self, throttled_delay: Duration) -> Self {
        self.throttled_delay = throttled_delay;
        self
    }

    /// Sets the longest pause of all.
    #[must_use]
    pub fn with_max_delay(mut self, max_delay: Duration) -> Self {
        self.max_delay = max_delay;
        self
    }

    /// Whether another attempt is allowed after so many.
    pub(crate) fn allows_after(&self, attempts: u32) -> bool {
        attempts < self.max_attempts
    }

    /// The pause after so many attempts.
    pub(crate) fn delay(&self, pace: Pace, attempts: u32, hint: Option<Duration>, random: u64) -> Duration {
        let drawn = fraction(self.longest(pace, attempts), random);
        drawn.saturating_add(hint.unwrap_or_default().min(LONGEST_HINT))
    }

    fn longest(&self, pace: Pace, attempts: u32) -> Duration {
        let base = match pace {
            Pace::Quick => self.base_delay,
            Pace::Slow => self.throttled_delay,
        };
        let doublings = attempts.saturating_sub(1);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        base.saturating_mul(factor).min(self.max_delay)
    }
}

/// How much of a server's hint is obeyed, on top of the drawn pause.
const LONGEST_HINT: Duration = Duration::from_secs(5);

/// A hint beyond this is a mistake of the server.
const SANE_HINT: Duration = Duration::from_secs(24 * 60 * 60);

/// How soon a failure of some kind passes, and how much of the bucket a retry takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// A broken connection, a failed server.
    Quick,
    /// Throttling, a busy resource.
    Slow,
}

impl Pace {
    /// The pace of a class of errors.
    pub(crate) fn of(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Throttled | ErrorClass::Busy => Self::Slow,
            _ => Self::Quick,
        }
    }

    fn cost(self) -> u32 {
        match self {
            Self::Quick => 14,
            Self::Slow => 5,
        }
    }
}

/// The brake: when most calls fail, retries stop and only first attempts go out.
///
/// Holds 500 tokens. A retry takes 14, or 5 after throttling; a success puts back 1.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    tokens: Mutex<u32>,
}

impl Default for TokenBucket {
    fn default() -> Self {
        Self { tokens: Mutex::new(Self::CAPACITY) }
    }
}

impl TokenBucket {
    const CAPACITY: u32 = 500;

    /// Pays for a retry; `false` if there is not enough.
    pub(crate) fn take(&self, pace: Pace) -> bool {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match tokens.checked_sub(pace.cost()) {
            Some(rest) => {
                *tokens = rest;
                true
            }
            None => false,
        }
    }

    /// Puts back what a success is worth.
    pub(crate) fn refill(&self) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = Self::CAPACITY.min(*tokens + 1);
    }
}

/// How long the server asks to wait, if it makes sense.
pub(crate) fn server_hint(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let hint = match protocol::retry_after(headers) {
        Some(hint) => hint,
        None => seconds_or_date(text("retry-after")?, now)?,
    };
    (hint <= SANE_HINT).then_some(hint)
}

/// How far the server's clock is ahead, in milliseconds, if the response tells.
pub(crate) fn clock_offset(headers: &HeaderMap, now: SystemTime) -> Option<i64> {
    if headers.contains_key(http::header::AGE) {
        return None;
    }
    let date = headers.get(http::header::DATE)?.to_str().ok()?;
    let date = httpdate::parse_http_date(date).ok()?;
    let offset = match date.duration_since(now) {
        Ok(ahead) => i64::try_from(ahead.as_millis()).ok()?,
        Err(behind) => -i64::try_from(behind.duration().as_millis()).ok()?,
    };
    Some(offset)
}

fn seconds_or_date(text: &str, now: SystemTime) -> Option<Duration> {
    if let Some(seconds) = whole_number(text) {
        return Some(Duration::from_secs(seconds));
    }
    // `parse_http_date` reads every byte it is given; a date is never longer than this.
    let date = httpdate::parse_http_date(text.get(..text.len().min(64))?).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `longest` times a number from 0 to 1.
pub(crate) fn fraction(longest: Duration, random: u64) -> Duration {
    let longest = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    let drawn = (u128::from(longest) * u128::from(random)) >> 64;
    Duration::from_nanos(u64::try_from(drawn).unwrap_or(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    use http::HeaderValue;

    #[test]
    fn pauses_stay_within_their_bounds_and_are_even() {
        let policy = RetryPolicy::default();
        let caps = [(Pace::Quick, [50, 100, 200, 400]), (Pace::Slow, [1_000, 2_000, 4_000, 8_000])];
        for (pace, caps) in caps {
            for (attempts, cap) in (1..).zip(caps) {
                let mut random = 0x9e37_79b9_7f4a_7c15_u64;
                let mut sum = Duration::ZERO;
                for _ in 0..10_000 {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let delay = policy.delay(pace, attempts, None, random);
                    assert!(delay <= Duration::from_millis(cap));
                    sum += delay;
                }
                let mean = sum.as_secs_f64() * 1e3 / 10_000.0;
                let expected = Duration::from_millis(cap).as_secs_f64() * 1e3 / 2.0;
                assert!((mean / expected - 1.0).abs() < 0.03, "{mean} {expected}");
            }
        }
    }

    #[test]
    fn pauses_never_overflow() {
        let policy = RetryPolicy::default();
        assert!(policy.delay(Pace::Slow, u32::MAX, None, u64::MAX) <= Duration::from_secs(20));
        let wild = policy.with_throttled_delay(Duration::MAX).with_max_delay(Duration::MAX);
        assert!(wild.delay(Pace::Slow, 9, Some(Duration::MAX), u64::MAX) > Duration::from_secs(1));
        assert_eq!(policy.delay(Pace::Quick, 0, None, 0), Duration::ZERO);
    }

    #[test]
    fn a_hint_is_added_up_to_five_seconds() {
        let policy = RetryPolicy::default();
        for (hint, random) in [(0, 0), (3, 0), (3, u64::MAX), (60, 7 << 60), (86_400, 1 << 63)] {
            let drawn = policy.delay(Pace::Quick, 2, None, random);
            let hinted = policy.delay(Pace::Quick, 2, Some(Duration::from_secs(hint)), random);
            assert_eq!(hinted, drawn + Duration::from_secs(hint.min(5)));
        }
    }

    #[test]
    fn garbage_in_a_hint_is_ignored() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 90);
        let digits = "9".repeat(10 * 1024);
        for (text, seconds) in [
            ("3", Some(3)),
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(90)),
            ("Sat, 05 Nov 1994 08:49:37 GMT", Some(0)),
            ("Fri, 06 Nov 2094 08:49:37 GMT", None),
            ("-1", None),
            ("+3", None),
            ("1.5", None),
            ("NaN", None),
            ("inf", None),
            ("", None),
            ("9999999999", None),
            ("18446744073709551616", None),
            (digits.as_str(), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert("retry-after", value);
            }
            assert_eq!(server_hint(&headers, now), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn the_vendors_hint_is_in_milliseconds_and_comes_first() {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_static("9"));
        headers.insert("x-acs-retry-after", HeaderValue::from_static("1500"));
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(server_hint(&headers, now), Some(Duration::from_millis(1_500)));
    }

    #[test]
    fn the_clock_is_read_from_a_fresh_date_only() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let offset = |date: &'static str, age: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert("date", HeaderValue::from_static(date));
            if let Some(age) = age {
                headers.insert("age", HeaderValue::from_static(age));
            }
            clock_offset(&headers, now)
        };
        assert_eq!(offset("Sun, 06 Nov 1994 09:09:37 GMT", None), Some(1_200_000));
        assert_eq!(offset("Sat, 05 Nov 1994 08:49:37 GMT", None), Some(-86_400_000));
        assert_eq!(offset("Sun, 06 Nov 1994 09:09:37 GMT", Some("3")), None);
        assert_eq!(offset("yesterday", None), None);
        assert_eq!(clock_offset(&HeaderMap::new(), now), None);
    }

    #[test]
    fn the_bucket_pays_for_35_quick_or_100_slow_retries() {
        let takes = |pace| {
            let bucket = TokenBucket::default();
            (0..1_000).filter(|_| bucket.take(pace)).count()
        };
        assert_eq!(takes(Pace::Quick), 35);
        assert_eq!(takes(Pace::Slow), 100);
    }

    #[test]
    fn a_success_puts_one_token_back() {
        let bucket = TokenBucket::default();
        bucket.refill();
        while bucket.take(Pace::Slow) {}
        (0..4).for_each(|_| bucket.refill());
        assert!(!bucket.take(Pace::Slow));
        bucket.refill();
        assert!(bucket.take(Pace::Slow));
    }
}
