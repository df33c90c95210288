//! Services, chapters and resources as parts of the tree.

use std::collections::BTreeMap;

use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::model::kept::Kept;
use cloudnet_codegen::model::{Model, Protocol, Resource, Service, Wait, Waiter};
use cloudnet_codegen::names;
use cloudnet_codegen::spec::{ResourceSpec, UntilSpec, WaitSpec, WaiterSpec};

use super::actions::{action, codes, node_place, notes};
use super::{Node, Part, Value};

/// All that the specs describe.
pub(crate) fn tree(model: &Model) -> Option<Node> {
    let first = model.services.first()?;
    let mut root = Node::new(Part::Root, "", first.spec.location);
    root.children = model.services.iter().map(service).collect();
    Some(root)
}

fn service(service: &Service) -> Node {
    let spec = &service.spec;
    let module = &service.module;
    let mut node = Node::new(Part::Service, &service.name, node_place(&spec.name))
        .in_rust(module, format!("use cloudnet::{module} as _;"));
    node.say("version", &service.version);
    node.say("product", &service.product);
    node.say("text", [service.title.as_str(), &service.summary, &service.document].join("; "));
    notes(&mut node, &spec.notes);
    for (name, known) in spec.without_section.iter().map(|one| (&one.name, &one.known)) {
        node.say_of("text", name, known.join(", "), node.place);
    }
    for one in &spec.ram_resources {
        node.say_of("text", format!("resource {}", one.resource), one.arns.join(", "), node.place);
    }
    protocol(&mut node, &service.protocol);
    endpoints(&mut node, service);
    node.children.extend(service.chapters.iter().map(|chapter| {
        let place = spec.chapters.iter().find(|one| names::snake(&one.folder) == chapter.module);
        let place = place.map_or(spec.location, |one| node_place(&one.folder));
        let path = format!("{module}::{}", chapter.module);
        let mut node = Node::new(Part::Chapter, &chapter.module, place)
            .in_rust(&path, format!("use cloudnet::{path} as _;"));
        node.say("text", format!("{} {}: {}", chapter.section, chapter.title, chapter.summary));
        node
    }));
    node.children.extend(spec.types.iter().map(|one| {
        let path = format!("{module}::types::{}", one.name.value);
        let mut node = Node::new(Part::SharedType, &one.name.value, node_place(&one.name))
            .in_rust(&path, format!("fn uses(_: cloudnet::{path}) {{}}"));
        for field in &one.fields {
            let rust = names::snake(field);
            node.say_of("field", &field.value, "string", field.location);
            node.last_in_rust(
                format!("{path}::{rust}"),
                format!("fn uses(it: cloudnet::{path}) -> Option<String> {{ it.{rust} }}"),
            );
        }
        node
    }));
    node.children.extend(codes(&spec.errors, "table"));
    node.children.extend(service.actions.iter().map(|one| action(service, one)));
    node.children.extend(resources(service));
    node
}

fn protocol(node: &mut Node, protocol: &Protocol) {
    match protocol {
        Protocol::AcsRpc => node.say("protocol", "acs-rpc"),
        Protocol::AwsJson { target, signing_name } => {
            node.say("protocol", format!("aws-json-1.1, target {target}, signed for {signing_name}"));
        }
    }
}

fn endpoints(node: &mut Node, service: &Service) {
    let endpoints = &service.endpoints;
    let named = [
        ("variable", endpoints.variable.as_deref()),
        ("rule", Some(endpoints.rule.as_str()).filter(|rule| !rule.is_empty())),
        ("vpc_network", endpoints.vpc_network.as_deref()),
        ("central", endpoints.central.as_deref()),
        ("home_region", endpoints.home_region.as_deref()),
    ];
    let mapped = endpoints.map.iter().map(|(region, host)| (region.as_str(), Some(host.as_str())));
    for (about, host) in named.into_iter().chain(mapped) {
        if let Some(host) = host {
            node.say_of("endpoint", about, host, node.place);
        }
    }
}

fn resources(service: &Service) -> Vec<Node> {
    let specs: BTreeMap<&str, &ResourceSpec> =
        service.spec.resources.iter().map(|one| (one.name.value.as_str(), one)).collect();
    let mut nodes = Vec::new();
    for resource in &service.resources {
        let Some(spec) = specs.get(resource.name.as_str()) else { continue };
        nodes.push(looked_at(resource, spec));
    }
    for waiter in &service.waiters {
        let of = specs.get(waiter.wait.resource.as_str());
        let spec = of.and_then(|one| one.waiters.iter().find(|one| one.name.value == waiter.name));
        let resource = service.resources.iter().find(|one| one.name == waiter.wait.resource);
        if let (Some(spec), Some(resource)) = (spec, resource) {
            nodes.push(self::waiter(service, waiter, resource, spec));
        }
    }
    for kept in &service.kept {
        let Some(spec) = specs.get(kept.name.as_str()) else { continue };
        nodes.push(self::kept(kept, spec));
    }
    nodes
}

