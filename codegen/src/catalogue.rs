//! Everything that can be found wrong with the specs, and what each error class means: the one table behind the
//! messages, the pages and `cargo xtask explain`.

use std::fmt::Write as _;

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name that stands in the message: `dangling-name`.
    pub code: &'static str,
    /// What becomes of it.
    pub kind: Kind,
    /// What it means; of a lint, what it looks for.
    pub meaning: &'static str,
}

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing is generated until it is mended.
    Error,
    /// A warning, which is mended.
    Warning,
    /// A warning, which is mended or, if the documents have it so, acknowledged.
    Lint {
        /// What an acknowledgement names.
        about: &'static str,
    },
    /// A difference between the specs and what the vendor publishes, which `cargo xtask follow` finds. It is taken
    /// over or acknowledged.
    Difference {
        /// What an acknowledgement names.
        about: &'static str,
    },
}

/// The entry of a code.
pub fn find(code: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.code == code)
}

/// The lints that can be acknowledged, by name.
pub(crate) fn lints() -> Vec<&'static str> {
    ENTRIES.iter().filter(|entry| entry.of_lint().is_some()).map(|entry| entry.code).collect()
}

/// The kinds of differences from what is published, by name.
pub(crate) fn differences() -> Vec<&'static str> {
    ENTRIES.iter().filter(|entry| entry.of_difference().is_some()).map(|entry| entry.code).collect()
}

/// The lints as a table in Markdown.
pub fn lint_table() -> String {
    table("| lint | `about` | what it looks for |", Entry::of_lint)
}

/// The kinds of differences from what is published as a table in Markdown.
pub fn difference_table() -> String {
    table("| difference | `about` | what is found |", Entry::of_difference)
}

fn table(head: &str, about: fn(&Entry) -> Option<&'static str>) -> String {
    let mut table = format!("{head}\n|---|---|---|\n");
    for entry in ENTRIES {
        if let Some(about) = about(entry) {
            writeln!(table, "| `{}` | {about} | {} |", entry.code, entry.meaning).ok();
        }
    }
    table
}

/// The classes as a table in Markdown.
pub fn class_table() -> String {
    let mut table = String::from("| class | what it means, and what a caller does |\n|---|---|\n");
    for (class, meaning) in CLASSES {
        writeln!(table, "| `{class}` | {meaning} |").ok();
    }
    table
}

/// What a class means, and what a caller does.
pub fn class_meaning(class: &str) -> Option<&'static str> {
    CLASSES.iter().find(|(word, _)| *word == class).map(|(_, meaning)| *meaning)
}

impl Entry {
    const fn error(code: &'static str, meaning: &'static str) -> Self {
        Self { code, kind: Kind::Error, meaning }
    }

    const fn warning(code: &'static str, meaning: &'static str) -> Self {
        Self { code, kind: Kind::Warning, meaning }
    }

    const fn lint(code: &'static str, about: &'static str, meaning: &'static str) -> Self {
        Self { code, kind: Kind::Lint { about }, meaning }
    }

    const fn difference(code: &'static str, about: &'static str, meaning: &'static str) -> Self {
        Self { code, kind: Kind::Difference { about }, meaning }
    }

    /// What an acknowledgement of a lint names.
    fn of_lint(&self) -> Option<&'static str> {
        if let Kind::Lint { about } = self.kind { Some(about) } else { None }
    }

    /// What an acknowledgement of a difference names.
    fn of_difference(&self) -> Option<&'static str> {
        if let Kind::Difference { about } = self.kind { Some(about) } else { None }
    }
}

