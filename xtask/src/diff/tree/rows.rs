//! Rows, and the types that are made from them, as parts of the tree.

use std::collections::HashMap;

use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::limit::Limits;
use cloudnet_codegen::model::{Action, Documented, Field, Limit, Service, Shape, Status, Strength, Type};
use cloudnet_codegen::names;
use cloudnet_codegen::read::Spanned;
use cloudnet_codegen::spec::RowSpec;

use super::actions::node_place;
use super::{Node, Part, Value};

/// The rows of an action, flat, each by its path.
pub(super) fn rows(service: &Service, action: &Action) -> Vec<Node> {
    let mut nodes = Vec::new();
    let name = &action.facts.name.value;
    let tables = [
        (Part::Parameter, &action.request, &action.spec.request, name.clone()),
        (Part::Field, &action.response, &action.spec.response, format!("{name}Output")),
    ];
    for (part, shape, specs, owner) in tables {
        let mut walk = Walk {
            service,
            action,
            part,
            specs: specs.iter().map(|row| (&*row.path.value, row)).collect(),
            nodes: &mut nodes,
        };
        walk.shape(shape, &format!("{}::{owner}", service.module), "");
    }
    nodes
}

/// The structs and enums of an action, and what is turned into them.
pub(super) fn types(service: &Service, action: &Action) -> Vec<Node> {
    let module = format!("{}::{}", service.module, action.module);
    let place = node_place(&action.facts.name);
    let mut nodes = Vec::new();
    for one in &action.structs {
        let path = format!("{module}::{}", one.name);
        let place = place_of(action, &one.path).unwrap_or(place);
        let usage = format!("fn uses(_: cloudnet::{path}) {{}}");
        nodes.push(Node::new(Part::Struct, &one.name, place).in_rust(&path, usage));
        for other in &one.equals {
            let from = format!("{}::{}::{}", service.module, other.module, other.name);
            let usage = format!("fn uses(it: cloudnet::{from}) -> cloudnet::{path} {{ it.into() }}");
            let name = format!("{} from {}::{}", one.name, other.module, other.name);
            nodes.push(
                Node::new(Part::Conversion, name, place)
                    .in_rust(format!("impl From<{from}> for {path}"), usage),
            );
        }
    }
    for one in &action.enums {
        let path = format!("{module}::{}", one.name);
        let row =
            action.spec.request.iter().chain(&action.spec.response).find(|row| *row.path.value == *one.path);
        let place = row.map_or(place, |row| row.path.location);
        let usage = format!("fn uses(_: cloudnet::{path}) {{}}");
        let mut node = Node::new(Part::Enum, &one.name, place).in_rust(&path, usage);
        node.children.extend(one.variants.iter().map(|variant| {
            let place = row.and_then(|row| value_place(row, &variant.value)).unwrap_or(place);
            let usage = format!("fn uses() -> cloudnet::{path} {{ cloudnet::{path}::{} }}", variant.name);
            let mut node = Node::new(Part::Variant, &variant.name, place)
                .in_rust(format!("{path}::{}", variant.name), usage);
            node.say("value", &variant.value);
            node.maybe("text", variant.summary.as_deref());
            node
        }));
        nodes.push(node);
    }
    nodes
}

/// The type of an entry of a page, as programs write it.
pub(super) fn entry_type(service: &Service, action: &Action, ty: &Type) -> String {
    value(service, action, ty)
}

fn place_of(action: &Action, path: &str) -> Option<Location> {
    let rows = action.spec.request.iter().chain(&action.spec.response);
    let is_at_or_below = |row: &&RowSpec| {
        let row = plain(&row.path);
        row.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut rows = rows.filter(is_at_or_below);
    rows.next().map(|row| row.path.location)
}

/// A path without its indexes.
fn plain(path: &cloudnet_codegen::path::Path) -> String {
    path.segments().iter().map(|segment| segment.name.as_str()).collect::<Vec<_>>().join(".")
}

fn value_place(row: &RowSpec, value: &str) -> Option<Location> {
    let lists = std::iter::once(&row.limits).chain(row.today.iter().map(|today| &today.limits));
    let mut values = lists.chain(row.advised()).filter_map(Limits::values).flatten();
    values.find(|one| one.value.value == value).map(|one| one.value.location)
}

struct Walk<'m, 'n> {
    service: &'m Service,
    action: &'m Action,
    part: Part,
    specs: HashMap<&'m str, &'m RowSpec>,
    nodes: &'n mut Vec<Node>,
}

impl<'m> Walk<'m, '_> {
    fn shape(&mut self, shape: &'m Shape, owner: &str, outer: &str) {
        for field in &shape.fields {
            let path = if outer.is_empty() { field.name.clone() } else { format!("{outer}.{}", field.name) };
            let row = field.row.as_ref().and_then(|row| self.specs.get(row.path.as_str()).copied());
            self.nodes.push(self.row(field, owner, &path, row));
            if let Some((inner, shape)) = nested(&field.ty) {
                let owner = if inner.shared {
                    format!("{}::types::{}", self.service.module, inner.name)
                } else {
                    format!("{}::{}::{}", self.service.module, self.action.module, inner.name)
                };
                let path = field.wrapped.as_ref().map_or(path.clone(), |wrapped| format!("{path}.{wrapped}"));
                self.shape(shape, &owner, &path);
            }
        }
    }

    fn row(&self, field: &Field, owner: &str, path: &str, row: Option<&RowSpec>) -> Node {
        let first_below = || place_of(self.action, path);
        let place = row.map(|row| row.path.location).or_else(first_below);
        let place = place.unwrap_or_else(|| node_place(&self.action.facts.name));
        let ty = holder(self.service, self.action, &field.ty);
        let usage = format!("fn uses(it: cloudnet::{owner}) -> {ty} {{ it.{} }}", raw(&field.rust));
        let mut node = Node::new(self.part, path, place).in_rust(format!("{owner}::{}", field.rust), usage);
        node.flag("required", field.required);
        let word = row.map_or("unprinted", |row| row.ty.word());
        let shown = row.map_or(place, |row| node_place(&row.ty));
        node.put("type", "", Value::Type(word, self.bare(&field.ty)), shown);
        if let Some(name) = enum_of(&field.ty) {
            node.say("enum", name);
        }
        if field.form {
            node.say("place", "form");
        }
        for alias in &field.aliases {
            node.say_of("spelling", alias, alias, place);
        }
        node.maybe("wrapper", field.wrapped.as_deref());
        for limit in &field.limits {
            put_limit(&mut node, limit, row);
        }
        if let Some(row) = row {
            stated(&mut node, row);
        }
        node
    }

    /// The type without what is said of it elsewhere: secrets and enums are text.
    fn bare(&self, ty: &Type) -> String {
        match ty {
            Type::List(entry) => format!("Vec<{}>", self.bare(entry)),
            Type::Secret | Type::Enum(_) => "String".to_owned(),
            Type::Json(inner) => format!("{} as JSON text", inner.name),
            other => value(self.service, self.action, other).replace("cloudnet::", ""),
        }
    }
}

