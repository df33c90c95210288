//! Where the entries of a page are.

use super::references::has_path;
use crate::diagnostic::Diagnostics;
use crate::model::{Items, Shape, Type};
use crate::spec::ActionSpec;

/// Follows `pagination.items` through the fields of the output to the list it names.
pub(super) fn items(action: &ActionSpec, response: &Shape, diagnostics: &Diagnostics) -> Option<Items> {
    let path = &action.pagination.as_ref()?.items;
    let names: Vec<&str> = path.split('.').map(|name| name.trim_end_matches("[]")).collect();
    let found = follow(response, &names, Vec::new());
    // A path that is not there is reported with the other references.
    if found.is_none() && has_path(response, path) {
        diagnostics.error(
            "bad-items",
            path.location,
            format!("`{}` is not the one list of entries that a page has", path.value),
            "Name a list of the response that is not inside another list.",
        );
    }
    found
}

fn follow(shape: &Shape, names: &[&str], mut fields: Vec<String>) -> Option<Items> {
    let (first, rest) = names.split_first()?;
    let field = shape.fields.iter().find(|field| field.name == *first)?;
    fields.push(field.rust.clone());
    let rest = match (&field.wrapped, rest.split_first()) {
        (Some(wrapped), Some((second, rest))) if wrapped == second => rest,
        _ => rest,
    };
    match &field.ty {
        Type::List(entry) if rest.is_empty() => Some(Items { fields, entry: (**entry).clone() }),
        Type::Struct(inner) | Type::Json(inner) => follow(&inner.shape, rest, fields),
        _ => None,
    }
}
