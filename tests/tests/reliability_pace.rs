//! When a call is sent again, after how long, and when it is given up.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use cloudnet::clock::Entropy;
use cloudnet::vpc::create_route_entry::NextHopType;
use cloudnet::{ClientBuilder, Credentials, Error, ErrorClass, ErrorKind, RetryPolicy, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::noise::Noise;
use cloudnet_tests::scripted::{Scripted, Turn};
use cloudnet_tests::server::{Fault, Server};
use cloudnet_tests::time::{TestClock, Time};

/// A client with its clock.
fn clocked<S>(server: &Server, builder: ClientBuilder<S>) -> (Arc<TestClock>, ClientBuilder<S>) {
    let clock = Arc::new(server.clock());
    let builder = server.aim(builder).clock(clock.clone());
    (clock, builder)
}

#[tokio::test]
async fn r03_what_was_never_connected_is_tried_again() -> Result<(), Error> {
    let closed = Server::closed();
    let client = closed.aim(vpc::Client::builder()).build()?;
    let refused = failed(client.delete_vpc().vpc_id("vpc-1").send().await);
    assert_eq!((refused.kind(), refused.attempts()), (ErrorKind::Connect, 3), "{refused}");
    assert!(!refused.may_have_been_applied());

    let server = Arc::new(Mutex::new(Server::closed()));
    let (clock, builder) = clocked(&server.lock().unwrap(), vpc::Client::builder());
    let later = Arc::clone(&server);
    clock.at_pause(move || later.lock().unwrap().open());
    builder.build()?.delete_vpc().vpc_id("vpc-1").send().await?;
    assert_eq!(server.lock().unwrap().requests(), 1);
    Ok(())
}

#[tokio::test]
async fn r03_a_name_that_does_not_exist_is_tried_again() -> Result<(), Error> {
    let server = Server::start();
    let builder = server.aim(vpc::Client::builder()).endpoint("https://nowhere.invalid");
    let client = builder.connect_timeout(Duration::from_millis(200)).build()?;
    let unknown = failed(client.delete_vpc().vpc_id("vpc-1").send().await);
    assert_eq!((unknown.kind(), unknown.attempts()), (ErrorKind::Connect, 3), "{unknown}");
    assert!(!unknown.may_have_been_applied());
    Ok(())
}

#[tokio::test]
async fn r03_a_host_that_cannot_prove_itself_is_asked_once() -> Result<(), Error> {
    let server = Server::start();
    let builder = server.aim(vpc::Client::builder());
    let client = builder.endpoint(format!("https://{}", server.address())).build()?;
    let refused = failed(client.describe_vpcs().send().await);
    assert_eq!((refused.kind(), refused.attempts()), (ErrorKind::Tls, 1), "{refused}");
    assert_eq!(server.applied("DescribeVpcs"), 0);
    Ok(())
}

const CODES: [(u16, &str, ErrorClass); 32] = [
    (429, "", ErrorClass::Throttled),
    (502, "", ErrorClass::Internal),
    (503, "", ErrorClass::Unavailable),
    (504, "", ErrorClass::Internal),
    (500, "InternalError", ErrorClass::Internal),
    (500, "UnknownError", ErrorClass::Internal),
    (400, "Throttling", ErrorClass::Throttled),
    (400, "Throttling.User", ErrorClass::Throttled),
    (400, "Throttling.Api", ErrorClass::Throttled),
    (503, "Rejected.Throttling", ErrorClass::Throttled),
    (400, "ThrottlingException", ErrorClass::Throttled),
    (400, "ThrottledException", ErrorClass::Throttled),
    (400, "TooManyRequestsException", ErrorClass::Throttled),
    (400, "TooManyRequests", ErrorClass::Throttled),
    (400, "RequestLimitExceeded", ErrorClass::Throttled),
    (400, "RequestThrottled", ErrorClass::Throttled),
    (400, "RequestThrottledException", ErrorClass::Throttled),
    (400, "BandwidthLimitExceeded", ErrorClass::Throttled),
    (400, "ProvisionedThroughputExceededException", ErrorClass::Throttled),
    (503, "SlowDown", ErrorClass::Throttled),
    (400, "FlowControl.Api", ErrorClass::Throttled),
    (503, "ServiceUnavailable", ErrorClass::Unavailable),
    (400, "ServiceUnavailable", ErrorClass::Unavailable),
    (503, "ServiceUnavailableException", ErrorClass::Unavailable),
    (400, "SystemBusy", ErrorClass::Busy),
    (400, "OperationConflict", ErrorClass::Busy),
    (400, "TaskConflict", ErrorClass::Busy),
    (400, "LastTokenProcessing", ErrorClass::Busy),
    (400, "OperationFailed.LastTokenProcessing", ErrorClass::Busy),
    (400, "IncorrectStatus", ErrorClass::Busy),
    (400, "ConcurrentCallNotSupported", ErrorClass::Busy),
    (400, "PriorRequestNotComplete", ErrorClass::Busy),
];

#[tokio::test]
async fn r05_every_passing_code_has_its_class_and_its_pace() -> Result<(), Error> {
    let server = Server::start();
    for (status, code, class) in CODES {
        let (clock, builder) = clocked(&server, vpc::Client::builder());
        let client = builder.build()?;
        let fault = if code.is_empty() { Fault::answer(status, "") } else { Fault::code(status, code) };
        server.fault_always(Some(fault.clone()));
        let once = failed(client.describe_vpcs().with_retry(RetryPolicy::none()).send().await);
        assert_eq!((once.class(), once.attempts()), (class, 1), "{status} {code}: {once}");
        server.fault_always(None);
        server.fault_next(fault);
        let before = server.requests();
        client.describe_vpcs().send().await?;
        assert_eq!(server.requests() - before, 2, "{status} {code}");
        let is_slow = matches!(class, ErrorClass::Throttled | ErrorClass::Busy);
        let longest = Duration::from_millis(if is_slow { 1_000 } else { 50 });
        let pauses = clock.take_pauses();
        assert!(matches!(pauses[..], [pause] if pause <= longest), "{status} {code}: {pauses:?}");
    }
    Ok(())
}

#[tokio::test]
async fn r05_a_busy_resource_is_waited_for() -> Result<(), Error> {
    for code in ["TaskConflict", "Throttling.User"] {
        let server = Arc::new(Server::start());
        let (clock, builder) = clocked(&server, vpc::Client::builder());
        let client = builder.build()?;
        server.fault_always(Some(Fault::code(400, code)));
        let (later, began) = (Arc::clone(&server), server.time().now());
        clock.at_pause(move || {
            if later.time().now() >= began + Duration::from_secs(6) {
                later.fault_always(None);
            }
        });
        let create =
            client.create_route_entry().route_table_id("vtb-1").destination_cidr_block("10.1.0.0/16");
        create.next_hop_id("i-1").next_hop_type(NextHopType::Instance).send().await?;
        let arrivals = server.arrivals();
        let tokens: BTreeSet<_> = arrivals.iter().map(|arrival| &arrival.parameters["ClientToken"]).collect();
        assert_eq!((tokens.len(), server.applied("CreateRouteEntry")), (1, 1), "{code}");
        let waited: Duration = clock.take_pauses().into_iter().sum();
        assert!((6..18).contains(&waited.as_secs()) && arrivals.len() > 2, "{code}: {waited:?}");

        // A program that asks again by itself is told at once.
        server.fault_always(Some(Fault::code(400, code)));
        let policy = RetryPolicy::default().fail_fast_on_busy();
        let told = failed(client.create_vpc().with_retry(policy).send().await);
        assert_eq!((told.code(), told.attempts()), (Some(code), 1), "{told}");
        assert!(!told.may_have_been_applied());
    }
    Ok(())
}

#[tokio::test]
async fn r05_pauses_are_even_between_zero_and_their_cap() -> Result<(), Error> {
    const RUNS: u32 = 2_500;
    let noise = Arc::new(Seeded(Mutex::new(Noise::new(5))));
    let all =
        [("ServiceUnavailable", [50, 100]), ("Throttling", [1_000, 2_000]), ("TaskConflict", [1_000, 2_000])];
    for (code, caps_ms) in all {
        let clock = Arc::new(TestClock::new(Time::new()));
        let mut sums = [Duration::ZERO; 2];
        let mut client = None;
        for run in 0..RUNS {
            // A new client before the brake of the old one shows.
            if run % 17 == 0 {
                client = Some(failing(code, &clock, &noise)?);
            }
            let Some(client) = &client else { continue };
            client.describe_vpcs().send().await?;
            let pauses = clock.take_pauses();
            assert_eq!(pauses.len(), 2);
            for ((pause, sum), cap_ms) in pauses.into_iter().zip(&mut sums).zip(caps_ms) {
                assert!(pause <= Duration::from_millis(cap_ms), "{code}: {pause:?}");
                *sum += pause;
            }
        }
        for (sum, cap_ms) in sums.into_iter().zip(caps_ms) {
            let ratio = (sum / RUNS).as_secs_f64() / (Duration::from_millis(cap_ms) / 2).as_secs_f64();
            assert!((ratio - 1.0).abs() < 0.03, "{code} {cap_ms} ms: {ratio}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn r05_a_policy_says_how_long_the_pauses_are() -> Result<(), Error> {
    let (policy, ms) = (|| RetryPolicy::default().with_max_attempts(4), Duration::from_millis);
    for (policy, code, longest_ms) in [
        (policy(), "ServiceUnavailable", [50, 100, 200]),
        (policy().with_base_delay(ms(300)), "ServiceUnavailable", [300, 600, 1_200]),
        (policy().with_base_delay(ms(300)).with_max_delay(ms(500)), "ServiceUnavailable", [300, 500, 500]),
        (policy().with_throttled_delay(ms(300)), "ServiceUnavailable", [50, 100, 200]),
        (policy(), "Throttling", [1_000, 2_000, 4_000]),
        (policy().with_throttled_delay(ms(300)), "Throttling", [300, 600, 1_200]),
        (policy().with_max_delay(ms(1_500)), "TaskConflict", [1_000, 1_500, 1_500]),
        (policy().with_base_delay(ms(300)), "TaskConflict", [1_000, 2_000, 4_000]),
    ] {
        let service = Scripted::new(move |number, _| {
            Turn::answer(if number > 3 { 200 } else { 503 }, format!(r#"{{"Code":"{code}"}}"#))
        });
        let clock = Arc::new(TestClock::new(Time::new()));
        let client = scripted(service, &clock, Arc::new(Highest)).retry(policy.clone()).build()?;
        client.describe_vpcs().send().await?;
        let pauses: Vec<_> =
            clock.take_pauses().iter().map(|pause| pause.as_micros().div_ceil(1_000)).collect();
        assert_eq!(pauses, longest_ms, "{code} {policy:?}");
    }
    Ok(())
}

/// What is drawn is the longest.
#[derive(Debug)]
struct Highest;

impl Entropy for Highest {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.fill(u8::MAX);
        Ok(())
    }
}

/// The same randomness in every run of the test.
#[derive(Debug)]
struct Seeded(Mutex<Noise>);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        let mut noise = self.0.lock().unwrap();
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&noise.number().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A client of a service that answers two requests of three with one error.
fn failing(code: &'static str, clock: &Arc<TestClock>, noise: &Arc<Seeded>) -> Result<vpc::Client, Error> {
    let service = Scripted::new(move |number, _| {
        let status = if number % 3 == 0 { 200 } else { 503 };
        Turn::answer(status, format!(r#"{{"Code":"{code}"}}"#))
    });
    scripted(service, clock, noise.clone()).build()
}

fn scripted(
    service: Arc<Scripted>,
    clock: &Arc<TestClock>,
    entropy: Arc<dyn Entropy>,
) -> ClientBuilder<vpc::Client> {
    vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("id", "secret"))
        .clock(clock.clone())
        .entropy(entropy)
        .operation_timeout(Duration::from_secs(3_600))
        .transport(service)
}

#[tokio::test]
async fn r06_the_brake_stops_retries_when_everything_fails() -> Result<(), Error> {
    for (code, most) in [("ServiceUnavailable", 1_035), ("Throttling", 1_100)] {
        let server = Server::start();
        // The brake ends throttled calls, not their deadline.
        let patient = || server.aim(vpc::Client::builder()).operation_timeout(Duration::from_secs(86_400));
        let client = patient().build()?;
        server.fault_always(Some(Fault::code(503, code)));
        for _ in 0..1_000 {
            failed(client.describe_vpcs().send().await);
        }
        assert_eq!(server.requests(), most, "{code}");

        // Another client has its own, and 14 successes pay for one retry of this one.
        let other = patient().build()?;
        let attempts = failed(other.describe_vpcs().send().await).attempts();
        assert_eq!(attempts, if code == "Throttling" { 101 } else { 3 });
        server.fault_always(None);
        for _ in 0..14 {
            client.describe_vpcs().send().await?;
        }
        server.fault_next(Fault::code(503, "ServiceUnavailable"));
        client.describe_vpcs().send().await?;
        server.fault_next(Fault::code(503, "ServiceUnavailable"));
        let braked = client.describe_vpcs().send().await;
        assert!(code == "Throttling" || failed(braked).attempts() == 1);
    }
    Ok(())
}

#[tokio::test]
async fn r07_any_hint_leaves_the_wait_between_its_bounds() -> Result<(), Error> {
    let server = Server::start();
    let in_90_s = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Time::START + Duration::from_secs(90));
    let digits = "9".repeat(10 * 1024);
    let s = Duration::from_secs;
    for (name, hint, least) in [
        ("retry-after", "3", s(3)),
        ("retry-after", in_90_s.as_str(), s(5)),
        ("retry-after", "0", s(0)),
        ("retry-after", "-1", s(0)),
        ("retry-after", "NaN", s(0)),
        ("retry-after", "1e3", s(0)),
        ("retry-after", "9999999999", s(0)),
        ("retry-after", "18446744073709551616", s(0)),
        ("retry-after", digits.as_str(), s(0)),
        ("retry-after", "Wed, 99 Foo 99999 99:99:99 GMT", s(0)),
        ("x-acs-retry-after", "1500", Duration::from_millis(1_500)),
        ("x-acs-retry-after", "18446744073709551615", s(0)),
        ("x-acs-retry-after", "-5", s(0)),
    ] {
        for (status, cap_ms) in [(429, 1_000), (503, 50)] {
            let (clock, builder) = clocked(&server, vpc::Client::builder());
            let client = builder.build()?;
            server.fault_next(Fault::answer(status, "").header(name, hint));
            client.describe_vpcs().send().await?;
            let pauses = clock.take_pauses();
            let [pause] = pauses[..] else { panic!("{pauses:?}") };
            let most = least + Duration::from_millis(cap_ms);
            assert!(least <= pause && pause <= most, "{status} {name} {:.40}: {pause:?}", hint);
        }
    }
    Ok(())
}

#[tokio::test]
async fn r08_what_will_not_pass_is_asked_once() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    for (status, code) in [
        (400, "InvalidParameter"),
        (400, "MissingParameter"),
        (400, "InvalidCidrBlock.Malformed"),
        (403, "Forbidden.RAM"),
        (403, "NoPermission"),
        (404, "InvalidVpcId.NotFound"),
        (404, "InvalidAccessKeyId.NotFound"),
        (404, "InvalidRegionId.NotFound"),
        (400, "SignatureDoesNotMatch"),
        (400, "QuotaExceeded.Vpc"),
        (400, "IdempotentParameterMismatch"),
        (400, "DependencyViolation.VSwitch"),
    ] {
        server.fault_always(Some(Fault::code(status, code)));
        let create = failed(client.create_vpc().send().await);
        let describe = failed(client.describe_vpcs().send().await);
        for error in [create, describe] {
            assert_eq!((error.code(), error.attempts()), (Some(code), 1), "{error}");
            assert!(!error.may_have_been_applied() && error.status() == Some(status), "{error}");
        }
    }
    for status in [400, 401, 403, 404, 405, 413, 418] {
        server.fault_always(Some(Fault::answer(status, "<html>no</html>")));
        let error = failed(client.create_vpc().send().await);
        assert_eq!((error.status(), error.attempts()), (Some(status), 1), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn r08_a_code_that_nobody_knows_is_unknown_and_one_of_an_order_is_billing() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    for (status, code, class) in [
        (400, "SomethingNew", ErrorClass::Unknown),
        (403, "SomethingNew", ErrorClass::Unknown),
        (404, "SomethingNew", ErrorClass::Unknown),
        (400, "OrderError.EIP", ErrorClass::Billing),
        (400, "OrderFailed", ErrorClass::Billing),
        (400, "COMMODITY.INVALID_COMPONENT", ErrorClass::Billing),
        (403, "InsufficientBalance", ErrorClass::Billing),
    ] {
        server.fault_always(Some(Fault::code(status, code)));
        let error = failed(client.allocate_eip_address().send().await);
        assert_eq!((error.class(), error.attempts()), (class, 1), "{error}");
    }
    // What a gateway says with a code of its own may have passed it.
    server.fault_always(Some(Fault::code(503, "GatewayIsTired")));
    let error = failed(client.release_eip_address().allocation_id("eip-1").send().await);
    assert_eq!((error.attempts(), error.may_have_been_applied()), (1, true), "{error}");
    Ok(())
}
