//! Endpoint services, and the endpoints that connect to them.

use cloudnet::privatelink::Client;
use cloudnet::privatelink::create_vpc_endpoint::Zone;
use cloudnet::privatelink::create_vpc_endpoint_service::ServiceResource;
use cloudnet::{Error, ErrorClass};

use crate::cloud::{Cloud, only, passed, refused};

const BALANCER: &str = "nlb-hp32z1wp5peaoox2q5";
const VPC: &str = "vpc-bp15zckdt37pq72zv3";

#[tokio::test]
async fn an_endpoint_service() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let link: Client = cloud.emulator.client()?;
    let create = || {
        let balancer = ServiceResource::default().resource_type("nlb").resource_id(BALANCER);
        let create = link.create_vpc_endpoint_service().service_description("offers");
        let create = create.service_resource_type("nlb").address_ip_version("DualStack");
        create
            .resource([balancer.zone_id("cn-hangzhou-j")])
            .supported_region_list(["cn-beijing", "cn-shanghai"])
    };
    create().dry_run().await?;
    assert!(cloud.left().is_empty());
    let (service, states) = passed(create().with_token("token-1")).await?;
    assert_eq!(states, ["Creating", "Active"]);
    assert_eq!(create().with_token("token-1").send().await?.service_id, service.service_id);
    let other = create().service_description("others").with_token("token-1");
    refused(other, ErrorClass::Idempotency, "IdempotentParameterMismatch").await;
    let unknown = create().address_ip_version("IPv5");
    refused(unknown, ErrorClass::InvalidParameter, "IllegalParam.AddressIpVersion").await;

    let id = service.service_id.unwrap();
    let shown = link.get_vpc_endpoint_service_attribute().service_id(&id).send().await?;
    assert_eq!(shown.address_ip_version.as_ref().map(|version| version.as_str()), Some("DualStack"));
    assert_eq!(shown.zones, ["cn-hangzhou-j"]);
    let regions = |set: Vec<_>| -> Vec<String> { set.into_iter().flatten().collect() };
    let from = shown.supported_region_set.into_iter().map(|region| region.supported_region_id);
    assert_eq!(regions(from.collect()), ["cn-beijing", "cn-shanghai"]);
    let update = link.update_vpc_endpoint_service_attribute().service_id(&id).auto_accept_enabled(true);
    let update = update.add_supported_region_set(["cn-shenzhen"]).delete_supported_region_set(["cn-beijing"]);
    let (_, states) = passed(update).await?;
    assert_eq!(states, ["Pending", "Active"]);
    let shown = only(link.list_vpc_endpoint_services().resource_id(BALANCER)).await?;
    assert_eq!((shown.service_id.as_ref(), shown.auto_accept_enabled), (Some(&id), Some(true)));
    let from = shown.supported_region_set.into_iter().map(|region| region.supported_region_id);
    assert_eq!(regions(from.collect()), ["cn-shanghai", "cn-shenzhen"]);
    link.delete_vpc_endpoint_service().service_id(&id).send_and_wait().await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

#[tokio::test]
async fn an_endpoint_is_connected_to_a_service() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let link: Client = cloud.emulator.client()?;
    let service = link.create_vpc_endpoint_service().service_description("offers").send_and_wait().await?;
    let (service, name) = (service.service_id.unwrap(), service.service_name.unwrap());
    resources(&link, &service).await?;

    let create = || {
        let zone = Zone::default().zone_id("cn-hangzhou-j").vswitch_id("vsw-bp1").ip("10.0.0.7");
        let create = link.create_vpc_endpoint().vpc_id(VPC).endpoint_name("way-in").zone([zone]);
        create.security_group_id(["sg-1"]).tag("team", "network").tag("env", "prod")
    };
    create().service_id(&service).dry_run().await?;
    assert!(link.list_vpc_endpoints().send().await?.endpoints.is_empty());
    let (made, states) = passed(create().service_name(&name)).await?;
    assert_eq!(states, ["Creating", "Active"]);
    assert_eq!((made.service_id.as_ref(), made.service_name.as_ref()), (Some(&service), Some(&name)));
    let endpoint = made.endpoint_id.unwrap();
    let other = link.create_vpc_endpoint().vpc_id(VPC).service_id(&service).tag("env", "test");
    let other = other.send_and_wait().await?.endpoint_id.unwrap();

    listings(&link, &endpoint, &other).await?;
    connection(&link, &service, &endpoint).await?;
    zones(&link, &endpoint).await?;
    tags(&link, &endpoint, &service).await?;
    groups_and_changes(&link, &endpoint).await?;

    let delete = || link.delete_vpc_endpoint_service().service_id(&service);
    refused(delete(), ErrorClass::Dependency, "EndpointServiceConnectionDependence").await;
    for id in [&endpoint, &other] {
        let (_, states) = passed(link.delete_vpc_endpoint().endpoint_id(id)).await?;
        assert_eq!(states.last().unwrap(), "(gone)");
    }
    let gone = link.get_vpc_endpoint_attribute().endpoint_id(&endpoint);
    refused(gone, ErrorClass::NotFound, "EndpointNotFound").await;
    delete().send_and_wait().await?;
    assert!(cloud.left().is_empty());
    Ok(())
}

