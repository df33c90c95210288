"""Fourteen stories of what people do with a network, each told by the vendors' clients to the emulator."""

import json
import subprocess
import sys
import urllib.request
from importlib.metadata import version

from clients import Acs3, Refused, SigV4, V1
from story import Failed, Story, at, holds

ZONE = "cn-hangzhou-b"


def vpc_and_vswitches(cloud):
    create = {"VpcName": "prod", "CidrBlock": "10.0.0.0/8", "ClientToken": "token-1"}
    vpc = cloud.call("CreateVpc", **create)["VpcId"]
    holds(cloud.call("CreateVpc", **create), {"VpcId": vpc})
    cloud.refused("IdempotentParameterMismatch", 400, "CreateVpc", **{**create, "VpcName": "test"})
    cloud.settles(["Pending", "Available"], "Vpc", VpcId=vpc)
    other = new_vpc(cloud, "172.16.0.0/12")
    cloud.shows({"VpcId": vpc, "CidrBlock": "10.0.0.0/8"}, "Vpc", VpcName="prod")

    vswitch = new_vswitch(cloud, vpc, "10.1.0.0/16")
    place = {"VpcId": vpc, "ZoneId": ZONE}
    cloud.refused("InvalidCidrBlock.Overlapped", 400, "CreateVSwitch", CidrBlock="10.1.2.0/24", **place)
    cloud.refused("InvalidParameter", 400, "CreateVSwitch", CidrBlock="192.168.0.0/24", **place)
    cloud.refused("InvalidVpcId.NotFound", 404, "CreateVSwitch", CidrBlock="10.2.0.0/24", VpcId="vpc-no", ZoneId=ZONE)
    cloud.shows({"CidrBlock": "10.1.0.0/16", "VpcId": vpc}, "VSwitch", VpcId=vpc)
    cloud.call("ModifyVSwitchAttribute", VSwitchId=vswitch, VSwitchName="front", Description="first")
    cloud.settles(["Pending", "Available"], "VSwitch", VSwitchId=vswitch)
    cloud.shows({"VSwitchName": "front", "Description": "first"}, "VSwitch", VSwitchId=vswitch)

    table = at(cloud.row("Vpc", VpcId=vpc), "RouterTableIds.RouterTableIds")[0]
    route = {"RouteTableId": table, "DestinationCidrBlock": "192.168.0.0/16"}
    hop = {"NextHopId": "i-bp1j4i2jdf3owlhe", "NextHopType": "Instance"}
    cloud.call("CreateRouteEntry", **route, **hop)
    cloud.settles(["Pending", "Available"], "RouteEntry", **route)
    cloud.refused("InvalidCIDRBlock.Duplicate", 400, "CreateRouteEntry", **route, **hop)
    entry = cloud.row("RouteEntry", RouteTableId=table, RouteEntryType="Custom")
    cloud.call("ModifyRouteEntry", RouteEntryId=entry["RouteEntryId"], RouteEntryName="home")
    cloud.shows({"RouteEntryName": "home"}, "RouteEntry", **route)

    cloud.call("ModifyVpcAttribute", VpcId=vpc, VpcName="live", Description="all of it")
    cloud.settles(["Pending", "Available"], "Vpc", VpcId=vpc)
    holds(cloud.call("DescribeVpcAttribute", VpcId=vpc), {"VpcName": "live", "Description": "all of it"})
    if cloud.rows("Vpc", VpcName="prod"):
        raise Failed("the old name is still found")
    cloud.call("DeleteRouteEntry", NextHopId=hop["NextHopId"], **route)
    cloud.gone("RouteEntry", **route)
    drop_vswitch(cloud, vswitch)
    drop_vpc(cloud, vpc)
    drop_vpc(cloud, other)
    cloud.refused("InvalidVpcId.NotFound", 404, "DeleteVpc", VpcId=vpc)


