//! Resources in the form of answers.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Map, Value as Json};

use super::value::{Scope, entries, equal, find, inner, text};
use super::{Call, Place, State, Thing};
use crate::model::{Each, Field, Kind, Resource, Service, Value};

/// Deepest answer: resources that show each other end here.
const DEPTH: usize = 6;

impl State {
    /// What a write answers: what it says by itself, else the fields of the resource that it is about.
    pub(super) fn answer(&mut self, call: Call<'_>, about: Option<Place>) -> Map<String, Json> {
        let resource = about.as_ref().map(|place| place.resource);
        let thing = about.as_ref().and_then(|place| self.thing(place)).cloned().unwrap_or_default();
        match resource.or_else(|| call.service.resources.first()) {
            Some(resource) => self.told(call, resource, &thing),
            None => Map::new(),
        }
    }

    /// An answer about one thing, and what the action says besides.
    pub(super) fn told(
        &mut self,
        call: Call<'_>,
        resource: &'static Resource,
        thing: &Thing,
    ) -> Map<String, Json> {
        let mut said = BTreeMap::new();
        for (path, value) in &call.action.responds {
            let value = self.value(value, Scope { call, resource, own: &thing.fields });
            said.extend(value.map(|value| (path.clone(), value)));
        }
        let view = View { state: self, service: call.service, resource, thing, said: &said, depth: 0 };
        view.object(&call.action.response, "")
    }

    pub(super) fn render(
        &self,
        service: &'static Service,
        resource: &'static Resource,
        thing: &Thing,
        shape: &[Field],
    ) -> Map<String, Json> {
        View { state: self, service, resource, thing, said: &BTreeMap::new(), depth: 0 }.object(shape, "")
    }

    /// A field of a thing by its path, stored or read off others.
    pub(super) fn field(
        &self,
        service: &'static Service,
        resource: &'static Resource,
        thing: &Thing,
        path: &str,
    ) -> Option<Json> {
        View { state: self, service, resource, thing, said: &BTreeMap::new(), depth: 0 }.value(path)
    }
}

/// A thing as it is looked at.
#[derive(Clone, Copy)]
struct View<'a> {
    state: &'a State,
    service: &'static Service,
    resource: &'static Resource,
    thing: &'a Thing,
    /// By path: what is said in the place of the thing's own fields.
    said: &'a BTreeMap<String, Json>,
    depth: usize,
}

impl<'a> View<'a> {
    fn object(self, shape: &[Field], prefix: &str) -> Map<String, Json> {
        let named = |field: &Field| {
            Some((field.name.clone(), self.member(field, &format!("{prefix}{}", field.name))?))
        };
        shape.iter().filter_map(named).collect()
    }

    fn member(self, field: &Field, path: &str) -> Option<Json> {
        match field.ty {
            Kind::Struct => {
                let is_whole = self.depth == 0 && self.resource.object.as_deref() == Some(path);
                let prefix = if is_whole { String::new() } else { format!("{path}.") };
                let inner = self.object(&field.fields, &prefix);
                (!inner.is_empty()).then_some(Json::Object(inner))
            }
            Kind::Json => {
                let inner = self.object(&field.fields, &format!("{path}."));
                (!inner.is_empty()).then(|| Json::String(Json::Object(inner).to_string()))
            }
            Kind::List => self.list(field, path),
            ty => scalar(ty, &self.value(path)?),
        }
    }

    fn list(self, field: &Field, path: &str) -> Option<Json> {
        let inner = field.wrapped.as_ref().map(|wrapped| format!("{path}.{wrapped}"));
        let paths = inner.iter().map(String::as_str).chain([path]);
        let entries = paths.into_iter().find_map(|path| self.entries(field, path))?;
        let entries = Json::Array(entries);
        Some(match &field.wrapped {
            Some(wrapped) => Json::Object(Map::from_iter([(wrapped.clone(), entries)])),
            None => entries,
        })
    }

    /// The entries of a list: of others that belong to it (perhaps none), as they were stored, or the one of which
    /// only the members were.
    fn entries(self, field: &Field, path: &str) -> Option<Vec<Json>> {
        if let Some(each) = self.each(path) {
            if each.take.is_none() {
                let others = self.others(each);
                return Some(others.map(|other| Json::Object(other.renamed(&field.fields, each))).collect());
            }
            let taken = self.value(path).unwrap_or(Json::Array(Vec::new()));
            return Some(scalars(field, &taken));
        }
        if field.fields.is_empty() {
            return self.value(path).map(|value| scalars(field, &value));
        }
        match self.value(path) {
            Some(Json::Array(objects)) => {
                Some(objects.iter().map(|object| Json::Object(plain(object, &field.fields))).collect())
            }
            Some(object @ Json::Object(_)) => Some(vec![Json::Object(plain(&object, &field.fields))]),
            _ => self.of_members(field, path),
        }
    }

