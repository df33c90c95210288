//! What single rows of the error tables mean, where the code alone would say something else: which states
//! pass and which need the caller, and which codes say nothing of the resource that goes.

use cloudnet::schema::{Action, ErrorCode};
use cloudnet::{Error, ErrorClass, dynamic, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::server::{Fault, Server};

/// Every row that an action of some service has for a code.
fn rows(action: &str, code: &str) -> Vec<&'static ErrorCode> {
    let found: Vec<_> = tables(action).flat_map(known).filter(|row| row.code == code).collect();
    assert!(!found.is_empty(), "{action} lacks {code}");
    found
}

fn tables(action: &str) -> impl Iterator<Item = &'static Action> {
    dynamic::services()
        .flat_map(|service| dynamic::actions(service.name))
        .filter(move |table| table.name == action)
}

fn known(action: &'static Action) -> impl Iterator<Item = &'static ErrorCode> {
    action.errors.iter().chain(action.observed)
}

#[test]
fn a_class_follows_the_meaning() {
    use ErrorClass::{Busy, Permission, Precondition, Throttled, Unavailable};
    let judged = [
        // Too frequent calls, whatever the code is made of.
        (
            "AssociateGlobalAccelerationInstance",
            "TaskConflict.AssociateGlobalAccelerationInstance",
            Throttled,
        ),
        ("ReleaseEipAddress", "TaskConflict.AssociateGlobalAccelerationInstance", Throttled),
        ("AddCommonBandwidthPackageIp", "EipOperation.TooFrequently", Throttled),
        // States that stay until somebody acts.
        ("CancelPhysicalConnection", "Forbidden.NotAllowedInState", Precondition),
        ("DeletePhysicalConnection", "Forbidden.NotAllowedInState", Precondition),
        ("EnablePhysicalConnection", "Forbidden.NotAllowedInState", Precondition),
        ("TerminatePhysicalConnection", "Forbidden.NotAllowedInState", Precondition),
        ("DeleteGlobalAccelerationInstance", "IncorrectStatus", Precondition),
        ("DeleteGlobalAccelerationInstance", "IncorrectGlobalAccelerationInstanceIdStatus", Precondition),
        ("AssociateGlobalAccelerationInstance", "IncorrectGlobalAccelerationInstanceIdStatus", Precondition),
        (
            "UnassociateGlobalAccelerationInstance",
            "IncorrectGlobalAccelerationInstanceIdStatus",
            Precondition,
        ),
        // The instance is bound, but not as the call asks.
        ("AssociateEipAddress", "InvalidAssociation.Duplicated", Precondition),
        ("AssociateGlobalAccelerationInstance", "InvalidAssociation.Duplicated", Precondition),
        ("ModifyForwardEntry", "Forbidden.Already.Bounded", Precondition),
        // The address exists, but not at the NAT gateway.
        ("CreateSnatEntry", "InvalidSnatIp.NotFound", Precondition),
        ("CreateSnatEntry", "EIP_NOT_IN_GATEWAY", Precondition),
        ("CreateForwardEntry", "InvalidIp.NotInNatgw", Precondition),
        // Checks that lag behind the binding of an EIP.
        ("CreateSnatEntry", "OperationUnsupported.EipInBinding", Busy),
        ("CreateSnatEntry", "OperationUnsupported.EipNatBWPCheck", Busy),
        ("CreateSnatEntry", "OperationUnsupported.EipNatGWCheck", Busy),
        ("AssociateEipAddress", "IncorrectEipStatus", Busy),
        ("ReleaseEipAddress", "IncorrectEipStatus", Busy),
        ("CreateNatGateway", "ZONE_NO_AVAILABLE_IP", Unavailable),
        ("CreateBandwidthPackage", "ZONE_NO_AVAILABLE_IP", Unavailable),
        ("CreateSnatEntry", "NOT_ALLOW_USE_SOURCECIDR", Permission),
    ];
    for (action, code, class) in judged {
        for row in rows(action, code) {
            assert_eq!(row.class, class, "{action} {code}");
        }
    }
}

#[tokio::test]
async fn a_missing_parent_is_no_success_of_a_delete() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let refuse = |code: &str| {
        server
            .fault_next(Fault::answer(404, format!(r#"{{"Code":"{code}","Message":"m","RequestId":"r"}}"#)));
    };
    let snat = || client.delete_snat_entry().snat_table_id("stb-1").snat_entry_id("snat-1");
    refuse("InvalidSnatTableId.NotFound");
    assert_eq!(failed(snat().send_and_wait().await).code(), Some("InvalidSnatTableId.NotFound"));
    refuse("InvalidSnatEntryId.NotFound");
    snat().send_and_wait().await?;

    let forward = || client.delete_forward_entry().forward_table_id("ftb-1").forward_entry_id("fwd-1");
    refuse("InvalidForwardTableId.NotFound");
    assert_eq!(failed(forward().send_and_wait().await).code(), Some("InvalidForwardTableId.NotFound"));
    refuse("InvalidForwardEntryId.NotFound");
    forward().send_and_wait().await?;

    let remove =
        || client.remove_common_bandwidth_package_ip().bandwidth_package_id("cbwp-1").ip_instance_id("eip-1");
    refuse("InvalidBandwidthPackageId.NotFound");
    assert_eq!(failed(remove().send_and_wait().await).code(), Some("InvalidBandwidthPackageId.NotFound"));
    refuse("OperationUnsupported.IpNotInCbwp");
    remove().send_and_wait().await?;
    Ok(())
}

#[test]
fn gone_is_about_the_resource_of_the_action() {
    let neighbours = [
        ("DeleteVpnRouteEntry", "InvalidVpnGatewayInstanceId.NotFound"),
        ("DeleteVpnPbrRouteEntry", "InvalidVpnGatewayInstanceId.NotFound"),
        ("DescribeSnatTableEntries", "InvalidSnatTableId.NotFound"),
        ("DescribeForwardTableEntries", "InvalidForwardTableId.NotFound"),
        ("ModifySnatEntry", "InvalidSnatTableId.NotFound"),
        ("ModifyForwardEntry", "InvalidForwardTableId.NotFound"),
        ("UnassociateEipAddress", "InvalidInstanceId.NotFound"),
        ("UnassociateGlobalAccelerationInstance", "InvalidGlobalAccelerationInstanceId.NotFound"),
        ("RemoveGlobalAccelerationInstanceIp", "InvalidBandwidthPackageId.NotFound"),
        ("DescribeServerRelatedGlobalAccelerationInstances", "InvalidBackendServerId.NotFound"),
        ("DescribeEipMonitorData", "InvalidInstanceId.NotFound"),
    ];
    for (action, code) in neighbours {
        assert!(rows(action, code).iter().all(|row| !row.gone), "{action} {code}");
    }
    let own = [
        ("DescribeSnatTableEntries", "InvalidSnatEntryId.NotFound"),
        ("ReleaseEipAddress", "InvalidAllocationId.NotFound"),
        ("DeleteVpnRouteEntry", "InvalidRouteEntry.NotFound"),
        ("DeleteVpnGateway", "InvalidVpnGatewayInstanceId.NotFound"),
    ];
    for (action, code) in own {
        assert!(rows(action, code).iter().all(|row| row.gone), "{action} {code}");
    }
}

#[test]
fn what_makes_or_binds_has_nothing_that_could_be_away() {
    let actions = [
        "AddCommonBandwidthPackageIp",
        "AddGlobalAccelerationInstanceIp",
        "AssociateEipAddress",
        "AssociateGlobalAccelerationInstance",
        "CreateBandwidthPackage",
        "CreateCustomRoutingEndpointGroup",
        "CreateCustomRoutingEndpointGroupDestinations",
        "CreateEndpointGroup",
        "CreateForwardEntry",
        "CreateNatGateway",
        "CreatePhysicalConnection",
        "CreatePhysicalConnectionOccupancyOrder",
        "CreateSnatEntry",
        "CreateSslVpnServer",
        "CreateVpcEndpointService",
        "CreateVpnConnection",
        "CreateVpnRouteEntry",
    ];
    for action in actions {
        let missing: Vec<_> =
            tables(action).flat_map(known).filter(|row| row.class == ErrorClass::NotFound).collect();
        assert!(!missing.is_empty(), "{action}");
        for row in missing {
            assert!(!row.gone, "{action} {}", row.code);
        }
    }
}

#[test]
fn a_state_that_the_caller_ends_is_a_precondition() {
    for (action, code) in [
        ("ActivateRouterInterface", "IncorrectStatus"),
        ("DeactivateRouterInterface", "IncorrectStatus"),
        ("DeleteRouterInterface", "IncorrectStatus"),
        ("ModifyRouterInterfaceSpec", "InvalidInstance.StatusError"),
        ("DeleteVirtualBorderRouter", "InvalidOperation.OperationNotAllowedInState"),
        ("RecoverVirtualBorderRouter", "InvalidOperation.OperationNotAllowedInState"),
        ("RecoverVirtualBorderRouter", "OperationFailed.VlanIdAlreadyInUse"),
        ("TerminateVirtualBorderRouter", "InvalidOperation.OperationNotAllowedInState"),
        ("AssociatePhysicalConnectionToVirtualBorderRouter", "InvalidOperation.OperationNotAllowedInState"),
        ("AssociatePhysicalConnectionToVirtualBorderRouter", "InvalidStatus.NotAllowed"),
        ("UnassociatePhysicalConnectionFromVirtualBorderRouter", "InvalidStatus.NotAllowed"),
        ("AssociateRouteTable", "OperationDenied.Ipv4GatewayNotActive"),
        ("UnassociateRouteTable", "OperationDenied.Ipv4GatewayNotActive"),
    ] {
        for row in rows(action, code) {
            assert_eq!(row.class, ErrorClass::Precondition, "{action} {code}");
        }
    }
}

#[test]
fn a_state_that_passes_is_busy() {
    for (action, code) in [
        ("CreateVSwitch", "IncorrectVSwitchStatus"),
        ("CreateVSwitch", "IncorrectRouteEntryStatus"),
        ("DeleteVSwitch", "IncorrectStatus"),
        ("DeleteVSwitch", "DependencyViolation"),
        ("ModifyVpcAttribute", "IncorrectVpcStatus"),
        ("CreateRouteEntry", "IncorrectHaVipStatus"),
        ("CreateRouteEntry", "IncorrectInstanceStatus"),
        ("AssociateRouteTable", "IncorrectStatus.Ipv4Gateway"),
        ("CreateRouterInterface", "RI_CREATE_ONE_LIMIT_BY_SYNC"),
        ("DeleteBgpPeer", "InvalidStatus.CannotOperate"),
    ] {
        for row in rows(action, code) {
            assert_eq!(row.class, ErrorClass::Busy, "{action} {code}");
        }
    }
}

#[test]
fn a_class_follows_the_text_and_not_the_suffix() {
    use ErrorClass::{Internal, InvalidParameter, Permission};
    for (action, code, class) in [
        ("CreateVpc", "InvalidUserCidr.Quota", InvalidParameter),
        ("ModifyVpcAttribute", "InvalidUserCidr.Quota", InvalidParameter),
        ("CreateVirtualBorderRouter", "InvalidVbrOwnerId.NotFound", InvalidParameter),
        ("AssociatePhysicalConnectionToVirtualBorderRouter", "InvalidVbrOwnerId.NotFound", InvalidParameter),
        ("CreateRouteEntry", "InvalidEntryRuleQuota.NotFound", Internal),
        (
            "DescribeVirtualBorderRoutersForPhysicalConnection",
            "InvalidPhysicalConnectionId.NotFound",
            Permission,
        ),
    ] {
        for row in rows(action, code) {
            assert_eq!(row.class, class, "{action} {code}");
            assert!(!row.gone, "{action} {code}");
        }
    }
}

#[test]
fn a_parent_that_is_not_found_says_nothing_of_what_is_below_it() {
    for (action, code) in [
        ("DescribeRouteEntryList", "InvalidRouteTable.NotFound"),
        ("DescribeVSwitches", "Forbidden.VpcNotFound"),
        ("UnassociateRouteTable", "InvalidRouteTableId.NotFound"),
        ("RevokeInstanceFromCen", "InvalidInstanceId.NotFound"),
        ("UnassociatePhysicalConnectionFromVirtualBorderRouter", "InvalidVbrId.NotFound"),
        ("DeleteBgpPeer", "InvalidBgpGroup"),
        ("CreateVSwitch", "InvalidVpcId.NotFound"),
    ] {
        assert!(rows(action, code).iter().all(|row| !row.gone), "{action} {code}");
    }
    for (action, code) in [
        ("DeleteVpc", "Forbidden.VpcNotFound"),
        ("DeleteBgpGroup", "InvalidBgpGroup"),
        ("DeleteRouterInterface", "InvalidInstanceId.NotFound"),
        ("UnassociatePhysicalConnectionFromVirtualBorderRouter", "PHYSICAL_NOT_ASSOCIATE_TO_VBR"),
    ] {
        assert!(rows(action, code).iter().all(|row| row.gone), "{action} {code}");
    }
}

#[tokio::test]
async fn a_mistyped_route_table_is_no_deleted_entry() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let delete = || client.delete_route_entry().route_table_id("vtb-1").route_entry_id("rte-1");
    server.fault_next(Fault::code(404, "InvalidRouteTableId.NotFound"));
    assert_eq!(failed(delete().send_and_wait().await).code(), Some("InvalidRouteTableId.NotFound"));
    server.fault_next(Fault::code(400, "InvalidRouteEntry.NotFound"));
    delete().send_and_wait().await?;
    Ok(())
}

#[tokio::test]
async fn a_call_is_not_repeated_for_a_state_that_stays() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    server.fault_always(Some(Fault::code(400, "IncorrectStatus")));
    let activate = client.activate_router_interface().region_id("cn-hangzhou").router_interface_id("ri-1");
    assert_eq!(failed(activate.send().await).class(), ErrorClass::Precondition);
    assert_eq!(server.requests(), 1);
    Ok(())
}
