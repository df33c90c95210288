//! The YAML of an action.

use std::ops::Deref;
use std::sync::Arc;

use super::effect::{self, EffectSpec, FilterSpec, ReadsSpec, ReferenceSpec, RefusesSpec, Values};
use super::row::{self, RowSpec, SharedRows};
use super::wait::{self, WaitSpec};
use crate::catalogue;
use crate::diagnostic::{Diagnostics, Location};
use crate::facts::ActionFacts;
use crate::mapping::{Mapping as _, mapping};
use crate::read::{Fields, FromNode as _, Spanned};
use crate::shape;
use crate::yaml::Node;

mapping! {
    /// The YAML of one action.
    struct ActionSpec {
        location: Location = |map| map.location(),
        /// Path of the file, relative to the spec root.
        file: String = |_| String::new(),
        facts: Arc<ActionFacts> = |map| Arc::new(ActionFacts::read(map)),
        /// Some of them are the service's.
        request: Vec<RowSpec> = |map| {
            map.describe(|keys| keys.is("request", shape::list(row::request_shape())));
            map.has("request");
            Vec::new()
        },
        response: Vec<RowSpec> = |map| {
            map.describe(|keys| keys.is("response", shape::list(shape::of(row::response_keys))));
            row::response(map.get("response").unwrap_or_default(), map.diagnostics())
        },
        wait: Option<WaitSpec> = |map| {
            map.describe(|keys| keys.is("wait", wait::shape()));
            map.get("wait").map(wait::of_action)
        },
        effects: Vec<EffectSpec>,
        /// Fields of the answer that are not those of a resource.
        responds: Values = |map| effect::values(map, "responds"),
        reads: Option<ReadsSpec>,
        filters: Vec<(Spanned<String>, FilterSpec)> = effect::filters,
        /// Why the printed answer is all that can be said.
        answers: Option<Spanned<String>> = effect::answers,
        refers: Vec<ReferenceSpec> = effect::refers,
        refuses: RefusesSpec = |map| map.get("refuses").unwrap_or_default(),
        acknowledged: Vec<AcknowledgedSpec>,
    }

    /// A finding of a lint that is a fact.
    struct AcknowledgedSpec {
        lint: &'static str = |map| map.required_word("lint", &catalogue::lints()).unwrap_or_default(),
        about: Spanned<String>,
        reason: String,
    }
}

impl Deref for ActionSpec {
    type Target = ActionFacts;

    fn deref(&self) -> &ActionFacts {
        &self.facts
    }
}

/// Reads an action; `file` is relative to the spec root.
pub(crate) fn read(
    file: &str,
    node: &Node,
    shared: &SharedRows<'_>,
    diagnostics: &Diagnostics,
) -> Option<ActionSpec> {
    let mut map = Fields::from_node(node, diagnostics)?;
    let mut spec = ActionSpec { file: file.to_owned(), ..ActionSpec::read(&mut map) };
    spec.request = row::request(map.get("request").unwrap_or_default(), shared, diagnostics);
    if let Some(published) = &spec.facts.published {
        spec.request.iter_mut().chain(&mut spec.response).for_each(|row| row.publish(published));
    }
    map.deny_unknown();
    Some(spec)
}
