//! Typed values from the YAML tree, and every mistake on the way.
//!
//! Nothing here stops at a mistake: what cannot be read is reported and left out, and the
//! caller goes on with the rest.

use std::fmt;
use std::ops::{Deref, RangeInclusive};

use crate::diagnostic::{Diagnostics, Location};
use crate::shape::{self, Keys, Shape};
use crate::suggest::suggestion;
use crate::yaml::{Entry, Node, Value};

/// A value and the place it was read from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub location: Location,
}

/// As its value: where it stands is no part of what it says.
impl<T: fmt::Debug> fmt::Debug for Spanned<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
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

/// Two ends, either of them open.
pub type Pair<T = i64> = (Option<T>, Option<T>);

/// What a value of the tree is read as.
pub(crate) trait FromNode<'a>: Sized {
    /// What an editor is told of it.
    fn shape() -> Shape;

    /// Reads it, or reports what else it is.
    fn from_node(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self>;
}

/// The keys of one mapping, each asked for by name.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    location: Location,
    entries: &'a [Entry],
    diagnostics: &'a Diagnostics,
    asked: Vec<&'static str>,
    /// What is asked for, where that alone is of interest.
    keys: Option<Keys>,
}

impl<'a> Fields<'a> {
    pub(crate) fn location(&self) -> Location {
        self.location
    }

    /// What is wrong with a value goes here.
    pub(crate) fn diagnostics(&self) -> &'a Diagnostics {
        self.diagnostics
    }

    /// A mapping of which nothing is known but what its reader asks for.
    pub(crate) fn unknown(location: Location, diagnostics: &'a Diagnostics) -> Self {
        Self { location, entries: &[], diagnostics, asked: Vec::new(), keys: Some(Keys::default()) }
    }

    /// What was asked for.
    pub(crate) fn into_keys(self) -> Keys {
        self.keys.unwrap_or_default()
    }

    /// Says what the reader alone does not tell of its keys.
    pub(crate) fn describe(&mut self, say: impl FnOnce(&mut Keys)) {
        if let Some(keys) = &mut self.keys {
            say(keys);
        }
    }

    /// The value of a key, if it is given and can be read.
    pub(crate) fn get<T: FromNode<'a>>(&mut self, key: &'static str) -> Option<T> {
        self.describe(|keys| keys.is(key, T::shape()));
        T::from_node(self.node(key)?, self.diagnostics)
    }

    /// The value of a key that must be there.
    pub(crate) fn required<T: FromNode<'a>>(&mut self, key: &'static str) -> Option<T> {
        self.describe(|keys| keys.is(key, T::shape()));
        T::from_node(self.required_node(key)?, self.diagnostics)
    }

    /// Whether a key is given. This asks for the key.
    pub(crate) fn has(&mut self, key: &'static str) -> bool {
        self.entry(key).is_some()
    }

    /// Where a key stands, if it is given. This asks for the key.
    pub(crate) fn key_location(&mut self, key: &'static str) -> Option<Location> {
        self.entry(key).map(|entry| entry.key_location)
    }

    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(crate) fn required_node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.describe(|keys| keys.require(key));
        let node = self.node(key);
        if node.is_none() {
            let help = format!("Add `{key}: …` here.");
            self.diagnostics.error("missing-key", self.location, format!("`{key}` is missing"), help);
        }
        node
    }

    /// Text, a number or a truth value, as written.
    pub(crate) fn scalar(&mut self, key: &'static str) -> Option<Spanned<String>> {
        self.describe(|keys| keys.is(key, shape::scalar()));
        self.node(key)?.scalar(self.diagnostics)
    }

    /// A whole number between two others, or one of them.
    pub(crate) fn integer_in(&mut self, key: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        self.describe(|keys| keys.is(key, shape::integer(&bounds)));
        let number: Spanned<i64> = self.get(key)?;
        if !bounds.contains(&number) {
            let message = format!("`{key}` cannot be {}", number.value);
            let help = format!("Write a number from {} to {}.", bounds.start(), bounds.end());
            self.diagnostics.error("bad-number", number.location, message, help);
            return None;
        }
        Some(number.value)
    }

    /// What one of the words of a table stands for.
    pub(crate) fn one_of<T: Clone>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.describe(|keys| keys.is(key, shape::words(words.iter().map(|(word, _)| *word))));
        self.node(key)?.one_of(words, self.diagnostics)
    }

    pub(crate) fn required_one_of<T: Clone>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.describe(|keys| keys.is(key, shape::words(words.iter().map(|(word, _)| *word))));
        self.required_node(key)?.one_of(words, self.diagnostics)
    }

    pub(crate) fn word(&mut self, key: &'static str, words: &[&'static str]) -> Option<&'static str> {
        self.describe(|keys| keys.is(key, shape::words(words.iter().copied())));
        self.node(key)?.word(words, self.diagnostics)
    }

    pub(crate) fn required_word(
        &mut self,
        key: &'static str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        self.describe(|keys| keys.is(key, shape::words(words.iter().copied())));
        self.required_node(key)?.word(words, self.diagnostics)
    }

    /// A list that says something if it is there.
    pub(crate) fn filled_list(&mut self, key: &'static str) -> Option<&'a [Node]> {
        self.node(key)?.filled_list(key, self.diagnostics)
    }

    /// What the entries of such a list are read as.
    pub(crate) fn all<T: FromNode<'a>>(&mut self, key: &'static str) -> Option<Vec<T>> {
        self.describe(|keys| keys.is(key, shape::filled(T::shape())));
        Some(all(self.filled_list(key)?, self.diagnostics))
    }

    /// A text, or a list of some.
    pub(crate) fn one_or_more(&mut self, key: &'static str) -> Vec<Spanned<String>> {
        self.describe(|keys| keys.is(key, shape::either([shape::text(), shape::filled(shape::text())])));
        match self.node(key) {
            Some(Node { value: Value::List(_), .. }) => self.all(key).unwrap_or_default(),
            _ => self.get(key).into_iter().collect(),
        }
    }

    /// Reports every key that was not asked for.
    pub(crate) fn deny_unknown(self) {
        for entry in self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str())) {
            let message = format!("unknown key `{}`", entry.key);
            let help = suggestion(&entry.key, &self.asked);
            self.diagnostics.error("unknown-key", entry.key_location, message, help);
        }
    }

    fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.describe(|keys| keys.ask(key));
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// What can be read of the nodes of a list.
pub(crate) fn all<'a, T: FromNode<'a>>(list: &'a [Node], diagnostics: &'a Diagnostics) -> Vec<T> {
    list.iter().filter_map(|node| T::from_node(node, diagnostics)).collect()
}

