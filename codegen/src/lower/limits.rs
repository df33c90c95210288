//! Which limits hold: today's where the service states one, the document's otherwise.

use crate::diagnostic::{Diagnostics, Location};
use crate::model::{Check, Limit};
use crate::read::Spanned;
use crate::spec::{Bounds, CidrSpec, LimitsSpec, RowSpec, TodaySpec, TypeName, ValueSpec};

/// The limits to enforce. Of a container only the number of entries is limited.
pub(super) fn effective(row: &RowSpec, is_list: bool, is_container: bool) -> Vec<Limit> {
    if is_container {
        return items(row).into_iter().collect();
    }
    let is_comma_list =
        row.limits.format.as_ref().is_some_and(|format| format.value.starts_with("comma-list"));
    let counts = is_list || is_comma_list || comma_list_today(row);
    let mut limits: Vec<Limit> = items(row).filter(|_| counts).into_iter().collect();
    let nothing = TodaySpec::default();
    let today = row.today.as_ref().unwrap_or(&nothing);
    let (old, new) = (&row.limits, &today.limits);
    let mut add = |key: &'static str, documented: Option<Check>, now: Option<Check>| {
        limits.extend(chosen(key, documented, now, today));
    };
    add("values", one_of(&old.values), one_of(&new.values));
    add("length", length(&old.length), length(&new.length));
    add("range", range(&old.range), range(&new.range));
    add("excluded", none_of(&old.excluded), none_of(&new.excluded));
    // Today's comma list replaces a documented syntax, though it is none itself.
    let replaced = new.format.is_some() && format_of(new).is_none();
    add("format", format_of(old).filter(|_| !replaced), format_of(new));
    add("cidr", cidr(&old.cidr), cidr(&new.cidr));
    add("starts_with", set(&old.starts_with, Check::StartsWith), set(&new.starts_with, Check::StartsWith));
    add("ends_with", set(&old.ends_with, Check::EndsWith), set(&new.ends_with, Check::EndsWith));
    add("chars", set(&old.chars, Check::Only), set(&new.chars, Check::Only));
    let forbidden = |texts: &Option<Spanned<Vec<String>>>| texts.as_ref().map(|texts| texts.value.clone());
    add(
        "not_starting_with",
        forbidden(&old.not_starting_with).map(Check::NotStartingWith),
        forbidden(&new.not_starting_with).map(Check::NotStartingWith),
    );
    add(
        "not_containing",
        forbidden(&old.not_containing).map(Check::NotContaining),
        forbidden(&new.not_containing).map(Check::NotContaining),
    );
    limits
}

/// How many entries the innermost list of a row may have.
pub(super) fn items(row: &RowSpec) -> Option<Limit> {
    let nothing = TodaySpec::default();
    let today = row.today.as_ref().unwrap_or(&nothing);
    let check = |bounds: &Option<Spanned<Bounds>>| {
        bounds.as_ref().map(|bounds| Check::Items(count(bounds.value.0, 0), count(bounds.value.1, u32::MAX)))
    };
    chosen("items", check(&row.limits.items), check(&today.limits.items), today)
}

fn chosen(
    key: &'static str,
    documented: Option<Check>,
    now: Option<Check>,
    today: &TodaySpec,
) -> Option<Limit> {
    match now {
        Some(check) => Some(Limit { today: documented.as_ref() != Some(&check), check }),
        None if today.lifted.contains(&key) => None,
        None => documented.map(|check| Limit { check, today: false }),
    }
}

fn comma_list_today(row: &RowSpec) -> bool {
    let today = row.today.as_ref().and_then(|today| today.limits.format.as_ref());
    today.is_some_and(|format| format.value.starts_with("comma-list"))
}

fn one_of(values: &Option<Spanned<Vec<ValueSpec>>>) -> Option<Check> {
    let values = values.as_ref()?;
    Some(Check::OneOf(values.iter().map(|value| value.value.value.clone()).collect()))
}

