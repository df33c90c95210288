//! Percent-encoding as the signatures want it: every byte but what RFC 3986 calls unreserved.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Appends the encoded text.
pub(crate) fn append(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, RESERVED));
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
