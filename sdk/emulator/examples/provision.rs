//! Makes a network with a way out, tells each state on the way, takes it all down again, and proves that nothing
//! is left.
//!
//! ```console
//! $ cargo run -p cloudnet-emulator --example provision
//! ```
//!
//! A program with an account leaves out the emulator: `vpc::Client::builder().region(…).build()`.

use std::time::Instant;

use cloudnet::vpc::{
    self, associate_eip_address, create_flow_log, create_route_entry, unassociate_eip_address,
};
use cloudnet::{Awaited, Error, ErrorClass, Request, Waiter};
use cloudnet_emulator::{Emulator, Options, Transitions};

const ZONES: [(&str, &str); 2] = [("cn-hangzhou-b", "10.1.0.0/16"), ("cn-hangzhou-g", "10.2.0.0/16")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // Each state lasts for two looks; the pauses between them take no time.
    let emulator = Emulator::with(Options { transitions: Transitions::Polls(2), ..Options::default() });
    let vpc = emulator.client()?;
    let begun = Instant::now();

    let mut made = Vec::new();
    let outcome = set_up(&vpc, &mut made).await;
    println!("--- {} things were made; now they go", made.len());
    // Even if something was not made.
    take_down(&vpc, &made).await?;
    println!("--- once more, which does no harm");
    take_down(&vpc, &made).await?;
    outcome?;

    let left = left(&vpc).await?;
    assert!(left.is_empty(), "{left:?} are left");
    let (passed, took) = (emulator.clock().passed().as_secs(), begun.elapsed().as_millis());
    println!("--- nothing is left; {passed} s of waiting took {took} ms");
    Ok(())
}

