//! Reads the rows of a table, with their limits.

use std::collections::HashMap;
use std::net::IpAddr;

use super::action::STATUS;
use super::{CidrSpec, Documented, LimitsSpec, RowSpec, TodaySpec, TypeName, ValueSpec, plain, text};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::read::{Fields, Spanned, suggestion};
use crate::yaml::{Entry, Node, Value};

/// The shared rows of a service, by name.
pub(crate) type SharedRows<'a> = HashMap<&'a str, &'a [Entry]>;

/// Finds the shared rows of a service; each is also read on its own, so that it is checked once.
pub(crate) fn shared<'a>(rows: &'a [Node], diagnostics: &Diagnostics) -> SharedRows<'a> {
    let mut found = SharedRows::new();
    for node in rows {
        let quiet = Diagnostics::default();
        request_row(node, diagnostics);
        let Some(entries) = node.entries(&quiet) else { continue };
        let name = entries.iter().find(|entry| entry.key == "name");
        if let Some(name) = name.and_then(|entry| entry.value.written())
            && found.insert(name, entries).is_some()
        {
            let problem =
                Diagnostic::error("duplicate-row", node.location, format!("`{name}` is shared twice"));
            diagnostics.push(problem.help("Remove one of them."));
        }
    }
    found
}

/// Reads request rows; `use` brings in a shared one.
pub(super) fn request(rows: &[Node], shared: &SharedRows<'_>, diagnostics: &Diagnostics) -> Vec<RowSpec> {
    let read = |node: &Node| match merged(node, shared, diagnostics) {
        Ok(Some(whole)) => request_row(&whole, diagnostics),
        Ok(None) => request_row(node, diagnostics),
        Err(()) => None,
    };
    rows.iter().filter_map(read).collect()
}

/// Reads response rows.
pub(super) fn response(rows: &[Node], diagnostics: &Diagnostics) -> Vec<RowSpec> {
    rows.iter().filter_map(|node| response_row(node, diagnostics)).collect()
}

/// The entry and what it does not override of the row it uses.
fn merged(node: &Node, shared: &SharedRows<'_>, diagnostics: &Diagnostics) -> Result<Option<Node>, ()> {
    let Value::Map(entries) = &node.value else { return Ok(None) };
    let Some(used) = entries.iter().find(|entry| entry.key == "use") else { return Ok(None) };
    let name = used.value.text(diagnostics).ok_or(())?;
    let Some(base) = shared.get(name.value.as_str()) else {
        let known: Vec<&str> = shared.keys().copied().collect();
        let problem = Diagnostic::error(
            "dangling-use",
            name.location,
            format!("no shared row is named `{}`", name.value),
        );
        let help = match known.as_slice() {
            [] => "Add it to `parameters` in `_service.yaml`, or write the row here.".to_owned(),
            known => suggestion(&name, known),
        };
        diagnostics.push(problem.help(help));
        return Err(());
    };
    let own = || entries.iter().filter(|entry| entry.key != "use");
    let inherited = base.iter().filter(|entry| own().all(|mine| mine.key != entry.key));
    let mut whole = node.clone();
    let mut all: Vec<Entry> = own().chain(inherited).cloned().collect();
    // Messages about the row belong to where it is used.
    for entry in all.iter_mut().filter(|entry| entry.key == "name") {
        entry.value.location = name.location;
    }
    whole.value = Value::Map(all);
    Ok(Some(whole))
}

const TYPES: &[(&str, TypeName)] = &[
    ("string", TypeName::String),
    ("integer", TypeName::Integer),
    ("long", TypeName::Long),
    ("double", TypeName::Double),
    ("boolean", TypeName::Boolean),
    ("list", TypeName::List),
    ("object", TypeName::Object),
    ("json", TypeName::Json),
];

