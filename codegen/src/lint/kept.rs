//! What nothing is said of: writes that do nothing, reads of nothing, filters that filter nothing.

use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::facts::Effect;
use crate::model::kept::FilterBy;
use crate::model::{Action, Service};
use crate::path::Path;

/// Reports all that is left to be said of a service.
pub(super) fn check(service: &Service, diagnostics: &Diagnostics) {
    let checker = Checker { diagnostics };
    checker.parents(service);
    for action in &service.actions {
        checker.action(action);
        checker.filters(action);
    }
}

struct Checker<'a> {
    diagnostics: &'a Diagnostics,
}

impl Checker<'_> {
    fn parents(&self, service: &Service) {
        for (kept, spec) in service.kept.iter().zip(&service.spec.resources) {
            for parent in &kept.parents {
                let of_name = |one: &&crate::spec::ParentSpec| one.resource.value == parent.resource;
                let Some(place) = spec.parents.iter().find(of_name) else { continue };
                if !kept.fields.contains(&parent.field) {
                    let message = format!(
                        "no field `{}` of a `{}` names the `{}`",
                        parent.field, kept.name, parent.resource
                    );
                    let help = format!(
                        "Write `{{ resource: {}, field: …, of: … }}`, or give it the field by `made` or `set`.",
                        parent.resource
                    );
                    self.report("parent-without-field", place.resource.location, &message, &help);
                }
            }
        }
    }

    fn action(&self, action: &Action) {
        let (behavior, name) = (&action.behavior, &action.facts.name);
        if behavior.answers_example.is_some() {
            return;
        }
        match action.facts.effect {
            Effect::Write if behavior.effects.is_empty() => {
                let message = format!("nothing says what `{}` does", name.value);
                let help = "Add `effects: …`, or `answers: example` with `answers_because: …`.";
                self.report("write-without-effects", name.location, &message, help);
            }
            Effect::Read if behavior.read.is_none() => {
                let message = format!("nothing says what `{}` reads", name.value);
                let help = "Add `reads: …`, or `answers: example` with `answers_because: …`.";
                self.report("read-without-resource", name.location, &message, help);
            }
            Effect::Read | Effect::Write => {}
        }
    }

    fn filters(&self, action: &Action) {
        let Some(read) = &action.behavior.read else { return };
        for filter in &read.filters {
            let row = action.spec.request.iter().find(|row| first_name(&row.path) == filter.row);
            let place = row.map_or(action.facts.name.location, |row| row.path.location);
            match &filter.by {
                FilterBy::Unknown => {
                    let message =
                        format!("`{}` filters nothing: no `{}` has such a field", filter.row, read.resource);
                    let help = format!(
                        "Say it in `filters: {{ {}: … }}`: a field, or `none: …` and why.",
                        filter.row
                    );
                    self.report("filter-without-field", place, &message, &help);
                }
                FilterBy::Pairs(_, unknown) if !unknown.is_empty() => {
                    let keys = unknown.join("`, `");
                    let message = format!("`{}` filters nothing by `{keys}`", filter.row);
                    let help = format!("Say it in `filters: {{ {}: {{ pairs: … }} }}`.", filter.row);
                    self.report("filter-without-field", place, &message, &help);
                }
                FilterBy::Field(_) | FilterBy::Pairs(..) | FilterBy::None(_) => {}
            }
        }
    }

    fn report(&self, code: &'static str, place: Location, message: &str, help: &str) {
        self.diagnostics.push(Diagnostic::warning(code, place, message).help(help));
    }
}

fn first_name(path: &Path) -> &str {
    path.segments().first().map_or("", |segment| &segment.name)
}
