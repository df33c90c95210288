//! `cargo xtask diff`: made-up revisions of a made-up service, each with the effects that it has.

#[path = "revisions/table.rs"]
mod table;
#[path = "revisions/witnesses.rs"]
mod witnesses;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use table::{Edit, REVISIONS, Revision};
use tempfile::TempDir;
use xtask::diff::{Approvals, KINDS, Report, State, Step, report, witness};

/// The day of the tests.
const TODAY: &str = "2026-11-28";

fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/revisions/spec")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The base after some edits.
struct Revised(TempDir);

impl Revised {
    fn new(edits: &[Edit]) -> Self {
        let folder = TempDir::new().unwrap();
        copy(&base(), &folder.path().join("spec"));
        let revised = Self(folder);
        edits.iter().for_each(|edit| revised.edit(edit));
        revised
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("spec")
    }

    fn edit(&self, edit: &Edit) {
        let file = |name: &str| self.path().join("vendor/sample").join(name);
        match *edit {
            Edit::Replace(name, from, to) => {
                let text = fs::read_to_string(file(name)).unwrap();
                assert!(text.contains(from), "{name} has no {from:?}");
                fs::write(file(name), text.replacen(from, to, 1)).unwrap();
            }
            Edit::Write(name, text) => {
                fs::create_dir_all(file(name).parent().unwrap()).unwrap();
                fs::write(file(name), text).unwrap();
            }
            Edit::Move(from, to) => fs::rename(file(from), file(to)).unwrap(),
            Edit::Remove(name) => fs::remove_file(file(name)).unwrap(),
        }
    }

    fn state(&self) -> State {
        State::of_folder(&self.path(), "revised").unwrap_or_else(|error| panic!("{error}"))
    }
}

fn compared(before: &[Edit], after: &[Edit]) -> Report {
    let (old, new) = (Revised::new(before), Revised::new(after));
    Report::new(&old.state(), &new.state(), &Approvals::default(), TODAY, Step::None)
}

fn kinds(report: &Report) -> BTreeSet<&'static str> {
    report.effects.iter().map(|effect| effect.kind.key).collect()
}

/// Each revision, and its way back.
static REPORTS: LazyLock<Vec<(&Revision, [Report; 2])>> = LazyLock::new(|| {
    let base = Revised::new(&[]).state();
    let both = |revision: &'static Revision| {
        let new = Revised::new(revision.edits);
        let new = State::of_folder(&new.path(), "revised")
            .unwrap_or_else(|error| panic!("{}: {error}", revision.name));
        let report = |old, new| Report::new(old, new, &Approvals::default(), TODAY, Step::None);
        (revision, [report(&base, &new), report(&new, &base)])
    };
    REVISIONS.iter().map(both).collect()
});

