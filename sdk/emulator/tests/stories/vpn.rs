//! VPN gateways: to the office by IPsec, and for people on their way by SSL.

use cloudnet::vpc::create_vpn_connection::{IkeConfig, TunnelIkeConfig, TunnelOptionsSpecification};
use cloudnet::vpc::modify_vpn_connection_attribute::{
    TunnelIkeConfig as NewTunnelIkeConfig, TunnelOptionsSpecification as NewTunnel,
};
use cloudnet::vpc::types::Tag;
use cloudnet::{Error, ErrorClass, Request, vpc};

use crate::cloud::{Cloud, only, passed, refused};

#[tokio::test]
async fn a_vpn_gateway_with_an_ipsec_connection_and_routes() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let vpc = cloud.vpc("10.0.0.0/8").await?;
    let gateway = gateway(&cloud, &vpc, |create| create.enable_ipsec(true)).await?;
    let create = || cloud.vpc.create_customer_gateway().ip_address("203.0.113.1").name("office");
    let customer = create().send().await?.customer_gateway_id.unwrap();
    refused(create(), ErrorClass::AlreadyExists, "InvalidIpAddress.AlreadyExist").await;
    let change = cloud.vpc.modify_customer_gateway_attribute().customer_gateway_id(&customer);
    change.name("branch").send().await?;
    let shown = only(cloud.vpc.describe_customer_gateways().customer_gateway_id(&customer)).await?;
    assert_eq!((shown.name.as_deref(), shown.ip_address.as_deref()), (Some("branch"), Some("203.0.113.1")));

    let connection = connection(&cloud, &gateway, &customer).await?;
    routes(&cloud, &gateway, &connection).await?;

    let in_use = ErrorClass::Dependency;
    let delete_gateway = || cloud.vpc.delete_vpn_gateway().vpn_gateway_id(&gateway);
    let delete_customer = || cloud.vpc.delete_customer_gateway().customer_gateway_id(&customer);
    refused(delete_customer(), in_use, "DependencyViolation.VpnConnection").await;
    refused(delete_gateway(), in_use, "DependencyViolation.VpnConnection").await;
    let delete = || cloud.vpc.delete_vpn_connection().vpn_connection_id(&connection);
    delete().send_and_wait().await?;
    refused(delete(), ErrorClass::NotFound, "InvalidVpnConnectionInstanceId.NotFound").await;
    delete_customer().send().await?;
    delete_gateway().send_and_wait().await?;
    refused(delete_gateway(), ErrorClass::NotFound, "InvalidVpnGatewayInstanceId.NotFound").await;
    cloud.vpc.delete_vpc().vpc_id(&vpc).send_and_wait().await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

async fn gateway(
    cloud: &Cloud,
    vpc: &str,
    with: impl FnOnce(Request<vpc::CreateVpnGateway>) -> Request<vpc::CreateVpnGateway>,
) -> Result<String, Error> {
    let create = cloud.vpc.create_vpn_gateway().vpc_id(vpc).bandwidth(10).auto_pay(true);
    let (made, states) = passed(with(create)).await?;
    assert_eq!(states, ["init", "active"]);
    Ok(made.vpn_gateway_id.unwrap())
}

async fn connection(cloud: &Cloud, gateway: &str, customer: &str) -> Result<String, Error> {
    let create = || {
        let ike = IkeConfig::default().psk("0123456789abcdef").ike_version("ikev2");
        let create = cloud.vpc.create_vpn_connection().vpn_gateway_id(gateway).customer_gateway_id(customer);
        create.local_subnet("10.1.0.0/16").remote_subnet("192.168.0.0/16").ike_config(ike)
    };
    let unknown = create().vpn_gateway_id("vpn-no");
    refused(unknown, ErrorClass::NotFound, "InvalidVpnGatewayInstanceId.NotFound").await;
    let made = create().name("tunnel").send_and_wait().await?;
    refused(create(), ErrorClass::AlreadyExists, "InvalidVpnConnection.AlreadyExists").await;
    let connection = made.vpn_connection_id.unwrap();
    let shown = cloud.vpc.describe_vpn_connection().vpn_connection_id(&connection).send().await?;
    let ike = shown.ike_config.unwrap();
    assert_eq!((ike.ike_version.as_deref(), ike.ike_enc_alg.as_deref()), (Some("ikev2"), Some("aes")));
    assert_eq!(ike.psk.unwrap().expose(), "0123456789abcdef");

    let change = cloud.vpc.modify_vpn_connection_attribute().vpn_connection_id(&connection);
    change.name("wider").local_subnet("10.2.0.0/16").send_and_wait().await?;
    let shown = only(cloud.vpc.describe_vpn_connections().vpn_gateway_id(gateway)).await?;
    assert_eq!((shown.name.as_deref(), shown.local_subnet.as_deref()), (Some("wider"), Some("10.2.0.0/16")));
    Ok(connection)
}

