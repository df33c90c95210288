//! What an action does to what a service keeps: `effects`, `reads`, `filters`, `refers`, `refuses`.

use super::wait::{Pairs, pairs, scalars};
use crate::diagnostic::{Diagnostics, Location};
use crate::mapping::{Key, mapping, text};
use crate::path::Path;
use crate::read::{Fields, FromNode, Spanned, all};
use crate::shape::{self, Shape};
use crate::suggest::suggestion;
use crate::yaml::{Entry, Node, Value};

/// Fields, and where the value of each comes from.
pub type Values = Vec<(Spanned<String>, Spanned<ValueSpec>)>;

/// Codes by what they are about; an empty name stands for all that have none of their own.
pub type CodesBy = Pairs;

/// Where a value comes from.
#[derive(Debug)]
pub enum ValueSpec {
    Now,
    Region,
    Literal(String),
    /// A prefix that ends in a hyphen, or `ipv4`, `ipv6-cidr`, `number` or `text`.
    New(String),
    Own(String),
    Request(String),
    Of {
        resource: String,
        field: String,
    },
    Each(EachSpec),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Change,
    Delete,
}

/// What a row of a listing filters by.
#[derive(Debug)]
pub enum FilterSpec {
    Field(Spanned<String>),
    /// Values of the key, and the field that each stands for.
    Pairs(Pairs),
    /// Why it filters nothing.
    None(String),
}

/// A row that names resources, or that seems to.
#[derive(Debug)]
pub struct ReferenceSpec {
    pub row: Spanned<String>,
    pub resources: Vec<Spanned<String>>,
    /// The field that it names them by, where that is not their last key.
    pub by: Option<Spanned<String>>,
    /// Whether it names what no action of these documents makes.
    pub outside: bool,
}

/// Something that a resource lies in.
#[derive(Debug)]
pub struct ParentSpec {
    pub resource: Spanned<String>,
    pub field: Option<Spanned<String>>,
    pub of: Option<Spanned<String>>,
    /// Fields that both have alike besides.
    pub alike: Vec<Spanned<String>>,
}

mapping! {
    /// All resources of a kind that belong to one.
    struct EachSpec {
        resource: Spanned<String> = |map| text(map, "each"),
        /// Field of the other, and the own field that it equals.
        matching: Pairs = |map| pairs(map, "where"),
        /// Name that is shown, and the field of the other.
        names: Pairs = |map| pairs(map, "as"),
        take: Option<Spanned<String>>,
    }

    struct EffectSpec {
        location: Location = |map| map.location(),
        operation: Operation = operation,
        resource: Spanned<String> = resource,
        by: Values = |map| values(map, "by"),
        set: Values = |map| values(map, "set"),
        clear: Vec<Spanned<String>>,
        from: Option<Vec<Spanned<String>>> = |map| list(map, "from"),
        via: Option<Spanned<String>>,
        to: Option<Spanned<String>>,
        stores: Option<Vec<Spanned<String>>> = |map| list(map, "stores"),
        /// Row, and the values of which the request must have one.
        only_if: Vec<(Spanned<String>, Vec<String>)> = |map| with_values(map, "if"),
        /// Rows for each entry of which it is done; of several for each combination.
        many: Vec<Spanned<String>> = |map| map.one_or_more("many"),
        /// Field, and the values of which it must have one.
        needs: Vec<(Spanned<String>, Vec<String>)> = |map| with_values(map, "needs"),
        /// Whether a create changes the one that has these keys already.
        replaces: bool,
        optional: bool,
        with: Vec<Spanned<String>>,
    }

    /// What a read is about.
    struct ReadsSpec {
        /// Whether it lists, or shows one.
        is_list: bool = |map| map.has("list"),
        resource: Spanned<String> = read_resource,
        by: Values = |map| values(map, "by"),
        rows: Option<Spanned<Path>> =
            |map| map.get("rows").map(|rows: Spanned<String>| rows.map(Path::response)),
    }

    /// Codes that cannot be told from names and classes.
    #[derive(Default)]
    struct RefusesSpec {
        missing: CodesBy = |map| codes(map, "missing"),
        invalid: CodesBy = |map| codes(map, "invalid"),
        not_found: CodesBy = |map| codes(map, "not_found"),
        dependency: CodesBy = |map| codes(map, "dependency"),
        state: CodesBy = |map| codes(map, "state"),
        needs: CodesBy = |map| codes(map, "needs"),
        quota: Option<Spanned<String>>,
        exists: Option<Spanned<String>>,
        inside: Option<Spanned<String>>,
        apart: Option<Spanned<String>>,
    }

    /// Made together with another.
    struct BroughtSpec {
        resource: Spanned<String>,
        set: Values = |map| values(map, "set"),
    }

    struct KeptQuotaSpec {
        most: i64 = |map| map.integer_in("most", 1..=1_000_000).unwrap_or(1),
        /// `region`, or a parent.
        per: Spanned<String>,
        note: Option<String>,
    }
}

