//! The YAML of an action.

use super::row::{self, SharedRows};
use super::wait::{self, WaitSpec};
use super::{EffectSpec, ErrorSpec, RowSpec, RuleSpec, StatusSpec, plain, text};
use crate::diagnostic::{Diagnostics, Location};
use crate::mapping::{Mapping, many, mapping};
use crate::path::Path;
use crate::read::{Fields, Spanned};
use crate::yaml::{Entry, Node, Value, json_object};

mapping! {
    /// The YAML of one action.
    struct ActionSpec {
        location: Location = |map| map.location(),
        /// Path of the file, relative to the spec root.
        file: String = |_| String::new(),
        name: Spanned<String> = |map| text(map, "action"),
        section: String,
        document: Option<String>,
        summary: Spanned<String>,
        status: StatusSpec = |map| map.one_of("status", StatusSpec::WORDS).map(plain).unwrap_or_default(),
        status_note: Option<String>,
        replaced_by: Option<Spanned<String>>,
        effect: EffectSpec = effect,
        get: bool = |map| map.one_of("method", &[("GET", true), ("POST", false)]).is_some_and(plain),
        idempotency: Option<Spanned<String>>,
        dry_run: Option<DryRunSpec>,
        serialize_by: Vec<Spanned<String>>,
        pagination: Option<PaginationSpec>,
        ram: Option<RamSpec>,
        notes: Vec<NoteSpec>,
        /// Some of them are the service's.
        request: Vec<RowSpec> = |map| {
            map.has("request");
            Vec::new()
        },
        rules: Vec<RuleSpec>,
        response: Vec<RowSpec> = |map| {
            let diagnostics = map.diagnostics();
            row::response(map.list("response").unwrap_or_default(), diagnostics)
        },
        errors: Vec<ErrorSpec> = |map| many(map.list("errors"), map.diagnostics(), error),
        observed: Vec<ErrorSpec> = |map| many(map.non_empty_list("observed"), map.diagnostics(), error),
        wait: Option<WaitSpec> = |map| map.fields("wait").map(wait::of_action),
        examples: Vec<ExampleSpec>,
        resolutions: Vec<ResolutionSpec>,
        acknowledged: Vec<AcknowledgedSpec>,
    }

    struct DryRunSpec {
        parameter: Spanned<String>,
        passed: String,
    }

    struct RamSpec {
        section: Option<String>,
        action: Option<String>,
        access: Option<&'static str> =
            |map| map.word("access", &["create", "list", "get", "update", "delete"]),
        resources: Vec<RamResource> = |map| {
            let (list, diagnostics) = (map.non_empty_list("resources"), map.diagnostics());
            list.unwrap_or_default().iter().filter_map(|node| ram_resource(node, diagnostics)).collect()
        },
    }

    struct NoteSpec {
        kind: &'static str = |map| map.required_word("kind", NOTES).unwrap_or_default(),
        text: String,
        today: Option<String>,
    }

    struct ExampleSpec {
        /// Printed pairs, as text.
        request: Vec<(String, String)> = printed_pairs,
        response: Option<serde_json::Value> = |map| map.entries("response").map(json_object),
        response_xml: Option<String>,
        note: Option<String>,
    }

    struct ResolutionSpec {
        about: String,
        note: String,
    }

    /// A finding of a lint that is a fact.
    struct AcknowledgedSpec {
        lint: &'static str = |map| map.required_word("lint", LINTS).unwrap_or_default(),
        about: Spanned<String>,
        reason: String,
    }
}

const NOTES: &[&str] =
    &["quota", "state", "precondition", "concurrency", "asynchronous", "billing", "effect", "caution"];

/// Every lint of [`crate::lint`], by the name under which its findings are acknowledged.
const LINTS: &[&str] = &[
    "type-differs",
    "limit-differs",
    "similar-code",
    "code-without-parameter",
    "example-outside-values",
    "repeated-summary",
    "undocumented-state",
    "gone-by-another",
    "unmarked-secret",
];

/// How results are divided into pages.
#[derive(Debug)]
pub struct PaginationSpec {
    /// Whether pages are named by a token instead of a number.
    pub by_token: bool,
    /// `page` or `token`.
    pub position: Spanned<String>,
    pub size: Option<Spanned<String>>,
    /// `total` or `next`.
    pub end: Spanned<Path>,
    pub items: Spanned<Path>,
}

#[derive(Debug)]
pub struct RamResource {
    /// An ARN pattern, a resource type, or both with a blank between.
    pub text: String,
    pub when: Option<String>,
}

/// Reads an action; `file` is relative to the spec root.
pub(crate) fn read(
    file: &str,
    node: &Node,
    shared: &SharedRows<'_>,
    diagnostics: &Diagnostics,
) -> Option<ActionSpec> {
    let mut map = Fields::of(node, diagnostics)?;
    let mut spec = ActionSpec { file: file.to_owned(), ..ActionSpec::read(&mut map) };
    spec.request = row::request(map.list("request").unwrap_or_default(), shared, diagnostics);
    map.finish();
    Some(spec)
}

