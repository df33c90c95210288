//! Rows: what nests in what, which limits hold, and the rules across them.

use serde_json::Value;

use crate::limit::{self, Limit};

use crate::facts::Facts;
use crate::spec::{Entries, camel, known_keys, list, map, scalar, str, strings};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Request,
    Response,
}

impl Table {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }

    /// Where the row says which one it is.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Request => "name",
            Self::Response => "path",
        }
    }
}

/// Keys of limits.
const LIMITS: &[&str] = &[
    "length",
    "range",
    "values",
    "items",
    "format",
    "cidr",
    "starts_with",
    "ends_with",
    "chars",
    "not_starting_with",
    "not_containing",
    "excluded",
    "mask",
];

const REQUEST: &[&str] = &[
    "name",
    "documented_as",
    "type",
    "required",
    "summary",
    "unit",
    "example",
    "default",
    "today",
    "advice",
    "sensitive",
    "in",
    "item",
    "type_name",
    "status",
    "documented",
    "published",
    "note",
];

const RESPONSE: &[&str] = &[
    "path",
    "type",
    "summary",
    "example",
    "values",
    "documented_as",
    "also",
    "item",
    "type_name",
    "status",
    "documented",
    "published",
    "unit",
    "format",
    "note",
    "sensitive",
];

/// A row with what the shared row that it uses says and it does not.
pub(crate) fn merged(row: &Entries, shared: &[Value], file: &str) -> Entries {
    let Some(used) = str(row, "use") else { return row.clone() };
    let mut shared = shared.iter().filter_map(Value::as_object);
    let shared = shared.find(|shared| str(shared, "name") == Some(used));
    let mut merged = shared.unwrap_or_else(|| panic!("{file}: no shared row {used}")).clone();
    merged
        .extend(row.iter().filter(|(key, _)| *key != "use").map(|(key, value)| (key.clone(), value.clone())));
    merged
}

/// A field of a request: its names, what it holds, and its limits.
#[derive(Clone)]
pub(crate) struct Field {
    /// With each name, whether it is a list.
    pub(crate) path: Vec<(String, bool)>,
    pub(crate) row: Entries,
    pub(crate) is_container: bool,
    pub(crate) is_required: bool,
    pub(crate) limits: Vec<Limit>,
}

/// The fields of a request, outer ones first.
pub(crate) fn fields(rows: &[Entries]) -> Vec<Field> {
    let mut root = Node::default();
    rows.iter().for_each(|row| root.plant(&segments(str(row, "name").unwrap_or_default()), row));
    let mut fields = Vec::new();
    root.children.iter().for_each(|child| collect(child, &[], &mut fields));
    fields
}

fn collect(node: &Node<'_>, above: &[(String, bool)], fields: &mut Vec<Field>) {
    let path = [above, &[(node.name.clone(), node.is_list)]].concat();
    fields.push(Field {
        row: node.row.cloned().unwrap_or_default(),
        is_container: !node.children.is_empty(),
        is_required: node.row.is_some_and(is_required),
        limits: node.limits(node.row),
        path: path.clone(),
    });
    node.children.iter().for_each(|child| collect(child, &path, fields));
}

/// A name of a path, with the rows at and below it.
#[derive(Default)]
struct Node<'a> {
    name: String,
    is_list: bool,
    row: Option<&'a Entries>,
    children: Vec<Self>,
}

impl<'a> Node<'a> {
    fn plant(&mut self, segments: &[(String, bool)], row: &'a Entries) {
        let Some(((name, is_list), rest)) = segments.split_first() else {
            self.row = Some(row);
            return;
        };
        let known = self.children.iter().position(|child| child.name == *name);
        let at = known.unwrap_or_else(|| {
            self.children.push(Node { name: name.clone(), ..Node::default() });
            self.children.len() - 1
        });
        self.children[at].is_list |= is_list;
        self.children[at].plant(rest, row);
    }

