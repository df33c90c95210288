//! The normalized form of a text: what is left once the escapes that a text meets on the wire are undone.
//!
//! Percent-encoding, JSON escapes and HTML entities are undone wherever they end, also those that another
//! one hides (`%255C`, `&amp;quot;`), with one look at each byte. A text and each of its encodings have the
//! same normalized form, so that a search among normalized forms finds them all:
//!
//! | in the text | in the normalized form |
//! |---|---|
//! | `%41`, `\u0041`, `&#65;`, `&#x41;`, `A` | `a` |
//! | `+` | a blank: forms write one so |
//! | `\"`, `\\\"`, `"` | `"`: a backslash vanishes before anything but `u` |
//! | a line feed, `\n`, `%0A` | `n`, and likewise the other controls that JSON has a letter for |

use std::ops::Range;

/// A text in its normalized form, and what each byte of it stands for in the text.
#[derive(Default)]
pub(super) struct Normalized {
    bytes: Vec<u8>,
    origins: Vec<Range<usize>>,
}

impl Normalized {
    pub(super) fn of(text: &str) -> Self {
        let mut normalized = Self::default();
        for (start, character) in text.char_indices() {
            let origin = start..start + character.len_utf8();
            normalized.push(character.encode_utf8(&mut [0; 4]).as_bytes(), &origin);
            while let Some((length, written)) = escape_at_end(&normalized.bytes) {
                normalized.replace_end(length, &written);
            }
        }
        normalized
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The part of the text that a part of the normalized form stands for; both ends lie between characters.
    pub(super) fn origin(&self, part: Range<usize>) -> Option<Range<usize>> {
        let last = part.end.checked_sub(1)?;
        Some(self.origins.get(part.start)?.start..self.origins.get(last)?.end)
    }

    /// Where the text has a word for the first time.
    pub(super) fn find(&self, word: &[u8]) -> Option<usize> {
        let at = self.bytes.windows(word.len().max(1)).position(|window| window == word)?;
        Some(self.origins.get(at)?.start)
    }

    /// Where in the text the value of a name begins: `"Psk": …`, `Psk=…`, `<Psk>…`.
    pub(super) fn first_value_of(&self, is_wanted: &dyn Fn(&str) -> bool) -> Option<usize> {
        let mut start = 0;
        while let Some(skipped) = self.bytes.get(start..)?.iter().position(|byte| is_name(*byte)) {
            start += skipped;
            let length = count(&self.bytes[start..], is_name);
            let (name, after) = self.bytes[start..].split_at(length);
            let between = count(after, |byte| matches!(byte, b'"' | b'\'' | b'\\' | b' '));
            let has_value = matches!(after.get(between), Some(b'=' | b':' | b'>'));
            if has_value && is_wanted(&String::from_utf8_lossy(name)) {
                return Some(self.origins.get(start + length + between)?.end);
            }
            start += length;
        }
        None
    }

    fn push(&mut self, bytes: &[u8], origin: &Range<usize>) {
        self.bytes.extend(bytes.iter().copied().map(folded));
        self.origins.resize(self.bytes.len(), origin.clone());
    }

    fn replace_end(&mut self, length: usize, written: &Written) {
        let kept = self.bytes.len() - length;
        let Some(origin) = self.origin(kept..self.bytes.len()) else { return };
        self.bytes.truncate(kept);
        self.origins.truncate(kept);
        self.push(written.bytes(), &origin);
    }
}

/// What an escape stands for.
struct Written([u8; 4], usize);

impl Written {
    fn byte(byte: u8) -> Self {
        Self([byte, 0, 0, 0], 1)
    }

    /// A code point in UTF-8, or half of one as three bytes of the same form.
    fn code(code: u32) -> Self {
        if let Some(character) = char::from_u32(code) {
            let mut bytes = [0; 4];
            let length = character.encode_utf8(&mut bytes).len();
            return Self(bytes, length);
        }
        let part = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
        Self([0xED, part(6), part(0), 0], 3)
    }

    fn bytes(&self) -> &[u8] {
        &self.0[..self.1]
    }
}

/// The escape with which a text ends: its length and what it stands for.
fn escape_at_end(bytes: &[u8]) -> Option<(usize, Written)> {
    match *bytes {
        [.., 0xED, high @ 0xA0..=0xAF, high_rest, 0xED, low @ 0xB0..=0xBF, low_rest] => {
            let ten_bits = |byte: u8, rest: u8| u32::from(byte & 0x0F) << 6 | u32::from(rest & 0x3F);
            let code = 0x1_0000 + (ten_bits(high, high_rest) << 10 | ten_bits(low, low_rest));
            Some((6, Written::code(code)))
        }
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            let code = number(&[high, low], 16)?;
            Some((3, Written::byte(u8::try_from(code).ok()?)))
        }
        [.., b'\\', b'u', one, two, three, four] => {
            Some((6, Written::code(number(&[one, two, three, four], 16)?)))
        }
        [.., b'\\', byte] if byte != b'u' => Some((2, Written::byte(byte))),
        [.., b';'] => entity_at_end(bytes),
        _ => None,
    }
}

fn entity_at_end(bytes: &[u8]) -> Option<(usize, Written)> {
    const LONGEST: usize = 10;
    let tail = &bytes[bytes.len().saturating_sub(LONGEST)..];
    let start = tail.iter().rposition(|byte| *byte == b'&')?;
    let length = tail.len() - start;
    let written = match &tail[start + 1..tail.len() - 1] {
        b"amp" => Written::byte(b'&'),
        b"quot" => Written::byte(b'"'),
        b"apos" => Written::byte(b'\''),
        b"lt" => Written::byte(b'<'),
        b"gt" => Written::byte(b'>'),
        [b'#', b'x', digits @ ..] => Written::code(number(digits, 16)?),
        [b'#', digits @ ..] => Written::code(number(digits, 10)?),
        _ => return None,
    };
    Some((length, written))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let text = std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(is_digit))?;
    u32::from_str_radix(text, radix).ok().filter(|code| *code <= u32::from(char::MAX))
}

/// What a byte is in the normalized form.
fn folded(byte: u8) -> u8 {
    match byte {
        b'+' => b' ',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0C => b'f',
        byte => byte.to_ascii_lowercase(),
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn count(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !is_wanted(*byte)).unwrap_or(bytes.len())
}
