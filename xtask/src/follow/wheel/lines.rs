//! A file inside a wheel, line by line: what is not understood is an error that names its line.

/// The text of a file of a wheel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    /// Its name inside the wheel.
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl<'a> Text<'a> {
    /// Its lines, each with its number from 1.
    pub(super) fn lines(self) -> impl Iterator<Item = Line<'a>> {
        self.text.lines().enumerate().map(move |(index, text)| Line {
            file: self.name,
            number: index + 1,
            text,
        })
    }
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) file: &'a str,
    pub(super) number: usize,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    /// Without the blanks at either end.
    pub(super) fn code(self) -> &'a str {
        self.text.trim()
    }

    /// What is wrong here.
    pub(super) fn wrong(self, expected: &str) -> String {
        let shown: String = self.code().chars().take(100).collect();
        format!("{}:{}: `{shown}` is not understood; expected {expected}", self.file, self.number)
    }
}

/// What stands between a beginning and an end.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

/// A name of Python.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
