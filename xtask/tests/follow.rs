//! `cargo xtask follow`: packages that the tests write, against the specs of two made-up services.

#[path = "follow/package.rs"]
mod package;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cloudnet_codegen::catalogue::{ENTRIES, Kind};
use package::{PACKAGE, Package, field, service_json, write_wheel};
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
"#;

const CREATE_THING: &str = r#"action: CreateThing
section: "1.1"
summary: Creates a thing.
effect: write
answers: example
answers_because: Nothing is kept.
request:
  - { name: Name, type: string, required: true, summary: What it is called. }
  - { name: Kind, type: string, summary: What it is like. }
  - { name: Count, type: long, summary: How many there are. }
  - { name: Text, type: string, in: form, summary: What is written on it. }
  - { name: InstanceId.N, type: string, in: form, summary: Instances that it is for. }
  - { name: Mode, type: json, summary: How it works. }
  - { name: Mode.Type, type: string, summary: The type of that. }
  - { name: Ids, type: string, format: comma-list, summary: IDs of others. }
  - { name: Config, type: json, summary: How it is set up. }
  - { name: Config.Size, type: integer, summary: Its size. }
  - { name: Tag, type: list, summary: Its tags. }
  - { name: Tag.N.Key, type: string, documented_as: TagKey, summary: Key of a tag. }
response:
  - { path: ThingID, also: [ThingId], type: string, summary: ID of the thing. }
  - { path: Things, type: list, summary: All of them. }
  - { path: "Things.Thing[].Id", type: integer, summary: ID of one. }
"#;

const DELETE_THING: &str = r#"action: DeleteThing
section: "1.2"
summary: Deletes a thing.
effect: write
answers: example
answers_because: It is gone.
request: []
response:
  - { path: RequestId, type: string, summary: ID of the request. }
"#;

const CREATE_SHEEP: &str = r#"action: CreateSheep
section: create_sheep
summary: Makes a sheep.
effect: write
answers: example
answers_because: It runs away.
request:
  - { name: Name, type: string, required: true, length: [0, 255], summary: What it is called. }
  - { name: Color, type: string, values: [BLACK, WHITE], summary: The color of its wool. }
  - { name: Marks.N, type: string, items: [1, 3], advice: { length: [0, 255] }, summary: How it is told from others. }
response:
  - { path: SheepId, type: string, summary: ID of the sheep. }
errors:
  - { code: FlockFullException, class: quota, summary: There is no room. }
"#;

/// Specs and packages, gone with the test.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        place.put("spec/vendor/sample/_service.yaml", SERVICE);
        place.put("spec/vendor/sample/CreateThing.yaml", CREATE_THING);
        place.put("spec/vendor/sample/DeleteThing.yaml", DELETE_THING);
        place.put("spec/other/flock/_service.yaml", FLOCK);
        place.put("spec/other/flock/CreateSheep.yaml", CREATE_SHEEP);
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), content).unwrap();
    }

    fn append(&self, path: &str, text: &str) {
        self.put(path, fs::read_to_string(self.path(path)).unwrap() + text);
    }

    fn wheel(&self, package: &Package) -> PathBuf {
        let path = self.path("sample.whl");
        write_wheel(&path, &package.files());
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

    /// The code, and what it says as JSON.
    fn json(&self, file: &Path) -> (Option<i32>, Value) {
        let output = self.follow(&[file], &["--format", "json"]);
        let said = serde_json::from_slice(&output.stdout);
        (output.status.code(), said.unwrap_or_else(|_| panic!("{}", text(&output.stderr))))
    }

    /// The only difference that is found and not acknowledged.
    fn only(&self, file: &Path) -> Found {
        let (code, json) = self.json(file);
        let open: Vec<Found> =
            differences(&json).filter(|one| one["acknowledged"].is_null()).map(found).collect();
        assert_eq!(code, Some(1), "{json:#}");
        assert_eq!(open.len(), 1, "{open:?}");
        open.into_iter().next().unwrap()
    }
}

/// Kind, table and name.
type Found = (String, Option<String>, String);

fn differences(json: &Value) -> impl Iterator<Item = &Value> {
    let services = json["services"].as_array().unwrap().iter();
    services.flat_map(|service| service["differences"].as_array().unwrap())
}

