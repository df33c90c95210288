//! What the YAML says, read but not yet judged: one struct per kind of entry of the dialect.
#![expect(missing_docs, reason = "the names are those of the dialect, which spec/README.md explains")]

pub(crate) mod action;
pub(crate) mod effect;
pub(crate) mod proof;
pub(crate) mod resource;
pub(crate) mod row;
pub(crate) mod service;
mod wait;

pub use crate::rule::RuleSpec;
pub use crate::type_name::TypeName;
pub use action::{Acknowledged, AcknowledgedSpec, ActionSpec};
pub use effect::{
    BroughtSpec, CodesBy, EachSpec, EffectSpec, FilterSpec, KeptQuotaSpec, Operation, ParentSpec, ReadsSpec,
    ReferenceSpec, RefusesSpec, ValueSpec, Values,
};
pub use proof::ProofSpec;
pub use resource::{FinderSpec, ResourceSpec, StatesSpec};
pub use row::{RowSpec, TodaySpec};
pub use service::{ChapterSpec, RamResourceSpec, ServiceSpec, TypeSpec, WithoutSection};
pub use wait::{GoalIfSpec, OutsideSpec, Pairs, UntilSpec, WaitSpec, WaiterSpec};
