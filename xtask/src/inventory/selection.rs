//! A part of the specs.

use cloudnet_codegen::model::{Action, Model, Service};
use cloudnet_codegen::suggest::suggestion;

/// Which part; what is not said is all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// Name of a service.
    pub service: Option<&'a str>,
    /// Folder, section or title of a chapter.
    pub chapter: Option<&'a str>,
    /// Wire name of an action.
    pub action: Option<&'a str>,
}

/// Leaves a part of the model.
///
/// # Errors
///
/// That there is no such service, chapter or action, with what was meant.
pub fn select(model: &mut Model, selection: &Selection<'_>) -> Result<(), String> {
    if let Some(name) = selection.service {
        let known: Vec<&str> = model.services.iter().map(|service| service.spec.name.as_str()).collect();
        is_known("service", name, &known)?;
        model.services.retain(|service| service.spec.name.value == name);
    }
    if let Some(name) = selection.chapter {
        let chapters = model.services.iter().flat_map(|service| &service.spec.chapters);
        let names = |one| -> [&str; 3] { names_of(one) };
        let known: Vec<&str> = chapters.flat_map(names).collect();
        is_known("chapter", name, &known)?;
        model.services.iter_mut().for_each(|service| keep_chapter(service, name));
    }
    if let Some(name) = selection.action {
        let actions = model.services.iter().flat_map(|service| &service.actions);
        let known: Vec<&str> = actions.map(|action| action.spec.name.as_str()).collect();
        is_known("action", name, &known)?;
        model.services.iter_mut().for_each(|service| keep(service, |action| action.spec.name.value == name));
    }
    if selection.chapter.or(selection.action).is_some() {
        model.services.retain(|service| !service.actions.is_empty());
    }
    Ok(())
}

fn is_known(what: &str, name: &str, known: &[&str]) -> Result<(), String> {
    match known.contains(&name) {
        true => Ok(()),
        false => Err(format!("no {what} is named `{name}`. {}", suggestion(name, known))),
    }
}

fn names_of(chapter: &cloudnet_codegen::spec::ChapterSpec) -> [&str; 3] {
    [chapter.folder.as_str(), chapter.section.as_str(), chapter.title.as_str()]
}

fn keep_chapter(service: &mut Service, name: &str) {
    let meant = service.spec.chapters.iter().find(|chapter| names_of(chapter).contains(&name));
    let folder = meant.map(|chapter| format!("{}/{}", service.spec.folder, chapter.folder.value));
    keep(service, |action| folder.as_deref() == action.spec.file.rsplit_once('/').map(|(above, _)| above));
}

/// Keeps some actions, and the resources described beside them.
fn keep(service: &mut Service, is_kept: impl Fn(&Action) -> bool) {
    service.actions.retain(is_kept);
    let of_action = |action: &Action| action.spec.file.rsplit_once('/').map(|(above, _)| above.to_owned());
    let folders: Vec<String> = service.actions.iter().filter_map(of_action).collect();
    service.spec.resources.retain(|resource| folders.contains(&resource.folder));
    service.spec.without_section.clear();
}
