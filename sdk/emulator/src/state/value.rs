//! Where the values of fields come from.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Call, Place, State, Thing, printed};
use crate::model::{Resource, Service, Value};

/// What a value is looked for in.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) call: Call<'a>,
    /// The resource whose fields are `own`.
    pub(super) resource: &'static Resource,
    pub(super) own: &'a BTreeMap<String, Json>,
}

/// What has to be found: fields and their values.
pub(super) type Keys = Vec<(String, Json)>;

impl State {
    /// The keys that a call says the values of.
    pub(super) fn keys(
        &mut self,
        by: &[(String, Value)],
        call: Call<'_>,
        resource: &'static Resource,
    ) -> Keys {
        let own = BTreeMap::new();
        let scope = Scope { call, resource, own: &own };
        by.iter().filter_map(|(key, value)| Some((key.clone(), self.value(value, scope)?))).collect()
    }

    pub(super) fn value(&mut self, value: &Value, scope: Scope<'_>) -> Option<Json> {
        match value {
            Value::Request(row) => given(scope.call.parameters, row),
            Value::Literal(text) => Some(Json::String(text.clone())),
            Value::Now => Some(printed(self.passed)),
            Value::Region => Some(Json::String(scope.call.region.to_owned())),
            Value::New(form) => Some(self.new_value(form)),
            Value::Own(field) => find(scope.own, field),
            Value::Of { resource, take } => self.of(resource, take, scope),
            Value::Each(_) => None,
        }
    }

    /// A field of the resource of a kind that the own fields or the request name.
    fn of(&self, kind: &str, take: &str, scope: Scope<'_>) -> Option<Json> {
        let service = scope.call.service;
        let (_, thing) = self.named(service, kind, scope)?;
        find(&thing.fields, take)
    }

    pub(super) fn named(&self, service: &Service, kind: &str, scope: Scope<'_>) -> Option<(u64, &Thing)> {
        let resource = service.resource(kind)?;
        let parent = scope.resource.parents.iter().find(|parent| parent.resource == kind);
        let own = parent.and_then(|parent| Some((parent.of.as_str(), find(scope.own, &parent.field)?)));
        let key = resource.last_key();
        let rows = scope.call.action.references.iter();
        let rows = rows.filter(|reference| reference.resources.iter().any(|name| name == kind));
        let mut asked = rows.filter_map(|reference| {
            let field = reference.by.as_deref().unwrap_or(key);
            Some((field, given(scope.call.parameters, &reference.row)?))
        });
        let wanted = own
            .or_else(|| Some((key, find(scope.own, key)?)))
            .or_else(|| asked.next())
            .or_else(|| Some((key, given(scope.call.parameters, key)?)));
        match wanted {
            Some((field, wanted)) => self.having(service, kind, field, &wanted).into_iter().next(),
            None => self.just_made(service, kind),
        }
    }

    /// What the call at hand has made of a kind.
    fn just_made(&self, service: &Service, kind: &str) -> Option<(u64, &Thing)> {
        let is_new = |(place, before): &&(Place, Option<Thing>)| {
            before.is_none() && place.resource.name == kind && place.service.name == service.name
        };
        let (place, _) = self.before.iter().rev().find(is_new)?;
        Some((place.number, self.thing(place)?))
    }

    fn new_value(&mut self, form: &str) -> Json {
        let number = self.number();
        match form {
            // The range for tests of networks: no address of it is anybody's.
            "ipv4" => {
                json!(format!("198.{}.{}.{}", 18 + (number >> 16) % 2, (number >> 8) & 255, number & 255))
            }
            "ipv6-cidr" => json!(format!("2001:db8:{:x}:{:x}00::/56", (number >> 8) & 0xffff, number & 255)),
            "number" => json!((100_000_000 + number).to_string()),
            "text" => json!(self.letters(number)),
            prefix => json!(format!("{prefix}{}", self.letters(number))),
        }
    }

    /// 20 letters and digits that hang on the seed and on a number.
    fn letters(&self, number: u64) -> String {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut state = mixed(self.seed ^ mixed(number));
        let mut next = || {
            state = mixed(state);
            usize::try_from(state % 36).unwrap_or_default()
        };
        (0..20).map(|_| char::from(LETTERS[next()])).collect()
    }
}

/// A step of SplitMix64.
fn mixed(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// The row of a request that names what is looked for, and not what it lies in.
pub(super) fn named_by(keys: &[(String, Value)]) -> Option<&str> {
    keys.iter().rev().find_map(|(_, value)| match value {
        Value::Request(row) => Some(row.as_str()),
        _ => None,
    })
}

/// A row of a request, nested rows included; a blank one was not given.
pub(super) fn given(parameters: &Map<String, Json>, row: &str) -> Option<Json> {
    let found = match row.split_once('.') {
        Some((first, rest)) if !parameters.contains_key(row) => inner(parameters.get(first)?, rest)?,
        _ => parameters.get(row)?.clone(),
    };
    (!found.is_null()).then_some(found)
}

/// A field by its path, which may lie within an object, or within the objects of a list, that was stored whole.
pub(super) fn find(fields: &BTreeMap<String, Json>, path: &str) -> Option<Json> {
    if let Some(found) = fields.get(path) {
        return Some(found.clone());
    }
    let cuts = path.match_indices('.').map(|(at, _)| at);
    cuts.rev().find_map(|at| inner(fields.get(&path[..at])?, &path[at + 1..]))
}

/// What lies at a path within a value; of each entry, if it is a list, with `null` for those that lack it.
pub(super) fn inner(json: &Json, path: &str) -> Option<Json> {
    if let Json::Array(entries) = json {
        let found: Vec<Json> = entries.iter().map(|entry| inner(entry, path).unwrap_or_default()).collect();
        return (!found.iter().all(Json::is_null)).then_some(Json::Array(found));
    }
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let found = json.get(first)?;
    rest.map_or_else(|| Some(found.clone()), |rest| inner(found, rest))
}

/// Whether two values are the same, however they are written; a list is equal to what it holds.
pub(super) fn equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Array(entries), other) if !other.is_array() => entries.iter().any(|entry| equal(entry, other)),
        (one, Json::Array(entries)) if !one.is_array() => entries.iter().any(|entry| equal(one, entry)),
        _ => match (text(one), text(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one == other,
        },
    }
}

/// A scalar as the wire writes it.
pub(super) fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(json.to_string()),
        _ => None,
    }
}

/// All scalars of a value: the entries of a list, or of a text with commas.
pub(super) fn entries(json: &Json) -> Vec<String> {
    match json {
        Json::Array(entries) => entries.iter().filter_map(text).collect(),
        scalar => text(scalar)
            .map(|text| {
                text.split(',')
                    .map(|entry| entry.trim().to_owned())
                    .filter(|entry| !entry.is_empty())
                    .collect()
            })
            .unwrap_or_default(),
    }
}
