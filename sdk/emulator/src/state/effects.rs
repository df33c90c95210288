//! What writes do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::value::{Keys, Scope, entries, equal, find, given, named_by};
use super::{Call, Place, State, Thing};
use crate::model::{Effect, Operation, Resource, Service, Value};
use crate::refusal::Refusal;

/// Between the path of a list and that of a member of its entries.
const EACH: &str = "[].";

impl State {
    /// All effects of a write, and its answer.
    pub(super) fn write(&mut self, call: Call<'_>) -> Result<Map<String, Json>, Refusal> {
        let mut first: Option<Place> = None;
        for effect in &call.action.effects {
            let Some(resource) = call.service.resource(&effect.resource) else { continue };
            if !applies(effect, call.parameters) {
                continue;
            }
            for parameters in entry_by_entry(effect, call.parameters) {
                let call = Call { parameters: &parameters, ..call };
                let keys = self.target(call, effect, resource);
                let touched = self.effect(call, effect, resource, keys)?;
                first = first.or(touched);
            }
        }
        Ok(self.answer(call, first))
    }

    /// The keys of the thing that an effect is about: those that it says, else the last one is the entry at hand.
    fn target(&mut self, call: Call<'_>, effect: &Effect, resource: &'static Resource) -> Keys {
        let mut keys = self.keys(&effect.by, call, resource);
        let last = resource.last_key();
        let is_said = effect.by.iter().chain(&effect.set).any(|(field, _)| field == last);
        if let (Some(many), false) = (effect.many.last(), is_said) {
            let entry = given(call.parameters, many).filter(|entry| !entry.is_object());
            keys.extend(entry.map(|entry| (last.to_owned(), entry)));
        }
        keys
    }

    fn effect(
        &mut self,
        call: Call<'_>,
        effect: &Effect,
        resource: &'static Resource,
        keys: Keys,
    ) -> Result<Option<Place>, Refusal> {
        if effect.op == Operation::Create {
            return self.create(call, effect, resource, keys).map(Some);
        }
        let found = self.matching(call.service, resource, &keys);
        if found.is_empty() && !effect.optional {
            return Err(call.not_found(named_by(&effect.by).unwrap_or(resource.last_key())));
        }
        for place in &found {
            self.check_state(call, effect, place)?;
            match effect.op {
                Operation::Delete => self.delete(call, effect, place)?,
                _ => self.change(call, effect, place)?,
            }
        }
        Ok(found.into_iter().next())
    }

    /// The things of a kind that have all of these values; none if there are no values.
    fn matching(&self, service: &'static Service, resource: &'static Resource, keys: &Keys) -> Vec<Place> {
        let has = |thing: &Thing| {
            keys.iter()
                .all(|(key, wanted)| find(&thing.fields, key).is_some_and(|found| equal(&found, wanted)))
        };
        // The last key is that of the thing itself; the others may be those of what it lies in.
        let Some((key, wanted)) = keys.iter().rev().max_by_key(|(key, _)| *key == resource.last_key()) else {
            return Vec::new();
        };
        let found =
            self.having(service, &resource.name, key, wanted).into_iter().filter(|(_, thing)| has(thing));
        found.map(|(number, _)| Place::of(service, resource, number)).collect()
    }

    fn check_state(&self, call: Call<'_>, effect: &Effect, place: &Place) -> Result<(), Refusal> {
        let state = self.thing(place).and_then(|thing| thing.state(place.resource));
        match state {
            Some(state) if !effect.from.is_empty() && effect.from.iter().all(|from| from != state) => {
                Err(call.state(state))
            }
            _ => Ok(()),
        }
    }

    fn create(
        &mut self,
        call: Call<'_>,
        effect: &Effect,
        resource: &'static Resource,
        keys: Keys,
    ) -> Result<Place, Refusal> {
        let mut fields: BTreeMap<String, Json> = keys.into_iter().collect();
        self.fill(call, effect, resource, &mut fields);
        let place = self.bear(call, resource, fields, None)?;
        let Some(mut thing) = self.thing(&place).cloned() else { return Ok(place) };
        self.begin(resource, &mut thing, effect.via.as_deref(), effect.to.as_deref());
        self.put(&place, Some(thing));
        Ok(place)
    }

