//! Parameters that an action's table allows, made from that table alone.

mod choice;
mod nth;

pub use nth::{is_free, nth};

use std::collections::BTreeSet;

use cloudnet_codegen::limit::{Check, CidrSpec, Content, FORMAT, ITEMS, RANGE, VALUES};
use cloudnet_codegen::model::{Limit, Rule, Shape, Strength, Type};
use cloudnet_codegen::rule;
use ipnet::IpNet;
use serde_json::{Map, Value as Json, json};

/// How much of a table is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What is required, every value as small as it may be.
    Least,
    /// All that the rules allow together, every value as large as is sensible.
    Most,
}

/// Valid parameters of a shape, as JSON in wire names.
#[must_use]
pub fn parameters(shape: &Shape, extent: Extent) -> Json {
    chosen(shape, extent, &choice::names(shape, extent, &[]))
}

/// The least valid parameters of a shape that have these as well, as far as its rules allow.
#[must_use]
pub fn least_with(shape: &Shape, wanted: &[&str]) -> Json {
    chosen(shape, Extent::Least, &choice::names(shape, Extent::Least, wanted))
}

fn chosen(shape: &Shape, extent: Extent, chosen: &BTreeSet<&str>) -> Json {
    let mut members = Map::new();
    for field in shape.fields.iter().filter(|field| chosen.contains(field.name.as_str())) {
        members.insert(field.name.clone(), value(&field.ty, &held(&field.limits), extent));
    }
    for rule in &shape.rules {
        adjust(rule, &mut members, extent);
    }
    Json::Object(members)
}

/// Parameters of a nested shape: with nothing in it, it would not be on the wire at all.
fn filled(shape: &Shape, extent: Extent) -> Json {
    let mut nested = parameters(shape, extent);
    if let (Some(members), Some(first)) = (nested.as_object_mut(), shape.fields.first())
        && members.is_empty()
    {
        members.insert(first.name.clone(), value(&first.ty, &held(&first.limits), extent));
    }
    nested
}

/// Changes values so that rules about values hold.
fn adjust(rule: &Rule, members: &mut Map<String, Json>, extent: Extent) {
    match (rule.kind.key, &rule.content) {
        ("ordered", rule::Content::Names(names)) => {
            let numbers = names.iter().filter_map(|name| members.get(name)?.as_i64());
            let Some(largest) = numbers.max() else { return };
            for name in names {
                if let Some(number) = members.get_mut(name) {
                    *number = json!(largest);
                }
            }
        }
        ("disjoint", rule::Content::Names(names)) => {
            replace(members, names, |number| format!("10.{number}.0.0/24"));
        }
        (_, rule::Content::Subnet(names, mask)) => {
            replace(members, names, |number| format!("192.0.2.{number}"));
            replace(members, std::slice::from_ref(mask), |_| "255.255.255.0".to_owned());
        }
        (_, rule::Content::Values(when, field, check)) => {
            let given = members.get(&when.field).map(scalar);
            let holds = given.is_some_and(|given| choice::admits(when, &given));
            if let Some(value) = members.get_mut(field).filter(|_| holds) {
                let ty = if value.is_number() { Type::Integer } else { Type::Text };
                *value = self::value(&ty, &[limited(check)], extent);
            }
        }
        _ => {}
    }
}

/// Gives each field that is there another text, by its number from 1.
fn replace(members: &mut Map<String, Json>, names: &[String], text: impl Fn(usize) -> String) {
    for (index, name) in names.iter().enumerate() {
        if let Some(value) = members.get_mut(name) {
            *value = json!(text(index + 1));
        }
    }
}

fn limited(check: &Check) -> Limit {
    Limit { check: check.clone(), today: false, strength: Strength::Limit }
}

fn scalar(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// The limits that a value must keep to, and the format that it had better have where it needs none.
fn held(limits: &[Limit]) -> Vec<Limit> {
    let of = |strength: Strength| limits.iter().filter(move |limit| limit.strength == strength);
    let mut held: Vec<Limit> = of(Strength::Limit).cloned().collect();
    if content(&held, FORMAT).is_none() {
        held.extend(of(Strength::Advice).filter(|limit| limit.check.kind.key == FORMAT).cloned());
    }
    held
}

/// A value that the limits allow.
fn value(ty: &Type, limits: &[Limit], extent: Extent) -> Json {
    match ty {
        Type::Text | Type::Secret | Type::Enum(_) => json!(text(limits, extent)),
        Type::Integer => json!(integer(limits, extent)),
        Type::Double => json!(decimal(limits, extent)),
        Type::Boolean => json!(extent == Extent::Most),
        Type::Timestamp if extent == Extent::Least => json!(1_600_000_000),
        Type::Timestamp => json!(1_600_000_000.25),
        Type::Struct(inner) | Type::Json(inner) => filled(&inner.shape, extent),
        Type::List(entry) => {
            let (min, max) = bounds(limits, ITEMS, (0, u32::MAX.into())).unwrap_or((1, 2));
            let count = if extent == Extent::Least { min.max(1) } else { max.min(min.max(3)) };
            Json::Array((0..count).map(|_| value(entry, limits, extent)).collect())
        }
    }
}

/// What a limit of a kind asks for.
fn content<'l>(limits: &'l [Limit], key: &str) -> Option<&'l Content> {
    limits.iter().find(|limit| limit.check.kind.key == key).map(|limit| &limit.check.content)
}

