//! What the name of an action says: what is done, and to what.

use super::names::singular;

/// Verbs of actions that change nothing.
const READS: [&str; 6] = ["Check", "Describe", "Get", "List", "Query", "Search"];

const CREATES: [&str; 2] = ["Allocate", "Create"];
const CHANGES: [&str; 4] = ["Change", "Modify", "Set", "Update"];
const DELETES: [&str; 2] = ["Delete", "Release"];

/// Verbs of what makes something, binds two things or takes them apart: nothing that such a call names can be away.
const OF_OTHERS: [&str; 14] = [
    "Add",
    "Allocate",
    "Associate",
    "Attach",
    "Create",
    "Detach",
    "Disassociate",
    "Dissociate",
    "Grant",
    "Provision",
    "Remove",
    "Revoke",
    "Tag",
    "Unassociate",
];

/// Ends of names that are no part of what an action is about.
const ENDINGS: [&str; 7] = ["Attributes", "Attribute", "Details", "Detail", "Info", "List", "Spec"];

/// What comes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Read,
    Create,
    Change,
    Delete,
    /// Something that changes, in a way that its name does not tell.
    Other,
}

#[derive(Debug)]
pub(super) struct Subject {
    verb: String,
    /// `VpcAttribute` of `ModifyVpcAttribute`.
    noun: String,
}

impl Subject {
    pub(super) fn of(action: &str) -> Self {
        let end = action.char_indices().skip(1).find(|(_, letter)| letter.is_ascii_uppercase());
        let (verb, noun) = action.split_at(end.map_or(action.len(), |(at, _)| at));
        Self { verb: verb.to_owned(), noun: noun.to_owned() }
    }

    pub(super) fn deed(&self) -> Deed {
        let is_among = |verbs: &[&str]| verbs.contains(&self.verb.as_str());
        match () {
            () if is_among(&READS) => Deed::Read,
            () if is_among(&CREATES) => Deed::Create,
            () if is_among(&CHANGES) => Deed::Change,
            () if is_among(&DELETES) => Deed::Delete,
            () => Deed::Other,
        }
    }

    /// One of what it is about: `Vpc`.
    pub(super) fn noun(&self) -> String {
        let shorter =
            ENDINGS.iter().find_map(|end| self.noun.strip_suffix(end)).filter(|rest| !rest.is_empty());
        singular(shorter.unwrap_or(&self.noun))
    }

    /// Whether something of this name is what it is about.
    pub(super) fn is_about(&self, name: &str) -> bool {
        let spelled = [self.noun.as_str(), &singular(&self.noun), &self.noun()].map(str::to_ascii_lowercase);
        spelled.contains(&name.to_ascii_lowercase())
    }

    /// Whether the name speaks of several, such as `DeleteRouteEntries`.
    pub(super) fn is_several(&self) -> bool {
        !self.noun.ends_with("Attributes") && singular(&self.noun) != self.noun
    }

    /// Whether nothing that the call names can be away.
    pub(super) fn is_of_others(&self) -> bool {
        OF_OTHERS.contains(&self.verb.as_str())
    }
}
