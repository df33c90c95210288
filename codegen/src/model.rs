//! The model that code is emitted from: every name chosen, every type settled, every limit weighed.
//!
//! Facts that need no decision are passed on as they are read. Emission looks at nothing else; what the YAML says
//! besides stands in `spec`, for those who compare.
#![expect(missing_docs, reason = "the names are those of the dialect, which spec/README.md explains")]

pub mod kept;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use crate::facts::*;
use crate::limit::Check;
use crate::origin::Origin;
use crate::path::Segment;
pub use crate::spec::ProofSpec;
use crate::spec::{ActionSpec, ServiceSpec};

use kept::{Behavior, Kept};

/// Everything the specs describe.
#[derive(Debug)]
pub struct Model {
    pub services: Vec<Service>,
    /// What the emulator's laws were tried on.
    pub proofs: Vec<ProofSpec>,
}

#[derive(Debug)]
pub struct Service {
    pub spec: ServiceSpec,
    pub origin: Origin,
    pub name: String,
    pub title: String,
    /// What it is for, in a sentence.
    pub summary: String,
    pub product: String,
    pub version: String,
    pub document: String,
    pub protocol: Protocol,
    pub endpoints: Endpoints,
    pub errors: Vec<ErrorCode>,
    /// Module: `vpc`, `aws_global_accelerator`.
    pub module: String,
    /// Types shared by actions.
    pub types: Vec<Struct>,
    pub actions: Vec<Action>,
    /// What waits look at.
    pub resources: Vec<Resource>,
    /// All resources, as what actions make, change and delete.
    pub kept: Vec<Kept>,
    pub waiters: Vec<Waiter>,
    /// Cargo feature that compiles it: `aws-global-accelerator`.
    pub feature: String,
    /// The chapters that have actions, by module.
    pub chapters: Vec<Chapter>,
}

impl Service {
    /// What a wait looks at.
    pub(crate) fn resource(&self, wait: &Wait) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == wait.resource)
    }

    /// The actions of a chapter; without one, those beside the chapters.
    pub(crate) fn actions_of(&self, chapter: Option<&str>) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(move |action| action.chapter.as_deref() == chapter)
    }

    /// The cargo feature that compiles an action.
    pub fn feature_of(&self, action: &Action) -> &str {
        let chapter = self.chapters.iter().find(|one| action.chapter.as_ref() == Some(&one.module));
        chapter.map_or(&self.feature, |chapter| &chapter.feature)
    }

    /// The waiters of a chapter, each with what it looks at.
    pub(crate) fn waiters_of(&self, chapter: Option<&str>) -> impl Iterator<Item = (&Waiter, &Resource)> {
        let waiters = self.waiters.iter().filter_map(|waiter| Some((waiter, self.resource(&waiter.wait)?)));
        waiters.filter(move |(_, resource)| resource.chapter.as_deref() == chapter)
    }
}

/// The actions of a folder, which are compiled or left out together.
#[derive(Debug)]
pub struct Chapter {
    /// Module: `nat_gateway`.
    pub module: String,
    /// `NAT Gateway`
    pub title: String,
    /// What its actions are for, in a sentence.
    pub summary: String,
    pub section: String,
    /// Cargo feature: `vpc-nat-gateway`.
    pub feature: String,
}

#[derive(Debug)]
pub struct Action {
    pub spec: Arc<ActionSpec>,
    pub origin: Origin,
    pub facts: Arc<ActionFacts>,
    /// Module of the action: `create_vpc`.
    pub module: String,
    /// Module of its chapter, where the service has chapters.
    pub chapter: Option<String>,
    pub request: Shape,
    pub response: Shape,
    /// Where the entries of a page are, if the results come in pages.
    pub items: Option<Items>,
    /// How the effect of a call is seen, if an action of the service tells.
    pub wait: Option<Wait>,
    /// What would tell, described by no document here, and what it would tell.
    pub outside: Option<(String, Until)>,
    /// What it does to what the service keeps.
    pub behavior: Behavior,
    /// Nested types and open enums of this action's module.
    pub structs: Vec<Struct>,
    pub enums: Vec<OpenEnum>,
}

impl Action {
    /// The types of the service that its fields have.
    pub(crate) fn shared_types(&self) -> BTreeSet<&str> {
        let nested = self.structs.iter().flat_map(|one| &one.fields);
        let fields = self.request.fields.iter().chain(&self.response.fields).chain(nested);
        fields.filter_map(|field| field.ty.shared()).collect()
    }
}

/// A resource, and the one action that tells of it.
#[derive(Debug)]
pub struct Resource {
    pub name: String,
    pub title: String,
    /// Module of its chapter, where the service has chapters.
    pub chapter: Option<String>,
    pub keys: Vec<String>,
    pub optional_keys: Vec<String>,
    pub poll: String,
    pub ask: Vec<(String, Source)>,
    /// Path of the rows; empty if the answer is about one.
    pub rows: String,
    pub row: Vec<(String, String)>,
    pub outer_row: Vec<(String, String)>,
    pub state: String,
    pub exists: String,
    pub states: Vec<String>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Request(String),
    Response(String),
    Key(String),
    Literal(String),
}

#[derive(Debug)]
pub struct Wait {
    pub resource: String,
    pub by: Vec<(String, Vec<Source>)>,
    pub until: Until,
    pub until_if: Vec<GoalIf>,
    pub shows: Vec<(String, Source)>,
    pub failure: Vec<String>,
    pub appears: bool,
    pub deadline_s: i64,
    pub first_delay_s: i64,
}

#[derive(Debug)]
pub enum Until {
    States(Vec<String>),
    Gone,
    Present,
}

