//! What is wrong with a spec, where, and what to do about it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::visible::visible;

/// Diagnostics after this many are shown as one line each.
const SHOWN_IN_FULL: usize = 200;

/// Messages are cut after this many characters.
const LONGEST_LINE: usize = 600;

/// A file among [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A stretch of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
    /// Line of the first character, from 1.
    pub line: u32,
    /// Column of the first character, in characters from 1.
    pub column: u32,
}

impl Location {
    /// The very beginning of a file, for what is wrong with the file as a whole.
    pub fn start_of(file: FileId) -> Self {
        Self { file, start: 0, end: 0, line: 1, column: 1 }
    }
}

/// How much a [`Diagnostic`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Worth a look; the code is generated all the same.
    Warning,
}

/// One thing that is wrong, with its places and its fix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where it is.
    pub primary: Location,
    /// Whether it stops the generator.
    pub severity: Severity,
    /// A name that stays the same between versions, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it, in one line; may be empty.
    pub help: String,
    /// Other places that belong to it, each with what is there.
    pub secondary: Vec<(Location, String)>,
}

impl Diagnostic {
    /// Something that stops the generator.
    pub fn error(code: &'static str, primary: Location, message: impl Into<String>) -> Self {
        Self {
            primary,
            severity: Severity::Error,
            code,
            message: message.into(),
            help: String::new(),
            secondary: Vec::new(),
        }
    }

    /// Something that does not stop the generator.
    pub fn warning(code: &'static str, primary: Location, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, primary, message) }
    }

    /// Says what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Points at another place that belongs to it.
    pub fn also(mut self, location: Location, label: impl Into<String>) -> Self {
        self.secondary.push((location, label.into()));
        self
    }
}

/// The files that were read, each under the path that messages show.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

#[derive(Clone, Debug)]
struct Source {
    path: String,
    text: String,
}

impl Sources {
    /// Adds a file; `path` is relative to the workspace and separated by `/`.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(Source { path: path.into(), text: text.into() });
        FileId(id)
    }

    /// The path of a file.
    pub fn path(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |source| &source.path)
    }

    /// The text of a file.
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |source| &source.text)
    }
}

/// Everything that was found wrong so far.
///
/// It is filled through a shared reference, so that a reader of one mapping and the reader of
/// the mapping around it can both hold it.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: RefCell<Vec<Diagnostic>>,
}

impl Diagnostics {
    /// Keeps one more.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Keeps an error with its fix.
    pub fn error(
        &self,
        code: &'static str,
        primary: Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Diagnostic::error(code, primary, message).help(help));
    }

    /// Keeps an error with its fix and another place that belongs to it, with what is there.
    pub(crate) fn error_beside(
        &self,
        code: &'static str,
        primary: Location,
        (other, label): (Location, &str),
        message: impl Into<String>,
        help: &str,
    ) {
        self.push(Diagnostic::error(code, primary, message).help(help).also(other, label));
    }

    /// Whether nothing was found, neither error nor warning.
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// How many errors were found. Something found twice counts twice until sorted.
    pub fn errors(&self) -> usize {
        self.found.borrow().iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// All of them by file, line and column, each once.
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        self.found.into_inner().into_iter().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// All of them as text for a terminal, by file, line and column.
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        render(&self.clone().into_sorted(), sources, color)
    }
}

/// Diagnostics as text for a terminal, in the order given.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for (index, diagnostic) in diagnostics.iter().enumerate() {
        if index < SHOWN_IN_FULL {
            text.push_str(&in_full(diagnostic, sources, &renderer));
            text.push_str("\n\n");
        } else {
            push_line(&mut text, diagnostic, sources);
        }
    }
    text
}

fn in_full(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level
        .primary_title(single_line(&diagnostic.message))
        .id(diagnostic.code)
        .elements(Vec::<Snippet<'_, Annotation<'_>>>::new());
    let mut places = vec![(diagnostic.primary, AnnotationKind::Primary, None)];
    let others = diagnostic.secondary.iter();
    places.extend(others.map(|(place, label)| (*place, AnnotationKind::Context, Some(single_line(label)))));
    for of_one_file in places.chunk_by(|one, next| one.0.file == next.0.file) {
        group = excerpt(group, sources, of_one_file);
    }
    if !diagnostic.help.is_empty() {
        group = group.element(Level::HELP.message(single_line(&diagnostic.help)));
    }
    renderer.render(&[group])
}

/// Adds the lines that hold the places, or only the path if the file has no text.
fn excerpt<'a>(
    group: Group<'a>,
    sources: &'a Sources,
    places: &[(Location, AnnotationKind, Option<String>)],
) -> Group<'a> {
    let Some((first, ..)) = places.first() else { return group };
    let (path, text) = (shown_path(sources, first.file), sources.text(first.file));
    if text.trim().is_empty() {
        return group.element(Origin::path(path).line(first.line as usize).char_column(1));
    }
    let annotations = places.iter().map(|(place, kind, label)| {
        let annotation = kind.span(shown_span(text, *place));
        annotation.label(label.clone())
    });
    group.element(Snippet::source(visible(text)).path(path).annotations(annotations))
}

