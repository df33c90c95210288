//! Which fields a resource has: those that readers show, and those that only calls give.

use std::collections::{BTreeMap, BTreeSet};

use super::super::lookup::Neighbours;
use crate::path::Path;
use crate::spec::{ActionSpec, EffectSpec, Operation, ResourceSpec, ServiceSpec};

/// The fields of all resources of a service.
pub(super) struct Fields<'a> {
    all: BTreeMap<&'a str, BTreeSet<String>>,
    /// What readers print; of what has none, what its create takes.
    seen: BTreeMap<&'a str, BTreeSet<String>>,
    secrets: BTreeMap<&'a str, BTreeSet<String>>,
    none: BTreeSet<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(service: &'a ServiceSpec, neighbours: &Neighbours<'a>) -> Self {
        let mut fields = Self {
            all: BTreeMap::new(),
            seen: BTreeMap::new(),
            secrets: BTreeMap::new(),
            none: BTreeSet::new(),
        };
        for resource in &service.resources {
            fields.resource(resource, neighbours);
        }
        for action in neighbours.values() {
            for effect in &action.effects {
                fields.effect(effect, action);
            }
        }
        for resource in &service.resources {
            let brought = resource.brings.iter();
            for (one, (name, _)) in brought.flat_map(|one| one.set.iter().map(move |pair| (one, pair))) {
                fields.add(&one.resource.value, [plain(name)], false);
            }
        }
        fields
    }

    fn resource(&mut self, resource: &'a ResourceSpec, neighbours: &Neighbours<'a>) {
        let name = resource.name.as_str();
        for finder in resource.finders() {
            let Some(action) = neighbours.get(finder.action.as_str()) else { continue };
            let rows = finder.rows_path();
            for row in &action.response {
                let below = match rows {
                    "" => resource.within_object(&row.path),
                    rows => row.path.strip_prefix(rows).and_then(|rest| rest.strip_prefix('.')),
                };
                let Some(below) = below.map(plain).filter(|below| below != "RequestId") else { continue };
                if row.sensitive {
                    self.secrets.entry(name).or_default().insert(below.clone());
                }
                self.add(name, [below], true);
            }
        }
        let given = resource.made.iter().chain(&resource.shown).map(|(field, _)| plain(field));
        self.add(name, given, false);
        self.add(name, resource.all_keys().map(|key| key.value.clone()), false);
    }

    fn effect(&mut self, effect: &'a EffectSpec, action: &'a ActionSpec) {
        let name = effect.resource.as_str();
        self.add(name, effect.set.iter().map(|(field, _)| plain(field)), false);
        if effect.operation == Operation::Delete {
            return;
        }
        let rows: Vec<String> = action.request.iter().map(|row| plain_row(&row.path)).collect();
        let is_stored = |row: &&String| match &effect.stores {
            Some(stores) => stores.iter().any(|stored| top(&plain_row(stored)) == top(row)),
            None => action.effects.first().is_some_and(|first| std::ptr::eq(first, effect)),
        };
        let stored: Vec<String> = rows.iter().filter(is_stored).cloned().collect();
        let secret = action.request.iter().filter(|row| row.sensitive).map(|row| plain_row(&row.path));
        let secret = secret.filter(|row| stored.contains(row));
        self.secrets.entry(name).or_default().extend(secret);
        self.add(name, stored, effect.operation == Operation::Create && !self.seen.contains_key(name));
    }

    fn add(&mut self, resource: &'a str, fields: impl IntoIterator<Item = String>, is_seen: bool) {
        let fields: Vec<String> = fields.into_iter().collect();
        let fields = with_outer(&fields);
        if is_seen {
            self.seen.entry(resource).or_default().extend(fields.iter().cloned());
        }
        self.all.entry(resource).or_default().extend(fields);
    }

    /// All that one can have, containers of fields included.
    pub(super) fn of_resource(&self, name: &str) -> &BTreeSet<String> {
        self.all.get(name).unwrap_or(&self.none)
    }

    /// What readers print of one.
    pub(super) fn seen(&self, name: &str) -> &BTreeSet<String> {
        self.seen.get(name).unwrap_or(&self.none)
    }

    pub(super) fn secrets_of(&self, resource: &ResourceSpec) -> Vec<String> {
        self.secrets.get(resource.name.as_str()).into_iter().flatten().cloned().collect()
    }

    /// What people call one by: `VpcName`, `Name`, or the only field that ends so.
    pub(super) fn name_of(&self, resource: &ResourceSpec) -> Option<String> {
        let seen = self.seen(&resource.name);
        let own = [format!("{}Name", resource.name.value), "Name".to_owned()];
        own.into_iter().find(|name| seen.contains(name))
    }
}

/// A path without `[]`.
pub(super) fn plain(path: &str) -> String {
    path.replace("[]", "")
}

/// A row without its indexes.
pub(super) fn plain_row(row: &str) -> String {
    let path = Path::request(row.to_owned());
    path.segments().iter().map(|segment| segment.name.as_str()).collect::<Vec<_>>().join(".")
}

/// The first name of a path.
pub(super) fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Paths, and all that they lie in.
pub(super) fn with_outer(paths: &[String]) -> BTreeSet<String> {
    let outer = |path: &String| {
        let cuts: Vec<usize> = path.match_indices('.').map(|(at, _)| at).chain([path.len()]).collect();
        cuts.into_iter().map(|cut| path[..cut].to_owned()).collect::<Vec<_>>()
    };
    paths.iter().flat_map(outer).collect()
}
