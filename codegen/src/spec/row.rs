//! The rows of a table, with their limits.

use std::collections::HashMap;

use crate::diagnostic::Diagnostics;
use crate::facts::{Documented, Published, Status};
use crate::limit::{Limits, VALUES};
use crate::mapping::text;
use crate::path::{Path, Table};
use crate::read::{Fields, FromNode as _, Spanned};
use crate::shape::{self, Shape};
use crate::suggest::suggestion;
use crate::type_name::TypeName;
use crate::yaml::{Entry, Node, Value};

/// A row of a request or response table.
#[derive(Debug)]
pub struct RowSpec {
    /// `name` of a request row, `path` of a response row.
    pub path: Spanned<Path>,
    pub documented_as: Option<String>,
    pub also: Vec<String>,
    pub ty: Spanned<TypeName>,
    pub required: bool,
    pub summary: String,
    pub unit: Option<String>,
    pub example: Option<String>,
    pub default: Option<Spanned<String>>,
    pub limits: Limits,
    pub today: Option<TodaySpec>,
    /// What the document says and the service may not insist on.
    pub advice: Limits,
    pub sensitive: bool,
    pub form: bool,
    pub item: Option<Spanned<String>>,
    pub type_name: Option<Spanned<String>>,
    pub status: Status,
    pub documented: Documented,
    /// The package that has it, where no document does.
    pub published: Option<Published>,
    /// Whether it is that of the action, which says so for all of its rows.
    pub is_of_published_action: bool,
    /// A document has it, and what the vendor publishes has not; it is acknowledged as that.
    pub is_gone: bool,
    pub note: Option<String>,
}

/// What the service states today: limits given replace the documented ones, those lifted end them.
#[derive(Clone, Debug, Default)]
pub struct TodaySpec {
    pub limits: Limits,
    pub advice: Limits,
    pub required: Option<bool>,
    /// `Some(None)` is `none`.
    pub default: Option<Option<Spanned<String>>>,
}

impl RowSpec {
    /// The limits of the document, and those of today.
    pub(crate) fn stated(&self) -> impl Iterator<Item = &Limits> {
        std::iter::once(&self.limits).chain(self.today.iter().map(|today| &today.limits))
    }

    /// What the document and the service of today advise.
    pub fn advised(&self) -> impl Iterator<Item = &Limits> {
        std::iter::once(&self.advice).chain(self.today.iter().map(|today| &today.advice))
    }

    /// Whether type and value list, the document's or today's, admit a value.
    pub(crate) fn can_be(&self, value: &str) -> bool {
        let is_lifted = self.stated().any(|limits| limits.lifted.contains(&VALUES));
        let mut listed = self.stated().filter_map(Limits::values).flatten().peekable();
        let is_open = is_lifted || listed.peek().is_none();
        self.ty.admits(value) && (is_open || listed.any(|known| known.value.value == value))
    }

    /// Whether it is required, as the service has it today.
    pub fn is_required(&self) -> bool {
        self.today.as_ref().and_then(|today| today.required).unwrap_or(self.required)
    }

    /// A row of an action that no document has is of the package that has the action.
    pub(super) fn publish(&mut self, published: &Published) {
        if self.published.is_none() && self.documented == Documented::Table {
            self.documented = Documented::Published;
            self.published = Some(published.clone());
            self.is_of_published_action = true;
        }
    }
}

/// The shared rows of a service, by name.
pub(crate) type SharedRows<'a> = HashMap<&'a str, &'a [Entry]>;

