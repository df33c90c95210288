//! Characters that a reader cannot see, or that change what a reader sees, made visible.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces every control, bidirectional and zero-width character by its number, as `U+202E`.
///
/// Line feeds and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_deceptive) else {
        return Cow::Borrowed(text);
    };
    let (clean, rest) = text.split_at(first);
    let mut shown = String::from(clean);
    for character in rest.chars() {
        push_visible(&mut shown, character);
    }
    Cow::Owned(shown)
}

/// Appends one character as [`visible`] shows it.
pub(crate) fn push_visible(shown: &mut String, character: char) {
    if is_deceptive(character) {
        // Writing into a string cannot fail.
        write!(shown, "U+{:04X}", u32::from(character)).unwrap_or_default();
    } else {
        shown.push(character);
    }
}

/// Whether a character is invisible or reorders its neighbours.
pub(crate) fn is_deceptive(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        ' '..='~' => false,
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'..='\u{1160}'
        | '\u{3164}'
        | '\u{FFA0}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn harmless_text_is_borrowed() {
        assert!(matches!(visible("a\tb\né 中"), std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn deceptive_characters_are_numbered() {
        assert_eq!(visible("a\u{202E}b\0c\rd"), "aU+202EbU+0000cU+000Dd");
        assert_eq!(visible("\u{200B}\u{2066}\u{85}\u{7F}"), "U+200BU+2066U+0085U+007F");
        assert_eq!(visible("a\u{AD}b\u{3164}"), "aU+00ADbU+3164");
    }
}
