//! Which cargo features compile what.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Chapter, Service};
use crate::syntax::quoted;

/// A service is compiled if it is asked for, or one of its chapters is.
pub(super) fn of_service(service: &Service) -> String {
    let asked = |feature: &String| format!("feature = {}", quoted(feature));
    let chapters: String =
        service.chapters.iter().map(|chapter| format!(", {}", asked(&chapter.feature))).collect();
    match chapters.is_empty() {
        true => format!("#[cfg({})]", asked(&service.feature)),
        false => format!("#[cfg(any({}{chapters}))]", asked(&service.feature)),
    }
}

/// A chapter is compiled if it is asked for.
pub(super) fn of_chapter(chapter: &Chapter) -> TokenStream {
    let feature = &chapter.feature;
    quote!(#[cfg(feature = #feature)])
}

/// Only calls and waits by name ask for it.
pub(super) const BY_NAME: &str = "#[cfg(feature = \"dynamic\")]\n";

/// Only calls by name and tests ask for it.
pub(super) const BY_NAME_OR_IN_TESTS: &str = "#[cfg(any(feature = \"dynamic\", feature = \"testing\"))]\n";
