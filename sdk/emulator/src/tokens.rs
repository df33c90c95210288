//! Calls that were answered, by their idempotency tokens.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::refused::Called;

/// A call with a token, which takes the same room however long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    /// Of the token, and what it is one for.
    token: Hash,
    /// Of the parameters but for the token.
    parameters: Hash,
}

type Hash = [u8; 32];

impl Used {
    /// `None` if the call has no token.
    pub(crate) fn of(called: Called, parameters: &Map<String, Json>, region: &str) -> Option<Self> {
        let row = called.action.token.as_ref()?;
        let token = parameters.get(row)?.as_str().filter(|token| !token.is_empty())?;
        let about = [&called.service.name, &called.action.name, region, token];
        let others: Vec<_> = parameters.iter().filter(|(name, _)| *name != row).collect();
        Some(Self { token: hash(&format!("{about:?}")), parameters: hash(&format!("{others:?}")) })
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    parameters: Hash,
    pub(crate) body: Map<String, Json>,
    pub(crate) request_id: String,
}

impl Answered {
    /// Whether it was the same call.
    pub(crate) fn is_for(&self, used: &Used) -> bool {
        self.parameters == used.parameters
    }
}

/// The tokens of late.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    answered: HashMap<Hash, Answered>,
    /// From the oldest on.
    order: VecDeque<Hash>,
}

/// Then the oldest are forgotten, as the service forgets them after some time.
const MOST: usize = 20_000;

impl Tokens {
    pub(crate) fn answered(&self, used: &Used) -> Option<&Answered> {
        self.answered.get(&used.token)
    }

    pub(crate) fn add(&mut self, used: Used, body: Map<String, Json>, request_id: String) {
        if self.order.len() == MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.answered.remove(&oldest);
        }
        self.order.push_back(used.token);
        self.answered.insert(used.token, Answered { parameters: used.parameters, body, request_id });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_tokens_are_forgotten() {
        let mut tokens = Tokens::default();
        let used = |number: u32| Used { token: hash(&number.to_string()), parameters: Hash::default() };
        (0..25_000).for_each(|number| tokens.add(used(number), Map::new(), String::new()));
        assert_eq!((tokens.answered.len(), tokens.order.len()), (20_000, 20_000));
        assert!(tokens.answered(&used(4_999)).is_none() && tokens.answered(&used(5_000)).is_some());
    }
}