fn looked_at(resource: &Resource, spec: &ResourceSpec) -> Node {
    let mut node = Node::new(Part::Resource, &resource.name, node_place(&spec.name));
    let found = [
        ("keys", resource.keys.join(", ")),
        ("optional keys", resource.optional_keys.join(", ")),
        ("action", resource.poll.clone()),
        ("rows", resource.rows.clone()),
        ("state", resource.state.clone()),
        ("exists", resource.exists.clone()),
        ("ask", debug(&resource.ask)),
        ("where", debug(&resource.row)),
        ("within", debug(&resource.outer_row)),
    ];
    for (about, text) in found.into_iter().filter(|(_, text)| !text.is_empty() && text != "[]") {
        node.say_of("found", about, text, node.place);
    }
    for state in &resource.states {
        let place = spec.states.all().find(|one| one.value == *state).map_or(node.place, node_place);
        node.say_of("state", state, state, place);
    }
    node
}

fn waiter(service: &Service, waiter: &Waiter, resource: &Resource, spec: &WaiterSpec) -> Node {
    let method = names::waiter(&waiter.name);
    let item = format!("{}::Client::{method}", service.module);
    let keys = vec!["\"\""; waiter.by.len()].join(", ");
    let usage =
        format!("fn uses(it: &cloudnet::{}::Client) {{ drop(it.{method}({keys})); }}", service.module);
    let mut node = Node::new(Part::Waiter, &waiter.name, node_place(&spec.name)).in_rust(&item, usage);
    node.say(
        "text",
        waiter.note.as_ref().map_or_else(String::new, |note| format!("{note} ")) + &waiter.summary,
    );
    node.say("keys", waiter.by.join(", "));
    node.say("poll", &resource.poll);
    node.say_of("goal", "resource", &waiter.wait.resource, node.place);
    wait(&mut node, &waiter.wait, &spec.wait);
    node
}

/// What waits of actions and of waiters have in common.
pub(super) fn wait(node: &mut Node, wait: &Wait, spec: &WaitSpec) {
    let until = match &spec.until {
        UntilSpec::States(states) => {
            states.iter().map(|one| one.value.as_str()).collect::<Vec<_>>().join(", ")
        }
        UntilSpec::Gone => "gone".to_owned(),
        UntilSpec::Present => "present".to_owned(),
    };
    let place = spec.location;
    node.say_of("goal", "until", until, place);
    if !wait.failure.is_empty() {
        node.say_of("goal", "failure", wait.failure.join(", "), place);
    }
    if wait.appears {
        node.say_of("goal", "appears", "yes", place);
    }
    node.put("deadline", "", Value::Number(wait.deadline_s), place);
    node.put("first delay", "", Value::Number(wait.first_delay_s), place);
    let source = if spec.observed { "observed" } else { "documented" };
    node.say_of("provenance", "", source, place);
}

fn kept(kept: &Kept, spec: &ResourceSpec) -> Node {
    let mut node = Node::new(Part::Kept, &kept.name, node_place(&spec.name));
    node.say("text", &kept.title);
    let said = [
        ("keys", debug(&(&kept.keys, &kept.optional_keys))),
        ("parents", debug(&kept.parents)),
        ("prefix", debug(&kept.prefix)),
        ("brings", debug(&kept.brings)),
        ("object", debug(&kept.object)),
        ("inside", debug(&kept.inside)),
        ("apart", debug(&kept.apart)),
        ("unique", debug(&kept.unique)),
        ("quota", debug(&kept.quota)),
    ];
    for (about, text) in said.into_iter().filter(|(_, text)| text != "[]" && text != "None") {
        node.say_of("kept", about, text, node.place);
    }
    filled(&mut node, "made", &kept.made, &spec.made);
    filled(&mut node, "shown", &kept.shown, &spec.shown);
    let states = &kept.states;
    let ways = [
        ("passing", &states.passing, &spec.states.passing),
        ("settled", &states.settled, &spec.states.settled),
        ("failed", &states.failed, &spec.states.failed),
        ("leaving", &states.leaving, &spec.states.leaving),
    ];
    for (way, states, places) in ways {
        for state in states {
            let place = places.iter().find(|one| one.value == *state).map_or(node.place, node_place);
            node.say_of("state", format!("{way} {state}"), way, place);
        }
    }
    node
}

fn filled(
    node: &mut Node,
    how: &str,
    values: &[cloudnet_codegen::model::kept::Filled],
    spec: &cloudnet_codegen::spec::Values,
) {
    for (field, value) in values {
        let place: Location = spec
            .iter()
            .find(|(name, _)| name.value == *field)
            .map_or(node.place, |(name, _)| node_place(name));
        node.say_of("kept", format!("{how} {field}"), debug(value), place);
    }
}

/// What has no words of its own is told as the generator has it.
pub(super) fn debug(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}