fn put_limit(node: &mut Node, limit: &Limit, row: Option<&RowSpec>) {
    let key = limit.check.kind.key;
    let today = row.and_then(|row| row.today.as_ref()).and_then(|today| today.limits.get(key));
    let stated = today.filter(|_| limit.today).or_else(|| row?.limits.get(key));
    let place = stated.map_or(node.place, node_place);
    let check = Value::Limit(limit.check.clone());
    match limit.strength {
        Strength::Limit => node.put("limit", key, check, place),
        Strength::Advice if limit.today => node.put("advice", format!("{key} of today"), check, place),
        Strength::Advice => node.put("advice", key, check, place),
        // It is the document's own limit, which is told as such.
        Strength::Outdated => {}
    }
}

/// What document and service say, whatever becomes of it.
fn stated(node: &mut Node, row: &RowSpec) {
    let today = row.today.as_ref();
    let default = match today.and_then(|today| today.default.as_ref()) {
        Some(today) => today.as_ref(),
        None => row.default.as_ref(),
    };
    put_text(node, "default", default);
    put_text(node, "documented default", row.default.as_ref());
    if row.required {
        node.say("documented required", "yes");
    }
    node.flag("sensitive", row.sensitive);
    put_limits(node, "documented limit", &row.limits);
    if let Some(today) = today {
        put_limits(node, "limit of today", &today.limits);
    }
    if row.status != Status::Active {
        node.say("deprecated", row.status.word());
    }
    let provenance = match (row.documented, &row.published) {
        (_, Some(published)) => published.to_string(),
        (Documented::Table, None) => "the document's table".to_owned(),
        (Documented::Example, None) => "an example of the document".to_owned(),
        (Documented::No | Documented::Published, None) => "no document".to_owned(),
    };
    node.say("provenance", provenance);
    node.say("text", &row.summary);
    let texts = [
        ("unit", &row.unit),
        ("example", &row.example),
        ("note", &row.note),
        ("printed as", &row.documented_as),
    ];
    for (about, text) in texts {
        if let Some(text) = text {
            node.say_of("text", about, text, node.place);
        }
    }
}

fn put_text(node: &mut Node, aspect: &'static str, text: Option<&Spanned<String>>) {
    if let Some(text) = text {
        node.say_of(aspect, "", &text.value, text.location);
    }
}

fn put_limits(node: &mut Node, aspect: &'static str, limits: &Limits) {
    for check in &limits.checks {
        node.put(aspect, check.kind.key, Value::Limit(check.value.clone()), check.location);
    }
    for key in &limits.lifted {
        node.say_of(aspect, *key, "any", node.place);
    }
}

fn nested(ty: &Type) -> Option<(&cloudnet_codegen::model::StructType, &Shape)> {
    match ty {
        Type::Struct(inner) | Type::Json(inner) => Some((inner, &inner.shape)),
        Type::List(entry) => nested(entry),
        _ => None,
    }
}

fn enum_of(ty: &Type) -> Option<&str> {
    match ty {
        Type::Enum(name) => Some(name),
        Type::List(entry) => enum_of(entry),
        _ => None,
    }
}

fn holder(service: &Service, action: &Action, ty: &Type) -> String {
    match ty {
        Type::List(entry) => format!("Vec<{}>", value(service, action, entry)),
        _ => format!("Option<{}>", value(service, action, ty)),
    }
}

fn value(service: &Service, action: &Action, ty: &Type) -> String {
    match ty {
        Type::Text => "String".to_owned(),
        Type::Secret => "cloudnet::Secret".to_owned(),
        Type::Integer => "i64".to_owned(),
        Type::Double => "f64".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::Timestamp => "std::time::SystemTime".to_owned(),
        Type::Enum(name) => format!("cloudnet::{}::{}::{name}", service.module, action.module),
        Type::Struct(inner) | Type::Json(inner) if inner.shared => {
            format!("cloudnet::{}::types::{}", service.module, inner.name)
        }
        Type::Struct(inner) | Type::Json(inner) => {
            format!("cloudnet::{}::{}::{}", service.module, action.module, inner.name)
        }
        Type::List(entry) => value(service, action, entry),
    }
}

/// A name that may be a keyword.
fn raw(rust: &str) -> String {
    if names::is_keyword(rust) { format!("r#{rust}") } else { rust.to_owned() }
}