/// What is made anew besides IDs.
pub(crate) const FRESH: [&str; 4] = ["ipv4", "ipv6-cidr", "number", "text"];

/// What an effect asks for where the request must not have the row.
pub(crate) const ABSENT: &str = "~";

const OUTSIDE: &str = "outside";

const OPERATIONS: [(&str, Operation); 3] =
    [("create", Operation::Create), ("change", Operation::Change), ("delete", Operation::Delete)];

fn operation(map: &mut Fields<'_>) -> Operation {
    let given: Vec<(&'static str, Operation)> =
        OPERATIONS.into_iter().filter(|(key, _)| map.has(key)).collect();
    let known = OPERATIONS.map(|(key, _)| key);
    one_key(map, given.iter().map(|(key, _)| *key), &known);
    given.first().map_or(Operation::Change, |(_, operation)| *operation)
}

fn resource(map: &mut Fields<'_>) -> Spanned<String> {
    let given = OPERATIONS.into_iter().find_map(|(key, _)| map.get(key));
    given.unwrap_or_else(|| Spanned::new(String::new(), map.location()))
}

fn read_resource(map: &mut Fields<'_>) -> Spanned<String> {
    let known = ["list", "show"];
    map.describe(|keys| known.into_iter().for_each(|key| keys.is(key, shape::text())));
    let given: Vec<&'static str> = known.into_iter().filter(|key| map.has(key)).collect();
    one_key(map, given.iter().copied(), &known);
    let resource = given.first().and_then(|key| map.get(key));
    resource.unwrap_or_else(|| Spanned::new(String::new(), map.location()))
}

/// Reports an entry that does not say one thing.
pub(super) fn one_key(map: &mut Fields<'_>, given: impl IntoIterator<Item = &'static str>, known: &[&str]) {
    let mut given = given.into_iter();
    let help = format!("Give one of `{}`.", known.join("`, `"));
    match (given.next(), given.next()) {
        (None, _) => {
            let message = format!("`{}` is missing", known.first().unwrap_or(&""));
            map.diagnostics().error("missing-key", map.location(), message, help);
        }
        (Some(first), Some(second)) => {
            let place = map.key_location(second).unwrap_or_else(|| map.location());
            let message = format!("`{second}` stands beside `{first}`");
            map.diagnostics().error("misplaced-key", place, message, help);
        }
        (Some(_), None) => {}
    }
}

/// Fields, and where their values come from.
pub(super) fn values(map: &mut Fields<'_>, key: &'static str) -> Values {
    map.describe(|keys| keys.is(key, shape::each(ValueSpec::shape())));
    let diagnostics = map.diagnostics();
    let pair = |entry| Some((name(entry), Spanned::from_node(&entry.value, diagnostics)?));
    map.get::<&[Entry]>(key).unwrap_or_default().iter().filter_map(pair).collect()
}

/// A list that may be empty.
fn list(map: &mut Fields<'_>, key: &'static str) -> Option<Vec<Spanned<String>>> {
    map.describe(|keys| keys.is(key, shape::list(shape::scalar())));
    let list = map.get(key)?;
    Some(scalars(list, map.diagnostics()))
}

/// Names, and the values of which each has one.
fn with_values(map: &mut Fields<'_>, key: &'static str) -> Vec<(Spanned<String>, Vec<String>)> {
    let value = || shape::either([shape::scalar(), shape::kind("null")]);
    map.describe(|keys| keys.is(key, shape::each(shape::either([value(), shape::list(value())]))));
    let diagnostics = map.diagnostics();
    let value = |node: &Node| match &node.value {
        Value::Null => Some(ABSENT.to_owned()),
        Value::Text(text) if text == "absent" => Some(ABSENT.to_owned()),
        _ => node.scalar(diagnostics).map(|scalar| scalar.value),
    };
    let pair = |entry: &Entry| match &entry.value.value {
        Value::List(list) => (name(entry), list.iter().filter_map(value).collect()),
        _ => (name(entry), value(&entry.value).into_iter().collect()),
    };
    map.get::<&[Entry]>(key).unwrap_or_default().iter().map(pair).collect()
}

/// One code for all, or codes by what they are about.
fn codes(map: &mut Fields<'_>, key: &'static str) -> CodesBy {
    map.describe(|keys| keys.is(key, shape::either([shape::text(), shape::each(shape::kind("string"))])));
    match map.node(key) {
        Some(node) if !matches!(node.value, Value::Map(_)) => {
            let code: Option<Spanned<String>> = map.get(key);
            code.into_iter().map(|code| (Spanned::new(String::new(), code.location), code)).collect()
        }
        _ => pairs(map, key),
    }
}

/// What the rows of a listing filter by.
pub(super) fn filters(map: &mut Fields<'_>) -> Vec<(Spanned<String>, FilterSpec)> {
    map.describe(|keys| keys.is("filters", shape::each(FilterSpec::shape())));
    let diagnostics = map.diagnostics();
    let pair = |entry| Some((name(entry), FilterSpec::from_node(&entry.value, diagnostics)?));
    map.get::<&[Entry]>("filters").unwrap_or_default().iter().filter_map(pair).collect()
}

/// Rows that name resources.
pub(super) fn refers(map: &mut Fields<'_>) -> Vec<ReferenceSpec> {
    map.describe(|keys| {
        let named = [shape::text(), shape::list(shape::text()), shape::kind("null")];
        keys.is("refers", shape::each(shape::either(named)));
    });
    let diagnostics = map.diagnostics();
    let reference = |entry: &Entry| {
        let named: Vec<Spanned<String>> = match &entry.value.value {
            Value::Null => Vec::new(),
            Value::List(list) => all(list, diagnostics),
            _ => Spanned::from_node(&entry.value, diagnostics).into_iter().collect(),
        };
        let (outside, resources): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|named| named.value == OUTSIDE);
        let (resources, by): (Vec<_>, Vec<_>) = resources.into_iter().map(resource_and_field).unzip();
        let by = by.into_iter().flatten().next();
        ReferenceSpec { row: name(entry), resources, by, outside: !outside.is_empty() }
    };
    map.get::<&[Entry]>("refers").unwrap_or_default().iter().map(reference).collect()
}

