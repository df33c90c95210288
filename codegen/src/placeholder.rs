//! Values of a new spec that somebody has still to write.

use crate::diagnostic::{Diagnostics, Location};
use crate::yaml::{Node, Value};

/// What stands in place of a value.
const WORD: &str = "TODO";

/// What stands in place of a value; one that is a single word is kept as an example.
pub fn of(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_word = !value.is_empty() && value.bytes().all(is_plain);
    if is_word { format!("{WORD}({value})") } else { WORD.to_owned() }
}

/// Whether nothing is left to be written; reports each line on which something is.
pub(crate) fn is_filled(tree: &Node, diagnostics: &Diagnostics) -> bool {
    let mut found = Vec::new();
    collect("", tree, &mut found);
    for line in found.chunk_by(|one, next| one.0.line == next.0.line) {
        let keys: Vec<&str> = line.iter().map(|(_, key)| *key).collect();
        let verb = if keys.len() == 1 { "is" } else { "are" };
        let message = format!("`{}` {verb} still to be written", keys.join("`, `"));
        let (first, last) = (line[0].0, line[line.len() - 1].0);
        let place = Location { end: last.end, ..first };
        let help = "Write what the document has; if it has nothing, remove the key or the entry.";
        diagnostics.error("unfilled", place, message, help);
    }
    found.is_empty()
}

fn collect<'a>(key: &'a str, node: &'a Node, found: &mut Vec<(Location, &'a str)>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.key, &entry.value, found)),
        Value::List(items) => items.iter().for_each(|item| collect(key, item, found)),
        Value::Text(text) if is_placeholder(text) => found.push((node.location, key)),
        _ => {}
    }
}

fn is_placeholder(text: &str) -> bool {
    let rest = text.strip_prefix(WORD);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('(') && rest.ends_with(')'))
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
        assert!(!is_placeholder("TODOs") && !is_placeholder("TODO later"));
    }
}
