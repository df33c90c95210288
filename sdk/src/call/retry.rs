//! When to try again, and after how long. Pure: time and randomness come in as values.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use tokio::time::Instant;

use crate::error::Error;
use crate::schema::ErrorClass;
use crate::wire::protocol;

/// How often a call is tried, and how long it pauses in between.
///
/// | failure | tried again |
/// |---|---|
/// | a busy resource: nothing was applied | until the deadline |
/// | throttling: nothing was applied | until the deadline, as long as the brake below lets it |
/// | a service that says that it is away, a refused connection: nothing was applied | as often as [`with_max_attempts`](Self::with_max_attempts) says, within the brake |
/// | anything that leaves open whether the call was applied | the same, but only if the action just reads or carries an idempotency token |
/// | anything else | never, unless [`retry_on`](Self::retry_on) says so |
///
/// The pause before a retry is drawn evenly from zero to `base * 2^n`, at most
/// [`max_delay`](Self::with_max_delay); `n` counts the failures of its kind. A server's own hint
/// (`x-acs-retry-after`, `Retry-After`) is added, up to 5 s. A retry that would begin less than
/// a quarter of a second before the deadline of the call is not made: the failure is returned at
/// once.
///
/// All calls of a client share the brake: it holds 500 tokens, of which a retry takes 14, after
/// throttling 5, of a busy resource none, and to which a success adds 1.
///
/// ```
/// use std::time::Duration;
/// use cloudnet::RetryPolicy;
///
/// let patient = RetryPolicy::default().with_max_attempts(6);
/// let hasty = RetryPolicy::default().with_busy_deadline(Duration::from_secs(20));
/// let reconciler = RetryPolicy::default().fail_fast_on_busy();
/// let once = RetryPolicy::none();
/// # let _ = (patient, hasty, reconciler, once);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    base_delay: Duration,
    throttled_delay: Duration,
    max_delay: Duration,
    busy_deadline: Duration,
    judge: Judge,
}

impl Default for RetryPolicy {
    /// 3 attempts, pauses from 50 ms (1 s when throttled or busy) to 10 s; busy resources and
    /// throttling are waited out until the deadline of the call.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(50),
            throttled_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(10),
            busy_deadline: Duration::MAX,
            judge: Judge(None),
        }
    }
}

impl RetryPolicy {
    /// One attempt, whatever it meets.
    #[must_use]
    pub fn none() -> Self {
        Self::default().with_max_attempts(1).fail_fast_on_busy()
    }

    /// Sets the number of attempts, the first included; those that met a busy resource or
    /// throttling do not count. 0 counts as 1.
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

    /// Sets how long a call is repeated at most because a resource is busy or the service
    /// throttles, counted from the first such answer. The deadline of the call holds as well.
    #[must_use]
    pub fn with_busy_deadline(mut self, busy_deadline: Duration) -> Self {
        self.busy_deadline = busy_deadline;
        self
    }

    /// Returns the error of a busy resource, and of throttling, at once: for programs that ask
    /// again on their own.
    #[must_use]
    pub fn fail_fast_on_busy(self) -> Self {
        self.with_busy_deadline(Duration::ZERO)
    }

    /// The policy, not repeating for busy resources and throttling longer than this.
    pub(crate) fn busy_at_most(self, limit: Duration) -> Self {
        let busy_deadline = self.busy_deadline.min(limit);
        self.with_busy_deadline(busy_deadline)
    }

    /// Sets which further errors are tried again, such as a code of a passing state that no
    /// table has. The call is then repeated as for a busy resource: until the deadline, and not
    /// at all with [`none`](Self::none) or [`fail_fast_on_busy`](Self::fail_fast_on_busy).
    ///
    /// The predicate sees only errors that would end the call and say that nothing was applied.
    /// It is not asked about a write without idempotency token that may have been applied, which
    /// nothing makes safe to repeat, nor about a dry run that passed.
    ///
    /// ```
    /// use cloudnet::RetryPolicy;
    ///
    /// let policy = RetryPolicy::default()
    ///     .retry_on(|error| error.code() == Some("OperationUnsupported.EipNatBWPCheck"));
    /// # let _ = policy;
    /// ```
    #[must_use]
    pub fn retry_on(mut self, predicate: impl Fn(&Error) -> bool + Send + Sync + 'static) -> Self {
        self.judge = Judge(Some(Arc::new(predicate)));
        self
    }

    /// Whether the caller wants an error to be tried again that would end the call.
    pub(crate) fn is_wanted(&self, error: &Error) -> bool {
        let Judge(judge) = &self.judge;
        error.class() != ErrorClass::DryRunPassed && judge.as_ref().is_some_and(|judge| judge(error))
    }

    fn longest(&self, pace: Pace, failures: u32) -> Duration {
        let base = match pace {
            Pace::Quick => self.base_delay,
            Pace::Throttled | Pace::Busy => self.throttled_delay,
        };
        let doublings = failures.saturating_sub(1);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        base.saturating_mul(factor).min(self.max_delay)
    }

    /// The pause after so many failures of a pace.
    fn delay(&self, pace: Pace, failures: u32, hint: Option<Duration>, random: u64) -> Duration {
        let drawn = fraction(self.longest(pace, failures), random);
        drawn.saturating_add(hint.unwrap_or_default().min(LONGEST_HINT))
    }
}

/// A caller's verdict on errors.
#[derive(Clone)]
struct Judge(Option<Arc<Predicate>>);

type Predicate = dyn Fn(&Error) -> bool + Send + Sync;

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Judge" } else { "none" })
    }
}

