//! Parameters that an action's table allows, made from that table alone.

mod choice;

use cloudnet_codegen::model::{Check, Limit, Rule, RuleKind, Shape, Type};
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
    let chosen = choice::names(shape, extent);
    let mut members = Map::new();
    for field in shape.fields.iter().filter(|field| chosen.contains(field.name.as_str())) {
        members.insert(field.name.clone(), value(&field.ty, &field.limits, extent));
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
        members.insert(first.name.clone(), value(&first.ty, &first.limits, extent));
    }
    nested
}

/// Changes values so that rules about values hold.
fn adjust(rule: &Rule, members: &mut Map<String, Json>, extent: Extent) {
    match &rule.kind {
        RuleKind::Ordered(names) => {
            let numbers = names.iter().filter_map(|name| members.get(name)?.as_i64());
            let Some(largest) = numbers.max() else { return };
            for name in names {
                if let Some(number) = members.get_mut(name) {
                    *number = json!(largest);
                }
            }
        }
        RuleKind::Values(when, field, check) => {
            let given = members.get(&when.field).map(scalar);
            let holds = given.is_some_and(|given| when.equals.is_empty() || when.equals.contains(&given));
            if let Some(value) = members.get_mut(field).filter(|_| holds) {
                let limit = Limit { check: check.clone(), today: false };
                let ty = if value.is_number() { Type::Integer } else { Type::Text };
                *value = self::value(&ty, &[limit], extent);
            }
        }
        _ => {}
    }
}

fn scalar(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// A value that the limits allow.
fn value(ty: &Type, limits: &[Limit], extent: Extent) -> Json {
    match ty {
        Type::Text | Type::Secret | Type::Enum(_) => json!(text(limits, extent)),
        Type::Integer => json!(integer(limits, extent)),
        Type::Double => json!(integer(limits, extent) as f64),
        Type::Boolean => json!(extent == Extent::Most),
        Type::Struct(inner) | Type::Json(inner) => filled(&inner.shape, extent),
        Type::List(entry) => {
            let bounds = limits.iter().find_map(|limit| match limit.check {
                Check::Items(min, max) => Some((min, max)),
                _ => None,
            });
            let (min, max) = bounds.unwrap_or((1, 2));
            let count = if extent == Extent::Least { min.max(1) } else { max.min(min.max(3)) };
            Json::Array((0..count).map(|_| value(entry, limits, extent)).collect())
        }
    }
}

fn integer(limits: &[Limit], extent: Extent) -> i64 {
    let listed = limits.iter().find_map(|limit| match &limit.check {
        Check::OneOf(values) => values.iter().filter_map(|value| value.parse().ok()).next(),
        _ => None,
    });
    if let Some(number) = listed {
        return number;
    }
    let range = limits.iter().find_map(|limit| match limit.check {
        Check::Range(min, max) => Some((min, max)),
        _ => None,
    });
    let (min, max) = range.unwrap_or((1, 7));
    let (mut number, step) = match extent {
        Extent::Least if min == i64::MIN => (max.min(1), 1),
        Extent::Least => (min, 1),
        Extent::Most if max == i64::MAX => (min.max(7), 1),
        Extent::Most => (max, -1),
    };
    let is_excluded = |number: i64| {
        limits.iter().any(|limit| matches!(&limit.check, Check::NoneOf(numbers) if numbers.contains(&number)))
    };
    while is_excluded(number) {
        number += step;
    }
    number
}

/// A text that all the limits allow.
fn text(limits: &[Limit], extent: Extent) -> String {
    let found = limits.iter().find_map(|limit| match &limit.check {
        Check::OneOf(values) => match extent {
            Extent::Least => values.first().cloned(),
            Extent::Most => values.last().cloned(),
        },
        Check::Cidr { within, prefix, .. } => Some(block(limits, within, *prefix)),
        Check::Range(..) => Some(integer(limits, extent).to_string()),
        _ => None,
    });
    let formatted = || {
        limits.iter().find_map(|limit| match limit.check {
            Check::Format(format) => of_format(format),
            _ => None,
        })
    };
    found.or_else(|| formatted().map(str::to_owned)).unwrap_or_else(|| word(limits, extent))
}

/// `None` if a word has the format.
fn of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "Ipv4" | "Ip" => "192.0.2.7",
        "Ipv6" => "2001:db8::7",
        "Ipv4Cidr" | "Cidr" => "192.168.0.0/24",
        "Ipv6Cidr" => "2001:db8::/56",
        "CommaListOfCidr" => "192.168.0.0/24,192.168.1.0/24",
        "DateTime" => "2024-03-05T06:00:00Z",
        "DateTimeMinutes" => "2024-03-05T06:00Z",
        "Json" => r#"{"Version":"1"}"#,
        _ => return None,
    })
}

fn block(limits: &[Limit], within: &[String], prefix: (u8, u8)) -> String {
    let is_ipv6 = limits.iter().any(|limit| limit.check == Check::Format("Ipv6Cidr"));
    let anywhere = if is_ipv6 { "2001:db8::/32" } else { "192.168.0.0/16" };
    let areas = within.iter().map(String::as_str).chain([anywhere]);
    let fitting = areas.filter_map(|area| {
        let (address, length) = area.split_once('/')?;
        let length = length.parse::<u8>().ok()?.max(prefix.0);
        (length <= prefix.1).then(|| format!("{address}/{length}"))
    });
    fitting.into_iter().next().unwrap_or_else(|| anywhere.to_owned())
}

/// Letters, as many as are allowed, with the ends that are asked for.
fn word(limits: &[Limit], extent: Extent) -> String {
    const LONGEST: u32 = 64;
    let length = limits.iter().find_map(|limit| match limit.check {
        Check::Length(min, max) => Some((min, max)),
        _ => None,
    });
    let (min, max) = length.unwrap_or((3, 12));
    let length = if extent == Extent::Least { min.max(1) } else { max.min(LONGEST.max(min)) };
    let mut word: Vec<char> = vec!['a'; length as usize];
    for limit in limits {
        let end = match limit.check {
            Check::StartsWith("Slash") => word.first_mut(),
            Check::EndsWith("Slash") => word.last_mut(),
            _ => None,
        };
        if let Some(end) = end {
            *end = '/';
        }
    }
    word.into_iter().collect()
}
