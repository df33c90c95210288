//! How the specs of a service differ from what is published of it.

mod form;
mod limits;
mod tree;

use std::collections::BTreeSet;

use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::facts::Status;
use cloudnet_codegen::model::{Action as OurAction, Service};
use cloudnet_codegen::path::{Path, Table};
use cloudnet_codegen::spec::RowSpec;

use self::tree::{Node, Theirs, Tree};
use super::published::{Action, Method, Place, Published, Row, Style};

/// What is in every request or answer, and no row of an action's own.
const COMMON: [&str; 11] = [
    "AccessKeyId",
    "Action",
    "Format",
    "RequestId",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// A difference.
#[derive(Clone, Debug)]
pub struct Difference {
    /// One that `cargo xtask explain` knows.
    pub kind: &'static str,
    /// Wire name of the action.
    pub action: String,
    /// Table of the row, if it is about one.
    pub table: Option<Table>,
    /// A row as its spec spells it, an action or a code: what an acknowledgement names.
    pub about: String,
    /// What the spec says; empty for what it lacks.
    pub here: String,
    /// What is published; empty for what is not.
    pub there: String,
    /// Where the spec says it.
    pub location: Option<Location>,
    /// Why it is to stay so.
    pub acknowledged: Option<String>,
}

/// Everything that differs, action by action.
#[must_use]
pub fn compare(service: &Service, published: &Published) -> Vec<Difference> {
    let mut differences = Vec::new();
    let ours: BTreeSet<&str> = service.actions.iter().map(|action| action.spec.name.as_str()).collect();
    for (name, action) in published.actions.iter().filter(|(name, _)| !ours.contains(name.as_str())) {
        let mut found = Found { service, action: name, table: None, differences: &mut differences };
        let deprecated = if action.deprecated == Some(true) { ", deprecated" } else { "" };
        let there =
            format!("{} parameters{deprecated}", action.request.iter().filter(|row| !row.container).count());
        found.add("new-action", name, None, String::new(), there);
    }
    for action in &service.actions {
        let name = action.spec.name.as_str();
        let mut found = Found { service, action: name, table: None, differences: &mut differences };
        match published.actions.get(name) {
            Some(there) => found.action(action, there),
            None if action.spec.status == Status::Retired => {}
            None => {
                let location = Some(action.spec.name.location);
                found.add(
                    "action-withdrawn",
                    name,
                    location,
                    action.spec.status.word().to_owned(),
                    String::new(),
                );
            }
        }
    }
    differences
}

/// What is found about an action.
struct Found<'a> {
    service: &'a Service,
    action: &'a str,
    table: Option<Table>,
    differences: &'a mut Vec<Difference>,
}

