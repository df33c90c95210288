//! Where the values of fields come from.

use super::Keeping;
use super::fields::{plain, plain_row};
use crate::model::kept::{Each, Filled, Value};
use crate::read::Spanned;
use crate::spec::{ActionSpec, EachSpec, Pairs, ResourceSpec, ValueSpec, Values};

use super::super::lookup::dangling;

/// What a value can be taken from.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// What `own` is a field of.
    pub resource: Option<&'a ResourceSpec>,
    /// Whose request there is.
    pub action: Option<&'a ActionSpec>,
}

impl Keeping<'_> {
    /// Fields of a resource with their values.
    pub(super) fn filled(
        &self,
        values: &Values,
        key: &str,
        resource: &ResourceSpec,
        scope: Scope<'_>,
    ) -> Vec<Filled> {
        let one = |(field, value): &(Spanned<String>, Spanned<ValueSpec>)| {
            // What is made of each entry of a list is told by the mark of the list.
            let path = if key == "made" { field.value.clone() } else { plain(field) };
            let value = match &value.value {
                ValueSpec::Each(each) => Value::Each(self.each(each, &path, resource)?),
                _ => self.value(value, key, scope)?,
            };
            Some((path, value))
        };
        values.iter().filter_map(one).collect()
    }

    /// A value, if all that it names is there.
    pub(super) fn value(&self, spec: &Spanned<ValueSpec>, key: &str, scope: Scope<'_>) -> Option<Value> {
        let named = |name: &String| Spanned::new(name.clone(), spec.location);
        Some(match &spec.value {
            ValueSpec::Now => Value::Now,
            ValueSpec::Region => Value::Region,
            ValueSpec::Literal(text) => Value::Literal(text.clone()),
            ValueSpec::New(form) => Value::New(form.clone()),
            ValueSpec::Own(field) => {
                self.check_field(&named(field), key, self.scoped(scope.resource, spec, key)?);
                Value::Own(plain(field))
            }
            ValueSpec::Request(row) => {
                self.check_row(&named(row), key, self.scoped(scope.action, spec, key)?);
                Value::Request(plain_row(row))
            }
            ValueSpec::Entry(member) => {
                self.scoped(scope.action, spec, key)?;
                Value::Entry(member.clone())
            }
            ValueSpec::Of { resource, field } => {
                let resource = self.known(&named(resource), key)?;
                self.check_field(&named(field), key, resource);
                Value::Of { resource: resource.name.value.clone(), take: plain(field) }
            }
            ValueSpec::Each(each) => Value::Each(self.each(each, "", scope.resource?)?),
        })
    }

    /// What a value is taken from, or a report that there is no such thing here.
    fn scoped<T>(&self, scope: Option<T>, spec: &Spanned<ValueSpec>, key: &str) -> Option<T> {
        if scope.is_none() {
            let (source, help) = match &spec.value {
                ValueSpec::Request(row) => (format!("request.{row}"), "Only an action has a request."),
                ValueSpec::Entry(name) => (format!("entry.{name}"), "Only an effect goes through entries."),
                _ => ("own".to_owned(), "Only a resource has fields of its own."),
            };
            dangling(&Spanned::new(source, spec.location), key, help, self.diagnostics);
        }
        scope
    }

    fn each(&self, spec: &EachSpec, shown: &str, resource: &ResourceSpec) -> Option<Each> {
        let other = self.known(&spec.resource, "each")?;
        let field = |name: &Spanned<String>, key, of| {
            self.check_field(name, key, of);
            plain(name)
        };
        let both = |pairs: &Pairs| -> Vec<(String, String)> {
            let pairs = pairs.iter();
            pairs
                .map(|(left, right)| (field(left, "where", other), field(right, "where", resource)))
                .collect()
        };
        let mut matching = both(&spec.matching);
        if let (true, Some(key)) = (matching.is_empty(), resource.keys.last()) {
            self.check_field(&Spanned::new(key.value.clone(), spec.resource.location), "where", other);
            matching.push((key.value.clone(), key.value.clone()));
        }
        let names = spec.names.iter().map(|(name, taken)| (plain(name), field(taken, "as", other)));
        let mut names: Vec<(String, String)> = names.collect();
        let take = spec.take.as_ref().map(|taken| field(taken, "take", other));
        if names.is_empty() && take.is_none() {
            names = self.equal_names(shown, resource, other);
        }
        Some(Each { resource: other.name.value.clone(), matching, names, take })
    }

    /// What is printed below a path, as far as the other resource has it too.
    fn equal_names(
        &self,
        shown: &str,
        resource: &ResourceSpec,
        other: &ResourceSpec,
    ) -> Vec<(String, String)> {
        let seen = self.fields.seen(&resource.name).iter();
        let below = seen.filter_map(|path| path.strip_prefix(shown)?.strip_prefix('.'));
        let has = |name: &&str| self.fields.of_resource(&other.name).contains(*name);
        below.filter(has).map(|name| (name.to_owned(), name.to_owned())).collect()
    }
}
