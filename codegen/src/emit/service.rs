//! The index of a service: its modules, its table and what its actions share.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use super::{action, ident, marker, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Chapter, Model, Service};
use crate::spec::{EndpointsSpec, ProtocolSpec};

/// The module of all services.
pub(super) fn root(model: &Model) -> Vec<Item> {
    let modules = model.services.iter().map(|service| {
        let (condition, doc, module) = (condition(service), title(service), ident(&service.module));
        parse_quote!(#doc #[cfg(#condition)] pub mod #module;)
    });
    let services = model.services.iter().map(|service| {
        let (condition, module) = (condition(service), ident(&service.module));
        quote!(#[cfg(#condition)] (&#module::SERVICE, #module::ENTRIES))
    });
    let entries: Item = parse_quote! {
        /// Every service and its actions, by chapter.
        #[cfg(any(feature = "dynamic", feature = "testing"))]
        pub(crate) static SERVICES: &[(&crate::schema::Service, &[&[crate::registry::Entry]])] = &[#(#services),*];
    };
    modules.chain([entries]).collect()
}

/// When a service is compiled: it is asked for, or one of its chapters is.
fn condition(service: &Service) -> TokenStream {
    let feature = &service.feature;
    if service.chapters.is_empty() {
        return quote!(feature = #feature);
    }
    let chapters = service.chapters.iter().map(|chapter| &chapter.feature);
    quote!(any(feature = #feature, #(feature = #chapters),*))
}

/// The index of one service.
pub(super) fn index(service: &Service) -> Vec<Item> {
    let direct: Vec<&Action> = service.actions.iter().filter(|one| one.chapter.is_none()).collect();
    let mut items = chapters(service);
    items.extend(types(service));
    items.extend(actions(service, &direct));
    items.extend(client(service));
    items.push(service_table(service));
    items.push(entries(service, &direct));
    items
}

/// The index of one chapter: what its actions find above them, and the actions.
pub(super) fn chapter(service: &Service, chapter: &Chapter) -> Vec<Item> {
    let inside = |one: &&Action| one.chapter.as_ref() == Some(&chapter.module);
    let of_chapter: Vec<&Action> = service.actions.iter().filter(inside).collect();
    let marker = marker(service);
    let mut items: Vec<Item> = vec![parse_quote!(
        use super::{#marker, SERVICE};
    )];
    if of_chapter.iter().any(|one| one.uses_shared_types()) {
        items.push(parse_quote!(
            use super::types;
        ));
    }
    items.extend(actions(service, &of_chapter));
    items.push(chapter_entries(&of_chapter));
    items
}

fn title(service: &Service) -> Doc {
    let spec = &service.spec;
    let doc =
        Doc::new().text(&spec.title).markup(", API version ").text(&spec.version).markup(".").paragraph();
    doc.markup("From: ").text(&spec.document).markup(".")
}

fn chapters(service: &Service) -> Vec<Item> {
    let both = service.chapters.iter().flat_map(|chapter| {
        let (module, feature) = (ident(&chapter.module), &chapter.feature);
        let declared: Item = parse_quote!(#[cfg(feature = #feature)] mod #module;);
        let exported: Item = parse_quote!(#[cfg(feature = #feature)] pub use #module::*;);
        [declared, exported]
    });
    both.collect()
}

fn types(service: &Service) -> Option<Item> {
    if service.types.is_empty() {
        return None;
    }
    let shared = service.types.iter().flat_map(|one| action::shared(one, &service.spec.title));
    Some(parse_quote! {
        /// Types that several actions use.
        pub mod types {
            use crate::prelude::*;
            #(#shared)*
        }
    })
}

/// The modules of actions, what callers name most of them, and the waits that poll them.
fn actions(service: &Service, actions: &[&Action]) -> Vec<Item> {
    let modules = actions.iter().map(|one| module(one));
    let mut items: Vec<Item> = modules.chain(actions.iter().map(|one| reexport(one))).collect();
    items.extend(waiting::waiters(service, actions));
    items
}

fn module(one: &Action) -> Item {
    let (module, doc) = (ident(&one.module), Doc::new().markup("Types of ").code(&one.spec.name).markup("."));
    parse_quote!(#doc pub mod #module;)
}

fn reexport(one: &Action) -> Item {
    let module = ident(&one.module);
    let (input, output) = (ident(&one.spec.name), ident(&format!("{}Output", one.spec.name.value)));
    parse_quote!(pub use #module::{#input, #output};)
}

fn client(service: &Service) -> Vec<Item> {
    let marker = marker(service);
    let (title, of) =
        (title(service), Doc::new().markup("A client of ").text(&service.spec.title).markup("."));
    vec![
        parse_quote! {
            #of
            pub type Client = crate::Client<#marker>;
        },
        parse_quote! {
            #title
            #[derive(Clone, Copy, Debug)]
            #[non_exhaustive]
            pub struct #marker;
        },
        parse_quote! {
            impl crate::prelude::ServiceMarker for #marker {
                const SERVICE: &'static crate::schema::Service = &SERVICE;
            }
        },
    ]
}

fn service_table(service: &Service) -> Item {
    let spec = &service.spec;
    let (name, title, product, version) = (&spec.name.value, &spec.title, &spec.product, &spec.version);
    let protocol = match &spec.protocol {
        ProtocolSpec::AcsRpc => quote!(Protocol::AcsRpc),
        ProtocolSpec::AwsJson { target, signing_name } => {
            quote!(Protocol::AwsJson { target: #target, signing_name: #signing_name })
        }
    };
    let endpoints = endpoints(&spec.endpoints);
    let errors = table::error_codes(&spec.errors);
    parse_quote! {
        /// The table of the service.
        pub static SERVICE: crate::schema::Service = {
            use crate::schema::*;
            Service {
                name: #name,
                title: #title,
                product: #product,
                version: #version,
                protocol: #protocol,
                endpoints: #endpoints,
                errors: #errors,
            }
        };
    }
}

fn endpoints(endpoints: &EndpointsSpec) -> TokenStream {
    let option = |text: &Option<String>| match text {
        Some(text) => quote!(Some(#text)),
        None => quote!(None),
    };
    let rule = &endpoints.rule;
    let (vpc_network, central) = (option(&endpoints.vpc_network), option(&endpoints.central));
    let map = endpoints.map.iter().map(|(region, host)| quote!((#region, #host)));
    quote! {
        Endpoints { rule: #rule, vpc_network: #vpc_network, central: #central, map: &[#(#map),*] }
    }
}

/// The entries of a service, by chapter; those of actions without one come last.
fn entries(service: &Service, direct: &[&Action]) -> Item {
    let chapters = service.chapters.iter().map(|chapter| {
        let (module, feature) = (ident(&chapter.module), &chapter.feature);
        quote!(#[cfg(feature = #feature)] #module::ENTRIES)
    });
    let direct = (!direct.is_empty()).then(|| list(direct));
    let all = chapters.chain(direct);
    parse_quote! {
        #[cfg(any(feature = "dynamic", feature = "testing"))]
        pub(super) static ENTRIES: &[&[crate::registry::Entry]] = &[#(#all),*];
    }
}

fn chapter_entries(actions: &[&Action]) -> Item {
    let entries = list(actions);
    parse_quote! {
        #[cfg(any(feature = "dynamic", feature = "testing"))]
        pub(super) static ENTRIES: &[crate::registry::Entry] = #entries;
    }
}

/// What calls by name and tests need of each action; examples are the first documented response.
fn list(actions: &[&Action]) -> TokenStream {
    let entries = actions.iter().map(|one| {
        let name = ident(&one.spec.name);
        let responses = one.spec.examples.iter().filter_map(|example| example.response.as_ref());
        let example = responses.map(ToString::to_string).next().unwrap_or_default();
        quote!(crate::registry::Entry::of::<#name>(#example))
    });
    quote!(&[#(#entries),*])
}
