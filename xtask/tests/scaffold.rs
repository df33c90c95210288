//! `cargo xtask follow --scaffold`: drafts of actions that packages of the tests' own have and the specs lack.

#[path = "follow/package.rs"]
mod package;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use package::{Package, field, service_json, write_wheel};
use serde_json::{Value, json};
use tempfile::TempDir;

const SERVICE: &str = r#"service: sample
title: Sample service
product: Sample
version: "2020-01-01"
document: Sample reference
published: { package: alibabacloud_sample20200101, version: 1.0.0 }
protocol: acs-rpc
endpoints: { rule: "sample.{region}.example.com" }
summary: What is sampled.
parameters:
  - { name: RegionId, type: string, summary: Region of the call. }
  - { name: Kind, type: string, length: [1, 9], summary: What a document limits. }
"#;

const FLOCK: &str = r#"service: flock
title: Flock service
product: Flock
version: "2020-01-01"
document: Flock reference
published: { package: botocore, version: 1.0.0 }
protocol: aws-json-1.1
target: Flock_V1
signing_name: flock
endpoints: { rule: "flock.{region}.example.com" }
summary: Sheep.
chapters:
  - { folder: meadow, section: "1", title: Meadow, summary: Where sheep are. }
  - { folder: barn, section: "2", title: Barn, summary: Where hay is. }
errors:
  - { code: FlockFullException, class: quota, summary: There is no room. }
"#;

const SHEEP: &str = "resources:
  - name: Sheep
    title: sheep
    keys: [SheepId]
    show: { action: DescribeSheep, ask: { SheepId: SheepId }, where: { SheepId: SheepId }, state: Status }
    states: { passing: [LAMB], settled: [GROWN] }
";

const DESCRIBE_SHEEP: &str = r#"action: DescribeSheep
section: "1.1"
summary: Shows a sheep.
effect: read
request:
  - { name: SheepId, type: string, required: true, summary: ID of the sheep. }
response:
  - { path: SheepId, type: string, summary: ID of the sheep. }
  - { path: Status, type: string, values: [LAMB, GROWN], summary: State of the sheep. }
"#;

const OF_WHEEL: &str = r#"action: CreateThing
published: { package: alibabacloud_sample20200101, version: 1.0.0 }
summary: TODO(what the call does)
effect: TODO(write?)
method: GET
idempotency: ClientToken
dry_run: { parameter: DryRun, passed: TODO(DryRunOperation?) }
pagination: { style: page-number, page: PageNumber, size: PageSize, total: TotalCount, items: "TODO(Things.Thing[]?)" }
request:
  - { use: RegionId, required: true }
  - { name: Kind, type: string, summary: TODO(what it is) }
  - { name: Untold, type: string, required: TODO(false?), summary: TODO(what it is) }
  - { name: Text, type: string, in: form, summary: TODO(what it is) }
  - { name: InstanceId.N, type: string, required: true, in: form, summary: TODO(what it is) }
  - { name: Mode, type: json, summary: TODO(what it is) }
  - { name: Mode.Type, type: string, summary: TODO(what it is) }
  - { name: Ids, type: string, format: comma-list, summary: TODO(what it is) }
  - { name: Parts, type: string, format: json, summary: TODO(what it is; a JSON array of objects with Key) }
  - { name: Tags, type: list, item: TODO(Tag?), summary: TODO(what it is) }
  - { name: Tags.N.Key, type: string, summary: TODO(what it is) }
  - { name: Old, type: string, status: deprecated, summary: TODO(what it is) }
  - { name: Password, type: string, sensitive: TODO(true?), summary: TODO(what it is) }
  - { name: ClientToken, type: string, summary: TODO(what it is) }
  - { name: DryRun, type: boolean, summary: TODO(what it is) }
  - { name: PageNumber, type: integer, summary: TODO(what it is) }
  - { name: PageSize, type: integer, summary: TODO(what it is) }