    /// What holds and what is said of the node.
    fn limits(&self, row: Option<&Entries>) -> Vec<Limit> {
        if !self.children.is_empty() {
            // Of a container, the entries are counted: its row says how many there can be, or one below it.
            let below = self.children.iter().filter_map(|child| child.row);
            let mut counted = row.into_iter().chain(below).map(|row| limit::of(row, "items"));
            return counted.find(|limits| !limits.is_empty()).unwrap_or_default();
        }
        // Entries are counted where they stand; of a field of an entry, the list above counts them.
        let counts = self.is_list || row.is_some_and(is_comma_list);
        let keys = LIMITS.iter().filter(|key| **key != "items" || counts);
        let mut limits: Vec<Limit> =
            keys.flat_map(|key| row.map(|row| limit::of(row, key)).unwrap_or_default()).collect();
        // A required text that is empty is missing, unless its length is from 0 in so many words.
        let is_given = !self.is_list && row.is_some_and(is_required);
        for limit in
            limits.iter_mut().filter(|limit| is_given && limit.key == "length" && limit.value[0].is_null())
        {
            limit.value[0] = 1.into();
        }
        limits
    }

    fn is(&self, ty: &str) -> bool {
        self.row.is_some_and(|row| str(row, "type") == Some(ty))
    }
}

/// The names of a path, and which of them are lists.
pub(crate) fn segments(path: &str) -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = Vec::new();
    for part in path.split('.') {
        match (part, names.last_mut()) {
            ("N" | "M", Some(last)) => last.1 = true,
            _ => names.push((part.trim_end_matches("[]").to_owned(), part.ends_with("[]"))),
        }
    }
    names
}

/// The facts of a table's rows.
pub(crate) fn facts(facts: &mut Facts, table: Table, rows: &[Entries], file: &str) {
    let mut root = Node::default();
    for row in rows {
        let known = if table == Table::Request { &[REQUEST, LIMITS].concat()[..] } else { RESPONSE };
        known_keys(row, known, file);
        root.plant(&segments(str(row, table.key()).unwrap_or_default()), row);
    }
    for child in &root.children {
        field(facts, table, child, "");
    }
}

fn field(facts: &mut Facts, table: Table, node: &Node<'_>, prefix: &str) {
    let place = format!("{prefix}{}", node.name);
    // An object of a response that holds nothing but one list vanishes.
    let wrapped = match node.children.as_slice() {
        [only] if table == Table::Response && !node.is_list && only.is_list && !node.is("object") => {
            Some(only)
        }
        _ => None,
    };
    let content = wrapped.unwrap_or(node);
    let row = node.row.or(content.row);
    let about = format!("{} {place}", table.name());
    let is_container = !content.children.is_empty();
    let one = match content.row.and_then(|row| str(row, "type")) {
        _ if is_container && row.is_some_and(|row| str(row, "type") == Some("json")) => "Json",
        _ if is_container => "Object",
        Some("integer" | "long") => "Integer",
        Some("double") => "Double",
        Some("boolean") => "Boolean",
        Some("timestamp") => "Timestamp",
        _ => "Text",
    };
    let kind = if content.is_list { format!("List({one})") } else { one.to_owned() };
    facts.add(format!("row {about}: {kind}"));
    if let Some(list) = wrapped {
        facts.add(format!("row {about}: wraps {}", list.name));
    }
    if content.row.is_some_and(|row| is_set(row, "sensitive")) {
        facts.add(format!("row {about}: secret"));
    }
    if let Some(row) = row {
        if str(row, "in") == Some("form") {
            facts.add(format!("row {about}: form"));
        }
        for alias in aliases(row, &node.name) {
            facts.add(format!("row {about}: also {alias}"));
        }
        if table == Table::Request && is_required(row) {
            facts.add(format!("row {about}: required"));
        }
    }
    if table == Table::Request {
        limits(facts, &about, content, row);
    }
    for child in &content.children {
        field(facts, table, child, &format!("{place}."));
    }
}

