//! Calls that were answered, by their idempotency tokens.

use std::collections::{HashMap, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
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
        let mut others = Json::Object(parameters.clone());
        others.as_object_mut()?.remove(row);
        others.sort_all_objects();
        Some(Self { token: hash(&format!("{about:?}")), parameters: hash(&others.to_string()) })
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

/// What was answered.
#[derive(Clone, Debug, PartialEq)]
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

/// The tokens of late; in a document, from the oldest on and by their hashes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(into = "Vec<Stored>", try_from = "Vec<Stored>")]
pub(crate) struct Tokens {
    answered: HashMap<Hash, Answered>,
    /// From the oldest on.
    order: VecDeque<Hash>,
}

/// Then the oldest are forgotten, as the service forgets them after some time.
const MOST: usize = 20_000;

impl Tokens {
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(crate) fn answered(&self, used: &Used) -> Option<&Answered> {
        self.answered.get(&used.token)
    }

    pub(crate) fn add(&mut self, used: Used, body: Map<String, Json>, request_id: String) {
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.answered.remove(&oldest);
        }
        self.order.push_back(used.token);
        self.answered.insert(used.token, Answered { parameters: used.parameters, body, request_id });
    }
}

/// A token as it lies in a document: nothing of it can be told from its hash.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    token: String,
    parameters: String,
    request_id: String,
    body: Map<String, Json>,
}

impl From<Tokens> for Vec<Stored> {
    fn from(mut tokens: Tokens) -> Self {
        let stored = |token: &Hash| {
            let Answered { parameters, body, request_id } = tokens.answered.remove(token)?;
            let (token, parameters) = (STANDARD.encode(token), STANDARD.encode(parameters));
            Some(Stored { token, parameters, request_id, body })
        };
        tokens.order.iter().filter_map(stored).collect()
    }
}

impl TryFrom<Vec<Stored>> for Tokens {
    type Error = String;

    fn try_from(stored: Vec<Stored>) -> Result<Self, String> {
        let hash = |text: &str| -> Result<Hash, String> {
            let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| "a token is not the hash of one".to_owned())
        };
        let mut tokens = Self::default();
        for Stored { token, parameters, request_id, body } in stored {
            let used = Used { token: hash(&token)?, parameters: hash(&parameters)? };
            if tokens.answered(&used).is_some() {
                return Err("a token is there twice".to_owned());
            }
            tokens.add(used, body, request_id);
        }
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_from_a_document() {
        let mut tokens = Tokens::default();
        for number in 0..3 {
            let used = Used { token: hash(&format!("t-{number}")), parameters: hash("p") };
            tokens.add(used, Map::from_iter([("VpcId".to_owned(), number.into())]), "r".to_owned());
        }
        let document = serde_json::to_value(&tokens).unwrap();
        let again: Tokens = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&again).unwrap(), document);
        assert_eq!((&again.answered, &again.order), (&tokens.answered, &tokens.order));
        let twice = Json::from_iter([document[0].clone(), document[0].clone()]);
        assert!(serde_json::from_value::<Tokens>(twice).unwrap_err().to_string().contains("twice"));
        for token in ["", "t-1", "AAAA", "%"] {
            let mut wrong = document.clone();
            wrong[0]["token"] = token.into();
            assert!(serde_json::from_value::<Tokens>(wrong).is_err(), "{token}");
        }
    }

    #[test]
    fn the_oldest_tokens_are_forgotten() {
        let mut tokens = Tokens::default();
        let used = |number: u32| Used { token: hash(&number.to_string()), parameters: Hash::default() };
        (0..25_000).for_each(|number| tokens.add(used(number), Map::new(), String::new()));
        assert_eq!((tokens.answered.len(), tokens.order.len()), (20_000, 20_000));
        assert!(tokens.answered(&used(4_999)).is_none() && tokens.answered(&used(5_000)).is_some());
    }
}
