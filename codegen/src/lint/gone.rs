//! Codes that would make a mistyped parent read as "already gone".

use std::collections::{BTreeSet, HashMap};

use super::{Findings, all_errors};
use crate::facts::{Effect, ErrorCode};
use crate::model::{Action, Service};

/// Verbs of what makes something, or binds two resources or takes them apart: none of what such a
/// call names is what could be away.
const OF_OTHERS: [&str; 8] =
    ["Add", "Allocate", "Associate", "Create", "Grant", "Remove", "Revoke", "Unassociate"];

/// What codes call any resource, such as the one that the action is about.
const ANYTHING: [&str; 2] = ["instance", "resource"];

/// Ends of action names that are no part of what the action is about.
const ENDINGS: [&str; 4] = ["attributes", "attribute", "list", "s"];

impl<'m> Findings<'m> {
    /// Codes that count as gone, although they name another resource than the one that a write
    /// changes or a poll looks for.
    pub(super) fn gone_by_another(&mut self) {
        let service = self.service;
        let (resources, found) = (resources(service), found_by(service));
        for action in &service.actions {
            let Some(own) = own_nouns(action, found.get(action.spec.name.as_str())) else { continue };
            for error in all_errors(action).filter(|error| counts_as_gone(error)) {
                let noun = noun_of_code(&error.code);
                let is_generic = ANYTHING.contains(&noun.as_str()) && !has_id_row(action, &noun);
                if resources.contains(&noun) && !is_generic && !own.iter().any(|own| own.ends_with(&noun)) {
                    let message = format!(
                        "`{}` counts as gone and names another resource than `{}` is about; `gone: false` says so",
                        *error.code, *action.spec.name
                    );
                    self.add("gone-by-another", &error.code, Some(action), error.code.location, message);
                }
            }
        }
    }
}

fn counts_as_gone(error: &ErrorCode) -> bool {
    error.gone.unwrap_or(error.class == "NotFound")
}

/// Everything that has an ID in the service.
fn resources(service: &Service) -> BTreeSet<String> {
    let rows = service.actions.iter().flat_map(|action| &action.spec.request);
    rows.filter_map(|row| noun_of_row(&row.path)).collect()
}

/// What the rows of each finder are about.
fn found_by(service: &Service) -> HashMap<&str, BTreeSet<String>> {
    let mut found: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for resource in &service.spec.resources {
        for finder in resource.finders() {
            let names = finder.row.iter().flat_map(|(field, key)| [field, key]).chain(resource.all_keys());
            let own = names.filter(|name| resource.is_own_key(name)).filter_map(|name| noun_of_row(name));
            found.entry(finder.action.as_str()).or_default().extend(own);
        }
    }
    found
}

/// What can be away for this action; none of a read that nothing polls, where it means nothing.
fn own_nouns(action: &Action, found: Option<&BTreeSet<String>>) -> Option<BTreeSet<String>> {
    let spec = &action.spec;
    let (verb, subject) = split_name(&spec.name);
    if OF_OTHERS.contains(&verb) {
        return Some(BTreeSet::new());
    }
    let mut own = BTreeSet::from([subject.clone()]);
    own.extend(ENDINGS.iter().filter_map(|ending| subject.strip_suffix(ending)).map(str::to_owned));
    if spec.effect == Effect::Read {
        own.extend(found?.iter().cloned());
    } else if !own.iter().any(|noun| has_id_row(action, noun)) {
        let mut ids = spec.request.iter().filter(|row| row.required).filter_map(|row| noun_of_row(&row.path));
        own.extend(ids.find(|noun| noun != "region"));
    }
    Some(own)
}

fn has_id_row(action: &Action, noun: &str) -> bool {
    action.spec.request.iter().any(|row| noun_of_row(&row.path).is_some_and(|known| known == noun))
}

/// `DeleteRouteEntry` is `Delete` and `routeentry`.
fn split_name(name: &str) -> (&str, String) {
    let end = name.char_indices().skip(1).find(|(_, letter)| letter.is_ascii_uppercase());
    let (verb, subject) = name.split_at(end.map_or(name.len(), |(at, _)| at));
    (verb, subject.to_ascii_lowercase())
}

/// `RouteTables.RouteTable[].RouteTableId` is about `routetable`.
fn noun_of_row(path: &str) -> Option<String> {
    let mut names = path.split('.').map(|name| name.trim_end_matches("[]"));
    let name = names.rfind(|name| !matches!(*name, "N" | "M"))?.to_ascii_lowercase();
    name.strip_suffix("id").filter(|noun| !noun.is_empty()).map(str::to_owned)
}

/// `InvalidRouteTableId.NotFound` and `Forbidden.RouteTableNotFound` are about `routetable`.
fn noun_of_code(code: &str) -> String {
    let code = code.to_ascii_lowercase();
    let code = code.strip_prefix("forbidden.").unwrap_or(&code);
    let named = code.strip_prefix("invalid").unwrap_or(code).split('.').next().unwrap_or_default();
    let named = named.strip_suffix("notfound").unwrap_or(named);
    named.strip_suffix("id").unwrap_or(named).to_owned()
}
