//! The index of a service: its modules, its table and what its actions share.

use proc_macro2::TokenStream;
use quote::quote;

use super::features::{BY_NAME, BY_NAME_OR_IN_TESTS};
use super::rows::{Entries, block};
use super::{action, features, overview, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Chapter, Endpoints, Model, Protocol, Service};
use crate::render::Part;
use crate::syntax::{ident, quoted, raw_text};
use crate::visible::is_deceptive;

/// The module of all services.
pub(super) fn root(model: &Model) -> Vec<Part> {
    let mut text = String::new();
    for service in &model.services {
        let module = ident(&service.module);
        text.push_str(&format!("{}\npub mod {module};\n\n", features::of_service(service)));
    }
    let services = model.services.iter().map(|service| of_service(service, "ENTRIES"));
    text.push_str(&format!(
        "/// Every service and its actions, by chapter.
{BY_NAME_OR_IN_TESTS}pub(crate) static SERVICES: &[(&crate::schema::Service, &[&[crate::registry::Entry]])] = {};

",
        block(services, 0)
    ));
    let waited = model.services.iter().filter(|service| !service.waiters.is_empty());
    text.push_str(&format!(
        "/// Every waiter, by service and chapter.
{BY_NAME}pub(crate) static WAITERS: &[(&crate::schema::Service, &[&[crate::registry::WaiterEntry]])] = {};
",
        block(waited.map(|service| of_service(service, "WAITERS")), 0)
    ));
    vec![text.into()]
}

/// A service with one of its lists.
fn of_service(service: &Service, list: &str) -> String {
    let (feature, module) = (features::of_service(service), ident(&service.module));
    format!("{feature} (&{module}::SERVICE, {module}::{list})")
}

