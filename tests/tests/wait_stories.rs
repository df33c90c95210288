//! Waits as people meet them, one story each: a server that is asked again and again, and what it
//! says with each look.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudnet::credentials::{CredentialsError, CredentialsFuture, ProvideCredentials};
use cloudnet::{
    Credentials, ErrorClass, ErrorKind, Request, ResourceState, RetryPolicy, ValidationPolicy, vpc,
};
use cloudnet_tests::failed;
use cloudnet_tests::server::{Answer, KEY_ID, KEY_SECRET, Parameters, Server};
use serde_json::{Value as Json, json};

/// A server without a connection, on which time only passes between looks. It answers reads by how
/// often they were asked, and every other call with `{}`.
fn reading(read: impl Fn(usize, &Parameters) -> Answer + Send + 'static) -> (Server, vpc::Client) {
    answering(json!({}), read)
}

fn answering(
    written: Json,
    read: impl Fn(usize, &Parameters) -> Answer + Send + 'static,
) -> (Server, vpc::Client) {
    let server = Server::closed();
    let mut turn = 0;
    server.script(move |action, parameters| {
        if !action.starts_with("Describe") {
            return Some(Answer::ok(&written));
        }
        turn += 1;
        Some(read(turn, parameters))
    });
    let client = server.aim(vpc::Client::builder()).transport(server.in_process()).build().unwrap();
    (server, client)
}

fn polls(server: &Server) -> usize {
    server.arrivals().iter().filter(|arrival| arrival.action.starts_with("Describe")).count()
}

/// A page of a listing by number, with what all pages have.
fn listing(way: [&str; 2], rows: &[Json], total: usize) -> Answer {
    Answer::ok(&json!({ "TotalCount": total, way[0]: { way[1]: rows } }))
}

/// The page of a listing that is asked for.
fn page(way: [&str; 2], rows: &[Json], asked: &Parameters) -> Answer {
    let number = |name: &str| asked.get(name).and_then(|text| text.parse::<usize>().ok());
    let (size, page) = (number("PageSize").unwrap_or(10), number("PageNumber").unwrap_or(1));
    let on_page: Vec<Json> = rows.iter().skip((page - 1) * size).take(size).cloned().collect();
    listing(way, &on_page, rows.len())
}

fn route(id: &str, destination: &str, state: &str) -> Json {
    json!({
        "RouteTableId": "vtb-1", "RouteEntryId": id, "DestinationCidrBlock": destination, "Status": state,
        "NextHops": { "NextHop": [{ "NextHopId": "i-1" }] },
    })
}

fn routes(rows: &[Json]) -> Answer {
    listing(["RouteEntrys", "RouteEntry"], rows, rows.len())
}

fn create_route(client: &vpc::Client, destination: &str) -> Request<vpc::CreateRouteEntry> {
    let call = client.create_route_entry().route_table_id("vtb-1").destination_cidr_block(destination);
    call.next_hop_id("i-1").next_hop_type("Instance")
}

#[tokio::test]
async fn a_route_entry_is_there_when_its_row_is() {
    let (server, client) = reading(|turn, _| match turn {
        1 => routes(&[]),
        2 => routes(&[route("rte-2", "10.0.0.0/8", "Available")]),
        _ => routes(&[route("rte-2", "10.0.0.0/8", "Available"), route("rte-1", "10.1.0.0/16", "Available")]),
    });
    create_route(&client, "10.1.0.0/16").send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);
}

#[tokio::test]
async fn what_becomes_of_other_entries_does_not_matter() {
    let (server, client) = reading(|_, _| {
        routes(&[route("rte-2", "10.2.0.0/16", "Modifying"), route("rte-1", "10.1.0.0/16", "Available")])
    });
    create_route(&client, "10.1.0.0/16").send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 1);
}

#[tokio::test]
async fn of_two_rows_of_one_destination_the_slower_is_waited_for() {
    let (server, client) = reading(|turn, _| {
        let slower = if turn < 4 { "Pending" } else { "Available" };
        routes(&[route("rte-1", "10.1.0.0/16", "Available"), route("rte-2", "10.1.0.0/16", slower)])
    });
    client.wait_for_route_entry_available("vtb-1", "10.1.0.0/16").await.unwrap();
    assert_eq!(polls(&server), 4);
}

