//! YAML as a tree in which every key and value knows where it stands.
//!
//! The tree is built from the events of `granit-parser`, the parser underneath `serde-saphyr`,
//! and not through serde: serde sees neither tags nor quotes nor where a mapping ends, and
//! carrying a position for every node through it costs three times the parsing itself.

use std::borrow::Cow;

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Location};

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
    #[must_use]
    pub fn written(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
            _ => Some(&self.written),
        }
    }

    /// What it is, for a message: "a list", "the number 5".
    #[must_use]
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
#[must_use]
pub fn parse(file: FileId, text: &str, diagnostics: &Diagnostics) -> Option<Node> {
    if let Some(refusal) = unreadable(file, text) {
        diagnostics.push(refusal);
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

fn unreadable(file: FileId, text: &str) -> Option<Diagnostic> {
    if text.len() > LARGEST_FILE {
        let message = format!("the file has more than {LARGEST_FILE} bytes");
        let found = Diagnostic::error("file-too-large", Location::start_of(file), message);
        return Some(found.help("One file is one action; split it."));
    }
    let offset = control_character(text.as_bytes())?;
    let location = location_at(file, text, offset);
    let character = u32::from(text.as_bytes()[offset]);
    let message = format!("control character U+{character:04X}");
    let found = Diagnostic::error("control-character", location, message);
    Some(found.help("Remove it, or write it as an escape in double quotes."))
}

fn control_character(bytes: &[u8]) -> Option<usize> {
    bytes
        .iter()
        .enumerate()
        .position(|(index, byte)| match byte {
            b'\t' | b'\n' => false,
            // Alone it would be a line break to YAML and none to everything else.
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            byte => *byte < b' ' || *byte == 0x7F,
        })
}

/// A location of one byte, for what no parser has measured.
#[must_use]
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
        end: small((start + 1).min(text.len())),
        line: small(before.bytes().filter(|byte| *byte == b'\n').count() + 1),
        column: small(before[line_start..].chars().count() + 1),
    }
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    diagnostics: &'a Diagnostics,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    refused: bool,
}

/// A container whose end has not come yet.
enum Open {
    List {
        location: Location,
        items: Vec<Node>,
    },
    Map {
        location: Location,
        entries: Vec<Entry>,
        key: Option<(String, Location)>,
    },
}

impl<'a> Builder<'a> {
    fn new(file: FileId, text: &'a str, diagnostics: &'a Diagnostics) -> Self {
        Self {
            file,
            text,
            diagnostics,
            open: Vec::new(),
            root: None,
            documents: 0,
            refused: false,
        }
    }

    fn read(&mut self, events: Parser<'a, StrInput<'a>>) {
        for event in events {
            match event {
                Ok((event, span)) => self.event(event, &span),
                Err(error) => self.syntax_error(&error),
            }
            if self.documents > 1 || self.open.len() > DEEPEST {
                return;
            }
        }
    }

    fn finish(self) -> Option<Node> {
        if self.refused {
            return None;
        }
        let root = self.root.filter(|root| root.value != Value::Null);
        if root.is_none() {
            let location = Location::start_of(self.file);
            let found = Diagnostic::error("empty-file", location, "the file says nothing");
            self.diagnostics
                .push(found.help("Begin with `action: <its wire name>`, or delete the file."));
        }
        root
    }

