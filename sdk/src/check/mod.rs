//! Checks a request against its table, finding every violation at once.

mod rules;
mod values;

use std::fmt;

use crate::call::Extra;
use crate::record::{List, Record, Value};
use crate::schema::{Action, Check, Field, Kind, Limit, Rule, Shape};

/// A value that the documents, or the service today, do not allow or advise against.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Where: the wire name with its indexes from 1, such as `Tag.2.Key`.
    pub path: String,
    /// What is asked for.
    pub rule: String,
    /// What was given, shortened; `None` if nothing was given or it is a secret.
    pub value: Option<String>,
    /// Section of the document; empty if no document describes the action.
    pub section: &'static str,
    /// Whether the limit is today's rather than the document's.
    pub today: bool,
    /// Whether the service may accept it all the same, so that it is no reason to refuse the call.
    pub is_advice: bool,
    /// Whether it is advice of the document alone, and the service says more today.
    pub(crate) is_outdated: bool,
}

impl Violation {
    /// What no limit of a table says: a parameter that cannot be sent at all.
    pub(crate) fn of_parameter(
        section: &'static str,
        path: impl Into<String>,
        rule: impl Into<String>,
        value: Option<String>,
    ) -> Self {
        let (path, rule) = (path.into(), rule.into());
        Self { path, rule, value, section, today: false, is_advice: false, is_outdated: false }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) if self.is_advice && self.rule.starts_with("is ") => {
                write!(f, "{} {} {}", self.path, value.escape_debug(), self.rule)?;
            }
            Some(value) => write!(f, "{}: {}, not {value:?}", self.path, self.rule)?,
            None => write!(f, "{}: {}", self.path, self.rule)?,
        }
        if self.section.is_empty() {
            return Ok(());
        }
        let today = if self.today { ", today's limit" } else { "" };
        write!(f, " (section {}{today})", self.section)
    }
}

/// What the service would refuse in the parameters of an action, in the order of its table.
///
/// Extra parameters take the place of those of their names: neither these nor the rules that name them are
/// checked.
pub(crate) fn violations(action: &'static Action, input: &dyn Record, extra: &[Extra]) -> Vec<Violation> {
    Checker::run(action, input, extra, false)
}

/// What the service may refuse: the same, held against the advice of the table.
pub(crate) fn advice(action: &'static Action, input: &dyn Record, extra: &[Extra]) -> Vec<Violation> {
    Checker::run(action, input, extra, true)
}

/// Whether extra parameters give a parameter, or a part of it such as `NextHopList.1.Weight`.
fn is_replaced(extra: &[Extra], path: &str) -> bool {
    let is_part = |rest: &str| rest.is_empty() || rest.starts_with('.');
    extra.iter().any(|extra| extra.name.strip_prefix(path).is_some_and(is_part))
}

struct Checker<'e> {
    section: &'static str,
    extra: &'e [Extra],
    /// Whether it looks at advice, and not at limits.
    is_about_advice: bool,
    path: Vec<Step>,
    found: Vec<Violation>,
}

/// Who says what is not satisfied, and how firmly.
#[derive(Clone, Copy, Default)]
struct Said {
    today: bool,
    advice: bool,
    outdated: bool,
}

impl Said {
    fn by(limit: &Limit) -> Self {
        let outdated = matches!(limit, Limit::Outdated(_));
        Self { today: limit.is_today(), advice: limit.is_advice(), outdated }
    }
}

#[derive(Clone, Copy)]
enum Step {
    Name(&'static str),
    Index(usize),
}

impl Step {
    /// A part of a rule's path. Of a list on its way the first entry is looked at.
    fn of_first(part: &'static str) -> Self {
        if matches!(part, "N" | "M") { Self::Index(1) } else { Self::Name(part) }
    }
}

impl<'e> Checker<'e> {
    fn run(
        action: &'static Action,
        input: &dyn Record,
        extra: &'e [Extra],
        is_about_advice: bool,
    ) -> Vec<Violation> {
        let (path, found) = (Vec::new(), Vec::new());
        let mut checker = Self { section: action.section, extra, is_about_advice, path, found };
        checker.shape(&action.request, input);
        checker.found.retain(|violation| !is_replaced(extra, &violation.path));
        checker.found
    }

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
        let is_blank = field.required && is_blank(field, value);
        if value.is_absent() || is_blank {
            if field.required && !self.is_about_advice {
                let rule = if is_blank { "is required, and is empty" } else { "is required" };
                self.report(rule.to_owned(), None, Said::default());
            }
            return;
        }
        let is_about_advice = self.is_about_advice;
        for limit in field.limits.iter().filter(|limit| limit.is_advice() == is_about_advice) {
            self.limit(limit, value);
        }
        self.nested(&field.kind, value);
    }

