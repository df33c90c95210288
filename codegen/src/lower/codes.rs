//! Which code of its own table an action refuses with: what the spec says, else what names and classes tell.

use crate::diagnostic::Diagnostics;
use crate::facts::ErrorCode;
use crate::model::kept::{Codes, Reference};
use crate::read::Spanned;
use crate::spec::{CodesBy, RefusesSpec};

use super::lookup::check_known;

/// An action, as far as its codes hang on it.
pub(super) struct Refusing<'a> {
    pub errors: &'a [ErrorCode],
    pub observed: &'a [ErrorCode],
    /// Codes that any action of the service may return.
    pub of_service: &'a [ErrorCode],
    pub refuses: &'a RefusesSpec,
    /// Rows of the request, without indexes.
    pub rows: &'a [String],
    pub references: &'a [Reference],
    /// What it lists.
    pub listed: Option<&'a str>,
    /// Kinds that lie in what it deletes.
    pub children: &'a [&'a str],
    /// Whether it has to refuse what the words of the dialect stand for.
    pub needed: [(&'static str, bool); 10],
}

impl Refusing<'_> {
    /// The codes of the action.
    pub(super) fn codes(&self, diagnostics: &Diagnostics) -> Codes {
        self.check(diagnostics);
        let refuses = self.refuses;
        let one = |given: &Option<Spanned<String>>, class: &str| {
            let first = || self.own(class).next().map(|error| error.code.value.clone());
            given.as_ref().map(|code| code.value.clone()).or_else(first)
        };
        let given = |code: &Option<Spanned<String>>| code.as_ref().map(|code| code.value.clone());
        let mut codes = Codes {
            missing: self.by_row(&refuses.missing, INVALID, true),
            invalid: self.by_row(&refuses.invalid, INVALID, false),
            not_found: self.by_row(&refuses.not_found, "NotFound", false),
            dependency: self.dependency(),
            state: self.state(),
            needs: self.needs(),
            quota: one(&refuses.quota, "Quota"),
            exists: one(&refuses.exists, "AlreadyExists"),
            inside: given(&refuses.inside),
            apart: given(&refuses.apart),
            lacking: Vec::new(),
            unneeded: Vec::new(),
        };
        let is_needed = |(word, is_needed)| match word {
            "not_found" => (word, is_needed && self.refuses_unknown(&codes)),
            _ => (word, is_needed),
        };
        let needed = self.needed.map(is_needed);
        let words = |is_needed| needed.into_iter().filter(move |(_, one)| *one == is_needed);
        codes.lacking = words(true).map(|(word, _)| word).filter(|word| !codes.has(word)).collect();
        codes.unneeded = words(false).map(|(word, _)| word).collect();
        codes
    }

    /// Whether a row that names nothing is refused: in a listing only where a code is named after it, and it is not about
    /// what is listed; else there are no rows.
    fn refuses_unknown(&self, codes: &Codes) -> bool {
        let Some(listed) = self.listed else { return true };
        let mut others = self.references.iter().filter(|reference| reference.resources != [listed]);
        others.any(|reference| codes.not_found.iter().any(|(row, _)| *row == reference.row))
    }

    /// Codes must stand in a table, and be about what the action has.
    fn check(&self, diagnostics: &Diagnostics) {
        let RefusesSpec {
            missing,
            invalid,
            not_found,
            dependency,
            state,
            needs,
            quota,
            exists,
            inside,
            apart,
        } = self.refuses;
        let by = [missing, invalid, not_found, dependency, state, needs];
        let codes = by.into_iter().flatten().map(|(_, code)| code);
        for code in codes.chain([quota, exists, inside, apart].into_iter().flatten()) {
            let tables = [self.errors, self.observed, self.of_service];
            let known = tables.into_iter().flatten().map(|error| error.code.as_str());
            let help = "Name a code of this action's `errors` or `observed`.";
            check_known(code, "refuses", known, help, diagnostics);
        }
        for (row, _) in [missing, invalid, not_found].into_iter().flatten().filter(|(row, _)| !row.is_empty())
        {
            let known = self.rows.iter().map(String::as_str);
            check_known(row, "refuses", known, "Name a request row of the action.", diagnostics);
        }
    }

    /// Codes of a class: first those of the table, then those met in practice.
    fn own(&self, class: &str) -> impl Iterator<Item = &ErrorCode> {
        self.errors.iter().chain(self.observed).filter(move |error| error.class == class)
    }

    /// A code for each row that one is named after, and one for all others.
    fn by_row(&self, given: &CodesBy, class: &str, is_missing: bool) -> Vec<(String, String)> {
        let fits = |error: &&ErrorCode| {
            class != INVALID || error.code.to_ascii_lowercase().contains(MISSING) == is_missing
        };
        let candidates: Vec<&str> = self.own(class).filter(fits).map(|error| error.code.as_str()).collect();
        let mut codes = pairs(given);
        let is_given = |codes: &[(String, String)], name: &str| codes.iter().any(|(row, _)| row == name);
        for row in self.rows {
            if !is_given(&codes, row)
                && let Some(code) = self.named_after(row, &candidates)
            {
                codes.push((row.clone(), code.to_owned()));
            }
        }
        let is_of_region = |code: &&&str| code.to_ascii_lowercase().contains("region");
        let others = || candidates.iter().filter(|code| !is_of_region(code));
        let of_none = others().find(|code| !self.names_a_row(code));
        let any = of_none.or_else(|| others().next().filter(|_| class != INVALID));
        if !is_given(&codes, "") {
            codes.extend(any.map(|code| (String::new(), (*code).to_owned())));
        }
        codes
    }

    /// The code that has a row's name in it, or the name of the resource that the row is about.
    fn named_after<'c>(&self, row: &str, codes: &[&'c str]) -> Option<&'c str> {
        let name = last(row).to_ascii_lowercase();
        let stem = stem(&name).to_owned();
        let resources = self.references.iter().filter(|reference| reference.row == row);
        let resources = resources.flat_map(|reference| &reference.resources);
        let names = [name, stem].into_iter().chain(resources.map(|name| name.to_ascii_lowercase()));
        let has = |code: &&&str, name: &str| {
            let code = code.to_ascii_lowercase();
            code.contains(name) && !self.names_longer(&code, name, row)
        };
        let mut names = names.filter(|name| name.len() >= SHORTEST);
        names.find_map(|name| codes.iter().find(|code| has(code, &name)).copied())
    }

    /// Whether a code has the name of another row, of which this name is only a part.
    fn names_longer(&self, code: &str, name: &str, row: &str) -> bool {
        let others = self.rows.iter().filter(|other| *other != row);
        let names = others.map(|other| last(other).to_ascii_lowercase());
        names
            .into_iter()
            .any(|other| other.len() > name.len() && other.contains(name) && code.contains(other.as_str()))
    }

    fn names_a_row(&self, code: &str) -> bool {
        let code = code.to_ascii_lowercase();
        self.rows.iter().any(|row| {
            let name = last(row).to_ascii_lowercase();
            let stem = stem(&name);
            stem.len() >= SHORTEST && code.contains(stem)
        })
    }

    fn dependency(&self) -> Vec<(String, String)> {
        let mut codes = pairs(&self.refuses.dependency);
        if !codes.is_empty() {
            return codes;
        }
        for child in self.children {
            let name = child.to_ascii_lowercase();
            let named = self.own(DEPENDENCY).find(|error| error.code.to_ascii_lowercase().contains(&name));
            codes.extend(named.map(|error| ((*child).to_owned(), error.code.value.clone())));
        }
        let first = self.own(DEPENDENCY).next();
        codes.extend(first.map(|error| (String::new(), error.code.value.clone())));
        codes
    }

    fn state(&self) -> Vec<(String, String)> {
        let mut codes = pairs(&self.refuses.state);
        if codes.iter().any(|(state, _)| state.is_empty()) {
            return codes;
        }
        let is_of_state = |error: &&ErrorCode| error.class == "Precondition" && error.code.contains("Status");
        let of = |table: &[ErrorCode]| {
            let busy = table.iter().find(|error| error.class == "Busy");
            busy.or_else(|| table.iter().find(is_of_state)).map(|error| error.code.value.clone())
        };
        let code = of(self.errors).or_else(|| of(self.observed));
        codes.extend(code.map(|code| (String::new(), code)));
        codes
    }

    /// What a field must be first, where the action asks for that.
    fn needs(&self) -> Vec<(String, String)> {
        let codes = pairs(&self.refuses.needs);
        let is_needed = self.needed.contains(&("needs", true));
        let first = self.own("Precondition").next().filter(|_| is_needed && codes.is_empty());
        codes.into_iter().chain(first.map(|error| (String::new(), error.code.value.clone()))).collect()
    }
}

