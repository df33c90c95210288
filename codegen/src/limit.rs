//! The limits of a row. Each kind is one entry of [`KINDS`], from its key in the YAML to the table.

mod admits;
mod content;
mod wider;
mod words;

pub use content::{CidrSpec, Content, ValueSpec};
use content::{Form, is_counted, is_number_or_text, is_text};
use words::{COMMA_LIST, ENDS, FORMATS, SETS};

use crate::diagnostic::Diagnostics;
use crate::path::Table;
use crate::read::{Fields, Spanned};
use crate::type_name::TypeName;
use crate::yaml;

/// Key of the limit on the number of entries.
pub const ITEMS: &str = "items";
pub(crate) const LENGTH: &str = "length";
/// Key of the list of values.
pub const VALUES: &str = "values";
/// Key of the bounds of a number.
pub const RANGE: &str = "range";
/// Key of the syntax of a text.
pub const FORMAT: &str = "format";
/// Key of the limit on the characters of a text.
const CHARS: &str = "chars";

/// Every kind, in the order in which docs and tables have them.
pub const KINDS: &[Kind] = &[
    kind(LENGTH, is_text, Form::Characters, "{} characters", "Length"),
    kind(RANGE, is_number_or_text, Form::Range, "{}", "Range"),
    kind(ITEMS, is_counted, Form::Entries, "{} entries", "Items"),
    kind(FORMAT, is_text, Form::Word("Syntax", FORMATS), "format {}", "Format"),
    kind("starts_with", is_text, Form::Word("Chars", ENDS), "starts with {}", "StartsWith"),
    kind("ends_with", is_text, Form::Word("Chars", ENDS), "ends with {}", "EndsWith"),
    kind(CHARS, is_text, Form::Word("Chars", SETS), "characters {}", "Only"),
    kind("not_starting_with", is_text, Form::Texts, "not starting with {}", "NotStartingWith"),
    kind("not_containing", is_text, Form::Texts, "not containing {}", "NotContaining"),
    kind("cidr", is_text, Form::Cidr, "{}", "Cidr"),
    kind("mask", is_text, Form::MaskBits, "a mask of {} bits", "MaskBits"),
    kind("excluded", is_number_or_text, Form::Numbers, "none of {}", "NoneOf"),
    kind(VALUES, is_number_or_text, Form::Values, "one of {}", "OneOf"),
];

/// A kind of limit.
#[derive(Debug)]
pub struct Kind {
    /// Its key in the YAML.
    pub key: &'static str,
    /// Whether a row of a type can have it.
    on: fn(TypeName) -> bool,
    /// What stands behind the key.
    form: Form,
    /// What docs say; `{}` stands for the content.
    said: &'static str,
    /// Its variant of the runtime's `Check`.
    variant: &'static str,
}

impl Kind {
    fn of(key: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.key == key)
    }
}

const fn kind(
    key: &'static str,
    on: fn(TypeName) -> bool,
    form: Form,
    said: &'static str,
    variant: &'static str,
) -> Kind {
    Kind { key, on, form, said, variant }
}

/// A limit as it is written.
#[derive(Clone, Debug)]
pub struct Check {
    /// What it limits.
    pub kind: &'static Kind,
    /// What it asks for.
    pub content: Content,
}

impl Check {
    /// A check of a known kind.
    pub(crate) fn new(key: &str, content: Content) -> Option<Self> {
        Some(Self { kind: Kind::of(key)?, content })
    }

    /// Whether the table has it.
    pub(crate) fn is_checked(&self) -> bool {
        !matches!(self.content, Content::Word(COMMA_LIST))
    }
}

/// The limits of a row or of its `today`, each where it stands.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// One of a kind, in the order of [`KINDS`].
    pub checks: Vec<Spanned<Check>>,
    /// Keys given as `any`: they end a documented limit.
    pub lifted: Vec<&'static str>,
}

impl Limits {
    /// Reads the limits of a row of a type, as far as its table can have them.
    pub(crate) fn read(map: &mut Fields<'_>, ty: TypeName, table: Table) -> Self {
        let mut limits = Self::default();
        let keys: Vec<&str> = match table {
            Table::Request => KINDS.iter().map(|kind| kind.key).collect(),
            Table::Response => vec![VALUES, FORMAT],
        };
        for kind in keys.into_iter().filter_map(Kind::of) {
            map.describe(|keys| keys.is(kind.key, kind.form.shape()));
            let Some(node) = map.node(kind.key) else { continue };
            if matches!(&node.value, yaml::Value::Text(word) if word == "any") {
                limits.lifted.push(kind.key);
            } else if let Some(content) = kind.form.read(kind.key, node, ty, map.diagnostics()) {
                limits.checks.push(Spanned::new(Check { kind, content }, node.location));
            }
        }
        // Docs name what a text consists of before its ends.
        limits.lifted.sort_by_key(|key| *key != CHARS);
        limits
    }

    /// The limit of a kind.
    pub fn get(&self, key: &str) -> Option<&Spanned<Check>> {
        self.checks.iter().find(|check| check.kind.key == key)
    }

    /// The list of values.
    pub fn values(&self) -> Option<&[ValueSpec]> {
        match &self.get(VALUES)?.content {
            Content::Values(values) => Some(values),
            _ => None,
        }
    }

    /// The syntax.
    pub fn format(&self) -> Option<&'static str> {
        match self.get(FORMAT)?.content {
            Content::Word(format) => Some(format),
            _ => None,
        }
    }

    /// Whether a text is divided by commas.
    pub(crate) fn is_comma_list(&self) -> bool {
        self.format().is_some_and(|format| format.starts_with(COMMA_LIST))
    }

    /// What docs say of them.
    pub(crate) fn said(&self) -> impl Iterator<Item = String> {
        self.checks.iter().flat_map(|check| check.said())
    }

    /// Reports what contradicts itself, the type of the row or all that is said of it.
    pub(crate) fn check(&self, ty: TypeName, stated: &[&Self], diagnostics: &Diagnostics) {
        for check in &self.checks {
            check.check(ty, stated, check.location, diagnostics);
        }
    }
}

#[cfg(test)]
mod tests;
