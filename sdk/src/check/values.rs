//! Limits of single values: a kind is an arm of [`broken`], or of [`broken_list`] if it is about a list as a
//! whole.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Said;
use crate::record::List;
use crate::schema::{Chars, Check, Syntax};

/// What a check asks for, in the words of a limit or of advice, if a value does not satisfy it.
pub(super) fn broken_as(said: Said, check: &Check, text: &str) -> Option<String> {
    let whose = if said.today { "today's" } else { "the documented" };
    if said.advice { beyond(check, text, whose).or_else(|| broken(check, text)) } else { broken(check, text) }
}

/// On which side of its bounds a number lies.
fn beyond(check: &Check, text: &str, whose: &str) -> Option<String> {
    fn outside<T: FromStr + PartialOrd + Display>(text: &str, min: T, max: T, whose: &str) -> Option<String> {
        let number: T = text.trim().parse().ok()?;
        let below = || (number < min).then(|| format!("is below {whose} {min}"));
        if number > max { Some(format!("is beyond {whose} {max}")) } else { below() }
    }
    match *check {
        Check::Range(min, max) => outside(text, min, max, whose),
        Check::Decimals(min, max) => outside(text, min, max, whose),
        _ => None,
    }
}

/// What a check asks for, if a value, as the wire has it, does not satisfy it.
fn broken(check: &Check, text: &str) -> Option<String> {
    match *check {
        Check::Length(min, max) => miscounted(text.chars().count(), min, max, "characters"),
        Check::Range(min, max) => outside_range(text, min, max),
        Check::Decimals(min, max) => outside_decimals(text, min, max),
        Check::Items(min, max) => miscounted(text.split(',').count(), min, max, "values between commas"),
        Check::OneOf(values) => {
            unless(values.contains(&text), || format!("must be one of {}", values.join(", ")))
        }
        Check::NoneOf(numbers) => {
            let is_reserved = numbers.iter().any(|reserved| text.trim().parse() == Ok(*reserved));
            unless(!is_reserved, || "is a reserved value".to_owned())
        }
        Check::StartsWith(set) => {
            let starts = text.chars().next().is_some_and(|c| set.contains(c));
            unless(starts, || format!("must start with {}", set.description()))
        }
        Check::EndsWith(set) => {
            let ends = text.chars().next_back().is_some_and(|c| set.contains(c));
            unless(ends, || format!("must end with {}", set.description()))
        }
        Check::Only(set) => unless(text.chars().all(|c| set.contains(c)), || {
            format!("may only contain {}", set.description())
        }),
        Check::NotStartingWith(prefixes) => {
            let found = prefixes.iter().find(|prefix| starts_with_ignoring_case(text, prefix));
            found.map(|prefix| format!("must not start with {prefix:?}"))
        }
        Check::NotContaining(parts) => {
            let text = text.to_ascii_lowercase();
            let found = parts.iter().find(|part| text.contains(&part.to_ascii_lowercase()));
            found.map(|part| format!("must not contain {part:?}"))
        }
        Check::Format(format) => unless(format.accepts(text), || format!("must be {}", format.description())),
        Check::Cidr { within, not_within, prefix } => {
            text.split(',').find_map(|block| misplaced(block.trim(), within, not_within, prefix))
        }
        Check::MaskBits(min, max) => {
            let fits = mask_bits(text).is_none_or(|bits| (min..=max).contains(&bits));
            unless(fits, || format!("must be a mask of {min} to {max} bits"))
        }
    }
}

/// Whether a check is about a list as a whole, rather than about each entry.
pub(super) fn is_about_lists(check: &Check) -> bool {
    matches!(check, Check::Items(..))
}

/// What a check asks for, if a list as a whole does not satisfy it.
pub(super) fn broken_list(check: &Check, list: &dyn List) -> Option<String> {
    match *check {
        Check::Items(min, max) => miscounted(list.len(), min, max, "entries"),
        _ => None,
    }
}