response:
  - { path: ThingId, type: string, summary: TODO(what it is) }
  - { path: TotalCount, type: integer, summary: TODO(what it is) }
  - path: Names
    type: TODO(string?)
    summary: "TODO(what it is; an object whose names are not published, for which there is no type)"
  - { path: "Things.Thing[].Id", type: integer, summary: TODO(what it is) }
errors: unsourced
answers: TODO(example?)
answers_because: "TODO(why nothing can be modelled; or the resource in _resources.yaml, and effects in place of both)"
acknowledged:
  - difference: new-row
    table: request
    about: [Parts.N.Key]
    reason: "It travels as one JSON text, and no type is a list in such a text."
  - difference: type
    table: response
    about: Names
    reason: No type is an object whose names are not known beforehand.
"#;

const OF_JSON: &str = r#"action: ListHerds
published: { package: botocore, version: "2020-01-01" }
summary: TODO(what the call does)
effect: TODO(read?)
pagination: { style: token, token: NextToken, size: MaxResults, next: NextToken, items: "TODO(Herds[]?)" }
request:
  - { name: Color, type: string, values: [BLACK, WHITE], type_name: Color, summary: TODO(what it is) }
  - name: Kinds.N
    type: string
    items: [1, 3]
    values:
      - { value: wool, as: TODO(LowerWool?) }
      - WOOL
    summary: TODO(what it is)
  - { name: MaxResults, type: integer, range: [1, 100], summary: TODO(what it is) }
  - { name: NextToken, type: string, summary: TODO(what it is) }
response:
  - { path: Color, type: string, values: [BLACK, WHITE], type_name: Color, summary: TODO(what it is) }
  - { path: Herds, type: list, item: TODO(Herd?), summary: TODO(what it is) }
  - { path: "Herds[].Color", type: string, values: [BLACK, WHITE], summary: TODO(what it is) }
  - { path: "Herds[].HerdId", type: string, summary: TODO(what it is) }
  - { path: "Herds[].Size", type: integer, summary: TODO(what it is) }
  - { path: NextToken, type: string, summary: TODO(what it is) }
errors:
  - { code: SheepGoneException, class: TODO(precondition?), summary: TODO(what is wrong) }
answers: TODO(example?)
answers_because: "TODO(why nothing can be modelled; or the resource in _resources.yaml, and reads in place of both)"
"#;

/// Of `DeleteSheep`, from its errors on: the specs have a class for one of them, and the resource.
const KNOWN: &str = r#"errors:
  - { code: SheepNotFoundException, class: not-found, summary: TODO(what is wrong) }
  - { code: BarnNotFoundException, class: not-found, gone: TODO(false?), summary: TODO(what is wrong) }
  - code: ConflictException
    class: TODO(busy?)
    passes: TODO(what ends without the caller)
    summary: TODO(what is wrong)
  - { code: FlockFullException, class: quota, summary: There is no room. }
wait: { resource: Sheep, until: TODO(gone?), deadline_s: TODO(300?), source: TODO(observed?) }
effects:
  - { delete: TODO(Sheep?) }
acknowledged:
  - difference: pattern
    table: request
    about: SheepName
    reason: "TODO(why the pattern is no limit; or one of chars, starts_with and format on the row)"
"#;

