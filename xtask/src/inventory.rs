//! The specs as one JSON document, for people and scripts that compare them with the documents.

pub(crate) mod checks;
mod selection;
mod waiting;

use cloudnet_codegen::facts::{self, Documented, Effect, ErrorCode, Status, class_word};
use cloudnet_codegen::model::{Action, Model, Service};
use cloudnet_codegen::read::Spanned;
use cloudnet_codegen::spec::RowSpec;
use serde_json::{Map, Value, json};

pub use self::selection::{Selection, select};

/// Everything, service by service.
#[must_use]
pub fn json(model: &Model) -> Value {
    json!({ "services": model.services.iter().map(service).collect::<Vec<_>>() })
}

/// Coverage as a Markdown table.
#[must_use]
pub fn table(model: &Model) -> String {
    let mut text = String::from(
        "| chapter | actions | parameters | response fields | error rows | observed codes | rules | examples | \
         published: actions | parameters | response fields | error rows |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for (name, sum) in coverage(model) {
        let documented =
            [sum.actions, sum.request, sum.response, sum.errors, sum.observed, sum.rules, sum.examples];
        let Published { actions, request, response, errors } = sum.published;
        let published = [actions, request, response, errors];
        let cells: Vec<String> = documented.iter().chain(&published).map(usize::to_string).collect();
        text.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    }
    text
}

/// What a service's specs hold, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Actions that a document has.
    pub actions: usize,
    /// Rows of the request tables.
    pub request: usize,
    /// Rows of the response tables.
    pub response: usize,
    /// Rows of the error tables, as printed.
    pub errors: usize,
    /// Codes met in practice.
    pub observed: usize,
    /// Rules across rows.
    pub rules: usize,
    /// Documented examples.
    pub examples: usize,
    /// What no document has, and a package that the vendor publishes.
    pub published: Published,
}

/// What is known from packages alone, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Actions.
    pub actions: usize,
    /// Rows of requests.
    pub request: usize,
    /// Rows of responses.
    pub response: usize,
    /// Error codes of actions.
    pub errors: usize,
}

/// Coverage by service and chapter, in the order of the documents, with the total last.
#[must_use]
pub fn coverage(model: &Model) -> Vec<(String, Coverage)> {
    let mut rows: Vec<(String, Coverage)> = Vec::new();
    for service in &model.services {
        let name = &service.spec.name.value;
        let mut add = |title: String, chapter: Option<&str>| {
            let mut sum = Coverage::default();
            let is_inside = |one: &&Action| service.spec.chapter_of(&one.spec.file) == chapter;
            let of_chapter = service.actions.iter().filter(is_inside);
            of_chapter.for_each(|one| sum.add(counted(one)));
            if sum.actions + sum.published.actions > 0 {
                rows.push((title, sum));
            }
        };
        for chapter in &service.spec.chapters {
            let title = format!("{name} {} {}", chapter.section, chapter.title);
            add(title, Some(&chapter.folder));
        }
        add(name.clone(), None);
    }
    let mut total = Coverage::default();
    rows.iter().for_each(|(_, one)| total.add(*one));
    rows.push(("all".to_owned(), total));
    rows
}

/// A line for every action: printed rows of its request, response and error tables.
#[must_use]
pub fn counts(model: &Model) -> String {
    let mut text = String::new();
    for service in &model.services {
        for action in &service.actions {
            let sum = counted(action);
            let (service, section, name) =
                (&service.spec.name.value, &action.spec.section.value, &action.spec.name.value);
            let Coverage { request, response, errors, published, .. } = sum;
            let counted = format!("{request} / {response} / {errors}");
            let beside = match (published.request, published.response) {
                (0, 0) => String::new(),
                (request, response) => format!(", published {request} / {response}"),
            };
            text.push_str(&format!("{service} {section} {name}: {counted}{beside}\n"));
        }
    }
    text
}

impl Coverage {
    fn add(&mut self, other: Self) {
        self.actions += other.actions;
        self.request += other.request;
        self.response += other.response;
        self.errors += other.errors;
        self.observed += other.observed;
        self.rules += other.rules;
        self.examples += other.examples;
        self.published.actions += other.published.actions;
        self.published.request += other.published.request;
        self.published.response += other.published.response;
        self.published.errors += other.published.errors;
    }
}

