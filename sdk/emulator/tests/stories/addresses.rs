//! EIPs, and the bandwidth that they share.

use cloudnet::vpc::types::Tag;
use cloudnet::{Error, ErrorClass};

use crate::cloud::{Cloud, ZONE, only, passed, refused};

#[tokio::test]
async fn an_eip_through_all_its_states() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let network = cloud.network().await?;
    let (made, states) = passed(cloud.vpc.allocate_eip_address().bandwidth("5")).await?;
    assert_eq!(states, ["Available"]);
    let eip = made.allocation_id.unwrap();
    let found = only(cloud.vpc.describe_eip_addresses().eip_address(made.eip_address)).await?;
    assert_eq!((found.allocation_id.as_ref(), found.bandwidth.as_deref()), (Some(&eip), Some("5")));
    let change = || cloud.vpc.modify_eip_address_attribute().allocation_id(&eip);
    change().bandwidth("10").name("door").send_and_wait().await?;
    let shown = only(cloud.vpc.describe_eip_addresses().allocation_id(&eip)).await?;
    assert_eq!((shown.bandwidth.as_deref(), shown.name.as_deref()), (Some("10"), Some("door")));

    let busy = ErrorClass::Busy;
    let bind = || {
        let bind = cloud.vpc.associate_eip_address().allocation_id(&eip);
        bind.instance_id(&network.nat).instance_type("Nat")
    };
    let release = || cloud.vpc.release_eip_address().allocation_id(&eip);
    let (_, states) = passed(bind()).await?;
    assert_eq!(states, ["Associating", "InUse"]);
    refused(bind(), busy, "IncorrectEipStatus").await;
    refused(release(), busy, "IncorrectEipStatus").await;
    let listing = || cloud.vpc.describe_eip_addresses();
    assert_eq!(only(listing().status("InUse")).await?.instance_id.as_ref(), Some(&network.nat));
    let bound = only(listing().associated_instance_type("Nat").associated_instance_id(&network.nat)).await?;
    assert_eq!(bound.allocation_id.as_ref(), Some(&eip));

    let unbind = cloud.vpc.unassociate_eip_address().allocation_id(&eip);
    let (_, mut waiter) = unbind.instance_id(&network.nat).instance_type("Nat").send_with_waiter().await?;
    refused(release(), busy, "IncorrectEipStatus").await;
    assert_eq!(waiter.next_state().await.unwrap()?.to_string(), "Unassociating");
    waiter.await?;
    assert_eq!(only(listing().status("Available")).await?.allocation_id.as_ref(), Some(&eip));
    let (_, states) = passed(release()).await?;
    assert_eq!(states, ["Releasing", "(gone)"]);
    refused(release(), ErrorClass::NotFound, "InvalidAllocationId.NotFound").await;
    cloud.drop_network(network).await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_eip_is_found_by_the_state_that_it_comes_to() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let network = cloud.network().await?;
    let (eip, _) = cloud.eip().await?;
    let bind = cloud.vpc.associate_eip_address().allocation_id(&eip).instance_id(&network.nat);
    bind.instance_type("Nat").send().await?;
    let mut found = Vec::new();
    for status in ["Associating", "InUse", "Associating", "InUse"] {
        found.push(cloud.vpc.describe_eip_addresses().status(status).send().await?.eip_addresses.len());
    }
    assert_eq!(found, [1, 0, 0, 1]);
    Ok(())
}

