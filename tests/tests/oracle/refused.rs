//! Calls that must stay refused, as data: `refused.yaml` has one for each rule and each closed list that holds,
//! so that a spec that lets more through changes a line there.

use cloudnet::Violation;
use cloudnet_tests::workspace;
use serde_json::Value;

use crate::bounds::Found;
use crate::probe;
use crate::row;
use crate::rule::Rule;
use crate::spec::{Action, Entries, Spec, known_keys, str};

#[test]
fn what_must_stay_refused_is() {
    let entries = read();
    let mut faults = Vec::new();
    for entry in &entries {
        known_keys(entry, &["action", "refuses", "parameters", "path"], "refused.yaml");
        let is_refused = violations(entry).is_ok_and(|all| all.iter().any(|one| is_at(entry, one)));
        if !is_refused {
            faults.push(format!("no longer refused: {}", Value::Object(entry.clone())));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(entries.len() >= 150, "only {} entries", entries.len());
}

#[test]
fn every_rule_and_every_closed_list_has_a_refused_call() {
    let (spec, entries) = (Spec::read(), read());
    let mut faults = Vec::new();
    for (service, action) in spec.actions() {
        let name = format!("{}.{}", service.name(), action.name());
        for (refuses, is_about) in refusals(action) {
            let is_its = |entry: &&Entries| {
                str(entry, "action") == Some(&name) && str(entry, "refuses") == Some(&refuses)
            };
            let says = |entry: &Entries| {
                violations(entry)
                    .is_ok_and(|all| all.iter().any(|one| is_at(entry, one) && is_about(&one.rule)))
            };
            if !entries.iter().filter(is_its).any(says) {
                faults.push(format!("{name}: no entry is refused by: {refuses}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn read() -> Vec<Entries> {
    let text = std::fs::read_to_string(workspace().join("tests/refused.yaml")).expect("it is there");
    serde_yaml::from_str(&text).expect("it is a list of mappings")
}

fn violations(entry: &Entries) -> Result<Vec<Violation>, String> {
    let (service, action) =
        str(entry, "action").and_then(|action| action.split_once('.')).unwrap_or_default();
    Ok(Found::of(service, action, &entry["parameters"])?.violations)
}

fn is_at(entry: &Entries, violation: &Violation) -> bool {
    str(entry, "path") == Some(&violation.path)
}

type IsAbout = Box<dyn Fn(&str) -> bool>;

/// The rules and closed lists of an action, and whether a finding is about one.
fn refusals(action: &Action) -> Vec<(String, IsAbout)> {
    let rules = Rule::of(action).into_iter().filter(|rule| !rule.is_advice);
    let rules = rules.map(|rule| (rule.line(), Box::new(move |said: &str| rule.is_about(said)) as IsAbout));
    let lists = row::fields(&action.request).into_iter().flat_map(|field| {
        let limits = field.limits.into_iter().filter(|limit| limit.key == "values" && !limit.is_advice());
        let name = str(&field.row, "name").unwrap_or_default().to_owned();
        limits.map(move |limit| {
            let is_about: IsAbout =
                Box::new(move |said| probe::is_about(&limit, said) && !said.contains(" when "));
            (format!("values of {name}"), is_about)
        })
    });
    rules.chain(lists).collect()
}