/// What has to go again, with all that it takes to say so.
enum Thing {
    Vpc(String),
    VSwitch(String),
    NatGateway(String),
    Eip(String),
    Binding { eip: String, nat: String },
    SnatEntry { table: String, entry: String },
    RouteEntry { table: String, block: &'static str, nat: String },
    FlowLog(String),
}

/// Makes everything; `made` has what there is, in its order, even if this fails half-way.
async fn set_up(vpc: &vpc::Client, made: &mut Vec<Thing>) -> Result<(), Error> {
    let network = network(vpc, made).await?;
    let nat = nat_gateway(vpc, made, &network).await?;
    let address = public_address(vpc, made, &nat.id).await?;
    way_out(vpc, made, &network, &nat, &address).await?;
    flow_log(vpc, made, &network.vpc).await
}

struct Network {
    vpc: String,
    route_table: String,
    vswitches: Vec<String>,
}

async fn network(vpc: &vpc::Client, made: &mut Vec<Thing>) -> Result<Network, Error> {
    let create = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8");
    let created = make(create, made, |created| created.vpc_id.clone().map(Thing::Vpc)).await?;
    let mut network = Network {
        vpc: created.vpc_id.unwrap_or_default(),
        route_table: created.route_table_id.unwrap_or_default(),
        vswitches: Vec::new(),
    };
    for (zone, block) in ZONES {
        let create = vpc.create_vswitch().vpc_id(&network.vpc).zone_id(zone).cidr_block(block);
        let created = make(create, made, |created| created.vswitch_id.clone().map(Thing::VSwitch)).await?;
        network.vswitches.extend(created.vswitch_id);
    }
    Ok(network)
}

struct NatGateway {
    id: String,
    snat_table: String,
}

async fn nat_gateway(
    vpc: &vpc::Client,
    made: &mut Vec<Thing>,
    network: &Network,
) -> Result<NatGateway, Error> {
    let create = vpc.create_nat_gateway().vpc_id(&network.vpc).name("way-out");
    let create = create.vswitch_id(network.vswitches.first());
    let created = make(create, made, |created| created.nat_gateway_id.clone().map(Thing::NatGateway)).await?;
    Ok(NatGateway {
        id: created.nat_gateway_id.unwrap_or_default(),
        snat_table: created.snat_table_ids.into_iter().next().unwrap_or_default(),
    })
}

/// An address of the internet, bound to the gateway.
async fn public_address(vpc: &vpc::Client, made: &mut Vec<Thing>, nat: &str) -> Result<String, Error> {
    let allocate = vpc.allocate_eip_address().bandwidth("5");
    let eip = make(allocate, made, |eip| eip.allocation_id.clone().map(Thing::Eip)).await?;
    let id = eip.allocation_id.unwrap_or_default();
    let bind = vpc.associate_eip_address().allocation_id(&id).instance_id(nat);
    let bind = bind.instance_type(associate_eip_address::InstanceType::Nat);
    make(bind, made, |_| Some(Thing::Binding { eip: id, nat: nat.to_owned() })).await?;
    Ok(eip.eip_address.unwrap_or_default())
}

/// Lets a VSwitch out by the address, and sends what is for the partner to the gateway.
async fn way_out(
    vpc: &vpc::Client,
    made: &mut Vec<Thing>,
    network: &Network,
    nat: &NatGateway,
    address: &str,
) -> Result<(), Error> {
    let table = nat.snat_table.clone();
    let create = vpc.create_snat_entry().snat_table_id(&table).snat_ip(address);
    let create = create.source_vswitch_id(network.vswitches.first());
    make(create, made, |created| {
        created.snat_entry_id.clone().map(|entry| Thing::SnatEntry { table, entry })
    })
    .await?;

    let (table, block, nat) = (network.route_table.clone(), "198.51.100.0/24", nat.id.clone());
    let create = vpc.create_route_entry().route_table_id(&table).destination_cidr_block(block);
    let create = create.next_hop_type(create_route_entry::NextHopType::NatGateway).next_hop_id(&nat);
    make(create, made, |_| Some(Thing::RouteEntry { table, block, nat })).await?;
    Ok(())
}

async fn flow_log(vpc: &vpc::Client, made: &mut Vec<Thing>, id: &str) -> Result<(), Error> {
    let create = vpc.create_flow_log().flow_log_name("all").project_name("audit").log_store_name("flows");
    let create = create.resource_type(create_flow_log::ResourceType::Vpc).resource_id(id);
    let create = create.traffic_type(create_flow_log::TrafficType::All);
    make(create, made, |created| created.flow_log_id.clone().map(Thing::FlowLog)).await?;
    Ok(())
}

/// In reverse, for nothing goes while something depends on it.
async fn take_down(vpc: &vpc::Client, made: &[Thing]) -> Result<(), Error> {
    for thing in made.iter().rev() {
        match remove(vpc, thing).await {
            // A delete of what is gone is a success as it is. Here what it was in, or bound to, is gone too.
            Err(error) if error.class() == ErrorClass::NotFound => {
                println!("{}: {}", error.action().unwrap_or_default(), error.code().unwrap_or_default());
            }
            outcome => outcome?,
        }
    }
    Ok(())
}

async fn remove(vpc: &vpc::Client, thing: &Thing) -> Result<(), Error> {
    match thing {
        Thing::Vpc(id) => unmake(vpc.delete_vpc().vpc_id(id)).await,
        Thing::VSwitch(id) => unmake(vpc.delete_vswitch().vswitch_id(id)).await,
        Thing::NatGateway(id) => unmake(vpc.delete_nat_gateway().nat_gateway_id(id)).await,
        Thing::Eip(id) => unmake(vpc.release_eip_address().allocation_id(id)).await,
        Thing::Binding { eip, nat } => {
            let unbind = vpc.unassociate_eip_address().allocation_id(eip).instance_id(nat);
            unmake(unbind.instance_type(unassociate_eip_address::InstanceType::Nat)).await
        }
        Thing::SnatEntry { table, entry } => {
            unmake(vpc.delete_snat_entry().snat_table_id(table).snat_entry_id(entry)).await
        }
        Thing::RouteEntry { table, block, nat } => {
            let delete = vpc.delete_route_entry().route_table_id(table).destination_cidr_block(*block);
            unmake(delete.next_hop_id(nat)).await
        }
        Thing::FlowLog(id) => unmake(vpc.delete_flow_log().flow_log_id(id)).await,
    }
}

/// Sends a call, notes what has to go again before anything else can fail, and waits for its effect.
async fn make<O: Awaited>(
    call: Request<O>,
    made: &mut Vec<Thing>,
    thing: impl FnOnce(&O::Output) -> Option<Thing>,
) -> Result<O::Output, Error> {
    let (answer, waiter) = call.send_with_waiter().await?;
    made.extend(thing(&answer));
    watch(waiter).await?;
    Ok(answer)
}

async fn unmake<O: Awaited>(call: Request<O>) -> Result<(), Error> {
    let (_, waiter) = call.send_with_waiter().await?;
    watch(waiter).await
}

/// A line for each state that the resource passes.
async fn watch(mut waiter: Waiter) -> Result<(), Error> {
    while let Some(progress) = waiter.next().await {
        println!("{}", progress?);
    }
    Ok(())
}

/// The IDs of all that there is of the kinds that were made.
async fn left(vpc: &vpc::Client) -> Result<Vec<String>, Error> {
    let mut left = Vec::new();
    left.extend(vpc.describe_vpcs().items().collect().await?.into_iter().map(|one| one.vpc_id));
    left.extend(vpc.describe_vswitches().items().collect().await?.into_iter().map(|one| one.vswitch_id));
    left.extend(
        vpc.describe_nat_gateways().items().collect().await?.into_iter().map(|one| one.nat_gateway_id),
    );
    left.extend(
        vpc.describe_eip_addresses().items().collect().await?.into_iter().map(|one| one.allocation_id),
    );
    left.extend(vpc.describe_flow_logs().send().await?.flow_logs.into_iter().map(|one| one.flow_log_id));
    Ok(left.into_iter().flatten().collect())
}
