//! What must be so among resources: what they name is there, blocks lie in blocks, none too many.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value as Json;

use super::value::{Scope, entries, equal, find, given, text};
use super::{Call, Place, State, Thing};
use crate::model::{Action, Reference, Resource, Service};
use crate::refusal::Refusal;

impl State {
    /// What the request names must be there. A listing that names what it lists finds nothing instead.
    pub(super) fn check_references(&self, call: Call<'_>) -> Result<(), Refusal> {
        for reference in &call.action.references {
            let Some(named) = given(call.parameters, &reference.row) else { continue };
            if call.action.is_listing() && !call.action.refuses_unknown(call.service, reference) {
                continue;
            }
            for id in entries(&named) {
                if !self.is_there(call, reference, &id) {
                    return Err(call.not_found(&reference.row));
                }
            }
        }
        Ok(())
    }

    fn is_there(&self, call: Call<'_>, reference: &Reference, id: &str) -> bool {
        let wanted = Json::String(id.to_owned());
        let is_of = |kind: &Resource| {
            let field = reference.by.as_deref().unwrap_or(kind.last_key());
            !self.having(call.service, &kind.name, field, &wanted).is_empty()
        };
        let mut kinds = reference.resources.iter().filter_map(|name| call.service.resource(name));
        let is_ours =
            kinds.clone().any(|kind| kind.prefix.as_deref().is_some_and(|prefix| id.starts_with(prefix)));
        let is_outside = reference.outside && !is_ours && !self.outside_strict && is_well_formed(id);
        is_outside || kinds.any(is_of)
    }

    /// A new thing among those that are there.
    pub(super) fn check_new(
        &self,
        call: Call<'_>,
        resource: &'static Resource,
        thing: &Thing,
    ) -> Result<(), Refusal> {
        self.check_parents(call, resource, thing)?;
        if let Some(quota) = &resource.quota {
            let parent = resource.parents.iter().find(|parent| parent.resource == quota.per);
            let is_beside = |other: &Thing| match parent {
                Some(parent) => same(thing, other, &parent.field),
                None => other.region == thing.region,
            };
            let near = self.near(call.service, resource, parent.map(|parent| parent.field.as_str()), thing);
            let count = near.into_iter().filter(|(_, other)| is_beside(other)).count();
            if count >= quota.most {
                return Err(call.quota(&resource.title, quota.most));
            }
        }
        self.check_changed(call, resource, thing, 0)
    }

    /// What a new thing lies in must not be on its way.
    fn check_parents(
        &self,
        call: Call<'_>,
        resource: &'static Resource,
        thing: &Thing,
    ) -> Result<(), Refusal> {
        for parent in &resource.parents {
            let Some(kind) = call.service.resource(&parent.resource) else { continue };
            let scope = Scope { call, resource, own: &thing.fields };
            let Some((number, found)) = self.named(call.service, &parent.resource, scope) else { continue };
            // What the call itself has sent on its way was where it had to be.
            if self.before.iter().any(|(place, _)| *place == Place::of(call.service, kind, number)) {
                continue;
            }
            let Some(state) = found.state(kind) else { continue };
            let passes =
                kind.states.passing.iter().chain(&kind.states.leaving).any(|passing| passing == state);
            if passes && found.change.is_some() {
                return Err(call.state(state));
            }
        }
        Ok(())
    }

    /// A thing among the others, after a change.
    pub(super) fn check_changed(
        &self,
        call: Call<'_>,
        resource: &'static Resource,
        thing: &Thing,
        number: u64,
    ) -> Result<(), Refusal> {
        for (field, outer) in &resource.inside {
            let scope = Scope { call, resource, own: &thing.fields };
            let parent = self.named(call.service, &outer.resource, scope);
            let block = parent.and_then(|(_, parent)| block_of(parent, &outer.field));
            if let (Some(outer), Some(inner)) = (block, block_of(thing, field))
                && !outer.contains(&inner)
            {
                return Err(call.inside(field));
            }
        }
        for other in self.siblings(call.service, resource, thing, number) {
            for field in &resource.apart {
                if let (Some(one), Some(two)) = (block_of(thing, field), block_of(other, field))
                    && (one.contains(&two) || two.contains(&one))
                {
                    return Err(call.apart(field));
                }
            }
            for fields in &resource.unique {
                if fields.iter().all(|field| same(thing, other, field)) {
                    return Err(call.exists(&fields.join(", ")));
                }
            }
        }
        Ok(())
    }

    /// The siblings that a thing could clash with.
    fn siblings(&self, service: &Service, resource: &Resource, thing: &Thing, number: u64) -> Vec<&Thing> {
        let alike = match (resource.parents.first(), &resource.apart[..], &resource.unique[..]) {
            (_, [], []) => return Vec::new(),
            (Some(parent), _, _) => Some(&parent.field),
            (None, [], [fields]) => fields.first(),
            (None, ..) => None,
        };
        let near = self.near(service, resource, alike.map(String::as_str), thing).into_iter();
        let others = near.filter(|(other, _)| *other != number).map(|(_, other)| other);
        others.filter(|other| are_siblings(resource, thing, other)).collect()
    }

    /// Those of a kind that have the same value in a field as a thing has; all, if there is no such field.
    fn near(
        &self,
        service: &Service,
        resource: &Resource,
        alike: Option<&str>,
        thing: &Thing,
    ) -> Vec<(u64, &Thing)> {
        let Some(field) = alike else { return self.all(service, &resource.name).collect() };
        let wanted = find(&thing.fields, field);
        wanted.map(|wanted| self.having(service, &resource.name, field, &wanted)).unwrap_or_default()
    }
}

impl Action {
    /// Whether it answers with rows.
    fn is_listing(&self) -> bool {
        self.read.as_ref().is_some_and(|read| read.rows.is_some())
    }

    /// Whether its own table has a code for a row that names nothing: no listing has one for what it lists.
    fn refuses_unknown(&self, service: &Service, reference: &Reference) -> bool {
        let listed = self.read.as_ref().and_then(|read| service.resource(&read.resource));
        let is_listed = listed.is_some_and(|listed| reference.resources == [listed.name.clone()]);
        !is_listed && self.codes.not_found.iter().any(|(row, _)| *row == reference.row)
    }
}

/// Siblings lie in the same first parent, else in the same region.
fn are_siblings(resource: &Resource, one: &Thing, other: &Thing) -> bool {
    match resource.parents.first() {
        Some(parent) => same(one, other, &parent.field),
        None => one.region == other.region,
    }
}

/// Whether two things have the same value, if they have any.
fn same(one: &Thing, other: &Thing, field: &str) -> bool {
    match (find(&one.fields, field), find(&other.fields, field)) {
        (Some(one), Some(other)) => equal(&one, &other) && one != Json::String(String::new()),
        _ => false,
    }
}

/// A block, or the block of an address alone.
fn block_of(thing: &Thing, field: &str) -> Option<IpNet> {
    let text = text(&find(&thing.fields, field)?)?;
    let net: Option<IpNet> = text.parse().ok();
    net.map(|net| net.trunc()).or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// What no action here makes is taken at its word if it could be an ID.
fn is_well_formed(id: &str) -> bool {
    let is_of_ids = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/*".contains(letter);
    !id.is_empty() && id.len() <= 256 && id.chars().all(is_of_ids)
}