fn none_of(values: &Option<Spanned<Vec<i64>>>) -> Option<Check> {
    Some(Check::NoneOf(values.as_ref()?.value.clone()))
}

fn length(bounds: &Option<Spanned<Bounds>>) -> Option<Check> {
    let (min, max) = bounds.as_ref()?.value;
    Some(Check::Length(count(min, 0), count(max, u32::MAX)))
}

fn range(bounds: &Option<Spanned<Bounds>>) -> Option<Check> {
    bounds.as_ref().map(|bounds| range_check(bounds.value))
}

pub(super) fn range_check((min, max): Bounds) -> Check {
    Check::Range(min.unwrap_or(i64::MIN), max.unwrap_or(i64::MAX))
}

/// A comma list is no syntax of its own.
fn format_of(limits: &LimitsSpec) -> Option<Check> {
    let format = limits.format.as_ref()?.value;
    Some(Check::Format(match format {
        "ipv4" => "Ipv4",
        "ipv6" => "Ipv6",
        "ip" => "Ip",
        "ipv4-cidr" => "Ipv4Cidr",
        "ipv6-cidr" => "Ipv6Cidr",
        "cidr" => "Cidr",
        "date-time" => "DateTime",
        "date-time-minutes" => "DateTimeMinutes",
        "ascii" => "Ascii",
        "comma-list-of-cidr" => "CommaListOfCidr",
        "json" => "Json",
        _ => return None,
    }))
}

fn set(word: &Option<Spanned<&'static str>>, check: fn(&'static str) -> Check) -> Option<Check> {
    Some(check(match word.as_ref()?.value {
        "letter" => "Letter",
        "letter-or-chinese" => "LetterOrChinese",
        "letter-or-digit" => "LetterOrDigit",
        "lowercase-letter-or-digit" => "LowercaseLetterOrDigit",
        "slash" => "Slash",
        "resource-name" => "ResourceName",
        "letters-digits-underscore-hyphen" => "LettersDigitsUnderscoreHyphen",
        "lowercase-digits-hyphen" => "LowercaseDigitsHyphen",
        "lowercase-digits-underscore-hyphen" => "LowercaseDigitsUnderscoreHyphen",
        "printable-ascii-no-space" => "PrintableAsciiNoSpace",
        _ => return None,
    }))
}

fn cidr(cidr: &Option<Spanned<CidrSpec>>) -> Option<Check> {
    let cidr = &cidr.as_ref()?.value;
    let (min, max) = cidr.prefix.unwrap_or((None, None));
    let prefix = (bits(min, 0), bits(max, 128));
    Some(Check::Cidr { within: cidr.within.clone(), not_within: cidr.not_within.clone(), prefix })
}

fn count(bound: Option<i64>, open: u32) -> u32 {
    bound.and_then(|bound| u32::try_from(bound).ok()).unwrap_or(open)
}

fn bits(bound: Option<i64>, open: u8) -> u8 {
    bound.and_then(|bound| u8::try_from(bound).ok()).unwrap_or(open)
}

/// Limits that contradict themselves, their row's type or its default.
pub(super) fn check(row: &RowSpec, diagnostics: &Diagnostics) {
    let today = row.today.iter().map(|today| &today.limits);
    for limits in std::iter::once(&row.limits).chain(today) {
        check_counts(limits, diagnostics);
        check_types(row, limits, diagnostics);
        check_lists(limits, diagnostics);
    }
    check_default(row, diagnostics);
}

/// Counts are never negative.
fn check_counts(limits: &LimitsSpec, diagnostics: &Diagnostics) {
    for bounds in [&limits.length, &limits.items].into_iter().flatten() {
        let ends = [bounds.value.0, bounds.value.1].into_iter().flatten();
        if ends.into_iter().any(|end| u32::try_from(end).is_err()) {
            let message = "a number of characters or entries is not negative and below 2^32";
            diagnostics.error("bad-range", bounds.location, message.to_owned(), "Correct the bound.");
        }
    }
}