async fn routes(cloud: &Cloud, gateway: &str, connection: &str) -> Result<(), Error> {
    let listing = || cloud.vpc.describe_vpn_route_entries().vpn_gateway_id(gateway);
    let create = cloud.vpc.create_vpn_route_entry().vpn_gateway_id(gateway).next_hop(connection);
    let create = create.route_dest("192.168.0.0/16").weight(100).publish_vpc(true);
    let (_, states) = passed(create).await?;
    assert_eq!(states, ["published"]);
    assert_eq!(only(listing()).await?.next_hop.as_deref(), Some(connection));
    let withdraw = cloud.vpc.publish_vpn_route_entry().vpn_gateway_id(gateway).next_hop(connection);
    withdraw.route_dest("192.168.0.0/16").publish_vpc(false).route_type("dbr").send_and_wait().await?;
    assert_eq!(only(listing()).await?.state.as_deref(), Some("normal"));
    let delete = cloud.vpc.delete_vpn_route_entry().vpn_gateway_id(gateway).next_hop(connection);
    delete.route_dest("192.168.0.0/16").weight(100).send_and_wait().await?;
    assert!(listing().send().await?.vpn_route_entries.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_connection_with_two_tunnels() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let vpc = cloud.vpc("10.0.0.0/8").await?;
    let gateway = gateway(&cloud, &vpc, |create| create.enable_ipsec(true)).await?;
    let customer = cloud.vpc.create_customer_gateway().ip_address("203.0.113.1").asn("65001").send().await?;
    let customer = customer.customer_gateway_id.unwrap();
    let create = || {
        let tunnel = |role: &str| {
            let ike = TunnelIkeConfig::default().ike_version("ikev2");
            let tunnel = TunnelOptionsSpecification::default().customer_gateway_id(&customer).role(role);
            tunnel.tunnel_ike_config(ike)
        };
        let create = cloud.vpc.create_vpn_connection().vpn_gateway_id(&gateway).local_subnet("10.1.0.0/16");
        let create = create
            .remote_subnet("192.168.0.0/16")
            .tunnel_options_specification([tunnel("master"), tunnel("slave")]);
        create.tags([Tag::default().key("env").value("test")])
    };
    create().dry_run().await?;
    assert!(cloud.vpc.describe_vpn_connections().send().await?.vpn_connections.is_empty());
    let connection = create().send_and_wait().await?.vpn_connection_id.unwrap();
    let asked = cloud.vpc.describe_vpn_connections().tags([Tag::default().key("env")]);
    let shown = only(asked).await?;
    let [active, standby] = shown.tunnel_options_specification.as_slice() else { panic!("{shown:?}") };
    assert_ne!(active.tunnel_id, standby.tunnel_id);
    assert_eq!((active.enable_dpd.as_deref(), active.state.as_deref()), (Some("true"), Some("active")));

    let ike = NewTunnelIkeConfig::default().ike_mode("aggressive");
    let change =
        NewTunnel::default().tunnel_id(standby.tunnel_id.clone()).enable_dpd(false).tunnel_ike_config(ike);
    let modify = cloud.vpc.modify_vpn_connection_attribute().vpn_connection_id(&connection);
    modify.tunnel_options_specification([change]).send_and_wait().await?;
    let after = cloud.vpc.describe_vpn_connection().vpn_connection_id(&connection).send().await?;
    let [same, changed] = after.tunnel_options_specification.as_slice() else { panic!("{after:?}") };
    assert_eq!((&same.tunnel_id, same.enable_dpd.as_deref()), (&active.tunnel_id, Some("true")));
    assert_eq!((&changed.tunnel_id, changed.enable_dpd.as_deref()), (&standby.tunnel_id, Some("false")));
    let ike = changed.tunnel_ike_config.as_ref().unwrap();
    assert_eq!((ike.ike_mode.as_deref(), ike.ike_version.as_deref()), (Some("aggressive"), Some("ikev2")));

    let peer = cloud.vpc.download_vpn_connection_config().vpn_connection_id(&connection).send().await?;
    let tunnels = peer.vpn_connection_config.unwrap().tunnels_config;
    let [_, config] = tunnels.as_slice() else { panic!("{tunnels:?}") };
    let key = config.ike_config.as_ref().unwrap().psk.as_ref().map(cloudnet::Secret::expose);
    assert_eq!((&config.tunnel_id, &config.local), (&changed.tunnel_id, &changed.internet_ip));
    assert!(key.is_some() && key == ike.psk.as_ref().map(cloudnet::Secret::expose));
    Ok(())
}

#[tokio::test]
async fn an_ssl_vpn() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let vpc = cloud.vpc("10.0.0.0/8").await?;
    let ssl = |create: Request<vpc::CreateVpnGateway>| {
        create.enable_ipsec(false).enable_ssl(true).ssl_connections(5)
    };
    let gateway = gateway(&cloud, &vpc, ssl).await?;
    let shown = only(cloud.vpc.describe_vpn_gateways().vpc_id(&vpc)).await?;
    assert_eq!((shown.ssl_vpn.as_deref(), shown.ipsec_vpn.as_deref()), (Some("enable"), Some("disable")));

    let not_found = ErrorClass::NotFound;
    let create = || {
        let create = cloud.vpc.create_ssl_vpn_server().vpn_gateway_id(&gateway).name("staff");
        create.client_ip_pool("192.168.10.0/24").local_subnet("10.1.0.0/16")
    };
    let unknown = create().vpn_gateway_id("vpn-no");
    refused(unknown, not_found, "InvalidVpnGatewayInstanceId.NotFound").await;
    let server = create().send_and_wait().await?.ssl_vpn_server_id.unwrap();
    let create = cloud.vpc.create_ssl_vpn_client_cert().ssl_vpn_server_id(&server).name("li");
    let cert = create.send_and_wait().await?.ssl_vpn_client_cert_id.unwrap();
    cloud.vpc.modify_ssl_vpn_client_cert().ssl_vpn_client_cert_id(&cert).name("wang").send().await?;
    let shown = only(cloud.vpc.describe_ssl_vpn_client_certs().ssl_vpn_server_id(&server)).await?;
    assert_eq!((shown.name.as_deref(), shown.ssl_vpn_client_cert_id.as_ref()), (Some("wang"), Some(&cert)));
    let change = cloud.vpc.modify_ssl_vpn_server().ssl_vpn_server_id(&server).name("guests");
    change.proto("UDP").port(1195).send().await?;
    let shown = only(cloud.vpc.describe_ssl_vpn_servers().name("guests")).await?;
    assert_eq!((shown.proto.as_deref(), shown.port), (Some("UDP"), Some(1195)));

    let delete_gateway = || cloud.vpc.delete_vpn_gateway().vpn_gateway_id(&gateway);
    let delete_vpc = || cloud.vpc.delete_vpc().vpc_id(&vpc);
    refused(delete_gateway(), ErrorClass::Dependency, "DependencyViolation.SslVpnServer").await;
    refused(delete_vpc(), ErrorClass::Dependency, "DependencyViolation.Instance").await;
    cloud.vpc.delete_ssl_vpn_client_cert().ssl_vpn_client_cert_id(&cert).send_and_wait().await?;
    let delete = || cloud.vpc.delete_ssl_vpn_server().ssl_vpn_server_id(&server);
    delete().send_and_wait().await?;
    refused(delete(), not_found, "InvalidSslVpnServerId.NotFound").await;
    delete_gateway().send_and_wait().await?;
    delete_vpc().send_and_wait().await?;
    assert!(cloud.left().is_empty());
    Ok(())
}
