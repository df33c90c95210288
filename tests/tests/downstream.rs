//! What a program that uses the crate tests with, and how one without a runtime calls.

use std::time::{Duration, Instant};

use cloudnet::testing::{Documented, Fault, ManualClock};
use cloudnet::{
    ErrorClass, ErrorKind, PagePosition, ResourceState, ValidationPolicy, blocking, clock::Clock, vpc,
};
use serde_json::json;

#[tokio::test]
async fn faults_come_in_their_order_and_without_waiting() {
    let began = Instant::now();
    let clock = ManualClock::automatic();
    let service = Documented::with_clock(&clock);
    service.on_action("CreateVpc").reset_before().reset_after().json(&json!({ "VpcId": "vpc-1" }));
    let client = service.client::<vpc::Client>("cn-hangzhou").unwrap();
    let created = client.create_vpc().send().await.unwrap();
    assert_eq!(created.vpc_id.as_deref(), Some("vpc-1"));
    let calls = service.calls_of("CreateVpc");
    let faults: Vec<_> = calls.iter().map(|call| call.fault).collect();
    assert_eq!(faults, [Some(Fault::ResetBefore), Some(Fault::ResetAfter), None]);
    assert_eq!(calls.iter().filter(|call| call.was_applied()).count(), 2);
    assert!(calls.iter().all(|call| call.parameter("ClientToken") == calls[0].parameter("ClientToken")));

    // A server that never answers, and a client that gives up after three minutes.
    service.on_action("DescribeVpcs").silence().always();
    let error = client.describe_vpcs().send().await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Timeout, ErrorClass::Unavailable));
    assert!(clock.passed() >= Duration::from_secs(180), "{:?}", clock.passed());
    service.reset();
    assert!(service.calls().is_empty());
    assert_eq!(client.describe_vpcs().send().await.unwrap().vpcs.len(), 2);
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn answers_can_be_late_repeated_and_for_ever() {
    let clock = ManualClock::automatic();
    let service = Documented::with_clock(&clock);
    let client = service.client::<vpc::Client>("cn-hangzhou").unwrap();
    service
        .on_action("DescribeVpcAttribute")
        .json(&json!({ "VpcId": "vpc-1", "Status": "Pending" }))
        .times(5);
    service
        .on_action("DescribeVpcAttribute")
        .fail("Throttling")
        .json(&json!({ "VpcId": "vpc-1", "Status": "Available" }))
        .delay(Duration::from_secs(2))
        .always();
    let start = clock.passed();
    let state = client.wait_for_vpc_available("vpc-1").await.unwrap();
    assert_eq!(state, ResourceState::Named("Available".to_owned()));
    assert_eq!(service.calls_of("DescribeVpcAttribute").len(), 7);
    let took = clock.passed() - start;
    assert!((Duration::from_secs(30)..Duration::from_secs(55)).contains(&took), "{took:?}");
    client.wait_for_vpc_available("vpc-1").await.unwrap();
}

