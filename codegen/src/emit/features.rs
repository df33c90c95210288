//! Which cargo features compile what.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Chapter, Service};

/// A service is compiled if it is asked for, or one of its chapters is.
pub(super) fn of_service(service: &Service) -> TokenStream {
    let feature = &service.feature;
    if service.chapters.is_empty() {
        return quote!(#[cfg(feature = #feature)]);
    }
    let chapters = service.chapters.iter().map(|chapter| &chapter.feature);
    quote!(#[cfg(any(feature = #feature, #(feature = #chapters),*))])
}

/// A chapter is compiled if it is asked for.
pub(super) fn of_chapter(chapter: &Chapter) -> TokenStream {
    let feature = &chapter.feature;
    quote!(#[cfg(feature = #feature)])
}

/// Only calls and waits by name ask for it.
pub(super) fn by_name() -> TokenStream {
    quote!(#[cfg(feature = "dynamic")])
}

/// Only calls by name and tests ask for it.
pub(super) fn by_name_or_in_tests() -> TokenStream {
    quote!(#[cfg(any(feature = "dynamic", feature = "testing"))])
}
