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

pub(crate) static SERVICE: Service =
    Service::new("thing", "Thing", "2016-04-28", Protocol::AcsRpc, ENDPOINTS).title("Things");

const ENDPOINTS: Endpoints = Endpoints::by("thing.{region}.aliyuncs.com")
    .variable("ALIBABA_CLOUD_ENDPOINT_THING")
    .vpc_network("thing-vpc.{region}.aliyuncs.com")
    .map(&[("cn-hangzhou", "thing.aliyuncs.com")]);

pub(crate) static CENTRAL: Service = Service::new(
    "globalthing",
    "GlobalThing",
    "2018-08-08",
    Protocol::aws_json("GlobalThing_V1", "globalthing"),
    Endpoints::by("globalthing.{region}.amazonaws.com")
        .central("globalthing.us-west-2.amazonaws.com", "us-west-2"),
);

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

/// A write with an idempotency token.
pub(crate) static CREATE: Action = Action::write("CreateThing", "6.1", &SERVICE)
    .token("ClientToken")
    .dry_run(DryRun::new("DryRun", Some("DryRunOperation")))
    .request(Shape::of(&[
        Field::text("RegionId").required(),
        Field::text("Name").limits(&[Limit::Documented(Check::Length(2, 8))]),
        Field::text("Password"),
        Field::text("ClientToken"),
        Field::boolean("DryRun"),
    ]))
    .response(Shape::of(&[Field::text("ThingId")]))
    .observed(&[ErrorCode::new(0, "TaskConflict", ErrorClass::Busy, "")]);

/// A write without an idempotency token that can be tried.
pub(crate) static TRY: Action = Action::write("TryThing", "6.1", &SERVICE)
    .dry_run(DryRun::new("DryRun", Some("TriedWell")))
    .request(Shape::of(&[Field::boolean("DryRun")]));

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
pub(crate) static DELETE: Action = Action::write("DeleteThing", "6.1", &SERVICE);

/// A read whose response says in the body whether it went well.
pub(crate) static DESCRIBE: Action = Action::read("DescribeThings", "6.1", &SERVICE)
    .response(Shape::of(&[Field::boolean("Success"), Field::integer("Total")]));

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
pub(crate) static MAKE_GLOBAL: Action = Action::write("MakeGlobalThing", "6.1", &CENTRAL)
    .request(Shape::of(&[Field::text("RegionId").required()]));

#[derive(Clone, Debug, Default)]
pub(crate) struct MakeGlobalThing {
    pub(crate) region_id: Option<String>,
}
record!(MakeGlobalThing { region_id });

impl Operation for MakeGlobalThing {
    const ACTION: &'static Action = &MAKE_GLOBAL;
    type Output = DeleteThingOutput;
}
