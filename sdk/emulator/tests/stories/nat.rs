//! NAT gateways: out by SNAT, in by DNAT.

use cloudnet::vpc::types::Tag;
use cloudnet::{Error, ErrorClass};

use crate::cloud::{Cloud, Network, only, passed, refused};

#[tokio::test]
async fn a_nat_gateway_with_eips_and_snat() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let network = cloud.network().await?;
    let ((one, address), (two, other)) = (cloud.eip().await?, cloud.eip().await?);
    cloud.bind(&one, &network.nat).await?;
    cloud.bind(&two, &network.nat).await?;
    let mut gateway = only(cloud.vpc.describe_nat_gateways().name("way-out")).await?;
    let addresses: Vec<_> = gateway.ip_lists.iter().filter_map(|ip| ip.ip_address.as_ref()).collect();
    assert_eq!(addresses, [&address, &other]);
    assert_eq!(gateway.vpc_id.as_ref(), Some(&network.vpc));

    snat(&cloud, &network, &gateway.snat_table_ids.remove(0), [&address, &other]).await?;

    let change = cloud.vpc.modify_nat_gateway_attribute().nat_gateway_id(&network.nat).name("exit");
    change.description("for all").send_and_wait().await?;
    let shown = only(cloud.vpc.describe_nat_gateways().nat_gateway_id(&network.nat)).await?;
    assert_eq!((shown.name.as_deref(), shown.description.as_deref()), (Some("exit"), Some("for all")));
    for eip in [&one, &two] {
        cloud.unbind(eip, &network.nat).await?;
        cloud.drop_eip(eip).await?;
    }
    let again = cloud.vpc.delete_nat_gateway().nat_gateway_id(&network.nat);
    cloud.drop_network(network).await?;
    refused(again, ErrorClass::NotFound, "InvalidNatGatewayId.NotFound").await;
    assert!(cloud.left().is_empty());
    Ok(())
}

async fn snat(cloud: &Cloud, network: &Network, table: &str, ips: [&str; 2]) -> Result<(), Error> {
    let [address, other] = ips;
    let create = || {
        let create = cloud.vpc.create_snat_entry().snat_table_id(table).snat_ip(address);
        create.source_vswitch_id(&network.vswitch)
    };
    let unknown = create().snat_table_id("stb-no");
    refused(unknown, ErrorClass::NotFound, "InvalidSnatTableId.NotFound").await;
    let (created, states) = passed(create()).await?;
    assert_eq!(states, ["Pending", "Available"]);
    let entry = created.snat_entry_id.unwrap();
    refused(create(), ErrorClass::AlreadyExists, "Forbidden.SourceVSwitchId.Duplicated").await;

    let entries = || cloud.vpc.describe_snat_table_entries().snat_table_id(table).snat_entry_id(&entry);
    let shown = only(entries()).await?;
    assert_eq!(
        (shown.snat_ip.as_deref(), shown.source_cidr.as_deref()),
        (Some(address), Some("10.1.0.0/16"))
    );
    let change = cloud.vpc.modify_snat_entry().snat_table_id(table).snat_entry_id(&entry).snat_ip(other);
    let (_, states) = passed(change).await?;
    assert_eq!(states, ["Modifying", "Available"]);
    assert_eq!(only(entries()).await?.snat_ip.as_deref(), Some(other));

    let delete = || cloud.vpc.delete_snat_entry().snat_table_id(table).snat_entry_id(&entry);
    delete().send_and_wait().await?;
    refused(delete(), ErrorClass::NotFound, "InvalidSnatEntryId.NotFound").await;
    Ok(())
}

