//! Doc comments, from words of ours and words that come out of a spec.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::syntax::raw_text;
use crate::visible::{push_visible, visible};

/// What stands between the lines of a doc until it is printed; spec text cannot hold it.
pub(crate) const LINE_END: char = '\u{1}';

/// A doc comment under construction.
///
/// Whatever a spec says goes through [`Doc::text`] or [`Doc::code`] and comes out as prose: it
/// cannot become a link, HTML, a heading, a list or a code block that rustdoc would run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doc {
    lines: Vec<String>,
}

impl Doc {
    /// A comment that says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends Markdown of our own. A line feed in it starts a new line.
    #[must_use]
    pub fn markup(mut self, markdown: &str) -> Self {
        for (index, line) in markdown.split('\n').enumerate() {
            self.start_line(index);
            self.current().push_str(&visible(line));
        }
        self
    }

    /// Appends text from a spec. Whole code spans stay; everything else that Markdown would
    /// take for markup is escaped.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        for (index, line) in text.split('\n').enumerate() {
            self.start_line(index);
            let at_line_start = self.current().trim().is_empty();
            let escaped = escape(line, at_line_start);
            self.current().push_str(&escaped);
        }
        self
    }

    /// Appends text from a spec as a code span.
    #[must_use]
    pub fn code(mut self, text: &str) -> Self {
        let text = visible(text).replace(['\n', '\t'], " ");
        let run = text.split(|character| character != '`').map(str::len).max();
        let fence = "`".repeat(run.unwrap_or(0) + 1);
        // Between blanks a code span may begin or end with a backtick, or be blank.
        let needs_blanks = text.starts_with('`') || text.ends_with('`') || text.trim().is_empty();
        let blank = if needs_blanks { " " } else { "" };
        let span = format!("{fence}{blank}{text}{blank}{fence}");
        self.current().push_str(&span);
        self
    }

    /// Appends texts from a spec as code spans with commas between them.
    #[must_use]
    pub fn codes<'a>(mut self, texts: impl Iterator<Item = &'a str>) -> Self {
        for (index, text) in texts.enumerate() {
            self = self.markup(if index > 0 { ", " } else { "" }).code(text);
        }
        self
    }

    /// Begins a line and appends lines of our own, a code block say, and begins another.
    #[must_use]
    pub fn block(mut self, lines: &str) -> Self {
        self = self.line();
        self.lines.pop();
        self.lines.extend(lines.lines().map(|line| visible(line).into_owned()));
        self
    }

    /// Ends the paragraph. What follows stands below an empty line.
    #[must_use]
    pub fn paragraph(mut self) -> Self {
        if !self.is_empty() {
            self.lines.extend([String::new(), String::new()]);
        }
        self
    }

    /// Ends the line. What follows stands below it, in the same paragraph or list.
    #[must_use]
    pub fn line(mut self) -> Self {
        if !self.is_empty() {
            self.lines.push(String::new());
        }
        self
    }

    /// The lines without what makes a doc comment of them.
    pub(crate) fn plain(&self) -> String {
        self.lines.join("\n")
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.trim().is_empty())
    }

    /// The comment as `/// …` lines, so many blanks from the margin.
    #[must_use]
    pub fn outer_lines(&self, margin: usize) -> String {
        self.trimmed().map(|line| format!("{:margin$}///{line}\n", "")).collect()
    }

    /// The comment of the file that it stands in, as `//! …` lines.
    #[must_use]
    pub fn inner_lines(&self) -> String {
        self.trimmed().map(|line| format!("//!{line}\n")).collect()
    }

    /// The lines as they stand after the slashes, without empty ones at either end or in a row.
    fn trimmed(&self) -> impl Iterator<Item = String> {
        let mut lines: Vec<&str> = self.lines.iter().map(|line| line.trim_end()).collect();
        lines.dedup_by(|again, line| again.is_empty() && line.is_empty());
        let from = usize::from(lines.first().is_some_and(|line| line.is_empty()));
        let until = lines.len() - usize::from(lines.len() > from && lines.ends_with(&[""]));
        let inner: Vec<String> = lines[from..until].iter().map(|line| spaced(line)).collect();
        inner.into_iter()
    }

    fn start_line(&mut self, index: usize) {
        if index > 0 {
            self.lines.push(String::new());
        }
    }

    fn current(&mut self) -> &mut String {
        if self.lines.is_empty() {
            self.lines.push(String::new());
        }
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }
}

fn spaced(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!(" {line}") }
}

