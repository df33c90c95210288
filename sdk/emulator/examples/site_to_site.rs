//! Connects a VPC with an office by IPsec, shows how the tunnel is set up, and takes it all down again.
//!
//! ```console
//! $ cargo run -p cloudnet-emulator --example site_to_site
//! ```
//!
//! The key that both ends share is a [`Secret`]: whatever is printed, it is `***`.

use cloudnet::vpc::create_vpn_connection::{
    IkeConfig, IkeEncAlg, IkeVersion, IpsecAuthAlg, IpsecConfig, IpsecEncAlg, IpsecPfs,
};
use cloudnet::{Awaited, Error, Request, Secret, vpc};
use cloudnet_emulator::{Emulator, Options, Transitions};

/// The address of the office, and the networks at both ends.
const OFFICE: (&str, &str) = ("203.0.113.1", "192.168.0.0/16");
const CLOUD: &str = "10.0.0.0/8";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // A program with an account leaves out the emulator: `vpc::Client::builder().region(…).build()`.
    let emulator = Emulator::with(Options { transitions: Transitions::Polls(2), ..Options::default() });
    let vpc = emulator.client()?;
    // Of a vault, say.
    let key = Secret::from("kept-in-a-vault-0123");

    let mut site = Site::default();
    let outcome = match connect(&vpc, &mut site, key).await {
        Ok(connection) => show(&vpc, &connection).await,
        Err(error) => Err(error),
    };
    // What was made goes again, even if something was not.
    disconnect(&vpc, &site).await?;
    outcome
}

/// IDs of what there is.
#[derive(Default)]
struct Site {
    vpc: Option<String>,
    gateway: Option<String>,
    customer: Option<String>,
    connection: Option<String>,
}

/// Makes both ends and the connection; `site` has what there is, even if this fails half-way.
async fn connect(vpc: &vpc::Client, site: &mut Site, key: Secret) -> Result<String, Error> {
    let create = vpc.create_vpc().vpc_name("branch").cidr_block(CLOUD);
    done(create, |made| site.vpc = made.vpc_id.clone()).await?;

    let create = vpc.create_vpn_gateway().name("way-to-office").vpc_id(site.vpc.as_ref());
    let create = create.bandwidth(10).enable_ipsec(true).auto_pay(true);
    done(create, |made| site.gateway = made.vpn_gateway_id.clone()).await?;

    // There at once: nothing is waited for.
    let create = vpc.create_customer_gateway().name("office").ip_address(OFFICE.0);
    site.customer = create.send().await?.customer_gateway_id;

    let create = vpc.create_vpn_connection().name("to-office");
    let create = create.vpn_gateway_id(site.gateway.as_ref()).customer_gateway_id(site.customer.as_ref());
    let create = create.local_subnet(CLOUD).remote_subnet(OFFICE.1).effect_immediately(true);
    let create = create.ike_config(phase_one(key)).ipsec_config(phase_two());
    done(create, |made| site.connection = made.vpn_connection_id.clone()).await?;
    Ok(site.connection.clone().unwrap_or_default())
}

/// How the ends get to know each other. What is not set is as the document says.
fn phase_one(key: Secret) -> IkeConfig {
    IkeConfig::default()
        .psk(key)
        .ike_version(IkeVersion::Ikev2)
        .ike_enc_alg(IkeEncAlg::Aes256)
        .ike_lifetime(86_400)
        .remote_id(OFFICE.0)
}

/// How what they say to each other is encrypted.
fn phase_two() -> IpsecConfig {
    IpsecConfig::default()
        .ipsec_enc_alg(IpsecEncAlg::Aes256)
        .ipsec_auth_alg(IpsecAuthAlg::Sha1)
        .ipsec_pfs(IpsecPfs::Group14)
        .ipsec_lifetime(3_600)
}

/// The tunnel, and whether it is up: it is once the office does its part.
async fn show(vpc: &vpc::Client, connection: &str) -> Result<(), Error> {
    let shown = vpc.describe_vpn_connection().vpn_connection_id(connection).send().await?;
    let [name, local, remote] =
        [shown.name, shown.local_subnet, shown.remote_subnet].map(Option::unwrap_or_default);
    println!("{name}: {local} <-> {remote}");
    println!("  state: {}", shown.status.map(|status| status.to_string()).unwrap_or_default());
    println!("  {:?}", shown.ike_config.unwrap_or_default());
    println!("  {:?}", shown.ipsec_config.unwrap_or_default());
    Ok(())
}

/// In reverse, for nothing goes while something depends on it.
async fn disconnect(vpc: &vpc::Client, site: &Site) -> Result<(), Error> {
    if let Some(id) = &site.connection {
        done(vpc.delete_vpn_connection().vpn_connection_id(id), |_| ()).await?;
    }
    if let Some(id) = &site.customer {
        match vpc.delete_customer_gateway().customer_gateway_id(id).send().await {
            // Somebody else was quicker. Deletes that are waited for take it as done by themselves.
            Err(error) if error.is_gone() => {}
            outcome => _ = outcome?,
        }
    }
    if let Some(id) = &site.gateway {
        done(vpc.delete_vpn_gateway().vpn_gateway_id(id), |_| ()).await?;
    }
    if let Some(id) = &site.vpc {
        done(vpc.delete_vpc().vpc_id(id), |_| ()).await?;
    }
    Ok(())
}

/// Sends a call, notes what it made, and waits for its effect with a line for each state.
async fn done<O: Awaited>(call: Request<O>, note: impl FnOnce(&O::Output)) -> Result<(), Error> {
    let (answer, mut waiter) = call.send_with_waiter().await?;
    note(&answer);
    while let Some(progress) = waiter.next().await {
        println!("{}", progress?);
    }
    Ok(())
}
