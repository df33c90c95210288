//! `HMAC-SHA1` version 1.0 of Alibaba Cloud's RPC style.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::canonical_query;
use super::digest::hmac_sha1;
use crate::wire::encode::percent;

/// A signature in the query, and what it was computed from.
#[derive(Clone)]
#[non_exhaustive]
pub struct SignedQuery {
    /// All signed parameters, sorted, encoded and joined.
    pub canonicalized_query: String,
    /// What the key was applied to.
    pub string_to_sign: String,
    /// Value of the parameter `Signature`, not encoded.
    pub signature: String,
}

/// Signs the parameters, those of the query and those of a form body alike.
#[must_use]
pub fn sign(method: &str, parameters: Vec<(&str, &str)>, access_key_secret: &str) -> SignedQuery {
    let canonicalized_query = canonical_query(parameters);
    // Each escape grows from three characters to five.
    let mut string_to_sign = String::with_capacity(2 * canonicalized_query.len());
    string_to_sign.push_str(method);
    string_to_sign.push_str("&%2F&");
    percent::append(&mut string_to_sign, &canonicalized_query);
    let key = [access_key_secret, "&"].concat();
    let signature = STANDARD.encode(hmac_sha1(key.as_bytes(), string_to_sign.as_bytes()));
    SignedQuery { canonicalized_query, string_to_sign, signature }
}

impl fmt::Debug for SignedQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedQuery").finish_non_exhaustive()
    }
}