/// The index of one service.
pub(super) fn index(service: &Service) -> Vec<Part> {
    let direct: Vec<&Action> = service.actions_of(None).collect();
    let chapters = service.chapters.iter().map(|chapter| {
        let (feature, module) = (features::of_chapter(chapter), ident(&chapter.module));
        quote!(#feature pub mod #module; #[doc(hidden, no_inline)] #feature pub use #module::*;)
    });
    let types = (!service.types.is_empty()).then(|| {
        quote! {
            /// Types that several actions use.
            pub mod types;
        }
    });
    let modules = modules(&direct);
    let (entries, waiters) = (entries_by_chapter(service, &direct), waiting::by_chapter(service));
    let mut parts = vec![
        overview::service(service).inner_lines().into(),
        quote!(use crate::prelude::*; #(#chapters)* #types #modules).into(),
        client(service).into(),
        methods(service, None, "", &direct).into(),
    ];
    parts.extend(waiting::resources(service, None));
    parts.extend([service_table(service).into(), entries, waiters.unwrap_or_default().into()]);
    parts
}

/// The types that several actions of a service use.
pub(super) fn types(service: &Service) -> Vec<Part> {
    let shared = service.types.iter().map(|one| action::shared(one).into());
    std::iter::once(
        quote!(
            use crate::prelude::*;
        )
        .into(),
    )
    .chain(shared)
    .chain([action::shared_described(&service.types).into(), table::shared_module(&service.types).into()])
    .collect()
}

/// The index of one chapter: what its actions find above them, and the actions.
pub(super) fn chapter(service: &Service, chapter: &Chapter) -> Vec<Part> {
    let of_chapter: Vec<&Action> = service.actions_of(Some(&chapter.module)).collect();
    let uses_types = of_chapter.iter().any(|one| !one.shared_types().is_empty());
    let types = uses_types.then(|| {
        quote!(
            use super::types;
        )
    });
    let modules = modules(&of_chapter);
    let heading = Doc::new().markup("**").text(&chapter.title).markup("**").paragraph();
    let heading = heading.markup("Feature: ").code(&chapter.feature).markup(".").outer_lines(0);
    let mut parts = vec![
        overview::chapter(service, chapter).inner_lines().into(),
        quote!(use crate::prelude::*; use super::{Client, SERVICE}; #types #modules).into(),
        methods(service, Some(&chapter.module), &heading, &of_chapter).into(),
    ];
    parts.extend(waiting::resources(service, Some(&chapter.module)));
    let entries = block(entries(&of_chapter), 0);
    parts.push(
        format!("{BY_NAME_OR_IN_TESTS}pub(super) static ENTRIES: &[crate::registry::Entry] = {entries};\n")
            .into(),
    );
    parts
}

/// The modules of actions, and what callers name most of them.
fn modules(actions: &[&Action]) -> TokenStream {
    let modules = actions.iter().map(|one| {
        let (doc, module) = (overview::types(one), ident(&one.module));
        match doc.is_empty() {
            true => quote!(#[doc(hidden)] pub mod #module;),
            false => quote!(#doc pub mod #module;),
        }
    });
    let exports = actions.iter().map(|one| {
        let (module, input, output) = (ident(&one.module), ident(&one.facts.name), action::output_name(one));
        quote!(pub use #module::{#input, #output};)
    });
    quote!(#(#modules)* #(#exports)*)
}

fn client(service: &Service) -> String {
    let of = Doc::new().markup("A client of ").text(&service.title).markup(".").outer_lines(0);
    format!("client! {{\n{of}pub struct Client(SERVICE);\n}}\n")
}

/// What a client can call, and wait for.
fn methods(service: &Service, chapter: Option<&str>, heading: &str, actions: &[&Action]) -> String {
    let calls = actions.iter().map(|one| {
        let doc = Doc::new().text(&one.facts.summary).outer_lines(4);
        let deprecated = action::deprecated_action(one, 4);
        format!("{doc}{deprecated}    fn {}(&self) -> Request<{}>;\n", ident(&one.module), *one.facts.name)
    });
    let calls = calls.chain([waiting::methods(service, chapter)]).collect::<String>();
    match calls.is_empty() {
        true => calls,
        false => format!("methods! {{\n{heading}impl Client {{\n{calls}}}\n}}\n"),
    }
}

fn service_table(service: &Service) -> String {
    let texts = [&service.name, &service.title, &service.product, &service.version].map(|text| quoted(text));
    let [name, title, product, version] = texts;
    let (protocol, endpoints) = (protocol(&service.protocol), endpoints(&service.endpoints));
    let errors = table::error_codes(&service.errors, 2);
    format!(
        "/// The table of the service.
pub static SERVICE: crate::schema::Service = {{
    use crate::schema::words::*;
    Service {{
        name: {name},
        title: {title},
        product: {product},
        version: {version},
        protocol: {protocol},
        endpoints: {endpoints},
        errors: {errors},
    }}
}};
"
    )
}

fn protocol(protocol: &Protocol) -> String {
    match protocol {
        Protocol::AcsRpc => "Protocol::AcsRpc".to_owned(),
        Protocol::AwsJson { target, signing_name } => {
            let [target, signing_name] = [target, signing_name].map(|text| quoted(text));
            format!("Protocol::AwsJson {{ target: {target}, signing_name: {signing_name} }}")
        }
    }
}

fn endpoints(endpoints: &Endpoints) -> String {
    let mut entries = Entries::default();
    let texts = [
        ("variable", &endpoints.variable),
        ("vpc_network", &endpoints.vpc_network),
        ("central", &endpoints.central),
        ("home_region", &endpoints.home_region),
    ];
    for (name, text) in texts {
        entries.put_some(name, text.as_ref().map(|text| quoted(text)));
    }
    if !endpoints.map.is_empty() {
        let map =
            endpoints.map.iter().map(|(region, host)| format!("({}, {})", quoted(region), quoted(host)));
        entries.put("map", &block(map, 3));
    }
    entries.written("Endpoints", &format!("Endpoints::by({})", quoted(&endpoints.rule)), 2)
}

/// The entries of a service, by chapter; those of actions without one come last.
fn entries_by_chapter(service: &Service, direct: &[&Action]) -> Part {
    let chapters = service.chapters.iter().map(|chapter| {
        format!("#[cfg(feature = {})] {}::ENTRIES", quoted(&chapter.feature), ident(&chapter.module))
    });
    let lists = chapters.chain((!direct.is_empty()).then(|| block(entries(direct), 1)));
    let lists = block(lists, 0);
    format!("{BY_NAME_OR_IN_TESTS}pub(super) static ENTRIES: &[&[crate::registry::Entry]] = {lists};\n")
        .into()
}

/// What calls by name and tests need of each action; examples are the first documented response.
fn entries(actions: &[&Action]) -> impl Iterator<Item = String> {
    actions.iter().map(|one| {
        let mut responses = one.facts.examples.iter().filter_map(|example| example.response.as_ref());
        let example = responses.next().map(ToString::to_string).unwrap_or_default();
        format!("crate::registry::Entry::of::<{}>({})", ident(&one.facts.name), example_text(&example))
    })
}

/// A text that is full of quotation marks.
fn example_text(example: &str) -> String {
    if example.chars().any(is_deceptive) { quoted(example) } else { raw_text(example).to_string() }
}