/// Finds the shared rows of a service; each is also read on its own, so that it is checked once.
pub(crate) fn shared<'a>(rows: &'a [Node], diagnostics: &Diagnostics) -> SharedRows<'a> {
    let mut found = SharedRows::new();
    for node in rows {
        request_row(node, diagnostics);
        let Value::Map(entries) = &node.value else { continue };
        let name = entries.iter().find(|entry| entry.key == "name");
        if let Some(name) = name.and_then(|entry| entry.value.written())
            && found.insert(name, entries).is_some()
        {
            let message = format!("`{name}` is shared twice");
            diagnostics.error("duplicate-row", node.location, message, "Remove one of them.");
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
        let message = format!("no shared row is named `{}`", name.value);
        let help = match known.as_slice() {
            [] => "Add it to `parameters` in `_service.yaml`, or write the row here.".to_owned(),
            known => suggestion(&name, known),
        };
        diagnostics.error("dangling-use", name.location, message, help);
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

fn request_row(node: &Node, diagnostics: &Diagnostics) -> Option<RowSpec> {
    let mut map = Fields::from_node(node, diagnostics)?;
    let row = request_keys(&mut map);
    map.deny_unknown();
    Some(row)
}

fn request_keys(map: &mut Fields<'_>) -> RowSpec {
    let diagnostics = map.diagnostics();
    let mut row = common(map, Table::Request, diagnostics);
    row.required = map.get("required").unwrap_or_default();
    row.default = map.scalar("default");
    row.limits = Limits::read(map, row.ty.value, Table::Request);
    refuse_lifted(map, &mut row.limits, diagnostics);
    map.describe(|keys| keys.is("today", shape::of(|map| today(map, TypeName::String))));
    row.today = map.get("today").map(|mut map| {
        let today = today(&mut map, row.ty.value);
        map.deny_unknown();
        today
    });
    row.advice = advice(map, row.ty.value, diagnostics);
    row.form = map.one_of("in", &[("query", false), ("form", true)]).unwrap_or_default();
    row
}

/// A row of a request; beside `use` nothing else must be there.
pub(crate) fn request_shape() -> Shape {
    let using = |map: &mut Fields<'_>| {
        map.required::<String>("use");
        request_keys(map);
        map.describe(|keys| ["name", "type", "summary"].into_iter().for_each(|key| keys.spare(key)));
    };
    shape::either([shared_shape(), shape::of(using)])
}

/// A row that actions share.
pub(crate) fn shared_shape() -> Shape {
    shape::of(request_keys)
}

fn response_row(node: &Node, diagnostics: &Diagnostics) -> Option<RowSpec> {
    let mut map = Fields::from_node(node, diagnostics)?;
    let row = response_keys(&mut map);
    map.deny_unknown();
    Some(row)
}

pub(crate) fn response_keys(map: &mut Fields<'_>) -> RowSpec {
    let diagnostics = map.diagnostics();
    let mut row = common(map, Table::Response, diagnostics);
    row.also = map.all("also").unwrap_or_default();
    row.limits = Limits::read(map, row.ty.value, Table::Response);
    refuse_lifted(map, &mut row.limits, diagnostics);
    row
}

/// Only `today` has a documented limit to lift.
fn refuse_lifted(map: &mut Fields<'_>, limits: &mut Limits, diagnostics: &Diagnostics) {
    for key in limits.lifted.drain(..) {
        let location = map.key_location(key).unwrap_or_else(|| map.location());
        let message = format!("`{key}: any` lifts a limit that the row does not have");
        let help = "Remove it, or put it under `today` if the document has such a limit.";
        diagnostics.error("lifts-nothing", location, message, help);
    }
}

fn common(map: &mut Fields<'_>, table: Table, diagnostics: &Diagnostics) -> RowSpec {
    let name = text(map, if table == Table::Request { "name" } else { "path" });
    let ty = map.required_one_of("type", TypeName::WORDS).unwrap_or(TypeName::String);
    let ty = Spanned::new(ty, map.node("type").map_or(map.location(), |node| node.location));
    let published: Option<Published> = map.get("published");
    let row = RowSpec {
        documented_as: printed_name(map, &name, diagnostics),
        also: Vec::new(),
        required: false,
        summary: text(map, "summary").value,
        unit: map.get("unit"),
        example: example(map, ty.value, diagnostics),
        default: None,
        limits: Limits::default(),
        today: None,
        advice: Limits::default(),
        sensitive: map.get("sensitive").unwrap_or_default(),
        form: false,
        item: map.get("item"),
        type_name: map.get("type_name"),
        status: map.one_of("status", Status::WORDS).unwrap_or_default(),
        documented: documented(map, published.as_ref()),
        published,
        is_of_published_action: false,
        is_gone: false,
        note: map.get("note"),
        path: name.map(|name| Path::read(table, name)),
        ty,
    };
    if row.documented == Documented::No && row.note.is_none() {
        let message = format!("`{}` stands in no document, and no `note` says where it is from", &**row.path);
        diagnostics.error("missing-key", row.path.location, message, "Add a `note`.");
    }
    row
}

fn documented(map: &mut Fields<'_>, published: Option<&Published>) -> Documented {
    const DOCUMENTED: &[(&str, Documented)] =
        &[("true", Documented::Table), ("example", Documented::Example), ("false", Documented::No)];
    let documented = map.one_of("documented", DOCUMENTED);
    if let (Some(_), Some(location)) = (published, map.key_location("documented")) {
        let message = "`published` already says that no document has the row";
        map.diagnostics().error("pointless-key", location, message, "Keep one of the two keys.");
    }
    published.map_or(documented.unwrap_or_default(), |_| Documented::Published)
}

fn printed_name(map: &mut Fields<'_>, name: &Spanned<String>, diagnostics: &Diagnostics) -> Option<String> {
    let printed: Spanned<String> = map.get("documented_as")?;
    if printed.value == name.value {
        let message = format!("`documented_as` repeats the name `{}`", name.value);
        let help = "Leave the key out where the printed name is the wire name.";
        diagnostics.error("pointless-key", printed.location, message, help);
    }
    Some(printed.value)
}

fn example(map: &mut Fields<'_>, ty: TypeName, diagnostics: &Diagnostics) -> Option<String> {
    let example = map.scalar("example")?;
    let text = &example.value;
    if !ty.admits(text) {
        let message = format!("the example `{text}` is not of the row's type");
        let help = "Correct the type or the example; if both are printed so, say it in `note`.";
        diagnostics.error("value-of-another-type", example.location, message, help);
    }
    Some(example.value)
}

/// Limits that are no reason to refuse a value.
fn advice(map: &mut Fields<'_>, ty: TypeName, diagnostics: &Diagnostics) -> Limits {
    map.describe(|keys| {
        let limits = |map: &mut Fields<'_>| Limits::read(map, TypeName::String, Table::Request);
        keys.is("advice", shape::of(limits));
    });
    let Some(mut map) = map.get::<Fields<'_>>("advice") else { return Limits::default() };
    let mut limits = Limits::read(&mut map, ty, Table::Request);
    refuse_lifted(&mut map, &mut limits, diagnostics);
    map.deny_unknown();
    limits
}

fn today(map: &mut Fields<'_>, ty: TypeName) -> TodaySpec {
    let diagnostics = map.diagnostics();
    let default = map.scalar("default");
    TodaySpec {
        required: map.get("required"),
        default: default.map(|text| (text.value != "none").then_some(text)),
        limits: Limits::read(map, ty, Table::Request),
        advice: advice(map, ty, diagnostics),
    }
}
