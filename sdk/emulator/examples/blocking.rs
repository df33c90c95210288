//! A small network by a program that has no async runtime.
//!
//! ```console
//! $ cargo run -p cloudnet-emulator --example blocking
//! ```

use cloudnet::{Error, blocking, vpc};
use cloudnet_emulator::{Emulator, Options, Transitions};

fn main() -> Result<(), Error> {
    // A program with an account leaves out the emulator: `vpc::Client::builder().region(…).build()`.
    let emulator = Emulator::with(Options { transitions: Transitions::Polls(2), ..Options::default() });
    let vpc: blocking::Client<vpc::Client> = blocking::Client::new(emulator.client()?)?;

    let network = create(&vpc)?;
    for found in vpc.each(vpc.describe_vswitches().vpc_id(&network).items()) {
        let found = found?;
        println!("{} in {}", found.cidr_block.unwrap_or_default(), found.zone_id.unwrap_or_default());
    }
    delete(&vpc, &network)?;

    let left = vpc.each(vpc.describe_vpcs().items()).count();
    println!("{left} are left");
    Ok(())
}

/// Makes a VPC with two VSwitches, and tells the states of the first.
fn create(vpc: &blocking::Client<vpc::Client>) -> Result<String, Error> {
    let create = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8");
    let (created, waiter) = vpc.run(create.send_with_waiter())?;
    for progress in vpc.each(waiter) {
        println!("{}", progress?);
    }
    let id = created.vpc_id.unwrap_or_default();
    for (zone, block) in [("cn-hangzhou-b", "10.1.0.0/16"), ("cn-hangzhou-g", "10.2.0.0/16")] {
        let create = vpc.create_vswitch().vpc_id(&id).zone_id(zone).cidr_block(block);
        vpc.run(create.send_and_wait())?;
    }
    Ok(id)
}

/// Deletes a VPC and all VSwitches in it.
fn delete(vpc: &blocking::Client<vpc::Client>, id: &str) -> Result<(), Error> {
    // All are found before the first one goes, which would shift the pages.
    let found = vpc.run(vpc.describe_vswitches().vpc_id(id).items().collect())?;
    for vswitch in found {
        vpc.run(vpc.delete_vswitch().vswitch_id(vswitch.vswitch_id).send_and_wait())?;
    }
    vpc.run(vpc.delete_vpc().vpc_id(id).send_and_wait())?;
    Ok(())
}
