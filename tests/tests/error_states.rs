//! What codes about states and about parents mean: which pass, which need the caller, and which say
//! nothing of the resource that goes.

use cloudnet::schema::{Action, ErrorCode};
use cloudnet::{Error, ErrorClass, dynamic, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::server::{Fault, Server};

/// What an action's tables have for a code.
fn rows(action: &str, code: &str) -> Vec<&'static ErrorCode> {
    let named = dynamic::actions("vpc").filter(|table| table.name == action);
    let known = |table: &'static Action| table.errors.iter().chain(table.observed);
    let found: Vec<_> = named.flat_map(known).filter(|row| row.code == code).collect();
    assert!(!found.is_empty(), "{action} lacks {code}");
    found
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
