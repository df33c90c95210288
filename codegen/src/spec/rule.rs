//! Reads the rules across rows.

use super::{ConditionSpec, PointsSpec, RuleKindSpec, RuleSpec, WhenSpec, plain, text};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::read::{Fields, Spanned};
use crate::yaml::{Node, Value};

/// The keys that say what kind a rule is.
const KINDS: [&str; 10] = [
    "requires",
    "forbids",
    "excludes",
    "exactly_one",
    "at_least_one",
    "together",
    "at_most",
    "ordered",
    "values",
    "points",
];

pub(super) fn read(mut map: Fields<'_>, diagnostics: &Diagnostics) -> RuleSpec {
    let location = map.location();
    let given: Vec<&'static str> = KINDS.into_iter().filter(|kind| map.has(kind)).collect();
    if given.len() != 1 {
        let message = format!("a rule says one thing, this one says {}", given.len());
        let help = format!("Give one of `{}`.", KINDS.join("`, `"));
        diagnostics.push(Diagnostic::error("bad-rule", location, message).help(help));
    }
    let kind = given.first().and_then(|kind| read_kind(&mut map, kind, diagnostics));
    let rule = RuleSpec {
        location,
        kind: kind.unwrap_or(RuleKindSpec::Excludes(Vec::new())),
        today: map.flag("today").is_some_and(plain),
        lifted: map.flag("lifted").is_some_and(plain),
        note: map.text("note").map(plain),
    };
    map.finish();
    rule
}

fn read_kind(map: &mut Fields<'_>, kind: &'static str, diagnostics: &Diagnostics) -> Option<RuleKindSpec> {
    let names = |map: &mut Fields<'_>| map.texts(kind).unwrap_or_default();
    Some(match kind {
        "requires" => {
            let (when, then) = conditional(map.fields(kind)?, diagnostics);
            RuleKindSpec::Requires(when, then)
        }
        "forbids" => {
            let (when, then) = conditional(map.fields(kind)?, diagnostics);
            RuleKindSpec::Forbids(when, then)
        }
        "excludes" => RuleKindSpec::Excludes(names(map)),
        "exactly_one" => RuleKindSpec::ExactlyOne(names(map)),
        "at_least_one" => RuleKindSpec::AtLeastOne(names(map)),
        "together" => RuleKindSpec::Together(names(map)),
        "ordered" => RuleKindSpec::Ordered(names(map)),
        "at_most" => {
            let mut inner = map.fields(kind)?;
            let count = required_number(&mut inner, "count");
            let of = inner.texts("of").unwrap_or_default();
            inner.finish();
            RuleKindSpec::AtMost(count, of)
        }
        "values" => values(map.fields(kind)?, diagnostics),
        _ => RuleKindSpec::Points(points(map.fields(kind)?)),
    })
}

fn conditional(mut map: Fields<'_>, diagnostics: &Diagnostics) -> (WhenSpec, Vec<Spanned<String>>) {
    let when = when(&mut map, diagnostics);
    map.required_node("then");
    let then = map.texts("then").unwrap_or_default();
    map.finish();
    (when, then)
}

fn when(map: &mut Fields<'_>, diagnostics: &Diagnostics) -> WhenSpec {
    let field = text(map, "if");
    let equals = map.node("equals").map_or_else(Vec::new, |node| scalars(node, diagnostics));
    WhenSpec { field, equals }
}

/// One value or a list of them, as written.
fn scalars(node: &Node, diagnostics: &Diagnostics) -> Vec<Spanned<String>> {
    let one = |node: &Node| Some(node.scalar(diagnostics)?.map(|scalar| scalar.text));
    match &node.value {
        Value::List(items) if items.is_empty() => {
            let help = "Name the values, or leave the key out.";
            diagnostics.error("empty-list", node.location, "an empty list of values", help);
            Vec::new()
        }
        Value::List(items) => items.iter().filter_map(one).collect(),
        _ => one(node).into_iter().collect(),
    }
}

fn values(mut map: Fields<'_>, diagnostics: &Diagnostics) -> RuleKindSpec {
    let condition = when(&mut map, diagnostics);
    let field = text(&mut map, "of");
    let range = map.pair("range");
    let listed = map.node("values").map(|node| scalars(node, diagnostics));
    let limit = match (range, listed) {
        (Some(range), None) => ConditionSpec::Range(range.value),
        (None, Some(values)) => ConditionSpec::OneOf(values),
        _ => {
            contradiction(map.location(), diagnostics);
            ConditionSpec::OneOf(Vec::new())
        }
    };
    map.finish();
    RuleKindSpec::Values(condition, field, limit)
}

fn contradiction(location: Location, diagnostics: &Diagnostics) {
    let problem = Diagnostic::error("bad-rule", location, "a `values` rule gives one limit");
    diagnostics.push(problem.help("Give either `range: [min, max]` or `values: […]`."));
}

fn points(mut map: Fields<'_>) -> PointsSpec {
    let points = PointsSpec {
        from: text(&mut map, "from"),
        to: text(&mut map, "to"),
        step: text(&mut map, "step"),
        max: required_number(&mut map, "max"),
        default_step: required_number(&mut map, "default_step"),
    };
    map.finish();
    points
}

fn required_number(map: &mut Fields<'_>, key: &'static str) -> i64 {
    map.required_node(key);
    map.integer_in(key, 1..=u32::MAX.into()).map_or(0, plain)
}
