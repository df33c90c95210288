//! Rules across parameters: a kind is an arm of [`broken`] and a function.

use std::time::SystemTime;

use ipnet::{IpNet, Ipv4Net};

use super::{Said, shown, values};
use crate::record::{Record, Value};
use crate::schema::{Check, RuleKind, Shape, When};
use crate::table::path;
use crate::wire::timestamp;

/// A rule that is broken.
pub(super) struct Broken {
    /// The field to name.
    pub(super) field: &'static str,
    /// What the rule asks for.
    pub(super) rule: String,
    /// What was given.
    pub(super) value: Option<String>,
}

type Names = &'static [&'static str];

/// What a rule asks for, if the record does not satisfy it.
pub(super) fn broken(
    kind: &RuleKind,
    said: Said,
    shape: &'static Shape,
    record: &dyn Record,
) -> Option<Broken> {
    let given = &Given { shape, record };
    match *kind {
        RuleKind::Requires(when, names) => requires(given, &when, names),
        RuleKind::Forbids(when, names) => forbids(given, &when, names),
        RuleKind::Values(when, field, check) => limits(given, &when, field, check, said),
        RuleKind::Excludes(names) => counts(given, names, 0, 1),
        RuleKind::ExactlyOne(names) => counts(given, names, 1, 1),
        RuleKind::AtLeastOne(names) => counts(given, names, 1, names.len()),
        RuleKind::AtMost(most, names) => counts(given, names, 0, most as usize),
        RuleKind::Together(names) => together(given, names),
        RuleKind::Ordered(names) => ordered(given, names),
        RuleKind::Points { from, to, step, max, default_step } => {
            points(given, from, to, step, max, default_step)
        }
        RuleKind::Disjoint(names) => disjoint(given, names),
        RuleKind::SameSubnet(names, mask) => same_subnet(given, names, mask),
    }
}

/// What a record gives for the fields that a rule speaks of.
struct Given<'r> {
    shape: &'static Shape,
    record: &'r dyn Record,
}

impl<'r> Given<'r> {
    fn value(&self, name: &str) -> Option<Value<'r>> {
        path::first(self.shape, self.record, name)
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn meets(&self, when: &When) -> bool {
        let is_one = |value: Value<'_>| {
            when.equals.is_empty() || value.text().is_some_and(|text| when.equals.contains(&&*text))
        };
        self.value(when.field).is_some_and(is_one)
    }
}

fn requires(given: &Given<'_>, when: &When, names: Names) -> Option<Broken> {
    let field = names.iter().find(|name| !given.has(name)).filter(|_| given.meets(when))?;
    Some(Broken { field, rule: format!("is required {}", because(when)), value: None })
}

fn forbids(given: &Given<'_>, when: &When, names: Names) -> Option<Broken> {
    let field = names.iter().find(|name| given.has(name)).filter(|_| given.meets(when))?;
    Some(Broken { field, rule: format!("must be left out {}", because(when)), value: None })
}

fn limits(given: &Given<'_>, when: &When, field: &'static str, check: &Check, said: Said) -> Option<Broken> {
    let value = given.value(field).filter(|_| given.meets(when))?;
    let rule = values::broken_as(said, check, &value.text()?)?;
    Some(Broken { field, rule: format!("{rule} {}", because(when)), value: shown(value) })
}

fn because(when: &When) -> String {
    match when.equals {
        [] => format!("when {} is given", when.field),
        values => format!("when {} is {}", when.field, values.join(" or ")),
    }
}

fn together(given: &Given<'_>, names: Names) -> Option<Broken> {
    if names.iter().any(|name| given.has(name)) {
        counts(given, names, names.len(), names.len())
    } else {
        None
    }
}

