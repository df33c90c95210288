//! Makes a network with a way out, tells each state on the way, and takes it all down again.
//!
//! ```console
//! $ cargo run -p cloudnet-emulator --example provision
//! ```
//!
//! A program with an account leaves out the emulator: `vpc::Client::builder().region(…).build()`.

use cloudnet::{Awaited, Error, ErrorClass, Request, vpc};
use cloudnet_emulator::{Emulator, Options, Transitions};

const ZONE: &str = "cn-hangzhou-b";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // Each state lasts for two looks; the pauses between them take no time.
    let emulator = Emulator::with(Options { transitions: Transitions::Polls(2), ..Options::default() });
    let vpc = emulator.client()?;

    let mut made = Made::default();
    let outcome = set_up(&vpc, &mut made).await;
    // What was made goes again, even if something was not.
    take_down(&vpc, &made).await?;
    // Once more does no harm: to delete what is gone is a success.
    take_down(&vpc, &made).await?;
    outcome
}

/// IDs of what there is, in the order in which it was made.
#[derive(Default)]
struct Made {
    vpc: Option<String>,
    vswitches: Vec<String>,
    nat: Option<String>,
    eip: Option<String>,
    /// Whether the EIP was to be bound to the NAT gateway.
    is_bound: bool,
    /// The table of the entry, and its ID.
    snat: Option<(String, String)>,
}

async fn set_up(vpc: &vpc::Client, made: &mut Made) -> Result<(), Error> {
    let create = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8");
    made.vpc = done("VPC", create).await?.vpc_id;
    for block in ["10.1.0.0/16", "10.2.0.0/16"] {
        let create = vpc.create_vswitch().vpc_id(made.vpc.as_deref()).zone_id(ZONE).cidr_block(block);
        made.vswitches.extend(done("VSwitch", create).await?.vswitch_id);
    }
    let vswitch = made.vswitches.first();
    let create = vpc.create_nat_gateway().vpc_id(made.vpc.as_deref()).vswitch_id(vswitch.map(String::as_str));
    let nat = done("NAT gateway", create).await?;
    made.nat = nat.nat_gateway_id;

    let eip = done("EIP", vpc.allocate_eip_address().bandwidth("5")).await?;
    made.eip = eip.allocation_id;
    made.is_bound = true;
    let bind = vpc.associate_eip_address().allocation_id(made.eip.as_deref());
    done("EIP", bind.instance_id(made.nat.as_deref()).instance_type("Nat")).await?;

    let Some(table) = nat.snat_table_ids.into_iter().next() else { return Ok(()) };
    let create = vpc.create_snat_entry().snat_table_id(&table).snat_ip(eip.eip_address);
    let entry = done("SNAT entry", create.source_vswitch_id(vswitch.map(String::as_str))).await?;
    made.snat = entry.snat_entry_id.map(|id| (table, id));
    Ok(())
}

/// In reverse, for nothing goes while something depends on it.
async fn take_down(vpc: &vpc::Client, made: &Made) -> Result<(), Error> {
    if let Some((table, entry)) = &made.snat {
        done("SNAT entry", vpc.delete_snat_entry().snat_table_id(table).snat_entry_id(entry)).await?;
    }
    if let Some(eip) = &made.eip {
        if made.is_bound {
            let unbind = vpc.unassociate_eip_address().allocation_id(eip).instance_type("Nat");
            unless_gone(done("EIP", unbind.instance_id(made.nat.as_deref())).await)?;
        }
        done("EIP", vpc.release_eip_address().allocation_id(eip)).await?;
    }
    if let Some(nat) = &made.nat {
        done("NAT gateway", vpc.delete_nat_gateway().nat_gateway_id(nat)).await?;
    }
    for vswitch in made.vswitches.iter().rev() {
        done("VSwitch", vpc.delete_vswitch().vswitch_id(vswitch)).await?;
    }
    if let Some(id) = &made.vpc {
        done("VPC", vpc.delete_vpc().vpc_id(id)).await?;
    }
    Ok(())
}

/// Sends a call, and waits for its effect: a line with the states that the resource passes.
async fn done<O: Awaited>(what: &str, call: Request<O>) -> Result<O::Output, Error> {
    let (answer, mut waiter) = call.send_with_waiter().await?;
    let mut states = Vec::new();
    while let Some(state) = waiter.next_state().await {
        states.push(state?.to_string());
    }
    states.dedup();
    if states.is_empty() {
        states.push("(gone already)".to_owned());
    }
    println!("{what:<12}{}", states.join(" -> "));
    Ok(answer)
}

/// What is not there any more need not be unbound.
fn unless_gone<T>(outcome: Result<T, Error>) -> Result<(), Error> {
    match outcome {
        Err(error) if error.class() != ErrorClass::NotFound => Err(error),
        _ => Ok(()),
    }
}
