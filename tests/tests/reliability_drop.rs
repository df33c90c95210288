//! Whatever is dropped, after whichever of its polls: the next call works, and nothing is lost.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cloudnet::clock::Clock;
use cloudnet::{Error, ResourceState, vpc};
use cloudnet_tests::server::{Delivery, Fault, Server};
use cloudnet_tests::time::TestClock;
use cloudnet_tests::{dropped_after, no_task_is_left};
use tokio::time::Instant;

const MOST_POLLS: usize = 60;

/// A pause in virtual time that can be dropped: it is pending once.
#[derive(Debug)]
struct Yielding(TestClock);

impl Clock for Yielding {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn instant(&self) -> Instant {
        self.0.instant()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.sleep(duration).await;
        })
    }
}

/// A client whose attempts may take longer than any of its pauses. It is a new one each time: the
/// brake on the retries of one would stop them after so many faults.
fn client(server: &Server) -> Result<vpc::Client, Error> {
    let clock = server.clock().with_patience(Duration::from_secs(15));
    server
        .aim(vpc::Client::builder())
        .clock(Arc::new(Yielding(clock)))
        .attempt_timeout(Duration::from_secs(20))
        .serialize_conflicting_writes(true)
        .build()
}

/// What goes wrong with the next request, and only with that.
fn fault_one(server: &Server, offset: usize, fault: Fault) {
    let next = server.requests() + 1;
    for number in next..next + 4 {
        server.fault(number, Fault::delivery(Delivery::Whole));
    }
    server.fault(next + offset, fault);
}

/// A call that does not hang.
async fn promptly<F: Future>(future: F) -> F::Output {
    let ended = tokio::time::timeout(Duration::from_secs(60), future).await;
    ended.unwrap_or_else(|_| panic!("the call after a dropped one hangs"))
}

#[tokio::test]
async fn r25_a_dropped_call_gives_up_its_turn() -> Result<(), Error> {
    let server = Server::start();
    let mut completed = 0;
    for polls in 0..=MOST_POLLS {
        let client = client(&server)?;
        let token = format!("dropped-after-{polls}");
        let create = || {
            let request = client.create_vswitch().vpc_id("vpc-1").zone_id("cn-hangzhou-b");
            request.cidr_block("172.16.0.0/24").with_token(&token).send()
        };
        fault_one(&server, 0, Fault::delivery(Delivery::Reset));
        completed += usize::from(dropped_after(polls, create()).await.transpose()?.is_some());
        fault_one(&server, 0, Fault::delivery(Delivery::Whole));
        promptly(create()).await?;
        assert_eq!(server.applied("CreateVSwitch"), polls + 1, "after {polls} polls");
    }
    assert!((1..MOST_POLLS).contains(&completed), "{completed} calls ended by themselves");
    no_task_is_left().await;
    Ok(())
}

#[tokio::test]
async fn r25_a_dropped_listing_loses_and_repeats_nothing() -> Result<(), Error> {
    let server = Server::remembering();
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(client(&server)?.create_vpc().send().await?.vpc_id);
    }
    let mut completed = 0;
    for polls in 0..=MOST_POLLS {
        let client = client(&server)?;
        // A step is dropped, and the listing goes on.
        fault_one(&server, 1, Fault::delivery(Delivery::Reset));
        let mut items = client.describe_vpcs().page_size(2).items();
        let mut found = Vec::new();
        for _ in 0..3 {
            if let Some(Some(one)) = dropped_after(polls, items.next()).await {
                found.push(one?.vpc_id);
            }
        }
        while let Some(one) = promptly(items.next()).await {
            found.push(one?.vpc_id);
        }
        assert_eq!(found, made, "after {polls} polls");

        // The listing itself is dropped.
        fault_one(&server, 1, Fault::delivery(Delivery::Reset));
        let all = client.describe_vpcs().page_size(2).items().collect();
        completed += usize::from(dropped_after(polls, all).await.transpose()?.is_some());
        fault_one(&server, 0, Fault::delivery(Delivery::Whole));
        assert_eq!(promptly(client.describe_vpcs().send()).await?.vpcs.len(), 5, "after {polls} polls");
    }
    assert!((1..MOST_POLLS).contains(&completed), "{completed} listings ended by themselves");
    no_task_is_left().await;
    Ok(())
}

#[tokio::test]
async fn r25_a_dropped_wait_can_be_taken_up_and_creates_nothing_more() -> Result<(), Error> {
    let server = Server::start();
    let pending = Fault::answer(200, r#"{"VpcId":"vpc-1","Status":"Pending"}"#);
    let mut completed = 0;
    for polls in 0..=MOST_POLLS {
        let client = client(&server)?;
        let token = format!("dropped-after-{polls}");
        let create = || client.create_vpc().with_token(&token).send_and_wait();
        fault_one(&server, 1, pending.clone());
        completed += usize::from(dropped_after(polls, create()).await.transpose()?.is_some());
        fault_one(&server, 0, Fault::delivery(Delivery::Whole));
        let created = promptly(create()).await?;
        assert_eq!(server.applied("CreateVpc"), polls + 1, "after {polls} polls");

        // A step of a waiter is dropped, and the waiter goes on.
        fault_one(&server, 0, pending.clone());
        let mut waiter = client.wait_for_vpc_available(created.vpc_id.unwrap_or_default());
        dropped_after(polls, waiter.next_state()).await;
        let available = ResourceState::Named("Available".to_owned());
        assert_eq!(promptly(waiter.into_future()).await?, available, "after {polls} polls");
    }
    assert!((1..MOST_POLLS).contains(&completed), "{completed} waits ended by themselves");
    no_task_is_left().await;
    Ok(())
}
