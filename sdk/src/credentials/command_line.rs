//! A command line, cut into arguments without a shell.

/// The arguments; `None` if a quote is left open.
///
/// White space separates, quotes of both kinds hold together. A backslash takes the next
/// character as it is, but not between single quotes, and not on Windows, where it is part of
/// paths; there, and between double quotes, it only does so before what it would matter for.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    split_for(line, cfg!(windows))
}

fn split_for(line: &str, is_windows: bool) -> Option<Vec<String>> {
    let mut arguments = Vec::new();
    let mut current: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        match (character, quote) {
            ('\\', _) if next.is_some_and(|next| is_escaped(next, quote, is_windows)) => {
                current.get_or_insert_default().extend(characters.next());
            }
            (end, Some(open)) if end == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(character);
                // An empty pair of quotes is an argument too.
                current.get_or_insert_default();
            }
            (blank, None) if blank.is_whitespace() => arguments.extend(current.take()),
            _ => current.get_or_insert_default().push(character),
        }
    }
    arguments.extend(current);
    quote.is_none().then_some(arguments)
}

/// Whether a backslash before this character stands for the character.
fn is_escaped(next: char, quote: Option<char>, is_windows: bool) -> bool {
    match quote {
        Some('\'') => false,
        Some(_) if is_windows => next == '"',
        Some(_) => matches!(next, '"' | '\\' | '$' | '`'),
        None => !is_windows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_together() {
        let arguments = |line| split_for(line, false).map(|arguments| arguments.join("|"));
        assert_eq!(arguments(" get  --role 'a b' \"c d\"e "), Some("get|--role|a b|c de".to_owned()));
        assert_eq!(arguments(r#"a\ b '\' "\"\$\x" ''"#), Some(r#"a b|\|"$\x|"#.to_owned()));
        assert_eq!(arguments("a; rm -rf $HOME | b"), Some("a;|rm|-rf|$HOME|||b".to_owned()));
        assert_eq!(arguments(""), Some(String::new()));
        assert_eq!(arguments("a 'b"), None);
    }

    #[test]
    fn windows_paths_keep_their_backslashes() {
        let arguments = split_for(r#""C:\Program Files\get.exe" C:\x "a\"b""#, true);
        let expected = [r"C:\Program Files\get.exe", r"C:\x", r#"a"b"#];
        assert_eq!(arguments.unwrap_or_default(), expected);
    }
}
