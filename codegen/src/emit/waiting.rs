//! How the SDK sees that something has happened: tables of resources and waits, methods of waiters.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::features;
use crate::doc::Doc;
use crate::model::{Action, GoalIf, Resource, Service, Source, Until, Wait, Waiter};
use crate::names;
use crate::syntax::{ident, texts};

/// `Wait { … }`, with the module of the resources as seen from there.
pub(super) fn table(wait: &Wait, resources: &TokenStream) -> TokenStream {
    let resource = constant(&wait.resource);
    let by = wait.by.iter().map(|(key, sources)| {
        let sources = sources.iter().map(source);
        quote!((#key, &[#(#sources),*]))
    });
    let (until, goal) = match &wait.until {
        Until::States(states) => (quote!(Until::State), states.as_slice()),
        Until::Gone => (quote!(Until::Gone), &[][..]),
        Until::Present => (quote!(Until::Present), &[][..]),
    };
    let (goal, failure, appears) = (texts(goal), texts(&wait.failure), wait.appears);
    let goals_if = wait.until_if.iter().map(goal_if);
    let shows = pairs_of_source(&wait.shows);
    let deadline_s = Literal::i64_unsuffixed(wait.deadline_s);
    let first_delay_s = Literal::i64_unsuffixed(wait.first_delay_s);
    quote! {
        Wait {
            resource: &#resources::#resource,
            by: &[#(#by),*],
            until: #until,
            success: #goal,
            success_if: &[#(#goals_if),*],
            shows: #shows,
            failure: #failure,
            appears: #appears,
            deadline_s: #deadline_s,
            first_delay_s: #first_delay_s,
        }
    }
}

fn goal_if(goal: &GoalIf) -> TokenStream {
    let (source, equals, until) = (source(&goal.source), &goal.equals, texts(&goal.until));
    quote!(SuccessIf { source: #source, equals: #equals, success: #until })
}

fn source(source: &Source) -> TokenStream {
    match source {
        Source::Request(row) => quote!(Source::Request(#row)),
        Source::Response(path) => quote!(Source::Response(#path)),
        Source::Key(key) => quote!(Source::Key(#key)),
        Source::Literal(text) => quote!(Source::Literal(#text)),
    }
}

fn pairs_of_source(pairs: &[(String, Source)]) -> TokenStream {
    let pairs = pairs.iter().map(|(name, from)| {
        let from = source(from);
        quote!((#name, #from))
    });
    quote!(&[#(#pairs),*])
}

fn constant(name: &str) -> Ident {
    ident(&names::snake(name).to_uppercase())
}

/// Says which action of the SDK is polled, where it is one.
pub(super) fn awaited(service: &Service, action: &Action) -> Option<TokenStream> {
    let wait = action.wait.as_ref()?;
    let resource = service.resources.iter().find(|resource| resource.name == wait.resource)?;
    let index = if action.chapter.is_some() { quote!(super::super) } else { quote!(super) };
    let (name, poll) = (ident(&action.spec.name), ident(&resource.poll));
    Some(quote! {
        impl Awaited for #name {
            type Poll = #index::#poll;
        }
    })
}

/// The resources of a chapter, and a method of the client for each waiter, with their tables.
pub(super) fn resources(service: &Service, chapter: Option<&str>) -> Option<TokenStream> {
    let here: Vec<&Resource> =
        service.resources.iter().filter(|resource| resource.chapter.as_deref() == chapter).collect();
    if here.is_empty() {
        return None;
    }
    let poll = |waiter: &Waiter| here.iter().find(|resource| resource.name == waiter.wait.resource).copied();
    let waiters = service.waiters.iter().filter_map(|waiter| Some((waiter, poll(waiter)?)));
    let waiters = waiters_of(&waiters.collect::<Vec<_>>());
    let tables = here.iter().map(|resource| {
        let (name, content) = (constant(&resource.name), resource_table(resource));
        quote!(pub(super) static #name: Resource = #content;)
    });
    Some(quote! {
        mod resources {
            use crate::schema::*;
            #(#tables)*
        }
        #waiters
    })
}

fn resource_table(resource: &Resource) -> TokenStream {
    let Resource { name, title, poll, rows, state, exists, .. } = resource;
    let (keys, optional_keys) = (texts(&resource.keys), texts(&resource.optional_keys));
    let ask = pairs_of_source(&resource.ask);
    let (row, outer_row) = (pairs(&resource.row), pairs(&resource.outer_row));
    let states = texts(&resource.states);
    quote! {
        Resource {
            name: #name,
            title: #title,
            keys: #keys,
            optional_keys: #optional_keys,
            poll: #poll,
            ask: #ask,
            rows: #rows,
            row: #row,
            outer_row: #outer_row,
            state: #state,
            exists: #exists,
            states: #states,
        }
    }
}

fn pairs(pairs: &[(String, String)]) -> TokenStream {
    let pairs = pairs.iter().map(|(field, key)| quote!((#field, #key)));
    quote!(&[#(#pairs),*])
}

fn waiters_of(waiters: &[(&Waiter, &Resource)]) -> Option<TokenStream> {
    if waiters.is_empty() {
        return None;
    }
    let tables = waiters.iter().map(|(waiter, _)| {
        let (name, content) = (constant(&waiter.name), table(&waiter.wait, &quote!(super::resources)));
        quote!(pub(super) static #name: Wait = #content;)
    });
    let entries = entries(waiters);
    Some(quote! {
        mod waiters {
            use crate::schema::*;
            #(#tables)*
        }
        #entries
    })
}

/// What calls by name need of the waiters, by chapter.
pub(super) fn by_chapter(service: &Service) -> Option<TokenStream> {
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
    let tables = chapters.map(|chapter| {
        let (module, feature) = (ident(&chapter.module), features::of_chapter(chapter));
        quote!(#feature #module::WAITERS)
    });
    let by_name = features::by_name();
    Some(quote! {
        #by_name
        pub(super) static WAITERS: &[&[crate::registry::WaiterEntry]] = &[#(#tables),*];
    })
}

fn entries(waiters: &[(&Waiter, &Resource)]) -> TokenStream {
    let entries = waiters.iter().map(|(waiter, _)| {
        let (name, by, table) = (waiter.name.as_str(), texts(&waiter.by), constant(&waiter.name));
        quote!(crate::registry::WaiterEntry { name: #name, by: #by, wait: &waiters::#table })
    });
    let by_name = features::by_name();
    quote! {
        #by_name
        pub(super) static WAITERS: &[crate::registry::WaiterEntry] = &[#(#entries),*];
    }
}

/// A method of the client for each waiter of a chapter.
pub(super) fn methods(service: &Service, chapter: Option<&str>) -> String {
    let resource = |waiter: &Waiter| {
        let mut here = service.resources.iter().filter(|resource| resource.chapter.as_deref() == chapter);
        here.find(|resource| resource.name == waiter.wait.resource)
    };
    let waiters = service.waiters.iter().filter_map(|waiter| Some((waiter, resource(waiter)?)));
    waiters.map(|(waiter, resource)| method(waiter, resource)).collect()
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