fn request_row(node: &Node, diagnostics: &Diagnostics) -> Option<RowSpec> {
    let mut map = Fields::of(node, diagnostics)?;
    let mut row = common(&mut map, "name", diagnostics);
    row.required = map.flag("required").is_some_and(plain);
    row.default = map.scalar("default").map(|default| default.map(|scalar| scalar.text));
    let mut lifted = Vec::new();
    row.limits = limits(&mut map, diagnostics, &mut lifted);
    refuse_lifted(&mut map, &lifted, diagnostics);
    row.today = map.fields("today").map(|map| today(map, diagnostics));
    row.form = map.one_of("in", &[("query", false), ("form", true)]).is_some_and(plain);
    map.finish();
    Some(row)
}

fn response_row(node: &Node, diagnostics: &Diagnostics) -> Option<RowSpec> {
    let mut map = Fields::of(node, diagnostics)?;
    let mut row = common(&mut map, "path", diagnostics);
    row.also = map.texts("also").unwrap_or_default().into_iter().map(plain).collect();
    let mut lifted = Vec::new();
    row.limits.values = map.node("values").and_then(|node| values(node, diagnostics, "values", &mut lifted));
    row.limits.format =
        map.node("format").and_then(|node| word(node, FORMATS, "format", &mut lifted, diagnostics));
    refuse_lifted(&mut map, &lifted, diagnostics);
    map.finish();
    Some(row)
}

/// Only `today` has a documented limit to lift.
fn refuse_lifted(map: &mut Fields<'_>, lifted: &[&'static str], diagnostics: &Diagnostics) {
    for key in lifted {
        let location = map.key_location(key).unwrap_or_else(|| map.location());
        let message = format!("`{key}: any` lifts a limit that the row does not have");
        let help = "Remove it, or put it under `today` if the document has such a limit.";
        diagnostics.error("lifts-nothing", location, message, help);
    }
}

fn common(map: &mut Fields<'_>, path: &'static str, diagnostics: &Diagnostics) -> RowSpec {
    const DOCUMENTED: &[(&str, Documented)] =
        &[("true", Documented::Table), ("example", Documented::Example), ("false", Documented::No)];
    let name = text(map, path);
    let ty = map.required_one_of("type", TYPES);
    let ty = ty.unwrap_or_else(|| Spanned::new(TypeName::String, map.location()));
    let row = RowSpec {
        documented_as: printed_name(map, &name, diagnostics),
        also: Vec::new(),
        required: false,
        summary: text(map, "summary").value,
        unit: map.text("unit").map(plain),
        example: example(map, ty.value, diagnostics),
        default: None,
        limits: LimitsSpec::default(),
        today: None,
        sensitive: map.flag("sensitive").is_some_and(plain),
        form: false,
        item: map.text("item"),
        type_name: map.text("type_name"),
        status: map.one_of("status", STATUS).map(plain).unwrap_or_default(),
        documented: map.one_of("documented", DOCUMENTED).map(plain).unwrap_or_default(),
        note: map.text("note").map(plain),
        path: name,
        ty,
    };
    if row.documented == Documented::No && row.note.is_none() {
        let problem = Diagnostic::error(
            "missing-key",
            row.path.location,
            format!("`{}` stands in no document, and no `note` says where it is from", row.path.value),
        );
        diagnostics.push(problem.help("Add a `note`."));
    }
    row
}

fn printed_name(map: &mut Fields<'_>, name: &Spanned<String>, diagnostics: &Diagnostics) -> Option<String> {
    let printed = map.text("documented_as")?;
    if printed.value == name.value {
        let message = format!("`documented_as` repeats the name `{}`", name.value);
        let help = "Leave the key out where the printed name is the wire name.";
        diagnostics.error("pointless-key", printed.location, message, help);
    }
    Some(printed.value)
}

fn example(map: &mut Fields<'_>, ty: TypeName, diagnostics: &Diagnostics) -> Option<String> {
    let example = map.scalar("example")?;
    let text = &example.value.text;
    if !ty.admits(text) {
        let message = format!("the example `{text}` is not of the row's type");
        let help = "Correct the type or the example; if both are printed so, say it in `note`.";
        diagnostics.error("value-of-another-type", example.location, message, help);
    }
    Some(example.value.text)
}

