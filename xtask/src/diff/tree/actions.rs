//! An action as a part of the tree.

use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::model::kept::Codes;
use cloudnet_codegen::model::{Action, Effect, ErrorCode, Note, Service, Status};
use cloudnet_codegen::read::Spanned;
use cloudnet_codegen::rule::RuleSpec;

use super::rows::{entry_type, rows, types};
use super::services::{debug, wait};
use super::{Node, Part};
use crate::inventory::checks;

/// Classes whose errors are repeated, and for how long.
const RETRIED: [(&str, &str); 4] = [
    ("Throttled", "until the deadline"),
    ("Busy", "until the deadline"),
    ("Unavailable", "a few times"),
    ("Internal", "a few times"),
];

/// The class whose codes mean "gone" where nothing else is said.
const NOT_FOUND: &str = "NotFound";

pub(super) fn action(service: &Service, action: &Action) -> Node {
    let facts = &action.facts;
    let path = format!("{}::{}", service.module, *facts.name);
    let usage = format!("fn uses(_: cloudnet::{path}) {{}}");
    let mut node = Node::new(Part::Action, &facts.name.value, node_place(&facts.name)).in_rust(&path, usage);
    described(&mut node, action);
    behaves(&mut node, action);
    emulated(&mut node, action);
    if let Some(chapter) = &action.chapter {
        let (module, name) = (&service.module, &facts.name.value);
        node.say("chapter", chapter);
        node.last_in_rust(
            format!("{module}::{chapter}::{name}"),
            format!("fn uses(_: cloudnet::{module}::{chapter}::{name}) {{}}"),
        );
    }
    node.children.extend(rows(service, action));
    node.children.extend(types(service, action));
    node.children.extend(rules(&action.spec.rules));
    node.children.extend(codes(&facts.errors, "table"));
    node.children.extend(codes(&facts.observed, "observed"));
    node.children.extend(pagination(&path, service, action));
    node.children.extend(dry_run(&path, action));
    node.children.extend(awaited(&path, service, action));
    node
}

/// Where a value stands.
pub(super) fn node_place<T>(spanned: &Spanned<T>) -> Location {
    spanned.location
}

pub(super) fn notes(node: &mut Node, notes: &[Note]) {
    for (index, note) in notes.iter().enumerate() {
        let today = note.today.as_ref().map_or_else(String::new, |today| format!(" Today: {today}"));
        node.say_of(
            "text",
            format!("note {index}"),
            format!("{}: {}{today}", note.kind, note.text),
            node.place,
        );
    }
}

fn described(node: &mut Node, action: &Action) {
    let facts = &action.facts;
    node.say_of("text", "summary", &facts.summary.value, node_place(&facts.summary));
    let source = match &facts.published {
        Some(published) => published.to_string(),
        None => facts.section.value.clone(),
    };
    node.say_of("section", "", source, node_place(&facts.section));
    if let Some(document) = &facts.document {
        node.say_of("text", "document", document, node.place);
    }
    notes(node, &facts.notes);
    for (index, example) in facts.examples.iter().enumerate() {
        node.say_of("text", format!("example {index}"), debug(example), node.place);
    }
    for one in &facts.resolutions {
        node.say_of("text", format!("resolution {}", one.about), &one.note, node.place);
    }
    for one in &action.spec.acknowledged {
        for about in &one.about {
            let said = format!("{} {}", one.finding.code(), about.value);
            node.say_of("text", said, &one.reason, node_place(about));
        }
    }
    let note = [facts.status_note.clone(), facts.replaced_by.as_ref().map(|by| format!("use {}", by.value))];
    let note = note.into_iter().flatten().collect::<Vec<_>>().join("; ");
    if facts.status != Status::Active {
        node.say("deprecated", [facts.status.word(), &note].join(" "));
    } else if !note.is_empty() {
        node.say_of("text", "status", note, node.place);
    }
    if let Some(ram) = &facts.ram {
        let resources = ram.resources.iter().map(|one| match &one.when {
            Some(when) => format!("{} when {when}", one.text),
            None => one.text.clone(),
        });
        let resources = resources.collect::<Vec<_>>().join(", ");
        let section = ram.section.as_deref().unwrap_or_default();
        let (name, access) = (ram.action.as_deref().unwrap_or_default(), ram.access.unwrap_or_default());
        node.say("permission", format!("{name} {access} {resources} {section}").trim());
    }
}

