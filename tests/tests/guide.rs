//! What a reader is told, and finds: features, and the pages of the guide.

use std::collections::BTreeSet;
use std::fs;

use cloudnet_codegen::model::{Action, Type};
use cloudnet_codegen::names;
use cloudnet_tests::sample::{self, Extent};
use cloudnet_tests::server::catalog;
use cloudnet_tests::{package, texts, workspace};
use serde_json::{Value as Json, json};

/// Where a reader begins.
const BEGINNINGS: [&str; 2] = ["README.md", "sdk/src/lib.rs"];

#[test]
fn every_feature_is_listed() {
    let package = package("cloudnet");
    let features = package["features"].as_object().expect("features are a map");
    for page in BEGINNINGS {
        let text = read(page);
        let (_, below) = text.split_once("# Features\n").expect("there is a list of features");
        let rows: BTreeSet<&str> = below.lines().filter_map(row).flat_map(words).collect();
        let unlisted: Vec<_> =
            features.keys().filter(|name| *name != "default" && !rows.contains(name.as_str())).collect();
        assert!(unlisted.is_empty(), "{page} has no row of {unlisted:?}");
    }
}

/// A row of a table, in Markdown or in docs.
fn row(line: &str) -> Option<&str> {
    line.trim_start_matches("//! ").strip_prefix('|')
}

/// What stands in code spans.
fn words(row: &str) -> impl Iterator<Item = &str> {
    row.split('`').skip(1).step_by(2)
}

#[test]
fn every_page_of_the_guide_is_linked() {
    let (guide, [readme, page]) = (read("sdk/src/guide.rs"), BEGINNINGS.map(read));
    let mut pages = 0;
    for entry in fs::read_dir(workspace().join("sdk/docs")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let name = file.strip_suffix(".md").expect("pages are Markdown");
        let module = format!("include_str!(\"../docs/{file}\")]\npub mod {name} {{}}");
        assert!(guide.contains(&module), "`guide` has no module of {file}");
        assert!(page.contains(&format!("(guide::{name})")), "lib.rs has no link to {file}");
        assert!(readme.contains(&format!("(sdk/docs/{file})")), "README.md has no link to {file}");
        pages += 1;
    }
    assert_eq!(pages, guide.matches("pub mod").count(), "a module of the guide is a page");
}

/// A page says how, shows it, and says what is not to be counted on.
#[test]
fn every_page_has_an_example_and_its_limits() {
    for entry in fs::read_dir(workspace().join("sdk/docs")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        assert!(page.starts_with("# "), "{path:?} has a title");
        assert!(page.contains("\n```\n"), "{path:?} has an example that is run");
        assert!(page.contains("\n# Not promised\n"), "{path:?} says what is not promised");
    }
}

#[test]
fn the_readme_names_the_oldest_rust() {
    let package = package("cloudnet");
    let oldest = package["rust_version"].as_str().expect("it is set");
    let oldest = oldest.strip_suffix(".0").unwrap_or(oldest);
    assert!(read("README.md").contains(&format!("**Rust** {oldest} or later")), "README.md: Rust {oldest}");
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap().replace("\r\n", "\n")
}

/// What the page of an action shows is not refused by the client's own checks.
#[test]
fn the_call_on_the_page_of_an_action_passes_its_checks() {
    let pages = texts(&workspace().join("sdk/src/generated"));
    let mut refused = Vec::new();
    for (service, action) in catalog::actions() {
        let name = &action.spec.name.value;
        let begin = format!("/// client.{}()", action.module);
        let called = format!("/// let all = client.{}()", action.module);
        let is_of_service = |path: &str| path.starts_with(&format!("{}/", service.module));
        let lines = pages.iter().filter(|(path, _)| is_of_service(path)).flat_map(|(_, text)| text.lines());
        let shown = lines.map(|line| line.replacen(&called, &begin, 1)).find(|line| line.starts_with(&begin));
        let shown = shown.unwrap_or_else(|| panic!("no page shows a call of {name}"));
        let parameters = parameters(action, &shown);
        if let Err(error) = cloudnet::dynamic::validate(&service.spec.name.value, name, &parameters) {
            refused.push(format!("{name} {parameters}: {error}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// What the setters of a line set, and what a client fills in.
fn parameters(action: &Action, line: &str) -> Json {
    let mut set = serde_json::Map::from_iter([("RegionId".to_owned(), json!("cn-hangzhou"))]);
    set.retain(|name, _| action.request.fields.iter().any(|field| field.name == *name));
    if let Some(token) = &action.facts.idempotency {
        set.insert(token.value.clone(), json!("token"));
    }
    for field in &action.request.fields {
        if field.is_tags() && line.contains(".tag(\"key\", \"value\")") {
            set.insert(field.name.clone(), json!([{ "Key": "key", "Value": "value" }]));
            continue;
        }
        let Some((_, value)) = line.split_once(&format!(".{}(", names::setter(&field.rust))) else {
            continue;
        };
        // A struct is shown empty: what it needs is on its own page.
        let value = value.split_once(").").map_or(value, |(value, _)| value);
        let value = value.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(value);
        let is_struct = value.starts_with("cloudnet::");
        let value: Json = if is_struct { least(&field.ty) } else { serde_json::from_str(value).unwrap() };
        let is_list = matches!(field.ty, Type::List(_));
        set.insert(field.name.clone(), if is_list { json!([value]) } else { value });
    }
    Json::Object(set)
}

fn least(ty: &Type) -> Json {
    sample::parameters(ty.nested().expect("it is a struct, or a list of some"), Extent::Least)
}

#[test]
fn the_page_of_an_action_names_its_feature() {
    let pages = texts(&workspace().join("sdk/src/generated"));
    for (service, action) in catalog::actions() {
        let (name, feature) = (&action.spec.name.value, service.feature_of(action));
        let is_it = |(path, text): &&(String, String)| {
            path.starts_with(&format!("{}/", service.module))
                && text.contains(&format!("\npub struct {name} {{"))
        };
        let (path, text) = pages.iter().find(is_it).unwrap_or_else(|| panic!("no page of {name}"));
        assert!(
            text.contains(&format!("\n/// - Feature: `{feature}`.\n")),
            "{path} names no feature {feature}"
        );
    }
}
