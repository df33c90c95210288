//! How a crate tests what it builds with `cloudnet`: its own function, and its tests.
//!
//! ```console
//! $ cargo run -p cloudnet-emulator --example own_tests
//! $ cargo test -p cloudnet-emulator --example own_tests
//! ```

use cloudnet::{Error, vpc};
use cloudnet_emulator::Emulator;

/// A function of your program: the ID of the VPC of this name, which is made if there is none.
async fn ensure_vpc(vpc: &vpc::Client, name: &str, block: &str) -> Result<String, Error> {
    let found = vpc.describe_vpcs().vpc_name(name).items().next().await.transpose()?;
    let id = match found {
        Some(found) => found.vpc_id,
        None => vpc.create_vpc().vpc_name(name).cidr_block(block).send().await?.vpc_id,
    };
    let id = id.unwrap_or_default();
    vpc.wait_for_vpc_available(&id).await?;
    Ok(id)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let emulator = Emulator::start();
    let vpc = emulator.client()?;
    println!("made    {}", ensure_vpc(&vpc, "prod", "10.0.0.0/8").await?);
    println!("found   {}", ensure_vpc(&vpc, "prod", "10.0.0.0/8").await?);
    for call in emulator.calls() {
        println!("called  {}: {}", call.action, call.verdict());
    }
    Ok(())
}

/// In a crate of your own, `cloudnet-emulator` is one of the `[dev-dependencies]`.
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cloudnet::ErrorClass;
    use cloudnet::testing::Documented;
    use cloudnet::vpc::describe_vpcs::Vpc;
    use cloudnet::vpc::{CreateVpc, DescribeVpcAttribute, DescribeVpcAttributeOutput};
    use cloudnet::vpc::{DescribeVpcs, DescribeVpcsOutput};
    use cloudnet_emulator::{Fault, Options, Transitions};

    use super::*;

    /// VPCs of this name that there are in the end.
    async fn count(vpc: &vpc::Client, name: &str) -> Result<usize, Error> {
        Ok(vpc.describe_vpcs().vpc_name(name).items().collect().await?.len())
    }

    #[tokio::test]
    async fn there_is_one_however_often_it_is_asked_for() -> Result<(), Error> {
        let vpc = Emulator::start().client()?;
        let first = ensure_vpc(&vpc, "prod", "10.0.0.0/8").await?;
        assert_eq!(ensure_vpc(&vpc, "prod", "10.0.0.0/8").await?, first);
        assert_eq!(count(&vpc, "prod").await?, 1);
        Ok(())
    }

    #[tokio::test]
    async fn there_is_one_if_the_connection_breaks() -> Result<(), Error> {
        let emulator = Emulator::start();
        let vpc = emulator.client()?;
        emulator.fault(Fault::reset().on("CreateVpc").applied());
        ensure_vpc(&vpc, "prod", "10.0.0.0/8").await?;
        assert_eq!(count(&vpc, "prod").await?, 1);
        Ok(())
    }

    #[tokio::test]
    async fn it_can_be_used_at_once() -> Result<(), Error> {
        let transitions = Transitions::After(Duration::from_secs(40));
        let emulator = Emulator::with(Options { transitions, ..Options::default() });
        let vpc = emulator.client()?;
        let id = ensure_vpc(&vpc, "prod", "10.0.0.0/8").await?;
        let create = vpc.create_vswitch().vpc_id(&id).zone_id("cn-hangzhou-b").cidr_block("10.1.0.0/16");
        create.send().await?;
        // No test waits for that. Each request lets a second of the 40 pass, pauses the rest.
        assert!(emulator.clock().passed() >= Duration::from_secs(20));
        Ok(())
    }

    #[tokio::test]
    async fn whoever_calls_hears_of_the_quota() -> Result<(), Error> {
        let emulator = Emulator::start();
        emulator.fault(Fault::code("QuotaExceeded.Vpc").on("CreateVpc"));
        let error = ensure_vpc(&emulator.client()?, "prod", "10.0.0.0/8").await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Quota);
        Ok(())
    }

    /// Where single answers are all that a test is about, rules tell them: feature `testing` of `cloudnet`.
    #[tokio::test]
    async fn what_is_found_is_not_made() -> Result<(), Error> {
        let service = Documented::new();
        let found = DescribeVpcsOutput::default().vpcs([Vpc::default().vpc_id("vpc-1")]).total_count(1);
        service.on::<DescribeVpcs>().when(|asked| asked.vpc_name.as_deref() == Some("prod")).answer(found);
        let ready = DescribeVpcAttributeOutput::default().vpc_id("vpc-1").status("Available");
        service.on::<DescribeVpcAttribute>().answer(ready);
        assert_eq!(ensure_vpc(&service.client("cn-hangzhou")?, "prod", "10.0.0.0/8").await?, "vpc-1");
        assert!(service.requests::<CreateVpc>().is_empty());
        service.assert_all_used();
        Ok(())
    }
}
