//! Sections that two actions have, or that are of another chapter.

use std::collections::HashMap;

use super::Findings;
use crate::model::Action;

impl Findings<'_> {
    /// A copied action keeps the section of the one that it was copied from.
    pub(super) fn sections(&mut self) {
        let service = self.service;
        let mut seen: HashMap<(Option<&str>, &str), &Action> = HashMap::new();
        for action in service.actions.iter().filter(|action| action.spec.published.is_none()) {
            let spec = &action.spec;
            let (section, place) = (spec.section.as_str(), spec.section.location);
            if let Some(first) = seen.insert((spec.document.as_deref(), section), action) {
                let message = format!("`{}` and `{}` have the same section", *first.spec.name, *spec.name);
                self.add("repeated-section", &spec.name, Some(action), place, message);
            }
            let folder = service.spec.chapter_of(&spec.file);
            let chapter = service.spec.chapters.iter().find(|one| Some(one.folder.as_str()) == folder);
            if let Some(chapter) = chapter.filter(|one| !is_below(section, &one.section)) {
                let message = format!(
                    "`{}` lies in the folder of chapter {}, and section {section} is not in it",
                    *spec.name, chapter.section
                );
                self.add("section-of-another-chapter", &spec.name, Some(action), place, message);
            }
        }
    }
}

/// `19.5` is below `19`.
fn is_below(section: &str, chapter: &str) -> bool {
    section.strip_prefix(chapter).is_some_and(|rest| rest.starts_with('.'))
}
