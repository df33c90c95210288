//! What a read is about, and what the rows of a listing filter by.

use std::collections::BTreeSet;

use super::effects::is_of_call;
use super::fields::{plain, plain_row, top};
use super::values::Scope;
use super::{Keeping, is_literal};
use crate::facts::Effect;
use crate::limit::Limits;
use crate::model::kept::{Filled, Filter, FilterBy, KeptRead, Value};
use crate::path::Path;
use crate::spec::{ActionSpec, FilterSpec, FinderSpec, ResourceSpec};

use super::super::lookup::{dangling, has_response, has_row};

impl<'a> Keeping<'a> {
    pub(super) fn read(&self, action: &ActionSpec) -> Option<KeptRead> {
        if action.effect != Effect::Read {
            return None;
        }
        let (resource, finder, rows, by) = match &action.reads {
            Some(reads) => {
                let resource = self.known(&reads.resource, "reads")?;
                let found = finders(resource, action).find(|(is_list, _)| *is_list == reads.is_list);
                let finder = found.map(|(_, finder)| finder);
                let rows = reads.is_list.then(|| self.rows(action, finder)).flatten();
                let scope = Scope { resource: Some(resource), action: Some(action) };
                reads.by.iter().for_each(|(field, _)| self.check_field(field, "by", resource));
                let by = self.filled(&reads.by, "by", resource, scope);
                if !reads.is_list && by.is_empty() && shown_by(action, resource, finder).is_empty() {
                    self.unnamed(resource, reads.resource.location);
                }
                (resource, finder, rows, by)
            }
            None => {
                let (resource, is_list, finder) = self.found_by(action)?;
                let rows = is_list.then(|| finder.rows_path().to_owned());
                (resource, Some(finder), rows, Vec::new())
            }
        };
        let by = match (&rows, by.is_empty()) {
            (None, true) => shown_by(action, resource, finder),
            _ => by,
        };
        let filters = match rows {
            Some(_) => self.filters(action, resource, finder, &by),
            None => Vec::new(),
        };
        Some(KeptRead { resource: resource.name.value.clone(), rows, by, filters })
    }

    /// The rows of a listing: those that the action says, else those of the finder or of the pages.
    fn rows(&self, action: &ActionSpec, finder: Option<&FinderSpec>) -> Option<String> {
        let reads = action.reads.as_ref()?;
        if let Some(rows) = &reads.rows {
            if !rows.ends_with("[]") || !has_response(action, rows) {
                dangling(rows, "rows", "Name a list of the response.", self.diagnostics);
            }
            return Some(rows.to_string());
        }
        let of_pages = action.pagination.as_ref().map(|pages| pages.items.to_string());
        let rows = finder.map(|finder| finder.rows_path().to_owned()).or(of_pages);
        if rows.is_none() {
            let message = "nothing says where the rows are";
            let help = "Add `rows: …`, the list of the response.";
            self.diagnostics.error("missing-key", reads.resource.location, message, help);
        }
        rows
    }

    /// The resource that an action lists or shows, with how: what it pages first, then what it shows.
    fn found_by(&self, action: &ActionSpec) -> Option<(&'a ResourceSpec, bool, &'a FinderSpec)> {
        let resources = self.service.resources.iter();
        let all = resources.flat_map(|resource| {
            let finders = finders(resource, action);
            finders.map(move |(is_list, finder)| (resource, is_list, finder)).collect::<Vec<_>>()
        });
        let paged = action.pagination.as_ref().map(|pages| &**pages.items);
        all.min_by_key(|(_, is_list, finder)| {
            let is_paged = *is_list && paged == Some(finder.rows_path());
            (!is_paged, *is_list, finder.rows_path().len())
        })
    }

    fn filters(
        &self,
        action: &ActionSpec,
        resource: &ResourceSpec,
        finder: Option<&FinderSpec>,
        by: &[Filled],
    ) -> Vec<Filter> {
        let mut filters = Vec::new();
        for (row, spec) in &action.filters {
            self.check_row(row, "filters", action);
            filters.push(Filter { row: plain_row(row), by: self.given_filter(spec, resource) });
        }
        let mut seen: BTreeSet<String> = filters.iter().map(|filter| top(&filter.row).to_owned()).collect();
        for row in &action.request {
            let row = top(&plain_row(&row.path)).to_owned();
            let is_by = by.iter().any(|(_, value)| *value == Value::Request(row.clone()));
            if !is_of_call(action, &row) && !is_by && seen.insert(row.clone()) {
                let by = self.usual_filter(&row, action, resource, finder);
                filters.push(Filter { row, by });
            }
        }
        filters
    }

