//! Known secrets, searched for in any spelling.

use std::collections::HashSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::normalized::Normalized;

/// A part of a secret that is at least so long is hidden, in bytes: services cut what they quote.
const PART: usize = 8;

/// A secret that is shorter is hidden where it stands alone only: as a part of words it would hide half of
/// any text, and there it tells nothing.
const SHORTEST_PART: usize = 4;

/// Secrets in their normalized form.
#[derive(Default)]
pub(super) struct Needles {
    /// All parts of long secrets, in order: there are a thousand of them in a usual call, and sorting them
    /// takes a fraction of hashing each.
    parts: Vec<u64>,
    /// Secrets that are shorter than a part.
    short: HashSet<Vec<u8>>,
}

impl Needles {
    pub(super) fn of<'s>(secrets: impl Iterator<Item = &'s str>) -> Self {
        let mut needles = Self::default();
        for secret in secrets {
            needles.add(secret);
            needles.add_bytes(secret.as_bytes());
        }
        needles.parts.sort_unstable();
        needles
    }

    /// The text, with `***` in the place of each secret.
    pub(super) fn hide_in(&self, text: &str) -> String {
        let normalized = Normalized::of(text);
        let mut hits: Vec<_> =
            self.hits(normalized.bytes()).filter_map(|hit| normalized.origin(hit)).collect();
        hits.sort_by_key(|hit| hit.start);
        let mut shown = String::with_capacity(text.len());
        let mut hidden_to = None;
        for hit in hits {
            if hidden_to.is_none_or(|end| hit.start > end) {
                shown.push_str(text.get(hidden_to.unwrap_or(0)..hit.start).unwrap_or_default());
                shown.push_str("***");
            }
            hidden_to = hidden_to.max(Some(hit.end));
        }
        shown.push_str(text.get(hidden_to.unwrap_or(0)..).unwrap_or_default());
        shown
    }

    fn add(&mut self, secret: &str) {
        let normalized = Normalized::of(secret);
        // A backslash at the end has nothing before which it would vanish.
        let mut normalized = normalized.bytes();
        while let Some(shorter) = normalized.strip_suffix(b"\\") {
            normalized = shorter;
        }
        if normalized.len() >= PART {
            self.parts.extend(parts(normalized));
        } else if !normalized.is_empty() {
            self.short.insert(normalized.to_owned());
        }
    }

    /// Adds what becomes of the bytes in a hexadecimal or Base64 text that holds them.
    fn add_bytes(&mut self, secret: &[u8]) {
        if secret.len() < SHORTEST_PART {
            return;
        }
        self.add(&secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        for before in 0..3 {
            // The characters that also tell of the neighbours are left out.
            let shifted = [&[0; 2][..before], secret].concat();
            let encoded = STANDARD_NO_PAD.encode(&shifted[..shifted.len() / 3 * 3]);
            let encoded = encoded.get(if before == 0 { 0 } else { 4 }..).unwrap_or_default();
            if encoded.len() >= SHORTEST_PART {
                self.add(encoded);
                self.add(&encoded.replace('+', "-").replace('/', "_"));
            }
        }
    }

    fn hits<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = Range<usize>> + 't {
        let parts = parts(text).enumerate().filter(|(_, part)| self.parts.binary_search(part).is_ok());
        let parts = parts.map(|(at, _)| at..at + PART);
        let short = self.short.iter().flat_map(move |secret| {
            let places = text.windows(secret.len()).enumerate().filter(move |(_, part)| part == secret);
            places.map(move |(at, _)| at..at + secret.len())
        });
        let short = short.filter(|hit| hit.len() >= SHORTEST_PART || stands_alone(text, hit));
        parts.chain(short)
    }
}

/// Every part of a text, as a number.
fn parts(text: &[u8]) -> impl Iterator<Item = u64> + '_ {
    text.windows(PART).map(|part| part.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn stands_alone(text: &[u8], part: &Range<usize>) -> bool {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    let before = part.start.checked_sub(1).and_then(|at| text.get(at));
    !is_word(before) && !is_word(text.get(part.end))
}
