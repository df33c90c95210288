//! Facts in words, and how two lists of them differ.

use std::collections::BTreeMap;

/// Facts, each as often as it was found. A fact begins with what it is about: `limit request VpcName: …`.
#[derive(Debug, Default)]
pub(crate) struct Facts(BTreeMap<String, usize>);

impl Facts {
    pub(crate) fn add(&mut self, fact: String) {
        *self.0.entry(fact).or_default() += 1;
    }

    pub(crate) fn extend(&mut self, other: Self) {
        for (fact, times) in other.0 {
            *self.0.entry(fact).or_default() += times;
        }
    }

    /// Reports what one side has more often than the other.
    pub(crate) fn compare(&mut self, found: &Self, file: &str, differences: &mut Vec<String>) {
        let facts = self.0.keys().chain(found.0.keys().filter(|fact| !self.0.contains_key(*fact)));
        for fact in facts {
            let [said, held] = [&*self, found].map(|side| side.0.get(fact).copied().unwrap_or_default());
            if said > held {
                differences.push(format!("{file}: the SDK lacks: {fact}"));
            } else if held > said {
                differences.push(format!("{file}: only the SDK has: {fact}"));
            }
        }
    }

    /// How many there are of each kind.
    pub(crate) fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for (fact, times) in &self.0 {
            *counts.entry(fact.split_once(' ').map_or(fact.as_str(), |(kind, _)| kind)).or_default() += times;
        }
        counts
    }
}
