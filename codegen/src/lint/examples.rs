//! Printed calls and answers with names that no row has.

use std::collections::HashSet;

use super::Findings;
use crate::model::Action;
use crate::path::INDEXES;
use crate::read::Spanned;
use crate::spec::RowSpec;

impl<'m> Findings<'m> {
    /// Reports each such name once, and nothing below it.
    pub(super) fn examples_without_row(&mut self, action: &'m Action) {
        let spec = &action.spec;
        let parameters = Known::of(&spec.request);
        let members = Known::of(&spec.response);
        for example in &spec.examples {
            self.unknown_names(action, &example.parameters, &parameters, "row of the request");
            self.unknown_names(action, &example.members, &members, "row of the response");
        }
    }

    fn unknown_names(&mut self, action: &'m Action, printed: &[Spanned<String>], known: &Known, what: &str) {
        let mut reported: Vec<&str> = Vec::new();
        for name in printed.iter().filter(|name| !known.has(name)) {
            if !reported.iter().any(|above| is_below(name, above)) {
                let message = format!("the example has `{}`, and no {what} is called so", name.value);
                self.add("example-without-row", name, Some(action), name.location, message);
                reported.push(name);
            }
        }
    }
}

/// The names of rows and of all that lies above them, without indexes.
struct Known(HashSet<String>);

impl Known {
    fn of(rows: &[RowSpec]) -> Self {
        let mut known = HashSet::new();
        for row in rows {
            let names = row.documented_as.iter().chain(&row.also).map(String::as_str);
            for name in names.chain([&**row.path]) {
                let plain = plain(name);
                let ends = plain.match_indices('.').map(|(at, _)| at).chain([plain.len()]);
                known.extend(ends.map(|end| plain[..end].to_owned()));
            }
        }
        Self(known)
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains(&plain(name))
    }
}

fn is_below(name: &str, above: &str) -> bool {
    name.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
}

/// `Filter.N.Value.M`, `Filter.1.Value.2` and `Filter[].Value[]` as `Filter.Value`.
fn plain(name: &str) -> String {
    let is_index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) || INDEXES.contains(&part);
    let parts = name.split('.').filter(|part| !is_index(part)).map(|part| part.trim_end_matches("[]"));
    parts.collect::<Vec<_>>().join(".")
}
