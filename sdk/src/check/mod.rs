//! Checks a request against its table, finding every violation at once.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::record::{Record, Value};
use crate::schema::{Action, Chars, Check, Field, Kind, Limit, Rule, RuleKind, Shape, Syntax, When};
use crate::table::path;
use crate::wire::timestamp;

/// A value that the documents, or the service today, do not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Where: the wire name with its indexes from 1, such as `Tag.2.Key`.
    pub path: String,
    /// What is asked for.
    pub rule: String,
    /// What was given, shortened; `None` if nothing was given or it is a secret.
    pub value: Option<String>,
    /// Section of the document.
    pub section: &'static str,
    /// Whether the limit is today's rather than the document's.
    pub today: bool,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.rule)?;
        if let Some(value) = &self.value {
            write!(f, ", not {value:?}")?;
        }
        let today = if self.today { ", today's limit" } else { "" };
        write!(f, " (section {}{today})", self.section)
    }
}

/// Every violation in the parameters of an action, in the order of its table.
pub(crate) fn validate(action: &'static Action, input: &dyn Record) -> Vec<Violation> {
    validate_beside(action, input, &[])
}

/// The same beside extra parameters, which take the place of those of their names: neither these
/// nor the rules that name them are checked.
pub(crate) fn validate_beside(
    action: &'static Action,
    input: &dyn Record,
    extra: &[(String, String)],
) -> Vec<Violation> {
    let mut checker = Checker { section: action.section, extra, path: Vec::new(), violations: Vec::new() };
    checker.shape(&action.request, input);
    checker.violations.retain(|violation| !is_replaced(extra, &violation.path));
    checker.violations
}

/// Whether extra parameters give a parameter, or a part of it such as `NextHopList.1.Weight`.
fn is_replaced(extra: &[(String, String)], path: &str) -> bool {
    let is_part = |rest: &str| rest.is_empty() || rest.starts_with('.');
    extra.iter().any(|(name, _)| name.strip_prefix(path).is_some_and(is_part))
}

struct Checker<'e> {
    section: &'static str,
    extra: &'e [(String, String)],
    path: Vec<Step>,
    violations: Vec<Violation>,
}

#[derive(Clone, Copy)]
enum Step {
    Name(&'static str),
    Index(usize),
}

impl Checker<'_> {
    fn shape(&mut self, shape: &'static Shape, record: &dyn Record) {
        record.fields(&mut |values| {
            for (field, value) in shape.fields.iter().zip(values) {
                self.path.push(Step::Name(field.name));
                self.field(field, value.value());
                self.path.pop();
            }
        });
        for rule in shape.rules {
            self.rule(shape, record, rule);
        }
    }

    fn field(&mut self, field: &'static Field, value: Value<'_>) {
        if value.is_absent() {
            if field.required {
                self.report("is required".to_owned(), None, false);
            }
            return;
        }
        for limit in field.limits {
            self.limit(limit, value);
        }
        self.nested(&field.kind, value);
    }

    fn nested(&mut self, kind: &'static Kind, value: Value<'_>) {
        match (kind, value) {
            (Kind::Object(shape) | Kind::Json(shape), Value::Record(record)) => self.shape(shape, record),
            (Kind::List(kind), Value::List(list)) => {
                for index in 0..list.len() {
                    self.path.push(Step::Index(index + 1));
                    self.nested(kind, list.entry(index));
                    self.path.pop();
                }
            }
            _ => {}
        }
    }

    /// Checks a value, or each entry of a list.
    fn limit(&mut self, limit: &Limit, value: Value<'_>) {
        let Value::List(list) = value else {
            if let Some(rule) = broken(limit.check(), value) {
                self.report(rule, shown(value), limit.is_today());
            }
            return;
        };
        if let Check::Items(min, max) = *limit.check() {
            if !within(list.len(), min, max) {
                let rule = format!("takes {} entries", bounds(min, max));
                self.report(rule, Some(list.len().to_string()), limit.is_today());
            }
            return;
        }
        for index in 0..list.len() {
            self.path.push(Step::Index(index + 1));
            self.limit(limit, list.entry(index));
            self.path.pop();
        }
    }