    /// The entries of which only the members were stored: one, or as many as a member has values.
    fn of_members(self, field: &Field, path: &str) -> Option<Vec<Json>> {
        let stored = |member: &Field| self.value(&format!("{path}.{}", member.name));
        let members: Vec<(&Field, Option<Json>)> =
            field.fields.iter().map(|member| (member, stored(member))).collect();
        let lists = members.iter().filter_map(|(_, value)| value.as_ref()?.as_array());
        let Some(most) = lists.map(Vec::len).max() else {
            let only = self.object(&field.fields, &format!("{path}."));
            return (!only.is_empty()).then(|| vec![Json::Object(only)]);
        };
        let entry = |index: usize| {
            let named = |(member, value): &(&Field, Option<Json>)| {
                Some((member.name.clone(), whole(value.as_ref()?.get(index)?, member)?))
            };
            Json::Object(members.iter().filter_map(named).collect())
        };
        Some((0..most).map(entry).collect())
    }

    /// What another one shows, under the names that are wanted here.
    fn renamed(self, shape: &[Field], each: &Each) -> Map<String, Json> {
        let named = |field: &Field| {
            let other =
                each.names.iter().find(|(shown, _)| *shown == field.name).map(|(_, other)| other.as_str());
            let member = self.member(field, other.unwrap_or(&field.name))?;
            Some((field.name.clone(), member))
        };
        shape.iter().filter_map(named).collect()
    }

    fn value(self, path: &str) -> Option<Json> {
        if let Some(said) = self.said.get(path) {
            return Some(said.clone());
        }
        if let Some((_, value)) = self.resource.shown.iter().find(|(shown, _)| shown == path) {
            return self.shown(value);
        }
        find(&self.thing.fields, path).or_else(|| self.within_shown(path))
    }

    /// What lies at a path within others that are shown.
    fn within_shown(self, path: &str) -> Option<Json> {
        let mut shown = self.resource.shown.iter().filter_map(|(shown, value)| {
            Some((value, path.strip_prefix(shown.as_str())?.strip_prefix('.')?))
        });
        let (value, rest) = shown.next()?;
        inner(&self.shown(value)?, rest)
    }

    fn shown(self, value: &'static Value) -> Option<Json> {
        match value {
            Value::Own(field) => find(&self.thing.fields, field),
            Value::Literal(text) => Some(Json::String(text.clone())),
            Value::Region => Some(Json::String(self.thing.region.clone())),
            Value::Of { resource, take } => self.parent(resource)?.value(take),
            Value::Each(each) => {
                let mut taken: Vec<Json> = match each.take.as_deref() {
                    Some(take) => self.others(each).filter_map(|other| other.value(take)).collect(),
                    None => self.others(each).map(|other| other.named(each)).collect(),
                };
                taken.dedup();
                (!taken.is_empty()).then_some(Json::Array(taken))
            }
            Value::Request(_) | Value::Now | Value::New(_) => None,
        }
    }

    /// What is shown of it elsewhere, under the names that it has there.
    fn named(self, each: &Each) -> Json {
        let shown = each.names.iter().filter_map(|(shown, own)| Some((shown.clone(), self.value(own)?)));
        Json::Object(shown.collect())
    }