def refused_while_in_use(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    vswitch = new_vswitch(cloud, vpc, "10.1.0.0/16")
    cloud.refused("DependencyViolation.VSwitch", 400, "DeleteVpc", VpcId=vpc)
    nat = new_nat(cloud, vpc, vswitch)
    eip, _ = new_eip(cloud)
    bind(cloud, eip, nat)
    cloud.refused("DependencyViolation.NatGateway", 400, "DeleteVpc", VpcId=vpc)
    cloud.refused("DependencyViolation.EnhancedNatgw", 400, "DeleteVSwitch", VSwitchId=vswitch)
    cloud.refused("DependencyViolation.EIPS", 400, "DeleteNatGateway", NatGatewayId=nat)
    cloud.refused("IncorrectEipStatus", 400, "ReleaseEipAddress", AllocationId=eip)
    unbind(cloud, eip, nat)
    drop_nat(cloud, nat)
    drop_vswitch(cloud, vswitch)

    table = at(cloud.row("Vpc", VpcId=vpc), "RouterTableIds.RouterTableIds")[0]
    route = {"RouteTableId": table, "DestinationCidrBlock": "192.168.0.0/16", "NextHopId": "i-bp1j4i2jdf3owlhe"}
    cloud.call("CreateRouteEntry", NextHopType="Instance", **route)
    cloud.refused("DependencyViolation.RouteEntry", 400, "DeleteVpc", VpcId=vpc)
    cloud.settles(["Pending", "Available"], "RouteEntry", **route, NextHopType="Instance")
    cloud.call("DeleteRouteEntry", **route)
    cloud.gone("RouteEntry", RouteTableId=table, DestinationCidrBlock="192.168.0.0/16")
    drop_vpc(cloud, vpc)
    drop_eip(cloud, eip)


def nat_gateway_with_snat(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    vswitch = new_vswitch(cloud, vpc, "10.1.0.0/16")
    nat = new_nat(cloud, vpc, vswitch)
    (one, address), (two, other) = new_eip(cloud), new_eip(cloud)
    bind(cloud, one, nat)
    bind(cloud, two, nat)
    cloud.shows({"IpLists.IpList.IpAddress": [address, other], "VpcId": vpc}, "NatGateway", Name="way-out")

    table = at(cloud.row("NatGateway", NatGatewayId=nat), "SnatTableIds.SnatTableId")[0]
    create = {"SnatTableId": table, "SnatIp": address, "SourceVSwitchId": vswitch}
    entry = cloud.call("CreateSnatEntry", **create)["SnatEntryId"]
    key = {"SnatTableId": table, "SnatEntryId": entry}
    cloud.settles(["Pending", "Available"], "SnatEntry", **key)
    cloud.shows({"SnatIp": address, "SourceCIDR": "10.1.0.0/16"}, "SnatEntry", **key)
    cloud.refused("Forbidden.SourceVSwitchId.Duplicated", 400, "CreateSnatEntry", **create)
    cloud.refused("InvalidSnatTableId.NotFound", 404, "CreateSnatEntry", **{**create, "SnatTableId": "stb-no"})
    cloud.refused("DependencyViolation.EnhancedNatgw", 400, "DeleteVSwitch", VSwitchId=vswitch)
    cloud.call("ModifySnatEntry", SnatIp=other, **key)
    cloud.settles(["Modifying", "Available"], "SnatEntry", **key)
    cloud.shows({"SnatIp": other}, "SnatEntry", **key)

    cloud.call("ModifyNatGatewayAttribute", NatGatewayId=nat, Name="exit", Description="for all")
    cloud.settles(["Pending", "Available"], "NatGateway", NatGatewayId=nat)
    cloud.shows({"Name": "exit", "Description": "for all"}, "NatGateway", NatGatewayId=nat)
    cloud.call("DeleteSnatEntry", **key)
    cloud.gone("SnatEntry", **key)
    for eip in (one, two):
        unbind(cloud, eip, nat)
        drop_eip(cloud, eip)
    drop_nat(cloud, nat)
    cloud.refused("InvalidNatGatewayId.NotFound", 404, "DeleteNatGateway", NatGatewayId=nat)
    drop_vswitch(cloud, vswitch)
    drop_vpc(cloud, vpc)


def dnat(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    vswitch = new_vswitch(cloud, vpc, "10.1.0.0/16")
    nat = new_nat(cloud, vpc, vswitch)
    eip, address = new_eip(cloud)
    table = at(cloud.row("NatGateway", NatGatewayId=nat), "ForwardTableIds.ForwardTableId")[0]
    create = {
        "ForwardTableId": table,
        "ExternalIp": address,
        "ExternalPort": "443",
        "InternalIp": "10.1.0.10",
        "InternalPort": "8443",
        "IpProtocol": "TCP",
    }
    cloud.refused("InvalidIp.NotInNatgw", 400, "CreateForwardEntry", **create)
    bind(cloud, eip, nat)
    outside = {**create, "InternalIp": "192.168.0.10"}
    cloud.refused("Forbidden.InternalIpOutOfVpcCIDR", 400, "CreateForwardEntry", **outside)
    cloud.refused("InvalidProtocal.ValueNotSupported", 400, "CreateForwardEntry", **{**create, "IpProtocol": "SCTP"})
    entry = cloud.call("CreateForwardEntry", **create)["ForwardEntryId"]
    key = {"ForwardTableId": table, "ForwardEntryId": entry}
    cloud.settles(["Pending", "Available"], "ForwardEntry", **key)
    cloud.shows(create, "ForwardEntry", **key)
    cloud.call("ModifyForwardEntry", InternalPort="9443", **key)
    cloud.refused("IncorretForwardEntryStatus", 400, "ModifyForwardEntry", InternalPort="9444", **key)
    cloud.settles(["Modifying", "Available"], "ForwardEntry", **key)
    cloud.shows({**create, "InternalPort": "9443"}, "ForwardEntry", **key)
    cloud.call("DeleteForwardEntry", **key)
    cloud.gone("ForwardEntry", **key)
    cloud.refused("InvalidForwardEntryId.NotFound", 404, "DeleteForwardEntry", **key)
    unbind(cloud, eip, nat)
    drop_eip(cloud, eip)
    drop_nat(cloud, nat)
    drop_vswitch(cloud, vswitch)
    drop_vpc(cloud, vpc)


def shared_bandwidth(cloud):
    package = cloud.call("CreateCommonBandwidthPackage", Bandwidth=10, Name="pipe")["BandwidthPackageId"]
    other = cloud.call("CreateCommonBandwidthPackage", Bandwidth=5, Name="straw")["BandwidthPackageId"]
    key = {"BandwidthPackageId": package}
    cloud.settles(["Available"], "Bandwidth", **key)
    cloud.shows({"BandwidthPackageId": package, "Bandwidth": 10}, "Bandwidth", Name="pipe")
    eip, address = new_eip(cloud)
    cloud.call("AddCommonBandwidthPackageIp", IpInstanceId=eip, **key)
    cloud.shows({"PublicIpAddresses.PublicIpAddresse.IpAddress": [address]}, "Bandwidth", **key)
    cloud.shows({"BandwidthPackageId": package}, "Eip", AllocationId=eip)
    cloud.call("ModifyCommonBandwidthPackageSpec", Bandwidth="20", **key)
    cloud.call("ModifyCommonBandwidthPackageAttribute", Name="wide", Description="for two", **key)
    cloud.settles(["Available"], "Bandwidth", **key)
    cloud.shows({"Bandwidth": 20, "Name": "wide", "Description": "for two"}, "Bandwidth", **key)
    change = {"BandwidthPackageId": "cbwp-no", "Name": "none"}
    cloud.refused("InvalidBandwidthPackageId.NotFound", 404, "ModifyCommonBandwidthPackageAttribute", **change)
    cloud.call("RemoveCommonBandwidthPackageIp", IpInstanceId=eip, **key)
    cloud.shows({"PublicIpAddresses.PublicIpAddresse": []}, "Bandwidth", **key)
    cloud.refused("OperationUnsupported.IpNotInCbwp", 404, "RemoveCommonBandwidthPackageIp", IpInstanceId=eip, **key)
    for made in (package, other):
        cloud.call("DeleteCommonBandwidthPackage", BandwidthPackageId=made)
        cloud.gone("Bandwidth", BandwidthPackageId=made)
    drop_eip(cloud, eip)


def eip_through_all_states(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    vswitch = new_vswitch(cloud, vpc, "10.1.0.0/16")
    nat = new_nat(cloud, vpc, vswitch)
    made = cloud.call("AllocateEipAddress", Bandwidth="5")
    eip, key = made["AllocationId"], {"AllocationId": made["AllocationId"]}
    cloud.settles(["Available"], "Eip", **key)
    cloud.shows({"AllocationId": eip, "Bandwidth": "5"}, "Eip", EipAddress=made["EipAddress"])
    cloud.call("ModifyEipAddressAttribute", Bandwidth="10", Name="door", **key)
    cloud.settles(["Available"], "Eip", **key)
    cloud.shows({"Bandwidth": "10", "Name": "door"}, "Eip", **key)

    to = {"InstanceId": nat, "InstanceType": "Nat"}
    cloud.call("AssociateEipAddress", **key, **to)
    cloud.refused("IncorrectEipStatus", 400, "AssociateEipAddress", **key, **to)
    cloud.refused("IncorrectEipStatus", 400, "UnassociateEipAddress", **key, **to)
    cloud.settles(["Associating", "InUse"], "Eip", **key)
    cloud.shows({"AllocationId": eip, **to}, "Eip", Status="InUse")
    cloud.shows({"AllocationId": eip}, "Eip", AssociatedInstanceType="Nat", AssociatedInstanceId=nat)
    cloud.refused("IncorrectEipStatus", 400, "ReleaseEipAddress", **key)
    cloud.call("ModifyEipAddressAttribute", Name="gate", **key)
    cloud.settles(["InUse"], "Eip", **key)
    cloud.call("UnassociateEipAddress", **key, **to)
    cloud.refused("IncorrectEipStatus", 400, "ReleaseEipAddress", **key)
    cloud.settles(["Unassociating", "Available"], "Eip", **key)
    cloud.call("ReleaseEipAddress", **key)
    cloud.shows({"Status": "Releasing"}, "Eip", **key)
    cloud.gone("Eip", **key)
    cloud.refused("InvalidAllocationId.NotFound", 404, "ReleaseEipAddress", **key)
    drop_nat(cloud, nat)
    drop_vswitch(cloud, vswitch)
    drop_vpc(cloud, vpc)


def route_table_bound_and_unbound(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    vswitch = new_vswitch(cloud, vpc, "10.1.0.0/16")
    system = at(cloud.row("VSwitch", VSwitchId=vswitch), "RouteTable.RouteTableId")
    table = cloud.call("CreateRouteTable", VpcId=vpc, RouteTableName="own")["RouteTableId"]
    key, pair = {"RouteTableId": table}, {"RouteTableId": table, "VSwitchId": vswitch}
    cloud.settles(["Available"], "RouteTable", **key)
    cloud.shows({"RouteTableId": table, "RouteTableType": "Custom"}, "RouteTable", RouteTableName="own")
    cloud.call("ModifyRouteTableAttributes", RouteTableName="private", Description="no way out", **key)
    cloud.shows({"RouteTableName": "private", "Description": "no way out"}, "RouteTable", **key)

    unknown = {**pair, "RouteTableId": "vtb-no"}
    cloud.refused("InvalidRouteTableId.NotFound", 404, "AssociateRouteTable", **unknown)
    cloud.call("AssociateRouteTable", **pair)
    cloud.shows({"VSwitchIds.VSwitchId": [vswitch]}, "RouteTable", **key)
    cloud.shows({"RouteTable.RouteTableId": table}, "VSwitch", VSwitchId=vswitch)
    cloud.shows({"VSwitchId": vswitch}, "VSwitch", RouteTableId=table)
    cloud.refused("DependencyViolation.RouteTable", 400, "DeleteVSwitch", VSwitchId=vswitch)
    cloud.call("UnassociateRouteTable", **pair)
    cloud.shows({"VSwitchIds.VSwitchId": []}, "RouteTable", **key)
    cloud.shows({"RouteTable.RouteTableId": system}, "VSwitch", VSwitchId=vswitch)

    route = {"RouteTableId": table, "DestinationCidrBlock": "192.168.0.0/16", "NextHopId": "i-bp1j4i2jdf3owlhe"}
    cloud.call("CreateRouteEntry", NextHopType="Instance", **route)
    cloud.settles(["Pending", "Available"], "RouteEntry", RouteEntryType="Custom", **key)
    cloud.refused("DependencyViolation.RouteEntry", 400, "DeleteRouteTable", **key)
    cloud.call("DeleteRouteEntry", **route)
    cloud.gone("RouteEntry", RouteEntryType="Custom", **key)
    cloud.call("DeleteRouteTable", **key)
    cloud.gone("RouteTable", **key)
    drop_vswitch(cloud, vswitch)
    drop_vpc(cloud, vpc)


def router_interfaces_of_two_vpcs(cloud):
    vpcs = [new_vpc(cloud, "10.0.0.0/8"), new_vpc(cloud, "172.16.0.0/12")]
    routers = [cloud.row("Vpc", VpcId=vpc)["VRouterId"] for vpc in vpcs]
    common = {"OppositeRegionId": "cn-hangzhou", "RouterType": "VRouter", "OppositeRouterType": "VRouter"}
    roles = [("InitiatingSide", "Mini.2"), ("AcceptingSide", "Negative")]
    ends = []
    for router, opposite, (role, spec) in zip(routers, reversed(routers), roles):
        made = cloud.call(
            "CreateRouterInterface", RouterId=router, OppositeRouterId=opposite, Role=role, Spec=spec, **common
        )
        ends.append(made["RouterInterfaceId"])
        cloud.settles(["Idle"], "RouterInterface", RouterInterfaceId=ends[-1])
    one, two = ends
    for end, opposite in ((one, two), (two, one)):
        change = {"OppositeInterfaceId": opposite, "Name": "peering"}
        cloud.call("ModifyRouterInterfaceAttribute", RouterInterfaceId=end, **change)
        cloud.shows(change, "RouterInterface", RouterInterfaceId=end)
    cloud.shows({"RouterInterfaceId": one, "VpcInstanceId": vpcs[0]}, "RouterInterface", RouterId=routers[0])

    cloud.call("ConnectRouterInterface", RouterInterfaceId=one)
    for end in ends:
        cloud.settles(["Connecting", "Active"], "RouterInterface", RouterInterfaceId=end)
    cloud.call("ModifyRouterInterfaceAttribute", RouterInterfaceId=two, Name="accepting")
    cloud.settles(["Active"], "RouterInterface", Name="accepting")
    cloud.shows({"OppositeInterfaceStatus": "Active"}, "RouterInterface", RouterInterfaceId=one)
    cloud.refused("Forbidden.OnlyOneConnection", 400, "ConnectRouterInterface", RouterInterfaceId=one)
    cloud.refused("IncorrectStatus", 400, "DeleteRouterInterface", RouterInterfaceId=one)
    cloud.refused("DependencyViolation.RouterInterface", 400, "DeleteVpc", VpcId=vpcs[0])

    table = at(cloud.row("Vpc", VpcId=vpcs[0]), "RouterTableIds.RouterTableIds")[0]
    route = {"RouteTableId": table, "DestinationCidrBlock": "172.16.0.0/12"}
    cloud.call("CreateRouteEntry", NextHopType="RouterInterface", NextHopId=one, **route)
    cloud.settles(["Pending", "Available"], "RouteEntry", **route)
    for end in ends:
        cloud.call("DeactivateRouterInterface", RouterInterfaceId=end)
        cloud.settles(["Deactivating", "Inactive"], "RouterInterface", RouterInterfaceId=end)
    in_use = "DependencyViolation.RouterInterfaceReferedByRouteEntry"
    cloud.refused(in_use, 400, "DeleteRouterInterface", RouterInterfaceId=one)
    cloud.call("DeleteRouteEntry", NextHopId=one, **route)
    cloud.gone("RouteEntry", **route)
    for end, vpc in zip(ends, vpcs):
        cloud.call("DeleteRouterInterface", RouterInterfaceId=end)
        cloud.gone("RouterInterface", RouterInterfaceId=end)
        drop_vpc(cloud, vpc)
    cloud.refused("InvalidRouterInterfaceId.NotFound", 404, "ConnectRouterInterface", RouterInterfaceId=one)


def physical_connection_with_bgp(cloud):
    line = enabled_line(cloud)
    create = {
        "PhysicalConnectionId": line,
        "VlanId": 100,
        "LocalGatewayIp": "10.0.0.1",
        "PeerGatewayIp": "10.0.0.2",
        "PeeringSubnetMask": "255.255.255.252",
    }
    vbr = cloud.call("CreateVirtualBorderRouter", Name="border", **create)["VbrId"]
    cloud.settles(["Initial", "active"], "VirtualBorderRouter", VbrId=vbr)
    cloud.shows({"VbrId": vbr, **create}, "VirtualBorderRouter", PhysicalConnectionId=line)
    cloud.refused("InvalidVlanId.Used", 400, "CreateVirtualBorderRouter", **create)
    cloud.call("ModifyVirtualBorderRouterAttribute", VbrId=vbr, Description="to the office")
    cloud.settles(["active"], "VirtualBorderRouter", VbrId=vbr)
    cloud.shows({"Description": "to the office"}, "VirtualBorderRouter", VbrId=vbr)

    group = cloud.call("CreateBgpGroup", RouterId=vbr, PeerAsn=65000, Name="office")["BgpGroupId"]
    cloud.settles(["Pending", "Available"], "BgpGroup", BgpGroupId=group)
    peer = cloud.call("CreateBgpPeer", BgpGroupId=group, PeerIpAddress="10.0.0.2")["BgpPeerId"]
    cloud.settles(["Available"], "BgpPeer", BgpPeerId=peer)
    cloud.shows({"BgpPeerId": peer, "PeerAsn": 65000, "RouterId": vbr}, "BgpPeer", BgpGroupId=group)
    network = {"RouterId": vbr, "DstCidrBlock": "192.168.0.0/16"}
    cloud.call("AddBgpNetwork", **network)
    cloud.shows({"Status": "Available"}, "BgpNetwork", RouterId=vbr)
    cloud.refused("InvalidParams.AlreadyExists", 400, "AddBgpNetwork", **network)
    cloud.call("ModifyBgpGroupAttribute", BgpGroupId=group, Name="branch")
    cloud.settles(["Pending", "Available"], "BgpGroup", BgpGroupId=group)
    cloud.shows({"Name": "branch"}, "BgpGroup", RouterId=vbr)

    cloud.refused("DependencyViolation.BgpPeer", 400, "DeleteBgpGroup", BgpGroupId=group)
    cloud.refused("DependencyViolation.BgpGroup", 400, "DeleteVirtualBorderRouter", VbrId=vbr)
    cloud.refused("Forbidden.NotAllowedInState", 400, "DeletePhysicalConnection", PhysicalConnectionId=line)
    cloud.call("DeleteBgpNetwork", **network)
    cloud.gone("BgpNetwork", RouterId=vbr)
    cloud.call("DeleteBgpPeer", BgpPeerId=peer)
    cloud.gone("BgpPeer", BgpPeerId=peer)
    cloud.call("DeleteBgpGroup", BgpGroupId=group)
    cloud.gone("BgpGroup", BgpGroupId=group)
    cloud.call("TerminateVirtualBorderRouter", VbrId=vbr)
    cloud.settles(["terminated"], "VirtualBorderRouter", VbrId=vbr)
    not_in_state = "InvalidOperation.OperationNotAllowedInState"
    cloud.refused(not_in_state, 400, "TerminateVirtualBorderRouter", VbrId=vbr)
    cloud.call("RecoverVirtualBorderRouter", VbrId=vbr)
    cloud.settles(["Recovering", "active"], "VirtualBorderRouter", VbrId=vbr)
    cloud.call("TerminatePhysicalConnection", PhysicalConnectionId=line)
    cloud.settles(["Terminating", "Terminated"], "PhysicalConnection", PhysicalConnectionId=line)
    cloud.refused("Forbidden.VBRExists", 400, "DeletePhysicalConnection", PhysicalConnectionId=line)
    cloud.call("DeleteVirtualBorderRouter", VbrId=vbr)
    cloud.gone("VirtualBorderRouter", VbrId=vbr)
    cloud.refused("InvalidVbrId.NotFound", 404, "DeleteVirtualBorderRouter", VbrId=vbr)
    cloud.call("DeletePhysicalConnection", PhysicalConnectionId=line)
    cloud.gone("PhysicalConnection", PhysicalConnectionId=line)


def enabled_line(cloud):
    place = {"AccessPointId": "ap-cn-hangzhou-yh-E", "LineOperator": "CT", "PeerLocation": "Hangzhou"}
    made = cloud.call("CreatePhysicalConnection", ClientToken="token-1", bandwidth=100, Name="line", **place)
    line = {"PhysicalConnectionId": made["PhysicalConnectionId"]}
    cloud.settles(["Initial", "Allocated"], "PhysicalConnection", **line)
    cloud.shows({**line, **place}, "PhysicalConnection", Name="line")
    too_early = {**line, "VlanId": 100}
    too_early |= {"LocalGatewayIp": "10.0.0.1", "PeerGatewayIp": "10.0.0.2", "PeeringSubnetMask": "255.255.255.252"}
    not_enabled = "InvalidPhysicalConnectionId.NotEnabled"
    cloud.refused(not_enabled, 400, "CreateVirtualBorderRouter", **too_early)
    cloud.refused("Forbidden.NotAllowedInState", 400, "EnablePhysicalConnection", **line)

    instance = {"InstanceId": line["PhysicalConnectionId"]}
    worker = {"PMName": "Li", "PMCertificateType": "IDCard", "PMCertificateNo": "1", "PMGender": "Female"}
    cloud.call(
        "ApplyPhysicalConnectionLOA",
        CompanyName="Example",
        ConstructionTime="2026-03-01T00:00:00Z",
        LineType="FIBRE",
        PeerLocation="Hangzhou",
        Si="Example Lines",
        PMInfo=[worker | {"PMContactInfo": "13900001234"}],
        **instance,
    )
    cloud.call("CompletePhysicalConnectionLOA", LineCode="1", LineLabel="one", **instance)
    cloud.settles(["Allocated", "Confirmed"], "PhysicalConnection", **line)
    loa = cloud.call("DescribePhysicalConnectionLOA", **instance)
    holds(loa, {"PhysicalConnectionLOAType.CompanyName": "Example", "PhysicalConnectionLOAType.LineCode": "1"})
    cloud.call("EnablePhysicalConnection", **line)
    cloud.settles(["Confirmed", "Enabled"], "PhysicalConnection", **line)
    return line["PhysicalConnectionId"]


def vpn_gateway_with_ipsec(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    gateway = new_vpn(cloud, vpc, EnableIpsec=True)
    customer = cloud.call("CreateCustomerGateway", IpAddress="203.0.113.1", Name="office")["CustomerGatewayId"]
    cloud.shows({"IpAddress": "203.0.113.1", "Name": "office"}, "CustomerGateway", CustomerGatewayId=customer)
    cloud.refused("InvalidIpAddress.AlreadyExist", 400, "CreateCustomerGateway", IpAddress="203.0.113.1")

    ends = {"VpnGatewayId": gateway, "CustomerGatewayId": customer}
    nets = {"LocalSubnet": "10.1.0.0/16", "RemoteSubnet": "192.168.0.0/16"}
    ike = json.dumps({"Psk": "0123456789abcdef", "IkeVersion": "ikev2"})
    create = {**ends, **nets, "IkeConfig": ike}
    connection = cloud.call("CreateVpnConnection", Name="tunnel", **create)["VpnConnectionId"]

    def show():
        return cloud.call("DescribeVpnConnection", VpnConnectionId=connection)

    cloud.passes(["active"], lambda: show()["State"])
    holds(show(), {**ends, **nets, "IkeConfig.IkeVersion": "ikev2", "IkeConfig.IkeEncAlg": "aes"})
    cloud.refused("InvalidVpnConnection.AlreadyExists", 400, "CreateVpnConnection", **create)
    no_gateway = {**create, "VpnGatewayId": "vpn-no"}
    cloud.refused("InvalidVpnGatewayInstanceId.NotFound", 404, "CreateVpnConnection", **no_gateway)
    change = {"LocalSubnet": "10.2.0.0/16", "Name": "wider"}
    cloud.call("ModifyVpnConnectionAttribute", VpnConnectionId=connection, **change)
    cloud.shows({"VpnConnectionId": connection, **change}, "VpnConnection", VpnGatewayId=gateway)

    route = {"VpnGatewayId": gateway, "RouteDest": "192.168.0.0/16", "NextHop": connection}
    cloud.call("CreateVpnRouteEntry", PublishVpc=True, Weight=100, **route)
    cloud.settles(["published"], "VpnRouteEntry", "State", VpnGatewayId=gateway)
    cloud.shows({"RouteDest": "192.168.0.0/16", "NextHop": connection}, "VpnRouteEntry", VpnGatewayId=gateway)
    cloud.call("PublishVpnRouteEntry", PublishVpc=False, RouteType="dbr", **route)
    cloud.settles(["normal"], "VpnRouteEntry", "State", VpnGatewayId=gateway)

    cloud.refused("DependencyViolation.VpnConnection", 400, "DeleteCustomerGateway", CustomerGatewayId=customer)
    cloud.refused("DependencyViolation.VpnConnection", 400, "DeleteVpnGateway", VpnGatewayId=gateway)
    cloud.call("DeleteVpnRouteEntry", Weight=100, **route)
    cloud.gone("VpnRouteEntry", VpnGatewayId=gateway)
    cloud.call("DeleteVpnConnection", VpnConnectionId=connection)
    cloud.gone("VpnConnection", VpnGatewayId=gateway)
    cloud.refused("InvalidVpnConnectionInstanceId.NotFound", 404, "DeleteVpnConnection", VpnConnectionId=connection)
    cloud.call("DeleteCustomerGateway", CustomerGatewayId=customer)
    cloud.gone("CustomerGateway", CustomerGatewayId=customer)
    drop_vpn(cloud, gateway)
    drop_vpc(cloud, vpc)


def ssl_vpn(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    gateway = new_vpn(cloud, vpc, EnableIpsec=False, EnableSsl=True, SslConnections=5)
    cloud.shows({"SslVpn": "enable", "IpsecVpn": "disable"}, "VpnGateway", VpcId=vpc)
    pools = {"ClientIpPool": "192.168.10.0/24", "LocalSubnet": "10.1.0.0/16"}
    server = cloud.call("CreateSslVpnServer", VpnGatewayId=gateway, Name="staff", **pools)["SslVpnServerId"]
    key = {"SslVpnServerId": server}
    cloud.shows({**pools, "Proto": "TCP"}, "SslVpnServer", Name="staff")
    no_gateway = {"VpnGatewayId": "vpn-no", **pools}
    cloud.refused("InvalidVpnGatewayInstanceId.NotFound", 404, "CreateSslVpnServer", **no_gateway)
    cert = cloud.call("CreateSslVpnClientCert", Name="li", **key)["SslVpnClientCertId"]
    cloud.settles(["normal"], "SslVpnClientCert", SslVpnClientCertId=cert)
    cloud.call("ModifySslVpnClientCert", SslVpnClientCertId=cert, Name="wang")
    cloud.shows({"Name": "wang"}, "SslVpnClientCert", **key)
    cloud.call("ModifySslVpnServer", Name="guests", Proto="UDP", Port=1195, **key)
    cloud.shows({"Name": "guests", "Proto": "UDP", "Port": 1195}, "SslVpnServer", **key)
    cloud.refused("DependencyViolation.SslVpnServer", 400, "DeleteVpnGateway", VpnGatewayId=gateway)
    cloud.refused("DependencyViolation.Instance", 400, "DeleteVpc", VpcId=vpc)
    cloud.call("DeleteSslVpnClientCert", SslVpnClientCertId=cert)
    cloud.gone("SslVpnClientCert", SslVpnClientCertId=cert)
    cloud.call("DeleteSslVpnServer", **key)
    cloud.gone("SslVpnServer", **key)
    cloud.refused("InvalidSslVpnServerId.NotFound", 404, "DeleteSslVpnServer", **key)
    drop_vpn(cloud, gateway)
    drop_vpc(cloud, vpc)


def flow_log(cloud):
    vpc = new_vpc(cloud, "10.0.0.0/8")
    create = {
        "ResourceType": "VPC",
        "ResourceId": vpc,
        "TrafficType": "All",
        "ProjectName": "flow-project",
        "LogStoreName": "flow-store",
    }
    log = cloud.call("CreateFlowLog", FlowLogName="all", **create)["FlowLogId"]
    other = cloud.call("CreateFlowLog", FlowLogName="dropped", **{**create, "TrafficType": "Drop"})["FlowLogId"]
    cloud.settles(["Active"], "FlowLog", FlowLogId=log)
    cloud.shows({"FlowLogId": log, "ProjectName": "flow-project"}, "FlowLog", TrafficType="All")
    cloud.refused("INVALID_PARAMETER", 400, "CreateFlowLog", **{**create, "TrafficType": "Some"})
    del create["ResourceId"]
    cloud.refused("MissingParameter", 400, "CreateFlowLog", **create)
    cloud.call("DeactiveFlowLog", FlowLogId=log)
    cloud.settles(["Inactive"], "FlowLog", FlowLogId=log)
    cloud.call("ModifyFlowLogAttribute", FlowLogId=log, FlowLogName="each", Description="every packet")
    cloud.settles(["Inactive"], "FlowLog", FlowLogId=log)
    cloud.shows({"FlowLogName": "each", "Description": "every packet"}, "FlowLog", FlowLogId=log)
    cloud.call("ActiveFlowLog", FlowLogId=log)
    cloud.settles(["Active"], "FlowLog", FlowLogId=log)
    for made in (log, other):
        cloud.call("DeleteFlowLog", FlowLogId=made)
        cloud.gone("FlowLog", FlowLogId=made)
    drop_vpc(cloud, vpc)


def endpoint_group(cloud):
    where = {"AcceleratorId": "ga-bp1odcab8tmno0hdq", "ListenerId": "lsr-bp1bpn0kn908w4nbw"}
    where["EndpointGroupRegion"] = "cn-shanghai"
    endpoint = {"Type": "Ip", "Endpoint": "203.0.113.10", "Weight": 20}
    create = {**where, "Name": "group", "EndpointConfigurations": [endpoint], "ClientToken": "token-1"}
    group = cloud.call("CreateEndpointGroup", **create)["EndpointGroupId"]
    holds(cloud.call("CreateEndpointGroup", **create), {"EndpointGroupId": group})
    (made,) = cloud.remembered("EndpointGroup")
    holds(made, {"EndpointGroupId": group, "Name": "group", "EndpointGroupRegion": "cn-shanghai"})
    cloud.refused("IdempotentParameterMismatch", 400, "CreateEndpointGroup", **{**create, "Name": "other"})
    cloud.refused("Exist.EndpointGroup", 400, "CreateEndpointGroup", **{**create, "ClientToken": "token-2"})

    ports = {"DestinationConfigurations": [{"Protocols": ["TCP"], "FromPort": 80, "ToPort": 90}]}
    dry = {"DryRun": True, "EndpointGroupId": group, **ports}
    cloud.refused("DryRunOperation", 400, "CreateCustomRoutingEndpointGroupDestinations", **dry)
    mapped = cloud.call("CreateCustomRoutingEndpointGroupDestinations", EndpointGroupId=group, **ports)
    (made,) = cloud.remembered("CustomRoutingDestination")
    holds(made, {"DestinationId": mapped["DestinationIds"][0], "EndpointGroupId": group})
    unknown = {"EndpointGroupId": "epg-no", **ports}
    cloud.refused("NotExist.EndPointGroup", 400, "CreateCustomRoutingEndpointGroupDestinations", **unknown)


def custom_routing_endpoint_group(cloud):
    create = {
        "ListenerArn": "arn:aws:globalaccelerator::123456789012:accelerator/1234/listener/abcd",
        "EndpointGroupRegion": "eu-west-1",
        "DestinationConfigurations": [{"FromPort": 80, "ToPort": 90, "Protocols": ["TCP"]}],
    }
    made = cloud.call("CreateCustomRoutingEndpointGroup", IdempotencyToken="token-1", **create)["EndpointGroup"]
    descriptions = create["DestinationConfigurations"]
    holds(made, {"EndpointGroupRegion": "eu-west-1", "DestinationDescriptions": descriptions})
    again = cloud.call("CreateCustomRoutingEndpointGroup", IdempotencyToken="token-1", **create)
    holds(again, {"EndpointGroup": made})
    (kept,) = cloud.remembered("CustomRoutingEndpointGroup")
    holds(kept, {"EndpointGroupArn": made["EndpointGroupArn"], "ListenerArn": create["ListenerArn"]})
    exists = "EndpointGroupAlreadyExistsException"
    cloud.refused(exists, 400, "CreateCustomRoutingEndpointGroup", **create)
    create["DestinationConfigurations"] = [{"FromPort": 80, "ToPort": 70000, "Protocols": ["TCP"]}]
    create["EndpointGroupRegion"] = "eu-west-2"
    cloud.refused("InvalidPortRangeException", 400, "CreateCustomRoutingEndpointGroup", **create)


def endpoint_service(cloud):
    create = {
        "ServiceDescription": "offers",
        "ServiceResourceType": "nlb",
        "Resource": [{"ResourceType": "nlb", "ResourceId": "nlb-hp32z1wp5peaoox2q5", "ZoneId": "cn-hangzhou-j"}],
        "Tag": [{"Key": "team", "Value": "network"}],
        "AddressIpVersion": "DualStack",
        "ClientToken": "token-1",
    }
    service = cloud.call("CreateVpcEndpointService", **create)
    holds(service, {"ServiceStatus": "Creating", "ServiceDescription": "offers"})
    again = cloud.call("CreateVpcEndpointService", **create)
    holds(again, {"ServiceId": service["ServiceId"]})
    dry = {**create, "ClientToken": "token-2", "DryRun": True}
    cloud.refused("DryRunOperation", 400, "CreateVpcEndpointService", **dry)
    changed = {**create, "ServiceDescription": "others"}
    cloud.refused("IdempotentParameterMismatch", 400, "CreateVpcEndpointService", **changed)
    del create["ClientToken"]
    create["AddressIpVersion"] = "IPv5"
    cloud.refused("IllegalParam.AddressIpVersion", 400, "CreateVpcEndpointService", **create)
    service = {"ServiceId": service["ServiceId"], "ServiceName": service["ServiceName"]}
    by_id = {"ServiceId": service["ServiceId"]}
    cloud.settles(["Creating", "Active"], "VpcEndpointService", "ServiceStatus", **by_id)
    shown = cloud.call("GetVpcEndpointServiceAttribute", **by_id)
    holds(shown, {**service, "AddressIpVersion": "DualStack", "Zones": ["cn-hangzhou-j"]})
    cloud.call("AttachResourceToVpcEndpointService", **by_id, ResourceType="slb", ResourceId="lb-hp32z1wp5peaoox2q")
    kinds = at(cloud.call("ListVpcEndpointServiceResources", **by_id), "Resources.ResourceType")
    holds({"Kinds": kinds}, {"Kinds": ["nlb", "slb"]})

    create = {
        "VpcId": "vpc-bp15zckdt37pq72zv3",
        "ServiceName": service["ServiceName"],
        "EndpointName": "way-in",
        "Zone": [{"ZoneId": "cn-hangzhou-j", "VSwitchId": "vsw-bp1", "ip": "10.0.0.7"}],
        "SecurityGroupId": ["sg-1"],
        "Tag": [{"Key": "env", "Value": "prod"}],
    }
    cloud.refused("DryRunOperation", 400, "CreateVpcEndpoint", **create, DryRun=True)
    endpoint = {"EndpointId": cloud.call("CreateVpcEndpoint", **create)["EndpointId"]}
    cloud.settles(["Creating", "Active"], "VpcEndpoint", "EndpointStatus", **endpoint)
    cloud.shows({**endpoint, **by_id}, "VpcEndpoint", Tag=[{"Key": "env", "Value": "prod"}])
    cloud.shows({"EniIp": "10.0.0.7", "VSwitchId": "vsw-bp1"}, "VpcEndpointZone", **endpoint)
    cloud.shows({"SecurityGroupId": "sg-1"}, "VpcEndpointSecurityGroup", **endpoint)
    cloud.call("EnableVpcEndpointConnection", **by_id, **endpoint, Bandwidth=200)
    cloud.settles(["Connecting", "Connected"], "VpcEndpointConnection", "ConnectionStatus", **by_id, **endpoint)
    cloud.call("UpdateVpcEndpointAttribute", **endpoint, EndpointName="way-out")
    cloud.settles(["Pending", "Active"], "VpcEndpoint", "EndpointStatus", EndpointName="way-out")

    tagged = {"ResourceType": "vpcendpoint", "ResourceId": [endpoint["EndpointId"]]}
    cloud.call("TagResources", **tagged, Tag=[{"Key": "env", "Value": "live"}, {"Key": "owner", "Value": "us"}])
    cloud.call("UntagResources", **tagged, TagKey=["owner"])
    cloud.shows({"TagKey": "env", "TagValue": "live"}, "ResourceTag", **tagged)
    cloud.call("AddUserToVpcEndpointService", **by_id, UserId=1234567890)
    cloud.shows({"UserId": 1234567890}, "VpcEndpointServiceUser", **by_id)

    dependence = "EndpointServiceConnectionDependence"
    cloud.refused(dependence, 400, "DeleteVpcEndpointService", **by_id)
    cloud.call("DisableVpcEndpointConnection", **by_id, **endpoint)
    disconnecting = ["Disconnecting", "Disconnected"]
    cloud.settles(disconnecting, "VpcEndpointConnection", "ConnectionStatus", **by_id, **endpoint)
    cloud.call("DeleteVpcEndpoint", **endpoint)
    cloud.gone("VpcEndpoint", **endpoint)
    cloud.call("DeleteVpcEndpointService", **by_id)
    cloud.gone("VpcEndpointService", **by_id)


def new_vpc(cloud, block):
    vpc = cloud.call("CreateVpc", CidrBlock=block)["VpcId"]
    cloud.settles(["Pending", "Available"], "Vpc", VpcId=vpc)
    return vpc


def drop_vpc(cloud, vpc):
    cloud.call("DeleteVpc", VpcId=vpc)
    cloud.gone("Vpc", VpcId=vpc)


def new_vswitch(cloud, vpc, block):
    vswitch = cloud.call("CreateVSwitch", VpcId=vpc, CidrBlock=block, ZoneId=ZONE)["VSwitchId"]
    cloud.settles(["Pending", "Available"], "VSwitch", VSwitchId=vswitch)
    return vswitch


def drop_vswitch(cloud, vswitch):
    cloud.call("DeleteVSwitch", VSwitchId=vswitch)
    cloud.gone("VSwitch", VSwitchId=vswitch)


def new_nat(cloud, vpc, vswitch):
    nat = cloud.call("CreateNatGateway", VpcId=vpc, VSwitchId=vswitch, Name="way-out")["NatGatewayId"]
    cloud.settles(["Initiating", "Available"], "NatGateway", NatGatewayId=nat)
    return nat


def drop_nat(cloud, nat):
    cloud.call("DeleteNatGateway", NatGatewayId=nat)
    cloud.gone("NatGateway", NatGatewayId=nat)


def new_eip(cloud):
    made = cloud.call("AllocateEipAddress")
    cloud.settles(["Available"], "Eip", AllocationId=made["AllocationId"])
    return made["AllocationId"], made["EipAddress"]


def drop_eip(cloud, eip):
    cloud.call("ReleaseEipAddress", AllocationId=eip)
    cloud.gone("Eip", AllocationId=eip)


def bind(cloud, eip, nat):
    cloud.call("AssociateEipAddress", AllocationId=eip, InstanceId=nat, InstanceType="Nat")
    cloud.settles(["Associating", "InUse"], "Eip", AllocationId=eip)


def unbind(cloud, eip, nat):
    cloud.call("UnassociateEipAddress", AllocationId=eip, InstanceId=nat, InstanceType="Nat")
    cloud.settles(["Unassociating", "Available"], "Eip", AllocationId=eip)


def new_vpn(cloud, vpc, **kinds_of_vpn):
    gateway = cloud.call("CreateVpnGateway", VpcId=vpc, Bandwidth=10, AutoPay=True, **kinds_of_vpn)["VpnGatewayId"]
    cloud.settles(["init", "active"], "VpnGateway", VpnGatewayId=gateway)
    return gateway


def drop_vpn(cloud, gateway):
    cloud.call("DeleteVpnGateway", VpnGatewayId=gateway)
    cloud.gone("VpnGateway", VpnGatewayId=gateway)


# By the way in which requests are signed: the client, and the story as it tells it.
VPC = "alibabacloud_vpc20160428"
GA = "alibabacloud_ga20191120"
PRIVATELINK = "alibabacloud_privatelink20200415"
CLIENTS = {"ACS3": Acs3, "V1": V1, "SigV4": SigV4}


def of_vpc(story):
    return {"ACS3": (VPC, story), "V1": ("aliyun-python-sdk-vpc", story)}


STORIES = {
    "1 VPC and VSwitches with routes": of_vpc(vpc_and_vswitches),
    "2 refused while something depends": of_vpc(refused_while_in_use),
    "3 NAT gateway with EIP and SNAT": of_vpc(nat_gateway_with_snat),
    "4 DNAT": of_vpc(dnat),
    "5 shared bandwidth": of_vpc(shared_bandwidth),
    "6 EIP through all its states": of_vpc(eip_through_all_states),
    "7 route table bound and unbound": of_vpc(route_table_bound_and_unbound),
    "8 router interfaces of two VPCs": of_vpc(router_interfaces_of_two_vpcs),
    "9 physical connection, VBR, BGP": of_vpc(physical_connection_with_bgp),
    "10 VPN gateway, IPsec, routes": of_vpc(vpn_gateway_with_ipsec),
    "11 SSL-VPN": of_vpc(ssl_vpn),
    "12 flow log": of_vpc(flow_log),
    "13 endpoint group": {"ACS3": (GA, endpoint_group), "SigV4": ("botocore", custom_routing_endpoint_group)},
    "14 endpoint service, endpoint": {"ACS3": (PRIVATELINK, endpoint_service)},
}
# Stories of actions that nothing takes back.
WITHOUT_END = {endpoint_group, custom_routing_endpoint_group}


class Emulator:
    """The program, on a port of its own choice."""

    def __init__(self, program):
        # Each state lasts for two looks.
        command = [program, "--port", "0", "--transitions", "polls:2", "--quiet"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().rsplit("/", 1)[-1].strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def control(self, path, body=None):
        headers = {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.address}/_cloudnet/{path}", data, headers)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def remembered(self, kind):
        services = self.control("state")["state"]["kinds"].values()
        return [thing["fields"] for kinds in services for thing in kinds.get(kind, {}).values()]

    def kinds(self):
        services = self.control("state")["state"]["kinds"].values()
        return sorted(kind for kinds in services for kind, things in kinds.items() if things)


def tell(emulator, sign, package, story):
    """What went wrong, if anything did."""
    emulator.control("reset", {})
    if not is_refused(CLIENTS[sign](package, emulator.address, "a wrong secret"), story):
        return "a wrong secret was taken"
    try:
        story(Story(CLIENTS[sign](package, emulator.address), emulator.remembered))
    except Exception as error:  # Whatever a client raises is one more thing that went wrong.
        return f"{type(error).__name__}: {error}"
    left = emulator.kinds()
    if left and story not in WITHOUT_END:
        return f"left behind: {', '.join(left)}"
    return None


def is_refused(client, story):
    """Whether already the first call of a story is, with the status of a wrong signature."""
    try:
        story(Story(client, lambda _: []))
    except Refused as refusal:
        return refusal.status == (403 if isinstance(client, SigV4) else 400)
    return False


def main(program, wanted):
    problems = []
    print(f"{'':36}" + "".join(f"{sign:8}" for sign in CLIENTS))
    with Emulator(program) as emulator:
        for title, told in STORIES.items():
            if wanted and title.split()[0] not in wanted:
                continue
            line = f"{title:36}"
            for sign in CLIENTS:
                if sign not in told:
                    line += f"{'-':8}"
                    continue
                problem = tell(emulator, sign, *told[sign])
                problems += [f"{title}, {sign}: {problem}"] if problem else []
                line += f"{'FAILED' if problem else 'ok':8}"
            print(line.rstrip(), flush=True)
    packages = sorted({package for told in STORIES.values() for package, _ in told.values()})
    print("\nwith " + ", ".join(f"{package} {version(package)}" for package in packages))
    print("".join(f"\n{problem}" for problem in problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
