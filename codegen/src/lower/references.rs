//! Names that point elsewhere must point at something: tokens, pages, polls.

use std::collections::BTreeMap;

use super::waits;
use crate::diagnostic::{Diagnostics, Location};
use crate::model::{Shape, Type};
use crate::read::Spanned;
use crate::spec::{ActionSpec, ErrorSpec, RowSpec, TypeName};

/// What the actions of one service know of each other.
pub(super) struct Neighbours<'a> {
    pub actions: BTreeMap<&'a str, &'a ActionSpec>,
}

/// Checks one action.
pub(super) fn check(
    action: &ActionSpec,
    response: &Shape,
    neighbours: &Neighbours<'_>,
    diagnostics: &Diagnostics,
) {
    let checker = References { action, response, diagnostics };
    checker.token();
    checker.dry_run();
    checker.serialize_by();
    checker.pages();
    checker.wait(neighbours);
    checker.errors(&action.errors);
    checker.errors(&action.observed);
    checker.observed_once();
}

struct References<'a> {
    action: &'a ActionSpec,
    response: &'a Shape,
    diagnostics: &'a Diagnostics,
}

impl References<'_> {
    fn token(&self) {
        let Some(token) = &self.action.idempotency else { return };
        if let Some(row) = self.request_row(token, "idempotency")
            && row.ty.value != TypeName::String
        {
            let message = format!("the token `{}` is not a string", token.value);
            self.diagnostics.error("bad-token", token.location, message, "Name a row of `type: string`.");
        }
    }

    fn dry_run(&self) {
        let Some(dry_run) = &self.action.dry_run else { return };
        if let Some(row) = self.request_row(&dry_run.parameter, "dry_run")
            && row.ty.value != TypeName::Boolean
        {
            let message = format!("`{}` is not a boolean", dry_run.parameter.value);
            let help = "Name a row of `type: boolean`.";
            self.diagnostics.error("bad-dry-run", dry_run.parameter.location, message, help);
        }
    }

    fn serialize_by(&self) {
        for name in &self.action.serialize_by {
            self.request_row(name, "serialize_by");
        }
    }

    fn pages(&self) {
        let Some(pages) = &self.action.pagination else { return };
        self.request_row(&pages.position, "pagination");
        if let Some(size) = &pages.size {
            self.request_row(size, "pagination");
        }
        self.response_path(&pages.end, "pagination");
        self.response_path(&pages.items, "pagination");
    }

    fn wait(&self, neighbours: &Neighbours<'_>) {
        let Some(wait) = &self.action.wait else { return };
        let is_source = |source: &str| match source.split_once('.') {
            Some(("request", name)) => has_row(&self.action.request, name),
            Some(("response", path)) => has_path(self.response, path),
            Some(("literal", text)) => !text.is_empty(),
            _ => false,
        };
        let help = "Write `request.<row>`, `response.<path>` or `literal.<text>`.";
        waits::check(wait, &is_source, help, neighbours, self.diagnostics);
    }

    fn errors(&self, errors: &[ErrorSpec]) {
        for (index, error) in errors.iter().enumerate() {
            let same =
                |other: &&ErrorSpec| other.code.value == error.code.value && other.status == error.status;
            if let Some(first) = errors[..index].iter().find(same) {
                self.repeated_code(error, first.code.location);
            }
        }
    }

    fn observed_once(&self) {
        for error in &self.action.observed {
            if let Some(first) = self.action.errors.iter().find(|first| first.code.value == error.code.value)
            {
                self.repeated_code(error, first.code.location);
            }
        }
    }

    fn repeated_code(&self, error: &ErrorSpec, first: Location) {
        self.diagnostics.error_with(
            "repeated-code",
            error.code.location,
            format!("the code `{}` has two entries", error.code.value),
            "Make one entry of them, with `rows` for the number of printed rows.",
            Some((first, "the first one".to_owned())),
        );
    }

    fn request_row(&self, name: &Spanned<String>, key: &str) -> Option<&RowSpec> {
        let row = self.action.request.iter().find(|row| row.path.value == name.value);
        if row.is_none() {
            self.dangling(name, key, "Name a row of the request.");
        }
        row
    }

    fn response_path(&self, path: &Spanned<String>, key: &str) {
        if !has_path(self.response, path) {
            self.dangling(path, key, "Name a path of the response.");
        }
    }

    fn dangling(&self, name: &Spanned<String>, key: &str, help: &str) {
        dangling(name, key, help, self.diagnostics);
    }
}

/// Reports a name that points at nothing.
pub(super) fn dangling(name: &Spanned<String>, key: &str, help: &str, diagnostics: &Diagnostics) {
    let message = format!("`{key}` names `{}`, which is not there", name.value);
    diagnostics.error("dangling-name", name.location, message, help);
}

pub(super) fn has_row(rows: &[RowSpec], name: &str) -> bool {
    rows.iter().any(|row| row.path.value == name)
}

/// Whether a response has a path such as `Vpcs.Vpc[].Status`, wrappers included.
fn has_path(shape: &Shape, path: &str) -> bool {
    let names: Vec<&str> = path.split('.').map(|name| name.trim_end_matches("[]")).collect();
    has_names(shape, &names)
}

fn has_names(shape: &Shape, names: &[&str]) -> bool {
    let Some((first, rest)) = names.split_first() else { return true };
    let Some(field) = shape.fields.iter().find(|field| field.name == *first) else { return false };
    let rest = match (&field.wrapped, rest.split_first()) {
        (Some(wrapped), Some((second, rest))) if wrapped == second => rest,
        _ => rest,
    };
    let mut ty = &field.ty;
    while let Type::List(entry) = ty {
        ty = entry;
    }
    match ty {
        Type::Struct(inner) | Type::Json(inner) => has_names(&inner.shape, rest),
        _ => rest.is_empty(),
    }
}
