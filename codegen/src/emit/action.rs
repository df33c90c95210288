//! The file of one action: its structs, their setters and its table.

use quote::quote;
use syn::{Expr, ImplItem, Item};

use super::{docs, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Field, OpenEnum, Service, Struct, Type};
use crate::names;
use crate::spec::RowSpec;
use crate::syntax::expression::{Then as _, call, path, reference, result, statement};
use crate::syntax::item::{self, Function};
use crate::syntax::{attribute_list, ident, marker, public, types};

/// Items in the order in which a reader wants them.
pub(super) fn items(service: &Service, action: &Action) -> Vec<Item> {
    let mut items = vec![item::import_all("crate::prelude"), client_method(service, action)];
    items.extend(input(service, action));
    items.push(setters(action));
    items.extend(waiting::awaited(service, action));
    items.extend(output(action));
    items.extend(paged(action));
    for one in &action.structs {
        items.extend(nested(action, one));
    }
    for one in &action.enums {
        items.extend(open_enum(one));
    }
    items.push(table::module(action));
    items
}

fn client_method(service: &Service, action: &Action) -> Item {
    let name = &*action.spec.name;
    let doc = Doc::new().text(&action.spec.summary).markup(&format!(" See [`{name}`]."));
    let input = call(&format!("{name}::default"), []);
    let mut attrs = doc.attributes();
    attrs.push(marker("inline"));
    let method = Function {
        attrs,
        vis: public(),
        name: &action.module,
        arguments: vec![item::borrowed_self()],
        returns: types::generic("Request", types::named(name)),
        body: vec![result(path("self").method("request", [input]))],
    };
    let marker = types::named(&format!("super::{}", service.marker));
    item::inherent(types::generic("Client", marker), vec![method.item()])
}

fn input(service: &Service, action: &Action) -> Vec<Item> {
    let (name, rows) = (&*action.spec.name, &action.spec.request);
    let doc = docs::action(service, action);
    let mut items = record("record", &doc, name, &action.request.fields, rows, &action.spec.section);
    let table = types::static_reference(types::named("Action"));
    let operation = vec![
        item::constant("ACTION", table, reference(path("table::ACTION"))),
        item::associated_type("Output", types::named(&output_name(action))),
    ];
    items.push(item::implementation("Operation", types::named(name), operation));
    if action.spec.dry_run.is_some() {
        items.push(item::implementation("DryRunnable", types::named(name), Vec::new()));
    }
    items
}

fn output(action: &Action) -> Vec<Item> {
    let name = output_name(action);
    let doc = Doc::new().markup(&format!("What [`{}`] returns.", *action.spec.name));
    record("record", &doc, &name, &action.response.fields, &action.spec.response, &action.spec.section)
}

/// The way from a page to its entries.
fn paged(action: &Action) -> Option<Item> {
    let items = action.items.as_ref()?;
    let (last, outer) = items.fields.split_last()?;
    let inside = |place: Expr, field: &String| place.field(field).method("unwrap_or_default", []);
    let entries = Function {
        attrs: vec![marker("inline")],
        vis: syn::Visibility::Inherited,
        name: "items",
        arguments: vec![item::argument("page", types::named(&output_name(action)))],
        returns: types::generic("Vec", value(&items.entry)),
        body: vec![result(outer.iter().fold(path("page"), inside).field(last))],
    };
    let entry = item::associated_type("Item", value(&items.entry));
    Some(item::implementation("Paged", types::named(&action.spec.name), vec![entry, entries.item()]))
}

/// The struct of what an action returns.
pub(super) fn output_name(action: &Action) -> String {
    format!("{}Output", *action.spec.name)
}

