//! Creates, describes, is stopped by a check and by the service, all without an account: the
//! transport answers in the process from the documented examples.
//!
//! ```console
//! $ cargo run --example quickstart
//! ```
//!
//! What remembers, waits and refuses by state is `cloudnet-emulator`; its example `provision` builds a network on it.

use std::sync::Arc;

use cloudnet::testing::Documented;
use cloudnet::{Credentials, Error, ErrorClass, vpc};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // A program with an account leaves out `credentials` and `transport`.
    let service = Arc::new(Documented::new());
    let vpc = vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("access key ID", "access key secret"))
        .transport(service.clone())
        .build()?;

    let created = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8").send().await?;
    println!("created   {}", created.vpc_id.unwrap_or_default());

    let found = vpc.describe_vpcs().page_size(10).send().await?;
    for one in &found.vpcs {
        println!("found     {:?} {:?} {:?}", one.vpc_id, one.cidr_block, one.status);
    }

    // Checked before anything is sent, and everything at once.
    let create = vpc.create_vpc().vpc_name("https://prod").cidr_block("10.0.0.0/30");
    match create.send().await {
        Ok(_) => println!("a wrong request was sent"),
        Err(error) => {
            for violation in error.violations() {
                println!("refused   {violation}");
            }
        }
    }

    // The service's own errors are typed by what they mean for the caller.
    service.on::<vpc::DeleteVpc>().fail("DependencyViolation.VSwitch");
    match vpc.delete_vpc().vpc_id("vpc-bp1qpo0kug3a20qqe").send().await {
        Err(error) if error.class() == ErrorClass::Dependency => println!("in use    {error}"),
        other => println!("deleted   {other:?}"),
    }
    println!("sent      {} requests", service.calls().len());
    Ok(())
}
