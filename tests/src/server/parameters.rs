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

/// All pairs of a request in RPC style, those of the form included.
pub(super) fn all_pairs(message: &Message) -> Option<Vec<(String, String)>> {
    let mut all = pairs(message.query())?;
    if message.header("content-type") == Some("application/x-www-form-urlencoded") {
        all.extend(pairs(std::str::from_utf8(&message.body).ok()?)?);
    }
    Some(all)
}

/// The pairs as parameters; `None` if one is there twice.
pub(super) fn unique(pairs: Vec<(String, String)>) -> Option<Parameters> {
    let count = pairs.len();
    let parameters: Parameters = pairs.into_iter().collect();
    (parameters.len() == count).then_some(parameters)
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
