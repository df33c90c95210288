//! What there is in several regions, asked for at once, as a table. A region that fails is one line of it.
//!
//! ```console
//! $ cargo run -p cloudnet-emulator --example inventory
//! ```

use std::fmt;
use std::sync::Arc;

use cloudnet::{Config, Credentials, Error, vpc};
use cloudnet_emulator::{Emulator, Fault};
use tokio::task::JoinSet;

const REGIONS: [&str; 4] = ["cn-hangzhou", "cn-beijing", "ap-southeast-1", "eu-central-1"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let emulator = Emulator::start();
    // A program with an account leaves out the last three: `Config::builder().build()`.
    let config = Config::builder()
        .credentials(Credentials::new("testid", "testsecret"))
        .transport(emulator.transport())
        .clock(Arc::new(emulator.clock()))
        .build()?;
    fill(&config).await?;
    emulator.fault(Fault::code("Forbidden.RAM").on("DescribeEipAddresses").region("eu-central-1"));

    print!("{}", inventory(&config, &REGIONS).await);
    Ok(())
}

/// What was found, and where something failed.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    failures: Vec<Error>,
}

struct Row {
    region: String,
    kind: &'static str,
    id: String,
    name: String,
    address: String,
    status: String,
}

/// All regions at once, with one pool of connections and one source of credentials.
async fn inventory(config: &Config, regions: &[&str]) -> Table {
    let mut searches = JoinSet::new();
    let mut table = Table::default();
    for region in regions {
        match config.client(*region) {
            Ok(vpc) => _ = searches.spawn(async move { region_inventory(&vpc).await }),
            Err(error) => table.failures.push(error),
        }
    }
    for search in searches.join_all().await {
        match search {
            Ok(rows) => table.rows.extend(rows),
            Err(error) => table.failures.push(error),
        }
    }
    table.rows.sort_by_key(|row| row.region.clone());
    table
}

/// One region: three listings at once, each with all its pages.
async fn region_inventory(vpc: &vpc::Client) -> Result<Vec<Row>, Error> {
    let (vpcs, vswitches, eips) = tokio::try_join!(
        vpc.describe_vpcs().page_size(50).items().collect(),
        vpc.describe_vswitches().page_size(50).items().collect(),
        vpc.describe_eip_addresses().page_size(50).items().collect(),
    )?;
    let region = vpc.region();
    let vpcs = vpcs
        .into_iter()
        .map(|found| Row::new(region, "VPC", [found.vpc_id, found.vpc_name, found.cidr_block], found.status));
    let vswitches = vswitches.into_iter().map(|found| {
        Row::new(region, "VSwitch", [found.vswitch_id, found.vswitch_name, found.cidr_block], found.status)
    });
    let eips = eips.into_iter().map(|found| {
        Row::new(region, "EIP", [found.allocation_id, found.name, found.ip_address], found.status)
    });
    Ok(vpcs.chain(vswitches).chain(eips).collect())
}

impl Row {
    /// A state that no document lists is the text that the service sends, like all others.
    fn new(
        region: &str,
        kind: &'static str,
        texts: [Option<String>; 3],
        status: Option<impl fmt::Display>,
    ) -> Self {
        let [id, name, address] = texts.map(Option::unwrap_or_default);
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        Self { region: region.to_owned(), kind, id, name, address, status }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Row { region, kind, id, name, address, status } in &self.rows {
            writeln!(f, "{region:<15} {kind:<8} {id:<25} {name:<6} {address:<15} {status}")?;
        }
        for error in &self.failures {
            writeln!(f, "{:<15} {error}", error.region().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Something to find in each region.
async fn fill(config: &Config) -> Result<(), Error> {
    for (number, region) in REGIONS.iter().enumerate() {
        let vpc: vpc::Client = config.client(*region)?;
        let block = format!("10.{number}.0.0/16");
        let made =
            vpc.create_vpc().vpc_name(format!("net-{number}")).cidr_block(&block).send_and_wait().await?;
        let create = vpc.create_vswitch().vpc_id(made.vpc_id).zone_id(format!("{region}-a"));
        create.vswitch_name("first").cidr_block(format!("10.{number}.1.0/24")).send_and_wait().await?;
        vpc.allocate_eip_address().bandwidth("5").send_and_wait().await?;
    }
    Ok(())
}
