//! A struct with every kind of field, as generated code would have it.

use crate::record::record;
use crate::schema::{Field, Kind, Shape};
use crate::secret::Secret;

#[derive(Clone, Default)]
pub(crate) struct Create {
    pub(crate) name: Option<String>,
    pub(crate) mask: Option<i64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) dry_run: Option<bool>,
    pub(crate) password: Option<Secret>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) zone: Option<Tag>,
    pub(crate) options: Option<Options>,
    pub(crate) endpoints: Vec<Endpoint>,
}
record!(Create { name, mask, ratio, dry_run, password, tags, zone, options, endpoints });

#[derive(Clone, Default)]
pub(crate) struct Tag {
    pub(crate) key: Option<String>,
    pub(crate) value: Option<String>,
}
record!(Tag { key, value });

#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) psk: Option<String>,
    pub(crate) ids: Vec<i64>,
}
record!(Options { psk, ids });

#[derive(Clone, Default)]
pub(crate) struct Endpoint {
    pub(crate) port: Option<i64>,
    pub(crate) protocols: Vec<String>,
}
record!(Endpoint { port, protocols });

pub(crate) static CREATE: Shape = Shape {
    fields: &[
        Field { name: "Name", ..Field::TEXT },
        Field { name: "Mask", kind: Kind::Integer, ..Field::TEXT },
        Field { name: "Ratio", kind: Kind::Double, ..Field::TEXT },
        Field { name: "DryRun", kind: Kind::Boolean, ..Field::TEXT },
        Field { name: "Password", ..Field::TEXT },
        Field { name: "Tag", kind: Kind::List(&Kind::Object(&TAG)), ..Field::TEXT },
        Field { name: "Zone", kind: Kind::Object(&TAG), ..Field::TEXT },
        Field { name: "Options", kind: Kind::Json(&OPTIONS), ..Field::TEXT },
        Field {
            name: "Endpoints",
            kind: Kind::List(&Kind::Object(&ENDPOINT)),
            form: true,
            ..Field::TEXT
        },
    ],
    rules: &[],
};

static TAG: Shape = Shape {
    fields: &[Field { name: "Key", ..Field::TEXT }, Field { name: "Value", ..Field::TEXT }],
    rules: &[],
};

static OPTIONS: Shape = Shape {
    fields: &[
        Field { name: "Psk", ..Field::TEXT },
        Field { name: "Ids", kind: Kind::List(&Kind::Integer), ..Field::TEXT },
    ],
    rules: &[],
};

static ENDPOINT: Shape = Shape {
    fields: &[
        Field { name: "Port", kind: Kind::Integer, ..Field::TEXT },
        Field { name: "Protocols", kind: Kind::List(&Kind::Text), ..Field::TEXT },
    ],
    rules: &[],
};
