//! A line from the office, a border router on it, and what BGP tells over it.

use cloudnet::vpc::apply_physical_connection_loa::PMInfo;
use cloudnet::vpc::{describe_physical_connections, describe_virtual_border_routers};
use cloudnet::{Error, ErrorClass, Request, vpc};

use crate::cloud::{Cloud, only, passed, refused};

#[tokio::test]
async fn a_physical_connection_and_a_border_router_with_bgp() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let line = enabled_line(&cloud).await?;
    let (made, states) = passed(border_router(&cloud, &line).name("border")).await?;
    assert_eq!(states, ["Initial", "active"]);
    let router = made.vbr_id.unwrap();
    let in_use = ErrorClass::AlreadyExists;
    refused(border_router(&cloud, &line), in_use, "InvalidVlanId.Used").await;
    let change = cloud.vpc.modify_virtual_border_router_attribute().vbr_id(&router);
    change.description("to the office").send_and_wait().await?;
    let filter =
        describe_virtual_border_routers::Filter::default().key("PhysicalConnectionId").value([&*line]);
    let shown = only(cloud.vpc.describe_virtual_border_routers().filter([filter])).await?;
    assert_eq!((shown.vbr_id.as_ref(), shown.vlan_id), (Some(&router), Some(100)));
    assert_eq!(shown.description.as_deref(), Some("to the office"));

    bgp(&cloud, &router).await?;
    take_down(&cloud, &line, &router).await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

fn border_router(cloud: &Cloud, line: &str) -> Request<vpc::CreateVirtualBorderRouter> {
    let create = cloud.vpc.create_virtual_border_router().physical_connection_id(line).vlan_id("100");
    let create = create.local_gateway_ip("10.0.0.1").peer_gateway_ip("10.0.0.2");
    create.peering_subnet_mask("255.255.255.252")
}

/// A line that has been ordered, laid and paid for.
async fn enabled_line(cloud: &Cloud) -> Result<String, Error> {
    let order = cloud.vpc.create_physical_connection().access_point_id("ap-cn-hangzhou-yh-E").name("line");
    let order = order.line_operator("CT").peer_location("Hangzhou").bandwidth(100);
    let (made, states) = passed(order).await?;
    assert_eq!(states, ["Initial", "Allocated"]);
    let line = made.physical_connection_id.unwrap();
    let filter = || describe_physical_connections::Filter::default().key("Name").value(["line"]);
    let shown = || only(cloud.vpc.describe_physical_connections().filter([filter()]));
    assert_eq!(shown().await?.physical_connection_id.as_ref(), Some(&line));

    let early = ErrorClass::Precondition;
    let enable = || cloud.vpc.enable_physical_connection().physical_connection_id(&line);
    refused(border_router(cloud, &line), early, "InvalidPhysicalConnectionId.NotEnabled").await;
    refused(enable(), early, "Forbidden.NotAllowedInState").await;
    let worker = PMInfo::default().pm_name("Li").pm_gender("Female").pm_contact_info("13900001234");
    let worker = worker.pm_certificate_type("IDCard").pm_certificate_no("1");
    let apply = cloud.vpc.apply_physical_connection_loa().instance_id(&line).company_name("Example");
    let apply = apply.construction_time("2026-03-01T00:00:00Z").line_type("FIBRE").pm_info([worker]);
    apply.peer_location("Hangzhou").si("Example Lines").send().await?;
    let complete = cloud.vpc.complete_physical_connection_loa().instance_id(&line);
    complete.line_code("1").line_label("one").send().await?;
    let letter = cloud.vpc.describe_physical_connection_loa().instance_id(&line).send().await?;
    let letter = letter.physical_connection_loa_type.unwrap();
    assert_eq!((letter.company_name.as_deref(), letter.line_code.as_deref()), (Some("Example"), Some("1")));
    // It stays allocated for two looks more.
    for state in ["Allocated", "Allocated", "Confirmed"] {
        assert_eq!(shown().await?.status.unwrap().as_str(), state);
    }
    let (_, states) = passed(enable()).await?;
    assert_eq!(states, ["Confirmed", "Enabled"]);
    let work = cloud.vpc.complete_physical_connection_loa().instance_id(&line).line_code("2");
    work.finish_work(false).send().await?;
    assert_eq!(shown().await?.status.unwrap().as_str(), "Enabled");
    Ok(line)
}