    /// Makes a thing and all that comes with it.
    fn bear(
        &mut self,
        call: Call<'_>,
        resource: &'static Resource,
        mut fields: BTreeMap<String, Json>,
        brought_by: Option<u64>,
    ) -> Result<Place, Refusal> {
        let number = self.number();
        let key = resource.last_key();
        if let (Some(prefix), None) = (&resource.prefix, fields.get(key)) {
            let id = self.value(&Value::New(prefix.clone()), Scope { call, resource, own: &fields });
            fields.insert(key.to_owned(), id.unwrap_or_default());
        }
        for (path, value) in &resource.made {
            if !path.contains(EACH) && find(&fields, path).is_none() {
                let made = self.value(value, Scope { call, resource, own: &fields });
                fields.extend(made.map(|made| (path.clone(), made)));
            }
        }
        self.complete(call, resource, &mut fields);
        if let (Some(state), Some(settled)) = (&resource.state, resource.states.settled.first()) {
            fields.entry(state.clone()).or_insert_with(|| Json::String(settled.clone()));
        }
        let region = call.region.to_owned();
        let thing = Thing { region, brought_by, created: self.passed, fields, change: None };
        if brought_by.is_none() {
            self.check_new(call, resource, &thing)?;
        }
        let place = Place::of(call.service, resource, number);
        let own = thing.fields.clone();
        self.put(&place, Some(thing));
        for brought in &resource.brings {
            let Some(other) = call.service.resource(&brought.resource) else { continue };
            let mut fields = BTreeMap::new();
            for (path, value) in &brought.set {
                let set = self.value(value, Scope { call, resource, own: &own });
                fields.extend(set.map(|set| (path.clone(), set)));
            }
            self.bear(call, other, fields, Some(number))?;
        }
        Ok(place)
    }

    fn change(&mut self, call: Call<'_>, effect: &Effect, place: &Place) -> Result<(), Refusal> {
        let Some(mut thing) = self.thing(place).cloned() else { return Ok(()) };
        self.fill(call, effect, place.resource, &mut thing.fields);
        for path in &effect.clear {
            thing.fields.remove(path);
        }
        self.complete(call, place.resource, &mut thing.fields);
        self.check_changed(call, place.resource, &thing, place.number)?;
        if effect.to.is_some() {
            self.begin(place.resource, &mut thing, effect.via.as_deref(), effect.to.as_deref());
        }
        self.put(place, Some(thing));
        Ok(())
    }

    /// Stores what the call says.
    fn fill(
        &mut self,
        call: Call<'_>,
        effect: &Effect,
        resource: &'static Resource,
        fields: &mut BTreeMap<String, Json>,
    ) {
        for (row, path) in &effect.stores {
            if let Some(value) = given(call.parameters, row) {
                let value = changed(resource, path, fields.get(path), value);
                store(fields, path, value);
            }
        }
        for (path, value) in &effect.set {
            let set = self.value(value, Scope { call, resource, own: fields });
            if let Some(set) = set {
                store(fields, path, set);
            }
        }
    }

    /// Gives the entries of lists what is made of each of them.
    fn complete(&mut self, call: Call<'_>, resource: &'static Resource, fields: &mut BTreeMap<String, Json>) {
        for (path, value) in &resource.made {
            let Some((list, member)) = path.split_once(EACH) else { continue };
            let Some(Json::Array(mut entries)) = fields.get(list).cloned() else { continue };
            for place in entries.iter_mut().filter_map(|entry| place_in(entry, member)) {
                let made = self.value(value, Scope { call, resource, own: fields });
                *place = made.unwrap_or_default();
            }
            fields.insert(list.to_owned(), Json::Array(entries));
        }
    }

    fn delete(&mut self, call: Call<'_>, effect: &Effect, place: &Place) -> Result<(), Refusal> {
        for child in self.children(place) {
            let kind = child.resource;
            let goes_along = effect.with.contains(&kind.name);
            let id = self.thing(&child).and_then(|thing| find(&thing.fields, kind.last_key()));
            let id = id.as_ref().and_then(Json::as_str).unwrap_or_default();
            match call.dependency(&kind.name, id) {
                Some(refusal) if !goes_along => return Err(refusal),
                _ => {}
            }
        }
        let Some(mut thing) = self.thing(place).cloned() else { return Ok(()) };
        match &effect.via {
            Some(via) if self.takes_time() => {
                self.begin(place.resource, &mut thing, Some(via), None);
                self.put(place, Some(thing));
            }
            _ => self.remove(place),
        }
        Ok(())
    }

    /// Takes a thing away, and what came with it or lies in it.
    pub(super) fn remove(&mut self, place: &Place) {
        let others = [self.children(place), self.brought(place)].concat();
        self.put(place, None);
        for other in others {
            if self.thing(&other).is_some() {
                self.remove(&other);
            }
        }
    }

