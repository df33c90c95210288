//! What the docs of generated code say, from the facts of the model.

use proc_macro2::Ident;

use super::action::{TAG, has_tag_setter};
use crate::doc::Doc;
use crate::limit;
use crate::model::{
    Action, ActionFacts, Documented, Effect, ErrorCode, Field, Note, OpenEnum, Ram, Row, Service, Status,
    Strength, Struct, Type, Until, Variant, Wait, class_word,
};
use crate::names;
use crate::rule::{Content, RuleSpec};
use crate::syntax::{ident, quoted};

/// The struct of an action's parameters: what callers look for, then what maintainers do.
pub(super) fn action(service: &Service, action: &Action) -> Doc {
    let facts = &action.facts;
    let mut doc = Doc::new().text(&facts.summary);
    if let Some(status) = status(facts.status) {
        doc = doc.paragraph().markup(status);
    }
    if let Some(note) = &facts.status_note {
        doc = doc.markup(" ").text(note);
    }
    if let Some(successor) = &facts.replaced_by {
        doc = doc.markup(" Use ").code(successor).markup(" instead.");
    }
    doc = example(doc.paragraph(), service, action);
    doc = behaviour(doc, service, action);
    doc = errors(doc, facts);
    doc = list(doc, "Rules across parameters", &facts.rules, rule);
    doc = list(doc, "Notes", &facts.notes, note);
    list(doc, "How the document is read", &facts.resolutions, |doc, resolution| {
        doc.text(&resolution.about).markup(": ").text(&resolution.note)
    })
}

/// The client of a service as seen from the module of an action.
fn client(action: &Action) -> &'static str {
    if action.chapter.is_some() { "super::super::Client" } else { "super::Client" }
}

/// The method that makes the call, and a call with the least that it takes: names and words of our own.
fn example(doc: Doc, service: &Service, action: &Action) -> Doc {
    let method = ident(&action.module);
    let path = format!("{}::{method}", client(action));
    doc.markup(&format!("Sent by [`Client::{method}`]({path}):")).block(&calls(service, &[action]))
}

