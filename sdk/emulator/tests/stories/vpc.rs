//! VPCs, their VSwitches, routes and route tables.

use cloudnet::vpc::types::Tag;
use cloudnet::{Error, ErrorClass};

use crate::cloud::{Cloud, INSTANCE, ZONE, only, passed, refused};

#[tokio::test]
async fn a_vpc_with_vswitches_and_routes() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let create = cloud.vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8");
    let (created, states) = passed(create).await?;
    assert_eq!(states, ["Pending", "Available"]);
    let vpc = created.vpc_id.unwrap();
    let other = cloud.vpc("172.16.0.0/12").await?;

    let found = only(cloud.vpc.describe_vpcs().vpc_name("prod")).await?;
    assert_eq!((found.vpc_id.as_ref(), found.cidr_block.as_deref()), (Some(&vpc), Some("10.0.0.0/8")));
    assert_eq!(found.router_table_ids, created.route_table_id.as_slice());
    let all = cloud.vpc.describe_vpcs().page_size(1).items().collect().await?;
    let all: Vec<_> = all.into_iter().filter_map(|found| found.vpc_id).collect();
    assert_eq!(all, [vpc.clone(), other.clone()]);

    vswitches(&cloud, &vpc).await?;
    routes(&cloud, &vpc).await?;

    let change = cloud.vpc.modify_vpc_attribute().vpc_id(&vpc).vpc_name("live").description("all of it");
    change.send_and_wait().await?;
    let shown = cloud.vpc.describe_vpc_attribute().vpc_id(&vpc).send().await?;
    assert_eq!((shown.vpc_name.as_deref(), shown.description.as_deref()), (Some("live"), Some("all of it")));
    assert!(cloud.vpc.describe_vpcs().vpc_name("prod").send().await?.vpcs.is_empty());
    for id in [&vpc, &other] {
        let (_, states) = passed(cloud.vpc.delete_vpc().vpc_id(id)).await?;
        assert_eq!(states.last().unwrap(), "(gone)");
    }
    refused(cloud.vpc.delete_vpc().vpc_id(&vpc), ErrorClass::NotFound, "InvalidVpcId.NotFound").await;
    assert!(cloud.left().is_empty());
    Ok(())
}

#[tokio::test]
async fn tags_are_shown_and_filter() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let tagged = |value: &str| [Tag::default().key("env").value(value)];
    let create = cloud.vpc.create_vpc().cidr_block("10.0.0.0/8").tags(tagged("prod"));
    let vpc = create.send_and_wait().await?.vpc_id.unwrap();
    cloud.vpc("172.16.0.0/12").await?;

    let found = only(cloud.vpc.describe_vpcs().tags(tagged("prod"))).await?;
    assert_eq!((found.vpc_id.as_ref(), &found.tags[..]), (Some(&vpc), &tagged("prod")[..]));
    let any = [Tag::default().key("env")];
    assert_eq!(only(cloud.vpc.describe_vpcs().tags(any)).await?.vpc_id.as_ref(), Some(&vpc));
    assert!(cloud.vpc.describe_vpcs().tags(tagged("test")).send().await?.vpcs.is_empty());

    let create = cloud.vpc.create_vswitch().vpc_id(&vpc).zone_id(ZONE).cidr_mask(24);
    let vswitch = create.tags(tagged("front")).send_and_wait().await?.vswitch_id;
    let found = only(cloud.vpc.describe_vswitches().tags(tagged("front"))).await?;
    assert_eq!((found.vswitch_id, found.cidr_block.as_deref()), (vswitch, Some("10.0.0.0/8")));
    Ok(())
}

