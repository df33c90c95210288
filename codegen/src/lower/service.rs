//! The names that a service and its actions take: each must be one that Rust and every file
//! system can hold, and none may be taken twice.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Location};
use crate::names;
use crate::read::Spanned;
use crate::source_tree::folders;
use crate::spec::{ActionSpec, ServiceSpec, TypeSpec};
use crate::suggest::{did_you_mean, nearest};

/// Checks the services against each other.
pub(super) fn check_all(services: &[ServiceSpec], diagnostics: &Diagnostics) {
    let mut modules = Names::new("services", "module", diagnostics);
    let by_folder = services.iter().map(|service| (service.folder.as_str(), service)).collect();
    for service in services {
        check_folder(service, &by_folder, diagnostics);
        let name = &service.name;
        if name.is_empty() {
            continue;
        }
        if let Some(problem) = names::refuse_service_name(name) {
            let message = format!("the service name `{}` {problem}", name.value);
            diagnostics.error("bad-name", name.location, message, "Choose another module name.");
        }
        modules.take("duplicate-service", &names::snake(name), name);
    }
}

/// A service has a folder of its own.
fn check_folder(service: &ServiceSpec, by_folder: &HashMap<&str, &ServiceSpec>, diagnostics: &Diagnostics) {
    const HELP: &str = "Put it at `<vendor>/<service>/_service.yaml`.";
    let outer = folders(&service.folder).find_map(|folder| by_folder.get(folder));
    if service.folder.is_empty() {
        let message = "the service has no folder of its own";
        diagnostics.error("misplaced-service", service.location, message, HELP);
    } else if let Some(outer) = outer {
        let place = (outer.location, "this one");
        let message = "the service lies in the folder of another one";
        diagnostics.error_beside("misplaced-service", service.location, place, message, HELP);
    }
}

/// Checks what one service and its actions are called.
pub(super) fn check(service: &ServiceSpec, actions: &[Arc<ActionSpec>], diagnostics: &Diagnostics) {
    check_chapters(service, diagnostics);
    for shared in &service.types {
        check_type(shared, diagnostics);
    }
    let named = || actions.iter().map(|action| &**action).filter(|action| !action.name.is_empty());
    let mut modules = Names::new("actions", "module", diagnostics);
    for action in named() {
        check_action(service, action, diagnostics);
        modules.take("duplicate-action", &names::snake(&action.name), &action.name);
    }
    check_modules(service, named(), diagnostics);
    check_types(service, named(), diagnostics);
}

fn check_chapters(service: &ServiceSpec, diagnostics: &Diagnostics) {
    let mut modules = Names::new("chapters", "module", diagnostics);
    for chapter in service.chapters.iter().filter(|chapter| !chapter.folder.is_empty()) {
        let folder = &chapter.folder;
        if let Some(problem) = names::refuse_module_name(folder) {
            let message = format!("the chapter folder `{}` {problem}", folder.value);
            diagnostics.error("bad-name", folder.location, message, "Choose another folder.");
        }
        modules.take("duplicate-chapter", &names::snake(folder), folder);
    }
}

fn check_type(shared: &TypeSpec, diagnostics: &Diagnostics) {
    if let Some(problem) = names::refuse_type_name(&shared.name) {
        let message = format!("the type name `{}` {problem}", shared.name.value);
        diagnostics.error("bad-type-name", shared.name.location, message, "Choose another name.");
    }
    let mut fields = Names::new("fields", "field", diagnostics);
    for field in &shared.fields {
        if let Some(problem) = names::refuse_wire_name(field) {
            let message = format!("the field `{}` {problem}", field.value);
            diagnostics.error("bad-name", field.location, message, "Write the wire name of the field.");
        }
        fields.take("rust-name-collision", &names::snake(field), field);
    }
}

fn check_action(service: &ServiceSpec, action: &ActionSpec, diagnostics: &Diagnostics) {
    let name = &action.name;
    if let Some(problem) = names::refuse_action_name(name) {
        let message = format!("the action name `{}` {problem}", name.value);
        diagnostics.error("bad-name", name.location, message, "Write the wire name of the action.");
    }
    let file_name = action.file.rsplit('/').next().and_then(|file| file.strip_suffix(".yaml"));
    if file_name != Some(name.value.as_str()) {
        let message = format!("the file of `{}` is named {}", name.value, action.file);
        diagnostics.error("file-name", name.location, message, "Name the file like its action.");
    }
    if let Some(folder) = service.chapter_of(&action.file)
        && !service.chapters.iter().any(|chapter| chapter.folder.value == folder)
    {
        let message = format!("the folder `{folder}` is no chapter of `{}`", service.name.value);
        let known: Vec<&str> = service.chapters.iter().map(|chapter| chapter.folder.as_str()).collect();
        let near = nearest(folder, &known).map(did_you_mean).unwrap_or_default();
        let help = format!("{near} Add it to `chapters` in `_service.yaml`.");
        diagnostics.error("unknown-chapter", name.location, message, help.trim_start());
    }
}

/// The modules of the actions stand beside those of the chapters and of the shared types.
fn check_modules<'a>(
    service: &ServiceSpec,
    actions: impl Iterator<Item = &'a ActionSpec>,
    diagnostics: &Diagnostics,
) {
    let chapters = service.chapters.iter().map(|chapter| (names::snake(&chapter.folder), &chapter.folder));
    let shared = service.types.first().map(|first| ("types".to_owned(), &first.name));
    let taken: HashMap<String, &Spanned<String>> = chapters.chain(shared).collect();
    for action in actions {
        let module = names::snake(&action.name);
        if let Some(first) = taken.get(&module) {
            collision(&action.name, "module", &module, first.location, diagnostics);
        }
    }
}

/// What `use cloudnet::vpc::*` brings: the marker, the client and two types for each action.
fn check_types<'a>(
    service: &ServiceSpec,
    actions: impl Iterator<Item = &'a ActionSpec> + Clone,
    diagnostics: &Diagnostics,
) {
    let own = [(names::upper_camel(&service.name), &service.name)];
    let outputs = actions.clone().map(|action| (format!("{}Output", action.name.value), &action.name));
    let taken: HashMap<String, &Spanned<String>> = own.into_iter().chain(outputs).collect();
    for action in actions {
        if let Some(first) = taken.get(&action.name.value) {
            collision(&action.name, "type", &action.name, first.location, diagnostics);
        }
    }
}

fn collision(name: &Spanned<String>, kind: &str, rust: &str, first: Location, diagnostics: &Diagnostics) {
    let message = format!("the {kind} `{rust}` of this action would be there twice");
    let help = "Rename what stands at the other place, if that is no wire name.";
    diagnostics.error_beside("rust-name-collision", name.location, (first, "the other one"), message, help);
}

/// Rust names of one kind, each with the wire name that took it first.
struct Names<'a> {
    what: &'static str,
    kind: &'static str,
    taken: HashMap<String, Spanned<String>>,
    diagnostics: &'a Diagnostics,
}

impl<'a> Names<'a> {
    fn new(what: &'static str, kind: &'static str, diagnostics: &'a Diagnostics) -> Self {
        Self { what, kind, taken: HashMap::new(), diagnostics }
    }

    fn take(&mut self, code: &'static str, rust: &str, name: &Spanned<String>) {
        let Some(first) = self.taken.insert(rust.to_owned(), name.clone()) else { return };
        let message = format!(
            "the {} `{}` and `{}` would be one {} `{rust}`",
            self.what, first.value, name.value, self.kind
        );
        let help = "Rename one of them, or keep one file for each.";
        self.diagnostics.error_beside(code, name.location, (first.location, "the other one"), message, help);
    }
}
