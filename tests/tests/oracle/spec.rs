//! The files of the specs, by `spec/README.md`: services and their actions.

use std::collections::BTreeMap;

use cloudnet_tests::{specs, texts};
use serde_json::{Map, Value};

use crate::facts::Facts;
use crate::row::{self, Table};
use crate::wait;

pub(crate) type Entries = Map<String, Value>;

/// All of it.
pub(crate) struct Spec {
    pub(crate) services: Vec<Service>,
}

/// A folder with a `_service.yaml`.
pub(crate) struct Service {
    pub(crate) file: String,
    pub(crate) folder: String,
    pub(crate) yaml: Entries,
    pub(crate) actions: Vec<Action>,
    /// The `_resources.yaml` of each folder.
    pub(crate) resources: BTreeMap<String, Vec<Value>>,
}

/// A file of an action.
pub(crate) struct Action {
    pub(crate) file: String,
    pub(crate) folder: String,
    pub(crate) yaml: Entries,
    /// Rows of the request, with what shared rows add to them.
    pub(crate) request: Vec<Entries>,
    pub(crate) response: Vec<Entries>,
}

impl Spec {
    pub(crate) fn read() -> Self {
        let mut files: Vec<(String, Entries)> = Vec::new();
        for (path, text) in texts(&specs()).into_iter().filter(|(path, _)| path.ends_with(".yaml")) {
            let yaml = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
            files.push((path, yaml));
        }
        let is_service = |path: &str| path.ends_with("/_service.yaml");
        let mut services: Vec<Service> = Vec::new();
        for (file, yaml) in files.iter().filter(|(file, _)| is_service(file)) {
            let service = Service {
                file: file.clone(),
                folder: folder(file).to_owned(),
                yaml: yaml.clone(),
                actions: Vec::new(),
                resources: BTreeMap::new(),
            };
            services.push(service);
        }
        // What the emulator's laws write is no fact of a service.
        let is_proof = |file: &str| file == "_proofs.yaml";
        for (file, yaml) in files.into_iter().filter(|(file, _)| !is_service(file) && !is_proof(file)) {
            let of = |service: &&mut Service| file.starts_with(&format!("{}/", service.folder));
            let service = services.iter_mut().find(of).unwrap_or_else(|| panic!("{file} is of no service"));
            if file.ends_with("/_resources.yaml") {
                known_keys(&yaml, &["resources"], &file);
                service.resources.insert(folder(&file).to_owned(), list(&yaml, "resources").to_vec());
            } else {
                let action = Action::of(file, yaml, service);
                service.actions.push(action);
            }
        }
        Self { services }
    }

    pub(crate) fn actions(&self) -> impl Iterator<Item = (&Service, &Action)> {
        self.services.iter().flat_map(|service| service.actions.iter().map(move |action| (service, action)))
    }
}

impl Service {
    pub(crate) fn name(&self) -> &str {
        str(&self.yaml, "service").unwrap_or_default()
    }

    pub(crate) fn facts(&self) -> Facts {
        const KEYS: &[&str] = &[
            "service",
            "title",
            "summary",
            "product",
            "version",
            "document",
            "published",
            "protocol",
            "target",
            "signing_name",
            "endpoints",
            "chapters",
            "parameters",
            "types",
            "errors",
            "ram_resources",
            "acknowledged",
            "without_section",
            "notes",
        ];
        known_keys(&self.yaml, KEYS, &self.file);
        let mut facts = Facts::default();
        for key in ["title", "product", "version"] {
            facts.add(format!("service {key}: {:?}", str(&self.yaml, key).unwrap_or_default()));
        }
        let protocol = match str(&self.yaml, "protocol") {
            Some("acs-rpc") => "AcsRpc".to_owned(),
            Some("aws-json-1.1") => {
                let [target, name] =
                    ["target", "signing_name"].map(|key| str(&self.yaml, key).unwrap_or_default());
                format!("AwsJson {{ target: {target:?}, signing_name: {name:?} }}")
            }
            other => panic!("{}: protocol {other:?}", self.file),
        };
        facts.add(format!("service protocol: {protocol}"));
        let endpoints = map(&self.yaml, "endpoints").expect("a service has endpoints");
        known_keys(
            endpoints,
            &["variable", "rule", "vpc_network", "central", "home_region", "map"],
            &self.file,
        );
        facts.add(format!("service rule: {:?}", str(endpoints, "rule").unwrap_or_default()));
        for key in ["variable", "vpc_network", "central", "home_region"] {
            facts.add(format!("service {key}: {:?}", str(endpoints, key)));
        }
        for (region, host) in map(endpoints, "map").into_iter().flatten() {
            facts.add(format!("service region {region}: {host}"));
        }
        errors(&mut facts, "error", list(&self.yaml, "errors"), &self.file);
        facts
    }

