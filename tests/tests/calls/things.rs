//! A service that no document has, for tests of calls: a create with a token, a delete without one, a read,
//! something that can be tried, and a service with one endpoint.

use std::ops::Deref;

use cloudnet::record::{Field as Held, Record};
use cloudnet::schema::*;
use cloudnet::{Client, DryRunnable, OfClient, Operation, Secret, ServiceClient};

/// What the generator's macro of this name does, as a program can do it.
macro_rules! record {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl Record for $name {
            fn fields<'a>(&'a self, read: &mut dyn FnMut(&[&'a dyn Held])) {
                read(&[$(&self.$field),*]);
            }
            fn fields_mut(&mut self, fill: &mut dyn FnMut(&mut [&mut dyn Held])) {
                fill(&mut [$(&mut self.$field),*]);
            }
            fn names(&self) -> (&'static str, &'static [&'static str]) {
                (stringify!($name), &[$(stringify!($field)),*])
            }
        }
    };
}

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
    errors: &[],
};

pub(crate) static CENTRAL: Service = Service {
    name: "globalthing",
    title: "Global things",
    product: "GlobalThing",
    version: "2018-08-08",
    protocol: Protocol::AwsJson { target: "GlobalThing_V1", signing_name: "globalthing" },
    endpoints: Endpoints {
        variable: None,
        rule: "globalthing.{region}.amazonaws.com",
        vpc_network: None,
        central: Some("globalthing.us-west-2.amazonaws.com"),
        home_region: Some("us-west-2"),
        map: &[],
    },
    errors: &[],
};

/// What the generator's macro of this name does, as a program can do it.
macro_rules! client {
    ($name:ident, $table:ident) => {
        /// A client of the service with this table.
        #[derive(Clone, Debug)]
        pub(crate) struct $name(Client);

        impl Deref for $name {
            type Target = Client;
            fn deref(&self) -> &Client {
                &self.0
            }
        }
        impl OfClient for $name {
            fn of_client(client: Client) -> Self {
                Self(client)
            }
        }
        impl ServiceClient for $name {
            const SERVICE: &'static Service = &$table;
        }
    };
}

client!(Things, SERVICE);
client!(GlobalThings, CENTRAL);

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
    observed: &[ErrorCode::new(0, "TaskConflict", ErrorClass::Busy, "")],
    ..BASE
};

/// A write without an idempotency token that can be tried.
pub(crate) static TRY: Action = Action {
    name: "TryThing",
    dry_run: Some(DryRun { parameter: "DryRun", passed: "TriedWell" }),
    request: Shape { fields: &[Field::boolean("DryRun")], rules: &[] },
    ..BASE
};

#[derive(Clone, Debug, Default)]
pub(crate) struct TryThing {
    pub(crate) dry_run: Option<bool>,
}
record!(TryThing { dry_run });

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

#[derive(Clone, Debug, Default)]
pub(crate) struct CreateThing {
    pub(crate) region_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) client_token: Option<String>,
    pub(crate) dry_run: Option<bool>,
}
record!(CreateThing { region_id, name, password, client_token, dry_run });

impl Operation for CreateThing {
    const ACTION: &'static Action = &CREATE;
    type Output = CreateThingOutput;
}

impl DryRunnable for CreateThing {}

#[derive(Clone, Debug, Default)]
pub(crate) struct CreateThingOutput {
    pub(crate) thing_id: Option<String>,
}
record!(CreateThingOutput { thing_id });

#[derive(Clone, Debug, Default)]
pub(crate) struct DeleteThing {}
record!(DeleteThing {});

impl Operation for DeleteThing {
    const ACTION: &'static Action = &DELETE;
    type Output = DeleteThingOutput;
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DeleteThingOutput {}
record!(DeleteThingOutput {});

#[derive(Clone, Debug, Default)]
pub(crate) struct DescribeThings {}
record!(DescribeThings {});

impl Operation for DescribeThings {
    const ACTION: &'static Action = &DESCRIBE;
    type Output = DescribeThingsOutput;
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DescribeThingsOutput {
    pub(crate) success: Option<bool>,
    pub(crate) total: Option<i64>,
}
record!(DescribeThingsOutput { success, total });

/// A write of the central service.
pub(crate) static MAKE_GLOBAL: Action = Action {
    name: "MakeGlobalThing",
    service: &CENTRAL,
    request: Shape { fields: &[Field::text("RegionId").required()], rules: &[] },
    ..BASE
};

#[derive(Clone, Debug, Default)]
pub(crate) struct MakeGlobalThing {
    pub(crate) region_id: Option<String>,
}
record!(MakeGlobalThing { region_id });

impl Operation for MakeGlobalThing {
    const ACTION: &'static Action = &MAKE_GLOBAL;
    type Output = DeleteThingOutput;
}
