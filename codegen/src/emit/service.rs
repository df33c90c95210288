//! The index of a service: its modules, its table and what its actions share.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, Item, Stmt, Visibility};

use super::{action, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Chapter, Model, Service};
use crate::spec::{EndpointsSpec, ProtocolSpec};
use crate::syntax::expression::{
    Then as _, block, generic_call, option, path, record, reference, result, slice, text, tuple,
};
use crate::syntax::{attribute_list, item, marker, public, public_in, types};

/// The module of all services.
pub(super) fn root(model: &Model) -> Vec<Item> {
    let modules = model.services.iter().map(|service| {
        let mut attrs = title(service).attributes();
        attrs.push(cfg(condition(service)));
        item::module_file(attrs, public(), &service.module)
    });
    let services = model.services.iter().map(|service| {
        let table = reference(path(&format!("{}::SERVICE", service.module)));
        tuple([table, path(&format!("{}::ENTRIES", service.module))]).marked(cfg(condition(service)))
    });
    let mut attrs = Doc::new().markup("Every service and its actions, by chapter.").attributes();
    attrs.push(for_calls_by_name());
    let pair =
        types::tuple([types::reference(types::named("crate::schema::Service")), list_of(entries_type())]);
    let tables =
        [item::table(attrs, public_in("crate"), "SERVICES", list_of(pair), slice(services)), waiters(model)];
    modules.chain(tables).collect()
}

/// Every service that has waiters, and those, by chapter.
fn waiters(model: &Model) -> Item {
    let services = model.services.iter().filter(|service| !service.waiters.is_empty()).map(|service| {
        let table = reference(path(&format!("{}::SERVICE", service.module)));
        tuple([table, path(&format!("{}::WAITERS", service.module))]).marked(cfg(condition(service)))
    });
    let mut attrs = Doc::new().markup("Every waiter, by service and chapter.").attributes();
    attrs.push(cfg(quote!(feature = "dynamic")));
    let waiters = list_of(list_of(types::named("crate::registry::WaiterEntry")));
    let pair = types::tuple([types::reference(types::named("crate::schema::Service")), waiters]);
    item::table(attrs, public_in("crate"), "WAITERS", list_of(pair), slice(services))
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
    items.extend(shared_types(service));
    items.extend(actions(service, None, &direct));
    items.extend(client(service));
    items.push(service_table(service));
    items.push(entries_by_chapter(service, &direct));
    items.extend(waiting::by_chapter(service));
    items
}

/// The index of one chapter: what its actions find above them, and the actions.
pub(super) fn chapter(service: &Service, chapter: &Chapter) -> Vec<Item> {
    let inside = |one: &&Action| one.chapter.as_ref() == Some(&chapter.module);
    let of_chapter: Vec<&Action> = service.actions.iter().filter(inside).collect();
    let above = [service.marker.as_str(), "SERVICE"];
    let mut items = vec![item::import_some(Visibility::Inherited, "super", above)];
    if of_chapter.iter().any(|one| one.uses_shared_types()) {
        items.push(item::import("super", "types"));
    }
    items.extend(actions(service, Some(&chapter.module), &of_chapter));
    items.push(entries_table(entries_type(), entries(&of_chapter)));
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
        let (module, attrs) = (&chapter.module, || vec![cfg(feature(chapter))]);
        let declared = item::module_file(attrs(), Visibility::Inherited, module);
        [declared, item::export_all(attrs(), module)]
    });
    both.collect()
}

