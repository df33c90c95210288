//! Several regions and services at once, with one pool of connections and one source of credentials; what
//! is found is written as JSON.
//!
//! ```console
//! $ cargo run --example regions --features serde
//! ```

use std::sync::Arc;

use cloudnet::testing::Documented;
use cloudnet::{Config, Credentials, Error, ga, vpc};

const REGIONS: [&str; 3] = ["cn-hangzhou", "cn-beijing", "eu-central-1"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // A program with an account leaves out `credentials` and `transport`.
    let config = Config::builder()
        .region(REGIONS[0])
        .credentials(Credentials::new("access key ID", "access key secret"))
        .transport(Arc::new(Documented::new()))
        .build()?;
    let vpc = vpc::Client::from_config(&config)?;
    let ga = ga::Client::from_config(&config)?;

    let mut listings = tokio::task::JoinSet::new();
    for region in REGIONS {
        let vpc = vpc.for_region(region)?;
        listings.spawn(async move { vpc.describe_vpcs().send().await });
    }
    // A region that fails does not keep the others from being shown.
    for listing in listings.join_all().await {
        match listing {
            Ok(found) => println!("{}", serde_json::to_string(&found.vpcs).unwrap_or_default()),
            Err(error) => println!("{}: {error}", error.region().unwrap_or_default()),
        }
    }
    println!("{} and {} share all but their names", vpc.endpoint(), ga.endpoint());
    Ok(())
}
