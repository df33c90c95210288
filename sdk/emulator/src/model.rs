//! What the specs say of the services, as the generator writes it.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value as Json;

/// A service.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    /// `vpc`, as the clients call its module.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) protocol: Protocol,
    /// AWS only: what stands before the action in `X-Amz-Target`.
    #[serde(default)]
    pub(crate) target: String,
    /// AWS only.
    #[serde(default)]
    pub(crate) signing_name: String,
    /// The region that requests without one are about.
    pub(crate) home_region: Option<String>,
    #[serde(default)]
    pub(crate) errors: Vec<Code>,
    #[serde(default)]
    pub(crate) resources: Vec<Resource>,
    pub(crate) actions: Vec<Action>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    AcsRpc,
    AwsJson,
}

/// A row of an error table.
#[derive(Debug, Deserialize)]
pub(crate) struct Code {
    /// 0 where none is documented.
    #[serde(default)]
    pub(crate) status: u16,
    pub(crate) code: String,
    /// The word of the dialect: `not-found`.
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) summary: String,
}

/// A kind of thing that a service keeps.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Resource {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) chapter: Option<String>,
    pub(crate) keys: Vec<String>,
    pub(crate) optional_keys: Vec<String>,
    pub(crate) parents: Vec<Parent>,
    /// Of the IDs that a create makes.
    pub(crate) prefix: Option<String>,
    /// Field that holds the state.
    pub(crate) state: Option<String>,
    pub(crate) states: States,
    /// Field that people call it by.
    pub(crate) name_field: Option<String>,
    pub(crate) made: Vec<(String, Value)>,
    pub(crate) shown: Vec<(String, Value)>,
    pub(crate) brings: Vec<Brought>,
    pub(crate) inside: Vec<(String, FieldOf)>,
    pub(crate) apart: Vec<String>,
    pub(crate) unique: Vec<Vec<String>>,
    pub(crate) quota: Option<Quota>,
    pub(crate) secrets: Vec<String>,
}

