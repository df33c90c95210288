//! Wire paths, read once: `Filter.N.Value.M` of a request, `Vpcs.Vpc[].VpcId` of a response.

use std::ops::Deref;

use crate::names;

/// Which table a path is from: the two are written differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// `Tag.N.Key`.
    Request,
    /// `Tags.Tag[].Key`.
    Response,
}

/// The letters that stand for an index, from the outermost list inwards.
pub const INDEXES: [&str; 4] = ["N", "M", "L", "K"];

/// No service nests its values deeper.
const DEEPEST: usize = 10;

/// A wire path; as text it is what the spec has.
#[derive(Clone, Debug)]
pub struct Path {
    text: String,
    segments: Vec<Segment>,
    problem: Option<&'static str>,
}

/// A name of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Wire name.
    pub name: String,
    /// Whether an index or `[]` follows.
    pub is_list: bool,
}

impl Deref for Path {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Path {
    /// A path of a request's table.
    pub fn request(text: String) -> Self {
        Self::read(Table::Request, text)
    }

    /// A path of a response's table.
    pub fn response(text: String) -> Self {
        Self::read(Table::Response, text)
    }

    /// A path of either table.
    pub fn read(table: Table, text: String) -> Self {
        let mut segments: Vec<Segment> = Vec::new();
        let mut problem = None;
        for part in text.split('.') {
            let (name, is_list) = match table {
                Table::Request if INDEXES.contains(&part) => {
                    match segments.last_mut().filter(|segment| !segment.is_list) {
                        Some(list) => list.is_list = true,
                        None => problem = problem.or(Some("has an index that follows no name")),
                    }
                    continue;
                }
                Table::Request => (part, false),
                Table::Response => part.strip_suffix("[]").map_or((part, false), |name| (name, true)),
            };
            problem = problem.or_else(|| names::refuse_wire_name(name));
            segments.push(Segment { name: name.to_owned(), is_list });
        }
        let is_deep = segments.len() > DEEPEST;
        let problem = problem.or(is_deep.then_some("has more than ten names"));
        Self { text, segments, problem }
    }

    /// A parameter such as `Filter.1.Value.1`, as the row that describes it: `Filter.N.Value.M`.
    pub(crate) fn of_parameter(parameter: &str) -> Self {
        let mut letters = INDEXES.into_iter();
        let is_index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = parameter
            .split('.')
            .map(|part| if is_index(part) { letters.next().unwrap_or(part) } else { part });
        Self::request(parts.collect::<Vec<_>>().join("."))
    }

    /// Its names, each with whether it is a list.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What is wrong with it.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.problem
    }

    /// Whether an entry of a list is on the way.
    pub(crate) fn has_list(&self) -> bool {
        self.segments.iter().any(|segment| segment.is_list)
    }

    /// Whether it is the other path, or one that begins with it.
    pub(crate) fn is_at_or_below(&self, other: &str) -> bool {
        self.text.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The path below the first `depth` names, with its indexes.
    pub(crate) fn below(&self, depth: usize) -> String {
        let mut rest = self.text.split('.').peekable();
        for _ in 0..depth {
            rest.next();
            while rest.next_if(|part| INDEXES.contains(part)).is_some() {}
        }
        rest.collect::<Vec<_>>().join(".")
    }

    /// The list that holds the list at its end; empty if none does.
    pub(crate) fn outer_list(&self) -> &str {
        let inner = self.text.strip_suffix("[]").unwrap_or(&self.text);
        inner.rfind("[]").and_then(|end| inner.get(..end + 2)).unwrap_or_default()
    }
}