    /// What came with a thing.
    fn brought(&self, place: &Place) -> Vec<Place> {
        let Place { service, resource, number } = *place;
        let kinds = resource.brings.iter().filter_map(|brought| service.resource(&brought.resource));
        let of = |kind: &'static Resource| {
            let things = self.things(service, &kind.name).into_iter();
            let numbers = things.flat_map(|things| things.brought_by(number));
            numbers.map(|number| Place::of(service, kind, number)).collect::<Vec<_>>()
        };
        kinds.flat_map(of).collect()
    }

    /// What lies in a thing, without what came with it.
    fn children(&self, place: &Place) -> Vec<Place> {
        let Some(thing) = self.thing(place) else { return Vec::new() };
        let mut found = Vec::new();
        for kind in &place.service.resources {
            for parent in kind.parents.iter().filter(|parent| parent.resource == place.resource.name) {
                let Some(own) = find(&thing.fields, &parent.of) else { continue };
                let children = self.having(place.service, &kind.name, &parent.field, &own).into_iter();
                let children = children.filter(|(_, child)| child.brought_by.is_none());
                found.extend(children.map(|(number, _)| Place::of(place.service, kind, number)));
            }
        }
        found
    }
}

/// Whether the request is one of those that an effect is for.
fn applies(effect: &Effect, parameters: &Map<String, Json>) -> bool {
    effect.only_if.iter().all(|(row, values)| match given(parameters, row) {
        None => values.iter().any(|value| value == "~"),
        Some(found) => values.iter().any(|value| equal(&found, &Json::String(value.clone()))),
    })
}

/// The parameters of each time that an effect is done: in the place of a list there is one of its entries.
fn entry_by_entry<'a>(effect: &Effect, parameters: &'a Map<String, Json>) -> Vec<Cow<'a, Map<String, Json>>> {
    let mut all = vec![Cow::Borrowed(parameters)];
    for row in &effect.many {
        let each = |parameters: Cow<'a, Map<String, Json>>| {
            let entries = given(&parameters, row).map(members).unwrap_or_default();
            let with = move |entry| {
                let mut with = parameters.clone().into_owned();
                with.insert(row.clone(), entry);
                Cow::Owned(with)
            };
            entries.into_iter().map(with).collect::<Vec<_>>()
        };
        all = all.into_iter().flat_map(each).collect();
    }
    all
}

/// The entries of a list, whatever they are, or of a text with commas.
fn members(json: Json) -> Vec<Json> {
    match json {
        Json::Array(entries) if entries.iter().any(Json::is_object) => entries,
        other => entries(&other).into_iter().map(Json::String).collect(),
    }
}

/// The place of a member of an object by its path, if there is nothing in it.
fn place_in<'a>(entry: &'a mut Json, path: &str) -> Option<&'a mut Json> {
    let place = path.split('.').try_fold(entry, |place, name| {
        if place.is_null() {
            *place = Json::Object(Map::new());
        }
        Some(place.as_object_mut()?.entry(name).or_insert(Json::Null))
    });
    place.filter(|place| place.is_null())
}

/// A list after a change: if the call names all of its entries by the IDs that were made for them, these change, and
/// the others stay.
fn changed(resource: &Resource, path: &str, before: Option<&Json>, value: Json) -> Json {
    let id = resource.made.iter().find_map(|(made, value)| {
        let member = made.strip_prefix(path)?.strip_prefix(EACH)?;
        matches!(value, Value::New(form) if form.ends_with('-')).then_some(member)
    });
    let (Some(id), Some(Json::Array(before)), Json::Array(new)) = (id, before, &value) else { return value };
    let mut after = before.clone();
    for entry in new {
        let is_it = |old: &&mut Json| match (old.get(id), entry.get(id)) {
            (Some(old), Some(named)) => equal(old, named),
            _ => false,
        };
        match after.iter_mut().find(is_it) {
            Some(old) => merge(old, entry),
            None => return value,
        }
    }
    Json::Array(after)
}

/// Sets the members that a new object has, and leaves the others as they are.
fn merge(old: &mut Json, new: &Json) {
    match (old, new) {
        (Json::Object(old), Json::Object(new)) => {
            for (name, value) in new {
                merge(old.entry(name).or_insert(Json::Null), value);
            }
        }
        (old, new) => *old = new.clone(),
    }
}

/// Stores a value at a path; an object keeps the members that the new one does not have, and takes the place of
/// those that were stored alone.
fn store(fields: &mut BTreeMap<String, Json>, path: &str, value: Json) {
    for name in value.as_object().into_iter().flat_map(Map::keys) {
        fields.remove(&format!("{path}.{name}"));
    }
    match (fields.get_mut(path), value) {
        (Some(Json::Object(before)), Json::Object(members)) => before.extend(members),
        (_, value) => _ = fields.insert(path.to_owned(), value),
    }
}
