//! Two VPCs that are joined by a pair of router interfaces.

use cloudnet::vpc::describe_router_interfaces::{Filter, RouterInterface};
use cloudnet::{Error, ErrorClass};

use crate::cloud::{Cloud, only, passed, refused};

struct Side {
    vpc: String,
    router: String,
    interface: String,
}

#[tokio::test]
async fn router_interfaces_join_two_vpcs() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let [one, two] = sides(&cloud).await?;
    let connect = || cloud.vpc.connect_router_interface().router_interface_id(&one.interface);
    let (_, states) = passed(connect()).await?;
    assert_eq!(states, ["Connecting", "Active"]);
    cloud.vpc.wait_for_router_interface_active(&two.interface).await?;
    let change = cloud.vpc.modify_router_interface_attribute().router_interface_id(&two.interface);
    change.name("accepting").send_and_wait().await?;
    let shown = interface(&cloud, "Name", "accepting").await?;
    assert_eq!(shown.router_interface_id.as_ref(), Some(&two.interface));
    let shown = interface(&cloud, "RouterInterfaceId", &one.interface).await?;
    assert_eq!(shown.opposite_interface_status.as_deref(), Some("Active"));
    refused(connect(), ErrorClass::AlreadyExists, "Forbidden.OnlyOneConnection").await;

    let in_use = ErrorClass::Dependency;
    let delete = |side: &Side| cloud.vpc.delete_router_interface().router_interface_id(&side.interface);
    refused(delete(&one), ErrorClass::Precondition, "IncorrectStatus").await;
    let delete_vpc = cloud.vpc.delete_vpc().vpc_id(&one.vpc);
    refused(delete_vpc, in_use, "DependencyViolation.RouterInterface").await;
    let table = cloud.system_table(&one.vpc).await?;
    let route = cloud.vpc.create_route_entry().route_table_id(&table).destination_cidr_block("172.16.0.0/12");
    route.next_hop_type("RouterInterface").next_hop_id(&one.interface).send_and_wait().await?;
    for side in [&one, &two] {
        let stop = cloud.vpc.deactivate_router_interface().router_interface_id(&side.interface);
        let (_, states) = passed(stop).await?;
        assert_eq!(states, ["Deactivating", "Inactive"]);
    }
    refused(delete(&one), in_use, "DependencyViolation.RouterInterfaceReferedByRouteEntry").await;
    let delete_route = cloud.vpc.delete_route_entry().route_table_id(&table).next_hop_id(&one.interface);
    delete_route.destination_cidr_block("172.16.0.0/12").send_and_wait().await?;
    for side in [&one, &two] {
        delete(side).send_and_wait().await?;
        cloud.vpc.delete_vpc().vpc_id(&side.vpc).send_and_wait().await?;
    }
    refused(connect(), ErrorClass::NotFound, "InvalidRouterInterfaceId.NotFound").await;
    assert!(cloud.left().is_empty());
    Ok(())
}

/// Two VPCs with an interface each that knows the other one.
async fn sides(cloud: &Cloud) -> Result<[Side; 2], Error> {
    let mut sides = Vec::new();
    for block in ["10.0.0.0/8", "172.16.0.0/12"] {
        let vpc = cloud.vpc(block).await?;
        let router = only(cloud.vpc.describe_vpcs().vpc_id(&vpc)).await?.vrouter_id.unwrap();
        sides.push(Side { vpc, router, interface: String::new() });
    }
    let [mut one, mut two] = <[Side; 2]>::try_from(sides).ok().unwrap();
    let create = || {
        let create = cloud.vpc.create_router_interface().router_type("VRouter");
        create.opposite_router_type("VRouter").opposite_region_id("cn-hangzhou")
    };
    let initiating = create().role("InitiatingSide").spec("Mini.2");
    let made = initiating.router_id(&one.router).opposite_router_id(&two.router).send_and_wait().await?;
    one.interface = made.router_interface_id.unwrap();
    let accepting = create().role("AcceptingSide").spec("Negative");
    let made = accepting.router_id(&two.router).opposite_router_id(&one.router).send_and_wait().await?;
    two.interface = made.router_interface_id.unwrap();
    for (side, other) in [(&one, &two), (&two, &one)] {
        let change = cloud.vpc.modify_router_interface_attribute().router_interface_id(&side.interface);
        change.opposite_interface_id(&other.interface).name("peering").send_and_wait().await?;
        let shown = interface(cloud, "RouterId", &side.router).await?;
        assert_eq!(shown.opposite_interface_id.as_ref(), Some(&other.interface));
        assert_eq!(shown.vpc_instance_id.as_ref(), Some(&side.vpc));
    }
    Ok([one, two])
}

async fn interface(cloud: &Cloud, key: &str, value: &str) -> Result<RouterInterface, Error> {
    let filter = Filter::default().key(key).value([value]);
    only(cloud.vpc.describe_router_interfaces().filter([filter])).await
}
