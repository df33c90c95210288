//! The syntax that generated code consists of, as nodes of `syn`.
//!
//! Nodes are built and not parsed: generated code is mostly tables and docs, and lexing and
//! parsing them would cost more than all else together, when the generator runs and when it is
//! compiled.

pub(crate) mod expression;
pub(crate) mod item;
pub(crate) mod types;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{
    AttrStyle, Attribute, MacroDelimiter, Meta, MetaList, MetaNameValue, Path, PathSegment, VisRestricted,
    Visibility, token,
};

use crate::names;

/// An identifier, raw where it would be a keyword.
pub(crate) fn ident(name: &str) -> Ident {
    if names::is_keyword(name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// `Effect::Read`, `super::SERVICE`.
pub(crate) fn path(path: &str) -> Path {
    let segments = path.split("::").map(|name| PathSegment::from(ident(name)));
    Path { leading_colon: None, segments: segments.collect() }
}

/// `pub`
pub(crate) fn public() -> Visibility {
    Visibility::Public(token::Pub::default())
}

/// `pub(crate)`, `pub(super)`
pub(crate) fn public_in(place: &str) -> Visibility {
    Visibility::Restricted(VisRestricted {
        pub_token: token::Pub::default(),
        paren_token: token::Paren::default(),
        in_token: None,
        path: Box::new(path(place)),
    })
}

/// `#[non_exhaustive]`
pub(crate) fn marker(name: &str) -> Attribute {
    attribute(Meta::Path(path(name)))
}

/// `#[derive(…)]`, `#[cfg(…)]`
pub(crate) fn attribute_list(name: &str, tokens: TokenStream) -> Attribute {
    let delimiter = MacroDelimiter::Paren(token::Paren::default());
    attribute(Meta::List(MetaList { path: path(name), delimiter, tokens }))
}

/// `#[doc = "…"]`, which prints as `///…`.
pub(crate) fn doc(line: &str) -> Attribute {
    let value = expression::raw_text(line);
    let eq_token = token::Eq::default();
    attribute(Meta::NameValue(MetaNameValue { path: ident("doc").into(), eq_token, value }))
}

fn attribute(meta: Meta) -> Attribute {
    Attribute {
        pound_token: token::Pound::default(),
        style: AttrStyle::Outer,
        bracket_token: token::Bracket::default(),
        meta,
    }
}
