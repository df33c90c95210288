//! What a wait is about: the keys of the resource, and what a row must have.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::progress::write_resource;
use crate::call::{self, Extra};
use crate::error::{Error, ErrorKind};
use crate::record::Record;
use crate::schema::{Action, Shape, Source, Wait};
use crate::table::path;

/// Where values come from.
#[derive(Clone, Copy)]
pub(super) enum Values<'a> {
    /// What a call is sent with, and what it returned once it did.
    Call {
        action: &'static Action,
        input: &'a dyn Record,
        extra: &'a [Extra],
        output: Option<&'a dyn Record>,
    },
    /// What the caller of a waiter gave.
    Arguments(&'a [(&'static str, String)]),
}

/// A resource of which all is known that names it, and how it looks once the wait is over.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) keys: Vec<(&'static str, Vec<String>)>,
    /// Parameters of the poll by wire name.
    pub(super) ask: Vec<Extra>,
    pub(super) row: Vec<Condition>,
    pub(super) outer_row: Vec<Condition>,
    pub(super) shows: Vec<Condition>,
    /// States that end the wait well.
    pub(super) success: &'static [&'static str],
}

/// A field that must have these values, or hold them if it is a list.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    field: &'static str,
    values: Vec<String>,
}

/// Finds the values of a wait. What is polled without all that names the resource would be
/// another one, or all there are.
pub(super) fn resolve(wait: &'static Wait, values: Values<'_>) -> Result<Target, Error> {
    let resource = wait.resource;
    let keys = keys(wait, values);
    if let Some(missing) = missing_key(wait, &keys) {
        return Err(unnamed(missing, values));
    }
    let of_key = |key: &str| keys.iter().find(|(name, _)| *name == key).map(|(_, values)| values.clone());
    let conditions = |fields: &[(&'static str, &'static str)]| {
        let conditions =
            fields.iter().filter_map(|(field, key)| Some(Condition { field, values: of_key(key)? }));
        conditions.collect::<Vec<_>>()
    };
    let mut ask = region(values);
    for (parameter, source) in resource.ask {
        let value = match source {
            Source::Literal(text) => Some((*text).to_owned()),
            Source::Key(key) => of_key(key).map(|values| values.join(",")),
            Source::Request(_) | Source::Response(_) => None,
        };
        ask.extend(value.map(|value| Extra::text(*parameter, value)));
    }
    let shown = wait.shows.iter().map(|(field, source)| Condition { field, values: values.of(*source) });
    let (row, outer_row) = (conditions(resource.row), conditions(resource.outer_row));
    let shows = shown.filter(|condition| !condition.values.is_empty()).collect();
    let narrowed = wait
        .success_if
        .iter()
        .find(|goal| values.of(goal.source).iter().any(|value| is_same(value, goal.equals)));
    let success = narrowed.map_or(wait.success, |goal| goal.success);
    Ok(Target { keys, ask, row, outer_row, shows, success })
}

/// Whether a call that is not sent yet has what its wait needs from it.
pub(super) fn check_named(wait: &'static Wait, values: Values<'_>) -> Result<(), Error> {
    let mut keys = keys(wait, values);
    let comes_later = |sources: &[Source]| sources.iter().any(|source| matches!(source, Source::Response(_)));
    let later = wait.by.iter().filter(|(_, sources)| comes_later(sources));
    keys.extend(later.map(|(key, _)| (*key, Vec::new())));
    match missing_key(wait, &keys) {
        Some(missing) => Err(unnamed(missing, values)),
        None => Ok(()),
    }
}

fn keys(wait: &'static Wait, values: Values<'_>) -> Vec<(&'static str, Vec<String>)> {
    let first = |sources: &[Source]| {
        sources.iter().map(|source| values.of(*source)).find(|found| !found.is_empty()).unwrap_or_default()
    };
    let found = wait.by.iter().map(|(key, sources)| (*key, first(sources)));
    found.filter(|(_, values)| !values.is_empty()).collect()
}

