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
summary: What is sampled.
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

/// An action of the sample with the keys that a real one has.
const NEIGHBOUR: &str = r#"action: DeleteOther
section: "2.7"
summary: Deletes another thing.
effect: write
# A remark about the neighbour.
ram:
  section: "4"
  resources: ["acs:sample:*:*:other/*", { type: Other }]
request:
  - { name: OtherId, type: string, required: true, summary: ID of the other thing., example: oth-1, length: [2, 8] }
  - name: Force
    type: boolean
    summary: |
      Whether it is deleted at any price.
    today: { default: false }
rules:
  - excludes: [OtherId, Force]
    note: One is enough.
response:
  - { path: RequestId, type: string, summary: ID of the request., example: 4EC47282 }
errors:
  - status: 404
    code: InvalidOther.NotFound
    class: not-found
    summary: The other thing does not exist.
answers: example
answers_because: Nothing is kept.
examples:
  - request: { OtherId: oth-1 }
    response: { RequestId: 4EC47282 }
"#;

impl Place {
    /// The sample with neighbours, all of which answer with a `RequestId`.
    fn with_neighbours(name: &str) -> Self {
        let place = Self::new(name);
        let response =
            "response:\n  - { path: RequestId, type: string, summary: ID of the request., example: X }\n";
        for number in 0..ACTIONS {
            place.put(&format!("spec/vendor/sample/CreateThing{number}.yaml"), &(action(number) + response));
        }
        place.put("spec/vendor/sample/DeleteOther.yaml", NEIGHBOUR);
        place
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        xtask().args(arguments).arg("--spec").arg(self.path("spec")).output().unwrap()
    }

    /// Runs it, expects it to fail with these words, and to touch nothing.
    #[track_caller]
    fn assert_refused(&self, arguments: &[&str], words: &str) {
        let before = self.snapshot("");
        let output = self.xtask(arguments);
        assert_code(&output, 1);
        let said = text(&output.stderr);
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
        assert_eq!(self.snapshot(""), before);
    }
}

#[test]
fn a_new_action_has_the_keys_of_its_neighbour_and_none_of_its_facts() {
    let place = Place::with_neighbours("new");
    let output = place.xtask(&["new", "DeleteThing", "--like", "DeleteOther"]);
    assert_code(&output, 0);
    let said = text(&output.stdout);
    assert!(said.contains("DeleteThing.yaml: 23 values to be written, 6 as others have them\n"), "{said}");
    let expected = r#"action: DeleteThing
section: TODO(2.7)
summary: TODO
effect: write
ram:
  section: TODO(4)
  resources: TODO
request:
  - { name: TODO(OtherId), type: TODO(string), required: TODO(true), summary: TODO, example: TODO(oth-1), length: TODO }
  - name: TODO(Force)
    type: TODO(boolean)
    summary: TODO
    today: { default: TODO(false) }
rules:
  - excludes: TODO
    note: TODO
response:
  - { path: RequestId, type: string, summary: ID of the request., example: TODO(4EC47282) }
errors:
  - status: TODO(404)
    code: TODO(InvalidOther.NotFound)
    class: TODO(not-found)
    summary: TODO
answers: example
answers_because: Nothing is kept.
examples:
  - request: TODO
    response: TODO
"#;
    let written = fs::read_to_string(place.path("spec/vendor/sample/DeleteThing.yaml")).unwrap();
    assert_eq!(written, expected);
}

#[test]
fn what_is_left_to_be_written_is_told_until_it_is() {
    let place = Place::with_neighbours("unfilled");
    assert_code(&place.xtask(&["new", "DeleteThing", "--like", "DeleteOther"]), 0);
    let refused = place.run();
    assert_code(&refused, 1);
    let said = text(&refused.stderr);
    for words in [
        "error[unfilled]: `section` is still to be written",
        "spec/vendor/sample/DeleteThing.yaml:2:10",
        "error[unfilled]: `name`, `type`, `required`, `summary`, `example`, `length` are still to be written",
        "18 errors; no file was touched.",
    ] {
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
    }
    assert!(!place.path("out").exists());
    let filled = NEIGHBOUR.replace("Other", "Thing").replace("another", "one").replace("2.7", "2.8");
    place.put("spec/vendor/sample/DeleteThing.yaml", &filled);
    assert_code(&place.run(), 0);
}