fn today(mut map: Fields<'_>, diagnostics: &Diagnostics) -> TodaySpec {
    let mut lifted = Vec::new();
    let default = map.scalar("default").map(|default| default.map(|scalar| scalar.text));
    let today = TodaySpec {
        required: map.flag("required").map(plain),
        default: default.map(|text| (text.value != "none").then_some(text)),
        limits: limits(&mut map, diagnostics, &mut lifted),
        lifted,
    };
    map.finish();
    today
}

const FORMATS: &[(&str, &str)] = &[
    ("ipv4", "ipv4"),
    ("ipv6", "ipv6"),
    ("ip", "ip"),
    ("ipv4-cidr", "ipv4-cidr"),
    ("ipv6-cidr", "ipv6-cidr"),
    ("cidr", "cidr"),
    ("date-time", "date-time"),
    ("date-time-minutes", "date-time-minutes"),
    ("ascii", "ascii"),
    ("comma-list", "comma-list"),
    ("comma-list-of-cidr", "comma-list-of-cidr"),
    ("json", "json"),
];

const ENDS: &[(&str, &str)] = &[
    ("letter", "letter"),
    ("letter-or-chinese", "letter-or-chinese"),
    ("letter-or-digit", "letter-or-digit"),
    ("lowercase-letter-or-digit", "lowercase-letter-or-digit"),
    ("slash", "slash"),
];

const CHARS: &[(&str, &str)] = &[
    ("resource-name", "resource-name"),
    ("letters-digits-underscore-hyphen", "letters-digits-underscore-hyphen"),
    ("lowercase-digits-hyphen", "lowercase-digits-hyphen"),
    ("lowercase-digits-underscore-hyphen", "lowercase-digits-underscore-hyphen"),
    ("printable-ascii-no-space", "printable-ascii-no-space"),
];

/// Reads the limit keys of a row or of its `today`; keys given as `any` go to `lifted`.
fn limits(map: &mut Fields<'_>, diagnostics: &Diagnostics, lifted: &mut Vec<&'static str>) -> LimitsSpec {
    let mut pair = |key: &'static str| {
        let node = unless_any(map.node(key)?, key, lifted)?;
        node.pair(diagnostics)
    };
    let (length, range, items) = (pair("length"), pair("range"), pair("items"));
    let mut named = |key: &'static str, words| word(map.node(key)?, words, key, lifted, diagnostics);
    let (format, chars) = (named("format", FORMATS), named("chars", CHARS));
    let (starts_with, ends_with) = (named("starts_with", ENDS), named("ends_with", ENDS));
    let mut texts = |key: &'static str| {
        let node = unless_any(map.node(key)?, key, lifted)?;
        strings(node, key, diagnostics)
    };
    let (not_starting_with, not_containing) = (texts("not_starting_with"), texts("not_containing"));
    let cidr = map.node("cidr").and_then(|node| unless_any(node, "cidr", lifted));
    let excluded = map.node("excluded").and_then(|node| unless_any(node, "excluded", lifted));
    LimitsSpec {
        length,
        range,
        items,
        values: map.node("values").and_then(|node| values(node, diagnostics, "values", lifted)),
        excluded: excluded.and_then(|node| {
            let numbers = filled(node, "excluded", diagnostics)?
                .iter()
                .filter_map(|number| number.integer(diagnostics));
            Some(Spanned::new(numbers.map(plain).collect(), node.location))
        }),
        format,
        cidr: cidr.and_then(|node| read_cidr(node, diagnostics)),
        starts_with,
        ends_with,
        chars,
        not_starting_with,
        not_containing,
    }
}

