//! Calls that must not run at the same time, one after the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// Lets one call with a key in at a time. Keys without calls are not kept.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    turns: Mutex<HashMap<String, Turn>>,
}

type Turn = Arc<tokio::sync::Mutex<()>>;

/// A call in the queue of its key; it leaves when this is dropped, whether it had its turn or not.
#[derive(Debug)]
pub(crate) struct Permit<'q> {
    queues: &'q Queues,
    key: String,
    /// `None` only while it leaves.
    turn: Option<Turn>,
    /// Its turn, once it is there.
    held: Option<OwnedMutexGuard<()>>,
}

impl Queues {
    /// Takes a place in the queue of a key.
    pub(crate) fn enter(&self, key: String) -> Permit<'_> {
        let turn = Arc::clone(self.turns().entry(key.clone()).or_default());
        Permit { queues: self, key, turn: Some(turn), held: None }
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, Turn>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.turns().len()
    }
}

impl Permit<'_> {
    /// Waits for the turn.
    pub(crate) async fn turn(&mut self) {
        if let Some(turn) = self.turn.clone() {
            self.held = Some(turn.lock_owned().await);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.held = None;
        let mut turns = self.queues.turns();
        // It goes while the map is locked: of two that leave at once, the last one must count one.
        self.turn = None;
        if turns.get(&self.key).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            turns.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Waker};

    fn is_ready(future: std::pin::Pin<&mut impl Future>) -> bool {
        future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_dropped_place_lets_the_next_in_and_leaves_nothing() {
        let queues = Queues::default();
        let (mut first, mut second, mut third) =
            (queues.enter("a".into()), queues.enter("a".into()), queues.enter("a".into()));
        let mut other = queues.enter("b".into());
        assert!(is_ready(pin!(first.turn())) && is_ready(pin!(other.turn())));
        assert!(!is_ready(pin!(second.turn())));
        {
            let mut waiting = pin!(third.turn());
            assert!(!is_ready(waiting.as_mut()));
            drop(second);
            assert!(!is_ready(waiting.as_mut()));
            drop(first);
            assert!(is_ready(waiting));
        }
        assert_eq!(queues.len(), 2);
        drop((third, other));
        assert_eq!(queues.len(), 0);
    }

    #[test]
    fn places_that_are_left_at_once_leave_nothing() {
        const ROUNDS: usize = 20_000;
        let queues = Queues::default();
        let turnstile = Turnstile::default();
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for round in 0..ROUNDS {
                        let place = queues.enter(round.to_string());
                        turnstile.pass();
                        drop(place);
                    }
                });
            }
        });
        assert_eq!(queues.len(), 0);
    }

    const THREADS: usize = 2;

    /// Lets two threads through at the same moment, which a barrier that sleeps does not.
    #[derive(Default)]
    struct Turnstile(AtomicUsize);

    impl Turnstile {
        fn pass(&self) {
            let round = self.0.fetch_add(1, Ordering::SeqCst) / THREADS;
            while self.0.load(Ordering::SeqCst) < (round + 1) * THREADS {
                std::thread::yield_now();
            }
        }
    }
}