async fn resources(link: &Client, service: &str) -> Result<(), Error> {
    let attach = || {
        let attach = link.attach_resource_to_vpc_endpoint_service().service_id(service);
        attach.resource_type("nlb").resource_id(BALANCER)
    };
    attach().zone_id("cn-hangzhou-j").dry_run().await?;
    let listing = || link.list_vpc_endpoint_service_resources().service_id(service);
    assert!(listing().send().await?.resources.is_empty());
    for zone in ["cn-hangzhou-j", "cn-hangzhou-k"] {
        attach().zone_id(zone).send_and_wait().await?;
    }
    assert_eq!(listing().max_results(1).items().collect().await?.len(), 2);
    let detach = link.detach_resource_from_vpc_endpoint_service().service_id(service);
    detach.resource_id(BALANCER).zone_id("cn-hangzhou-k").send_and_wait().await?;
    assert_eq!(only(listing()).await?.zone_id.as_deref(), Some("cn-hangzhou-j"));
    let shown = link.get_vpc_endpoint_service_attribute().service_id(service).send().await?;
    assert_eq!(shown.zones, ["cn-hangzhou-j"]);

    link.add_user_to_vpc_endpoint_service().service_id(service).user_id(1_234_567_890).send().await?;
    let users = || link.list_vpc_endpoint_service_users().service_id(service);
    assert_eq!(only(users()).await?.user_id, Some(1_234_567_890));
    link.remove_user_from_vpc_endpoint_service().service_id(service).user_id(1_234_567_890).send().await?;
    assert!(users().send().await?.users.is_empty());
    Ok(())
}

async fn listings(link: &Client, endpoint: &str, other: &str) -> Result<(), Error> {
    let listing = || link.list_vpc_endpoints();
    let all = listing().max_results(1).items().collect().await?;
    let all: Vec<_> = all.into_iter().filter_map(|found| found.endpoint_id).collect();
    assert_eq!(all, [endpoint, other]);
    let named = only(listing().endpoint_name("way-in")).await?;
    assert_eq!((named.endpoint_id.as_deref(), named.vpc_id.as_deref()), (Some(endpoint), Some(VPC)));
    let found = only(listing().tag("env", "prod").tag("team", "network")).await?;
    assert_eq!((found.endpoint_id.as_deref(), found.tags.len()), (Some(endpoint), 2));
    let keyed = listing().tag("env", None::<&str>).send().await?.endpoints;
    assert_eq!(keyed.len(), 2);
    let both = listing().tag("env", "test").tag("team", "network").send().await?;
    assert!(both.endpoints.is_empty());
    assert!(listing().endpoint_id("ep-no").send().await?.endpoints.is_empty());
    Ok(())
}

async fn connection(link: &Client, service: &str, endpoint: &str) -> Result<(), Error> {
    let state = async || -> Result<_, Error> {
        let shown = link.get_vpc_endpoint_attribute().endpoint_id(endpoint).send().await?;
        Ok(shown.connection_status.map(|state| state.as_str().to_owned()))
    };
    assert_eq!(state().await?.as_deref(), Some("Disconnected"));
    let enable = link.enable_vpc_endpoint_connection().service_id(service).endpoint_id(endpoint);
    let (_, states) = passed(enable.bandwidth(200)).await?;
    assert_eq!(states, ["Connecting", "Connected"]);
    assert_eq!(state().await?.as_deref(), Some("Connected"));
    let listing = link.list_vpc_endpoint_connections().service_id(service).connection_status("Connected");
    let found = only(listing).await?;
    assert_eq!((found.endpoint_id.as_deref(), found.bandwidth), (Some(endpoint), Some(200)));
    assert_eq!(found.endpoint_vpc_id.as_deref(), Some(VPC));
    assert_eq!(found.zones[0].zone_id.as_deref(), Some("cn-hangzhou-j"));

    let disable = || link.disable_vpc_endpoint_connection().service_id(service).endpoint_id(endpoint);
    disable().dry_run().await?;
    assert_eq!(state().await?.as_deref(), Some("Connected"));
    let (_, states) = passed(disable()).await?;
    assert_eq!(states, ["Disconnecting", "Disconnected"]);
    let state = link.wait_for_vpc_endpoint_connection_disconnected(service, endpoint).await?;
    assert_eq!(state.to_string(), "Disconnected");
    Ok(())
}

