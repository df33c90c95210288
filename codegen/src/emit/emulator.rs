//! What the emulator knows of a service: one JSON each, in which a row is a line.

mod fidelity;
mod json;

use crate::facts::{Effect, ErrorCode, Protocol, class_word};
use crate::model::kept::{
    Behavior, Codes, Each, Filled, Filter, FilterBy, Kept, KeptEffect, KeptRead, Reference, States, Value,
};
use crate::model::{Action, Field, Service, Shape, Type};

use json::{Json, Object, names, pairs};

pub(super) use fidelity::page;

/// All of a service.
pub(super) fn service(service: &Service, header: &str) -> String {
    let (protocol, target, signing_name) = match &service.protocol {
        Protocol::AcsRpc => ("acs-rpc", None, None),
        Protocol::AwsJson { target, signing_name } => ("aws-json", Some(target), Some(signing_name)),
    };
    let object = Object::new()
        .text("//", header)
        .text("name", &service.module)
        .text("version", &service.version)
        .text("protocol", protocol)
        .some("target", target)
        .some("signing_name", signing_name)
        .some("home_region", service.endpoints.home_region.as_ref())
        .list("errors", service.errors.iter().map(code))
        .list("resources", service.kept.iter().map(resource))
        .list("actions", service.actions.iter().map(action));
    object.print()
}

fn code(code: &ErrorCode) -> Json {
    let object = Object::new().number("status", code.status).text("code", &code.code);
    object.text("class", class_word(code.class)).text("summary", &code.summary).into()
}

fn resource(kept: &Kept) -> Json {
    let parents = kept.parents.iter().map(|parent| {
        let object = Object::new().text("resource", &parent.resource);
        object.text("field", &parent.field).text("of", &parent.of).into()
    });
    let brings = kept.brings.iter().map(|brought| {
        Object::new().text("resource", &brought.resource).list("set", brought.set.iter().map(filled)).into()
    });
    let inside = kept.inside.iter().map(|(path, resource, field)| {
        let outer = Object::new().text("resource", resource).text("field", field);
        Json::List(vec![path.as_str().into(), outer.into()])
    });
    let quota =
        kept.quota.as_ref().map(|quota| Object::new().number("most", quota.most).text("per", &quota.per));
    Object::new()
        .text("name", &kept.name)
        .text("title", &kept.title)
        .some("chapter", kept.chapter.as_ref())
        .list("keys", names(&kept.keys))
        .list("optional_keys", names(&kept.optional_keys))
        .list("parents", parents)
        .some("prefix", kept.prefix.as_ref())
        .some("state", kept.state.as_ref())
        .object("states", states(&kept.states))
        .some("name_field", kept.name_field.as_ref())
        .list("made", kept.made.iter().map(filled))
        .list("shown", kept.shown.iter().map(filled))
        .list("brings", brings)
        .list("inside", inside)
        .list("apart", names(&kept.apart))
        .list("unique", kept.unique.iter().map(|fields| Json::List(names(fields).collect())))
        .object("quota", quota.unwrap_or_default())
        .list("secrets", names(&kept.secrets))
        .into()
}

fn states(states: &States) -> Object {
    Object::new()
        .list("passing", names(&states.passing))
        .list("settled", names(&states.settled))
        .list("failed", names(&states.failed))
        .list("leaving", names(&states.leaving))
}

fn filled((path, value): &Filled) -> Json {
    Json::List(vec![path.as_str().into(), self::value(value)])
}

fn value(value: &Value) -> Json {
    match value {
        Value::Now => "now".into(),
        Value::Region => "region".into(),
        Value::Request(row) => Object::new().text("request", row).into(),
        Value::Literal(text) => Object::new().exact("literal", text).into(),
        Value::New(form) => Object::new().text("new", form).into(),
        Value::Own(field) => Object::new().text("own", field).into(),
        Value::Of { resource, take } => {
            let of = Object::new().text("resource", resource).text("take", take);
            Object::new().object("of", of).into()
        }
        Value::Each(each) => Object::new().object("each", self::each(each)).into(),
    }
}

fn each(each: &Each) -> Object {
    Object::new()
        .text("resource", &each.resource)
        .list("where", pairs(&each.matching))
        .list("as", pairs(&each.names))
        .some("take", each.take.as_ref())
}

