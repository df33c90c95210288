//! Clocks that are wrong, and servers that keep silent.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudnet::{ClientBuilder, Credentials, Error, ErrorClass, ErrorKind, OfClient, RetryPolicy};
use cloudnet::{CredentialsFuture, ProvideCredentials, aws_global_accelerator as aws, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::server::{Delivery, Fault, KEY_ID, KEY_SECRET, Key, Server};
use cloudnet_tests::time::TestClock;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::Instant;

/// A client with its clock.
fn clocked<S>(server: &Server, builder: ClientBuilder<S>) -> (Arc<TestClock>, ClientBuilder<S>) {
    let clock = Arc::new(server.clock());
    let builder = server.aim(builder).clock(clock.clone());
    (clock, builder)
}

#[tokio::test]
async fn r09_a_wrong_clock_is_corrected_by_the_server() -> Result<(), Error> {
    for drift in [20 * 60, -20 * 60, 86_400, -86_400] {
        let server = Server::start();
        let (clock, builder) = clocked(&server, vpc::Client::builder());
        clock.drift(drift);
        let client = builder.build()?;
        client.create_vpc().send().await?;
        assert_eq!(server.requests(), 2, "{drift}: by its second attempt");
        client.describe_vpcs().send().await?;
        assert_eq!(server.requests(), 3, "{drift}: at once");
        clock.drift(0);
        client.describe_vpcs().send().await?;
        assert!(server.requests() <= 5, "{drift}: after the clock was put right");
        client.describe_vpcs().send().await?;
        assert!(server.requests() <= 6, "{drift}: at once again");
        assert_eq!(server.applied("CreateVpc"), 1);
    }
    Ok(())
}

#[tokio::test]
async fn r09_all_codes_and_both_vendors_say_so() -> Result<(), Error> {
    for code in ["InvalidTimeStamp.Expired", "IllegalTimestamp", "RequestExpired", "RequestTimeTooSkewed"] {
        let server = Server::start();
        let (clock, builder) = clocked(&server, vpc::Client::builder());
        clock.drift(600);
        server.fault(1, Fault::code(400, code));
        builder.build()?.delete_vpc().vpc_id("vpc-1").send().await?;
        assert_eq!(server.requests(), 2, "{code}");
    }
    let server = Server::start();
    let (clock, builder) = clocked(&server, aws::Client::builder());
    clock.drift(3_600);
    let call = builder.build()?.create_custom_routing_endpoint_group();
    failed(call.with_validation(cloudnet::ValidationPolicy::Off).send().await);
    let refused: Vec<_> = server.arrivals().into_iter().map(|arrival| arrival.refused).collect();
    let expected =
        ["InvalidSignatureException", "InvalidArgumentException"].map(|code| Some(code.to_owned()));
    assert_eq!(refused, expected, "the date is accepted the second time");
    Ok(())
}

#[tokio::test]
async fn r09_a_date_that_is_no_clock_is_ignored() -> Result<(), Error> {
    for (name, value) in [("date", "yesterday"), ("date", ""), ("age", "3")] {
        let server = Server::start();
        let (clock, builder) = clocked(&server, vpc::Client::builder());
        clock.drift(1_200);
        server.fault(1, Fault::code(400, "InvalidTimeStamp.Expired").header(name, value));
        let error = failed(builder.build()?.describe_vpcs().send().await);
        assert_eq!((error.attempts(), error.class()), (1, ErrorClass::Authentication), "{name}: {error}");
    }
    Ok(())
}

/// Keys that are other ones each time.
#[derive(Debug, Default)]
struct Rotating(AtomicUsize);

impl ProvideCredentials for Rotating {
    fn provide(&self) -> CredentialsFuture<'_> {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        let credentials = match asked {
            0 => Credentials::new("the-first-key", "its-secret"),
            _ => Credentials::new(KEY_ID, KEY_SECRET),
        };
        Box::pin(std::future::ready(Ok(credentials)))
    }
}

#[tokio::test]
async fn r10_date_and_keys_are_taken_after_the_pause() -> Result<(), Error> {
    let server = Server::start();
    let clock = server.clock().with_patience(Duration::from_secs(600));
    let time = server.time();
    clock.at_pause(move || time.advance(Duration::from_secs(100)));
    let key = Key { id: "the-first-key".into(), secret: "its-secret".into(), token: None };
    server.know(key);
    let builder = server.aim(vpc::Client::builder()).clock(Arc::new(clock));
    let client = builder
        .attempt_timeout(Duration::from_secs(900))
        .operation_timeout(Duration::from_secs(3_600))
        .credentials(Rotating::default())
        .build()?;
    server.fault(1, Fault::code(400, "Throttling"));
    client.create_vpc().send().await?;
    let arrivals = server.arrivals();
    assert_eq!(arrivals[0].date, "2024-03-05T06:07:08Z");
    assert!(("2024-03-05T06:08:48Z".."2024-03-05T06:08:51Z").contains(&arrivals[1].date.as_str()));
    let keys: Vec<_> =
        arrivals.iter().filter_map(|arrival| arrival.message.header("authorization")).collect();
    assert!(keys[0].contains("the-first-key,") && keys[1].contains(KEY_ID), "{keys:?}");
    Ok(())
}

