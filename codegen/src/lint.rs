//! What is suspicious over the whole spec: each finding is a slip to fix, or a fact to acknowledge
//! in the YAML with a reason.

mod classes;
mod examples;
mod gone;
mod kept;
mod printed;
mod sections;
mod tokens;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::facts::{Documented, ErrorCode};
use crate::limit::{Limits, ValueSpec};
use crate::model::{Action, Model, Service};
use crate::path::INDEXES;
use crate::spec::{Acknowledged, AcknowledgedSpec, FinderSpec, RowSpec, TypeName};
use crate::suggest::distance;

pub use classes::classes_meant;

/// What names of passwords, keys and tokens hold, in lower case and without separators.
const SECRET_WORDS: [&str; 11] = [
    "psk",
    "presharedkey",
    "password",
    "passwd",
    "secret",
    "authkey",
    "privatekey",
    "accesskey",
    "credential",
    "signature",
    "token",
];

/// Whoever has such an address needs no other proof.
const SIGNED_ADDRESS: &str = "Signature=";

/// Reports every finding that is not acknowledged, and every acknowledgement that finds nothing.
pub(crate) fn lint(model: &Model, diagnostics: &Diagnostics) {
    for service in &model.services {
        let mut findings = Findings { service, found: Vec::new() };
        findings.parameters();
        findings.similar_codes();
        findings.codes_without_parameter();
        findings.states();
        findings.gone_by_another();
        findings.refused_prints();
        for action in &service.actions {
            findings.examples(action);
            findings.examples_without_row(action);
            findings.repeated_rows(action);
            findings.tokens(action);
        }
        findings.sections();
        findings.classes_against_codes();
        findings.unmarked_secrets();
        findings.repeated_actions();
        findings.report(diagnostics);
        kept::check(service, diagnostics);
    }
}

struct Findings<'m> {
    service: &'m Service,
    found: Vec<Finding<'m>>,
}

struct Finding<'m> {
    lint: &'static str,
    /// What an acknowledgement names: a parameter, a code, a state.
    about: String,
    /// Whose acknowledgements count, besides those of the service.
    action: Option<&'m Action>,
    location: Location,
    message: String,
    /// What stands at this place and at others that belong to it.
    beside: Vec<(Location, String)>,
}

impl<'m> Findings<'m> {
    /// Parameters of one name with differing types or limits.
    fn parameters(&mut self) {
        let mut by_name: BTreeMap<&str, Vec<&RowSpec>> = BTreeMap::new();
        let rows = self.service.actions.iter().flat_map(|action| &action.spec.request);
        // What is published is held to its package, and may well differ from a document.
        for row in rows.filter(|row| row.documented != Documented::Published) {
            by_name.entry(&row.path).or_default().push(row);
        }
        for (name, rows) in by_name {
            let Some(first) = rows.first() else { continue };
            let differs = |row: &&&RowSpec| kind(row.ty.value) != kind(first.ty.value);
            if let Some(row) = rows.iter().find(differs) {
                let message = format!("`{name}` has another type in another action");
                self.add("type-differs", name, None, row.ty.location, message);
                self.beside(vec![(first.ty.location, format!("`{}` here", first.ty.word()))]);
            }
            let mut stated: BTreeMap<String, Location> = BTreeMap::new();
            for row in &rows {
                stated.entry(row.limits.said().collect::<Vec<_>>().join("; ")).or_insert(row.path.location);
            }
            stated.remove("");
            let mut stated: Vec<(Location, String)> =
                stated.into_iter().map(|(limits, place)| (place, limits)).collect();
            stated.sort();
            if let [(first, _), _, ..] = stated.as_slice() {
                let message = format!("`{name}` has {} different documented limits", stated.len());
                self.add("limit-differs", name, None, *first, message);
                self.beside(stated);
            }
        }
    }

    /// Codes that differ in case or in one letter.
    fn similar_codes(&mut self) {
        let mut codes: BTreeMap<&str, Location> = BTreeMap::new();
        for error in self.service.actions.iter().flat_map(all_errors).chain(&self.service.spec.errors) {
            codes.entry(error.code.as_str()).or_insert(error.code.location);
        }
        let mut seen: HashMap<String, Vec<&str>> = HashMap::new();
        for (code, location) in codes {
            let mut similar: BTreeSet<&str> = BTreeSet::new();
            for blurred in blurs(code) {
                let others = seen.entry(blurred).or_default();
                similar.extend(others.iter().filter(|other| **other != code && is_similar(code, other)));
                others.push(code);
            }
            for other in similar {
                let message = format!("the codes `{other}` and `{code}` are almost the same");
                self.add("similar-code", &format!("{other} ~ {code}"), None, location, message);
            }
        }
    }

