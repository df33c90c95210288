//! The things of a kind, found by what they are looked for by without a look at each.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value as Json;

use super::Thing;
use super::value::{equal, find, text};
use crate::model::{Resource, Service, Value};

/// The things of a kind, in the order in which they were made.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Things {
    things: BTreeMap<u64, Thing>,
    /// By field and value, for each field that things of the kind are looked for by.
    #[serde(skip)]
    index: Vec<(&'static str, Index<String>)>,
    /// By what brought them.
    #[serde(skip)]
    brought: Index<u64>,
    /// Those on their way to a state.
    #[serde(skip)]
    changing: BTreeSet<u64>,
}

type Index<K> = HashMap<K, BTreeSet<u64>>;

impl Things {
    pub(super) fn new(service: &'static Service, resource: &'static Resource) -> Self {
        let fields = looked_for_by(service, resource).into_iter();
        let index = fields.map(|field| (field, Index::new())).collect();
        Self { things: BTreeMap::new(), index, brought: Index::new(), changing: BTreeSet::new() }
    }

    /// Puts a thing in its place, or takes it away; what was there before.
    pub(super) fn place(&mut self, number: u64, thing: Option<Thing>) -> Option<Thing> {
        let before = self.things.remove(&number);
        if let Some(before) = &before {
            self.unlist(number, before);
        }
        if let Some(thing) = thing {
            self.list(number, &thing);
            self.things.insert(number, thing);
        }
        before
    }

    pub(super) fn get(&self, number: u64) -> Option<&Thing> {
        self.things.get(&number)
    }

    pub(super) fn len(&self) -> usize {
        self.things.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Thing)> + Clone {
        self.things.iter().map(|(number, thing)| (*number, thing))
    }

    /// Those that have a value in a field.
    pub(super) fn having(&self, field: &str, wanted: &Json) -> Vec<(u64, &Thing)> {
        let has = |(_, thing): &(u64, &Thing)| {
            find(&thing.fields, field).is_some_and(|found| equal(&found, wanted))
        };
        match texts(wanted).and_then(|texts| self.numbers(field, &texts)) {
            Some(numbers) => self.numbered(&numbers).filter(has).collect(),
            None => self.iter().filter(has).collect(),
        }
    }

    /// Those that may have one of some values in a field, and perhaps more; `None` if any may.
    pub(super) fn numbers(&self, field: &str, any: &[String]) -> Option<BTreeSet<u64>> {
        let (_, index) = self.index.iter().find(|(known, _)| *known == field)?;
        Some(any.iter().filter_map(|text| index.get(text)).flatten().copied().collect())
    }

    pub(super) fn numbered(&self, numbers: &BTreeSet<u64>) -> impl Iterator<Item = (u64, &Thing)> {
        numbers.iter().filter_map(|number| Some((*number, self.things.get(number)?)))
    }

    pub(super) fn brought_by(&self, number: u64) -> impl Iterator<Item = u64> {
        self.brought.get(&number).into_iter().flatten().copied()
    }

    pub(super) fn changing(&self) -> impl Iterator<Item = (u64, &Thing)> {
        self.numbered(&self.changing)
    }

    fn list(&mut self, number: u64, thing: &Thing) {
        for (field, index) in &mut self.index {
            for text in scalars(thing, field) {
                index.entry(text).or_default().insert(number);
            }
        }
        if let Some(other) = thing.brought_by {
            self.brought.entry(other).or_default().insert(number);
        }
        if thing.change.is_some() {
            self.changing.insert(number);
        }
    }

    fn unlist(&mut self, number: u64, thing: &Thing) {
        for (field, index) in &mut self.index {
            for text in scalars(thing, field) {
                forget(index, &text, number);
            }
        }
        if let Some(other) = thing.brought_by {
            forget(&mut self.brought, &other, number);
        }
        self.changing.remove(&number);
    }
}

fn forget<K: Eq + std::hash::Hash>(index: &mut Index<K>, key: &K, number: u64) {
    if let Some(numbers) = index.get_mut(key) {
        numbers.remove(&number);
        if numbers.is_empty() {
            index.remove(key);
        }
    }
}

