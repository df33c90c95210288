//! The static tables of an action.

use syn::{Expr, Item, Visibility};

use super::waiting;
use crate::model::{Action, Field, Limit, Rule, Shape, Type};
use crate::spec::{DryRunSpec, EffectSpec, ErrorSpec, PaginationSpec, RamSpec, StatusSpec};
use crate::syntax::expression::{
    Then as _, call, flag, number, option, path, record, reference, slice, text, texts,
};
use crate::syntax::{item, public_in, types};

/// `mod table { … }`: in a module of its own no type of the action can hide a word of the tables.
pub(super) fn module(action: &Action) -> Item {
    let mut items = vec![item::import_all("crate::schema"), table(action)];
    collect_shapes(&action.request, "request", &mut items);
    collect_shapes(&action.response, "response", &mut items);
    item::module(Vec::new(), Visibility::Inherited, "table", items)
}

fn table(action: &Action) -> Item {
    let spec = &action.spec;
    let effect = match spec.effect {
        EffectSpec::Read => "Effect::Read",
        EffectSpec::Write => "Effect::Write",
    };
    let status = match spec.status {
        StatusSpec::Active => "Status::Active",
        StatusSpec::Deprecated => "Status::Deprecated",
        StatusSpec::Retired => "Status::Retired",
    };
    let permission = spec.ram.as_ref().and_then(|ram| ram.action.as_ref());
    let fields = [
        ("name", text(&spec.name)),
        ("section", text(&spec.section)),
        ("service", reference(path("super::super::SERVICE"))),
        ("effect", path(effect)),
        ("status", path(status)),
        ("method", path(if spec.get { "Method::Get" } else { "Method::Post" })),
        ("token", option(spec.idempotency.as_ref().map(|token| text(token)))),
        ("dry_run", option(spec.dry_run.as_ref().map(dry_run))),
        ("serialize_by", texts(spec.serialize_by.iter().map(|name| name.as_str()))),
        ("pagination", option(spec.pagination.as_ref().map(pagination))),
        ("request", shape(&action.request, "request")),
        ("response", shape(&action.response, "response")),
        ("errors", error_codes(&spec.errors)),
        ("observed", error_codes(&spec.observed)),
        ("wait", option(action.wait.as_ref().map(|wait| waiting::table(wait, "super::super::resources")))),
        ("permission", option(permission.map(|name| text(name)))),
        ("resources", resources(spec.ram.as_ref())),
    ];
    let content = record("Action", fields);
    item::table(Vec::new(), public_in("super"), "ACTION", types::named("Action"), content)
}

/// A static for every nested shape, so that tables stay flat.
fn collect_shapes(outer: &Shape, place: &str, shapes: &mut Vec<Item>) {
    for field in &outer.fields {
        let Some(inner) = field.ty.nested() else { continue };
        let place = below(place, field);
        let (name, content) = (shape_name(&place), shape(inner, &place));
        shapes.push(item::table(Vec::new(), Visibility::Inherited, &name, types::named("Shape"), content));
        collect_shapes(inner, &place, shapes);
    }
}

fn below(place: &str, field: &Field) -> String {
    format!("{place}_{}", field.rust)
}

fn shape_name(place: &str) -> String {
    place.to_uppercase()
}

/// `&[ErrorCode::new(…), …]`.
pub(super) fn error_codes(errors: &[ErrorSpec]) -> Expr {
    slice(errors.iter().map(|error| {
        let class = path(&format!("ErrorClass::{}", error.class));
        let code = call("ErrorCode::new", [number(error.status.into()), text(&error.code), class]);
        match error.gone {
            Some(gone) => code.method("gone", [flag(gone)]),
            None => code,
        }
    }))
}

fn shape(shape: &Shape, place: &str) -> Expr {
    let fields = slice(shape.fields.iter().map(|one| field(one, place)));
    let rules = slice(shape.rules.iter().map(Rule::table));
    record("Shape", [("fields", fields), ("rules", rules)])
}

fn field(field: &Field, place: &str) -> Expr {
    let name = text(&field.name);
    let mut built = match &field.ty {
        Type::Text | Type::Secret | Type::Enum(_) => call("Field::text", [name]),
        Type::Integer => call("Field::integer", [name]),
        Type::Boolean => call("Field::boolean", [name]),
        ty => call("Field::of", [name, kind(ty, &below(place, field))]),
    };
    if field.required {
        built = built.method("required", []);
    }
    if !field.limits.is_empty() {
        built = built.method("limits", [slice(field.limits.iter().map(limit))]);
    }
    if field.form {
        built = built.method("form", []);
    }
    if is_secret(&field.ty) {
        built = built.method("secret", []);
    }
    if !field.aliases.is_empty() {
        built = built.method("aliases", [texts(&field.aliases)]);
    }
    if let Some(wrapped) = &field.wrapped {
        built = built.method("wrapped", [text(wrapped)]);
    }
    built
}

fn is_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret => true,
        Type::List(entry) => is_secret(entry),
        _ => false,
    }
}

fn limit(limit: &Limit) -> Expr {
    call(if limit.today { "Limit::Today" } else { "Limit::Documented" }, [limit.check.table()])
}

fn kind(ty: &Type, place: &str) -> Expr {
    let shape = || reference(path(&shape_name(place)));
    match ty {
        Type::Text | Type::Secret | Type::Enum(_) => path("Kind::Text"),
        Type::Integer => path("Kind::Integer"),
        Type::Double => path("Kind::Double"),
        Type::Boolean => path("Kind::Boolean"),
        Type::Struct(_) => call("Kind::Object", [shape()]),
        Type::Json(_) => call("Kind::Json", [shape()]),
        Type::List(entry) => call("Kind::List", [reference(kind(entry, place))]),
    }
}

fn dry_run(dry_run: &DryRunSpec) -> Expr {
    record("DryRun", [("parameter", text(&dry_run.parameter)), ("passed", text(&dry_run.passed))])
}

fn pagination(pages: &PaginationSpec) -> Expr {
    let kind = if pages.by_token { "Pagination::Token" } else { "Pagination::Number" };
    let (position, end) = pages.ends();
    let size = pages.size.as_ref().map_or("", |size| size.as_str());
    let fields = [
        (position, text(&pages.position)),
        ("size", text(size)),
        (end, text(&pages.end)),
        ("items", text(&pages.items)),
    ];
    record(kind, fields)
}

fn resources(ram: Option<&RamSpec>) -> Expr {
    let resources = ram.map(|ram| ram.resources.as_slice()).unwrap_or_default();
    texts(resources.iter().map(|resource| &resource.text))
}
