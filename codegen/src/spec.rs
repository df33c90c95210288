//! What the YAML says, read but not yet judged: one struct per kind of entry of the dialect.
#![expect(missing_docs, reason = "the names are those of the dialect, which spec/README.md explains")]

pub(crate) mod action;
pub(crate) mod resource;
pub(crate) mod row;
pub(crate) mod service;
mod wait;

use crate::mapping::{text, word};

pub use crate::rule::RuleSpec;
pub use crate::type_name::TypeName;
pub use action::{
    AcknowledgedSpec, ActionSpec, DryRunSpec, ErrorSpec, ExampleSpec, NoteSpec, PaginationSpec, RamResource,
    RamSpec, ResolutionSpec, class_word,
};
pub use resource::{FinderSpec, ResourceSpec, StatesSpec};
pub use row::{RowSpec, TodaySpec};
pub use service::{ChapterSpec, RamResourceSpec, ServiceSpec, TypeSpec, WithoutSection};
pub use wait::{GoalIfSpec, OutsideSpec, Pairs, UntilSpec, WaitSpec, WaiterSpec};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtocolSpec {
    AcsRpc,
    AwsJson { target: String, signing_name: String },
}

#[derive(Debug, Default)]
pub struct EndpointsSpec {
    pub rule: String,
    pub vpc_network: Option<String>,
    pub central: Option<String>,
    pub home_region: Option<String>,
    pub map: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusSpec {
    #[default]
    Active,
    Deprecated,
    Retired,
}

impl StatusSpec {
    pub(crate) const WORDS: &'static [(&'static str, Self)] =
        &[("active", Self::Active), ("deprecated", Self::Deprecated), ("retired", Self::Retired)];

    /// The word of the dialect.
    pub fn word(self) -> &'static str {
        word(Self::WORDS, self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectSpec {
    Read,
    Write,
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Documented {
    /// The document's table has it.
    #[default]
    Table,
    /// Only an example of the document has it.
    Example,
    /// No document has it.
    No,
}