#[tokio::test]
async fn calls_that_run_at_once_share_an_automatic_clock() {
    let clock = ManualClock::automatic();
    let service = Documented::with_clock(&clock);
    service.on_action("DescribeVpcs").json(&json!({})).delay(Duration::from_secs(5)).always();
    let client = service.client::<vpc::Client>("cn-hangzhou").unwrap();
    let calls: Vec<_> = (0..20).map(|_| tokio::spawn(client.describe_vpcs().send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(clock.passed(), Duration::from_secs(5));
    assert_eq!(clock.sleepers(), 0);
}

#[tokio::test]
async fn a_standing_clock_moves_when_it_is_told_to() {
    let clock = ManualClock::new();
    let signed_at = clock.now();
    let service = Documented::with_clock(&clock);
    service.on_action("DescribeVpcs").json(&json!({})).delay(Duration::from_secs(5));
    let client = service.client::<vpc::Client>("cn-hangzhou").unwrap();
    let call = tokio::spawn(client.describe_vpcs().send());
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(4));
    tokio::task::yield_now().await;
    assert!(!call.is_finished());
    clock.advance(Duration::from_secs(1));
    call.await.unwrap().unwrap();
    assert_eq!(clock.now(), signed_at + Duration::from_secs(5));
}

#[test]
fn a_program_without_a_runtime_calls_waits_and_lists() {
    let clock = ManualClock::automatic();
    let service = Documented::with_clock(&clock);
    service
        .on_action("DescribeVpcAttribute")
        .json(&json!({ "VpcId": "vpc-1", "Status": "Pending" }))
        .times(2);
    let client = service.client::<vpc::Client>("cn-hangzhou").unwrap();
    let vpc = blocking::Client::new(client).unwrap();
    assert_eq!(vpc.region(), "cn-hangzhou");
    assert!(vpc.run(vpc.create_vpc().send()).unwrap().vpc_id.is_some());
    vpc.run(vpc.wait_for_vpc_available("vpc-1")).unwrap();
    let mut listing = vpc.each(vpc.describe_vpcs().items());
    assert_eq!(listing.by_ref().map(Result::unwrap).count(), 2);
    assert_eq!(listing.listing().position(), &PagePosition::End);

    let threads: Vec<_> = (0..4)
        .map(|_| {
            let vpc = vpc.clone();
            std::thread::spawn(move || vpc.run(vpc.describe_vpcs().send()).unwrap().vpcs.len())
        })
        .collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == 2));
}

/// A server on a real socket that answers every request of every connection.
fn listen() -> std::net::SocketAddr {
    use std::io::{Read, Write};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while stream.read(&mut byte).is_ok_and(|count| count > 0) {
                    head.extend(byte);
                    if head.ends_with(b"\r\n\r\n") {
                        head.clear();
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"VpcId\":\"vpc-1\"}";
                        stream.write_all(answer).unwrap();
                    }
                }
            });
        }
    });
    address
}

#[test]
fn connections_outlive_the_calls_of_a_program_without_a_runtime() {
    let client = vpc::Client::builder()
        .region("cn-hangzhou")
        .endpoint(format!("http://{}", listen()))
        .credentials(cloudnet::Credentials::new("id", "secret"))
        .build()
        .unwrap();
    let vpc = blocking::Client::new(client).unwrap();
    for _ in 0..3 {
        let found = vpc.run(vpc.describe_vpc_attribute().vpc_id("vpc-1").send()).unwrap();
        assert_eq!(found.vpc_id.as_deref(), Some("vpc-1"));
    }
}

#[tokio::test]
async fn a_blocking_client_refuses_to_block_a_runtime() {
    let service = Documented::new();
    let vpc = blocking::Client::new(service.client::<vpc::Client>("cn-hangzhou").unwrap()).unwrap();
    let error = vpc.run(vpc.describe_vpcs().send()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("async runtime"), "{error}");
    let first = vpc.each(vpc.describe_vpcs().pages()).next().unwrap();
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Configuration);
    assert!(service.calls().is_empty());
    // Dropped here, inside the runtime, without a panic; the client in it goes on.
    let client = (*vpc).clone();
    drop(vpc);
    assert_eq!(client.describe_vpcs().send().await.unwrap().vpcs.len(), 2);
}

#[tokio::test]
async fn the_calls_of_a_test_are_printed_without_secrets() {
    let service = Documented::new();
    let client = service.client::<vpc::Client>("cn-hangzhou").unwrap();
    let call = client.create_bgp_group().router_id("vbr-1").peer_asn("1").auth_key("canary");
    call.with_extra("New", "canary").with_validation(ValidationPolicy::Off).send().await.unwrap();
    let mut ike = vpc::create_vpn_connection::IkeConfig::default();
    ike.psk = Some("canary".into());
    let call = client.create_vpn_connection().ike_config(ike).name("shown");
    call.with_validation(ValidationPolicy::Off).send().await.unwrap();
    let calls = service.calls();
    assert_eq!(calls[0].parameter("AuthKey"), Some("canary"));
    let printed = format!("{service:?} {calls:?} {calls:#?}");
    assert!(
        printed.contains("vbr-1") && printed.contains("shown") && !printed.contains("canary"),
        "{printed}"
    );
}
