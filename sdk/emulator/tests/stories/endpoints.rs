//! Endpoint groups of both accelerators. No action here shows them again, so the emulator's memory does.

use cloudnet::aws_global_accelerator::create_custom_routing_endpoint_group as aws;
use cloudnet::ga::create_custom_routing_endpoint_group_destinations::DestinationConfiguration;
use cloudnet::ga::create_endpoint_group::EndpointConfiguration;
use cloudnet::{Error, ErrorClass, aws_global_accelerator, ga};

use crate::cloud::{Cloud, refused};

#[tokio::test]
async fn an_endpoint_group() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let ga: ga::Client = cloud.emulator.client()?;
    let create = || {
        let endpoint = EndpointConfiguration::default().r#type("Ip").endpoint("203.0.113.10").weight(20);
        let create = ga.create_endpoint_group().accelerator_id("ga-bp1odcab8tmno0hdq").name("group");
        let create = create.listener_id("lsr-bp1bpn0kn908w4nbw").endpoint_group_region("cn-shanghai");
        create.endpoint_configurations([endpoint])
    };
    create().dry_run().await?;
    assert!(cloud.left().is_empty());
    let group = create().with_token("token-1").send().await?.endpoint_group_id.unwrap();
    assert_eq!(create().with_token("token-1").send().await?.endpoint_group_id.as_ref(), Some(&group));
    let made = cloud.remembered("EndpointGroup");
    assert_eq!(
        (made.len(), &made[0]["EndpointGroupId"], &made[0]["Name"]),
        (1, &group.as_str().into(), &"group".into())
    );
    let other = create().name("other").with_token("token-1");
    refused(other, ErrorClass::Idempotency, "IdempotentParameterMismatch").await;
    refused(create(), ErrorClass::AlreadyExists, "Exist.EndpointGroup").await;

    let map = || {
        let ports = DestinationConfiguration::default().protocols(["TCP"]).from_port(80).to_port(90);
        ga.create_custom_routing_endpoint_group_destinations().destination_configurations([ports])
    };
    map().endpoint_group_id(&group).dry_run().await?;
    assert!(cloud.remembered("CustomRoutingDestination").is_empty());
    let mapped = map().endpoint_group_id(&group).send().await?;
    let made = cloud.remembered("CustomRoutingDestination");
    assert_eq!((made.len(), &made[0]["DestinationId"]), (1, &mapped.destination_ids[0].as_str().into()));
    refused(map().endpoint_group_id("epg-no"), ErrorClass::NotFound, "NotExist.EndPointGroup").await;
    Ok(())
}

#[tokio::test]
async fn a_custom_routing_endpoint_group() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let accelerator: aws_global_accelerator::Client = cloud.emulator.client()?;
    let ports = |to| aws::DestinationConfiguration::default().from_port(80).to_port(to).protocols(["TCP"]);
    let create = || {
        let listener = "arn:aws:globalaccelerator::123456789012:accelerator/1234/listener/abcd";
        accelerator.create_custom_routing_endpoint_group().listener_arn(listener)
    };
    let ireland = || create().endpoint_group_region("eu-west-1").destination_configurations([ports(90)]);
    let made = ireland().with_token("token-1").send().await?.endpoint_group.unwrap();
    assert_eq!(made.endpoint_group_region.as_deref(), Some("eu-west-1"));
    assert_eq!(made.destination_descriptions[0].to_port, Some(90));
    let again = ireland().with_token("token-1").send().await?.endpoint_group.unwrap();
    assert_eq!(again.endpoint_group_arn, made.endpoint_group_arn);
    assert_eq!(cloud.remembered("CustomRoutingEndpointGroup").len(), 1);
    refused(ireland(), ErrorClass::AlreadyExists, "EndpointGroupAlreadyExistsException").await;
    let london = create().endpoint_group_region("eu-west-2").destination_configurations([ports(70_000)]);
    refused(london, ErrorClass::InvalidParameter, "InvalidPortRangeException").await;
    Ok(())
}
