//! A call has its effect once, whatever happens to its answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cloudnet::clock::Clock;
use cloudnet::{ClientBuilder, Error, ErrorClass, ErrorKind, RetryPolicy, Signature};
use cloudnet::{aws_global_accelerator as aws, vpc};
use cloudnet_tests::server::{Arrival, Delivery, Fault, Server};
use cloudnet_tests::time::{HeldTime, pass};
use cloudnet_tests::{dropped_after, failed, no_task_is_left};

/// What leaves open whether a request was applied, though it was.
fn lost_answers() -> Vec<(ErrorKind, Fault)> {
    vec![
        (ErrorKind::Transport, Fault::delivery(Delivery::Reset)),
        (ErrorKind::Timeout, Fault::delivery(Delivery::Silence)),
        (ErrorKind::Timeout, Fault::delivery(Delivery::Stall)),
        (ErrorKind::Service, Fault::code(500, "InternalError").applied()),
        (ErrorKind::Service, Fault::answer(502, "<html>Bad Gateway</html>").applied()),
        (ErrorKind::Service, Fault::answer(504, "").applied()),
    ]
}

/// Answers that end too early.
fn cut_answers() -> Vec<(ErrorKind, Fault)> {
    let cuts = [Delivery::LengthTooLong, Delivery::LengthTooShort, Delivery::Unended, Delivery::Cut];
    cuts.into_iter().map(|delivery| (ErrorKind::Truncated, Fault::delivery(delivery))).collect()
}

/// Longest attempt, and shorter than the default of any limit.
const ATTEMPT: Duration = Duration::from_secs(16);

/// A client whose retries are a second apart on the server's clock.
fn aim<S>(server: &Server, builder: ClientBuilder<S>) -> ClientBuilder<S> {
    let clock = server.clock().with_patience(ATTEMPT);
    let time = server.time();
    clock.at_pause(move || time.advance(Duration::from_secs(1)));
    server.aim(builder).clock(Arc::new(clock)).attempt_timeout(ATTEMPT)
}

fn distinct<'a>(arrivals: &'a [Arrival], value: impl Fn(&'a Arrival) -> &'a str) -> usize {
    arrivals.iter().map(value).collect::<BTreeSet<_>>().len()
}

