//! What a vendor publishes about a service, in one form, whatever it was read from.
#![expect(missing_docs, reason = "what has no words has the name of a key of the specs")]

use std::collections::BTreeMap;

use cloudnet_codegen::path::{INDEXES, Table};
use cloudnet_codegen::spec::TypeName;

/// No service nests its values deeper.
pub(super) const DEEPEST: usize = 10;

/// One service, as a package describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// `alibabacloud_vpc20160428` or `botocore`.
    pub package: String,
    /// Version of the package; of a bare JSON file that of the API.
    pub version: String,
    /// What the service is called there.
    pub product: String,
    /// `2016-04-28`
    pub api_version: String,
    /// By wire name.
    pub actions: BTreeMap<String, Action>,
}

/// An action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Action {
    /// None where the source never says so.
    pub deprecated: Option<bool>,
    pub method: Method,
    /// Rows of the request, a container before what it holds.
    pub request: Vec<Row>,
    /// Rows of the response, likewise.
    pub response: Vec<Row>,
    /// Codes that it can fail with; none where the source has no errors.
    pub errors: Option<Vec<String>>,
    /// The vendor's words: for whoever writes a spec, never to be copied.
    pub doc: String,
}

/// How an action is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    #[default]
    Post,
    Get,
}

/// A parameter or field, or what holds some.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// As specs spell it: `Tag.N.Key`, `InstanceId.N`, `Vpcs.Vpc[].VpcId`.
    pub path: String,
    pub ty: Type,
    /// Whether rows stand below it.
    pub container: bool,
    /// None where the source does not tell.
    pub required: Option<bool>,
    pub place: Place,
    pub style: Style,
    pub limits: Limits,
    /// None where the source does not tell.
    pub deprecated: Option<bool>,
    /// The vendor's words: for whoever writes a spec, never to be copied.
    pub doc: String,
    /// An example that stands by itself.
    pub example: Option<String>,
}

/// The type of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Text,
    /// `integer` or `long`: vendors' clients do not tell them apart.
    Integer,
    Double,
    Boolean,
    /// Seconds since 1970.
    Timestamp,
    Object,
    List,
    /// Names and values that are not known beforehand.
    Map,
}

impl Type {
    /// What a spec calls so.
    pub(super) fn of_spec(ty: TypeName) -> Self {
        match ty {
            TypeName::String => Self::Text,
            TypeName::Integer | TypeName::Long => Self::Integer,
            TypeName::Double => Self::Double,
            TypeName::Boolean => Self::Boolean,
            TypeName::Timestamp => Self::Timestamp,
            TypeName::List => Self::List,
            TypeName::Object | TypeName::Json => Self::Map,
        }
    }

    /// As specs call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Object => "object",
            Self::List => "list",
            Self::Map => "map",
        }
    }
}

/// Where a parameter travels. A JSON body is one place, called `query` as specs have it by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    #[default]
    Query,
    Form,
}

impl Place {
    /// As specs call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Form => "form",
        }
    }
}

/// How a value with parts is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Each part is a parameter of its own, or the whole request is JSON.
    #[default]
    Flat,
    /// One JSON text.
    Json,
    /// One text, with commas between.
    Comma,
}

impl Style {
    /// What people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Json => "JSON in a string",
            Self::Comma => "joined by commas",
        }
    }
}

/// Limits, where the source has them in a form that needs no reading between the lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Characters of a text.
    pub length: Option<Bounds>,
    /// Bounds of a number.
    pub range: Option<Bounds>,
    /// Entries of a list; on the row of the list.
    pub items: Option<Bounds>,
    /// All values; empty where none are listed.
    pub values: Vec<String>,
    /// A regular expression.
    pub pattern: Option<String>,
}

/// Two ends, either of them open.
pub type Bounds = (Option<i64>, Option<i64>);

/// The path of a row, as it grows inwards.
#[derive(Clone, Debug)]
pub(super) struct Growing {
    table: Table,
    text: String,
    lists: usize,
    depth: usize,
}

impl Growing {
    pub(super) fn new(table: Table) -> Self {
        Self { table, text: String::new(), lists: 0, depth: 0 }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The path of a member; none where that is deeper than paths can be.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let dot = if self.text.is_empty() { "" } else { "." };
        let text = format!("{}{dot}{name}", self.text);
        (self.depth < DEEPEST).then_some(Self { text, depth: self.depth + 1, ..self.clone() })
    }

    /// The path of its entries; none where lists lie deeper in each other than paths can say.
    pub(super) fn entry(&self) -> Option<Self> {
        let text = match self.table {
            Table::Request => format!("{}.{}", self.text, INDEXES.get(self.lists)?),
            Table::Response => format!("{}[]", self.text),
        };
        Some(Self { text, lists: self.lists + 1, ..self.clone() })
    }
}
