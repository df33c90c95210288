//! Custom routing of AWS Global Accelerator.

use std::time::SystemTime;

use cloudnet::aws_global_accelerator::add_custom_routing_endpoints::EndpointConfiguration;
use cloudnet::aws_global_accelerator::create_custom_routing_endpoint_group::DestinationConfiguration;
use cloudnet::aws_global_accelerator::create_custom_routing_listener::PortRange;
use cloudnet::aws_global_accelerator::types::Tag;
use cloudnet::aws_global_accelerator::update_custom_routing_listener::PortRange as Wider;
use cloudnet::aws_global_accelerator::{Client, CreateCustomRoutingEndpointGroup};
use cloudnet::{Error, ErrorClass, Request};

use crate::cloud::{Cloud, passed, refused};

const SUBNET: &str = "subnet-0a1b2c3d4e5f60718";

#[tokio::test]
async fn instances_are_reached_by_ports_of_an_accelerator() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let client: Client = cloud.emulator.client()?;
    let accelerator = accelerator(&cloud, &client).await?;
    let listener = listener(&client, &accelerator).await?;
    let group = group(&client, &listener, "eu-west-1").send().await?.endpoint_group.unwrap();
    assert_eq!(group.destination_descriptions[0].to_port, Some(90));
    let group = group.endpoint_group_arn.unwrap();
    assert!(group.starts_with(&format!("{listener}/endpoint-group/")), "{group}");
    endpoints(&client, &accelerator, &group).await?;
    traffic(&client, &accelerator, &group).await?;
    tags(&client, &accelerator).await?;
    flow_logs(&client, &accelerator).await?;
    take_down(&client, &accelerator, &listener, &group).await?;
    assert!(cloud.left().is_empty(), "{:?}", cloud.left());
    Ok(())
}

/// Made with tags, waited for, and shown with times that are times.
async fn accelerator(cloud: &Cloud, client: &Client) -> Result<String, Error> {
    let create = || {
        let tag = Tag::default().key("team").value("games");
        client.create_custom_routing_accelerator().name("games").tags([tag]).with_token("token-1")
    };
    let (made, states) = passed(create()).await?;
    assert_eq!(states, ["IN_PROGRESS", "DEPLOYED"]);
    let made = made.accelerator.unwrap();
    let arn = made.accelerator_arn.unwrap();
    let again = create().send().await?.accelerator.unwrap();
    assert_eq!(again.accelerator_arn.as_ref(), Some(&arn));
    assert_eq!(cloud.remembered("CustomRoutingAccelerator").len(), 1);

    let shown = client.describe_custom_routing_accelerator().accelerator_arn(&arn).send().await?;
    let shown = shown.accelerator.unwrap();
    assert_eq!((shown.name.as_deref(), shown.enabled), (Some("games"), Some(true)));
    assert_eq!(shown.ip_sets[0].ip_addresses.len(), 1);
    let made_at: SystemTime = shown.created_time.unwrap();
    assert_eq!(made.created_time, Some(made_at));
    assert!(shown.last_modified_time.is_some_and(|changed| changed >= made_at));

    let listed = client.list_custom_routing_accelerators().items().collect().await?;
    assert_eq!((listed.len(), listed[0].created_time), (1, Some(made_at)));
    Ok(arn)
}