fn counted(action: &Action) -> Coverage {
    let of = |whose: Documented, rows: &[RowSpec]| rows.iter().filter(|row| row.documented == whose).count();
    let (request, response) = (&action.spec.request, &action.spec.response);
    let is_published = action.spec.published.is_some();
    let error_rows: i64 = action.spec.errors.iter().map(|error| error.rows).sum();
    let error_rows = usize::try_from(error_rows).unwrap_or(0);
    let published = Published {
        actions: usize::from(is_published),
        request: of(Documented::Published, request),
        response: of(Documented::Published, response),
        errors: if is_published { error_rows } else { 0 },
    };
    Coverage {
        actions: usize::from(!is_published),
        request: of(Documented::Table, request),
        response: of(Documented::Table, response),
        errors: error_rows - published.errors,
        observed: action.spec.observed.len(),
        rules: action.spec.rules.len(),
        examples: action.spec.examples.len(),
        published,
    }
}

fn service(service: &Service) -> Value {
    let spec = &service.spec;
    json!({
        "name": *spec.name,
        "version": spec.version,
        "product": spec.product,
        "document": spec.document,
        "actions": service.actions.iter().map(|one| action(service, one)).collect::<Vec<_>>(),
        "resources": spec.resources.iter().map(waiting::resource).collect::<Vec<_>>(),
        "waiters": spec.resources.iter().flat_map(waiting::waiters).collect::<Vec<_>>(),
        "without_section": spec.without_section.iter().map(|one| {
            json!({ "name": one.name, "known": one.known })
        }).collect::<Vec<_>>(),
    })
}

fn action(service: &Service, action: &Action) -> Value {
    let spec = &action.spec;
    let (known, added): (Vec<&RowSpec>, Vec<&RowSpec>) =
        spec.request.iter().partition(|row| row.documented != Documented::No);
    json!({
        "name": *spec.name,
        "document": spec.document.as_ref().unwrap_or(&service.spec.document),
        "section": *spec.section,
        "provenance": if spec.published.is_some() { "published" } else { "documented" },
        "published": spec.published.as_ref().map(published),
        "status": spec.status.word(),
        "effect": if spec.effect == Effect::Read { "read" } else { "write" },
        "request": known.into_iter().map(request_row).collect::<Vec<_>>(),
        "request_undocumented": added.into_iter().map(request_row).collect::<Vec<_>>(),
        "response": spec.response.iter().map(response_row).collect::<Vec<_>>(),
        "errors": spec.errors.iter().map(error).collect::<Vec<_>>(),
        "observed_errors": spec.observed.iter().map(observed).collect::<Vec<_>>(),
        "ram": ram(action),
        "idempotency": text(&spec.idempotency),
        "dry_run": spec.dry_run.as_ref().map(|one| json!({ "parameter": *one.parameter, "passed": one.passed })),
        "serialize_by": spec.serialize_by.iter().map(|name| name.value.as_str()).collect::<Vec<_>>(),
        "pagination": pagination(action),
        "rules": spec.rules.iter().map(checks::rule).collect::<Vec<_>>(),
        "notes": spec.notes.iter().map(|one| {
            json!({ "kind": one.kind, "text": one.text, "today": one.today })
        }).collect::<Vec<_>>(),
        "wait": spec.wait.as_ref().map(|wait| waiting::wait(service, wait)),
        "examples": spec.examples.len(),
    })
}

fn text(spanned: &Option<Spanned<String>>) -> Value {
    spanned.as_ref().map_or(Value::Null, |spanned| spanned.value.as_str().into())
}

fn request_row(row: &RowSpec) -> Value {
    let mut entry = Map::new();
    entry.insert("name".to_owned(), row.path.to_string().into());
    entry.insert("documented_as".to_owned(), row.documented_as.clone().into());
    entry.insert("type".to_owned(), row.ty.word().into());
    entry.insert("required".to_owned(), row.required.into());
    entry.extend(checks::unlimited());
    entry.extend(checks::limits(&row.limits, row.ty.value));
    entry.insert("default".to_owned(), default(row, row.default.as_ref()));
    entry.insert("example".to_owned(), row.example.clone().into());
    entry.insert("today".to_owned(), today(row));
    let mut advice = Map::new();
    for limits in row.advised() {
        advice.extend(checks::limits(limits, row.ty.value));
    }
    if !advice.is_empty() {
        entry.insert("advice".to_owned(), advice.into());
    }
    if row.status != Status::Active {
        entry.insert("status".to_owned(), row.status.word().into());
    }
    entry.extend(provenance(row));
    Value::Object(entry)
}