/// Where a location ends up once the text has its invisible characters written out.
///
/// It is cut at the end of its first line: a mapping of fifty lines is pointed at, not framed.
fn shown_span(text: &str, place: Location) -> Range<usize> {
    let start = floor(text, place.start as usize);
    let line_end = text[start..].find('\n').map_or(text.len(), |found| start + found);
    let end = floor(text, place.end as usize).clamp(start, line_end);
    let before = visible(&text[..start]).len();
    before..before + visible(&text[start..end]).len()
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A name may be as long as a file; what is said about it is not.
fn single_line(text: &str) -> String {
    let mut characters = text.chars();
    let shown: String = characters.by_ref().take(LONGEST_LINE).collect();
    let rest = if characters.next().is_some() { "…" } else { "" };
    format!("{}{rest}", visible(&shown).replace(['\n', '\t'], " "))
}

fn push_line(text: &mut String, diagnostic: &Diagnostic, sources: &Sources) {
    let Location { file, line, column, .. } = diagnostic.primary;
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // Writing into a string cannot fail.
    writeln!(
        text,
        "{severity}[{}]: {} at {}:{line}:{column}",
        diagnostic.code,
        single_line(&diagnostic.message),
        shown_path(sources, file),
    )
    .unwrap_or_default();
}

/// A file may have any name, also one that would begin a line of its own.
fn shown_path(sources: &Sources, file: FileId) -> String {
    visible(sources.path(file)).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics, FileId, Location, Sources};
    use crate::yaml::location_at;

    fn at(file: FileId, text: &str, part: &str) -> Location {
        let place = location_at(file, text, text.find(part).expect("the part is in the text"));
        Location { end: place.start + u32::try_from(part.len()).expect("tests are small"), ..place }
    }

    #[test]
    fn shows_code_place_line_and_help() {
        let text = "action: CreateVpc\n\nreqest: []\n";
        let mut sources = Sources::default();
        let file = sources.add("spec/CreateVpc.yaml", text);
        let found = Diagnostics::default();
        found.push(
            Diagnostic::error("unknown-key", at(file, text, "reqest"), "unknown key `reqest`")
                .help("Did you mean `request`?")
                .also(at(file, text, "action"), "in this action"),
        );
        assert_eq!(
            found.render(&sources, false),
            "error[unknown-key]: unknown key `reqest`\n \
             --> spec/CreateVpc.yaml:3:1\n  |\n\
             1 | action: CreateVpc\n  | ------ in this action\n2 |\n\
             3 | reqest: []\n  | ^^^^^^\n  |\n  = help: Did you mean `request`?\n\n"
        );
    }

    #[test]
    fn sorts_and_shows_each_once() {
        let text = "b\na\n";
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text);
        let found = Diagnostics::default();
        for part in ["a", "b", "a"] {
            found.push(Diagnostic::error("x", at(file, text, part), part));
        }
        let messages: Vec<_> = found.into_sorted().into_iter().map(|d| d.message).collect();
        assert_eq!(messages, ["b", "a"]);
    }

    #[test]
    fn hostile_source_is_written_out() {
        let text = "a\u{202E}\u{1B}[31m: b\u{7}\n";
        let mut sources = Sources::default();
        let file = sources.add("e\u{1B}.yaml", text);
        let found = Diagnostics::default();
        found.push(Diagnostic::error("x", at(file, text, "b"), "m\u{202E}\nn").help("\u{7}"));
        let shown = found.render(&sources, false);
        assert!(!shown.chars().any(|c| c != '\n' && crate::visible::is_deceptive(c)));
        assert!(shown.contains("aU+202EU+001B[31m: bU+0007"), "{shown}");
    }

    #[test]
    fn any_location_renders() {
        let mut sources = Sources::default();
        let empty = sources.add("empty.yaml", "");
        let text = "é中: x";
        let file = sources.add("x.yaml", text);
        let found = Diagnostics::default();
        found.push(Diagnostic::error("x", Location::start_of(empty), "empty"));
        for (start, end) in [(1, 2), (9, 3), (500, 900), (0, 7), (0, u32::MAX)] {
            let place = Location { start, end, ..Location::start_of(file) };
            found.push(Diagnostic::error("x", place, "there").also(place, "here"));
        }
        assert_eq!(found.errors(), 6);
        assert!(found.render(&sources, true).contains("empty.yaml"));
    }

    #[test]
    fn a_flood_is_cut_to_a_line_each() {
        let text = "a\n".repeat(400);
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text);
        let found = Diagnostics::default();
        for line in 0..400 {
            let place = Location { start: line * 2, end: line * 2 + 1, line: line + 1, column: 1, file };
            found.push(Diagnostic::warning("x", place, "a"));
        }
        let shown = found.render(&sources, false);
        assert_eq!(shown.matches("warning[x]").count(), 400);
        assert!(shown.contains("warning[x]: a at x.yaml:400:1"));
    }
}
