//! The JSON schemas of the dialect admit every spec, refuse slips, and say what each key means.

use boon::{Compiler, SchemaIndex, Schemas};
use cloudnet_codegen::diagnostic::{Diagnostics, Sources};
use cloudnet_codegen::schema::schemas;
use cloudnet_codegen::yaml::{Node, Value, parse};
use cloudnet_tests::{specs, texts, workspace};
use serde_json::{Value as Json, json};

struct Dialect {
    schemas: Schemas,
    compiled: Vec<(&'static str, SchemaIndex)>,
}

impl Dialect {
    fn read() -> Self {
        let (mut schemas, mut compiled) = (Schemas::new(), Vec::new());
        for file in ["action.json", "resources.json", "service.json"] {
            let mut compiler = Compiler::new();
            compiler.add_resource(file, written(file)).unwrap();
            compiled.push((file, compiler.compile(file, &mut schemas).unwrap()));
        }
        Self { schemas, compiled }
    }

    /// What is wrong with a spec, if anything.
    fn objection(&self, path: &str, text: &str) -> Option<String> {
        let file = match path.rsplit('/').next() {
            Some("_service.yaml") => "service.json",
            Some("_resources.yaml") => "resources.json",
            _ => "action.json",
        };
        let (_, index) = self.compiled.iter().find(|(name, _)| *name == file)?;
        let tree = parse(Sources::default().add("", ""), text, &Diagnostics::default()).unwrap();
        let json = json_of(&tree);
        let outcome = self.schemas.validate(&json, *index);
        outcome.err().map(|error| format!("{path}: {error:#}"))
    }
}

fn written(file: &str) -> Json {
    let path = workspace().join("codegen/schema").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Integer(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Map(entries) => entries.iter().map(|one| (one.key.clone(), json_of(&one.value))).collect(),
    }
}

#[test]
fn the_schemas_are_current() {
    let description = std::fs::read_to_string(specs().join("README.md")).unwrap();
    for (file, text) in schemas(&description) {
        let found = std::fs::read_to_string(workspace().join("codegen/schema").join(file)).unwrap();
        assert!(found.replace("\r\n", "\n") == text, "{file}: run `cargo xtask codegen`");
    }
}

#[test]
fn every_spec_is_admitted() {
    let dialect = Dialect::read();
    let specs = texts(&specs());
    let yaml = specs.iter().filter(|(path, _)| path.ends_with(".yaml") && path != "_proofs.yaml");
    let objections: Vec<String> = yaml.filter_map(|(path, text)| dialect.objection(path, text)).collect();
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

/// A file, what is changed in it, and what part of the objection says where.
const SLIPS: [(&str, &str, &str, &str); 17] = [
    (ALLOCATE, "idempotency:", "idempotancy:", "idempotancy"),
    (ALLOCATE, "effect: write", "effect: wirte", "/effect"),
    (ALLOCATE, "section: \"19.1\"", "section: 19.1", "/section"),
    (ALLOCATE, "kind: billing", "kind: bill", "/notes/0/kind"),
    (ALLOCATE, "type: boolean", "type: bool", "/request/1"),
    (ALLOCATE, "range: [1, null]", "range: [1]", "/request/2"),
    (ALLOCATE, "class: quota", "class: quotas", "/errors/1/class"),
    (ALLOCATE, "  - status: 400\n", "  - status: 4000\n", "/errors/1/status"),
    (ALLOCATE, "if: PricingCycle", "fi: PricingCycle", "/rules/3"),
    (ALLOCATE, "deadline_s: 540", "deadline_s: long", "/wait"),
    (ALLOCATE, "via: Available", "vai: Available", "/effects/0"),
    (ALLOCATE, "summary: Allocates a new EIP (Elastic IP Address).\n", "", "summary"),
    (RESOURCES, "keys: [AllocationId]", "keys: []", "/resources/0/keys"),
    (RESOURCES, "prefix: eip-", "prefixes: eip-", "prefixes"),
    (SERVICE, "protocol: acs-rpc", "protocol: acs", "/protocol"),
    (SERVICE, "- folder: vpc\n", "- fodler: vpc\n", "/chapters/0"),
    (SERVICE, "    summary: Subnets of a VPC", "    sumary: Subnets of a VPC", "/chapters/1"),
];

const ALLOCATE: &str = "alibaba/vpc/eip/AllocateEipAddress.yaml";
const RESOURCES: &str = "alibaba/vpc/eip/_resources.yaml";
const SERVICE: &str = "alibaba/vpc/_service.yaml";

#[test]
fn slips_are_refused_where_they_are() {
    let dialect = Dialect::read();
    for (path, from, to, place) in SLIPS {
        let text = std::fs::read_to_string(specs().join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from:?}");
        let objection = dialect.objection(path, &text.replacen(from, to, 1));
        let objection = objection.unwrap_or_else(|| panic!("{path}: {to:?} is admitted"));
        assert!(objection.contains(place), "{path}: {to:?}: {objection}");
    }
}

#[test]
fn every_key_has_its_words() {
    let mut silent = Vec::new();
    for file in ["action.json", "resources.json", "service.json"] {
        collect_silent(&written(file), file, &mut silent);
    }
    assert!(silent.is_empty(), "spec/README.md says nothing of\n{}", silent.join("\n"));
}

fn collect_silent(schema: &Json, place: &str, silent: &mut Vec<String>) {
    match schema {
        Json::Object(members) => {
            for (name, member) in members {
                for (key, shape) in member.as_object().filter(|_| name == "properties").into_iter().flatten()
                {
                    if shape["description"].is_null() {
                        silent.push(format!("{place}.{key}"));
                    }
                    collect_silent(shape, &format!("{place}.{key}"), silent);
                }
                if name != "properties" {
                    collect_silent(member, place, silent);
                }
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect_silent(item, place, silent)),
        _ => {}
    }
}

/// The settings name schemas that there are, and each spec has one.
#[test]
fn the_editor_finds_the_schemas() {
    let text = std::fs::read_to_string(workspace().join(".vscode/settings.json")).unwrap();
    let settings: Json = serde_json::from_str(&text).unwrap();
    let named = settings["yaml.schemas"].as_object().unwrap();
    assert_eq!(named.len(), 3);
    for schema in named.keys() {
        assert!(workspace().join(schema).is_file(), "{schema}");
    }
}