impl<'a, T: FromNode<'a>> FromNode<'a> for Spanned<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn from_node(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self> {
        Some(Self::new(T::from_node(node, diagnostics)?, node.location))
    }
}

impl<'a> FromNode<'a> for Fields<'a> {
    fn shape() -> Shape {
        shape::object()
    }

    fn from_node(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self> {
        let entries = FromNode::from_node(node, diagnostics)?;
        Some(Self { location: node.location, entries, diagnostics, asked: Vec::new(), keys: None })
    }
}

impl<'a> FromNode<'a> for &'a [Entry] {
    fn shape() -> Shape {
        shape::object()
    }

    fn from_node(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => node.mismatch("a mapping", "Write `key: value`.", diagnostics),
        }
    }
}

/// A list, which may be empty.
impl<'a> FromNode<'a> for &'a [Node] {
    fn shape() -> Shape {
        shape::array()
    }

    fn from_node(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => node.mismatch("a list", "Write `[…]`, or `- …` for each item.", diagnostics),
        }
    }
}

/// Text that says something.
impl FromNode<'_> for String {
    fn shape() -> Shape {
        shape::text()
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        let text = node.text(diagnostics)?;
        if text.trim().is_empty() {
            let help = "Write the text, or leave the key out if it may be missing.";
            diagnostics.error("empty-text", node.location, "the text is empty", help);
            return None;
        }
        Some(text.value)
    }
}

impl FromNode<'_> for bool {
    fn shape() -> Shape {
        shape::kind("boolean")
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        match node.value {
            Value::Bool(value) => Some(value),
            _ => node.mismatch("`true` or `false`", "Write it without quotes.", diagnostics),
        }
    }
}

impl FromNode<'_> for i64 {
    fn shape() -> Shape {
        shape::kind("integer")
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        match node.value {
            Value::Integer(value) => Some(value),
            _ => node.mismatch("a whole number", "Write it without quotes.", diagnostics),
        }
    }
}

