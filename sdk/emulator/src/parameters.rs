//! Parameters as an action takes them, from the bytes of the wire.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode;
use serde_json::{Map, Value as Json};

use crate::model::{Field, Kind};

/// Names and values as they came.
pub(crate) type Pairs = Vec<(String, String)>;

/// What of a request's parameters an action does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// A parameter that it does not have.
    Unknown(String),
    /// A value that is no such thing.
    Invalid(String, &'static str),
}

impl Misfit {
    /// Where it is.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Unknown(path) | Self::Invalid(path, _) => path,
        }
    }
}

/// The pairs of a query or a form, decoded; `None` if it is not one.
pub(crate) fn pairs(text: &[u8]) -> Option<Pairs> {
    let pair = |pair: &[u8]| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        Some((decoded(&pair[..at])?, decoded(&pair[at + 1..])?))
    };
    text.split(|byte| *byte == b'&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// Percent-decoding of UTF-8, with `+` for a blank.
fn decoded(text: &[u8]) -> Option<String> {
    let plain: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&plain).decode_utf8().ok().filter(|_| is_escaped(text))?;
    Some(decoded.into_owned())
}

/// Whether each `%` begins two hexadecimal digits.
fn is_escaped(text: &[u8]) -> bool {
    let mut escapes = text.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    escapes.all(|(at, _)| {
        text.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// The first name that is there twice.
pub(crate) fn repeated(pairs: &Pairs) -> Option<&str> {
    let mut seen = BTreeSet::new();
    pairs.iter().map(|(name, _)| name.as_str()).find(|name| !seen.insert(*name))
}

/// Parameters of the names `Tag.1.Key` as the JSON that they were, with scalars as text.
pub(crate) fn unflattened(fields: &[Field], pairs: Pairs) -> (Map<String, Json>, Vec<Misfit>) {
    let mut reader = Reader::default();
    let mut root = BTreeMap::new();
    for (name, value) in pairs {
        if !put(&mut root, &name, value) {
            reader.misfits.push(Misfit::Unknown(name));
        }
    }
    let parameters = reader.record(fields, root, "");
    (parameters, reader.misfits)
}

/// Parameters that came as JSON, with scalars as text and without what is `null`.
pub(crate) fn of_json(fields: &[Field], members: Map<String, Json>) -> (Map<String, Json>, Vec<Misfit>) {
    let mut reader = Reader::default();
    let parameters = reader.members(fields, members, "");
    (parameters, reader.misfits)
}

/// Parameters by the names that they have in a query, with what is sensitive masked.
pub(crate) fn masked(fields: &[Field], parameters: &Map<String, Json>) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    for (name, value) in parameters {
        let field = fields.iter().find(|field| field.name == *name);
        show(field, name, value, &mut shown);
    }
    shown
}

/// Instead of what is not shown.
pub(crate) const MASK: &str = "***";

fn show(field: Option<&Field>, path: &str, value: &Json, shown: &mut BTreeMap<String, String>) {
    let is_open = field.is_some_and(|field| !field.sensitive && !is_secret(field));
    match value {
        Json::Object(members) if is_open => {
            for (name, value) in members {
                let inner = field.and_then(|field| field.fields.iter().find(|inner| inner.name == *name));
                show(inner, &format!("{path}.{name}"), value, shown);
            }
        }
        Json::Array(entries) if is_open => {
            for (index, entry) in entries.iter().enumerate() {
                show(field, &format!("{path}.{}", index + 1), entry, shown);
            }
        }
        Json::String(text) if is_open => _ = shown.insert(path.to_owned(), text.clone()),
        _ => _ = shown.insert(path.to_owned(), MASK.to_owned()),
    }
}

fn is_secret(field: &Field) -> bool {
    field.ty == Kind::Secret || field.item == Some(Kind::Secret)
}

/// A part of a flat name, with what is under it.
enum Node {
    Leaf(String),
    Branch(Branch),
}

type Branch = BTreeMap<String, Node>;

/// No action has parameters that lie deeper.
const DEEPEST: usize = 12;

/// `false` if the name is in the way of another one, or none that could be.
fn put(root: &mut Branch, name: &str, value: String) -> bool {
    let mut parts: Vec<&str> = name.split('.').collect();
    let Some(last) = parts.pop().filter(|_| parts.len() < DEEPEST) else { return false };
    let mut branch = root;
    for part in parts {
        let node = branch.entry(part.to_owned()).or_insert_with(|| Node::Branch(Branch::new()));
        let Node::Branch(inner) = node else { return false };
        branch = inner;
    }
    if branch.contains_key(last) {
        return false;
    }
    branch.insert(last.to_owned(), Node::Leaf(value));
    true
}

#[derive(Default)]
struct Reader {
    misfits: Vec<Misfit>,
}

impl Reader {
    fn record(&mut self, fields: &[Field], branch: Branch, path: &str) -> Map<String, Json> {
        let mut members = Map::new();
        for (name, node) in branch {
            let path = below(path, &name);
            match fields.iter().find(|field| field.name == name) {
                Some(field) => {
                    members.extend(self.node(field, field.ty, node, &path).map(|json| (name, json)))
                }
                None => self.misfits.push(Misfit::Unknown(path)),
            }
        }
        members
    }

    fn node(&mut self, field: &Field, kind: Kind, node: Node, path: &str) -> Option<Json> {
        match (kind, node) {
            (Kind::List, Node::Branch(branch)) => Some(Json::Array(self.list(field, branch, path))),
            (Kind::Struct, Node::Branch(branch)) => {
                Some(Json::Object(self.record(&field.fields, branch, path)))
            }
            (Kind::Json, Node::Leaf(text)) => self.json_text(field, &text, path),
            (Kind::List | Kind::Struct, Node::Leaf(_)) | (_, Node::Branch(_)) => {
                self.misfits.push(Misfit::Unknown(path.to_owned()));
                None
            }
            (kind, Node::Leaf(text)) => scalar(kind, text),
        }
    }

    /// The entries in the order of their numbers; a number may be left out.
    fn list(&mut self, field: &Field, branch: Branch, path: &str) -> Vec<Json> {
        let mut entries = BTreeMap::new();
        for (name, node) in branch {
            let is_plain = !name.starts_with(['0', '+']);
            match name.parse::<u32>().ok().filter(|_| is_plain) {
                Some(number) => _ = entries.insert(number, node),
                None => self.misfits.push(Misfit::Unknown(below(path, &name))),
            }
        }
        let kind = field.item.unwrap_or_default();
        let entries = entries.into_iter();
        entries
            .filter_map(|(number, node)| self.node(field, kind, node, &below(path, &number.to_string())))
            .collect()
    }

    /// A parameter that travels as one JSON text.
    fn json_text(&mut self, field: &Field, text: &str, path: &str) -> Option<Json> {
        if text.is_empty() {
            return None;
        }
        match serde_json::from_str(text) {
            Ok(Json::Object(members)) => Some(Json::Object(self.members(&field.fields, members, path))),
            _ => {
                self.misfits.push(Misfit::Invalid(path.to_owned(), "must be a JSON object"));
                None
            }
        }
    }

    fn members(&mut self, fields: &[Field], members: Map<String, Json>, path: &str) -> Map<String, Json> {
        let mut known = Map::new();
        for (name, value) in members {
            let path = below(path, &name);
            match fields.iter().find(|field| field.name == name) {
                Some(field) => {
                    known.extend(self.value(field, field.ty, value, &path).map(|json| (name, json)))
                }
                None => self.misfits.push(Misfit::Unknown(path)),
            }
        }
        known
    }

    fn value(&mut self, field: &Field, kind: Kind, value: Json, path: &str) -> Option<Json> {
        match (kind, value) {
            (_, Json::Null) => None,
            (Kind::List, Json::Array(entries)) => {
                let kind = field.item.unwrap_or_default();
                let entries = (1..).zip(entries);
                let path = |number: usize| below(path, &number.to_string());
                Some(entries.filter_map(|(at, entry)| self.value(field, kind, entry, &path(at))).collect())
            }
            (Kind::Struct | Kind::Json, Json::Object(members)) => {
                Some(Json::Object(self.members(&field.fields, members, path)))
            }
            (Kind::List, _) => self.invalid(path, "must be a list"),
            (Kind::Struct | Kind::Json, _) => self.invalid(path, "must be an object"),
            (_, Json::Array(_) | Json::Object(_)) => self.invalid(path, "must be a single value"),
            (_, Json::String(text)) => Some(Json::String(text)),
            (_, scalar) => Some(Json::String(scalar.to_string())),
        }
    }

    fn invalid(&mut self, path: &str, why: &'static str) -> Option<Json> {
        self.misfits.push(Misfit::Invalid(path.to_owned(), why));
        None
    }
}

/// A scalar as text. One that is no text is not given if it is empty, and some clients write `True`.
fn scalar(kind: Kind, text: String) -> Option<Json> {
    match kind {
        Kind::Integer | Kind::Double | Kind::Boolean | Kind::Timestamp if text.is_empty() => None,
        Kind::Boolean if text == "True" || text == "False" => Some(Json::String(text.to_lowercase())),
        _ => Some(Json::String(text)),
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    fn fields() -> Vec<Field> {
        let fields = json!([
            { "name": "Name", "type": "string" },
            { "name": "Count", "type": "integer" },
            { "name": "On", "type": "boolean" },
            { "name": "Psk", "type": "secret" },
            { "name": "Ids", "type": "list", "item": "string" },
            { "name": "Tag", "type": "list", "item": "struct",
              "fields": [{ "name": "Key", "type": "string" }, { "name": "Values", "type": "list", "item": "string" }] },
            { "name": "Config", "type": "json", "fields": [{ "name": "Life", "type": "integer" },
              { "name": "Psk", "type": "string", "sensitive": true }] },
        ]);
        serde_json::from_value(fields).unwrap()
    }

    fn read(query: &str) -> (Json, Vec<Misfit>) {
        let (map, misfits) = unflattened(&fields(), pairs(query.as_bytes()).unwrap());
        (Json::Object(map), misfits)
    }

    #[test]
    fn flat_names_become_what_they_were() {
        let query = "Name=a+b%2B&Count=&On=True&Ids.10=z&Ids.2=b&Tag.1.Key=k&Tag.1.Values.1=v&Tag.2.Key=\
                     &Config=%7B%22Life%22%3A86400%2C%22Psk%22%3Anull%7D";
        let expected = json!({ "Name": "a b+", "On": "true", "Ids": ["b", "z"], "Config": { "Life": "86400" },
            "Tag": [{ "Key": "k", "Values": ["v"] }, { "Key": "" }] });
        assert_eq!(read(query), (expected, vec![]));
    }

    #[test]
    fn what_an_action_does_not_have_is_told() {
        let deep = format!("Tag{}=x", ".1".repeat(100_000));
        let unknown = [
            "Nam=",
            "Name.1=",
            "Ids=x",
            "Ids.0=x",
            "Ids.01=x",
            "Ids.x=x",
            "Ids.99999999999=x",
            ".=x",
            "Ids.1.2=x",
            "Tag.1=x",
            "Tag.1.Kex=x",
            "Config.Life=1",
            "Config=%7B%22Lif%22%3A1%7D",
            "=x",
            &deep,
        ];
        for query in unknown {
            let (_, misfits) = read(query);
            assert!(matches!(misfits[..], [Misfit::Unknown(_)]), "{query:.20} {}", misfits.len());
        }
        for query in ["Config=x", "Config=%5B%5D", "Config=%7B%22Life%22%3A%5B%5D%7D"] {
            assert!(matches!(read(query).1[..], [Misfit::Invalid(..)]), "{query}");
        }
        assert_eq!(read("Tag.1.Key=a&Tag.1.Key.2=b").1, [Misfit::Unknown("Tag.1.Key.2".to_owned())]);
        assert_eq!(read("Ids.4294967295=x").0, json!({ "Ids": ["x"] }));
    }

    #[test]
    fn json_keeps_its_form_with_scalars_as_text() {
        let json = json!({ "Name": "a", "Count": 3, "On": true, "Ids": ["a", null], "Psk": null, "Kex": 1, "Tag": {} });
        let Json::Object(members) = json else { panic!("it is an object") };
        let (known, misfits) = of_json(&fields(), members);
        assert_eq!(Json::Object(known), json!({ "Name": "a", "Count": "3", "On": "true", "Ids": ["a"] }));
        assert_eq!(misfits.len(), 2, "{misfits:?}");
    }

    #[test]
    fn queries_that_were_not_encoded_are_none() {
        for text in ["a", "a=%", "a=%4", "a=%zz", "a=%ff", "a=1&b", "%e9=1"] {
            assert_eq!(pairs(text.as_bytes()), None, "{text}");
        }
        assert_eq!(pairs(b"a=\xff"), None);
        let expected = [("a", ""), ("b", "c=d"), ("\u{e9}", "%")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(pairs(b"&a=&b=c=d&&%C3%A9=%25"), Some(expected.to_vec()));
        let twice = pairs(b"a=1&b=2&a=1").unwrap();
        assert_eq!(repeated(&twice), Some("a"));
    }

    #[test]
    fn what_is_sensitive_is_masked() {
        let (map, _) = unflattened(
            &fields(),
            pairs(b"Name=n&Psk=s3cret&Tag.2.Key=k&Config=%7B%22Life%22%3A1%2C%22Psk%22%3A%22s3cret%22%7D")
                .unwrap(),
        );
        let shown: Vec<_> = masked(&fields(), &map).into_iter().collect();
        let expected =
            [("Config.Life", "1"), ("Config.Psk", MASK), ("Name", "n"), ("Psk", MASK), ("Tag.1.Key", "k")];
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
