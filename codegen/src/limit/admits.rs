//! Whether a text satisfies a limit: what documents print is held against what they say.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::content::{Form, within};
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
            (Content::Word(word), _) => match self.kind.key {
                "starts_with" => text.chars().next().is_some_and(|c| is_in(word, c)),
                "ends_with" => text.chars().next_back().is_some_and(|c| is_in(word, c)),
                "chars" => text.chars().all(|c| is_in(word, c)),
                _ => has_format(word, text),
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

fn is_in(set: &str, c: char) -> bool {
    match set {
        "letter" | "letter-or-chinese" => c.is_alphabetic(),
        "letter-or-digit" => c.is_alphabetic() || c.is_ascii_digit(),
        "lowercase-letter-or-digit" => c.is_ascii_lowercase() || c.is_ascii_digit(),
        "slash" => c == '/',
        "resource-name" => c.is_alphanumeric() || matches!(c, '.' | '_' | '-'),
        "letters-digits-underscore-hyphen" => c.is_alphanumeric() || matches!(c, '_' | '-'),
        "lowercase-digits-hyphen" => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
        "lowercase-digits-underscore-hyphen" => {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')
        }
        _ => c.is_ascii_graphic(),
    }
}

fn has_format(format: &str, text: &str) -> bool {
    let each = |is_one: fn(&str) -> bool| text.split(',').map(str::trim).all(is_one);
    match format {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "ip" => text.parse::<IpAddr>().is_ok(),
        "ipv4-cidr" => text.parse::<Ipv4Net>().is_ok(),
        "ipv6-cidr" => text.parse::<Ipv6Net>().is_ok(),
        "cidr" => text.parse::<IpNet>().is_ok(),
        "comma-list-of-cidr" => each(|block| block.parse::<IpNet>().is_ok()),
        "comma-list-of-ip" => each(|address| address.parse::<IpAddr>().is_ok()),
        "comma-list-of-ipv4" => each(|address| address.parse::<Ipv4Addr>().is_ok()),
        "netmask" => mask_bits(text).is_some(),
        "port-range-or-any" => is_port_range(text),
        "date-time" => has_pattern(text, "0000-00-00T00:00:00Z"),
        "date-time-minutes" => has_pattern(text, "0000-00-00T00:00Z"),
        "ascii" => text.is_ascii(),
        "json" => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        _ => true,
    }
}

/// How many bits a subnet mask has: `255.255.255.252`, `/30` or `30`.
fn mask_bits(text: &str) -> Option<u32> {
    let bits = text.strip_prefix('/').unwrap_or(text).parse().ok().filter(|bits| *bits <= 32);
    bits.or_else(|| ipnet::ipv4_mask_to_prefix(text.parse().ok()?).ok().map(u32::from))
}

/// `80`, `80/90` or `any` in any case.
fn is_port_range(text: &str) -> bool {
    let is_port = |port: &str| port.parse().is_ok_and(|port: u16| port > 0);
    let (from, to) = text.split_once('/').unwrap_or((text, text));
    text.eq_ignore_ascii_case("any") || (is_port(from) && is_port(to))
}

fn has_pattern(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => byte == expected,
        })
}