#[test]
fn every_revision_has_its_effects_and_its_verdict() {
    let mut wrong = Vec::new();
    for (Revision { name, kinds: expected, verdict, .. }, [report, _]) in REPORTS.iter() {
        let expected: BTreeSet<&str> = expected.iter().copied().collect();
        if kinds(report) != expected || report.verdict() != *verdict {
            let found = kinds(report);
            wrong.push(format!("{name}: {verdict} {expected:?}\nfound {found:?}\n{}", report::text(report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_kind_of_the_catalogue_is_met() {
    let reports = REPORTS.iter().flat_map(|(_, reports)| reports);
    let met: BTreeSet<&str> = reports.flat_map(kinds).collect();
    let missed: Vec<&str> = KINDS.iter().map(|kind| kind.key).filter(|key| !met.contains(key)).collect();
    assert!(missed.is_empty(), "{missed:?}");
    assert!(!met.contains("unknown"));
}

#[test]
fn the_catalogue_says_each_thing_once() {
    let keys: BTreeSet<&str> = KINDS.iter().map(|kind| kind.key).collect();
    assert_eq!(keys.len(), KINDS.len());
    for (index, kind) in KINDS.iter().enumerate() {
        assert!(KINDS[..index].iter().all(|other| other.on != kind.on), "{}", kind.key);
        assert!(!kind.rust.breaks() || kind.step == Step::Major, "{} breaks builds", kind.key);
    }
}

#[test]
fn what_breaks_a_build_has_a_witness() {
    for (revision, reports) in REPORTS.iter() {
        let effects = reports.iter().flat_map(|report| &report.effects);
        for effect in effects.filter(|effect| effect.kind.rust.breaks()) {
            let (name, key) = (revision.name, effect.kind.key);
            assert!(effect.witness.contains("cloudnet::"), "{name}: {key} {}", effect.witness);
            assert!(!effect.item.is_empty(), "{name}: {key}");
        }
    }
    let retyped =
        Edit::Replace("places/DescribePlaces.yaml", "name: Kind, type: string", "name: Kind, type: integer");
    let report = compared(&[], &[retyped]);
    let folder = TempDir::new().unwrap();
    assert_eq!(witness::write(folder.path(), &report.effects).unwrap(), 1);
    let file = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
    let program = fs::read_to_string(file.path()).unwrap();
    assert!(
        program.contains("it: cloudnet::sample::DescribePlaces) -> Option<String> { it.kind }"),
        "{program}"
    );
}

const NARROWED: &[Edit] = &[Edit::Replace("things/CreateThing.yaml", "length: [2, 128]", "length: [2, 64]")];

fn approved(text: &str) -> Report {
    let (old, new) = (Revised::new(&[]), Revised::new(NARROWED));
    let approvals = Approvals::read("approved.yaml", text).unwrap();
    Report::new(&old.state(), &new.state(), &approvals, TODAY, Step::None)
}

fn approval(fingerprint: &str, until: &str) -> String {
    format!("approvals:\n  - {{ fingerprint: {fingerprint}, reason: Agreed., until: {until} }}\n")
}

#[test]
fn an_approval_takes_an_effect_out_of_the_verdict() {
    let fingerprint = compared(&[], NARROWED).effects[0].fingerprint.clone();
    let report = approved(&approval(&fingerprint, "2027-01-01"));
    assert_eq!((report.verdict(), report.passes()), (Step::None, true));
    assert!(report::text(&report).contains("Agreed."));
}

#[test]
fn an_approval_that_is_over_or_fits_nothing_fails() {
    let fingerprint = compared(&[], NARROWED).effects[0].fingerprint.clone();
    let over = approved(&approval(&fingerprint, "2026-11-27"));
    assert_eq!((over.verdict(), over.passes()), (Step::Major, false));
    assert!(over.complaints[0].contains("is over since 2026-11-27"), "{:?}", over.complaints);
    let mut text = approval(&fingerprint, "2027-01-01");
    text.push_str("  - { fingerprint: 000000000000, reason: Agreed., until: 2027-01-01 }\n");
    let useless = approved(&text);
    assert_eq!((useless.verdict(), useless.passes()), (Step::None, false));
    assert_eq!(useless.complaints, ["approved.yaml:3:5: the approval of 000000000000 approves nothing"]);
    for wrong in ["- a", "approvals: [{ reason: x, until: soon, who: me }]", "approvals: nothing"] {
        assert!(Approvals::read("approved.yaml", wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_fingerprint_does_not_hang_on_places() {
    let moved =
        [NARROWED, &[Edit::Replace("things/CreateThing.yaml", "action:", "# moved\n\naction:")]].concat();
    let fingerprint = |edits: &[Edit]| compared(&[], edits).effects[0].fingerprint.clone();
    assert_eq!(fingerprint(NARROWED), fingerprint(&moved));
}

/// Whatever the dialect has: where something stands is no part of what it says.
#[test]
fn specs_that_only_moved_say_the_same() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("spec");
    let moved = TempDir::new().unwrap();
    copy(&specs, moved.path());
    move_down(moved.path());
    let [old, new] = [&*specs, moved.path()].map(|folder| State::of_folder(folder, "specs").unwrap());
    let report = Report::new(&old, &new, &Approvals::default(), TODAY, Step::None);
    assert_eq!(kinds(&report), BTreeSet::from(["notation"]), "{}", report::text(&report));
}

fn move_down(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            move_down(&path);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(path, format!("# moved\n\n{text}")).unwrap();
        }
    }
}

#[test]
fn each_format_says_where_and_what() {
    let report = compared(&[], NARROWED);
    let text = report::text(&report);
    assert!(text.starts_with("verdict: major ("), "{text}");
    let row = "spec/vendor/sample/things/CreateThing.yaml:19:";
    assert_eq!(text.matches(row).count(), 2, "{text}");
    let json = report::json(&report);
    assert_eq!((json["verdict"].as_str(), json["passes"].as_bool()), (Some("major"), Some(false)));
    let effect = &json["effects"][0];
    assert_eq!((effect["kind"].as_str(), effect["about"].as_str()), (Some("limit-narrowed"), Some("length")));
    assert_eq!(effect["old"]["value"], "2 to 128 characters");
    assert_eq!((effect["new"]["line"].as_u64(), effect["wire"].as_str()), (Some(19), Some("behaviour")));
    let annotation = report::github(&report);
    let start = "::error file=spec/vendor/sample/things/CreateThing.yaml,line=19,endLine=19,col=";
    assert!(annotation.starts_with(start), "{annotation}");
    assert!(
        annotation.contains("title=major%3A limit-narrowed::`CreateThing ThingName` [length]"),
        "{annotation}"
    );
    let changes = report::changelog(&report);
    assert!(changes.contains("### sample things\n\n- **Breaking:** `CreateThing ThingName`"), "{changes}");
}

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).arg("diff").args(arguments).output().unwrap()
}

#[test]
fn the_exit_code_is_the_answer() {
    let (old, new) = (base(), Revised::new(NARROWED));
    let broken = Revised::new(&[Edit::Replace("things/CreateThing.yaml", "type: string", "type: strung")]);
    let paths = [&old, &new.path(), &broken.path()].map(|path| path.to_str().unwrap().to_owned());
    let [old, new, broken] = paths.each_ref().map(String::as_str);
    let none = format!("{old}/none.yaml");
    let code = |arguments: &[&str]| xtask(&[arguments, &["--approvals", &none]].concat()).status.code();
    assert_eq!(code(&[old, old]), Some(0));
    assert_eq!(code(&[old, new]), Some(1));
    assert_eq!(code(&[old, new, "--allow", "minor"]), Some(1));
    assert_eq!(code(&[old, new, "--allow", "major"]), Some(0));
    assert_eq!(code(&[old, broken]), Some(2));
    assert_eq!(code(&[broken, old]), Some(0), "what was wrong before does not matter");
    assert_eq!(code(&["no-such-revision", old]), Some(2));
    assert_eq!(code(&[old, new, "--format", "yaml"]), Some(2));
}

/// The repository's own history, where there is one.
#[test]
fn the_history_of_the_specs_is_compared() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let log = Command::new("git").current_dir(workspace).args(["log", "--format=%H", "--", "spec"]).output();
    let Ok(log) = log else { return };
    let commits: Vec<String> = String::from_utf8_lossy(&log.stdout).lines().map(str::to_owned).collect();
    // Every tenth, and each compared with the one before it.
    let states = commits.iter().step_by(10).map(|commit| State::of_revision(workspace, commit).unwrap());
    let states: Vec<State> = states.collect();
    for pair in states.windows(2) {
        let report = Report::new(&pair[1], &pair[0], &Approvals::default(), TODAY, Step::None);
        assert!(!kinds(&report).contains("unknown"), "{}", report::text(&report));
        assert!(!report::github(&report).is_empty() && !report::changelog(&report).is_empty());
    }
}
