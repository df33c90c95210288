//! The static tables of an action.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::waiting;
use crate::model::{Action, Field, Limit, Rule, Shape, Type};
use crate::spec::{DryRunSpec, EffectSpec, ErrorSpec, PaginationSpec, RamSpec, StatusSpec};
use crate::syntax::{ident, option, texts};

/// `mod table { … }`: in a module of its own no type of the action can hide a word of the tables.
pub(super) fn module(action: &Action) -> TokenStream {
    let content = table(action);
    let mut shapes = Vec::new();
    collect_shapes(&action.request, "request", &mut shapes);
    collect_shapes(&action.response, "response", &mut shapes);
    quote! {
        mod table {
            use crate::schema::*;
            pub(super) static ACTION: Action = #content;
            #(#shapes)*
        }
    }
}

fn table(action: &Action) -> TokenStream {
    let spec = &action.spec;
    let (name, section) = (&*spec.name, &spec.section);
    let (effect, status) = (effect(spec.effect), status(spec.status));
    let method = if spec.get { quote!(Method::Get) } else { quote!(Method::Post) };
    let token = option(spec.idempotency.as_ref().map(|token| &token.value));
    let dry_run = option(spec.dry_run.as_ref().map(dry_run));
    let serialize_by = texts(spec.serialize_by.iter().map(|name| name.as_str()));
    let pagination = option(spec.pagination.as_ref().map(pagination));
    let (request, response) = (shape(&action.request, "request"), shape(&action.response, "response"));
    let (errors, observed) = (error_codes(&spec.errors), error_codes(&spec.observed));
    let resources = quote!(super::super::resources);
    let wait = option(action.wait.as_ref().map(|wait| waiting::table(wait, &resources)));
    let permission = option(spec.ram.as_ref().and_then(|ram| ram.action.as_ref()));
    let resources = permitted_on(spec.ram.as_ref());
    quote! {
        Action {
            name: #name,
            section: #section,
            service: &super::super::SERVICE,
            effect: #effect,
            status: #status,
            method: #method,
            token: #token,
            dry_run: #dry_run,
            serialize_by: #serialize_by,
            pagination: #pagination,
            request: #request,
            response: #response,
            errors: #errors,
            observed: #observed,
            wait: #wait,
            permission: #permission,
            resources: #resources,
        }
    }
}

fn effect(effect: EffectSpec) -> TokenStream {
    match effect {
        EffectSpec::Read => quote!(Effect::Read),
        EffectSpec::Write => quote!(Effect::Write),
    }
}

fn status(status: StatusSpec) -> TokenStream {
    match status {
        StatusSpec::Active => quote!(Status::Active),
        StatusSpec::Deprecated => quote!(Status::Deprecated),
        StatusSpec::Retired => quote!(Status::Retired),
    }
}

/// A static for every nested shape, so that tables stay flat.
fn collect_shapes(outer: &Shape, place: &str, shapes: &mut Vec<TokenStream>) {
    for field in &outer.fields {
        let Some(inner) = field.ty.nested() else { continue };
        let place = below(place, field);
        let (name, content) = (shape_name(&place), shape(inner, &place));
        shapes.push(quote!(static #name: Shape = #content;));
        collect_shapes(inner, &place, shapes);
    }
}

fn below(place: &str, field: &Field) -> String {
    format!("{place}_{}", field.rust)
}

fn shape_name(place: &str) -> Ident {
    ident(&place.to_uppercase())
}

/// `&[ErrorCode::new(…), …]`.
pub(super) fn error_codes(errors: &[ErrorSpec]) -> TokenStream {
    let errors = errors.iter().map(|error| {
        let (status, code) = (Literal::u16_unsuffixed(error.status), &error.code.value);
        let class = ident(error.class);
        let gone = error.gone.map(|gone| quote!(.gone(#gone)));
        quote!(ErrorCode::new(#status, #code, ErrorClass::#class) #gone)
    });
    quote!(&[#(#errors),*])
}

fn shape(shape: &Shape, place: &str) -> TokenStream {
    let fields = shape.fields.iter().map(|one| field(one, place));
    let rules = shape.rules.iter().map(Rule::table);
    quote!(Shape { fields: &[#(#fields),*], rules: &[#(#rules),*] })
}

fn field(field: &Field, place: &str) -> TokenStream {
    let name = &field.name;
    let mut built = match &field.ty {
        Type::Text | Type::Secret | Type::Enum(_) => quote!(Field::text(#name)),
        Type::Integer => quote!(Field::integer(#name)),
        Type::Boolean => quote!(Field::boolean(#name)),
        ty => {
            let kind = kind(ty, &below(place, field));
            quote!(Field::of(#name, #kind))
        }
    };
    if field.required {
        built.extend(quote!(.required()));
    }
    if !field.limits.is_empty() {
        let limits = field.limits.iter().map(limit);
        built.extend(quote!(.limits(&[#(#limits),*])));
    }
    if field.form {
        built.extend(quote!(.form()));
    }
    if is_secret(&field.ty) {
        built.extend(quote!(.secret()));
    }
    if !field.aliases.is_empty() {
        let aliases = texts(&field.aliases);
        built.extend(quote!(.aliases(#aliases)));
    }
    if let Some(wrapped) = &field.wrapped {
        built.extend(quote!(.wrapped(#wrapped)));
    }
    built
}

fn is_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret => true,
        Type::List(entry) => is_secret(entry),
        _ => false,
    }
}

fn limit(limit: &Limit) -> TokenStream {
    let check = limit.check.table();
    if limit.today { quote!(Limit::Today(#check)) } else { quote!(Limit::Documented(#check)) }
}

fn kind(ty: &Type, place: &str) -> TokenStream {
    let shape = || shape_name(place);
    match ty {
        Type::Text | Type::Secret | Type::Enum(_) => quote!(Kind::Text),
        Type::Integer => quote!(Kind::Integer),
        Type::Double => quote!(Kind::Double),
        Type::Boolean => quote!(Kind::Boolean),
        Type::Struct(_) => {
            let shape = shape();
            quote!(Kind::Object(&#shape))
        }
        Type::Json(_) => {
            let shape = shape();
            quote!(Kind::Json(&#shape))
        }
        Type::List(entry) => {
            let entry = kind(entry, place);
            quote!(Kind::List(&#entry))
        }
    }
}

fn dry_run(dry_run: &DryRunSpec) -> TokenStream {
    let (parameter, passed) = (dry_run.parameter.as_str(), dry_run.passed.as_str());
    quote!(DryRun { parameter: #parameter, passed: #passed })
}

fn pagination(pages: &PaginationSpec) -> TokenStream {
    let kind = ident(if pages.by_token { "Token" } else { "Number" });
    let (position, end) = pages.ends();
    let (position, end) = (ident(position), ident(end));
    let (from, to, items) = (pages.position.as_str(), &**pages.end, &**pages.items);
    let size = pages.size.as_ref().map_or("", |size| size.as_str());
    quote!(Pagination::#kind { #position: #from, size: #size, #end: #to, items: #items })
}

fn permitted_on(ram: Option<&RamSpec>) -> TokenStream {
    let resources = ram.map(|ram| ram.resources.as_slice()).unwrap_or_default();
    texts(resources.iter().map(|resource| &resource.text))
}
