//! Whether witnesses say the truth: one of each kind is built with the SDK of the sample service before and after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;
use xtask::diff::{Effect, witness};

use super::table::Revision;
use super::{REPORTS, Revised, copy};

/// The features of the sample service, which the SDK does not have.
const FEATURES: &str = "[features]\nsample = [\"sample-places\", \"sample-things\"]\nother = []\nsample-places = []\nsample-things = []\n";

const WITNESS: &str = "[package]
name = \"witness\"
version = \"0.0.0\"
edition = \"2024\"

[dependencies]
cloudnet = { path = \"../sdk\", default-features = false, features = [\"sample\", \"other\"] }
";

#[test]
#[ignore = "builds the SDK for each kind; `.ci/witnesses` runs it"]
fn a_witness_of_each_kind_builds_before_and_not_after() {
    let place = Workspace::new();
    let mut wrong = Vec::new();
    for (key, (revision, index, effect)) in one_of_each_kind() {
        let (base, new) = (Revised::new(&[]), Revised::new(revision.edits));
        let [before, after] = if index == 0 { [&base, &new] } else { [&new, &base] };
        place.put_program(effect);
        place.generate(&before.path());
        if let Err(said) = place.check() {
            wrong.push(format!(
                "{key} ({}) does not build before:\n{}\n{said}",
                revision.name, effect.witness
            ));
        }
        place.generate(&after.path());
        match place.check() {
            Ok(()) => wrong.push(format!("{key} ({}) builds after:\n{}", revision.name, effect.witness)),
            // The SDK itself must build: the witness fails for what it uses.
            Err(said) if !said.contains("witness/src") => wrong.push(format!("{key}: {said}")),
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The first effect of each kind that breaks builds, with its revision, and whether it is that of the way back.
fn one_of_each_kind() -> BTreeMap<&'static str, (&'static Revision, usize, &'static Effect)> {
    let mut found = BTreeMap::new();
    for (revision, reports) in REPORTS.iter() {
        for (index, report) in reports.iter().enumerate() {
            for effect in report.effects.iter().filter(|effect| !effect.witness.is_empty()) {
                found.entry(effect.kind.key).or_insert((*revision, index, effect));
            }
        }
    }
    found
}

/// The SDK with code of other specs, and a program that uses it.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let place = Self(TempDir::new().unwrap());
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let members = manifest.lines().map(|line| match line.split_once(" = ") {
            Some(("members", _)) => "members = [\"sdk\", \"witness\"]",
            _ => line,
        });
        fs::write(place.path("Cargo.toml"), members.collect::<Vec<_>>().join("\n")).unwrap();
        fs::copy(root.join("Cargo.lock"), place.path("Cargo.lock")).unwrap();
        for folder in ["docs", "src", "examples", "benches"] {
            copy(&root.join("sdk").join(folder), &place.path("sdk").join(folder));
        }
        let manifest = fs::read_to_string(root.join("sdk/Cargo.toml")).unwrap();
        fs::write(place.path("sdk/Cargo.toml"), manifest.replacen("[features]\n", FEATURES, 1)).unwrap();
        fs::create_dir_all(place.path("witness/src")).unwrap();
        fs::write(place.path("witness/Cargo.toml"), WITNESS).unwrap();
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn put_program(&self, effect: &Effect) {
        let folder = TempDir::new().unwrap();
        witness::write(folder.path(), std::slice::from_ref(effect)).unwrap();
        let program = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
        fs::copy(program.path(), self.path("witness/src/main.rs")).unwrap();
    }

    fn generate(&self, specs: &Path) {
        let generated = cloudnet_codegen::generate(specs).unwrap_or_else(|findings| panic!("{findings}"));
        fs::remove_dir_all(self.path("sdk/src/generated")).unwrap();
        for (path, text) in generated.files.iter().filter(|(path, _)| path.starts_with("src/generated/")) {
            let path = self.path("sdk").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn check(&self) -> Result<(), String> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("witnesses");
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(self.0.path()).args(["check", "--quiet", "--package", "witness"]);
        let output = command.env("CARGO_TARGET_DIR", target).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    }
}
