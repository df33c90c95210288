//! Thousands of calls at once while a few go wrong. Alone in its process: it counts descriptors.

use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cloudnet::clock::Clock;
use cloudnet::{Error, RetryPolicy, vpc};
use cloudnet_tests::eventually;
use cloudnet_tests::server::{Delivery, Fault, Server};
use cloudnet_tests::time::Time;
use tokio::time::Instant;

const ROUNDS: usize = 6;
const CALLERS: usize = 64;
const CALLS_PER_CALLER: usize = 8;
const DEADLINE: Duration = Duration::from_secs(20);

/// What a loaded machine may add to a deadline before it runs a task.
const SCHEDULING: Duration = Duration::from_secs(10);

/// Time that passes by itself, from the date that the server believes in.
#[derive(Debug)]
struct Passing(Instant);

impl Clock for Passing {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Time::START + self.0.elapsed()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// About one request in sixty.
fn faults() -> impl Iterator<Item = (usize, Fault)> {
    let kinds = [
        Fault::delivery(Delivery::Reset),
        Fault::code(503, "ServiceUnavailable"),
        Fault::delivery(Delivery::Silence),
        Fault::delivery(Delivery::LengthTooLong),
        Fault::unread(),
        Fault::answer(502, "<html>Bad Gateway</html>").applied(),
        Fault::delivery(Delivery::Stall),
    ];
    (1..1000).step_by(61).zip(kinds.into_iter().cycle())
}

fn open_descriptors() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Memory in use, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Calls one after the other. How many creations were asked for, and how many calls failed.
async fn caller(client: vpc::Client) -> (usize, usize) {
    let (mut creations, mut failures) = (0, 0);
    for number in 0..CALLS_PER_CALLER {
        let start = Instant::now();
        let is_ok = match number % 4 {
            0 => {
                creations += 1;
                client.create_vpc().vpc_name("soak").send().await.is_ok()
            }
            1 => client.describe_vpcs().page_size(10).pages().next().await.is_some_and(|page| page.is_ok()),
            _ => client.describe_vpcs().send().await.is_ok(),
        };
        let elapsed = start.elapsed();
        assert!(elapsed < DEADLINE + SCHEDULING, "a call took {elapsed:?}");
        failures += usize::from(!is_ok);
    }
    (creations, failures)
}

/// All callers at once, on a server that has forgotten earlier rounds. How many calls failed.
async fn round(server: &Server, client: &vpc::Client) -> usize {
    server.forget();
    let callers: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(caller(client.clone()))).collect();
    let (mut creations, mut failures) = (0, 0);
    for caller in callers {
        let (asked, failed) = caller.await.unwrap_or_else(|error| panic!("a caller panicked: {error}"));
        creations += asked;
        failures += failed;
    }
    let applied = server.applied("CreateVpc");
    assert!(applied <= creations && applied + failures >= creations, "{applied} of {creations}");
    failures
}

#[tokio::test]
async fn r36_thousands_of_calls_leave_nothing_behind() -> Result<(), Error> {
    let server = Server::start();
    faults().for_each(|(number, fault)| server.fault(number, fault));
    let before = open_descriptors();
    let client = server
        .aim(vpc::Client::builder())
        .clock(Arc::new(Passing(Instant::now())))
        .attempt_timeout(Duration::from_secs(2))
        .operation_timeout(DEADLINE)
        .retry(RetryPolicy::default().with_base_delay(Duration::from_millis(5)))
        .build()?;
    let mut failures = round(&server, &client).await + round(&server, &client).await;
    let (warm, memory) = (open_descriptors(), resident());
    for _ in 2..ROUNDS {
        failures += round(&server, &client).await;
    }
    let (descriptors, grown) = (open_descriptors(), resident().saturating_sub(memory));
    println!(
        "descriptors {before}, {warm}, {descriptors}; {grown} KiB more than {memory}; {failures} failed"
    );
    // Both ends of a connection are in this process. A caller begins one when none is free, and may
    // be served by one that is freed sooner: there are more than callers, but not one for each call.
    let most = before + 6 * CALLERS;
    assert!(warm <= most && descriptors <= most, "{warm} and {descriptors} descriptors, {most} allowed");
    assert!(grown < 16 * 1024, "{grown} KiB more in use");
    assert!(failures * 100 <= ROUNDS * CALLERS * CALLS_PER_CALLER, "{failures} calls failed");

    drop(client);
    eventually("all descriptors are closed", || open_descriptors() <= before + 2).await;
    Ok(())
}
