//! The static tables of an action.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, parse_quote};

use super::ident;
use crate::model::{Action, Check, Field, Limit, Rule, RuleKind, Shape, Type, When};
use crate::spec::action::CLASSES;
use crate::spec::{DryRunSpec, EffectSpec, ErrorSpec, PaginationSpec, RamSpec, StatusSpec, UntilSpec, WaitSpec};

/// `pub static ACTION: schema::Action = …`.
pub(super) fn action(action: &Action) -> Item {
    let spec = &action.spec;
    let (name, section) = (&spec.name.value, &spec.section);
    let effect = variant(match spec.effect {
        EffectSpec::Read => "Read",
        EffectSpec::Write => "Write",
    });
    let status = variant(match spec.status {
        StatusSpec::Active => "Active",
        StatusSpec::Deprecated => "Deprecated",
        StatusSpec::Retired => "Retired",
    });
    let method = variant(if spec.get { "Get" } else { "Post" });
    let token = option(spec.idempotency.as_ref().map(|token| literal(&token.value)));
    let dry_run = option(spec.dry_run.as_ref().map(dry_run));
    let serialize_by = strings(spec.serialize_by.iter().map(|name| name.value.as_str()));
    let pagination = option(spec.pagination.as_ref().map(pagination));
    let (request, response) = (shape(&action.request), shape(&action.response));
    let (errors, observed) = (error_codes(&spec.errors), error_codes(&spec.observed));
    let wait = option(spec.wait.as_ref().map(wait));
    let permission = option(spec.ram.as_ref().and_then(|ram| ram.action.as_ref()).map(|name| literal(name)));
    let resources = resources(spec.ram.as_ref());
    parse_quote! {
        static ACTION: schema::Action = schema::Action {
            name: #name,
            section: #section,
            service: &super::SERVICE,
            effect: schema::Effect::#effect,
            status: schema::Status::#status,
            method: schema::Method::#method,
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

/// `&[schema::ErrorCode { … }, …]`.
pub(super) fn error_codes(errors: &[ErrorSpec]) -> TokenStream {
    let codes = errors.iter().map(|error| {
        let (status, code) = (error.status, &error.code.value);
        let status = proc_macro2::Literal::u16_unsuffixed(status);
        let class = CLASSES.iter().find(|(word, _)| *word == error.class).map_or("Unknown", |(_, class)| class);
        let class = variant(class);
        quote!(schema::ErrorCode { status: #status, code: #code, class: schema::ErrorClass::#class })
    });
    quote!(&[#(#codes),*])
}

fn shape(shape: &Shape) -> TokenStream {
    let fields = shape.fields.iter().map(field);
    let rules = shape.rules.iter().map(rule);
    quote!(schema::Shape { fields: &[#(#fields),*], rules: &[#(#rules),*] })
}

/// Only what differs from an optional string without limits is written.
fn field(field: &Field) -> TokenStream {
    let name = &field.name;
    let kind = kind(&field.ty);
    let kind = kind.map(|kind| quote!(kind: #kind,));
    let required = field.required.then(|| quote!(required: true,));
    let limits = (!field.limits.is_empty()).then(|| {
        let limits = field.limits.iter().map(limit);
        quote!(limits: &[#(#limits),*],)
    });
    let form = field.form.then(|| quote!(form: true,));
    let aliases = (!field.aliases.is_empty()).then(|| {
        let aliases = strings(field.aliases.iter().map(String::as_str));
        quote!(aliases: #aliases,)
    });
    let wrapped = field.wrapped.as_ref().map(|wrapped| quote!(wrapped: #wrapped,));
    quote!(schema::Field { name: #name, #kind #required #limits #form #aliases #wrapped ..schema::Field::TEXT })
}

/// `None` for a string, which is the default.
fn kind(ty: &Type) -> Option<TokenStream> {
    Some(match ty {
        Type::Text | Type::Secret | Type::Enum(_) => return None,
        Type::Integer => quote!(schema::Kind::Integer),
        Type::Double => quote!(schema::Kind::Double),
        Type::Boolean => quote!(schema::Kind::Boolean),
        Type::Struct(inner) => {
            let shape = shape(&inner.shape);
            quote!(schema::Kind::Object(&#shape))
        }
        Type::Json(inner) => {
            let shape = shape(&inner.shape);
            quote!(schema::Kind::Json(&#shape))
        }
        Type::List(entry) => {
            let entry = kind(entry).unwrap_or_else(|| quote!(schema::Kind::Text));
            quote!(schema::Kind::List(&#entry))
        }
    })
}

fn limit(limit: &Limit) -> TokenStream {
    let check = check(&limit.check);
    let today = limit.today;
    quote!(schema::Limit { check: #check, today: #today })
}

fn check(check: &Check) -> TokenStream {
    let unsuffixed = proc_macro2::Literal::u32_unsuffixed;
    match check {
        Check::Length(min, max) => bounds("Length", *min, *max),
        Check::Items(min, max) => bounds("Items", *min, *max),
        Check::Range(min, max) => {
            let (min, max) = (whole(*min), whole(*max));
            quote!(schema::Check::Range(#min, #max))
        }
        Check::OneOf(values) => {
            let values = strings(values.iter().map(String::as_str));
            quote!(schema::Check::OneOf(#values))
        }
        Check::NoneOf(numbers) => {
            let numbers = numbers.iter().map(|number| whole(*number));
            quote!(schema::Check::NoneOf(&[#(#numbers),*]))
        }
        Check::StartsWith(set) => characters("StartsWith", set),
        Check::EndsWith(set) => characters("EndsWith", set),
        Check::Only(set) => characters("Only", set),
        Check::NotStartingWith(texts) => {
            let texts = strings(texts.iter().map(String::as_str));
            quote!(schema::Check::NotStartingWith(#texts))
        }
        Check::NotContaining(texts) => {
            let texts = strings(texts.iter().map(String::as_str));
            quote!(schema::Check::NotContaining(#texts))
        }
        Check::Format(format) => {
            let format = variant(format);
            quote!(schema::Check::Format(schema::Format::#format))
        }
        Check::Cidr { within, not_within, prefix } => {
            let within = strings(within.iter().map(String::as_str));
            let not_within = strings(not_within.iter().map(String::as_str));
            let (min, max) = (unsuffixed(prefix.0.into()), unsuffixed(prefix.1.into()));
            quote!(schema::Check::Cidr { within: #within, not_within: #not_within, prefix: (#min, #max) })
        }
    }
}

fn bounds(kind: &str, min: u32, max: u32) -> TokenStream {
    let kind = variant(kind);
    let min = proc_macro2::Literal::u32_unsuffixed(min);
    let max = match max {
        u32::MAX => quote!(u32::MAX),
        max => {
            let max = proc_macro2::Literal::u32_unsuffixed(max);
            quote!(#max)
        }
    };
    quote!(schema::Check::#kind(#min, #max))
}

fn whole(number: i64) -> TokenStream {
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
    let (kind, set) = (variant(kind), variant(set));
    quote!(schema::Check::#kind(schema::Chars::#set))
}

fn rule(rule: &Rule) -> TokenStream {
    let today = rule.today;
    let kind = rule_kind(&rule.kind);
    quote!(schema::Rule { kind: schema::RuleKind::#kind, today: #today })
}

fn rule_kind(kind: &RuleKind) -> TokenStream {
    let names = |names: &[String]| strings(names.iter().map(String::as_str));
    let list = |kind: &str, operands: &[String]| {
        let (kind, operands) = (variant(kind), names(operands));
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
    quote!(schema::When { field: #field, equals: #equals })
}

fn dry_run(dry_run: &DryRunSpec) -> TokenStream {
    let (parameter, passed) = (&dry_run.parameter.value, &dry_run.passed);
    quote!(schema::DryRun { parameter: #parameter, passed: #passed })
}

fn pagination(pages: &PaginationSpec) -> TokenStream {
    let (position, end, items) = (&pages.position.value, &pages.end.value, &pages.items.value);
    let size = pages.size.as_ref().map_or("", |size| size.value.as_str());
    if pages.by_token {
        quote!(schema::Pagination::Token { token: #position, size: #size, next: #end, items: #items })
    } else {
        quote!(schema::Pagination::Number { page: #position, size: #size, total: #end, items: #items })
    }
}

fn wait(wait: &WaitSpec) -> TokenStream {
    let poll = &wait.poll.value;
    let with = wait.with.iter().map(|(parameter, source)| {
        let (parameter, source) = (&parameter.value, &source.value);
        quote!((#parameter, #source))
    });
    let field = wait.field.as_ref().map_or("", |field| field.value.as_str());
    let states = |states: &[String]| strings(states.iter().map(String::as_str));
    let (pending, success, failure) = (states(&wait.pending), states(&wait.success), states(&wait.failure));
    let until = variant(match wait.until {
        UntilSpec::State => "State",
        UntilSpec::Gone => "Gone",
        UntilSpec::Present => "Present",
    });
    let (deadline_s, first_delay_s) = (whole(wait.deadline_s), whole(wait.first_delay_s));
    quote! {
        schema::Wait {
            poll: #poll,
            with: &[#(#with),*],
            field: #field,
            pending: #pending,
            success: #success,
            failure: #failure,
            until: schema::Until::#until,
            deadline_s: #deadline_s,
            first_delay_s: #first_delay_s,
        }
    }
}

fn resources(ram: Option<&RamSpec>) -> TokenStream {
    let resources = ram.map(|ram| ram.resources.as_slice()).unwrap_or_default();
    strings(resources.iter().map(|resource| resource.text.as_str()))
}

fn strings<'a>(texts: impl Iterator<Item = &'a str>) -> TokenStream {
    quote!(&[#(#texts),*])
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

fn variant(name: &str) -> proc_macro2::Ident {
    ident(name)
}

fn literal(text: &str) -> TokenStream {
    quote!(#text)
}