/// Calls as a block of code.
pub(super) fn calls(service: &Service, actions: &[&Action]) -> String {
    let calls = actions.iter().map(|action| call(service, action)).collect::<String>();
    format!(
        "```no_run
# async fn call(client: cloudnet::{}::Client) -> Result<(), cloudnet::Error> {{
{calls}# Ok(()) }}
```",
        ident(&service.module)
    )
}

fn call(service: &Service, action: &Action) -> String {
    let (service, method) = (ident(&service.module), ident(&action.module));
    let (taken, send) = match (&action.items, &action.wait) {
        (Some(_), _) => ("let all = ", "items().collect()"),
        (None, Some(_)) => ("", "send_and_wait()"),
        (None, None) => ("", "send()"),
    };
    let setters: String =
        needed(action).into_iter().map(|field| given(action, field, &service, &method)).collect();
    format!("{taken}client.{method}(){setters}.{send}.await?;\n")
}

/// The parameters that a call needs and a client does not fill in; of several of which one will do, the first.
pub(super) fn needed(action: &Action) -> Vec<&Field> {
    let facts = &action.facts;
    let dry_run = facts.dry_run.as_ref().map(|dry_run| dry_run.parameter.as_str());
    let filled_in = [Some("RegionId"), dry_run, facts.idempotency.as_ref().map(|token| token.as_str())];
    let is_left = move |field: &&Field| field.required && !filled_in.contains(&Some(field.name.as_str()));
    let mut needed: Vec<&Field> = action.request.fields.iter().filter(is_left).collect();
    for rule in &action.request.rules {
        let Content::Names(names) = &rule.content else { continue };
        let is_met = !rule.kind.wants_one() || needed.iter().any(|field| names.contains(&field.name));
        let first = action.request.fields.iter().find(|field| names.first() == Some(&field.name));
        needed.extend(first.filter(|_| !is_met));
    }
    needed
}

/// A setter with a value that stands for the caller's.
fn given(action: &Action, field: &Field, service: &Ident, module: &Ident) -> String {
    fn value(ty: &Type, word: &str, service: &Ident, module: &Ident) -> String {
        match ty {
            Type::Text | Type::Secret | Type::Enum(_) => quoted(word),
            Type::Integer => word.to_owned(),
            Type::Double => "1.0".to_owned(),
            Type::Boolean => "true".to_owned(),
            Type::Timestamp => "std::time::SystemTime::now()".to_owned(),
            Type::Struct(inner) | Type::Json(inner) => {
                let module = if inner.shared { "types".to_owned() } else { module.to_string() };
                format!("cloudnet::{service}::{module}::{}::default()", ident(&inner.name))
            }
            Type::List(entry) => format!("[{}]", value(entry, word, service, module)),
        }
    }
    if has_tag_setter(action, field) {
        return format!(".{TAG}(\"key\", \"value\")");
    }
    let value = value(&field.ty, &admitted(field), service, module);
    format!(".{}({value})", ident(&names::setter(&field.rust)))
}

/// The first text that no limit speaks against: a word for it, what is printed or listed, or something well-formed.
fn admitted(field: &Field) -> String {
    const WELL_FORMED: [&str; 6] =
        ["1", "192.168.0.0/24", "192.168.0.1", "255.255.255.0", "2030-01-01T00:00:00Z", "80"];
    let is_number = matches!(field.ty, Type::Integer);
    let word = if is_number { "1".to_owned() } else { field.rust.replace('_', "-") };
    let printed = field.row.iter().flat_map(|row| [&row.example, &row.default]).flatten();
    let listed = field.limits.iter().filter_map(|limit| match &limit.check.content {
        limit::Content::Values(values) => values.first().map(|first| first.value.value.as_str()),
        _ => None,
    });
    // What is no plain word stays out of code, and what is masked is no value.
    let is_plain = |text: &str| text.chars().all(|one| one.is_ascii_alphanumeric() || "-._:/".contains(one));
    let is_whole =
        |text: &&str| is_plain(text) && !text.contains('x') && (!is_number || text.parse::<i64>().is_ok());
    let others = printed.map(String::as_str).chain(listed).filter(is_whole).chain(WELL_FORMED);
    let checks = || field.limits.iter().filter(|limit| limit.strength == Strength::Limit);
    let is_admitted = |text: &&str| checks().all(|limit| limit.check.admits(text));
    std::iter::once(word.as_str()).chain(others).find(is_admitted).unwrap_or(&word).to_owned()
}

/// What a status asks of callers.
fn status(status: Status) -> Option<&'static str> {
    match status {
        Status::Active => None,
        Status::Deprecated => Some("**Deprecated.**"),
        Status::Retired => {
            Some("**Retired:** documented, but no longer known to the vendor's published clients.")
        }
    }
}

/// What the compiler says to whoever calls the action.
pub(super) fn deprecation_of_action(facts: &ActionFacts) -> Option<String> {
    let note = deprecation(facts.status)?;
    let reason = facts.status_note.as_deref().unwrap_or(note).trim_end_matches('.');
    let successor = facts.replaced_by.as_ref().map(|successor| format!("; use `{}` instead", **successor));
    Some(format!("{reason}{}", successor.unwrap_or_default()))
}

/// What the compiler says to whoever uses the field.
pub(super) fn deprecation_of_field(field: &Field) -> Option<&'static str> {
    deprecation(field.row.as_ref()?.status)
}

fn deprecation(status: Status) -> Option<&'static str> {
    match status {
        Status::Active => None,
        Status::Deprecated => Some("the service discourages it"),
        Status::Retired => Some("the vendor's published clients no longer know it"),
    }
}

fn behaviour(mut doc: Doc, service: &Service, action: &Action) -> Doc {
    let facts = &action.facts;
    doc = match &facts.idempotency {
        Some(token) => doc
            .line()
            .markup("- Created once: ")
            .code(token)
            .markup(" is filled in where it is absent, and is the same on every attempt."),
        None if facts.effect == Effect::Write => doc
            .line()
            .markup("- No idempotency token: never sent again after a failure that may have been applied."),
        None => doc.line().markup("- Changes nothing; may be sent again at any time."),
    };
    if let Some(wait) = &action.wait {
        doc = waiting(doc, service, wait);
    }
    if let Some((poll, goal)) = &action.outside {
        doc = doc.line().markup("- Takes effect later, and cannot be waited for: no document here has ");
        doc = until(doc.code(poll).markup(", which would tell when it"), goal).markup(".");
    }
    if let Some(dry_run) = &facts.dry_run {
        doc = doc.line().markup("- Dry run: ").code(&dry_run.parameter).markup("; passed is ");
        doc = match &dry_run.passed {
            Some(code) => doc.markup("the code ").code(code).markup("."),
            None => doc.markup("an answer without an error."),
        };
    }
    if !facts.serialize_by.is_empty() {
        doc = doc.line().markup("- Not to be called at the same time for equal ");
        doc = doc.codes(facts.serialize_by.iter().map(|name| name.value.as_str())).markup(".");
    }
    if let Some(ram) = &facts.ram {
        doc = permission(doc, ram);
    }
    doc = doc.line().markup("- Feature: ").code(service.feature_of(action)).markup(".").line();
    if let Some(published) = &facts.published {
        doc = doc.markup("- No document here has it: it is published, with all that follows, by ");
        return doc.code(&published.to_string()).markup(".");
    }
    let document = facts.document.as_ref().unwrap_or(&service.document);
    doc.markup("- Section ").text(&facts.section).markup(" of ").text(document).markup(".")
}

fn permission(mut doc: Doc, ram: &Ram) -> Doc {
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

fn waiting(doc: Doc, service: &Service, wait: &Wait) -> Doc {
    let Some(resource) = service.resource(wait) else { return doc };
    let doc = doc
        .line()
        .markup("- Takes effect later: `send_and_wait` asks ")
        .code(&resource.poll)
        .markup(" until the ");
    let mut doc = until(doc.text(&resource.title), &wait.until);
    if !wait.shows.is_empty() {
        doc = doc.markup(" and shows the new ").codes(wait.shows.iter().map(|(field, _)| field.as_str()));
    }
    doc = doc.markup(&format!(", up to {} s.", wait.deadline_s));
    if wait.failure.is_empty() {
        return doc;
    }
    doc.markup(" Fails at once in state ").codes(wait.failure.iter().map(String::as_str)).markup(".")
}

fn until(doc: Doc, until: &Until) -> Doc {
    match until {
        Until::States(states) => doc.markup(" is ").codes(states.iter().map(String::as_str)),
        Until::Gone => doc.markup(" is gone"),
        Until::Present => doc.markup(" is there"),
    }
}

fn note(doc: Doc, note: &Note) -> Doc {
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
    doc = doc.paragraph().markup("# ").markup(title);
    for one in entries {
        doc = entry(doc.line().markup("- "), one);
    }
    doc
}

fn errors(mut doc: Doc, facts: &ActionFacts) -> Doc {
    let (documented, observed) = (&facts.errors, &facts.observed);
    if documented.is_empty() && observed.is_empty() && !facts.unsourced {
        return doc;
    }
    doc = doc.paragraph().markup("# Errors").line();
    if facts.unsourced {
        doc = doc.markup("No source here lists its codes; those of the service apply.");
    }
    if documented.is_empty() && observed.is_empty() {
        return doc;
    }
    if facts.unsourced {
        doc = doc.paragraph();
    }
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

fn error_row(doc: Doc, status: &str, error: &ErrorCode) -> Doc {
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
pub(super) fn field(field: &Field) -> Doc {
    let mut doc = match &field.row {
        Some(row) => described(row),
        None => Doc::new().markup("Wire name: ").code(&field.name).markup("."),
    };
    for row in shared_fields(&field.ty).iter().filter_map(|field| field.row.as_ref()) {
        doc = said(named(doc.line().markup("- "), row), row).markup(": ").text(&row.summary);
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

/// The summary, its facts on one line, then what else is to be said.
fn described(row: &Row) -> Doc {
    let mut doc = named(Doc::new().text(&row.summary).line().markup("- "), row);
    doc = doc.markup(match row.documented {
        Documented::Table | Documented::Published => "",
        Documented::Example => ", only an example has it",
        Documented::No => ", no document has it",
    });
    if let Some(published) = &row.published {
        doc = doc.markup(", published by ").code(&published.to_string());
    }
    if row.is_gone {
        doc = doc.markup(", not in the vendor's published clients");
    }
    doc = said(doc, row);
    if let Some(example) = &row.example {
        doc = doc.markup("; example ").code(example);
    }
    doc = doc.markup(".");
    if let Some(note) = &row.note {
        doc = doc.line().markup("- ").text(note);
    }
    match status(row.status) {
        Some(status) => doc.line().markup("- ").markup(status),
        None => doc,
    }
}

/// Wire name, and whether it must be given.
fn named(mut doc: Doc, row: &Row) -> Doc {
    doc = doc.code(&row.path);
    if let Some(printed) = &row.documented_as {
        doc = doc.markup(", printed as ").code(printed);
    }
    doc.markup(if row.required { ", required" } else { "" })
}

/// What the document says of values, and what is said elsewhere.
fn said(mut doc: Doc, row: &Row) -> Doc {
    if !row.limits.is_empty() {
        doc = doc.markup("; ").text(&row.limits);
    }
    if let Some(unit) = &row.unit {
        doc = doc.markup("; unit ").text(unit);
    }
    if let Some(default) = &row.default {
        doc = doc.markup("; default ").code(default);
    }
    row.further.iter().fold(doc, |doc, (whose, said)| doc.markup(&format!("; {whose} ")).text(said))
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
