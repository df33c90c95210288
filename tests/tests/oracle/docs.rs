//! The docs of generated code: each fact of a row stands in the docs of its field, in whatever form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cloudnet_tests::texts;
use serde_json::Value;
use syn::visit::Visit;

use crate::row::{self, Table, mappings};
use crate::spec::{Action, Entries, Service, list, map, scalar, str, strings};
use crate::wait;

/// What stands in generated files, by their path.
pub(crate) struct Docs(BTreeMap<String, File>);

impl Docs {
    pub(crate) fn read(generated: &Path) -> Self {
        let files = texts(generated).into_iter().map(|(path, text)| {
            let mut file = File::default();
            file.visit_file(&syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}")));
            (path, file)
        });
        Self(files.collect())
    }

    fn of<'a>(&'a self, service: &Service) -> impl Iterator<Item = &'a File> + use<'a> {
        let folder = format!("{}/", service.name().replace('-', "_"));
        self.0.iter().filter(move |(path, _)| path.starts_with(&folder)).map(|(_, file)| file)
    }
}

#[derive(Default)]
struct File {
    structs: BTreeSet<String>,
    /// The docs of each item, field, variant and method.
    docs: Vec<String>,
}

impl File {
    fn doc(&mut self, attributes: &[syn::Attribute]) {
        let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(plain(&text.value())),
                _ => None,
            },
            _ => None,
        });
        self.docs.push(lines.collect::<Vec<_>>().join("\n"));
    }
}

impl<'ast> Visit<'ast> for File {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.structs.insert(item.ident.to_string());
        self.doc(&item.attrs);
        syn::visit::visit_item_struct(self, item);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        self.doc(&field.attrs);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.doc(&variant.attrs);
    }

    /// What the macros of the SDK are given are items.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let items = syn::parse2(call.tokens.clone()).unwrap_or_else(|error| panic!("no items: {error}"));
        let mut inside = Self::default();
        inside.visit_file(&items);
        self.structs.extend(inside.structs);
        self.docs.extend(inside.docs);
    }

    /// A method without a body, which the macros give one.
    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        match item {
            syn::ImplItem::Verbatim(tokens) => {
                let method: syn::TraitItemFn = syn::parse2(tokens.clone()).expect("it is a method");
                self.doc(&method.attrs);
            }
            item => syn::visit::visit_impl_item(self, item),
        }
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        self.doc(&method.attrs);
    }
}

/// A text without what Markdown needs around it.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|character| !matches!(character, '`' | '\\')).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a text stands as a whole word, behind some place.
fn find(text: &str, word: &str, from: usize) -> Option<usize> {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    text[from..].match_indices(word).map(|(at, _)| from + at).find(|at| {
        let (before, mut after) = (text[..*at].chars().next_back(), text[at + word.len()..].chars());
        let (begins, ends) = (word.starts_with(is_name), word.ends_with(|last| is_name(last) || last == ']'));
        let begins = !begins || before.is_none_or(|before| !is_name(before) && !matches!(before, '.' | '-'));
        let next = after.next();
        let goes_on = next.is_some_and(is_name)
            || next == Some('[')
            || next == Some('.') && after.next().is_some_and(is_name);
        begins && !(ends && goes_on)
    })
}

/// Whether texts stand there one after the other, close together.
fn has_in_order(text: &str, words: &[String]) -> bool {
    let [first, rest @ ..] = words else { return true };
    let mut from = 0;
    while let Some(at) = find(text, first, from) {
        let mut end = at + first.len();
        let follow = rest.iter().all(|word| {
            let next = find(text, word, end).filter(|next| next - end <= 12);
            end = next.map_or(end, |next| next + word.len());
            next.is_some()
        });
        if follow {
            return true;
        }
        from = at + first.len().max(1);
    }
    false
}

type Counts = BTreeMap<&'static str, usize>;

pub(crate) fn compare(
    service: &Service,
    action: &Action,
    generated: &Docs,
    compared: &mut Counts,
    differences: &mut Vec<String>,
) {
    let Some(file) = generated.of(service).find(|file| file.structs.contains(action.name())) else {
        differences.push(format!("{}: no generated file", action.file));
        return;
    };
    for (table, rows) in [(Table::Request, &action.request), (Table::Response, &action.response)] {
        for row in rows.iter().filter(|row| !row::is_inside_wrapper(row, rows)) {
            *compared.entry("row").or_default() += 1;
            let facts = row_facts(service, row, table);
            *compared.entry("fact").or_default() += facts.len();
            let path = plain(str(row, table.key()).unwrap_or_default());
            let docs = file.docs.iter().map(|doc| doc.replace('\n', " "));
            let docs: Vec<String> = docs.filter(|doc| find(doc, &path, 0).is_some()).collect();
            let lacks =
                |doc: &String| facts.iter().filter(|fact| !has_in_order(doc, fact)).collect::<Vec<_>>();
            match docs.iter().map(lacks).min_by_key(Vec::len) {
                None => differences.push(format!("{}: no docs of {} {path}", action.file, table.name())),
                Some(lacking) => differences.extend(lacking.into_iter().map(|fact| {
                    format!(
                        "{}: the docs of {} {path} do not say {}",
                        action.file,
                        table.name(),
                        fact.join(" … ")
                    )
                })),
            }
        }
    }
    for (kind, word) in [("errors", None), ("observed", Some("observed"))] {
        for error in mappings(&action.yaml, kind) {
            *compared.entry("error").or_default() += 1;
            let code = plain(&error.get("code").map(scalar).unwrap_or_default()).replace('|', "");
            let status = error.get("status").map(scalar);
            let words =
                [word, Some(&code), status.as_deref().filter(|_| word.is_none()), str(error, "class")];
            let mut lines = file.docs.iter().flat_map(|doc| doc.lines());
            if !lines.any(|line| words.into_iter().flatten().all(|word| find(line, word, 0).is_some())) {
                differences.push(format!("{}: no docs of {words:?}", action.file));
            }
        }
    }
    if let Some(wait) = map(&action.yaml, "wait").filter(|wait| wait.contains_key("resource")) {
        let resources =
            service.resources.get(&action.folder).into_iter().flatten().filter_map(Value::as_object);
        for resource in resources.filter(|resource| resource.get("name") == wait.get("resource")) {
            waited(resource, wait, &action.file, file.docs.iter(), compared, differences);
        }
    }
}