    /// The waiters, with the keys that they ask for.
    pub(crate) fn waiters(&self) -> Facts {
        let mut facts = Facts::default();
        for resource in self.resources.values().flatten().filter_map(Value::as_object) {
            for waiter in list(resource, "waiters").iter().filter_map(Value::as_object) {
                let by = if waiter.contains_key("by") { waiter } else { resource };
                let by = strings(by, if waiter.contains_key("by") { "by" } else { "keys" });
                facts.add(format!("waiter {}: {by:?}", str(waiter, "name").unwrap_or_default()));
            }
        }
        facts
    }
}

impl Action {
    fn of(file: String, yaml: Entries, service: &Service) -> Self {
        let shared = list(&service.yaml, "parameters");
        let rows = |key: &str| list(&yaml, key).iter().filter_map(Value::as_object);
        let request = rows("request").map(|row| row::merged(row, shared, &file)).collect();
        let response = rows("response").cloned().collect();
        Self { folder: folder(&file).to_owned(), file, request, response, yaml }
    }

    pub(crate) fn name(&self) -> &str {
        str(&self.yaml, "action").unwrap_or_default()
    }

    pub(crate) fn facts(&self, service: &Service) -> Facts {
        const KEYS: &[&str] = &[
            "action",
            "section",
            "document",
            "published",
            "summary",
            "status",
            "status_note",
            "replaced_by",
            "effect",
            "method",
            "idempotency",
            "dry_run",
            "serialize_by",
            "pagination",
            "ram",
            "notes",
            "request",
            "rules",
            "response",
            "errors",
            "observed",
            "wait",
            "effects",
            "responds",
            "reads",
            "filters",
            "answers",
            "answers_because",
            "refers",
            "refuses",
            "examples",
            "resolutions",
            "acknowledged",
        ];
        known_keys(&self.yaml, KEYS, &self.file);
        let mut facts = Facts::default();
        self.call(&mut facts);
        self.permission(&mut facts);
        row::facts(&mut facts, Table::Request, &self.request, &self.file);
        row::facts(&mut facts, Table::Response, &self.response, &self.file);
        row::rules(&mut facts, list(&self.yaml, "rules"), &self.file);
        errors(&mut facts, "error", list(&self.yaml, "errors"), &self.file);
        errors(&mut facts, "observed", list(&self.yaml, "observed"), &self.file);
        wait::facts(&mut facts, service, self);
        facts
    }

    /// What is true of every call.
    fn call(&self, facts: &mut Facts) {
        let text = |key| str(&self.yaml, key);
        facts.add(format!("action section: {:?}", self.yaml.get("section").map(scalar).unwrap_or_default()));
        facts.add(format!("action effect: {}", camel(text("effect").unwrap_or("write"))));
        facts.add(format!("action status: {}", camel(text("status").unwrap_or("active"))));
        facts.add(format!("action method: {}", camel(&text("method").unwrap_or("POST").to_lowercase())));
        facts.add(format!("action token: {:?}", text("idempotency")));
        let dry_run = map(&self.yaml, "dry_run").map(|dry_run| {
            known_keys(dry_run, &["parameter", "passed"], &self.file);
            let (parameter, passed) = (str(dry_run, "parameter").unwrap_or_default(), str(dry_run, "passed"));
            format!("DryRun {{ parameter: {parameter:?}, passed: {passed:?} }}")
        });
        facts.add(format!("action dry run: {}", dry_run.as_deref().unwrap_or("None")));
        facts.add(format!("action serialized by: {:?}", strings(&self.yaml, "serialize_by")));
        facts.add(format!("action pages: {}", self.pagination()));
    }

