//! Values at and beyond the bounds of a limit, and which of them break it.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::limit::Limit;
use crate::row::{scalars, values};
use crate::sample::{self, Block, CHARACTERS};
use crate::spec::strings;

/// Texts at and beyond the bounds.
pub(crate) fn texts(limit: &Limit) -> Vec<String> {
    match limit.key {
        "length" => {
            let (min, max) = bounds(&limit.value);
            let shorter = min.checked_sub(1);
            let counts = [shorter, Some(min), max, max.map(|max| max + 1)].into_iter().flatten();
            counts.flat_map(|count| ["a", "é"].map(|c| c.repeat(count))).collect()
        }
        "range" => numbers(limit),
        "items" => counts(limit).into_iter().map(|count| vec!["a"; count].join(",")).collect(),
        "values" => listed(limit),
        "excluded" => {
            let numbers = scalars(&limit.value).into_iter().filter_map(|number| number.parse::<i64>().ok());
            numbers.flat_map(|number| [number - 1, number, number + 1].map(|one| one.to_string())).collect()
        }
        "format" => {
            let (good, bad) = sample::texts(limit.value.as_str().unwrap_or_default());
            good.iter().chain(bad).map(|text| (*text).to_owned()).collect()
        }
        "starts_with" => CHARACTERS.iter().flat_map(|c| [format!("{c}a"), format!("{c}!")]).collect(),
        "ends_with" => CHARACTERS.iter().flat_map(|c| [format!("a{c}"), format!("!{c}")]).collect(),
        "chars" => {
            CHARACTERS.iter().flat_map(|c| [format!("{c}a"), format!("a{c}a"), format!("a{c}")]).collect()
        }
        "not_starting_with" | "not_containing" => {
            let around = |part: String| {
                let shorter: String = part.chars().skip(1).collect();
                let others =
                    [format!("xy{}z", part.to_uppercase()), format!("xy{part}"), format!("{shorter}x")];
                [vec![format!("{part}x"), part.to_uppercase() + "x", swapped(&part)], others.to_vec()]
                    .concat()
            };
            scalars(&limit.value).into_iter().flat_map(around).collect()
        }
        "cidr" => blocks(&limit.value),
        "mask" => masks(&limit.value),
        other => panic!("nothing here tries the limit `{other}`"),
    }
}

/// Numbers at each end and beside it, and what is none.
fn numbers(limit: &Limit) -> Vec<String> {
    if limit.ty == "double" {
        let ends = [limit.value[0].as_f64(), limit.value[1].as_f64()].into_iter().flatten();
        return ends.flat_map(|end| [end - 0.5, end, end + 0.5].map(|number| number.to_string())).collect();
    }
    let ends = [limit.value[0].as_i64(), limit.value[1].as_i64()].into_iter().flatten();
    let numbers = ends.flat_map(|end| [end - 1, end, end + 1].map(|number| number.to_string()));
    let others = (limit.ty == "string").then(|| "much".to_owned());
    numbers.chain(others).collect()
}

/// Each value of a closed list, and what is none of them.
fn listed(limit: &Limit) -> Vec<String> {
    let known = values(&limit.value);
    let most = known.iter().filter_map(|value| value.parse::<i64>().ok()).max();
    let others = if limit.ty == "string" {
        let beside = known.iter().flat_map(|value| [swapped(value), format!("{value} ")]);
        beside.chain(["made-up".to_owned()]).collect()
    } else if limit.ty == "boolean" {
        ["true", "false"].map(str::to_owned).into_iter().filter(|other| !known.contains(other)).collect()
    } else {
        vec![(most.unwrap_or_default() + 1).to_string()]
    };
    [known, others].concat()
}

/// Masks of the bits at each end and beside it, in each spelling.
fn masks(limit: &Value) -> Vec<String> {
    let (min, max) = bounds(limit);
    let max = max.unwrap_or(32);
    let bits = [min.checked_sub(1), Some(min), Some(max), Some(max + 1)].into_iter().flatten();
    let dotted = |bits: usize| Ipv4Addr::from((!0_u32).checked_shl(32 - bits as u32).unwrap_or(0));
    let all = bits.filter(|bits| *bits <= 32);
    all.flat_map(|bits| [bits.to_string(), format!("/{bits}"), dotted(bits).to_string()]).collect()
}

/// How many entries to try.
pub(crate) fn counts(limit: &Limit) -> Vec<usize> {
    let (min, max) = bounds(&limit.value);
    let all = [min.checked_sub(1), Some(min), max, max.map(|max| max + 1)].into_iter().flatten();
    // A list without entries is no list, and a text without commas one entry.
    all.filter(|count| *count > 0).collect()
}

/// Blocks of both prefixes and beyond, at the corners of each area and beside them.
fn blocks(limit: &Value) -> Vec<String> {
    let entries = limit.as_object().expect("it is a mapping");
    let areas: Vec<Block> = ["within", "not_within"]
        .iter()
        .flat_map(|key| strings(entries, key))
        .filter_map(|area| Block::read(&area))
        .collect();
    let (min, max) = entries.get("prefix").map_or((0, Some(32)), bounds);
    let max = max.unwrap_or(32);
    let mut prefixes = vec![min.saturating_sub(1), min, max, max + 1];
    prefixes.extend(areas.iter().map(|area| area.prefix as usize));
    prefixes.retain(|prefix| *prefix <= 32);
    let mut corners: Vec<String> = areas.iter().flat_map(Block::corners).collect();
    corners.push("198.51.100.0".to_owned());
    let blocks =
        corners.iter().flat_map(|address| prefixes.iter().map(move |prefix| format!("{address}/{prefix}")));
    let alone: Vec<String> = blocks.chain(corners.iter().cloned()).collect();
    let second = alone
        .iter()
        .map(|block| format!("192.168.0.0/24,{block}"))
        .chain(alone.iter().map(|block| format!("192.168.0.0/24, {block}")));
    alone.iter().cloned().chain(second).collect()
}

