//! The index of a service: its modules, its table and what its actions share.

use quote::quote;
use syn::{Item, parse_quote};

use super::{action, ident, marker, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Model, Service};
use crate::spec::{EndpointsSpec, ProtocolSpec};

/// The module of all services.
pub(super) fn root(model: &Model) -> Vec<Item> {
    let modules = model.services.iter().map(|service| {
        let (module, doc) = (ident(&service.module), title(service));
        parse_quote!(#doc pub mod #module;)
    });
    let services = model.services.iter().map(|service| {
        let module = ident(&service.module);
        quote!((&#module::SERVICE, #module::ENTRIES))
    });
    let entries: Item = parse_quote! {
        /// Every service and its actions.
        #[cfg(any(feature = "dynamic", feature = "testing"))]
        pub(crate) static SERVICES: &[(&crate::schema::Service, &[crate::registry::Entry])] = &[#(#services),*];
    };
    modules.chain([entries]).collect()
}

/// The index of one service.
pub(super) fn index(service: &Service) -> Vec<Item> {
    let mut items = modules(service);
    items.extend(service.actions.iter().map(reexport));
    items.extend(client(service));
    items.extend(waiting::waiters(service));
    items.push(service_table(service));
    items.push(entries(service));
    items
}

fn title(service: &Service) -> Doc {
    let spec = &service.spec;
    let doc =
        Doc::new().text(&spec.title).markup(", API version ").text(&spec.version).markup(".").paragraph();
    doc.markup("From: ").text(&spec.document).markup(".")
}

fn modules(service: &Service) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let module = |one: &Action| {
        let (module, doc) =
            (ident(&one.module), Doc::new().markup("Types of ").code(&one.spec.name).markup("."));
        quote!(#doc pub mod #module;)
    };
    let direct = service.actions.iter().filter(|one| one.chapter.is_none());
    items.extend(direct.map(|one| {
        let module = module(one);
        parse_quote!(#module)
    }));
    let mut chapters: Vec<&str> = service.actions.iter().filter_map(|one| one.chapter.as_deref()).collect();
    chapters.sort_unstable();
    chapters.dedup();
    for chapter in chapters {
        let of_chapter = service.actions.iter().filter(|one| one.chapter.as_deref() == Some(chapter));
        let uses_shared = of_chapter.clone().any(Action::uses_shared_types);
        let inner = of_chapter.map(module);
        let shared = uses_shared.then(|| {
            quote!(
                use super::types;
            )
        });
        let (name, marker) = (ident(chapter), marker(service));
        items.push(parse_quote! {
            mod #name {
                use super::{#marker, SERVICE};
                #shared
                #(#inner)*
            }
        });
    }
    if !service.types.is_empty() {
        let shared = service.types.iter().flat_map(|one| action::shared(one, &service.spec.title));
        items.push(parse_quote! {
            /// Types that several actions use.
            pub mod types {
                use crate::prelude::*;
                #(#shared)*
            }
        });
    }
    items
}

fn reexport(one: &Action) -> Item {
    let module = ident(&one.module);
    let (input, output) = (ident(&one.spec.name), ident(&format!("{}Output", one.spec.name.value)));
    match &one.chapter {
        None => parse_quote!(pub use #module::{#input, #output};),
        Some(chapter) => {
            let chapter = ident(chapter);
            parse_quote!(pub use #chapter::#module::{self, #input, #output};)
        }
    }
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

fn endpoints(endpoints: &EndpointsSpec) -> proc_macro2::TokenStream {
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

/// What calls by name and tests need of each action; examples are the first documented response.
fn entries(service: &Service) -> Item {
    let entries = service.actions.iter().map(|one| {
        let name = ident(&one.spec.name);
        let responses = one.spec.examples.iter().filter_map(|example| example.response.as_ref());
        let example = responses.map(ToString::to_string).next().unwrap_or_default();
        quote!(crate::registry::Entry::of::<#name>(#example))
    });
    parse_quote! {
        #[cfg(any(feature = "dynamic", feature = "testing"))]
        pub(super) static ENTRIES: &[crate::registry::Entry] = &[#(#entries),*];
    }
}
