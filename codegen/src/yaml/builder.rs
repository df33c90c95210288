//! From the events of the parser to the tree.

use std::borrow::Cow;
use std::collections::HashSet;

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::scalar::resolve;
use super::{DEEPEST, Entry, Node, Value, location_at, small};
use crate::diagnostic::{Diagnostics, FileId, Location};

/// What the dialect has no use for: code, name, and what to do instead.
type Refusal = (&'static str, &'static str, &'static str);

const TAG: Refusal = ("yaml-tag", "a YAML tag", "Remove the tag; quote the value if it is text.");
const ANCHOR: Refusal = ("yaml-anchor", "a YAML anchor", "Remove it; write the value where it is used.");
const ALIAS: Refusal = ("yaml-alias", "a YAML alias", "Write the value here, or quote it if it is text.");
const MERGE_KEY: Refusal = ("yaml-merge-key", "a YAML merge key", "Write the keys where they are used.");
const COMPLEX_KEY: Refusal = ("yaml-key", "a list or mapping as a key", "A key is a word.");
/// Says [`DEEPEST`].
const TOO_DEEP: Refusal =
    ("nested-too-deeply", "more than 64 levels of nesting", "The dialect needs about ten.");
const SECOND_DOCUMENT: Refusal =
    ("several-documents", "a second document", "One file is one document; move it to a file of its own.");

/// The tree so far.
pub(super) struct Builder<'a> {
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
    List { location: Location, items: Vec<Node> },
    Map { location: Location, entries: Vec<Entry>, key: Option<(String, Location)> },
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: FileId, text: &'a str, diagnostics: &'a Diagnostics) -> Self {
        Self { file, text, diagnostics, open: Vec::new(), root: None, documents: 0, refused: false }
    }

    pub(super) fn read(&mut self, events: Parser<'a, StrInput<'a>>) {
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

    pub(super) fn finish(self) -> Option<Node> {
        if self.refused {
            return None;
        }
        let root = self.root.filter(|root| root.value != Value::Null);
        if root.is_none() {
            let location = Location::start_of(self.file);
            let help = "Begin with `action: <its wire name>`, or delete the file.";
            self.diagnostics.error("empty-file", location, "the file says nothing", help);
        }
        root
    }

    fn event(&mut self, event: Event<'a>, span: &Span) {
        if let Some(tag) = span.tag_span() {
            self.refuse(&TAG, self.location(&tag));
        }
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, ..) => self.scalar(text, style, span),
            Event::SequenceStart(..) => {
                let location = self.location(span);
                self.begin(Open::List { location, items: Vec::new() }, location);
            }
            Event::MappingStart(..) => {
                let location = self.location(span);
                self.begin(Open::Map { location, entries: Vec::new(), key: None }, location);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Anchor(..) => self.refuse(&ANCHOR, self.location(span)),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let location = self.location(span);
                self.refuse(&ALIAS, location);
                self.place(Node { location, value: Value::Null, written: Box::default() });
            }
            _ => {}
        }
    }

    fn document(&mut self, span: &Span) {
        self.documents += 1;
        if self.documents > 1 {
            self.refuse(&SECOND_DOCUMENT, self.location(span));
        }
    }

    fn scalar(&mut self, text: Cow<'a, str>, style: ScalarStyle, span: &Span) {
        let location = self.location(span);
        let plain = style == ScalarStyle::Plain;
        if let Some(Open::Map { key: key @ None, .. }) = self.open.last_mut() {
            let merge = plain && text == "<<";
            *key = Some((text.into_owned(), location));
            if merge {
                self.refuse(&MERGE_KEY, location);
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
            None => Node { location, value: Value::Text(text.into_owned()), written: Box::default() },
        };
        self.place(node);
    }

    fn begin(&mut self, container: Open, location: Location) {
        if let Some(Open::Map { key: key @ None, .. }) = self.open.last_mut() {
            *key = Some((String::new(), location));
            self.refuse(&COMPLEX_KEY, location);
        }
        self.open.push(container);
        if self.open.len() > DEEPEST {
            self.refuse(&TOO_DEEP, location);
        }
    }

    fn end(&mut self, span: &Span) {
        let Some(container) = self.open.pop() else { return };
        let own_end = small(span.end.byte_offset().unwrap_or_default());
        let is_flow = !span.is_empty();
        let (location, last, value) = match container {
            Open::List { location, items } => {
                (location, items.last().map(|item| item.location.end), Value::List(items))
            }
            Open::Map { location, entries, .. } => {
                let last = entries.last().map(|entry| entry.value.location.end);
                (location, last, Value::Map(self.unique(entries)))
            }
        };
        let location = extended(location, last, own_end, is_flow);
        self.place(Node { location, value, written: Box::default() });
    }

    fn place(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some((key, key_location)) => entries.push(Entry { key, key_location, value: node }),
                None => *key = Some((String::new(), node.location)),
            },
        }
    }

    /// Reports every repeated key and keeps its first value.
    fn unique(&self, mut entries: Vec<Entry>) -> Vec<Entry> {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        sorted.sort_by(|one, other| one.key.cmp(&other.key));
        let mut repeated = HashSet::new();
        for same in sorted.chunk_by(|one, other| one.key == other.key) {
            let first = (same[0].key_location, "first given here");
            for again in &same[1..] {
                let message = format!("key `{}` is given twice", again.key);
                let place = again.key_location;
                self.diagnostics.error_beside("duplicate-key", place, first, message, "Keep one of the two.");
                repeated.insert(place);
            }
        }
        entries.retain(|entry| !repeated.contains(&entry.key_location));
        entries
    }

    fn refuse(&mut self, (code, what, help): &Refusal, location: Location) {
        self.refused = true;
        self.diagnostics.error(code, location, format!("{what}, which specs do not use"), *help);
    }

    fn syntax_error(&mut self, error: &ScanError) {
        self.refused = true;
        let message = format!("not YAML: {}", error.info());
        let place = self.marker(error.marker());
        if let Some(tab) = self.tab_at(place) {
            let help = "Indent with spaces, two for each level.";
            self.diagnostics.error("yaml-tab", tab, "a tab where YAML wants spaces", help);
            return;
        }
        let help = "Text with `: `, ` #`, or a leading `*`, `&`, `!`, `[`, `{`, `@`, `%` needs quotes.";
        self.diagnostics.error("yaml-syntax", place, message, help);
    }

    /// The tab that the parser stumbled over: in the indentation of its line, or of the next one, which it may not
    /// have begun.
    fn tab_at(&self, place: Location) -> Option<Location> {
        let line = self.text[..place.start as usize].rfind('\n').map_or(0, |found| found + 1);
        let next = self.text[line..].find('\n').map(|found| line + found + 1);
        let in_indentation = |line: usize| {
            let is_indentation = |byte: &u8| matches!(byte, b' ' | b'-' | b'\t');
            let mut indentation = self.text.bytes().skip(line).take_while(is_indentation);
            indentation.position(|byte| byte == b'\t').map(|tab| line + tab)
        };
        let tab = [Some(line), next].into_iter().flatten().find_map(in_indentation)?;
        Some(location_at(self.file, self.text, tab))
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
            characters.nth(marker.index()).map_or(self.text.len(), |(offset, _)| offset)
        });
        location_at(self.file, self.text, offset)
    }
}

/// A flow container ends at its bracket, a block container with what it holds.
fn extended(location: Location, last: Option<u32>, own_end: u32, is_flow: bool) -> Location {
    let end = if is_flow { Some(own_end) } else { last };
    Location { end: end.unwrap_or(location.end).max(location.end), ..location }
}