/// `any` lifts a documented limit instead of giving one.
fn unless_any<'a>(node: &'a Node, key: &'static str, lifted: &mut Vec<&'static str>) -> Option<&'a Node> {
    if matches!(&node.value, Value::Text(word) if word == "any") {
        lifted.push(key);
        return None;
    }
    Some(node)
}

fn word(
    node: &Node,
    words: &[(&str, &'static str)],
    key: &'static str,
    lifted: &mut Vec<&'static str>,
    diagnostics: &Diagnostics,
) -> Option<Spanned<&'static str>> {
    unless_any(node, key, lifted)?.one_of(words, diagnostics)
}

fn values(
    node: &Node,
    diagnostics: &Diagnostics,
    key: &'static str,
    lifted: &mut Vec<&'static str>,
) -> Option<Spanned<Vec<ValueSpec>>> {
    let node = unless_any(node, key, lifted)?;
    let list = filled(node, key, diagnostics)?;
    let values = list.iter().filter_map(|entry| match &entry.value {
        Value::Map(_) => {
            let mut map = Fields::of(entry, diagnostics)?;
            map.required_node("value");
            let value = ValueSpec {
                value: map.scalar("value")?.map(|scalar| scalar.text),
                variant: map.text("as"),
                summary: map.text("summary").map(plain),
            };
            map.finish();
            Some(value)
        }
        _ => {
            let value = entry.scalar(diagnostics)?.map(|scalar| scalar.text);
            Some(ValueSpec { value, variant: None, summary: None })
        }
    });
    Some(Spanned::new(values.collect(), node.location))
}

fn strings(node: &Node, key: &str, diagnostics: &Diagnostics) -> Option<Spanned<Vec<String>>> {
    let list = filled(node, key, diagnostics)?;
    let texts = list.iter().filter_map(|text| text.text(diagnostics)).map(plain);
    Some(Spanned::new(texts.collect(), node.location))
}

/// A list with at least one entry.
fn filled<'a>(node: &'a Node, key: &str, diagnostics: &Diagnostics) -> Option<&'a [Node]> {
    let list = node.list(diagnostics)?;
    if list.is_empty() {
        let problem = Diagnostic::error("empty-list", node.location, format!("`{key}` is an empty list"));
        diagnostics.push(problem.help("Leave the key out."));
        return None;
    }
    Some(list)
}

fn read_cidr(node: &Node, diagnostics: &Diagnostics) -> Option<Spanned<CidrSpec>> {
    let mut map = Fields::of(node, diagnostics)?;
    let mut blocks = |key| {
        let blocks = map.texts(key).unwrap_or_default().into_iter();
        blocks.inspect(|block| check_block(block, diagnostics)).map(plain).collect()
    };
    let (within, not_within) = (blocks("within"), blocks("not_within"));
    let prefix = map.pair("prefix");
    if let Some(prefix) = &prefix
        && [prefix.0, prefix.1].into_iter().flatten().any(|end| !(0..=128).contains(&end))
    {
        let message = "a prefix has 0 to 128 bits".to_owned();
        diagnostics.error("bad-range", prefix.location, message, "Correct the bound.");
    }
    map.finish();
    Some(Spanned::new(CidrSpec { within, not_within, prefix: prefix.map(plain) }, node.location))
}

/// `10.0.0.0/8`, without bits behind the prefix.
fn check_block(block: &Spanned<String>, diagnostics: &Diagnostics) {
    let parsed = block.split_once('/').and_then(|(address, prefix)| {
        let address: IpAddr = address.parse().ok()?;
        let prefix: u32 = prefix.parse().ok()?;
        let (bits, width) = match address {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        (prefix <= width && bits.trailing_zeros().min(width) >= width - prefix).then_some(())
    });
    if parsed.is_none() {
        let message = format!("`{}` is no CIDR block", block.value);
        let help = "Write the first address and the prefix: `10.0.0.0/8`.";
        diagnostics.error("bad-cidr", block.location, message, help);
    }
}