pub(super) fn feature(chapter: &Chapter) -> TokenStream {
    let feature = &chapter.feature;
    quote!(feature = #feature)
}

fn shared_types(service: &Service) -> Option<Item> {
    if service.types.is_empty() {
        return None;
    }
    let doc = Doc::new().markup("Types that several actions use.");
    let shared = service.types.iter().flat_map(|one| action::shared(one, &service.spec.title));
    let inner = [item::import_all("crate::prelude")].into_iter().chain(shared).collect();
    Some(item::module(doc.attributes(), public(), "types", inner))
}

/// The modules of actions, what callers name most of them, and what they make and show.
fn actions(service: &Service, chapter: Option<&str>, actions: &[&Action]) -> Vec<Item> {
    let modules = actions.iter().map(|one| module(one));
    let mut items: Vec<Item> = modules.chain(actions.iter().map(|one| reexport(one))).collect();
    items.extend(waiting::resources(service, chapter));
    items
}

fn module(one: &Action) -> Item {
    let doc = Doc::new().markup("Types of ").code(&one.spec.name).markup(".");
    item::module_file(doc.attributes(), public(), &one.module)
}

fn reexport(one: &Action) -> Item {
    let (input, output) = (one.spec.name.as_str(), action::output_name(one));
    item::import_some(public(), &one.module, [input, &output])
}

fn client(service: &Service) -> Vec<Item> {
    let of = Doc::new().markup("A client of ").text(&service.spec.title).markup(".");
    let client = types::generic("crate::Client", types::named(&service.marker));
    let mut attrs = title(service).attributes();
    attrs.push(attribute_list("derive", quote!(Clone, Copy, Debug)));
    attrs.push(marker("non_exhaustive"));
    let table = types::static_reference(types::named("crate::schema::Service"));
    let table = item::constant("SERVICE", table, reference(path("SERVICE")));
    vec![
        item::alias(of.attributes(), "Client", client),
        item::unit_structure(attrs, &service.marker),
        item::implementation("crate::prelude::ServiceMarker", types::named(&service.marker), vec![table]),
    ]
}

fn service_table(service: &Service) -> Item {
    let spec = &service.spec;
    let protocol = match &spec.protocol {
        ProtocolSpec::AcsRpc => path("Protocol::AcsRpc"),
        ProtocolSpec::AwsJson { target, signing_name } => {
            let fields = [("target", text(target)), ("signing_name", text(signing_name))];
            record("Protocol::AwsJson", fields)
        }
    };
    let fields = [
        ("name", text(&spec.name)),
        ("title", text(&spec.title)),
        ("product", text(&spec.product)),
        ("version", text(&spec.version)),
        ("protocol", protocol),
        ("endpoints", endpoints(&spec.endpoints)),
        ("errors", table::error_codes(&spec.errors)),
    ];
    let content =
        block(vec![Stmt::Item(item::import_all("crate::schema")), result(record("Service", fields))]);
    let doc = Doc::new().markup("The table of the service.");
    item::table(doc.attributes(), public(), "SERVICE", types::named("crate::schema::Service"), content)
}

fn endpoints(endpoints: &EndpointsSpec) -> Expr {
    let optional = |word: &Option<String>| option(word.as_ref().map(|word| text(word)));
    let map = endpoints.map.iter().map(|(region, host)| tuple([text(region), text(host)]));
    let fields = [
        ("rule", text(&endpoints.rule)),
        ("vpc_network", optional(&endpoints.vpc_network)),
        ("central", optional(&endpoints.central)),
        ("home_region", optional(&endpoints.home_region)),
        ("map", slice(map)),
    ];
    record("Endpoints", fields)
}

/// The entries of a service, by chapter; those of actions without one come last.
fn entries_by_chapter(service: &Service, direct: &[&Action]) -> Item {
    let chapters = service
        .chapters
        .iter()
        .map(|chapter| path(&format!("{}::ENTRIES", chapter.module)).marked(cfg(feature(chapter))));
    let direct = (!direct.is_empty()).then(|| entries(direct));
    entries_table(list_of(entries_type()), slice(chapters.chain(direct)))
}

/// What calls by name and tests need of each action; examples are the first documented response.
fn entries(actions: &[&Action]) -> Expr {
    slice(actions.iter().map(|one| {
        let mut responses = one.spec.examples.iter().filter_map(|example| example.response.as_ref());
        let example = responses.next().map(ToString::to_string).unwrap_or_default();
        generic_call("crate::registry::Entry::of", types::named(&one.spec.name), [text(&example)])
    }))
}

fn entries_table(ty: syn::Type, content: Expr) -> Item {
    item::table(vec![for_calls_by_name()], public_in("super"), "ENTRIES", ty, content)
}

fn entries_type() -> syn::Type {
    list_of(types::named("crate::registry::Entry"))
}

pub(super) fn list_of(entry: syn::Type) -> syn::Type {
    types::reference(types::slice(entry))
}

/// Only calls by name and tests ask for it.
fn for_calls_by_name() -> Attribute {
    cfg(quote!(any(feature = "dynamic", feature = "testing")))
}

pub(super) fn cfg(condition: TokenStream) -> Attribute {
    attribute_list("cfg", condition)
}