#[derive(Debug)]
pub struct GoalIf {
    pub source: Source,
    pub equals: String,
    pub until: Vec<String>,
}

#[derive(Debug)]
pub struct Waiter {
    pub name: String,
    pub summary: String,
    pub note: Option<String>,
    /// What the caller gives, in this order.
    pub by: Vec<String>,
    pub wait: Wait,
}

/// The entries of a page: Rust names of the fields that lead to them, and what they are.
#[derive(Clone, Debug)]
pub struct Items {
    pub fields: Vec<String>,
    pub entry: Type,
}

/// Fields in the order of a struct, and the rules across them.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub fields: Vec<Field>,
    pub rules: Vec<Rule>,
}

impl Shape {
    /// Whether it has a path, wrappers included.
    pub(crate) fn has(&self, path: &[Segment]) -> bool {
        let Some((field, rest)) = self.step(path) else { return path.is_empty() };
        match field.ty.nested() {
            Some(inner) => inner.has(rest),
            None => rest.is_empty(),
        }
    }

    /// The field that a path begins with, and what of the path is left inside: a wrapper is passed over.
    pub(crate) fn step<'p>(&self, path: &'p [Segment]) -> Option<(&Field, &'p [Segment])> {
        let (first, rest) = path.split_first()?;
        let field = self.fields.iter().find(|field| field.name == first.name)?;
        match (&field.wrapped, rest.split_first()) {
            (Some(wrapped), Some((second, inner))) if *wrapped == second.name => Some((field, inner)),
            _ => Some((field, rest)),
        }
    }
}

/// A struct to be emitted.
#[derive(Debug)]
pub struct Struct {
    pub name: String,
    /// Of the request: gets setters.
    pub is_input: bool,
    /// Wire path of the list or object that it is an element of.
    pub path: String,
    pub fields: Vec<Field>,
    /// What other actions of the chapter return with the same fields.
    pub equals: Vec<TypeOf>,
}

/// A type in the module of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeOf {
    pub module: String,
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct Field {
    /// Wire name.
    pub name: String,
    /// Rust name, without `r#`.
    pub rust: String,
    pub ty: Type,
    pub required: bool,
    pub limits: Vec<Limit>,
    pub form: bool,
    pub aliases: Vec<String>,
    /// Name of the list inside a wrapper object.
    pub wrapped: Option<String>,
    /// The row that describes it; none for an unprinted container.
    pub row: Option<Arc<Row>>,
}

impl Field {
    /// Whether it is a list of tags, each a key with its value.
    pub fn is_tags(&self) -> bool {
        let has = |shape: &Shape, name: &str| {
            shape.fields.iter().any(|one| one.name == name && one.ty == Type::Text)
        };
        let is_tag = |shape: &Shape| has(shape, "Key") && has(shape, "Value");
        let is_list = matches!(&self.ty, Type::List(entry) if matches!(**entry, Type::Struct(_)));
        is_list && ["Tag", "Tags"].contains(&self.name.as_str()) && self.ty.nested().is_some_and(is_tag)
    }
}

/// What docs say of a field.
#[derive(Debug)]
pub struct Row {
    pub path: String,
    pub documented_as: Option<String>,
    pub documented: Documented,
    /// Of a row, where not the whole action is published.
    pub published: Option<Published>,
    pub is_gone: bool,
    pub required: bool,
    pub summary: String,
    /// The documented limits in words.
    pub limits: String,
    pub unit: Option<String>,
    pub default: Option<String>,
    /// What is said elsewhere, and by whom.
    pub further: Vec<(&'static str, String)>,
    pub example: Option<String>,
    pub note: Option<String>,
    pub status: Status,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Text,
    Secret,
    Integer,
    Double,
    Boolean,
    Timestamp,
    /// Name of an open enum of the module.
    Enum(String),
    Struct(StructType),
    /// A struct that travels as one JSON string.
    Json(StructType),
    List(Box<Type>),
}

impl Type {
    /// The shape of the struct, or of the structs of a list.
    pub fn nested(&self) -> Option<&Shape> {
        match self {
            Self::Struct(inner) | Self::Json(inner) => Some(&inner.shape),
            Self::List(entry) => entry.nested(),
            _ => None,
        }
    }

    /// The name of that struct.
    pub(crate) fn nested_name(&self) -> Option<&str> {
        match self {
            Self::Struct(inner) | Self::Json(inner) => Some(&inner.name),
            Self::List(entry) => entry.nested_name(),
            _ => None,
        }
    }

    fn shared(&self) -> Option<&str> {
        match self {
            Self::Struct(inner) | Self::Json(inner) => inner.shared.then_some(inner.name.as_str()),
            Self::List(entry) => entry.shared(),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct StructType {
    pub name: String,
    /// Whether it is one of the service's shared types.
    pub shared: bool,
    pub shape: Shape,
}

impl PartialEq for StructType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.shared == other.shared
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OpenEnum {
    pub name: String,
    /// Wire path of the first row that has it.
    pub path: String,
    pub variants: Vec<Variant>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    pub name: String,
    pub value: String,
    pub summary: Option<String>,
    /// Not among the document's values.
    pub only_today: bool,
    /// Among the document's values, no longer among today's.
    pub only_documented: bool,
}

/// A limit, and whether it is today's.
#[derive(Clone, Debug)]
pub struct Limit {
    pub check: Check,
    pub today: bool,
    pub strength: Strength,
}

/// What becomes of a value that a limit speaks against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// It is refused.
    Limit,
    /// The service may accept it.
    Advice,
    /// Only the document speaks against it; the service of today states a wider limit.
    Outdated,
}

/// A rule, its operands relative to the shape it stands on.
pub type Rule = crate::rule::Rule<String>;