/// All of them: lints in the order of their table, the rest in that of the alphabet.
pub const ENTRIES: &[Entry] = &[
    Entry::lint("type-differs", "a parameter", "one name with two types in a service"),
    Entry::lint("limit-differs", "a parameter", "one name with differing documented limits in a service"),
    Entry::lint("similar-code", "`One ~ Other`", "codes of a service that differ in case or one letter"),
    Entry::lint("code-without-parameter", "a code", "`InvalidVpcName…` in an action that has no `VpcName`"),
    Entry::lint(
        "example-outside-values",
        "a row of a response",
        "a printed example that is none of the row's values",
    ),
    Entry::lint(
        "refused-print",
        "a row of a request",
        "a limit that refuses the row's own example, or what answers about the same resource (else the same chapter) print under its name; masked values are passed over",
    ),
    Entry::lint(
        "repeated-summary",
        "a row or an action",
        "two rows of a request or of one entry of a response, two values of a row, or two actions, described alike",
    ),
    Entry::lint("undocumented-state", "a state", "a state waited for that the polled row does not list"),
    Entry::lint(
        "gone-by-another",
        "a code",
        "a code that counts as gone in a write or a poll and names another resource than the one that can be away",
    ),
    Entry::lint("token-without-idempotency", "a row", "a `ClientToken` row that no `idempotency` names"),
    Entry::lint("read-with-token", "the token", "`idempotency` of an action with `effect: read`"),
    Entry::lint("repeated-section", "an action", "a section that an action before has"),
    Entry::lint(
        "section-of-another-chapter",
        "an action",
        "a section that is not below that of the folder's chapter",
    ),
    Entry::lint(
        "example-without-row",
        "a name",
        "a parameter or field of an example that no row has (`documented_as` and `also` count)",
    ),
    Entry::lint(
        "class-against-code",
        "a code",
        "a class that the code's own words speak against, such as `…NotFound` as `quota`",
    ),
    Entry::lint(
        "unmarked-secret",
        "a row",
        "a row without `sensitive` that is named like a secret, or whose example is a signed address",
    ),
    Entry::difference("new-action", "an action", "an action that no spec has"),
    Entry::difference("action-withdrawn", "an action", "an action of a spec that is not published any more"),
    Entry::difference("new-row", "a row", "a row that the spec of the action lacks"),
    Entry::difference("row-gone", "a row", "a row of a spec that is not published any more"),
    Entry::difference("type", "a row", "another type; `integer` and `long` are one there"),
    Entry::difference(
        "required",
        "a row",
        "a row that is required there and not here, or the other way round",
    ),
    Entry::difference(
        "place",
        "a row",
        "a parameter in the form there and in the query here, or the other way round",
    ),
    Entry::difference(
        "style",
        "a row",
        "parts that are written flat, as JSON or joined by commas, and here otherwise",
    ),
    Entry::difference(
        "bounds",
        "a row",
        "a least or largest length, number or count that the spec does not state",
    ),
    Entry::difference("values", "a row", "values that only one of the two lists has"),
    Entry::difference("pattern", "a row", "a pattern, where the spec says nothing of characters or format"),
    Entry::difference(
        "status",
        "a row or an action",
        "deprecated there and active here, or the other way round",
    ),
    Entry::difference("method", "an action", "`GET` there and `POST` here, or the other way round"),
    Entry::difference("new-error", "a code", "a code that neither the action nor its service has"),
    Entry::difference("error-gone", "a code", "a code of the action's table that is not published any more"),
    Entry::warning(
        "filter-without-field",
        "A parameter of a listing that no field of its rows can be filtered by. Say it in `filters`.",
    ),
    Entry::warning(
        "parent-without-field",
        "A resource that lies in another one, and no field of it names that one.",
    ),
    Entry::warning(
        "read-without-resource",
        "A read of which nothing says what it reads. It wants `reads`, or `answers: example`.",
    ),
    Entry::warning("stale-acknowledgement", "An acknowledged finding that is not found any more."),
    Entry::warning(
        "write-without-effects",
        "A write of which nothing says what it does. It wants `effects`, or `answers: example`.",
    ),
    Entry::error(
        "ambiguous-spelling",
        "A printed name (`documented_as`, `also`) that is the wire name of another field beside it.",
    ),
    Entry::error("bad-cidr", "A block that is no CIDR block, or has bits set outside its prefix."),
    Entry::error("bad-dry-run", "The parameter of `dry_run` is not a boolean."),
    Entry::error(
        "bad-endpoint",
        "A host, region or variable of `endpoints` that cannot be one, or a placeholder other than `{region}`.",
    ),
    Entry::error("bad-file-name", "A name of a file or folder that some system cannot hold."),
    Entry::error(
        "bad-items",
        "The `items` of a page are not one list of the response, or lie in another list.",
    ),
    Entry::error(
        "bad-name",
        "A name of a service, action, chapter, field or waiter that cannot become a Rust name, or is taken by the SDK.",
    ),
    Entry::error("bad-number", "A number outside what the key can have."),
    Entry::error(
        "bad-pagination",
        "A row that pages cannot be turned with: numbers, sizes and totals are integers, tokens are strings, items a list.",
    ),
    Entry::error(
        "bad-path",
        "A wire name of a row that cannot be read: an index after no name, letters that no parameter has, more than ten names.",
    ),
    Entry::error("bad-prefix", "A `prefix` that IDs cannot begin with."),
    Entry::error(
        "bad-range",
        "Two ends of a range that contradict each other, or that values of the type never reach.",
    ),
    Entry::error("bad-rule", "A rule that says nothing, or more than one thing."),
    Entry::error(
        "bad-source",
        "A value that says nothing of where it comes from: `now`, `region`, `literal.…`, `new.…`, `own.…`, `request.…`, `<Resource>.…`.",
    ),
    Entry::error("bad-token", "The row of `idempotency` is not a string."),
    Entry::error("bad-type-name", "A name of a Rust type that cannot be one."),
    Entry::error(
        "bad-variant",
        "A value from which no name of a Rust variant can be made. Give it one with `as`.",
    ),
    Entry::error("bad-word", "A word of the wire that cannot be sent as it is."),
    Entry::error("control-character", "An invisible character in the file."),
    Entry::error(
        "dangling-name",
        "A name that points at nothing: a row, a field, an action, a resource, a state.",
    ),
    Entry::error("dangling-use", "A shared row that `_service.yaml` does not have under `parameters`."),
    Entry::error("default-outside-limits", "A default that the limits of its own row refuse."),
    Entry::error("duplicate-action", "Two actions of a service whose names become one in Rust."),
    Entry::error("duplicate-chapter", "Two chapters of a service whose folders become one module in Rust."),
    Entry::error("duplicate-key", "A key that a mapping has twice."),
    Entry::error("duplicate-resource", "Two resources of a service with one name."),
    Entry::error("duplicate-row", "A row that a table has twice."),
    Entry::error("duplicate-service", "Two services whose names become one module in Rust."),
    Entry::error("duplicate-waiter", "A waiter whose method another waiter or an action has."),
    Entry::error("empty-container", "A row of a list or object below which no rows stand."),
    Entry::error("empty-file", "A file that says nothing."),
    Entry::error("empty-list", "A list without entries. Leave the key out."),
    Entry::error("empty-text", "A text that says nothing."),
    Entry::error("file-name", "A file that is not named like its action."),
    Entry::error("file-too-large", "A file of more than a mebibyte."),
    Entry::error("foreign-file", "A file among the specs that is none."),
    Entry::error(
        "impossible-value",
        "A value of a rule that its row can never have, so that the rule never holds.",
    ),
    Entry::error("lifts-nothing", "`any` where there is no documented limit to lift."),
    Entry::error("limit-of-another-type", "A limit that values of the row's type cannot have."),
    Entry::error("misplaced-key", "A key beside what it does not go with."),
    Entry::error(
        "misplaced-service",
        "A `_service.yaml` at the root of the specs or inside another service.",
    ),
    Entry::error("missing-key", "A key that must be there and is not."),
    Entry::error("mixed-path", "A name that is a list in one row and none in another."),
    Entry::error("nested-too-deeply", "More levels, of brackets or of folders, than any spec needs."),
    Entry::error("no-full-stop", "A description that does not end like a sentence."),
    Entry::error("no-service", "An action or resource above which no `_service.yaml` stands."),
    Entry::error("no-specs", "A directory without a spec."),
    Entry::error("not-a-container", "Rows below a row whose type holds none."),
    Entry::error("not-a-pair", "A range that is not two numbers."),
    Entry::error("not-outside", "`outside` names an action that this service has."),
    Entry::error("not-utf8", "A file that is no UTF-8 text."),
    Entry::error("pointless-key", "A key that repeats what stands beside it."),
    Entry::error(
        "repeated-code",
        "An error code with two entries for one status, or both under `errors` and `observed`.",
    ),
    Entry::error(
        "repeated-entry",
        "A rule, example or other entry of a list that stands twice, word for word.",
    ),
    Entry::error("repeated-operand", "A row that a rule names twice."),
    Entry::error(
        "repeated-value",
        "A value or state that stands twice in a list, or in two lists of which it can be in one.",
    ),
    Entry::error(
        "resource-without-states",
        "A resource whose finder tells a state, and no states are listed.",
    ),
    Entry::error("rule-of-one", "A rule across rows that names one row alone."),
    Entry::error("rust-name-collision", "Two wire names that become one Rust name."),
    Entry::error("several-documents", "More than one YAML document in a file."),
    Entry::error("shared-type-mismatch", "A list or object with the name of a shared type and other fields."),
    Entry::error("symlink", "A symbolic link among the specs."),
    Entry::error(
        "unfilled",
        "A value that `cargo xtask new` left to be written: `TODO`, or `TODO(…)` with what the neighbour has there.",
    ),
    Entry::error("unknown-chapter", "A folder that `_service.yaml` does not have under `chapters`."),
    Entry::error("unknown-key", "A key that the dialect does not have there."),
    Entry::error("unknown-parameter", "A rule that names no row of the request."),
    Entry::error("unknown-word", "A word that is none of those that the key can have."),
    Entry::error(
        "unnamed-resource",
        "A wait or an effect that does not say which one of a resource it is about.",
    ),
    Entry::error("unreadable", "A file or folder that the system does not let be read."),
    Entry::error(
        "unused-key",
        "A finder that does not look at a key of its resource, and so finds another one.",
    ),
    Entry::error(
        "value-of-another-type",
        "An example, default or value that the type of its row does not have.",
    ),
    Entry::error("wait-for-unseen", "A wait for a resource that no action shows."),
    Entry::error("wait-without-end", "A wait for which there is no state to end in."),
    Entry::error(
        "wrong-type",
        "A value of another YAML type than the key has: a list, a mapping, a number, a text.",
    ),
    Entry::error("yaml-alias", "A YAML alias (`*name`), which specs do not use."),
    Entry::error("yaml-anchor", "A YAML anchor (`&name`), which specs do not use."),
    Entry::error("yaml-key", "A list or mapping as a key, which specs do not use."),
    Entry::error("yaml-merge-key", "A YAML merge key (`<<`), which specs do not use."),
    Entry::error("yaml-syntax", "A file that is not YAML, mostly for a text that wants quotes."),
    Entry::error("yaml-tab", "A tab in the indentation, where YAML wants spaces."),
    Entry::error("yaml-tag", "A YAML tag (`!name`), which specs do not use."),
];