fn effect(map: &mut Fields<'_>) -> EffectSpec {
    let effect = map.required_one_of("effect", &[("read", EffectSpec::Read), ("write", EffectSpec::Write)]);
    effect.map_or(EffectSpec::Write, plain)
}

pub(super) fn error(mut map: Fields<'_>) -> ErrorSpec {
    let status = map.integer_in("status", 100..=599).map_or(0, plain);
    let class = map.required_one_of("class", CLASSES).map_or("", plain);
    let error = ErrorSpec {
        location: map.location(),
        status: u16::try_from(status).unwrap_or(0),
        code: text(&mut map, "code"),
        class,
        passes: passes(&mut map, class),
        summary: text(&mut map, "summary").value,
        rows: map.integer_in("rows", 1..=1000).map_or(1, plain),
        gone: map.flag("gone").map(plain),
    };
    map.finish();
    error
}

/// What passes without the caller: every busy row says it, and no other row can.
fn passes(map: &mut Fields<'_>, class: &str) -> Option<String> {
    let given = map.text("passes");
    let place = map.key_location("passes");
    match place {
        None if class == BUSY => {
            let message = "`passes` is missing: a busy row says what passes without the caller";
            let help = "Add `passes: the pending state of the VPC` or the like; if nothing passes without \
                        the caller, give the class that this is, such as `precondition`.";
            map.diagnostics().error("missing-key", map.location(), message, help);
        }
        // A class that cannot be read is reported already.
        Some(place) if !matches!(class, BUSY | "") => {
            let message = format!("`passes` stands on a row of class `{}`", class_word(class));
            let help = "Remove it, or make the class `busy` if this passes without the caller.";
            map.diagnostics().error("misplaced-key", place, message, help);
        }
        _ => {}
    }
    given.map(plain)
}

/// The dialect's word for a class of the runtime.
#[must_use]
pub fn class_word(class: &str) -> &'static str {
    CLASSES.iter().find(|(_, known)| *known == class).map_or("", |(word, _)| word)
}

/// The class of calls that the client repeats until its deadline.
const BUSY: &str = "Busy";

/// Words of the dialect and the classes of the runtime.
const CLASSES: &[(&str, &str)] = &[
    ("throttled", "Throttled"),
    ("busy", BUSY),
    ("unavailable", "Unavailable"),
    ("internal", "Internal"),
    ("dependency", "Dependency"),
    ("quota", "Quota"),
    ("not-found", "NotFound"),
    ("already-exists", "AlreadyExists"),
    ("permission", "Permission"),
    ("authentication", "Authentication"),
    ("invalid-parameter", "InvalidParameter"),
    ("unsupported", "Unsupported"),
    ("precondition", "Precondition"),
    ("billing", "Billing"),
    ("idempotency", "Idempotency"),
    ("dry-run-passed", "DryRunPassed"),
];

impl PaginationSpec {
    /// What its position and its end are called.
    #[must_use]
    pub fn ends(&self) -> (&'static str, &'static str) {
        if self.by_token { ("token", "next") } else { ("page", "total") }
    }
}

impl Mapping for PaginationSpec {
    fn read(map: &mut Fields<'_>) -> Self {
        let by_token =
            map.required_one_of("style", &[("page-number", false), ("token", true)]).is_some_and(plain);
        let (position, end) = if by_token { ("token", "next") } else { ("page", "total") };
        Self {
            by_token,
            position: text(map, position),
            size: map.text("size"),
            end: text(map, end).map(Path::response),
            items: text(map, "items").map(Path::response),
        }
    }
}

fn ram_resource(node: &Node, diagnostics: &Diagnostics) -> Option<RamResource> {
    if let Value::Text(_) = &node.value {
        return Some(RamResource { text: node.filled_text(diagnostics)?.value, when: None });
    }
    let mut map = Fields::of(node, diagnostics)?;
    let parts = [map.text("type"), map.text("arn")];
    if parts == [None, None] {
        let message = "the resource has neither an ARN nor a type";
        diagnostics.error("missing-key", node.location, message, "Add `arn: …` or `type: …`.");
    }
    let resource = RamResource {
        text: parts.into_iter().flatten().map(plain).collect::<Vec<_>>().join(" "),
        when: map.text("when").map(plain),
    };
    map.finish();
    Some(resource)
}

fn printed_pairs(map: &mut Fields<'_>) -> Vec<(String, String)> {
    let (pairs, diagnostics) = (map.entries("request").unwrap_or_default(), map.diagnostics());
    let pair = |entry: &Entry| Some((entry.key.clone(), entry.value.scalar(diagnostics)?.value.text));
    pairs.iter().filter_map(pair).collect()
}
