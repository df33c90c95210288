//! What can be shown of a response that could not be read.
//!
//! Only what the action's table has, and calls no secret. All else could be a secret that nobody told of,
//! so it is left out: of JSON the members that the table does not have, and everything from the first
//! mistake on; of HTML all but the title; other text altogether.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::beginning;
use crate::schema::{Field, Kind, Shape};
use crate::table::called::Called;
use crate::wire::protocol;

/// Longest excerpt, in bytes.
const LONGEST: usize = 1024;

/// Cleans a text of known secrets.
type Clean<'c> = &'c dyn Fn(&str) -> String;

/// What can be shown of a body; `None` if it is nothing.
pub(super) fn of(action: &Called, body: &[u8], clean: Clean<'_>) -> Option<String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let text = match body.first()? {
        b'<' => clean(&protocol::title(body)?),
        b'{' | b'[' => json(action, body, clean),
        _ => return None,
    };
    Some(beginning(&text, LONGEST).to_owned()).filter(|text| !text.is_empty())
}

fn json(action: &Called, body: &[u8], clean: Clean<'_>) -> String {
    let mut out = String::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    let known = Known::Answer(action);
    let is_whole =
        ExcerptVisitor { known, out: &mut out, clean }.deserialize(&mut json).is_ok() && json.end().is_ok();
    if !is_whole {
        out.push('…');
    }
    out
}

/// The members of an answer that says what went wrong.
static OF_ERRORS: Shape = Shape {
    fields: &[
        Field::text("Code").aliases(&["code"]),
        Field::text("Message").aliases(&["message"]),
        Field::text("RequestId").aliases(&["requestId"]),
        Field::text("HostId"),
        Field::text("Recommend"),
    ],
    rules: &[],
};

/// What a table knows of a value.
#[derive(Clone, Copy)]
enum Known<'a> {
    /// The answer itself, perhaps in an envelope.
    Answer(&'a Called),
    /// A value of a kind, perhaps in a wrapper object of this name.
    Value(&'static Kind, &'static str),
    /// Nothing, or that it is a secret.
    Nothing,
}

impl<'a> Known<'a> {
    fn member(self, name: &str) -> Option<Self> {
        match self {
            Self::Answer(action) if name.strip_suffix("Response") == Some(action.name()) => Some(self),
            Self::Answer(action) => {
                Self::field(action.response(), name).or_else(|| Self::field(&OF_ERRORS, name))
            }
            Self::Value(kind @ Kind::List(_), wrapper) if !wrapper.is_empty() => {
                (name == wrapper).then_some(Self::Value(kind, ""))
            }
            Self::Value(Kind::List(entry), _) => Self::Value(entry, "").member(name),
            Self::Value(Kind::Object(shape) | Kind::Json(shape), _) => Self::field(shape, name),
            Self::Value(..) | Self::Nothing => None,
        }
    }

    fn field(shape: &'static Shape, name: &str) -> Option<Self> {
        let field = shape.member(name)?;
        Some(if field.secret { Self::Nothing } else { Self::Value(&field.kind, field.wrapped) })
    }

    fn entry(self) -> Self {
        match self {
            Self::Value(Kind::List(entry), _) => Self::Value(entry, ""),
            _ => Self::Nothing,
        }
    }

    fn is_scalar(self) -> bool {
        match self {
            Self::Value(Kind::List(entry), _) => Self::Value(entry, "").is_scalar(),
            Self::Value(kind, _) => kind.shape().is_none(),
            Self::Answer(_) | Self::Nothing => false,
        }
    }
}

/// A value that is written down while it is read: what comes before a mistake is kept.
struct ExcerptVisitor<'s> {
    known: Known<'s>,
    out: &'s mut String,
    clean: Clean<'s>,
}

impl ExcerptVisitor<'_> {
    fn write<E: serde::de::Error>(&mut self, text: &str) -> Result<(), E> {
        self.out.push_str(text);
        if self.out.len() > LONGEST { Err(E::custom("enough")) } else { Ok(()) }
    }

    fn scalar<E: serde::de::Error>(mut self, text: &str) -> Result<(), E> {
        let shown = if self.known.is_scalar() { Cow::Owned((self.clean)(text)) } else { "***".into() };
        self.write(&shown)
    }

    fn inner<'i>(&'i mut self, known: Known<'i>) -> ExcerptVisitor<'i> {
        ExcerptVisitor { known, out: self.out, clean: self.clean }
    }
}

impl<'de> DeserializeSeed<'de> for ExcerptVisitor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        if matches!(self.known, Known::Nothing) {
            self.write("***")?;
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ExcerptVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(mut self) -> Result<(), E> {
        self.write("null")
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<(), E> {
        self.scalar(if flag { "true" } else { "false" })
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.scalar(&format!("{text:?}"))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let known = self.known.entry();
        self.write("[")?;
        let mut separator = "";
        loop {
            let length = self.out.len();
            self.write(separator)?;
            if entries.next_element_seed(self.inner(known))?.is_none() {
                self.out.truncate(length);
                return self.write("]");
            }
            separator = ",";
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.write("{")?;
        let mut separator = "";
        let mut is_whole = true;
        while let Some(name) = members.next_key::<String>()? {
            let Some(known) = self.known.member(&name) else {
                is_whole = false;
                members.next_value::<IgnoredAny>()?;
                continue;
            };
            self.write(&format!("{separator}{name:?}:"))?;
            members.next_value_seed(self.inner(known))?;
            separator = ",";
        }
        self.write(if is_whole { "}" } else { "…}" })
    }
}
