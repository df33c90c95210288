//! The features of the SDK: a service or a chapter each, and each of them compiles alone.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::Command;

use cloudnet_codegen::model;
use cloudnet_tests::{specs, workspace};
use serde_json::Value;

/// What is no service, and is useful together with any.
const WAYS_TO_CALL: [&str; 3] = ["blocking", "dynamic", "testing"];

type Features = BTreeMap<String, BTreeSet<String>>;

#[test]
fn features_are_the_services_and_their_chapters() {
    let (model, _) = model(&specs()).unwrap_or_else(|findings| panic!("{findings}"));
    let mut expected: Features = WAYS_TO_CALL.map(|name| (name.to_owned(), BTreeSet::new())).into();
    for service in &model.services {
        let chapters: BTreeSet<String> = service.chapters.iter().map(|one| one.feature.clone()).collect();
        expected.extend(chapters.iter().map(|chapter| (chapter.clone(), BTreeSet::new())));
        expected.insert(service.feature.clone(), chapters);
    }
    let all = model.services.iter().map(|service| service.feature.clone()).collect();
    expected.insert("default".to_owned(), all);
    assert_eq!(features(), expected, "`[features]` of sdk/Cargo.toml");
}

#[test]
fn every_feature_compiles_alone_and_without_a_warning() {
    let alone = features().into_keys().filter(|name| name != "default");
    let with_a_chapter = WAYS_TO_CALL.map(|name| format!("{name},vpc-eip"));
    for features in alone.chain(with_a_chapter).chain([String::new()]) {
        let mut check = cargo();
        check.args(["rustc", "--quiet", "--package", "cloudnet", "--lib", "--profile", "check"]);
        check.args(["--no-default-features", "--features", &features, "--", "--deny", "warnings"]);
        let checked = check.output().expect("cargo runs");
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "with the features `{features}`:\n{said}");
    }
}

/// The features of the SDK, as cargo reads them.
fn features() -> Features {
    let described = cargo().args(["metadata", "--no-deps", "--format-version", "1"]).output();
    let metadata: Value = serde_json::from_slice(&described.expect("cargo runs").stdout).expect("it is JSON");
    let packages = metadata["packages"].as_array().expect("a workspace has packages");
    let sdk = packages.iter().find(|package| package["name"] == "cloudnet").expect("the SDK is one of them");
    serde_json::from_value(sdk["features"].clone()).expect("features are lists of names")
}

fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace());
    cargo
}