async fn zones(link: &Client, endpoint: &str) -> Result<(), Error> {
    let listing = || link.list_vpc_endpoint_zones().endpoint_id(endpoint);
    assert_eq!(only(listing()).await?.eni_ip.as_deref(), Some("10.0.0.7"));
    let add = link.add_zone_to_vpc_endpoint().endpoint_id(endpoint).zone_id("cn-hangzhou-k");
    let (_, states) = passed(add.vswitch_id("vsw-bp2")).await?;
    assert_eq!(states, ["Creating", "Wait"]);
    assert_eq!(listing().send().await?.total_count, Some(2));
    let remove = link.remove_zone_from_vpc_endpoint().endpoint_id(endpoint).zone_id("cn-hangzhou-k");
    remove.send_and_wait().await?;
    assert_eq!(only(listing()).await?.vswitch_id.as_deref(), Some("vsw-bp1"));
    let again = link.remove_zone_from_vpc_endpoint().endpoint_id(endpoint).zone_id("cn-hangzhou-k");
    refused(again, ErrorClass::NotFound, "EndpointZoneNotFound").await;
    Ok(())
}

async fn tags(link: &Client, endpoint: &str, service: &str) -> Result<(), Error> {
    let endpoints = || link.list_tag_resources().resource_type("vpcendpoint");
    let put = link.tag_resources().resource_type("vpcendpoint").resource_id([endpoint]);
    put.tag("env", "live").tag("owner", "us").send().await?;
    let found = endpoints().resource_id([endpoint]).items().collect().await?;
    let found = found.into_iter().map(|tag| (tag.tag_key.unwrap(), tag.tag_value.unwrap()));
    let expected = [("team", "network"), ("env", "live"), ("owner", "us")];
    assert_eq!(found.collect::<Vec<_>>(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let take = || link.untag_resources().resource_type("vpcendpoint").resource_id([endpoint]);
    take().tag_key(["team", "env"]).send().await?;
    assert_eq!(only(endpoints().resource_id([endpoint])).await?.tag_key.as_deref(), Some("owner"));
    take().all(true).send().await?;
    assert!(endpoints().resource_id([endpoint]).send().await?.tag_resources.is_empty());

    let put = link.tag_resources().resource_type("vpcendpointservice").resource_id([service]);
    put.tag("team", "network").send().await?;
    let offered = link.list_vpc_endpoint_services_by_end_user().tag("team", "network");
    assert_eq!(only(offered).await?.service_id.as_deref(), Some(service));
    Ok(())
}

async fn groups_and_changes(link: &Client, endpoint: &str) -> Result<(), Error> {
    let listing = || link.list_vpc_endpoint_security_groups().endpoint_id(endpoint);
    assert_eq!(only(listing()).await?.security_group_id.as_deref(), Some("sg-1"));
    let attach = link.attach_security_group_to_vpc_endpoint().endpoint_id(endpoint);
    let (_, states) = passed(attach.security_group_id("sg-2")).await?;
    assert_eq!(states, ["Pending", "Active"]);
    let detach = link.detach_security_group_from_vpc_endpoint().endpoint_id(endpoint);
    detach.security_group_id("sg-1").send_and_wait().await?;

    let change = link.update_vpc_endpoint_attribute().endpoint_id(endpoint).endpoint_name("way-out");
    let (_, states) = passed(change.endpoint_description("used by all").policy_document("{}")).await?;
    assert_eq!(states, ["Pending", "Active"]);
    let shown = async || link.get_vpc_endpoint_attribute().endpoint_id(endpoint).send().await;
    let now = shown().await?;
    assert_eq!((now.endpoint_name.as_deref(), now.policy_document.as_deref()), (Some("way-out"), Some("{}")));
    let reset = link.update_vpc_endpoint_attribute().endpoint_id(endpoint).reset_policy(true);
    reset.send_and_wait().await?;
    assert_eq!(shown().await?.policy_document, None);
    assert_eq!(link.wait_for_vpc_endpoint_active(endpoint).await?.to_string(), "Active");
    Ok(())
}
