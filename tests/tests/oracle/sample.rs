//! Texts of each format and characters of each set, told apart by `spec/README.md`.

use std::net::{Ipv4Addr, Ipv6Addr};

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

/// Whether a text has a format, as far as formats contain each other.
fn accepts(format: &str, text: &str) -> bool {
    let is_block = |text: &str, family: &str| {
        text.split_once('/')
            .is_some_and(|(address, bits)| accepts(family, address) && bits.parse::<u8>().is_ok())
    };
    match format {
        "comma-list" => true,
        "ascii" => text.is_ascii(),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "ip" => accepts("ipv4", text) || accepts("ipv6", text),
        "cidr" => is_block(text, "ip"),
        "ipv4-cidr" => is_block(text, "ipv4"),
        "ipv6-cidr" => is_block(text, "ipv6"),
        _ => match format.strip_prefix("comma-list-of-") {
            Some(entry) => text.split(',').all(|text| accepts(entry, text)),
            None => texts(format).0.contains(&text),
        },
    }
}
