//! The rows of both tables: what is published as it is, and what the dialect wants besides.

use cloudnet_codegen::is_named_like_a_secret;
use cloudnet_codegen::names::upper_camel;
use cloudnet_codegen::path::{Path, Table};

use super::known::Known;
use super::names::{Names, Values, singular, values};
use super::yaml::Yaml;
use crate::follow::published::{Action, Bounds, Place, Row, Style, Type};

/// Both tables of a draft.
pub(super) struct Tables {
    pub(super) request: Vec<Yaml>,
    pub(super) response: Vec<Yaml>,
    /// Acknowledgements of what the dialect cannot say as it is published.
    pub(super) differences: Vec<Yaml>,
}

/// The rows of the request and of the response. Tokens that are `harmless` name a call or a page, and prove nothing.
pub(super) fn tables(action: &Action, known: &Known<'_>, names: &mut Names, harmless: &[String]) -> Tables {
    let mut differences = Vec::new();
    let mut table = |table, rows| {
        let mut drafting = Drafting {
            table,
            known,
            names: &mut *names,
            harmless,
            rows: Vec::new(),
            differences: Vec::new(),
        };
        tree(table, rows).iter().for_each(|node| drafting.node(node, ""));
        differences.append(&mut drafting.differences);
        drafting.rows
    };
    let mut rows = table(Table::Request, &action.request);
    let first_of_response = rows.len();
    rows.extend(table(Table::Response, &action.response));
    let uses = rows.iter().enumerate().filter_map(|(row, draft)| {
        let (name, values) = draft.values.as_ref()?;
        Some(Values { row, name: name.clone(), values })
    });
    let mut type_names = names.of_values(&uses.collect::<Vec<_>>());
    let finish = |(position, draft): (usize, Draft)| draft.finish(type_names.remove(&position));
    let mut request: Vec<Yaml> = rows.into_iter().enumerate().map(finish).collect();
    let response = request.split_off(first_of_response);
    Tables { request, response, differences }
}

/// A name of a path, with all that stands below it.
struct Node<'r> {
    name: String,
    is_list: bool,
    /// Of what holds others, or of a list of values as a whole.
    container: Option<&'r Row>,
    /// Of a value, or of each entry of a list.
    entry: Option<&'r Row>,
    children: Vec<Self>,
}

fn tree(table: Table, rows: &[Row]) -> Vec<Node<'_>> {
    let mut root = Vec::new();
    for row in rows {
        let path = Path::read(table, row.path.clone());
        let mut level = &mut root;
        let mut segments = path.segments().iter().peekable();
        while let Some(segment) = segments.next() {
            let position = level.iter().position(|node: &Node<'_>| node.name == segment.name);
            let position = position.unwrap_or_else(|| {
                let (name, is_list) = (segment.name.clone(), false);
                level.push(Node { name, is_list, container: None, entry: None, children: Vec::new() });
                level.len() - 1
            });
            let Some(node) = level.get_mut(position) else { break };
            node.is_list |= segment.is_list || segments.peek().is_none() && row.ty == Type::List;
            if segments.peek().is_none() {
                *if row.container { &mut node.container } else { &mut node.entry } = Some(row);
            }
            level = &mut node.children;
        }
    }
    root
}

impl<'r> Node<'r> {
    /// The list inside an object that has nothing else and is called like it.
    fn wrapped(&self, table: Table) -> Option<&Self> {
        let [only] = self.children.as_slice() else { return None };
        let is_called_so = singular(&self.name) == singular(&only.name);
        let is_wrapper = table == Table::Response && !self.is_list && only.is_list && is_called_so;
        is_wrapper.then_some(only)
    }

    /// Whether it is an object that could as well be a wrapper.
    fn is_ambiguous(&self, table: Table) -> bool {
        let is_single = matches!(self.children.as_slice(), [only] if only.is_list);
        table == Table::Response && !self.is_list && is_single
    }

