//! What a service keeps and what its actions do to it, every default settled.
//!
//! Names of fields are paths relative to a row of the readers, without `[]`; rows are those of a request, without
//! their indexes.

use std::collections::BTreeSet;

/// A resource as something that is made, changed and deleted.
#[derive(Debug)]
pub struct Kept {
    pub name: String,
    pub title: String,
    /// Module of its chapter, where the service has chapters.
    pub chapter: Option<String>,
    pub keys: Vec<String>,
    pub optional_keys: Vec<String>,
    pub parents: Vec<Parent>,
    pub prefix: Option<String>,
    pub state: Option<String>,
    pub states: States,
    /// What people call it by.
    pub name_field: Option<String>,
    pub made: Vec<Filled>,
    pub shown: Vec<Filled>,
    pub brings: Vec<Brought>,
    /// Block, and the resource and its block that it must lie in.
    pub inside: Vec<(String, String, String)>,
    pub apart: Vec<String>,
    pub unique: Vec<Vec<String>>,
    pub quota: Option<KeptQuota>,
    pub secrets: Vec<String>,
    /// All fields that it can have, whoever gives or shows them.
    pub fields: BTreeSet<String>,
    /// The fields that readers print.
    pub seen: BTreeSet<String>,
}

/// A field, and where its value comes from.
pub type Filled = (String, Value);

/// What a resource lies in: its `field` holds the other's `of`.
#[derive(Debug)]
pub struct Parent {
    pub resource: String,
    pub field: String,
    pub of: String,
}

#[derive(Debug, Default)]
pub struct States {
    pub passing: Vec<String>,
    pub settled: Vec<String>,
    pub failed: Vec<String>,
    pub leaving: Vec<String>,
}

#[derive(Debug)]
pub struct Brought {
    pub resource: String,
    pub set: Vec<Filled>,
}

#[derive(Debug)]
pub struct KeptQuota {
    pub most: i64,
    pub per: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Request(String),
    Literal(String),
    Now,
    Region,
    New(String),
    Own(String),
    Of { resource: String, take: String },
    Each(Each),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    pub resource: String,
    pub matching: Vec<(String, String)>,
    pub names: Vec<(String, String)>,
    pub take: Option<String>,
}

/// What an action does to what is kept, and how it refuses.
#[derive(Debug, Default)]
pub struct Behavior {
    pub effects: Vec<KeptEffect>,
    pub responds: Vec<Filled>,
    pub read: Option<KeptRead>,
    /// Why the printed answer is all that can be said.
    pub answers_example: Option<String>,
    pub references: Vec<Reference>,
    pub codes: Codes,
}

#[derive(Debug)]
pub struct KeptEffect {
    /// `create`, `change` or `delete`.
    pub operation: &'static str,
    pub resource: String,
    pub by: Vec<Filled>,
    pub set: Vec<Filled>,
    pub clear: Vec<String>,
    pub from: Vec<String>,
    pub via: Option<String>,
    pub to: Option<String>,
    /// Row, and the field that it is stored in.
    pub stores: Vec<(String, String)>,
    pub only_if: Vec<(String, Vec<String>)>,
    pub many: Vec<String>,
    pub optional: bool,
    pub with: Vec<String>,
}

#[derive(Debug)]
pub struct KeptRead {
    pub resource: String,
    /// Path of the rows; none if it shows one.
    pub rows: Option<String>,
    pub by: Vec<Filled>,
    pub filters: Vec<Filter>,
}

#[derive(Debug)]
pub struct Filter {
    pub row: String,
    pub by: FilterBy,
}

#[derive(Debug)]
pub enum FilterBy {
    Field(String),
    /// Values of its key, and the field that each stands for; then the values that stand for none.
    Pairs(Vec<(String, String)>, Vec<String>),
    None(String),
    /// There is no field of its name, and nothing says what it filters by.
    Unknown,
}

/// A row that names resources.
#[derive(Debug)]
pub struct Reference {
    pub row: String,
    pub resources: Vec<String>,
    /// The field that it names them by, where that is not their last key.
    pub by: Option<String>,
    pub outside: bool,
}

/// The codes that an action refuses with. An empty name stands for all that are not named.
#[derive(Debug, Default)]
pub struct Codes {
    pub missing: Vec<(String, String)>,
    pub invalid: Vec<(String, String)>,
    pub not_found: Vec<(String, String)>,
    pub dependency: Vec<(String, String)>,
    pub state: Vec<(String, String)>,
    pub quota: Option<String>,
    pub exists: Option<String>,
    pub inside: Option<String>,
    pub apart: Option<String>,
    /// What the action has to refuse and its table has no code for, by the words of the dialect.
    pub lacking: Vec<&'static str>,
    /// What the action never has to refuse.
    pub unneeded: Vec<&'static str>,
}
