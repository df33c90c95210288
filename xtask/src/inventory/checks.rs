//! Limits and rules as JSON.

use cloudnet_codegen::limit::{Check, CidrSpec, Content, ITEMS, Limits, RANGE};
use cloudnet_codegen::path::Path;
use cloudnet_codegen::read::Spanned;
use cloudnet_codegen::rule;
use cloudnet_codegen::spec::{RuleSpec, TypeName};
use serde_json::{Value, json};

/// Members that rows without such a limit have too.
const ALWAYS: [&str; 6] = ["length", "min", "max", "max_items", "format", "enum"];

/// What a row has as a whole, its limits not yet among it.
pub(super) fn unlimited() -> impl Iterator<Item = (String, Value)> {
    ALWAYS.into_iter().map(|member| (member.to_owned(), Value::Null))
}

/// The limits, in the type of their row.
pub(super) fn limits(limits: &Limits, ty: TypeName) -> impl Iterator<Item = (String, Value)> {
    let members = limits.checks.iter().flat_map(move |check| members(check, ty));
    members.map(|(name, value)| (name.to_owned(), value))
}

fn members(check: &Check, ty: TypeName) -> Vec<(&'static str, Value)> {
    let ends = |names: [&'static str; 2], ends: [Option<Value>; 2]| {
        names.into_iter().zip(ends).filter_map(|(name, end)| Some((name, end?))).collect()
    };
    let range = ["min", "max"];
    let whole = match (&check.content, check.kind.key) {
        (Content::Bounds((min, max)), RANGE) => {
            return ends(range, [min.map(Value::from), max.map(Value::from)]);
        }
        (Content::Decimals((min, max)), _) => {
            return ends(range, [min.map(Value::from), max.map(Value::from)]);
        }
        (Content::Bounds((min, max)), ITEMS) => {
            let min = min.filter(|min| *min > 0).map(Value::from);
            return ends(["min_items", "max_items"], [min, max.map(Value::from)]);
        }
        (Content::Values(values), _) => {
            return vec![("enum", values.iter().map(|value| typed(ty, &value.value)).collect())];
        }
        (Content::Bounds(bounds), _) => json!(bounds),
        (Content::Numbers(numbers), _) => json!(numbers),
        (Content::Word(word), _) => json!(word),
        (Content::Texts(texts), _) => json!(texts),
        (Content::Cidr(CidrSpec { within, not_within, prefix }), _) => {
            json!({ "within": within, "not_within": not_within, "prefix": prefix })
        }
    };
    vec![(check.kind.key, whole)]
}

/// A text in the type of its row.
pub(super) fn typed(ty: TypeName, text: &str) -> Value {
    let typed = match ty {
        TypeName::Integer | TypeName::Long => text.parse::<i64>().ok().map(Value::from),
        TypeName::Boolean => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    typed.unwrap_or_else(|| text.into())
}

/// A rule, under its key.
pub(super) fn rule(rule: &RuleSpec) -> Value {
    let RuleSpec { rule, lifted, .. } = rule;
    let mut entry = json!({ rule.kind.key: operands(&rule.content), "today": rule.today, "lifted": lifted });
    if rule.advice {
        entry["advice"] = true.into();
    }
    entry
}

/// What a rule is about.
pub(crate) fn operands(content: &rule::Content<Spanned<Path>>) -> Value {
    use rule::Content;

    match content {
        Content::Conditional(when, then) => {
            json!({ "if": &**when.field, "equals": texts(&when.equals), "then": names(then) })
        }
        Content::Names(operands) => names(operands),
        Content::Counted(count, of) => json!({ "count": count, "of": names(of) }),
        Content::Values(when, of, check) => {
            let mut content = json!({ "if": &**when.field, "equals": texts(&when.equals), "of": &***of });
            content[check.kind.key] = match &check.content {
                self::Content::Values(values) => values.iter().map(|one| one.value.as_str()).collect(),
                self::Content::Bounds(bounds) => json!(bounds),
                _ => Value::Null,
            };
            content
        }
        Content::Points { from, to, step, max, default_step } => json!({
            "from": &***from, "to": &***to, "step": &***step, "max": max, "default_step": default_step,
        }),
        Content::Subnet(of, mask) => json!({ "of": names(of), "mask": &***mask }),
    }
}

fn names(names: &[Spanned<Path>]) -> Value {
    names.iter().map(|name| &***name).collect()
}

fn texts(texts: &[Spanned<String>]) -> Value {
    texts.iter().map(|text| text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use cloudnet_codegen::limit::KINDS;

    use super::*;

    #[test]
    fn every_kind_of_limit_is_told() {
        for kind in KINDS {
            let check = Check { kind, content: Content::Bounds((Some(1), Some(2))) };
            assert!(!members(&check, TypeName::String).is_empty(), "{}", kind.key);
        }
    }
}
