//! A service for tests of the runtime, as the generator would write it.

use crate::schema::*;
use crate::table::declare::{client, output};

const NO_FIELDS: Shape = Shape { fields: &[], rules: &[] };

pub(crate) static SERVICE: Service = Service {
    name: "thing",
    title: "Things",
    product: "Thing",
    version: "2016-04-28",
    protocol: Protocol::AcsRpc,
    endpoints: Endpoints {
        variable: Some("ALIBABA_CLOUD_ENDPOINT_THING"),
        rule: "thing.{region}.aliyuncs.com",
        vpc_network: Some("thing-vpc.{region}.aliyuncs.com"),
        central: None,
        home_region: None,
        map: &[("cn-hangzhou", "thing.aliyuncs.com")],
    },
    errors: &[
        ErrorCode::new(400, "ServiceBusy", ErrorClass::Busy, ""),
        ErrorCode::new(400, "Ambivalent", ErrorClass::Billing, ""),
    ],
};

pub(crate) static CENTRAL: Service = Service {
    name: "globalthing",
    title: "Global things",
    product: "GlobalThing",
    version: "2018-08-08",
    protocol: Protocol::AwsJson { target: "GlobalThing_V1", signing_name: "globalthing" },
    endpoints: Endpoints {
        variable: Some("AWS_ENDPOINT_URL_GLOBALTHING"),
        rule: "globalthing.{region}.amazonaws.com",
        vpc_network: None,
        central: Some("globalthing.us-west-2.amazonaws.com"),
        home_region: Some("us-west-2"),
        map: &[],
    },
    errors: &[],
};

client! {
    /// A client of [`SERVICE`].
    pub(crate) struct Things(SERVICE);
}

const BASE: Action = Action {
    name: "",
    section: "6.1",
    service: &SERVICE,
    effect: Effect::Write,
    status: Status::Active,
    method: Method::Post,
    token: None,
    dry_run: None,
    serialize_by: &[],
    pagination: None,
    request: NO_FIELDS,
    response: NO_FIELDS,
    errors: &[],
    observed: &[],
    wait: None,
    permission: None,
    resources: &[],
};

/// A write with an idempotency token.
pub(crate) static CREATE: Action = Action {
    name: "CreateThing",
    token: Some("ClientToken"),
    dry_run: Some(DryRun { parameter: "DryRun", passed: Some("DryRunOperation") }),
    request: Shape {
        fields: &[
            Field::text("RegionId").required(),
            Field::text("Name").limits(&[Limit::Documented(Check::Length(2, 8))]),
            Field::text("Password"),
            Field::text("ClientToken"),
            Field::boolean("DryRun"),
        ],
        rules: &[],
    },
    response: Shape { fields: &[Field::text("ThingId")], rules: &[] },
    errors: &[
        ErrorCode::new(403, "Ambivalent", ErrorClass::Permission, ""),
        ErrorCode::new(400, "Ambivalent", ErrorClass::Quota, ""),
        ErrorCode::new(400, "OperationFailed.%s", ErrorClass::Busy, ""),
        ErrorCode::new(400, "OrderError.Busy", ErrorClass::Busy, ""),
        ErrorCode::new(404, "InvalidThing.NotFound", ErrorClass::NotFound, ""),
        ErrorCode::new(404, "InvalidRegionId.NotFound", ErrorClass::NotFound, "").gone(false),
    ],
    observed: &[ErrorCode::new(0, "TaskConflict", ErrorClass::Busy, "")],
    ..BASE
};

/// A write without an idempotency token that can be tried.
pub(crate) static TRY: Action = Action {
    name: "TryThing",
    dry_run: Some(DryRun { parameter: "DryRun", passed: Some("TriedWell") }),
    request: Shape { fields: &[Field::boolean("DryRun")], rules: &[] },
    ..BASE
};

/// A read whose response says in the body whether it went well.
pub(crate) static DESCRIBE: Action = Action {
    name: "DescribeThings",
    effect: Effect::Read,
    response: Shape { fields: &[Field::boolean("Success"), Field::integer("Total")], rules: &[] },
    ..BASE
};

/// A read whose results come in pages with tokens.
pub(crate) static LIST: Action = Action {
    name: "ListThings",
    effect: Effect::Read,
    pagination: Some(Pagination::Token {
        token: "NextToken",
        size: "MaxResults",
        next: "NextToken",
        items: "Things.Thing[]",
    }),
    request: Shape { fields: &[Field::text("NextToken"), Field::integer("MaxResults")], rules: &[] },
    response: Shape {
        fields: &[Field::of("Things", Kind::List(&Kind::Text)).wrapped("Thing"), Field::text("NextToken")],
        rules: &[],
    },
    ..BASE
};

output! {
    pub(crate) struct ListThingsOutput {
        pub(crate) things: Vec<String>,
        pub(crate) next_token: Option<String>,
    }
}
