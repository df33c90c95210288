//! Each limit of each request at its bounds and beyond them: what it refuses, what it advises against, and
//! where that is said to be.

use std::collections::BTreeMap;

use cloudnet::{Violation, dynamic};
use serde_json::{Map, Value, json};

use crate::limit::Limit;
use crate::probe;
use crate::row::{self, Field};
use crate::spec::{Action, Service, Spec, str};

/// What was tried, by kind: kept and broken.
pub(crate) type Tried = BTreeMap<String, (usize, usize)>;

#[test]
fn every_limit_holds_at_its_bounds_and_no_further() {
    let spec = Spec::read();
    let (mut tried, mut faults) = (Tried::new(), Vec::new());
    for (service, action) in spec.actions() {
        let mut bounds = Bounds { service, action, tried: &mut tried, faults: &mut faults };
        row::fields(&action.request).iter().for_each(|field| bounds.field(field));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    for (kind, least) in [
        ("required", 350),
        ("length", 450),
        ("range", 100),
        ("values", 500),
        ("items", 20),
        ("format", 1_500),
        ("cidr", 1_200),
        ("chars", 600),
        ("starts_with", 700),
        ("not_starting_with", 450),
        ("not_containing", 60),
        ("excluded", 30),
        ("advised length", 300),
        ("advised range", 50),
        ("advised values", 200),
        ("advised items", 7),
        ("advised format", 4),
        ("advised cidr", 250),
        ("advised mask", 6),
        ("advised chars", 200),
        ("advised starts_with", 90),
        ("advised ends_with", 90),
        ("advised not_containing", 20),
    ] {
        assert_tried(&tried, kind, least);
    }
}

/// That so many inputs were tried on each side.
pub(crate) fn assert_tried(tried: &Tried, kind: &str, least: usize) {
    let (kept, broken) = tried.get(kind).copied().unwrap_or_default();
    assert!(kept.min(broken) >= least, "of the kind {kind} only {kept} are kept and {broken} broken");
}

struct Bounds<'a> {
    service: &'a Service,
    action: &'a Action,
    tried: &'a mut Tried,
    faults: &'a mut Vec<String>,
}

impl Bounds<'_> {
    fn field(&mut self, field: &Field) {
        if field.is_required {
            self.required(field);
        }
        let is_list = field.path.last().is_some_and(|(_, is_list)| *is_list);
        let (counted, others): (Vec<Limit>, Vec<Limit>) =
            field.limits.iter().cloned().partition(|limit| limit.key == "items" && is_list);
        self.entries(field, &counted);
        self.values(field, &others);
    }

    fn required(&mut self, field: &Field) {
        let path = wire_path(&field.path).trim_end_matches(".2").to_owned();
        let mut absent = place(&field.path, None);
        if field.path.len() == 1 {
            absent = json!({});
        }
        let given = place(&field.path, Some(sample(field)));
        self.is_missing(&path, "is required", &absent, true);
        self.is_missing(&path, "is required", &given, false);
        if let Some(says_nothing) = says_nothing(field) {
            let empty = place(&field.path, Some(json!("")));
            self.is_missing(&path, "is required, and is empty", &empty, says_nothing);
        }
    }

    fn is_missing(&mut self, path: &str, rule: &str, parameters: &Value, breaks: bool) {
        let found = self.found(parameters);
        let is_said = found.violations.iter().any(|one| one.path == path && one.rule == rule && !one.today);
        self.count("required", breaks);
        self.judge(breaks, is_said, &format!("required {path}"), parameters);
    }

    fn entries(&mut self, field: &Field, limits: &[Limit]) {
        let entry = if field.is_container { json!({}) } else { sample(field) };
        let path = wire_path(&field.path).trim_end_matches(".2").to_owned();
        for count in limits.iter().flat_map(probe::counts) {
            let parameters = place_list(&field.path, vec![entry.clone(); count]);
            let found = self.found(&parameters);
            for limit in limits {
                let breaks = probe::is_miscounted(limit, count);
                self.count_limit(limit, breaks);
                let is_said = found.says(limit, &path);
                self.judge(
                    breaks,
                    is_said,
                    &format!("{} {path}", limit.text()),
                    &json!({ "entries": count }),
                );
            }
        }
    }

    /// All texts of all limits, each judged by all of them.
    fn values(&mut self, field: &Field, limits: &[Limit]) {
        let ty = str(&field.row, "type").unwrap_or_default();
        let is_list = field.path.last().is_some_and(|(_, is_list)| *is_list);
        let mut texts: Vec<String> = limits.iter().flat_map(probe::texts).collect();
        texts.sort();
        texts.dedup();
        let mut seen = vec![(false, false); limits.len()];
        let mut before = None;
        for (text, value) in texts.iter().filter_map(|text| Some((text, probe::typed(ty, text)?))) {
            let parameters = match before.filter(|_| is_list) {
                Some(first) => place_list(&field.path, vec![first, value.clone()]),
                None => place(&field.path, Some(value.clone())),
            };
            before = Some(value);
            let path = wire_path(&field.path);
            let found = self.found(&parameters);
            let is_missing = text.is_empty() && field.is_required && says_nothing(field) == Some(true);
            for (limit, seen) in limits.iter().zip(&mut seen) {
                // What is refused because it says nothing is not advised against as well.
                let breaks = probe::breaks(limit, text) && !(is_missing && limit.is_advice());
                if breaks {
                    seen.1 = true
                } else {
                    seen.0 = true
                }
                self.count_limit(limit, breaks);
                let is_said = found.says(limit, &path);
                self.judge(breaks, is_said, &format!("{} {path}", limit.text()), &parameters);
                if let Some(rule) = breaks.then(|| probe::asked(limit)).flatten() {
                    let is_asked = found.of_limit(limit, &path).any(|one| one.rule == rule);
                    self.judge(true, is_asked, &format!("{rule:?} at {path}"), &parameters);
                }
            }
        }
        let always_true = |limit: &Limit| limit.key == "format" && limit.value == "comma-list";
        for (limit, seen) in
            limits.iter().zip(seen).filter(|(limit, seen)| *seen != (true, true) && !always_true(limit))
        {
            self.faults.push(format!(
                "{}: {}: only one side of {} was tried: {seen:?}",
                self.action.file,
                wire_path(&field.path),
                limit.text()
            ));
        }
    }

    fn found(&mut self, parameters: &Value) -> Found {
        match Found::of(self.service.name(), self.action.name(), parameters) {
            Ok(found) => found,
            Err(error) => {
                self.faults.push(format!("{}: {parameters}: {error}", self.action.file));
                Found::default()
            }
        }
    }

    fn judge(&mut self, breaks: bool, is_said: bool, what: &str, parameters: &Value) {
        if breaks != is_said {
            let verb = if breaks { "is not said" } else { "is said" };
            self.faults.push(format!("{}: {what} {verb} of {parameters}", self.action.file));
        }
    }

    fn count_limit(&mut self, limit: &Limit, breaks: bool) {
        let whose = if limit.is_advice() { "advised " } else { "" };
        self.count(&format!("{whose}{}", limit.key), breaks);
    }

    fn count(&mut self, kind: &str, breaks: bool) {
        let (kept, broken) = self.tried.entry(kind.to_owned()).or_default();
        *if breaks { broken } else { kept } += 1;
    }
}

