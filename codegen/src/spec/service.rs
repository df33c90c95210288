//! A `_service.yaml`.

use super::action::AcknowledgedSpec;
use super::resource::ResourceSpec;
use crate::diagnostic::{Diagnostics, Location};
use crate::facts::{Endpoints, ErrorCode, Note, Protocol, Published};
use crate::mapping::{Mapping, mapping, text};
use crate::read::{Fields, FromNode as _, Spanned, all};
use crate::shape::{self, Keys};
use crate::yaml::{Entry, Node, Value};

mapping! {
    /// A `_service.yaml`.
    struct ServiceSpec {
        location: Location = |map| map.location(),
        /// Folder of the file, relative to the spec root.
        folder: String = |_| String::new(),
        name: Spanned<String> = |map| text(map, "service"),
        title: String,
        /// What it is for.
        summary: String,
        product: String = |map| word(map, "product"),
        version: String = |map| word(map, "version"),
        document: String,
        /// The package that describes it, in the version that the specs were compared with last.
        published: Option<Published>,
        protocol: Protocol = protocol,
        endpoints: Endpoints = |map| endpoints(map, map.diagnostics()),
        chapters: Vec<ChapterSpec>,
        types: Vec<TypeSpec> = |map| types(map, map.diagnostics()),
        errors: Vec<ErrorCode>,
        /// They stand in files of their own.
        resources: Vec<ResourceSpec> = |_| Vec::new(),
        ram_resources: Vec<RamResourceSpec>,
        without_section: Vec<WithoutSection>,
        notes: Vec<Note>,
        acknowledged: Vec<AcknowledgedSpec>,
    }

    struct ChapterSpec {
        folder: Spanned<String>,
        section: String,
        title: String,
        /// What its actions are for.
        summary: String,
    }

    struct RamResourceSpec {
        resource: String,
        arns: Vec<String>,
    }

    /// An action that the document names and does not describe.
    struct WithoutSection {
        name: String,
        known: Vec<String>,
    }
}

/// An element type that several actions share: its name and its fields, in order.
#[derive(Debug)]
pub struct TypeSpec {
    pub name: Spanned<String>,
    pub fields: Vec<Spanned<String>>,
}

impl ServiceSpec {
    /// The folder between that of the service and a file, if there is one.
    pub fn chapter_of<'a>(&self, file: &'a str) -> Option<&'a str> {
        let rest = file.strip_prefix(self.folder.as_str())?.strip_prefix('/')?;
        rest.rsplit_once('/').map(|(folder, _)| folder)
    }
}

/// Reads a service; `folder` is relative to the spec root.
pub(crate) fn read(folder: &str, node: &Node, diagnostics: &Diagnostics) -> Option<ServiceSpec> {
    let mut map = Fields::from_node(node, diagnostics)?;
    // Read by the actions that use them.
    map.get::<&[Node]>("parameters");
    Some(ServiceSpec { folder: folder.to_owned(), ..ServiceSpec::whole(map) })
}

/// A word that goes into the head of a request as it is.
fn word(map: &mut Fields<'_>, key: &'static str) -> String {
    let word = text(map, key);
    check_word(&word, map.diagnostics());
    word.value
}

fn check_word(word: &Spanned<String>, diagnostics: &Diagnostics) {
    if !word.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!("`{}` cannot be sent as it is", word.value);
        let help = "Write it in visible ASCII characters without blanks.";
        diagnostics.error("bad-word", word.location, message, help);
    }
}

/// The nodes of the shared rows, which are read with the actions that use them.
pub(crate) fn parameters(node: &Node) -> &[Node] {
    let Value::Map(entries) = &node.value else { return &[] };
    let parameters = entries.iter().find(|entry| entry.key == "parameters");
    match parameters.map(|entry| &entry.value.value) {
        Some(Value::List(rows)) => rows,
        _ => &[],
    }
}

fn protocol(map: &mut Fields<'_>) -> Protocol {
    map.describe(|keys| ["target", "signing_name"].into_iter().for_each(|key| keys.is(key, shape::text())));
    let is_aws = map.required_one_of("protocol", &[("acs-rpc", false), ("aws-json-1.1", true)]);
    if is_aws.unwrap_or_default() {
        Protocol::AwsJson { target: word(map, "target"), signing_name: word(map, "signing_name") }
    } else {
        Protocol::AcsRpc
    }
}