    fn permission(&self, facts: &mut Facts) {
        let ram = map(&self.yaml, "ram");
        ram.into_iter()
            .for_each(|ram| known_keys(ram, &["section", "action", "access", "resources"], &self.file));
        facts.add(format!("action permission: {:?}", ram.and_then(|ram| str(ram, "action"))));
        for resource in ram.into_iter().flat_map(|ram| list(ram, "resources")) {
            let printed = match resource {
                Value::Object(one) => {
                    known_keys(one, &["arn", "type", "when"], &self.file);
                    // A type that is printed beside its ARN stands before it.
                    let printed = ["type", "arn"].into_iter().filter_map(|key| str(one, key));
                    printed.collect::<Vec<_>>().join(" ")
                }
                one => scalar(one),
            };
            facts.add(format!("action acts on: {printed:?}"));
        }
    }

    fn pagination(&self) -> String {
        let Some(pages) = map(&self.yaml, "pagination") else { return "None".to_owned() };
        known_keys(pages, &["style", "page", "token", "size", "total", "next", "items"], &self.file);
        let value = |key| str(pages, key).unwrap_or_default();
        let (size, items) = (value("size"), value("items"));
        match value("style") {
            "page-number" => {
                let (page, total) = (value("page"), value("total"));
                format!("Number {{ page: {page:?}, size: {size:?}, total: {total:?}, items: {items:?} }}")
            }
            _ => {
                let (token, next) = (value("token"), value("next"));
                format!("Token {{ token: {token:?}, size: {size:?}, next: {next:?}, items: {items:?} }}")
            }
        }
    }
}

fn errors(facts: &mut Facts, kind: &str, rows: &[Value], file: &str) {
    for row in rows.iter().filter_map(Value::as_object) {
        known_keys(row, &["status", "code", "class", "rows", "gone", "passes", "summary"], file);
        let class = str(row, "class").unwrap_or_default();
        let is_gone = row.get("gone").and_then(Value::as_bool).unwrap_or(class == "not-found");
        let status = row.get("status").map_or_else(|| "0".to_owned(), scalar);
        let code = row.get("code").map(scalar).unwrap_or_default();
        // What passes is said of busy rows, and of no others; tables do not have it.
        assert_eq!(row.contains_key("passes"), class == "busy", "{file}: {code}: `passes`");
        let meaning = str(row, "summary").unwrap_or_default();
        facts.add(format!("{kind} {status} {code}: {}, gone: {is_gone}, {meaning:?}", camel(class)));
    }
}

/// `invalid-parameter` as `InvalidParameter`.
pub(crate) fn camel(word: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    word.split('-').filter(|part| !part.is_empty()).map(capital).collect()
}

/// A key that nothing here reads would be a fact that nobody compares.
pub(crate) fn known_keys(entries: &Entries, known: &[&str], file: &str) {
    for key in entries.keys() {
        assert!(known.contains(&key.as_str()), "{file}: nothing here reads `{key}`; it is none of {known:?}");
    }
}

pub(crate) fn str<'a>(entries: &'a Entries, key: &str) -> Option<&'a str> {
    entries.get(key)?.as_str()
}

pub(crate) fn map<'a>(entries: &'a Entries, key: &str) -> Option<&'a Entries> {
    entries.get(key)?.as_object()
}

pub(crate) fn list<'a>(entries: &'a Entries, key: &str) -> &'a [Value] {
    entries.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The texts of a list.
pub(crate) fn strings(entries: &Entries, key: &str) -> Vec<String> {
    list(entries, key).iter().map(scalar).collect()
}

/// A scalar as text.
pub(crate) fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}
