//! The wire forms on their own, without a client: for tests and for tools.

pub mod sign;

pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod protocol;
pub(crate) mod timestamp;

use std::time::Duration;

use crate::schema::Protocol;
use encode::{flatten as encoding, percent};

pub use protocol::{AccessDeniedDetail, ServiceError};

/// The text as signatures and queries have it: every byte but `A-Z a-z 0-9 - _ . ~` is escaped.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::new();
    percent::append(&mut encoded, text);
    encoded
}

/// The members of a JSON object as RPC parameters: one pair per scalar, such as `Tag.1.Key`.
///
/// `null`, `[]` and `{}` give no pair; an empty string does. What is not an object has no pairs.
#[must_use]
pub fn flatten(params: &serde_json::Value) -> Vec<(String, String)> {
    let pairs = encoding::flatten_json(params);
    pairs.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// What an error answer says, whether it is JSON, XML, HTML or nothing.
#[must_use]
pub fn read_error(protocol: Protocol, headers: &http::HeaderMap, body: &[u8]) -> ServiceError {
    protocol::read_error(protocol, headers, body)
}

/// How long an answer of Alibaba Cloud asks to wait before the call is sent again.
#[must_use]
pub fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    protocol::retry_after(headers)
}
