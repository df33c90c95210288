//! The program as its users run it: what it prints, what it returns, and what it touches.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

const SERVICE: &str = r#"service: sample
title: Sample service
product: Sample
version: "2020-01-01"
document: Sample reference
protocol: acs-rpc
endpoints: { rule: "sample.{region}.example.com" }
"#;

/// Actions of the sample: enough for a run to take its time.
const ACTIONS: usize = 16;

fn action(number: usize) -> String {
    let names: String = (0..20)
        .map(|row| {
            format!("  - {{ name: Name{row}, type: string, length: [2, 128], summary: Name {row}. }}\n")
        })
        .collect();
    format!(
        "action: CreateThing{number}\nsection: \"1.{number}\"\nsummary: Creates a thing {number}.\neffect: write\nanswers: example\nanswers_because: Nothing is kept.\nrequest:\n{names}"
    )
}

/// A folder with specs and a place for the output, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("cloudnet-cli-{name}-{}-{number}", std::process::id());
        let place = Self(std::env::temp_dir().join(name));
        place.put("spec/vendor/sample/_service.yaml", SERVICE);
        for number in 0..ACTIONS {
            place.put(&format!("spec/vendor/sample/CreateThing{number}.yaml"), &action(number));
        }
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.join(below)
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces the first occurrence of a text in a file.
    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        fs::write(self.path(path), text.replacen(from, to, 1)).unwrap();
    }

    /// The generator with the specs and the output of this place.
    fn codegen(&self) -> Command {
        self.codegen_from("spec")
    }

    fn codegen_from(&self, specs: &str) -> Command {
        let mut command = xtask();
        command.arg("codegen").arg("--spec").arg(self.path(specs));
        command.arg("--output").arg(self.path("out"));
        command
    }

    fn run(&self) -> Output {
        self.codegen().output().unwrap()
    }

    fn check(&self) -> Output {
        self.codegen().arg("--check").output().unwrap()
    }

    /// Every file below a folder, with its text and its time of change.
    fn snapshot(&self, folder: &str) -> BTreeMap<String, (String, SystemTime)> {
        let mut found = BTreeMap::new();
        collect(&self.path(folder), "", &mut found);
        found
    }

    /// All that is generated, whoever left what beside it.
    fn generated(&self) -> BTreeMap<String, String> {
        let mut all = self.texts("out");
        all.retain(|path, _| !path.ends_with(".lock"));
        all
    }

    fn texts(&self, folder: &str) -> BTreeMap<String, String> {
        self.snapshot(folder).into_iter().map(|(path, (text, _))| (path, text)).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, (String, SystemTime)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let below = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{below}/"), found);
        } else {
            let changed = entry.metadata().unwrap().modified().unwrap();
            found.insert(below, (fs::read_to_string(entry.path()).unwrap(), changed));
        }
    }
}

