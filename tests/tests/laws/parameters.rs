//! Parameters that an action takes: a sample of its table, with the IDs of what is there.

use std::net::{IpAddr, Ipv4Addr};

use cloudnet::dynamic;
use cloudnet_codegen::spec::{Operation, ValueSpec};
use cloudnet_tests::sample;
use serde_json::{Value as Json, json};

use crate::book::{self, Deed, Does, Kind, Reader, Reference, field_at};
use crate::values::{at, field, nth_address, nth_block, set, text};
use crate::world::{Members, Thing, World};

/// Rows and their values.
type Named = Vec<(String, Json)>;

impl World {
    /// Parameters that an action takes, with these rows among them.
    pub(crate) fn parameters(&self, deed: Deed, wanted: &[(&str, Json)]) -> Result<Members, String> {
        let first = deed.effects().find(|does| {
            does.effect.only_if.iter().all(|(row, values)| {
                let row = book::without_index(&row.value);
                let given = wanted.iter().find(|(name, _)| **name == row);
                given.is_none_or(|(_, value)| values.iter().any(|known| Some(known) == text(value).as_ref()))
            })
        });
        self.parameters_for(deed, first, wanted)
    }

    /// The same, such that an effect applies.
    pub(crate) fn parameters_for(
        &self,
        deed: Deed,
        effect: Option<Does>,
        wanted: &[(&str, Json)],
    ) -> Result<Members, String> {
        self.deeper(deed.name(), || {
            let mut given: Vec<(String, Json)> = Vec::new();
            for (row, values) in effect.iter().flat_map(|does| &does.effect.only_if) {
                let row = book::without_index(&row.value);
                if let (Some(value), false) = (values.first(), values.iter().any(|value| value == "~")) {
                    given.push((row, json!(value)));
                }
            }
            given.extend(effect.map(needed).unwrap_or_default().into_iter().map(|row| (row, Json::Null)));
            let (mut targets, mut others) = self.targets(deed, effect)?;
            others.retain(|(row, _)| !wanted.iter().any(|(name, _)| name == row));
            targets.retain(|(row, _)| !wanted.iter().any(|(name, _)| name == row));
            given.retain(|(row, _)| !wanted.iter().any(|(name, _)| name == row));
            given.extend(targets);
            given.extend(wanted.iter().map(|(row, value)| ((*row).to_owned(), value.clone())));
            let mut members = self.filled(deed, effect, &given)?;
            for (row, value) in others {
                if at(&members, &row).is_some() {
                    set(&mut members, deed, &row, value);
                }
            }
            Ok(members)
        })
    }

    /// Rows that name what an action changes or deletes, which is there then, in a state that allows it; and others
    /// that could name it as well.
    fn targets(&self, deed: Deed, effect: Option<Does>) -> Result<(Named, Named), String> {
        let (mut found, mut could) = (Named::new(), Named::new());
        let others = deed.effects().filter(|does| does.effect.only_if.is_empty());
        for does in effect
            .into_iter()
            .chain(others.filter(|does| Some(does.index) != effect.map(|effect| effect.index)))
        {
            let Some(kind) = does.kind().filter(|_| does.effect.operation != Operation::Create) else {
                continue;
            };
            if does.effect.optional && Some(does.index) != effect.map(|effect| effect.index) {
                continue;
            }
            let by = does.by();
            let row_of_many = does.effect.many.last().map(|row| book::without_index(&row.value));
            if by.is_empty() && row_of_many.is_none() {
                continue;
            }
            let thing = self.in_state(kind, does)?;
            let is_optional = |key: &str| kind.spec.optional_keys.iter().any(|name| name.value == key);
            let is_required = |row: &str| deed.field(row).is_some_and(|field| field.required);
            let mut others = by.iter().filter(|(key, _)| is_optional(key));
            let first = others.clone().find(|(_, row)| is_required(row)).or_else(|| others.next()).cloned();
            let (by, others): (Vec<_>, Vec<_>) = by.into_iter().partition(|(key, row)| {
                !is_optional(key) || is_required(row) || first.as_ref().is_some_and(|(first, _)| first == key)
            });
            could
                .extend(others.into_iter().filter_map(|(key, row)| Some((row, field(&thing.fields, &key)?))));
            for (key, row) in by {
                if let Some(value) = field(&thing.fields, &key)
                    && deed.row(&row).is_some()
                    && !found.iter().any(|(name, _)| *name == row)
                {
                    found.push((row, value));
                }
            }
            if let (Some(row), Some(id)) = (row_of_many, field(&thing.fields, kind.last_key())) {
                found.push((row, id));
            }
        }
        Ok((found, could))
    }

