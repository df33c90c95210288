//! The YAML of a draft, laid out as specs are.

use std::fmt::Write as _;

use cloudnet_codegen::placeholder;

/// A line of a spec is no longer where it can be broken.
const WIDTH: usize = 120;

/// Words that YAML reads as no text.
const NO_TEXTS: [&str; 3] = ["true", "false", "null"];

/// A value, its scalars as they are written.
#[derive(Clone, Debug)]
pub(super) enum Yaml {
    Scalar { written: String, is_filled: bool },
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Yaml {
    /// Text, in quotes where it needs them.
    pub(super) fn text(text: &str) -> Self {
        Self::Scalar { written: quoted(text), is_filled: true }
    }

    /// A number or a boolean.
    pub(super) fn plain(value: impl ToString) -> Self {
        Self::Scalar { written: value.to_string(), is_filled: true }
    }

    /// What is likely so.
    pub(super) fn guess(value: &str) -> Self {
        Self::Scalar { written: quoted(&placeholder::guess(value)), is_filled: false }
    }

    /// What only a person can write.
    pub(super) fn hint(what: &str) -> Self {
        Self::Scalar { written: quoted(&placeholder::hint(what)), is_filled: false }
    }

    pub(super) fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// How many values are left to be written or confirmed.
    pub(super) fn unfilled(&self) -> usize {
        match self {
            Self::Scalar { is_filled, .. } => usize::from(!is_filled),
            Self::List(items) => items.iter().map(Self::unfilled).sum(),
            Self::Map(entries) => entries.iter().map(|(_, value)| value.unfilled()).sum(),
        }
    }

    fn flow(&self) -> String {
        match self {
            Self::Scalar { written, .. } => written.clone(),
            Self::List(items) => {
                format!("[{}]", items.iter().map(Self::flow).collect::<Vec<_>>().join(", "))
            }
            Self::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), value.flow()));
                format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn is_table(&self) -> bool {
        matches!(self, Self::List(items) if items.iter().any(|item| matches!(item, Self::Map(_))))
    }
}

/// A file: the entries of a mapping, each on lines of its own.
pub(super) fn file(entries: &[(String, Yaml)]) -> String {
    let mut text = String::new();
    for (key, value) in entries {
        entry(&mut text, 0, key, value);
    }
    text
}

fn entry(text: &mut String, indent: usize, key: &str, value: &Yaml) {
    let (pad, key, flow) = (" ".repeat(indent), quoted(key), value.flow());
    let fits = pad.len() + key.len() + flow.len() + 2 <= WIDTH;
    match value {
        // Writing to a string cannot fail.
        Yaml::Scalar { .. } => writeln!(text, "{pad}{key}: {flow}").ok(),
        _ if fits && !value.is_table() => writeln!(text, "{pad}{key}: {flow}").ok(),
        Yaml::List(items) => {
            let begun = writeln!(text, "{pad}{key}:").ok();
            items.iter().for_each(|value| item(text, indent + 2, value));
            begun
        }
        Yaml::Map(entries) => {
            let begun = writeln!(text, "{pad}{key}:").ok();
            entries.iter().for_each(|(key, value)| entry(text, indent + 2, key, value));
            begun
        }
    };
}

fn item(text: &mut String, indent: usize, value: &Yaml) {
    let (pad, flow) = (" ".repeat(indent), value.flow());
    match value {
        Yaml::Map(entries) if pad.len() + flow.len() + 2 > WIDTH => {
            let mut block = String::new();
            entries.iter().for_each(|(key, value)| entry(&mut block, indent + 2, key, value));
            block.replace_range(indent..indent + 1, "-");
            text.push_str(&block);
        }
        _ => {
            writeln!(text, "{pad}- {flow}").ok();
        }
    }
}

/// A scalar, in quotes unless it is surely read as the same text in any place.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _-./()?;'".contains(&byte);
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_safe = begins_well && text.bytes().all(is_plain) && text.trim_end() == text;
    // Two periods are one too many for a number.
    let is_version = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.matches('.').count() > 1
        && text.split('.').all(|part| !part.is_empty());
    match is_version || is_safe && !NO_TEXTS.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        true => text.to_owned(),
        // A string of JSON is one of YAML.
        false => serde_json::Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_for_a_line_is_broken() {
        let row = Yaml::map([("name", Yaml::text("A.N.B")), ("summary", Yaml::hint("what it is"))]);
        let long = Yaml::map([("name", Yaml::text("A")), ("summary", Yaml::hint(&"x ".repeat(80)))]);
        let text = file(&[("request".to_owned(), Yaml::List(vec![row, long]))]);
        let expected =
            "request:\n  - { name: A.N.B, summary: TODO(what it is) }\n  - name: A\n    summary: TODO(x ";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn what_could_be_read_as_something_else_is_quoted() {
        for (text, expected) in [
            ("Vpc", "Vpc"),
            ("Vpcs.Vpc[]", "\"Vpcs.Vpc[]\""),
            ("true", "\"true\""),
            ("10", "\"10\""),
            ("3.0", "\"3.0\""),
            ("3.0.2", "3.0.2"),
            ("~", "\"~\""),
            ("a: b", "\"a: b\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