/// How many of some fields are given.
fn counts(given: &Given<'_>, names: Names, at_least: usize, at_most: usize) -> Option<Broken> {
    let present = || names.iter().filter(|name| given.has(name));
    let (field, must) = match present().count() {
        count if count > at_most => (present().nth(at_most)?, "may"),
        count if count < at_least => (names.iter().find(|name| !given.has(name))?, "must"),
        _ => return None,
    };
    let quantity = match (at_least, at_most) {
        (0, most) => format!("at most {most}"),
        (least, most) if least == most && most == names.len() => "all".to_owned(),
        (least, most) if least == most => format!("exactly {least}"),
        (least, _) => format!("at least {least}"),
    };
    Some(Broken { field, rule: format!("{quantity} of {} {must} be given", names.join(", ")), value: None })
}

fn ordered(given: &Given<'_>, names: Names) -> Option<Broken> {
    let number = |name| given.value(name)?.text()?.parse::<i64>().ok();
    let is_descent = |pair: &[&'static str]| Some(number(pair.first()?)? > number(pair.last()?)?);
    let pair = names.windows(2).find(|pair| is_descent(pair) == Some(true))?;
    let (field, next) = (pair.first()?, pair.last()?);
    Some(Broken { field, rule: format!("must be at most {next}"), value: shown(given.value(field)?) })
}

fn points(
    given: &Given<'_>,
    from: &str,
    to: &str,
    step: &'static str,
    max: u32,
    default_step: u32,
) -> Option<Broken> {
    let moment = |name| time(&given.value(name)?.text()?);
    let length = moment(to)?.duration_since(moment(from)?).ok()?;
    let seconds = match given.value(step) {
        Some(step) => step.text()?.parse().ok()?,
        None => i64::from(default_step),
    };
    let steps = i64::try_from(length.as_secs()).ok()?.checked_div(seconds)?;
    let rule = || format!("at most {max} steps of {step} may lie between {from} and {to}");
    (steps > i64::from(max)).then(|| Broken { field: step, rule: rule(), value: Some(steps.to_string()) })
}

/// What is no block is the format's business.
fn disjoint(given: &Given<'_>, names: Names) -> Option<Broken> {
    let blocks = |name: &&'static str| -> Vec<(&'static str, IpNet)> {
        let text = given.value(name).and_then(|value| Some(value.text()?.into_owned())).unwrap_or_default();
        text.split(',').filter_map(|block| Some((*name, values::block(block.trim())?))).collect()
    };
    let blocks: Vec<(&'static str, IpNet)> = names.iter().flat_map(blocks).collect();
    let overlap = |one: &IpNet, other: &IpNet| one.contains(other) || other.contains(one);
    blocks.iter().enumerate().find_map(|(index, (field, block))| {
        let clashes = |(other, area): &&(&'static str, IpNet)| other != field && overlap(block, area);
        let (other, area) = blocks.get(..index)?.iter().find(clashes)?;
        let rule = format!("must not overlap {area} of {other}");
        Some(Broken { field, rule, value: Some(block.to_string()) })
    })
}

/// Without all of the values there is nothing to compare.
fn same_subnet(given: &Given<'_>, names: Names, mask: &str) -> Option<Broken> {
    let bits = u8::try_from(values::mask_bits(&given.value(mask)?.text()?)?).ok()?;
    let subnet = |name: &str| {
        let address = given.value(name)?.text()?.trim().parse().ok()?;
        Some(Ipv4Net::new(address, bits).ok()?.trunc())
    };
    let (first, others) = names.split_first()?;
    let home = subnet(first)?;
    let strays = |name: &&&'static str| subnet(name).is_some_and(|other| other != home);
    let field = others.iter().find(strays)?;
    let rule = format!("must lie in {home}, the subnet of {first} under {mask}");
    Some(Broken { field, rule, value: shown(given.value(field)?) })
}

/// A time with or without its seconds.
fn time(text: &str) -> Option<SystemTime> {
    const WITHOUT_SECONDS: usize = "0000-00-00T00:00Z".len();
    if text.len() == WITHOUT_SECONDS {
        timestamp::parse_extended(&text.replace('Z', ":00Z"))
    } else {
        timestamp::parse_extended(text)
    }
}