/// A struct and the list of its fields; `kind` is the macro that makes it a record.
fn record(kind: &str, doc: &Doc, name: &str, fields: &[Field], rows: &[RowSpec], section: &str) -> Vec<Item> {
    let mut attrs = doc.attributes();
    attrs.push(attribute_list("derive", quote!(Clone, Default)));
    attrs.push(marker("non_exhaustive"));
    let declared = fields.iter().map(|field| {
        let doc = docs::field(field, rows, section);
        item::field(doc.attributes(), &field.rust, holder(&field.ty))
    });
    let (rust, names) = (ident(name), fields.iter().map(|field| ident(&field.rust)));
    vec![item::structure(attrs, name, declared), item::invocation(kind, quote!(#rust { #(#names),* }))]
}

/// The type of a field: lists are `Vec`, all else is optional.
fn holder(ty: &Type) -> syn::Type {
    match ty {
        Type::List(entry) => types::generic("Vec", value(entry)),
        ty => types::generic("Option", value(ty)),
    }
}

fn value(ty: &Type) -> syn::Type {
    match ty {
        Type::Text => types::named("String"),
        Type::Secret => types::named("Secret"),
        Type::Integer => types::named("i64"),
        Type::Double => types::named("f64"),
        Type::Boolean => types::named("bool"),
        Type::Enum(name) => types::named(name),
        Type::Struct(inner) | Type::Json(inner) if inner.shared => {
            types::named(&format!("super::types::{}", inner.name))
        }
        Type::Struct(inner) | Type::Json(inner) => types::named(&inner.name),
        Type::List(entry) => value(entry),
    }
}

/// Chained setters of the request.
fn setters(action: &Action) -> Item {
    let name = &*action.spec.name;
    let dry_run = action.spec.dry_run.as_ref().map(|dry_run| dry_run.parameter.as_str());
    // The dry run is a way of sending, not a parameter to set.
    let fields = action.request.fields.iter().filter(|field| Some(field.name.as_str()) != dry_run);
    let setters = fields.map(|field| {
        let row = field.row.map(|row| &action.spec.request[row]);
        setter(field, row, name, path("self").field("input"))
    });
    item::inherent(types::generic("Request", types::named(name)), setters.collect())
}

fn setter(field: &Field, row: Option<&RowSpec>, owner: &str, place: Expr) -> ImplItem {
    let mut attrs = docs::setter(row, owner, &field.rust, &field.limits, &field.ty).attributes();
    let (place, given) = (place.field(&field.rust), path(&field.rust));
    let (parameter, change) = match &field.ty {
        Type::List(entry) => {
            let entries = given.method("into_iter", []).method("map", [path("Into::into")]);
            (types::iterable(types::into(value(entry))), place.method("extend", [entries]))
        }
        ty @ (Type::Integer | Type::Double | Type::Boolean) => {
            // What is not generic would otherwise be compiled in the SDK, used or not.
            attrs.push(marker("inline"));
            (value(ty), place.assign(call("Some", [given])))
        }
        ty => (types::into(value(ty)), place.assign(call("Some", [given.method("into", [])]))),
    };
    let function = Function {
        attrs,
        vis: public(),
        name: &names::setter(&field.rust),
        arguments: vec![item::owned_self(), item::argument(&field.rust, parameter)],
        returns: types::named("Self"),
        body: vec![statement(change), result(path("self"))],
    };
    function.item()
}

fn nested(action: &Action, one: &Struct) -> Vec<Item> {
    let rows = if one.is_input { &action.spec.request } else { &action.spec.response };
    let mut items = record("element", &docs::nested(one), &one.name, &one.fields, rows, &action.spec.section);
    if one.is_input {
        items.push(nested_setters(one, rows));
    }
    items
}

/// Setters of a nested struct of the request, or of a shared type.
fn nested_setters(one: &Struct, rows: &[RowSpec]) -> Item {
    let setters = one.fields.iter().map(|field| {
        let row = field.row.and_then(|row| rows.get(row));
        setter(field, row, &one.name, path("self"))
    });
    item::inherent(types::named(&one.name), setters.collect())
}

/// A struct of the service that several actions use.
pub(super) fn shared(one: &Struct, section: &str) -> Vec<Item> {
    let doc = Doc::new().markup("Used by several actions, whose docs state its limits.");
    let mut items = record("element", &doc, &one.name, &one.fields, &[], section);
    items.push(nested_setters(one, &[]));
    items
}

fn open_enum(one: &OpenEnum) -> Vec<Item> {
    let mut attrs = docs::open_enum(one).attributes();
    attrs.push(attribute_list("derive", quote!(Clone)));
    attrs.push(marker("non_exhaustive"));
    let listed = one.variants.iter().map(|variant| {
        let doc = docs::variant(variant);
        item::variant(doc.attributes(), &variant.name)
    });
    let doc = Doc::new().markup("A value that the documents do not list, as it came.");
    let unknown = item::variant_of(doc.attributes(), "Unknown", types::named("String"));
    let values = one.variants.iter().map(|variant| {
        let (name, value) = (ident(&variant.name), &variant.value);
        quote!(#name: #value)
    });
    let name = ident(&one.name);
    vec![
        item::enumeration(attrs, &one.name, listed.chain([unknown])),
        item::invocation("open_enum", quote!(#name { #(#values),* })),
    ]
}