/// What the docs of a field must say, each as words in their order.
fn row_facts(service: &Service, row: &Entries, table: Table) -> Vec<Vec<String>> {
    let mut facts = Vec::new();
    let mut add = |words: Vec<String>| {
        facts.push(words.iter().map(|word| plain(word)).filter(|word| !word.is_empty()).collect())
    };
    let path = str(row, table.key()).unwrap_or_default();
    let is_shared = is_of_shared_type(service, path);
    for key in ["documented_as", "unit", "default", "example", "note", "summary"] {
        // In the docs of a list of a shared type, a line stands for each field: what it is, and its limits.
        if let Some(text) = row.get(key).filter(|_| !is_shared || key == "summary") {
            add(vec![scalar(text)]);
        }
    }
    if row.get("required").is_some_and(|required| *required == true) {
        add(vec!["required".to_owned()]);
    }
    if table == Table::Response {
        return facts;
    }
    for (key, limit) in row::stated(row) {
        match key {
            "values" => row::values(limit).into_iter().for_each(|value| add(vec![value])),
            "cidr" => {
                for key in ["within", "not_within"] {
                    strings(limit.as_object().expect("it is a mapping"), key)
                        .into_iter()
                        .for_each(|block| add(vec![block]));
                }
                add(ends(&limit["prefix"]));
            }
            "length" | "range" | "items" | "mask" => add(ends(limit)),
            _ => match limit {
                Value::Array(entries) => entries.iter().for_each(|entry| add(vec![scalar(entry)])),
                one => add(vec![scalar(one)]),
            },
        }
    }
    let today = map(row, "today");
    for (key, said) in today.into_iter().flatten() {
        add(vec!["today".to_owned()]);
        match (key.as_str(), said) {
            ("required", Value::Bool(false)) => add(vec!["optional".to_owned()]),
            ("required", _) => add(vec!["required".to_owned()]),
            ("default", none) if none == "none" => add(vec!["no default".to_owned()]),
            ("default", default) => add(vec![scalar(default)]),
            (lifted, any) if any == "any" => add(vec!["no limit on".to_owned(), lifted.replace('_', " ")]),
            _ => {}
        }
    }
    facts
}

fn ends(pair: &Value) -> Vec<String> {
    let ends = pair.as_array().into_iter().flatten();
    ends.filter(|end| !end.is_null()).map(scalar).collect()
}

fn is_of_shared_type(service: &Service, path: &str) -> bool {
    let names = row::segments(path);
    let [.., (outer, true), (field, _)] = names.as_slice() else { return false };
    let mut types = map(&service.yaml, "types").into_iter().flatten();
    types.any(|(name, fields)| {
        name == outer && fields.as_array().is_some_and(|all| all.iter().any(|one| one == field))
    })
}

/// The docs of a waiter's method, or of the call whose effect is waited for.
fn waited<'a>(
    resource: &Entries,
    wait: &Entries,
    file: &str,
    mut docs: impl Iterator<Item = &'a String>,
    compared: &mut Counts,
    differences: &mut Vec<String>,
) {
    *compared.entry("wait").or_default() += 1;
    let poll = str(wait::finder(resource), "action").unwrap_or_default();
    let (_, goal) = wait::goal(wait);
    let deadline = wait.get("deadline_s").map_or_else(|| "300".to_owned(), scalar);
    let mut facts = vec![vec![poll.to_owned()], vec![deadline, "s".to_owned()]];
    facts.extend(str(wait, "summary").map(|summary| vec![plain(summary)]));
    if !wait.contains_key("summary") {
        facts.extend(goal.iter().map(|state| vec![state.clone()]));
        facts.push(vec![plain(str(resource, "title").unwrap_or_default())]);
    }
    let failure = wait::failure(wait, resource, &goal);
    facts.extend(failure.into_iter().map(|state| vec![state]));
    facts.extend(map(wait, "shows").into_iter().flatten().map(|(field, _)| vec![field.clone()]));
    let says = |doc: &String| {
        let doc = doc.replace('\n', " ");
        facts.iter().all(|fact| has_in_order(&doc, fact))
    };
    if !docs.any(says) {
        differences.push(format!("{file}: no docs of a wait say {facts:?}"));
    }
}

pub(crate) fn compare_waiters(
    service: &Service,
    generated: &Docs,
    compared: &mut Counts,
    differences: &mut Vec<String>,
) {
    let docs: Vec<&String> = generated.of(service).flat_map(|file| &file.docs).collect();
    for (folder, resources) in &service.resources {
        for resource in resources.iter().filter_map(Value::as_object) {
            for waiter in list(resource, "waiters").iter().filter_map(Value::as_object) {
                let file = format!("{folder}/_resources.yaml: {}", str(waiter, "name").unwrap_or_default());
                waited(resource, waiter, &file, docs.iter().copied(), compared, differences);
            }
        }
    }
}