#[test]
fn a_new_action_never_takes_the_place_of_another() {
    let place = Place::with_neighbours("taken");
    place.assert_refused(
        &["new", "DeleteOther", "--like", "CreateThing1"],
        "spec/vendor/sample/DeleteOther.yaml is there already, and stays as it is",
    );
    place.assert_refused(
        &["new", "DELETEOther", "--like", "CreateThing1"],
        "DeleteOther.yaml is there already",
    );
    place.assert_refused(
        &["new", "DeleteThing", "--like", "DeleteOthr"],
        "error: no action is named `DeleteOthr`. Did you mean `DeleteOther`?",
    );
    place.assert_refused(
        &["new", "../Thing", "--like", "DeleteOther"],
        "the action name `../Thing` must be ASCII letters, digits, `_` and `-`",
    );
    place.put("spec/vendor/other/_service.yaml", &SERVICE.replace("sample", "other"));
    place.put("spec/vendor/other/DeleteOther.yaml", NEIGHBOUR);
    place.assert_refused(&["new", "DeleteThing", "--like", "DeleteOther"], "say which with `--service`");
    let other = place.xtask(&["new", "DeleteThing", "--like", "DeleteOther", "--service", "other"]);
    assert_code(&other, 0);
    assert!(place.path("spec/vendor/other/DeleteThing.yaml").exists());
}

/// Whatever a spec is like, what is made of it is YAML of the dialect that lacks facts alone.
#[test]
fn any_action_of_the_specs_can_be_the_neighbour() {
    let place = Place::new("any");
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("spec");
    let mut files = BTreeMap::new();
    collect(&specs, "", &mut files);
    files.retain(|path, _| path.starts_with("alibaba/vpc/") && path.ends_with(".yaml"));
    fs::remove_dir_all(place.path("spec")).unwrap();
    for (path, (text, _)) in &files {
        place.put(&format!("spec/{path}"), text);
    }
    let names = files.keys().filter(|path| !path.contains('_') || !path.ends_with("_service.yaml"));
    let names: Vec<&str> = names
        .filter_map(|path| path.rsplit('/').next()?.strip_suffix(".yaml"))
        .filter(|name| !name.starts_with('_'))
        .collect();
    // Every third, each being a run of its own.
    let names: Vec<&str> = names.into_iter().step_by(3).collect();
    for name in &names {
        assert_code(&place.xtask(&["new", &format!("{name}Again"), "--like", name]), 0);
    }
    let output = place.run();
    assert_code(&output, 1);
    let said = text(&output.stderr);
    let other = said.lines().find(|line| line.starts_with("error") && !line.contains("[unfilled]"));
    assert!(other.is_some_and(|line| line.ends_with("no file was touched.")) || other.is_none(), "{other:?}");
    for name in names {
        let path = files.keys().find(|path| path.ends_with(&format!("/{name}.yaml"))).unwrap();
        let made = path.replace(&format!("{name}.yaml"), &format!("{name}Again.yaml"));
        let made = fs::read_to_string(place.path(&format!("spec/{made}"))).unwrap();
        let summary = files[path].0.lines().find(|line| line.starts_with("summary: ")).unwrap();
        assert!(!made.contains(summary), "{name}");
    }
}

#[test]
fn what_is_accepted_is_what_the_specs_make() {
    let place = Place::new("accept");
    place.put("README.md", "# Sample\n\n<!-- inventory -->\nold\n<!-- /inventory -->\n\nThe end.\n");
    place.put("spec/README.md", "<!-- classes -->\n<!-- /classes -->\n<!-- lints -->\n<!-- /lints -->\n<!-- differences -->\n<!-- /differences -->\n");
    place.put("tests/golden/rows.txt", "");
    let accept = || place.codegen().arg("--accept").arg("--workspace").arg(place.path("")).output().unwrap();
    let first = accept();
    assert_code(&first, 0);
    let said = text(&first.stdout);
    assert!(said.ends_with("Accepted: tests/golden/rows.txt, README.md, spec/README.md\n"), "{said}");
    let texts = place.texts("");
    assert!(texts["README.md"].starts_with("# Sample\n\n<!-- inventory -->\n| chapter | actions |"));
    assert!(texts["README.md"].contains(
        "| all | 16 | 320 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n<!-- /inventory -->\n\nThe end.\n"
    ));
    assert!(texts["tests/golden/rows.txt"].contains("sample 1.3 CreateThing3: 20 / 0 / 0\n"));
    assert!(texts["spec/README.md"].contains("| `limit-differs` | a parameter |"));
    let before = place.snapshot("");
    let second = accept();
    assert_code(&second, 0);
    assert!(text(&second.stdout).ends_with("The counts and tables are current.\n"));
    assert_eq!(place.snapshot(""), before);
    place.put("README.md", "# Sample\n");
    let refused = accept();
    assert_code(&refused, 1);
    assert!(text(&refused.stderr).contains("has no `<!-- inventory -->`"));
}

