//! The file of one action: its structs, their setters and its table.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};

use super::{docs, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Field, OpenEnum, Service, Struct, Type};
use crate::names;
use crate::render::Part;
use crate::spec::RowSpec;
use crate::syntax::ident;

/// Items in the order in which a reader wants them.
pub(super) fn items(service: &Service, action: &Action) -> Vec<Part> {
    let client_method = client_method(service, action);
    let (input, setters) = (input(service, action), setters(action));
    let awaited = waiting::awaited(service, action);
    let (output, paged) = (output(action), paged(action));
    let structs = action.structs.iter().map(|one| nested(action, one));
    let enums = action.enums.iter().map(open_enum);
    let code = quote! {
        use crate::prelude::*;
        #client_method
        #input
        #setters
        #awaited
        #output
        #paged
        #(#structs)*
        #(#enums)*
    };
    vec![code.into(), table::module(action).into()]
}

fn client_method(service: &Service, action: &Action) -> TokenStream {
    let name = &*action.spec.name;
    let doc = Doc::new().text(&action.spec.summary).markup(&format!(" See [`{name}`]."));
    let (marker, method, input) = (ident(&service.marker), ident(&action.module), ident(name));
    quote! {
        impl Client<super::#marker> {
            #doc
            #[inline]
            pub fn #method(&self) -> Request<#input> {
                self.request(#input::default())
            }
        }
    }
}

