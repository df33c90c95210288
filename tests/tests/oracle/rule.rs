//! Each rule of each action, broken on each side and kept.

use serde_json::{Map, Value, json};

use crate::bounds::{Found, Tried, assert_tried, sample};
use crate::limit::Limit;
use crate::probe;
use crate::row::{self, Field, scalars, segments};
use crate::spec::{Action, Entries, Service, Spec, list, scalar, str};

#[test]
fn every_rule_is_broken_and_kept() {
    let spec = Spec::read();
    let (mut tried, mut faults) = (Tried::new(), Vec::new());
    for (service, action) in spec.actions() {
        for rule in Rule::of(action) {
            rule.attempt(service, action, &mut tried, &mut faults);
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    for (kind, least) in [
        ("requires", 6),
        ("forbids", 1),
        ("excludes", 2),
        ("exactly_one", 3),
        ("at_least_one", 6),
        ("together", 1),
        ("ordered", 1),
        ("values", 30),
        ("points", 1),
        ("same_subnet", 9),
        ("advised requires", 1),
        ("advised forbids", 1),
        ("advised at_least_one", 1),
        ("advised ordered", 1),
        ("advised values", 20),
        ("advised disjoint", 4),
    ] {
        assert_tried(&tried, kind, least);
    }
}

/// A rule that holds or is said.
pub(crate) struct Rule {
    pub(crate) kind: String,
    content: Value,
    is_today: bool,
    pub(crate) is_advice: bool,
    fields: Vec<Field>,
    /// How many names all of its paths begin with.
    depth: usize,
}

/// What a rule is tried with: what each path is given, and the path that a finding must have.
pub(crate) struct Case {
    given: Vec<(String, Value)>,
    broken_at: Option<String>,
}

impl Rule {
    /// Those of an action, without lifted ones.
    pub(crate) fn of(action: &Action) -> Vec<Self> {
        let rules = list(&action.yaml, "rules").iter().filter_map(Value::as_object);
        let fields = row::fields(&action.request);
        rules.filter(|rule| !row::is_set(rule, "lifted")).map(|rule| Self::read(rule, &fields)).collect()
    }

    fn read(rule: &Entries, fields: &[Field]) -> Self {
        let mut kinds = rule.iter().filter(|(key, _)| !["today", "advice", "note"].contains(&key.as_str()));
        let (kind, content) = kinds.next().expect("a rule has a kind");
        Self {
            kind: kind.clone(),
            content: content.clone(),
            is_today: row::is_set(rule, "today"),
            is_advice: row::is_set(rule, "advice"),
            fields: fields.to_vec(),
            depth: row::common_depth(&row::operands(content)),
        }
    }

    /// All that it says, in a line.
    pub(crate) fn line(&self) -> String {
        let mut words = vec![self.kind.clone()];
        match self.content.as_object() {
            None => words.extend(scalars(&self.content)),
            Some(content) => {
                let keys = [
                    "if",
                    "equals",
                    "then",
                    "count",
                    "of",
                    "range",
                    "values",
                    "mask",
                    "from",
                    "to",
                    "step",
                    "max",
                    "default_step",
                ];
                words.extend(keys.iter().filter_map(|key| content.get(*key)).flat_map(scalars));
            }
        }
        words.join(" ")
    }

    fn attempt(&self, service: &Service, action: &Action, tried: &mut Tried, faults: &mut Vec<String>) {
        let mut sides = (false, false);
        for case in self.cases() {
            let parameters = self.parameters(&case.given);
            let found = match Found::of(service.name(), action.name(), &parameters) {
                Ok(found) => found,
                Err(error) => {
                    faults.push(format!("{}: {}: {parameters}: {error}", action.file, self.line()));
                    continue;
                }
            };
            let found = if self.is_advice { found.advice } else { found.violations };
            let said = found.iter().filter(|one| one.today == self.is_today && self.is_about(&one.rule));
            let paths: Vec<&str> = said.map(|one| one.path.as_str()).collect();
            let expected: Vec<String> = case.broken_at.iter().map(|path| self.wire_path(path)).collect();
            let is_broken = case.broken_at.is_some();
            if is_broken {
                sides.1 = true
            } else {
                sides.0 = true
            }
            let whose = if self.is_advice { "advised " } else { "" };
            let (kept, broken) = tried.entry(format!("{whose}{}", self.kind)).or_default();
            *if is_broken { broken } else { kept } += 1;
            if paths != expected {
                faults.push(format!(
                    "{}: {} is said at {paths:?}, not {expected:?}, of {parameters}",
                    action.file,
                    self.line()
                ));
            }
        }
        if sides != (true, true) {
            faults.push(format!("{}: only one side of {} was tried", action.file, self.line()));
        }
    }

    fn cases(&self) -> Vec<Case> {
        let names = scalars(&self.content);
        let of = || scalars(&self.content["of"]);
        match self.kind.as_str() {
            "requires" => self.conditional(|when, all| {
                let others =
                    |left: &String| all.iter().filter(|name| *name != left).cloned().collect::<Vec<_>>();
                let lacking = all.iter().map(|left| (others(left), Some(left.clone())));
                let complete = (all.to_vec(), None);
                if when { lacking.chain([complete]).collect() } else { vec![(Vec::new(), None), complete] }
            }),
            "forbids" => self.conditional(|when, all| {
                let given = all.iter().map(|name| (vec![name.clone()], Some(name.clone()).filter(|_| when)));
                given.chain([(Vec::new(), None)]).collect()
            }),
            "excludes" => self.counted(&names, 0, 1),
            "exactly_one" => self.counted(&names, 1, 1),
            "at_least_one" => self.counted(&names, 1, names.len()),
            "at_most" => {
                let count = self.content["count"].as_u64().and_then(|count| usize::try_from(count).ok());
                self.counted(&of(), 0, count.expect("it is a count"))
            }
            "together" => {
                let mut cases = self.counted(&names, names.len(), names.len());
                let none = cases.iter_mut().filter(|case| case.given.is_empty());
                none.for_each(|case| case.broken_at = None);
                cases
            }
            "ordered" => ordered(&names),
            "values" => self.values(),
            "points" => self.points(),
            "disjoint" => disjoint(&names),
            "same_subnet" => same_subnet(&of(), &scalar(&self.content["mask"])),
            other => panic!("nothing here tries the rule `{other}`"),
        }
    }

    /// For each state of the condition, what else is given and which of it breaks the rule.
    fn conditional(
        &self,
        attempt: impl Fn(bool, &[String]) -> Vec<(Vec<String>, Option<String>)>,
    ) -> Vec<Case> {
        let all = scalars(&self.content["then"]);
        let mut cases = Vec::new();
        for (when, condition) in self.conditions() {
            for (names, broken_at) in attempt(when, &all) {
                let mut given: Vec<_> =
                    names.into_iter().map(|name| (name.clone(), self.sample(&name))).collect();
                given.extend(condition.clone());
                cases.push(Case { given, broken_at });
            }
        }
        cases
    }

    /// What the condition looks at, where it holds and where it does not.
    fn conditions(&self) -> Vec<(bool, Option<(String, Value)>)> {
        let field = scalar(&self.content["if"]);
        let mut conditions = vec![(false, None)];
        if self.content["equals"].is_null() {
            conditions.push((true, Some((field.clone(), self.sample(&field)))));
        } else {
            let values = scalars(&self.content["equals"])
                .into_iter()
                .map(|value| (true, Some((field.clone(), json!(value)))));
            conditions.extend(values);
            conditions.push((false, Some((field.clone(), self.another(&field)))));
        }
        conditions
    }

    /// A value that the condition does not name.
    fn another(&self, field: &str) -> Value {
        let is_boolean = str(&self.field(field).row, "type") == Some("boolean");
        let named = scalars(&self.content["equals"]);
        if is_boolean { json!(!named.contains(&"true".to_owned())) } else { json!("made-up") }
    }

    /// Every choice of the names.
    fn counted(&self, names: &[String], least: usize, most: usize) -> Vec<Case> {
        let choices = (0..1_usize << names.len()).map(|choice| {
            let (given, absent): (Vec<_>, Vec<_>) =
                names.iter().enumerate().partition(|(at, _)| choice & (1 << at) != 0);
            let too_many = given.get(most).filter(|_| given.len() > most);
            let too_few = absent.first().filter(|_| given.len() < least);
            let broken_at = too_many.or(too_few).map(|(_, name)| (*name).clone());
            let given = given.into_iter().map(|(_, name)| (name.clone(), self.sample(name))).collect();
            Case { given, broken_at }
        });
        choices.collect()
    }

    fn values(&self) -> Vec<Case> {
        let of = scalar(&self.content["of"]);
        let limit = self.limit();
        let mut cases = Vec::new();
        for (when, condition) in self.conditions() {
            for text in probe::texts(&limit) {
                let Some(value) = probe::typed(&limit.ty, &text) else { continue };
                let given = condition.clone().into_iter().chain([(of.clone(), value)]).collect();
                let breaks = when && probe::breaks(&limit, &text);
                cases.push(Case { given, broken_at: Some(of.clone()).filter(|_| breaks) });
            }
            cases.push(Case { given: condition.into_iter().collect(), broken_at: None });
        }
        cases
    }

    /// What a rule limits the values of a field to.
    fn limit(&self) -> Limit {
        let key = if self.content["range"].is_null() { "values" } else { "range" };
        let of = self.field(&scalar(&self.content["of"]));
        let ty = str(&of.row, "type").unwrap_or_default().to_owned();
        Limit { strength: "Documented", key, value: self.content[key].clone(), ty }
    }

    fn points(&self) -> Vec<Case> {
        let [from, to, step] = ["from", "to", "step"].map(|key| scalar(&self.content[key]));
        let [max, default] =
            ["max", "default_step"].map(|key| self.content[key].as_u64().expect("it is a number"));
        let time = |name: &str, second: u64| {
            let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
            let is_short = self.field(name).limits.iter().any(|limit| limit.value == "date-time-minutes");
            let second = if is_short { String::new() } else { format!(":{second:02}") };
            json!(format!("2024-03-05T{hour:02}:{minute:02}{second}Z"))
        };
        let mut cases = Vec::new();
        for seconds in [None, Some(default), Some(2 * default)] {
            let length = seconds.unwrap_or(default);
            let ends =
                [(0, max * length, false), (0, (max + 1) * length, true), ((max + 1) * length, 0, false)];
            for (begin, end, breaks) in ends {
                let mut given = vec![(from.clone(), time(&from, begin)), (to.clone(), time(&to, end))];
                given.extend(seconds.map(|seconds| (step.clone(), json!(seconds))));
                cases.push(Case { given, broken_at: Some(step.clone()).filter(|_| breaks) });
            }
        }
        cases.push(Case { given: vec![(from.clone(), time(&from, 0))], broken_at: None });
        cases
    }

    fn field(&self, name: &str) -> &Field {
        let path: Vec<String> = segments(name).into_iter().map(|(name, _)| name).collect();
        let is_it = |field: &&Field| field.path.iter().map(|(name, _)| name).eq(&path);
        self.fields.iter().find(is_it).unwrap_or_else(|| panic!("no row {name}"))
    }

    /// Something for a path, so that it is given.
    fn sample(&self, name: &str) -> Value {
        let field = self.field(name);
        if !field.is_container {
            return sample(field);
        }
        let is_child =
            |child: &&Field| child.path.len() == field.path.len() + 1 && child.path.starts_with(&field.path);
        let child = self.fields.iter().find(is_child).expect("a container holds something");
        let inner = if child.path.last().is_some_and(|(_, is_list)| *is_list) {
            json!([sample(child)])
        } else {
            sample(child)
        };
        Value::Object(Map::from_iter([(child.path[field.path.len()].0.clone(), inner)]))
    }

    /// Parameters with all of it, in the second entry of a list for whose entries the rule holds.
    pub(crate) fn parameters(&self, given: &[(String, Value)]) -> Value {
        let mut root = json!({});
        for (name, value) in given {
            let path = self.field(name).path.clone();
            self.put(&mut root, &path, 0, value);
        }
        root
    }

    fn put(&self, at: &mut Value, path: &[(String, bool)], depth: usize, value: &Value) {
        let Some(((name, is_list), rest)) = path.split_first() else {
            *at = value.clone();
            return;
        };
        if !at.is_object() {
            *at = json!({});
        }
        let below = &mut at[name.as_str()];
        if !is_list {
            return self.put(below, rest, depth + 1, value);
        }
        if below.is_null() {
            *below = if depth < self.depth { json!([{}, {}]) } else { json!([{}]) };
        }
        let entry = below.as_array_mut().and_then(|entries| entries.last_mut()).expect("it has entries");
        self.put(entry, rest, depth + 1, value);
    }

    fn wire_path(&self, name: &str) -> String {
        let path = &self.field(name).path;
        let outer = path[..self.depth]
            .iter()
            .map(|(name, is_list)| if *is_list { format!("{name}.2") } else { name.clone() });
        // Of a list further in, the first entry is looked at.
        let inner = row::below(name, self.depth).replace(".N", ".1");
        outer.chain([inner]).collect::<Vec<_>>().join(".")
    }

    /// Whether a finding says this rule.
    pub(crate) fn is_about(&self, rule: &str) -> bool {
        let text = |key: &str| scalar(&self.content[key]);
        let names = |all: Vec<String>| {
            all.iter().map(|name| row::below(name, self.depth)).collect::<Vec<_>>().join(", ")
        };
        let because = || {
            let field = row::below(&text("if"), self.depth);
            match &self.content["equals"] {
                Value::Null => format!(" when {field} is given"),
                equals => format!(" when {field} is {}", scalars(equals).join(" or ")),
            }
        };
        match self.kind.as_str() {
            "requires" => rule == format!("is required{}", because()),
            "forbids" => rule == format!("must be left out{}", because()),
            "values" => {
                let limit = rule.strip_suffix(&because());
                limit.is_some_and(|limit| probe::is_about(&self.limit(), limit))
            }
            "ordered" => rule.starts_with("must be at most "),
            "points" => rule.starts_with("at most ") && rule.contains(" steps of "),
            "disjoint" => rule.starts_with("must not overlap "),
            "same_subnet" => rule.starts_with("must lie in "),
            kind => {
                let all =
                    if kind == "at_most" { scalars(&self.content["of"]) } else { scalars(&self.content) };
                let quantity = match kind {
                    "excludes" => "at most 1".to_owned(),
                    "exactly_one" => "exactly 1".to_owned(),
                    "at_least_one" => "at least 1".to_owned(),
                    "together" => "all".to_owned(),
                    _ => format!("at most {}", self.content["count"]),
                };
                rule.starts_with(&format!("{quantity} of {} m", names(all)))
            }
        }
    }
}

fn case(given: &[(&String, &str)], broken_at: Option<&String>) -> Case {
    let value = |text: &str| text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
    let given = given.iter().map(|(name, text)| ((*name).clone(), value(text))).collect();
    Case { given, broken_at: broken_at.cloned() }
}

fn ordered(names: &[String]) -> Vec<Case> {
    let mut cases = Vec::new();
    for pair in names.windows(2) {
        let (low, high) = (&pair[0], &pair[1]);
        cases.extend([
            case(&[(low, "80"), (high, "81")], None),
            case(&[(low, "80"), (high, "80")], None),
            case(&[(low, "81"), (high, "80")], Some(low)),
            case(&[(low, "100"), (high, "99")], Some(low)),
            case(&[(low, "80")], None),
            case(&[(high, "80")], None),
        ]);
    }
    cases
}

fn disjoint(names: &[String]) -> Vec<Case> {
    let (one, other) = (&names[0], &names[1]);
    vec![
        case(&[(one, "10.0.0.0/16"), (other, "10.0.9.0/24")], Some(other)),
        case(&[(one, "10.0.9.0/24"), (other, "10.0.0.0/16")], Some(other)),
        case(&[(one, "10.0.9.0/24"), (other, "10.0.9.0/24")], Some(other)),
        case(&[(one, "172.16.0.0/16,10.0.0.0/16"), (other, "192.168.0.0/24,10.0.9.0/24")], Some(other)),
        case(&[(one, "10.0.0.0/16"), (other, "10.1.0.0/16")], None),
        case(&[(one, "10.0.0.0/16"), (other, "192.168.0.0/16,192.168.1.0/24")], None),
        case(&[(one, "10.0.0.0/16")], None),
        case(&[(other, "10.0.0.0/16")], None),
    ]
}

fn same_subnet(names: &[String], mask: &String) -> Vec<Case> {
    let (one, other) = (&names[0], &names[1]);
    let mut cases = Vec::new();
    for bits in ["255.255.255.252", "/30", "30"] {
        let bits = (mask, bits);
        cases.push(case(&[(one, "10.0.0.1"), (other, "10.0.0.2"), bits], None));
        cases.push(case(&[(one, "10.0.0.1"), (other, "10.0.0.5"), bits], Some(other)));
        cases.push(case(&[(one, "10.0.0.5"), (other, "10.0.0.1"), bits], Some(other)));
    }
    cases.push(case(&[(one, "10.0.0.1"), (other, "10.0.0.5"), (mask, "/29")], None));
    cases.push(case(&[(one, "10.0.0.1"), (other, "10.0.0.5")], None));
    cases.push(case(&[(one, "10.0.0.1"), (mask, "/30")], None));
    cases.push(case(&[(other, "10.0.0.1"), (mask, "/30")], None));
    cases
}
