//! Entries that stand twice in a list: the second one says nothing, and was to say something else.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostics, Location};
use crate::yaml::{Entry, Node, Value, json};

/// The lists whose entries have no name by which a second one would be found.
const LISTS: [&str; 8] =
    ["rules", "notes", "examples", "resolutions", "acknowledged", "effects", "until_if", "brings"];

/// Reports every entry that is the same as one before it.
pub(crate) fn check(node: &Node, diagnostics: &Diagnostics) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| check(item, diagnostics)),
        Value::Map(entries) => entries.iter().for_each(|entry| check_entry(entry, diagnostics)),
        _ => {}
    }
}

fn check_entry(Entry { key, value, .. }: &Entry, diagnostics: &Diagnostics) {
    let Value::List(items) = &value.value else { return check(value, diagnostics) };
    if !LISTS.contains(&key.as_str()) {
        return check(value, diagnostics);
    }
    let mut seen: HashMap<String, Location> = HashMap::new();
    for item in items.iter().filter(|item| matches!(item.value, Value::Map(_))) {
        if let Some(first) = seen.insert(json(item).to_string(), item.location) {
            let message = format!("`{key}` has this entry twice");
            let help = "Remove it, or correct what differs.";
            diagnostics.error_beside(
                "repeated-entry",
                item.location,
                (first, "the first one"),
                message,
                help,
            );
        }
    }
}