/// What a resource lies in: its `field` holds the other's `of`.
#[derive(Debug, Deserialize)]
pub(crate) struct Parent {
    pub(crate) resource: String,
    pub(crate) field: String,
    pub(crate) of: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct States {
    pub(crate) passing: Vec<String>,
    pub(crate) settled: Vec<String>,
    pub(crate) failed: Vec<String>,
    pub(crate) leaving: Vec<String>,
}

/// A resource that is made together with another.
#[derive(Debug, Deserialize)]
pub(crate) struct Brought {
    pub(crate) resource: String,
    #[serde(default)]
    pub(crate) set: Vec<(String, Value)>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FieldOf {
    pub(crate) resource: String,
    pub(crate) field: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Quota {
    pub(crate) most: usize,
    /// `region`, or the name of a parent.
    pub(crate) per: String,
}

/// Where the value of a field comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Value {
    /// A row of the request.
    Request(String),
    Literal(String),
    Now,
    Region,
    /// A fresh ID with this prefix, or `ipv4`, `ipv6-cidr`, `number`, `text`.
    New(String),
    /// Another field of the same resource.
    Own(String),
    /// A field of a resource that the request or the own fields name.
    Of {
        resource: String,
        take: String,
    },
    /// From all resources of a kind that belong to this one.
    Each(Each),
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Each {
    pub(crate) resource: String,
    /// Field of the other, and the own field that it equals.
    #[serde(rename = "where", default)]
    pub(crate) matching: Vec<(String, String)>,
    /// Name shown, and the field of the other.
    #[serde(rename = "as", default)]
    pub(crate) names: Vec<(String, String)>,
    /// The one field that is wanted.
    pub(crate) take: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Action {
    pub(crate) name: String,
    pub(crate) write: bool,
    pub(crate) get: bool,
    /// Row of the idempotency token.
    pub(crate) token: Option<String>,
    pub(crate) dry_run: Option<DryRun>,
    pub(crate) request: Vec<Field>,
    pub(crate) response: Vec<Field>,
    pub(crate) errors: Vec<Code>,
    pub(crate) pages: Option<Pages>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) responds: Vec<(String, Value)>,
    pub(crate) read: Option<Read>,
    /// The printed answer.
    pub(crate) example: Option<Json>,
    /// Why the printed answer is all there is.
    pub(crate) answers_example: Option<String>,
    pub(crate) references: Vec<Reference>,
    pub(crate) codes: Codes,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DryRun {
    pub(crate) parameter: String,
    /// Code of a dry run that passed; none where it is answered like a call that was done.
    pub(crate) passed: Option<String>,
}

/// A row of a request or a response.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: Kind,
    /// Of the entries of a list.
    pub(crate) item: Option<Kind>,
    /// Name of the list inside a wrapper object.
    pub(crate) wrapped: Option<String>,
    pub(crate) sensitive: bool,
    /// Of an object, or of the objects of a list.
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    String,
    Secret,
    Integer,
    Double,
    Boolean,
    Struct,
    /// An object that travels as one JSON text.
    Json,
    List,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pages {
    pub(crate) by_token: bool,
    /// Row of the page or of the token.
    pub(crate) position: String,
    pub(crate) size: Option<String>,
    /// Path of the total or of the next token.
    pub(crate) end: String,
    pub(crate) items: String,
    pub(crate) default_size: Option<usize>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Operation {
    Create,
    Change,
    Delete,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Effect {
    pub(crate) op: Operation,
    pub(crate) resource: String,
    #[serde(default)]
    pub(crate) by: Vec<(String, Value)>,
    #[serde(default)]
    pub(crate) set: Vec<(String, Value)>,
    #[serde(default)]
    pub(crate) clear: Vec<String>,
    /// States in which it may be; empty: any.
    #[serde(default)]
    pub(crate) from: Vec<String>,
    pub(crate) via: Option<String>,
    pub(crate) to: Option<String>,
    /// Row, and the field that it is stored in.
    #[serde(default)]
    pub(crate) stores: Vec<(String, String)>,
    /// Row, and the values of which it must have one; `~` is none at all.
    #[serde(rename = "if", default)]
    pub(crate) only_if: Vec<(String, Vec<String>)>,
    /// List rows for each entry of which it is done, of several for each combination.
    #[serde(default)]
    pub(crate) many: Vec<String>,
    #[serde(default)]
    pub(crate) optional: bool,
    /// Kinds of children that go along.
    #[serde(default)]
    pub(crate) with: Vec<String>,
}

/// What a read is about.
#[derive(Debug, Deserialize)]
pub(crate) struct Read {
    pub(crate) resource: String,
    /// Path of the rows; `None` if it shows one.
    pub(crate) rows: Option<String>,
    #[serde(default)]
    pub(crate) by: Vec<(String, Value)>,
    #[serde(default)]
    pub(crate) filters: Vec<Filter>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    pub(crate) row: String,
    pub(crate) field: Option<String>,
    /// `Filter.N.Key`, and the field that it stands for.
    pub(crate) pairs: Option<Vec<(String, String)>>,
    /// Why it filters nothing.
    pub(crate) none: Option<String>,
}

/// A row that names resources.
#[derive(Debug, Deserialize)]
pub(crate) struct Reference {
    pub(crate) row: String,
    #[serde(default)]
    pub(crate) resources: Vec<String>,
    /// The field that it names them by, where that is not their last key.
    pub(crate) by: Option<String>,
    /// Whether it may be something that no action here makes.
    #[serde(default)]
    pub(crate) outside: bool,
}

/// The codes that an action refuses with, by what is wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Codes {
    /// By row; an empty row stands for all others, here and below.
    pub(crate) missing: Vec<(String, String)>,
    pub(crate) invalid: Vec<(String, String)>,
    pub(crate) not_found: Vec<(String, String)>,
    /// By kind of child.
    pub(crate) dependency: Vec<(String, String)>,
    /// By state.
    pub(crate) state: Vec<(String, String)>,
    pub(crate) quota: Option<String>,
    pub(crate) exists: Option<String>,
    pub(crate) inside: Option<String>,
    pub(crate) apart: Option<String>,
}

/// All services.
pub(crate) fn services() -> &'static [Service] {
    static SERVICES: OnceLock<Vec<Service>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let texts = [
            include_str!("generated/aws_global_accelerator.json"),
            include_str!("generated/ga.json"),
            include_str!("generated/privatelink.json"),
            include_str!("generated/vpc.json"),
        ];
        texts.into_iter().map(read).collect()
    })
}

fn read(text: &str) -> Service {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("generated data do not fit the model: {error}"))
}

impl Service {
    pub(crate) fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    pub(crate) fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }
}

impl Code {
    /// The HTTP status; where none is documented, the usual one of its class.
    pub(crate) fn http_status(&self) -> u16 {
        match (self.status, self.class.as_str()) {
            (0, "not-found") => 404,
            (0, "permission") => 403,
            (0, "internal") => 500,
            (0, "unavailable") => 503,
            (0, _) => 400,
            (status, _) => status,
        }
    }
}

impl Codes {
    /// The code for a row, a child or a state: its own, else the one for all.
    pub(crate) fn pick<'a>(codes: &'a [(String, String)], about: &str) -> Option<&'a str> {
        let of = |name: &str| codes.iter().find(|(known, _)| known == name).map(|(_, code)| code.as_str());
        of(about).or_else(|| of(""))
    }
}
