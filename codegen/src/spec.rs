//! What the YAML says, read but not yet judged: one struct per kind of entry of the dialect.
#![expect(missing_docs, reason = "the names are those of the dialect, which spec/README.md explains")]

pub(crate) mod action;
pub(crate) mod resource;
pub(crate) mod row;
mod rule;
pub(crate) mod service;
mod wait;

use crate::diagnostic::{Diagnostics, Location};
use crate::read::{Fields, Spanned};
use crate::yaml::Node;

/// Text that must be there; empty where it is not, which is already reported then.
fn text(map: &mut Fields<'_>, key: &'static str) -> Spanned<String> {
    let location = map.location();
    map.required_text(key).unwrap_or_else(|| Spanned::new(String::new(), location))
}

fn plain<T>(spanned: Spanned<T>) -> T {
    spanned.value
}

/// Reads every mapping of a list.
fn many<'a, T>(
    list: Option<&'a [Node]>,
    diagnostics: &'a Diagnostics,
    read: impl Fn(Fields<'a>) -> T,
) -> Vec<T> {
    let maps = list.unwrap_or_default().iter().filter_map(|node| Fields::of(node, diagnostics));
    maps.map(read).collect()
}

/// A `_service.yaml`.
#[derive(Debug)]
pub struct ServiceSpec {
    pub location: Location,
    /// Folder of the file, relative to the spec root.
    pub folder: String,
    pub name: Spanned<String>,
    pub title: String,
    pub product: String,
    pub version: String,
    pub document: String,
    pub protocol: ProtocolSpec,
    pub endpoints: EndpointsSpec,
    pub chapters: Vec<ChapterSpec>,
    pub types: Vec<TypeSpec>,
    pub errors: Vec<ErrorSpec>,
    pub resources: Vec<ResourceSpec>,
    pub ram_resources: Vec<RamResourceSpec>,
    pub without_section: Vec<WithoutSection>,
    pub notes: Vec<NoteSpec>,
    pub acknowledged: Vec<AcknowledgedSpec>,
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
    pub home_region: Option<String>,
    pub map: Vec<(String, String)>,
}

#[derive(Debug)]
pub struct ChapterSpec {
    pub folder: Spanned<String>,
    pub section: String,
    pub title: String,
}

/// An element type that several actions share: its name and its fields, in order.
#[derive(Debug)]
pub struct TypeSpec {
    pub name: Spanned<String>,
    pub fields: Vec<Spanned<String>>,
}

#[derive(Debug)]
pub struct RamResourceSpec {
    pub resource: String,
    pub arns: Vec<String>,
}

/// An action that the document names and does not describe.
#[derive(Debug)]
pub struct WithoutSection {
    pub name: String,
    pub known: Vec<String>,
}