/// The text in other cases.
fn swapped(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
    text.chars().map(swap).collect()
}

fn bounds(pair: &Value) -> (usize, Option<usize>) {
    let end = |at: usize| pair[at].as_u64().and_then(|end| usize::try_from(end).ok());
    (end(0).unwrap_or_default(), end(1))
}

fn is_inside(number: f64, pair: &Value) -> bool {
    pair[0].as_f64().is_none_or(|min| min <= number) && pair[1].as_f64().is_none_or(|max| number <= max)
}

/// Whether so many entries break a limit of their number.
pub(crate) fn is_miscounted(limit: &Limit, count: usize) -> bool {
    let (min, max) = bounds(&limit.value);
    count < min || max.is_some_and(|max| count > max)
}

/// Whether a text breaks a limit.
pub(crate) fn breaks(limit: &Limit, text: &str) -> bool {
    let word = limit.value.as_str().unwrap_or_default();
    let lower = text.to_ascii_lowercase();
    let parts = || scalars(&limit.value).into_iter().map(|part| part.to_ascii_lowercase());
    match limit.key {
        "length" => is_miscounted(limit, text.chars().count()),
        "items" => is_miscounted(limit, text.matches(',').count() + 1),
        "range" if limit.ty == "double" => !text.parse().is_ok_and(|number| is_inside(number, &limit.value)),
        "range" => !text.parse::<i64>().is_ok_and(|number| is_inside(number as f64, &limit.value)),
        "values" => !values(&limit.value).iter().any(|value| value == text),
        "excluded" => scalars(&limit.value).iter().any(|number| number == text),
        "format" => !sample::accepts(word, text),
        "starts_with" => !text.chars().next().is_some_and(|c| sample::has(word, c)),
        "ends_with" => !text.chars().last().is_some_and(|c| sample::has(word, c)),
        "chars" => text.chars().any(|c| !sample::has(word, c)),
        "not_starting_with" => parts().any(|part| lower.starts_with(&part)),
        "not_containing" => parts().any(|part| lower.contains(&part)),
        "cidr" => text.split(',').any(|block| is_misplaced(&limit.value, block.trim())),
        "mask" => sample::mask_bits(text).is_some_and(|bits| is_miscounted(limit, bits as usize)),
        other => panic!("nothing here tries the limit `{other}`"),
    }
}

fn is_misplaced(limit: &Value, text: &str) -> bool {
    let Some(block) = Block::read(text) else { return false };
    let entries = limit.as_object().expect("it is a mapping");
    let lies_in = |area: &String| Block::read(area).is_some_and(|area| block.lies_in(&area));
    let within = strings(entries, "within");
    let prefix = entries.get("prefix").filter(|_| text.contains('/'));
    prefix.is_some_and(|prefix| !is_inside(f64::from(block.prefix), prefix))
        || !within.is_empty() && !within.iter().any(lies_in)
        || strings(entries, "not_within").iter().any(lies_in)
}

/// Whether a finding is about a limit of this kind.
pub(crate) fn is_about(limit: &Limit, rule: &str) -> bool {
    let begins = |words: &[&str]| words.iter().any(|words| rule.starts_with(words));
    let ends = |words: &[&str]| rule.starts_with("takes ") && words.iter().any(|words| rule.ends_with(words));
    match limit.key {
        "length" => ends(&[" characters"]),
        "items" => ends(&[" entries", " values between commas"]),
        "range" => begins(&["must be a whole number ", "must be a number ", "is beyond ", "is below "]),
        "values" => begins(&["must be one of "]),
        "excluded" => rule == "is a reserved value",
        "format" => {
            let others = [
                "must be a whole ",
                "must be a number ",
                "must be a mask ",
                "must be at ",
                "must be one of ",
            ];
            begins(&["must be "]) && !begins(&others)
        }
        "starts_with" => begins(&["must start with "]),
        "ends_with" => begins(&["must end with "]),
        "chars" => begins(&["may only contain "]),
        "not_starting_with" => begins(&["must not start with "]),
        "not_containing" => begins(&["must not contain "]),
        "cidr" => begins(&["must have a prefix of ", "must lie within ", "must not lie within "]),
        "mask" => begins(&["must be a mask of "]),
        other => panic!("nothing here tries the limit `{other}`"),
    }
}

/// What a limit that is a word of the dialect asks for.
pub(crate) fn asked(limit: &Limit) -> Option<String> {
    let verb = match limit.key {
        "format" => "must be",
        "starts_with" => "must start with",
        "ends_with" => "must end with",
        "chars" => "may only contain",
        _ => return None,
    };
    Some(format!("{verb} {}", sample::said(limit.value.as_str().unwrap_or_default())))
}

/// A text as the JSON of a row's type. `None` if it is none.
pub(crate) fn typed(ty: &str, text: &str) -> Option<Value> {
    match ty {
        "integer" | "long" => text.parse::<i64>().ok().map(|number| json!(number)),
        "double" | "timestamp" => text.parse::<f64>().ok().map(|number| json!(number)),
        "boolean" => text.parse::<bool>().ok().map(|value| json!(value)),
        _ => Some(json!(text)),
    }
}
