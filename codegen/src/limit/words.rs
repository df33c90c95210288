//! The words of the dialect for texts and characters: what satisfies each, and which words say less.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use Test::{Char, Each, Text};

/// A word, what satisfies it, and the words that only some of that satisfies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word(pub &'static str, Test, &'static [&'static str]);

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    Char(fn(char) -> bool),
    Text(fn(&str) -> bool),
    /// What stands between commas.
    Each(fn(&str) -> bool),
}

/// Says what a value is divided by, and is no syntax of its own.
pub(super) const COMMA_LIST: &str = "comma-list";

pub(super) const FORMATS: &[Word] = &[
    Word("ipv4", Text(is::<Ipv4Addr>), &[]),
    Word("ipv6", Text(is::<Ipv6Addr>), &[]),
    Word("ip", Text(is::<IpAddr>), &["ipv4", "ipv6"]),
    Word("ipv4-cidr", Text(is::<Ipv4Net>), &[]),
    Word("ipv6-cidr", Text(is::<Ipv6Net>), &[]),
    Word("cidr", Text(is::<IpNet>), &["ipv4-cidr", "ipv6-cidr"]),
    Word("date-time", Text(|text| has_pattern(text, "0000-00-00T00:00:00Z")), &[]),
    Word("date-time-minutes", Text(|text| has_pattern(text, "0000-00-00T00:00Z")), &[]),
    Word("ascii", Text(str::is_ascii), &[]),
    Word("netmask", Text(|text| mask_bits(text).is_some()), &[]),
    Word("port-range-or-any", Text(is_port_range), &[]),
    Word(COMMA_LIST, Text(|_| true), &[]),
    Word("comma-list-of-cidr", Each(is::<IpNet>), &["cidr", "ipv4-cidr", "ipv6-cidr"]),
    Word("comma-list-of-ip", Each(is::<IpAddr>), &["ip", "ipv4", "ipv6", "comma-list-of-ipv4"]),
    Word("comma-list-of-ipv4", Each(is::<Ipv4Addr>), &["ipv4"]),
    Word("json", Text(is::<serde_json::Value>), &[]),
];

pub(super) const ENDS: &[Word] = &[
    Word("letter", Char(char::is_alphabetic), &[]),
    Word("letter-or-chinese", Char(char::is_alphabetic), &[]),
    Word(
        "letter-or-digit",
        Char(|c| c.is_alphabetic() || c.is_ascii_digit()),
        &["letter", "letter-or-chinese", "lowercase-letter-or-digit"],
    ),
    Word("lowercase-letter-or-digit", Char(is_lowercase), &[]),
    Word("slash", Char(|c| c == '/'), &[]),
];

/// The words for all characters of a text.
pub(super) const SETS: &[Word] = &[
    Word("resource-name", Char(|c| c.is_alphanumeric() || ".-_".contains(c)), &[NAME, LOWER, LOWEST]),
    Word(NAME, Char(|c| c.is_alphanumeric() || "-_".contains(c)), &[LOWER, LOWEST]),
    Word(LOWEST, Char(|c| is_lowercase(c) || c == '-'), &[]),
    Word(LOWER, Char(|c| is_lowercase(c) || "-_".contains(c)), &[LOWEST]),
    Word("printable-ascii-no-space", Char(|c| c.is_ascii_graphic()), &[]),
];

const NAME: &str = "letters-digits-underscore-hyphen";
const LOWER: &str = "lowercase-digits-underscore-hyphen";
const LOWEST: &str = "lowercase-digits-hyphen";

/// What satisfies a word.
pub(super) fn test(name: &str) -> Test {
    find(name).map_or(Text(|_| true), |word| word.1)
}

/// Whether all that satisfies one word satisfies another.
pub(super) fn is_wider(wide: &str, narrow: &str) -> bool {
    wide == COMMA_LIST || find(wide).is_some_and(|word| word.2.contains(&narrow))
}

fn find(name: &str) -> Option<&'static Word> {
    [FORMATS, ENDS, SETS].into_iter().flatten().find(|word| word.0 == name)
}

fn is<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

fn is_lowercase(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// How many bits a subnet mask has: `255.255.255.252`, `/30` or `30`.
pub(super) fn mask_bits(text: &str) -> Option<u32> {
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
