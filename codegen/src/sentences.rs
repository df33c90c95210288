//! Our own sentences, wherever they stand: each ends in a full stop.

use crate::diagnostic::Diagnostics;
use crate::yaml::{Entry, Node, Value};

/// The keys that hold sentences.
const KEYS: [&str; 8] =
    ["summary", "text", "note", "status_note", "reason", "when", "answers_because", "none"];

/// The keys that hold data of others, in which any name can stand.
const DATA: [&str; 2] = ["request", "response"];

/// Reports the sentences that have no end.
pub(crate) fn check(node: &Node, diagnostics: &Diagnostics) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| check(item, diagnostics)),
        Value::Map(entries) => entries.iter().for_each(|entry| check_entry(entry, diagnostics)),
        _ => {}
    }
}

fn check_entry(Entry { key, value, .. }: &Entry, diagnostics: &Diagnostics) {
    match &value.value {
        Value::Text(text) if KEYS.contains(&key.as_str()) => {
            let text = text.trim_end();
            if !text.is_empty() && !text.ends_with('.') {
                let message = format!("`{key}` is a sentence without a full stop");
                diagnostics.error(
                    "no-full-stop",
                    value.location,
                    message,
                    "End the sentence with a full stop.",
                );
            }
        }
        // The rows of an action are a list; what an example prints is a mapping.
        Value::Map(_) if DATA.contains(&key.as_str()) => {}
        _ => check(value, diagnostics),
    }
}
