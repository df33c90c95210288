//! What there is, as a tree for people.

use super::value::find;
use super::{State, Thing, Things, printed};
use crate::model::{self, Resource, Service};

/// A resource and what hangs on it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) service: &'static str,
    pub(crate) region: String,
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) created: String,
    pub(crate) children: Vec<Node>,
}

impl State {
    /// All resources, each below what it lies in first.
    pub(crate) fn tree(&self) -> Vec<Node> {
        let mut roots = Vec::new();
        for service in model::services() {
            for resource in &service.resources {
                let things = self.all(service, &resource.name);
                let alone = things.filter(|(_, thing)| !self.has_parent(service, resource, thing));
                roots.extend(alone.map(|(number, thing)| self.node(service, resource, number, thing)));
            }
        }
        roots
    }

    /// How many resources there are.
    pub(crate) fn count(&self) -> usize {
        self.kinds.values().flat_map(|kinds| kinds.values()).map(Things::len).sum()
    }

    fn node(
        &self,
        service: &'static Service,
        resource: &'static Resource,
        number: u64,
        thing: &Thing,
    ) -> Node {
        let text = |field: &str| find(&thing.fields, field).and_then(|json| json.as_str().map(str::to_owned));
        // What it lies in stands above it.
        let above = resource.parents.first().map(|parent| parent.field.as_str());
        let keys = resource.keys.iter().chain(&resource.optional_keys);
        let own: Vec<String> =
            keys.filter(|key| Some(key.as_str()) != above).filter_map(|key| text(key)).collect();
        let created = printed(thing.created);
        Node {
            service: &service.name,
            region: thing.region.clone(),
            kind: &resource.name,
            title: &resource.title,
            id: own.join(" "),
            name: resource.name_field.as_deref().and_then(text),
            state: thing.state(resource).map(str::to_owned),
            created: created.as_str().unwrap_or_default().to_owned(),
            children: self.below(service, resource, number, thing),
        }
    }

    fn below(
        &self,
        service: &'static Service,
        resource: &'static Resource,
        number: u64,
        thing: &Thing,
    ) -> Vec<Node> {
        let mut found = Vec::new();
        for kind in &service.resources {
            let Some(parent) = kind.parents.first().filter(|parent| parent.resource == resource.name) else {
                continue;
            };
            let Some(own) = find(&thing.fields, &parent.of) else { continue };
            for (other, child) in self.having(service, &kind.name, &parent.field, &own) {
                if other != number || kind.name != resource.name {
                    found.push(self.node(service, kind, other, child));
                }
            }
        }
        found
    }

    fn has_parent(&self, service: &'static Service, resource: &'static Resource, thing: &Thing) -> bool {
        let Some(parent) = resource.parents.first() else { return false };
        let Some(field) = find(&thing.fields, &parent.field) else { return false };
        !self.having(service, &parent.resource, &parent.of, &field).is_empty()
    }
}
