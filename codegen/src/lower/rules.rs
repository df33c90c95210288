//! Rules across fields: each is put on the innermost shape that holds all of its operands.

use crate::diagnostic::Diagnostics;
use crate::limit::Content as Limit;
use crate::model::{Rule, Shape, Type};
use crate::path::Path;
use crate::read::Spanned;
use crate::rule::Content;
use crate::spec::{RowSpec, RuleSpec};
use crate::suggest::{did_you_mean, nearest};

/// Places every rule that is still enforced, and checks that all of them name fields.
pub(super) fn place(shape: &mut Shape, rows: &[RowSpec], rules: &[RuleSpec], diagnostics: &Diagnostics) {
    for rule in rules {
        // What is empty is reported where it was read.
        let mut operands = rule.rule.content.operands();
        operands.retain(|operand| !operand.is_empty());
        if operands.is_empty() {
            continue;
        }
        let mut sound = check_count(rule, &operands, diagnostics);
        for operand in &operands {
            sound &= check_operand(shape, rows, operand, diagnostics);
        }
        check_values(&rule.rule.content, rows, diagnostics);
        if sound && !rule.lifted {
            put(shape, rule, &operands);
        }
    }
}

fn check_count(rule: &RuleSpec, operands: &[&Spanned<Path>], diagnostics: &Diagnostics) -> bool {
    let mut sound = true;
    for (index, operand) in operands.iter().enumerate() {
        if let Some(first) = operands[..index].iter().find(|first| first.value[..] == operand.value[..]) {
            sound = false;
            let message = format!("the rule names `{}` twice", &*operand.value);
            let help = "Name another row, or remove it.";
            let other = (first.location, "the first one");
            diagnostics.error_beside("repeated-operand", operand.location, other, message, help);
        }
    }
    if operands.len() < 2 {
        sound = false;
        let message = "a rule across fields needs at least two of them".to_owned();
        let help = "Name the other fields, or use a limit.";
        diagnostics.error("rule-of-one", rule.location, message, help);
    }
    if let Content::Counted(count, of) = &rule.rule.content
        && *count as usize >= of.len()
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
    operand: &Spanned<Path>,
    diagnostics: &Diagnostics,
) -> bool {
    let is_known = rows.iter().any(|row| row.path.is_at_or_below(operand)) && shape.has(operand.segments());
    if !is_known {
        let message = format!("the rule names `{}`, which is no row of the request", &*operand.value);
        let known: Vec<&str> = rows.iter().map(|row| &**row.path).collect();
        let near = nearest(operand, &known).map(did_you_mean);
        let help = near
            .as_deref()
            .unwrap_or("Name a row as it stands above: `DestinationConfigurations.N.FromPort`.");
        diagnostics.error("unknown-parameter", operand.location, message, help);
    }
    is_known
}

/// A condition that no value meets is a rule that never holds.
fn check_values(rule: &Content<Spanned<Path>>, rows: &[RowSpec], diagnostics: &Diagnostics) {
    let (when, limited) = match rule {
        Content::Conditional(when, _) => (when, None),
        Content::Values(when, field, check) => (when, Some((field, check))),
        _ => return,
    };
    let listed = limited.and_then(|(field, check)| match &check.content {
        Limit::Values(values) => Some((field, values.iter().map(|value| &value.value).collect())),
        _ => None,
    });
    let compared: Vec<&Spanned<String>> = when.equals.iter().collect();
    for (field, values) in [(&when.field, compared)].into_iter().chain(listed) {
        let Some(row) = rows.iter().find(|row| row.path[..] == field.value[..]) else { continue };
        for value in values.into_iter().filter(|value| !row.can_be(value)) {
            let message = format!("`{}` is never `{}`", &*field.value, value.value);
            let help = "Name one of the row's values, or add the value to the row.";
            diagnostics.error("impossible-value", value.location, message, help);
        }
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
fn put(shape: &mut Shape, spec: &RuleSpec, operands: &[&Spanned<Path>]) {
    let names = |path: &'_ Path| path.segments().iter().map(|segment| segment.name.clone()).collect();
    let paths: Vec<Vec<String>> = operands.iter().map(|operand| names(operand)).collect();
    let depth = common_depth(&paths);
    let mut target = shape;
    for name in &paths[0][..depth] {
        let Some(field) = target.fields.iter_mut().find(|field| field.name == *name) else { return };
        let Some(inner) = nested_mut(&mut field.ty) else { return };
        target = inner;
    }
    let rule = &spec.rule;
    let content = rule.content.map(|path| path.below(depth));
    target.rules.push(Rule { kind: rule.kind, content, today: rule.today, advice: rule.advice });
}

/// How many names all paths share, leaving each at least one of its own.
fn common_depth(paths: &[Vec<String>]) -> usize {
    let shortest = paths.iter().map(Vec::len).min().unwrap_or(0);
    let same = |depth: &usize| paths.iter().all(|path| path[*depth] == paths[0][*depth]);
    (0..shortest.saturating_sub(1)).take_while(same).count()
}
