//! What the page of a service or a chapter opens with: what it is for, and what it can do.

use super::docs;
use crate::doc::Doc;
use crate::model::{Action, Chapter, Effect, Service, Status};
use crate::names;
use crate::syntax::ident;

/// The page of a service.
pub(super) fn service(service: &Service) -> Doc {
    let doc = Doc::new().text(&service.summary).paragraph();
    let doc = doc.text(&service.title).markup(", API version ").text(&service.version);
    let doc = doc.markup(", from: ").text(&service.document).markup(". Feature: ").code(&service.feature);
    if service.chapters.is_empty() {
        let doc = doc.markup(".").paragraph().markup("Sent by the methods of [`Client`]:");
        return contents(doc, service, None);
    }
    let module = ident(&service.module);
    let doc = doc.markup(", or those of chapters.").paragraph();
    let doc = doc.markup("A chapter is a feature, and a page to read; all that is in one is also in `");
    let named_alike = service.chapters.iter().find(|chapter| chapter.module == service.module);
    let first = named_alike.or(service.chapters.first()).map(|chapter| chapter.module.as_str());
    let doc = doc.markup(&format!("{module}` itself, and [`Client`] has all methods:"));
    doc.block(&docs::calls(service, &shown(service, first)))
}

/// The page of a chapter.
pub(super) fn chapter(service: &Service, chapter: &Chapter) -> Doc {
    let doc = Doc::new().text(&chapter.summary).paragraph();
    let doc = doc.text(&chapter.title).markup(": section ").text(&chapter.section);
    let doc = doc.markup(" of ").text(&service.document).markup(". Feature: ").code(&chapter.feature);
    let doc = doc.markup(".").paragraph().markup("Sent by the methods of [`Client`](super::Client):");
    contents(doc, service, Some(&chapter.module))
}

/// What the types in the module of an action are; nothing if there are none but the two beside it.
pub(super) fn types(action: &Action) -> Doc {
    let nested = action.structs.iter().map(|one| &one.name);
    let names: Vec<&String> = nested.chain(action.enums.iter().map(|one| &one.name)).collect();
    if names.is_empty() {
        return Doc::new();
    }
    let doc = Doc::new().markup("Types inside of [`").markup(&action.facts.name).markup("`]: ");
    doc.codes(names.into_iter().map(String::as_str)).markup(".")
}

/// A call or two, the actions by what they do, and the waits.
fn contents(doc: Doc, service: &Service, chapter: Option<&str>) -> Doc {
    let mut doc = doc.block(&docs::calls(service, &shown(service, chapter)));
    for (title, does) in KINDS {
        let actions: Vec<&Action> =
            service.actions_of(chapter).filter(|action| kind(action) == does).collect();
        if !actions.is_empty() {
            doc = actions.into_iter().fold(doc.paragraph().markup("# ").markup(title), listed);
        }
    }
    waits(doc, service, chapter)
}

/// What an action does, and the heading above those that do it.
const KINDS: [(&str, &str); 4] =
    [("Create", "create"), ("Describe", "read"), ("Modify", "change"), ("Delete", "delete")];

fn kind(action: &Action) -> &'static str {
    let first = action.behavior.effects.first();
    match action.facts.effect {
        Effect::Read => "read",
        Effect::Write => first.map_or("change", |effect| effect.operation),
    }
}

fn listed(doc: Doc, action: &Action) -> Doc {
    let doc = doc.line().markup("- [`").markup(&action.facts.name).markup("`]: ").text(&action.facts.summary);
    doc.markup(match action.facts.status {
        Status::Active => "",
        Status::Deprecated => " **Deprecated.**",
        Status::Retired => " **Retired.**",
    })
}

fn waits(mut doc: Doc, service: &Service, chapter: Option<&str>) -> Doc {
    let awaited: Vec<String> = service
        .actions_of(chapter)
        .filter(|action| action.wait.is_some())
        .map(|action| format!("[`{}`]", *action.facts.name))
        .collect();
    let waiters: Vec<_> = service.waiters_of(chapter).collect();
    if awaited.is_empty() && waiters.is_empty() {
        return doc;
    }
    doc = doc.paragraph().markup("# Wait");
    for (waiter, _) in waiters {
        let (method, client) =
            (names::waiter(&waiter.name), if chapter.is_some() { "super::Client" } else { "Client" });
        doc = doc.line().markup(&format!("- [`{method}`]({client}::{method}): ")).text(&waiter.summary);
    }
    if awaited.is_empty() {
        return doc;
    }
    doc.line().markup("- `send_and_wait`: ").markup(&awaited.join(", ")).markup(".")
}

/// The actions of the example: what is made first, and how all of it is found.
fn shown<'s>(service: &'s Service, chapter: Option<&str>) -> Vec<&'s Action> {
    let all = || service.actions_of(chapter).filter(|one| one.facts.status == Status::Active);
    let made = all().filter(|one| kind(one) == "create");
    let made = made.min_by_key(|one| (one.wait.is_none(), docs::needed(one).len()));
    let found = || all().filter(|one| kind(one) == "read" && docs::needed(one).is_empty());
    let found = found().find(|one| one.items.is_some()).or_else(|| found().next());
    let shown: Vec<&Action> = made.into_iter().chain(found).collect();
    if shown.is_empty() { all().take(1).collect() } else { shown }
}