async fn listener(client: &Client, accelerator: &str) -> Result<String, Error> {
    let ports = |to| PortRange::default().from_port(5_000).to_port(to);
    let create = |to| client.create_custom_routing_listener().port_ranges([ports(to)]);
    let mut made = create(9_000).accelerator_arn(accelerator).send().await?.listener.unwrap();
    let arn = made.listener_arn.unwrap();
    assert!(arn.starts_with(&format!("{accelerator}/listener/")), "{arn}");
    refused(
        create(70_000).accelerator_arn(accelerator),
        ErrorClass::InvalidParameter,
        "InvalidPortRangeException",
    )
    .await;
    let nowhere = create(9_000).accelerator_arn(format!("{accelerator}-not"));
    refused(nowhere, ErrorClass::NotFound, "AcceleratorNotFoundException").await;

    // What a listener changes, the accelerator has to spread.
    let describe = client.describe_custom_routing_accelerator().accelerator_arn(accelerator);
    let status = describe.send().await?.accelerator.and_then(|shown| shown.status);
    assert_eq!(status.unwrap().as_str(), "IN_PROGRESS");
    client.wait_for_custom_routing_accelerator_deployed(accelerator).await?;

    let wider = Wider::from(made.port_ranges.remove(0)).to_port(10_000);
    client.update_custom_routing_listener().listener_arn(&arn).port_ranges([wider]).send().await?;
    let shown = client.describe_custom_routing_listener().listener_arn(&arn).send().await?;
    assert_eq!(shown.listener.unwrap().port_ranges[0].to_port, Some(10_000));
    let list = client.list_custom_routing_listeners().accelerator_arn(accelerator);
    assert_eq!(list.items().collect().await?.len(), 1);
    Ok(arn)
}

fn group(client: &Client, listener: &str, region: &str) -> Request<CreateCustomRoutingEndpointGroup> {
    let ports = DestinationConfiguration::default().from_port(80).to_port(90).protocols(["TCP"]);
    let create = client.create_custom_routing_endpoint_group().listener_arn(listener);
    create.endpoint_group_region(region).destination_configurations([ports])
}

#[tokio::test]
async fn a_custom_routing_endpoint_group() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let client: Client = cloud.emulator.client()?;
    let accelerator = accelerator(&cloud, &client).await?;
    let listener = listener(&client, &accelerator).await?;
    let ireland = || group(&client, &listener, "eu-west-1");
    let made = ireland().with_token("token-1").send().await?.endpoint_group.unwrap();
    assert_eq!(made.endpoint_group_region.as_deref(), Some("eu-west-1"));
    assert_eq!(made.destination_descriptions[0].to_port, Some(90));
    let again = ireland().with_token("token-1").send().await?.endpoint_group.unwrap();
    assert_eq!(again.endpoint_group_arn, made.endpoint_group_arn);
    assert_eq!(cloud.remembered("CustomRoutingEndpointGroup").len(), 1);
    refused(ireland(), ErrorClass::AlreadyExists, "EndpointGroupAlreadyExistsException").await;
    let ports = DestinationConfiguration::default().from_port(80).to_port(70_000).protocols(["TCP"]);
    let london = client.create_custom_routing_endpoint_group().listener_arn(&listener);
    let london = london.endpoint_group_region("eu-west-2").destination_configurations([ports]);
    refused(london, ErrorClass::InvalidParameter, "InvalidPortRangeException").await;
    Ok(())
}

async fn endpoints(client: &Client, accelerator: &str, group: &str) -> Result<(), Error> {
    let add = |subnets: &[&str]| {
        let endpoints = subnets.iter().map(|subnet| EndpointConfiguration::default().endpoint_id(*subnet));
        client.add_custom_routing_endpoints().endpoint_group_arn(group).endpoint_configurations(endpoints)
    };
    let added = add(&[SUBNET, "subnet-2"]).send().await?;
    let ids: Vec<_> =
        added.endpoint_descriptions.iter().filter_map(|one| one.endpoint_id.as_deref()).collect();
    assert_eq!((added.endpoint_group_arn.as_deref(), ids), (Some(group), vec![SUBNET, "subnet-2"]));
    refused(add(&[SUBNET]), ErrorClass::AlreadyExists, "EndpointAlreadyExistsException").await;

    let remove =
        || client.remove_custom_routing_endpoints().endpoint_group_arn(group).endpoint_ids(["subnet-2"]);
    remove().send().await?;
    refused(remove(), ErrorClass::NotFound, "EndpointNotFoundException").await;
    let shown = client.describe_custom_routing_endpoint_group().endpoint_group_arn(group).send().await?;
    let shown = shown.endpoint_group.unwrap().endpoint_descriptions;
    assert_eq!((shown.len(), shown[0].endpoint_id.as_deref()), (1, Some(SUBNET)));
    client.wait_for_custom_routing_accelerator_deployed(accelerator).await.map(drop)
}