#[test]
fn a_word_is_explained_with_who_has_it() {
    let place = Place::new("explain");
    let rows = "errors:\n  - { status: 400, code: Busy, class: busy, passes: the state, summary: It is busy. }\n  \
                - { status: 404, code: \"Invalid%s.NotFound\", class: not-found, gone: false, summary: It is away. }\n\
                observed:\n  - { code: Full, class: quota, summary: It is full. }\n";
    place.put("spec/vendor/sample/CreateThing0.yaml", &(action(0) + rows));
    let limited =
        action(1).replace("Name0, type: string, length: [2, 128]", "Name0, type: string, length: [1, 9]");
    place.put("spec/vendor/sample/CreateThing1.yaml", &limited);
    for (word, expected) in [
        (
            "limit-differs",
            &["warning, to be mended or acknowledged", "found: spec/vendor/sample/CreateThing0.yaml:8:13"][..],
        ),
        ("dangling-name", &["error, nothing is generated", "A name that points at nothing"]),
        ("quota", &["class of 1 error codes", "A quota is used up.", "  Full (1)"]),
        (
            "Busy",
            &[
                "classed as busy",
                "Retried until the deadline.",
                "spec/vendor/sample/CreateThing0.yaml:29:26 CreateThing0 (1.0), status 400: It is busy. Passes: the state.",
            ],
        ),
        ("Full", &["classed as quota", ":32:13 CreateThing0 (1.0), met in practice: It is full."]),
        (
            "invalidthing.notfound",
            &["Invalid%s.NotFound: error code", "Says nothing of whether the resource is away."],
        ),
    ] {
        let output = place.xtask(&["explain", word]);
        assert_code(&output, 0);
        let said = text(&output.stdout);
        for words in expected {
            assert!(said.contains(words), "{word}: `{words}` is not in:\n{said}");
        }
    }
    place.assert_refused(&["explain", "limt-differs"], "Did you mean `limit-differs`?");
    place.assert_refused(&["explain", "Fulll"], "Did you mean `Full`?");
    place.put("spec/vendor/sample/CreateThing2.yaml", "action: [\n");
    assert_code(&place.xtask(&["explain", "yaml-syntax"]), 0);
    place.assert_refused(&["explain", "Full"], "error[yaml-syntax]");
}

#[test]
fn limits_that_differ_are_shown_at_both_places() {
    let place = Place::new("limits");
    let limited =
        action(1).replace("Name0, type: string, length: [2, 128]", "Name0, type: string, length: [1, 9]");
    place.put("spec/vendor/sample/CreateThing1.yaml", &limited);
    let said = text(&place.run().stderr);
    for words in [
        "warning[limit-differs]: `Name0` has 2 different documented limits",
        "spec/vendor/sample/CreateThing0.yaml:8:13",
        "spec/vendor/sample/CreateThing1.yaml:8:13",
        "2 to 128 characters",
        "1 to 9 characters",
        "acknowledge it in `_service.yaml`",
    ] {
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
    }
}

