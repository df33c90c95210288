//! Waits through the public client, in paused time, against a service that moves through states.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::transport::TransportErrorKind;
use cloudnet::{Error, ErrorClass, ErrorKind, ResourceState, UnknownState, vpc};
use cloudnet_tests::scripted::{Scripted, Seen, Turn};
use serde_json::{Value, json};
use tokio::time::Instant;

/// An answer, or none at all.
type Answer = Option<(u16, Value)>;

fn service(script: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> (Arc<Scripted>, vpc::Client) {
    slow_service(Duration::ZERO, script)
}

/// Answers by the action and how often it was called, so much later.
fn slow_service(
    delay: Duration,
    script: impl Fn(&str, usize) -> Answer + Send + Sync + 'static,
) -> (Arc<Scripted>, vpc::Client) {
    let calls = Mutex::new(BTreeMap::new());
    let service = Scripted::new(move |_, request| {
        let action = request.headers()["x-acs-action"].to_str().unwrap().to_owned();
        let turn = *calls.lock().unwrap().entry(action.clone()).and_modify(|calls| *calls += 1).or_insert(1);
        let turn = match script(&action, turn) {
            Some((status, body)) => Turn::answer(status, body.to_string()),
            None => Turn::fail(TransportErrorKind::Broken, "broken"),
        };
        turn.after(delay)
    });
    let client = service.vpc();
    (service, client)
}

fn polls(service: &Scripted) -> usize {
    let is_poll = |seen: &&Seen| seen.action().is_some_and(|action| action.starts_with("Describe"));
    service.seen().iter().filter(is_poll).count()
}

fn last(service: &Scripted) -> Seen {
    service.seen().pop().unwrap()
}

fn vpc_in(state: &str) -> Answer {
    Some((200, json!({ "VpcId": "vpc-1", "Status": state })))
}

fn refused(status: u16, code: &str) -> Answer {
    Some((status, json!({ "Code": code })))
}

fn eips(rows: &[(&str, &str)]) -> Answer {
    let rows: Vec<Value> =
        rows.iter().map(|(id, state)| json!({ "AllocationId": id, "Status": state })).collect();
    Some((200, json!({ "TotalCount": rows.len(), "EipAddresses": { "EipAddress": rows } })))
}

#[tokio::test(start_paused = true)]
async fn a_created_vpc_is_waited_for() {
    let (service, client) = service(|action, turn| match (action, turn) {
        ("CreateVpc", _) => Some((200, json!({ "VpcId": "vpc-1" }))),
        (_, 1) => refused(404, "InvalidVpcId.NotFound"),
        (_, 2) => vpc_in("Pending"),
        // Throttled, cut off, failed: all of it passes.
        (_, 3) => refused(400, "Throttling"),
        (_, 4) => None,
        (_, 5) => refused(500, "InternalError"),
        _ => vpc_in("Available"),
    });
    let created = client.create_vpc().region_id("cn-beijing").send_and_wait().await.unwrap();
    assert_eq!(created.vpc_id.as_deref(), Some("vpc-1"));
    assert_eq!(polls(&service), 6);
    // The poll is about that VPC, in the region of the call.
    let last = last(&service);
    assert_eq!(last.parameter("VpcId").as_deref(), Some("vpc-1"));
    assert_eq!(last.parameter("RegionId").as_deref(), Some("cn-beijing"));
    // 5 s, then 3, 6, 10, 10 and 10 s, each give or take a fifth.
    let times: Vec<Instant> = service.seen().iter().map(|seen| seen.at).collect();
    let pauses = times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64());
    for (pause, expected) in pauses.zip([5.0, 3.0, 6.0, 10.0, 10.0, 10.0]) {
        assert!((pause / expected - 1.0).abs() < 0.21, "{pause} {expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn r33_a_wait_ends_at_its_deadline() {
    for (deadline, said) in [(10_u64, "10 s"), (100, "1 min 40 s"), (600, "10 min")] {
        let (service, client) = service(|_, _| vpc_in("Pending"));
        let start = Instant::now();
        let waiter = client.wait_for_vpc_available("vpc-1").with_deadline(Duration::from_secs(deadline));
        let error = waiter.await.unwrap_err();
        assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Busy));
        assert_eq!((error.last_state(), error.action()), (Some("Pending"), Some("DescribeVpcAttribute")));
        assert_eq!(error.waited_for(), [("VpcId", "vpc-1".to_owned())]);
        assert!(error.to_string().contains(&format!("VpcId vpc-1 is still Pending after {said}")));
        assert!(!error.may_have_been_applied());
        let took = start.elapsed();
        assert!(took <= Duration::from_secs(deadline), "{took:?}");
        let most = usize::try_from(deadline).unwrap() / 8 + 4;
        assert!((2..=most).contains(&polls(&service)), "{} polls in {deadline} s", polls(&service));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_fails_after_a_call_keeps_what_the_call_made() {
    let (_, client) = service(|action, _| match action {
        "CreateVpc" => Some((200, json!({ "VpcId": "vpc-1" }))),
        _ => refused(403, "NoPermission"),
    });
    let error = client.create_vpc().with_token("mine").send_and_wait().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permission);
    assert_eq!(error.waited_for(), [("VpcId", "vpc-1".to_owned())]);
    assert!(error.may_have_been_applied());
    assert_eq!(error.token(), Some("mine"));

    let (output, waiter) = client.create_vpc().send_with_waiter().await.unwrap();
    assert_eq!(output.vpc_id.as_deref(), Some("vpc-1"));
    assert!(waiter.await.is_err());
}

#[tokio::test(start_paused = true)]
async fn gone_is_an_error_code_an_empty_id_or_an_empty_list() {
    let ends: [fn() -> Answer; 2] =
        [|| refused(404, "InvalidVpcId.NotFound"), || Some((200, json!({ "VpcId": "", "RequestId": "r" })))];
    for end in ends {
        let (service, client) = service(move |action, turn| match (action, turn) {
            ("DeleteVpc", _) => Some((200, json!({}))),
            (_, 1) => vpc_in("Available"),
            _ => end(),
        });
        client.delete_vpc().vpc_id("vpc-1").send_and_wait().await.unwrap();
        assert_eq!(polls(&service), 2);
        assert_eq!(client.wait_for_vpc_gone("vpc-1").await.unwrap(), ResourceState::Gone);
    }
    let (service, client) = service(|_, turn| match turn {
        1 => eips(&[("eip-1", "Releasing"), ("eip-2", "Available")]),
        // The filter is not what keeps a wait apart from other rows.
        2 => eips(&[("eip-2", "Available")]),
        _ => eips(&[]),
    });
    assert_eq!(client.wait_for_eip_gone("eip-1").await.unwrap(), ResourceState::Gone);
    assert_eq!(polls(&service), 2);
    assert_eq!(last(&service).parameter("AllocationId").as_deref(), Some("eip-1"));
    // A region that is not there is not a released EIP.
    let (_, client) = self::service(|_, _| refused(404, "Forbidden.RegionNotFound"));
    let error = client.wait_for_eip_gone("eip-1").await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Service, ErrorClass::NotFound));
}