fn behaves(node: &mut Node, action: &Action) {
    let facts = &action.facts;
    node.say("method", if facts.get { "GET" } else { "POST" });
    node.flag("read", facts.effect == Effect::Read);
    if let Some(token) = &facts.idempotency {
        node.say_of("token", "", &token.value, node_place(token));
    }
    for name in &facts.serialize_by {
        node.say_of("serialised", &name.value, "by", node_place(name));
    }
    if let Some((poll, until)) = &action.outside {
        node.say("outside", format!("{poll} {until:?}"));
    }
}

fn emulated(node: &mut Node, action: &Action) {
    let behavior = &action.behavior;
    for (index, effect) in behavior.effects.iter().enumerate() {
        let place = action.spec.effects.get(index).map_or(node.place, |effect| effect.location);
        let same = behavior.effects.iter().take(index);
        let nth = same.filter(|one| (one.operation, &one.resource) == (effect.operation, &effect.resource));
        let nth = nth.count() + 1;
        let about = format!(
            "{} {}{}",
            effect.operation,
            effect.resource,
            if nth > 1 { format!(" {nth}") } else { String::new() }
        );
        node.say_of("emulated effect", about, debug(effect), place);
    }
    for (field, value) in &behavior.responds {
        node.say_of("emulated answer", field, debug(value), node.place);
    }
    if let Some(because) = &behavior.answers_example {
        node.say_of("emulated answer", "", because, node.place);
    }
    if let Some(read) = &behavior.read {
        node.say("emulated read", debug(&(&read.resource, &read.rows, &read.by)));
        for filter in &read.filters {
            let spec = action.spec.filters.iter().find(|(row, _)| row.value == filter.row);
            let place = spec.map_or(node.place, |(row, _)| node_place(row));
            node.say_of("emulated filter", &filter.row, debug(&filter.by), place);
        }
    }
    for one in &behavior.references {
        node.say_of(
            "emulated reference",
            &one.row,
            debug(&(&one.resources, &one.by, one.outside)),
            node.place,
        );
    }
    refused(node, &behavior.codes);
}

/// The codes that the emulator refuses with.
fn refused(node: &mut Node, codes: &Codes) {
    let by_row = [
        ("missing", &codes.missing),
        ("invalid", &codes.invalid),
        ("not found", &codes.not_found),
        ("dependency", &codes.dependency),
        ("state", &codes.state),
        ("needs", &codes.needs),
    ];
    for (why, pairs) in by_row {
        for (row, code) in pairs {
            node.say_of("emulated refusal", format!("{why} {row}").trim_end(), code, node.place);
        }
    }
    let whole = [
        ("quota", &codes.quota),
        ("exists", &codes.exists),
        ("inside", &codes.inside),
        ("apart", &codes.apart),
    ];
    for (why, code) in whole {
        if let Some(code) = code {
            node.say_of("emulated refusal", why, code, node.place);
        }
    }
}

/// The rows of an error table.
pub(super) fn codes<'a>(codes: &'a [ErrorCode], source: &'static str) -> impl Iterator<Item = Node> + 'a {
    codes.iter().map(move |code| {
        let mut node = Node::new(Part::Code, &code.code.value, node_place(&code.code));
        let retried = RETRIED.iter().find(|(class, _)| *class == code.class);
        node.maybe("retried", retried.map(|(_, how)| *how));
        node.say("class", code.class);
        node.flag("gone", code.gone.unwrap_or(code.class == NOT_FOUND));
        node.maybe("status", (code.status != 0).then(|| code.status.to_string()));
        node.say("provenance", source);
        node.say("text", &code.summary);
        if let Some(passes) = &code.passes {
            node.say_of("text", "passes", passes, node.place);
        }
        if code.rows != 1 {
            node.say_of("text", "rows", code.rows.to_string(), node.place);
        }
        node
    })
}

