//! A service for tests of the runtime, as the generator would write it.

use crate::schema::*;
use crate::secret::Secret;
use crate::table::declare::{client, input, methods, output};
use crate::table::operation::{DryRunnable, Operation, Paged};

const NO_FIELDS: Shape = Shape { fields: &[], rules: &[] };

pub(crate) static SERVICE: Service = Service {
    name: "thing",
    title: "Things",
    product: "Thing",
    version: "2016-04-28",
    protocol: Protocol::AcsRpc,
    endpoints: Endpoints {
        rule: "thing.{region}.aliyuncs.com",
        vpc_network: Some("thing-vpc.{region}.aliyuncs.com"),
        central: None,
        home_region: None,
        map: &[("cn-hangzhou", "thing.aliyuncs.com")],
    },
    errors: &[
        ErrorCode::new(400, "ServiceBusy", ErrorClass::Busy),
        ErrorCode::new(400, "Ambivalent", ErrorClass::Billing),
    ],
};

pub(crate) static CENTRAL: Service = Service {
    name: "globalthing",
    title: "Global things",
    product: "GlobalThing",
    version: "2018-08-08",
    protocol: Protocol::AwsJson { target: "GlobalThing_V1", signing_name: "globalthing" },
    endpoints: Endpoints {
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

client! {
    /// A client of [`CENTRAL`].
    pub(crate) struct GlobalThings(CENTRAL);
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
    dry_run: Some(DryRun { parameter: "DryRun", passed: "DryRunOperation" }),
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
        ErrorCode::new(403, "Ambivalent", ErrorClass::Permission),
        ErrorCode::new(400, "Ambivalent", ErrorClass::Quota),
        ErrorCode::new(400, "OperationFailed.%s", ErrorClass::Busy),
        ErrorCode::new(400, "OrderError.Busy", ErrorClass::Busy),
        ErrorCode::new(404, "InvalidThing.NotFound", ErrorClass::NotFound),
        ErrorCode::new(404, "InvalidRegionId.NotFound", ErrorClass::NotFound).gone(false),
    ],
    observed: &[ErrorCode::new(0, "TaskConflict", ErrorClass::Busy)],
    ..BASE
};

/// A write without an idempotency token that can be tried.
pub(crate) static TRY: Action = Action {
    name: "TryThing",
    dry_run: Some(DryRun { parameter: "DryRun", passed: "TriedWell" }),
    request: Shape { fields: &[Field::boolean("DryRun")], rules: &[] },
    ..BASE
};

input! {
    pub(crate) struct TryThing {
        #[setter()]
        pub(crate) dry_run: Option<bool>,
    }
}

impl Operation for TryThing {
    const ACTION: &'static Action = &TRY;
    type Output = DeleteThingOutput;
}

impl DryRunnable for TryThing {}

/// A write without an idempotency token.
pub(crate) static DELETE: Action = Action { name: "DeleteThing", ..BASE };

/// A read whose response says in the body whether it went well.
pub(crate) static DESCRIBE: Action = Action {
    name: "DescribeThings",
    effect: Effect::Read,
    response: Shape { fields: &[Field::boolean("Success"), Field::integer("Total")], rules: &[] },
    ..BASE
};

input! {
    pub(crate) struct CreateThing {
        pub(crate) region_id: Option<String>,
        pub(crate) name: Option<String>,
        pub(crate) password: Option<Secret>,
        pub(crate) client_token: Option<String>,
        #[setter()]
        pub(crate) dry_run: Option<bool>,
    }
}

methods! {
    impl Things {
        fn create_thing(&self) -> Request<CreateThing>;
    }
}

impl Operation for CreateThing {
    const ACTION: &'static Action = &CREATE;
    type Output = CreateThingOutput;
}

impl DryRunnable for CreateThing {}

output! {
    pub(crate) struct CreateThingOutput {
        pub(crate) thing_id: Option<String>,
    }
}

input! {
    pub(crate) struct DeleteThing {}
}

impl Operation for DeleteThing {
    const ACTION: &'static Action = &DELETE;
    type Output = DeleteThingOutput;
}

output! {
    pub(crate) struct DeleteThingOutput {}
}

input! {
    pub(crate) struct DescribeThings {}
}

impl Operation for DescribeThings {
    const ACTION: &'static Action = &DESCRIBE;
    type Output = DescribeThingsOutput;
}

output! {
    pub(crate) struct DescribeThingsOutput {
        pub(crate) success: Option<bool>,
        pub(crate) total: Option<i64>,
    }
}

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

input! {
    pub(crate) struct ListThings {
        pub(crate) next_token: Option<String>,
        pub(crate) max_results: Option<i64>,
    }
}

impl Operation for ListThings {
    const ACTION: &'static Action = &LIST;
    type Output = ListThingsOutput;
}

impl Paged for ListThings {
    type Item = String;
    fn items(page: ListThingsOutput) -> Vec<String> {
        page.things
    }
}

output! {
    pub(crate) struct ListThingsOutput {
        pub(crate) things: Vec<String>,
        pub(crate) next_token: Option<String>,
    }
}

/// A write of the central service.
pub(crate) static MAKE_GLOBAL: Action = Action {
    name: "MakeGlobalThing",
    service: &CENTRAL,
    request: Shape { fields: &[Field::text("RegionId").required()], rules: &[] },
    ..BASE
};

input! {
    pub(crate) struct MakeGlobalThing {
        pub(crate) region_id: Option<String>,
    }
}

impl Operation for MakeGlobalThing {
    const ACTION: &'static Action = &MAKE_GLOBAL;
    type Output = DeleteThingOutput;
}
