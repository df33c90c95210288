//! Where names are looked up, and what is said of a name that is not there.

use std::collections::BTreeMap;
use std::ops::Deref;

use crate::diagnostic::Diagnostics;
use crate::read::Spanned;
use crate::spec::{ActionSpec, RowSpec};
use crate::suggest::{did_you_mean, nearest};

/// The actions of a service, by name.
pub(super) type Neighbours<'a> = BTreeMap<&'a str, &'a ActionSpec>;

/// Whether a table has a row of this path.
pub(super) fn has_row(rows: &[RowSpec], name: &str) -> bool {
    rows.iter().any(|row| **row.path == *name)
}

/// The printed fields of a row; without rows, those of the response.
pub(super) fn fields_of<'a>(action: &'a ActionSpec, rows: &'a str) -> impl Iterator<Item = &'a str> {
    let paths = action.response.iter().map(|row| &**row.path);
    paths.filter_map(move |path| match rows {
        "" => Some(path),
        rows => path.strip_prefix(rows)?.strip_prefix('.'),
    })
}

/// Whether a response has a path, or what stands below it.
pub(super) fn has_response(action: &ActionSpec, path: &str) -> bool {
    action.response.iter().any(|row| row.path.is_at_or_below(path))
}

/// Reports a name that points at nothing.
pub(super) fn dangling<T: Deref<Target = str>>(
    name: &Spanned<T>,
    key: &str,
    help: &str,
    diagnostics: &Diagnostics,
) {
    let message = format!("`{key}` names `{}`, which is not there", &*name.value);
    diagnostics.error("dangling-name", name.location, message, help);
}

/// Reports a name that is none of those known.
pub(super) fn check_known<'a>(
    name: &Spanned<String>,
    key: &str,
    known: impl IntoIterator<Item = &'a str>,
    help: &str,
    diagnostics: &Diagnostics,
) {
    let known: Vec<&str> = known.into_iter().collect();
    // A name that is missing is reported where it is read.
    if !name.is_empty() && !known.contains(&name.as_str()) {
        misspelt(name, key, known, help, diagnostics);
    }
}

/// As [`dangling`], but of what is there the nearest name is the help, if one is near.
pub(super) fn misspelt<'a>(
    name: &Spanned<String>,
    key: &str,
    known: impl IntoIterator<Item = &'a str>,
    help: &str,
    diagnostics: &Diagnostics,
) {
    let known: Vec<&str> = known.into_iter().collect();
    let near = nearest(name, &known).map(did_you_mean);
    dangling(name, key, near.as_deref().unwrap_or(help), diagnostics);
}