impl Codes {
    /// Whether there is a code for what a word of the dialect stands for.
    fn has(&self, word: &str) -> bool {
        match word {
            "missing" => !self.missing.is_empty(),
            "invalid" => !self.invalid.is_empty(),
            "not_found" => !self.not_found.is_empty(),
            "dependency" => !self.dependency.is_empty(),
            "state" => !self.state.is_empty(),
            "needs" => !self.needs.is_empty(),
            "quota" => self.quota.is_some(),
            "exists" => self.exists.is_some(),
            "inside" => self.inside.is_some() || !self.invalid.is_empty(),
            "apart" => self.apart.is_some() || !self.invalid.is_empty(),
            _ => false,
        }
    }
}

const INVALID: &str = "InvalidParameter";

/// Shorter names stand in any code: `id` in `Invalid`.
const SHORTEST: usize = 3;

const DEPENDENCY: &str = "Dependency";

/// What codes for rows that are not there have in them, in lower case.
const MISSING: &str = "missing";

fn pairs(given: &CodesBy) -> Vec<(String, String)> {
    given.iter().map(|(name, code)| (name.value.clone(), code.value.clone())).collect()
}

/// A name in lower case, without the `id` at its end.
fn stem(name: &str) -> &str {
    name.strip_suffix("id").filter(|stem| !stem.is_empty()).unwrap_or(name)
}

fn last(row: &str) -> &str {
    row.rsplit('.').next().unwrap_or(row)
}

#[cfg(test)]
mod tests;
