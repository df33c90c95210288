//! What the answer of a poll says about the resource.

use super::ResourceState;
use crate::path;
use crate::record::Record;
use crate::schema::{Shape, Until, Wait};

/// The state that an answer shows. Of several rows the one that is furthest from the goal
/// counts: a failed one, then one that is not there yet.
pub(super) fn state(
    wait: &'static Wait,
    must_equal: &[(&'static str, String)],
    shape: &'static Shape,
    answer: &dyn Record,
) -> ResourceState {
    if !wait.empty.is_empty() && path::text_at(shape, answer, wait.empty).is_none() {
        return ResourceState::Gone;
    }
    let (row_path, field) = split(wait.field);
    let mut found: Option<ResourceState> = None;
    path::rows(shape, answer, row_path, &mut |shape, row| {
        let is_looked_at =
            must_equal.iter().all(|(name, value)| path::text_at(shape, row, name).as_ref() == Some(value));
        if !is_looked_at {
            return;
        }
        let state = state_of_row(wait, shape, row, field);
        if found.as_ref().is_none_or(|known| rank(wait, &state) < rank(wait, known)) {
            found = Some(state);
        }
    });
    found.unwrap_or(ResourceState::Gone)
}

fn state_of_row(wait: &Wait, shape: &'static Shape, row: &dyn Record, field: &str) -> ResourceState {
    let value = path::text_at(shape, row, field);
    match value {
        _ if field.is_empty() => ResourceState::Present,
        Some(state) => ResourceState::Named(state),
        // A field that is not there is what a wait for its presence is about.
        None if wait.until == Until::Present => ResourceState::Gone,
        None => ResourceState::Named(String::new()),
    }
}

fn rank(wait: &Wait, state: &ResourceState) -> u8 {
    match state {
        ResourceState::Named(name) if wait.failure.contains(&name.as_str()) => 0,
        ResourceState::Named(name) if wait.success.contains(&name.as_str()) => 2,
        _ => 1,
    }
}

/// The innermost list on the way to a field, and the rest of the way.
fn split(field: &str) -> (&str, &str) {
    match field.rfind("[]") {
        Some(end) => {
            let (row, rest) = field.split_at(end + 2);
            (row, rest.trim_start_matches('.'))
        }
        None => ("", field),
    }
}
