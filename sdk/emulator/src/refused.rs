//! The codes that requests are refused with before anything is done: those of the action's own table,
//! where it has them.

use std::borrow::Cow;

use cloudnet::{Error, ErrorKind, Violation};

use crate::model::{Action, Code, Protocol, Service};
use crate::parameters::Misfit;
use crate::refusal::Refusal;

/// An action, and the service whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Called {
    pub(crate) service: &'static Service,
    pub(crate) action: &'static Action,
}

impl Called {
    /// Whether something required was not given.
    pub(crate) fn lacks(error: &Error) -> bool {
        error.violations().first().is_some_and(is_missing)
    }

    /// What the table of the request says against the parameters.
    pub(crate) fn broken(self, error: &Error) -> Refusal {
        match error.violations().first() {
            Some(violation) if is_missing(violation) => self.missing(&violation.path, violation.to_string()),
            Some(violation) => self.invalid(&violation.path, violation.to_string()),
            None if error.kind() == ErrorKind::Configuration => {
                Refusal::new(501, "NotImplemented", error.to_string())
            }
            None => self.invalid("", error.to_string()),
        }
    }

    pub(crate) fn misfit(self, misfit: &Misfit) -> Refusal {
        match misfit {
            Misfit::Unknown(path) => {
                let text = format!("{} has no parameter {}.", self.action.name, shortened(path));
                self.invalid(path, text)
            }
            Misfit::Invalid(path, why) => self.invalid(path, format!("{path} {why}.")),
        }
    }

    fn missing(self, path: &str, text: String) -> Refusal {
        let own = pick(&self.action.codes.missing, path);
        self.refusal(own, "MissingParameter", text)
    }

    fn invalid(self, path: &str, text: String) -> Refusal {
        let own = pick(&self.action.codes.invalid, path);
        self.refusal(own, "InvalidParameter", text)
    }

    /// A token that was used with other parameters.
    pub(crate) fn mismatch(self) -> Refusal {
        let own = self.row(|row| row.class == "idempotency").map(|row| row.code.as_str());
        let text = "The token was used before with other parameters.".to_owned();
        self.refusal(own, "IdempotentParameterMismatch", text)
    }

    /// A code that was told by hand, or says that a dry run passed.
    pub(crate) fn told(self, code: &str, text: &str) -> Refusal {
        Refusal::new(self.status(code), code, text)
    }

    fn refusal(self, own: Option<&str>, general: &str, text: String) -> Refusal {
        let general = match self.service.protocol {
            Protocol::AcsRpc => general,
            Protocol::AwsJson => "InvalidArgumentException",
        };
        let code = own.unwrap_or(general);
        Refusal::new(self.status(code), code, text)
    }

    /// The HTTP status of a code, as far as a table tells.
    fn status(self, code: &str) -> u16 {
        self.row(|row| row.code == code).map_or(400, Code::http_status)
    }

    /// The first such row of the action's own table, else of its service's.
    pub(crate) fn row(self, is_it: impl Fn(&Code) -> bool) -> Option<&'static Code> {
        self.action.errors.iter().chain(&self.service.errors).find(|row| is_it(row))
    }
}

fn is_missing(violation: &Violation) -> bool {
    let rule = &violation.rule;
    violation.value.is_none() && (rule.starts_with("is required") || rule.ends_with("must be given"))
}

/// The code for a row by its own name, by that of the row it lies in, or for all.
fn pick<'c>(codes: &'c [(String, String)], path: &str) -> Option<&'c str> {
    let named = |name: &str| codes.iter().find(|(row, _)| without_indexes(row) == name);
    let path = without_indexes(path);
    let mut name: &str = &path;
    loop {
        let found = named(name);
        if found.is_some() || name.is_empty() {
            return found.map(|(_, code)| code.as_str());
        }
        name = name.rsplit_once('.').map_or("", |(above, _)| above);
    }
}

/// `Tag.2.Key` and `Tag.N.Key` are rows of one name.
fn without_indexes(path: &str) -> Cow<'_, str> {
    let is_index = |part: &str| {
        matches!(part, "N" | "M" | "n" | "m")
            || !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !path.contains('.') {
        return Cow::Borrowed(path);
    }
    Cow::Owned(path.split('.').filter(|part| !is_index(part)).collect::<Vec<_>>().join("."))
}

/// A name of somebody else's making.
fn shortened(path: &str) -> String {
    path.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_the_rows_around() {
        let codes = [("Tag.N.Key", "key"), ("Tag", "tag"), ("", "all")];
        let codes = codes.map(|(row, code)| (row.to_owned(), code.to_owned()));
        let picked = ["Tag.2.Key", "Tag.2.Value", "Name", "Tag"].map(|path| pick(&codes, path));
        assert_eq!(picked, ["key", "tag", "all", "tag"].map(Some));
        assert_eq!(pick(&codes[..2], "Name"), None);
    }
}
