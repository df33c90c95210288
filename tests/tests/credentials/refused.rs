//! Keys that a service refuses as expired, and clocks that are wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cloudnet::clock::Clock;
use cloudnet::credentials::{AssumeRole, CachedCredentials, Chain};
use cloudnet::{Credentials, EnvironmentCredentials, ProvideCredentials, vpc};
use cloudnet_tests::machine::{HandClock, Network, Reply, beginning, machine};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::cache::{HOUR, Source, at_once, fails, id, key, named};
use crate::{found, temporary};

const MINUTE: Duration = Duration::from_secs(60);
const EXPIRED: &str = r#"{"Code":"InvalidSecurityToken.Expired","Message":"no"}"#;

/// Gives a new key each time, for an hour.
fn changing(clock: &Arc<HandClock>) -> (Source, Arc<CachedCredentials>) {
    let its_clock = Arc::clone(clock);
    let source = Source::new(move |time| {
        let now = its_clock.now();
        async move { Ok(key(time, now, HOUR)) }
    });
    let cache = CachedCredentials::with_clock(source.clone(), Arc::clone(clock) as _);
    (source, Arc::new(cache))
}

#[tokio::test]
async fn a_refused_key_is_replaced_once_for_all() {
    let clock = HandClock::start();
    let (source, cache) = changing(&clock);
    let first = cache.provide().await.unwrap();
    assert!((0..100).all(|_| cache.reject(&first)));
    assert!(at_once(&cache, 100).await.iter().all(|outcome| *outcome == named(2)));
    assert_eq!(source.asked(), 2);
    assert!(cache.reject(&first), "there is another one now");
    assert_eq!(id(cache.provide().await), named(2));
    assert_eq!(source.asked(), 2, "which is not dropped for it");
    let second = cache.provide().await.unwrap();
    assert!(!cache.reject(&second), "a source whose keys are never good is not asked all the time");
    assert_eq!(id(cache.provide().await), named(2));
    clock.advance(Duration::from_secs(10));
    assert!(cache.reject(&second));
    assert_eq!(id(cache.provide().await), named(3));
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn a_refused_key_that_comes_again_serves_on() {
    let clock = HandClock::start();
    let source = Source::new(|_| async { Ok(key(1, beginning(), HOUR)) });
    let cache = CachedCredentials::with_clock(source.clone(), Arc::clone(&clock) as _);
    let refused = cache.provide().await.unwrap();
    assert!(cache.reject(&refused));
    assert_eq!(id(cache.provide().await), named(1));
    for _ in 0..100 {
        assert!(!cache.reject(&refused), "it was asked for anew, and is the same");
        assert_eq!(id(cache.provide().await), named(1));
    }
    tokio::task::yield_now().await;
    assert_eq!(source.asked(), 2);
    clock.advance(Duration::from_secs(10));
    assert_eq!(id(cache.provide().await), named(1));
    tokio::task::yield_now().await;
    assert_eq!(source.asked(), 3, "the source may have another one by now");
}

#[tokio::test]
async fn a_refused_key_serves_on_when_there_is_no_other() {
    let source =
        Source::new(
            |time| async move { if time == 1 { Ok(key(1, beginning(), HOUR)) } else { Err(fails()) } },
        );
    let cache = CachedCredentials::with_clock(source.clone(), HandClock::start());
    let refused = cache.provide().await.unwrap();
    assert!(cache.reject(&refused));
    assert_eq!(id(cache.provide().await), Err(fails().to_string()));
    assert!(!cache.reject(&refused));
    assert_eq!(id(cache.provide().await), named(1));
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn caches_and_chains_pass_on_what_they_are_told() {
    let clock = HandClock::start();
    let (source, cache) = changing(&clock);
    let chain = Chain::of([("cache", Arc::clone(&cache) as _)], &machine(&[], &[], &crate::nothing()));
    let outer = Arc::new(CachedCredentials::with_clock(chain, Arc::clone(&clock) as _));
    let first = outer.provide().await.unwrap();
    assert!(outer.reject(&first));
    assert_eq!(id(outer.provide().await), named(2));
    assert_eq!(source.asked(), 2);
    clock.advance(20 * MINUTE);
    outer.correct_clock(50 * 60_000);
    assert_eq!(id(cache.provide().await), named(3), "the inner one knows the time");
}

#[test]
fn keys_of_the_environment_are_only_worth_another_attempt_if_they_changed() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let source = EnvironmentCredentials::aws().with_lookup(move |name| match name {
        "AWS_ACCESS_KEY_ID" => Some(format!("id-{}", counter.load(Ordering::SeqCst))),
        "AWS_SECRET_ACCESS_KEY" => Some("s".to_owned()),
        _ => None,
    });
    let old = Credentials::new("id-0", "s");
    assert!(!source.reject(&old));
    asked.store(1, Ordering::SeqCst);
    assert!(source.reject(&old));
    assert!(!old.reject(&old));
}

#[tokio::test]
async fn a_correction_of_the_clock_moves_the_end_of_keys() {
    let clock = HandClock::start();
    let source = Source::new(|time| async move {
        Ok(key(time, beginning() + u32::try_from(time).unwrap() * 20 * MINUTE, 15 * MINUTE))
    });
    let cache = CachedCredentials::with_clock(source.clone(), Arc::clone(&clock) as _);
    assert_eq!(id(cache.provide().await), named(1));
    clock.advance(15 * MINUTE);
    assert_eq!(id(cache.provide().await), named(1), "by the machine's clock it lasts for 20 minutes");
    cache.correct_clock(20 * 60_000);
    assert_eq!(id(cache.provide().await), named(2));
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_correction_that_is_out_of_date_does_not_lock_new_keys_out() {
    let clock = HandClock::start();
    let source = Source::new(|time| async move { Ok(key(time, beginning(), 15 * MINUTE)) });
    let cache = CachedCredentials::with_clock(source, Arc::clone(&clock) as _);
    cache.correct_clock(20 * 60_000);
    assert_eq!(id(cache.provide().await), named(1));
    // A wrong clock that nobody corrected is an error still.
    clock.advance(HOUR);
    assert!(id(cache.provide().await).is_err_and(|text| text.contains("clock")));
}

/// A service whose clock is 20 minutes ahead of a machine's, and which knows until when keys are
/// good: each for 15 minutes, of which the first began with the test.
fn service(clock: &Arc<HandClock>, says_so: bool) -> Arc<Network> {
    let clock = Arc::clone(clock);
    Network::new(move |seen| {
        let passed = clock.now().duration_since(beginning()).unwrap();
        let signed = seen.headers.get("authorization").map(String::as_str).unwrap_or_default();
        let number = signed.split("Credential=key-").nth(1).and_then(|rest| rest.split(',').next());
        let number: u32 = number.unwrap().parse().unwrap();
        if passed < number * 15 * MINUTE {
            return Reply::Answer(200, r#"{"Vpcs":{"Vpc":[]},"RequestId":"r"}"#.to_owned());
        }
        // To the minute, at which these tests ask.
        match passed.as_secs() / 60 {
            _ if !says_so => Reply::Answer(400, EXPIRED.to_owned()),
            15 => Reply::Dated(400, EXPIRED.to_owned(), "Tue, 05 Mar 2024 06:42:08 GMT"),
            minute => panic!("the clock was not corrected: refused at minute {minute}"),
        }
    })
}

fn client(network: &Arc<Network>, credentials: impl ProvideCredentials + 'static) -> vpc::Client {
    let builder = vpc::Client::builder().region("cn-hangzhou").transport(network.transport());
    builder.credentials(credentials).clock(HandClock::start()).build().unwrap()
}

#[tokio::test]
async fn calls_outlive_keys_although_the_machine_is_20_minutes_slow() {
    for says_so in [true, false] {
        let clock = HandClock::start();
        let network = service(&clock, says_so);
        let source = Source::new(|time| async move {
            Ok(key(time, beginning() + 20 * MINUTE, u32::try_from(time).unwrap() * 15 * MINUTE))
        });
        let cache = Arc::new(CachedCredentials::with_clock(source.clone(), Arc::clone(&clock) as _));
        let builder = || {
            let builder = vpc::Client::builder().region("cn-hangzhou").transport(network.transport());
            builder.credentials(Arc::clone(&cache)).clock(Arc::clone(&clock) as _)
        };
        let clients = [builder().build().unwrap(), builder().build().unwrap()];
        let mut attempts = 0;
        for minute in 0..60 {
            let sending = clients[minute % 2].describe_vpcs().send_raw();
            let (answer, ()) = tokio::join!(sending, async {
                // For the pause before a second attempt.
                tokio::task::yield_now().await;
                clock.advance(Duration::from_secs(1));
                tokio::task::yield_now().await;
                clock.advance(Duration::from_secs(1));
            });
            let answer = answer.unwrap_or_else(|error| panic!("minute {minute}: {error}"));
            attempts += answer.attempts();
            clock.advance(58 * Duration::from_secs(1));
        }
        let refused = if says_so { 1 } else { 3 };
        assert_eq!(attempts, 60 + refused, "says the time: {says_so}");
        assert!(source.asked() <= 5, "{}", source.asked());
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_replaced_is_refused_once() {
    let network = Network::new(|_| Reply::Answer(400, EXPIRED.to_owned()));
    let key = Credentials::new("id", "secret").with_security_token("sts-1");
    let error = client(&network, key).describe_vpcs().send().await.unwrap_err();
    assert_eq!((error.attempts(), error.code()), (1, Some("InvalidSecurityToken.Expired")));
}

#[tokio::test]
async fn a_role_is_assumed_again_when_sts_finds_the_callers_key_expired() {
    let clock = HandClock::start();
    let (source, caller) = changing(&clock);
    let network = Network::new(|seen| match seen.parameter("AccessKeyId") {
        Some("key-1") => Reply::Answer(400, EXPIRED.to_owned()),
        _ => Reply::Answer(200, json!({ "Credentials": temporary("STS.role") }).to_string()),
    });
    let role = AssumeRole::new("a", caller).build(&machine(&[], &[], &network).with_clock(clock));
    assert_eq!(found(role).await.map(|(id, _)| id), Ok("STS.role".to_owned()));
    assert_eq!((source.asked(), network.seen().len()), (2, 2));
}

/// Refreshes are parts of their callers here, so that each is polled when the test says.
#[test]
fn a_refresh_that_is_too_late_does_not_replace_a_newer_one() {
    for is_newer_first in [false, true] {
        let clock = HandClock::start();
        let gates = [Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0))];
        let its_gates = gates.clone();
        let source = Source::new(move |time| {
            let gate = Arc::clone(&its_gates[time - 1]);
            async move {
                gate.acquire().await.unwrap().forget();
                Ok(key(time, beginning(), HOUR))
            }
        });
        let cache = CachedCredentials::with_clock(source, Arc::clone(&clock) as _);
        let context = &mut Context::from_waker(Waker::noop());
        let (mut slow, mut newer) = (cache.provide(), cache.provide());
        assert!(slow.as_mut().poll(context).is_pending());
        clock.advance(Duration::from_secs(10));
        assert!(newer.as_mut().poll(context).is_pending());
        gates[0].add_permits(1);
        gates[1].add_permits(usize::from(is_newer_first));
        if is_newer_first {
            assert!(newer.as_mut().poll(context).is_ready());
        }
        assert!(slow.as_mut().poll(context).is_ready());
        let mut next = cache.provide();
        if !is_newer_first {
            assert!(next.as_mut().poll(context).is_pending(), "the newer refresh is waited for");
            gates[1].add_permits(1);
            assert!(newer.as_mut().poll(context).is_ready());
        }
        let Poll::Ready(outcome) = next.as_mut().poll(context) else { panic!("it hangs") };
        assert_eq!(id(outcome), named(2), "newer first: {is_newer_first}");
    }
}