fn endpoints(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> Endpoints {
    map.describe(|keys| {
        let read = |map: &mut Fields<'_>| {
            endpoint_keys(map, diagnostics);
            map.describe(conditional);
        };
        keys.is("endpoints", shape::of(read));
    });
    let Some(mut map) = map.required::<Fields<'_>>("endpoints") else { return Endpoints::default() };
    let endpoints = endpoint_keys(&mut map, diagnostics);
    map.deny_unknown();
    endpoints
}

/// A rule is needed where nothing is central.
fn conditional(keys: &mut Keys) {
    keys.spare("rule");
    keys.is("home_region", shape::text());
}

fn endpoint_keys(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> Endpoints {
    map.describe(|keys| keys.is("map", shape::each(shape::text())));
    let central: Option<Spanned<String>> = map.get("central");
    let rule = if central.is_some() { map.get("rule") } else { map.required("rule") };
    let home = if central.is_some() { map.required("home_region") } else { None };
    let mapped = map.get::<&[Entry]>("map").unwrap_or_default().iter();
    let mapped = mapped.filter_map(|entry| {
        check_word(&Spanned::new(entry.key.clone(), entry.key_location), diagnostics);
        let host = host(Spanned::from_node(&entry.value, diagnostics)?, false, diagnostics);
        Some((entry.key.clone(), host))
    });
    Endpoints {
        variable: map.get("variable").map(|name| variable(name, diagnostics)),
        rule: rule.map_or_else(String::new, |rule| host(rule, true, diagnostics)),
        vpc_network: map.get("vpc_network").map(|rule| host(rule, true, diagnostics)),
        central: central.map(|central| host(central, false, diagnostics)),
        home_region: home.map(|region| label(region, diagnostics)),
        map: mapped.collect(),
    }
}

/// The name of an environment variable.
fn variable(name: Spanned<String>, diagnostics: &Diagnostics) -> String {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.starts_with(|first: char| first.is_ascii_uppercase()) || !name.bytes().all(is_plain) {
        let message = format!("`{}` is no name of an environment variable", name.value);
        let help = "Write it in capitals, digits and `_`, such as `ALIBABA_CLOUD_ENDPOINT_VPC`.";
        diagnostics.error("bad-endpoint", name.location, message, help);
    }
    name.value
}

/// A region, which can be a part of a host name.
fn label(region: Spanned<String>, diagnostics: &Diagnostics) -> String {
    if region.bytes().any(|byte| byte.is_ascii_uppercase()) || !is_label(&region) {
        let message = format!("`{}` is no region", region.value);
        diagnostics.error("bad-endpoint", region.location, message, "Write the ID of one region.");
    }
    region.value
}

fn is_label(label: &str) -> bool {
    let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
}

/// A host name, in which `{region}` may stand if it is a rule.
fn host(host: Spanned<String>, is_rule: bool, diagnostics: &Diagnostics) -> String {
    let name = if is_rule { host.replace("{region}", "region") } else { host.value.clone() };
    if name.len() > 253 || !name.split('.').all(is_label) {
        let message = format!("`{}` is no host name", host.value);
        let help =
            "Write a host without scheme, port and path; `{region}` is the only placeholder of a rule.";
        diagnostics.error("bad-endpoint", host.location, message, help);
    }
    host.value
}

fn types(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> Vec<TypeSpec> {
    map.describe(|keys| keys.is("types", shape::each(shape::filled(shape::text()))));
    let entries = map.get::<&[Entry]>("types").unwrap_or_default();
    let read = |entry: &Entry| {
        let list = <&[Node]>::from_node(&entry.value, diagnostics)?;
        if list.is_empty() {
            let message = format!("the type `{}` has no fields", entry.key);
            diagnostics.error("empty-list", entry.value.location, message, "Name its fields, or remove it.");
        }
        let name = Spanned::new(entry.key.clone(), entry.key_location);
        Some(TypeSpec { name, fields: all(list, diagnostics) })
    };
    entries.iter().filter_map(read).collect()
}