fn is_required(row: &Entries) -> bool {
    let today = map(row, "today").and_then(|today| today.get("required"));
    today.or(row.get("required")).is_some_and(|required| *required == true)
}

pub(crate) fn is_set(row: &Entries, key: &str) -> bool {
    row.get(key).is_some_and(|value| *value == true)
}

/// Printed and further spellings; one with a path in it is no name.
fn aliases(row: &Entries, name: &str) -> Vec<String> {
    let printed =
        str(row, "documented_as").filter(|printed| !printed.contains(['.', '['])).map(str::to_owned);
    let mut aliases: Vec<String> = printed.into_iter().chain(strings(row, "also")).collect();
    aliases.retain(|alias| alias != name);
    aliases.sort();
    aliases.dedup();
    aliases
}

fn limits(facts: &mut Facts, about: &str, node: &Node<'_>, row: Option<&Entries>) {
    // It says what divides a value, and is no syntax of its own.
    let said = node.limits(row).into_iter().map(|limit| limit.text());
    let said = said.filter(|text| !text.ends_with("(Format(CommaList))"));
    said.for_each(|limit| facts.add(format!("limit {about}: {limit}")));
}

fn is_comma_list(row: &Entries) -> bool {
    stated(row).any(|(key, value)| {
        key == "format" && value.as_str().is_some_and(|format| format.starts_with("comma-list"))
    })
}

/// The values of a list, without what is said of them.
pub(crate) fn values(value: &Value) -> Vec<String> {
    let entries = value.as_array().into_iter().flatten();
    entries
        .map(|entry| scalar(entry.as_object().and_then(|entry| entry.get("value")).unwrap_or(entry)))
        .collect()
}

/// One scalar, or those of a list.
pub(crate) fn scalars(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(|| vec![scalar(value)], |entries| entries.iter().map(scalar).collect())
}

/// The rules that are enforced, each with the struct for whose entries it holds.
pub(crate) fn rules(facts: &mut Facts, rules: &[Value], file: &str) {
    for rule in rules.iter().filter_map(Value::as_object) {
        let mut kinds =
            rule.keys().filter(|key| !["today", "lifted", "advice", "note"].contains(&key.as_str()));
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            panic!("{file}: one rule says two things")
        };
        if is_set(rule, "lifted") {
            continue;
        }
        let operands = operands(&rule[kind]);
        let depth = common_depth(&operands);
        let place: Vec<String> =
            segments(&operands[0])[..depth].iter().map(|(name, _)| name.clone()).collect();
        let content = rule_text(kind, &rule[kind], &|path| below(path, depth), file);
        let [today, advice] = ["today", "advice"].map(|key| is_set(rule, key));
        let place = place.join(".");
        facts.add(format!("rule request {place}: {content}, today: {today}, advice: {advice}"));
    }
}