#[tokio::test]
async fn a_destination_is_the_same_however_it_is_spelt() {
    for (asked, listed) in [
        ("192.168.7.9/24", "192.168.7.0/24"),
        ("2001:DB8:0::1/64", "2001:db8::/64"),
        ("10.0.0.1/32", "10.0.0.1"),
    ] {
        let (server, client) = reading(move |turn, _| {
            let state = if turn < 3 { "Pending" } else { "Available" };
            routes(&[route("rte-1", listed, state), route("rte-2", "10.0.0.0/8", "Modifying")])
        });
        create_route(&client, asked).send_and_wait().await.unwrap();
        assert_eq!(polls(&server), 3, "{asked}");
        let (server, client) = reading(move |turn, _| match turn {
            1 | 2 => routes(&[route("rte-1", listed, "Available")]),
            _ => routes(&[]),
        });
        client.wait_for_route_entry_gone("vtb-1", asked).await.unwrap();
        assert_eq!(polls(&server), 3, "{asked}");
    }
}

#[tokio::test]
async fn the_route_to_a_prefix_list_goes() {
    let (server, client) = reading(|turn, _| match turn {
        1 => routes(&[route("rte-1", "pl-1", "Available"), route("rte-2", "pl-2", "Available")]),
        _ => routes(&[route("rte-2", "pl-2", "Available")]),
    });
    let call = client.delete_route_entry().route_table_id("vtb-1").destination_cidr_block("pl-1");
    call.send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 2);
}

#[tokio::test]
async fn an_entry_named_by_its_id_alone_is_not_deleted_blindly() {
    let (server, client) = reading(|_, _| routes(&[]));
    for policy in [ValidationPolicy::Deny, ValidationPolicy::Off] {
        let call = client.delete_route_entry().route_entry_id("rte-1").with_validation(policy);
        let error = call.send_and_wait().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert!(error.to_string().contains("RouteTableId"), "{error}");
        assert!(!error.may_have_been_applied());
    }
    assert_eq!(server.requests(), 0);
    // Beside the table it names the entry.
    let call = client.delete_route_entry().route_entry_id("rte-1").route_table_id("vtb-1");
    call.send_and_wait().await.unwrap();
    let asked = server.last().parameters;
    assert_eq!((asked["RouteTableId"].as_str(), asked["RouteEntryId"].as_str()), ("vtb-1", "rte-1"));
}

#[tokio::test]
async fn a_call_by_name_is_refused_before_it_is_sent_too() {
    let server = Server::closed();
    let builder = server.aim(cloudnet::dynamic::builder("vpc").unwrap());
    let client = builder.transport(server.in_process()).build().unwrap();
    let call = client.call("DeleteRouteEntry", &json!({ "RouteEntryId": "rte-1" })).unwrap();
    let error = failed(call.send_with_waiter().await);
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let call = client.call("DescribeVpcs", &json!({})).unwrap();
    let error = failed(call.send_with_waiter().await);
    assert_eq!((error.kind(), error.action()), (ErrorKind::Configuration, Some("DescribeVpcs")));
    let error = client.wait_for("NoSuchWaiter", &json!({})).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let error = client.wait_for("VpcAvailable", &json!({ "VSwitchId": "vsw-1" })).unwrap().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn extra_parameters_name_what_is_waited_for() {
    // The next hop of the call, with the others as the service lists them.
    let (server, client) = reading(|turn, _| {
        let mut row = route("rte-1", "10.1.0.0/16", "Available");
        let hop = if turn < 3 { "i-9" } else { "i-1" };
        row["NextHops"]["NextHop"] = json!([{ "NextHopId": "i-2" }, { "NextHopId": hop }]);
        routes(&[row])
    });
    let call = client.create_route_entry().route_table_id("vtb-1").destination_cidr_block("10.1.0.0/16");
    call.with_extra("NextHopId", "i-1").with_validation(ValidationPolicy::Off).send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);
    // An extra parameter takes the place of the parameter.
    let (server, client) = reading(|_, _| Answer::ok(&json!({ "VpcId": "" })));
    client.delete_vpc().vpc_id("vpc-1").with_extra("VpcId", "vpc-2").send_and_wait().await.unwrap();
    assert_eq!(server.last().parameters["VpcId"], "vpc-2");
    // Of a list too.
    let (_server, client) = reading(|_, _| routes(&[route("rte-1", "10.1.0.0/16", "Available")]));
    let call = client.create_route_entry().route_table_id("vtb-1").destination_cidr_block("10.1.0.0/16");
    let call = call.with_extra("NextHopList.1.NextHopId", "i-1").with_extra("NextHopList.2.NextHopId", "i-2");
    let (_, waiter) = call.send_with_waiter().await.unwrap();
    // The row has one of the two.
    waiter.with_deadline(Duration::from_secs(30)).await.unwrap_err();
    // And where a value decides which state is waited for, in whatever case.
    let (server, client) = reading(|turn, asked| {
        let state = if turn < 3 { "normal" } else { "published" };
        let row = json!({ "VpnInstanceId": "vpn-1", "RouteDest": "10.0.0.0/24", "NextHop": "vco-1", "State": state });
        page(["VpnRouteEntries", "VpnRouteEntry"], &[row], asked)
    });
    let call = client.create_vpn_route_entry().vpn_gateway_id("vpn-1").next_hop("vco-1");
    let call = call.route_dest("10.0.0.0/24").weight(100).with_extra("PublishVpc", "True");
    call.send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);
}

