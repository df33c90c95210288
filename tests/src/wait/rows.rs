//! Rows of a listing, or the answer about one resource, from the paths of a finder.

use std::collections::BTreeMap;

use cloudnet_codegen::spec::FinderSpec;
use serde_json::{Map, Value as Json, json};

use super::subject::{Goal, Subject};

/// How a resource looks.
#[derive(Clone, Debug)]
pub struct Row {
    keys: BTreeMap<String, String>,
    state: Option<String>,
    shows: Vec<(String, String)>,
    exists: bool,
}

/// Which row it is that is not the subject's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// One that shares all keys but this one.
    Key(String),
    /// One that shares nothing.
    Number(usize),
}

impl Subject {
    /// The row of the subject itself, as it looks when all that was asked for is there.
    #[must_use]
    pub fn row(&self, state: Option<&str>) -> Row {
        let state = state.map(str::to_owned).filter(|_| self.finder.state.is_some());
        Row { keys: self.keys.clone(), state, shows: self.shows.clone(), exists: true }
    }

    /// A row of another resource in the state that the subject should reach, or any.
    #[must_use]
    pub fn other(&self, other: &Other, state: Option<&str>) -> Row {
        let mut row = self.row(state);
        for (key, value) in &mut row.keys {
            match other {
                Other::Key(changed) if changed == key => *value = another(value),
                Other::Number(number) => *value = format!("filler-{number}"),
                Other::Key(_) => {}
            }
        }
        row
    }

    /// The keys by which a row is told from others: the service answers about the rest.
    pub fn telling_keys(&self) -> impl Iterator<Item = &str> {
        let pairs = self.finder.row.iter().chain(&self.finder.outer_row);
        pairs.map(|(_, key)| key.value.as_str()).filter(|key| self.keys.contains_key(*key))
    }

    /// A state of the goal.
    #[must_use]
    pub fn goal_state(&self) -> Option<&str> {
        match &self.goal {
            Goal::States(states) => states.first().map(String::as_str),
            Goal::Gone | Goal::Present => {
                self.resource.states.settled.first().map(|state| state.value.as_str())
            }
        }
    }

    /// Whether pages are asked for.
    #[must_use]
    pub fn is_paged(&self) -> bool {
        self.poll.spec.pagination.is_some()
    }

    /// The body of a page, of so many, with entries.
    #[must_use]
    pub fn page(&self, pages: &[Vec<Row>], number: usize) -> Json {
        let entries = |rows: &[Row]| rows.iter().map(|row| self.entry(row)).collect::<Vec<_>>();
        let Some(rows) = &self.finder.rows else {
            return pages
                .first()
                .and_then(|rows| rows.first())
                .map_or_else(|| json!({}), |row| self.entry(row));
        };
        let pagination = self.poll.spec.pagination.as_ref();
        let items = pagination.map_or(&*rows.value, |pagination| &*pagination.items.value);
        let page = pages.get(number - 1).map(|rows| entries(rows)).unwrap_or_default();
        let names = items.trim_end_matches("[]").rsplit('.');
        let mut body = names.fold(json!(page), |inner, name| json!({ name: inner }));
        match pagination {
            Some(pagination) if pagination.by_token && number < pages.len() => {
                body[&*pagination.end.value] = json!(format!("page-{}", number + 1));
            }
            Some(pagination) if !pagination.by_token => {
                body[&*pagination.end.value] = json!(pages.iter().map(Vec::len).sum::<usize>());
            }
            _ => {}
        }
        body
    }

    fn entry(&self, row: &Row) -> Json {
        let finder = self.finder;
        let inner = self.way_to_row();
        let mut fields: Vec<(String, String)> = Vec::new();
        let value = |key: &str| row.keys.get(key).cloned();
        fields.extend(
            finder.outer_row.iter().filter_map(|(field, key)| Some((field.value.clone(), value(key)?))),
        );
        let mut below = |field: &str, value: String| fields.push((format!("{inner}{field}"), value));
        if let Some(field) = &finder.exists {
            below(field, "there".to_owned());
        }
        for (field, key) in &finder.row {
            if let Some(value) = value(key) {
                below(field, value);
            }
        }
        if let (Some(field), Some(state)) = (&finder.state, &row.state) {
            below(field, state.clone());
        }
        row.shows.iter().for_each(|(field, value)| below(field, value.clone()));
        if let Some(field) = finder.exists.as_ref().filter(|_| !row.exists) {
            below(field, String::new());
        }
        nested(fields.into_iter())
    }

    /// From an entry of the page to the row: `Things.Thing[].`, or nothing.
    fn way_to_row(&self) -> String {
        let FinderSpec { rows: Some(rows), .. } = self.finder else { return String::new() };
        let items = self.poll.spec.pagination.as_ref().map(|pagination| &*pagination.items.value);
        let way = items.and_then(|items| rows.value.strip_prefix(items)?.strip_prefix('.'));
        way.map(|way| format!("{way}.")).unwrap_or_default()
    }
}

impl Row {
    /// The row with the fields of `shows` as they were before, or but one of them.
    #[must_use]
    pub fn of_before(mut self, field: Option<&str>) -> Self {
        for (known, value) in &mut self.shows {
            if field.is_none_or(|field| field == known) {
                *value = another(value);
            }
        }
        self
    }

    /// The row as it is listed once the resource is away, if `exists` says so.
    #[must_use]
    pub fn left_over(mut self) -> Self {
        self.exists = false;
        self
    }
}

/// A value of the same kind that is not the same.
fn another(value: &str) -> String {
    if let Ok(number) = value.parse::<i64>() {
        return (number + 1).to_string();
    }
    match value.parse::<bool>() {
        Ok(flag) => (!flag).to_string(),
        Err(_) => format!("other-{value}"),
    }
}

/// An object with values at paths such as `A.B[].C`; each list has one entry.
pub(super) fn nested(fields: impl Iterator<Item = (String, String)>) -> Json {
    let mut root = json!({});
    for (path, value) in fields {
        let mut place = &mut root;
        for part in path.split('.') {
            if !place.is_object() {
                *place = Json::Object(Map::new());
            }
            place = &mut place[part.trim_end_matches("[]")];
            if part.ends_with("[]") {
                if !place.is_array() {
                    *place = json!([null]);
                }
                place = &mut place[0];
            }
        }
        *place = json!(value);
    }
    root
}
