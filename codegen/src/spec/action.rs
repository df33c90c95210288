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

    /// A finding of a lint, or a difference from what the vendor publishes, that is a fact.
    struct AcknowledgedSpec {
        finding: Acknowledged = acknowledged,
        /// The table that a row of a difference is in; by default either.
        table: Option<&'static str> = table,
        about: Vec<Spanned<String>> = |map| {
            map.required_node("about");
            map.one_or_more("about")
        },
        reason: String,
    }
}

/// Who found it, and what kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// The generator, which looks over the specs.
    Lint(&'static str),
    /// `cargo xtask follow`.
    Difference(&'static str),
}

impl Acknowledged {
    /// The kind of finding.
    pub fn code(self) -> &'static str {
        match self {
            Self::Lint(code) | Self::Difference(code) => code,
        }
    }
}

fn acknowledged(map: &mut Fields<'_>) -> Acknowledged {
    let (lints, differences) = (catalogue::lints(), catalogue::differences());
    let keys = ["lint", "difference"];
    let given: Vec<&'static str> = keys.into_iter().filter(|key| map.has(key)).collect();
    effect::one_key(map, given, &keys);
    let lint = map.word("lint", &lints);
    let difference = map.word("difference", &differences);
    difference.map_or(Acknowledged::Lint(lint.unwrap_or_default()), Acknowledged::Difference)
}

fn table(map: &mut Fields<'_>) -> Option<&'static str> {
    let table = map.word("table", &["request", "response"])?;
    if map.has("lint") {
        let place = map.key_location("table").unwrap_or_else(|| map.location());
        let help = "Remove it; only differences from what is published have tables.";
        map.diagnostics().error("misplaced-key", place, "`table` stands beside `lint`", help);
    }
    Some(table)
}

/// Rows that are acknowledged to be in no package.
fn mark_gone(spec: &mut ActionSpec) {
    let gone =
        spec.acknowledged.iter().filter(|one| matches!(one.finding, Acknowledged::Difference("row-gone")));
    for one in gone {
        let is_in = |table: &str| one.table.is_none_or(|only| only == table);
        let request = spec.request.iter_mut().filter(|_| is_in("request"));
        let response = spec.response.iter_mut().filter(|_| is_in("response"));
        for row in request.chain(response) {
            row.is_gone |= one.about.iter().any(|about| about.value == **row.path);
        }
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
    mark_gone(&mut spec);
    if let Some(published) = &spec.facts.published {
        spec.request.iter_mut().chain(&mut spec.response).for_each(|row| row.publish(published));
    }
    map.deny_unknown();
    Some(spec)
}