#[tokio::test]
async fn a_dry_run_leaves_all_as_it_was() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    cloud.vpc.create_vpc().cidr_block("10.0.0.0/8").dry_run().await?;
    assert!(cloud.left().is_empty());

    let vpc = cloud.vpc("10.0.0.0/8").await?;
    cloud.vpc.describe_vpcs().dry_run().await?;
    cloud.vpc.delete_vpc().vpc_id(&vpc).dry_run().await?;
    cloud.vswitch(&vpc, "10.1.0.0/16").await?;
    let refused = cloud.vpc.delete_vpc().vpc_id(&vpc).dry_run().await.unwrap_err();
    assert_eq!(refused.code(), Some("DependencyViolation.VSwitch"));
    Ok(())
}

async fn vswitches(cloud: &Cloud, vpc: &str) -> Result<(), Error> {
    let create = || cloud.vpc.create_vswitch().vpc_id(vpc).zone_id(ZONE);
    let first = cloud.vswitch(vpc, "10.1.0.0/16").await?;
    let second = cloud.vswitch(vpc, "10.2.0.0/16").await?;
    let invalid = ErrorClass::InvalidParameter;
    refused(create().cidr_block("10.1.2.0/24"), invalid, "InvalidCidrBlock.Overlapped").await;
    refused(create().cidr_block("192.168.0.0/24"), invalid, "InvalidParameter").await;
    let unknown = create().cidr_block("10.3.0.0/24").vpc_id("vpc-no");
    refused(unknown, ErrorClass::NotFound, "InvalidVpcId.NotFound").await;

    let change = cloud.vpc.modify_vswitch_attribute().vswitch_id(&first).vswitch_name("front");
    change.description("the first").send_and_wait().await?;
    let shown = only(cloud.vpc.describe_vswitches().vswitch_name("front")).await?;
    assert_eq!((shown.vswitch_id.as_ref(), shown.description.as_deref()), (Some(&first), Some("the first")));
    let all = cloud.vpc.describe_vswitches().vpc_id(vpc).page_size(1).items().collect().await?;
    let all: Vec<_> = all.into_iter().filter_map(|found| found.vswitch_id).collect();
    assert_eq!(all, [first.clone(), second.clone()]);

    for id in [&first, &second] {
        cloud.vpc.delete_vswitch().vswitch_id(id).send_and_wait().await?;
    }
    let again = cloud.vpc.delete_vswitch().vswitch_id(&first);
    refused(again, ErrorClass::NotFound, "InvalidVSwitchId.NotFound").await;
    Ok(())
}

