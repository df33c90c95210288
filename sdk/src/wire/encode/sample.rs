//! A struct with every kind of field, as generated code would have it.

use crate::schema::{Field, Kind, Shape};
use crate::secret::Secret;
use crate::table::declare::{element, output};

output! {
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
}

element! {
    pub(crate) struct Tag {
        pub(crate) key: Option<String>,
        pub(crate) value: Option<String>,
    }
}

element! {
    pub(crate) struct Options {
        pub(crate) psk: Option<String>,
        pub(crate) ids: Vec<i64>,
    }
}

element! {
    pub(crate) struct Endpoint {
        pub(crate) port: Option<i64>,
        pub(crate) protocols: Vec<String>,
    }
}

pub(crate) static CREATE: Shape = Shape {
    fields: &[
        Field::text("Name"),
        Field::integer("Mask"),
        Field::of("Ratio", Kind::Double),
        Field::boolean("DryRun"),
        Field::text("Password"),
        Field::of("Tag", Kind::List(&Kind::Object(&TAG))),
        Field::of("Zone", Kind::Object(&TAG)),
        Field::of("Options", Kind::Json(&OPTIONS)),
        Field::of("Endpoints", Kind::List(&Kind::Object(&ENDPOINT))).form(),
    ],
    rules: &[],
};

static TAG: Shape = Shape { fields: &[Field::text("Key"), Field::text("Value")], rules: &[] };

static OPTIONS: Shape =
    Shape { fields: &[Field::text("Psk"), Field::of("Ids", Kind::List(&Kind::Integer))], rules: &[] };

static ENDPOINT: Shape =
    Shape { fields: &[Field::integer("Port"), Field::of("Protocols", Kind::List(&Kind::Text))], rules: &[] };
