//! Texts of each format and characters of each set, told apart by `spec/README.md`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Characters that tell the sets apart.
pub(crate) const CHARACTERS: &[char] =
    &['a', 'z', 'Z', 'é', 'ß', '中', '0', '9', '.', '_', '-', '/', ' ', '!', '@', '\'', '~', '\t', '\u{7f}'];

/// Whether a set of characters has one.
pub(crate) fn has(set: &str, c: char) -> bool {
    let lowercase = c.is_ascii_lowercase();
    let digit = c.is_ascii_digit();
    match set {
        "letter" | "letter-or-chinese" => c.is_alphabetic(),
        "letter-or-digit" => c.is_alphabetic() || digit,
        "lowercase-letter-or-digit" => lowercase || digit,
        "slash" => c == '/',
        "resource-name" => c.is_alphabetic() || digit || "._-".contains(c),
        "letters-digits-underscore-hyphen" => c.is_alphabetic() || digit || "_-".contains(c),
        "lowercase-digits-hyphen" => lowercase || digit || c == '-',
        "lowercase-digits-underscore-hyphen" => lowercase || digit || "_-".contains(c),
        "printable-ascii-no-space" => ('!'..='~').contains(&c),
        other => panic!("nothing here reads the characters `{other}`"),
    }
}

/// What a set of characters or a format is called where it is missed.
pub(crate) fn said(word: &str) -> &'static str {
    match word {
        "letter" | "letter-or-chinese" => "a letter",
        "letter-or-digit" => "a letter or a digit",
        "lowercase-letter-or-digit" => "a lower-case letter or a digit",
        "slash" => "a slash",
        "resource-name" => "letters, digits, periods, underscores and hyphens",
        "letters-digits-underscore-hyphen" => "letters, digits, underscores and hyphens",
        "lowercase-digits-hyphen" => "lower-case letters, digits and hyphens",
        "lowercase-digits-underscore-hyphen" => "lower-case letters, digits, underscores and hyphens",
        "printable-ascii-no-space" => "printable ASCII characters other than space",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "ip" => "an IP address",
        "ipv4-cidr" => "an IPv4 CIDR block",
        "ipv6-cidr" => "an IPv6 CIDR block",
        "cidr" => "a CIDR block",
        "date-time" => "a UTC time like 2024-03-05T06:07:08Z",
        "date-time-minutes" => "a UTC time like 2024-03-05T06:07Z",
        "ascii" => "ASCII text",
        "comma-list-of-cidr" => "CIDR blocks between commas",
        "comma-list-of-ip" => "IP addresses between commas",
        "comma-list-of-ipv4" => "IPv4 addresses between commas",
        "netmask" => "a subnet mask like 255.255.255.252",
        "port-range-or-any" => "a port, a range of ports like 80/90, or any",
        "json" => "JSON",
        other => panic!("nothing here says `{other}`"),
    }
}

/// Texts that have a format, and texts that do not.
pub(crate) fn texts(format: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match format {
        "ipv4" => {
            (&["192.0.2.7", "0.0.0.0"], &["192.0.2.256", "192.0.2", "2001:db8::1", "192.0.2.0/24", "a"])
        }
        "ipv6" => (&["2001:db8::1", "::"], &["192.0.2.7", "2001:db8::g", "2001:db8::/32", "a"]),
        "ip" => (&["192.0.2.7", "2001:db8::1"], &["192.0.2.256", "2001:db8::/32", "192.0.2.0/24", "a"]),
        "ipv4-cidr" => {
            (&["192.0.2.0/24", "10.0.0.0/8"], &["192.0.2.0/33", "192.0.2.7", "2001:db8::/32", "a"])
        }
        "ipv6-cidr" => (&["2001:db8::/32", "::/0"], &["2001:db8::/129", "192.0.2.0/24", "2001:db8::1", "a"]),
        "cidr" => (&["192.0.2.0/24", "2001:db8::/32"], &["192.0.2.0/33", "192.0.2.7", "2001:db8::/129", "a"]),
        "date-time" => (
            &["2024-03-05T06:07:08Z"],
            &[
                "2024-03-05T06:07Z",
                "2024-03-05T06:07:08",
                "2024-03-05T06:07:08Z1",
                "2024-03-05 06:07:08Z",
                "a",
            ],
        ),
        "date-time-minutes" => (
            &["2024-03-05T06:07Z"],
            &["2024-03-05T06:07:08Z", "2024-03-05T06:07", "2024-03-05T06:07Z1", "2024-03-05 06:07Z", "a"],
        ),
        "ascii" => (&["a b!", "~"], &["é", "a中"]),
        "comma-list" => (&["a", "a,b"], &[]),
        "comma-list-of-cidr" => (
            &["192.0.2.0/24", "192.0.2.0/24,2001:db8::/32"],
            &["a", "192.0.2.0/24,a", "192.0.2.0/24,192.0.2.7"],
        ),
        "comma-list-of-ip" => {
            (&["192.0.2.7", "192.0.2.7,2001:db8::1"], &["a", "192.0.2.7,a", "192.0.2.7,::/0"])
        }
        "comma-list-of-ipv4" => {
            (&["192.0.2.7", "192.0.2.7,192.0.2.8"], &["a", "192.0.2.7,a", "192.0.2.7,2001:db8::1"])
        }
        "netmask" => (&["255.255.255.252", "/30", "30"], &["255.255.255.253", "/33", "33", "a"]),
        "port-range-or-any" => (
            &["80", "80/90", "any", "Any", "ANY", "65535"],
            &["0", "65536", "80/", "80/90/100", "80-90", "all"],
        ),
        "json" => (&["{}", "[1]", "{\"a\": null}"], &["{", "{a}", "a"]),
        other => panic!("nothing here reads the format `{other}`"),
    }
}

