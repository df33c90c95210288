//! Reads a `_service.yaml`.

use super::action::{acknowledged, error, note};
use super::{
    ChapterSpec, EndpointsSpec, ProtocolSpec, RamResourceSpec, ServiceSpec, TypeSpec, WithoutSection, many,
    plain, text,
};
use crate::diagnostic::Diagnostics;
use crate::read::{Fields, Spanned};
use crate::yaml::{Node, Value};

/// Reads a service; `folder` is relative to the spec root.
pub(crate) fn read(folder: &str, node: &Node, diagnostics: &Diagnostics) -> Option<ServiceSpec> {
    let mut map = Fields::of(node, diagnostics)?;
    // Read by the actions that use them.
    map.list("parameters");
    let spec = ServiceSpec {
        location: node.location,
        folder: folder.to_owned(),
        name: text(&mut map, "service"),
        title: text(&mut map, "title").value,
        product: word(&mut map, "product"),
        version: word(&mut map, "version"),
        document: text(&mut map, "document").value,
        protocol: protocol(&mut map),
        endpoints: endpoints(&mut map, diagnostics),
        chapters: many(map.non_empty_list("chapters"), diagnostics, chapter),
        types: types(&mut map, diagnostics),
        errors: many(map.non_empty_list("errors"), diagnostics, error),
        resources: Vec::new(),
        ram_resources: many(map.non_empty_list("ram_resources"), diagnostics, ram_resource),
        without_section: many(map.non_empty_list("without_section"), diagnostics, without_section),
        notes: many(map.non_empty_list("notes"), diagnostics, note),
        acknowledged: many(map.non_empty_list("acknowledged"), diagnostics, acknowledged),
    };
    map.finish();
    Some(spec)
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

fn protocol(map: &mut Fields<'_>) -> ProtocolSpec {
    let is_aws =
        map.required_one_of("protocol", &[("acs-rpc", false), ("aws-json-1.1", true)]).is_some_and(plain);
    if is_aws {
        ProtocolSpec::AwsJson { target: word(map, "target"), signing_name: word(map, "signing_name") }
    } else {
        ProtocolSpec::AcsRpc
    }
}

fn endpoints(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> EndpointsSpec {
    map.required_node("endpoints");
    let Some(mut map) = map.fields("endpoints") else { return EndpointsSpec::default() };
    let central = map.text("central");
    let rule = if central.is_some() { map.text("rule") } else { map.required_text("rule") };
    let home = if central.is_some() { map.required_text("home_region") } else { None };
    let mapped = map.entries("map").unwrap_or_default().iter();
    let mapped = mapped.filter_map(|entry| {
        check_word(&Spanned::new(entry.key.clone(), entry.key_location), diagnostics);
        let host = host(entry.value.filled_text(diagnostics)?, false, diagnostics);
        Some((entry.key.clone(), host))
    });
    let endpoints = EndpointsSpec {
        rule: rule.map_or_else(String::new, |rule| host(rule, true, diagnostics)),
        vpc_network: map.text("vpc_network").map(|rule| host(rule, true, diagnostics)),
        central: central.map(|central| host(central, false, diagnostics)),
        home_region: home.map(|region| label(region, diagnostics)),
        map: mapped.collect(),
    };
    map.finish();
    endpoints
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

fn chapter(mut map: Fields<'_>) -> ChapterSpec {
    let chapter = ChapterSpec {
        folder: text(&mut map, "folder"),
        section: text(&mut map, "section").value,
        title: text(&mut map, "title").value,
    };
    map.finish();
    chapter
}

fn types(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> Vec<TypeSpec> {
    let entries = map.entries("types").unwrap_or_default();
    let read = |entry: &crate::yaml::Entry| {
        let list = entry.value.list(diagnostics)?;
        if list.is_empty() {
            let message = format!("the type `{}` has no fields", entry.key);
            diagnostics.error("empty-list", entry.value.location, message, "Name its fields, or remove it.");
        }
        let fields = list.iter().filter_map(|name| name.filled_text(diagnostics));
        Some(TypeSpec { name: Spanned::new(entry.key.clone(), entry.key_location), fields: fields.collect() })
    };
    entries.iter().filter_map(read).collect()
}

fn ram_resource(mut map: Fields<'_>) -> RamResourceSpec {
    let arns = map.texts("arns").unwrap_or_default();
    let resource = RamResourceSpec {
        resource: text(&mut map, "resource").value,
        arns: arns.into_iter().map(plain).collect(),
    };
    map.finish();
    resource
}

fn without_section(mut map: Fields<'_>) -> WithoutSection {
    let known = map.texts("known").unwrap_or_default();
    let entry =
        WithoutSection { name: text(&mut map, "name").value, known: known.into_iter().map(plain).collect() };
    map.finish();
    entry
}