fn unless(holds: bool, rule: impl FnOnce() -> String) -> Option<String> {
    (!holds).then(rule)
}

fn miscounted(count: usize, min: u32, max: u32, what: &str) -> Option<String> {
    unless(count >= min as usize && count <= max as usize, || match (min, max) {
        (0, _) => format!("takes at most {max} {what}"),
        (_, u32::MAX) => format!("takes at least {min} {what}"),
        _ if min == max => format!("takes exactly {min} {what}"),
        _ => format!("takes {min} to {max} {what}"),
    })
}

fn outside_range(text: &str, min: i64, max: i64) -> Option<String> {
    let is_inside = text.trim().parse::<i64>().is_ok_and(|number| (min..=max).contains(&number));
    unless(is_inside, || match (min, max) {
        (i64::MIN, _) => format!("must be a whole number up to {max}"),
        (_, i64::MAX) => format!("must be a whole number from {min}"),
        _ => format!("must be a whole number from {min} to {max}"),
    })
}

fn outside_decimals(text: &str, min: f64, max: f64) -> Option<String> {
    let is_inside = text.trim().parse::<f64>().is_ok_and(|number| (min..=max).contains(&number));
    unless(is_inside, || match (min.is_finite(), max.is_finite()) {
        (false, _) => format!("must be a number up to {max}"),
        (_, false) => format!("must be a number from {min}"),
        _ => format!("must be a number from {min} to {max}"),
    })
}

/// A text that is neither block nor address is the format's business.
fn misplaced(text: &str, within: &[&str], not_within: &[&str], prefix: (u8, u8)) -> Option<String> {
    let block = block(text)?;
    if text.contains('/') && !(prefix.0..=prefix.1).contains(&block.prefix_len()) {
        return Some(format!("must have a prefix of /{} to /{}", prefix.0, prefix.1));
    }
    let lies_in = |area: &&str| area.parse().is_ok_and(|area: IpNet| area.contains(&block));
    if !within.is_empty() && !within.iter().any(lies_in) {
        return Some(format!("must lie within {}", within.join(", ")));
    }
    not_within.iter().find(|area| lies_in(area)).map(|area| format!("must not lie within {area}"))
}

/// A CIDR block, or an address as the block of it alone.
pub(super) fn block(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| Some(text.parse::<IpAddr>().ok()?.into()))
}

