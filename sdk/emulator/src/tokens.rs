//! Calls that were answered, by their idempotency tokens.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value as Json};

use crate::refused::Called;

/// What a token is one for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Used {
    service: &'static str,
    action: &'static str,
    region: String,
    token: String,
}

impl Used {
    /// The token among the parameters, which are then those that count.
    pub(crate) fn taken(called: Called, parameters: &mut Map<String, Json>, region: &str) -> Option<Self> {
        let row = called.action.token.as_ref()?;
        let token = parameters.remove(row)?.as_str().filter(|token| !token.is_empty())?.to_owned();
        let (service, action) = (called.service.name.as_str(), called.action.name.as_str());
        Some(Self { service, action, region: region.to_owned(), token })
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    /// All but the token.
    pub(crate) parameters: Map<String, Json>,
    pub(crate) body: Map<String, Json>,
    pub(crate) request_id: String,
}

/// The tokens of late.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    answered: HashMap<Used, Answered>,
    /// From the oldest on.
    order: VecDeque<Used>,
}

/// Then the oldest are forgotten, as the service forgets them after some time.
const MOST: usize = 20_000;

impl Tokens {
    pub(crate) fn answered(&self, used: &Used) -> Option<&Answered> {
        self.answered.get(used)
    }

    pub(crate) fn add(&mut self, used: Used, answered: Answered) {
        if self.order.len() == MOST {
            let oldest = self.order.pop_front();
            oldest.map(|oldest| self.answered.remove(&oldest));
        }
        self.order.push_back(used.clone());
        self.answered.insert(used, answered);
    }
}
