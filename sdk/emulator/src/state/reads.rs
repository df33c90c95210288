//! What reads answer.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::value::{entries, equal, given, named_by, text};
use super::{Call, Place, State, Thing};
use crate::model::{Field, Filter, Pages, Read, Resource};
use crate::refusal::Refusal;

/// Entries of a page unless the call or the spec says otherwise.
const PAGE: usize = 10;

impl State {
    pub(super) fn read(&mut self, call: Call<'_>, read: &'static Read) -> Result<Map<String, Json>, Refusal> {
        let Some(resource) = call.service.resource(&read.resource) else { return Ok(Map::new()) };
        match &read.rows {
            Some(rows) => self.list(call, read, resource, rows),
            None => self.show(call, read, resource),
        }
    }

    fn show(
        &mut self,
        call: Call<'_>,
        read: &'static Read,
        resource: &'static Resource,
    ) -> Result<Map<String, Json>, Refusal> {
        let wanted = self.keys(&read.by, call, resource);
        let is_it = |(_, thing): &(u64, &Thing)| {
            wanted.iter().all(|(key, wanted)| self.has(call, resource, thing, key, wanted))
        };
        let stored = wanted.iter().rev().find(|(key, _)| !is_shown(resource, key));
        let found = match stored {
            Some((key, value)) => self.having(call.service, &resource.name, key, value),
            None => self.all(call.service, &resource.name).collect(),
        };
        let found = found.into_iter().find(is_it).filter(|_| !wanted.is_empty());
        let place = found.map(|(number, _)| Place::of(call.service, resource, number));
        let shown = place.filter(|place| self.look(place)).and_then(|place| self.thing(&place));
        match shown.cloned() {
            Some(thing) => Ok(self.told(call, resource, &thing)),
            None => Err(call.not_found(named_by(&read.by).unwrap_or(resource.last_key()))),
        }
    }

    fn list(
        &mut self,
        call: Call<'_>,
        read: &'static Read,
        resource: &'static Resource,
        rows: &str,
    ) -> Result<Map<String, Json>, Refusal> {
        let (start, size) = page(call)?;
        let asked = asked(call, read)?;
        // Who asks for a state looks at whatever may be about to be in it.
        let is_state = |(field, _): &&Condition| Some(field) == resource.state.as_ref();
        let others: Vec<_> = asked.iter().filter(|condition| !is_state(condition)).cloned().collect();
        if self.takes_time() {
            for number in self.filtered(call, resource, &others) {
                self.look(&Place::of(call.service, resource, number));
            }
        }
        let found = self.filtered(call, resource, &asked);
        let shape = shape_at(&call.action.response, rows);
        let shown = found.iter().skip(start).take(size);
        let row = |number: &u64| {
            let thing = self.thing(&Place::of(call.service, resource, *number))?;
            Some(Json::Object(self.render(call.service, resource, thing, shape)))
        };
        let shown = Json::Array(shown.filter_map(row).collect());
        let mut answer = self.told(call, resource, &Thing::default());
        answer.extend(wrapped(rows, shown));
        if let Some(pages) = &call.action.pages {
            number_page(&mut answer, call, pages, found.len(), start, size);
        }
        Ok(answer)
    }

    /// The things of the region that pass all filters.
    fn filtered(&self, call: Call<'_>, resource: &'static Resource, asked: &[Condition]) -> Vec<u64> {
        let is_of_region = |thing: &Thing| call.service.home_region.is_some() || thing.region == call.region;
        let passes = |thing: &Thing| {
            let passes = |(field, any): &Condition| {
                any.iter().any(|wanted| self.has(call, resource, thing, field, wanted))
            };
            asked.iter().all(passes)
        };
        let Some(things) = self.things(call.service, &resource.name) else { return Vec::new() };
        let stored = asked.iter().filter(|(field, _)| !is_shown(resource, field));
        let few = stored.filter_map(|(field, any)| {
            let texts: Option<Vec<String>> = any.iter().map(text).collect();
            things.numbers(field, &texts?)
        });
        let few = few.min_by_key(BTreeSet::len);
        let passing = |things: &mut dyn Iterator<Item = (u64, &Thing)>| {
            let found = things.filter(|(_, thing)| is_of_region(thing) && passes(thing));
            found.map(|(number, _)| number).collect()
        };
        match few {
            Some(numbers) => passing(&mut things.numbered(&numbers)),
            None => passing(&mut things.iter()),
        }
    }

    /// Whether a thing has a value in a field, shown ones included.
    fn has(
        &self,
        call: Call<'_>,
        resource: &'static Resource,
        thing: &Thing,
        field: &str,
        wanted: &Json,
    ) -> bool {
        self.field(call.service, resource, thing, field).is_some_and(|found| match wanted {
            Json::Object(members) => has_members(&found, members),
            wanted => equal(&found, wanted),
        })
    }
}

/// Whether a field is read off others, whatever is stored.
fn is_shown(resource: &Resource, field: &str) -> bool {
    resource.shown.iter().any(|(shown, _)| shown == field)
}

/// Whether a value, or an entry of it, has all of these members.
fn has_members(found: &Json, members: &Map<String, Json>) -> bool {
    match found {
        Json::Array(entries) => entries.iter().any(|entry| has_members(entry, members)),
        found => {
            members.iter().all(|(name, wanted)| found.get(name).is_some_and(|found| equal(found, wanted)))
        }
    }
}