/// What each class means, and what a caller does.
pub const CLASSES: &[(&str, &str)] = &[
    ("throttled", "Too many calls, nothing was applied. Retried, slowly, until the deadline."),
    (
        "busy",
        "Refused, nothing applied, and it passes without the caller: a transient state, another operation. Retried until the deadline.",
    ),
    (
        "unavailable",
        "The service, or the stock it hands out from, is briefly not there, and nothing was applied. Retried a few times.",
    ),
    ("internal", "The service failed. Retried if that cannot create twice."),
    ("dependency", "Other resources still depend on this one. Remove them first."),
    ("quota", "A quota is used up. Ask for more or delete something."),
    ("not-found", "A named resource does not exist. On a delete: done."),
    ("already-exists", "It exists, or is already so."),
    ("permission", "The caller may not do this. Grant the RAM action."),
    ("authentication", "Key, signature, token or clock is wrong."),
    ("invalid-parameter", "A value is wrong or missing. Fix the call."),
    ("unsupported", "The region, product or resource cannot do this."),
    ("precondition", "Something must be set up or changed first, and waiting will not do it."),
    ("billing", "Balance, order or contract stands in the way."),
    ("idempotency", "The token was used with other parameters. Do not retry."),
    ("dry-run-passed", "Not an error: the dry run succeeded."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::facts;

    #[test]
    fn every_class_is_explained() {
        let explained: Vec<&str> = CLASSES.iter().map(|(class, _)| *class).collect();
        assert_eq!(facts::classes().collect::<Vec<_>>(), explained);
    }

    #[test]
    fn no_code_stands_twice_and_all_are_sentences() {
        let codes: BTreeSet<&str> = ENTRIES.iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), ENTRIES.len());
        for entry in ENTRIES.iter().filter(|entry| matches!(entry.kind, Kind::Error | Kind::Warning)) {
            assert!(entry.meaning.ends_with('.'), "{}", entry.code);
        }
    }
}
