//! Which limits hold, by "Which limits hold" of `spec/README.md`.

use serde_json::{Value, json};

use crate::row::{scalars, values};
use crate::sample;
use crate::spec::{Entries, camel, known_keys, map, scalar, str, strings};

/// A limit that holds, or that is said.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    /// Who says it, and how firmly, as the table prints it.
    pub(crate) strength: &'static str,
    pub(crate) key: &'static str,
    pub(crate) value: Value,
    /// Type of the row.
    pub(crate) ty: String,
}

impl Limit {
    /// As the table prints it.
    pub(crate) fn text(&self) -> String {
        format!("{}({})", self.strength, check(self.key, &self.value, &self.ty))
    }

    pub(crate) fn is_advice(&self) -> bool {
        !matches!(self.strength, "Documented" | "Today")
    }

    pub(crate) fn is_today(&self) -> bool {
        matches!(self.strength, "Today" | "AdvisedToday")
    }
}

/// What holds and what is said of one kind of a row's limits.
pub(crate) fn of(row: &Entries, key: &'static str) -> Vec<Limit> {
    let ty = str(row, "type").unwrap_or_default();
    let limit = |strength, value: &Value| Limit { strength, key, value: value.clone(), ty: ty.to_owned() };
    let today = map(row, "today");
    let mut said = match (row.get(key), today.and_then(|today| today.get(key))) {
        (_, Some(lifted)) if lifted == "any" => Vec::new(),
        (None, None) => Vec::new(),
        (Some(documented), None) => vec![limit("Documented", documented)],
        (None, Some(today)) => vec![limit("Today", today)],
        (Some(documented), Some(today)) => both(key, documented, today, ty, &limit),
    };
    let advice = |entries: &Entries| map(entries, "advice").and_then(|advice| advice.get(key)).cloned();
    said.extend(advice(row).map(|value| limit("Advised", &value)));
    said.extend(today.and_then(advice).map(|value| limit("AdvisedToday", &value)));
    said
}

/// The wider of two, and what only the narrower speaks against.
fn both(
    key: &str,
    documented: &Value,
    today: &Value,
    ty: &str,
    limit: &dyn Fn(&'static str, &Value) -> Limit,
) -> Vec<Limit> {
    let wider = wider(key, documented, today);
    let differs = |value: &&Value| wider.as_ref().is_none_or(|wider| !is_same(key, wider, value, ty));
    let is_documents = !differs(&documented);
    let holds = wider.iter().map(|wider| limit(if is_documents { "Documented" } else { "Today" }, wider));
    let outdated = Some(documented).filter(differs).map(|value| limit("Outdated", value));
    let advised = Some(today).filter(differs).map(|value| limit("AdvisedToday", value));
    holds.chain(outdated).chain(advised).collect()
}

/// Whether two limits say the same: lists in whatever order, sets of characters by whatever name.
fn is_same(key: &str, one: &Value, other: &Value, ty: &str) -> bool {
    let sorted = |value: &Value| {
        let mut values = values(value);
        values.sort();
        values
    };
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => sample::admits(key, one, other) && sample::admits(key, other, one),
        _ if key == "values" => sorted(one) == sorted(other),
        _ => check(key, one, ty) == check(key, other, ty),
    }
}

/// What both refuse. `None` if that is nothing.
fn wider(key: &str, documented: &Value, today: &Value) -> Option<Value> {
    match key {
        "length" | "range" | "items" | "mask" => Some(around(documented, today)),
        "values" => {
            let mut all = documented.as_array()?.clone();
            let known = values(documented);
            let further = today.as_array()?.iter();
            all.extend(further.filter(|one| !known.contains(&values(&json!([one]))[0])).cloned());
            Some(Value::Array(all))
        }
        "excluded" | "not_starting_with" | "not_containing" => {
            let both = forbidden(key, &scalars(documented), &scalars(today));
            (!both.is_empty()).then(|| json!(both))
        }
        "cidr" => Some(block_limits(documented.as_object()?, today.as_object()?)),
        _ => {
            let admits = |one: &Value, other: &Value| {
                let (one, other) = (one.as_str().unwrap_or_default(), other.as_str().unwrap_or_default());
                sample::admits(key, one, other)
            };
            let wider = [(documented, today), (today, documented)];
            wider.into_iter().find(|(one, other)| admits(one, other)).map(|(one, _)| one.clone())
        }
    }
}

