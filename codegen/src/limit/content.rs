//! What stands behind the key of a limit, form by form.

use std::collections::HashMap;

use ipnet::IpNet;
use proc_macro2::Literal;

use super::{Check, Limits};
use crate::diagnostic::{Diagnostics, Location};
use crate::read::{Fields, FromNode as _, Pair, Spanned, all};
use crate::shape::{self, Shape};
use crate::syntax::texts;
use crate::type_name::TypeName;
use crate::yaml::{Node, Value};

/// How the content of a limit is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// Bounds of a number of characters.
    Characters,
    /// Bounds of a number of entries.
    Entries,
    /// Bounds of a number.
    Range,
    /// Bounds of the number of bits of a subnet mask.
    MaskBits,
    /// A list of values.
    Values,
    /// A list of whole numbers.
    Numbers,
    /// One of some words, each a variant of an enum of the runtime.
    Word(&'static str, &'static [super::words::Word]),
    /// A list of texts.
    Texts,
    /// Where a CIDR block may lie.
    Cidr,
}

/// What a limit asks for.
#[derive(Clone, Debug)]
pub enum Content {
    /// Bounds of a count, or of a whole number.
    Bounds(Pair),
    /// Bounds of a number with a fraction.
    Decimals(Pair<f64>),
    /// A closed list of values.
    Values(Vec<ValueSpec>),
    /// Numbers that are not allowed.
    Numbers(Vec<i64>),
    /// A word of the dialect.
    Word(&'static str),
    /// Texts that are not allowed.
    Texts(Vec<String>),
    /// Where a CIDR block may lie.
    Cidr(CidrSpec),
}

/// A value of a list.
#[derive(Clone, Debug)]
pub struct ValueSpec {
    /// As the wire has it.
    pub value: Spanned<String>,
    /// Name of the Rust variant, where none can be made from the value.
    pub variant: Option<Spanned<String>>,
    /// What it means.
    pub summary: Option<String>,
}

/// Where a CIDR block may lie.
#[derive(Clone, Debug)]
pub struct CidrSpec {
    /// One of these must contain it; empty: anywhere.
    pub within: Vec<String>,
    /// None of these may contain it.
    pub not_within: Vec<String>,
    /// Lengths of its prefix.
    pub prefix: Option<Pair>,
}

pub(super) fn is_text(ty: TypeName) -> bool {
    matches!(ty, TypeName::String | TypeName::Json)
}

fn is_whole(ty: TypeName) -> bool {
    matches!(ty, TypeName::Integer | TypeName::Long)
}

pub(super) fn is_number_or_text(ty: TypeName) -> bool {
    is_text(ty) || is_whole(ty) || ty == TypeName::Double
}

/// What has entries is seen from the whole row.
pub(super) fn is_counted(_: TypeName) -> bool {
    true
}

impl Form {
    /// What stands behind the key; `any` passes everywhere, since it is for the reader to say where it may stand.
    pub(super) fn shape(self) -> Shape {
        let content = match self {
            Self::Range => shape::pair(f64::shape()),
            Self::Characters | Self::Entries | Self::MaskBits => shape::pair(i64::shape()),
            Self::Values => {
                let entry = shape::of(described_value);
                shape::filled(shape::either([shape::scalar(), entry]))
            }
            Self::Numbers => shape::filled(i64::shape()),
            Self::Word(_, words) => return shape::words(words.iter().map(|word| word.0).chain(["any"])),
            Self::Texts => shape::filled(shape::kind("string")),
            Self::Cidr => shape::of(cidr_keys),
        };
        shape::either([content, shape::words(["any"])])
    }

    pub(super) fn read(
        self,
        key: &str,
        node: &Node,
        ty: TypeName,
        diagnostics: &Diagnostics,
    ) -> Option<Content> {
        let filled = || node.filled_list(key, diagnostics);
        Some(match self {
            Self::Range if ty == TypeName::Double => Content::Decimals(Pair::from_node(node, diagnostics)?),
            Self::Characters | Self::Entries | Self::Range | Self::MaskBits => {
                Content::Bounds(Pair::from_node(node, diagnostics)?)
            }
            Self::Values => {
                Content::Values(filled()?.iter().filter_map(|one| value(one, diagnostics)).collect())
            }
            Self::Numbers => Content::Numbers(all(filled()?, diagnostics)),
            Self::Word(_, words) => {
                let words: Vec<&str> = words.iter().map(|word| word.0).collect();
                Content::Word(node.word(&words, diagnostics)?)
            }
            Self::Texts => {
                let texts = filled()?.iter().filter_map(|text| text.text(diagnostics));
                Content::Texts(texts.map(|text| text.value).collect())
            }
            Self::Cidr => Content::Cidr(cidr(node, diagnostics)?),
        })
    }
}

impl Content {
    /// What it is in words.
    pub(crate) fn said(&self) -> Vec<String> {
        vec![match self {
            Self::Bounds(bounds) => range(*bounds),
            Self::Decimals(bounds) => range(*bounds),
            Self::Values(values) => join(values.iter().map(|value| &value.value.value)),
            Self::Numbers(numbers) => join(numbers.iter().map(i64::to_string)),
            Self::Word(word) => (*word).to_owned(),
            Self::Texts(texts) => texts.join(", "),
            Self::Cidr(cidr) => return cidr.said(),
        }]
    }
}

impl Check {
    /// What docs say of it.
    pub fn said(&self) -> impl Iterator<Item = String> {
        self.content.said().into_iter().map(|content| self.kind.said.replace("{}", &content))
    }

