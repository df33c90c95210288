//! What a request's signature must be: a second implementation that shares no code with the SDK.
//!
//! Straightforward on purpose. It works on what arrived, and it is held to the same vectors of the
//! official clients as the SDK is.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::message::Message;

/// `HMAC-SHA1` version 1.0 over all parameters but the signature itself.
#[must_use]
pub fn rpc(method: &str, pairs: &[(String, String)], secret: &str) -> String {
    let string_to_sign = format!("{method}&%2F&{}", encode(&canonical_pairs(pairs)));
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, format!("{secret}&").as_bytes());
    STANDARD.encode(sign(&key, string_to_sign.as_bytes()))
}

/// `ACS3-HMAC-SHA256` over a message with the headers named.
#[must_use]
pub fn acs3(message: &Message, query: &[(String, String)], signed: &[&str], secret: &str) -> String {
    let canonical = canonical(message, &canonical_pairs(query), signed);
    let string_to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
    hex(&hmac_sha256(secret.as_bytes(), &string_to_sign))
}

/// `AWS4-HMAC-SHA256` over a message with the headers named; `scope` is `date/region/service`.
#[must_use]
pub fn sigv4(message: &Message, signed: &[&str], timestamp: &str, scope: &[&str], secret: &str) -> String {
    let canonical = canonical(message, message.query(), signed);
    let hash = sha256(canonical.as_bytes());
    let string_to_sign = format!("AWS4-HMAC-SHA256\n{timestamp}\n{}/aws4_request\n{hash}", scope.join("/"));
    let first = format!("AWS4{secret}").into_bytes();
    let parts = scope.iter().copied().chain(["aws4_request"]);
    let key = parts.fold(first, |key, part| hmac_sha256(&key, part));
    hex(&hmac_sha256(&key, &string_to_sign))
}

/// Lower-case hexadecimal SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// Every byte but `A-Z a-z 0-9 - _ . ~` escaped.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => write!(encoded, "%{byte:02X}").unwrap_or_default(),
        }
    }
    encoded
}

fn canonical_pairs(pairs: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort();
    let written: Vec<_> =
        sorted.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    written.join("&")
}

fn canonical(message: &Message, query: &str, signed: &[&str]) -> String {
    let mut text = format!("{}\n{}\n{query}\n", message.method, message.path());
    for name in signed {
        let mut values: Vec<&str> = message
            .headers
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.trim())
            .collect();
        values.sort_unstable();
        writeln!(text, "{name}:{}", values.join(",")).unwrap_or_default();
    }
    write!(text, "\n{}\n{}", signed.join(";"), sha256(&message.body)).unwrap_or_default();
    text
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