#[tokio::test]
async fn all_next_hops_of_a_route_are_waited_for() {
    let rows = |hops: &[&str]| {
        let mut row = route("rte-1", "10.1.0.0/16", "Available");
        let hops: Vec<Json> = hops.iter().map(|hop| json!({ "NextHopId": hop })).collect();
        row["NextHops"]["NextHop"] = json!(hops);
        routes(&[row])
    };
    let list = || [hop("ri-1"), hop("ri-2")];
    let (server, client) =
        reading(move |turn, _| if turn < 3 { rows(&["ri-1"]) } else { rows(&["ri-2", "ri-1"]) });
    let call = client.create_route_entry().route_table_id("vtb-1").destination_cidr_block("10.1.0.0/16");
    call.next_hop_list(list()).send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);
    // It is gone when none of them is left.
    let (server, client) = reading(move |turn, _| match turn {
        1 => rows(&["ri-1", "ri-2"]),
        2 => rows(&["ri-2"]),
        _ => rows(&["ri-3"]),
    });
    let call = client.delete_route_entry().route_table_id("vtb-1").destination_cidr_block("10.1.0.0/16");
    let going = [leaving_hop("ri-1"), leaving_hop("ri-2")];
    call.next_hop_list(going).send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);
}

fn leaving_hop(id: &str) -> vpc::delete_route_entry::NextHopList {
    vpc::delete_route_entry::NextHopList::default().next_hop_id(id).next_hop_type("RouterInterface")
}

fn hop(id: &str) -> vpc::create_route_entry::NextHopList {
    vpc::create_route_entry::NextHopList::default().next_hop_id(id).next_hop_type("RouterInterface")
}

#[tokio::test]
async fn a_listing_without_a_total_that_turns_no_pages_is_short_or_not_believed() {
    let of = |rows: usize| {
        move |turn: usize, _: &Parameters| {
            let row = |number| {
                json!({ "RouteTableId": "vtb-1", "Status": "Available", "VpcId": format!("vpc-{number}"),
                "VSwitchIds": { "VSwitchId": [if turn == 1 { "vsw-1" } else { "vsw-2" }] } })
            };
            let rows: Vec<Json> = (0..rows).map(row).collect();
            Answer::ok(&json!({ "RouterTableList": { "RouterTableListType": rows } }))
        }
    };
    for (rows, is_gone) in [(1, true), (50, false)] {
        let (_server, client) = reading(of(rows));
        let call = client.unassociate_route_table().route_table_id("vtb-1").vswitch_id("vsw-1");
        let (_, waiter) = call.send_with_waiter().await.unwrap();
        let ended = waiter.with_deadline(Duration::from_secs(60)).await;
        assert_eq!(ended.is_ok(), is_gone, "{rows} {ended:?}");
    }
}