    /// Its entry in a table.
    pub(crate) fn table(&self) -> String {
        let (form, variant) = (self.kind.form, self.kind.variant);
        match &self.content {
            Content::Bounds(bounds) => {
                let (min, max) = closed(*bounds, form);
                format!("{variant}({}, {})", end(min, form), end(max, form))
            }
            Content::Decimals((min, max)) => {
                let decimal = |end: f64| Literal::f64_unsuffixed(end).to_string();
                let min = min.map_or_else(|| "f64::NEG_INFINITY".to_owned(), decimal);
                let max = max.map_or_else(|| "f64::INFINITY".to_owned(), decimal);
                format!("Decimals({min}, {max})")
            }
            Content::Values(values) => {
                format!("{variant}({})", texts(values.iter().map(|value| value.value.as_str())))
            }
            Content::Numbers(numbers) => {
                format!("{variant}(&[{}])", join(numbers.iter().map(i64::to_string)))
            }
            Content::Word(word) => {
                let set = if let Form::Word(set, _) = form { set } else { variant };
                format!("{variant}({set}::{})", camel(word))
            }
            Content::Texts(parts) => format!("{variant}({})", texts(parts)),
            Content::Cidr(cidr) => {
                let (within, not_within) = (texts(&cidr.within), texts(&cidr.not_within));
                let (min, max) = cidr.prefix.unwrap_or_default();
                let (min, max) = (min.unwrap_or(0), max.unwrap_or(128));
                format!("{variant} {{ within: {within}, not_within: {not_within}, prefix: ({min}, {max}) }}")
            }
        }
    }

    /// Whether tables say the same of both.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let form = self.kind.form;
        match (&self.content, &other.content) {
            (Content::Bounds(one), Content::Bounds(other)) => closed(*one, form) == closed(*other, form),
            (Content::Values(one), Content::Values(other)) => {
                let lists =
                    |list: &[ValueSpec], entry: &ValueSpec| list.iter().any(|one| *one.value == *entry.value);
                one.len() == other.len() && one.iter().all(|entry| lists(other, entry))
            }
            (Content::Word("letter"), Content::Word("letter-or-chinese"))
            | (Content::Word("letter-or-chinese"), Content::Word("letter")) => true,
            (one, other) => one.said() == other.said(),
        }
    }

    /// Reports what contradicts itself, the type of the row or all that is said of it.
    pub(super) fn check(
        &self,
        ty: TypeName,
        stated: &[&Limits],
        location: Location,
        diagnostics: &Diagnostics,
    ) {
        if !(self.kind.on)(ty) {
            let message = format!("`{}` cannot limit a row of this type", self.kind.key);
            let help = "Remove it, or correct the `type`.";
            diagnostics.error("limit-of-another-type", location, message, help);
        }
        match (&self.content, self.kind.form) {
            (Content::Bounds((min, max)), Form::Characters | Form::Entries)
                if [min, max].into_iter().flatten().any(|end| u32::try_from(*end).is_err()) =>
            {
                let message = "a number of characters or entries is not negative and below 2^32";
                diagnostics.error("bad-range", location, message, "Correct the bound.");
            }
            (Content::Values(values), _) => check_values(values, ty, diagnostics),
            (Content::Cidr(_), _) => check_cidr(stated, location, diagnostics),
            _ => {}
        }
    }
}

fn check_values(values: &[ValueSpec], ty: TypeName, diagnostics: &Diagnostics) {
    let mut seen: HashMap<&str, Location> = HashMap::new();
    for Spanned { value, location } in values.iter().map(|entry| &entry.value) {
        if let Some(first) = seen.insert(value, *location) {
            let message = format!("the value `{value}` is listed twice");
            let help = "Remove one of them.";
            diagnostics.error_beside("repeated-value", *location, (first, "the first one"), message, help);
        }
        if !ty.admits(value) {
            let message = format!("the value `{value}` is not of the row's type");
            let help = "Correct the value or the `type`.";
            diagnostics.error("value-of-another-type", *location, message, help);
        }
    }
}

