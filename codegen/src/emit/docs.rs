//! What the docs of generated code say, from the facts of the spec.

use crate::doc::Doc;
use crate::model::{Action, Field, Limit, OpenEnum, Service, Struct, Type, Variant, Wait};
use crate::spec::action::class_word;
use crate::spec::{
    Documented, ErrorSpec, NoteSpec, OutsideSpec, RamSpec, RowSpec, RuleSpec, StatusSpec, TodaySpec,
    UntilSpec, WaitSpec,
};

/// The struct of an action's parameters: everything that is known of the action.
pub(super) fn action(service: &Service, action: &Action) -> Doc {
    let spec = &action.spec;
    let document = spec.document.as_ref().unwrap_or(&service.spec.document);
    let mut doc = Doc::new().text(&spec.summary).paragraph();
    doc =
        doc.markup("Parameters of ").code(&spec.name).markup(", section ").text(&spec.section).markup(" of ");
    doc = status(doc.text(document).markup("."), spec.status, spec.status_note.as_deref());
    if let Some(successor) = &spec.replaced_by {
        doc = doc.markup(" Use ").code(successor).markup(" instead.");
    }
    doc = behaviour(doc.paragraph(), service, action);
    doc = list(doc, "Notes", &spec.notes, note);
    doc = list(doc, "Rules across parameters", &spec.rules, rule);
    doc = list(doc, "How the document is read", &spec.resolutions, |doc, resolution| {
        doc.text(&resolution.about).markup(": ").text(&resolution.note)
    });
    errors(doc, &spec.errors, &spec.observed)
}

fn status(doc: Doc, status: StatusSpec, note: Option<&str>) -> Doc {
    let doc = match status {
        StatusSpec::Active => return doc,
        StatusSpec::Deprecated => doc.paragraph().markup("**Deprecated.**"),
        StatusSpec::Retired => doc
            .paragraph()
            .markup("**Retired:** documented, but no longer known to the vendor's published clients."),
    };
    match note {
        Some(note) => doc.markup(" ").text(note),
        None => doc,
    }
}

fn behaviour(mut doc: Doc, service: &Service, action: &Action) -> Doc {
    let spec = &action.spec;
    doc = match &spec.idempotency {
        Some(token) => doc
            .line()
            .markup("- Created once: ")
            .code(token)
            .markup(" is filled in where it is absent, and is the same on every attempt."),
        None if spec.effect == crate::spec::EffectSpec::Write => doc
            .line()
            .markup("- No idempotency token: never sent again after a failure that may have been applied."),
        None => doc.line().markup("- Changes nothing; may be sent again at any time."),
    };
    if let Some(dry_run) = &spec.dry_run {
        doc = doc.line().markup("- Dry run: ").code(&dry_run.parameter).markup("; passed is the code ");
        doc = doc.code(&dry_run.passed).markup(".");
    }
    if !spec.serialize_by.is_empty() {
        doc = doc.line().markup("- Not to be called at the same time for equal ");
        doc = doc.codes(spec.serialize_by.iter().map(|name| name.value.as_str())).markup(".");
    }
    if let Some(ram) = &spec.ram {
        doc = permission(doc, ram);
    }
    match (&spec.wait, &action.wait) {
        (Some(spec), Some(wait)) => waiting(doc, service, spec, wait),
        (Some(WaitSpec { outside: Some(outside), until, .. }), _) => waiting_outside(doc, outside, until),
        _ => doc,
    }
}

fn permission(mut doc: Doc, ram: &RamSpec) -> Doc {
    doc = doc.line().markup("- RAM: ");
    if let Some(action) = &ram.action {
        doc = doc.code(action).markup(" on ");
    }
    for (index, resource) in ram.resources.iter().enumerate() {
        doc = doc.markup(if index > 0 { ", " } else { "" }).code(&resource.text);
        if let Some(when) = &resource.when {
            doc = doc.markup(" (").text(when).markup(")");
        }
    }
    doc.markup(".")
}

