//! YAML as a tree in which every key and value knows where it stands.
//!
//! The tree is built from the events of `granit-parser`, the parser underneath `serde-saphyr`,
//! and not through serde: serde sees neither tags nor quotes nor where a mapping ends, and
//! carrying a position for every node through it costs three times the parsing itself.

mod builder;
mod scalar;

use granit_parser::Parser;

use self::builder::Builder;
use crate::diagnostic::{Diagnostics, FileId, Location};

/// The largest file that is read, in bytes.
pub const LARGEST_FILE: usize = 1 << 20;

/// The deepest nesting that is read. The dialect itself needs about ten levels.
const DEEPEST: usize = 64;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands, quotes and brackets included.
    pub location: Location,
    /// What it is.
    pub value: Value,
    written: Box<str>,
}

/// What a [`Node`] holds, by the core schema of YAML 1.2: `yes` and `on` are text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number, also a whole one beyond 64 bits.
    Float(f64),
    /// Text, quoted or not.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order of the file, its keys unique.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, as written.
    pub key: String,
    /// Where the key stands.
    pub key_location: Location,
    /// What it leads to.
    pub value: Node,
}

impl Node {
    /// The scalar as the file has it (`010`, `1.0`), quotes resolved; nothing for a container.
    pub fn written(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
            _ => Some(&self.written),
        }
    }

    /// What it is, for a message: "a list", "the number 5".
    pub fn description(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Integer(_) | Value::Float(_) => format!("the number {}", self.written),
            Value::Text(text) if text.len() < 40 => format!("the text `{text}`"),
            Value::Text(_) => "text".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// Reads one document, or says why not.
///
/// Nothing is returned if the text is not YAML or uses a feature that the dialect has no use
/// for, since what follows from such a tree would only distract.
pub fn parse(file: FileId, text: &str, diagnostics: &Diagnostics) -> Option<Node> {
    if !is_readable(file, text, diagnostics) {
        return None;
    }
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut builder = Builder::new(file, text, diagnostics);
    builder.read(Parser::new_from_str_with_options(text, options));
    builder.finish()
}

/// Data as the JSON it was transcribed from.
pub(crate) fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => json_object(entries),
    }
}

pub(crate) fn json_object(entries: &[Entry]) -> serde_json::Value {
    entries.iter().map(|entry| (entry.key.clone(), json(&entry.value))).collect()
}

/// Bytes as text, or the reason why they are none and the offset of the first bad byte.
///
/// # Errors
///
/// Anything but UTF-8 is refused, with or without a byte order mark.
pub fn decode(bytes: &[u8]) -> Result<&str, (usize, &'static str)> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err((0, "the file is UTF-16"));
    }
    std::str::from_utf8(bytes).map_err(|error| (error.valid_up_to(), "the file is not UTF-8"))
}

fn is_readable(file: FileId, text: &str, diagnostics: &Diagnostics) -> bool {
    if text.len() > LARGEST_FILE {
        let message = format!("the file has more than {LARGEST_FILE} bytes");
        let help = "One file is one action; split it.";
        diagnostics.error("file-too-large", Location::start_of(file), message, help);
        return false;
    }
    let Some(offset) = control_character(text.as_bytes()) else { return true };
    let message = format!("control character U+{:04X}", text.as_bytes()[offset]);
    let help = "Remove it, or write it as an escape in double quotes.";
    diagnostics.error("control-character", location_at(file, text, offset), message, help);
    false
}

fn control_character(bytes: &[u8]) -> Option<usize> {
    bytes.iter().enumerate().position(|(index, byte)| match byte {
        b'\t' | b'\n' => false,
        // Alone it would be a line break to YAML and none to everything else.
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        byte => *byte < b' ' || *byte == 0x7F,
    })
}

/// A location of one character, for what no parser has measured.
pub fn location_at(file: FileId, text: &str, offset: usize) -> Location {
    let mut start = offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let before = &text[..start];
    let line_start = before.rfind('\n').map_or(0, |found| found + 1);
    Location {
        file,
        start: small(start),
        end: small(start + text[start..].chars().next().map_or(0, char::len_utf8)),
        line: small(before.bytes().filter(|byte| *byte == b'\n').count() + 1),
        column: small(before[line_start..].chars().count() + 1),
    }
}

fn small(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
