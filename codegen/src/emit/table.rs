//! The static tables of an action, as text: a row a line, and what is usual left out.

use super::rows::{Entries, block, list};
use super::waiting;
use crate::model::{
    Action, Effect, ErrorCode, Field, Limit, Pagination, Rule, Shape, Status, Strength, Struct, Type,
};
use crate::syntax::{quoted, texts};

/// `mod table { … }`: in a module of its own no type of the action can hide a word of the tables.
pub(super) fn module(action: &Action) -> String {
    let mut text = String::from("mod table {\n    use crate::schema::words::*;\n");
    text.push_str(&format!("    pub(super) static ACTION: Action = {};\n", table(action)));
    push_shapes(&mut text, &action.request, "request");
    push_shapes(&mut text, &action.response, "response");
    text.push_str("}\n");
    text
}

fn table(action: &Action) -> String {
    let facts = &action.facts;
    let effect = match facts.effect {
        Effect::Read => "read",
        Effect::Write => "write",
    };
    let usual = format!(
        "Action::{effect}({}, {}, &super::super::SERVICE)",
        quoted(&facts.name),
        quoted(&facts.section)
    );
    let mut entries = Entries::default();
    match facts.status {
        Status::Active => {}
        Status::Deprecated => entries.put("status", "Status::Deprecated"),
        Status::Retired => entries.put("status", "Status::Retired"),
    }
    if facts.get {
        entries.put("method", "Method::Get");
    }
    entries.put_some("token", facts.idempotency.as_ref().map(|token| quoted(token)));
    entries.put_some(
        "dry_run",
        facts.dry_run.as_ref().map(|dry_run| {
            format!(
                "DryRun {{ parameter: {}, passed: {} }}",
                quoted(&dry_run.parameter),
                dry_run
                    .passed
                    .as_ref()
                    .map_or_else(|| "None".to_owned(), |code| format!("Some({})", quoted(code)))
            )
        }),
    );
    entries.put_list("serialize_by", facts.serialize_by.iter().map(|name| quoted(name)));
    entries.put_some("pagination", facts.pagination.as_ref().map(pagination));
    if let Some(ram) = &facts.ram {
        entries.put_some("permission", ram.action.as_ref().map(|action| quoted(action)));
        entries.put_list("resources", ram.resources.iter().map(|resource| quoted(&resource.text)));
    }
    let wait = action.wait.as_ref();
    entries.put_some("wait", wait.map(|wait| waiting::table(wait, "super::super::resources")));
    for (name, part) in [("request", &action.request), ("response", &action.response)] {
        if !part.fields.is_empty() || !part.rules.is_empty() {
            entries.put(name, &shape(part, name, 2));
        }
    }
    for (name, errors) in [("errors", &facts.errors), ("observed", &facts.observed)] {
        if !errors.is_empty() {
            entries.put(name, &error_codes(errors, 2));
        }
    }
    entries.written("Action", &usual, 1)
}

/// A static for every nested shape, so that tables stay flat.
fn push_shapes(text: &mut String, outer: &Shape, place: &str) {
    for field in &outer.fields {
        let Some(inner) = field.ty.nested() else { continue };
        let place = below(place, field);
        let (name, content) = (shape_name(&place), shape(inner, &place, 1));
        text.push_str(&format!("    pub(super) static {name}: Shape = {content};\n"));
        push_shapes(text, inner, &place);
    }
}

/// Every struct inside a shape, with the name of its static.
pub(super) fn nested(outer: &Shape, place: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for field in &outer.fields {
        let (Some(inner), Some(name)) = (field.ty.nested(), field.ty.nested_name()) else { continue };
        let place = below(place, field);
        found.push((name.to_owned(), shape_name(&place)));
        found.extend(nested(inner, &place));
    }
    found
}