    fn each(self, path: &str) -> Option<&'static Each> {
        let (_, value) = self.resource.shown.iter().find(|(shown, _)| shown == path)?;
        match value {
            Value::Each(each) => Some(each),
            _ => None,
        }
    }

    /// The resource of a kind that the own fields name.
    fn parent(self, kind: &str) -> Option<Self> {
        let resource = self.service.resource(kind)?;
        let parent = self.resource.parents.iter().find(|parent| parent.resource == kind);
        let key = resource.last_key();
        let (field, of) = parent.map_or((key, key), |parent| (&parent.field, &parent.of));
        let wanted = find(&self.thing.fields, field)?;
        self.having(resource, of, &wanted).next()
    }

    /// All of a kind that belong to this one.
    fn others(self, each: &'static Each) -> impl Iterator<Item = Self> {
        let key = self.resource.last_key().to_owned();
        let matching =
            if each.matching.is_empty() { vec![(key.clone(), key)] } else { each.matching.clone() };
        let wanted: Vec<_> = matching.into_iter().map(|(other, own)| (other, self.value(&own))).collect();
        let resource = self.service.resource(&each.resource);
        let found = resource.into_iter().flat_map(|resource| self.among(resource, &wanted));
        found.collect::<Vec<_>>().into_iter().filter(move |other| {
            let has = |(field, wanted): &(String, Option<Json>)| match (other.value(field), wanted) {
                (Some(found), Some(wanted)) => equal(&found, wanted),
                _ => false,
            };
            wanted.iter().all(has)
        })
    }

    /// Those of a kind that may have what is wanted, by the first field of it that is stored.
    fn among(self, resource: &'static Resource, wanted: &[(String, Option<Json>)]) -> Vec<Self> {
        let is_shown = |field: &str| resource.shown.iter().any(|(shown, _)| shown == field);
        match wanted.iter().find(|(field, _)| !is_shown(field)) {
            Some((field, Some(value))) => self.having(resource, field, value).collect(),
            Some((_, None)) => Vec::new(),
            None => self.all(resource).collect(),
        }
    }

    fn having(self, resource: &'static Resource, field: &str, wanted: &Json) -> impl Iterator<Item = Self> {
        let things = self.state.having(self.service, &resource.name, field, wanted);
        self.seen(resource, things.into_iter().map(|(_, thing)| thing))
    }

    fn all(self, resource: &'static Resource) -> impl Iterator<Item = Self> {
        self.seen(resource, self.state.all(self.service, &resource.name).map(|(_, thing)| thing))
    }

    fn seen(
        self,
        resource: &'static Resource,
        things: impl Iterator<Item = &'a Thing>,
    ) -> impl Iterator<Item = Self> {
        static NOTHING: BTreeMap<String, Json> = BTreeMap::new();
        let Self { state, service, depth, .. } = self;
        let things = things.filter(move |_| depth < DEPTH);
        things.map(move |thing| View { state, service, resource, thing, said: &NOTHING, depth: depth + 1 })
    }
}

fn scalars(field: &Field, value: &Json) -> Vec<Json> {
    let ty = field.item.unwrap_or_default();
    entries(value).into_iter().filter_map(|entry| scalar(ty, &Json::String(entry))).collect()
}

/// An object that was stored whole, as far as the answer has rows for it.
fn plain(object: &Json, shape: &[Field]) -> Map<String, Json> {
    let fields: BTreeMap<String, Json> =
        object.as_object().into_iter().flatten().map(|(name, json)| (name.clone(), json.clone())).collect();
    let named = |field: &Field| Some((field.name.clone(), whole(&find(&fields, &field.name)?, field)?));
    shape.iter().filter_map(named).collect()
}

/// A member that was stored whole, in the form of its row.
fn whole(stored: &Json, field: &Field) -> Option<Json> {
    match field.ty {
        Kind::Struct => stored.is_object().then(|| Json::Object(plain(stored, &field.fields))),
        Kind::List => Some(stored.clone()),
        ty => scalar(ty, stored),
    }
}

/// A value in the type of a row; a list becomes its first entry for a number, else a text with commas.
fn scalar(ty: Kind, value: &Json) -> Option<Json> {
    let whole = match value {
        Json::Array(_) => entries(value).join(","),
        scalar => text(scalar)?,
    };
    match ty {
        Kind::Integer => whole.parse::<i64>().ok().or_else(|| milliseconds(&whole)).map(Json::from),
        Kind::Double => whole.parse::<f64>().ok().map(Json::from),
        Kind::Boolean => whole.to_ascii_lowercase().parse::<bool>().ok().map(Json::from),
        Kind::Timestamp => seconds(&whole),
        _ => Some(Json::String(whole)),
    }
}

/// A moment as JSON has it, whether it was given so or is one of those that the emulator tells.
fn seconds(text: &str) -> Option<Json> {
    if let Ok(number) = serde_json::from_str::<serde_json::Number>(text) {
        return Some(Json::Number(number));
    }
    Some(since_1970(text)?.as_secs().into())
}

/// A time as a number, which is how some answers print it.
fn milliseconds(text: &str) -> Option<i64> {
    i64::try_from(since_1970(text)?.as_millis()).ok()
}

fn since_1970(text: &str) -> Option<Duration> {
    crate::timestamp::parse(text)?.duration_since(UNIX_EPOCH).ok()
}
