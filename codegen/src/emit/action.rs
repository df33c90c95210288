//! The file of one action: its structs, their setters and its table.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::{docs, table, waiting};
use crate::doc::Doc;
use crate::model::{Action, Field, OpenEnum, Service, Struct, Type};
use crate::names;
use crate::render::Part;
use crate::syntax::ident;

/// Setters of a list of tags, whatever the wire calls it.
const TAGS: &str = "tags";
pub(super) const TAG: &str = "tag";

/// Items in the order in which a reader wants them.
pub(super) fn items(service: &Service, action: &Action) -> Vec<Part> {
    let mut parts: Vec<Part> = vec![imports(action).into(), input(service, action).into()];
    let (operation, awaited) = (operation(action), waiting::awaited(service, action));
    parts.push(quote!(#operation #awaited).into());
    parts.push(output(action).into());
    parts.extend(paged(action).map(Part::from));
    parts.extend(action.structs.iter().map(|one| nested(one).into()));
    parts.push(equal(action).into());
    parts.extend(action.enums.iter().map(|one| open_enum(one).into()));
    parts.push(described(action).into());
    parts.push(table::module(action).into());
    parts
}

fn imports(action: &Action) -> TokenStream {
    let shared = action.shared_types();
    let shared = shared.iter().map(|name| ident(name));
    let types = (shared.len() > 0).then(|| quote!(use super::types::{#(#shared),*};));
    quote! {
        use crate::prelude::*;
        #types
    }
}

fn input(service: &Service, action: &Action) -> String {
    let dry_run = action.facts.dry_run.as_ref().map(|dry_run| dry_run.parameter.as_str());
    let fields = action.request.fields.iter().map(|one| {
        let setter = match one {
            // The dry run is a way of sending, not a parameter to set.
            _ if Some(one.name.as_str()) == dry_run => Some(String::new()),
            _ if has_tag_setter(action, one) => Some(format!("{TAGS}, {TAG}")),
            _ => renamed(one),
        };
        field(one, setter)
    });
    let attributes = docs::action(service, action).outer_lines(0) + &deprecated_action(action, 0);
    structure("input", &attributes, &action.facts.name, fields)
}

/// Whether tags are added to a field one by one. Where two fields would have such setters, both keep their own.
pub(super) fn has_tag_setter(action: &Action, field: &Field) -> bool {
    let is_other = |one: &Field| one.name != field.name && [TAG, TAGS].contains(&one.rust.as_str());
    field.is_tags() && !action.request.fields.iter().any(is_other)
}

fn operation(action: &Action) -> TokenStream {
    let (name, output) = (ident(&action.facts.name), output_name(action));
    let dry_run = action.facts.dry_run.as_ref().map(|_| quote!(impl DryRunnable for #name {}));
    quote! {
        impl Operation for #name {
            const ACTION: &'static Action = &table::ACTION;
            type Output = #output;
        }
        #dry_run
    }
}

/// Why nobody should call an action, where the document or today's clients say so.
pub(super) fn deprecated_action(action: &Action, margin: usize) -> String {
    docs::deprecation_of_action(&action.facts).map_or_else(String::new, |note| deprecated(&note, margin))
}

fn deprecated(note: &str, margin: usize) -> String {
    format!("{:margin$}#[deprecated(note = {})]\n", "", Literal::string(note))
}

fn output(action: &Action) -> String {
    let doc = Doc::new().markup(&format!("What [`{}`] returns.", *action.facts.name));
    let fields = action.response.fields.iter().map(|one| field(one, None));
    structure("output", &doc.outer_lines(0), &output_name(action).to_string(), fields)
}

/// The way from a page to its entries.
fn paged(action: &Action) -> Option<TokenStream> {
    let items = action.items.as_ref()?;
    let (last, outer) = items.fields.split_last()?;
    let (last, outer) = (ident(last), outer.iter().map(|field| ident(field)));
    let (name, output, entry) = (ident(&action.facts.name), output_name(action), ident(value(&items.entry)));
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
    ident(&format!("{}Output", *action.facts.name))
}

/// A struct in the macro that makes it what it is.
fn structure(kind: &str, attributes: &str, name: &str, fields: impl Iterator<Item = String>) -> String {
    let fields = fields.collect::<String>();
    format!("{kind}! {{\n{attributes}pub struct {name} {{\n{fields}}}\n}}\n")
}

/// A field with its docs, and what its setter is called where that is not the field's own name.
fn field(field: &Field, setter: Option<String>) -> String {
    let mut text = docs::field(field).outer_lines(4);
    if let Some(setter) = setter {
        text.push_str(&format!("    #[setter({setter})]\n"));
    }
    if let Some(note) = docs::deprecation_of_field(field) {
        text.push_str(&deprecated(note, 4));
    }
    text.push_str(&format!("    pub {}: {},\n", ident(&field.rust), holder(&field.ty)));
    text
}

/// The name of a setter that would hide another method.
fn renamed(field: &Field) -> Option<String> {
    let setter = names::setter(&field.rust);
    (setter != field.rust).then_some(setter)
}

/// The type of a field: lists are `Vec`, all else is optional.
fn holder(ty: &Type) -> String {
    match ty {
        Type::List(entry) => format!("Vec<{}>", value(entry)),
        _ => format!("Option<{}>", value(ty)),
    }
}

/// The type of a value, or of the entries of a list.
fn value(ty: &Type) -> &str {
    match ty {
        Type::Text => "String",
        Type::Secret => "Secret",
        Type::Integer => "i64",
        Type::Double => "f64",
        Type::Boolean => "bool",
        Type::Timestamp => "SystemTime",
        Type::Enum(name) => name,
        Type::Struct(inner) | Type::Json(inner) => &inner.name,
        Type::List(entry) => value(entry),
    }
}

/// A struct inside that of a request or response.
fn nested(one: &Struct) -> String {
    let kind = if one.is_input { "input_element" } else { "element" };
    element(kind, &docs::nested(one), one)
}

/// Which table describes each of the structs that several actions use.
pub(super) fn shared_described(shared: &[Struct]) -> String {
    let shapes = shared.iter().map(|one| shape(&one.name, &format!("table::{}", table::shared_name(one))));
    format!("described! {{\n{}}}\n", shapes.collect::<String>())
}

/// A struct of the service that several actions use.
pub(super) fn shared(one: &Struct) -> String {
    let doc = Doc::new().markup("Used by several actions, whose docs state its limits.");
    element("input_element", &doc, one)
}

fn element(kind: &str, doc: &Doc, one: &Struct) -> String {
    let setter = |field| one.is_input.then(|| renamed(field)).flatten();
    let fields = one.fields.iter().map(|one| field(one, setter(one)));
    structure(kind, &doc.outer_lines(0), &one.name, fields)
}

/// What other actions return and this one takes.
fn equal(action: &Action) -> String {
    let pairs = action.structs.iter().flat_map(|one| one.equals.iter().map(move |other| (one, other)));
    let impls = pairs.map(|(one, other)| {
        format!("impl From<super::{}::{}> for {} {{}}\n", other.module, other.name, one.name)
    });
    let impls = impls.collect::<String>();
    if impls.is_empty() { impls } else { format!("equal! {{\n{impls}}}\n") }
}

/// Which table describes each struct.
fn described(action: &Action) -> String {
    let (input, output) = (&action.facts.name, output_name(action));
    let mut shapes =
        vec![shape(input, "table::ACTION.request"), shape(&output.to_string(), "table::ACTION.response")];
    let places = [("request", &action.request), ("response", &action.response)];
    let nested: Vec<_> = places.into_iter().flat_map(|(name, part)| table::nested(part, name)).collect();
    for one in &action.structs {
        let found = nested.iter().find(|(name, _)| *name == one.name);
        shapes.extend(found.map(|(name, place)| shape(name, &format!("table::{place}"))));
    }
    format!("described! {{\n{}}}\n", shapes.concat())
}

fn shape(name: &str, place: &str) -> String {
    format!("const {name}: Shape = {place};\n")
}

fn open_enum(one: &OpenEnum) -> String {
    let variants = one.variants.iter().map(|variant| {
        let doc = docs::variant(variant).outer_lines(4);
        format!("{doc}    {} = {},\n", ident(&variant.name), Literal::string(&variant.value))
    });
    let (doc, variants) = (docs::open_enum(one).outer_lines(0), variants.collect::<String>());
    format!("open_enum! {{\n{doc}pub enum {} {{\n{variants}}}\n}}\n", one.name)
}