    fn row(&self) -> Option<&'r Row> {
        self.container.or(self.entry)
    }

    /// The rows of the values below it.
    fn leaves(&self) -> Box<dyn Iterator<Item = &'r Row> + '_> {
        Box::new(self.children.iter().flat_map(|child| child.entry.into_iter().chain(child.leaves())))
    }

    /// Whether its fields are those of a type that actions share.
    fn is_like(&self, fields: &[String]) -> bool {
        let is_text =
            |node: &Self| node.entry.is_some_and(|row| row.ty == Type::Text && row.limits.values.is_empty());
        self.children.len() == fields.len()
            && self
                .children
                .iter()
                .all(|child| !child.is_list && is_text(child) && fields.contains(&child.name))
    }
}

/// A row, before the names of its values are settled.
struct Draft {
    /// What comes before its `type_name`, and after.
    head: Vec<(String, Yaml)>,
    tail: Vec<(String, Yaml)>,
    /// The usual name of its type, and its values.
    values: Option<(String, Vec<String>)>,
}

impl Draft {
    fn finish(mut self, type_name: Option<Yaml>) -> Yaml {
        self.head.extend(type_name.map(|name| ("type_name".to_owned(), name)));
        self.head.append(&mut self.tail);
        Yaml::Map(self.head)
    }
}

struct Drafting<'a, 'k> {
    table: Table,
    known: &'a Known<'k>,
    names: &'a mut Names,
    harmless: &'a [String],
    rows: Vec<Draft>,
    differences: Vec<Yaml>,
}

impl Drafting<'_, '_> {
    /// The rows of a name and of all below it; `above` is the type that it is a field of.
    fn node(&mut self, node: &Node<'_>, above: &str) {
        let is_text = node.row().is_some_and(|row| row.style == Style::Json) && node.is_list;
        if node.children.is_empty() || is_text {
            return self.value(node, &node.name, above);
        }
        let Some(inner) = node.wrapped(self.table) else {
            return self.container(node, node, above);
        };
        if inner.children.is_empty() {
            self.value(inner, &inner.name, above)
        } else {
            self.container(inner, node, above)
        }
    }

    /// What holds others. `printed` is the wrapper around it, if there is one.
    fn container(&mut self, node: &Node<'_>, printed: &Node<'_>, above: &str) {
        let (name, needs_saying) = self.type_of(node, above);
        let item = needs_saying.then(|| Yaml::guess(&name));
        if let Some(row) = printed.row() {
            let is_ambiguous = std::ptr::eq(node, printed) && node.is_ambiguous(self.table);
            if item.is_some() || is_ambiguous || self.says_something(row) {
                let ty = match (node.is_list, row.style) {
                    (true, _) => Yaml::text("list"),
                    (false, Style::Json) => Yaml::text("json"),
                    (false, _) if is_ambiguous => Yaml::guess("object"),
                    (false, _) => Yaml::text("object"),
                };
                let mut draft = self.begun(&row.path, ty);
                draft.head.extend(item.map(|item| ("item".to_owned(), item)));
                self.how_it_travels(&mut draft, row);
                if self.table == Table::Request {
                    draft.tail.extend(items(row.limits.items));
                }
                self.ended(&mut draft, row, row, "");
                self.rows.push(draft);
            }
        }
        node.children.iter().for_each(|child| self.node(child, &name));
    }

    /// The name of the type of its entries, and whether it is another than the generator gives.
    fn type_of(&mut self, node: &Node<'_>, above: &str) -> (String, bool) {
        let wanted = if node.is_list { singular(&node.name) } else { node.name.clone() };
        if self.known.shared_type(&wanted).is_some_and(|fields| node.is_like(&fields)) {
            return (wanted.clone(), wanted != node.name);
        }
        let name = self.names.take(&wanted, above);
        let is_other = name != node.name;
        (name, is_other)
    }

    /// Whether the row of a container has a fact that no row below it has.
    fn says_something(&self, row: &Row) -> bool {
        let of_request = row.required != Some(false)
            || row.limits.items.is_some()
            || row.place == Place::Form
            || row.style != Style::Flat;
        row.deprecated == Some(true) || self.table == Table::Request && of_request
    }