fn action(action: &Action) -> Json {
    let (facts, behavior) = (&action.facts, &action.behavior);
    let dry_run = facts.dry_run.as_ref().map(|dry_run| {
        Object::new().text("parameter", &dry_run.parameter).some("passed", dry_run.passed.as_ref())
    });
    let example = facts.examples.iter().find_map(|example| example.response.as_ref());
    let behaves = behaves(behavior);
    Object::new()
        .text("name", &facts.name)
        .flag("write", facts.effect == Effect::Write)
        .flag("get", facts.get)
        .some("token", facts.idempotency.as_ref().map(|token| &token.value))
        .object("dry_run", dry_run.unwrap_or_default())
        .list("request", fields(&action.request))
        .list("response", fields(&action.response))
        .list("errors", facts.errors.iter().chain(&facts.observed).map(code))
        .object("pages", pages(action).unwrap_or_default())
        .with(behaves)
        .raw("example", example)
        .into()
}

fn behaves(behavior: &Behavior) -> Object {
    Object::new()
        .list("effects", behavior.effects.iter().map(effect))
        .list("responds", behavior.responds.iter().map(filled))
        .object("read", behavior.read.as_ref().map(read).unwrap_or_default())
        .some("answers_example", behavior.answers_example.as_ref())
        .list("references", behavior.references.iter().map(reference))
        .object("codes", codes(&behavior.codes))
}

fn fields(shape: &Shape) -> impl Iterator<Item = Json> {
    shape.fields.iter().map(field)
}

fn field(field: &Field) -> Json {
    let item = match &field.ty {
        Type::List(entry) => Some(&**entry),
        _ => None,
    };
    let is_secret = matches!(item.unwrap_or(&field.ty), Type::Secret);
    let nested = field.ty.nested();
    Object::new()
        .text("name", &field.name)
        .text("type", word(&field.ty))
        .some("item", item.map(word))
        .some("wrapped", field.wrapped.as_ref())
        .flag("sensitive", is_secret)
        .list("fields", nested.into_iter().flat_map(fields))
        .into()
}

fn word(ty: &Type) -> &'static str {
    match ty {
        Type::Text | Type::Enum(_) => "string",
        Type::Secret => "secret",
        Type::Integer => "integer",
        Type::Double => "double",
        Type::Boolean => "boolean",
        Type::Struct(_) => "struct",
        Type::Json(_) => "json",
        Type::List(_) => "list",
    }
}

fn pages(action: &Action) -> Option<Object> {
    let pages = action.facts.pagination.as_ref()?;
    let size = pages.size.as_ref().map(|size| &size.value);
    let row = action.request.fields.iter().find(|field| Some(&field.name) == size);
    let default = row.and_then(|row| row.row.as_ref()?.default.as_ref()?.parse::<u32>().ok());
    let object = Object::new()
        .flag("by_token", pages.by_token)
        .text("position", &pages.position)
        .some("size", size)
        .text("end", &pages.end)
        .text("items", &pages.items);
    Some(match default {
        Some(default) => object.number("default_size", default),
        None => object,
    })
}

fn effect(effect: &KeptEffect) -> Json {
    let only_if = effect
        .only_if
        .iter()
        .map(|(row, values)| Json::List(vec![row.as_str().into(), Json::List(names(values).collect())]));
    Object::new()
        .text("op", effect.operation)
        .text("resource", &effect.resource)
        .list("by", effect.by.iter().map(filled))
        .list("set", effect.set.iter().map(filled))
        .list("clear", names(&effect.clear))
        .list("from", names(&effect.from))
        .some("via", effect.via.as_ref())
        .some("to", effect.to.as_ref())
        .list("stores", pairs(&effect.stores))
        .list("if", only_if)
        .list("many", names(&effect.many))
        .flag("optional", effect.optional)
        .list("with", names(&effect.with))
        .into()
}

fn read(read: &KeptRead) -> Object {
    Object::new()
        .text("resource", &read.resource)
        .some("rows", read.rows.as_ref())
        .list("by", read.by.iter().map(filled))
        .list("filters", read.filters.iter().map(filter))
}

fn filter(filter: &Filter) -> Json {
    let object = Object::new().text("row", &filter.row);
    match &filter.by {
        FilterBy::Field(field) => object.text("field", field),
        FilterBy::Pairs(known, _) => object.always("pairs", pairs(known)),
        FilterBy::None(reason) => object.text("none", reason),
        FilterBy::Unknown => object,
    }
    .into()
}

fn reference(reference: &Reference) -> Json {
    let object = Object::new().text("row", &reference.row).list("resources", names(&reference.resources));
    object.some("by", reference.by.as_ref()).flag("outside", reference.outside).into()
}

fn codes(codes: &Codes) -> Object {
    Object::new()
        .list("missing", pairs(&codes.missing))
        .list("invalid", pairs(&codes.invalid))
        .list("not_found", pairs(&codes.not_found))
        .list("dependency", pairs(&codes.dependency))
        .list("state", pairs(&codes.state))
        .some("quota", codes.quota.as_ref())
        .some("exists", codes.exists.as_ref())
        .some("inside", codes.inside.as_ref())
        .some("apart", codes.apart.as_ref())
}