#[tokio::test]
async fn dnat() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let network = cloud.network().await?;
    let (eip, address) = cloud.eip().await?;
    let mut gateway = only(cloud.vpc.describe_nat_gateways().nat_gateway_id(&network.nat)).await?;
    let table = gateway.forward_table_ids.remove(0);
    let create = || {
        let create = cloud.vpc.create_forward_entry().forward_table_id(&table).ip_protocol("TCP");
        let create = create.external_ip(&address).external_port("443");
        create.internal_ip("10.1.0.10").internal_port("8443")
    };
    refused(create(), ErrorClass::Precondition, "InvalidIp.NotInNatgw").await;
    cloud.bind(&eip, &network.nat).await?;
    let invalid = ErrorClass::InvalidParameter;
    let outside = create().internal_ip("192.168.0.10");
    refused(outside, invalid, "Forbidden.InternalIpOutOfVpcCIDR").await;
    refused(create().ip_protocol("SCTP"), invalid, "InvalidProtocal.ValueNotSupported").await;
    let (created, states) = passed(create()).await?;
    assert_eq!(states, ["Pending", "Available"]);
    let entry = created.forward_entry_id.unwrap();

    let entries = || cloud.vpc.describe_forward_table_entries().forward_table_id(&table);
    let shown = only(entries().forward_entry_id(&entry)).await?;
    assert_eq!((shown.external_ip.as_ref(), shown.external_port.as_deref()), (Some(&address), Some("443")));
    let change = || cloud.vpc.modify_forward_entry().forward_table_id(&table).forward_entry_id(&entry);
    let (_, waiter) = change().internal_port("9443").send_with_waiter().await?;
    let too_early = change().internal_port("9444");
    refused(too_early, ErrorClass::Busy, "IncorretForwardEntryStatus").await;
    waiter.await?;
    assert_eq!(only(entries()).await?.internal_port.as_deref(), Some("9443"));

    let delete = || cloud.vpc.delete_forward_entry().forward_table_id(&table).forward_entry_id(&entry);
    delete().send_and_wait().await?;
    refused(delete(), ErrorClass::NotFound, "InvalidForwardEntryId.NotFound").await;
    cloud.unbind(&eip, &network.nat).await?;
    cloud.drop_eip(&eip).await?;
    cloud.drop_network(network).await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

#[tokio::test]
async fn tags_are_shown_apart_and_all_of_them_are_asked_for() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let tag = |key: &str, value: &str| Tag::default().key(key).value(value);
    let mut made = Vec::new();
    for (block, tags) in [
        ("10.1.0.0/16", vec![tag("env", "prod"), tag("team", "net")]),
        ("10.2.0.0/16", vec![tag("env", "test"), tag("team", "net")]),
        ("10.3.0.0/16", vec![Tag::default().key("env"), tag("team", "prod")]),
    ] {
        let vpc = cloud.vpc("10.0.0.0/8").await?;
        let vswitch = cloud.vswitch(&vpc, block).await?;
        let create = cloud.vpc.create_nat_gateway().vpc_id(&vpc).vswitch_id(&vswitch).nat_type("Enhanced");
        made.push(create.tags(tags).send_and_wait().await?.nat_gateway_id.unwrap());
    }
    let shown = only(cloud.vpc.describe_nat_gateways().nat_gateway_id(&made[2])).await?;
    let tags: Vec<_> =
        shown.tags.iter().map(|tag| (tag.tag_key.as_deref(), tag.tag_value.as_deref())).collect();
    assert_eq!(tags, [(Some("env"), None), (Some("team"), Some("prod"))]);
    let found = async |tags: Vec<Tag>| -> Result<usize, Error> {
        Ok(cloud.vpc.describe_nat_gateways().tags(tags).items().collect().await?.len())
    };
    assert_eq!(found(vec![tag("env", "prod"), tag("team", "net")]).await?, 1);
    assert_eq!(found(vec![Tag::default().key("env"), tag("team", "net")]).await?, 2);
    assert_eq!(found(vec![Tag::default().key("env")]).await?, 3);
    assert_eq!(found(vec![tag("env", "prod"), tag("stage", "net")]).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_dry_run_of_an_snat_entry_makes_none() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let network = cloud.network().await?;
    let (eip, address) = cloud.eip().await?;
    cloud.bind(&eip, &network.nat).await?;
    let gateway = only(cloud.vpc.describe_nat_gateways().nat_gateway_id(&network.nat)).await?;
    let create = || {
        let create = cloud.vpc.create_snat_entry().snat_table_id(&gateway.snat_table_ids[0]);
        create.source_vswitch_id(&network.vswitch).snat_ip(&address).eip_affinity(1).snat_entry_name("all")
    };
    create().dry_run().await?;
    assert!(cloud.remembered("SnatEntry").is_empty());
    create().send_and_wait().await?;
    assert!(create().dry_run().await.is_err_and(|error| error.class() == ErrorClass::AlreadyExists));
    let shown = only(cloud.vpc.describe_snat_table_entries().nat_gateway_id(&network.nat)).await?;
    assert_eq!((shown.eip_affinity.as_deref(), shown.snat_entry_name.as_deref()), (Some("1"), Some("all")));
    cloud.vpc.describe_nat_gateways().dry_run().await
}
