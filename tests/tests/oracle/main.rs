//! A second reading of the specs, which shares no code with the generator: what `spec/README.md` makes of
//! each file, compared with the tables of the SDK and with the docs of its generated code.
//!
//! Both sides are lists of facts in words. A fact of a file that nothing here reads is a difference too, so
//! a new key of the dialect has to be said here before it counts.

mod bounds;
mod docs;
mod facts;
mod limit;
mod probe;
mod refused;
mod row;
mod rule;
mod sample;
mod spec;
mod tables;
mod wait;

use std::collections::BTreeMap;

use cloudnet::dynamic;
use cloudnet_tests::workspace;

use facts::Facts;
use spec::Spec;

#[test]
fn the_tables_say_what_the_specs_say() {
    let spec = Spec::read();
    let mut differences = Vec::new();
    let mut compared = Facts::default();
    for service in &spec.services {
        let Some(table) = dynamic::services().find(|table| table.name == service.name()) else {
            differences.push(format!("{}: the SDK has no such service", service.file));
            continue;
        };
        let mut expected = service.facts();
        expected.compare(&tables::service(table), &service.file, &mut differences);
        compared.extend(expected);
        for action in &service.actions {
            let Some(table) = dynamic::actions(service.name()).find(|table| table.name == action.name())
            else {
                differences.push(format!("{}: the SDK has no such action", action.file));
                continue;
            };
            let mut expected = action.facts(service);
            expected.compare(&tables::action(table), &action.file, &mut differences);
            compared.extend(expected);
        }
        let mut expected = service.waiters();
        expected.compare(&tables::waiters(service.name()), &service.file, &mut differences);
        compared.extend(expected);
    }
    let described = spec.services.iter().map(|service| service.actions.len()).sum::<usize>();
    let known: usize = dynamic::services().map(|service| dynamic::actions(service.name).count()).sum();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert_eq!(described, known);
    let compared = compared.counts();
    for (kind, least) in [
        ("row", 2_400),
        ("limit", 600),
        ("rule", 40),
        ("error", 800),
        ("observed", 250),
        ("wait", 600),
        ("resource", 800),
        ("waiter", 50),
    ] {
        assert!(compared[kind] >= least, "only {} facts are of the kind {kind}", compared[kind]);
    }
}

#[test]
fn the_docs_say_what_the_specs_say() {
    let spec = Spec::read();
    let mut differences = Vec::new();
    let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
    let generated = docs::Docs::read(&workspace().join("sdk/src/generated"));
    for service in &spec.services {
        for action in &service.actions {
            docs::compare(service, action, &generated, &mut compared, &mut differences);
        }
        docs::compare_waiters(service, &generated, &mut compared, &mut differences);
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    for (kind, least) in [("row", 1_900), ("fact", 6_000), ("error", 1_000), ("wait", 130)] {
        assert!(compared[kind] >= least, "only {} of the kind {kind}", compared[kind]);
    }
}
