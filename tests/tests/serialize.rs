//! Structs as JSON: by wire names, without secrets, and such that they can be read again.

use cloudnet::serialize::with_secrets;
use cloudnet::vpc::create_vpn_connection::IkeConfig;
use cloudnet::vpc::describe_vpcs::VpcStatus;
use cloudnet::vpc::types::Tag;
use cloudnet::vpc::{CreateVpc, CreateVpnConnection, DescribeVpcs, DescribeVpnConnections};
use cloudnet::{Error, Operation, RawResponse};
use cloudnet_tests::scripted::{Scripted, Turn};
use serde_json::{Value as Json, json};

/// What a call returns if it is answered so.
async fn answered<O: Operation>(input: O, body: Json) -> Result<RawResponse, Error> {
    let client = Scripted::new(move |_, _| Turn::answer(200, body.to_string())).vpc();
    client.request(input).send_raw().await
}

fn vpcs() -> Json {
    json!({
        "RequestId": "R", "TotalCount": 1, "PageNumber": 1, "PageSize": 10,
        "Vpcs": { "Vpc": [{
            "VpcId": "vpc-1", "IsDefault": false, "Status": "Hibernating",
            "VSwitchIds": { "VSwitchId": ["vsw-1", "vsw-2"] },
            "Tags": { "Tag": [{ "Key": "k", "Value": "v" }] },
        }] },
    })
}

#[tokio::test]
async fn what_came_is_what_is_written_by_wire_names() -> Result<(), Error> {
    let found = answered(DescribeVpcs::default(), vpcs()).await?.decode::<DescribeVpcs>()?;
    assert_eq!(serde_json::to_value(&found).unwrap(), vpcs());
    // Entries alone, structs of several actions, and open enums.
    let entry = vpcs()["Vpcs"]["Vpc"][0].clone();
    assert_eq!(serde_json::to_value(&found.vpcs[0]).unwrap(), entry);
    assert_eq!(serde_json::to_value(Tag::default().key("k")).unwrap(), json!({ "Key": "k" }));
    assert_eq!(serde_json::to_value(VpcStatus::from("Hibernating")).unwrap(), json!("Hibernating"));

    let written = serde_json::to_value(&found).unwrap();
    let again = answered(DescribeVpcs::default(), written).await?.decode::<DescribeVpcs>()?;
    assert_eq!(again, found);
    Ok(())
}

#[test]
fn parameters_are_written_without_what_is_absent() {
    let create = CreateVpc::default().vpc_name("prod").enable_ipv6(true);
    assert_eq!(serde_json::to_value(&create).unwrap(), json!({ "EnableIpv6": true, "VpcName": "prod" }));
    assert_eq!(serde_json::to_value(CreateVpc::default()).unwrap(), json!({}));
}

#[tokio::test]
async fn secrets_are_written_for_those_alone_who_ask() -> Result<(), Error> {
    let config = IkeConfig::default().psk("hunter2").ike_version("ikev2");
    let create = CreateVpnConnection::default().vpn_gateway_id("vpn-1").ike_config(config);
    let shown = serde_json::to_value(&create).unwrap();
    assert_eq!(shown["IkeConfig"], json!({ "Psk": "***", "IkeVersion": "ikev2" }));
    let whole = serde_json::to_value(with_secrets(&create)).unwrap();
    assert_eq!(whole["IkeConfig"], json!({ "Psk": "hunter2", "IkeVersion": "ikev2" }));
    assert!(!format!("{:?}", with_secrets(&create)).contains("hunter2"));

    let body = json!({ "VpnConnections": { "VpnConnection": [{ "IkeConfig": { "Psk": "hunter2" } }] } });
    let raw = answered(DescribeVpnConnections::default(), body.clone()).await?;
    let found = raw.decode::<DescribeVpnConnections>()?;
    assert!(!serde_json::to_string(&found).unwrap().contains("hunter2"));
    assert_eq!(serde_json::to_value(with_secrets(&found)).unwrap(), body);
    Ok(())
}

#[test]
fn a_service_with_json_requests_is_written_as_it_is_sent() {
    use cloudnet::aws_global_accelerator::CreateCustomRoutingEndpointGroup as Create;
    let create = Create::default().listener_arn("arn:1").endpoint_group_region("us-west-2");
    let expected = json!({ "ListenerArn": "arn:1", "EndpointGroupRegion": "us-west-2" });
    assert_eq!(serde_json::to_value(create).unwrap(), expected);
}
