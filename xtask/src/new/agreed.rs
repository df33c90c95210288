//! What the actions of a service have alike.

use std::collections::BTreeMap;

use cloudnet_codegen::diagnostic::Sources;
use cloudnet_codegen::yaml::Value;

use super::Parsed;
use super::skeleton::{ROW_TABLES, row_name, slice};

/// So many must have it, and all alike.
const ENOUGH: usize = 3;

/// What is surely the same in a new action: what all that have it have alike, of the service or of those that
/// begin with the same verb.
pub(super) struct Agreed {
    /// What stands at each place, and whether in an action of the same verb.
    values: BTreeMap<String, Vec<(bool, String)>>,
    /// How many actions there are, and how many of them have each row.
    actions: Count,
    rows: BTreeMap<String, Count>,
}

/// Actions of the service, and those of them that begin with the verb.
#[derive(Clone, Copy, Default)]
struct Count {
    of_service: usize,
    of_verb: usize,
}

impl Count {
    fn add(&mut self, is_like: bool) {
        self.of_service += 1;
        self.of_verb += usize::from(is_like);
    }
}

impl Agreed {
    pub(super) fn among<'a>(
        actions: impl Iterator<Item = &'a Parsed>,
        action: &str,
        sources: &Sources,
    ) -> Self {
        let mut agreed = Self { values: BTreeMap::new(), actions: Count::default(), rows: BTreeMap::new() };
        for one in actions {
            let is_like = verb(one.name()) == verb(action);
            agreed.actions.add(is_like);
            agreed.add("", &one.node.value, sources.text(one.file), is_like);
        }
        agreed
    }

    /// Whether a text is what surely stands at a place.
    pub(super) fn has(&self, place: &str, text: &str) -> bool {
        let Some(found) = self.values.get(place) else { return false };
        let agrees = |like: bool| {
            let mut voters = found.iter().filter(|(is_like, _)| *is_like || !like).map(|(_, value)| value);
            voters.clone().count() >= ENOUGH && voters.all(|value| value == text)
        };
        agrees(false) || agrees(true)
    }

    /// Whether the new action surely has a row.
    pub(super) fn has_row(&self, place: &str) -> bool {
        let (all, Some(having)) = (self.actions, self.rows.get(place)) else { return false };
        let is_in_each = |having: usize, all: usize| all >= ENOUGH && having == all;
        is_in_each(having.of_service, all.of_service) || is_in_each(having.of_verb, all.of_verb)
    }

    fn add(&mut self, place: &str, value: &Value, text: &str, is_like: bool) {
        let Value::Map(entries) = value else { return };
        for entry in entries {
            let place = format!("{place}/{}", entry.key);
            match &entry.value.value {
                Value::Map(_) => self.add(&place, &entry.value.value, text, is_like),
                Value::List(rows) if ROW_TABLES.contains(&place.as_str()) => {
                    for row in rows {
                        let Some(name) = row_name(row) else { continue };
                        let place = format!("{place}/{name}");
                        self.rows.entry(place.clone()).or_default().add(is_like);
                        self.add(&place, &row.value, text, is_like);
                    }
                }
                _ => {
                    let value = slice(text, entry.value.location).to_owned();
                    self.values.entry(place).or_default().push((is_like, value));
                }
            }
        }
    }
}

/// `Describe` of `DescribeVpcs`.
fn verb(action: &str) -> &str {
    let end = action.char_indices().skip(1).find(|(_, letter)| letter.is_ascii_uppercase());
    &action[..end.map_or(action.len(), |(at, _)| at)]
}
