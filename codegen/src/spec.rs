//! What the YAML says, read but not yet judged: one struct per kind of entry of the dialect.
#![expect(missing_docs, reason = "the names are those of the dialect, which spec/README.md explains")]

pub(crate) mod action;
mod mapping;
pub(crate) mod resource;
pub(crate) mod row;
pub(crate) mod service;
mod wait;

use crate::diagnostic::Location;
use crate::path::Path;
use crate::read::{Fields, Spanned};
use crate::rule::{self, Rule};

pub use action::{
    AcknowledgedSpec, ActionSpec, DryRunSpec, ExampleSpec, NoteSpec, PaginationSpec, RamResource, RamSpec,
    ResolutionSpec,
};
pub use resource::{FinderSpec, ResourceSpec, StatesSpec};
pub use row::{RowSpec, TodaySpec};
pub use service::{ChapterSpec, RamResourceSpec, ServiceSpec, TypeSpec, WithoutSection};
pub use wait::{GoalIfSpec, OutsideSpec, Pairs, UntilSpec, WaitSpec, WaiterSpec};

/// Text that must be there; empty where it is not, which is already reported then.
pub(crate) fn text(map: &mut Fields<'_>, key: &'static str) -> Spanned<String> {
    mapping::Key::read(map, key)
}

fn plain<T>(spanned: Spanned<T>) -> T {
    spanned.value
}

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

    pub(crate) fn word(self) -> &'static str {
        word(Self::WORDS, self)
    }
}

/// The word of the dialect for a value.
fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeName {
    String,
    Integer,
    Long,
    Double,
    Boolean,
    List,
    Object,
    Json,
}

impl TypeName {
    pub(crate) const WORDS: &'static [(&'static str, Self)] = &[
        ("string", Self::String),
        ("integer", Self::Integer),
        ("long", Self::Long),
        ("double", Self::Double),
        ("boolean", Self::Boolean),
        ("list", Self::List),
        ("object", Self::Object),
        ("json", Self::Json),
    ];

    pub(crate) fn word(self) -> &'static str {
        word(Self::WORDS, self)
    }

    /// Whether rows stand below one of this type.
    pub(crate) fn is_container(self) -> bool {
        matches!(self, Self::List | Self::Object | Self::Json)
    }

    /// Whether a value of this type can be written so.
    pub(crate) fn admits(self, text: &str) -> bool {
        match self {
            Self::Integer | Self::Long => text.trim().parse::<i64>().is_ok(),
            Self::Double => text.trim().parse::<f64>().is_ok_and(f64::is_finite),
            Self::Boolean => matches!(text, "true" | "false"),
            _ => true,
        }
    }
}

#[derive(Debug)]
pub struct ErrorSpec {
    pub location: Location,
    /// 0 where none is documented.
    pub status: u16,
    pub code: Spanned<String>,
    /// Name of the runtime's class.
    pub class: &'static str,
    /// What passes without the caller; on busy codes only.
    pub passes: Option<String>,
    pub summary: String,
    /// Printed rows that this entry stands for.
    pub rows: i64,
    /// Whether it means that the resource is away; by default a `not-found` code does.
    pub gone: Option<bool>,
}

/// A rule across the rows of a request.
#[derive(Debug)]
pub struct RuleSpec {
    pub location: Location,
    pub rule: Rule<Spanned<Path>>,
    /// Documented, and no longer so.
    pub lifted: bool,
    pub note: Option<String>,
}

impl mapping::Mapping for RuleSpec {
    fn read(map: &mut Fields<'_>) -> Self {
        rule::read(map)
    }
}
