//! Values of a new spec that somebody has still to write.

use crate::diagnostic::{Diagnostics, Location};
use crate::yaml::{Node, Value};

/// What stands in place of a value.
const WORD: &str = "TODO";

/// How a placeholder ends that holds a guess.
const GUESS: char = '?';

/// What stands in place of a value; one that is a single word is kept as an example.
pub fn of(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_word = !value.is_empty() && value.bytes().all(is_plain);
    if is_word { format!("{WORD}({value})") } else { WORD.to_owned() }
}

/// What stands in place of a value that is likely and still to be confirmed: it without the placeholder.
pub fn guess(value: &str) -> String {
    format!("{WORD}({value}{GUESS})")
}

/// What stands in place of a value that nothing tells, with what to write.
pub fn hint(what: &str) -> String {
    format!("{WORD}({what})")
}

/// Whether nothing is left to be written; reports each line on which something is.
pub(crate) fn is_filled(tree: &Node, diagnostics: &Diagnostics) -> bool {
    let mut found = Vec::new();
    collect("", tree, &mut found);
    for line in found.chunk_by(|one, next| one.0.line == next.0.line) {
        let keys: Vec<&str> = line.iter().map(|(_, key, _)| *key).collect();
        let verb = if keys.len() == 1 { "is" } else { "are" };
        let message = format!("`{}` {verb} still to be written", keys.join("`, `"));
        let (first, last) = (line[0].0, line[line.len() - 1].0);
        let place = Location { end: last.end, ..first };
        let help = match line.iter().any(|(_, _, is_guess)| *is_guess) {
            true => {
                "Confirm what stands before `?` by writing it alone, or correct it; if it is not so, remove it."
            }
            false => "Write what the document has; if it has nothing, remove the key or the entry.",
        };
        diagnostics.error("unfilled", place, message, help);
    }
    found.is_empty()
}

fn collect<'a>(key: &'a str, node: &'a Node, found: &mut Vec<(Location, &'a str, bool)>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.key, &entry.value, found)),
        Value::List(items) => items.iter().for_each(|item| collect(key, item, found)),
        Value::Text(text) if is_placeholder(text) => {
            found.push((node.location, key, is_guess(text)));
        }
        _ => {}
    }
}

fn is_placeholder(text: &str) -> bool {
    let rest = text.strip_prefix(WORD);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('(') && rest.ends_with(')'))
}

fn is_guess(text: &str) -> bool {
    text.trim_end_matches(')').ends_with(GUESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_keeps_words_alone() {
        assert_eq!(of("not-found"), "TODO(not-found)");
        assert_eq!(of("The EIP does not exist."), "TODO");
        assert_eq!(of("a, b"), "TODO");
        assert!(is_placeholder("TODO(not-found)") && is_placeholder("TODO"));
        assert!(is_placeholder(&guess("a, b[]")) && is_placeholder(&hint("what it is")));
        assert!(is_guess(&guess("busy")) && !is_guess(&hint("what it is")) && !is_guess(&of("busy")));
        assert!(!is_placeholder("TODOs") && !is_placeholder("TODO later"));
    }
}
