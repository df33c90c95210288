//! What the SDK's static tables say, in the words of the oracle.

use cloudnet::dynamic;
use cloudnet::schema::{Action, ErrorCode, Kind, Resource, Service, Shape, Wait};

use crate::facts::Facts;

pub(crate) fn service(table: &Service) -> Facts {
    let mut facts = Facts::default();
    let endpoints = &table.endpoints;
    for (key, text) in [("title", table.title), ("product", table.product), ("version", table.version)] {
        facts.add(format!("service {key}: {text:?}"));
    }
    facts.add(format!("service protocol: {:?}", table.protocol));
    facts.add(format!("service variable: {:?}", endpoints.variable));
    facts.add(format!("service rule: {:?}", endpoints.rule));
    facts.add(format!("service vpc_network: {:?}", endpoints.vpc_network));
    facts.add(format!("service central: {:?}", endpoints.central));
    facts.add(format!("service home_region: {:?}", endpoints.home_region));
    endpoints.map.iter().for_each(|(region, host)| facts.add(format!("service region {region}: {host:?}")));
    errors(&mut facts, "error", table.errors);
    facts
}

pub(crate) fn waiters(service: &str) -> Facts {
    let mut facts = Facts::default();
    dynamic::waiters(service).for_each(|(name, by)| facts.add(format!("waiter {name}: {by:?}")));
    facts
}

pub(crate) fn action(table: &Action) -> Facts {
    let mut facts = Facts::default();
    facts.add(format!("action section: {:?}", table.section));
    facts.add(format!("action effect: {:?}", table.effect));
    facts.add(format!("action status: {:?}", table.status));
    facts.add(format!("action method: {:?}", table.method));
    facts.add(format!("action token: {:?}", table.token));
    facts.add(format!("action dry run: {}", option(table.dry_run)));
    facts.add(format!("action serialized by: {:?}", table.serialize_by));
    facts.add(format!("action pages: {}", option(table.pagination)));
    facts.add(format!("action permission: {:?}", table.permission));
    table.resources.iter().for_each(|resource| facts.add(format!("action acts on: {resource:?}")));
    rows(&mut facts, "request", "", &table.request);
    rows(&mut facts, "response", "", &table.response);
    errors(&mut facts, "error", table.errors);
    errors(&mut facts, "observed", table.observed);
    if let Some(wait) = &table.wait {
        about_wait(&mut facts, wait);
    }
    facts
}

fn option(value: Option<impl std::fmt::Debug>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("{value:?}"))
}

fn rows(facts: &mut Facts, table: &str, prefix: &str, shape: &Shape) {
    for rule in shape.rules {
        let place = prefix.trim_end_matches('.');
        facts.add(format!(
            "rule {table} {place}: {:?}, today: {}, advice: {}",
            rule.kind, rule.today, rule.advice
        ));
    }
    for field in shape.fields {
        let about = format!("{table} {prefix}{}", field.name);
        let (kind, below) = kind(&field.kind);
        facts.add(format!("row {about}: {kind}"));
        for (is_so, word) in [(field.required, "required"), (field.form, "form"), (field.secret, "secret")] {
            if is_so {
                facts.add(format!("row {about}: {word}"));
            }
        }
        if !field.wrapped.is_empty() {
            facts.add(format!("row {about}: wraps {}", field.wrapped));
        }
        field.aliases.iter().for_each(|alias| facts.add(format!("row {about}: also {alias}")));
        field.limits.iter().for_each(|limit| facts.add(format!("limit {about}: {limit:?}")));
        if let Some(below) = below {
            rows(facts, table, &format!("{prefix}{}.", field.name), below);
        }
    }
}

fn kind(kind: &Kind) -> (String, Option<&'static Shape>) {
    match kind {
        Kind::Object(shape) => ("Object".to_owned(), Some(shape)),
        Kind::Json(shape) => ("Json".to_owned(), Some(shape)),
        Kind::List(entry) => {
            let (entry, below) = self::kind(entry);
            (format!("List({entry})"), below)
        }
        scalar => (format!("{scalar:?}"), None),
    }
}

fn errors(facts: &mut Facts, kind: &str, errors: &[ErrorCode]) {
    for ErrorCode { status, code, class, gone, meaning, .. } in errors {
        facts.add(format!("{kind} {status} {code}: {class:?}, gone: {gone}, {meaning:?}"));
    }
}

fn about_wait(facts: &mut Facts, wait: &Wait) {
    about_resource(facts, wait.resource);
    let mut add = |fact: String| facts.add(format!("wait {fact}"));
    add(format!("for: {:?}", wait.resource.name));
    wait.by.iter().for_each(|(key, sources)| add(format!("by {key}: {sources:?}")));
    add(format!("until: {:?} {:?}", wait.until, wait.success));
    for other in wait.success_if {
        add(format!("until if: {:?} = {:?}: {:?}", other.source, other.equals, other.success));
    }
    wait.shows.iter().for_each(|(field, from)| add(format!("shows {field}: {from:?}")));
    add(format!("failure: {:?}", wait.failure));
    add(format!("appears: {}", wait.appears));
    add(format!("deadline: {}", wait.deadline_s));
    add(format!("first delay: {}", wait.first_delay_s));
}

fn about_resource(facts: &mut Facts, resource: &Resource) {
    let mut add = |fact: String| facts.add(format!("resource {fact}"));
    add(format!("title: {:?}", resource.title));
    add(format!("keys: {:?}", resource.keys));
    add(format!("optional keys: {:?}", resource.optional_keys));
    add(format!("poll: {:?}", resource.poll));
    add(format!("rows: {:?}", resource.rows));
    add(format!("state: {:?}", resource.state));
    add(format!("exists: {:?}", resource.exists));
    resource.ask.iter().for_each(|(parameter, from)| add(format!("ask {parameter}: {from:?}")));
    resource.row.iter().for_each(|(field, key)| add(format!("row {field}: {key:?}")));
    resource.outer_row.iter().for_each(|(field, key)| add(format!("outer row {field}: {key:?}")));
    let mut states = resource.states.to_vec();
    states.sort_unstable();
    add(format!("states: {states:?}"));
}