impl ToTokens for Doc {
    /// `#[doc = r" …"]` with a character of its own between the lines, which [`crate::render`] takes apart: with an
    /// attribute for each of them, most of what is parsed would be docs.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let lines = self.trimmed().collect::<Vec<_>>().join(LINE_END.encode_utf8(&mut [0]));
        if !lines.is_empty() {
            let lines = raw_text(&lines);
            tokens.extend(quote!(#[doc = #lines]));
        }
    }
}

/// One line of prose in which nothing is markup but its own code spans.
fn escape(line: &str, at_line_start: bool) -> String {
    let line = if at_line_start { line.trim_start() } else { line };
    let line = line.trim_end_matches('\t');
    let mut escaped = String::with_capacity(line.len() + 8);
    if has_code_spans(line) {
        for (index, part) in line.split('`').enumerate() {
            if index % 2 == 1 {
                escaped.push('`');
                escaped.push_str(&visible(part));
                escaped.push('`');
            } else {
                escape_prose(part, at_line_start && index == 0, &mut escaped);
            }
        }
    } else {
        escape_prose(line, at_line_start, &mut escaped);
    }
    escaped
}

/// Whether every backtick opens or closes a span that holds something.
fn has_code_spans(line: &str) -> bool {
    let parts = line.split('`').count();
    let is_filled = |(index, part): (usize, &str)| {
        let is_inner = index > 0 && index < parts - 1;
        !is_inner || !part.trim().is_empty() && !part.contains('\t')
    };
    parts > 1 && parts % 2 == 1 && line.split('`').enumerate().all(is_filled)
}

fn escape_prose(prose: &str, at_line_start: bool, escaped: &mut String) {
    if at_line_start {
        escape_block_mark(prose, escaped);
    } else {
        escape_inline(prose, None, escaped);
    }
}

/// A number, dash or the like at the start of a line would begin a list, heading or rule.
fn escape_block_mark(prose: &str, escaped: &mut String) {
    let digits = prose.len() - prose.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = prose.split_at(digits);
    escaped.push_str(number);
    let is_mark = match rest.chars().next() {
        Some('.' | ')') => digits > 0,
        Some('-' | '+' | '=' | '#' | ':') => digits == 0,
        _ => false,
    };
    if is_mark {
        escaped.push('\\');
        escaped.push_str(&rest[..1]);
        escape_inline(&rest[1..], rest.chars().next(), escaped);
    } else {
        escape_inline(rest, number.chars().next_back(), escaped);
    }
}

fn escape_inline(prose: &str, before: Option<char>, escaped: &mut String) {
    let mut before = before;
    let mut rest = prose.chars();
    while let Some(character) = rest.next() {
        let is_markup = match character {
            '\\' | '`' | '*' | '<' | '>' | '[' | ']' | '&' | '~' | '|' => true,
            // Inside a word an underscore is one.
            '_' => !(is_word(before) && is_word(rest.clone().next())),
            // Rustdoc objects to an address that is neither a link nor code.
            ':' => rest.as_str().starts_with("//"),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        push_visible(escaped, if character == '\t' { ' ' } else { character });
        before = Some(character);
    }
}

fn is_word(character: Option<char>) -> bool {
    character.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::Doc;

    fn text(text: &str) -> String {
        Doc::new().text(text).outer_lines(0)
    }

    #[test]
    fn plain_sentences_stay_as_they_are() {
        let sentence = "Name of the VPC (2 to 128 letters), such as vpc_name-1; see `VpcId`.";
        assert_eq!(text(sentence), format!("/// {sentence}\n"));
    }

    #[test]
    fn hostile_text_is_prose() {
        for (hostile, shown) in [
            ("a\nb", "/// a\n/// b\n"),
            ("*/ x", "/// \\*/ x\n"),
            ("\"# \"## #![x]", "/// \"# \"## #!\\[x\\]\n"),
            ("# Heading", "/// \\# Heading\n"),
            ("a \\ {} b\\", "/// a \\\\ {} b\\\\\n"),
            ("a\rb", "/// aU+000Db\n"),
            ("a\r\nb", "/// a\n/// b\n"),
            ("a\u{202E}b\0", "/// aU+202EbU+0000\n"),
            ("</script>", "/// \\</script\\>\n"),
            ("[x]: y", "/// \\[x\\]: y\n"),
            ("`x", "/// \\`x\n"),
            ("``` \nx\n```", "/// \\`\\`\\`\n/// x\n/// \\`\\`\\`\n"),
            ("~~~\nx", "/// \\~\\~\\~\n/// x\n"),
            ("    panic!()", "/// panic!()\n"),
            ("\tpanic!()", "/// panic!()\n"),
            ("> x", "/// \\> x\n"),
            ("- x\n+ x\n1. x\n2) x", "/// \\- x\n/// \\+ x\n/// 1\\. x\n/// 2\\) x\n"),
            ("x\n===", "/// x\n/// \\===\n"),
            ("x\n---", "/// x\n/// \\---\n"),
            ("&lt;b&gt;", "/// \\&lt;b\\&gt;\n"),
            ("see https://example.com/a_b", "/// see https\\://example.com/a_b\n"),
            ("_x_ __y__", "/// \\_x\\_ \\_\\_y\\_\\_\n"),
            ("a `b <i>` c `d`", "/// a `b <i>` c `d`\n"),
            ("a `` b", "/// a \\`\\` b\n"),
            ("", ""),
            (" \n \n", ""),
        ] {
            assert_eq!(text(hostile), shown, "{hostile:?}");
        }
    }

    #[test]
    fn code_survives_backticks() {
        for (code, shown) in [
            ("x", "`x`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("``a", "``` ``a ```"),
            ("", "`  `"),
            ("a\nb\u{202E}", "`a bU+202E`"),
        ] {
            let lines = Doc::new().markup("- ").code(code).outer_lines(0);
            assert_eq!(lines, format!("/// - {shown}\n"));
        }
    }

    #[test]
    fn parts_join_to_lines_and_paragraphs() {
        let doc = Doc::new()
            .paragraph()
            .text("Creates a VPC.")
            .paragraph()
            .markup("# Limits\n\n- ")
            .text("- at most [2]")
            .line()
            .markup("- other")
            .paragraph();
        assert_eq!(
            doc.outer_lines(0),
            "/// Creates a VPC.\n///\n/// # Limits\n///\n/// - - at most \\[2\\]\n/// - other\n"
        );
        let called = Doc::new().text("A call:").block("```no_run\nsend();\n```").line().markup("- once");
        assert_eq!(
            called.outer_lines(2),
            "  /// A call:\n  /// ```no_run\n  /// send();\n  /// ```\n  /// - once\n"
        );
        assert!(Doc::new().is_empty() && !doc.is_empty());
    }
}