fn rule_text(kind: &str, content: &Value, name: &dyn Fn(&str) -> String, file: &str) -> String {
    let names = |key: Option<&str>| -> Vec<String> {
        let names = key.map_or(content, |key| &content[key]);
        names.as_array().into_iter().flatten().map(|one| name(&scalar(one))).collect()
    };
    let one = |key: &str| name(content[key].as_str().unwrap_or_default());
    let keys = |known: &[&str]| known_keys(content.as_object().expect("it is a mapping"), known, file);
    let when = || {
        let equals = if content["equals"].is_null() { Vec::new() } else { scalars(&content["equals"]) };
        format!("When {{ field: {:?}, equals: {equals:?} }}", one("if"))
    };
    match kind {
        "requires" | "forbids" => {
            keys(&["if", "equals", "then"]);
            format!("{}({}, {:?})", camel(kind), when(), names(Some("then")))
        }
        "excludes" | "exactly_one" | "at_least_one" | "together" | "ordered" | "disjoint" => {
            format!("{}({:?})", camel(&kind.replace('_', "-")), names(None))
        }
        "at_most" => {
            keys(&["count", "of"]);
            format!("AtMost({}, {:?})", content["count"], names(Some("of")))
        }
        "same_subnet" => {
            keys(&["of", "mask"]);
            format!("SameSubnet({:?}, {:?})", names(Some("of")), one("mask"))
        }
        "values" => {
            keys(&["if", "equals", "of", "range", "values"]);
            let key = if content["range"].is_null() { "values" } else { "range" };
            format!("Values({}, {:?}, {})", when(), one("of"), limit::check(key, &content[key], "integer"))
        }
        "points" => {
            keys(&["from", "to", "step", "max", "default_step"]);
            let [from, to, step] = ["from", "to", "step"].map(one);
            let (max, default) = (&content["max"], &content["default_step"]);
            format!(
                "Points {{ from: {from:?}, to: {to:?}, step: {step:?}, max: {max}, default_step: {default} }}"
            )
        }
        other => panic!("{file}: nothing here reads the rule `{other}`"),
    }
}

/// All rows that a rule names.
pub(crate) fn operands(content: &Value) -> Vec<String> {
    let Some(map) = content.as_object() else { return scalars(content) };
    let named = ["if", "then", "of", "from", "to", "step", "mask"].iter().filter_map(|key| map.get(*key));
    named.flat_map(scalars).collect()
}

/// How many names all paths begin with alike, leaving each one of its own.
pub(crate) fn common_depth(paths: &[String]) -> usize {
    let paths: Vec<_> = paths.iter().map(|path| segments(path)).collect();
    let shortest = paths.iter().map(Vec::len).min().unwrap_or_default();
    (0..shortest.saturating_sub(1))
        .take_while(|at| paths.iter().all(|path| path[*at].0 == paths[0][*at].0))
        .count()
}

/// What is left of a path below so many names, written as it was.
pub(crate) fn below(path: &str, depth: usize) -> String {
    let mut parts: Vec<&str> = path.split('.').collect();
    for _ in 0..depth {
        parts.remove(0);
        while matches!(parts.first(), Some(&("N" | "M"))) {
            parts.remove(0);
        }
    }
    parts.join(".")
}

/// The limits and the advice that a row states, of the document and of today.
pub(crate) fn stated(row: &Entries) -> impl Iterator<Item = (&'static str, &Value)> {
    let today = map(row, "today");
    let both = [Some(row), today].into_iter().flatten();
    let all = both.flat_map(|said| [Some(said), map(said, "advice")]).flatten();
    all.flat_map(|limits| LIMITS.iter().filter_map(|key| Some((*key, limits.get(*key)?))))
        .filter(|(_, value)| *value != "any")
}

/// Whether there is a row at or below a name.
pub(crate) fn has(rows: &[Entries], table: Table, name: &str) -> bool {
    rows.iter().any(|row| {
        let path = str(row, table.key()).unwrap_or_default();
        segments(path).first().is_some_and(|(first, _)| first == name)
    })
}

/// Whether a row is about the list inside a wrapper, whose own row speaks for both.
pub(crate) fn is_inside_wrapper(row: &Entries, rows: &[Entries]) -> bool {
    let path = str(row, "path").unwrap_or_default();
    let Some((outer, _)) = path.rsplit_once('.') else { return false };
    let has_children = |path: &str| {
        let below = format!("{path}.");
        rows.iter().filter(|row| str(row, "path").is_some_and(|path| path.starts_with(&below))).count()
    };
    path.ends_with("[]")
        && rows.iter().any(|row| str(row, "path") == Some(outer))
        && has_children(outer) == has_children(path) + 1
}

/// The mappings of a list.
pub(crate) fn mappings<'a>(entries: &'a Entries, key: &str) -> impl Iterator<Item = &'a Entries> {
    list(entries, key).iter().filter_map(Value::as_object)
}