#[tokio::test(start_paused = true)]
async fn deleting_what_is_gone_is_a_success() {
    let (service, client) = service(|_, _| refused(404, "InvalidVpcId.NotFound"));
    client.delete_vpc().vpc_id("vpc-1").send_and_wait().await.unwrap();
    assert_eq!(polls(&service), 0);
    let (_, waiter) = client.delete_vpc().vpc_id("vpc-1").send_with_waiter().await.unwrap();
    assert_eq!(waiter.await.unwrap(), ResourceState::Gone);
    // Without waiting it is the error that it is.
    assert!(client.delete_vpc().vpc_id("vpc-1").send().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn gone_is_an_error_where_a_state_is_waited_for() {
    let (service, client) = service(|_, _| refused(404, "InvalidVpcId.NotFound"));
    let error = client.wait_for_vpc_available("vpc-1").await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::NotFound));
    assert_eq!(polls(&service), 4, "three polls of grace");
    // What was seen once has no grace.
    let (service, client) = self::service(|_, turn| match turn {
        1 => vpc_in("Pending"),
        _ => refused(404, "InvalidVpcId.NotFound"),
    });
    let error = client.wait_for_vpc_available("vpc-1").await.unwrap_err();
    assert_eq!((error.class(), polls(&service)), (ErrorClass::NotFound, 2));
}

