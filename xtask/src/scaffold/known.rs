//! What the specs say already, and say alike wherever they do.

use std::collections::{BTreeMap, BTreeSet};

use cloudnet_codegen::diagnostic::{Diagnostics, Sources};
use cloudnet_codegen::facts::{ErrorCode, class_word};
use cloudnet_codegen::model::{Model, Service};
use cloudnet_codegen::path::Table;
use cloudnet_codegen::yaml::{self, Value};

use crate::follow::published::Type;

/// So many must have a row, and describe it alike.
const ENOUGH: usize = 3;

/// What a shared row may say for it to be that of a package too.
const PLAIN: [&str; 3] = ["name", "type", "summary"];

pub(super) struct Known<'m> {
    service: &'m Service,
    summaries: BTreeMap<(bool, String), &'m str>,
    /// Names and types of the plain rows that the service shares.
    shared: BTreeMap<String, String>,
}

impl<'m> Known<'m> {
    /// `text` is the `_service.yaml`.
    pub(super) fn new(model: &'m Model, service: &'m Service, text: &str) -> Self {
        let mut found: BTreeMap<(bool, String), Vec<&str>> = BTreeMap::new();
        for action in model.services.iter().flat_map(|service| &service.actions) {
            let of = |is_request, rows: &'m [cloudnet_codegen::spec::RowSpec]| {
                rows.iter().map(move |row| ((is_request, row.path.to_string()), row.summary.as_str()))
            };
            for (place, summary) in of(true, &action.spec.request).chain(of(false, &action.spec.response)) {
                found.entry(place).or_default().push(summary);
            }
        }
        let agreed = found.into_iter().filter_map(|(place, summaries)| {
            let first = *summaries.first()?;
            let is_agreed = summaries.len() >= ENOUGH && summaries.iter().all(|one| *one == first);
            is_agreed.then_some((place, first))
        });
        Self { service, summaries: agreed.collect(), shared: shared(text) }
    }

    /// Our own words for a row, if all that have it say the same.
    pub(super) fn summary(&self, table: Table, path: &str) -> Option<&'m str> {
        self.summaries.get(&(table == Table::Request, path.to_owned())).copied()
    }

    /// Whether the service shares a row that says no more than name and type.
    pub(super) fn is_shared(&self, name: &str, ty: Type) -> bool {
        self.shared.get(name).is_some_and(|word| word == ty.word())
    }

    /// The fields of a type that actions share.
    pub(super) fn shared_type(&self, name: &str) -> Option<Vec<String>> {
        let shared = self.service.spec.types.iter().find(|one| one.name.value == name)?;
        Some(shared.fields.iter().map(|field| field.value.clone()).collect())
    }

    /// Names of these types.
    pub(super) fn shared_types(&self) -> impl Iterator<Item = String> {
        self.service.spec.types.iter().map(|one| one.name.value.clone())
    }

    /// What the specs say of a code: its class, what passes, and a summary, each where all agree.
    pub(super) fn code(&self, code: &str) -> (Option<&'static str>, Option<&'m str>, Option<&'m str>) {
        let specs = self.service.actions.iter().map(|action| &action.spec);
        let all = specs.flat_map(|spec| spec.errors.iter().chain(&spec.observed)).chain(&self.service.errors);
        let all: Vec<&ErrorCode> = all.filter(|one| one.code.value == code).collect();
        let class = only(all.iter().map(|one| class_word(one.class)));
        let passes = only(all.iter().filter_map(|one| one.passes.as_deref()));
        (class, passes, only(all.iter().map(|one| one.summary.as_str())))
    }
}

/// What all of them are.
fn only<'t>(texts: impl Iterator<Item = &'t str>) -> Option<&'t str> {
    let texts: BTreeSet<&str> = texts.collect();
    if texts.len() == 1 { texts.into_iter().next() } else { None }
}

fn shared(text: &str) -> BTreeMap<String, String> {
    let (mut sources, diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add("_service.yaml".to_owned(), text.to_owned());
    let tree = yaml::parse(file, text, &diagnostics);
    let Some(Value::Map(entries)) = tree.map(|tree| tree.value) else { return BTreeMap::new() };
    let rows = entries.into_iter().find(|entry| entry.key == "parameters").map(|entry| entry.value.value);
    let Some(Value::List(rows)) = rows else { return BTreeMap::new() };
    let plain = rows.iter().filter_map(|row| {
        let Value::Map(keys) = &row.value else { return None };
        let of = |name: &str| keys.iter().find(|entry| entry.key == name)?.value.written();
        let is_plain = keys.iter().all(|entry| PLAIN.contains(&entry.key.as_str()));
        is_plain.then(|| Some((of("name")?.to_owned(), of("type")?.to_owned()))).flatten()
    });
    plain.collect()
}
