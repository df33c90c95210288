//! Which limits hold: today's where the service states one, the document's otherwise.

use std::collections::HashMap;

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
        check_lists(row, limits, diagnostics);
        check_cidr(row, limits, diagnostics);
    }
    check_defaults(row, diagnostics);
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
    let is_whole = matches!(row.ty.value, TypeName::Integer | TypeName::Long);
    let excluded = limits.excluded.as_ref().map(|limit| limit.location).filter(|_| !is_whole);
    let misplaced = text_only.into_iter().filter(|_| !is_text).chain([
        ("range", range),
        ("values", values),
        ("excluded", excluded),
    ]);
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

fn check_lists(row: &RowSpec, limits: &LimitsSpec, diagnostics: &Diagnostics) {
    let Some(values) = &limits.values else { return };
    let mut seen: HashMap<&str, Location> = HashMap::new();
    for entry in &values.value {
        let (value, location) = (&entry.value.value, entry.value.location);
        if let Some(first) = seen.insert(value, location) {
            diagnostics.error_with(
                "repeated-value",
                location,
                format!("the value `{value}` is listed twice"),
                "Remove one of them.",
                Some((first, "the first one".to_owned())),
            );
        }
        if !row.ty.admits(value) {
            let message = format!("the value `{value}` is not of the row's type");
            let help = "Correct the value or the `type`.";
            diagnostics.error("value-of-another-type", location, message, help);
        }
    }
}

/// Blocks and prefixes are looked for only in what is a CIDR block.
fn check_cidr(row: &RowSpec, limits: &LimitsSpec, diagnostics: &Diagnostics) {
    let Some(cidr) = &limits.cidr else { return };
    let today = row.today.iter().map(|today| &today.limits);
    let mut formats = std::iter::once(&row.limits).chain(today).filter_map(|limits| limits.format.as_ref());
    if !formats.any(|format| format.value.ends_with("cidr")) {
        let message = "`cidr` limits a row that is no CIDR block";
        diagnostics.error("misplaced-key", cidr.location, message, "Add `format: cidr`, or remove it.");
    }
}

/// A documented default must satisfy the documented limits, and one of today those of today.
fn check_defaults(row: &RowSpec, diagnostics: &Diagnostics) {
    let refused = |default: &Spanned<String>, help: &str| {
        let message =
            format!("the default `{}` does not satisfy the row's own type and limits", default.value);
        diagnostics.error("default-outside-limits", default.location, message, help);
    };
    let limits = &row.limits;
    let documented = DefaultLimits { range: &limits.range, length: &limits.length, values: &limits.values };
    if let Some(default) = row.default.as_ref().filter(|default| !documented.admit(row.ty.value, default)) {
        refused(default, "Correct the default or the limits; a default of today belongs under `today`.");
    }
    let Some(today) = &row.today else { return };
    let now = DefaultLimits {
        range: current("range", &limits.range, &today.limits.range, today),
        length: current("length", &limits.length, &today.limits.length, today),
        values: current("values", &limits.values, &today.limits.values, today),
    };
    let default = today.default.as_ref().and_then(Option::as_ref);
    if let Some(default) = default.filter(|default| !now.admit(row.ty.value, default)) {
        refused(default, "Correct the default or the limits under `today`.");
    }
}

/// Today's limit where there is one, else the documented one unless it was lifted.
fn current<'a, T>(
    key: &str,
    documented: &'a Option<T>,
    now: &'a Option<T>,
    today: &TodaySpec,
) -> &'a Option<T> {
    if now.is_some() || today.lifted.contains(&key) { now } else { documented }
}

/// The limits that a default can be outside of.
struct DefaultLimits<'a> {
    range: &'a Option<Spanned<Bounds>>,
    length: &'a Option<Spanned<Bounds>>,
    values: &'a Option<Spanned<Vec<ValueSpec>>>,
}

impl DefaultLimits<'_> {
    fn admit(&self, ty: TypeName, default: &str) -> bool {
        let is_container = matches!(ty, TypeName::List | TypeName::Object | TypeName::Json);
        let number = default.trim().parse::<i64>().ok();
        let characters = i64::try_from(default.chars().count()).unwrap_or(i64::MAX);
        let within = |bounds: &Option<Spanned<Bounds>>, number: i64| {
            bounds.as_ref().is_none_or(|bounds| {
                bounds.0.is_none_or(|min| number >= min) && bounds.1.is_none_or(|max| number <= max)
            })
        };
        let is_listed =
            |values: &Spanned<Vec<ValueSpec>>| values.iter().any(|known| known.value.value == default);
        !is_container
            && ty.admits(default)
            && number.is_none_or(|number| within(self.range, number))
            && within(self.length, characters)
            && self.values.as_ref().is_none_or(is_listed)
    }
}