fn xtask() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[track_caller]
fn assert_code(output: &Output, code: i32) {
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{stdout}\n{stderr}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_run_says_what_it_wrote_and_a_second_one_writes_nothing() {
    let place = Place::new("twice");
    let first = place.run();
    assert_code(&first, 0);
    let line = text(&first.stdout);
    assert!(
        line.starts_with("1 service, 16 actions: 20 files written, 0 unchanged, 0 removed in "),
        "{line}"
    );
    assert_eq!((line.lines().count(), text(&first.stderr).as_str()), (1, ""));
    let before = place.snapshot("out");
    let second = place.run();
    assert_code(&second, 0);
    assert!(text(&second.stdout).contains(": 0 files written, 20 unchanged, 0 removed in "));
    assert_eq!(place.snapshot("out"), before);
}

#[test]
fn a_clean_check_succeeds_and_leaves_nothing_behind() {
    let place = Place::new("clean");
    assert_code(&place.run(), 0);
    fs::remove_file(place.path("out/src/.generated.lock")).unwrap();
    let before = place.snapshot("");
    let check = place.check();
    assert_code(&check, 0);
    assert_eq!(text(&check.stdout), "1 service, 16 actions: the generated code is current\n");
    assert_eq!(place.snapshot(""), before);
}

/// Changes something, and expects the check to fail, to say all of this and to touch nothing.
fn assert_told(name: &str, change: impl Fn(&Place), expected: &[&str]) {
    let place = Place::new(name);
    assert_code(&place.run(), 0);
    fs::remove_file(place.path("out/src/.generated.lock")).unwrap();
    change(&place);
    let before = place.snapshot("");
    let check = place.check();
    assert_code(&check, 1);
    assert_eq!(place.snapshot(""), before, "{name}: the check wrote");
    let said = text(&check.stdout);
    for words in expected.iter().chain(&["1 file differs. Run `cargo xtask codegen` and commit the result."])
    {
        assert!(said.contains(words), "{name}: `{words}` is not in:\n{said}");
    }
    assert_code(&place.run(), 0);
    assert_code(&place.check(), 0);
}

#[test]
fn a_check_names_the_file_the_fact_and_the_fix() {
    const FILE: &str = "out/src/generated/sample/create_thing3.rs";
    assert_told(
        "edited",
        |place| {
            place.edit(FILE, "Field::text(\"Name4\").limits(", "Field::text(\"Name4\").required().limits(")
        },
        &[
            "changed: ",
            "sample/create_thing3.rs (from spec/vendor/sample/CreateThing3.yaml:12)",
            "-            Field::text(\"Name4\").required()",
            "+            Field::text(\"Name4\").limits(",
        ],
    );
    assert_told(
        "deleted",
        |place| fs::remove_file(place.path(FILE)).unwrap(),
        &["missing: ", "sample/create_thing3.rs (from spec/vendor/sample/CreateThing3.yaml", "+pub struct"],
    );
    assert_told(
        "added",
        |place| place.put("out/src/generated/sample/old.rs", "// @generated by an older spec.\n"),
        &["orphaned: ", "sample/old.rs (from no spec)"],
    );
    assert_told(
        "spec",
        |place| {
            place.edit(
                "spec/vendor/sample/CreateThing3.yaml",
                "Name7, type: string, length",
                "Name7, type: string, required: true, length",
            )
        },
        &[
            "changed: ",
            "sample/create_thing3.rs (from spec/vendor/sample/CreateThing3.yaml:15)",
            "+            Field::text(\"Name7\")",
        ],
    );
}

#[test]
fn a_bad_spec_is_told_in_full_and_nothing_is_touched() {
    let place = Place::new("bad");
    assert_code(&place.run(), 0);
    place.edit("spec/vendor/sample/CreateThing1.yaml", "effect: write", "effect: wirte");
    place.edit("spec/vendor/sample/CreateThing2.yaml", "type: string", "type: strong");
    place.put("spec/vendor/sample/CreateThing5.yaml", "action: [\n");
    let before = place.snapshot("");
    for run in [place.run(), place.check()] {
        assert_code(&run, 1);
        assert_eq!(text(&run.stdout), "");
        let said = text(&run.stderr);
        for words in [
            "error[unknown-word]: unknown word `wirte`",
            "spec/vendor/sample/CreateThing1.yaml:4:9",
            "help: Did you mean `write`?",
            "spec/vendor/sample/CreateThing2.yaml:8:26",
            "error[yaml-syntax]",
            "spec/vendor/sample/CreateThing5.yaml:1:9",
            "3 errors; no file was touched.",
        ] {
            assert!(said.contains(words), "`{words}` is not in:\n{said}");
        }
        assert_eq!(place.snapshot(""), before);
    }
}

#[test]
fn files_of_others_are_left_alone_unless_forced() {
    let place = Place::new("foreign");
    assert_code(&place.run(), 0);
    place.put("out/src/generated/notes.rs", "// Mine.\n");
    let before = place.snapshot("");
    let refused = place.run();
    assert_code(&refused, 1);
    assert!(text(&refused.stderr).contains("notes.rs") && text(&refused.stderr).contains("--force"));
    assert_eq!(place.snapshot(""), before);
    assert_code(&place.codegen().arg("--force").output().unwrap(), 0);
    assert!(!place.path("out/src/generated/notes.rs").exists());
}

#[test]
fn the_inventory_says_what_passes() {
    let place = Place::new("passes");
    let rows = "errors:\n  - { status: 400, code: Busy, class: busy, passes: the state, summary: It is busy. }\n  \
                - { status: 400, code: Full, class: quota, summary: It is full. }\n\
                observed:\n  - { code: Locked, class: busy, passes: the lock, summary: It is locked. }\n";
    place.put("spec/vendor/sample/CreateThing0.yaml", &(action(0) + rows));
    let mut command = xtask();
    command.args(["inventory", "--format", "json", "--spec"]).arg(place.path("spec"));
    let output = command.output().unwrap();
    assert_code(&output, 0);
    let inventory: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = &inventory["services"][0]["actions"][0];
    let passing = |row: &serde_json::Value| (row["class"].clone(), row["passes"].clone());
    assert_eq!(passing(&first["errors"][0]), ("busy".into(), "the state".into()));
    assert_eq!(passing(&first["errors"][1]), ("quota".into(), serde_json::Value::Null));
    assert_eq!(passing(&first["observed_errors"][0]), ("busy".into(), "the lock".into()));
}

#[test]
fn bad_arguments_are_a_failure_of_their_own() {
    for arguments in [
        &["codegen", "--check", "--force"][..],
        &["codegen", "--chekc"],
        &["codegen", "--spec"],
        &["generate"],
        &["inventory", "--format", "yaml"],
        &[],
    ] {
        let output = xtask().args(arguments).output().unwrap();
        assert_code(&output, 2);
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_place_without_specs_is_an_error() {
    let place = Place::new("nowhere");
    let output = place.codegen_from("missing").output().unwrap();
    assert_code(&output, 1);
    assert!(text(&output.stderr).contains("error[unreadable]"));
    assert!(!place.path("out").exists());
}

#[test]
fn the_workspace_is_found_from_anywhere() {
    let output = xtask().args(["codegen", "--check"]).current_dir(std::env::temp_dir()).output().unwrap();
    assert_code(&output, 0);
    assert!(text(&output.stdout).ends_with(": the generated code is current\n"));
}

#[cfg(unix)]
#[test]
fn the_surroundings_do_not_show() {
    let place = Place::new("surroundings");
    assert_code(&place.run(), 0);
    let usual = place.generated();
    for (language, zone, mask) in [("C", "UTC", "077"), ("tr_TR.UTF-8", "Asia/Kolkata", "000")] {
        fs::remove_dir_all(place.path("out")).unwrap();
        let plain = place.codegen();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("umask {mask} && exec \"$0\" \"$@\"")]).arg(plain.get_program());
        command.args(plain.get_args()).env_clear().current_dir("/");
        command.envs([("LANG", language), ("LC_ALL", language), ("TZ", zone), ("HOME", "/nonexistent")]);
        assert_code(&command.output().unwrap(), 0);
        assert!(place.generated() == usual, "{language} {zone} {mask}");
    }
}

#[test]
fn of_two_at_once_one_wins_or_both_do() {
    let place = Place::new("two");
    for _ in 0..5 {
        fs::remove_dir_all(place.path("out")).ok();
        let running: Vec<Child> = (0..2).map(|_| place.codegen().spawn().unwrap()).collect();
        let ended: Vec<Output> = running.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
        assert!(ended.iter().any(|output| output.status.success()));
        for output in ended.iter().filter(|output| !output.status.success()) {
            assert_code(output, 1);
            let said = text(&output.stderr);
            assert!(said.contains("another generator is writing here"), "{said}");
        }
        assert_code(&place.check(), 0);
    }
}

/// Killed at any moment, a run leaves the tree before it or the tree after it.
#[test]
fn a_killed_run_leaves_a_whole_tree() {
    let place = Place::new("killed");
    for (path, text) in place.texts("spec") {
        place.put(&format!("next/{path}"), &text.replace("Creates a thing", "Makes a thing"));
    }
    assert_code(&place.run(), 0);
    let old = place.generated();
    let is_clean = |specs: &str| place.codegen_from(specs).arg("--check").output().unwrap().status.success();
    for round in 0..30_u64 {
        let mut child = place.codegen_from("next").spawn().unwrap();
        // 37 and 61 have no common factor: every round another moment, in no order.
        sleep(Duration::from_millis(round * 37 % 61));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_clean("spec") || is_clean("next"), "round {round} left a mixed tree");
        assert_code(&place.run(), 0);
        assert!(place.generated() == old, "round {round} was not recovered from");
        let left: Vec<_> =
            fs::read_dir(place.path("out")).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "round {round} left {left:?}");
    }
}

#[test]
fn a_check_fails_on_warnings_alone() {
    let place = Place::new("warnings");
    let action = "spec/vendor/sample/CreateThing1.yaml";
    place.edit(action, "section: \"1.1\"", "section: \"1.2\"");
    assert!(place.run().status.success());
    let check = place.check();
    assert!(!check.status.success());
    assert!(String::from_utf8_lossy(&check.stderr).contains("warning[repeated-section]"));
    let said = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(said.contains("the generated code is current") && said.contains("1 warning. "), "{said}");
}