/// Specs and packages, gone with the test.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        place.put("spec/vendor/sample/_service.yaml", SERVICE);
        place.put("spec/other/flock/_service.yaml", FLOCK);
        place.put("spec/other/flock/meadow/_resources.yaml", SHEEP);
        place.put("spec/other/flock/meadow/DescribeSheep.yaml", DESCRIBE_SHEEP);
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), content).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn wheel(&self) -> PathBuf {
        let path = self.path("sample.whl");
        write_wheel(&path, &package().files());
        path
    }

    fn service(&self, json: &Value) -> PathBuf {
        self.put("service-2.json", json.to_string());
        self.path("service-2.json")
    }

    fn follow(&self, files: &[&Path], more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("follow").arg("--spec").arg(self.path("spec")).arg("--from").args(files);
        command.args(more).output().unwrap()
    }

    /// What a draft says on the terminal.
    fn scaffold(&self, file: &Path, action: &str) -> String {
        let output = self.follow(&[file], &["--scaffold", action]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Why there is no draft.
    fn refused(&self, files: &[&Path], more: &[&str]) -> String {
        let before = files_below(&self.path("spec"));
        let output = self.follow(files, more);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        assert_eq!(files_below(&self.path("spec")), before);
        text(&output.stderr)
    }

    fn codegen(&self) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("codegen").arg("--spec").arg(self.path("spec")).arg("--output").arg(self.path("out"));
        let output = command.output().unwrap();
        (output.status.success(), text(&output.stderr) + &text(&output.stdout))
    }

    /// Codegen refuses the marked lines of the draft and nothing else; filled, it generates without a warning.
    fn assert_fills(&self, path: &str) {
        let draft = self.text(path);
        let (passes, said) = self.codegen();
        assert!(!passes);
        let marked: BTreeSet<usize> = (1..)
            .zip(draft.lines())
            .filter(|(_, line)| line.contains("TODO"))
            .map(|(line, _)| line)
            .collect();
        let found = said.lines().filter(|line| line.starts_with("error["));
        assert!(found.clone().all(|line| line.starts_with("error[unfilled]")), "{said}");
        assert_eq!(found.count(), marked.len(), "{said}");
        for line in marked {
            assert!(said.contains(&format!("--> {path}:{line}:")), "line {line} of\n{draft}\n{said}");
        }
        self.put(path, filled(path, &draft));
        let (passes, said) = self.codegen();
        assert!(passes && !said.contains("warning["), "{said}\n{}", self.text(path));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { BTreeSet::from([path]) };
    entries.flat_map(below).collect()
}

/// A draft with each guess confirmed, and something in place of everything else.
fn filled(path: &str, draft: &str) -> String {
    let action = path.rsplit('/').next().unwrap().trim_end_matches(".yaml");
    let (mut done, mut rest) = (String::new(), draft);
    for number in 1.. {
        let Some(start) = rest.find("TODO(") else { break };
        let (before, after) = rest.split_at(start);
        let is_quoted = before.ends_with('"');
        let inner = after.strip_prefix("TODO(").unwrap();
        let end = if is_quoted { inner.find(")\"").unwrap() } else { inner.find(')').unwrap() };
        let (inner, after) = (&inner[..end], &inner[end + 1..]);
        let key = before.trim_end_matches('"').trim_end_matches([' ', '[', ':']);
        let key = key.rsplit(|one: char| !one.is_ascii_alphanumeric() && one != '_').next().unwrap();
        let value = match (inner.strip_suffix('?'), key) {
            (Some(guess), _) => guess.to_owned(),
            (None, "passes") => format!("phrase {number}"),
            (None, "until") => "GROWN".to_owned(),
            (None, _) => format!("Sentence {number} of {action}."),
        };
        done.push_str(before);
        done.push_str(&value);
        rest = after;
    }
    done + rest
}

fn package() -> Package {
    let untold = package::Field { comment: "", ..field("untold", "str", "Untold") };
    Package {
        method: "GET",
        request: vec![
            field("region_id", "str", "RegionId").said("The region.\n\nThis parameter is required."),
            field("kind", "str", "Kind"),
            untold,
            field("text", "str", "Text").sent("body"),
            field("instance_id", "List[str]", "InstanceId")
                .said("This parameter is required.")
                .sent("body_flat"),
            field("mode", "main_models.CreateThingRequestMode", "Mode").sent("json"),
            field("ids", "List[str]", "Ids").sent("simple"),
            field("parts", "List[main_models.CreateThingRequestTag]", "Parts").sent("json"),
            field("tags", "List[main_models.CreateThingRequestTag]", "Tags"),
            field("old", "str", "Old").said("> This parameter is deprecated."),
            field("password", "str", "Password"),
            field("client_token", "str", "ClientToken"),
            field("dry_run", "bool", "DryRun"),
            field("page_number", "int", "PageNumber"),
            field("page_size", "int", "PageSize"),
        ],
        response: vec![
            field("thing_id", "str", "ThingId").said("Quoth the vendor."),
            field("total_count", "int", "TotalCount"),
            field("names", "Dict[str, str]", "Names"),
            field("things", "main_models.CreateThingResponseBodyThings", "Things"),
        ],
        ..Package::new()
    }
}

/// What botocore would say of more than one operation.
fn flock() -> Value {
    let mut json = service_json();
    let operation = |request: &str, response: &str, errors: &[&str]| {
        let errors: Vec<Value> = errors.iter().map(|error| json!({ "shape": error })).collect();
        json!({ "input": { "shape": request }, "output": { "shape": response }, "errors": errors })
    };
    for (name, shape) in shapes() {
        json["shapes"][name] = shape;
    }
    let errors =
        ["SheepNotFoundException", "BarnNotFoundException", "ConflictException", "FlockFullException"];
    let operations = [
        ("ListHerds", operation("ListHerdsRequest", "ListHerdsResponse", &["SheepGoneException"])),
        ("DeleteSheep", operation("SheepRequest", "CreateSheepResponse", &errors)),
        ("UpdateSheep", operation("SheepRequest", "CreateSheepResponse", &[])),
        ("ShearSheep", operation("ShearRequest", "CreateSheepResponse", &["BarnNotFoundException"])),
        ("DescribeSheep", operation("SheepRequest", "CreateSheepResponse", &[])),
        ("GetSheep", operation("SheepRequest", "CreateSheepResponse", &[])),
        ("ListSheep", operation("ListHerdsRequest", "ListHerdsResponse", &[])),
        ("CreateBarn", operation("ShearRequest", "Empty", &[])),
        ("DeleteBarns", operation("ShearRequest", "Empty", &[])),
        ("DescribeBarn", operation("ShearRequest", "Barn", &[])),
        ("DescribeHay", operation("ShearRequest", "CreateSheepResponse", &[])),
    ];
    for (name, operation) in operations {
        json["operations"][name] = operation;
    }
    json
}

fn shapes() -> Vec<(&'static str, Value)> {
    let text = json!({ "shape": "Text" });
    let structure = |members: Value| json!({ "type": "structure", "members": members });
    vec![
        ("Text", json!({ "type": "string", "documentation": "<p>Quoth the vendor.</p>" })),
        ("SheepName", json!({ "type": "string", "min": 1, "max": 64, "pattern": "^[a-z]+$" })),
        ("Size", json!({ "type": "integer", "min": 1, "max": 100 })),
        ("Kind", json!({ "type": "string", "enum": ["wool", "WOOL"] })),
        ("Kinds", json!({ "type": "list", "member": { "shape": "Kind" }, "min": 1, "max": 3 })),
        (
            "Herd",
            structure(json!({ "HerdId": text, "Color": { "shape": "Color" }, "Size": { "shape": "Size" } })),
        ),
        ("Herds", json!({ "type": "list", "member": { "shape": "Herd" } })),
        (
            "ListHerdsRequest",
            structure(json!({
                "Color": { "shape": "Color" },
                "Kinds": { "shape": "Kinds" },
                "MaxResults": { "shape": "Size" },
                "NextToken": text,
            })),
        ),
        (
            "ListHerdsResponse",
            structure(
                json!({ "Color": { "shape": "Color" }, "Herds": { "shape": "Herds" }, "NextToken": text }),
            ),
        ),
        ("SheepRequest", structure(json!({ "SheepId": text, "SheepName": { "shape": "SheepName" } }))),
        ("ShearRequest", structure(json!({ "Kind": { "shape": "Kind" } }))),
        ("Empty", structure(json!({}))),
        ("Barn", structure(json!({ "BarnState": { "shape": "State" } }))),
        ("State", json!({ "type": "string", "enum": ["BUILDING", "Active"] })),
        ("SheepGoneException", structure(json!({}))),
        ("SheepNotFoundException", structure(json!({}))),
        ("BarnNotFoundException", structure(json!({}))),
        ("ConflictException", structure(json!({}))),
    ]
}

#[test]
fn a_draft_says_what_a_wheel_says_and_marks_the_rest() {
    let place = Place::new();
    let said = place.scaffold(&place.wheel(), "CreateThing");
    let draft = "spec/vendor/sample/CreateThing.yaml";
    assert_eq!(place.text(draft), OF_WHEEL);
    assert!(said.contains("\nresponse ThingId\n  Quoth the vendor.\n"), "{said}");
    assert!(
        said.contains(&format!("CreateThing.yaml: {} values to be", OF_WHEEL.matches("TODO").count())),
        "{said}"
    );
    place.assert_fills(draft);
    let followed = text(&place.follow(&[&place.wheel()], &[]).stdout);
    assert!(followed.contains("\n1 difference is open") && followed.contains("DeleteThing"), "{followed}");
}

#[test]
fn an_action_of_nothing_has_a_draft_too() {
    let place = Place::new();
    place.scaffold(&place.wheel(), "DeleteThing");
    place.assert_fills("spec/vendor/sample/DeleteThing.yaml");
}

#[test]
fn a_draft_says_what_botocore_says_and_marks_the_rest() {
    let place = Place::new();
    let json = place.service(&flock());
    let output = place.follow(&[&json], &["--scaffold", "ListHerds", "--chapter", "meadow"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let draft = "spec/other/flock/meadow/ListHerds.yaml";
    assert_eq!(place.text(draft), OF_JSON);
    assert!(text(&output.stdout).contains("\nrequest NextToken\n  Quoth the vendor.\n"));
    place.assert_fills(draft);
}

#[test]
fn what_the_specs_know_is_taken_from_them() {
    const DRAFTED: [&str; 4] = ["CreateSheep", "DeleteSheep", "UpdateSheep", "ShearSheep"];
    let place = Place::new();
    let json = place.service(&flock());
    for action in DRAFTED {
        place.scaffold(&json, action);
        let draft = format!("spec/other/flock/meadow/{action}.yaml");
        assert!(action != "DeleteSheep" || place.text(&draft).ends_with(KNOWN), "{}", place.text(&draft));
        place.assert_fills(&draft);
    }
    let followed = text(&place.follow(&[&json], &[]).stdout);
    assert!(DRAFTED.iter().all(|action| !followed.contains(action)), "{followed}");
    let wait = "wait: { resource: Sheep, until: [GROWN], deadline_s: 300, source: observed }";
    for (action, expected) in [
        ("CreateSheep", [wait, "effects:\n  - { create: Sheep }"]),
        ("UpdateSheep", [wait, "effects:\n  - { change: Sheep }"]),
        ("ShearSheep", ["code: BarnNotFoundException, class: not-found, gone: false", "answers: example"]),
    ] {
        let text = place.text(&format!("spec/other/flock/meadow/{action}.yaml"));
        assert!(expected.iter().all(|expected| text.contains(expected)), "{text}");
    }
}

#[test]
fn reads_are_drafted_by_the_resource_that_they_are_about() {
    let place = Place::new();
    let json = place.service(&flock());
    let unlike = "{ none: TODO(why it filters nothing; or the field in place of all this) }";
    for (action, expected) in [
        ("GetSheep", "reads: { show: TODO(Sheep?) }\n".to_owned()),
        (
            "ListSheep",
            format!("reads: {{ list: TODO(Sheep?) }}\nfilters:\n  Color: {unlike}\n  Kinds: {unlike}\n"),
        ),
    ] {
        place.scaffold(&json, action);
        let draft = format!("spec/other/flock/meadow/{action}.yaml");
        assert!(place.text(&draft).contains(&expected), "{}", place.text(&draft));
        place.assert_fills(&draft);
    }
}

#[test]
fn what_is_published_and_not_here_can_tell_of_an_effect() {
    let place = Place::new();
    let json = place.service(&flock());
    let wait = "wait:
  outside: DescribeBarn
  field: TODO(BarnState?)
  until: [TODO(Active?)]
  deadline_s: TODO(300?)
  source: TODO(observed?)
answers: TODO(example?)
";
    for (action, has_wait) in [("CreateBarn", true), ("DeleteBarns", false), ("DescribeBarn", false)] {
        let output = place.follow(&[&json], &["--scaffold", action, "--chapter", "barn"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let draft = format!("spec/other/flock/barn/{action}.yaml");
        assert_eq!(place.text(&draft).contains(wait), has_wait, "{}", place.text(&draft));
        if action != "DescribeBarn" {
            place.assert_fills(&draft);
        }
    }
    // Once there is a draft of what tells, no other draft calls it published alone.
    fs::remove_file(place.path("spec/other/flock/barn/CreateBarn.yaml")).unwrap();
    place.follow(&[&json], &["--scaffold", "CreateBarn", "--chapter", "barn"]);
    assert!(!place.text("spec/other/flock/barn/CreateBarn.yaml").contains("wait"));
}

#[test]
fn what_is_there_stays() {
    let place = Place::new();
    let (json, wheel) = (place.service(&flock()), place.wheel());
    let refused = place.refused(&[&json], &["--scaffold", "DescribeSheep"]);
    assert!(refused.contains("meadow/DescribeSheep.yaml is there already"), "{refused}");
    place.scaffold(&wheel, "CreateThing");
    let refused = place.refused(&[&wheel], &["--scaffold", "CreateThing"]);
    assert!(refused.contains("sample/CreateThing.yaml is there already"), "{refused}");
    assert_eq!(place.text("spec/vendor/sample/CreateThing.yaml"), OF_WHEEL);
}

#[test]
fn what_cannot_be_drafted_is_said() {
    let place = Place::new();
    let (json, wheel) = (place.service(&flock()), place.wheel());
    for (files, more, expected) in [
        (
            vec![&wheel],
            vec!["CreateThin"],
            "no action named `CreateThin` is published there. Did you mean `CreateThing`?",
        ),
        (vec![&wheel, &json], vec!["Xyzzy"], "no action named `Xyzzy` is published there."),
        (
            vec![&json],
            vec!["DescribeHay"],
            "nothing tells the chapter; say it with `--chapter`: `meadow`, `barn`",
        ),
        (
            vec![&json],
            vec!["DescribeHay", "--chapter", "bran"],
            "no chapter is `bran`; there are `meadow`, `barn`",
        ),
        (
            vec![&wheel],
            vec!["CreateThing", "--chapter", "barn"],
            "the service has no chapters, and none is `barn`",
        ),
    ] {
        let files: Vec<&Path> = files.into_iter().map(PathBuf::as_path).collect();
        let more: Vec<&str> = ["--scaffold"].into_iter().chain(more).collect();
        let refused = place.refused(&files, &more);
        assert!(refused.contains(expected), "{refused}");
    }
    let mut both = flock();
    both["operations"]["CreateThing"] = json!({});
    let (json, wheel) = (place.service(&both), place.wheel());
    let refused = place.refused(&[&json, &wheel], &["--scaffold", "CreateThing"]);
    assert!(refused.contains("service-2.json and ") && refused.contains("sample.whl; give one"), "{refused}");
}
