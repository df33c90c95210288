//! The features of the SDK: a service or a chapter each. `.ci/features` checks each alone.

use std::collections::{BTreeMap, BTreeSet};

use cloudnet_codegen::model;
use cloudnet_codegen::model::Service;
use cloudnet_tests::{package, specs};

/// What is no service, and is useful together with any.
const WAYS_TO_CALL: [(&str, &[&str]); 4] =
    [("blocking", &[]), ("dynamic", &[]), ("serde", &[]), ("testing", &["dep:strsim"])];
/// What carries requests, and what each of them turns on.
const TRANSPORT: [(&str, &[&str]); 4] = [
    ("aws-lc-rs", &["transport", "reqwest/rustls", "rustls/aws_lc_rs"]),
    ("http2", &["transport", "reqwest/http2"]),
    ("ring", &["transport", "rustls/ring"]),
    ("transport", &["dep:reqwest", "dep:rustls", "dep:rustls-platform-verifier"]),
];

type Features = BTreeMap<String, BTreeSet<String>>;

#[test]
fn features_are_the_services_and_their_chapters() {
    let (model, _) = model(&specs()).unwrap_or_else(|findings| panic!("{findings}"));
    let named = |(name, brings): (&str, &[&str])| (name.to_owned(), names(brings));
    let mut expected: Features = WAYS_TO_CALL.map(named).into();
    expected.extend(TRANSPORT.map(named));
    for service in &model.services {
        let chapters: BTreeSet<String> = service.chapters.iter().map(|one| one.feature.clone()).collect();
        expected.extend(chapters.iter().map(|chapter| (chapter.clone(), BTreeSet::new())));
        expected.insert(service.feature.clone(), chapters);
    }
    let mut usual = names(&["aws-lc-rs"]);
    // Those that are published almost as a whole are asked for, so that nobody compiles them unawares.
    let is_documented = |service: &&Service| {
        let published = service.actions.iter().filter(|action| action.spec.published.is_some()).count();
        2 * published < service.actions.len()
    };
    usual.extend(model.services.iter().filter(is_documented).map(|service| service.feature.clone()));
    expected.insert("default".to_owned(), usual);
    assert_eq!(features(), expected, "`[features]` of sdk/Cargo.toml");
}

/// The features of the SDK, as cargo reads them.
fn features() -> Features {
    serde_json::from_value(package("cloudnet")["features"].clone()).expect("features are lists of names")
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
