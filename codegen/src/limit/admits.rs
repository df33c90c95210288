//! Whether a text satisfies a limit: what documents print is held against what they say.

use std::net::IpAddr;

use ipnet::IpNet;

use super::content::{Form, within};
use super::words::{Test, mask_bits, test};
use super::{Check, CidrSpec, Content};

impl Check {
    /// Whether a value passes; the number of entries of a list is not looked at.
    pub(crate) fn admits(&self, text: &str) -> bool {
        match (&self.content, self.kind.form) {
            (Content::Bounds(bounds), Form::Range) => {
                text.trim().parse().is_ok_and(|number| within(*bounds, number))
            }
            (Content::Bounds(bounds), Form::Characters) => within(*bounds, count(text.chars())),
            (Content::Bounds(bounds), Form::MaskBits) => {
                mask_bits(text).is_none_or(|bits| within(*bounds, i64::from(bits)))
            }
            (Content::Bounds(_), _) => true,
            (Content::Decimals(bounds), _) => text.trim().parse().is_ok_and(|number| within(*bounds, number)),
            (Content::Values(values), _) => values.iter().any(|known| *known.value == text),
            (Content::Numbers(numbers), _) => {
                text.trim().parse().map_or(true, |number| !numbers.contains(&number))
            }
            (Content::Texts(texts), _) => {
                let text = text.to_lowercase();
                let is_found = |part: &str| match self.kind.key {
                    "not_starting_with" => text.starts_with(part),
                    _ => text.contains(part),
                };
                !texts.iter().any(|part| is_found(&part.to_lowercase()))
            }
            (Content::Cidr(cidr), _) => text.split(',').all(|block| cidr.admits(block.trim())),
            (Content::Word(word), _) => match (self.kind.key, test(word)) {
                ("starts_with", Test::Char(holds)) => text.chars().next().is_some_and(holds),
                ("ends_with", Test::Char(holds)) => text.chars().next_back().is_some_and(holds),
                (_, Test::Char(holds)) => text.chars().all(holds),
                (_, Test::Text(holds)) => holds(text),
                (_, Test::Each(holds)) => text.split(',').map(str::trim).all(holds),
            },
        }
    }
}

impl CidrSpec {
    fn admits(&self, block: &str) -> bool {
        let Some((block, is_block)) = read(block) else { return true };
        let lies_in = |area: &String| area.parse().is_ok_and(|area: IpNet| area.contains(&block));
        let fits = !is_block || self.prefix.is_none_or(|prefix| within(prefix, block.prefix_len().into()));
        fits && (self.within.is_empty() || self.within.iter().any(lies_in))
            && !self.not_within.iter().any(lies_in)
    }
}

/// A block, or an address as the block of it alone.
fn read(text: &str) -> Option<(IpNet, bool)> {
    let block = text.parse().map(|block: IpNet| (block, true)).ok();
    block.or_else(|| Some((IpNet::from(text.parse::<IpAddr>().ok()?), false)))
}

fn count<T>(parts: impl Iterator<Item = T>) -> i64 {
    i64::try_from(parts.count()).unwrap_or(i64::MAX)
}
