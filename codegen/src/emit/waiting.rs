//! How the SDK sees that something has happened: tables of resources and waits, methods of waiters.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::features::BY_NAME;
use super::rows::{Entries, block, list};
use crate::doc::Doc;
use crate::model::{Action, Chapter, GoalIf, Resource, Service, Source, Until, Wait, Waiter};
use crate::names;
use crate::render::Part;
use crate::syntax::{ident, quoted, texts};

/// `Wait { … }`, with the module of the resources as seen from there.
pub(super) fn table(wait: &Wait, resources: &str) -> String {
    let (until, goal) = match &wait.until {
        Until::States(states) => ("State", states.as_slice()),
        Until::Gone => ("Gone", &[][..]),
        Until::Present => ("Present", &[][..]),
    };
    let usual =
        format!("Wait::of(&{resources}::{}, Until::{until}, {})", constant(&wait.resource), wait.deadline_s);
    let mut entries = Entries::default();
    entries.put_list(
        "by",
        wait.by
            .iter()
            .map(|(key, sources)| format!("({}, {})", quoted(key), list(sources.iter().map(source)))),
    );
    entries.put_list("success", goal.iter().map(|state| quoted(state)));
    entries.put_list("success_if", wait.until_if.iter().map(goal_if));
    entries.put_list("shows", pairs_of_source(&wait.shows));
    entries.put_list("failure", wait.failure.iter().map(|state| quoted(state)));
    if wait.appears {
        entries.put("appears", "true");
    }
    if wait.first_delay_s != 0 {
        entries.put("first_delay_s", &wait.first_delay_s.to_string());
    }
    entries.in_line("Wait", &usual)
}

fn goal_if(goal: &GoalIf) -> String {
    let (source, equals, until) = (source(&goal.source), quoted(&goal.equals), texts(&goal.until));
    format!("SuccessIf {{ source: {source}, equals: {equals}, success: {until} }}")
}

fn source(source: &Source) -> String {
    let (from, text) = match source {
        Source::Request(row) => ("Request", row),
        Source::Response(path) => ("Response", path),
        Source::Key(key) => ("Key", key),
        Source::Literal(text) => ("Literal", text),
    };
    format!("{from}({})", quoted(text))
}

fn pairs_of_source(pairs: &[(String, Source)]) -> impl Iterator<Item = String> {
    pairs.iter().map(|(name, from)| format!("({}, {})", quoted(name), source(from)))
}

fn constant(name: &str) -> Ident {
    ident(&names::snake(name).to_uppercase())
}

/// Says which action of the SDK is polled, where it is one.
pub(super) fn awaited(service: &Service, action: &Action) -> Option<TokenStream> {
    let wait = action.wait.as_ref()?;
    let resource = service.resource(wait)?;
    let index = if action.chapter.is_some() { quote!(super::super) } else { quote!(super) };
    let (name, poll) = (ident(&action.facts.name), ident(&resource.poll));
    Some(quote! {
        impl Awaited for #name {
            type Poll = #index::#poll;
        }
    })
}

/// The resources of a chapter, and a method of the client for each waiter, with their tables.
pub(super) fn resources(service: &Service, chapter: Option<&str>) -> Vec<Part> {
    let here: Vec<&Resource> =
        service.resources.iter().filter(|resource| resource.chapter.as_deref() == chapter).collect();
    if here.is_empty() {
        return Vec::new();
    }
    let waiters: Vec<&Waiter> = service.waiters_of(chapter).map(|(waiter, _)| waiter).collect();
    let tables = here.iter().map(|resource| (constant(&resource.name), "Resource", resource_table(resource)));
    let mut parts = vec![module("resources", tables).into()];
    if !waiters.is_empty() {
        parts.push(tables_of(&waiters).into());
        // Those of the service itself stand in its own list.
        if chapter.is_some() {
            parts.push(entries(&waiters).into());
        }
    }
    parts
}