/// Blocks and prefixes are looked for only in what is a CIDR block.
fn check_cidr(stated: &[&Limits], location: Location, diagnostics: &Diagnostics) {
    let mut formats = stated.iter().filter_map(|limits| limits.format());
    if !formats.any(|format| format.ends_with("cidr") || format.contains("ip")) {
        let message = "`cidr` limits a row that is no CIDR block or address";
        diagnostics.error("misplaced-key", location, message, "Add `format: cidr`, or remove it.");
    }
}

impl CidrSpec {
    fn said(&self) -> Vec<String> {
        let prefix = self.prefix.map(|prefix| format!("prefix {}", range(prefix)));
        let blocks = |how: &str, blocks: &[String]| {
            (!blocks.is_empty()).then(|| format!("{how} {}", blocks.join(", ")))
        };
        let said = [prefix, blocks("within", &self.within), blocks("not within", &self.not_within)];
        said.into_iter().flatten().collect()
    }
}

/// The ends of bounds, those included that are open.
fn closed((min, max): Pair, form: Form) -> (i64, i64) {
    let open = match form {
        Form::Range => (i64::MIN, i64::MAX),
        Form::MaskBits => (0, 32),
        _ => (0, u32::MAX.into()),
    };
    (min.unwrap_or(open.0), max.unwrap_or(open.1))
}

fn end(end: i64, form: Form) -> String {
    const MOST: i64 = u32::MAX as i64;
    match (end, form) {
        (i64::MIN, _) => "i64::MIN".to_owned(),
        (i64::MAX, _) => "i64::MAX".to_owned(),
        (MOST, Form::Characters | Form::Entries) => "u32::MAX".to_owned(),
        _ => end.to_string(),
    }
}

pub(super) fn within<T: PartialOrd>((min, max): Pair<T>, number: T) -> bool {
    min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
}

/// Bounds in words.
pub(crate) fn range<T: ToString>((min, max): Pair<T>) -> String {
    match (min.map(|min| min.to_string()), max.map(|max| max.to_string())) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "any number".to_owned(),
    }
}

fn join<T: AsRef<str>>(texts: impl Iterator<Item = T>) -> String {
    texts.map(|text| text.as_ref().to_owned()).collect::<Vec<_>>().join(", ")
}

/// `ipv4-cidr` as the variant `Ipv4Cidr`.
fn camel(word: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    word.split('-').map(capital).collect()
}

fn value(node: &Node, diagnostics: &Diagnostics) -> Option<ValueSpec> {
    let Value::Map(_) = &node.value else {
        return Some(ValueSpec { value: node.scalar(diagnostics)?, variant: None, summary: None });
    };
    let mut map = Fields::from_node(node, diagnostics)?;
    let value = described_value(&mut map)?;
    map.deny_unknown();
    Some(value)
}

fn described_value(map: &mut Fields<'_>) -> Option<ValueSpec> {
    map.required_node("value");
    let (value, variant, summary) = (map.scalar("value"), map.get("as"), map.get("summary"));
    Some(ValueSpec { value: value?, variant, summary })
}

fn cidr(node: &Node, diagnostics: &Diagnostics) -> Option<CidrSpec> {
    let mut map = Fields::from_node(node, diagnostics)?;
    let cidr = cidr_keys(&mut map);
    map.deny_unknown();
    Some(cidr)
}

fn cidr_keys(map: &mut Fields<'_>) -> CidrSpec {
    let diagnostics = map.diagnostics();
    let mut blocks = |key| {
        let blocks: Vec<Spanned<String>> = map.all(key).unwrap_or_default();
        blocks.into_iter().inspect(|block| check_block(block, diagnostics)).map(|block| block.value).collect()
    };
    let (within, not_within) = (blocks("within"), blocks("not_within"));
    let prefix: Option<Spanned<Pair>> = map.get("prefix");
    if let Some(prefix) = &prefix
        && [prefix.0, prefix.1].into_iter().flatten().any(|end| !(0..=128).contains(&end))
    {
        let message = "a prefix has 0 to 128 bits".to_owned();
        diagnostics.error("bad-range", prefix.location, message, "Correct the bound.");
    }
    CidrSpec { within, not_within, prefix: prefix.map(|prefix| prefix.value) }
}

/// `10.0.0.0/8`, without bits behind the prefix.
fn check_block(block: &Spanned<String>, diagnostics: &Diagnostics) {
    let parsed = block.parse::<IpNet>().ok().filter(|parsed| parsed.trunc() == *parsed);
    if parsed.is_none() {
        let message = format!("`{}` is no CIDR block", block.value);
        let help = "Write the first address and the prefix: `10.0.0.0/8`.";
        diagnostics.error("bad-cidr", block.location, message, help);
    }
}