/// Whether a word admits all that another does, by the samples.
pub(crate) fn admits(key: &str, word: &str, other: &str) -> bool {
    if key == "format" {
        return texts(other).0.iter().all(|text| accepts(word, text));
    }
    CHARACTERS.iter().all(|c| has(word, *c) || !has(other, *c))
}

/// Whether a text has a format.
pub(crate) fn accepts(format: &str, text: &str) -> bool {
    let is_dated = |pattern: &str| {
        let fits = |(c, p): (char, char)| if p == '0' { c.is_ascii_digit() } else { c == p };
        text.chars().count() == pattern.len() && text.chars().zip(pattern.chars()).all(fits)
    };
    match format {
        "comma-list" => true,
        "ascii" => text.is_ascii(),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "ip" => accepts("ipv4", text) || accepts("ipv6", text),
        "cidr" => accepts("ipv4-cidr", text) || accepts("ipv6-cidr", text),
        "ipv4-cidr" => Block::read(text).is_some_and(|block| text.contains('/') && !block.is_ipv6),
        "ipv6-cidr" => Block::read(text).is_some_and(|block| text.contains('/') && block.is_ipv6),
        "date-time" => is_dated("0000-00-00T00:00:00Z"),
        "date-time-minutes" => is_dated("0000-00-00T00:00Z"),
        "netmask" => mask_bits(text).is_some(),
        "port-range-or-any" => {
            let parts: Vec<&str> = text.split('/').collect();
            let is_port = |part: &&str| part.parse::<u32>().is_ok_and(|port| (1..=65535).contains(&port));
            text.to_lowercase() == "any" || parts.len() <= 2 && parts.iter().all(is_port)
        }
        "json" => serde_json::from_str::<serde_json::Value>(text).is_ok(),
        _ => {
            let entry =
                format.strip_prefix("comma-list-of-").unwrap_or_else(|| panic!("{format} is no format"));
            text.split(',').all(|text| accepts(entry, text.trim()))
        }
    }
}

/// The bits of a subnet mask.
pub(crate) fn mask_bits(text: &str) -> Option<u32> {
    let bits = text.strip_prefix('/').unwrap_or(text).parse().ok().filter(|bits| *bits <= 32);
    let dotted = || {
        let mask = u32::from(text.parse::<Ipv4Addr>().ok()?);
        (mask.leading_ones() + mask.trailing_zeros() >= 32).then(|| mask.leading_ones())
    };
    bits.or_else(dotted)
}

/// A block of addresses; an address is the block of it alone.
pub(crate) struct Block {
    pub(crate) is_ipv6: bool,
    pub(crate) prefix: u32,
    /// Of the first and the last address.
    ends: (u128, u128),
}

impl Block {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let (bits, width) = match address.parse().ok()? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let prefix =
            prefix.map_or(Some(width), |prefix| prefix.parse().ok().filter(|prefix| *prefix <= width))?;
        let size = if width == prefix { 0 } else { u128::MAX >> (128 - (width - prefix)) };
        Some(Self { is_ipv6: width == 128, prefix, ends: (bits & !size, bits | size) })
    }

    pub(crate) fn lies_in(&self, area: &Self) -> bool {
        self.is_ipv6 == area.is_ipv6 && area.ends.0 <= self.ends.0 && self.ends.1 <= area.ends.1
    }

    /// Addresses at both of its ends, and those beside it.
    pub(crate) fn corners(&self) -> Vec<String> {
        let (first, last) = self.ends;
        let all = [Some(first), Some(last), first.checked_sub(1), last.checked_add(1)];
        let text = |bits: u128| match u32::try_from(bits) {
            _ if self.is_ipv6 => Some(Ipv6Addr::from(bits).to_string()),
            Ok(bits) => Some(Ipv4Addr::from(bits).to_string()),
            Err(_) => None,
        };
        all.into_iter().flatten().filter_map(text).collect()
    }
}
