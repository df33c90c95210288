//! One refresh for all callers, whatever happens to it.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use cloudnet::clock::Clock;
use cloudnet::credentials::CachedCredentials;
use cloudnet::testing::Documented;
use cloudnet::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials, vpc};
use cloudnet_tests::machine::{HandClock, PausedClock, beginning};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::advance;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

type Outcome = Result<Credentials, CredentialsError>;
type Behaviour = dyn Fn(usize) -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync;

/// A source that does as told when it is asked for the nth time, from 1.
#[derive(Clone)]
pub(crate) struct Source {
    asked: Arc<AtomicUsize>,
    behaviour: Arc<Behaviour>,
}

impl Source {
    pub(crate) fn new<F: Future<Output = Outcome> + Send + 'static>(
        behaviour: impl Fn(usize) -> F + Send + Sync + 'static,
    ) -> Self {
        let behaviour: Arc<Behaviour> = Arc::new(move |time| Box::pin(behaviour(time)));
        Self { asked: Arc::default(), behaviour }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}

impl ProvideCredentials for Source {
    fn provide(&self) -> CredentialsFuture<'_> {
        (self.behaviour)(self.asked.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// The nth key, which is good for so long.
pub(crate) fn key(time: usize, now: SystemTime, lifetime: Duration) -> Credentials {
    Credentials::new(format!("key-{time}"), "secret").with_security_token("t").with_expiry(now + lifetime)
}

pub(crate) fn id(outcome: Outcome) -> Result<String, String> {
    outcome.map(|key| key.access_key_id().to_owned()).map_err(|error| error.to_string())
}

pub(crate) fn named(time: usize) -> Result<String, String> {
    Ok(format!("key-{time}"))
}

pub(crate) fn fails() -> CredentialsError {
    CredentialsError::new("the source is down")
}

/// Asks so often at once, and gives the outcomes.
pub(crate) async fn at_once(cache: &CachedCredentials, callers: usize) -> Vec<Result<String, String>> {
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let cache = cache.clone();
        tasks.spawn(async move { id(cache.provide().await) });
    }
    tasks.join_all().await
}

#[test]
fn r21_a_thousand_callers_on_eight_threads_share_one_refresh() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(8).enable_all().build().unwrap();
    let clock = HandClock::start();
    let gate = Arc::new(Semaphore::new(1));
    let (its_clock, its_gate) = (Arc::clone(&clock), Arc::clone(&gate));
    let source = Source::new(move |time| {
        let (clock, gate) = (Arc::clone(&its_clock), Arc::clone(&its_gate));
        async move {
            gate.acquire().await.unwrap().forget();
            Ok(key(time, clock.now(), HOUR))
        }
    });
    let cache = CachedCredentials::with_clock(source.clone(), clock.clone());
    runtime.block_on(async {
        assert_eq!(id(cache.provide().await), named(1));
        clock.advance(2 * HOUR);
        let arrived = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..1_000 {
            let (cache, arrived) = (cache.clone(), Arc::clone(&arrived));
            tasks.spawn(async move {
                let mut providing = cache.provide();
                let mut is_first = true;
                std::future::poll_fn(|context| {
                    let polled = providing.as_mut().poll(context);
                    arrived.fetch_add(usize::from(std::mem::take(&mut is_first)), Ordering::SeqCst);
                    polled
                })
                .await
            });
        }
        while arrived.load(Ordering::SeqCst) < 1_000 {
            tokio::task::yield_now().await;
        }
        // All wait by now, and none is done.
        assert!(tasks.try_join_next().is_none());
        let opened = std::time::Instant::now();
        gate.add_permits(1);
        let outcomes = tasks.join_all().await;
        println!("1,000 waiters were served {:?} after the refresh", opened.elapsed());
        assert!(outcomes.into_iter().all(|outcome| id(outcome) == named(2)));
    });
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn r22_a_refresh_survives_the_caller_that_began_it() {
    let clock = PausedClock::start();
    let source = Source::new(|time| async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(key(time, beginning(), HOUR))
    });
    let cache = CachedCredentials::with_clock(source.clone(), clock);
    for polls in 1..=3 {
        let mut leader = cache.provide();
        for _ in 0..polls {
            assert!(leader.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            tokio::task::yield_now().await;
        }
        drop(leader);
    }
    let outcomes = at_once(&cache, 100).await;
    assert!(outcomes.into_iter().all(|outcome| outcome == named(1)));
    assert_eq!(source.asked(), 1);
}

/// Without a runtime the refresh is a part of the caller, and dies with it.
#[test]
fn r22_another_caller_takes_over_from_one_that_is_gone() {
    let source = Source::new(|time| async move {
        if time == 1 { pending().await } else { Ok(key(time, beginning(), HOUR)) }
    });
    let cache = CachedCredentials::with_clock(source.clone(), HandClock::start());
    let context = &mut Context::from_waker(Waker::noop());
    let mut leader = cache.provide();
    let mut waiters: Vec<_> = (0..100).map(|_| cache.provide()).collect();
    assert!(leader.as_mut().poll(context).is_pending());
    assert!(waiters.iter_mut().all(|waiter| waiter.as_mut().poll(context).is_pending()));
    drop(leader);
    for waiter in &mut waiters {
        let Poll::Ready(outcome) = waiter.as_mut().poll(context) else { panic!("a waiter hangs") };
        assert_eq!(id(outcome), named(2));
    }
    assert_eq!(source.asked(), 2);
}

#[test]
fn a_runtime_that_ends_takes_nobody_with_it() {
    let source = Source::new(|time| async move {
        if time == 1 { pending().await } else { Ok(key(time, beginning(), HOUR)) }
    });
    let cache = CachedCredentials::with_clock(source.clone(), HandClock::start());
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ending = runtime();
    let leader = cache.clone();
    ending.block_on(async {
        let task = tokio::spawn(async move { leader.provide().await });
        while source.asked() == 0 {
            tokio::task::yield_now().await;
        }
        task.abort();
    });
    let context = &mut Context::from_waker(Waker::noop());
    let mut waiter = cache.provide();
    assert!(waiter.as_mut().poll(context).is_pending());
    drop(ending);
    assert_eq!(id(runtime().block_on(waiter)), named(2));
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn r22_a_panic_is_an_error_for_all_and_the_next_call_works() {
    let source = Source::new(|time| {
        assert!(time != 1, "in the making of the future");
        async move {
            tokio::task::yield_now().await;
            assert!(time != 2, "in the future");
            Ok(key(time, beginning(), HOUR))
        }
    });
    let cache = CachedCredentials::with_clock(source.clone(), PausedClock::start());
    for time in 1..=2 {
        let outcomes = at_once(&cache, 100).await;
        let expected = Err("the source of the credentials panicked".to_owned());
        assert!(outcomes.iter().all(|outcome| *outcome == expected), "{outcomes:?}");
        assert_eq!(source.asked(), time);
    }
    assert_eq!(id(cache.provide().await), named(3));
}

#[tokio::test(start_paused = true)]
async fn r22_a_refresh_that_hangs_ends_after_ten_seconds() {
    let source = Source::new(|time| async move {
        if time == 1 { pending().await } else { Ok(key(time, beginning(), HOUR)) }
    });
    let cache = CachedCredentials::with_clock(source.clone(), PausedClock::start());
    let began = tokio::time::Instant::now();
    let outcomes = at_once(&cache, 100).await;
    let waited = began.elapsed();
    assert!(waited.abs_diff(Duration::from_secs(10)) < Duration::from_millis(50), "{waited:?}");
    let expected = Err("no answer within 10 s".to_owned());
    assert!(outcomes.iter().all(|outcome| *outcome == expected), "{outcomes:?}");
    assert_eq!(id(cache.provide().await), named(2));
    assert_eq!(source.asked(), 2);
}

/// A source that blocks its thread cannot be cancelled, but need not be waited for.
#[test]
fn a_source_that_blocks_its_thread_holds_nobody_up() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = Arc::new(Mutex::new(blocked));
    let source = Source::new(move |time| {
        let blocked = Arc::clone(&blocked);
        async move {
            if time == 1 {
                let _released = blocked.lock().unwrap().recv();
            }
            Ok(key(time, beginning(), HOUR))
        }
    });
    let clock = HandClock::start();
    let cache = CachedCredentials::with_clock(source.clone(), clock.clone());
    runtime.block_on(async {
        let first = cache.clone();
        let leader = tokio::spawn(async move { first.provide().await });
        while source.asked() == 0 {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(10));
        assert_eq!(id(leader.await.unwrap()), Err("no answer within 10 s".to_owned()));
        assert_eq!(id(cache.provide().await), named(2));
        release.send(()).unwrap();
    });
    drop(runtime);
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn r23_old_credentials_serve_while_a_refresh_fails() {
    let source =
        Source::new(
            |time| async move { if time == 1 { Ok(key(time, beginning(), HOUR)) } else { Err(fails()) } },
        );
    let cache = CachedCredentials::with_clock(source.clone(), PausedClock::start());
    assert_eq!(id(cache.provide().await), named(1));
    advance(HOUR - Duration::from_secs(301)).await;
    assert_eq!(id(cache.provide().await), named(1));
    assert_eq!(source.asked(), 1, "more than 5 minutes are left");
    advance(Duration::from_secs(1)).await;
    // From 300 s to 10 s before the end, asked twice a second.
    for _ in 0..=580 {
        assert_eq!(id(cache.provide().await), named(1));
        tokio::task::yield_now().await;
        advance(Duration::from_millis(500)).await;
    }
    assert_eq!(source.asked(), 1 + 30, "one refresh per 10 s");
    // Now less than 10 s are left: nothing is signed with them.
    let before = source.asked();
    let outcomes = at_once(&cache, 100).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Err(fails().to_string())), "{outcomes:?}");
    assert_eq!(source.asked(), before + 1, "one error for all");
    assert!(cache.provide().await.is_err());
    assert_eq!(source.asked(), before + 2, "the next call tries again");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_runs_beside_the_callers_while_it_can() {
    let clock = PausedClock::start();
    let its_clock = Arc::clone(&clock);
    let source = Source::new(move |time| {
        let clock = Arc::clone(&its_clock);
        async move {
            if time > 1 {
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            Ok(key(time, clock.now(), HOUR))
        }
    });
    let cache = CachedCredentials::with_clock(source.clone(), clock);
    assert_eq!(id(cache.provide().await), named(1));
    advance(HOUR - Duration::from_secs(300)).await;
    let began = tokio::time::Instant::now();
    assert!(at_once(&cache, 100).await.iter().all(|outcome| *outcome == named(1)));
    assert_eq!(began.elapsed(), Duration::ZERO, "nobody waits");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(id(cache.provide().await), named(2));
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn r24_nothing_is_signed_with_less_than_ten_seconds_left() {
    for (lifetime, is_fine) in [(9_999, false), (10_000, true), (0, false)] {
        let lifetime = Duration::from_millis(lifetime);
        let source = Source::new(move |time| async move { Ok(key(time, beginning(), lifetime)) });
        let cache = CachedCredentials::with_clock(source, HandClock::start());
        let outcome = cache.provide().await;
        assert_eq!(outcome.is_ok(), is_fine, "{lifetime:?} {outcome:?}");
    }
    let source = Source::new(|time| async move { Ok(key(time, beginning() - HOUR, Duration::ZERO)) });
    let cache = CachedCredentials::with_clock(source, HandClock::start());
    assert!(id(cache.provide().await).is_err_and(|text| text.contains("clock")));
}

#[tokio::test]
async fn r24_keys_without_an_end_never_expire() {
    let source = Source::new(|time| async move { Ok(Credentials::new(format!("key-{time}"), "secret")) });
    let clock = HandClock::start();
    let cache = CachedCredentials::with_clock(source.clone(), clock.clone());
    for _ in 0..20 {
        assert_eq!(id(cache.provide().await), named(1));
        clock.advance(24 * 365 * HOUR);
    }
    assert_eq!(source.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn r24_clients_share_a_source_and_only_that_one() {
    let clock = PausedClock::start();
    let its_clock = Arc::clone(&clock);
    let source = Source::new(move |time| {
        let clock = Arc::clone(&its_clock);
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(key(time, clock.now(), HOUR))
        }
    });
    let shared = Arc::new(CachedCredentials::with_clock(source.clone(), clock.clone()));
    let other = CachedCredentials::with_clock(source.clone(), clock);
    let service = Arc::new(Documented::new());
    let client = |credentials: Arc<dyn ProvideCredentials>| {
        let builder = vpc::Client::builder().region("cn-hangzhou").transport(service.clone());
        builder.credentials(credentials).build().unwrap()
    };
    let (one, two) = (client(shared.clone()), client(shared));
    let (first, second) = tokio::join!(one.describe_vpcs().send(), two.describe_vpcs().send());
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(source.asked(), 1);
    assert!(client(Arc::new(other)).describe_vpcs().send().await.is_ok());
    assert_eq!(source.asked(), 2, "another cache is another identity");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_does_not_say_when_it_ends_does_so_after_a_quarter_of_an_hour() {
    let source = Source::new(|time| async move {
        Ok(Credentials::new(format!("key-{time}"), "secret").with_security_token("t"))
    });
    let cache = CachedCredentials::with_clock(source.clone(), PausedClock::start());
    assert_eq!(id(cache.provide().await), named(1));
    advance(Duration::from_secs(599)).await;
    assert_eq!(id(cache.provide().await), named(1));
    assert_eq!(source.asked(), 1);
    advance(Duration::from_secs(15 * 60)).await;
    assert_eq!(id(cache.provide().await), named(2));
}