fn input(service: &Service, action: &Action) -> TokenStream {
    let (name, output, rows) = (ident(&action.spec.name), output_name(action), &action.spec.request);
    let doc = docs::action(service, action);
    let structure = structure(&doc, &name, &action.request.fields, rows);
    let record = listed("record", &name, &action.request.fields);
    let dry_run = action.spec.dry_run.as_ref().map(|_| quote!(impl DryRunnable for #name {}));
    quote! {
        #structure
        #record
        impl Operation for #name {
            const ACTION: &'static Action = &table::ACTION;
            type Output = #output;
        }
        #dry_run
    }
}

fn output(action: &Action) -> TokenStream {
    let (name, rows) = (output_name(action), &action.spec.response);
    let doc = Doc::new().markup(&format!("What [`{}`] returns.", *action.spec.name));
    let structure = structure(&doc, &name, &action.response.fields, rows);
    let record = listed("record", &name, &action.response.fields);
    quote!(#structure #record)
}

/// The way from a page to its entries.
fn paged(action: &Action) -> Option<TokenStream> {
    let items = action.items.as_ref()?;
    let (last, outer) = items.fields.split_last()?;
    let (last, outer) = (ident(last), outer.iter().map(|field| ident(field)));
    let (name, output, entry) = (ident(&action.spec.name), output_name(action), value(&items.entry));
    Some(quote! {
        impl Paged for #name {
            type Item = #entry;
            #[inline]
            fn items(page: #output) -> Vec<#entry> {
                page #(.#outer.unwrap_or_default())* .#last
            }
        }
    })
}

/// The struct of what an action returns.
pub(super) fn output_name(action: &Action) -> Ident {
    ident(&format!("{}Output", *action.spec.name))
}

fn structure(doc: &Doc, name: &Ident, fields: &[Field], rows: &[RowSpec]) -> TokenStream {
    let fields = fields.iter().map(|field| {
        let (doc, name, ty) = (docs::field(field, rows), ident(&field.rust), holder(&field.ty));
        quote!(#doc pub #name: #ty)
    });
    quote! {
        #doc
        #[derive(Clone, Default)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields),*
        }
    }
}

/// The list of a struct's fields; `kind` is the macro that makes it a record.
fn listed(kind: &str, name: &Ident, fields: &[Field]) -> TokenStream {
    let (kind, fields) = (ident(kind), fields.iter().map(|field| ident(&field.rust)));
    quote!(#kind!(#name { #(#fields),* });)
}

/// The type of a field: lists are `Vec`, all else is optional.
fn holder(ty: &Type) -> TokenStream {
    let value = value(ty);
    match ty {
        Type::List(_) => quote!(Vec<#value>),
        _ => quote!(Option<#value>),
    }
}

/// The type of a value, or of the entries of a list.
fn value(ty: &Type) -> TokenStream {
    match ty {
        Type::Text => quote!(String),
        Type::Secret => quote!(Secret),
        Type::Integer => quote!(i64),
        Type::Double => quote!(f64),
        Type::Boolean => quote!(bool),
        Type::Enum(name) => ident(name).into_token_stream(),
        Type::Struct(inner) | Type::Json(inner) => {
            let name = ident(&inner.name);
            if inner.shared { quote!(super::types::#name) } else { quote!(#name) }
        }
        Type::List(entry) => value(entry),
    }
}

/// Chained setters of the request.
fn setters(action: &Action) -> TokenStream {
    let name = ident(&action.spec.name);
    let dry_run = action.spec.dry_run.as_ref().map(|dry_run| dry_run.parameter.as_str());
    // The dry run is a way of sending, not a parameter to set.
    let fields = action.request.fields.iter().filter(|field| Some(field.name.as_str()) != dry_run);
    let setters = fields.map(|field| {
        let row = field.row.map(|row| &action.spec.request[row]);
        setter(field, row, &action.spec.name, &quote!(self.input))
    });
    quote! {
        impl Request<#name> {
            #(#setters)*
        }
    }
}

fn setter(field: &Field, row: Option<&RowSpec>, owner: &str, place: &TokenStream) -> TokenStream {
    let doc = docs::setter(row, owner, &field.rust, &field.limits, &field.ty);
    let (setter, name, value) = (ident(&names::setter(&field.rust)), ident(&field.rust), value(&field.ty));
    match &field.ty {
        Type::List(_) => quote! {
            #doc
            pub fn #setter(mut self, #name: impl IntoIterator<Item = impl Into<#value>>) -> Self {
                #place.#name.extend(#name.into_iter().map(Into::into));
                self
            }
        },
        // What is not generic would otherwise be compiled in the SDK, used or not.
        Type::Integer | Type::Double | Type::Boolean => quote! {
            #doc
            #[inline]
            pub fn #setter(mut self, #name: #value) -> Self {
                #place.#name = Some(#name);
                self
            }
        },
        _ => quote! {
            #doc
            pub fn #setter(mut self, #name: impl Into<#value>) -> Self {
                #place.#name = Some(#name.into());
                self
            }
        },
    }
}

/// A struct inside that of a request or response.
fn nested(action: &Action, one: &Struct) -> TokenStream {
    let rows = if one.is_input { &action.spec.request } else { &action.spec.response };
    let setters = one.is_input.then(|| nested_setters(one, rows));
    let element = element(&docs::nested(one), one, rows);
    quote!(#element #setters)
}

/// A struct of the service that several actions use.
pub(super) fn shared(one: &Struct) -> TokenStream {
    let doc = Doc::new().markup("Used by several actions, whose docs state its limits.");
    let (element, setters) = (element(&doc, one, &[]), nested_setters(one, &[]));
    quote!(#element #setters)
}

fn element(doc: &Doc, one: &Struct, rows: &[RowSpec]) -> TokenStream {
    let name = ident(&one.name);
    let structure = structure(doc, &name, &one.fields, rows);
    let element = listed("element", &name, &one.fields);
    quote!(#structure #element)
}

/// Setters of a nested struct of the request, or of a shared type.
fn nested_setters(one: &Struct, rows: &[RowSpec]) -> TokenStream {
    let name = ident(&one.name);
    let setters = one.fields.iter().map(|field| {
        let row = field.row.and_then(|row| rows.get(row));
        setter(field, row, &one.name, &quote!(self))
    });
    quote! {
        impl #name {
            #(#setters)*
        }
    }
}

fn open_enum(one: &OpenEnum) -> TokenStream {
    let (doc, name) = (docs::open_enum(one), ident(&one.name));
    let names: Vec<Ident> = one.variants.iter().map(|variant| ident(&variant.name)).collect();
    let values = one.variants.iter().map(|variant| &variant.value);
    let docs = one.variants.iter().map(docs::variant);
    quote! {
        #doc
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #names,)*
            /// A value that the documents do not list, as it came.
            Unknown(String),
        }
        open_enum!(#name { #(#names: #values),* });
    }
}
