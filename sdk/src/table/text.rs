//! Scalars as text, in one way: on the wire, in messages and in comparisons.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::record::{Scalar, Value};
use crate::wire::timestamp;

impl<'a> Value<'a> {
    /// A scalar as the wire has it; `None` for all else. A secret too, so it is not to be shown.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Value::Text(text) | Value::Secret(text) => text.into(),
            Value::Integer(number) => Scalar::Integer(number).text(),
            Value::Double(number) => Scalar::Double(number).text(),
            Value::Boolean(flag) => Scalar::Boolean(flag).text(),
            Value::Time(at) => Scalar::Time(at).text(),
            Value::Absent | Value::List(_) | Value::Record(_) => return None,
        })
    }
}

impl<'a> Scalar<'a> {
    /// As a string field reads it, and as the wire has it: numbers in decimal, booleans in lower
    /// case, moments in seconds since 1970.
    pub(crate) fn text(self) -> Cow<'a, str> {
        match self {
            Scalar::Text(text) => text.into(),
            Scalar::Integer(number) => number.to_string().into(),
            Scalar::Unsigned(number) => number.to_string().into(),
            Scalar::Double(number) => number.to_string().into(),
            Scalar::Time(at) => timestamp::seconds(at).to_string().into(),
            Scalar::Boolean(flag) => if flag { "true" } else { "false" }.into(),
        }
    }
}

/// A scalar of free JSON; `None` for all else. Numbers stay as they are written: `1.0`.
pub(crate) fn of_json(json: &Json) -> Option<Cow<'_, str>> {
    match json {
        Json::String(text) => Some(text.into()),
        Json::Number(number) => Some(number.to_string().into()),
        Json::Bool(flag) => Some(Scalar::Boolean(*flag).text()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
