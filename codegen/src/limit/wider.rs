//! Of two limits of one kind the wider, which refuses what both refuse; and which of two is the wider.

use ipnet::IpNet;

use super::words::is_wider;
use super::{Check, CidrSpec, Content};
use crate::read::Pair;

impl Check {
    /// What the document and the service of today both refuse. `None` if no limit of the dialect says just that.
    pub(crate) fn wider(&self, today: &Self) -> Option<Self> {
        let content = match (&self.content, &today.content) {
            (Content::Bounds(one), Content::Bounds(other)) => Content::Bounds(hull(*one, *other)),
            (Content::Decimals(one), Content::Decimals(other)) => Content::Decimals(hull(*one, *other)),
            (Content::Values(one), Content::Values(other)) => {
                let is_new = |value: &str| one.iter().all(|known| *known.value != value);
                let further = other.iter().filter(|value| is_new(&value.value));
                Content::Values(one.iter().chain(further).cloned().collect())
            }
            (Content::Numbers(one), Content::Numbers(other)) => Content::Numbers(both(one, other)?),
            (Content::Texts(one), Content::Texts(other)) => Content::Texts(both(one, other)?),
            (Content::Word(one), Content::Word(other)) if is_wider(one, other) => Content::Word(one),
            (Content::Word(one), Content::Word(other)) if is_wider(other, one) => Content::Word(other),
            (Content::Cidr(one), Content::Cidr(today)) => Content::Cidr(one.wider(today)),
            _ => return None,
        };
        Some(Self { kind: self.kind, content })
    }

    /// Whether it passes whatever another limit of its kind passes.
    pub fn passes_all_of(&self, other: &Self) -> bool {
        if self.is_same(other) {
            return true;
        }
        match (&self.content, &other.content) {
            (Content::Bounds(one), Content::Bounds(other)) => hull(*one, *other) == *one,
            (Content::Decimals(one), Content::Decimals(other)) => hull(*one, *other) == *one,
            (Content::Values(one), Content::Values(other)) => {
                other.iter().all(|value| one.iter().any(|known| *known.value == *value.value))
            }
            (Content::Numbers(one), Content::Numbers(other)) => one.iter().all(|one| other.contains(one)),
            (Content::Texts(one), Content::Texts(other)) => one.iter().all(|one| other.contains(one)),
            (Content::Word(one), Content::Word(other)) => one == other || is_wider(one, other),
            (Content::Cidr(one), Content::Cidr(other)) => one.passes_all_of(other),
            _ => false,
        }
    }
}

impl CidrSpec {
    fn passes_all_of(&self, other: &Self) -> bool {
        let lie_in = |inner: &[String], outer: &[String]| inner.iter().all(|block| lies_in(block, outer));
        let within =
            self.within.is_empty() || !other.within.is_empty() && lie_in(&other.within, &self.within);
        let prefix = match (self.prefix, other.prefix) {
            (Some(one), Some(other)) => hull(one, other) == one,
            (one, _) => one.is_none(),
        };
        within && prefix && lie_in(&self.not_within, &other.not_within)
    }

    /// What only the service of today says of a block holds; what it says no more does not.
    fn wider(&self, today: &Self) -> Self {
        let within = match (self.within.is_empty(), today.within.is_empty()) {
            (false, false) => {
                let further = today.within.iter().filter(|block| !self.within.contains(block));
                self.within.iter().chain(further).cloned().collect()
            }
            _ => today.within.clone(),
        };
        let not_within = match self.not_within.as_slice() {
            [] => today.not_within.clone(),
            documented => both(documented, &today.not_within).unwrap_or_default(),
        };
        let prefix = match (self.prefix, today.prefix) {
            (Some(one), Some(other)) => Some(hull(one, other)),
            (_, today) => today,
        };
        Self { within, not_within, prefix }
    }
}

fn lies_in(block: &str, areas: &[String]) -> bool {
    let Ok(block) = block.parse::<IpNet>() else { return false };
    areas.iter().filter_map(|area| area.parse::<IpNet>().ok()).any(|area| area.contains(&block))
}

/// The bounds around two.
fn hull<T: PartialOrd>(one: Pair<T>, other: Pair<T>) -> Pair<T> {
    let min = one.0.zip(other.0).map(|(one, other)| if one < other { one } else { other });
    let max = one.1.zip(other.1).map(|(one, other)| if one > other { one } else { other });
    (min, max)
}

/// What stands in both of two lists, if anything does.
fn both<T: Clone + PartialEq>(one: &[T], other: &[T]) -> Option<Vec<T>> {
    let both: Vec<T> = one.iter().filter(|entry| other.contains(entry)).cloned().collect();
    (!both.is_empty()).then_some(both)
}
