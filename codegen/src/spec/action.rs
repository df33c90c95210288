//! Reads the YAML of an action.

use super::row::{self, SharedRows};
use super::{
    AcknowledgedSpec, ActionSpec, DryRunSpec, EffectSpec, ErrorSpec, ExampleSpec, NoteSpec, PaginationSpec,
    RamResource, RamSpec, ResolutionSpec, StatusSpec, many, plain, text,
};
use super::{rule, wait};
use crate::diagnostic::Diagnostics;
use crate::lint::LINTS;
use crate::read::Fields;
use crate::yaml::{Entry, Node, Value};

pub(super) const STATUS: &[(&str, StatusSpec)] = &[
    ("active", StatusSpec::Active),
    ("deprecated", StatusSpec::Deprecated),
    ("retired", StatusSpec::Retired),
];

/// Reads an action; `file` is relative to the spec root.
pub(crate) fn read(
    file: &str,
    node: &Node,
    shared: &SharedRows<'_>,
    diagnostics: &Diagnostics,
) -> Option<ActionSpec> {
    let mut map = Fields::of(node, diagnostics)?;
    let spec = ActionSpec {
        location: node.location,
        file: file.to_owned(),
        name: text(&mut map, "action"),
        section: text(&mut map, "section").value,
        document: map.text("document").map(plain),
        summary: text(&mut map, "summary"),
        status: map.one_of("status", STATUS).map(plain).unwrap_or_default(),
        status_note: map.text("status_note").map(plain),
        replaced_by: map.text("replaced_by"),
        effect: map
            .required_one_of("effect", &[("read", EffectSpec::Read), ("write", EffectSpec::Write)])
            .map_or(EffectSpec::Write, plain),
        get: map.one_of("method", &[("GET", true), ("POST", false)]).is_some_and(plain),
        idempotency: map.text("idempotency"),
        dry_run: map.fields("dry_run").map(dry_run),
        serialize_by: map.texts("serialize_by").unwrap_or_default(),
        pagination: map.fields("pagination").map(pagination),
        ram: map.fields("ram").map(|map| ram(map, diagnostics)),
        notes: many(map.non_empty_list("notes"), diagnostics, note),
        request: row::request(map.list("request").unwrap_or_default(), shared, diagnostics),
        rules: many(map.non_empty_list("rules"), diagnostics, |map| rule::read(map, diagnostics)),
        response: row::response(map.list("response").unwrap_or_default(), diagnostics),
        errors: many(map.list("errors"), diagnostics, error),
        observed: many(map.non_empty_list("observed"), diagnostics, error),
        wait: map.fields("wait").map(|map| wait::action(map, diagnostics)),
        examples: many(map.non_empty_list("examples"), diagnostics, |map| example(map, diagnostics)),
        resolutions: many(map.non_empty_list("resolutions"), diagnostics, resolution),
        acknowledged: many(map.non_empty_list("acknowledged"), diagnostics, acknowledged),
    };
    map.finish();
    Some(spec)
}

pub(super) fn note(mut map: Fields<'_>) -> NoteSpec {
    const KINDS: &[(&str, &str)] = &[
        ("quota", "quota"),
        ("state", "state"),
        ("precondition", "precondition"),
        ("concurrency", "concurrency"),
        ("asynchronous", "asynchronous"),
        ("billing", "billing"),
        ("effect", "effect"),
        ("caution", "caution"),
    ];
    let note = NoteSpec {
        kind: map.required_one_of("kind", KINDS).map_or("", plain),
        text: text(&mut map, "text").value,
        today: map.text("today").map(plain),
    };
    map.finish();
    note
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
pub(crate) fn class_word(class: &str) -> &'static str {
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

fn dry_run(mut map: Fields<'_>) -> DryRunSpec {
    let dry_run =
        DryRunSpec { parameter: text(&mut map, "parameter"), passed: text(&mut map, "passed").value };
    map.finish();
    dry_run
}

fn pagination(mut map: Fields<'_>) -> PaginationSpec {
    let by_token =
        map.required_one_of("style", &[("page-number", false), ("token", true)]).is_some_and(plain);
    let (position, end) = if by_token { ("token", "next") } else { ("page", "total") };
    let pagination = PaginationSpec {
        by_token,
        position: text(&mut map, position),
        size: map.text("size"),
        end: text(&mut map, end),
        items: text(&mut map, "items"),
    };
    map.finish();
    pagination
}

fn ram(mut map: Fields<'_>, diagnostics: &Diagnostics) -> RamSpec {
    const ACCESS: &[(&str, &str)] =
        &[("create", "create"), ("list", "list"), ("get", "get"), ("update", "update"), ("delete", "delete")];
    let resources = map.non_empty_list("resources").unwrap_or_default();
    let ram = RamSpec {
        section: map.text("section").map(plain),
        action: map.text("action").map(plain),
        access: map.one_of("access", ACCESS).map(|access| access.value.to_owned()),
        resources: resources.iter().filter_map(|node| ram_resource(node, diagnostics)).collect(),
    };
    map.finish();
    ram
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

fn example(mut map: Fields<'_>, diagnostics: &Diagnostics) -> ExampleSpec {
    let pairs = map.entries("request").unwrap_or_default().iter();
    let request = pairs.filter_map(|entry| {
        let value = entry.value.scalar(diagnostics)?;
        Some((entry.key.clone(), value.value.text))
    });
    let example = ExampleSpec {
        request: request.collect(),
        response: map.entries("response").map(object),
        response_xml: map.text("response_xml").map(plain),
        note: map.text("note").map(plain),
    };
    map.finish();
    example
}

/// YAML data as the JSON it was transcribed from.
fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => object(entries),
    }
}

fn object(entries: &[Entry]) -> serde_json::Value {
    entries.iter().map(|entry| (entry.key.clone(), json(&entry.value))).collect()
}

fn resolution(mut map: Fields<'_>) -> ResolutionSpec {
    let resolution =
        ResolutionSpec { about: text(&mut map, "about").value, note: text(&mut map, "note").value };
    map.finish();
    resolution
}

pub(super) fn acknowledged(mut map: Fields<'_>) -> AcknowledgedSpec {
    let acknowledged = AcknowledgedSpec {
        lint: map.required_one_of("lint", LINTS).map_or("", plain),
        about: text(&mut map, "about"),
        reason: text(&mut map, "reason").value,
    };
    map.finish();
    acknowledged
}
