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
pub(crate) struct Place<'q> {
    queues: &'q Queues,
    key: String,
    turn: Turn,
    /// Its turn, once it is there.
    held: Option<OwnedMutexGuard<()>>,
}

impl Queues {
    /// Takes a place in the queue of a key.
    pub(crate) fn enter(&self, key: String) -> Place<'_> {
        let turn = Arc::clone(self.turns().entry(key.clone()).or_default());
        Place { queues: self, key, turn, held: None }
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, Turn>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.turns().len()
    }
}

impl Place<'_> {
    /// Waits for the turn.
    pub(crate) async fn turn(&mut self) {
        let turn = Arc::clone(&self.turn);
        self.held = Some(turn.lock_owned().await);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.held = None;
        let mut turns = self.queues.turns();
        // The map's own and this one: nobody else can come by another while the map is locked.
        if Arc::strong_count(&self.turn) <= 2 {
            turns.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::future::Future;
    use std::pin::pin;
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
}
