//! How the SDK sees that something has happened: tables of resources and waits, methods of waiters.

use quote::quote;
use syn::{Attribute, Expr, ImplItem, Item, Visibility};

use super::service::{cfg, feature, list_of};
use crate::doc::Doc;
use crate::model::{Action, GoalIf, Resource, Service, Source, Until, Wait, Waiter};
use crate::names;
use crate::syntax::expression::{
    Then as _, call, flag, number, path, record, reference, result, slice, text, texts, tuple,
};
use crate::syntax::item::{self, Function};
use crate::syntax::{public, public_in, types};

/// `Wait { … }`, in a module that is so deep below that of the resources.
pub(super) fn table(wait: &Wait, resources: &str) -> Expr {
    let (until, goal) = match &wait.until {
        Until::States(states) => ("Until::State", states.as_slice()),
        Until::Gone => ("Until::Gone", &[][..]),
        Until::Present => ("Until::Present", &[][..]),
    };
    let by = wait.by.iter().map(|(key, sources)| tuple([text(key), slice(sources.iter().map(source))]));
    let shows = wait.shows.iter().map(|(field, from)| tuple([text(field), source(from)]));
    let fields = [
        ("resource", reference(path(&format!("{resources}::{}", constant(&wait.resource))))),
        ("by", slice(by)),
        ("until", path(until)),
        ("success", texts(goal)),
        ("success_if", slice(wait.until_if.iter().map(goal_if))),
        ("shows", slice(shows)),
        ("failure", texts(&wait.failure)),
        ("appears", flag(wait.appears)),
        ("deadline_s", number(wait.deadline_s)),
        ("first_delay_s", number(wait.first_delay_s)),
    ];
    record("Wait", fields)
}

fn goal_if(goal: &GoalIf) -> Expr {
    let fields =
        [("source", source(&goal.source)), ("equals", text(&goal.equals)), ("success", texts(&goal.until))];
    record("SuccessIf", fields)
}

fn source(source: &Source) -> Expr {
    let (variant, value) = match source {
        Source::Request(row) => ("Source::Request", row),
        Source::Response(path) => ("Source::Response", path),
        Source::Key(key) => ("Source::Key", key),
        Source::Literal(text) => ("Source::Literal", text),
    };
    call(variant, [text(value)])
}

fn constant(name: &str) -> String {
    names::snake(name).to_uppercase()
}

/// Says which action of the SDK is polled, where it is one.
pub(super) fn awaited(service: &Service, action: &Action) -> Option<Item> {
    let wait = action.wait.as_ref()?;
    let resource = service.resources.iter().find(|resource| resource.name == wait.resource)?;
    let index = if action.chapter.is_some() { "super::super" } else { "super" };
    let poll = types::named(&format!("{index}::{}", resource.poll));
    let poll = item::associated_type("Poll", poll);
    Some(item::implementation("Awaited", types::named(&action.spec.name), vec![poll]))
}

/// The resources of a chapter, and a method of the client for each waiter, with their tables.
pub(super) fn resources(service: &Service, chapter: Option<&str>) -> Vec<Item> {
    let here: Vec<&Resource> =
        service.resources.iter().filter(|resource| resource.chapter.as_deref() == chapter).collect();
    if here.is_empty() {
        return Vec::new();
    }
    let mut tables = vec![item::import_all("crate::schema")];
    tables.extend(here.iter().map(|resource| {
        let (name, ty) = (constant(&resource.name), types::named("Resource"));
        item::table(Vec::new(), public_in("super"), &name, ty, resource_table(resource))
    }));
    let mut items = vec![item::module(Vec::new(), Visibility::Inherited, "resources", tables)];
    let poll = |waiter: &Waiter| here.iter().find(|resource| resource.name == waiter.wait.resource).copied();
    let waiters = service.waiters.iter().filter_map(|waiter| Some((waiter, poll(waiter)?)));
    items.extend(waiter_items(service, &waiters.collect::<Vec<_>>()));
    items
}