    fn rule(&mut self, shape: &'static Shape, record: &dyn Record, rule: &Rule) {
        if self.path.is_empty() && rule.kind.names().any(|name| is_replaced(self.extra, name)) {
            return;
        }
        let Some((field, text, value)) = broken_rule(shape, record, &rule.kind) else { return };
        let base = self.path.len();
        self.path.push(Step::Name(field));
        self.report(text, value, rule.today);
        self.path.truncate(base);
    }

    fn report(&mut self, rule: String, value: Option<String>, today: bool) {
        let mut path = String::new();
        for step in &self.path {
            if !path.is_empty() {
                path.push('.');
            }
            match step {
                Step::Name(name) => path.push_str(name),
                Step::Index(index) => path.push_str(&index.to_string()),
            }
        }
        self.violations.push(Violation { path, rule, value, section: self.section, today });
    }
}

/// What a check asks for, if the value does not satisfy it.
fn broken(check: &Check, value: Value<'_>) -> Option<String> {
    let number;
    let text = match value {
        Value::Text(text) | Value::Secret(text) => text,
        Value::Integer(integer) => {
            number = integer.to_string();
            &number
        }
        Value::Double(double) => {
            number = double.to_string();
            &number
        }
        _ => return None,
    };
    match *check {
        Check::Length(min, max) => (!within(text.chars().count(), min, max))
            .then(|| format!("takes {} characters", bounds(min, max))),
        Check::Range(min, max) => broken_range(min, max, text),
        Check::Decimals(min, max) => broken_decimals(min, max, text),
        Check::Items(min, max) => (!within(text.split(',').count(), min, max))
            .then(|| format!("takes {} values between commas", bounds(min, max))),
        Check::OneOf(values) => {
            (!values.contains(&text)).then(|| format!("must be one of {}", values.join(", ")))
        }
        Check::NoneOf(numbers) => numbers
            .iter()
            .any(|excluded| text.trim().parse() == Ok(*excluded))
            .then(|| "is a reserved value".to_owned()),
        Check::StartsWith(set) => (!text.chars().next().is_some_and(|c| set.contains(c)))
            .then(|| format!("must start with {}", set.description())),
        Check::EndsWith(set) => (!text.chars().next_back().is_some_and(|c| set.contains(c)))
            .then(|| format!("must end with {}", set.description())),
        Check::Only(set) => (!text.chars().all(|c| set.contains(c)))
            .then(|| format!("may only contain {}", set.description())),
        Check::NotStartingWith(prefixes) => prefixes
            .iter()
            .find(|prefix| starts_with_ignoring_case(text, prefix))
            .map(|prefix| format!("must not start with {prefix:?}")),
        Check::NotContaining(parts) => parts
            .iter()
            .find(|part| text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()))
            .map(|part| format!("must not contain {part:?}")),
        Check::Format(format) => (!format.accepts(text)).then(|| format!("must be {}", format.description())),
        Check::Cidr { within, not_within, prefix } => {
            text.split(',').find_map(|block| broken_cidr(block.trim(), within, not_within, prefix))
        }
    }
}

fn broken_range(min: i64, max: i64, text: &str) -> Option<String> {
    let inside = text.trim().parse::<i64>().is_ok_and(|number| (min..=max).contains(&number));
    (!inside).then(|| match (min, max) {
        (i64::MIN, _) => format!("must be a whole number up to {max}"),
        (_, i64::MAX) => format!("must be a whole number from {min}"),
        _ => format!("must be a whole number from {min} to {max}"),
    })
}

fn broken_decimals(min: f64, max: f64, text: &str) -> Option<String> {
    let inside = text.trim().parse::<f64>().is_ok_and(|number| (min..=max).contains(&number));
    (!inside).then(|| match (min.is_finite(), max.is_finite()) {
        (false, _) => format!("must be a number up to {max}"),
        (_, false) => format!("must be a number from {min}"),
        _ => format!("must be a number from {min} to {max}"),
    })
}