/// What a check of parameters finds.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) violations: Vec<Violation>,
    pub(crate) advice: Vec<Violation>,
}

impl Found {
    /// Fails if the parameters are no input of the action.
    pub(crate) fn of(service: &str, action: &str, parameters: &Value) -> Result<Self, String> {
        let advice = dynamic::advice(service, action, parameters).map_err(|error| error.to_string())?;
        let violations = match dynamic::validate(service, action, parameters) {
            Ok(()) => Vec::new(),
            Err(error) => error.violations().to_vec(),
        };
        let is_sorted = advice.iter().all(|one| one.is_advice) && !violations.iter().any(|one| one.is_advice);
        if is_sorted { Ok(Self { violations, advice }) } else { Err("advice among violations".to_owned()) }
    }

    fn says(&self, limit: &Limit, path: &str) -> bool {
        self.of_limit(limit, path).any(|one| probe::is_about(limit, &one.rule))
    }

    /// What is found at a path by whoever says a limit.
    fn of_limit(&self, limit: &Limit, path: &str) -> impl Iterator<Item = &Violation> {
        let found = if limit.is_advice() { &self.advice } else { &self.violations };
        found.iter().filter(move |one| {
            one.path == path && one.today == limit.is_today() && !one.rule.contains(" when ")
        })
    }
}

/// Whether an empty text is none, if the row is one.
fn says_nothing(field: &Field) -> Option<bool> {
    let is_list = field.path.last().is_some_and(|(_, is_list)| *is_list);
    let is_text = str(&field.row, "type") == Some("string") && !is_list;
    let may_be_empty = |limit: &Limit| limit.key == "length" && limit.value[0] == 0;
    is_text.then(|| !field.limits.iter().any(may_be_empty))
}

/// The path of the second entry of each list.
pub(crate) fn wire_path(path: &[(String, bool)]) -> String {
    let parts = path.iter().map(|(name, is_list)| if *is_list { format!("{name}.2") } else { name.clone() });
    parts.collect::<Vec<_>>().join(".")
}

/// Parameters with a value in the second entry of each list, or nothing there.
fn place(path: &[(String, bool)], value: Option<Value>) -> Value {
    let Some(((name, is_list), rest)) = path.split_first() else { return Value::Null };
    let inner = match (rest, value) {
        ([], None) => return json!({}),
        ([], Some(value)) => value,
        (rest, value) => place(rest, value),
    };
    let first = if rest.is_empty() { inner.clone() } else { json!({}) };
    let inner = if *is_list { json!([first, inner]) } else { inner };
    Value::Object(Map::from_iter([(name.clone(), inner)]))
}

/// Parameters with entries of the innermost list.
fn place_list(path: &[(String, bool)], entries: Vec<Value>) -> Value {
    let mut path = path.to_vec();
    if let Some((_, is_list)) = path.last_mut() {
        *is_list = false;
    }
    place(&path, Some(Value::Array(entries)))
}

/// Some value of the row's type.
pub(crate) fn sample(field: &Field) -> Value {
    if field.is_container {
        return json!({});
    }
    let ty = str(&field.row, "type").unwrap_or_default();
    let listed = field
        .limits
        .iter()
        .find(|limit| limit.key == "values")
        .map(|limit| row::values(&limit.value)[0].clone());
    let text = listed.unwrap_or_else(|| if ty == "boolean" { "true" } else { "1" }.to_owned());
    probe::typed(ty, &text).unwrap_or_else(|| json!(text))
}
