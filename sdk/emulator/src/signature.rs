//! What a request's signature must be.
//!
//! It shares no code with the SDK, works on what arrived, and is held to the same vectors of the official
//! clients as the SDK is.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::{Output, OutputSizeUser};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::message::Message;

/// `HMAC-SHA1` version 1.0 over all parameters but the signature itself.
pub(crate) fn rpc(method: &str, pairs: &[(String, String)], secret: &str) -> String {
    let string_to_sign = rpc_string_to_sign(method, pairs);
    STANDARD.encode(keyed::<Hmac<Sha1>>(format!("{secret}&").as_bytes(), string_to_sign.as_bytes()))
}

/// What [`rpc`] signs.
pub(crate) fn rpc_string_to_sign(method: &str, pairs: &[(String, String)]) -> String {
    format!("{method}&%2F&{}", encode(&canonical_pairs(pairs)))
}

/// `ACS3-HMAC-SHA256` over a message with the headers named.
pub(crate) fn acs3(
    message: Message<'_>,
    query: &[(String, String)],
    signed: &[&str],
    secret: &str,
) -> String {
    let header = |name: &str| {
        let mut values: Vec<&str> = message.headers(name).collect();
        values.sort_unstable();
        values.join(",")
    };
    let canonical = canonical(message, &canonical_pairs(query), signed, header);
    let string_to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256(canonical.as_bytes()));
    hex(&hmac_sha256(secret.as_bytes(), &string_to_sign))
}

/// `AWS4-HMAC-SHA256` over a message with the headers named; `scope` is date, region and service.
pub(crate) fn sigv4(
    message: Message<'_>,
    query: &[(String, String)],
    signed: &[&str],
    timestamp: &str,
    scope: [&str; 3],
    secret: &str,
) -> String {
    let header = |name: &str| {
        let values: Vec<Cow<'_, str>> = message.headers(name).map(single_blanks).collect();
        values.join(",")
    };
    let canonical = canonical(message, &canonical_pairs(query), signed, header);
    let hash = sha256(canonical.as_bytes());
    let [date, region, service] = scope;
    let string_to_sign =
        format!("AWS4-HMAC-SHA256\n{timestamp}\n{date}/{region}/{service}/aws4_request\n{hash}");
    let first = format!("AWS4{secret}").into_bytes();
    let parts = scope.into_iter().chain(["aws4_request"]);
    let key = parts.fold(first, |key, part| hmac_sha256(&key, part));
    hex(&hmac_sha256(&key, &string_to_sign))
}

/// Lower-case hexadecimal SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    bytes.iter().for_each(|byte| write!(text, "{byte:02x}").unwrap_or_default());
    text
}

/// Every byte but `A-Z a-z 0-9 - _ . ~` escaped.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
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

fn canonical(message: Message<'_>, query: &str, signed: &[&str], header: impl Fn(&str) -> String) -> String {
    let mut text = format!("{}\n{}\n{query}\n", message.method(), message.path());
    for name in signed {
        writeln!(text, "{name}:{}", header(name)).unwrap_or_default();
    }
    write!(text, "\n{}\n{}", signed.join(";"), sha256(message.body())).unwrap_or_default();
    text
}

fn single_blanks(text: &str) -> Cow<'_, str> {
    if !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    keyed::<Hmac<Sha256>>(key, text.as_bytes()).to_vec()
}

/// Keys of any length will do, so there always is a hash.
fn keyed<M: Mac + KeyInit + OutputSizeUser>(key: &[u8], message: &[u8]) -> Output<M> {
    let mac = <M as KeyInit>::new_from_slice(key).map(|mac| mac.chain_update(message));
    mac.map(|mac| mac.finalize().into_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    use bytes::Bytes;
    use http::Request;
    use serde_json::Value as Json;

    #[test]
    fn signatures_are_those_of_the_official_clients() {
        let vectors = [
            include_str!("vectors/acs-rpc-hmac-sha1.json"),
            include_str!("vectors/acs3-hmac-sha256.json"),
            include_str!("vectors/aws-sigv4.json"),
        ];
        let vectors = vectors.iter().flat_map(|text| serde_json::from_str::<Vec<Json>>(text).unwrap());
        let mut count = 0;
        for vector in vectors {
            assert_eq!(
                Some(signed(&vector).as_str()),
                vector["expected"]["signature"].as_str(),
                "{vector:#}"
            );
            count += 1;
        }
        assert!(count > 20, "{count}");
    }

    fn signed(vector: &Json) -> String {
        let inputs = &vector["inputs"];
        let text = |name: &str| inputs[name].as_str().unwrap_or_default();
        if vector["scheme"] == "acs-rpc-hmac-sha1" {
            return rpc(text("method"), &pairs(&inputs["params"]), text("access_key_secret"));
        }
        let mut builder = Request::builder().method(text("method")).uri(text("path"));
        for (name, value) in inputs["headers_to_sign"].as_object().unwrap() {
            builder = builder.header(name, value.as_str().unwrap());
        }
        if vector["scheme"] == "acs3-hmac-sha256" {
            builder = builder.header("x-acs-content-sha256", sha256(text("body").as_bytes()));
        }
        let request = builder.body(Bytes::from(text("body").to_owned())).unwrap();
        let query = pairs(&inputs["query"]);
        let names: Vec<_> = vector["expected"]["signed_headers"].as_str().unwrap().split(';').collect();
        let message = Message::new(&request);
        if vector["scheme"] == "acs3-hmac-sha256" {
            return acs3(message, &query, &names, text("access_key_secret"));
        }
        let date = inputs["headers_to_sign"]["x-amz-date"].as_str().unwrap();
        let scope = [&date[..8], text("region"), text("service")];
        sigv4(message, &query, &names, date, scope, text("secret_access_key"))
    }

    fn pairs(json: &Json) -> Vec<(String, String)> {
        serde_json::from_value(json.clone()).unwrap()
    }
}