fn tables(vswitches: &[&str]) -> Answer {
    let row = json!({
        "RouteTableId": "vtb-1", "Status": "Available", "VSwitchIds": { "VSwitchId": vswitches },
    });
    listing(["RouterTableList", "RouterTableListType"], &[row], 1)
}

#[tokio::test]
async fn a_route_table_gets_and_loses_a_vswitch_with_the_fourth_listing() {
    let (server, client) =
        reading(|turn, _| if turn < 4 { tables(&["vsw-2"]) } else { tables(&["vsw-2", "vsw-1"]) });
    client.associate_route_table().route_table_id("vtb-1").vswitch_id("vsw-1").send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 4);
    let (server, client) =
        reading(|turn, _| if turn < 4 { tables(&["vsw-1", "vsw-2"]) } else { tables(&["vsw-2"]) });
    client
        .unassociate_route_table()
        .route_table_id("vtb-1")
        .vswitch_id("vsw-1")
        .send_and_wait()
        .await
        .unwrap();
    assert_eq!(polls(&server), 4);
}

#[tokio::test]
async fn number_51_of_51_is_not_gone() {
    let (server, client) = reading(|turn, asked| {
        let count = if turn <= 4 { 51 } else { 50 };
        let rows: Vec<Json> =
            (1..=count).map(|n| json!({ "VbrId": format!("vbr-{n}"), "Status": "active" })).collect();
        page(["VirtualBorderRouterSet", "VirtualBorderRouterType"], &rows, asked)
    });
    client.delete_virtual_border_router().vbr_id("vbr-51").send_and_wait().await.unwrap();
    // Twice two pages that show it, then one that has all the others.
    assert_eq!(polls(&server), 5);
    assert_eq!(server.last().parameters["PageSize"], "50");
}

#[tokio::test]
async fn the_route_of_a_vpn_gateway_is_number_11_and_published_if_that_was_asked_for() {
    for (publish, looks) in [(false, 2), (true, 4)] {
        let (server, client) = reading(move |turn, asked| {
            // Each look has two pages.
            let state = match turn {
                1 | 2 => "pending",
                3..=6 => "normal",
                _ => "published",
            };
            let row = |n: usize| {
                let state = if n == 11 { state } else { "published" };
                json!({ "VpnInstanceId": "vpn-1", "RouteDest": format!("10.{n}.0.0/16"), "NextHop": "vco-1", "State": state })
            };
            let rows: Vec<Json> = (1..=11).map(row).collect();
            let mut asked = asked.clone();
            asked.insert("PageSize".to_owned(), "10".to_owned());
            page(["VpnRouteEntries", "VpnRouteEntry"], &rows, &asked)
        });
        let call = client.create_vpn_route_entry().vpn_gateway_id("vpn-1").route_dest("10.11.0.0/16");
        call.next_hop("vco-1").publish_vpc(publish).weight(0).send_and_wait().await.unwrap();
        assert_eq!(polls(&server), 2 * looks, "{publish}");
    }
}

#[tokio::test]
async fn a_connection_that_is_terminated_is_never_canceled() {
    let (server, client) = reading(|turn, _| {
        let state = if turn == 1 { "Confirmed" } else { "Terminated" };
        let row = json!({ "PhysicalConnectionId": "pc-1", "Status": state });
        listing(["PhysicalConnectionSet", "PhysicalConnectionType"], &[row], 1)
    });
    let error =
        client.cancel_physical_connection().physical_connection_id("pc-1").send_and_wait().await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Precondition));
    assert_eq!((error.last_state(), polls(&server)), (Some("Terminated"), 2));
    assert!(error.to_string().contains("PhysicalConnectionId pc-1 is in state Terminated"), "{error}");
}

fn eip(state: &str, instance: &str) -> Answer {
    let row = json!({ "AllocationId": "eip-1", "Status": state, "InstanceId": instance });
    listing(["EipAddresses", "EipAddress"], &[row], 1)
}