    /// A value, or a list of values.
    fn value(&mut self, node: &Node<'_>, name: &str, above: &str) {
        let (Some(whole), Some(entry)) = (node.row(), node.entry.or(node.container)) else { return };
        if let Some(draft) = self.shared(whole, entry) {
            return self.rows.push(draft);
        }
        let is_json = whole.style == Style::Json;
        let path = if is_json { &whole.path } else { &entry.path };
        let (ty, what) = written(node, whole, entry);
        let mut draft = self.begun(path, ty);
        if self.table == Table::Request {
            self.how_it_travels(&mut draft, whole);
            draft.head.extend(bounds(whole, entry));
        }
        let of_values = || !entry.limits.values.is_empty();
        let is_secret = || is_named_like_a_secret(name) && !self.harmless.contains(&entry.path);
        match whole.style {
            Style::Json => draft.head.push(("format".to_owned(), Yaml::text("json"))),
            Style::Comma => draft.head.push(("format".to_owned(), Yaml::text("comma-list"))),
            Style::Flat if of_values() => {
                draft.head.push(("values".to_owned(), values(&entry.limits.values)));
                let usual = format!("{above}{}", upper_camel(name));
                draft.values = (entry.ty == Type::Text).then(|| (usual, entry.limits.values.clone()));
            }
            Style::Flat if entry.ty == Type::Text && is_secret() => {
                draft.tail.push(("sensitive".to_owned(), Yaml::guess("true")));
            }
            Style::Flat => {}
        }
        self.unsaid(node, whole, entry);
        self.ended(&mut draft, whole, entry, &what);
        self.rows.push(draft);
    }

    /// Acknowledges what the row says less of than the package.
    fn unsaid(&mut self, node: &Node<'_>, whole: &Row, entry: &Row) {
        let is_open = matches!(entry.ty, Type::Object | Type::List | Type::Map);
        if whole.style == Style::Json && node.is_list {
            let parts: Vec<Yaml> = node.leaves().map(|row| Yaml::text(&row.path)).collect();
            if !parts.is_empty() {
                let reason = Yaml::text("It travels as one JSON text, and no type is a list in such a text.");
                self.differs("new-row", Yaml::List(parts), reason);
            }
        } else if whole.style == Style::Flat && is_open {
            let reason = Yaml::text("No type is an object whose names are not known beforehand.");
            self.differs("type", Yaml::text(&entry.path), reason);
        } else if self.table == Table::Request && has_pattern_alone(whole, entry) {
            let reason =
                Yaml::hint("why the pattern is no limit; or one of chars, starts_with and format on the row");
            self.differs("pattern", Yaml::text(&entry.path), reason);
        }
    }

    fn differs(&mut self, kind: &str, about: Yaml, reason: Yaml) {
        let table = if self.table == Table::Request { "request" } else { "response" };
        let entries = [("difference", kind), ("table", table)].map(|(key, text)| (key, Yaml::text(text)));
        let [kind, table] = entries;
        self.differences.push(Yaml::map([kind, table, ("about", about), ("reason", reason)]));
    }

    /// A row that the service shares, where that says nothing else.
    fn shared(&self, whole: &Row, entry: &Row) -> Option<Draft> {
        let is_plain = whole.path == entry.path
            && whole.limits == crate::follow::published::Limits::default()
            && whole.place == Place::Query
            && whole.style == Style::Flat
            && whole.deprecated != Some(true);
        let is_shared =
            self.table == Table::Request && is_plain && self.known.is_shared(&whole.path, whole.ty);
        if !is_shared {
            return None;
        }
        let mut draft =
            Draft { head: vec![("use".to_owned(), Yaml::text(&whole.path))], tail: Vec::new(), values: None };
        self.required(&mut draft, whole);
        Some(draft)
    }

    fn begun(&self, path: &str, ty: Yaml) -> Draft {
        let key = if self.table == Table::Request { "name" } else { "path" };
        let head = vec![(key.to_owned(), Yaml::text(path)), ("type".to_owned(), ty)];
        Draft { head, tail: Vec::new(), values: None }
    }

