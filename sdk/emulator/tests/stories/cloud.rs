//! An emulator, a client of it, and what stories do again and again.

use cloudnet::{Awaited, Error, ErrorClass, Operation, Paged, Request, RetryPolicy, ValidationPolicy, vpc};
use cloudnet_emulator::{Emulator, Options, Transitions};
use serde_json::Value as Json;

pub(crate) const ZONE: &str = "cn-hangzhou-b";

/// An instance, which no action here makes.
pub(crate) const INSTANCE: &str = "i-bp1j4i2jdf3owlhe";

/// Services in which each state lasts for two looks, and a client of one of them.
pub(crate) struct Cloud {
    pub(crate) emulator: Emulator,
    pub(crate) vpc: vpc::Client,
}

/// A VPC with one VSwitch and a NAT gateway.
pub(crate) struct Network {
    pub(crate) vpc: String,
    pub(crate) vswitch: String,
    pub(crate) nat: String,
}

impl Cloud {
    pub(crate) fn start() -> Result<Self, Error> {
        let emulator = Emulator::with(Options { transitions: Transitions::Polls(2), ..Options::default() });
        Ok(Self { vpc: emulator.client()?, emulator })
    }

    pub(crate) async fn vpc(&self, block: &str) -> Result<String, Error> {
        let created = self.vpc.create_vpc().cidr_block(block).send_and_wait().await?;
        Ok(created.vpc_id.unwrap())
    }

    pub(crate) async fn vswitch(&self, vpc: &str, block: &str) -> Result<String, Error> {
        let create = self.vpc.create_vswitch().vpc_id(vpc).cidr_block(block).zone_id(ZONE);
        Ok(create.send_and_wait().await?.vswitch_id.unwrap())
    }

    pub(crate) async fn network(&self) -> Result<Network, Error> {
        let vpc = self.vpc("10.0.0.0/8").await?;
        let vswitch = self.vswitch(&vpc, "10.1.0.0/16").await?;
        let create = self.vpc.create_nat_gateway().vpc_id(&vpc).vswitch_id(&vswitch).name("way-out");
        let nat = create.send_and_wait().await?.nat_gateway_id.unwrap();
        Ok(Network { vpc, vswitch, nat })
    }

    pub(crate) async fn drop_network(&self, network: Network) -> Result<(), Error> {
        self.vpc.delete_nat_gateway().nat_gateway_id(network.nat).send_and_wait().await?;
        self.vpc.delete_vswitch().vswitch_id(network.vswitch).send_and_wait().await?;
        self.vpc.delete_vpc().vpc_id(network.vpc).send_and_wait().await?;
        Ok(())
    }

    /// An EIP that is bound to nothing: its ID and its address.
    pub(crate) async fn eip(&self) -> Result<(String, String), Error> {
        let made = self.vpc.allocate_eip_address().send_and_wait().await?;
        Ok((made.allocation_id.unwrap(), made.eip_address.unwrap()))
    }

    pub(crate) async fn bind(&self, eip: &str, nat: &str) -> Result<(), Error> {
        let bind = self.vpc.associate_eip_address().allocation_id(eip).instance_id(nat);
        bind.instance_type("Nat").send_and_wait().await.map(drop)
    }

    pub(crate) async fn unbind(&self, eip: &str, nat: &str) -> Result<(), Error> {
        let unbind = self.vpc.unassociate_eip_address().allocation_id(eip).instance_id(nat);
        unbind.instance_type("Nat").send_and_wait().await.map(drop)
    }

    pub(crate) async fn drop_eip(&self, eip: &str) -> Result<(), Error> {
        self.vpc.release_eip_address().allocation_id(eip).send_and_wait().await.map(drop)
    }

    /// The route table that a VPC came with.
    pub(crate) async fn system_table(&self, vpc: &str) -> Result<String, Error> {
        let mut shown = only(self.vpc.describe_vpcs().vpc_id(vpc)).await?;
        Ok(shown.router_table_ids.remove(0))
    }

    /// The fields of all that is remembered of a kind.
    pub(crate) fn remembered(&self, kind: &str) -> Vec<Json> {
        let state = self.emulator.state();
        let services = state["kinds"].as_object().into_iter().flat_map(|services| services.values());
        let things = services.filter_map(|kinds| kinds.get(kind)?.as_object());
        things.flat_map(|things| things.values()).map(|thing| thing["fields"].clone()).collect()
    }

    /// What a story has left.
    pub(crate) fn left(&self) -> Vec<String> {
        let state = self.emulator.state();
        let services = state["kinds"].as_object().into_iter().flat_map(|services| services.values());
        let kinds = services.filter_map(Json::as_object).flatten();
        kinds
            .filter(|(_, things)| things.as_object().is_some_and(|things| !things.is_empty()))
            .map(|(kind, _)| kind.clone())
            .collect()
    }
}

/// Sends a call and waits for its effect: the answer, and the states that the resource passed, two looks each.
pub(crate) async fn passed<O: Awaited>(request: Request<O>) -> Result<(O::Output, Vec<String>), Error> {
    let (answer, mut waiter) = request.send_with_waiter().await?;
    let mut states = Vec::new();
    while let Some(state) = waiter.next_state().await {
        states.push(state?.to_string());
    }
    states.dedup();
    Ok((answer, states))
}

/// The one row that a listing has, on all its pages.
pub(crate) async fn only<O: Paged>(request: Request<O>) -> Result<O::Item, Error> {
    let mut rows = request.items().collect().await?;
    assert_eq!(rows.len(), 1);
    Ok(rows.remove(0))
}

/// Sends a call once, unchecked, to have it refused by the service itself.
pub(crate) async fn refused<O: Operation>(request: Request<O>, class: ErrorClass, code: &str) {
    let request = request.with_validation(ValidationPolicy::Off).with_retry(RetryPolicy::none());
    match request.send().await {
        Ok(_) => panic!("{code} was to be the answer"),
        Err(error) => assert_eq!((error.class(), error.code()), (class, Some(code)), "{error}"),
    }
}