#[tokio::test]
async fn an_eip_comes_is_bound_freed_and_released() {
    let (server, client) = answering(json!({ "AllocationId": "eip-1" }), |turn, _| match turn {
        1 => listing(["EipAddresses", "EipAddress"], &[], 0),
        _ => eip("Available", ""),
    });
    let allocated = client.allocate_eip_address().send_and_wait().await.unwrap();
    assert_eq!((allocated.allocation_id.as_deref(), polls(&server)), (Some("eip-1"), 2));

    // It is still bound to what it was bound to before.
    let (server, client) = reading(|turn, _| match turn {
        1 => eip("InUse", "i-0"),
        2 => eip("Associating", "i-1"),
        _ => eip("InUse", "i-1"),
    });
    let call = client.associate_eip_address().allocation_id("eip-1").instance_id("i-1");
    call.send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);

    let (server, client) = reading(|turn, _| match turn {
        1 => eip("InUse", "i-1"),
        2 => eip("Unassociating", "i-1"),
        _ => eip("Available", ""),
    });
    let call = client.unassociate_eip_address().allocation_id("eip-1").instance_id("i-1");
    call.send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);

    // What is on its way out is never bound; a release waits for it.
    let (server, client) = reading(|_, _| eip("Releasing", ""));
    let error = client.wait_for_eip_in_use("eip-1").await.unwrap_err();
    assert_eq!((error.class(), polls(&server)), (ErrorClass::Precondition, 1));
    let (server, client) = reading(|turn, _| match turn {
        1 | 2 => eip("Releasing", ""),
        _ => listing(["EipAddresses", "EipAddress"], &[], 0),
    });
    client.release_eip_address().allocation_id("eip-1").send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 3);
}

fn vpc_in(state: &str) -> Answer {
    Answer::ok(&json!({ "VpcId": "vpc-1", "Status": state }))
}

#[tokio::test]
async fn a_short_deadline_is_kept_and_named() {
    let (server, client) = reading(|_, _| vpc_in("Pending"));
    let start = server.time().now();
    let waiter = client.wait_for_vpc_available("vpc-1").with_deadline(Duration::from_secs(2));
    let error = waiter.await.unwrap_err();
    let took = server.time().now().duration_since(start).unwrap();
    assert_eq!(took, Duration::from_secs(2));
    assert!(error.to_string().contains("VpcId vpc-1 is still Pending after 2 s"), "{error}");
    assert_eq!(polls(&server), 2, "one at once, one at the deadline");
}

#[tokio::test]
async fn an_empty_answer_is_gone_only_where_that_is_waited_for() {
    let (server, client) = reading(|turn, _| match turn {
        1..=6 => Answer::ok(&json!({ "VpcId": "", "Status": "" })),
        _ => vpc_in("Available"),
    });
    client.wait_for_vpc_available("vpc-1").await.unwrap();
    assert_eq!(polls(&server), 7);
}

#[tokio::test]
async fn what_a_call_made_is_not_lost_with_its_wait() {
    let (_, client) = answering(json!({ "VpcId": "vpc-1", "VRouterId": "vrt-1" }), |_, _| vpc_in("Pending"));
    let error = client.create_vpc().with_token("mine").send_and_wait().await.unwrap_err();
    assert_eq!((error.class(), error.token()), (ErrorClass::Busy, Some("mine")));
    assert!(error.may_have_been_applied());
    let created = error.applied().unwrap().decode::<vpc::CreateVpc>().unwrap();
    assert_eq!(created.vrouter_id.as_deref(), Some("vrt-1"));
    let text = error.to_string();
    assert!(text.ends_with("CreateVpc was applied: VpcId vpc-1"), "{text}");
    assert!(!text.contains("ask again"), "{text}");
}

#[tokio::test]
async fn a_call_that_does_not_say_what_it_made_was_made_all_the_same() {
    let (server, client) = reading(|_, _| vpc_in("Available"));
    for result in [
        client.create_vpc().with_token("mine").send_and_wait().await.map(drop),
        client.create_vpc().with_token("mine").send_with_waiter().await.unwrap().1.await.map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.token()), (ErrorKind::Response, Some("mine")));
        assert!(error.may_have_been_applied() && error.applied().is_some(), "{error:?}");
        assert!(error.to_string().contains("VpcId"), "{error}");
    }
    assert_eq!(polls(&server), 0, "without a name it would ask for all");
}