    /// `InvalidVpcName.Malformed` in an action that has no `VpcName`.
    fn codes_without_parameter(&mut self) {
        let actions = &self.service.actions;
        let rows = actions.iter().flat_map(|action| &action.spec.request);
        let known: HashSet<&str> = rows.map(|row| &**row.path).collect();
        for (action, error) in
            actions.iter().flat_map(|one| one.spec.errors.iter().map(move |error| (one, error)))
        {
            let Some(name) = error.code.strip_prefix("Invalid") else { continue };
            let name = name.split('.').next().unwrap_or_default();
            // `InvalidStatus` is about the state of the resource.
            let is_parameter = known.contains(name) && name != "Status";
            let mut own = action.spec.request.iter();
            if is_parameter && !own.any(|row| row.path.eq_ignore_ascii_case(name)) {
                let message = format!("`{}` is about `{name}`, which this action lacks", *error.code);
                self.add("code-without-parameter", &error.code, Some(action), error.code.location, message);
            }
        }
    }

    /// Printed examples of answers outside the printed values.
    fn examples(&mut self, action: &'m Action) {
        for row in &action.spec.response {
            let lists: Vec<&[ValueSpec]> = row.stated().filter_map(Limits::values).collect();
            let Some(example) = row.example.as_ref().filter(|_| !lists.is_empty()) else { continue };
            if !lists.iter().any(|values| values.iter().any(|value| value.value.value == *example)) {
                let message = format!("the example `{example}` of `{}` is none of its values", &**row.path);
                self.add("example-outside-values", &row.path, Some(action), row.path.location, message);
            }
        }
    }

    /// Two rows of a table described alike, or two values of a row.
    fn repeated_rows(&mut self, action: &'m Action) {
        let mut seen: HashMap<(&str, &str), &RowSpec> = HashMap::new();
        for row in action.spec.request.iter().filter(|row| row.documented != Documented::No) {
            self.repeated_row(action, row, seen.insert(("", &row.summary), row));
        }
        // Several lists of an answer may have the same fields.
        for row in &action.spec.response {
            let above = row.path.rsplit_once('.').map_or(".", |(above, _)| above);
            self.repeated_row(action, row, seen.insert((above, &row.summary), row));
        }
        for row in action.spec.request.iter().chain(&action.spec.response) {
            let mut seen: HashMap<&str, &ValueSpec> = HashMap::new();
            for value in row.limits.values().unwrap_or_default() {
                let Some(summary) = &value.summary else { continue };
                if let Some(first) = seen.insert(summary, value) {
                    let message =
                        format!("the values `{}` and `{}` have the same summary", *first.value, *value.value);
                    self.add("repeated-summary", &row.path, Some(action), value.value.location, message);
                }
            }
        }
    }

    fn repeated_row(&mut self, action: &'m Action, row: &RowSpec, first: Option<&RowSpec>) {
        if let Some(first) = first {
            let message = format!("`{}` and `{}` have the same summary", &**first.path, &**row.path);
            self.add("repeated-summary", &row.path, Some(action), row.path.location, message);
        }
    }

    fn repeated_actions(&mut self) {
        let mut seen: HashMap<&str, &Action> = HashMap::new();
        for action in &self.service.actions {
            let summary = &action.spec.summary;
            if let Some(first) = seen.insert(summary.as_str(), action) {
                let message =
                    format!("`{}` and `{}` have the same summary", *first.spec.name, *action.spec.name);
                self.add("repeated-summary", &action.spec.name, Some(action), summary.location, message);
            }
        }
    }

    /// States of a resource that the rows of its finders do not list.
    fn states(&mut self) {
        let polls = self.service.actions.iter().map(|action| (action.spec.name.as_str(), action));
        let polls: HashMap<&str, &Action> = polls.collect();
        for resource in &self.service.spec.resources {
            let documented: Vec<&str> = resource
                .finders()
                .filter_map(|finder| listed_states(polls.get(finder.action.as_str())?, finder))
                .flatten()
                .collect();
            if documented.is_empty() {
                continue;
            }
            for state in resource.states.all().filter(|state| !documented.contains(&state.as_str())) {
                let message = format!(
                    "the state `{}` is not among the documented ones of `{}`",
                    **state, *resource.name
                );
                self.add("undocumented-state", state, None, state.location, message);
            }
        }
    }

    /// Rows that look like a secret and are not marked as one.
    fn unmarked_secrets(&mut self) {
        let specs = self.service.actions.iter().map(|action| &action.spec);
        let of_calls = specs.clone().filter_map(|spec| spec.idempotency.as_ref()).map(|token| token.as_str());
        let pages = specs.filter_map(|spec| spec.pagination.as_ref()).filter(|pages| pages.by_token);
        let of_pages = pages.flat_map(|pages| [pages.position.as_str(), &**pages.end]);
        // They name a call and a page, and prove nothing.
        let harmless: HashSet<&str> = of_calls.chain(of_pages).collect();
        for action in &self.service.actions {
            for row in action.spec.request.iter().chain(&action.spec.response) {
                if !harmless.contains(&**row.path) && looks_secret(row) {
                    let message = format!("`{}` looks like a secret, and is not `sensitive`", &**row.path);
                    self.add("unmarked-secret", &row.path, Some(action), row.path.location, message);
                }
            }
        }
    }

