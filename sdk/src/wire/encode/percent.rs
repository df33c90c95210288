//! Percent-encoding as the signatures want it: every byte but `A-Z a-z 0-9 - _ . ~`.

/// Appends the encoded text.
pub(crate) fn append(out: &mut String, text: &str) {
    out.reserve(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !UNRESERVED[usize::from(byte)]) {
        // The byte found may be the first of several that make one character.
        let (plain, from_here) = rest.split_at(at);
        let width = from_here.chars().next().map_or(1, char::len_utf8);
        let (reserved, after) = from_here.split_at(width);
        out.push_str(plain);
        reserved.bytes().for_each(|byte| append_escape(out, byte));
        rest = after;
    }
    out.push_str(rest);
}

/// Appends the text as a form body has it: as above, with `+` for a space.
pub(crate) fn append_form(out: &mut String, text: &str) {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push('+');
        }
        append(out, word);
    }
}

fn append_escape(out: &mut String, byte: u8) {
    let at = 3 * usize::from(byte);
    out.push_str(&ESCAPES[at..at + 3]);
}

/// `%00` to `%FF`, one after the other.
static ESCAPES: &str = {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    const TEXT: [u8; 768] = {
        let mut text = [b'%'; 768];
        let mut byte = 0;
        while byte < 256 {
            text[3 * byte + 1] = HEX[byte >> 4];
            text[3 * byte + 2] = HEX[byte & 15];
            byte += 1;
        }
        text
    };
    match str::from_utf8(&TEXT) {
        Ok(text) => text,
        Err(_) => panic!("digits are UTF-8"),
    }
};

static UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let ascii = byte as u8;
        table[byte] = ascii.is_ascii_alphanumeric() || matches!(ascii, b'-' | b'_' | b'.' | b'~');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = String::new();
        append(&mut out, text);
        out
    }

    fn naive(text: &str) -> String {
        const KEPT: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
        text.bytes()
            .map(|byte| match char::from(byte) {
                kept if KEPT.contains(kept) => kept.to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    }

    #[test]
    fn every_byte_agrees_with_the_naive_way() {
        // U+0000..=U+00FF hold every ASCII byte; the others make every lead and continuation byte.
        let characters = (0..=0xFF_u32).chain((0x100..0x11_0000).step_by(61));
        for character in characters.filter_map(char::from_u32) {
            let text = format!("a{character}b{character}");
            assert_eq!(encoded(&text), naive(&text), "{character:?}");
        }
        assert_eq!(UNRESERVED.iter().filter(|kept| **kept).count(), 66);
    }

    #[test]
    fn long_values_and_empty_ones() {
        assert_eq!(encoded(""), "");
        let long = "é/x ".repeat(20_000);
        assert_eq!(encoded(&long), naive(&long));
    }

    #[test]
    fn a_form_writes_a_space_as_plus() {
        let mut out = String::new();
        append_form(&mut out, " a  b+*~/");
        assert_eq!(out, "+a++b%2B%2A~%2F");
    }
}