#[tokio::test]
async fn only_a_delete_is_done_by_what_is_gone() {
    let server = Server::closed();
    server.script(|_, _| Some(Answer::code(404, "InvalidVpcId.NotFound")));
    let client = server.aim(vpc::Client::builder()).transport(server.in_process()).build().unwrap();
    client.delete_vpc().vpc_id("vpc-1").send_and_wait().await.unwrap();
    let call = client.modify_vpc_attribute().vpc_id("vpc-1").vpc_name("name");
    let error = call.send_and_wait().await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Service, ErrorClass::NotFound));
    assert_eq!(polls(&server), 0);
    // Nor is a delete that was refused, or that is about another thing that is missing.
    for code in ["NoPermission", "DependencyViolation.VSwitch", "Invented.NotFound"] {
        server.script(move |_, _| Some(Answer::code(404, code)));
        let error = client.delete_vpc().vpc_id("vpc-1").send_and_wait().await.unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
    assert_eq!(polls(&server), 0);
}

#[tokio::test]
async fn gone_is_told_by_the_table_in_whatever_case() {
    for (code, is_gone) in [
        ("InvalidVpcId.NotFound", true),
        ("invalidvpcid.notfound", true),
        ("Invented.NotFound", false),
        ("InvalidRegionId.NotFound", false),
    ] {
        let (server, client) = reading(move |_, _| Answer::code(404, code));
        let error = client.describe_vpc_attribute().vpc_id("vpc-1").send().await.unwrap_err();
        assert_eq!((error.is_gone(), error.class()), (is_gone, ErrorClass::NotFound), "{code}");
        let waited = client.wait_for_vpc_gone("vpc-1").await;
        assert_eq!(waited.is_ok(), is_gone, "{code}: {waited:?}");
        assert_eq!(polls(&server), 2);
    }
}

#[tokio::test]
async fn what_was_accepted_once_is_polled_with() {
    // More IDs than the document takes in one listing: nobody but the service refuses them.
    let many = (0..60).map(|n| format!("eip-{n}")).collect::<Vec<_>>().join(",");
    let (server, client) = reading(|_, _| listing(["EipAddresses", "EipAddress"], &[], 0));
    assert_eq!(
        client.describe_eip_addresses().allocation_id(many.clone()).send().await.unwrap_err().kind(),
        ErrorKind::Validation
    );
    assert_eq!(client.wait_for_eip_gone(many.clone()).await.unwrap(), ResourceState::Gone);
    assert_eq!(server.last().parameters["AllocationId"], many);
}

/// Credentials that are missing at times.
#[derive(Debug)]
struct Forgetful {
    asked: AtomicUsize,
    missing: std::ops::Range<usize>,
}

impl ProvideCredentials for Forgetful {
    fn provide(&self) -> CredentialsFuture<'_> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let given = match self.missing.contains(&asked) {
            true => Err(CredentialsError::new("not at the moment")),
            false => Ok(Credentials::new(KEY_ID, KEY_SECRET)),
        };
        Box::pin(std::future::ready(given))
    }
}

#[tokio::test]
async fn a_moment_without_credentials_passes() {
    let (server, _) = answering(json!({ "VpcId": "vpc-1" }), |turn, _| match turn {
        1 => vpc_in("Pending"),
        _ => vpc_in("Available"),
    });
    let client = |missing| {
        let forgetful = Forgetful { asked: AtomicUsize::new(0), missing };
        let builder = server.aim(vpc::Client::builder()).transport(server.in_process());
        builder.credentials(forgetful).retry(RetryPolicy::none()).build().unwrap()
    };
    client(2..4).create_vpc().send_and_wait().await.unwrap();
    assert_eq!(polls(&server), 2);
    // Not so where nothing was asked for yet, nor for ever.
    let error = client(0..1).create_vpc().send_and_wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let error = client(1..9999).create_vpc().send_and_wait().await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Busy));
    assert!(error.to_string().contains("not at the moment"), "{error}");
    assert!(error.applied().is_some());
}