    fn add(
        &mut self,
        lint: &'static str,
        about: &str,
        action: Option<&'m Action>,
        location: Location,
        message: String,
    ) {
        self.found.push(Finding {
            lint,
            about: about.to_owned(),
            action,
            location,
            message,
            beside: Vec::new(),
        });
    }

    /// Says of the last finding what stands where.
    fn beside(&mut self, places: Vec<(Location, String)>) {
        if let Some(last) = self.found.last_mut() {
            last.beside = places;
        }
    }

    fn report(self, diagnostics: &Diagnostics) {
        let of_service = &self.service.spec.acknowledged;
        for finding in &self.found {
            let of_action = finding.action.map_or(&[][..], |action| &action.spec.acknowledged);
            if !of_service.iter().chain(of_action).any(|one| one.covers(finding)) {
                let place = if finding.action.is_some() { "" } else { " in `_service.yaml`" };
                let help = format!(
                    "Fix it, or acknowledge it{place}: `acknowledged: [{{ lint: {}, about: \"{}\", reason: … }}]`.",
                    finding.lint, finding.about
                );
                let problem = Diagnostic::warning(finding.lint, finding.location, &*finding.message);
                let beside = finding.beside.iter().cloned();
                diagnostics.push(
                    beside.fold(problem.help(help), |problem, (place, said)| problem.also(place, said)),
                );
            }
        }
        let found = self.found.iter().map(|finding| (finding.lint, finding.about.as_str()));
        let found: HashSet<(&str, &str)> = found.collect();
        let of_actions = self.service.actions.iter().flat_map(|action| &action.spec.acknowledged);
        for one in of_service.iter().chain(of_actions) {
            // What is published is compared by `cargo xtask follow`, which has the files.
            let Acknowledged::Lint(lint) = one.finding else { continue };
            for about in one.about.iter().filter(|about| !found.contains(&(lint, about.as_str()))) {
                let message = format!("nothing is found about `{}` any more", **about);
                let problem = Diagnostic::warning("stale-acknowledgement", about.location, message);
                diagnostics.push(problem.help("Remove the acknowledgement."));
            }
        }
    }
}

impl AcknowledgedSpec {
    fn covers(&self, finding: &Finding<'_>) -> bool {
        self.finding == Acknowledged::Lint(finding.lint)
            && self.about.iter().any(|about| **about == finding.about)
    }
}

fn looks_secret(row: &RowSpec) -> bool {
    let opens = row.example.as_ref().is_some_and(|example| example.contains(SIGNED_ADDRESS));
    row.ty.value == TypeName::String && !row.sensitive && (is_named_like_a_secret(&row.path) || opens)
}

/// Whether the last name of a path is one of passwords, keys and tokens.
pub fn is_named_like_a_secret(path: &str) -> bool {
    let name = path.split('.').rfind(|name| !INDEXES.contains(name)).unwrap_or_default();
    let name = name.to_ascii_lowercase().replace(['_', '-', '['], "");
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// Types that are one on the wire count as one.
fn kind(ty: TypeName) -> TypeName {
    match ty {
        TypeName::Long => TypeName::Integer,
        other => other,
    }
}

/// The values that the document lists for the state that a finder tells.
fn listed_states<'m>(action: &'m Action, finder: &FinderSpec) -> Option<impl Iterator<Item = &'m str>> {
    let state = finder.state.as_ref()?;
    let path = finder.path(state);
    let row = action.spec.response.iter().find(|row| **row.path == path)?;
    let values = row.limits.values()?;
    Some(values.iter().map(|value| value.value.value.as_str()))
}

fn all_errors(action: &Action) -> impl Iterator<Item = &ErrorCode> {
    action.spec.errors.iter().chain(&action.spec.observed)
}

/// The code in lower case, whole and without each of its letters: similar codes share one of these.
fn blurs(code: &str) -> Vec<String> {
    let code = code.to_ascii_lowercase();
    let without = |(at, letter): (usize, char)| [&code[..at], &code[at + letter.len_utf8()..]].concat();
    let mut blurs: Vec<String> = code.char_indices().map(without).collect();
    blurs.push(code);
    blurs
}

fn is_similar(one: &str, other: &str) -> bool {
    const LONG_ENOUGH: usize = 10;
    one.eq_ignore_ascii_case(other)
        || (one.len() >= LONG_ENOUGH && one.len().abs_diff(other.len()) <= 1 && distance(one, other) <= 1)
}
