//! The static tables of an action.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Item, parse_quote};

use super::{ident, waiting};
use crate::model::{Action, Check, Field, Limit, Rule, RuleKind, Shape, Type, When};
use crate::names;
use crate::spec::{DryRunSpec, EffectSpec, ErrorSpec, PaginationSpec, RamSpec, StatusSpec};

/// `mod table { … }`: in a module of its own no type of the action can hide a word of the tables.
pub(super) fn module(action: &Action) -> Item {
    let table = table(action);
    let mut shapes = Vec::new();
    collect_shapes(&action.request, "request", &mut shapes);
    collect_shapes(&action.response, "response", &mut shapes);
    parse_quote! {
        mod table {
            use crate::schema::*;
            #table
            #(#shapes)*
        }
    }
}

fn table(action: &Action) -> Item {
    let spec = &action.spec;
    let (name, section) = (&spec.name.value, &spec.section);
    let effect = ident(match spec.effect {
        EffectSpec::Read => "Read",
        EffectSpec::Write => "Write",
    });
    let status = ident(match spec.status {
        StatusSpec::Active => "Active",
        StatusSpec::Deprecated => "Deprecated",
        StatusSpec::Retired => "Retired",
    });
    let method = ident(if spec.get { "Get" } else { "Post" });
    let token = option(spec.idempotency.as_ref().map(|token| literal(&token.value)));
    let dry_run = option(spec.dry_run.as_ref().map(dry_run));
    let serialize_by = strings(spec.serialize_by.iter().map(|name| name.value.as_str()));
    let pagination = option(spec.pagination.as_ref().map(pagination));
    let (request, response) = (shape(&action.request, "request"), shape(&action.response, "response"));
    let (errors, observed) = (error_codes(&spec.errors), error_codes(&spec.observed));
    let wait = option(spec.wait.as_ref().map(waiting::table));
    let permission = option(spec.ram.as_ref().and_then(|ram| ram.action.as_ref()).map(|name| literal(name)));
    let resources = resources(spec.ram.as_ref());
    parse_quote! {
        pub(super) static ACTION: Action = Action {
            name: #name,
            section: #section,
            service: &super::super::SERVICE,
            effect: Effect::#effect,
            status: Status::#status,
            method: Method::#method,
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
        };
    }
}