fn today(row: &RowSpec) -> Value {
    let mut entry = Map::new();
    let Some(today) = &row.today else { return Value::Object(entry) };
    if let Some(required) = today.required {
        entry.insert("required".to_owned(), required.into());
    }
    if let Some(default) = &today.default {
        entry.insert("default".to_owned(), self::default(row, default.as_ref()));
    }
    entry.extend(checks::limits(&today.limits, row.ty.value));
    for lifted in &today.limits.lifted {
        entry.insert((*lifted).to_owned(), "any".into());
    }
    Value::Object(entry)
}

fn response_row(row: &RowSpec) -> Value {
    let mut entry = json!({ "path": &**row.path, "type": row.ty.word() });
    provenance(row).into_iter().for_each(|(key, value)| entry[key] = value);
    if let Some(printed) = &row.documented_as {
        entry["documented_as"] = printed.as_str().into();
    }
    if let Some(values) = row.limits.values() {
        entry["enum"] = values.iter().map(|value| value.value.as_str()).collect();
    }
    match row.documented {
        Documented::Table | Documented::Published => {}
        Documented::Example => entry["documented"] = "example".into(),
        Documented::No => entry["documented"] = false.into(),
    }
    if row.status != Status::Active {
        entry["status"] = row.status.word().into();
    }
    entry
}

/// Whose fact a row is.
fn provenance(row: &RowSpec) -> Map<String, Value> {
    let word = match row.documented {
        Documented::Table | Documented::Example => "documented",
        Documented::Published => "published",
        Documented::No => "undocumented",
    };
    let mut entry = Map::from_iter([("provenance".to_owned(), word.into())]);
    if let Some(package) = &row.published {
        entry.insert("published".to_owned(), published(package));
    }
    entry
}

fn published(facts::Published { package, version }: &facts::Published) -> Value {
    json!({ "package": package, "version": version })
}

fn error(error: &ErrorCode) -> Value {
    let status = if error.status == 0 { Value::Null } else { error.status.into() };
    let mut entry = json!({ "status": status, "code": *error.code, "class": class_word(error.class), "rows": error.rows });
    passes(&mut entry, error);
    entry
}

fn observed(error: &ErrorCode) -> Value {
    let mut entry = json!({ "code": *error.code, "class": class_word(error.class) });
    passes(&mut entry, error);
    if error.gone == Some(true) {
        entry["gone"] = true.into();
    }
    entry
}

fn passes(entry: &mut Value, error: &ErrorCode) {
    if let Some(passes) = &error.passes {
        entry["passes"] = passes.as_str().into();
    }
}

fn ram(action: &Action) -> Value {
    let Some(ram) = &action.spec.ram else { return Value::Null };
    let resources = ram.resources.iter().map(|one| match &one.when {
        Some(when) => json!({ "resource": one.text, "when": when }),
        None => one.text.as_str().into(),
    });
    json!({
        "action": ram.action,
        "access": ram.access,
        "section": ram.section.as_ref().unwrap_or(&action.spec.section),
        "resources": resources.collect::<Vec<Value>>(),
    })
}

fn pagination(action: &Action) -> Value {
    let Some(pages) = &action.spec.pagination else { return Value::Null };
    let style = if pages.by_token { "token" } else { "page-number" };
    let (position, end) = pages.ends();
    json!({
        "style": style,
        position: *pages.position,
        "size": text(&pages.size),
        end: &**pages.end,
        "items": &**pages.items,
    })
}

/// A default in the type of its row.
fn default(row: &RowSpec, text: Option<&Spanned<String>>) -> Value {
    text.map_or(Value::Null, |text| checks::typed(row.ty.value, text))
}

fn names(names: &[Spanned<String>]) -> Value {
    names.iter().map(|name| name.value.as_str()).collect()
}
