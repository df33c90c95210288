//! Which parameters can be given together.

use std::collections::BTreeSet;

use cloudnet_codegen::model::{Field, Rule, Shape};
use cloudnet_codegen::rule::{Content, When};

use super::{Extent, held, limited, scalar, value};

/// Names of the fields to give, so that no rule is broken; those that are wanted count as required.
pub(super) fn names<'a>(shape: &'a Shape, extent: Extent, wanted: &[&str]) -> BTreeSet<&'a str> {
    let is_wanted = |field: &&Field| wanted.contains(&field.name.as_str());
    let wanted = shape.fields.iter().filter(is_wanted).map(|field| field.name.as_str()).collect();
    let is_chosen = |field: &&Field| field.required || extent == Extent::Most || is_wanted(field);
    let chosen = shape.fields.iter().filter(is_chosen).map(|field| field.name.as_str()).collect();
    let mut choice = Choice { shape, extent, wanted, chosen, banned: BTreeSet::new() };
    // Each round can only add or ban; rules that depend on each other settle in a few.
    for _ in 0..8 {
        shape.rules.iter().filter(|rule| !rule.advice).for_each(|rule| choice.settle(rule));
    }
    choice.chosen
}

struct Choice<'a> {
    shape: &'a Shape,
    extent: Extent,
    wanted: BTreeSet<&'a str>,
    chosen: BTreeSet<&'a str>,
    banned: BTreeSet<&'a str>,
}

impl<'a> Choice<'a> {
    fn settle(&mut self, rule: &'a Rule) {
        match (rule.kind.key, &rule.content) {
            ("requires", Content::Conditional(when, names)) if self.holds(when) => {
                if names.iter().any(|name| self.banned.contains(top(name))) {
                    self.ban(top(&when.field));
                } else {
                    self.add(names);
                }
            }
            ("forbids", Content::Conditional(when, names)) if self.holds(when) => self.ban_all(names),
            ("excludes", Content::Names(names)) => self.keep(1, names),
            ("at_most", Content::Counted(count, names)) => self.keep(*count as usize, names),
            ("exactly_one", Content::Names(names)) => {
                self.keep(1, names);
                self.add_one(names);
            }
            ("at_least_one", Content::Names(names)) => self.add_one(names),
            ("together", Content::Names(names))
                if names.iter().any(|name| self.banned.contains(top(name))) =>
            {
                self.ban_all(names);
            }
            ("together", Content::Names(names))
                if names.iter().any(|name| self.chosen.contains(top(name))) =>
            {
                self.add(names);
            }
            _ => {}
        }
    }

    /// Whether a condition applies to the values that would be given.
    fn holds(&self, when: &When<String>) -> bool {
        self.holds_after(&self.shape.rules, when)
    }

    /// The same once some rules have changed the values, one after the other.
    fn holds_after(&self, rules: &[Rule], when: &When<String>) -> bool {
        let name = top(&when.field);
        let field = self.shape.fields.iter().find(|field| field.name == name);
        let Some(field) = field.filter(|_| self.chosen.contains(name)) else { return false };
        let changed = rules.iter().enumerate().rev().find_map(|(index, rule)| match &rule.content {
            Content::Values(when, field, check) if field == name => {
                self.holds_after(rules.get(..index)?, when).then(|| limited(check))
            }
            _ => None,
        });
        let limits = changed.map_or_else(|| held(&field.limits), |limit| vec![limit]);
        admits(when, &scalar(&value(&field.ty, &limits, self.extent)))
    }

    /// Leaves a field out for good, unless it is required.
    fn ban(&mut self, name: &'a str) {
        if !self.is_required(name) {
            self.chosen.remove(name);
            self.banned.insert(name);
        }
    }

    fn ban_all(&mut self, names: &'a [String]) {
        names.iter().for_each(|name| self.ban(top(name)));
    }

    fn add(&mut self, names: &'a [String]) {
        self.chosen.extend(names.iter().map(|name| top(name)));
    }

    /// Adds the first field that can be, if none is there.
    fn add_one(&mut self, names: &'a [String]) {
        if names.iter().all(|name| !self.chosen.contains(top(name))) {
            let possible = names.iter().map(|name| top(name)).find(|name| !self.banned.contains(name));
            self.chosen.extend(possible);
        }
    }

    /// Bans all but so many of the fields given; required ones stay.
    fn keep(&mut self, count: usize, names: &'a [String]) {
        let given = names.iter().map(|name| top(name)).filter(|name| self.chosen.contains(name));
        let mut given: Vec<&str> = given.collect();
        given.sort_by_key(|name| !self.is_required(name));
        given.into_iter().skip(count).for_each(|name| self.ban(name));
    }

    fn is_required(&self, name: &str) -> bool {
        self.wanted.contains(name)
            || self.shape.fields.iter().any(|field| field.name == name && field.required)
    }
}

/// Whether a value makes a conditional rule apply.
pub(super) fn admits(when: &When<String>, given: &str) -> bool {
    when.equals.is_empty() || when.equals.iter().any(|value| value.value == given)
}

/// The field of the shape itself that a path begins with.
fn top(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}