fn found(one: &Value) -> Found {
    let text = |key: &str| one[key].as_str().map(str::to_owned);
    (text("kind").unwrap(), text("table"), text("about").unwrap())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A change of a package, and the one difference that it makes.
type Case<T> = (fn(&mut T), &'static str, Option<&'static str>, &'static str);

fn in_request(package: &mut Package, name: &str) -> usize {
    package.request.iter().position(|field| field.name == name).unwrap()
}

const IN_WHEEL: &[Case<Package>] = &[
    (|one| one.request.push(field("color", "str", "Color")), "new-row", Some("request"), "Color"),
    (|one| one.request.push(field("marks", "List[str]", "Marks")), "new-row", Some("request"), "Marks.N"),
    (|one| one.thing.push(field("size", "int", "Size")), "new-row", Some("response"), "Things.Thing[].Size"),
    (|one| one.request.retain(|field| field.name != "Kind"), "row-gone", Some("request"), "Kind"),
    (|one| one.response.retain(|field| field.name != "ThingId"), "row-gone", Some("response"), "ThingID"),
    (|one| one.thing[0].ty = "str", "type", Some("response"), "Things.Thing[].Id"),
    (|one| change(one, "Kind", |field| field.ty = "List[str]"), "type", Some("request"), "Kind"),
    (|one| change(one, "InstanceId", |field| field.ty = "str"), "type", Some("request"), "InstanceId.N"),
    (|one| change(one, "Name", |field| field.comment = "Its name."), "required", Some("request"), "Name"),
    (
        |one| change(one, "Kind", |field| field.comment = "This parameter is required."),
        "required",
        Some("request"),
        "Kind",
    ),
    (|one| change(one, "Text", |field| field.sent = "query"), "place", Some("request"), "Text"),
    (|one| change(one, "Count", |field| field.sent = "body"), "place", Some("request"), "Count"),
    (|one| change(one, "Mode", |field| field.sent = "query"), "style", Some("request"), "Mode"),
    (|one| change(one, "Ids", |field| field.sent = "query"), "style", Some("request"), "Ids"),
    (
        |one| change(one, "Kind", |field| field.comment = "> This parameter is deprecated. Take another."),
        "status",
        Some("request"),
        "Kind",
    ),
    (|one| one.actions.push("OtherThing"), "new-action", None, "OtherThing"),
    (|one| one.actions.truncate(1), "action-withdrawn", None, "DeleteThing"),
    (|one| one.method = "GET", "method", None, "CreateThing"),
];

fn change(package: &mut Package, name: &str, change: fn(&mut package::Field)) {
    let index = in_request(package, name);
    change(&mut package.request[index]);
}

const IN_JSON: &[Case<Value>] = &[
    (
        |one| one["shapes"]["Color"]["enum"] = json!(["BLACK", "WHITE", "GREY"]),
        "values",
        Some("request"),
        "Color",
    ),
    (|one| one["shapes"]["Color"]["enum"] = json!(["BLACK"]), "values", Some("request"), "Color"),
    (|one| one["shapes"]["Marks"]["max"] = json!(4), "bounds", Some("request"), "Marks.N"),
    (|one| one["shapes"]["Color"]["max"] = json!(8), "bounds", Some("request"), "Color"),
    (
        |one| {
            one["shapes"]["Name2"] = json!({ "type": "string", "max": 255, "pattern": "[a-z]+" });
            one["shapes"]["CreateSheepRequest"]["members"]["Name"]["shape"] = json!("Name2");
        },
        "pattern",
        Some("request"),
        "Name",
    ),
    (|one| one["operations"]["CreateSheep"]["deprecated"] = json!(true), "status", None, "CreateSheep"),
    (
        |one| {
            one["operations"]["CreateSheep"]["errors"] =
                json!([{ "shape": "FlockFullException" }, { "shape": "Name" }])
        },
        "new-error",
        None,
        "Name",
    ),
    (|one| one["operations"]["CreateSheep"]["errors"] = json!([]), "error-gone", None, "FlockFullException"),
    (|one| one["shapes"]["CreateSheepRequest"]["required"] = json!([]), "required", Some("request"), "Name"),
];

/// Finds one difference, then acknowledges it, then misses it.
fn assert_case(
    place: &Place,
    folder: &str,
    changed: &Path,
    unchanged: &dyn Fn() -> PathBuf,
    case: (&str, Option<&str>, &str),
) {
    let (kind, table, about) = case;
    let expected = (kind.to_owned(), table.map(str::to_owned), about.to_owned());
    assert_eq!(place.only(changed), expected);
    let table = table.map(|table| format!("table: {table}, ")).unwrap_or_default();
    let entry =
        format!("acknowledged: [{{ difference: {kind}, {table}about: \"{about}\", reason: It is so. }}]\n");
    place.append(&format!("spec/{folder}/_service.yaml"), &entry);
    let (code, json) = place.json(changed);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(differences(&json).next().unwrap()["acknowledged"], "It is so.");
    let output = place.follow(&[&unchanged()], &[]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("no `{kind}` is found about `{about}`")), "{said}");
    assert!(said.ends_with("1 acknowledgement is about nothing: remove them.\n"), "{said}");
}

#[test]
fn every_kind_of_difference_is_found_and_can_be_acknowledged() {
    let mut met = BTreeSet::new();
    for (change, kind, table, about) in IN_WHEEL {
        let place = Place::new();
        let mut package = Package::new();
        change(&mut package);
        // The method is of all actions of the tests; one is enough.
        if *kind == "method" {
            place.append("spec/vendor/sample/DeleteThing.yaml", "method: GET\n");
        }
        let unchanged = || {
            if *kind == "method" {
                place.put("spec/vendor/sample/DeleteThing.yaml", DELETE_THING);
            }
            place.wheel(&Package::new())
        };
        assert_case(&place, "vendor/sample", &place.wheel(&package), &unchanged, (kind, *table, about));
        met.insert(*kind);
    }
    for (change, kind, table, about) in IN_JSON {
        let place = Place::new();
        let mut json = service_json();
        change(&mut json);
        let unchanged = || place.service(&service_json());
        assert_case(&place, "other/flock", &place.service(&json), &unchanged, (kind, *table, about));
        met.insert(*kind);
    }
    let known = ENTRIES.iter().filter(|entry| matches!(entry.kind, Kind::Difference { .. }));
    assert_eq!(met, known.map(|entry| entry.code).collect());
}

#[test]
fn what_is_published_as_the_specs_have_it_differs_in_nothing() {
    let place = Place::new();
    let files = [place.wheel(&Package::new()), place.service(&service_json())];
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let output = place.follow(&files, &[]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("sample: alibabacloud_sample20200101 1.0.0\n"), "{said}");
    // A bare file knows the version of the API alone.
    assert!(said.contains("flock: botocore 2020-01-01\n"), "{said}");
    assert!(said.contains("Every difference is acknowledged."), "{said}");
}

#[test]
fn botocore_is_read_from_its_wheel_too() {
    let place = Place::new();
    let metadata = "Name: botocore\nVersion: 1.0.1\n".to_owned();
    let files = [
        ("botocore-1.0.1.dist-info/METADATA".to_owned(), metadata),
        ("botocore/data/flock/2020-01-01/service-2.json".to_owned(), service_json().to_string()),
    ];
    write_wheel(&place.path("botocore.whl"), &files);
    let output = place.follow(&[&place.path("botocore.whl")], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(
        said.starts_with("flock: botocore 1.0.1\n  note: the specs were compared with 1.0.0 last\n"),
        "{said}"
    );
}

#[test]
fn a_list_under_one_reason_and_an_action_alone() {
    let place = Place::new();
    let mut package = Package::new();
    package.request.extend([field("color", "str", "Color"), field("weight", "float", "Weight")]);
    package.response.push(field("color", "str", "Color"));
    let wheel = place.wheel(&package);
    let entry = "acknowledged:\n  - difference: new-row\n    table: request\n    about: [Color, Weight]\n    reason: Not yet.\n";
    place.append("spec/vendor/sample/CreateThing.yaml", entry);
    assert_eq!(place.only(&wheel), ("new-row".to_owned(), Some("response".to_owned()), "Color".to_owned()));
    // The other action has no such row.
    place.put("spec/vendor/sample/CreateThing.yaml", CREATE_THING);
    place.append("spec/vendor/sample/DeleteThing.yaml", entry);
    let (code, json) = place.json(&wheel);
    assert_eq!((code, differences(&json).filter(|one| one["acknowledged"].is_null()).count()), (Some(1), 3));
    assert_eq!(json["services"][0]["stale"].as_array().unwrap().len(), 2);
    // Of a service whose file was not read nothing is said.
    let other = place.service(&service_json());
    assert_eq!(place.json(&other).0, Some(0));
}

#[test]
fn rows_of_an_answer_may_be_retired_and_come_again() {
    let place = Place::new();
    let retired =
        CREATE_THING.replace("name: Kind, type: string", "name: Kind, type: string, status: retired");
    place.put("spec/vendor/sample/CreateThing.yaml", retired);
    assert_eq!(place.only(&place.wheel(&Package::new())).0, "status");
    let mut package = Package::new();
    package.request.retain(|field| field.name != "Kind");
    assert_eq!(place.json(&place.wheel(&package)).0, Some(0));
}

#[test]
fn the_json_has_counts_and_versions() {
    let place = Place::new();
    let mut package = Package { version: "1.1.0", ..Package::new() };
    package.request.push(field("color", "str", "Color").sent("body"));
    let (code, json) = place.json(&place.wheel(&package));
    assert_eq!(code, Some(1));
    assert_eq!(json["passes"], false);
    let service = &json["services"][0];
    let expected = [
        ("service", json!("sample")),
        ("package", json!(PACKAGE)),
        ("version", json!("1.1.0")),
        ("compared_with", json!("1.0.0")),
        ("api_version", json!("2020-01-01")),
        ("actions", json!(2)),
        ("counts", json!({ "new-row": { "open": 1, "acknowledged": 0 } })),
        ("stale", json!([])),
    ];
    expected.into_iter().for_each(|(key, value)| assert_eq!(service[key], value, "{key}"));
    assert_eq!(service["differences"][0]["action"], "CreateThing");
    assert_eq!(service["differences"][0]["published"], "string, in the form");
}

#[test]
fn the_table_says_what_to_do() {
    let place = Place::new();
    let mut package = Package::new();
    package.request.push(field("color", "str", "Color"));
    package.thing[0].ty = "str";
    let output = place.follow(&[&place.wheel(&package)], &[]);
    let expected = "sample: alibabacloud_sample20200101 1.0.0\n  CreateThing\n    new-row request Color: string\n    \
                    type response Things.Thing[].Id: integer in the spec, string published\n  \
                    new-row              1 open     0 acknowledged\n  \
                    type                 1 open     0 acknowledged\n\n\
                    2 differences are open: take over what is published, or write under `acknowledged` why the spec \
                    stays so.\n";
    assert_eq!(text(&output.stdout), expected);
}

/// A change of one file of a wheel, and what is said of it.
const MISREAD: &[(&str, &str, &str, &str)] = &[
    ("client.py", "query['Kind'] = request.kind", "query['Kind'] = other.kind", "client.py:"),
    (
        "client.py",
        "query['Kind'] = request.kind",
        "query.update(request.kind)",
        "expected a field that is sent",
    ),
    (
        "client.py",
        "query['Kind'] = request.kind",
        "query['Name'] = request.kind",
        "expected `Name` to be sent once",
    ),
    ("client.py", "'json')", "'pipes')", "'pipes'"),
    ("client.py", "style = 'RPC'", "style = 'ROA'", "expected an action of the style `RPC`"),
    ("client.py", "body_type = 'json'", "body_type = 'xml'", "`body_type = 'xml'` is not understood"),
    ("client.py", "body = Utils.parse_to_map(body)", "", "`body`, which is filled, to be sent"),
    ("client.py", "with_options(", "with_headers(", "expected an action in a method"),
    (
        "client.py",
        "version = '2020-01-01'",
        "version = '2021-01-01'",
        "version `2020-01-01` beside `2021-01-01`",
    ),
    (
        "client.py",
        "main_models.CreateThingRequest,",
        "main_models.CreateThinkRequest,",
        "no class `CreateThinkRequest`",
    ),
    ("_create_thing_request.py", "kind: str", "kind: Kind", "`kind: Kind = None,` is not understood"),
    (
        "_create_thing_request.py",
        "result['Kind'] = self.kind",
        "result['Kind'] = fit(self.kind)",
        "expected a field with",
    ),
    (
        "_create_thing_request.py",
        "result['Kind'] = self.kind",
        "result['Kind'] = self.name",
        "expected a field with",
    ),
    (
        "_create_thing_request.py",
        "result['Kind'] = self.kind",
        "result['Kind'] = self.kind.to_map()",
        "as its type is",
    ),
    ("_create_thing_request.py", "(DaraModel)", "(TeaModel)", "expected a class of `DaraModel`"),
    (
        "_create_thing_request.py",
        "if self.kind is not None",
        "if self.kind",
        "`if self.kind:` is not understood",
    ),
    ("_create_thing_response.py", "'body'", "'content'", "expected a class with a `body`"),
];

#[test]
fn what_is_not_understood_is_never_passed_over() {
    let place = Place::new();
    let whole = Package::new().files();
    for (name, from, to, said) in MISREAD {
        let mut files = whole.clone();
        let (_, content) = files.iter_mut().find(|(file, _)| file.ends_with(name)).unwrap();
        assert!(content.contains(from), "{name} has no {from:?}");
        *content = content.replacen(from, to, 1);
        write_wheel(&place.path("sample.whl"), &files);
        let output = place.follow(&[&place.path("sample.whl")], &[]);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{from:?} as {to:?}: {}{errors}", text(&output.stdout));
        assert!(errors.contains(said) && errors.contains("sample.whl: "), "{from:?} as {to:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

#[test]
fn bad_files_are_told_all_at_once() {
    let place = Place::new();
    let whole = place.wheel(&Package::new());
    let bytes = fs::read(&whole).unwrap();
    place.put("text.whl", "no zip");
    place.put("cut.whl", &bytes[..bytes.len() / 2]);
    place.put("text.txt", "no JSON");
    place.put("broken.json", "{ \"metadata\": ");
    place.put("packed.json.gz", [0x1f, 0x8b, 0x08]);
    place.put("empty.json", "{}");
    let mut other = service_json();
    other["metadata"]["targetPrefix"] = json!("Herd_V1");
    place.put("herd.json", other.to_string());
    let files = Package::new().files();
    let (metadata, rest) = files.split_first().unwrap();
    write_wheel(&place.path("bare.whl"), rest);
    write_wheel(&place.path("clientless.whl"), std::slice::from_ref(metadata));
    let idle =
        [metadata.clone(), (files[1].0.clone(), "class Client(OpenApiClient):\n    pass\n".to_owned())];
    write_wheel(&place.path("idle.whl"), &idle);
    write_wheel(&place.path("modelless.whl"), &files[..2]);
    let foreign = metadata.1.replace("sample20200101", "ecs20140526");
    write_wheel(&place.path("foreign.whl"), &[(metadata.0.clone(), foreign)]);
    let all = [
        ("missing.whl", "cannot be read"),
        ("text.whl", "is no zip; expected a wheel"),
        ("cut.whl", "is no whole zip, as a wheel is"),
        ("text.txt", "is neither a wheel nor a `service-2.json`"),
        ("broken.json", "is no JSON"),
        ("packed.json.gz", "cannot be unpacked"),
        ("empty.json", "expected a `service-2.json` of botocore"),
        ("herd.json", "is about `Herd_V1` of 2020-01-01, which is no service here; expected `botocore`"),
        ("bare.whl", "has no `*.dist-info/METADATA`"),
        ("clientless.whl", "has no `alibabacloud_sample20200101/client.py`"),
        ("idle.whl", "client.py: no actions are found"),
        ("modelless.whl", "has no `alibabacloud_sample20200101/models/_*.py`"),
        ("foreign.whl", "is the package `alibabacloud_ecs20140526`, which no service names"),
    ];
    let paths: Vec<PathBuf> = all.iter().map(|(name, _)| place.path(name)).chain([whole]).collect();
    let output = place.follow(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &[]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(2), ""));
    assert_eq!(said.lines().count(), all.len(), "{said}");
    for ((name, words), line) in all.iter().zip(said.lines()) {
        assert!(line.starts_with("error: ") && line.contains(name) && line.contains(words), "{name}: {line}");
    }
}

#[test]
fn two_files_of_one_service_are_refused() {
    let place = Place::new();
    let wheel = place.wheel(&Package::new());
    let output = place.follow(&[&wheel, &wheel], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is about `sample`, as "), "{}", text(&output.stderr));
}

#[test]
fn specs_that_cannot_be_read_are_no_verdict() {
    let place = Place::new();
    place.append(
        "spec/vendor/sample/CreateThing.yaml",
        "acknowledged: [{ difference: new-rows, about: A, reason: B. }]\n",
    );
    let output = place.follow(&[&place.wheel(&Package::new())], &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("unknown word `new-rows`") && said.contains("`new-row`"), "{said}");
}

#[test]
fn a_generator_leaves_differences_to_follow() {
    let place = Place::new();
    place.append(
        "spec/vendor/sample/CreateThing.yaml",
        "acknowledged: [{ difference: new-row, about: A, reason: B. }]\n",
    );
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["inventory", "--format", "json", "--spec"])
        .arg(place.path("spec"))
        .output()
        .unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
}