/// How many bits a subnet mask has: `255.255.255.252`, `/30` or `30`.
pub(super) fn mask_bits(text: &str) -> Option<u32> {
    let bits = text.strip_prefix('/').unwrap_or(text).parse().ok().filter(|bits| *bits <= 32);
    bits.or_else(|| ipnet::ipv4_mask_to_prefix(text.parse().ok()?).ok().map(u32::from))
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

impl Chars {
    /// Whether a character belongs to the set.
    #[must_use]
    pub fn contains(self, c: char) -> bool {
        match self {
            Self::Letter | Self::LetterOrChinese => c.is_alphabetic(),
            Self::LetterOrDigit => c.is_alphabetic() || c.is_ascii_digit(),
            Self::LowercaseLetterOrDigit => c.is_ascii_lowercase() || c.is_ascii_digit(),
            Self::Slash => c == '/',
            Self::ResourceName => c.is_alphanumeric() || matches!(c, '.' | '_' | '-'),
            Self::LettersDigitsUnderscoreHyphen => c.is_alphanumeric() || matches!(c, '_' | '-'),
            Self::LowercaseDigitsHyphen => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Self::LowercaseDigitsUnderscoreHyphen => {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')
            }
            Self::PrintableAsciiNoSpace => c.is_ascii_graphic(),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Letter | Self::LetterOrChinese => "a letter",
            Self::LetterOrDigit => "a letter or a digit",
            Self::LowercaseLetterOrDigit => "a lower-case letter or a digit",
            Self::Slash => "a slash",
            Self::ResourceName => "letters, digits, periods, underscores and hyphens",
            Self::LettersDigitsUnderscoreHyphen => "letters, digits, underscores and hyphens",
            Self::LowercaseDigitsHyphen => "lower-case letters, digits and hyphens",
            Self::LowercaseDigitsUnderscoreHyphen => "lower-case letters, digits, underscores and hyphens",
            Self::PrintableAsciiNoSpace => "printable ASCII characters other than space",
        }
    }
}

impl Syntax {
    /// Whether a text has the syntax.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Ip => text.parse::<IpAddr>().is_ok(),
            Self::Ipv4Cidr => text.parse::<Ipv4Net>().is_ok(),
            Self::Ipv6Cidr => text.parse::<Ipv6Net>().is_ok(),
            Self::Cidr => text.parse::<IpNet>().is_ok(),
            Self::DateTime => has_pattern(text, "0000-00-00T00:00:00Z"),
            Self::DateTimeMinutes => has_pattern(text, "0000-00-00T00:00Z"),
            Self::Ascii => text.is_ascii(),
            Self::CommaList => true,
            Self::CommaListOfCidr => text.split(',').all(|block| block.trim().parse::<IpNet>().is_ok()),
            Self::CommaListOfIp => text.split(',').all(|one| one.trim().parse::<IpAddr>().is_ok()),
            Self::CommaListOfIpv4 => text.split(',').all(|one| one.trim().parse::<Ipv4Addr>().is_ok()),
            Self::Netmask => mask_bits(text).is_some(),
            Self::PortRangeOrAny => text.eq_ignore_ascii_case("any") || is_port_range(text),
            Self::Json => serde_json::from_slice::<serde::de::IgnoredAny>(text.as_bytes()).is_ok(),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Ip => "an IP address",
            Self::Ipv4Cidr => "an IPv4 CIDR block",
            Self::Ipv6Cidr => "an IPv6 CIDR block",
            Self::Cidr => "a CIDR block",
            Self::DateTime => "a UTC time like 2024-03-05T06:07:08Z",
            Self::DateTimeMinutes => "a UTC time like 2024-03-05T06:07Z",
            Self::Ascii => "ASCII text",
            Self::CommaList => "values between commas",
            Self::CommaListOfCidr => "CIDR blocks between commas",
            Self::CommaListOfIp => "IP addresses between commas",
            Self::CommaListOfIpv4 => "IPv4 addresses between commas",
            Self::Netmask => "a subnet mask like 255.255.255.252",
            Self::PortRangeOrAny => "a port, a range of ports like 80/90, or any",
            Self::Json => "JSON",
        }
    }
}

fn is_port_range(text: &str) -> bool {
    let is_port = |port: &str| port.parse().is_ok_and(|port: u16| port > 0);
    let (from, to) = text.split_once('/').unwrap_or((text, text));
    is_port(from) && is_port(to)
}

/// Whether a text has digits where the pattern has `0`, and the pattern's characters elsewhere.
fn has_pattern(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => byte == expected,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_a_fraction_are_its_own() {
        let check = Check::Decimals(0.5, 99.9);
        for inside in ["0.5", "1", "99.9"] {
            assert_eq!(broken(&check, inside), None, "{inside}");
        }
        for outside in ["0.49", "99.91", "-1", "NaN", "inf"] {
            let expected = Some("must be a number from 0.5 to 99.9".to_owned());
            assert_eq!(broken(&check, outside), expected, "{outside}");
        }
        let open = |check| broken(&check, "7.5");
        assert_eq!(open(Check::Decimals(0.5, f64::INFINITY)), None);
        assert_eq!(
            open(Check::Decimals(f64::NEG_INFINITY, 7.0)).as_deref(),
            Some("must be a number up to 7")
        );
        assert_eq!(open(Check::Decimals(8.5, f64::INFINITY)).as_deref(), Some("must be a number from 8.5"));
    }
}
