//! The file of one action: its structs, their setters and its table.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use super::{docs, ident, marker, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Field, OpenEnum, Service, Struct, Type};
use crate::names;
use crate::spec::RowSpec;

/// Items in the order in which a reader wants them.
pub(super) fn items(service: &Service, action: &Action) -> Vec<Item> {
    let mut items: Vec<Item> = vec![parse_quote!(
        use crate::prelude::*;
    )];
    items.push(client_method(service, action));
    items.extend(input(service, action));
    items.push(setters(action));
    items.extend(waiting::awaited(action));
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
    let (marker, name, method) = (marker(service), ident(&action.spec.name), ident(&action.module));
    let doc = Doc::new().text(&action.spec.summary).markup(&format!(" See [`{}`].", action.spec.name.value));
    parse_quote! {
        impl Client<super::#marker> {
            #doc
            #[inline]
            pub fn #method(&self) -> Request<#name> {
                self.request(#name::default())
            }
        }
    }
}

fn input(service: &Service, action: &Action) -> Vec<Item> {
    let (name, output) = (ident(&action.spec.name), output_name(action));
    let doc = docs::action(service, action);
    let rows = &action.spec.request;
    let mut items = record("record", &doc, &name, &action.request.fields, rows, &action.spec.section);
    items.push(parse_quote! {
        impl Operation for #name {
            const ACTION: &'static Action = &table::ACTION;
            type Output = #output;
        }
    });
    if action.spec.dry_run.is_some() {
        items.push(parse_quote!(impl DryRunnable for #name {}));
    }
    items
}

fn output(action: &Action) -> Vec<Item> {
    let name = output_name(action);
    let doc = Doc::new().markup(&format!("What [`{}`] returns.", action.spec.name.value));
    record("record", &doc, &name, &action.response.fields, &action.spec.response, &action.spec.section)
}

/// The way from a page to its entries.
fn paged(action: &Action) -> Option<Item> {
    let items = action.items.as_ref()?;
    let (name, output, entry) = (ident(&action.spec.name), output_name(action), value(&items.entry));
    let (last, outer) = items.fields.split_last()?;
    let (last, outer) = (ident(last), outer.iter().map(|field| ident(field)));
    Some(parse_quote! {
        impl Paged for #name {
            type Item = #entry;
            #[inline]
            fn items(page: #output) -> Vec<#entry> {
                page #(.#outer.unwrap_or_default())* .#last
            }
        }
    })
}

fn output_name(action: &Action) -> proc_macro2::Ident {
    ident(&format!("{}Output", action.spec.name.value))
}

