//! Where the entries of a page are.

use crate::diagnostic::Diagnostics;
use crate::model::{Items, Shape, Type};
use crate::path::Segment;
use crate::spec::ActionSpec;

/// Follows `pagination.items` through the fields of the output to the list it names.
pub(super) fn items(action: &ActionSpec, response: &Shape, diagnostics: &Diagnostics) -> Option<Items> {
    let path = &action.pagination.as_ref()?.items;
    let found = follow(response, path.segments(), Vec::new());
    // A path that is not there is reported with the other references.
    if found.is_none() && response.has(path.segments()) {
        let message = format!("`{}` is not the one list of entries that a page has", &*path.value);
        let help = "Name a list of the response that is not inside another list.";
        diagnostics.error("bad-items", path.location, message, help);
    }
    found
}

fn follow(shape: &Shape, path: &[Segment], mut fields: Vec<String>) -> Option<Items> {
    let (field, rest) = shape.step(path)?;
    fields.push(field.rust.clone());
    match &field.ty {
        Type::List(entry) if rest.is_empty() => Some(Items { fields, entry: (**entry).clone() }),
        Type::Struct(inner) | Type::Json(inner) => follow(&inner.shape, rest, fields),
        _ => None,
    }
}