fn rules(rules: &[RuleSpec]) -> impl Iterator<Item = Node> {
    rules.iter().map(|spec| {
        let rule = &spec.rule;
        let name = format!("{} {}", rule.kind.key, checks::operands(&rule.content));
        let mut node = Node::new(Part::Rule, name, spec.location);
        node.flag("refuses", !spec.lifted && !rule.advice);
        node.say("text", if rule.today { "today" } else { "documented" });
        if let Some(note) = &spec.note {
            node.say_of("text", "note", note, node.place);
        }
        node
    })
}

fn pagination(path: &str, service: &Service, action: &Action) -> Option<Node> {
    let pages = action.facts.pagination.as_ref()?;
    let usage = format!("fn holds<T: cloudnet::Paged>() {{}}\nfn uses() {{ holds::<cloudnet::{path}>(); }}");
    let mut node = Node::new(Part::Pagination, "pages", node_place(&pages.position))
        .in_rust(format!("impl Paged for {path}"), usage);
    let (position, end) = pages.ends();
    node.say_of("style", "style", if pages.by_token { "token" } else { "page-number" }, node.place);
    node.say_of("style", position, &pages.position.value, node_place(&pages.position));
    if let Some(size) = &pages.size {
        node.say_of("style", "size", &size.value, node_place(size));
    }
    node.say_of("style", end, &**pages.end, node_place(&pages.end));
    node.say_of("style", "items", &**pages.items, node_place(&pages.items));
    if let Some(items) = &action.items {
        let entry = entry_type(service, action, &items.entry);
        node.say_of("entry", "", &entry, node_place(&pages.items));
        node.last_in_rust(
            format!("<{path} as Paged>::Item"),
            format!(
                "fn uses(page: cloudnet::{path}Output) -> Vec<{entry}> {{ <cloudnet::{path} as cloudnet::Paged>::items(page) }}"
            ),
        );
    }
    Some(node)
}

fn dry_run(path: &str, action: &Action) -> Option<Node> {
    let dry_run = action.facts.dry_run.as_ref()?;
    let usage =
        format!("fn holds<T: cloudnet::DryRunnable>() {{}}\nfn uses() {{ holds::<cloudnet::{path}>(); }}");
    let mut node = Node::new(Part::DryRun, &dry_run.parameter.value, node_place(&dry_run.parameter))
        .in_rust(format!("impl DryRunnable for {path}"), usage);
    node.say("passed", dry_run.passed.as_deref().unwrap_or("no code"));
    Some(node)
}

fn awaited(path: &str, service: &Service, action: &Action) -> Option<Node> {
    let (wait, spec) = (action.wait.as_ref()?, action.spec.wait.as_ref()?);
    let usage =
        format!("fn holds<T: cloudnet::Awaited>() {{}}\nfn uses() {{ holds::<cloudnet::{path}>(); }}");
    let mut node =
        Node::new(Part::Wait, "wait", spec.location).in_rust(format!("impl Awaited for {path}"), usage);
    if let Some(resource) = service.resources.iter().find(|one| one.name == wait.resource) {
        let poll = format!("cloudnet::{}::{}", service.module, resource.poll);
        node.say("poll", &resource.poll);
        node.last_in_rust(
            format!("<{path} as Awaited>::Poll"),
            format!("fn uses(it: <cloudnet::{path} as cloudnet::Awaited>::Poll) -> {poll} {{ it }}"),
        );
    }
    node.say_of("goal", "resource", &wait.resource, node.place);
    for (key, sources) in &wait.by {
        node.say_of("goal", format!("by {key}"), debug(sources), node.place);
    }
    for goal in &wait.until_if {
        node.say_of(
            "goal",
            format!("if {:?} is {}", goal.source, goal.equals),
            goal.until.join(", "),
            node.place,
        );
    }
    for (field, source) in &wait.shows {
        node.say_of("goal", format!("shows {field}"), debug(source), node.place);
    }
    self::wait(&mut node, wait, spec);
    node.maybe("text", spec.note.as_deref());
    Some(node)
}