/// A struct and the list of its fields; `kind` is the macro that makes it a record.
fn record(
    kind: &str,
    doc: &Doc,
    name: &proc_macro2::Ident,
    fields: &[Field],
    rows: &[RowSpec],
    section: &str,
) -> Vec<Item> {
    let declared = fields.iter().map(|field| {
        let doc = docs::field(field, rows, section);
        let (rust, ty) = (ident(&field.rust), holder(&field.ty));
        quote!(#doc pub #rust: #ty)
    });
    let (kind, names) = (ident(kind), fields.iter().map(|field| ident(&field.rust)));
    vec![
        parse_quote! {
            #doc
            #[derive(Clone, Default)]
            #[non_exhaustive]
            pub struct #name { #(#declared),* }
        },
        parse_quote!(#kind!(#name { #(#names),* });),
    ]
}

/// The type of a field: lists are `Vec`, all else is optional.
fn holder(ty: &Type) -> TokenStream {
    match ty {
        Type::List(entry) => {
            let entry = value(entry);
            quote!(Vec<#entry>)
        }
        ty => {
            let value = value(ty);
            quote!(Option<#value>)
        }
    }
}

fn value(ty: &Type) -> TokenStream {
    match ty {
        Type::Text => quote!(String),
        Type::Secret => quote!(Secret),
        Type::Integer => quote!(i64),
        Type::Double => quote!(f64),
        Type::Boolean => quote!(bool),
        Type::Enum(name) => {
            let name = ident(name);
            quote!(#name)
        }
        Type::Struct(inner) | Type::Json(inner) => {
            let name = ident(&inner.name);
            if inner.shared { quote!(super::types::#name) } else { quote!(#name) }
        }
        Type::List(entry) => value(entry),
    }
}

/// Chained setters of the request.
fn setters(action: &Action) -> Item {
    let name = ident(&action.spec.name);
    let dry_run = action.spec.dry_run.as_ref().map(|dry_run| dry_run.parameter.value.as_str());
    // The dry run is a way of sending, not a parameter to set.
    let fields = action.request.fields.iter().filter(|field| Some(field.name.as_str()) != dry_run);
    let setters = fields.map(|field| {
        let row = field.row.map(|row| &action.spec.request[row]);
        setter(field, row, &action.spec.name, &quote!(self.input))
    });
    parse_quote! {
        impl Request<#name> { #(#setters)* }
    }
}

fn setter(field: &Field, row: Option<&RowSpec>, owner: &str, place: &TokenStream) -> TokenStream {
    let doc = docs::setter(row, owner, &field.rust, &field.limits, &field.ty);
    let (rust, method) = (ident(&field.rust), ident(&names::setter(&field.rust)));
    let (inline, parameter, statement) = match &field.ty {
        Type::List(entry) => {
            let entry = value(entry);
            let parameter = quote!(impl IntoIterator<Item = impl Into<#entry>>);
            (None, parameter, quote!(#place.#rust.extend(#rust.into_iter().map(Into::into));))
        }
        ty @ (Type::Integer | Type::Double | Type::Boolean) => {
            // What is not generic would otherwise be compiled in the SDK, used or not.
            (Some(quote!(#[inline])), value(ty), quote!(#place.#rust = Some(#rust);))
        }
        ty => {
            let ty = value(ty);
            (None, quote!(impl Into<#ty>), quote!(#place.#rust = Some(#rust.into());))
        }
    };
    quote! {
        #doc
        #inline
        pub fn #method(mut self, #rust: #parameter) -> Self {
            #statement
            self
        }
    }
}

fn nested(action: &Action, one: &Struct) -> Vec<Item> {
    let rows = if one.is_input { &action.spec.request } else { &action.spec.response };
    let mut items =
        record("element", &docs::nested(one), &ident(&one.name), &one.fields, rows, &action.spec.section);
    if one.is_input {
        items.push(nested_setters(one, rows));
    }
    items
}

/// Setters of a nested struct of the request, or of a shared type.
pub(super) fn nested_setters(one: &Struct, rows: &[RowSpec]) -> Item {
    let name = ident(&one.name);
    let setters = one.fields.iter().map(|field| {
        let row = field.row.and_then(|row| rows.get(row));
        setter(field, row, &one.name, &quote!(self))
    });
    parse_quote! {
        impl #name { #(#setters)* }
    }
}

/// A struct of the service that several actions use.
pub(super) fn shared(one: &Struct, section: &str) -> Vec<Item> {
    let doc = Doc::new().markup("Used by several actions, whose docs state its limits.");
    let mut items = record("element", &doc, &ident(&one.name), &one.fields, &[], section);
    items.push(nested_setters(one, &[]));
    items
}

fn open_enum(one: &OpenEnum) -> Vec<Item> {
    let (doc, name) = (docs::open_enum(one), ident(&one.name));
    let declared = one.variants.iter().map(|variant| {
        let (doc, name) = (docs::variant(variant), ident(&variant.name));
        quote!(#doc #name)
    });
    let values = one.variants.iter().map(|variant| {
        let (name, value) = (ident(&variant.name), &variant.value);
        quote!(#name: #value)
    });
    vec![
        parse_quote! {
            #doc
            #[derive(Clone)]
            #[non_exhaustive]
            pub enum #name {
                #(#declared,)*
                /// A value that the documents do not list, as it came.
                Unknown(String),
            }
        },
        parse_quote!(open_enum!(#name { #(#values),* });),
    ]
}
