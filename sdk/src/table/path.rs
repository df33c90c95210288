//! Values of a record by their wire path: `Vpcs.Vpc[].Status`.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::record::{Record, Value};
use crate::schema::{Kind, Shape};

/// Hands out the values at a path: one for each entry of the lists on the way, absent ones left
/// out.
pub(crate) fn values<'v>(
    shape: &'static Shape,
    record: &'v dyn Record,
    path: &str,
    see: &mut dyn FnMut(Value<'v>),
) {
    member(shape, record, &names(path), &mut |_, value| see(value));
}

/// The first value at a path; a list that the path ends at is its first entry.
pub(crate) fn first<'v>(shape: &'static Shape, record: &'v dyn Record, path: &str) -> Option<Value<'v>> {
    let mut found = None;
    values(shape, record, path, &mut |value| {
        found.get_or_insert(value);
    });
    found
}

/// Hands out the structs at a path; the record itself if the path is empty.
pub(crate) fn rows<'v>(
    shape: &'static Shape,
    record: &'v dyn Record,
    path: &str,
    see: &mut dyn FnMut(&'static Shape, &'v dyn Record),
) {
    if path.is_empty() {
        return see(shape, record);
    }
    member(shape, record, &names(path), &mut |kind, value| {
        if let (Kind::Object(shape) | Kind::Json(shape), Value::Record(row)) = (kind, value) {
            see(shape, row);
        }
    });
}

/// The first value at a path, as text; `None` if there is none or it is empty.
pub(crate) fn text_at(shape: &'static Shape, record: &dyn Record, path: &str) -> Option<String> {
    let mut found = None;
    values(shape, record, path, &mut |value| {
        if found.is_none() {
            found = value.text().filter(|text| !text.is_empty()).map(Cow::into_owned);
        }
    });
    found
}

/// Hands out the values at a path of free JSON: one for each entry of the arrays on the way and at the end.
pub(crate) fn json_values<'v>(json: &'v Json, path: &str, see: &mut dyn FnMut(&'v Json)) {
    json_member(json, &names(path), see);
}

fn json_member<'v>(json: &'v Json, names: &[&str], see: &mut dyn FnMut(&'v Json)) {
    match (json, names.split_first()) {
        (Json::Null, _) => {}
        (Json::Array(entries), _) => entries.iter().for_each(|entry| json_member(entry, names, see)),
        (value, None) => see(value),
        (value, Some((first, rest))) => {
            if let Some(member) = value.get(*first) {
                json_member(member, rest, see);
            }
        }
    }
}

fn names(path: &str) -> Vec<&str> {
    let parts = path.split('.').map(|part| part.trim_end_matches("[]"));
    parts.filter(|part| !matches!(*part, "N" | "M" | "L")).collect()
}

type See<'s, 'v> = dyn FnMut(&'static Kind, Value<'v>) + 's;

fn member<'v>(shape: &'static Shape, record: &'v dyn Record, names: &[&str], see: &mut See<'_, 'v>) {
    let Some((first, rest)) = names.split_first() else { return };
    let Some(position) = shape.fields.iter().position(|field| field.name == *first) else { return };
    let Some(field) = shape.fields.get(position) else { return };
    let rest = match rest.split_first() {
        Some((second, rest)) if !field.wrapped.is_empty() && field.wrapped == *second => rest,
        _ => rest,
    };
    record.fields(&mut |fields| {
        if let Some(value) = fields.get(position).map(|field| field.value()) {
            walk(&field.kind, value, rest, see);
        }
    });
}

fn walk<'v>(kind: &'static Kind, value: Value<'v>, names: &[&str], see: &mut See<'_, 'v>) {
    match (kind, value) {
        (_, Value::Absent) => {}
        (Kind::List(entry), Value::List(list)) => {
            for index in 0..list.len() {
                walk(entry, list.entry(index), names, see);
            }
        }
        (kind, value) if names.is_empty() => see(kind, value),
        (Kind::Object(shape) | Kind::Json(shape), Value::Record(record)) => {
            member(shape, record, names, see);
        }
        _ => {}
    }
}
