//! The types of rows.

use crate::mapping::word;

/// The type of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeName {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// The same, by the documents' other name.
    Long,
    /// A number with a fraction.
    Double,
    /// `true` or `false`.
    Boolean,
    /// A moment, in seconds since 1970.
    Timestamp,
    /// The row of a list.
    List,
    /// The row of an object.
    Object,
    /// The row of an object that travels as one JSON string.
    Json,
}

impl TypeName {
    pub(crate) const WORDS: &'static [(&'static str, Self)] = &[
        ("string", Self::String),
        ("integer", Self::Integer),
        ("long", Self::Long),
        ("double", Self::Double),
        ("boolean", Self::Boolean),
        ("timestamp", Self::Timestamp),
        ("list", Self::List),
        ("object", Self::Object),
        ("json", Self::Json),
    ];

    /// The word of the dialect.
    pub fn word(self) -> &'static str {
        word(Self::WORDS, self)
    }

    /// Whether rows stand below one of this type.
    pub(crate) fn is_container(self) -> bool {
        matches!(self, Self::List | Self::Object | Self::Json)
    }

    /// Whether a value of this type can be written so.
    pub(crate) fn admits(self, text: &str) -> bool {
        match self {
            Self::Integer | Self::Long => text.trim().parse::<i64>().is_ok(),
            Self::Double | Self::Timestamp => text.trim().parse::<f64>().is_ok_and(f64::is_finite),
            Self::Boolean => matches!(text, "true" | "false"),
            _ => true,
        }
    }
}