/// A static for every nested shape, so that tables stay flat.
fn collect_shapes(outer: &Shape, place: &str, shapes: &mut Vec<Item>) {
    for field in &outer.fields {
        let Some(inner) = field.ty.nested() else { continue };
        let place = below(place, &field.name);
        let (name, content) = (shape_name(&place), shape(inner, &place));
        shapes.push(parse_quote!(static #name: Shape = #content;));
        collect_shapes(inner, &place, shapes);
    }
}

fn below(place: &str, name: &str) -> String {
    format!("{place}_{}", names::snake(name))
}

fn shape_name(place: &str) -> Ident {
    ident(&place.to_uppercase())
}

/// `&[ErrorCode::new(…), …]`.
pub(super) fn error_codes(errors: &[ErrorSpec]) -> TokenStream {
    let codes = errors.iter().map(|error| {
        let (status, code) = (error.status, &error.code.value);
        let status = proc_macro2::Literal::u16_unsuffixed(status);
        let class = ident(error.class);
        let gone = error.gone.map(|gone| quote!(.gone(#gone)));
        quote!(ErrorCode::new(#status, #code, ErrorClass::#class)#gone)
    });
    quote!(&[#(#codes),*])
}

fn shape(shape: &Shape, place: &str) -> TokenStream {
    let fields = shape.fields.iter().map(|one| field(one, place));
    let rules = shape.rules.iter().map(rule);
    quote!(Shape { fields: &[#(#fields),*], rules: &[#(#rules),*] })
}

fn field(field: &Field, place: &str) -> TokenStream {
    let name = &field.name;
    let mut built = match &field.ty {
        Type::Text | Type::Secret | Type::Enum(_) => quote!(Field::text(#name)),
        Type::Integer => quote!(Field::integer(#name)),
        Type::Boolean => quote!(Field::boolean(#name)),
        ty => {
            let kind = kind(ty, &below(place, &field.name));
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
    if !field.aliases.is_empty() {
        let aliases = strings(field.aliases.iter().map(String::as_str));
        built.extend(quote!(.aliases(#aliases)));
    }
    if let Some(wrapped) = &field.wrapped {
        built.extend(quote!(.wrapped(#wrapped)));
    }
    built
}

fn kind(ty: &Type, place: &str) -> TokenStream {
    match ty {
        Type::Text | Type::Secret | Type::Enum(_) => quote!(Kind::Text),
        Type::Integer => quote!(Kind::Integer),
        Type::Double => quote!(Kind::Double),
        Type::Boolean => quote!(Kind::Boolean),
        Type::Struct(_) => {
            let shape = shape_name(place);
            quote!(Kind::Object(&#shape))
        }
        Type::Json(_) => {
            let shape = shape_name(place);
            quote!(Kind::Json(&#shape))
        }
        Type::List(entry) => {
            let entry = kind(entry, place);
            quote!(Kind::List(&#entry))
        }
    }
}

fn limit(limit: &Limit) -> TokenStream {
    let check = check(&limit.check);
    if limit.today { quote!(Limit::Today(#check)) } else { quote!(Limit::Documented(#check)) }
}

fn check(check: &Check) -> TokenStream {
    let unsuffixed = proc_macro2::Literal::u32_unsuffixed;
    match check {
        Check::Length(min, max) => bounds("Length", *min, *max),
        Check::Items(min, max) => bounds("Items", *min, *max),
        Check::Range(min, max) => {
            let (min, max) = (whole(*min), whole(*max));
            quote!(Check::Range(#min, #max))
        }
        Check::OneOf(values) => {
            let values = strings(values.iter().map(String::as_str));
            quote!(Check::OneOf(#values))
        }
        Check::NoneOf(numbers) => {
            let numbers = numbers.iter().map(|number| whole(*number));
            quote!(Check::NoneOf(&[#(#numbers),*]))
        }
        Check::StartsWith(set) => characters("StartsWith", set),
        Check::EndsWith(set) => characters("EndsWith", set),
        Check::Only(set) => characters("Only", set),
        Check::NotStartingWith(texts) => {
            let texts = strings(texts.iter().map(String::as_str));
            quote!(Check::NotStartingWith(#texts))
        }
        Check::NotContaining(texts) => {
            let texts = strings(texts.iter().map(String::as_str));
            quote!(Check::NotContaining(#texts))
        }
        Check::Format(format) => {
            let format = ident(format);
            quote!(Check::Format(Format::#format))
        }
        Check::Cidr { within, not_within, prefix } => {
            let within = strings(within.iter().map(String::as_str));
            let not_within = strings(not_within.iter().map(String::as_str));
            let (min, max) = (unsuffixed(prefix.0.into()), unsuffixed(prefix.1.into()));
            quote!(Check::Cidr { within: #within, not_within: #not_within, prefix: (#min, #max) })
        }
    }
}

fn bounds(kind: &str, min: u32, max: u32) -> TokenStream {
    let kind = ident(kind);
    let min = proc_macro2::Literal::u32_unsuffixed(min);
    let max = match max {
        u32::MAX => quote!(u32::MAX),
        max => {
            let max = proc_macro2::Literal::u32_unsuffixed(max);
            quote!(#max)
        }
    };
    quote!(Check::#kind(#min, #max))
}

pub(super) fn whole(number: i64) -> TokenStream {
    match number {
        i64::MIN => quote!(i64::MIN),
        i64::MAX => quote!(i64::MAX),
        number => {
            let number = proc_macro2::Literal::i64_unsuffixed(number);
            quote!(#number)
        }
    }
}

fn characters(kind: &str, set: &str) -> TokenStream {
    let (kind, set) = (ident(kind), ident(set));
    quote!(Check::#kind(Chars::#set))
}

fn rule(rule: &Rule) -> TokenStream {
    let today = rule.today;
    let kind = rule_kind(&rule.kind);
    quote!(Rule { kind: RuleKind::#kind, today: #today })
}

fn rule_kind(kind: &RuleKind) -> TokenStream {
    let names = |names: &[String]| strings(names.iter().map(String::as_str));
    let list = |kind: &str, operands: &[String]| {
        let (kind, operands) = (ident(kind), names(operands));
        quote!(#kind(#operands))
    };
    match kind {
        RuleKind::Requires(condition, then) => {
            let (condition, then) = (when(condition), names(then));
            quote!(Requires(#condition, #then))
        }
        RuleKind::Forbids(condition, then) => {
            let (condition, then) = (when(condition), names(then));
            quote!(Forbids(#condition, #then))
        }
        RuleKind::Excludes(operands) => list("Excludes", operands),
        RuleKind::ExactlyOne(operands) => list("ExactlyOne", operands),
        RuleKind::AtLeastOne(operands) => list("AtLeastOne", operands),
        RuleKind::Together(operands) => list("Together", operands),
        RuleKind::Ordered(operands) => list("Ordered", operands),
        RuleKind::AtMost(count, operands) => {
            let (count, operands) = (proc_macro2::Literal::u32_unsuffixed(*count), names(operands));
            quote!(AtMost(#count, #operands))
        }
        RuleKind::Values(condition, field, limit) => {
            let (condition, limit) = (when(condition), check(limit));
            quote!(Values(#condition, #field, &#limit))
        }
        RuleKind::Points { from, to, step, max, default_step } => {
            let max = proc_macro2::Literal::u32_unsuffixed(*max);
            let default_step = proc_macro2::Literal::u32_unsuffixed(*default_step);
            quote!(Points { from: #from, to: #to, step: #step, max: #max, default_step: #default_step })
        }
    }
}

fn when(when: &When) -> TokenStream {
    let field = &when.field;
    let equals = strings(when.equals.iter().map(String::as_str));
    quote!(When { field: #field, equals: #equals })
}

fn dry_run(dry_run: &DryRunSpec) -> TokenStream {
    let (parameter, passed) = (&dry_run.parameter.value, &dry_run.passed);
    quote!(DryRun { parameter: #parameter, passed: #passed })
}

fn pagination(pages: &PaginationSpec) -> TokenStream {
    let (position, end, items) = (&pages.position.value, &pages.end.value, &pages.items.value);
    let size = pages.size.as_ref().map_or("", |size| size.value.as_str());
    if pages.by_token {
        quote!(Pagination::Token { token: #position, size: #size, next: #end, items: #items })
    } else {
        quote!(Pagination::Number { page: #position, size: #size, total: #end, items: #items })
    }
}

fn resources(ram: Option<&RamSpec>) -> TokenStream {
    let resources = ram.map(|ram| ram.resources.as_slice()).unwrap_or_default();
    strings(resources.iter().map(|resource| resource.text.as_str()))
}

pub(super) fn strings<'a>(texts: impl Iterator<Item = &'a str>) -> TokenStream {
    quote!(&[#(#texts),*])
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

fn literal(text: &str) -> TokenStream {
    quote!(#text)
}