/// `VpcEndpointService.ServiceName` is a resource that is named by a field, `VpcEndpointService` one by its last key.
fn resource_and_field(named: Spanned<String>) -> (Spanned<String>, Option<Spanned<String>>) {
    let Some((resource, field)) = named.value.split_once('.') else { return (named, None) };
    let at = |text: &str| Spanned::new(text.to_owned(), named.location);
    (at(resource), Some(at(field)))
}

/// Why the printed answer is all that can be said, if it is.
pub(super) fn answers(map: &mut Fields<'_>) -> Option<Spanned<String>> {
    let place = map.key_location("answers");
    map.word("answers", &["example"]);
    let because = map.key_location("answers_because");
    match (place, because) {
        (Some(place), None) => {
            let help = "Add `answers_because: …`.";
            map.diagnostics().error("missing-key", place, "`answers_because` is missing", help);
            Some(Spanned::new(String::new(), place))
        }
        (None, Some(because)) => {
            let message = "`answers_because` stands without `answers`";
            map.diagnostics().error("misplaced-key", because, message, "Add `answers: example`.");
            map.get("answers_because")
        }
        _ => map.get("answers_because"),
    }
}

/// Fields that are equal only together, each list of them or each by itself.
pub(super) fn unique(map: &mut Fields<'_>) -> Vec<Vec<Spanned<String>>> {
    map.describe(|keys| {
        let fields = [shape::text(), shape::list(shape::text())];
        keys.is("unique", shape::filled(shape::either(fields)));
    });
    let diagnostics = map.diagnostics();
    let fields = |node: &Node| match &node.value {
        Value::List(list) => all(list, diagnostics),
        _ => Spanned::from_node(node, diagnostics).into_iter().collect(),
    };
    map.filled_list("unique").unwrap_or_default().iter().map(fields).collect()
}

