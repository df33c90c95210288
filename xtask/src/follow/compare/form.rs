//! What stands at a path, as far as it matters for how it travels.

use crate::follow::published::{Style, Type};

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Value(Type),
    List(Type),
    Object,
    Objects,
    /// Parts in one JSON text.
    Json,
    /// Parts in one text, with commas between.
    Commas,
}

impl Form {
    /// The kind of difference, and how either side is called.
    pub(super) fn against(self, there: Self) -> Option<(&'static str, String, String)> {
        let texts = [self, there].map(Self::is_text);
        if self == there || texts == [true, true] {
            return None;
        }
        let is_opaque = |one, other| one == Self::Value(Type::Map) && matches!(other, Self::Object);
        if is_opaque(self, there) || is_opaque(there, self) {
            return None;
        }
        let has_parts = |form| !matches!(form, Self::Value(_));
        if has_parts(self) && has_parts(there) && texts != [false, false] {
            return Some(("style", self.style().word().to_owned(), there.style().word().to_owned()));
        }
        Some(("type", self.said(), there.said()))
    }

    /// One text may hold what it is told to.
    fn is_text(self) -> bool {
        matches!(self, Self::Json | Self::Commas | Self::Value(Type::Text))
    }

    fn style(self) -> Style {
        match self {
            Self::Json => Style::Json,
            Self::Commas => Style::Comma,
            _ => Style::Flat,
        }
    }

    fn said(self) -> String {
        match self {
            Self::Value(ty) => ty.word().to_owned(),
            Self::List(ty) => format!("list of {}", ty.word()),
            Self::Object => "object".to_owned(),
            Self::Objects => "list of objects".to_owned(),
            Self::Json => "JSON in a string".to_owned(),
            Self::Commas => "string, joined by commas".to_owned(),
        }
    }
}