/// A field and the values of which it must have one.
type Condition = (String, Vec<Json>);

/// The conditions of all filters of a call.
fn asked(call: Call<'_>, read: &'static Read) -> Result<Vec<Condition>, Refusal> {
    let mut asked = Vec::new();
    for filter in &read.filters {
        asked.extend(conditions(call, filter)?);
    }
    Ok(asked)
}

/// The conditions of a filter; of a row within a list one for each entry that has it.
fn conditions(call: Call<'_>, filter: &Filter) -> Result<Vec<Condition>, Refusal> {
    let each = match given(call.parameters, &filter.row) {
        None => return Ok(Vec::new()),
        Some(Json::Array(entries)) if filter.row.contains('.') => entries,
        Some(value) => vec![value],
    };
    let mut all = Vec::new();
    for value in each.into_iter().filter(|value| !value.is_null()) {
        all.extend(conditions_of(call, filter, value)?);
    }
    Ok(all)
}

fn conditions_of(call: Call<'_>, filter: &Filter, value: Json) -> Result<Vec<Condition>, Refusal> {
    let Some(pairs) = &filter.pairs else {
        let Some(field) = filter.field.as_ref().filter(|_| filter.none.is_none()) else {
            return Ok(Vec::new());
        };
        // Of things with members, such as tags, each must be there; of plain values one.
        if let Some(things) = value.as_array().filter(|entries| entries.iter().any(Json::is_object)) {
            return Ok(things.iter().map(|thing| (field.clone(), vec![thing.clone()])).collect());
        }
        let any = text(&value).into_iter().chain(entries(&value)).map(Json::String);
        return Ok(vec![(field.clone(), any.collect())]);
    };
    let mut found = Vec::new();
    for pair in value.as_array().into_iter().flatten() {
        let key = pair.get("Key").and_then(Json::as_str).unwrap_or_default();
        let Some((_, field)) = pairs.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)) else {
            return Err(call.invalid(&format!("{}.Key", filter.row), &format!("There is no filter {key}.")));
        };
        let any = pair.get("Value").map(entries).unwrap_or_default();
        found.push((field.clone(), any.into_iter().map(Json::String).collect()));
    }
    Ok(found)
}

/// Where the page begins, and how many rows it has at most.
fn page(call: Call<'_>) -> Result<(usize, usize), Refusal> {
    let Some(pages) = &call.action.pages else { return Ok((0, usize::MAX)) };
    let number = |row: &str| {
        given(call.parameters, row)
            .as_ref()
            .and_then(text)
            .map(|text| (text.parse::<usize>(), row.to_owned()))
    };
    let size = match pages.size.as_deref().and_then(number) {
        Some((Ok(size), _)) if size > 0 => size,
        Some((_, row)) => return Err(call.invalid(&row, "It is no size of a page.")),
        None => pages.default_size.unwrap_or(PAGE),
    };
    match number(&pages.position) {
        None => Ok((0, size)),
        Some((Ok(start), _)) if pages.by_token => Ok((start, size)),
        Some((Ok(page), _)) if page > 0 => Ok(((page - 1).saturating_mul(size), size)),
        Some((_, row)) => Err(call.invalid(&row, "There is no such page.")),
    }
}

/// Says which page it is, and how many rows there are or where the next page begins.
fn number_page(
    answer: &mut Map<String, Json>,
    call: Call<'_>,
    pages: &Pages,
    total: usize,
    start: usize,
    size: usize,
) {
    let has = |name: &str| call.action.response.iter().any(|field| field.name == name);
    if pages.by_token {
        let next = start.saturating_add(size);
        if next < total {
            answer.insert(pages.end.clone(), json!(next.to_string()));
        }
    } else {
        answer.insert(pages.end.clone(), json!(total));
        let page = start / size + 1;
        let numbers = [(Some(&pages.position), page), (pages.size.as_ref(), size)];
        for (name, number) in numbers {
            answer.extend(name.filter(|name| has(name)).map(|name| (name.clone(), json!(number))));
        }
    }
    if !pages.by_token {
        return;
    }
    if has("TotalCount") {
        answer.insert("TotalCount".to_owned(), json!(total));
    }
    if let Some(name) = pages.size.as_ref().filter(|name| has(name)) {
        answer.insert(name.clone(), json!(size));
    }
}

/// The fields of the rows at a path.
fn shape_at<'a>(response: &'a [Field], path: &str) -> &'a [Field] {
    let mut names = path.split('.').map(|name| name.trim_end_matches("[]"));
    let mut shape = response;
    while let Some(field) = names.next().and_then(|name| shape.iter().find(|field| field.name == name)) {
        shape = &field.fields;
        if field.wrapped.is_some() {
            names.next();
        }
    }
    shape
}

/// Rows below the names of a path.
fn wrapped(path: &str, rows: Json) -> Map<String, Json> {
    let mut names = path.split('.').map(|name| name.trim_end_matches("[]")).rev();
    let innermost = names.next().unwrap_or_default();
    let first = Map::from_iter([(innermost.to_owned(), rows)]);
    names.fold(first, |inner, name| Map::from_iter([(name.to_owned(), Json::Object(inner))]))
}
