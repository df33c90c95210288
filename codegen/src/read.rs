//! A cursor over the YAML tree that gives typed values and collects every mistake on the way.
//!
//! Nothing here stops at a mistake: what cannot be read is reported and left out, and the
//! caller goes on with the rest.

use std::ops::{Deref, RangeInclusive};

use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::yaml::{Entry, Node, Value};

/// A value and the place it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub location: Location,
}

impl<T> Spanned<T> {
    /// Puts a value at a place.
    pub fn new(value: T, location: Location) -> Self {
        Self { value, location }
    }

    /// Changes the value and keeps the place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned::new(change(self.value), self.location)
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Text, a number or a truth value, as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scalar {
    /// The value as the file has it: `1.0`, `010`, `true`.
    pub text: String,
    /// What YAML takes it for.
    pub kind: ScalarKind,
}

/// What YAML takes a [`Scalar`] for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScalarKind {
    /// Text, quoted or not.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// Any other number.
    Float,
}

/// Two ends, either of them open.
pub type Pair<T = i64> = (Option<T>, Option<T>);

/// The keys of one mapping, each asked for by name.
#[derive(Debug)]
pub struct Fields<'a> {
    location: Location,
    entries: &'a [Entry],
    diagnostics: &'a Diagnostics,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Opens a mapping; reports anything else.
    #[must_use]
    pub fn of(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self> {
        Some(Self {
            location: node.location,
            entries: node.entries(diagnostics)?,
            diagnostics,
            asked: Vec::new(),
        })
    }

    /// Where the mapping stands.
    #[must_use]
    pub fn location(&self) -> Location {
        self.location
    }

    /// Whether a key is given. This asks for the key.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.entry(key).is_some()
    }

    /// Where a key stands, if it is given. This asks for the key.
    pub fn key_location(&mut self, key: &'static str) -> Option<Location> {
        self.entry(key).map(|entry| entry.key_location)
    }

    /// The value of a key, whatever it is.
    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value of a key that must be there, whatever it is.
    pub fn required_node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.required(key).map(|entry| &entry.value)
    }

    /// Text.
    pub fn text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        self.node(key)?.filled_text(self.diagnostics)
    }

    /// Text that must be there.
    pub fn required_text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        self.required_node(key)?.filled_text(self.diagnostics)
    }

    /// Text, a number or a truth value, as written.
    pub fn scalar(&mut self, key: &'static str) -> Option<Spanned<Scalar>> {
        self.node(key)?.scalar(self.diagnostics)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> Option<Spanned<bool>> {
        self.node(key)?.flag(self.diagnostics)
    }

    /// A whole number.
    pub fn integer(&mut self, key: &'static str) -> Option<Spanned<i64>> {
        self.node(key)?.integer(self.diagnostics)
    }

    /// A whole number between two others, or one of them.
    pub fn integer_in(&mut self, key: &'static str, bounds: RangeInclusive<i64>) -> Option<Spanned<i64>> {
        let number = self.integer(key)?;
        if bounds.contains(&number) {
            return Some(number);
        }
        let message = format!("`{key}` cannot be {}", number.value);
        let help = format!("Write a number from {} to {}.", bounds.start(), bounds.end());
        self.diagnostics.error("bad-number", number.location, message, &help);
        None
    }

    /// What is wrong with a value goes here.
    #[must_use]
    pub fn diagnostics(&self) -> &'a Diagnostics {
        self.diagnostics
    }

    /// `[2, 128]`, or with an open end `[1, null]`.
    pub fn pair(&mut self, key: &'static str) -> Option<Spanned<Pair>> {
        self.node(key)?.pair(self.diagnostics)
    }

    /// One of the words of a table.
    pub fn one_of<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<Spanned<T>> {
        self.node(key)?.one_of(words, self.diagnostics)
    }

    /// One of the words of a table, which must be there.
    pub fn required_one_of<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<Spanned<T>> {
        self.required_node(key)?.one_of(words, self.diagnostics)
    }

    /// One of some words.
    pub fn word(&mut self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        self.node(key)?.word(words, self.diagnostics).map(|word| word.value)
    }

    /// One of some words, which must be there.
    pub fn required_word(&mut self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        self.required_node(key)?.word(words, self.diagnostics).map(|word| word.value)
    }

    /// A list, which may be empty.
    pub fn list(&mut self, key: &'static str) -> Option<&'a [Node]> {
        self.node(key)?.list(self.diagnostics)
    }

    /// A list that says something if it is there.
    pub fn non_empty_list(&mut self, key: &'static str) -> Option<&'a [Node]> {
        let node = self.node(key)?;
        let list = node.list(self.diagnostics)?;
        if list.is_empty() {
            let message = format!("`{key}` is an empty list");
            let found = Diagnostic::error("empty-list", node.location, message);
            self.diagnostics.push(found.help("Leave the key out."));
            return None;
        }
        Some(list)
    }

    /// A list of texts that says something if it is there.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<Spanned<String>>> {
        let list = self.non_empty_list(key)?;
        let texts = list.iter().filter_map(|node| node.filled_text(self.diagnostics));
        Some(texts.collect())
    }

    /// A list of scalars that says something if it is there.
    pub fn scalars(&mut self, key: &'static str) -> Option<Vec<Spanned<Scalar>>> {
        let list = self.non_empty_list(key)?;
        let scalars = list.iter().filter_map(|node| node.scalar(self.diagnostics));
        Some(scalars.collect())
    }

    /// A mapping whose keys are the spec's to choose.
    pub fn entries(&mut self, key: &'static str) -> Option<&'a [Entry]> {
        self.node(key)?.entries(self.diagnostics)
    }

    /// A mapping inside this one.
    pub fn fields(&mut self, key: &'static str) -> Option<Fields<'a>> {
        Fields::of(self.node(key)?, self.diagnostics)
    }

    /// Reports every key that was not asked for.
    pub fn finish(self) {
        for entry in self.entries {
            if !self.asked.contains(&entry.key.as_str()) {
                self.unknown(entry);
            }
        }
    }

    fn unknown(&self, entry: &Entry) {
        let message = format!("unknown key `{}`", entry.key);
        let help = suggestion(&entry.key, &self.asked);
        self.diagnostics.push(Diagnostic::error("unknown-key", entry.key_location, message).help(help));
    }

    fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn required(&mut self, key: &'static str) -> Option<&'a Entry> {
        let entry = self.entry(key);
        if entry.is_none() {
            let message = format!("`{key}` is missing");
            let found = Diagnostic::error("missing-key", self.location, message);
            self.diagnostics.push(found.help(format!("Add `{key}: …` here.")));
        }
        entry
    }
}

/// The same readings for a node that no key leads to, such as an item of a list.
impl Node {
    /// Text.
    #[must_use]
    pub fn text(&self, diagnostics: &Diagnostics) -> Option<Spanned<String>> {
        match &self.value {
            Value::Text(text) => Some(Spanned::new(text.clone(), self.location)),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                let written = self.written().unwrap_or_default();
                let help = format!("Put it in quotes: \"{written}\".");
                self.mismatch("text", &help, diagnostics)
            }
            _ => self.mismatch("text", "Write the text after the key.", diagnostics),
        }
    }

    /// Text that says something.
    #[must_use]
    pub fn filled_text(&self, diagnostics: &Diagnostics) -> Option<Spanned<String>> {
        let text = self.text(diagnostics)?;
        if text.trim().is_empty() {
            let help = "Write the text, or leave the key out if it may be missing.";
            diagnostics.error("empty-text", self.location, "the text is empty", help);
            return None;
        }
        Some(text)
    }

    /// Text, a number or a truth value, as written.
    #[must_use]
    pub fn scalar(&self, diagnostics: &Diagnostics) -> Option<Spanned<Scalar>> {
        let kind = match &self.value {
            Value::Text(_) => ScalarKind::Text,
            Value::Bool(_) => ScalarKind::Bool,
            Value::Integer(_) => ScalarKind::Integer,
            Value::Float(_) => ScalarKind::Float,
            Value::Null => {
                let help = "Write the value, or quote it if the word itself is meant.";
                return self.mismatch("a value", help, diagnostics);
            }
            Value::List(_) | Value::Map(_) => {
                let help = "Put it in quotes if it is text.";
                return self.mismatch("a single value", help, diagnostics);
            }
        };
        let text = self.written().unwrap_or_default().to_owned();
        Some(Spanned::new(Scalar { text, kind }, self.location))
    }

    /// `true` or `false`.
    #[must_use]
    pub fn flag(&self, diagnostics: &Diagnostics) -> Option<Spanned<bool>> {
        match self.value {
            Value::Bool(value) => Some(Spanned::new(value, self.location)),
            _ => self.mismatch("`true` or `false`", "Write it without quotes.", diagnostics),
        }
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self, diagnostics: &Diagnostics) -> Option<Spanned<i64>> {
        match self.value {
            Value::Integer(value) => Some(Spanned::new(value, self.location)),
            _ => self.mismatch("a whole number", "Write it without quotes.", diagnostics),
        }
    }

    /// Any number.
    #[must_use]
    pub fn decimal(&self, diagnostics: &Diagnostics) -> Option<f64> {
        let number = matches!(self.value, Value::Integer(_) | Value::Float(_)).then(|| self.written());
        match number.flatten().and_then(|written| written.parse::<f64>().ok()).filter(|one| one.is_finite()) {
            Some(number) => Some(number),
            None => self.mismatch("a number", "Write it without quotes.", diagnostics),
        }
    }

    /// `[2, 128]`, or with an open end `[1, null]`.
    #[must_use]
    pub fn pair(&self, diagnostics: &Diagnostics) -> Option<Spanned<Pair>> {
        self.ends(|end| end.integer(diagnostics).map(|end| end.value), diagnostics)
    }

    /// `[0.5, 99.9]`, or with an open end `[0.5, null]`.
    #[must_use]
    pub fn decimals(&self, diagnostics: &Diagnostics) -> Option<Spanned<Pair<f64>>> {
        self.ends(|end| end.decimal(diagnostics), diagnostics)
    }

    fn ends<T: Copy + PartialOrd>(
        &self,
        number: impl Fn(&Node) -> Option<T>,
        diagnostics: &Diagnostics,
    ) -> Option<Spanned<Pair<T>>> {
        const HELP: &str = "Write `[2, 128]`, or `null` for an open end: `[1, null]`.";
        let Value::List(items) = &self.value else {
            return self.mismatch("two numbers", HELP, diagnostics);
        };
        let [from, to] = items.as_slice() else {
            let message = format!("expected two numbers, found {}", items.len());
            let found = Diagnostic::error("not-a-pair", self.location, message);
            diagnostics.push(found.help(HELP));
            return None;
        };
        // Both ends are read before either is judged, so that both mistakes are seen.
        let end = |node: &Node| match node.value {
            Value::Null => Some(None),
            _ => number(node).map(Some),
        };
        let (from, to) = (end(from), end(to));
        let (from, to) = (from?, to?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            let message = "the first number is the larger one";
            let found = Diagnostic::error("bad-range", self.location, message);
            diagnostics.push(found.help("Put the smaller number first."));
            return None;
        }
        if from.or(to).is_none() {
            let message = "both ends are open, which says nothing";
            let found = Diagnostic::error("bad-range", self.location, message);
            diagnostics.push(found.help("Leave the key out."));
            return None;
        }
        Some(Spanned::new((from, to), self.location))
    }

    /// One of some words, each with what it stands for.
    #[must_use]
    pub fn one_of<T: Copy>(&self, words: &[(&str, T)], diagnostics: &Diagnostics) -> Option<Spanned<T>> {
        let word = self.scalar(diagnostics)?;
        match words.iter().find(|(known, _)| *known == word.text) {
            Some((_, value)) => Some(Spanned::new(*value, self.location)),
            None => {
                let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
                self.unknown(&word.text, &known, diagnostics)
            }
        }
    }

    /// One of some words.
    #[must_use]
    pub fn word(&self, words: &[&'static str], diagnostics: &Diagnostics) -> Option<Spanned<&'static str>> {
        let word = self.scalar(diagnostics)?;
        match words.iter().find(|known| **known == word.text) {
            Some(known) => Some(Spanned::new(*known, self.location)),
            None => self.unknown(&word.text, words, diagnostics),
        }
    }

    fn unknown<T>(&self, word: &str, known: &[&str], diagnostics: &Diagnostics) -> Option<T> {
        let message = format!("unknown word `{word}`");
        let help = suggestion(word, known);
        diagnostics.push(Diagnostic::error("unknown-word", self.location, message).help(help));
        None
    }

    /// A list, which may be empty.
    #[must_use]
    pub fn list(&self, diagnostics: &Diagnostics) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => self.mismatch("a list", "Write `[…]`, or `- …` for each item.", diagnostics),
        }
    }

    /// The keys and values of a mapping.
    #[must_use]
    pub fn entries(&self, diagnostics: &Diagnostics) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => self.mismatch("a mapping", "Write `key: value`.", diagnostics),
        }
    }

    fn mismatch<T>(&self, expected: &str, help: &str, diagnostics: &Diagnostics) -> Option<T> {
        let message = format!("expected {expected}, found {}", self.description());
        diagnostics.push(Diagnostic::error("wrong-type", self.location, message).help(help));
        None
    }
}

/// "Did you mean …?", or the list of what there is.
#[must_use]
pub fn suggestion(word: &str, known: &[&str]) -> String {
    match (nearest(word, known), known) {
        (Some(close), _) => did_you_mean(close),
        (None, []) => String::new(),
        (None, _) => format!("Known here: `{}`.", known.join("`, `")),
    }
}

pub(crate) fn did_you_mean(word: &str) -> String {
    format!("Did you mean `{word}`?")
}

/// What a word is a slip for, if anything.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let by_distance = known.iter().map(|known| (distance(word, known), *known));
    let (distance, known) = by_distance.min()?;
    (distance <= known.chars().count().div_ceil(3)).then_some(known)
}

/// The number of characters to insert, remove or replace to come from one word to the other.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    /// No word of the dialect is longer; beyond it the answer is "far" anyway.
    const LONGEST: usize = 64;
    if from.len() > LONGEST || to.len() > LONGEST {
        return usize::MAX;
    }
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in from.chars().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (column, b) in to.iter().enumerate() {
            let replace = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = replace.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests;