fn missing_key(wait: &Wait, known: &[(&'static str, Vec<String>)]) -> Option<&'static str> {
    let resource = wait.resource;
    let has = |key: &&&str| known.iter().any(|(name, _)| name == *key);
    let missing = resource.keys.iter().find(|key| !has(key));
    let lacks_all = !resource.optional_keys.iter().any(|key| has(&key));
    missing.or(resource.optional_keys.first().filter(|_| lacks_all)).copied()
}

/// The region of the call is that of the poll.
fn region(values: Values<'_>) -> Vec<Extra> {
    let region = values.of(Source::Request(REGION)).into_iter().next();
    region.map(|region| Extra::text(REGION, region)).into_iter().collect()
}

const REGION: &str = "RegionId";

fn unnamed(key: &str, values: Values<'_>) -> Error {
    match values {
        Values::Arguments(_) => Error::configuration(format!("cannot wait for a resource without `{key}`")),
        Values::Call { action, output: None, .. } => {
            let message = format!("cannot be waited for without `{key}`; send it without waiting, or add it");
            call::about(action, Error::configuration(message))
        }
        Values::Call { action, output: Some(_), .. } => {
            let message = format!("cannot be waited for: the answer has no `{key}`");
            call::about(action, Error::new(ErrorKind::Response, message))
        }
    }
}

impl Values<'_> {
    /// All values of a source that are not empty.
    fn of(&self, source: Source) -> Vec<String> {
        let found = match (source, self) {
            (Source::Request(row), Values::Call { action, input, extra, .. }) => {
                let named = extra.iter().filter(|extra| is_row(&extra.name, row));
                match named.filter_map(Extra::to_text).collect::<Vec<_>>() {
                    none if none.is_empty() => texts(&action.request, *input, row),
                    given => given,
                }
            }
            (Source::Response(path), Values::Call { action, output: Some(output), .. }) => {
                texts(&action.response, *output, path)
            }
            (Source::Key(key), Values::Arguments(arguments)) => {
                let named = arguments.iter().filter(|(known, _)| *known == key);
                named.map(|(_, value)| value.clone()).collect()
            }
            (Source::Literal(text), _) => vec![text.to_owned()],
            _ => Vec::new(),
        };
        found.into_iter().filter(|value| !value.is_empty()).collect()
    }
}

/// Whether a wire name such as `NextHopList.1.NextHopId` is one of a row.
fn is_row(name: &str, row: &str) -> bool {
    let is_index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let same = |(name, row): (&str, &str)| name == row || matches!(row, "N" | "M" | "L") && is_index(name);
    name.split('.').count() == row.split('.').count() && name.split('.').zip(row.split('.')).all(same)
}

fn texts(shape: &'static Shape, record: &dyn Record, path: &str) -> Vec<String> {
    let mut texts = Vec::new();
    path::values(shape, record, path, &mut |value| texts.extend(value.text().map(Cow::into_owned)));
    texts
}

impl Target {
    /// What names the resource.
    pub(super) fn named(&self) -> Vec<(&'static str, String)> {
        self.keys.iter().map(|(key, values)| (*key, values.join(","))).collect()
    }
}

/// `VpcId vpc-1`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_resource(f, &self.named())
    }
}

impl Condition {
    /// Whether a row has all of the values.
    pub(super) fn holds(&self, shape: &'static Shape, row: &dyn Record) -> bool {
        let found = texts(shape, row, self.field);
        self.values.iter().all(|value| found.iter().any(|found| is_same(found, value)))
    }

    /// Whether a row still has any of the values.
    pub(super) fn holds_in_part(&self, shape: &'static Shape, row: &dyn Record) -> bool {
        let found = texts(shape, row, self.field);
        self.values.iter().any(|value| found.iter().any(|found| is_same(found, value)))
    }
}

/// Whether two texts mean one value: they are equal, the same block in two spellings, or comma
/// lists of the same values.
fn is_same(one: &str, other: &str) -> bool {
    let blocks = || Some(block(one)? == block(other)?);
    let flags =
        || Some(one.to_lowercase().parse::<bool>().ok()? == other.to_lowercase().parse::<bool>().ok()?);
    let lists = || {
        let is_list = one.contains(',') && other.contains(',');
        let entries = |text: &'_ str| text.split(',').map(str::trim).map(str::to_owned).collect::<Vec<_>>();
        let (one, other) = (entries(one), entries(other));
        let are_in = |these: &[String], those: &[String]| {
            these.iter().all(|this| those.iter().any(|that| is_same(this, that)))
        };
        is_list && are_in(&one, &other) && are_in(&other, &one)
    };
    one == other || blocks().or_else(flags).unwrap_or_else(lists)
}

/// A CIDR block without its host bits; an address is a block of its own.
fn block(text: &str) -> Option<IpNet> {
    let block = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    block.ok().map(|block| block.trunc())
}

#[cfg(test)]
mod tests {
    use super::{Condition, is_row, is_same};
    use crate::test_service::{LIST, ListThingsOutput};

    #[test]
    fn a_row_must_hold_all_values() {
        let row = |things: &[&str]| ListThingsOutput {
            things: things.iter().map(|thing| (*thing).to_owned()).collect(),
            ..ListThingsOutput::default()
        };
        let both = Condition { field: "Things.Thing[]", values: vec!["a".to_owned(), "b".to_owned()] };
        assert!(both.holds(&LIST.response, &row(&["c", "b", "a"])));
        assert!(!both.holds(&LIST.response, &row(&["a", "c"])));
        assert!(!both.holds(&LIST.response, &row(&[])));
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (one, other, same) in [
            ("vpc-1", "vpc-1", true),
            ("vpc-1", "VPC-1", false),
            ("192.168.0.1/24", "192.168.0.0/24", true),
            ("192.168.0.0/24", "192.168.0.0/25", false),
            ("10.0.0.1", "10.0.0.1/32", true),
            ("2001:DB8:0::1/64", "2001:db8::/64", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("a,b", "b, a", true),
            ("a,b", "a,c", false),
            ("a,b", "a", false),
            ("10.0.0.0/8,10.1.1.1/16", "10.1.0.0/16,10.0.0.0/8", true),
            ("true", "True", true),
            ("true", "false", false),
            ("pl-1", "pl-2", false),
        ] {
            assert_eq!(is_same(one, other), same, "{one} {other}");
            assert_eq!(is_same(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn an_extra_parameter_belongs_to_the_row_of_its_name() {
        assert!(is_row("NextHopList.1.NextHopId", "NextHopList.N.NextHopId"));
        assert!(is_row("VpcId", "VpcId"));
        assert!(!is_row("NextHopList.1.NextHopType", "NextHopList.N.NextHopId"));
        assert!(!is_row("NextHopList.one.NextHopId", "NextHopList.N.NextHopId"));
        assert!(!is_row("NextHopList.1", "NextHopList.N.NextHopId"));
    }
}
