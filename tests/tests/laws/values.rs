//! Values in requests and answers, by their paths.

use cloudnet_codegen::model::Type;
use ipnet::IpNet;
use serde_json::{Value as Json, json};

use crate::book::{Deed, Kind, field_at};
use crate::world::Members;

/// The value of a row of a request; the first entry of lists on the way.
pub(crate) fn at<'a>(members: &'a Members, row: &str) -> Option<&'a Json> {
    let mut names = row.split('.');
    let mut value = members.get(names.next()?)?;
    for name in names {
        while let Json::Array(entries) = value {
            value = entries.first()?;
        }
        value = value.get(name)?;
    }
    Some(value)
}

/// Sets a row of a request, in the first entry of lists on the way.
pub(crate) fn set(members: &mut Members, deed: Deed, row: &str, value: Json) {
    let value = match field_at(&deed.action.request, row) {
        Some(field) => fitted(&field.ty, value),
        None => value,
    };
    let mut place = members.entry(row.split('.').next().unwrap_or_default().to_owned()).or_insert(Json::Null);
    let (mut path, mut is_entry) = (String::new(), false);
    for (index, name) in row.split('.').enumerate() {
        if let (Ok(number), true) = (name.parse::<usize>(), index > 0) {
            place = entry(place, number.saturating_sub(1));
            is_entry = true;
            continue;
        }
        if index > 0 {
            if is_list(deed, &path) && !is_entry {
                place = entry(place, 0);
            }
            is_entry = false;
            if !place.is_object() {
                *place = json!({});
            }
            let Some(object) = place.as_object_mut() else { return };
            place = object.entry(name.to_owned()).or_insert(Json::Null);
            path.push('.');
        }
        path.push_str(name);
    }
    *place = value;
}

fn is_list(deed: Deed, path: &str) -> bool {
    let field = field_at(&deed.action.request, path);
    field.is_some_and(|field| matches!(field.ty, Type::List(_)))
}

/// An entry of what becomes a list.
fn entry(place: &mut Json, index: usize) -> &mut Json {
    if !place.is_array() {
        *place = json!([]);
    }
    let Json::Array(entries) = place else { unreachable!("it is a list now") };
    while entries.len() <= index {
        entries.push(Json::Null);
    }
    &mut entries[index]
}

/// A value in the type of a row.
fn fitted(ty: &Type, value: Json) -> Json {
    match (ty, value) {
        (Type::List(_), Json::Array(entries)) => Json::Array(entries),
        (Type::List(entry), value) => Json::Array(vec![fitted(entry, value)]),
        (Type::Text | Type::Enum(_) | Type::Secret, value) => json!(text(&value).unwrap_or_default()),
        (Type::Integer, Json::String(text)) => text.parse::<i64>().map_or(Json::String(text), Json::from),
        (Type::Timestamp, Json::String(text)) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
        (Type::Boolean, Json::String(text)) => text.parse::<bool>().map_or(Json::String(text), Json::from),
        (_, value) => value,
    }
}

/// A field by its path, which may lie in an object that was stored whole.
pub(crate) fn field(fields: &Members, path: &str) -> Option<Json> {
    if let Some(found) = fields.get(path) {
        return Some(found.clone());
    }
    let cuts = path.match_indices('.').map(|(at, _)| at);
    cuts.rev().find_map(|cut| {
        let inner = dig(fields.get(&path[..cut])?, &path[cut + 1..]);
        inner.first().map(|found| (*found).clone())
    })
}

/// All that lies at a path; entries of lists one by one.
pub(crate) fn dig<'a>(json: &'a Json, path: &str) -> Vec<&'a Json> {
    let mut found = vec![json];
    for name in path.split('.') {
        found = found.into_iter().flat_map(entries).filter_map(|json| json.get(name)).collect();
    }
    found.into_iter().flat_map(entries).collect()
}

fn entries(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(inner) => inner.iter().flat_map(entries).collect(),
        other => vec![other],
    }
}

/// A scalar as the wire writes it.
pub(crate) fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(json.to_string()),
        _ => None,
    }
}

/// Whether two values mean the same, however they are written.
pub(crate) fn same(one: &Json, other: &Json) -> bool {
    let all = |json: &Json| {
        let mut all: Vec<String> = entries(json)
            .into_iter()
            .flat_map(|entry| match entry {
                Json::String(text) => text.split(',').map(|part| part.trim().to_ascii_lowercase()).collect(),
                other => vec![other.to_string()],
            })
            .collect();
        all.sort();
        all
    };
    all(one) == all(other)
}

/// A part of a block, of a length that leaves room for others.
pub(crate) fn nth_block(outer: &str, number: u32) -> Option<String> {
    let outer: IpNet = outer.parse().ok()?;
    let length = if outer.prefix_len() >= 64 || matches!(outer, IpNet::V6(_)) { 64 } else { 24 };
    let length = length.max(outer.prefix_len());
    let count = 1_u32.checked_shl(u32::from(length - outer.prefix_len())).unwrap_or(u32::MAX);
    let mut subnets = outer.subnets(length).ok()?;
    subnets.nth(usize::try_from(number % count).ok()?).map(|block| block.to_string())
}

/// An address of a block.
pub(crate) fn nth_address(outer: &str, number: u32) -> Option<String> {
    let outer: IpNet = outer.parse().ok()?;
    outer.hosts().nth(usize::try_from(number % 200).ok()?).map(|address| address.to_string())
}

/// An ID that is well-formed and nobody's.
pub(crate) fn unknown(kind: Option<Kind>) -> Json {
    let prefix =
        kind.and_then(|kind| kind.spec.prefix.as_ref()).map_or("zz-", |prefix| prefix.value.as_str());
    json!(format!("{prefix}{}", "z".repeat(20)))
}
