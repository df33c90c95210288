//! What is packed of the crates that are published. `.ci/unpacked` builds and tests the packages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use cloudnet_tests::{package, workspace};

/// Crates that are published, and their folders.
const PUBLISHED: [(&str, &str); 2] = [("cloudnet", "sdk"), ("cloudnet-emulator", "sdk/emulator")];
/// Texts that a package has, and what they are links to.
const TEXTS: [&str; 3] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];
const MADE_FOR_IT: [&str; 3] = ["README.md", "Cargo.toml", "Cargo.lock"];
/// What the emulator has beside its code.
const OF_THE_EMULATOR: [&str; 2] = ["FIDELITY.md", "env"];

#[test]
fn nothing_else_is_published() {
    for name in ["cloudnet-codegen", "cloudnet-tests", "xtask"] {
        assert_eq!(package(name)["publish"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn manifests_say_what_a_registry_shows() {
    for (name, _) in PUBLISHED {
        let manifest = package(name);
        let count = |key: &str| manifest[key].as_array().map_or(0, Vec::len);
        assert!((1..=5).contains(&count("keywords")), "{name} has its keywords");
        assert!((1..=5).contains(&count("categories")), "{name} has its categories");
        assert_eq!(manifest["documentation"], format!("https://docs.rs/{name}"));
        assert_eq!(manifest["readme"], "README.md", "{name}");
        assert_eq!(manifest["license"], "MIT OR Apache-2.0", "{name}");
        assert_eq!(manifest["metadata"]["docs"]["rs"]["all-features"], true, "{name}");
        let cloudnet = manifest["dependencies"].as_array().into_iter().flatten();
        for dependency in cloudnet.filter(|one| one["name"] == "cloudnet" && one["kind"].is_null()) {
            let version = manifest["version"].as_str().unwrap();
            assert_eq!(dependency["req"], format!("^{version}"), "{name} is packed with its clients");
        }
    }
}

#[test]
fn a_package_has_its_texts_and_nothing_that_is_for_the_repository_alone() {
    for (name, folder) in PUBLISHED {
        let packed = packed(name);
        for text in TEXTS.iter().chain(&MADE_FOR_IT) {
            assert!(packed.contains(Path::new(text)), "{name} lacks {text}");
        }
        for file in &packed {
            assert!(is_code(file) || is_text(file), "{file:?} of {name}");
        }
        let sizes = packed.iter().map(|file| fs::metadata(workspace().join(folder).join(file)));
        let bytes: u64 = sizes.map(|found| found.map_or(0, |found| found.len())).sum();
        assert!(bytes < 4 << 20, "{name} is {bytes} bytes");
    }
}

#[test]
fn links_have_the_contents_of_what_they_point_at() {
    let same = |one: &str, other: &str| {
        let read = |path: &str| fs::read(workspace().join(path)).unwrap();
        assert!(read(one) == read(other), "{one} is not {other}");
    };
    for (_, folder) in PUBLISHED {
        TEXTS.iter().for_each(|text| same(&format!("{folder}/{text}"), text));
    }
    same("sdk/README.md", "README.md");
    for vector in fs::read_dir(workspace().join("sdk/emulator/src/vectors")).unwrap() {
        let name = vector.unwrap().file_name().into_string().unwrap();
        same(&format!("sdk/emulator/src/vectors/{name}"), &format!("tests/vectors/{name}"));
    }
}

#[test]
fn packed_code_includes_packed_files_alone() {
    let mut count = 0;
    for (name, folder) in PUBLISHED {
        let packed = packed(name);
        for file in packed.iter().filter(|file| file.extension().is_some_and(|suffix| suffix == "rs")) {
            let text = fs::read_to_string(workspace().join(folder).join(file)).unwrap();
            for included in included(&text) {
                let path = plain(&file.parent().unwrap_or(Path::new("")).join(included));
                assert!(packed.contains(&path), "{file:?} of {name} includes {included}");
                count += 1;
            }
        }
    }
    assert!(count > 5, "{count}");
}

fn is_code(file: &Path) -> bool {
    let is_below = |root| file.starts_with(root);
    let is_of = |suffix| file.extension().is_some_and(|found| found == suffix);
    ["src", "examples", "benches", "tests"].iter().any(is_below)
        && ["rs", "json", "css"].into_iter().any(is_of)
}

fn is_text(file: &Path) -> bool {
    let mut texts = TEXTS.iter().chain(&MADE_FOR_IT).chain(&OF_THE_EMULATOR);
    // What the manifest names for the published docs.
    let is_head = file == Path::new("rustdoc-head.html");
    let is_page = file.starts_with("docs") && file.extension().is_some_and(|extension| extension == "md");
    is_page || is_head || texts.any(|text| file == Path::new(text))
}

/// The files of a package, as cargo lists them, without those that it writes itself.
fn packed(name: &str) -> BTreeSet<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace()).args(["package", "--list", "--allow-dirty", "--package", name]);
    let listed = cargo.output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let own = [".cargo_vcs_info.json", "Cargo.toml.orig"];
    let files = String::from_utf8(listed.stdout).unwrap();
    files.lines().filter(|file| !own.contains(file)).map(PathBuf::from).collect()
}

/// The paths in `include_str!("…")`, `include_bytes!("…")` and `include!("…")`.
fn included(text: &str) -> impl Iterator<Item = &str> {
    let macros = ["include_str!(\"", "include_bytes!(\"", "include!(\""];
    let calls = macros.into_iter().flat_map(|start| text.split(start).skip(1));
    calls.filter_map(|rest| rest.split_once('"').map(|(path, _)| path))
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => assert!(plain.pop(), "{path:?} leaves the package"),
            other => plain.push(other),
        }
    }
    plain
}
