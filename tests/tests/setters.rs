//! What setters take, with and without a client.

use cloudnet::testing::Documented;
use cloudnet::{Operation, vpc};

use cloudnet::privatelink::CreateVpcEndpointService;
use vpc::allocate_eip_address::Isp;
use vpc::{
    AllocateEipAddress, CreateVpc, DescribeVpcs, describe_vpn_connection, modify_vpn_connection_attribute,
};

#[test]
fn parameters_are_set_and_checked_without_a_client() {
    let input = CreateVpc::default().region_id("cn-hangzhou").vpc_name("prod").cidr_block("10.0.0.0/8");
    assert_eq!(input.validate(), Ok(()));
    let violations = CreateVpc::default().region_id("cn-hangzhou").cidr_block("10.0.0.0/40").validate();
    assert_eq!(violations.unwrap_err()[0].path, "CidrBlock");
}

#[test]
fn a_request_has_the_setters_of_its_input() {
    let vpc: vpc::Client = Documented::new().client("cn-hangzhou").unwrap();
    let request = vpc.create_vpc().vpc_name("prod").enable_ipv6(true);
    assert_eq!(*request.input(), CreateVpc::default().vpc_name("prod").enable_ipv6(true));
}

#[test]
fn a_value_and_an_option_of_one_are_taken_alike() {
    let owned = String::from("x");
    let some = CreateVpc::default().vpc_name("x");
    assert_eq!(some, CreateVpc::default().vpc_name(&owned));
    assert_eq!(some, CreateVpc::default().vpc_name(Some("x")));
    assert_eq!(some, CreateVpc::default().vpc_name(Some(&owned)));
    assert_eq!(some, CreateVpc::default().vpc_name(owned));
    assert_eq!(CreateVpc::default(), some.vpc_name(None::<String>));

    let isp = AllocateEipAddress::default().isp(Isp::Bgp);
    assert_eq!(isp, AllocateEipAddress::default().isp("BGP"));
    assert_eq!(isp, AllocateEipAddress::default().isp(Some(Isp::Bgp)));

    let page = DescribeVpcs::default().page_number(3_000_000_000);
    assert_eq!(page.page_number, Some(3_000_000_000));
    assert_eq!(page, DescribeVpcs::default().page_number(Some(3_000_000_000)));
    assert_eq!(DescribeVpcs::default(), page.page_number(None));
}

#[test]
fn tags_are_added_one_by_one_or_as_a_list() {
    let tag = |key: &str| vpc::types::Tag::default().key(key);
    let listed = DescribeVpcs::default().tags([tag("env").value("prod"), tag("owner")]);
    assert_eq!(listed, DescribeVpcs::default().tag("env", "prod").tag("owner", None::<&str>));
    let service = CreateVpcEndpointService::default().tag("env", "prod");
    assert_eq!(service.tag.len(), 1);
    assert_eq!(service.tag[0].key.as_deref(), Some("env"));
}

#[test]
fn what_one_action_returns_another_one_takes() {
    let mut described = describe_vpn_connection::IkeConfig::default();
    described.psk = Some("secret".into());
    described.ike_lifetime = Some(86_400);
    let wanted = modify_vpn_connection_attribute::IkeConfig::default().psk("secret").ike_lifetime(86_400);
    assert_eq!(wanted, described.clone().into());

    let change = vpc::ModifyVpnConnectionAttribute::default().ike_config(Some(described));
    assert_eq!(change.ike_config, Some(wanted));
}

#[test]
fn the_compiler_knows_what_is_deprecated() {
    let vpc: vpc::Client = Documented::new().client("cn-hangzhou").unwrap();
    #[expect(deprecated, reason = "the method says so")]
    let request = vpc.describe_route_tables();
    #[expect(deprecated, reason = "the struct says so")]
    let input = vpc::DescribeRouteTables::default();
    assert_eq!(*request.input(), input);
    #[expect(deprecated, reason = "the setter says so")]
    let points = vpc::DescribeAccessPoints::default().host_operator("x");
    #[expect(deprecated, reason = "the field says so")]
    let operator = points.host_operator;
    assert_eq!(operator.as_deref(), Some("x"));
}