/// Any number.
impl FromNode<'_> for f64 {
    fn shape() -> Shape {
        shape::kind("number")
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        let number = matches!(node.value, Value::Integer(_) | Value::Float(_)).then(|| node.written());
        match number.flatten().and_then(|written| written.parse::<f64>().ok()).filter(|one| one.is_finite()) {
            Some(number) => Some(number),
            None => node.mismatch("a number", "Write it without quotes.", diagnostics),
        }
    }
}

/// `[2, 128]`, or with an open end `[1, null]`.
impl<'a, T: FromNode<'a> + Copy + PartialOrd> FromNode<'a> for Pair<T> {
    fn shape() -> Shape {
        shape::pair(T::shape())
    }

    fn from_node(node: &'a Node, diagnostics: &'a Diagnostics) -> Option<Self> {
        const HELP: &str = "Write `[2, 128]`, or `null` for an open end: `[1, null]`.";
        let Value::List(items) = &node.value else {
            return node.mismatch("two numbers", HELP, diagnostics);
        };
        let [from, to] = items.as_slice() else {
            let message = format!("expected two numbers, found {}", items.len());
            diagnostics.error("not-a-pair", node.location, message, HELP);
            return None;
        };
        // Both ends are read before either is judged, so that both mistakes are seen.
        let end = |node: &'a Node| match node.value {
            Value::Null => Some(None),
            _ => T::from_node(node, diagnostics).map(Some),
        };
        let (from, to) = (end(from), end(to));
        let (from, to) = (from?, to?);
        let (message, help) = if from.zip(to).is_some_and(|(from, to)| from > to) {
            ("the first number is the larger one", "Put the smaller number first.")
        } else if from.or(to).is_none() {
            ("both ends are open, which says nothing", "Leave the key out.")
        } else {
            return Some((from, to));
        };
        diagnostics.error("bad-range", node.location, message, help);
        None
    }
}

/// Readings that a type alone does not tell.
impl Node {
    /// Text, which may be empty.
    pub(crate) fn text(&self, diagnostics: &Diagnostics) -> Option<Spanned<String>> {
        match &self.value {
            Value::Text(text) => Some(Spanned::new(text.clone(), self.location)),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                let written = self.written().unwrap_or_default();
                self.mismatch("text", &format!("Put it in quotes: \"{written}\"."), diagnostics)
            }
            _ => self.mismatch("text", "Write the text after the key.", diagnostics),
        }
    }

    /// Text, a number or a truth value, as written.
    pub(crate) fn scalar(&self, diagnostics: &Diagnostics) -> Option<Spanned<String>> {
        const IS_WORD: &str = "Write the value, or quote it if the word itself is meant.";
        match self.written() {
            None => self.mismatch("a single value", "Put it in quotes if it is text.", diagnostics),
            Some(_) if self.value == Value::Null => self.mismatch("a value", IS_WORD, diagnostics),
            Some(written) => Some(Spanned::new(written.to_owned(), self.location)),
        }
    }

    /// What one of some words stands for.
    pub(crate) fn one_of<T: Clone>(&self, words: &[(&str, T)], diagnostics: &Diagnostics) -> Option<T> {
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        self.position(&known, diagnostics).map(|index| words[index].1.clone())
    }

    /// One of some words.
    pub(crate) fn word(&self, words: &[&'static str], diagnostics: &Diagnostics) -> Option<&'static str> {
        self.position(words, diagnostics).map(|index| words[index])
    }

    fn position(&self, words: &[&str], diagnostics: &Diagnostics) -> Option<usize> {
        let word = self.scalar(diagnostics)?;
        let position = words.iter().position(|known| *known == *word);
        if position.is_none() {
            let message = format!("unknown word `{}`", word.value);
            diagnostics.error("unknown-word", self.location, message, suggestion(&word, words));
        }
        position
    }

    /// A list with at least one entry.
    pub(crate) fn filled_list<'a>(&'a self, key: &str, diagnostics: &'a Diagnostics) -> Option<&'a [Node]> {
        let list = <&[Node]>::from_node(self, diagnostics)?;
        if list.is_empty() {
            let message = format!("`{key}` is an empty list");
            diagnostics.error("empty-list", self.location, message, "Leave the key out.");
            return None;
        }
        Some(list)
    }

    fn mismatch<T>(&self, expected: &str, help: &str, diagnostics: &Diagnostics) -> Option<T> {
        let message = format!("expected {expected}, found {}", self.description());
        diagnostics.error("wrong-type", self.location, message, help);
        None
    }
}

#[cfg(test)]
mod tests;