fn name(entry: &Entry) -> Spanned<String> {
    Spanned::new(entry.key.clone(), entry.key_location)
}

impl FromNode<'_> for ValueSpec {
    fn shape() -> Shape {
        shape::either([shape::kind("string"), EachSpec::shape()])
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        if let Value::Map(_) = node.value {
            return EachSpec::from_node(node, diagnostics).map(Self::Each);
        }
        let text = node.text(diagnostics)?;
        let value = Self::of_text(&text);
        if value.is_none() {
            let message = format!("`{}` says nothing of where a value comes from", text.value);
            diagnostics.error("bad-source", text.location, message, help_for(&text));
        }
        value
    }
}

impl ValueSpec {
    fn of_text(text: &str) -> Option<Self> {
        let Some((source, rest)) = text.split_once('.') else {
            return match text {
                "now" => Some(Self::Now),
                "region" => Some(Self::Region),
                _ => None,
            };
        };
        let rest = rest.to_owned();
        match source {
            "literal" => Some(Self::Literal(rest)),
            _ if rest.is_empty() => None,
            "new" => (FRESH.contains(&rest.as_str()) || rest.ends_with('-')).then_some(Self::New(rest)),
            "own" => Some(Self::Own(rest)),
            "request" => Some(Self::Request(rest)),
            _ if source.starts_with(|first: char| first.is_ascii_uppercase()) => {
                Some(Self::Of { resource: source.to_owned(), field: rest })
            }
            _ => None,
        }
    }
}

fn help_for(text: &str) -> String {
    const WORDS: [&str; 6] = ["now", "region", "literal", "new", "own", "request"];
    match text.split_once('.') {
        Some(("new", fresh)) => suggestion(fresh, &FRESH).replace("Known", "A prefix ends in `-`; known"),
        Some((source, _)) if !WORDS.contains(&source) => suggestion(source, &WORDS),
        None if !WORDS.contains(&text) => suggestion(text, &WORDS),
        _ => "Write what it is after the dot.".to_owned(),
    }
}

impl FromNode<'_> for FilterSpec {
    fn shape() -> Shape {
        let named = shape::of(|map| {
            map.get::<String>("field");
            pairs(map, "pairs");
            map.get::<String>("none");
        });
        shape::either([shape::text(), named])
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        if let Value::Text(_) = node.value {
            return Spanned::from_node(node, diagnostics).map(Self::Field);
        }
        let mut map = Fields::from_node(node, diagnostics)?;
        let known = ["field", "pairs", "none"];
        let given: Vec<&'static str> = known.into_iter().filter(|key| map.has(key)).collect();
        one_key(&mut map, given.iter().copied(), &known);
        let filter = match given.first() {
            Some(&"field") => map.get("field").map(Self::Field),
            Some(&"pairs") => Some(Self::Pairs(pairs(&mut map, "pairs"))),
            Some(_) => map.get("none").map(Self::None),
            None => None,
        };
        map.deny_unknown();
        filter
    }
}

impl FromNode<'_> for ParentSpec {
    fn shape() -> Shape {
        shape::either([shape::text(), shape::of(Self::keys)])
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        if let Value::Text(_) = node.value {
            let resource = Spanned::from_node(node, diagnostics)?;
            return Some(Self { resource, field: None, of: None, alike: Vec::new() });
        }
        let mut map = Fields::from_node(node, diagnostics)?;
        let parent = Self::keys(&mut map);
        map.deny_unknown();
        Some(parent)
    }
}

impl ParentSpec {
    fn keys(map: &mut Fields<'_>) -> Self {
        Self {
            resource: text(map, "resource"),
            field: Key::read(map, "field"),
            of: Key::read(map, "of"),
            alike: Key::read(map, "alike"),
        }
    }
}