async fn bgp(cloud: &Cloud, router: &str) -> Result<(), Error> {
    let create = cloud.vpc.create_bgp_group().router_id(router).peer_asn("65000").name("office");
    let (made, states) = passed(create).await?;
    assert_eq!(states, ["Pending", "Available"]);
    let group = made.bgp_group_id.unwrap();
    let create = cloud.vpc.create_bgp_peer().bgp_group_id(&group).peer_ip_address("10.0.0.2");
    let peer = create.send_and_wait().await?.bgp_peer_id.unwrap();
    let shown = only(cloud.vpc.describe_bgp_peers().bgp_group_id(&group)).await?;
    assert_eq!((shown.bgp_peer_id.as_ref(), shown.peer_asn.as_deref()), (Some(&peer), Some("65000")));
    let add = || cloud.vpc.add_bgp_network().router_id(router).dst_cidr_block("192.168.0.0/16");
    add().send_and_wait().await?;
    refused(add(), ErrorClass::AlreadyExists, "InvalidParams.AlreadyExists").await;
    let change = cloud.vpc.modify_bgp_group_attribute().bgp_group_id(&group).name("branch");
    change.send_and_wait().await?;
    let shown = only(cloud.vpc.describe_bgp_groups().router_id(router)).await?;
    assert_eq!(shown.name.as_deref(), Some("branch"));

    let in_use = ErrorClass::Dependency;
    let delete = || cloud.vpc.delete_bgp_group().bgp_group_id(&group);
    refused(delete(), in_use, "DependencyViolation.BgpPeer").await;
    let delete_router = cloud.vpc.delete_virtual_border_router().vbr_id(router);
    refused(delete_router, in_use, "DependencyViolation.BgpGroup").await;
    let delete_network = cloud.vpc.delete_bgp_network().router_id(router);
    delete_network.dst_cidr_block("192.168.0.0/16").send_and_wait().await?;
    cloud.vpc.delete_bgp_peer().bgp_peer_id(&peer).send_and_wait().await?;
    delete().send_and_wait().await?;
    Ok(())
}

async fn take_down(cloud: &Cloud, line: &str, router: &str) -> Result<(), Error> {
    let not_now = ErrorClass::Precondition;
    let terminate = || cloud.vpc.terminate_virtual_border_router().vbr_id(router);
    let (_, states) = passed(terminate()).await?;
    assert_eq!(states, ["terminated"]);
    refused(terminate(), not_now, "InvalidOperation.OperationNotAllowedInState").await;
    let (_, states) = passed(cloud.vpc.recover_virtual_border_router().vbr_id(router)).await?;
    assert_eq!(states, ["Recovering", "active"]);

    let delete_line = || cloud.vpc.delete_physical_connection().physical_connection_id(line);
    refused(delete_line(), not_now, "Forbidden.NotAllowedInState").await;
    let stop = cloud.vpc.terminate_physical_connection().physical_connection_id(line);
    let (_, states) = passed(stop).await?;
    assert_eq!(states, ["Terminating", "Terminated"]);
    refused(delete_line(), ErrorClass::Dependency, "Forbidden.VBRExists").await;
    let delete = || cloud.vpc.delete_virtual_border_router().vbr_id(router);
    delete().send_and_wait().await?;
    refused(delete(), ErrorClass::NotFound, "InvalidVbrId.NotFound").await;
    delete_line().send().await?;
    cloud.vpc.wait_for_physical_connection_gone(line).await?;
    Ok(())
}