/// Limits on rows of a type that cannot have them.
fn check_types(row: &RowSpec, limits: &LimitsSpec, diagnostics: &Diagnostics) {
    let is_text = matches!(row.ty.value, TypeName::String | TypeName::Json);
    let is_number = matches!(row.ty.value, TypeName::Integer | TypeName::Long | TypeName::Double);
    let text_only: [(&str, Option<Location>); 8] = [
        ("length", limits.length.as_ref().map(|limit| limit.location)),
        ("format", limits.format.as_ref().map(|limit| limit.location)),
        ("cidr", limits.cidr.as_ref().map(|limit| limit.location)),
        ("starts_with", limits.starts_with.as_ref().map(|limit| limit.location)),
        ("ends_with", limits.ends_with.as_ref().map(|limit| limit.location)),
        ("chars", limits.chars.as_ref().map(|limit| limit.location)),
        ("not_starting_with", limits.not_starting_with.as_ref().map(|limit| limit.location)),
        ("not_containing", limits.not_containing.as_ref().map(|limit| limit.location)),
    ];
    let range = limits.range.as_ref().map(|limit| limit.location).filter(|_| !is_number && !is_text);
    let values = limits.values.as_ref().map(|limit| limit.location).filter(|_| !is_number && !is_text);
    let misplaced = text_only.into_iter().filter(|_| !is_text).chain([("range", range), ("values", values)]);
    for (key, location) in misplaced {
        if let Some(location) = location {
            diagnostics.error(
                "limit-of-another-type",
                location,
                format!("`{key}` cannot limit a row of this type"),
                "Remove it, or correct the `type`.",
            );
        }
    }
}

fn check_lists(limits: &LimitsSpec, diagnostics: &Diagnostics) {
    let Some(values) = &limits.values else { return };
    for (index, entry) in values.iter().enumerate() {
        if let Some(first) = values[..index].iter().find(|other| other.value.value == entry.value.value) {
            diagnostics.error_with(
                "repeated-value",
                entry.value.location,
                format!("the value `{}` is listed twice", entry.value.value),
                "Remove one of them.",
                Some((first.value.location, "the first one".to_owned())),
            );
        }
    }
}

/// A documented default must satisfy the documented limits.
fn check_default(row: &RowSpec, diagnostics: &Diagnostics) {
    let Some(default) = &row.default else { return };
    let number = default.value.trim().parse::<i64>().ok();
    let is_whole = matches!(row.ty.value, TypeName::Integer | TypeName::Long);
    let fits_type = match row.ty.value {
        TypeName::Integer | TypeName::Long => number.is_some(),
        TypeName::Boolean => matches!(default.value.as_str(), "true" | "false"),
        TypeName::List | TypeName::Object | TypeName::Json => false,
        _ => true,
    };
    let within = |bounds: &Bounds, number: i64| {
        bounds.0.is_none_or(|min| number >= min) && bounds.1.is_none_or(|max| number <= max)
    };
    let limits = &row.limits;
    let in_range = match (&limits.range, number) {
        (Some(range), Some(number)) => within(&range.value, number),
        (Some(_), None) => !is_whole,
        (None, _) => true,
    };
    let characters = i64::try_from(default.value.chars().count()).unwrap_or(i64::MAX);
    let in_length = limits.length.as_ref().is_none_or(|length| within(&length.value, characters));
    let listed = limits
        .values
        .as_ref()
        .is_none_or(|values| values.iter().any(|value| value.value.value == default.value));
    if !fits_type || !in_range || !in_length || !listed {
        diagnostics.error(
            "default-outside-limits",
            default.location,
            format!("the default `{}` does not satisfy the row's own type and limits", default.value),
            "Correct the default or the limits; a default of today belongs under `today`.",
        );
    }
}
