//! Classes that the code itself speaks against.

use super::{Findings, all_errors};
use crate::facts::{ErrorCode, class_word};

/// What codes say of themselves, and the classes that may be meant.
const WORDS: [(&[&str], &[&str]); 13] = [
    (&["NotFound", "NotExist"], &["not-found"]),
    (&["AlreadyExist", "Duplicate"], &["already-exists"]),
    (&["Quota", "LimitExceeded"], &["quota"]),
    (&["Throttling", "RequestLimitExceeded"], &["throttled"]),
    (&["AccessKey", "Signature"], &["authentication"]),
    (&["Status"], &["busy", "precondition", "dependency"]),
    (&["Dependency"], &["dependency", "busy"]),
    (&["Conflict", "Processing"], &["busy", "already-exists"]),
    (&[".Malformed", "MissingParam", "MissingParameter"], &["invalid-parameter"]),
    (&["NotSupport", "Unsupported"], &["unsupported", "invalid-parameter", "busy"]),
    (&["NoPermission", "Unauthorized", "AccessDenied"], &["permission"]),
    (&["InternalError", "InternalFailure", "UnknownError"], &["internal"]),
    (&["ServiceUnavailable"], &["unavailable"]),
];

impl Findings<'_> {
    /// `InvalidEipId.NotFound` as a quota. Where a code says two things, either may be its class.
    pub(super) fn classes_against_codes(&mut self) {
        let service = self.service;
        for error in &service.spec.errors {
            if let Some(message) = contradiction(error) {
                self.add("class-against-code", &error.code, None, error.code.location, message);
            }
        }
        for action in &service.actions {
            for error in all_errors(action) {
                if let Some(message) = contradiction(error) {
                    self.add("class-against-code", &error.code, Some(action), error.code.location, message);
                }
            }
        }
    }
}

/// The classes that the words of a code say, as far as they say any.
pub fn classes_meant(code: &str) -> Vec<&'static str> {
    let says = |words: &&[&str]| words.iter().any(|word| code.contains(word));
    WORDS.iter().filter(|(words, _)| says(words)).flat_map(|(_, meant)| *meant).copied().collect()
}

fn contradiction(error: &ErrorCode) -> Option<String> {
    let meant = classes_meant(&error.code);
    let class = class_word(error.class);
    let is_meant = meant.is_empty() || class.is_empty() || meant.contains(&class);
    (!is_meant).then(|| {
        let meant = meant.join("` or `");
        format!("`{}` is of class `{class}`, and its words say `{meant}`", *error.code)
    })
}