/// The YAML of one action.
#[derive(Debug)]
pub struct ActionSpec {
    pub location: Location,
    /// Path of the file, relative to the spec root.
    pub file: String,
    pub name: Spanned<String>,
    pub section: String,
    pub document: Option<String>,
    pub summary: Spanned<String>,
    pub status: StatusSpec,
    pub status_note: Option<String>,
    pub replaced_by: Option<Spanned<String>>,
    pub effect: EffectSpec,
    pub get: bool,
    pub idempotency: Option<Spanned<String>>,
    pub dry_run: Option<DryRunSpec>,
    pub serialize_by: Vec<Spanned<String>>,
    pub pagination: Option<PaginationSpec>,
    pub ram: Option<RamSpec>,
    pub notes: Vec<NoteSpec>,
    pub request: Vec<RowSpec>,
    pub rules: Vec<RuleSpec>,
    pub response: Vec<RowSpec>,
    pub errors: Vec<ErrorSpec>,
    pub observed: Vec<ErrorSpec>,
    pub wait: Option<WaitSpec>,
    pub examples: Vec<ExampleSpec>,
    pub resolutions: Vec<ResolutionSpec>,
    pub acknowledged: Vec<AcknowledgedSpec>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatusSpec {
    #[default]
    Active,
    Deprecated,
    Retired,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectSpec {
    Read,
    Write,
}

#[derive(Debug)]
pub struct DryRunSpec {
    pub parameter: Spanned<String>,
    pub passed: String,
}

#[derive(Debug)]
pub struct PaginationSpec {
    /// Whether pages are named by a token instead of a number.
    pub by_token: bool,
    /// `page` or `token`.
    pub position: Spanned<String>,
    pub size: Option<Spanned<String>>,
    /// `total` or `next`.
    pub end: Spanned<String>,
    pub items: Spanned<String>,
}

#[derive(Debug)]
pub struct RamSpec {
    pub section: Option<String>,
    pub action: Option<String>,
    pub access: Option<String>,
    pub resources: Vec<RamResource>,
}

#[derive(Debug)]
pub struct RamResource {
    /// An ARN pattern, a resource type, or both with a blank between.
    pub text: String,
    pub when: Option<String>,
}

#[derive(Debug)]
pub struct NoteSpec {
    pub kind: &'static str,
    pub text: String,
    pub today: Option<String>,
}

/// A row of a request or response table.
#[derive(Debug)]
pub struct RowSpec {
    /// `name` of a request row, `path` of a response row.
    pub path: Spanned<String>,
    pub documented_as: Option<String>,
    pub also: Vec<String>,
    pub ty: Spanned<TypeName>,
    pub required: bool,
    pub summary: String,
    pub unit: Option<String>,
    pub example: Option<String>,
    pub default: Option<Spanned<String>>,
    pub limits: LimitsSpec,
    pub today: Option<TodaySpec>,
    pub sensitive: bool,
    pub form: bool,
    pub item: Option<Spanned<String>>,
    pub type_name: Option<Spanned<String>>,
    pub status: StatusSpec,
    pub documented: Documented,
    pub note: Option<String>,
}

impl RowSpec {
    /// Whether type and value list, the document's or today's, admit a value.
    pub(crate) fn can_be(&self, value: &str) -> bool {
        let today = self.today.as_ref();
        let is_lifted = today.is_some_and(|today| today.lifted.contains(&"values"));
        let lists = [Some(&self.limits), today.map(|today| &today.limits)].into_iter().flatten();
        let mut listed =
            lists.filter_map(|limits| limits.values.as_ref()).flat_map(|list| &list.value).peekable();
        let is_open = is_lifted || listed.peek().is_none();
        self.ty.admits(value) && (is_open || listed.any(|known| known.value.value == value))
    }
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

/// The limits of a row, each where it stands.
#[derive(Clone, Debug, Default)]
pub struct LimitsSpec {
    pub length: Option<Spanned<Bounds>>,
    pub range: Option<Spanned<Bounds>>,
    pub items: Option<Spanned<Bounds>>,
    pub values: Option<Spanned<Vec<ValueSpec>>>,
    pub excluded: Option<Spanned<Vec<i64>>>,
    pub format: Option<Spanned<&'static str>>,
    pub cidr: Option<Spanned<CidrSpec>>,
    pub starts_with: Option<Spanned<&'static str>>,
    pub ends_with: Option<Spanned<&'static str>>,
    pub chars: Option<Spanned<&'static str>>,
    pub not_starting_with: Option<Spanned<Vec<String>>>,
    pub not_containing: Option<Spanned<Vec<String>>>,
}

/// Both ends included; `None` is an open end.
pub type Bounds = (Option<i64>, Option<i64>);

#[derive(Clone, Debug)]
pub struct ValueSpec {
    pub value: Spanned<String>,
    pub variant: Option<Spanned<String>>,
    pub summary: Option<String>,
}

#[derive(Clone, Debug)]
pub struct CidrSpec {
    pub within: Vec<String>,
    pub not_within: Vec<String>,
    pub prefix: Option<Bounds>,
}

/// What the service states today: limits given replace the documented ones, those lifted end them.
#[derive(Clone, Debug, Default)]
pub struct TodaySpec {
    pub limits: LimitsSpec,
    /// Keys given as `any`.
    pub lifted: Vec<&'static str>,
    pub required: Option<bool>,
    /// `Some(None)` is `none`.
    pub default: Option<Option<Spanned<String>>>,
}

#[derive(Debug)]
pub struct RuleSpec {
    pub location: Location,
    pub kind: RuleKindSpec,
    pub today: bool,
    pub lifted: bool,
    pub note: Option<String>,
}

#[derive(Debug)]
pub enum RuleKindSpec {
    Requires(WhenSpec, Vec<Spanned<String>>),
    Forbids(WhenSpec, Vec<Spanned<String>>),
    Excludes(Vec<Spanned<String>>),
    ExactlyOne(Vec<Spanned<String>>),
    AtLeastOne(Vec<Spanned<String>>),
    Together(Vec<Spanned<String>>),
    AtMost(i64, Vec<Spanned<String>>),
    Ordered(Vec<Spanned<String>>),
    Values(WhenSpec, Spanned<String>, ConditionSpec),
    Points(PointsSpec),
}

#[derive(Clone, Debug)]
pub struct WhenSpec {
    pub field: Spanned<String>,
    pub equals: Vec<Spanned<String>>,
}

/// The limit of a `values` rule.
#[derive(Debug)]
pub enum ConditionSpec {
    Range(Bounds),
    OneOf(Vec<Spanned<String>>),
}

/// At most so many steps between two times.
#[derive(Debug)]
pub struct PointsSpec {
    pub from: Spanned<String>,
    pub to: Spanned<String>,
    pub step: Spanned<String>,
    pub max: i64,
    pub default_step: i64,
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

/// Names on both sides.
pub type Pairs = Vec<(Spanned<String>, Spanned<String>)>;

/// Something that a service keeps.
#[derive(Debug)]
pub struct ResourceSpec {
    /// Folder of its file, relative to the spec root.
    pub folder: String,
    pub name: Spanned<String>,
    pub title: String,
    pub keys: Vec<Spanned<String>>,
    pub optional_keys: Vec<Spanned<String>>,
    pub parents: Vec<Spanned<String>>,
    pub list: Option<FinderSpec>,
    pub show: Option<FinderSpec>,
    pub states: StatesSpec,
    pub waiters: Vec<WaiterSpec>,
}

/// An action that shows resources, and how one is told from the others.
#[derive(Debug)]
pub struct FinderSpec {
    pub action: Spanned<String>,
    pub rows: Option<Spanned<String>>,
    /// Parameter, and the key or `literal.<text>` that it gets.
    pub ask: Pairs,
    /// Field of the row, and its key.
    pub row: Pairs,
    /// Field of the row that holds the list, and its key.
    pub outer_row: Pairs,
    pub state: Option<Spanned<String>>,
    pub exists: Option<Spanned<String>>,
}

#[derive(Debug, Default)]
pub struct StatesSpec {
    pub passing: Vec<Spanned<String>>,
    pub settled: Vec<Spanned<String>>,
    pub failed: Vec<Spanned<String>>,
    pub leaving: Vec<Spanned<String>>,
}

impl StatesSpec {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Spanned<String>> {
        let Self { passing, settled, failed, leaving } = self;
        [passing, settled, failed, leaving].into_iter().flatten()
    }
}

#[derive(Debug)]
pub struct WaitSpec {
    pub location: Location,
    /// What the call changes; a waiter stands with its resource.
    pub resource: Option<Spanned<String>>,
    pub outside: Option<OutsideSpec>,
    /// Key, and where its value comes from.
    pub by: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
    pub until: UntilSpec,
    pub until_if: Vec<GoalIfSpec>,
    /// Field of the row, and where the value comes from that it must have.
    pub shows: Pairs,
    pub appears: bool,
    pub failure: Option<Vec<Spanned<String>>>,
    pub deadline_s: i64,
    pub first_delay_s: i64,
    pub observed: bool,
    pub note: Option<String>,
}

/// What would tell of the effect, but is described by no document here.
#[derive(Debug)]
pub struct OutsideSpec {
    pub action: Spanned<String>,
    pub field: Option<Spanned<String>>,
}

/// A goal that hangs on a value of the call.
#[derive(Debug)]
pub struct GoalIfSpec {
    pub source: Spanned<String>,
    pub equals: Spanned<String>,
    pub until: Vec<Spanned<String>>,
}

/// A wait for a resource, whoever changed it.
#[derive(Debug)]
pub struct WaiterSpec {
    pub name: Spanned<String>,
    pub summary: String,
    /// The keys that the caller gives, where those are not all.
    pub by: Option<Vec<Spanned<String>>>,
    pub wait: WaitSpec,
}

#[derive(Clone, Debug)]
pub enum UntilSpec {
    States(Vec<Spanned<String>>),
    Gone,
    Present,
}

#[derive(Debug)]
pub struct ExampleSpec {
    /// Printed pairs, as text.
    pub request: Vec<(String, String)>,
    pub response: Option<serde_json::Value>,
    pub response_xml: Option<String>,
    pub note: Option<String>,
}

#[derive(Debug)]
pub struct ResolutionSpec {
    pub about: String,
    pub note: String,
}

/// A finding of a lint that is a fact.
#[derive(Debug)]
pub struct AcknowledgedSpec {
    pub lint: &'static str,
    pub about: Spanned<String>,
    pub reason: String,
}
