//! What must not come twice.

use std::collections::{BTreeMap, HashSet};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

/// Nonces that were used, until the date that was signed with them is too old by itself.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    used: HashSet<Hash>,
    by_end: BTreeMap<SystemTime, Vec<Hash>>,
}

/// Of whoever used it, and the nonce: so that long ones take no more room than others.
type Hash = [u8; 16];

/// Then those that end first are forgotten early.
const MOST: usize = 1_000_000;

impl Nonces {
    /// Notes a nonce; `false` if it was used before.
    pub(crate) fn use_up(&mut self, who: &str, nonce: &str, until: SystemTime, now: SystemTime) -> bool {
        self.forget(now);
        let hash = hash(who, nonce);
        let is_new = self.used.insert(hash);
        if is_new {
            self.by_end.entry(until).or_default().push(hash);
        }
        is_new
    }

    fn forget(&mut self, now: SystemTime) {
        while let Some(first) = self.by_end.first_entry() {
            if *first.key() >= now && self.used.len() < MOST {
                break;
            }
            for hash in first.remove() {
                self.used.remove(&hash);
            }
        }
    }
}

fn hash(who: &str, nonce: &str) -> Hash {
    let whole = Sha256::new().chain_update(who).chain_update([0]).chain_update(nonce).finalize();
    let mut hash = Hash::default();
    hash.iter_mut().zip(whole).for_each(|(byte, whole)| *byte = whole);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn a_nonce_is_kept_for_as_long_as_it_could_come_again() {
        let mut nonces = Nonces::default();
        let at = |second| UNIX_EPOCH + Duration::from_secs(second);
        assert!(nonces.use_up("a", "n", at(10), at(0)));
        assert!(!nonces.use_up("a", "n", at(20), at(10)));
        assert!(nonces.use_up("b", "n", at(10), at(10)));
        assert!(nonces.use_up("a", "n", at(20), at(11)));
        for second in 0..5_000 {
            nonces.use_up("a", &second.to_string(), at(second + 30), at(second));
        }
        assert!(nonces.used.len() < 40 && nonces.by_end.len() < 40, "{}", nonces.used.len());
    }
}
