//! A spec with its keys kept and its facts taken out.

use std::ops::Range;

use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::placeholder;
use cloudnet_codegen::yaml::{Entry, Node, Value};

use super::agreed::Agreed;

/// The tables whose entries are rows with a name.
pub(super) const ROW_TABLES: [&str; 2] = ["/request", "/response"];

/// What names a row.
const NAMES: [&str; 3] = ["name", "use", "path"];

/// Mappings whose keys are facts too.
const OPEN: [&str; 13] = [
    "by",
    "shows",
    "set",
    "if",
    "responds",
    "filters",
    "refers",
    "missing",
    "invalid",
    "not_found",
    "dependency",
    "state",
    "where",
];

/// Printed for an action alone, however many print the same.
const OWN: [&str; 3] = ["section", "summary", "example"];

/// The data of an example.
const EXAMPLES: &str = "/examples";

/// The YAML of a new action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// The file.
    pub text: String,
    /// How many values are left to be written.
    pub unfilled: usize,
    /// How many are as they surely are.
    pub copied: usize,
}

/// The keys of a spec, with values only where all agree on them.
pub(super) fn of(neighbour: &Node, text: &str, action: &str, agreed: &Agreed) -> Skeleton {
    let mut taken = Taking { text, agreed, changes: Vec::new(), unfilled: 0, copied: 0 };
    let Value::Map(entries) = &neighbour.value else {
        return Skeleton { text: String::new(), unfilled: 0, copied: 0 };
    };
    for entry in entries {
        match entry.key.as_str() {
            "action" => taken.changes.push((after_key(entry), format!(": {action}"))),
            _ => taken.entry("", entry, true),
        }
    }
    Skeleton {
        text: without_comments(&changed(text, taken.changes)),
        unfilled: taken.unfilled,
        copied: taken.copied,
    }
}

/// The value of a key.
pub(super) fn member<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

/// What a row is called.
pub(super) fn row_name(row: &Node) -> Option<&str> {
    NAMES.iter().find_map(|key| member(row, key)).and_then(Node::written)
}

/// What the file has at a place.
pub(super) fn slice(text: &str, place: Location) -> &str {
    text.get(place.start as usize..place.end as usize).unwrap_or_default().trim_end()
}

struct Taking<'a> {
    text: &'a str,
    agreed: &'a Agreed,
    changes: Vec<(Range<usize>, String)>,
    unfilled: usize,
    copied: usize,
}

impl Taking<'_> {
    /// Takes the facts out of a value; `may_agree` where a place means the same in other actions.
    fn entry(&mut self, above: &str, entry: &Entry, may_agree: bool) {
        let place = format!("{above}/{}", entry.key);
        match &entry.value.value {
            Value::Map(_) if OPEN.contains(&entry.key.as_str()) || above.starts_with(EXAMPLES) => {
                self.unfilled(entry);
            }
            Value::Map(inner) => inner.iter().for_each(|entry| self.entry(&place, entry, may_agree)),
            Value::List(rows) if ROW_TABLES.contains(&place.as_str()) => {
                rows.iter().for_each(|row| self.row(&place, row));
            }
            Value::List(items) if items.iter().all(|item| matches!(item.value, Value::Map(_))) => {
                for item in items {
                    let Value::Map(inner) = &item.value else { continue };
                    inner.iter().for_each(|entry| self.entry(&place, entry, false));
                }
            }
            _ => self.value(&place, entry, may_agree),
        }
    }

    fn row(&mut self, table: &str, row: &Node) {
        let Value::Map(entries) = &row.value else { return };
        let place = format!("{table}/{}", row_name(row).unwrap_or_default());
        let is_sure = self.agreed.has_row(&place);
        for entry in entries {
            if is_sure && NAMES.contains(&entry.key.as_str()) {
                self.copied += 1;
            } else {
                self.entry(&place, entry, is_sure);
            }
        }
    }

    fn value(&mut self, place: &str, entry: &Entry, may_agree: bool) {
        let is_own = place.matches('/').count() == 1 || entry.key == "example";
        let may_agree = may_agree && !(is_own && OWN.contains(&entry.key.as_str()));
        if may_agree && self.agreed.has(place, slice(self.text, entry.value.location)) {
            self.copied += 1;
        } else {
            self.unfilled(entry);
        }
    }

    fn unfilled(&mut self, entry: &Entry) {
        let example = placeholder::of(entry.value.written().unwrap_or_default());
        self.changes.push((after_key(entry), format!(": {example}")));
        self.unfilled += 1;
    }
}

/// From the end of a key to the end of its value.
fn after_key(entry: &Entry) -> Range<usize> {
    entry.key_location.end as usize..entry.value.location.end as usize
}

/// The text with stretches of it replaced, which come in order.
fn changed(text: &str, changes: Vec<(Range<usize>, String)>) -> String {
    let (mut result, mut done) = (String::new(), 0);
    for (range, new) in changes {
        result.push_str(text.get(done..range.start).unwrap_or_default());
        result.push_str(&new);
        // A block of text ends where the next key begins.
        let old = text.get(range.clone()).unwrap_or_default();
        done = range.start + old.trim_end().len();
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}

/// Comments are about the neighbour.
fn without_comments(text: &str) -> String {
    let is_kept = |line: &&str| !line.trim_start().starts_with('#');
    text.split_inclusive('\n').filter(is_kept).collect()
}