fn waiting(doc: Doc, service: &Service, spec: &WaitSpec, wait: &Wait) -> Doc {
    let Some(resource) = service.resources.iter().find(|resource| resource.name == wait.resource) else {
        return doc;
    };
    let doc = doc
        .line()
        .markup("- Takes effect later: `send_and_wait` asks ")
        .code(&resource.poll)
        .markup(" until the ");
    let mut doc = until(doc.text(&resource.title), &spec.until);
    if !wait.shows.is_empty() {
        doc = doc.markup(" and shows the new ").codes(wait.shows.iter().map(|(field, _)| field.as_str()));
    }
    doc = doc.markup(&format!(", up to {} s.", wait.deadline_s));
    if wait.failure.is_empty() {
        return doc;
    }
    doc.markup(" Fails at once in state ").codes(wait.failure.iter().map(String::as_str)).markup(".")
}

fn waiting_outside(doc: Doc, outside: &OutsideSpec, goal: &UntilSpec) -> Doc {
    let doc = doc.line().markup("- Takes effect later, and cannot be waited for: no document here has ");
    let doc = doc.code(&outside.action).markup(", which would tell when it");
    until(doc, goal).markup(".")
}

fn until(doc: Doc, until: &UntilSpec) -> Doc {
    match until {
        UntilSpec::States(states) => {
            doc.markup(" is ").codes(states.iter().map(|state| state.value.as_str()))
        }
        UntilSpec::Gone => doc.markup(" is gone"),
        UntilSpec::Present => doc.markup(" is there"),
    }
}

fn note(doc: Doc, note: &NoteSpec) -> Doc {
    let doc = doc.markup(note.kind).markup(": ").text(&note.text);
    match &note.today {
        Some(today) => doc.markup(" Today: ").text(today),
        None => doc,
    }
}

fn list<T>(mut doc: Doc, title: &str, entries: &[T], entry: impl Fn(Doc, &T) -> Doc) -> Doc {
    if entries.is_empty() {
        return doc;
    }
    doc = doc.paragraph().markup("# ").markup(title).paragraph();
    for one in entries {
        doc = entry(doc.line().markup("- "), one);
    }
    doc
}

fn errors(mut doc: Doc, documented: &[ErrorSpec], observed: &[ErrorSpec]) -> Doc {
    if documented.is_empty() && observed.is_empty() {
        return doc;
    }
    doc = doc.paragraph().markup("# Errors").paragraph();
    doc = doc.markup("| status | code | class | meaning |").line().markup("|---|---|---|---|");
    for error in documented {
        let status = if error.status == 0 { String::new() } else { error.status.to_string() };
        doc = error_row(doc.line(), &status, error);
    }
    for error in observed {
        doc = error_row(doc.line(), "observed", error);
    }
    doc
}

fn error_row(doc: Doc, status: &str, error: &ErrorSpec) -> Doc {
    // A line feed would end the row.
    let summary = error.summary.replace('|', "/").replace('\n', " ");
    let doc = doc.markup("| ").markup(status).markup(" | ").code(&error.code.value.replace('|', "\\|"));
    doc.markup(" | ").markup(class_word(error.class)).markup(" | ").text(&summary).markup(" |")
}

fn rule(doc: Doc, rule: &RuleSpec) -> Doc {
    let doc = rule.rule.said(doc).markup(match (rule.rule.today, rule.lifted, rule.rule.advice) {
        (_, true, _) => " (documented; no longer checked).",
        (true, false, false) => " (today).",
        (true, false, true) => " (today; advice).",
        (false, false, true) => " (advice).",
        (false, false, false) => ".",
    });
    match &rule.note {
        Some(note) => doc.markup(" ").text(note),
        None => doc,
    }
}

/// A field of a request or response: what its row says, and for a shared type what the rows of
/// its fields say here.
pub(super) fn field(field: &Field, rows: &[RowSpec], section: &str) -> Doc {
    let mut doc = match field.row.and_then(|row| rows.get(row)) {
        Some(row) => described(row, section),
        None => Doc::new().markup("Wire name: ").code(&field.name).markup(".").paragraph(),
    };
    for inner in shared_fields(&field.ty) {
        if let Some(row) = inner.row.and_then(|row| rows.get(row)) {
            let bullet = doc.line().markup("- ").code(&row.path).markup(": ").text(&row.summary);
            doc = said(row).into_iter().fold(bullet, |doc, fact| doc.markup(" ").text(&fact).markup("."));
        }
    }
    doc
}