/// A text that is no block at all is the format's business.
fn broken_cidr(block: &str, within: &[&str], not_within: &[&str], prefix: (u8, u8)) -> Option<String> {
    let block: IpNet = block.parse().ok()?;
    if !(prefix.0..=prefix.1).contains(&block.prefix_len()) {
        return Some(format!("must have a prefix of /{} to /{}", prefix.0, prefix.1));
    }
    let lies_in = |area: &&str| area.parse().is_ok_and(|area: IpNet| area.contains(&block));
    if !within.is_empty() && !within.iter().any(lies_in) {
        return Some(format!("must lie within {}", within.join(", ")));
    }
    not_within.iter().find(|area| lies_in(area)).map(|area| format!("must not lie within {area}"))
}

/// The field to name, what the rule asks for and the value given, if a rule is broken.
type Broken = (&'static str, String, Option<String>);

fn broken_rule(shape: &'static Shape, record: &dyn Record, rule: &RuleKind) -> Option<Broken> {
    let given = |name: &'static str| path::first(shape, record, name);
    match *rule {
        RuleKind::Requires(when, _) | RuleKind::Forbids(when, _) | RuleKind::Values(when, ..) => {
            let applies = |value| when.equals.is_empty() || when.equals.contains(&&*text(value));
            given(when.field).is_some_and(applies).then(|| broken_when(rule, &given))?
        }
        RuleKind::Ordered(names) => {
            let number = |name| text(given(name)?).parse::<i64>().ok();
            let pair = names
                .windows(2)
                .find(|pair| number(pair[0]) > number(pair[1]) && number(pair[1]).is_some())?;
            Some((pair[0], format!("must be at most {}", pair[1]), shown(given(pair[0])?)))
        }
        RuleKind::Points { from, to, step, max, default_step } => {
            let steps = points(&text(given(from)?), &text(given(to)?), given(step).map(text), default_step)?;
            let text = format!("at most {max} steps of {step} may lie between {from} and {to}");
            (steps > i64::from(max)).then(|| (step, text, Some(steps.to_string())))
        }
        _ => broken_count(rule, |name| given(name).is_some()),
    }
}

/// A conditional rule whose condition holds.
fn broken_when<'v>(rule: &RuleKind, given: &dyn Fn(&'static str) -> Option<Value<'v>>) -> Option<Broken> {
    let because = |when: &When| match when.equals {
        [] => format!("when {} is given", when.field),
        values => format!("when {} is {}", when.field, values.join(" or ")),
    };
    match *rule {
        RuleKind::Requires(when, names) => {
            let missing = names.iter().copied().find(|name| given(name).is_none())?;
            Some((missing, format!("is required {}", because(&when)), None))
        }
        RuleKind::Forbids(when, names) => {
            let present = names.iter().copied().find(|name| given(name).is_some())?;
            Some((present, format!("must be left out {}", because(&when)), None))
        }
        RuleKind::Values(when, field, check) => {
            let value = given(field)?;
            let text = broken(check, Value::Text(&text(value)))?;
            Some((field, format!("{text} {}", because(&when)), shown(value)))
        }
        _ => None,
    }
}

