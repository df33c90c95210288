//! Rules across fields: each is put on the innermost shape that holds all of its operands.

use super::limits;
use crate::diagnostic::Diagnostics;
use crate::model::{Check, Rule, RuleKind, Shape, Type, When};
use crate::read::Spanned;
use crate::spec::{ConditionSpec, RowSpec, RuleKindSpec, RuleSpec, WhenSpec};

/// Places every rule that is still enforced, and checks that all of them name fields.
pub(super) fn place(shape: &mut Shape, rows: &[RowSpec], rules: &[RuleSpec], diagnostics: &Diagnostics) {
    for rule in rules {
        // What is empty is reported where it was read.
        let mut operands = operands(&rule.kind);
        operands.retain(|operand| !operand.is_empty());
        if operands.is_empty() {
            continue;
        }
        let mut sound = check_count(rule, &operands, diagnostics);
        for operand in &operands {
            sound &= check_operand(shape, rows, operand, diagnostics);
        }
        check_values(&rule.kind, rows, diagnostics);
        if sound && !rule.lifted {
            put(shape, rule, &operands);
        }
    }
}

fn check_count(rule: &RuleSpec, operands: &[&Spanned<String>], diagnostics: &Diagnostics) -> bool {
    let mut sound = true;
    for (index, operand) in operands.iter().enumerate() {
        if let Some(first) = operands[..index].iter().find(|first| first.value == operand.value) {
            sound = false;
            diagnostics.error_with(
                "repeated-operand",
                operand.location,
                format!("the rule names `{}` twice", operand.value),
                "Name another row, or remove it.",
                Some((first.location, "the first one".to_owned())),
            );
        }
    }
    if operands.len() < 2 {
        sound = false;
        let message = "a rule across fields needs at least two of them".to_owned();
        let help = "Name the other fields, or use a limit.";
        diagnostics.error("rule-of-one", rule.location, message, help);
    }
    if let RuleKindSpec::AtMost(count, of) = &rule.kind
        && usize::try_from(*count).is_ok_and(|count| count >= of.len())
    {
        sound = false;
        let message = format!("at most {count} of {} fields allows everything", of.len());
        diagnostics.error("bad-rule", rule.location, message, "Correct the count, or remove the rule.");
    }
    sound
}

/// A row, or what rows stand below, written as they are.
fn check_operand(
    shape: &Shape,
    rows: &[RowSpec],
    operand: &Spanned<String>,
    diagnostics: &Diagnostics,
) -> bool {
    let below =
        |row: &RowSpec| row.path.strip_prefix(operand.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let is_written_so = rows.iter().any(|row| row.path.value == operand.value || below(row));
    let is_known = is_written_so && has(shape, &names(operand));
    if !is_known {
        diagnostics.error(
            "unknown-parameter",
            operand.location,
            format!("the rule names `{}`, which is no row of the request", operand.value),
            "Name a row as it stands above: `DestinationConfigurations.N.FromPort`.",
        );
    }
    is_known
}

/// A condition that no value meets is a rule that never holds.
fn check_values(kind: &RuleKindSpec, rows: &[RowSpec], diagnostics: &Diagnostics) {
    let (when, limit) = match kind {
        RuleKindSpec::Requires(when, _) | RuleKindSpec::Forbids(when, _) => (when, None),
        RuleKindSpec::Values(when, field, ConditionSpec::OneOf(values)) => (when, Some((field, values))),
        RuleKindSpec::Values(when, ..) => (when, None),
        _ => return,
    };
    for (field, values) in [(&when.field, &when.equals)].into_iter().chain(limit) {
        let Some(row) = rows.iter().find(|row| row.path.value == field.value) else { continue };
        for value in values.iter().filter(|value| !row.can_be(value)) {
            let message = format!("`{}` is never `{}`", field.value, value.value);
            let help = "Name one of the row's values, or add the value to the row.";
            diagnostics.error("impossible-value", value.location, message, help);
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
    rest.is_empty() || field.ty.nested().is_some_and(|shape| has(shape, rest))
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
    let when = |when: &WhenSpec| When { field: relative(&when.field, depth), equals: plain(&when.equals) };
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
                ConditionSpec::OneOf(values) => Check::OneOf(plain(values)),
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

fn plain(values: &[Spanned<String>]) -> Vec<String> {
    values.iter().map(|value| value.value.clone()).collect()
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