fn resource_table(resource: &Resource) -> Expr {
    let ask = resource.ask.iter().map(|(parameter, from)| tuple([text(parameter), source(from)]));
    let pairs =
        |pairs: &[(String, String)]| slice(pairs.iter().map(|(field, key)| tuple([text(field), text(key)])));
    let fields = [
        ("name", text(&resource.name)),
        ("title", text(&resource.title)),
        ("keys", texts(&resource.keys)),
        ("optional_keys", texts(&resource.optional_keys)),
        ("poll", text(&resource.poll)),
        ("ask", slice(ask)),
        ("rows", text(&resource.rows)),
        ("row", pairs(&resource.row)),
        ("outer_row", pairs(&resource.outer_row)),
        ("state", text(&resource.state)),
        ("exists", text(&resource.exists)),
        ("states", texts(&resource.states)),
    ];
    record("Resource", fields)
}

fn waiter_items(service: &Service, waiters: &[(&Waiter, &Resource)]) -> Vec<Item> {
    if waiters.is_empty() {
        return Vec::new();
    }
    let client = types::generic("crate::Client", types::named(&service.marker));
    let methods = waiters.iter().map(|(waiter, resource)| method(waiter, resource));
    let methods = item::inherent(client, methods.collect());
    let mut tables = vec![item::import_all("crate::schema")];
    tables.extend(waiters.iter().map(|(waiter, _)| {
        let (name, ty) = (constant(&waiter.name), types::named("Wait"));
        item::table(Vec::new(), public_in("super"), &name, ty, table(&waiter.wait, "super::resources"))
    }));
    vec![methods, item::module(Vec::new(), Visibility::Inherited, "waiters", tables), entries(waiters)]
}

/// What calls by name need of the waiters, by chapter.
pub(super) fn by_chapter(service: &Service) -> Option<Item> {
    if service.waiters.is_empty() {
        return None;
    }
    let has_waiters = |chapter: Option<&str>| {
        let here = |waiter: &&Waiter| {
            let resource = service.resources.iter().find(|resource| resource.name == waiter.wait.resource);
            resource.is_some_and(|resource| resource.chapter.as_deref() == chapter)
        };
        service.waiters.iter().any(|waiter| here(&waiter))
    };
    let chapters = service.chapters.iter().filter(|chapter| has_waiters(Some(&chapter.module)));
    let tables =
        chapters.map(|chapter| path(&format!("{}::WAITERS", chapter.module)).marked(cfg(feature(chapter))));
    Some(item::table(vec![by_name()], public_in("super"), "WAITERS", list_of(entries_type()), slice(tables)))
}

fn entries(waiters: &[(&Waiter, &Resource)]) -> Item {
    let entries = waiters.iter().map(|(waiter, _)| {
        let fields = [
            ("name", text(&waiter.name)),
            ("by", texts(&waiter.by)),
            ("wait", reference(path(&format!("waiters::{}", constant(&waiter.name))))),
        ];
        record("crate::registry::WaiterEntry", fields)
    });
    item::table(vec![by_name()], public_in("super"), "WAITERS", entries_type(), slice(entries))
}

fn entries_type() -> syn::Type {
    list_of(types::named("crate::registry::WaiterEntry"))
}

fn by_name() -> Attribute {
    cfg(quote!(feature = "dynamic"))
}

fn method(waiter: &Waiter, resource: &Resource) -> ImplItem {
    let wait = &waiter.wait;
    let mut doc = Doc::new().text(&waiter.summary).paragraph().markup("Asks ").code(&resource.poll);
    doc = doc.markup(&format!(", up to {} s unless told otherwise.", wait.deadline_s));
    if !wait.failure.is_empty() {
        let failures = wait.failure.iter().map(String::as_str);
        doc = doc.markup(" Fails at once in state ").codes(failures).markup(".");
    }
    if let Some(note) = &waiter.note {
        doc = doc.markup(" ").text(note);
    }
    let named: Vec<(String, &str)> = waiter.by.iter().map(|by| (names::snake(by), by.as_str())).collect();
    let given = |(rust, _): &(String, &str)| item::argument(rust, types::into(types::named("String")));
    let passed = |(rust, wire): &(String, &str)| tuple([text(wire), path(rust).method("into", [])]);
    let table = reference(path(&format!("waiters::{}", constant(&waiter.name))));
    let poll = types::named(&resource.poll);
    let started = path("self").generic_method("waiter", poll, [table, slice(named.iter().map(passed))]);
    let function = Function {
        attrs: doc.attributes(),
        vis: public(),
        name: &names::waiter(&waiter.name),
        arguments: [item::borrowed_self()].into_iter().chain(named.iter().map(given)).collect(),
        returns: types::named("crate::Waiter"),
        body: vec![result(started)],
    };
    function.item()
}
