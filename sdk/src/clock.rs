//! Time and randomness as values that a test can replace.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::sign::append_hex;

/// Where a client takes its time from.
///
/// The default is [`SystemClock`]. Another one lets a test move time by hand.
pub trait Clock: Send + Sync + Debug {
    /// The time that requests are signed with.
    fn now(&self) -> SystemTime;
    /// A time that never goes back, for deadlines.
    fn instant(&self) -> Instant;
    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Where a client takes its randomness from: idempotency tokens, nonces and jitter.
pub trait Entropy: Send + Sync + Debug {
    /// Overwrites every byte with a random one.
    ///
    /// # Errors
    ///
    /// If there is no randomness to be had; the call then ends before anything is sent.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// The clock of the operating system, and the timer of tokio.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The random numbers of the operating system.
///
/// Nothing is kept between calls: a process that forks must not make the same tokens twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
    }
}

/// A new idempotency token: a UUID of version 4.
pub(crate) fn idempotency_token(entropy: &dyn Entropy) -> io::Result<String> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut token = String::with_capacity(36);
    let (low, rest) = bytes.split_at(4);
    append_hex(&mut token, low);
    let (groups, node) = rest.split_at(6);
    for group in groups.chunks(2).chain([node]) {
        token.push('-');
        append_hex(&mut token, group);
    }
    Ok(token)
}

/// A new signature nonce: 32 hexadecimal digits.
pub(crate) fn nonce(entropy: &dyn Entropy) -> io::Result<String> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    let mut nonce = String::with_capacity(32);
    append_hex(&mut nonce, &bytes);
    Ok(nonce)
}

/// A number that is equally likely to be any.
pub(crate) fn random_number(entropy: &dyn Entropy) -> io::Result<u64> {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// What a future gives, or `None` if the time is up first.
pub(crate) async fn within<F: Future>(clock: &dyn Clock, limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    // What is ready at once, as credentials at hand are, needs no timer.
    let mut time_is_up = None;
    std::future::poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        let time_is_up = time_is_up.get_or_insert_with(|| clock.sleep(limit));
        time_is_up.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// A smaller difference in milliseconds is the way of the message, not the clock.
pub(crate) const TOLERATED_OFFSET: u64 = 5_000;

/// A time moved by so many milliseconds.
pub(crate) fn shifted(time: SystemTime, offset: i64) -> SystemTime {
    let distance = Duration::from_millis(offset.unsigned_abs());
    let shifted = if offset < 0 { time.checked_sub(distance) } else { time.checked_add(distance) };
    shifted.unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::HashSet;

    #[derive(Debug)]
    struct Same(u8);

    impl Entropy for Same {
        fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn tokens_and_nonces_have_their_form() -> io::Result<()> {
        assert_eq!(idempotency_token(&Same(0xff))?, "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(idempotency_token(&Same(0))?, "00000000-0000-4000-8000-000000000000");
        assert_eq!(nonce(&Same(0xa5))?, "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
        Ok(())
    }

    #[test]
    fn sixty_four_threads_never_draw_the_same() -> io::Result<()> {
        let draw = || -> io::Result<Vec<String>> {
            (0..500).flat_map(|_| [idempotency_token(&OsEntropy), nonce(&OsEntropy)]).collect()
        };
        let drawn = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..64).map(|_| scope.spawn(draw)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().map_err(|_| io::Error::other("a thread panicked"))?)
                .collect::<io::Result<Vec<_>>>()
        })?;
        let distinct: HashSet<_> = drawn.iter().flatten().collect();
        assert_eq!(distinct.len(), 64 * 1_000);
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_future_is_cut_off_when_the_time_is_up() {
        let clock = SystemClock;
        let slow = tokio::time::sleep(Duration::from_secs(2));
        assert_eq!(within(&clock, Duration::from_secs(1), slow).await, None);
        let quick = async { 7 };
        assert_eq!(within(&clock, Duration::ZERO, quick).await, Some(7));
        let for_ever = std::future::pending::<()>();
        assert_eq!(within(&clock, Duration::from_secs(3), for_ever).await, None);
    }
}