/// The ends of a limit, or these where they are open.
fn bounds(limits: &[Limit], key: &str, open: (i64, i64)) -> Option<(i64, i64)> {
    match content(limits, key)? {
        Content::Bounds((min, max)) => Some((min.unwrap_or(open.0), max.unwrap_or(open.1))),
        _ => None,
    }
}

fn decimal(limits: &[Limit], extent: Extent) -> f64 {
    let (min, max) = match content(limits, RANGE) {
        Some(Content::Decimals(bounds)) => *bounds,
        _ => (None, None),
    };
    let ends = if extent == Extent::Least { [min, max] } else { [max, min] };
    ends.into_iter().flatten().next().unwrap_or(1.5)
}

fn integer(limits: &[Limit], extent: Extent) -> i64 {
    if let Some(Content::Values(values)) = content(limits, VALUES)
        && let Some(number) = values.iter().find_map(|value| value.value.parse().ok())
    {
        return number;
    }
    let (min, max) = bounds(limits, RANGE, (i64::MIN, i64::MAX)).unwrap_or((1, 7));
    let (mut number, step) = match extent {
        Extent::Least if min == i64::MIN => (max.min(1), 1),
        Extent::Least => (min, 1),
        Extent::Most if max == i64::MAX => (min.max(7), 1),
        Extent::Most => (max, -1),
    };
    let excluded = content(limits, "excluded");
    let is_excluded =
        |number: i64| matches!(excluded, Some(Content::Numbers(numbers)) if numbers.contains(&number));
    while is_excluded(number) {
        number += step;
    }
    number
}

/// A text that all the limits allow.
fn text(limits: &[Limit], extent: Extent) -> String {
    let found = limits.iter().find_map(|limit| match (limit.check.kind.key, &limit.check.content) {
        (_, Content::Values(values)) => {
            let value = if extent == Extent::Least { values.first() } else { values.last() };
            value.map(|value| value.value.value.clone())
        }
        (_, Content::Cidr(cidr)) if is_block(limits) => Some(block(limits, cidr)),
        (RANGE, _) => Some(integer(limits, extent).to_string()),
        _ => None,
    });
    let formatted = || match content(limits, FORMAT)? {
        Content::Word(format) => of_format(format),
        _ => None,
    };
    found.or_else(|| formatted().map(str::to_owned)).unwrap_or_else(|| word(limits, extent))
}

fn is_block(limits: &[Limit]) -> bool {
    !matches!(content(limits, FORMAT), Some(Content::Word(format)) if !format.ends_with("cidr"))
}

/// `None` if a word has the format.
fn of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "ipv4" | "ip" => "192.0.2.7",
        "ipv6" => "2001:db8::7",
        "ipv4-cidr" | "cidr" => "192.168.0.0/24",
        "ipv6-cidr" => "2001:db8::/56",
        "comma-list-of-ip" | "comma-list-of-ipv4" => "192.0.2.7,192.0.2.8",
        "netmask" => "255.255.255.252",
        "port-range-or-any" => "80/90",
        "comma-list-of-cidr" => "192.168.0.0/24,192.168.1.0/24",
        "date-time" => "2024-03-05T06:00:00Z",
        "date-time-minutes" => "2024-03-05T06:00Z",
        "json" => r#"{"Version":"1"}"#,
        _ => return None,
    })
}

fn block(limits: &[Limit], cidr: &CidrSpec) -> String {
    let (shortest, longest) = cidr.prefix.unwrap_or_default();
    let is_ipv6 = matches!(content(limits, FORMAT), Some(Content::Word("ipv6-cidr")));
    let anywhere = if is_ipv6 { "2001:db8::/32" } else { "192.168.0.0/16" };
    let areas = cidr.within.iter().map(String::as_str).chain([anywhere]);
    let banned: Vec<IpNet> = cidr.not_within.iter().filter_map(|area| area.parse().ok()).collect();
    let mut fitting = areas.filter_map(|area| {
        let area: IpNet = area.parse().ok()?;
        let length = i64::from(area.prefix_len()).max(shortest.unwrap_or(0));
        let mut blocks = area.subnets(u8::try_from(length).ok()?).ok()?;
        let block = blocks.find(|block| !banned.iter().any(|area| area.contains(block)))?;
        longest.is_none_or(|longest| length <= longest).then(|| block.to_string())
    });
    fitting.next().unwrap_or_else(|| anywhere.to_owned())
}

/// Letters, as many as are allowed, with the ends that are asked for.
fn word(limits: &[Limit], extent: Extent) -> String {
    const LONGEST: i64 = 64;
    let (min, max) = bounds(limits, "length", (0, u32::MAX.into())).unwrap_or((3, 12));
    let length = if extent == Extent::Least { min.max(1) } else { max.min(LONGEST.max(min)) };
    let mut word: Vec<char> = vec!['a'; usize::try_from(length).unwrap_or(0)];
    let has_slash = |key| matches!(content(limits, key), Some(Content::Word("slash")));
    for (key, at) in [("starts_with", 0), ("ends_with", word.len().saturating_sub(1))] {
        if let Some(end) = word.get_mut(at).filter(|_| has_slash(key)) {
            *end = '/';
        }
    }
    word.into_iter().collect()
}