/// The mappings that calls have named, and whether traffic goes through.
async fn mappings(client: &Client, accelerator: &str) -> Result<Vec<(String, i64, String)>, Error> {
    let list = client.list_custom_routing_port_mappings().accelerator_arn(accelerator);
    let found = list.items().collect().await?.into_iter().map(|mapping| {
        let to = mapping.destination_socket_address.unwrap();
        let state = mapping.destination_traffic_state.unwrap().to_string();
        (to.ip_address.unwrap(), to.port.unwrap(), state)
    });
    Ok(found.collect())
}

async fn traffic(client: &Client, accelerator: &str, group: &str) -> Result<(), Error> {
    let mapping = |address: &str, port, state: &str| (address.to_owned(), port, state.to_owned());
    let allow = || client.allow_custom_routing_traffic().endpoint_group_arn(group).endpoint_id(SUBNET);
    let deny = || client.deny_custom_routing_traffic().endpoint_group_arn(group).endpoint_id(SUBNET);
    let instance = |call: Request<cloudnet::aws_global_accelerator::AllowCustomRoutingTraffic>| {
        call.destination_addresses(["10.1.0.7"]).destination_ports([80, 81])
    };
    instance(allow()).send().await?;
    client.wait_for_custom_routing_accelerator_deployed(accelerator).await?;
    deny().destination_addresses(["10.1.0.7"]).destination_ports([81]).send().await?;
    let expected = [mapping("10.1.0.7", 80, "ALLOW"), mapping("10.1.0.7", 81, "DENY")];
    assert_eq!(mappings(client, accelerator).await?, expected);
    allow().allow_all_traffic_to_endpoint(true).send().await?;
    let expected = [mapping("10.1.0.7", 80, "ALLOW"), mapping("10.1.0.7", 81, "ALLOW")];
    assert_eq!(mappings(client, accelerator).await?, expected);

    let to_instance = client.list_custom_routing_port_mappings_by_destination().endpoint_id(SUBNET);
    let to_instance = to_instance.destination_address("10.1.0.7").items().collect().await?;
    assert_eq!((to_instance.len(), to_instance[0].accelerator_arn.as_deref()), (2, Some(accelerator)));
    assert_eq!(to_instance[0].endpoint_group_region.as_deref(), Some("eu-west-1"));
    refused(
        instance(allow()).endpoint_id("subnet-2"),
        ErrorClass::InvalidParameter,
        "InvalidArgumentException",
    )
    .await;
    client.wait_for_custom_routing_accelerator_deployed(accelerator).await.map(drop)
}

