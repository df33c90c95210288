//! Parameters by wire name, beside those that a table has.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value as Json;

use crate::table::text;

/// A parameter that is sent under the name that its caller gave. All parameters of a raw action are such.
#[derive(Clone, PartialEq)]
pub(crate) struct Extra {
    pub(crate) name: String,
    /// `null` is not sent.
    pub(crate) value: Json,
    /// Whether it must not be shown.
    pub(crate) is_secret: bool,
}

impl Extra {
    /// A text beside the parameters of a table. Its name may be misspelt, so it counts as a secret unless the
    /// table knows better.
    pub(crate) fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Json::String(value.into()), is_secret: true }
    }

    /// A scalar as the wire has it; `None` if it is anything else.
    pub(crate) fn to_text(&self) -> Option<String> {
        text::of_json(&self.value).map(Cow::into_owned)
    }
}

/// `ResourceId.1: "vpc-1"`, and of a secret the name.
impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, is_secret } = self;
        if *is_secret { write!(f, "{name}: ***") } else { write!(f, "{name}: {value}") }
    }
}

/// Sets a parameter, in the place of one of the same name.
pub(crate) fn set(extra: &mut Vec<Extra>, one: Extra) {
    match extra.iter_mut().find(|known| known.name == one.name) {
        Some(known) => *known = one,
        None => extra.push(one),
    }
}
