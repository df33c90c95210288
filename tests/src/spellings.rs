//! A text in the spellings that logs and errors may have it in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use crate::server::encode;

/// A text in every spelling that a log or an error could have it in.
#[must_use]
pub fn spellings(secret: &str) -> Vec<String> {
    let percent = encode(secret);
    let lower = lower_percent(&percent);
    let json = json_inner(secret);
    let hex = hex(secret);
    let mut spellings = vec![
        secret.to_owned(),
        percent.replace("%20", "+"),
        lower.replace("%20", "+"),
        encode(&percent),
        encode(&json),
        lower_percent(&encode(&json)),
        json_by_number(secret),
        json.replace('/', "\\/"),
        json_inner(&json),
        html(secret),
        html(&percent),
        format!("{secret:?}").trim_matches('"').to_owned(),
        json,
        percent,
        lower,
        hex.to_uppercase(),
        hex,
    ];
    spellings.extend((0..3).map(|shift| base64_within(secret, shift)));
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// As it stands in a JSON string.
#[must_use]
pub fn json_inner(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Everything but letters and digits as `\u0026`.
#[must_use]
pub fn json_by_number(text: &str) -> String {
    let escaped = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(escaped).collect()
}

/// As it stands in a page.
#[must_use]
pub fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('\'', "&#39;").replace('<', "&lt;").replace('+', "&#x2b;")
}

/// Percent-encoding with small letters.
#[must_use]
pub fn lower_percent(percent: &str) -> String {
    let mut parts = percent.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}%{}{}", part[..2].to_lowercase(), &part[2..]))
}

/// The bytes as digits.
#[must_use]
pub fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Inside a longer text Base64 has three forms; the characters that touch others are left out.
#[must_use]
pub fn base64_within(text: &str, shift: usize) -> String {
    let shifted = [&vec![0; shift][..], text.as_bytes()].concat();
    let encoded = STANDARD_NO_PAD.encode(&shifted[..shifted.len() / 3 * 3]);
    encoded[if shift == 0 { 0 } else { 4 }..].to_owned()
}