/// The bounds around both; an end that one leaves open is open.
fn around(one: &Value, other: &Value) -> Value {
    let end = |at: usize, first: bool| {
        let (one, other) = (one[at].as_f64()?, other[at].as_f64()?);
        Some((one < other) == first)
    };
    let pick = |at, first| match end(at, first) {
        Some(true) => one[at].clone(),
        Some(false) => other[at].clone(),
        None => Value::Null,
    };
    json!([pick(0, true), pick(1, false)])
}

/// What both lists forbid: of a beginning or a part, the longer says so.
fn forbidden(key: &str, one: &[String], other: &[String]) -> Vec<String> {
    let covers = |short: &str, long: &str| match key {
        "not_starting_with" => long.starts_with(short),
        "not_containing" => long.contains(short),
        _ => long == short,
    };
    let narrowed = |one: &'_ String| -> Vec<String> {
        let covered = other.iter().filter(|other| covers(other, one)).map(|_| one.clone());
        let covering = other.iter().filter(|other| covers(one, other)).cloned();
        covered.chain(covering).collect()
    };
    let mut both: Vec<String> = Vec::new();
    for text in one.iter().flat_map(narrowed) {
        if !both.contains(&text) {
            both.push(text);
        }
    }
    both
}

/// The parts one by one: what today leaves out no longer holds.
fn block_limits(documented: &Entries, today: &Entries) -> Value {
    let mut wider = Entries::new();
    for (part, now) in today {
        let merged = match (part.as_str(), documented.get(part)) {
            (_, None) => now.clone(),
            ("prefix", Some(before)) => around(before, now),
            ("within", Some(before)) => {
                let mut all = scalars(before);
                all.extend(scalars(now).into_iter().filter(|one| !scalars(before).contains(one)));
                json!(all)
            }
            (_, Some(before)) => {
                json!(
                    scalars(before).into_iter().filter(|one| scalars(now).contains(one)).collect::<Vec<_>>()
                )
            }
        };
        wider.insert(part.clone(), merged);
    }
    Value::Object(wider)
}

/// A limit as the table prints it.
pub(crate) fn check(key: &str, value: &Value, ty: &str) -> String {
    let word = || camel(value.as_str().unwrap_or_default());
    let count = u32::MAX.to_string();
    match key {
        "length" => format!("Length({})", pair(value, "0", &count)),
        "items" => format!("Items({})", pair(value, "0", &count)),
        "range" if ty == "double" => format!("Decimals({})", decimals(value)),
        "range" => format!("Range({})", pair(value, &i64::MIN.to_string(), &i64::MAX.to_string())),
        "values" => format!("OneOf({:?})", values(value)),
        "mask" => format!("MaskBits({})", pair(value, "0", "32")),
        "excluded" => format!("NoneOf([{}])", scalars(value).join(", ")),
        "format" => format!("Format({})", word()),
        "starts_with" => format!("StartsWith({})", word()),
        "ends_with" => format!("EndsWith({})", word()),
        "chars" => format!("Only({})", word()),
        "not_starting_with" => format!("NotStartingWith({:?})", scalars(value)),
        "not_containing" => format!("NotContaining({:?})", scalars(value)),
        "cidr" => {
            let cidr = value.as_object().expect("it is a mapping");
            known_keys(cidr, &["within", "not_within", "prefix"], "cidr");
            let prefix =
                cidr.get("prefix").map_or_else(|| "0, 128".to_owned(), |prefix| pair(prefix, "0", "128"));
            let (within, not_within) = (strings(cidr, "within"), strings(cidr, "not_within"));
            format!("Cidr {{ within: {within:?}, not_within: {not_within:?}, prefix: ({prefix}) }}")
        }
        other => panic!("nothing here reads the limit `{other}`"),
    }
}

fn pair(value: &Value, least: &str, most: &str) -> String {
    let end = |at: usize, open: &str| match &value[at] {
        Value::Null => open.to_owned(),
        end => scalar(end),
    };
    format!("{}, {}", end(0, least), end(1, most))
}

fn decimals(value: &Value) -> String {
    let end = |at: usize, open: f64| value[at].as_f64().unwrap_or(open);
    format!("{:?}, {:?}", end(0, f64::NEG_INFINITY), end(1, f64::INFINITY))
}