async fn routes(cloud: &Cloud, vpc: &str) -> Result<(), Error> {
    let table = cloud.system_table(vpc).await?;
    let create = || {
        let create = cloud.vpc.create_route_entry().route_table_id(&table);
        create.destination_cidr_block("192.168.0.0/16").next_hop_id(INSTANCE).next_hop_type("Instance")
    };
    let (_, states) = passed(create()).await?;
    assert_eq!(states, ["Pending", "Available"]);
    refused(create(), ErrorClass::AlreadyExists, "InvalidCIDRBlock.Duplicate").await;

    let custom = || cloud.vpc.describe_route_entry_list().route_table_id(&table).route_entry_type("Custom");
    let entry = only(custom()).await?;
    assert_eq!(entry.next_hops[0].next_hop_id.as_deref(), Some(INSTANCE));
    let change = cloud.vpc.modify_route_entry().route_entry_id(entry.route_entry_id).route_entry_name("home");
    change.send().await?;
    assert_eq!(only(custom()).await?.route_entry_name.as_deref(), Some("home"));

    let delete = cloud.vpc.delete_route_entry().route_table_id(&table).next_hop_id(INSTANCE);
    delete.destination_cidr_block("192.168.0.0/16").send_and_wait().await?;
    assert!(custom().send().await?.route_entrys.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_something_depends_on_is_not_deleted() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let in_use = ErrorClass::Dependency;
    let network = cloud.network().await?;
    let delete_vpc = || cloud.vpc.delete_vpc().vpc_id(&network.vpc);
    let delete_vswitch = || cloud.vpc.delete_vswitch().vswitch_id(&network.vswitch);
    refused(delete_vswitch(), in_use, "DependencyViolation.EnhancedNatgw").await;
    let (eip, _) = cloud.eip().await?;
    cloud.bind(&eip, &network.nat).await?;
    let delete_nat = cloud.vpc.delete_nat_gateway().nat_gateway_id(&network.nat);
    refused(delete_nat, in_use, "DependencyViolation.EIPS").await;
    let release = cloud.vpc.release_eip_address().allocation_id(&eip);
    refused(release, ErrorClass::Busy, "IncorrectEipStatus").await;
    cloud.unbind(&eip, &network.nat).await?;
    cloud.drop_eip(&eip).await?;
    cloud.vpc.delete_nat_gateway().nat_gateway_id(&network.nat).send_and_wait().await?;

    refused(delete_vpc(), in_use, "DependencyViolation.VSwitch").await;
    delete_vswitch().send_and_wait().await?;
    let table = cloud.system_table(&network.vpc).await?;
    let create = cloud.vpc.create_route_entry().route_table_id(&table).next_hop_type("Instance");
    create.next_hop_id(INSTANCE).destination_cidr_block("192.168.0.0/16").send_and_wait().await?;
    refused(delete_vpc(), in_use, "DependencyViolation.RouteEntry").await;
    let delete = cloud.vpc.delete_route_entry().route_table_id(&table).next_hop_id(INSTANCE);
    delete.destination_cidr_block("192.168.0.0/16").send_and_wait().await?;
    delete_vpc().send_and_wait().await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_route_table_is_bound_and_unbound() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let vpc = cloud.vpc("10.0.0.0/8").await?;
    let vswitch = cloud.vswitch(&vpc, "10.1.0.0/16").await?;
    let create = cloud.vpc.create_route_table().vpc_id(&vpc).route_table_name("own");
    let table = create.send_and_wait().await?.route_table_id.unwrap();
    let found = only(cloud.vpc.describe_route_table_list().route_table_name("own")).await?;
    assert_eq!(found.route_table_id.as_ref(), Some(&table));
    let change = cloud.vpc.modify_route_table_attributes().route_table_id(&table);
    change.route_table_name("private").description("no way out").send().await?;
    let shown = || only(cloud.vpc.describe_route_table_list().route_table_id(&table));
    let changed = shown().await?;
    assert_eq!(changed.route_table_name.as_deref(), Some("private"));
    assert_eq!(changed.description.as_deref(), Some("no way out"));

    let bind = || cloud.vpc.associate_route_table().route_table_id(&table).vswitch_id(&vswitch);
    let unknown = bind().route_table_id("vtb-no");
    refused(unknown, ErrorClass::NotFound, "InvalidRouteTableId.NotFound").await;
    bind().send_and_wait().await?;
    assert_eq!(shown().await?.vswitch_ids, [vswitch.as_str()]);
    let bound = only(cloud.vpc.describe_vswitches().route_table_id(&table)).await?;
    assert_eq!(bound.vswitch_id.as_ref(), Some(&vswitch));
    let in_use = ErrorClass::Dependency;
    let delete = cloud.vpc.delete_vswitch().vswitch_id(&vswitch);
    refused(delete, in_use, "DependencyViolation.RouteTable").await;
    let unbind = cloud.vpc.unassociate_route_table().route_table_id(&table).vswitch_id(&vswitch);
    unbind.send_and_wait().await?;
    assert!(shown().await?.vswitch_ids.is_empty());
    let unbound = only(cloud.vpc.describe_vswitches().vswitch_id(&vswitch)).await?;
    let system = cloud.system_table(&vpc).await?;
    assert_eq!(unbound.route_table.unwrap().route_table_id, Some(system));

    cloud.vpc.delete_route_table().route_table_id(&table).send_and_wait().await?;
    cloud.vpc.delete_vswitch().vswitch_id(&vswitch).send_and_wait().await?;
    cloud.vpc.delete_vpc().vpc_id(&vpc).send_and_wait().await?;
    assert!(cloud.left().is_empty());
    Ok(())
}