#[tokio::test]
async fn bandwidth_is_shared() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let create = || cloud.vpc.create_common_bandwidth_package();
    let package = create().bandwidth(10).name("pipe").send_and_wait().await?.bandwidth_package_id.unwrap();
    let other = create().bandwidth(5).name("straw").send_and_wait().await?.bandwidth_package_id.unwrap();
    let listing = || cloud.vpc.describe_common_bandwidth_packages();
    let found = only(listing().name("pipe")).await?;
    assert_eq!(
        (found.bandwidth_package_id.as_ref(), found.bandwidth.as_deref()),
        (Some(&package), Some("10"))
    );
    assert_eq!(listing().page_size(1).items().collect().await?.len(), 2);

    let (eip, address) = cloud.eip().await?;
    let add = cloud.vpc.add_common_bandwidth_package_ip().bandwidth_package_id(&package);
    add.ip_instance_id(&eip).send_and_wait().await?;
    let shown = only(listing().bandwidth_package_id(&package)).await?;
    assert_eq!(shown.public_ip_addresses[0].ip_address.as_ref(), Some(&address));
    let shown = only(cloud.vpc.describe_eip_addresses().allocation_id(&eip)).await?;
    assert_eq!(shown.bandwidth_package_id.as_ref(), Some(&package));

    let grow = cloud.vpc.modify_common_bandwidth_package_spec().bandwidth_package_id(&package);
    grow.bandwidth(20).send_and_wait().await?;
    let change = || cloud.vpc.modify_common_bandwidth_package_attribute().name("wide").description("for two");
    change().bandwidth_package_id(&package).send().await?;
    let shown = only(listing().bandwidth_package_id(&package)).await?;
    assert_eq!((shown.bandwidth.as_deref(), shown.name.as_deref()), (Some("20"), Some("wide")));
    let unknown = change().bandwidth_package_id("cbwp-no");
    refused(unknown, ErrorClass::NotFound, "InvalidBandwidthPackageId.NotFound").await;

    let remove = || {
        let remove = cloud.vpc.remove_common_bandwidth_package_ip();
        remove.bandwidth_package_id(&package).ip_instance_id(&eip)
    };
    remove().send_and_wait().await?;
    assert!(only(listing().bandwidth_package_id(&package)).await?.public_ip_addresses.is_empty());
    refused(remove(), ErrorClass::NotFound, "OperationUnsupported.IpNotInCbwp").await;
    for package in [&package, &other] {
        let delete = cloud.vpc.delete_common_bandwidth_package().bandwidth_package_id(package);
        delete.send_and_wait().await?;
    }
    cloud.drop_eip(&eip).await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_eip_is_found_by_all_that_it_was_asked_for() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    cloud.eip().await?;
    let allocate = || cloud.vpc.allocate_eip_address().name("door").zone(ZONE);
    let tagged = allocate().tags([Tag::default().key("env").value("prod")]).ip_address("203.0.113.9");
    let made = tagged.security_protection_types(["AntiDDoS_Enhanced"]).send_and_wait().await?;
    let eip = made.allocation_id.as_deref();
    assert_eq!(made.eip_address.as_deref(), Some("203.0.113.9"));
    let listing = || cloud.vpc.describe_eip_addresses();
    for listing in [
        listing().eip_name("door"),
        listing().eip_address("203.0.113.9"),
        listing().tags([Tag::default().key("env")]),
    ] {
        let found = only(listing).await?;
        assert_eq!((found.allocation_id.as_deref(), found.zone.as_deref()), (eip, Some(ZONE)));
        assert_eq!(found.security_protection_types, ["AntiDDoS_Enhanced"]);
        assert_eq!(found.tags[0].value.as_deref(), Some("prod"));
    }
    assert!(listing().service_managed(true).items().collect().await?.is_empty());

    let id = eip.unwrap_or_default();
    cloud.drop_eip(id).await?;
    let again = allocate().instance_id(id).send_and_wait().await?;
    assert_eq!(again.allocation_id.as_deref(), eip);
    Ok(())
}

#[tokio::test]
async fn a_shared_bandwidth_is_shown_with_its_eips() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let (eip, _) = cloud.eip().await?;
    let create = cloud.vpc.create_common_bandwidth_package().bandwidth(20).isp("BGP_PRO");
    let create = create.tags([Tag::default().key("env").value("prod")]);
    let package = create.send_and_wait().await?.bandwidth_package_id.unwrap();
    let add = || {
        let add = cloud.vpc.add_common_bandwidth_package_ip().bandwidth_package_id(&package);
        add.ip_instance_id(&eip).ip_type("EIP")
    };
    add().dry_run().await?;
    assert!(cloud.remembered("CommonBandwidthPackageIp").is_empty());
    add().send_and_wait().await?;
    let listing = cloud.vpc.describe_common_bandwidth_packages();
    let shown = only(listing.tags([Tag::default().key("env").value("prod")])).await?;
    let [address] = shown.public_ip_addresses.as_slice() else { panic!("{shown:?}") };
    assert_eq!(address.bandwidth_package_ip_relation_status.as_deref(), Some("BINDED"));
    assert_eq!(shown.isp.as_deref(), Some("BGP_PRO"));
    let shown = only(cloud.vpc.describe_eip_addresses().allocation_id(&eip)).await?;
    assert_eq!(shown.bandwidth_package_bandwidth.as_deref(), Some("20"));
    Ok(())
}