async fn tags(client: &Client, accelerator: &str) -> Result<(), Error> {
    let shown = || async {
        let mut tags = client.list_tags_for_resource().resource_arn(accelerator).send().await?.tags;
        tags.sort_by_key(|tag| tag.key.clone());
        let pair = |tag: Tag| format!("{}={}", tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
        Ok::<_, Error>(tags.into_iter().map(pair).collect::<Vec<_>>())
    };
    assert_eq!(shown().await?, ["team=games"]);
    let tag = |key, value| Tag::default().key(key).value(value);
    let add = client.tag_resource().resource_arn(accelerator);
    add.tags([tag("team", "play"), tag("stage", "test")]).send().await?;
    assert_eq!(shown().await?, ["stage=test", "team=play"]);
    client.untag_resource().resource_arn(accelerator).tag_keys(["stage", "never-there"]).send().await?;
    assert_eq!(shown().await?, ["team=play"]);
    Ok(())
}

async fn flow_logs(client: &Client, accelerator: &str) -> Result<(), Error> {
    let shown = || async {
        let describe = client.describe_custom_routing_accelerator_attributes();
        let attributes = describe.accelerator_arn(accelerator).send().await?.accelerator_attributes.unwrap();
        Ok::<_, Error>((attributes.flow_logs_enabled, attributes.flow_logs_s3_bucket))
    };
    assert_eq!(shown().await?, (Some(false), None));
    let update = client.update_custom_routing_accelerator_attributes().accelerator_arn(accelerator);
    let update = update.flow_logs_enabled(true).flow_logs_s3_bucket("logs").flow_logs_s3_prefix("games/");
    let answer = update.send().await?.accelerator_attributes.unwrap();
    assert_eq!(answer.flow_logs_s3_prefix.as_deref(), Some("games/"));
    assert_eq!(shown().await?, (Some(true), Some("logs".to_owned())));
    Ok(())
}

/// What leaves one group stays in the other.
async fn subnet_of_two_groups(client: &Client, acc: &str, listener: &str, group: &str) -> Result<(), Error> {
    let other = self::group(client, listener, "eu-west-2").send().await?.endpoint_group.unwrap();
    let other = other.endpoint_group_arn.unwrap();
    let endpoint = EndpointConfiguration::default().endpoint_id(SUBNET);
    let add = client.add_custom_routing_endpoints().endpoint_group_arn(&other);
    add.endpoint_configurations([endpoint]).send().await?;
    let allow = client.allow_custom_routing_traffic().endpoint_group_arn(&other).endpoint_id(SUBNET);
    allow.destination_addresses(["10.1.0.8"]).destination_ports([82]).send().await?;
    assert_eq!(mappings(client, acc).await?.len(), 3);
    let remove = client.remove_custom_routing_endpoints().endpoint_group_arn(group).endpoint_ids([SUBNET]);
    remove.send().await?;
    let left = [("10.1.0.8".to_owned(), 82, "ALLOW".to_owned())];
    assert_eq!(mappings(client, acc).await?, left);
    client.delete_custom_routing_endpoint_group().endpoint_group_arn(other).send_and_wait().await?;
    assert!(mappings(client, acc).await?.is_empty());
    Ok(())
}

/// From the inside out, each refused as long as something is in the way.
async fn take_down(client: &Client, accelerator: &str, listener: &str, group: &str) -> Result<(), Error> {
    let delete = || client.delete_custom_routing_accelerator().accelerator_arn(accelerator);
    refused(delete(), ErrorClass::Precondition, "AcceleratorNotDisabledException").await;
    let update = || client.update_custom_routing_accelerator().accelerator_arn(accelerator);
    let (disabled, states) = passed(update().enabled(false)).await?;
    let disabled = disabled.accelerator.unwrap();
    assert_eq!((disabled.enabled, disabled.name.as_deref()), (Some(false), Some("games")));
    assert!(disabled.last_modified_time > disabled.created_time);
    assert_eq!(states.last().map(String::as_str), Some("DEPLOYED"));
    refused(delete(), ErrorClass::Dependency, "AssociatedListenerFoundException").await;
    subnet_of_two_groups(client, accelerator, listener, group).await?;

    let drop_listener = || client.delete_custom_routing_listener().listener_arn(listener);
    refused(drop_listener(), ErrorClass::Dependency, "AssociatedEndpointGroupFoundException").await;
    client.delete_custom_routing_endpoint_group().endpoint_group_arn(group).send_and_wait().await?;
    drop_listener().send_and_wait().await?;
    // On its way once more: a call would have to wait.
    refused(update().name("late"), ErrorClass::Busy, "TransactionInProgressException").await;
    refused(delete(), ErrorClass::Busy, "TransactionInProgressException").await;
    client.wait_for_custom_routing_accelerator_deployed(accelerator).await?;
    delete().send_and_wait().await?;
    let gone = client.describe_custom_routing_accelerator().accelerator_arn(accelerator);
    refused(gone, ErrorClass::NotFound, "AcceleratorNotFoundException").await;
    Ok(())
}