/// The tables of structs that several actions use: their names, since limits differ from one action to another.
/// Only serde asks for them.
pub(super) fn shared_module(shared: &[Struct]) -> String {
    let mut text =
        String::from("#[cfg(feature = \"serde\")]\nmod table {\n    use crate::schema::words::*;\n");
    for one in shared {
        let name = shared_name(one);
        let fields = block(one.fields.iter().map(|one| field(one, "")), 1);
        text.push_str(&format!("    pub(super) static {name}: Shape = Shape::of({fields});\n"));
    }
    text.push_str("}\n");
    text
}

pub(super) fn shared_name(one: &Struct) -> String {
    shape_name(&one.name)
}

fn below(place: &str, field: &Field) -> String {
    format!("{place}_{}", field.rust)
}

fn shape_name(place: &str) -> String {
    place.to_uppercase()
}

/// `&[ErrorCode::new(…), …]`, so many steps from the margin.
pub(super) fn error_codes(errors: &[ErrorCode], depth: usize) -> String {
    let rows = errors.iter().map(|error| {
        let gone = error.gone.map(|gone| format!(".gone({gone})")).unwrap_or_default();
        let (code, meaning) = (quoted(&error.code), quoted(&error.summary));
        format!("ErrorCode::new({}, {code}, {}, {meaning}){gone}", error.status, error.class)
    });
    block(rows, depth)
}

fn shape(shape: &Shape, place: &str, depth: usize) -> String {
    let fields = block(shape.fields.iter().map(|one| field(one, place)), depth);
    if shape.rules.is_empty() {
        return format!("Shape::of({fields})");
    }
    format!("Shape::of({fields}).rules({})", block(shape.rules.iter().map(Rule::table), depth))
}

fn field(field: &Field, place: &str) -> String {
    let name = quoted(&field.name);
    let mut built = match &field.ty {
        Type::Text | Type::Secret | Type::Enum(_) => format!("Field::text({name})"),
        Type::Integer => format!("Field::integer({name})"),
        Type::Boolean => format!("Field::boolean({name})"),
        ty => format!("Field::of({name}, {})", kind(ty, &below(place, field))),
    };
    if field.required {
        built.push_str(".required()");
    }
    if !field.limits.is_empty() {
        built.push_str(&format!(".limits({})", list(field.limits.iter().map(limit))));
    }
    if field.form {
        built.push_str(".form()");
    }
    if is_secret(&field.ty) {
        built.push_str(".secret()");
    }
    if !field.aliases.is_empty() {
        built.push_str(&format!(".aliases({})", texts(&field.aliases)));
    }
    if let Some(wrapped) = &field.wrapped {
        built.push_str(&format!(".wrapped({})", quoted(wrapped)));
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

fn limit(limit: &Limit) -> String {
    let says = match (limit.strength, limit.today) {
        (Strength::Limit, false) => "Documented",
        (Strength::Limit, true) => "Today",
        (Strength::Advice, false) => "Advised",
        (Strength::Advice, true) => "AdvisedToday",
        (Strength::Outdated, _) => "Outdated",
    };
    format!("{says}({})", limit.check.table())
}

fn kind(ty: &Type, place: &str) -> String {
    match ty {
        Type::Text | Type::Secret | Type::Enum(_) => "Kind::Text".to_owned(),
        Type::Integer => "Kind::Integer".to_owned(),
        Type::Double => "Kind::Double".to_owned(),
        Type::Boolean => "Kind::Boolean".to_owned(),
        Type::Struct(_) => format!("Kind::Object(&{})", shape_name(place)),
        Type::Json(_) => format!("Kind::Json(&{})", shape_name(place)),
        Type::List(entry) => format!("Kind::List(&{})", kind(entry, place)),
    }
}

fn pagination(pages: &Pagination) -> String {
    let kind = if pages.by_token { "Token" } else { "Number" };
    let (position, end) = pages.ends();
    let [from, to, items] = [pages.position.as_str(), &pages.end, &pages.items].map(quoted);
    let size = quoted(pages.size.as_ref().map_or("", |size| size.as_str()));
    format!("Pagination::{kind} {{ {position}: {from}, size: {size}, {end}: {to}, items: {items} }}")
}