    fn nested(&mut self, kind: &'static Kind, value: Value<'_>) {
        match (kind, value) {
            (Kind::Object(shape) | Kind::Json(shape), Value::Record(record)) => self.shape(shape, record),
            (Kind::List(kind), Value::List(list)) => {
                self.each(list, |checker, entry| checker.nested(kind, entry));
            }
            _ => {}
        }
    }

    /// Checks a value, or each entry of a list unless the limit is about the list itself.
    fn limit(&mut self, limit: &Limit, value: Value<'_>) {
        let (check, said) = (limit.check(), Said::by(limit));
        let broken = match value {
            Value::List(list) if values::is_about_lists(check) => {
                values::broken_list(check, list).map(|rule| (rule, Some(list.len().to_string())))
            }
            Value::List(list) => return self.each(list, |checker, entry| checker.limit(limit, entry)),
            value => {
                let rule = value.text().and_then(|text| values::broken_as(said, check, &text));
                rule.map(|rule| (rule, shown(value)))
            }
        };
        if let Some((rule, value)) = broken {
            self.report(rule, value, said);
        }
    }

    fn each(&mut self, list: &dyn List, check: impl Fn(&mut Self, Value<'_>)) {
        for index in 0..list.len() {
            self.path.push(Step::Index(index + 1));
            check(self, list.entry(index));
            self.path.pop();
        }
    }

    fn rule(&mut self, shape: &'static Shape, record: &dyn Record, rule: &Rule) {
        if rule.advice != self.is_about_advice {
            return;
        }
        if self.path.is_empty() && rule.kind.names().any(|name| is_replaced(self.extra, name)) {
            return;
        }
        let said = Said { today: rule.today, advice: rule.advice, outdated: false };
        if let Some(broken) = rules::broken(&rule.kind, said, shape, record) {
            let depth = self.path.len();
            self.path.extend(broken.field.split('.').map(Step::of_first));
            self.report(broken.rule, broken.value, said);
            self.path.truncate(depth);
        }
    }

    fn report(&mut self, rule: String, value: Option<String>, said: Said) {
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
        let Said { today, advice: is_advice, outdated: is_outdated } = said;
        self.found.push(Violation {
            path,
            rule,
            value,
            section: self.section,
            today,
            is_advice,
            is_outdated,
        });
    }
}

/// Whether a text says nothing: services take an empty one for none, but where its length is from 0.
fn is_blank(field: &Field, value: Value<'_>) -> bool {
    let may_be_empty = |limit: &Limit| matches!(limit.check(), Check::Length(0, _));
    matches!(value, Value::Text("") | Value::Secret("")) && !field.limits.iter().any(may_be_empty)
}

/// A value as a violation shows it: short, and no secret.
fn shown(value: Value<'_>) -> Option<String> {
    match value {
        Value::Secret(_) => None,
        value => value.text().map(|text| shortened(text.into_owned())),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::record;
    use crate::schema::{RuleKind, When};
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
            rules: &[Rule::documented(RULES[0]), Rule::documented(RULES[1])],
        },
        ..CREATE
    };

    #[test]
    fn no_violation_shows_a_secret() {
        let keys = Keys { kind: Some("xy".into()), low: Some("77".into()), high: Some("66".into()) };
        let violations = violations(&ACTION, &keys, &[]);
        let found: Vec<_> = violations.iter().map(|one| (one.path.as_str(), one.value.as_deref())).collect();
        assert_eq!(found, [("Kind", Some("xy")), ("Low", None), ("Low", None), ("Low", None)]);
        assert!(violations.iter().all(|one| !one.to_string().contains("77")), "{violations:?}");
    }

    /// No spec has a rule of this kind, so no other test would miss it.
    #[test]
    fn at_most_so_many_may_be_given() {
        const RULES: [Rule; 1] = [Rule::documented(RuleKind::AtMost(2, &["Kind", "Low", "High"]))];
        static FEW: Action = Action {
            request: Shape {
                fields: &[Field::text("Kind"), Field::text("Low").secret(), Field::text("High").secret()],
                rules: &RULES,
            },
            ..CREATE
        };
        let two = Keys { kind: Some("x".into()), high: Some("3".into()), ..Keys::default() };
        assert_eq!(super::violations(&FEW, &two, &[]), []);
        let three = Keys { low: Some("2".into()), ..two };
        let violations = super::violations(&FEW, &three, &[]);
        let [one] = violations.as_slice() else { panic!("{violations:?}") };
        assert_eq!((one.path.as_str(), &*one.rule), ("High", "at most 2 of Kind, Low, High may be given"));
    }
}
