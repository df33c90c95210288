//! What one page of answers says about the resource.

use super::state::ResourceState;
use super::target::{Condition, Target};
use crate::record::Record;
use crate::schema::{Shape, Until, Wait};
use crate::table::path;

/// A row that is the resource's.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) state: ResourceState,
    /// How near the goal it is.
    pub(super) progress: Progress,
}

/// From the furthest to the nearest: of several rows the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    Failed,
    Underway,
    Reached,
}

/// The row of the resource; `None` if the page has none.
pub(super) fn find(
    wait: &'static Wait,
    target: &Target,
    shape: &'static Shape,
    page: &dyn Record,
) -> Option<Seen> {
    let (outer, inner) = split(wait.resource.rows);
    let mut found: Option<Seen> = None;
    path::rows(shape, page, outer, &mut |shape, outer_row| {
        if !target.outer_row.iter().all(|condition| condition.holds(shape, outer_row)) {
            return;
        }
        path::rows(shape, outer_row, inner, &mut |shape, row| {
            if let Some(seen) = judge(wait, target, shape, row)
                && found.as_ref().is_none_or(|known| seen.progress < known.progress)
            {
                found = Some(seen);
            }
        });
    });
    found
}

fn judge(wait: &Wait, target: &Target, shape: &'static Shape, row: &dyn Record) -> Option<Seen> {
    let resource = wait.resource;
    let text = |field| path::text_at(shape, row, field);
    let is_left_over =
        wait.until == Until::Gone && !resource.exists.is_empty() && text(resource.exists).is_none();
    // What is made is there with all that it was made of, and what goes is gone when nothing of it is left.
    let is_ours = |condition: &Condition| match wait.until {
        Until::Gone => condition.holds_in_part(shape, row),
        Until::State | Until::Present => condition.holds(shape, row),
    };
    if is_left_over || !target.row.iter().all(is_ours) {
        return None;
    }
    let state = match resource.state {
        "" => ResourceState::Present,
        field => ResourceState::Named(text(field).unwrap_or_default()),
    };
    let is_one_of =
        |states: &[&str]| matches!(&state, ResourceState::Named(name) if states.contains(&name.as_str()));
    let shows_it = || target.shows.iter().all(|condition| condition.holds(shape, row));
    let progress = match wait.until {
        Until::Gone => Progress::Underway,
        _ if is_one_of(wait.failure) => Progress::Failed,
        Until::Present if shows_it() => Progress::Reached,
        Until::State if is_one_of(target.success) && shows_it() => Progress::Reached,
        Until::State | Until::Present => Progress::Underway,
    };
    Some(Seen { state, progress })
}

/// The list that holds the rows' list, and the way from its rows to ours.
fn split(rows: &str) -> (&str, &str) {
    let inner = rows.strip_suffix("[]").unwrap_or(rows);
    match inner.rfind("[].") {
        Some(end) => (&rows[..end + 2], &rows[end + 3..]),
        None => ("", rows),
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::{Values, resolve};
    use super::{Progress, find, split};
    use crate::schema::{Resource, Source, Until, Wait};
    use crate::test_service::{LIST, ListThingsOutput};

    #[test]
    fn a_list_in_a_list_is_told_from_one_in_a_wrapper() {
        assert_eq!(split("As.A[].Bs.B[]"), ("As.A[]", "Bs.B[]"));
        assert_eq!(split("As.A[]"), ("", "As.A[]"));
        assert_eq!(split("A[].B[]"), ("A[]", "B[]"));
        assert_eq!(split(""), ("", ""));
    }

    /// No spec has a wait of this kind, so no other test would miss it.
    #[test]
    fn what_is_there_must_show_what_was_asked_for() {
        static THING: Resource = Resource::of("Thing", "thing", "ListThings");
        static SHOWN: Wait = Wait {
            shows: &[("Things.Thing[]", Source::Literal("new"))],
            ..Wait::of(&THING, Until::Present, 60)
        };
        let target = resolve(&SHOWN, Values::Arguments(&[])).unwrap();
        let progress = |thing: &str| {
            let page = ListThingsOutput { things: vec![thing.to_owned()], ..ListThingsOutput::default() };
            find(&SHOWN, &target, &LIST.response, &page).map(|seen| seen.progress)
        };
        assert_eq!(progress("new"), Some(Progress::Reached));
        assert_eq!(progress("old"), Some(Progress::Underway));
    }
}