#[tokio::test]
async fn a_region_of_the_call_is_that_of_its_wait() {
    let (server, client) = answering(json!({ "VpcId": "vpc-1" }), |_, _| vpc_in("Available"));
    client.create_vpc().region_id("cn-beijing").send_and_wait().await.unwrap();
    client.create_vpc().with_extra("RegionId", "cn-shanghai").send_and_wait().await.unwrap();
    client.create_vpc().send_and_wait().await.unwrap();
    let polled = server.arrivals().into_iter().filter(|arrival| arrival.action.starts_with("Describe"));
    let regions: Vec<String> = polled.map(|arrival| arrival.parameters["RegionId"].clone()).collect();
    assert_eq!(regions, ["cn-beijing", "cn-shanghai", "cn-hangzhou"]);
}

#[tokio::test]
async fn a_listing_that_shows_less_than_it_counts_is_not_all() {
    const WAY: [&str; 2] = ["VirtualBorderRouterSet", "VirtualBorderRouterType"];
    let row = |n: usize| json!({ "VbrId": format!("vbr-{n}"), "Status": "active" });
    let (server, client) = reading(move |turn, asked| match asked["PageNumber"].as_str() {
        // One row of three is kept back through all walks of the first look.
        "1" if turn <= 10 => listing(WAY, &[row(2), row(3)], 3),
        "1" => listing(WAY, &[row(2), row(3)], 2),
        _ => listing(WAY, &[], 3),
    });
    client.wait_for_virtual_border_router_gone("vbr-1").await.unwrap();
    assert_eq!(polls(&server), 11);
    // Each page counts anew: what they have together is not all of any count.
    let (server, client) = reading(move |turn, asked| match asked["PageNumber"].as_str() {
        _ if turn > 10 => listing(WAY, &[row(2), row(3)], 2),
        "1" => listing(WAY, &[row(2)], 3),
        _ => listing(WAY, &[row(3)], 2),
    });
    client.wait_for_virtual_border_router_gone("vbr-1").await.unwrap();
    assert_eq!(polls(&server), 11);
    // Two whole walks must have seen the same, not one and one that was not.
    let (server, client) = reading(move |turn, asked| match asked["PageNumber"].as_str() {
        "1" => listing(WAY, &[row(2)], if turn == 1 { 3 } else { 2 }),
        _ => listing(WAY, &[row(3)], 2),
    });
    client.wait_for_virtual_border_router_gone("vbr-1").await.unwrap();
    assert_eq!(polls(&server), 6);
    // A count of none beside rows says nothing: both walks of both pages tell.
    let (server, client) = reading(move |_, asked| match asked["PageNumber"].as_str() {
        "1" => listing(WAY, &[row(2), row(3)], 0),
        _ => listing(WAY, &[], 0),
    });
    client.wait_for_virtual_border_router_gone("vbr-1").await.unwrap();
    assert_eq!(polls(&server), 4);
    // One that leads back to what it showed before breaks off, and is not all either.
    let (server, client) = reading(move |turn, _| match turn {
        1..=10 => routes_before(&[route("rte-2", "10.2.0.0/16", "Available")], "again"),
        _ => routes(&[route("rte-2", "10.2.0.0/16", "Available")]),
    });
    client.wait_for_route_entry_gone("vtb-1", "10.1.0.0/16").await.unwrap();
    assert_eq!(polls(&server), 11);
}

/// A page of routes with another one behind it.
fn routes_before(rows: &[Json], next: &str) -> Answer {
    Answer::ok(&json!({ "NextToken": next, "RouteEntrys": { "RouteEntry": rows } }))
}

#[tokio::test]
async fn a_listing_that_never_holds_still_says_nothing() {
    // A row goes from page 1 whenever page 2 is asked for.
    let (server, client) = reading(move |turn, asked| {
        let rows: Vec<Json> =
            (0..120).map(|n| json!({ "VbrId": format!("vbr-{turn}-{n}"), "Status": "active" })).collect();
        page(["VirtualBorderRouterSet", "VirtualBorderRouterType"], &rows, asked)
    });
    let mut waiter =
        client.wait_for_virtual_border_router_gone("vbr-1").with_deadline(Duration::from_secs(20));
    let error = waiter.next_state().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Busy));
    assert!(error.to_string().contains("did not hold still"), "{error}");
    // Five walks of three pages in each look.
    assert_eq!(polls(&server), 15 * usize::try_from(waiter.polls()).unwrap());
}