#[test]
fn the_inventory_of_a_part_is_that_part() {
    let place = Place::new("part");
    place.put(
        "spec/vendor/other/_service.yaml",
        &SERVICE.replace("sample", "other").replace(
            "endpoints:",
            "chapters: [{ folder: things, section: \"1\", title: All things, summary: What it is about. }]\nendpoints:",
        ),
    );
    place.put("spec/vendor/other/things/CreateThing1.yaml", &action(1));
    let lines = |arguments: &[&str]| {
        let output = place.xtask(&[&["inventory"], arguments].concat());
        assert_code(&output, 0);
        text(&output.stdout).lines().skip(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let [other, sample, all] = ["| other 1 All things | 1 | 20 |", "| sample | 16 | 320 |", "| all | "];
    for (arguments, expected) in [
        (&[][..], &[other, sample, all][..]),
        (&["--service", "sample"], &[sample, all]),
        (&["--chapter", "things"], &[other, all]),
        (&["--chapter", "All things"], &[other, all]),
        (&["--service", "other", "--action", "CreateThing1"], &[other, all]),
        (&["--action", "CreateThing2"], &["| sample | 1 | 20 |", all]),
    ] {
        let lines = lines(arguments);
        assert_eq!(lines.len(), expected.len(), "{arguments:?}: {lines:?}");
        assert!(
            lines.iter().zip(expected).all(|(line, begin)| line.starts_with(begin)),
            "{arguments:?}: {lines:?}"
        );
    }
    let json = place.xtask(&["inventory", "--format", "json", "--action", "CreateThing2"]);
    let inventory: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(inventory["services"].as_array().unwrap().len(), 1);
    assert_eq!(inventory["services"][0]["actions"].as_array().unwrap().len(), 1);
    place.assert_refused(
        &["inventory", "--service", "sampel"],
        "no service is named `sampel`. Did you mean `sample`?",
    );
    place.assert_refused(
        &["inventory", "--chapter", "thing"],
        "no chapter is named `thing`. Did you mean `things`?",
    );
    place.assert_refused(&["inventory", "--action", "CreateThng2"], "Did you mean `CreateThing2`?");
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

#[test]
fn the_inventory_says_whose_each_row_is() {
    let place = Place::new("provenance");
    let rows = "  - { name: Tag, type: string, published: { package: client, version: 7.2.2 }, summary: A tag. }\n  \
                - { name: Secret, type: string, documented: false, note: Seen once., summary: Hidden. }\n\
                response:\n  - { path: Id, type: string, summary: An ID. }\n  \
                - { path: Tag, type: string, published: { package: client, version: 7.2.2 }, summary: Its tag. }\n";
    place.put("spec/vendor/sample/CreateThing0.yaml", &(action(0) + rows));
    let published = action(1).replace("section: \"1.1\"", "published: { package: client, version: 7.2.2 }");
    place.put("spec/vendor/sample/CreateThing1.yaml", &(published + "errors: unsourced\n"));
    let json = place.xtask(&["inventory", "--format", "json"]);
    let inventory: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let [whose, package] = ["/provenance", "/published/package"];
    for (pointer, key, expected) in [
        ("/0/request/0", whose, "documented"),
        ("/0/request/20", whose, "published"),
        ("/0/request/20", package, "client"),
        ("/0/request_undocumented/0", whose, "undocumented"),
        ("/0/response/0", whose, "documented"),
        ("/0/response/1", package, "client"),
        ("/1", whose, "published"),
        ("/1/request/0", package, "client"),
    ] {
        let found = inventory.pointer(&format!("/services/0/actions{pointer}{key}"));
        assert_eq!(found.and_then(serde_json::Value::as_str), Some(expected), "{pointer}{key}");
    }
    // Of documents and of packages apart: actions, parameters, response fields.
    let table = text(&place.xtask(&["inventory"]).stdout);
    assert!(table.ends_with("| all | 15 | 300 | 1 | 0 | 0 | 0 | 0 | 1 | 21 | 1 | 0 |\n"), "{table}");
    assert_code(&place.run(), 0);
    let docs = place.generated();
    let [row, whole] = ["create_thing0.rs", "create_thing1.rs"].map(|name| {
        docs.iter().find(|(path, _)| path.ends_with(name)).map(|(_, text)| text.as_str()).unwrap()
    });
    assert!(row.contains("`Tag`, published by `client 7.2.2`."), "{row}");
    assert!(
        whole.contains("No document here has it: it is published, with all that follows, by `client 7.2.2`."),
        "{whole}"
    );
    assert!(whole.contains("No source here lists its codes"), "{whole}");
}
