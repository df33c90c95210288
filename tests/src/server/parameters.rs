//! Parameters as the server understands them, from the bytes of the wire.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::message::Message;

/// Parameters by wire name, nested ones flattened: `Tag.1.Key`.
pub type Parameters = BTreeMap<String, String>;

/// The pairs of a query or a form, decoded. `None` if it is not one.
#[must_use]
pub fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((decode(name)?, decode(value)?))
    };
    text.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// The parameters of an action alone, whichever style they came in.
pub(super) fn of(message: &Message) -> Parameters {
    const COMMON: [&str; 10] = [
        "AccessKeyId",
        "Action",
        "Format",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureVersion",
        "Timestamp",
        "Version",
    ];
    if message.header("x-amz-target").is_some() {
        return serde_json::from_slice(&message.body)
            .map_or_else(|_| Parameters::new(), |json| flatten(&json));
    }
    let mut all = pairs(message.query()).unwrap_or_default();
    if message.header("content-type") == Some("application/x-www-form-urlencoded") {
        all.extend(std::str::from_utf8(&message.body).ok().and_then(pairs).unwrap_or_default());
    }
    all.into_iter().filter(|(name, _)| !COMMON.contains(&name.as_str())).collect()
}

/// The members of a JSON object, flattened as the RPC style flattens; `null` is nothing.
#[must_use]
pub fn flatten(json: &Json) -> Parameters {
    let mut parameters = Parameters::new();
    add(&mut parameters, "", json);
    parameters
}

fn add(parameters: &mut Parameters, name: &str, json: &Json) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match json {
        Json::Null => {}
        Json::Object(members) => members.iter().for_each(|(part, json)| add(parameters, &below(part), json)),
        Json::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                add(parameters, &below(&(index + 1).to_string()), entry);
            }
        }
        Json::String(text) => _ = parameters.insert(name.to_owned(), text.clone()),
        scalar => _ = parameters.insert(name.to_owned(), scalar.to_string()),
    }
}

/// Percent-decoding of UTF-8, with `+` for a space.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex_digit(rest.next()?)?, hex_digit(rest.next()?)?);
                high << 4 | low
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Every byte but `A-Z a-z 0-9 - _ . ~` escaped: straightforward, and not what the SDK does it with.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
