//! Names of Rust types, chosen where the generator's own would be taken or impossible.

use std::collections::{BTreeMap, BTreeSet};

use cloudnet_codegen::names::{refuse_type_name, refuse_variant_name, upper_camel};

use super::yaml::Yaml;

/// Ends of words that are plural though they do not end in a mere `s`, and what one is.
const PLURALS: [(&str, &str); 7] =
    [("sses", "ss"), ("uses", "us"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("ies", "y"), ("s", "")];

/// Ends of words in `s` that are no plural.
const SINGULARS: [&str; 3] = ["ss", "us", "is"];

/// What lists are called after what they hold.
const COLLECTIONS: [&str; 2] = ["List", "Set"];

/// One of several: `Address` of `Addresses`, `SupportedRegion` of `SupportedRegionSet`.
pub(super) fn singular(name: &str) -> String {
    let shorter = COLLECTIONS.iter().find_map(|end| name.strip_suffix(end)).filter(|rest| rest.len() > 1);
    let name = shorter.unwrap_or(name);
    if SINGULARS.iter().any(|end| name.ends_with(end)) {
        return name.to_owned();
    }
    let plural = PLURALS.iter().find_map(|(end, one)| Some(format!("{}{one}", name.strip_suffix(end)?)));
    plural.filter(|one| one.len() > 1).unwrap_or_else(|| name.to_owned())
}

/// The types of an action's module.
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// What the action is about, for names that need more.
    noun: String,
}

impl Names {
    pub(super) fn new(action: &str, noun: &str, shared: impl Iterator<Item = String>) -> Self {
        let own = [action.to_owned(), format!("{action}Output")];
        Self { taken: own.into_iter().chain(shared).collect(), noun: noun.to_owned() }
    }

    /// A free name: the wanted one, else one that says more of where it stands.
    pub(super) fn take(&mut self, wanted: &str, above: &str) -> String {
        let wanted = capitalized(wanted);
        let longer =
            [wanted.clone(), format!("{}{wanted}", singular(above)), format!("{}{wanted}", self.noun)];
        let numbered = (2..).map(|number| format!("{}{wanted}{number}", self.noun));
        let free = |name: &String| refuse_type_name(name).is_none() && !self.taken.contains(name);
        let name = longer.into_iter().chain(numbered).map(|name| capitalized(&name)).take(100).find(free);
        let name = name.unwrap_or(wanted);
        self.taken.insert(name.clone());
        name
    }

    /// The `type_name` of each row with values, by its position, where it needs one.
    pub(super) fn of_values(&mut self, uses: &[Values<'_>]) -> BTreeMap<usize, Yaml> {
        let mut names = BTreeMap::new();
        let mut by_name: BTreeMap<&str, BTreeMap<&[String], Vec<usize>>> = BTreeMap::new();
        for one in uses {
            let alike = by_name.entry(&one.name).or_default();
            alike.entry(one.values).or_default().push(one.row);
        }
        for (wanted, alike) in by_name {
            for rows in alike.into_values() {
                let name = self.take(wanted, "");
                let is_usual = name == wanted;
                let type_name = if is_usual { Yaml::text(&name) } else { Yaml::guess(&name) };
                // The name that a single row gets by itself needs no saying.
                if !is_usual || rows.len() > 1 {
                    names.extend(rows.into_iter().map(|row| (row, type_name.clone())));
                }
            }
        }
        names
    }
}

/// The values of a row.
pub(super) struct Values<'v> {
    /// Position of the row.
    pub(super) row: usize,
    /// The name that the generator gives.
    pub(super) name: String,
    pub(super) values: &'v [String],
}

/// `values` of a row, each with a name for its variant where none can be made, or two would share one.
pub(super) fn values(values: &[String]) -> Yaml {
    let usual: Vec<String> = values.iter().map(|value| upper_camel(value)).collect();
    let mut taken = BTreeSet::new();
    let entry = |(value, usual_name): (&String, &String)| {
        let is_shared = usual.iter().filter(|name| *name == usual_name).count() > 1;
        let is_lower = value.bytes().all(|byte| !byte.is_ascii_uppercase());
        let lower = (is_shared && is_lower).then(|| format!("Lower{usual_name}"));
        let numbered = (1..).map(|number| format!("{usual_name}Value{number}"));
        let names = lower.into_iter().chain([usual_name.clone()]).chain(numbered).take(100);
        let name =
            names.into_iter().find(|name| refuse_variant_name(name).is_none() && !taken.contains(name));
        let name = name.unwrap_or_default();
        taken.insert(name.clone());
        if name == *usual_name {
            Yaml::text(value)
        } else {
            Yaml::map([("value", Yaml::text(value)), ("as", Yaml::guess(&name))])
        }
    };
    Yaml::List(values.iter().zip(&usual).map(entry).collect())
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters.filter(|letter| *letter != '-')).collect()
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn one_of_several_is_called_as_people_do() {
        for (several, one) in [
            ("Vpcs", "Vpc"),
            ("EipAddresses", "EipAddress"),
            ("Status", "Status"),
            ("Statuses", "Status"),
            ("RouteEntries", "RouteEntry"),
            ("SupportedRegionSet", "SupportedRegion"),
            ("IpList", "Ip"),
            ("Access", "Access"),
            ("Indexes", "Index"),
            ("S", "S"),
        ] {
            assert_eq!(singular(several), one);
        }
    }
}