/// `mod … { … }` with a static for each table.
fn module(name: &str, tables: impl Iterator<Item = (Ident, &'static str, String)>) -> String {
    let mut text = format!("mod {name} {{\n    use crate::schema::words::*;\n");
    for (name, ty, content) in tables {
        text.push_str(&format!("    pub(super) static {name}: {ty} = {content};\n"));
    }
    text.push_str("}\n");
    text
}

fn resource_table(resource: &Resource) -> String {
    let [name, title, poll] = [&resource.name, &resource.title, &resource.poll].map(|text| quoted(text));
    let usual = format!("Resource::of({name}, {title}, {poll})");
    let mut entries = Entries::default();
    entries.put_list("keys", resource.keys.iter().map(|key| quoted(key)));
    entries.put_list("optional_keys", resource.optional_keys.iter().map(|key| quoted(key)));
    entries.put_list("ask", pairs_of_source(&resource.ask));
    let texts = [("rows", &resource.rows), ("state", &resource.state), ("exists", &resource.exists)];
    for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        entries.put(name, &quoted(text));
    }
    for (name, pairs) in [("row", &resource.row), ("outer_row", &resource.outer_row)] {
        entries
            .put_list(name, pairs.iter().map(|(field, key)| format!("({}, {})", quoted(field), quoted(key))));
    }
    entries.put_list("states", resource.states.iter().map(|state| quoted(state)));
    entries.written("Resource", &usual, 1)
}

fn tables_of(waiters: &[&Waiter]) -> String {
    let tables = waiters
        .iter()
        .map(|waiter| (constant(&waiter.name), "Wait", table(&waiter.wait, "super::resources")));
    module("waiters", tables)
}

/// What calls by name need of the waiters, by chapter.
pub(super) fn by_chapter(service: &Service) -> Option<String> {
    if service.waiters.is_empty() {
        return None;
    }
    let has_waiters = |chapter: &&Chapter| service.waiters_of(Some(&chapter.module)).next().is_some();
    let chapters = service.chapters.iter().filter(has_waiters);
    let tables = chapters.map(|chapter| {
        format!("#[cfg(feature = {})] {}::WAITERS", quoted(&chapter.feature), ident(&chapter.module))
    });
    let direct: Vec<&Waiter> = service.waiters_of(None).map(|(waiter, _)| waiter).collect();
    let tables = tables.chain((!direct.is_empty()).then(|| block(rows(&direct), 1)));
    let tables = block(tables, 0);
    Some(format!("{BY_NAME}pub(super) static WAITERS: &[&[crate::registry::WaiterEntry]] = {tables};\n"))
}

fn entries(waiters: &[&Waiter]) -> String {
    let rows = block(rows(waiters), 0);
    format!("{BY_NAME}pub(super) static WAITERS: &[crate::registry::WaiterEntry] = {rows};\n")
}

fn rows(waiters: &[&Waiter]) -> impl Iterator<Item = String> {
    waiters.iter().map(|waiter| {
        let (name, by, table) = (quoted(&waiter.name), texts(&waiter.by), constant(&waiter.name));
        format!("crate::registry::WaiterEntry {{ name: {name}, by: {by}, wait: &waiters::{table} }}")
    })
}

/// A method of the client for each waiter of a chapter.
pub(super) fn methods(service: &Service, chapter: Option<&str>) -> String {
    service.waiters_of(chapter).map(|(waiter, resource)| method(waiter, resource)).collect()
}

fn method(waiter: &Waiter, resource: &Resource) -> String {
    let doc = method_doc(waiter, resource).outer_lines(4);
    let (name, poll, table) = (names::waiter(&waiter.name), &resource.poll, constant(&waiter.name));
    let keys = waiter.by.iter().map(|by| format!(", {}: Key<{by:?}>", ident(&names::snake(by))));
    let keys = keys.collect::<String>();
    format!("{doc}    fn {name}(&self{keys}) -> Waiter<{poll}, {table}>;\n")
}

fn method_doc(waiter: &Waiter, resource: &Resource) -> Doc {
    let wait = &waiter.wait;
    let mut doc = Doc::new().text(&waiter.summary).paragraph().markup("Asks ").code(&resource.poll);
    doc = doc.markup(&format!(", up to {} s unless told otherwise.", wait.deadline_s));
    if !wait.failure.is_empty() {
        let failures = wait.failure.iter().map(String::as_str);
        doc = doc.markup(" Fails at once in state ").codes(failures).markup(".");
    }
    match &waiter.note {
        Some(note) => doc.markup(" ").text(note),
        None => doc,
    }
}
