//! How the SDK sees that something has happened: tables of waits, methods of waiters.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Item, parse_quote};

use super::table::{strings, whole};
use super::{ident, marker};
use crate::doc::Doc;
use crate::model::{Action, Service};
use crate::names;
use crate::read::Spanned;
use crate::spec::{UntilSpec, WaitSpec, WaiterSpec};

/// `Wait { … }`.
pub(super) fn table(wait: &WaitSpec) -> TokenStream {
    let poll = &wait.poll.value;
    let (with, rows) = (pairs(&wait.with), pairs(&wait.rows));
    let text =
        |text: &Option<Spanned<String>>| text.as_ref().map_or(String::new(), |text| text.value.clone());
    let (field, empty) = (text(&wait.field), text(&wait.empty));
    let states = |states: &[Spanned<String>]| strings(states.iter().map(|state| state.value.as_str()));
    let (pending, success, failure) = (states(&wait.pending), states(&wait.success), states(&wait.failure));
    let until = ident(match wait.until {
        UntilSpec::State => "State",
        UntilSpec::Gone => "Gone",
        UntilSpec::Present => "Present",
    });
    let (deadline_s, first_delay_s) = (whole(wait.deadline_s), whole(wait.first_delay_s));
    quote! {
        Wait {
            poll: #poll,
            with: #with,
            field: #field,
            rows: #rows,
            empty: #empty,
            pending: #pending,
            success: #success,
            failure: #failure,
            until: Until::#until,
            deadline_s: #deadline_s,
            first_delay_s: #first_delay_s,
        }
    }
}

fn pairs(pairs: &[(Spanned<String>, Spanned<String>)]) -> TokenStream {
    let pairs = pairs.iter().map(|(name, source)| {
        let (name, source) = (&name.value, &source.value);
        quote!((#name, #source))
    });
    quote!(&[#(#pairs),*])
}

/// Says which action of the SDK is polled, where it is one.
pub(super) fn awaited(action: &Action) -> Option<Item> {
    let wait = action.spec.wait.as_ref().filter(|wait| !wait.outside)?;
    let (name, poll) = (ident(&action.spec.name), ident(&wait.poll));
    let poll = match action.chapter {
        Some(_) => quote!(super::super::#poll),
        None => quote!(super::#poll),
    };
    Some(parse_quote! {
        impl Awaited for #name {
            type Poll = #poll;
        }
    })
}

/// A method of the client for each waiter that polls one of these actions, and their tables.
pub(super) fn waiters(service: &Service, polls: &[&Action]) -> Vec<Item> {
    let polled = |waiter: &&WaiterSpec| polls.iter().any(|one| one.spec.name.value == waiter.wait.poll.value);
    let waiters: Vec<&WaiterSpec> = service.spec.waiters.iter().filter(polled).collect();
    if waiters.is_empty() {
        return Vec::new();
    }
    let marker = marker(service);
    let methods = waiters.iter().map(|waiter| method(waiter));
    let tables = waiters.iter().map(|waiter| {
        let (name, table) = (table_name(waiter), table(&waiter.wait));
        quote!(pub(super) static #name: Wait = #table;)
    });
    vec![
        parse_quote! {
            impl crate::Client<#marker> { #(#methods)* }
        },
        parse_quote! {
            mod waiters {
                use crate::schema::*;
                #(#tables)*
            }
        },
    ]
}

fn method(waiter: &WaiterSpec) -> TokenStream {
    let wait = &waiter.wait;
    let (method, poll, table) = (ident(&names::waiter(&waiter.name)), ident(&wait.poll), table_name(waiter));
    let arguments: Vec<Ident> = waiter.by.iter().map(|by| ident(&names::snake(by))).collect();
    let wire = waiter.by.iter().map(|by| &by.value);
    let mut doc = Doc::new().text(&waiter.summary).paragraph().markup("Polls ").code(&wait.poll);
    doc = doc.markup(&format!(", up to {} s unless told otherwise.", wait.deadline_s));
    if let Some(note) = &wait.note {
        doc = doc.markup(" ").text(note);
    }
    quote! {
        #doc
        pub fn #method(&self, #(#arguments: impl Into<String>),*) -> crate::Waiter {
            self.waiter::<#poll>(&waiters::#table, &[#((#wire, #arguments.into())),*])
        }
    }
}

fn table_name(waiter: &WaiterSpec) -> Ident {
    ident(&names::snake(&waiter.name).to_uppercase())
}