    /// A sample of what a table allows, with the IDs of what is there.
    fn filled(&self, deed: Deed, effect: Option<Does>, given: &[(String, Json)]) -> Result<Members, String> {
        let shape = &deed.action.request;
        let wanted: Vec<&str> =
            given.iter().map(|(row, _)| row.split('.').next().unwrap_or_default()).collect();
        let Json::Object(plain) = sample::least_with(shape, &wanted) else {
            return Err("no object".to_owned());
        };
        let mut members = plain.clone();
        for (name, value) in &mut members {
            let Some(field) = deed.field(name) else { continue };
            if sample::is_free(field) {
                *value = sample::nth(field, self.number());
            }
        }
        for name in ["RegionId"] {
            if let Some(region) = members.get_mut(name) {
                *region = json!("cn-hangzhou");
            }
        }
        for (row, value) in given {
            let any = || field_at(shape, row).map(|field| sample::nth(field, self.number()));
            let value = if value.is_null() { any().unwrap_or_default() } else { value.clone() };
            set(&mut members, deed, row, value);
        }
        for reference in deed.references() {
            let is_given = given.iter().any(|(row, value)| *row == reference.row && !value.is_null());
            if !is_given && at(&members, &reference.row).is_some() {
                let id = self.reference(&reference)?;
                set(&mut members, deed, &reference.row, id);
            }
        }
        self.lay_blocks(deed, effect, given, &mut members);
        self.mend(deed, given, &plain, &mut members);
        Ok(members)
    }

    /// The ID of what a row may name.
    pub(crate) fn reference(&self, reference: &Reference) -> Result<Json, String> {
        let Some(kind) = reference.kinds.first() else { return Ok(json!(format!("out-{}", self.number()))) };
        let thing = self.ensure(*kind)?;
        let name = reference.by.unwrap_or(kind.last_key());
        field(&thing.fields, name).ok_or_else(|| format!("a {} has no {name}", kind.name()))
    }

    /// Lets blocks lie where they must, beside each other.
    fn lay_blocks(&self, deed: Deed, effect: Option<Does>, given: &[(String, Json)], members: &mut Members) {
        let kind = effect.and_then(Does::kind).or_else(|| deed.effects().next().and_then(Does::kind));
        let Some(kind) = kind else { return };
        for (name, value) in &kind.spec.inside {
            let ValueSpec::Of { resource, field: outer } = &value.value else { continue };
            let is_given = given.iter().any(|(row, value)| *row == name.value && !value.is_null());
            let Some(parent) = Kind::of(kind.service, resource).filter(|_| !is_given) else { continue };
            if !members.contains_key(&name.value) {
                continue;
            }
            let block = self.ensure(parent).ok().and_then(|parent| text(&field(&parent.fields, outer)?));
            let is_address = deed.field(&name.value).is_some_and(|field| {
                text(&sample::nth(field, 1)).is_some_and(|text| text.parse::<IpAddr>().is_ok())
            });
            let number = self.number();
            let laid = block.and_then(|block| {
                if is_address { nth_address(&block, number) } else { nth_block(&block, number) }
            });
            if let Some(block) = laid {
                members.insert(name.value.clone(), json!(block));
            }
        }
    }

    /// Gives back the plain values where the others break a rule, and gives what they demand.
    fn mend(&self, deed: Deed, given: &[(String, Json)], plain: &Members, members: &mut Members) {
        let service = deed.service.spec.name.value.as_str();
        for _ in 0..3 {
            let checked = dynamic::validate(service, deed.name(), &Json::Object(members.clone()));
            let Err(error) = checked else { return };
            for violation in error.violations() {
                let top = violation.path.split('.').next().unwrap_or_default();
                let is_given = given.iter().any(|(row, _)| row.split('.').next() == Some(top));
                match (plain.get(top), deed.field(top)) {
                    (Some(value), _) if !is_given && members.get(top) != Some(value) => {
                        members.insert(top.to_owned(), value.clone());
                    }
                    (None, Some(field)) if !members.contains_key(top) => {
                        members.insert(top.to_owned(), sample::nth(field, self.number()));
                    }
                    _ => self.choose(deed, given, members),
                }
            }
        }
    }

    /// Chooses another one of the values of a list, if fewer rules are broken with it.
    fn choose(&self, deed: Deed, given: &[(String, Json)], members: &mut Members) {
        let service = deed.service.spec.name.value.as_str();
        let broken = |members: &Members| {
            let checked = dynamic::validate(service, deed.name(), &Json::Object(members.clone()));
            checked.map_or_else(
                |error| error.violations().iter().map(|one| one.path.clone()).collect(),
                |()| Vec::new(),
            )
        };
        let is_given = |name: &str| given.iter().any(|(row, _)| row.split('.').next() == Some(name));
        let names: Vec<String> = members.keys().filter(|name| !is_given(name)).cloned().collect();
        for name in names {
            for value in self.others(deed, &name, members) {
                let mut other = members.clone();
                other.insert(name.clone(), value);
                let (before, after) = (broken(members), broken(&other));
                if after.len() < before.len() || (after.len() == before.len() && after != before) {
                    *members = other;
                }
            }
        }
    }