/// Two are equal if they are one.
impl PartialEq for Judge {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(other)),
            _ => false,
        }
    }
}

impl Eq for Judge {}

/// The failures of one call so far.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Those that count towards the number of attempts.
    quick: u32,
    /// Those that do not.
    slow: u32,
    /// When the first of the slow ones was.
    slow_since: Option<Instant>,
}

impl Progress {
    /// Counts a failure, and says how long to pause before the next attempt; `None` if the policy
    /// allows none.
    pub(crate) fn pause(
        &mut self,
        policy: &RetryPolicy,
        pace: Pace,
        now: Instant,
        hint: Option<Duration>,
        random: u64,
    ) -> Option<Duration> {
        if pace == Pace::Quick {
            self.quick += 1;
            return (self.quick < policy.max_attempts).then(|| policy.delay(pace, self.quick, hint, random));
        }
        self.slow = self.slow.saturating_add(1);
        let pause = policy.delay(pace, self.slow, hint, random);
        let elapsed = now.saturating_duration_since(*self.slow_since.get_or_insert(now));
        let is_within = elapsed.saturating_add(pause) <= policy.busy_deadline;
        (is_within && !policy.busy_deadline.is_zero()).then_some(pause)
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
    /// The service asks for fewer calls.
    Throttled,
    /// Another operation holds the resource, which says nothing about the service.
    Busy,
}

impl Pace {
    /// The pace of a class of errors.
    pub(crate) fn of(class: ErrorClass) -> Self {
        match class {
            ErrorClass::Throttled => Self::Throttled,
            ErrorClass::Busy => Self::Busy,
            _ => Self::Quick,
        }
    }

    fn cost(self) -> u32 {
        match self {
            Self::Quick => 14,
            Self::Throttled => 5,
            Self::Busy => 0,
        }
    }
}

/// The brake: when most calls fail, retries stop and only first attempts go out.
///
/// Holds 500 tokens. A retry takes 14, 5 after throttling, none of a busy resource; a success
/// puts back 1.
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
        let caps = [(Pace::Quick, [50, 100, 200, 400]), (Pace::Throttled, [1_000, 2_000, 4_000, 8_000])];
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
        assert_eq!(policy.longest(Pace::Busy, 5), Duration::from_secs(10));
        assert!(policy.delay(Pace::Busy, u32::MAX, None, u64::MAX) <= Duration::from_secs(10));
        let wild = policy.clone().with_throttled_delay(Duration::MAX).with_max_delay(Duration::MAX);
        assert!(wild.delay(Pace::Throttled, 9, Some(Duration::MAX), u64::MAX) > Duration::from_secs(1));
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
    fn busy_is_repeated_as_long_as_the_policy_says_and_others_as_often() {
        let second = Duration::from_secs(1);
        let repeats = |policy: &RetryPolicy, pace| {
            let (mut progress, start) = (Progress::default(), Instant::now());
            let pause = |number| progress.pause(policy, pace, start + second * number, None, 0);
            (0..100).map(pause).take_while(Option::is_some).count()
        };
        for (policy, quick, slow) in [
            (RetryPolicy::default(), 2, 100),
            (RetryPolicy::default().with_max_attempts(0), 0, 100),
            (RetryPolicy::default().with_busy_deadline(second * 7), 2, 8),
            (RetryPolicy::default().fail_fast_on_busy(), 2, 0),
            (RetryPolicy::none(), 0, 0),
        ] {
            let found = [Pace::Quick, Pace::Throttled, Pace::Busy].map(|pace| repeats(&policy, pace));
            assert_eq!(found, [quick, slow, slow], "{policy:?}");
        }
    }

    #[test]
    fn each_kind_of_failure_has_its_own_count() {
        let policy = RetryPolicy::default();
        let mut progress = Progress::default();
        let mut longest = |pace| {
            let pause = progress.pause(&policy, pace, Instant::now(), None, u64::MAX);
            pause.map(|pause| pause.as_micros().div_ceil(1_000))
        };
        let found = [Pace::Busy, Pace::Quick, Pace::Throttled, Pace::Quick, Pace::Busy].map(&mut longest);
        assert_eq!(found, [1_000, 50, 2_000, 100, 4_000].map(Some));
        assert_eq!(longest(Pace::Quick), None);
    }

    #[test]
    fn a_policy_equals_its_clone_and_no_other_predicate() {
        let policy = RetryPolicy::default().retry_on(|_| true);
        assert_eq!(policy, policy.clone());
        assert_ne!(policy, RetryPolicy::default().retry_on(|_| true));
        assert_ne!(policy, RetryPolicy::default());
        assert_eq!(RetryPolicy::default(), RetryPolicy::default());
        assert!(format!("{policy:?}").contains("Judge"));
    }

    #[test]
    fn the_bucket_pays_for_35_quick_or_100_throttled_retries_and_any_of_busy() {
        let takes = |pace| {
            let bucket = TokenBucket::default();
            (0..1_000).filter(|_| bucket.take(pace)).count()
        };
        assert_eq!(takes(Pace::Quick), 35);
        assert_eq!(takes(Pace::Throttled), 100);
        assert_eq!(takes(Pace::Busy), 1_000);
    }

    #[test]
    fn a_success_puts_one_token_back() {
        let bucket = TokenBucket::default();
        bucket.refill();
        assert_eq!((0..1_000).filter(|_| bucket.take(Pace::Throttled)).count(), 100);
        (0..4).for_each(|_| bucket.refill());
        assert!(!bucket.take(Pace::Throttled));
        bucket.refill();
        assert!(bucket.take(Pace::Throttled));
    }
}
