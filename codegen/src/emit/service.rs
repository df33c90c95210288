//! The index of a service: its modules, its table and what its actions share.

use proc_macro2::TokenStream;
use quote::quote;

use super::{action, features, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Chapter, Model, Service};
use crate::render::Part;
use crate::spec::{EndpointsSpec, ProtocolSpec};
use crate::syntax::{ident, option};

/// The module of all services.
pub(super) fn root(model: &Model) -> Vec<Part> {
    let modules = model.services.iter().map(|service| {
        let (doc, feature, module) = (title(service), features::of_service(service), ident(&service.module));
        quote!(#doc #feature pub mod #module;)
    });
    let services = model.services.iter().map(|service| {
        let (feature, module) = (features::of_service(service), ident(&service.module));
        quote!(#feature (&#module::SERVICE, #module::ENTRIES))
    });
    let waiters = model.services.iter().filter(|service| !service.waiters.is_empty()).map(|service| {
        let (feature, module) = (features::of_service(service), ident(&service.module));
        quote!(#feature (&#module::SERVICE, #module::WAITERS))
    });
    let (for_calls, for_waits) = (features::by_name_or_in_tests(), features::by_name());
    let code = quote! {
        #(#modules)*
        /// Every service and its actions, by chapter.
        #for_calls
        pub(crate) static SERVICES: &[(&crate::schema::Service, &[&[crate::registry::Entry]])] =
            &[#(#services),*];
        /// Every waiter, by service and chapter.
        #for_waits
        pub(crate) static WAITERS: &[(&crate::schema::Service, &[&[crate::registry::WaiterEntry]])] =
            &[#(#waiters),*];
    };
    vec![code.into()]
}

/// The index of one service.
pub(super) fn index(service: &Service) -> Vec<Part> {
    let direct: Vec<&Action> = service.actions.iter().filter(|one| one.chapter.is_none()).collect();
    let chapters = service.chapters.iter().map(|chapter| {
        let (doc, feature, module) =
            (chapter_doc(chapter), features::of_chapter(chapter), ident(&chapter.module));
        quote!(#doc #feature pub mod #module; #feature pub use #module::*;)
    });
    let types = (!service.types.is_empty()).then(|| {
        quote! {
            /// Types that several actions use.
            pub mod types;
        }
    });
    let (modules, resources) = (modules(&direct), waiting::resources(service, None));
    let table = service_table(service);
    let (entries, waiters) = (entries_by_chapter(service, &direct), waiting::by_chapter(service));
    vec![
        quote!(use crate::prelude::*; #(#chapters)* #types #modules).into(),
        client(service).into(),
        methods(service, None, "", &direct).into(),
        quote!(#resources #table #entries #waiters).into(),
    ]
}

/// The types that several actions of a service use.
pub(super) fn types(service: &Service) -> Vec<Part> {
    let shared = service.types.iter().map(|one| action::shared(one, &service.spec.title).into());
    std::iter::once(
        quote!(
            use crate::prelude::*;
        )
        .into(),
    )
    .chain(shared)
    .collect()
}

/// The index of one chapter: what its actions find above them, and the actions.
pub(super) fn chapter(service: &Service, chapter: &Chapter) -> Vec<Part> {
    let inside = |one: &&Action| one.chapter.as_ref() == Some(&chapter.module);
    let of_chapter: Vec<&Action> = service.actions.iter().filter(inside).collect();
    let uses_types = of_chapter.iter().any(|one| !one.shared_types().is_empty());
    let types = uses_types.then(|| {
        quote!(
            use super::types;
        )
    });
    let (modules, resources) = (modules(&of_chapter), waiting::resources(service, Some(&chapter.module)));
    let (attributes, entries) = (features::by_name_or_in_tests(), entries(&of_chapter));
    let heading = Doc::new().markup("# ").text(&chapter.title).paragraph();
    let heading = heading.markup("Feature: ").code(&chapter.feature).markup(".").outer_lines(0);
    vec![
        quote!(use crate::prelude::*; use super::{Client, SERVICE}; #types #modules).into(),
        methods(service, Some(&chapter.module), &heading, &of_chapter).into(),
        quote! {
            #resources
            #attributes
            pub(super) static ENTRIES: &[crate::registry::Entry] = #entries;
        }
        .into(),
    ]
}

fn chapter_doc(chapter: &Chapter) -> Doc {
    let doc = Doc::new().text(&chapter.title).markup(": section ").text(&chapter.section);
    doc.markup(" of the document.").paragraph().markup("Feature: ").code(&chapter.feature).markup(".")
}

fn title(service: &Service) -> Doc {
    let spec = &service.spec;
    let doc =
        Doc::new().text(&spec.title).markup(", API version ").text(&spec.version).markup(".").paragraph();
    let doc = doc.markup("From: ").text(&spec.document).markup(".").paragraph();
    let doc = doc.markup("Feature: ").code(&service.feature);
    doc.markup(if service.chapters.is_empty() { "." } else { ", or those of chapters." })
}

/// The modules of actions, and what callers name most of them.
fn modules(actions: &[&Action]) -> TokenStream {
    let modules = actions.iter().map(|one| {
        let doc = Doc::new().markup("Types of ").code(&one.spec.name).markup(".");
        let module = ident(&one.module);
        quote!(#doc pub mod #module;)
    });
    let exports = actions.iter().map(|one| {
        let (module, input, output) = (ident(&one.module), ident(&one.spec.name), action::output_name(one));
        quote!(pub use #module::{#input, #output};)
    });
    quote!(#(#modules)* #(#exports)*)
}

fn client(service: &Service) -> String {
    let of = Doc::new().markup("A client of ").text(&service.spec.title).markup(".").outer_lines(0);
    format!("client! {{\n{of}pub struct Client(SERVICE);\n}}\n")
}

/// What a client can call, and wait for.
fn methods(service: &Service, chapter: Option<&str>, heading: &str, actions: &[&Action]) -> String {
    let calls = actions.iter().map(|one| {
        let doc = Doc::new().text(&one.spec.summary).outer_lines(4);
        let deprecated = action::deprecated_action(one, 4);
        format!("{doc}{deprecated}    fn {}(&self) -> Request<{}>;\n", ident(&one.module), *one.spec.name)
    });
    let calls = calls.chain([waiting::methods(service, chapter)]).collect::<String>();
    match calls.is_empty() {
        true => calls,
        false => format!("methods! {{\n{heading}impl Client {{\n{calls}}}\n}}\n"),
    }
}

fn service_table(service: &Service) -> TokenStream {
    let spec = &service.spec;
    let (name, title, product, version) = (&*spec.name, &*spec.title, &*spec.product, &*spec.version);
    let (protocol, endpoints) = (protocol(&spec.protocol), endpoints(&spec.endpoints));
    let errors = table::error_codes(&spec.errors);
    quote! {
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

fn protocol(protocol: &ProtocolSpec) -> TokenStream {
    match protocol {
        ProtocolSpec::AcsRpc => quote!(Protocol::AcsRpc),
        ProtocolSpec::AwsJson { target, signing_name } => {
            quote!(Protocol::AwsJson { target: #target, signing_name: #signing_name })
        }
    }
}

fn endpoints(endpoints: &EndpointsSpec) -> TokenStream {
    let rule = &*endpoints.rule;
    let vpc_network = option(endpoints.vpc_network.as_ref());
    let central = option(endpoints.central.as_ref());
    let home_region = option(endpoints.home_region.as_ref());
    let map = endpoints.map.iter().map(|(region, host)| quote!((#region, #host)));
    quote! {
        Endpoints {
            rule: #rule,
            vpc_network: #vpc_network,
            central: #central,
            home_region: #home_region,
            map: &[#(#map),*],
        }
    }
}

/// The entries of a service, by chapter; those of actions without one come last.
fn entries_by_chapter(service: &Service, direct: &[&Action]) -> TokenStream {
    let chapters = service.chapters.iter().map(|chapter| {
        let (feature, module) = (features::of_chapter(chapter), ident(&chapter.module));
        quote!(#feature #module::ENTRIES)
    });
    let lists = chapters.chain((!direct.is_empty()).then(|| entries(direct)));
    let attributes = features::by_name_or_in_tests();
    quote! {
        #attributes
        pub(super) static ENTRIES: &[&[crate::registry::Entry]] = &[#(#lists),*];
    }
}

/// What calls by name and tests need of each action; examples are the first documented response.
fn entries(actions: &[&Action]) -> TokenStream {
    let entries = actions.iter().map(|one| {
        let mut responses = one.spec.examples.iter().filter_map(|example| example.response.as_ref());
        let example = responses.next().map(ToString::to_string).unwrap_or_default();
        let name = ident(&one.spec.name);
        quote!(crate::registry::Entry::of::<#name>(#example))
    });
    quote!(&[#(#entries),*])
}
