//! The features of the SDK: a service or a chapter each. `.ci/features` checks each alone.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::Command;

use cloudnet_codegen::model;
use cloudnet_tests::{specs, workspace};
use serde_json::Value;

/// What is no service, and is useful together with any.
const WAYS_TO_CALL: [&str; 3] = ["blocking", "dynamic", "testing"];
/// What carries requests, and what each of them turns on.
const TRANSPORT: [(&str, &[&str]); 3] = [
    ("aws-lc-rs", &["transport", "reqwest/rustls", "rustls/aws_lc_rs"]),
    ("ring", &["transport", "rustls/ring"]),
    ("transport", &["dep:reqwest", "dep:rustls", "dep:rustls-platform-verifier"]),
];

type Features = BTreeMap<String, BTreeSet<String>>;

#[test]
fn features_are_the_services_and_their_chapters() {
    let (model, _) = model(&specs()).unwrap_or_else(|findings| panic!("{findings}"));
    let mut expected: Features = WAYS_TO_CALL.map(|name| (name.to_owned(), BTreeSet::new())).into();
    expected.extend(TRANSPORT.map(|(name, brings)| (name.to_owned(), names(brings))));
    for service in &model.services {
        let chapters: BTreeSet<String> = service.chapters.iter().map(|one| one.feature.clone()).collect();
        expected.extend(chapters.iter().map(|chapter| (chapter.clone(), BTreeSet::new())));
        expected.insert(service.feature.clone(), chapters);
    }
    let mut usual = names(&["aws-lc-rs"]);
    usual.extend(model.services.iter().map(|service| service.feature.clone()));
    expected.insert("default".to_owned(), usual);
    assert_eq!(features(), expected, "`[features]` of sdk/Cargo.toml");
}

/// The features of the SDK, as cargo reads them.
fn features() -> Features {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace());
    let described = cargo.args(["metadata", "--no-deps", "--format-version", "1"]).output();
    let metadata: Value = serde_json::from_slice(&described.expect("cargo runs").stdout).expect("it is JSON");
    let packages = metadata["packages"].as_array().expect("a workspace has packages");
    let sdk = packages.iter().find(|package| package["name"] == "cloudnet").expect("the SDK is one of them");
    serde_json::from_value(sdk["features"].clone()).expect("features are lists of names")
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
