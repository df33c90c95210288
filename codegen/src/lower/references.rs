//! Names that point elsewhere must point at something: tokens, pages, polls.

use std::collections::HashMap;
use std::ops::Deref;

use super::lookup::{Neighbours, misspelt, paths_of};
use crate::diagnostic::{Diagnostics, Location};
use crate::facts::ErrorCode;
use crate::model::Shape;
use crate::path::Path;
use crate::read::Spanned;
use crate::spec::{ActionSpec, RowSpec, ServiceSpec, TypeName};

/// Checks one action.
pub(super) fn check(
    service: &ServiceSpec,
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
    checker.successor(service, neighbours);
    codes_once(&action.errors, diagnostics);
    codes_once(&action.observed, diagnostics);
    checker.observed_once();
}

type Accepts = fn(TypeName) -> bool;

fn is_text(ty: TypeName) -> bool {
    ty == TypeName::String
}

fn is_whole(ty: TypeName) -> bool {
    matches!(ty, TypeName::Integer | TypeName::Long)
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
        let turns: Accepts = if pages.by_token { is_text } else { is_whole };
        let row = self.request_row(&pages.position, "pagination");
        self.page_type(&pages.position, row, turns);
        if let Some(size) = &pages.size {
            let row = self.request_row(size, "pagination");
            self.page_type(size, row, is_whole);
        }
        self.response_path(&pages.end, "pagination");
        let row = self.action.response.iter().find(|row| **row.path == **pages.end);
        self.page_type(&pages.end, row, turns);
        self.page_items(&pages.items);
    }

    fn page_type<T: Deref<Target = str>>(&self, name: &Spanned<T>, row: Option<&RowSpec>, accepts: Accepts) {
        if row.is_some_and(|row| !accepts(row.ty.value)) {
            let message = format!("`{}` has a type that pages cannot be turned with", &*name.value);
            let help = "Numbers, sizes and totals are integers, tokens are strings.";
            self.diagnostics.error("bad-pagination", name.location, message, help);
        }
    }

    fn page_items(&self, items: &Spanned<Path>) {
        self.response_path(items, "pagination");
        let is_written_so = |row: &RowSpec| row.path.is_at_or_below(items);
        let is_list = items.ends_with("[]") && self.action.response.iter().any(is_written_so);
        if self.response.has(items.segments()) && !is_list {
            let message = format!("`{}` is not the list of a page", &*items.value);
            let help = "Write the path as the rows below it begin: `Vpcs.Vpc[]`.";
            self.diagnostics.error("bad-pagination", items.location, message, help);
        }
    }

    fn successor(&self, service: &ServiceSpec, neighbours: &Neighbours<'_>) {
        let Some(successor) = &self.action.replaced_by else { return };
        let without_section = service.without_section.iter().map(|action| action.name.as_str());
        let known = neighbours.keys().copied().chain(without_section);
        let known: Vec<&str> = known.filter(|other| *other != self.action.name.value).collect();
        if !known.contains(&successor.as_str()) {
            let help = "Name another action of this service, or list it in `without_section`.";
            misspelt(successor, "replaced_by", known, help, self.diagnostics);
        }
    }

    fn observed_once(&self) {
        for error in &self.action.observed {
            if let Some(first) = self.action.errors.iter().find(|first| first.code.value == error.code.value)
            {
                repeated_code(error, first.code.location, self.diagnostics);
            }
        }
    }

    fn request_row(&self, name: &Spanned<String>, key: &str) -> Option<&RowSpec> {
        let row = self.action.request.iter().find(|row| **row.path == **name);
        if row.is_none() {
            let known = self.action.request.iter().map(|row| &**row.path);
            misspelt(name, key, known, "Name a row of the request.", self.diagnostics);
        }
        row
    }

    fn response_path(&self, path: &Spanned<Path>, key: &str) {
        if !self.response.has(path.segments()) {
            misspelt(path, key, paths_of(self.action), "Name a path of the response.", self.diagnostics);
        }
    }
}

/// Every code once for each status.
pub(super) fn codes_once(errors: &[ErrorCode], diagnostics: &Diagnostics) {
    let mut seen: HashMap<(&str, u16), Location> = HashMap::new();
    for error in errors {
        if let Some(first) = seen.insert((&error.code.value, error.status), error.code.location) {
            repeated_code(error, first, diagnostics);
        }
    }
}

fn repeated_code(error: &ErrorCode, first: Location, diagnostics: &Diagnostics) {
    let message = format!("the code `{}` has two entries", error.code.value);
    let help = "Make one entry of them, with `rows` for the number of printed rows.";
    diagnostics.error_beside("repeated-code", error.code.location, (first, "the first one"), message, help);
}
