//! Checks a request against its table, finding every violation at once.

use std::fmt;

use crate::record::{Record, Value};
use crate::schema::{Action, Check};

/// A value that the documents, or the service today, do not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Where: the wire name with its indexes from 1, such as `Tag.2.Key`.
    pub path: String,
    /// What is asked for.
    pub rule: String,
    /// What was given, shortened; `None` if nothing was given or it is a secret.
    pub value: Option<String>,
    /// Section of the document.
    pub section: &'static str,
    /// Whether the limit is today's rather than the document's.
    pub today: bool,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.rule)?;
        if let Some(value) = &self.value {
            write!(f, ", not {value:?}")?;
        }
        let today = if self.today { ", today's limit" } else { "" };
        write!(f, " (section {}{today})", self.section)
    }
}

/// Every violation in the parameters of an action, in the order of its table.
///
/// Stands in for the full checks: knows required top-level parameters and lengths.
pub(crate) fn validate(action: &'static Action, input: &dyn Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    input.fields(&mut |fields| {
        for (field, slot) in action.request.fields.iter().zip(fields) {
            let broken = match slot.value() {
                Value::Absent => field.required.then(|| ("is required".to_owned(), None)),
                Value::Text(text) => field.limits.iter().find_map(|limit| match limit.check {
                    Check::Length(least, most)
                        if !(least as usize..=most as usize).contains(&text.chars().count()) =>
                    {
                        Some((format!("{least} to {most} characters"), Some(text.to_owned())))
                    }
                    _ => None,
                }),
                _ => None,
            };
            violations.extend(broken.map(|(rule, value)| Violation {
                path: field.name.to_owned(),
                rule,
                value,
                section: action.section,
                today: false,
            }));
        }
    });
    violations
}