/// Fields by which calls, children and what is shown find things of a kind.
fn looked_for_by(service: &'static Service, resource: &'static Resource) -> BTreeSet<&'static str> {
    let mut fields: BTreeSet<&str> = resource.keys.iter().map(String::as_str).collect();
    fields.extend(resource.parents.iter().map(|parent| parent.field.as_str()));
    fields.extend(resource.unique.iter().filter_map(|fields| fields.first()).map(String::as_str));
    for other in &service.resources {
        let lies_here = other.parents.iter().filter(|parent| parent.resource == resource.name);
        fields.extend(lies_here.map(|parent| parent.of.as_str()));
        for (_, value) in &other.shown {
            match value {
                Value::Each(each) if each.resource == resource.name && each.matching.is_empty() => {
                    fields.insert(other.last_key());
                }
                Value::Each(each) if each.resource == resource.name => {
                    fields.extend(each.matching.iter().map(|(field, _)| field.as_str()));
                }
                _ => {}
            }
        }
    }
    fields
}

/// What a thing is listed under: all scalars of a field.
fn scalars(thing: &Thing, field: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    if let Some(value) = find(&thing.fields, field) {
        collect(&value, &mut found);
    }
    found.into_iter().collect()
}

/// All scalars of what is looked for; `None` if there is more to it, or nothing.
fn texts(wanted: &Json) -> Option<Vec<String>> {
    let mut found = Vec::new();
    (collect(wanted, &mut found) && !found.is_empty()).then_some(found)
}

/// Adds all scalars; `false` if there is something else besides.
fn collect(value: &Json, found: &mut Vec<String>) -> bool {
    match value {
        Json::Array(entries) => {
            let others = entries.iter().filter(|entry| !collect(entry, found)).count();
            others == 0
        }
        scalar => text(scalar).map(|text| found.push(text)).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    use crate::model;

    /// What is found by the index is what a look at each thing finds, however values are written.
    #[test]
    fn the_index_finds_what_is_there() {
        let service = model::services().iter().find(|service| service.name == "vpc").unwrap();
        let resource = service.resource("NatGateway").unwrap();
        let values = [
            json!("a"),
            json!("1"),
            json!(1),
            json!(true),
            json!(["a", "b"]),
            json!([["b"], 1]),
            json!([]),
            json!(null),
            json!({ "of": "a" }),
            json!([{ "of": "a" }, "b"]),
        ];
        let (mut things, mut plain) = (Things::new(service, resource), Things::new(service, resource));
        plain.index.clear();
        let fields: Vec<&str> = things.index.iter().map(|(field, _)| *field).collect();
        assert!(fields.contains(&"NatGatewayId") && fields.contains(&"VpcId"), "{fields:?}");
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..2_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let pick = |most: usize, at: u32| usize::try_from(random >> at).unwrap() % most;
            let fields = (0..3).map(|at| {
                let value = values[pick(values.len(), 20 + 7 * at)].clone();
                (fields[pick(fields.len(), 10 + 5 * at)].to_owned(), value)
            });
            let thing =
                Thing { fields: fields.collect(), brought_by: Some(random >> 60), ..Thing::default() };
            let (number, thing) = (random >> 58, Some(thing).filter(|_| pick(4, 30) > 0));
            assert_eq!(things.place(number, thing.clone()).is_some(), plain.place(number, thing).is_some());
            let (field, wanted) = (fields_of(&things, pick(9, 40)), &values[pick(values.len(), 50)]);
            let numbers = |things: &Things| -> Vec<u64> {
                things.having(field, wanted).iter().map(|(number, _)| *number).collect()
            };
            assert_eq!(numbers(&things), numbers(&plain), "{field} {wanted}");
        }
        for number in 0..64 {
            things.place(number, None);
        }
        assert!(things.index.iter().all(|(_, index)| index.is_empty()) && things.brought.is_empty());
    }

    fn fields_of(things: &Things, at: usize) -> &'static str {
        things.index[at % things.index.len()].0
    }
}
