"""What stories say again and again: that something is there, is so, is refused, is gone."""

from clients import Refused

# Listings by kind of resource: action and rows.
LISTINGS = {
    "Vpc": ("DescribeVpcs", "Vpcs.Vpc"),
    "VSwitch": ("DescribeVSwitches", "VSwitches.VSwitch"),
    "VRouter": ("DescribeVRouters", "VRouters.VRouter"),
    "RouteTable": ("DescribeRouteTableList", "RouterTableList.RouterTableListType"),
    "RouteEntry": ("DescribeRouteEntryList", "RouteEntrys.RouteEntry"),
    "NatGateway": ("DescribeNatGateways", "NatGateways.NatGateway"),
    "SnatEntry": ("DescribeSnatTableEntries", "SnatTableEntries.SnatTableEntry"),
    "ForwardEntry": ("DescribeForwardTableEntries", "ForwardTableEntries.ForwardTableEntry"),
    "Eip": ("DescribeEipAddresses", "EipAddresses.EipAddress"),
    "Bandwidth": ("DescribeCommonBandwidthPackages", "CommonBandwidthPackages.CommonBandwidthPackage"),
    "RouterInterface": ("DescribeRouterInterfaces", "RouterInterfaceSet.RouterInterfaceType"),
    "PhysicalConnection": ("DescribePhysicalConnections", "PhysicalConnectionSet.PhysicalConnectionType"),
    "VirtualBorderRouter": ("DescribeVirtualBorderRouters", "VirtualBorderRouterSet.VirtualBorderRouterType"),
    "BgpGroup": ("DescribeBgpGroups", "BgpGroups.BgpGroup"),
    "BgpPeer": ("DescribeBgpPeers", "BgpPeers.BgpPeer"),
    "BgpNetwork": ("DescribeBgpNetworks", "BgpNetworks.BgpNetwork"),
    "VpnGateway": ("DescribeVpnGateways", "VpnGateways.VpnGateway"),
    "CustomerGateway": ("DescribeCustomerGateways", "CustomerGateways.CustomerGateway"),
    "VpnConnection": ("DescribeVpnConnections", "VpnConnections.VpnConnection"),
    "VpnRouteEntry": ("DescribeVpnRouteEntries", "VpnRouteEntries.VpnRouteEntry"),
    "SslVpnServer": ("DescribeSslVpnServers", "SslVpnServers.SslVpnServer"),
    "SslVpnClientCert": ("DescribeSslVpnClientCerts", "SslVpnClientCertKeys.SslVpnClientCertKey"),
    "FlowLog": ("DescribeFlowLogs", "FlowLogs.FlowLog"),
    "VpcEndpointService": ("ListVpcEndpointServices", "Services"),
    "VpcEndpointServiceUser": ("ListVpcEndpointServiceUsers", "Users"),
    "VpcEndpoint": ("ListVpcEndpoints", "Endpoints"),
    "VpcEndpointConnection": ("ListVpcEndpointConnections", "Connections"),
    "VpcEndpointZone": ("ListVpcEndpointZones", "Zones"),
    "VpcEndpointSecurityGroup": ("ListVpcEndpointSecurityGroups", "SecurityGroups"),
    "ResourceTag": ("ListTagResources", "TagResources"),
}
# Their listings take pairs of `Filter.N`.
BY_PAIRS = {"RouterInterface", "PhysicalConnection", "VirtualBorderRouter"}
POLLS = 10


class Failed(Exception):
    """The service did something else than the story tells."""


class Story:
    """A client, and a service that it is told with."""

    def __init__(self, client, remembered):
        self.client = client
        # The fields of all resources of a kind, from the service's memory; for what no action reads.
        self.remembered = remembered

    def call(self, action, **parameters):
        return self.client.call(action, parameters)

    def refused(self, code, status, action, **parameters):
        try:
            self.call(action, **parameters)
        except Refused as refusal:
            if (refusal.code, refusal.status) != (code, status):
                raise Failed(f"{action} was to be refused with {status} {code}, not with {refusal}") from None
        else:
            raise Failed(f"{action} was to be refused with {status} {code}")

    def rows(self, kind, **filters):
        action, path = LISTINGS[kind]
        if kind in BY_PAIRS:
            filters = {"Filter": [{"Key": key, "Value": [value]} for key, value in filters.items()]}
        return at(self.call(action, **filters), path) or []

    def row(self, kind, **filters):
        rows = self.rows(kind, **filters)
        if len(rows) != 1:
            raise Failed(f"there are {len(rows)} rows of {kind} with {filters}")
        return rows[0]

    def shows(self, fields, kind, **filters):
        holds(self.row(kind, **filters), fields)

    def settles(self, states, kind, field="Status", **filters):
        """It passes through just these states, and stays in the last one."""
        self.passes(states, lambda: at(self.row(kind, **filters), field))

    def passes(self, states, look):
        seen = []
        for _ in range(POLLS):
            state = look()
            if state not in seen[-1:]:
                seen.append(state)
        if seen != states:
            raise Failed(f"it was {seen}, not {states}")

    def gone(self, kind, **filters):
        for _ in range(POLLS):
            rows = self.rows(kind, **filters)
            if not rows:
                return
        raise Failed(f"{kind} with {filters} is still there: {rows}")


def at(value, path):
    """What is at a path of names; in a list, what is there in each entry."""
    for name in path.split("."):
        if isinstance(value, list):
            value = [entry.get(name) for entry in value]
        else:
            value = value.get(name) if value else None
    return value


def holds(row, fields):
    for path, wanted in fields.items():
        found = at(row, path)
        # A number may be written as a text.
        if found != wanted and str(found) != str(wanted):
            raise Failed(f"{path} is {found!r}, not {wanted!r}")
