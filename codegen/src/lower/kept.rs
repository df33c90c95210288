//! What a service keeps, and what its actions do to it: every default is settled here.

mod effects;
mod fields;
mod reads;
mod values;

use std::collections::BTreeSet;

use super::codes::Refusing;
use super::lookup::{Neighbours, check_known, has_row};
use super::resources::LITERAL;
use crate::diagnostic::Diagnostics;
use crate::facts::Effect;
use crate::model::kept::{Behavior, Brought, Kept, KeptQuota, Parent, Reference, States};
use crate::names;
use crate::read::Spanned;
use crate::spec::{
    ActionSpec, KeptQuotaSpec, Operation, ParentSpec, ResourceSpec, RowSpec, ServiceSpec, ValueSpec,
};

use fields::{Fields, plain, plain_row};
use values::Scope;

/// A service as one that keeps resources.
pub(super) struct Keeping<'a> {
    service: &'a ServiceSpec,
    fields: Fields<'a>,
    diagnostics: &'a Diagnostics,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(
        service: &'a ServiceSpec,
        neighbours: &Neighbours<'a>,
        diagnostics: &'a Diagnostics,
    ) -> Self {
        Self { service, fields: Fields::of(service, neighbours), diagnostics }
    }

    /// All resources of the service.
    pub(super) fn resources(&self) -> Vec<Kept> {
        self.service.resources.iter().map(|resource| self.resource(resource)).collect()
    }

    fn resource(&self, resource: &ResourceSpec) -> Kept {
        let texts = |names: &[Spanned<String>]| names.iter().map(|name| name.value.clone()).collect();
        let scope = Scope { resource: Some(resource), action: None };
        let states = &resource.states;
        Kept {
            name: resource.name.value.clone(),
            title: resource.title.clone(),
            chapter: self.service.chapter_of(&format!("{}/", resource.folder)).map(names::snake),
            keys: texts(&resource.keys),
            optional_keys: texts(&resource.optional_keys),
            parents: resource.parents.iter().filter_map(|parent| self.parent(resource, parent)).collect(),
            prefix: resource.prefix.as_ref().map(|prefix| self.prefix(prefix, resource)),
            object: resource.object.as_ref().map(|object| object.value.clone()),
            state: state_field(resource).map(|state| plain(resource.below_object(state))),
            states: States {
                passing: texts(&states.passing),
                settled: texts(&states.settled),
                failed: texts(&states.failed),
                leaving: texts(&states.leaving),
            },
            name_field: self.fields.name_of(resource),
            made: self.filled(&resource.made, "made", resource, scope),
            shown: self.filled(&resource.shown, "shown", resource, scope),
            brings: self.brings(resource),
            inside: self.inside(resource),
            apart: self.known_fields(&resource.apart, "apart", resource),
            unique: resource.unique.iter().map(|list| self.known_fields(list, "unique", resource)).collect(),
            quota: resource.quota.as_ref().map(|quota| self.quota(resource, quota)),
            secrets: self.fields.secrets_of(resource),
            fields: self.fields.of_resource(&resource.name).clone(),
            seen: self.fields.seen(&resource.name).clone(),
        }
    }

    fn parent(&self, resource: &ResourceSpec, spec: &ParentSpec) -> Option<Parent> {
        let parent = self.find(&spec.resource)?;
        let key = || parent.keys.last().map_or_else(String::new, |key| key.value.clone());
        if let Some(field) = &spec.field {
            self.check_field(field, "field", resource);
        }
        if let Some(of) = &spec.of {
            self.check_field(of, "of", parent);
        }
        let name = |given: &Option<Spanned<String>>| given.as_ref().map_or_else(key, |name| plain(name));
        spec.alike.iter().for_each(|field| self.check_field(field, "alike", parent));
        Some(Parent {
            resource: parent.name.value.clone(),
            field: name(&spec.field),
            of: name(&spec.of),
            alike: self.known_fields(&spec.alike, "alike", resource),
        })
    }

    fn prefix(&self, prefix: &Spanned<String>, resource: &ResourceSpec) -> String {
        let own = prefix.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        if let Some((field, _)) = own {
            self.check_field(&Spanned::new(field.to_owned(), prefix.location), "prefix", resource);
        }
        if !prefix.ends_with('-') || prefix.len() < 2 {
            let message = format!("`{}` is no prefix of IDs", prefix.value);
            self.diagnostics.error(
                "bad-prefix",
                prefix.location,
                message,
                "Write it with its hyphen: `vpc-`.",
            );
        }
        prefix.value.clone()
    }

    fn brings(&self, resource: &ResourceSpec) -> Vec<Brought> {
        let scope = Scope { resource: Some(resource), action: None };
        let brought = resource.brings.iter().filter_map(|one| {
            let known = self.known(&one.resource, "brings")?;
            let set = self.filled(&one.set, "set", known, scope);
            Some(Brought { resource: one.resource.value.clone(), set })
        });
        brought.collect()
    }

    fn inside(&self, resource: &ResourceSpec) -> Vec<(String, String, String)> {
        let blocks = resource.inside.iter().filter_map(|(field, outer)| {
            self.check_field(field, "inside", resource);
            let ValueSpec::Of { resource: other, field: block } = &outer.value else {
                let message = "only a field of another resource can hold the outer block";
                self.diagnostics.error(
                    "bad-source",
                    outer.location,
                    message,
                    "Write it like `Vpc.CidrBlock`.",
                );
                return None;
            };
            let other = self.known(&Spanned::new(other.clone(), outer.location), "inside")?;
            self.check_field(&Spanned::new(block.clone(), outer.location), "inside", other);
            Some((plain(field), other.name.value.clone(), plain(block)))
        });
        blocks.collect()
    }

    fn quota(&self, resource: &ResourceSpec, quota: &KeptQuotaSpec) -> KeptQuota {
        let parents = resource.parents.iter().map(|parent| parent.resource.as_str());
        let help = "Write `region`, or name a parent.";
        check_known(&quota.per, "per", parents.chain(["region"]), help, self.diagnostics);
        KeptQuota { most: quota.most, per: quota.per.value.clone() }
    }

    /// What an action does, and how it refuses.
    pub(super) fn behavior(&self, action: &ActionSpec) -> Behavior {
        let answers_example = action.answers.as_ref().map(|because| because.value.clone());
        let effects = self.effects(action);
        let read = self.read(action).filter(|_| answers_example.is_none());
        self.check_pointless(action);
        let references = self.references(action);
        let first = action.effects.first().and_then(|effect| self.find(&effect.resource));
        let scope = Scope { resource: first, action: Some(action) };
        let responds = action.responds.iter().filter_map(|(path, value)| {
            let known = action.response.iter().map(|row| plain(&row.path)).collect::<Vec<_>>();
            let known = fields::with_outer(&known);
            let (plain, help) = (path.clone().map(|path| plain(&path)), "Name a row of the response.");
            check_known(&plain, "responds", known.iter().map(String::as_str), help, self.diagnostics);
            Some((plain.value, self.value(value, "responds", scope)?))
        });
        let responds = responds.collect();
        let rows: Vec<String> = action.request.iter().map(|row| plain_row(&row.path)).collect();
        let children = self.children(action);
        let refusing = Refusing {
            errors: &action.errors,
            observed: &action.observed,
            of_service: &self.service.errors,
            refuses: &action.refuses,
            rows: &rows,
            references: &references,
            listed: read.as_ref().filter(|read| read.rows.is_some()).map(|read| read.resource.as_str()),
            children: &children,
            needed: self.needed(action, &references, &children),
        };
        let codes = refusing.codes(self.diagnostics);
        Behavior { effects, responds, read, answers_example, references, codes }
    }

    /// Keys that say nothing of an action of its kind.
    fn check_pointless(&self, action: &ActionSpec) {
        let report = |place, key: &str, why: &str| {
            let message = format!("`{key}` says nothing here: {why}");
            self.diagnostics.error("misplaced-key", place, message, "Remove it.");
        };
        let is_read = action.effect == Effect::Read;
        if let Some(effect) = action.effects.first().filter(|_| is_read) {
            report(effect.location, "effects", "the action reads");
        }
        if let Some(reads) = action.reads.as_ref().filter(|_| !is_read) {
            report(reads.resource.location, "reads", "the action writes");
        }
        if let Some((row, _)) = action.filters.first().filter(|_| !is_read) {
            report(row.location, "filters", "the action writes");
        }
        if let Some(because) = &action.answers {
            let others = action.effects.first().map(|effect| effect.location);
            if let Some(place) = others.or(action.reads.as_ref().map(|reads| reads.resource.location)) {
                let message = "what is done is told beside `answers: example`";
                let help = "Keep one of them.";
                let other = (because.location, "the printed answer is all that can be said");
                self.diagnostics.error_beside("misplaced-key", place, other, message, help);
            }
        }
    }

    /// Rows that name resources: as the spec says, else those that are called like the key of one.
    fn references(&self, action: &ActionSpec) -> Vec<Reference> {
        for reference in &action.refers {
            self.check_row(&reference.row, "refers", action);
            for resource in &reference.resources {
                let known = self.known(resource, "refers");
                if let (Some(known), Some(by)) = (known, &reference.by) {
                    self.check_field(by, "refers", known);
                }
            }
        }
        let mut seen = BTreeSet::new();
        let rows = action.request.iter().map(|row| plain_row(&row.path));
        let rows = rows.filter(|row| seen.insert(row.clone()));
        let reference = |row: String| {
            let given = action.refers.iter().find(|reference| plain_row(&reference.row) == row);
            let (resources, outside) = match given {
                Some(given) => {
                    (given.resources.iter().map(|name| name.value.clone()).collect(), given.outside)
                }
                None => (self.called_like(&row, action), false),
            };
            let by = given.and_then(|given| given.by.as_ref()).map(|by| plain(by));
            Reference { row, resources, by, outside }
        };
        rows.map(reference).filter(|one| one.outside || !one.resources.is_empty()).collect()
    }

    /// The resources that a row names by its own name, but for those that the action makes.
    fn called_like(&self, row: &str, action: &ActionSpec) -> Vec<String> {
        let makes = |resource: &ResourceSpec| {
            let mut creates = action.effects.iter().filter(|effect| effect.operation == Operation::Create);
            creates.any(|effect| effect.resource.value == resource.name.value)
        };
        let is_id = |resource: &ResourceSpec| resource.keys.len() == 1 || resource.prefix.is_some();
        let is_named = |resource: &&ResourceSpec| resource.keys.last().is_some_and(|key| key.value == row);
        let named = self.service.resources.iter().filter(is_named);
        named.filter(|one| is_id(one) && !makes(one)).map(|one| one.name.value.clone()).collect()
    }

    /// Kinds that lie in what an action deletes.
    fn children(&self, action: &ActionSpec) -> Vec<&'a str> {
        let deletes = |name: &str| {
            let mut deletes = action.effects.iter().filter(|effect| effect.operation == Operation::Delete);
            deletes.any(|effect| effect.resource.value == name)
        };
        let lies_in = |resource: &&'a ResourceSpec| {
            resource.parents.iter().any(|parent| deletes(&parent.resource.value))
        };
        self.service.resources.iter().filter(lies_in).map(|resource| resource.name.as_str()).collect()
    }

    /// What an action has to refuse.
    fn needed(
        &self,
        action: &ActionSpec,
        references: &[Reference],
        children: &[&str],
    ) -> [(&'static str, bool); 10] {
        let is_limited = |row: &RowSpec| row.stated().any(|limits| limits.said().next().is_some());
        let of = |operation: Operation| {
            let effects = action.effects.iter().filter(move |effect| effect.operation == operation);
            effects.filter_map(|effect| self.find(&effect.resource))
        };
        let changed = || of(Operation::Change).chain(of(Operation::Delete));
        let made = || of(Operation::Create);
        [
            ("missing", action.request.iter().any(RowSpec::is_required)),
            ("invalid", action.request.iter().any(is_limited) || !action.rules.is_empty()),
            ("not_found", !references.is_empty() || changed().next().is_some()),
            ("dependency", !children.is_empty()),
            ("state", changed().any(|resource| resource.states.all().next().is_some())),
            ("needs", action.effects.iter().any(|effect| !effect.needs.is_empty())),
            ("quota", made().any(|resource| resource.quota.is_some())),
            ("exists", made().any(|resource| !resource.unique.is_empty())),
            ("inside", made().any(|resource| !resource.inside.is_empty())),
            ("apart", made().any(|resource| !resource.apart.is_empty())),
        ]
    }

    fn find(&self, name: &str) -> Option<&'a ResourceSpec> {
        self.service.resources.iter().find(|resource| resource.name.value == name)
    }

    /// A resource of the service, or a report that there is none.
    fn known(&self, name: &Spanned<String>, key: &str) -> Option<&'a ResourceSpec> {
        let known = self.service.resources.iter().map(|resource| resource.name.as_str());
        check_known(name, key, known, "Name a resource of this service.", self.diagnostics);
        self.find(name)
    }

    fn check_row(&self, row: &Spanned<String>, key: &str, action: &ActionSpec) {
        let known: Vec<String> = action.request.iter().map(|row| plain_row(&row.path)).collect();
        let known = fields::with_outer(&known);
        let plain = row.clone().map(|row| plain_row(&row));
        if !has_row(&action.request, row) {
            let help = "Name a request row of the action.";
            check_known(&plain, key, known.iter().map(String::as_str), help, self.diagnostics);
        }
    }

    fn check_field(&self, field: &Spanned<String>, key: &str, resource: &ResourceSpec) {
        let plain = field.clone().map(|field| plain(&field));
        let known = self.fields.of_resource(&resource.name).iter().map(String::as_str);
        let help = format!("Name a field of `{}`.", resource.name.value);
        check_known(&plain, key, known, &help, self.diagnostics);
    }

    fn known_fields(&self, fields: &[Spanned<String>], key: &str, resource: &ResourceSpec) -> Vec<String> {
        fields.iter().for_each(|field| self.check_field(field, key, resource));
        fields.iter().map(|field| plain(field)).collect()
    }
}

fn state_field(resource: &ResourceSpec) -> Option<&Spanned<String>> {
    resource.finders().find_map(|finder| finder.state.as_ref())
}

/// Whether a parameter of a finder gets a text that is always the same.
fn is_literal(source: &str) -> bool {
    source.starts_with(LITERAL)
}

#[cfg(test)]
mod tests;
