//! What a reader is told, and finds: features, and the pages of the guide.

use std::collections::BTreeSet;
use std::fs;

use cloudnet_tests::{package, workspace};

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
