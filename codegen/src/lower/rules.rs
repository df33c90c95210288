//! Rules across fields: each is put on the innermost shape that holds all of its operands.

use super::limits;
use crate::diagnostic::Diagnostics;
use crate::model::{Check, Rule, RuleKind, Shape, Type, When};
use crate::read::Spanned;
use crate::spec::{ConditionSpec, RuleKindSpec, RuleSpec, WhenSpec};

/// Places every rule that is still enforced, and checks that all of them name fields.
pub(super) fn place(shape: &mut Shape, rules: &[RuleSpec], diagnostics: &Diagnostics) {
    for rule in rules {
        let operands = operands(&rule.kind);
        let mut sound = true;
        for operand in &operands {
            if !has(shape, &names(operand)) {
                sound = false;
                diagnostics.error(
                    "unknown-parameter",
                    operand.location,
                    format!("the rule names `{}`, which is no row of the request", operand.value),
                    "Name a row as it stands above: `DestinationConfigurations.N.FromPort`.",
                );
            }
        }
        if operands.len() < 2 {
            sound = false;
            let message = "a rule across fields needs at least two of them".to_owned();
            diagnostics.error(
                "rule-of-one",
                rule.location,
                message,
                "Name the other fields, or use a limit.",
            );
        }
        if sound && !rule.lifted {
            put(shape, rule, &operands);
        }
    }
}

fn operands(kind: &RuleKindSpec) -> Vec<&Spanned<String>> {
    match kind {
        RuleKindSpec::Requires(when, names) | RuleKindSpec::Forbids(when, names) => {
            std::iter::once(&when.field).chain(names).collect()
        }
        RuleKindSpec::Excludes(names)
        | RuleKindSpec::ExactlyOne(names)
        | RuleKindSpec::AtLeastOne(names)
        | RuleKindSpec::Together(names)
        | RuleKindSpec::AtMost(_, names)
        | RuleKindSpec::Ordered(names) => names.iter().collect(),
        RuleKindSpec::Values(when, field, _) => vec![&when.field, field],
        RuleKindSpec::Points(points) => vec![&points.from, &points.to, &points.step],
    }
}

/// The names of a path, without its indexes.
fn names(path: &str) -> Vec<&str> {
    path.split('.').filter(|part| !matches!(*part, "N" | "M" | "L")).collect()
}

fn has(shape: &Shape, names: &[&str]) -> bool {
    let Some((first, rest)) = names.split_first() else { return false };
    let Some(field) = shape.fields.iter().find(|field| field.name == *first) else { return false };
    rest.is_empty() || nested(&field.ty).is_some_and(|shape| has(shape, rest))
}

fn nested(ty: &Type) -> Option<&Shape> {
    match ty {
        Type::Struct(inner) | Type::Json(inner) => Some(&inner.shape),
        Type::List(entry) => nested(entry),
        _ => None,
    }
}

fn nested_mut(ty: &mut Type) -> Option<&mut Shape> {
    match ty {
        Type::Struct(inner) | Type::Json(inner) => Some(&mut inner.shape),
        Type::List(entry) => nested_mut(entry),
        _ => None,
    }
}

/// Descends through the names that all operands begin with.
fn put(shape: &mut Shape, rule: &RuleSpec, operands: &[&Spanned<String>]) {
    let paths: Vec<Vec<&str>> = operands.iter().map(|operand| names(operand)).collect();
    let depth = common_depth(&paths);
    let mut target = shape;
    for name in &paths[0][..depth] {
        let Some(field) = target.fields.iter_mut().find(|field| field.name == *name) else { return };
        let Some(inner) = nested_mut(&mut field.ty) else { return };
        target = inner;
    }
    target.rules.push(Rule { kind: lowered(&rule.kind, depth), today: rule.today });
}

/// How many names all paths share, leaving each at least one of its own.
fn common_depth(paths: &[Vec<&str>]) -> usize {
    let shortest = paths.iter().map(Vec::len).min().unwrap_or(0);
    let same = |depth: &usize| paths.iter().all(|path| path[*depth] == paths[0][*depth]);
    (0..shortest.saturating_sub(1)).take_while(same).count()
}

fn lowered(kind: &RuleKindSpec, depth: usize) -> RuleKind {
    let one = |path: &Spanned<String>| relative(path, depth);
    let all = |paths: &[Spanned<String>]| paths.iter().map(|path| relative(path, depth)).collect();
    let when = |when: &WhenSpec| When { field: relative(&when.field, depth), equals: when.equals.clone() };
    match kind {
        RuleKindSpec::Requires(condition, paths) => RuleKind::Requires(when(condition), all(paths)),
        RuleKindSpec::Forbids(condition, paths) => RuleKind::Forbids(when(condition), all(paths)),
        RuleKindSpec::Excludes(paths) => RuleKind::Excludes(all(paths)),
        RuleKindSpec::ExactlyOne(paths) => RuleKind::ExactlyOne(all(paths)),
        RuleKindSpec::AtLeastOne(paths) => RuleKind::AtLeastOne(all(paths)),
        RuleKindSpec::Together(paths) => RuleKind::Together(all(paths)),
        RuleKindSpec::AtMost(count, paths) => RuleKind::AtMost(number(*count), all(paths)),
        RuleKindSpec::Ordered(paths) => RuleKind::Ordered(all(paths)),
        RuleKindSpec::Values(condition, path, limit) => {
            let check = match limit {
                ConditionSpec::Range(bounds) => limits::range_check(*bounds),
                ConditionSpec::OneOf(values) => Check::OneOf(values.clone()),
            };
            RuleKind::Values(when(condition), one(path), check)
        }
        RuleKindSpec::Points(points) => RuleKind::Points {
            from: one(&points.from),
            to: one(&points.to),
            step: one(&points.step),
            max: number(points.max),
            default_step: number(points.default_step),
        },
    }
}

/// The path below the first `depth` names, with its indexes.
fn relative(path: &str, depth: usize) -> String {
    let mut rest = path.split('.').peekable();
    for _ in 0..depth {
        rest.next();
        while rest.next_if(|part| matches!(*part, "N" | "M" | "L")).is_some() {}
    }
    rest.collect::<Vec<_>>().join(".")
}

fn number(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}