    fn given_filter(&self, spec: &FilterSpec, resource: &ResourceSpec) -> FilterBy {
        match spec {
            FilterSpec::Field(field) => {
                self.check_field(field, "filters", resource);
                FilterBy::Field(plain(field))
            }
            FilterSpec::Pairs(pairs) => {
                let pairs = pairs.iter().map(|(key, field)| {
                    self.check_field(field, "pairs", resource);
                    (key.value.clone(), plain(field))
                });
                FilterBy::Pairs(pairs.collect(), Vec::new())
            }
            FilterSpec::None(reason) => FilterBy::None(reason.clone()),
        }
    }

    /// What a row filters by that nothing is said of: the field of its name, or that of the key that it asks for.
    fn usual_filter(
        &self,
        row: &str,
        action: &ActionSpec,
        resource: &ResourceSpec,
        finder: Option<&FinderSpec>,
    ) -> FilterBy {
        let fields = self.fields.of_resource(&resource.name);
        let key = format!("{row}.N.Key");
        let is_pairs =
            [".N.Value", ".N.Value.M"].iter().any(|end| has_row(&action.request, &format!("{row}{end}")));
        if is_pairs && has_row(&action.request, &key) && row != TAG {
            let keys = action.request.iter().find(|one| **one.path == *key);
            let listed = keys.and_then(|row| row.stated().find_map(Limits::values));
            let keys: Vec<String> = match listed {
                Some(values) => values.iter().map(|value| value.value.value.clone()).collect(),
                None => fields.iter().filter(|field| !field.contains('.')).cloned().collect(),
            };
            let (known, unknown): (Vec<String>, Vec<String>) =
                keys.into_iter().partition(|key| fields.contains(key));
            return FilterBy::Pairs(known.into_iter().map(|key| (key.clone(), key)).collect(), unknown);
        }
        if fields.contains(row) {
            return FilterBy::Field(row.to_owned());
        }
        let asked = finder.and_then(|finder| field_asked(finder, row));
        asked.filter(|field| fields.contains(field)).map_or(FilterBy::Unknown, FilterBy::Field)
    }
}

/// Pairs of a key and a value that are no filters of fields.
const TAG: &str = "Tag";

/// The finders of a resource that are this action, each with whether it lists.
fn finders<'r>(
    resource: &'r ResourceSpec,
    action: &ActionSpec,
) -> impl Iterator<Item = (bool, &'r FinderSpec)> {
    let list = resource.list.iter().map(|finder| (true, finder));
    let all = list.chain(resource.show.iter().map(|finder| (false, finder)));
    all.filter(|(_, finder)| finder.action.value == action.name.value)
}

/// What a read that shows one is told it by.
fn shown_by(action: &ActionSpec, resource: &ResourceSpec, finder: Option<&FinderSpec>) -> Vec<Filled> {
    let asked = finder.into_iter().flat_map(|finder| &finder.ask);
    let asked = asked.filter(|(_, key)| !is_literal(key));
    let asked: Vec<Filled> = asked
        .map(|(row, key)| (key.value.clone(), Value::Request(plain_row(&Path::of_parameter(row)))))
        .collect();
    if !asked.is_empty() {
        return asked;
    }
    let keys = resource.all_keys().filter(|key| has_row(&action.request, key));
    keys.map(|key| (key.value.clone(), Value::Request(key.value.clone()))).collect()
}

/// The field that a listing asks for by a row of another name.
fn field_asked(finder: &FinderSpec, row: &str) -> Option<String> {
    let (_, key) =
        finder.ask.iter().find(|(parameter, _)| plain_row(&Path::of_parameter(parameter)) == row)?;
    let field = finder.row.iter().find(|(_, of)| of.value == key.value);
    Some(field.map_or_else(|| key.value.clone(), |(field, _)| plain(field)))
}