#[tokio::test(start_paused = true)]
async fn r33_a_state_that_nobody_lists_follows_the_policy() {
    let script = |_: &str, turn: usize| match turn {
        1 => vpc_in("Pending"),
        2 => vpc_in("Meditating"),
        3 => vpc_in("Pending"),
        _ => vpc_in("Available"),
    };
    let (service, client) = service(script);
    let mut waiter = client.wait_for_vpc_available("vpc-1");
    let mut states = Vec::new();
    while let Some(state) = waiter.next_state().await {
        states.push(state.unwrap().to_string());
    }
    assert_eq!(states, ["Pending", "Meditating", "Pending", "Available"]);
    assert_eq!((waiter.polls(), polls(&service)), (4, 4));
    let last = waiter.last_response().unwrap().decode::<vpc::DescribeVpcAttribute>().unwrap();
    assert_eq!(last.vpc_id.as_deref(), Some("vpc-1"));
    assert_eq!(waiter.await.unwrap(), ResourceState::Named("Available".to_owned()));

    let (_, client) = self::service(script);
    let strict = client.wait_for_vpc_available("vpc-1").with_unknown_state(UnknownState::Fail);
    let error = strict.await.unwrap_err();
    assert_eq!((error.kind(), error.last_state()), (ErrorKind::Wait, Some("Meditating")));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_step_is_taken_up() {
    let (service, client) = service(|_, turn| if turn < 4 { vpc_in("Pending") } else { vpc_in("Available") });
    let start = Instant::now();
    let mut waiter = client.wait_for_vpc_available("vpc-1");
    let end = loop {
        match tokio::time::timeout(Duration::from_millis(700), waiter.next_state()).await {
            Ok(Some(state)) if state.as_ref().unwrap().to_string() == "Available" => break state,
            Ok(None) => panic!("ended early"),
            _ => {}
        }
    };
    assert!(end.is_ok());
    assert_eq!(polls(&service), 4);
    assert!(start.elapsed() < Duration::from_secs(26), "pauses did not begin anew");
}

#[tokio::test(start_paused = true)]
async fn impatient_asking_keeps_the_pace_and_the_grace() {
    // Not there on the first three polls, and each answer takes longer than anybody asks for.
    let (service, client) = slow_service(Duration::from_millis(500), |_, turn| match turn {
        1..=3 => refused(404, "InvalidVpcId.NotFound"),
        4 => vpc_in("Pending"),
        _ => vpc_in("Available"),
    });
    let mut waiter = client.wait_for_vpc_available("vpc-1");
    let mut states = Vec::new();
    for _ in 0..100 {
        let asked = tokio::time::timeout(Duration::from_millis(100), waiter.next_state()).await;
        states.extend(asked.ok().flatten().map(|state| state.unwrap().to_string()));
    }
    // Within 10 s: at 0, 3.5 and 10 s, give or take.
    assert!((2..=3).contains(&polls(&service)), "{} polls", polls(&service));
    while let Some(state) = waiter.next_state().await {
        states.push(state.unwrap().to_string());
    }
    assert_eq!(states, ["(gone)", "(gone)", "(gone)", "Pending", "Available"]);
    assert_eq!((polls(&service), waiter.polls()), (5, 5));
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_dropped_asks_no_more() {
    let (service, client) = slow_service(Duration::from_millis(500), |_, _| vpc_in("Pending"));
    let waiter = client.wait_for_vpc_available("vpc-1").into_future();
    let asked = tokio::time::timeout(Duration::from_millis(300), waiter).await;
    assert!(asked.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(polls(&service), 1);
}

#[tokio::test(start_paused = true)]
async fn one_deadline_is_for_the_call_and_its_wait() {
    let (_, client) = slow_service(Duration::from_secs(8), |action, _| match action {
        "CreateVpc" => Some((200, json!({ "VpcId": "vpc-1" }))),
        _ => vpc_in("Pending"),
    });
    let start = Instant::now();
    let call = client.create_vpc().with_deadline(Duration::from_secs(30));
    let error = call.send_and_wait().await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Busy));
    let took = start.elapsed();
    // The poll at the deadline may take a moment more.
    assert!((Duration::from_secs(30)..=Duration::from_secs(32)).contains(&took), "{took:?}");
    // The wait has what the call left: 22 s.
    assert!(error.to_string().contains("after 22 s"), "{error}");
    // A call that alone takes longer fails as a call.
    let call = client.create_vpc().with_deadline(Duration::from_secs(7));
    assert_eq!(call.send_and_wait().await.unwrap_err().kind(), ErrorKind::Timeout);
    // Without one of the caller's own, each has its own.
    let start = Instant::now();
    client.create_vpc().send_and_wait().await.unwrap_err();
    assert!(start.elapsed() >= Duration::from_secs(608), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_hangs_ends_with_the_wait() {
    let (service, client) = slow_service(Duration::from_secs(3600), |_, _| vpc_in("Pending"));
    let start = Instant::now();
    let waiter = client.wait_for_vpc_available("vpc-1").with_deadline(Duration::from_secs(10));
    let error = waiter.await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Busy));
    assert!(error.to_string().contains("was not seen for 10 s; the last poll failed"), "{error}");
    assert_eq!((polls(&service), start.elapsed()), (1, Duration::from_secs(10)));
    // Only the last poll hangs: it has 2 s.
    let (service, client) = slow_service(Duration::from_secs(5), |_, _| vpc_in("Pending"));
    let start = Instant::now();
    let waiter = client.wait_for_vpc_available("vpc-1").with_deadline(Duration::from_secs(7));
    let error = waiter.await.unwrap_err();
    assert_eq!((error.kind(), error.last_state()), (ErrorKind::Wait, Some("Pending")));
    assert_eq!((polls(&service), start.elapsed()), (2, Duration::from_secs(9)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_in_vain_speaks_of_its_last_poll_alone() {
    let wait = |failing: std::ops::Range<usize>| {
        let (_, client) = service(move |_, turn| match turn {
            turn if failing.contains(&turn) => refused(503, "ServiceUnavailable"),
            _ => vpc_in("Pending"),
        });
        client.wait_for_vpc_available("vpc-1").with_deadline(Duration::from_secs(20))
    };
    let passed = wait(2..4).await.unwrap_err().to_string();
    assert!(passed.contains("still Pending after 20 s") && !passed.contains("poll failed"), "{passed}");
    let lasting = wait(2..usize::MAX).await.unwrap_err().to_string();
    assert!(
        lasting.contains("still Pending after 20 s; the last poll failed: DescribeVpcAttribute"),
        "{lasting}"
    );
}

#[tokio::test(start_paused = true)]
async fn pages_together_take_no_longer_than_the_wait() {
    let (service, client) = slow_service(Duration::from_secs(6), |_, turn| {
        let rows = [json!({ "AllocationId": format!("eip-{turn}0"), "Status": "Available" })];
        Some((200, json!({ "TotalCount": 9, "EipAddresses": { "EipAddress": rows } })))
    });
    let start = Instant::now();
    let waiter = client.wait_for_eip_gone("eip-1").with_deadline(Duration::from_secs(10));
    let error = waiter.await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Busy));
    assert_eq!((polls(&service), start.elapsed()), (2, Duration::from_secs(10)));
}

#[tokio::test(start_paused = true)]
async fn the_poll_at_the_deadline_may_still_see_the_goal() {
    // It is sent at the deadline of 2 s, and answered half a second later.
    let (service, client) = slow_service(Duration::from_millis(500), |_, turn| match turn {
        1 => vpc_in("Pending"),
        _ => vpc_in("Available"),
    });
    let waiter = client.wait_for_vpc_available("vpc-1").with_deadline(Duration::from_secs(2));
    assert_eq!(waiter.await.unwrap().to_string(), "Available");
    assert_eq!(polls(&service), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_resource_without_a_name() {
    let (service, client) = service(|_, _| Some((200, json!({}))));
    let error = client.wait_for_eip_gone("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(polls(&service), 0);
    // The response of the create has no ID.
    let error: Error = client.create_vpc().send_and_wait().await.unwrap_err();
    assert!(error.may_have_been_applied(), "{error}");
    assert_eq!(polls(&service), 0);
}

/// When the polls were, from the first request on, in seconds.
fn times(service: &Scripted) -> Vec<f64> {
    let seen = service.seen();
    let began = seen[0].at;
    let polls = seen.iter().filter(|seen| seen.action().is_some_and(|action| action.starts_with("Describe")));
    polls.map(|seen| (seen.at - began).as_secs_f64()).collect()
}

#[tokio::test(start_paused = true)]
async fn deadline_and_interval_of_a_wait_are_set_where_one_likes() {
    let seconds = Duration::from_secs;
    let service = Scripted::new(|_, request| match request.headers()["x-acs-action"].to_str().unwrap() {
        "CreateVpc" => Turn::answer(200, r#"{"VpcId":"vpc-1"}"#).after(Duration::from_secs(8)),
        _ => Turn::answer(200, r#"{"VpcId":"vpc-1","Status":"Pending"}"#),
    });
    let builder = || {
        vpc::Client::builder()
            .region("cn-hangzhou")
            .credentials(cloudnet::Credentials::new("id", "secret"))
            .transport(Arc::clone(&service) as _)
    };
    let plain = builder().build().unwrap();
    let set = builder().wait_deadline(seconds(50)).wait_interval(seconds(20)).build().unwrap();
    let (create, hasty) = (|client: &vpc::Client| client.create_vpc(), seconds(10));
    // The wait alone, the call's 8 s not counted; with the call; and what comes first.
    for (request, ends) in [
        (create(&plain), 608),
        (create(&plain).with_wait_deadline(hasty), 18),
        (create(&plain).with_deadline(hasty), 10),
        (create(&plain).with_wait_deadline(hasty).with_deadline(seconds(30)), 18),
        (create(&plain).with_wait_deadline(seconds(100)).with_deadline(seconds(30)), 30),
        (create(&plain).with_deadline(seconds(900)), 900),
        (create(&set), 58),
        (create(&set).with_wait_deadline(hasty), 18),
        (create(&set).with_deadline(seconds(70)), 70),
    ] {
        let start = Instant::now();
        let error = request.send_and_wait().await.unwrap_err();
        assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Busy));
        assert_eq!(start.elapsed().as_secs(), ends);
    }
    let error = set.wait_for_vpc_available("vpc-1").await.unwrap_err();
    assert_eq!(error.waited(), Some(seconds(50)));
    let error = set.wait_for_vpc_available("vpc-1").with_deadline(seconds(70)).await.unwrap_err();
    assert_eq!(error.waited(), Some(seconds(70)));
}

#[tokio::test(start_paused = true)]
async fn the_interval_is_between_all_polls() {
    let seconds = Duration::from_secs;
    let of_create = |action: &str, turn: usize| match (action, turn) {
        ("CreateVpc", _) => Some((200, json!({ "VpcId": "vpc-1" }))),
        (_, 1..5) => vpc_in("Pending"),
        _ => vpc_in("Available"),
    };
    let check = |service: &Scripted, every: f64| {
        let times = times(service);
        let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
        let mut all = pauses.chain([times[0]]);
        assert!(all.all(|pause| pause < every * 1.21), "{times:?}");
        assert_eq!(times.len(), 5);
        assert!(times[4] >= every * 0.79 * 4.0, "{times:?}");
    };
    let (service, client) = service(of_create);
    client.create_vpc().with_wait_interval(seconds(2)).send_and_wait().await.unwrap();
    check(&service, 2.0);
    let (service, client) = self::service(of_create);
    client.wait_for_vpc_available("vpc-1").with_interval(seconds(30)).await.unwrap();
    check(&service, 30.0);
    // None is too short to be kind.
    let (service, client) = self::service(of_create);
    client.wait_for_vpc_available("vpc-1").with_interval(Duration::ZERO).await.unwrap();
    check(&service, 0.1);
}

#[tokio::test(start_paused = true)]
async fn an_impatient_wait_gives_a_new_resource_its_time() {
    // It is seen after 5 s, and was polled a dozen times by then.
    let (service, client) = service(|_, turn| match turn {
        1..=12 => refused(404, "InvalidVpcId.NotFound"),
        _ => vpc_in("Available"),
    });
    let waiter = client.wait_for_vpc_available("vpc-1").with_interval(Duration::from_millis(400));
    assert_eq!(waiter.await.unwrap().to_string(), "Available");
    assert_eq!(polls(&service), 13);
    // What is not there after 9 s is gone.
    let (service, client) = self::service(|_, _| refused(404, "InvalidVpcId.NotFound"));
    let waiter = client.wait_for_vpc_available("vpc-1").with_interval(Duration::from_millis(400));
    let error = waiter.await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotFound);
    assert!((9..11).contains(&error.waited().unwrap().as_secs()) && polls(&service) > 15, "{error}");
}

/// Pending, Pending, Meditating, Available: what a wait sees.
fn on_the_way(action: &str, turn: usize) -> Answer {
    match (action, turn) {
        ("CreateVpc", _) => Some((200, json!({ "VpcId": "vpc-1" }))),
        (_, 1 | 2) => vpc_in("Pending"),
        (_, 3) => None,
        (_, 4) => vpc_in("Meditating"),
        _ => vpc_in("Available"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_tells_what_changes() {
    let (_, client) = service(on_the_way);
    let (_, mut waiter) = client.create_vpc().send_with_waiter().await.unwrap();
    assert_eq!((waiter.resource(), waiter.goal()), (vec![("VpcId", "vpc-1".to_owned())], "Available".into()));
    assert_eq!((waiter.elapsed(), waiter.polls()), (Duration::ZERO, 0));
    let mut told = Vec::new();
    while let Some(progress) = waiter.next().await {
        let progress = progress.unwrap();
        assert_eq!(progress.resource, waiter.resource());
        assert_eq!((progress.elapsed, progress.polls), (waiter.elapsed(), waiter.polls()));
        told.push((progress.state.to_string(), progress.polls, progress.is_end));
    }
    let of = |state: &str, polls, is_end| (state.to_owned(), polls, is_end);
    assert_eq!(told, [of("Pending", 1, false), of("Meditating", 4, false), of("Available", 5, true)]);
    assert!((30..50).contains(&waiter.elapsed().as_secs()), "{:?}", waiter.elapsed());
    assert_eq!(waiter.await.unwrap().to_string(), "Available");
}

#[tokio::test(start_paused = true)]
async fn a_waiter_is_a_stream_and_a_line_says_it_all() {
    let (_, client) = service(on_the_way);
    let (_, waiter) = client.create_vpc().send_with_waiter().await.unwrap();
    let told = lines(waiter.with_interval(Duration::from_secs(5))).await;
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0] == "VpcId vpc-1: Pending (5 s, 1 poll)", "{told:?}");
    assert!(
        told[2].starts_with("VpcId vpc-1: Available (2") && told[2].ends_with(" s, 5 polls)"),
        "{told:?}"
    );

    // An error is the end.
    let (_, client) =
        service(|_, turn| if turn < 3 { vpc_in("Pending") } else { refused(403, "NoPermission") });
    let told = lines(client.wait_for_vpc_available("vpc-1")).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0] == "VpcId vpc-1: Pending (0 s, 1 poll)" && told[1].contains("NoPermission"), "{told:?}");

    // The end is told though the state is the one before.
    let (_, client) = service(|action, turn| match action {
        "ModifyVpcAttribute" => Some((200, json!({}))),
        _ => Some((
            200,
            json!({ "VpcId": "vpc-1", "Status": "Available", "VpcName": if turn < 3 { "old" } else { "new" } }),
        )),
    });
    let (_, waiter) =
        client.modify_vpc_attribute().vpc_id("vpc-1").vpc_name("new").send_with_waiter().await.unwrap();
    let told = lines(waiter).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].starts_with("VpcId vpc-1: Available (") && told[1].ends_with("3 polls)"), "{told:?}");
}

/// What a stream tells, line by line.
async fn lines(waiter: cloudnet::Waiter) -> Vec<String> {
    let mut waiter = std::pin::pin!(waiter);
    let mut lines = Vec::new();
    while let Some(one) =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(waiter.as_mut(), context)).await
    {
        lines.push(one.map_or_else(|error| error.to_string(), |progress| progress.to_string()));
    }
    lines
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_dropped_holds_no_clock() {
    use cloudnet::testing::{Documented, ManualClock};
    let clock = ManualClock::automatic();
    let service = Documented::with_clock(&clock);
    let pending = json!({ "VpcId": "vpc-1", "Status": "Pending" });
    service.on_action("DescribeVpcAttribute").json(&pending).times(2);
    service.on_action("DescribeVpcs").json(&json!({})).delay(Duration::from_secs(20));
    let client = service.client::<vpc::Client>("cn-hangzhou").unwrap();
    let mut waiter = client.wait_for_vpc_available("vpc-1");
    waiter.next().await.unwrap().unwrap();
    // It pauses for 3 s, nobody asks any more, and a call takes longer.
    cloudnet_tests::dropped_after(3, waiter.next()).await;
    let call = client.describe_vpcs().send();
    tokio::time::timeout(Duration::from_secs(3_600), call).await.expect("time stands still").unwrap();
    assert_eq!(waiter.await.unwrap().to_string(), "Available");
}

#[test]
fn each_walks_through_a_wait() {
    use cloudnet::blocking;
    use cloudnet::testing::{Documented, ManualClock};
    let service = Documented::with_clock(&ManualClock::automatic());
    let pending = json!({ "VpcId": "vpc-1", "Status": "Pending" });
    service.on_action("DescribeVpcAttribute").json(&pending).times(2);
    let vpc = blocking::Client::new(service.client::<vpc::Client>("cn-hangzhou").unwrap()).unwrap();
    let mut each = vpc.each(vpc.wait_for_vpc_available("vpc-1"));
    let told: Vec<String> = each.by_ref().map(|one| one.unwrap().state.to_string()).collect();
    assert_eq!(told, ["Pending", "Available"]);
    assert_eq!(each.listing().polls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_failed_wait_says_how_far_it_came() {
    let (_, client) = service(|action, turn| match (action, turn) {
        ("CreateVpc", _) => Some((200, json!({ "VpcId": "vpc-1", "VRouterId": "vrt-1" }))),
        (_, 1) => vpc_in("Pending"),
        _ => refused(403, "NoPermission"),
    });
    let error =
        client.create_vpc().with_wait_interval(Duration::from_secs(4)).send_and_wait().await.unwrap_err();
    let text = error.to_string();
    let waited = error.waited().unwrap();
    assert!((7..9).contains(&waited.as_secs()), "{waited:?}");
    let end = format!(
        "; last state Pending; 2 polls in {} s; CreateVpc was applied: VpcId vpc-1",
        waited.as_secs()
    );
    assert!(text.starts_with("DescribeVpcAttribute") && text.ends_with(&end), "{text}");
    let created = error.applied().unwrap().decode::<vpc::CreateVpc>().unwrap();
    assert_eq!(created.vrouter_id.as_deref(), Some("vrt-1"));
    // What is no wait has waited for nothing.
    let (_, client) = service(|_, _| refused(403, "NoPermission"));
    assert_eq!(client.create_vpc().send().await.unwrap_err().waited(), None);
}