impl Found<'_> {
    fn add(
        &mut self,
        kind: &'static str,
        about: &str,
        location: Option<Location>,
        here: String,
        there: String,
    ) {
        self.differences.push(Difference {
            kind,
            action: self.action.to_owned(),
            table: self.table,
            about: about.to_owned(),
            here,
            there,
            location,
            acknowledged: None,
        });
    }

    fn action(&mut self, ours: &OurAction, there: &Action) {
        let spec = &ours.spec;
        let location = Some(spec.name.location);
        let method = |is_get| if is_get { "GET" } else { "POST" }.to_owned();
        if spec.get != (there.method == Method::Get) {
            self.add("method", &spec.name, location, method(spec.get), method(!spec.get));
        }
        self.status(spec.status, there.deprecated, &spec.name, location);
        self.errors(ours, there);
        self.table = Some(Table::Request);
        self.rows(&spec.request, &there.request);
        self.table = Some(Table::Response);
        self.rows(&spec.response, &there.response);
        self.table = None;
    }

    /// What is published cannot be retired.
    fn status(&mut self, here: Status, there: Option<bool>, about: &str, location: Option<Location>) {
        let is_so = match here {
            Status::Active => there != Some(true),
            Status::Deprecated => there != Some(false),
            Status::Retired => false,
        };
        if !is_so {
            let there = if there == Some(true) { "deprecated" } else { "published" };
            self.add("status", about, location, here.word().to_owned(), there.to_owned());
        }
    }

    fn errors(&mut self, ours: &OurAction, there: &Action) {
        let Some(codes) = &there.errors else { return };
        let spec = &ours.spec;
        let known: Vec<&str> = spec
            .errors
            .iter()
            .chain(&spec.observed)
            .chain(&self.service.errors)
            .map(|one| one.code.as_str())
            .collect();
        for code in codes.iter().filter(|code| !known.contains(&code.as_str())) {
            self.add("new-error", code, None, String::new(), code.clone());
        }
        for error in spec.errors.iter().filter(|error| !codes.contains(&error.code)) {
            self.add(
                "error-gone",
                &error.code,
                Some(error.code.location),
                error.code.value.clone(),
                String::new(),
            );
        }
    }

    fn rows(&mut self, here: &[RowSpec], there: &[Row]) {
        let request = self.table == Some(Table::Request);
        let ours = Tree::of_spec(here);
        let theirs = ours.published(there, if request { Path::request } else { Path::response });
        for (key, there) in theirs.iter().filter(|(key, _)| !COMMON.contains(&key.as_str())) {
            match (ours.get(key), there.entry) {
                (Some(node), _) => self.node(node, there),
                (None, Some(row)) => self.add("new-row", &row.path, None, String::new(), described(row)),
                (None, None) => {}
            }
        }
        let is_above =
            |above: &str, key: &str| key.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'));
        // A text may hold all the rows below it.
        let texts: Vec<&str> =
            theirs.iter().filter(|(_, one)| one.container.is_none()).map(|(key, _)| key.as_str()).collect();
        for (key, node) in ours.leaves() {
            let is_there = theirs.contains_key(key)
                || COMMON.contains(&key)
                || texts.iter().any(|above| is_above(above, key));
            if let Some(row) = node.row().filter(|row| !is_there && row.status != Status::Retired) {
                let here = format!("{}{}", row.ty.word(), if row.is_required() { ", required" } else { "" });
                self.add("row-gone", &row.path, Some(row.path.location), here, String::new());
            }
        }
    }

    fn node(&mut self, node: &Node<'_>, there: &Theirs<'_>) {
        let Some(published) = there.row() else { return };
        let own = node.row();
        let about = own.map_or(published.path.as_str(), |row| &**row.path);
        let location = own.map(|row| row.path.location);
        if let Some((kind, here, there)) = node.form().against(there.form()) {
            self.add(kind, about, location, here, there);
        }
        let of_whole = node.container.zip(there.container.or(there.entry));
        let of_entry = node.entry.zip(there.entry.or(there.container));
        for (row, there) in of_whole.into_iter().chain(of_entry) {
            if self.table == Some(Table::Request) {
                self.travels(row, there);
            }
            self.status(row.status, there.deprecated, &row.path, Some(row.path.location));
        }
        self.limits(node, there);
    }

    fn limits(&mut self, node: &Node<'_>, there: &Theirs<'_>) {
        let rows: Vec<&RowSpec> = node.container.into_iter().chain(node.entry).collect();
        let Some(first) = node.row() else { return };
        let limits = [there.container, there.entry].into_iter().flatten().map(|row| &row.limits);
        let mut found: Vec<_> =
            limits.flat_map(|limits| limits::differing(self.table, &rows, limits)).collect();
        found.dedup();
        for limits::Differing { kind, here, there } in found {
            self.add(kind, &first.path, Some(first.path.location), here, there);
        }
    }

    fn travels(&mut self, row: &RowSpec, there: &Row) {
        let (about, location) = (&**row.path, Some(row.path.location));
        let word = |required| if required { "required" } else { "optional" }.to_owned();
        if let Some(required) = there.required.filter(|required| *required != row.is_required()) {
            self.add("required", about, location, word(!required), word(required));
        }
        let place = if row.form { Place::Form } else { Place::Query };
        if place != there.place {
            self.add("place", about, location, place.word().to_owned(), there.place.word().to_owned());
        }
    }
}

/// What is new, in a few words.
fn described(row: &Row) -> String {
    let mut words = vec![row.ty.word()];
    words.extend((row.required == Some(true)).then_some("required"));
    words.extend((row.place == Place::Form).then_some("in the form"));
    words.extend((row.style != Style::Flat).then_some(row.style.word()));
    words.extend((row.deprecated == Some(true)).then_some("deprecated"));
    words.join(", ")
}