    /// Other values of a row: those of its list, or addresses beside those of other rows.
    fn others(&self, deed: Deed, name: &str, members: &Members) -> Vec<Json> {
        let Some(field) = deed.field(name) else { return Vec::new() };
        if !sample::is_free(field) {
            return (0..20).map(|number| sample::nth(field, number)).collect();
        }
        let address = |value: &Json| text(value)?.parse::<Ipv4Addr>().ok();
        if members.get(name).and_then(address).is_none() {
            return Vec::new();
        }
        let others =
            members.iter().filter(|(other, _)| *other != name).filter_map(|(_, value)| address(value));
        let beside = others.flat_map(|other| [u32::from(other) ^ 1, u32::from(other) ^ 3]);
        beside.map(|bits| json!(Ipv4Addr::from(bits).to_string())).collect()
    }

    /// What lists all of a kind that lie in the same as this one does, and the kinds that they lie in there.
    pub(crate) fn listing(&self, reader: &Reader, thing: &Thing) -> Result<(Members, Vec<Kind>), String> {
        let (kind, deed) = (thing.kind, reader.deed);
        let is_required = |row: &str| deed.field(row).is_some_and(|field| field.required);
        let is_own = |key: &str| {
            kind.last_key() == key && kind.spec.optional_keys.is_empty()
                || kind.spec.optional_keys.iter().any(|other| other.value == key)
        };
        let own = reader.ask.iter().filter(|(row, key)| is_required(row) || !is_own(key));
        let asked = own.filter_map(|(row, key)| match key.strip_prefix("literal.") {
            Some(_) => None,
            None => Some((row.as_str(), field(&thing.fields, key)?)),
        });
        let asked: Vec<(&str, Json)> = asked.filter(|(row, _)| !row.contains('.')).collect();
        let service = deed.service.spec.name.value.as_str();
        let others = deed
            .action
            .spec
            .request
            .iter()
            .map(book::row_path)
            .filter(|row| !row.contains('.') && !is_own(row) && !deed.is_of_the_call(row));
        let mut others: Named =
            others.filter_map(|row| Some((row.clone(), field(&thing.fields, &row)?))).collect();
        others.sort_by_key(|(row, _)| !deed.references().iter().any(|reference| reference.row == *row));
        let ways = std::iter::once(None).chain(others.iter().map(Some));
        for way in ways {
            let mut wanted = asked.clone();
            wanted.extend(way.map(|(row, value)| (row.as_str(), value.clone())));
            let mut members = self.parameters(deed, &wanted)?;
            members.retain(|row, _| {
                is_required(row) || deed.is_of_the_call(row) || wanted.iter().any(|(name, _)| name == row)
            });
            if dynamic::validate(service, deed.name(), &Json::Object(members.clone())).is_ok() {
                let rows = members.keys();
                let parents = kind.spec.parents.iter().filter(|of| {
                    let own = Kind::of(kind.service, &of.resource.value).map_or("", Kind::last_key);
                    let name = of.field.as_ref().map_or(own, |field| field.value.as_str());
                    members.contains_key(name)
                });
                let parents = parents.filter_map(|of| Kind::of(kind.service, &of.resource.value));
                let named = deed
                    .references()
                    .into_iter()
                    .filter(|reference| rows.clone().any(|row| *row == reference.row));
                let named = named
                    .filter_map(|reference| reference.kinds.first().copied())
                    .filter(|named| *named != kind);
                let kept = parents.chain(named).collect();
                return Ok((members, kept));
            }
        }
        Err(format!("{} lists nothing without its name", deed.name()))
    }

    /// Another value of a field.
    pub(crate) fn number(&self) -> u32 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }
}

/// Rows without which a create makes nothing, or something that lies nowhere.
fn needed(does: Does) -> Vec<String> {
    if does.effect.operation != Operation::Create {
        return Vec::new();
    }
    let many = does.effect.many.iter().map(|row| book::without_index(&row.value));
    let parent = does.kind().and_then(|kind| kind.spec.parents.first());
    let of_parent = |reference: &Reference| {
        let names = |parent: &cloudnet_codegen::spec::ParentSpec| {
            reference.kinds.iter().any(|kind| kind.name() == parent.resource.value)
        };
        reference.by.is_none() && parent.is_some_and(names)
    };
    let named = does.deed.references().into_iter().find(of_parent).map(|reference| reference.row);
    many.chain(named).collect()
}