/// A rule on how many of some fields are given.
fn broken_count(rule: &RuleKind, is_given: impl Fn(&'static str) -> bool) -> Option<Broken> {
    let (names, at_least, at_most) = match *rule {
        RuleKind::Excludes(names) => (names, 0, 1),
        RuleKind::ExactlyOne(names) => (names, 1, 1),
        RuleKind::AtLeastOne(names) => (names, 1, names.len()),
        RuleKind::AtMost(limit, names) => (names, 0, limit as usize),
        RuleKind::Together(names) if names.iter().any(|name| is_given(name)) => {
            (names, names.len(), names.len())
        }
        _ => return None,
    };
    let given: Vec<&'static str> = names.iter().copied().filter(|name| is_given(name)).collect();
    let quantity = match (at_least, at_most) {
        (0, most) => format!("at most {most}"),
        (least, most) if least == most && most == names.len() => "all".to_owned(),
        (least, most) if least == most => format!("exactly {least}"),
        (least, _) => format!("at least {least}"),
    };
    let text = format!("{quantity} of {} must be given", names.join(", "));
    if given.len() > at_most {
        return Some((given.get(at_most).copied()?, text.replace("must", "may"), None));
    }
    let missing = names.iter().copied().find(|name| !given.contains(name))?;
    (given.len() < at_least).then_some((missing, text, None))
}

/// How many steps lie between two times; `None` if one of them is no time.
fn points(from: &str, to: &str, step: Option<Cow<'_, str>>, default_step: u32) -> Option<i64> {
    let step = step.map_or(Some(i64::from(default_step)), |step| step.parse().ok())?;
    let seconds = |text: &str| {
        let whole =
            if text.len() == "0000-00-00T00:00Z".len() { text.replace('Z', ":00Z") } else { text.to_owned() };
        timestamp::parse_extended(&whole)
    };
    let length = seconds(to)?.duration_since(seconds(from)?).ok()?;
    i64::try_from(length.as_secs()).ok()?.checked_div(step)
}

/// A value as the wire has it; nothing for a struct or a list. To be compared, not to be shown.
fn text(value: Value<'_>) -> Cow<'_, str> {
    match value {
        Value::Text(text) | Value::Secret(text) => Cow::Borrowed(text),
        value => path::text(value).unwrap_or_default().into(),
    }
}

/// A value as a violation shows it: short, and no secret.
fn shown(value: Value<'_>) -> Option<String> {
    match value {
        Value::Secret(_) => None,
        value => path::text(value).map(shortened),
    }
}

/// A text as a violation shows it.
pub(crate) fn shortened(mut text: String) -> String {
    const LONGEST: usize = 80;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

fn within(count: usize, min: u32, max: u32) -> bool {
    count >= min as usize && count <= max as usize
}

fn bounds(min: u32, max: u32) -> String {
    match (min, max) {
        (0, _) => format!("at most {max}"),
        (_, u32::MAX) => format!("at least {min}"),
        _ if min == max => format!("exactly {min}"),
        _ => format!("{min} to {max}"),
    }
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

impl Chars {
    /// Whether a character belongs to the set.
    #[must_use]
    pub fn contains(self, c: char) -> bool {
        match self {
            Self::Letter | Self::LetterOrChinese => c.is_alphabetic(),
            Self::LetterOrDigit => c.is_alphabetic() || c.is_ascii_digit(),
            Self::LowercaseLetterOrDigit => c.is_ascii_lowercase() || c.is_ascii_digit(),
            Self::Slash => c == '/',
            Self::ResourceName => c.is_alphanumeric() || matches!(c, '.' | '_' | '-'),
            Self::LettersDigitsUnderscoreHyphen => c.is_alphanumeric() || matches!(c, '_' | '-'),
            Self::LowercaseDigitsHyphen => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Self::LowercaseDigitsUnderscoreHyphen => {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')
            }
            Self::PrintableAsciiNoSpace => c.is_ascii_graphic(),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Letter | Self::LetterOrChinese => "a letter",
            Self::LetterOrDigit => "a letter or a digit",
            Self::LowercaseLetterOrDigit => "a lower-case letter or a digit",
            Self::Slash => "a slash",
            Self::ResourceName => "letters, digits, periods, underscores and hyphens",
            Self::LettersDigitsUnderscoreHyphen => "letters, digits, underscores and hyphens",
            Self::LowercaseDigitsHyphen => "lower-case letters, digits and hyphens",
            Self::LowercaseDigitsUnderscoreHyphen => "lower-case letters, digits, underscores and hyphens",
            Self::PrintableAsciiNoSpace => "printable ASCII characters other than space",
        }
    }
}

impl Syntax {
    /// Whether a text has the syntax.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Ip => text.parse::<IpAddr>().is_ok(),
            Self::Ipv4Cidr => text.parse::<Ipv4Net>().is_ok(),
            Self::Ipv6Cidr => text.parse::<Ipv6Net>().is_ok(),
            Self::Cidr => text.parse::<IpNet>().is_ok(),
            Self::DateTime => has_pattern(text, "0000-00-00T00:00:00Z"),
            Self::DateTimeMinutes => has_pattern(text, "0000-00-00T00:00Z"),
            Self::Ascii => text.is_ascii(),
            Self::CommaList => true,
            Self::CommaListOfCidr => text.split(',').all(|block| block.trim().parse::<IpNet>().is_ok()),
            Self::Json => serde_json::from_slice::<serde::de::IgnoredAny>(text.as_bytes()).is_ok(),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Ip => "an IP address",
            Self::Ipv4Cidr => "an IPv4 CIDR block",
            Self::Ipv6Cidr => "an IPv6 CIDR block",
            Self::Cidr => "a CIDR block",
            Self::DateTime => "a UTC time like 2024-03-05T06:07:08Z",
            Self::DateTimeMinutes => "a UTC time like 2024-03-05T06:07Z",
            Self::Ascii => "ASCII text",
            Self::CommaList => "values between commas",
            Self::CommaListOfCidr => "CIDR blocks between commas",
            Self::Json => "JSON",
        }
    }
}

/// Whether a text has digits where the pattern has `0`, and the pattern's characters elsewhere.
fn has_pattern(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            _ => byte == expected,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::record;
    use crate::secret::Secret;
    use crate::test_service::CREATE;

    #[derive(Default)]
    struct Keys {
        kind: Option<String>,
        low: Option<Secret>,
        high: Option<Secret>,
    }
    record!(Keys { kind, low, high });

    const ANY: When = When { field: "Kind", equals: &[] };
    const RULES: [RuleKind; 2] =
        [RuleKind::Ordered(&["Low", "High"]), RuleKind::Values(ANY, "Low", &Check::Length(9, 9))];
    static ACTION: Action = Action {
        request: Shape {
            fields: &[
                Field::text("Kind").limits(&[Limit::Documented(Check::Length(1, 1))]),
                Field::text("Low").secret().limits(&[Limit::Documented(Check::Length(1, 1))]),
                Field::text("High").secret(),
            ],
            rules: &[Rule { kind: RULES[0], today: false }, Rule { kind: RULES[1], today: false }],
        },
        ..CREATE
    };

    #[test]
    fn no_violation_shows_a_secret() {
        let keys = Keys { kind: Some("xy".into()), low: Some("77".into()), high: Some("66".into()) };
        let violations = validate(&ACTION, &keys);
        let found: Vec<_> = violations.iter().map(|one| (one.path.as_str(), one.value.as_deref())).collect();
        assert_eq!(found, [("Kind", Some("xy")), ("Low", None), ("Low", None), ("Low", None)]);
        assert!(violations.iter().all(|one| !one.to_string().contains("77")), "{violations:?}");
    }

    #[test]
    fn bounds_of_a_fraction_are_its_own() {
        let check = Check::Decimals(0.5, 99.9);
        for inside in [0.5, 1.0, 99.9] {
            assert_eq!(broken(&check, Value::Double(inside)), None, "{inside}");
        }
        for outside in [0.49, 99.91, -1.0, f64::NAN, f64::INFINITY] {
            let expected = Some("must be a number from 0.5 to 99.9".to_owned());
            assert_eq!(broken(&check, Value::Double(outside)), expected, "{outside}");
        }
        let open = |check| broken(&check, Value::Double(7.5));
        assert_eq!(open(Check::Decimals(0.5, f64::INFINITY)), None);
        assert_eq!(
            open(Check::Decimals(f64::NEG_INFINITY, 7.0)).as_deref(),
            Some("must be a number up to 7")
        );
        assert_eq!(open(Check::Decimals(8.5, f64::INFINITY)).as_deref(), Some("must be a number from 8.5"));
    }
}
