//! What a scalar without quotes stands for, by the core schema of YAML 1.2.

use super::Value;

/// The value of a plain scalar that is not text.
pub(super) fn resolve(text: &str) -> Option<Value> {
    match text.as_bytes() {
        [] | b"~" | b"null" | b"Null" | b"NULL" => Some(Value::Null),
        b"true" | b"True" | b"TRUE" => Some(Value::Bool(true)),
        b"false" | b"False" | b"FALSE" => Some(Value::Bool(false)),
        [b'+' | b'-' | b'.' | b'0'..=b'9', ..] => number(text),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match text {
        ".nan" => return Some(Value::Float(f64::NAN)),
        "-.inf" => return Some(Value::Float(f64::NEG_INFINITY)),
        ".inf" | "+.inf" => return Some(Value::Float(f64::INFINITY)),
        _ => {}
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let is_number = !digits.starts_with(['+', '-']);
            let number = i64::from_str_radix(digits, radix).ok();
            return number.filter(|_| is_number).map(Value::Integer);
        }
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) && !unsigned.is_empty() {
        let whole = text.parse().ok().map(Value::Integer);
        return whole.or_else(|| text.parse().ok().map(Value::Float));
    }
    // Rust also reads `infinity` and `nan`; a digit or point first leaves only YAML's floats.
    let is_float = unsigned.starts_with(|c: char| c == '.' || c.is_ascii_digit());
    text.parse().ok().filter(|_| is_float).map(Value::Float)
}