    fn event(&mut self, event: Event<'a>, span: &Span) {
        if let Some(tag) = span.tag_span() {
            self.refuse(
                "yaml-tag",
                &tag,
                "a YAML tag",
                "Remove the tag; quote the value if it is text.",
            );
        }
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, ..) => self.scalar(text, style, span),
            Event::SequenceStart(..) => {
                let location = self.location(span);
                self.begin(
                    Open::List {
                        location,
                        items: Vec::new(),
                    },
                    location,
                );
            }
            Event::MappingStart(..) => {
                let location = self.location(span);
                let entries = Vec::new();
                self.begin(
                    Open::Map {
                        location,
                        entries,
                        key: None,
                    },
                    location,
                );
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Anchor(..) => {
                self.refuse(
                    "yaml-anchor",
                    span,
                    "a YAML anchor",
                    "Remove it; write the value where it is used.",
                );
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(
                    "yaml-alias",
                    span,
                    "a YAML alias",
                    "Write the value here, or quote it if it is text.",
                );
                let location = self.location(span);
                self.place(Node {
                    location,
                    value: Value::Null,
                    written: Box::default(),
                });
            }
            _ => {}
        }
    }

    fn document(&mut self, span: &Span) {
        self.documents += 1;
        if self.documents > 1 {
            self.refuse(
                "several-documents",
                span,
                "a second document",
                "One file is one document; move it to a file of its own.",
            );
        }
    }

    fn scalar(&mut self, text: Cow<'a, str>, style: ScalarStyle, span: &Span) {
        let location = self.location(span);
        let plain = style == ScalarStyle::Plain;
        if let Some(Open::Map {
            key: key @ None, ..
        }) = self.open.last_mut()
        {
            let merge = plain && text == "<<";
            *key = Some((text.into_owned(), location));
            if merge {
                self.refuse(
                    "yaml-merge-key",
                    span,
                    "a YAML merge key",
                    "Write the keys where they are used.",
                );
            }
            return;
        }
        let value = if plain { resolve(&text) } else { None };
        let node = match value {
            Some(value) => Node {
                location,
                value,
                // The parser calls a value that is not there `~`.
                written: span.slice(self.text).unwrap_or(&text).into(),
            },
            None => Node {
                location,
                value: Value::Text(text.into_owned()),
                written: Box::default(),
            },
        };
        self.place(node);
    }

    fn begin(&mut self, container: Open, location: Location) {
        if let Some(Open::Map {
            key: key @ None, ..
        }) = self.open.last_mut()
        {
            *key = Some((String::new(), location));
            self.refuse_at(
                "yaml-key",
                location,
                "a list or mapping as a key",
                "A key is a word.",
            );
        }
        self.open.push(container);
        if self.open.len() > DEEPEST {
            self.refuse_at(
                "nested-too-deeply",
                location,
                &format!("more than {DEEPEST} levels of nesting"),
                "The dialect needs about ten.",
            );
        }
    }

    fn end(&mut self, span: &Span) {
        let Some(container) = self.open.pop() else {
            return;
        };
        let own_end = small(span.end.byte_offset().unwrap_or_default());
        let is_flow = !span.is_empty();
        let node = match container {
            Open::List { location, items } => {
                let last = items.last().map(|item| item.location.end);
                let location = extended(location, last, own_end, is_flow);
                Node {
                    location,
                    value: Value::List(items),
                    written: Box::default(),
                }
            }
            Open::Map {
                location, entries, ..
            } => {
                let last = entries.last().map(|entry| entry.value.location.end);
                let location = extended(location, last, own_end, is_flow);
                let entries = self.unique(entries);
                Node {
                    location,
                    value: Value::Map(entries),
                    written: Box::default(),
                }
            }
        };
        self.place(node);
    }

    fn place(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some((key, key_location)) => entries.push(Entry {
                    key,
                    key_location,
                    value: node,
                }),
                None => *key = Some((String::new(), node.location)),
            },
        }
    }

    /// Reports every repeated key and keeps its first value.
    fn unique(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|a, b| entries[*a].key.cmp(&entries[*b].key));
        let mut repeated = Vec::new();
        for same in order.chunk_by(|a, b| entries[*a].key == entries[*b].key) {
            for again in &same[1..] {
                self.duplicate_key(&entries[same[0]], &entries[*again]);
                repeated.push(*again);
            }
        }
        if repeated.is_empty() {
            return entries;
        }
        repeated.sort_unstable();
        let is_first = |index: &usize| repeated.binary_search(index).is_err();
        entries
            .into_iter()
            .enumerate()
            .filter_map(|(index, entry)| is_first(&index).then_some(entry))
            .collect()
    }

    fn duplicate_key(&self, first: &Entry, again: &Entry) {
        let message = format!("key `{}` is given twice", again.key);
        self.diagnostics.push(
            Diagnostic::error("duplicate-key", again.key_location, message)
                .help("Keep one of the two.")
                .also(first.key_location, "first given here"),
        );
    }

    fn refuse(&mut self, code: &'static str, span: &Span, what: &str, help: &str) {
        self.refuse_at(code, self.location(span), what, help);
    }

    fn refuse_at(&mut self, code: &'static str, location: Location, what: &str, help: &str) {
        self.refused = true;
        let message = format!("{what}, which specs do not use");
        self.diagnostics
            .push(Diagnostic::error(code, location, message).help(help));
    }

    fn syntax_error(&mut self, error: &ScanError) {
        self.refused = true;
        let location = self.marker(error.marker());
        let message = format!("not YAML: {}", error.info());
        self.diagnostics
            .push(Diagnostic::error("yaml-syntax", location, message).help(
            "Text with `: `, ` #`, or a leading `*`, `&`, `!`, `[`, `{`, `@`, `%` needs quotes.",
        ));
    }

    fn location(&self, span: &Span) -> Location {
        let Some(bytes) = span.byte_range() else {
            return self.marker(&span.start);
        };
        Location {
            file: self.file,
            start: small(bytes.start),
            end: small(bytes.end),
            line: small(span.start.line()),
            column: small(span.start.col() + 1),
        }
    }

    fn marker(&self, marker: &Marker) -> Location {
        let offset = marker.byte_offset().unwrap_or_else(|| {
            let mut characters = self.text.char_indices();
            characters
                .nth(marker.index())
                .map_or(self.text.len(), |(offset, _)| offset)
        });
        location_at(self.file, self.text, offset)
    }
}

/// A flow container ends at its bracket, a block container with what it holds.
fn extended(location: Location, last: Option<u32>, own_end: u32, is_flow: bool) -> Location {
    let end = if is_flow { Some(own_end) } else { last };
    Location {
        end: end.unwrap_or(location.end).max(location.end),
        ..location
    }
}

/// The value of a plain scalar that is not text.
fn resolve(text: &str) -> Option<Value> {
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
    if unsigned == ".inf" || text == ".nan" {
        return Some(Value::Float(if text == ".nan" {
            f64::NAN
        } else if text.starts_with('-') {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        }));
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

fn small(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