#[tokio::test]
async fn r11_a_used_nonce_is_replaced() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    server.fault(1, Fault::code(400, "SignatureNonceUsed"));
    client.create_vpc().send().await?;
    server.fault(3, Fault::code(400, "SignatureNonceUsed"));
    client.describe_vpcs().send().await?;
    let arrivals = server.arrivals();
    let nonces: BTreeSet<_> = arrivals.iter().filter_map(|arrival| arrival.nonce.clone()).collect();
    assert_eq!((arrivals.len(), nonces.len()), (4, 4));
    // A nonce is new on every attempt: if it was used, an attempt arrived that we do not know of.
    server.fault(5, Fault::code(400, "SignatureNonceUsed"));
    let write = failed(client.release_eip_address().allocation_id("eip-1").send().await);
    assert_eq!((write.attempts(), write.may_have_been_applied()), (1, true), "{write}");
    Ok(())
}

/// How long a call took that had to fail.
async fn time_of<C: OfClient>(
    builder: ClientBuilder<C>,
    call: impl AsyncFn(C) -> Result<(), Error>,
) -> (Duration, Error) {
    let client = builder.build().unwrap_or_else(|error| panic!("{error}"));
    let started = Instant::now();
    let error = failed(call(client).await);
    (started.elapsed(), error)
}

#[tokio::test]
async fn r13_silence_ends_at_the_nearest_limit() -> Result<(), Error> {
    const LIMIT: Duration = Duration::from_millis(100);
    /// A busy machine keeps it, and it is shorter than the limits that nobody set.
    const LATEST: Duration = Duration::from_secs(15);
    let server = Server::start();
    let silences = [Delivery::Silence, Delivery::Stall, Delivery::Drip(Duration::from_millis(15))];
    let describe = async |client: vpc::Client| client.describe_vpcs().send().await.map(drop);
    for (index, delivery) in silences.into_iter().enumerate() {
        server.fault_always(Some(Fault::delivery(delivery)));
        let aim = || server.aim(vpc::Client::builder()).retry(RetryPolicy::none());
        let guarded = || aim().clock(Arc::new(server.clock().with_patience(Duration::ZERO)));
        let mut builders = vec![guarded().attempt_timeout(LIMIT), guarded().operation_timeout(LIMIT)];
        // A byte now and then is not silence: that one ends with its attempt.
        builders.extend((index < 2).then(|| aim().idle_timeout(LIMIT)));
        for builder in builders {
            let (took, error) = time_of(builder, &describe).await;
            assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
            assert!(took >= LIMIT && took < LATEST, "{took:?}: {error}");
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn r13_a_silent_connection_is_not_used_again() -> Result<(), Error> {
    let server = Server::start();
    let _held = server.hold_time(Duration::from_secs(20));
    let client = server.aim(vpc::Client::builder()).build()?;
    for delivery in [Delivery::Silence, Delivery::Stall] {
        server.fault_next(Fault::delivery(delivery));
        client.describe_vpcs().send().await?;
    }
    let used: Vec<_> = server.arrivals().iter().map(|arrival| arrival.connection).collect();
    assert_eq!(used, [1, 2, 2, 3]);
    Ok(())
}

#[tokio::test]
async fn r13_a_network_that_swallows_everything_ends_at_the_connect_timeout() -> Result<(), Error> {
    let (listener, _filling) = swallowing().await;
    let Ok(address) = listener.local_addr() else { panic!("no address") };
    let server = Server::start();
    // Nothing comes from there, so time may pass as if it did not.
    tokio::time::pause();
    for (limit, expected) in [(None, 9), (Some(Duration::from_secs(1)), 3)] {
        let builder = server.aim(vpc::Client::builder()).endpoint(format!("http://{address}"));
        let builder = match limit {
            Some(limit) => builder.connect_timeout(limit),
            None => builder,
        };
        let (took, error) = time_of(builder, async |client: vpc::Client| {
            client.delete_vpc().vpc_id("vpc-1").send().await.map(drop)
        })
        .await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error}");
        assert!(!error.may_have_been_applied());
        assert_eq!(took.as_secs(), expected, "{took:?}: {error}");
    }
    Ok(())
}

/// A port that answers no handshake, since its backlog is full, and what fills that.
async fn swallowing() -> (TcpListener, Vec<TcpStream>) {
    let listener = TcpSocket::new_v4().and_then(|socket| {
        socket.bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0)))?;
        socket.listen(1)
    });
    let Ok(listener) = listener else { panic!("no listener") };
    let Ok(address) = listener.local_addr() else { panic!("no address") };
    let mut filling = Vec::new();
    let mut is_taken = true;
    while is_taken {
        let taken = tokio::time::timeout(Duration::from_millis(500), TcpStream::connect(address)).await;
        is_taken = taken.is_ok();
        filling.extend(taken.into_iter().flatten());
    }
    (listener, filling)
}
