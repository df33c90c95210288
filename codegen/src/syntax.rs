//! Words of generated code that do not stand in `quote!` as they are.
//!
//! What a spec says becomes an identifier that was checked, or a literal; never code.

use proc_macro2::{Ident, Literal, Span};

use crate::names;

/// An identifier, raw where it would be a keyword.
pub(crate) fn ident(name: &str) -> Ident {
    if names::is_keyword(name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// `r"…"`, which costs no escaping here and none undone when it is printed as a comment.
pub(crate) fn raw_text(line: &str) -> Literal {
    let marks = line.split('"').skip(1).map(|rest| rest.len() - rest.trim_start_matches('#').len());
    let fence = "#".repeat(marks.max().map_or(0, |longest| longest + 1));
    format!("r{fence}\"{line}\"{fence}").parse().unwrap_or_else(|_| Literal::string(line))
}

/// A text as a literal.
pub(crate) fn quoted(text: &str) -> String {
    Literal::string(text).to_string()
}

/// Every text of a list: `&["…", "…"]`.
pub(crate) fn texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts = texts.into_iter().map(|text| quoted(text.as_ref()));
    format!("&[{}]", texts.collect::<Vec<_>>().join(", "))
}