fn shared_fields(ty: &Type) -> &[Field] {
    match ty {
        Type::List(entry) => shared_fields(entry),
        Type::Struct(inner) | Type::Json(inner) if inner.shared => &inner.shape.fields,
        _ => &[],
    }
}

fn described(row: &RowSpec, section: &str) -> Doc {
    let mut doc = Doc::new().text(&row.summary).paragraph();
    doc = doc.markup("- Wire name: ").code(&row.path);
    if let Some(printed) = &row.documented_as {
        doc = doc.markup(", printed as ").code(printed);
    }
    doc = doc.markup(match row.documented {
        Documented::Table => "",
        Documented::Example => "; only an example has it",
        Documented::No => "; no document has it",
    });
    doc = doc.markup("; section ").text(section).markup(".");
    doc = facts(doc, row);
    if let Some(note) = &row.note {
        doc = doc.line().markup("- ").text(note);
    }
    status(doc, row.status, None)
}

fn facts(doc: Doc, row: &RowSpec) -> Doc {
    let mut doc =
        said(row).into_iter().fold(doc, |doc, fact| doc.line().markup("- ").text(&fact).markup("."));
    if let Some(unit) = &row.unit {
        doc = doc.line().markup("- Unit: ").text(unit).markup(".");
    }
    if let Some(default) = &row.default {
        doc = doc.line().markup("- Default: ").code(default).markup(".");
    }
    match &row.example {
        Some(example) => doc.line().markup("- Example: ").code(example).markup("."),
        None => doc,
    }
}

/// The limits and the advice: the document's, and today's where they differ.
fn said(row: &RowSpec) -> Vec<String> {
    let required = row.required.then(|| "required".to_owned());
    let today = row.today.as_ref();
    let parts = [
        ("Documented", join(required.into_iter().chain(row.limits.said()))),
        ("Today", join(today.map(todays).unwrap_or_default())),
        ("Advice", join(row.advice.said())),
        ("Advice of today", join(today.into_iter().flat_map(|today| today.advice.said()))),
    ];
    let given = parts.into_iter().filter(|(_, said)| !said.is_empty());
    given.map(|(whose, said)| format!("{whose}: {said}")).collect()
}

fn todays(today: &TodaySpec) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    match today.required {
        Some(true) => said.push("required".to_owned()),
        Some(false) => said.push("optional".to_owned()),
        None => {}
    }
    said.extend(today.limits.said());
    said.extend(today.limits.lifted.iter().map(|key| format!("no limit on {}", key.replace('_', " "))));
    match &today.default {
        Some(Some(default)) => said.push(format!("default {}", default.value)),
        Some(None) => said.push("no default".to_owned()),
        None => {}
    }
    said
}

fn join(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(", ")
}

/// A setter: the summary, and where the limits stand.
pub(super) fn setter(row: Option<&RowSpec>, owner: &str, rust: &str, limits: &[Limit], ty: &Type) -> Doc {
    let doc = match row {
        Some(row) => Doc::new().text(&row.summary),
        None => Doc::new().markup("Sets ").code(rust).markup("."),
    };
    let adds = matches!(ty, Type::List(_)).then_some(" Adds to what is there.");
    let limited = if limits.is_empty() { "" } else { " Limited: see" };
    let lead = if limited.is_empty() { " See" } else { limited };
    doc.markup(adds.unwrap_or_default()).markup(&format!("{lead} [`{owner}::{rust}`]."))
}

/// A nested struct.
pub(super) fn nested(one: &Struct) -> Doc {
    let part = if one.is_input { "An entry of the parameter " } else { "An entry of the response's " };
    Doc::new().markup(part).code(&one.path).markup(".")
}

/// A type with a list of values.
pub(super) fn open_enum(one: &OpenEnum) -> Doc {
    Doc::new().markup("Values of ").code(&one.path).markup(".")
}

/// One value.
pub(super) fn variant(variant: &Variant) -> Doc {
    let mut doc = Doc::new().code(&variant.value);
    if let Some(summary) = &variant.summary {
        doc = doc.markup(": ").text(summary);
    }
    if variant.only_today {
        doc = doc.markup(" (Today; not in the document.)");
    }
    if variant.only_documented {
        doc = doc.markup(" (Documented; not among today's values.)");
    }
    doc
}