    fn required(&self, draft: &mut Draft, row: &Row) {
        let required = match row.required {
            Some(false) => return,
            Some(true) => Yaml::plain(true),
            None => Yaml::guess("false"),
        };
        draft.head.push(("required".to_owned(), required));
    }

    fn how_it_travels(&self, draft: &mut Draft, row: &Row) {
        if self.table == Table::Request {
            self.required(draft, row);
            if row.place == Place::Form {
                draft.head.push(("in".to_owned(), Yaml::text("form")));
            }
        }
    }

    fn ended(&self, draft: &mut Draft, whole: &Row, entry: &Row, what: &str) {
        if whole.deprecated == Some(true) || entry.deprecated == Some(true) {
            draft.tail.push(("status".to_owned(), Yaml::text("deprecated")));
        }
        let summary = match self.known.summary(self.table, &entry.path) {
            Some(summary) if what.is_empty() => Yaml::text(summary),
            _ => Yaml::hint(&about(entry, what)),
        };
        draft.tail.push(("summary".to_owned(), summary));
    }
}

/// What a summary is to say, with the facts that have no key.
fn about(row: &Row, what: &str) -> String {
    let pattern = row.limits.pattern.as_ref().map(|pattern| format!("its pattern is {pattern}"));
    let facts =
        [Some("what it is".to_owned()), Some(what.to_owned()).filter(|what| !what.is_empty()), pattern];
    facts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The type of a value, and what a summary should say of one that the dialect has no type for.
fn written(node: &Node<'_>, whole: &Row, entry: &Row) -> (Yaml, String) {
    if whole.style == Style::Json {
        let fields: Vec<&str> = node.children.iter().map(|child| child.name.as_str()).collect();
        let of = if fields.is_empty() {
            String::new()
        } else {
            format!(" of objects with {}", fields.join(" and "))
        };
        let what = if node.is_list { format!("a JSON array{of}") } else { "a JSON object".to_owned() };
        return (Yaml::text("string"), what);
    }
    match entry.ty {
        Type::Integer if whole.style != Style::Comma => (Yaml::text("integer"), String::new()),
        Type::Double => (Yaml::text("double"), String::new()),
        Type::Boolean => (Yaml::text("boolean"), String::new()),
        Type::Timestamp => (Yaml::text("timestamp"), String::new()),
        Type::Text | Type::Integer => (Yaml::text("string"), String::new()),
        Type::Object | Type::List | Type::Map => (
            Yaml::guess("string"),
            "an object whose names are not published, for which there is no type".to_owned(),
        ),
    }
}

/// Whether a regular expression is all that limits how a text is written.
fn has_pattern_alone(whole: &Row, entry: &Row) -> bool {
    whole.style == Style::Flat && entry.limits.pattern.is_some() && entry.limits.values.is_empty()
}

/// Limits of a value, as far as its row is no text that holds several.
fn bounds(whole: &Row, entry: &Row) -> Vec<(String, Yaml)> {
    let (limits, is_one) = (&entry.limits, whole.style == Style::Flat);
    let length = limits.length.filter(|_| is_one && entry.ty == Type::Text);
    let range = limits.range.filter(|_| is_one);
    let length = length.map(|bounds| ("length".to_owned(), pair(bounds)));
    let range = range.map(|bounds| ("range".to_owned(), pair(bounds)));
    let items = items(whole.limits.items.filter(|_| whole.style != Style::Json));
    length.into_iter().chain(range).chain(items).collect()
}

fn items(bounds: Option<Bounds>) -> Option<(String, Yaml)> {
    bounds.map(|bounds| ("items".to_owned(), counted(bounds)))
}

/// Bounds of a count, which begin at 0.
fn counted((least, most): Bounds) -> Yaml {
    pair((Some(least.unwrap_or(0)), most))
}

fn pair((least, most): Bounds) -> Yaml {
    let end = |end: Option<i64>| end.map_or_else(|| Yaml::plain("null"), Yaml::plain);
    Yaml::List(vec![end(least), end(most)])
}
