//! Many values of one field, each another one.

use cloudnet_codegen::limit::{CidrSpec, Content, FORMAT, ITEMS, RANGE, VALUES};
use cloudnet_codegen::model::{Field, Limit, Type};
use ipnet::IpNet;
use serde_json::{Map, Value as Json, json};

use super::{bounds, content, held, is_block};

/// Letters of a word whose length is free.
const LETTERS: i64 = 8;

/// The value of a number that a field may have: as many different ones as it can have, then from the first on.
#[must_use]
pub fn nth(field: &Field, number: u32) -> Json {
    value(&field.ty, &held(&field.limits), number)
}

/// Whether a field may have more values than one can count.
#[must_use]
pub fn is_free(field: &Field) -> bool {
    !matches!(field.ty, Type::Boolean) && content(&held(&field.limits), VALUES).is_none()
}

fn value(ty: &Type, limits: &[Limit], number: u32) -> Json {
    match ty {
        Type::Text | Type::Secret | Type::Enum(_) => json!(text(limits, number)),
        Type::Integer => json!(integer(limits, number)),
        Type::Double => json!(f64::from(number) + 0.5),
        Type::Boolean => json!(number % 2 == 1),
        Type::Timestamp => json!(1_700_000_000 + i64::from(number)),
        Type::Struct(inner) | Type::Json(inner) => {
            let fields = inner.shape.fields.iter().filter(|field| field.required);
            let members: Map<String, Json> =
                fields.map(|field| (field.name.clone(), nth(field, number))).collect();
            let first = || inner.shape.fields.first().map(|field| (field.name.clone(), nth(field, number)));
            Json::Object(if members.is_empty() { first().into_iter().collect() } else { members })
        }
        Type::List(entry) => {
            let (least, _) = bounds(limits, ITEMS, (1, 1)).unwrap_or((1, 1));
            let least = u32::try_from(least.max(1)).unwrap_or(1);
            Json::Array((0..least).map(|index| value(entry, limits, number * least + index)).collect())
        }
    }
}

fn integer(limits: &[Limit], number: u32) -> i64 {
    if let Some(Content::Values(values)) = content(limits, VALUES) {
        let numbers: Vec<i64> = values.iter().filter_map(|value| value.value.parse().ok()).collect();
        return chosen(&numbers, number).copied().unwrap_or_default();
    }
    let (min, max) = bounds(limits, RANGE, (i64::MIN, i64::MAX)).unwrap_or((1, i64::MAX));
    let min = if min == i64::MIN { max.min(1) } else { min };
    let excluded = match content(limits, "excluded") {
        Some(Content::Numbers(numbers)) => numbers.as_slice(),
        _ => &[],
    };
    let span = max.saturating_sub(min).saturating_add(1).max(1);
    let nth = (0..).map(|step| min + (i64::from(number) + step) % span);
    nth.take(9).find(|number| !excluded.contains(number)).unwrap_or(min)
}

fn text(limits: &[Limit], number: u32) -> String {
    if let Some(Content::Values(values)) = content(limits, VALUES) {
        return chosen(values, number).map(|value| value.value.value.clone()).unwrap_or_default();
    }
    if let Some(Content::Cidr(cidr)) = content(limits, "cidr").filter(|_| is_block(limits)) {
        return block(limits, cidr, number);
    }
    if content(limits, RANGE).is_some() {
        return integer(limits, number).to_string();
    }
    let formatted = match content(limits, FORMAT) {
        Some(Content::Word(format)) => of_format(format, number),
        _ => None,
    };
    formatted.unwrap_or_else(|| word(limits, number))
}

fn chosen<T>(all: &[T], number: u32) -> Option<&T> {
    all.get(usize::try_from(number).unwrap_or(0) % all.len().max(1))
}

fn of_format(format: &str, number: u32) -> Option<String> {
    let (high, low) = (number / 200 % 200, number % 200 + 1);
    Some(match format {
        "ipv4" | "ip" => format!("10.{}.{high}.{low}", number / 40_000 % 200),
        "ipv6" => format!("2001:db8::{number:x}"),
        "ipv4-cidr" | "cidr" | "comma-list-of-cidr" => format!("10.{high}.{low}.0/24"),
        "ipv6-cidr" => format!("2001:db8:{high:x}:{low:x}00::/56"),
        "comma-list-of-ip" | "comma-list-of-ipv4" => format!("10.200.{high}.{low}"),
        "netmask" => "255.255.255.252".to_owned(),
        "port-range-or-any" => {
            let port = number % 60_000 + 1;
            format!("{port}/{port}")
        }
        "date-time" => format!("20{:02}-03-{:02}T06:00:00Z", 30 + number / 28 % 60, number % 28 + 1),
        "date-time-minutes" => format!("20{:02}-03-{:02}T06:00Z", 30 + number / 28 % 60, number % 28 + 1),
        "json" => format!(r#"{{"Version":"{number}"}}"#),
        _ => return None,
    })
}

fn block(limits: &[Limit], cidr: &CidrSpec, number: u32) -> String {
    let (shortest, longest) = cidr.prefix.unwrap_or_default();
    let is_ipv6 = matches!(content(limits, FORMAT), Some(Content::Word("ipv6-cidr")));
    let anywhere = if is_ipv6 { "2001:db8::/32" } else { "10.0.0.0/8" };
    let areas: Vec<IpNet> = cidr.within.iter().filter_map(|area| area.parse().ok()).collect();
    let area = areas.first().copied().or_else(|| anywhere.parse().ok());
    let banned: Vec<IpNet> = cidr.not_within.iter().filter_map(|area| area.parse().ok()).collect();
    let found = area.and_then(|area| {
        let wanted = if is_ipv6 { 56 } else { 24 };
        let length = longest.unwrap_or(wanted).min(wanted).max(shortest.unwrap_or(0));
        let length = u8::try_from(length).ok()?.max(area.prefix_len());
        let subnets = area.subnets(length).ok()?;
        let free = subnets.filter(|block| !banned.iter().any(|area| area.contains(block)));
        let free: Vec<IpNet> = free.take(256).collect();
        chosen(&free, number).map(ToString::to_string)
    });
    found.unwrap_or_else(|| anywhere.to_owned())
}

/// Letters that spell the number, as many as are allowed.
fn word(limits: &[Limit], number: u32) -> String {
    let (min, max) = bounds(limits, "length", (0, u32::MAX.into())).unwrap_or((1, u32::MAX.into()));
    let length = usize::try_from(LETTERS.clamp(min.max(1), max.max(1))).unwrap_or(1);
    let mut word = vec![b'a'; length];
    let mut rest = number;
    for letter in word.iter_mut().rev() {
        *letter = b'a' + u8::try_from(rest % 26).unwrap_or(0);
        rest /= 26;
    }
    let is_slash = |key| matches!(content(limits, key), Some(Content::Word("slash")));
    for (key, at) in [("starts_with", 0), ("ends_with", length - 1)] {
        if let Some(end) = word.get_mut(at).filter(|_| is_slash(key)) {
            *end = b'/';
        }
    }
    String::from_utf8(word).unwrap_or_default()
}