fn header<'a>(arrival: &'a Arrival, name: &str) -> &'a str {
    arrival.message.header(name).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn r01_a_lost_answer_after_create_makes_one() -> Result<(), Error> {
    for signature in [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1] {
        for (_, fault) in lost_answers().into_iter().chain(cut_answers()) {
            let server = Server::remembering();
            let _held = server.hold_time(ATTEMPT);
            let client = aim(&server, vpc::Client::builder()).signature(signature).build()?;
            server.fault(1, fault.clone());
            server.fault(2, fault.clone());
            let created = client.create_vpc().vpc_name("once").send().await?;
            assert_eq!(server.applied("CreateVpc"), 1, "{fault:?}");
            let arrivals = server.arrivals();
            assert_eq!(arrivals.len(), 3, "{fault:?}");
            assert_eq!(distinct(&arrivals, |arrival| &arrival.parameters["ClientToken"]), 1);
            assert_eq!(distinct(&arrivals, |arrival| arrival.nonce.as_deref().unwrap_or_default()), 3);
            assert_eq!(distinct(&arrivals, |arrival| &arrival.date), 3);
            assert!(arrivals.iter().all(|arrival| arrival.refused.is_none()), "{arrivals:?}");
            assert_eq!(vpcs(&client).await?, [created.vpc_id], "{fault:?}");
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn r01_the_same_holds_for_aws() -> Result<(), Error> {
    for (_, fault) in lost_answers() {
        let server = Server::start();
        let _held = server.hold_time(ATTEMPT);
        let client = aim(&server, aws::Client::builder()).build()?;
        server.fault(1, fault.clone());
        client.create_custom_routing_accelerator().name("once").send().await?;
        assert_eq!(server.applied("CreateCustomRoutingAccelerator"), 1, "{fault:?}");
        let arrivals = server.arrivals();
        assert_eq!(distinct(&arrivals, |arrival| &arrival.parameters["IdempotencyToken"]), 1);
        assert_eq!(distinct(&arrivals, |arrival| header(arrival, "authorization")), 2);
    }
    Ok(())
}

/// The VPCs that there are.
async fn vpcs(client: &vpc::Client) -> Result<Vec<Option<String>>, Error> {
    let listed = client.describe_vpcs().send().await?.vpcs;
    Ok(listed.into_iter().map(|vpc| vpc.vpc_id).collect())
}

#[tokio::test]
async fn r01_when_attempts_run_out_the_token_takes_the_call_up() -> Result<(), Error> {
    let server = Server::remembering();
    let client = aim(&server, vpc::Client::builder()).build()?;
    server.fault_always(Some(Fault::delivery(Delivery::Reset)));
    let lost = failed(client.create_vpc().vpc_name("late").send().await);
    assert!(lost.may_have_been_applied(), "{lost}");
    server.fault_always(None);
    let token = lost.token().unwrap_or_default();
    let created = client.create_vpc().vpc_name("late").with_token(token).send().await?;
    assert_eq!(server.applied("CreateVpc"), 1);
    assert_eq!(vpcs(&client).await?, [created.vpc_id]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn r02_a_write_without_token_is_sent_once() -> Result<(), Error> {
    for (kind, fault) in lost_answers().into_iter().chain(cut_answers()) {
        let server = Server::start();
        let _held = server.hold_time(ATTEMPT);
        let client = aim(&server, vpc::Client::builder()).build()?;
        server.fault(1, fault.clone());
        let lost = failed(client.release_eip_address().allocation_id("eip-1").send().await);
        assert_eq!((lost.kind(), lost.attempts(), server.requests()), (kind, 1, 1), "{fault:?}: {lost}");
        assert!(lost.may_have_been_applied(), "{lost}");
        assert_eq!((lost.token(), lost.action()), (None, Some("ReleaseEipAddress")));

        server.fault(2, fault.clone());
        client.describe_vpcs().send().await?;
        assert_eq!(server.requests(), 3, "a read is sent again: {fault:?}");
    }
    Ok(())
}

#[tokio::test]
async fn r04_tokens_are_the_callers_or_new_for_each_call() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    client.create_vpc().client_token("mine").send().await?;
    assert_eq!(server.last().parameters["ClientToken"], "mine");
    client.create_vpc().with_token("given").send().await?;
    assert_eq!(server.last().parameters["ClientToken"], "given");
    let request = client.create_vpc().vpc_name("twice");
    request.clone().send().await?;
    request.send().await?;
    let arrivals = server.arrivals();
    assert_eq!(distinct(&arrivals, |arrival| &arrival.parameters["ClientToken"]), 4);
    assert_eq!(server.applied("CreateVpc"), 4);
    let other = failed(client.create_vpc().vpc_name("other").with_token("mine").send().await);
    assert_eq!((other.class(), other.attempts()), (ErrorClass::Idempotency, 1), "{other}");
    Ok(())
}

#[tokio::test]
async fn r12_what_ends_too_early_is_never_a_value() -> Result<(), Error> {
    for (kind, fault) in cut_answers() {
        let server = Server::start();
        let client = aim(&server, vpc::Client::builder()).build()?;
        server.fault_always(Some(fault.clone()));
        let describe = failed(client.describe_vpcs().send().await);
        assert_eq!((describe.kind(), describe.attempts()), (kind, 3), "{fault:?}: {describe}");
        assert!(!describe.may_have_been_applied());
        let create = failed(client.create_vpc().send().await);
        assert_eq!((create.kind(), create.attempts()), (kind, 3), "{fault:?}: {create}");
        assert!(create.may_have_been_applied() && server.applied("CreateVpc") == 1);
    }
    Ok(())
}

#[tokio::test]
async fn r35_a_connection_that_the_peer_gave_up() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    // The peer resets the connection as the next request arrives on it.
    client.describe_vpcs().send().await?;
    server.fault_next(Fault::unread());
    client.describe_vpcs().send().await?;
    let connections: Vec<_> = server.arrivals().iter().map(|arrival| arrival.connection).collect();
    assert_eq!(connections, [1, 1, 2], "sent again on a fresh one");
    server.fault_next(Fault::unread());
    let release = failed(client.release_eip_address().allocation_id("eip-1").send().await);
    assert_eq!((release.attempts(), release.may_have_been_applied()), (1, true), "{release}");
    client.describe_vpcs().send().await?;
    server.fault_next(Fault::unread());
    client.create_vpc().send().await?;
    assert_eq!(server.applied("CreateVpc"), 1);

    // The peer closes it behind the answer: nothing is lost, or the error says that it may be.
    for released in 1..=20 {
        server.fault_next(Fault::delivery(Delivery::WholeThenClose));
        client.describe_vpcs().send().await?;
        let release = client.release_eip_address().allocation_id("eip-1").send().await;
        assert!(release.is_ok() || failed(release).may_have_been_applied());
        assert!(server.applied("ReleaseEipAddress") <= released);
    }
    Ok(())
}

/// The gateways close what was idle for about 10 s: a request on its way then is lost.
#[tokio::test(start_paused = true)]
async fn r35_a_connection_that_the_peer_is_about_to_give_up_is_left() -> Result<(), Error> {
    let server = Server::start();
    let _held = HeldTime::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    for idle in [0, 7, 9] {
        pass(Duration::from_secs(idle)).await;
        client.describe_vpcs().send().await?;
    }
    let connections: Vec<_> = server.arrivals().iter().map(|arrival| arrival.connection).collect();
    assert_eq!(connections, [1, 1, 2], "used again after 7 s, left after 9 s");
    Ok(())
}

/// A client whose pauses are real, and short.
fn hasty<S>(server: &Server, builder: ClientBuilder<S>) -> ClientBuilder<S> {
    let real: Arc<dyn Clock> = Arc::new(server.clock().with_patience(Duration::ZERO));
    server.aim(builder).clock(real).retry(RetryPolicy::default().with_base_delay(Duration::from_millis(2)))
}

#[tokio::test]
async fn r25_a_dropped_call_leaves_nothing_behind() -> Result<(), Error> {
    let server = Server::start();
    let client = hasty(&server, vpc::Client::builder()).build()?;
    let mut completed = 0;
    for polls in 0..=200 {
        let token = format!("dropped-after-{polls}");
        let create = || client.create_vpc().vpc_name("once").with_token(&token).send();
        server.fault_next(Fault::delivery(Delivery::Reset));
        completed += usize::from(dropped_after(polls, create()).await.is_some());
        // The fault belonged to the call that was dropped, if it came that far.
        server.fault_next(Fault::delivery(Delivery::Whole));
        create().await?;
        assert_eq!(server.applied("CreateVpc"), polls + 1, "after {polls} polls");
    }
    assert!((100..200).contains(&completed), "{completed} calls ended by themselves");
    drop(client);
    no_task_is_left().await;
    Ok(())
}

#[tokio::test]
async fn r25_a_half_read_connection_is_never_used_again() -> Result<(), Error> {
    let server = Server::start();
    let client = hasty(&server, vpc::Client::builder()).retry(RetryPolicy::none()).build()?;
    let mut stalled = BTreeSet::new();
    for polls in 0..12 {
        server.fault_always(Some(Fault::delivery(Delivery::Stall)));
        let call = client.describe_vpcs().send();
        // A stalled answer wakes no one, so time ends the wait where polls do not.
        tokio::time::timeout(Duration::from_millis(20), dropped_after(polls, call)).await.unwrap_or_default();
        stalled.extend(server.arrivals().iter().map(|arrival| arrival.connection));
        server.fault_always(None);
        let fresh = server.requests();
        client.describe_vpcs().send().await?;
        let used = server.arrivals()[fresh..].iter().map(|arrival| arrival.connection).max();
        assert!(used.is_some_and(|used| !stalled.contains(&used)), "{used:?} after {polls} polls");
        stalled.clear();
    }
    Ok(())
}
