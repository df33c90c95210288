//! Calls through the public client, over a transport that follows a script, in paused time.

mod endpoints;
mod moments;
mod things;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use cloudnet::clock::{Clock, Entropy};
use cloudnet::transport::{Transport, TransportErrorKind};
use cloudnet::{
    ClientBuilder, Credentials, CredentialsError, CredentialsFuture, EnvironmentCredentials, Error,
    ErrorClass, ErrorKind, Operation, ProvideCredentials, Request as Typed, RetryPolicy, Secret,
    ServiceClient as _, ValidationPolicy,
};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::{Scripted, Turn};
use cloudnet_tests::time::Time;
use tokio::time::Instant;

use things::{CreateThing, DeleteThing, DescribeThings, GlobalThings, MakeGlobalThing, Things, TryThing};

fn reply(status: u16, body: &str) -> Turn {
    Turn::answer(status, body.to_owned())
}

fn created() -> Turn {
    reply(200, r#"{"ThingId":"t-1","RequestId":"r-1"}"#)
}

fn lost(kind: TransportErrorKind) -> Turn {
    Turn::fail(kind, "scripted")
}

/// Moves with tokio's paused time, and may be wrong.
#[derive(Debug)]
struct DriftingClock {
    start: Instant,
    drift: AtomicI64,
}

impl DriftingClock {
    fn new(drift: i64) -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), drift: AtomicI64::new(drift) })
    }
}

impl Clock for DriftingClock {
    fn now(&self) -> SystemTime {
        let right = SystemTime::UNIX_EPOCH + Time::START + self.start.elapsed();
        let drift_ms = self.drift.load(Ordering::Relaxed);
        let distance = Duration::from_millis(drift_ms.unsigned_abs());
        if drift_ms < 0 { right - distance } else { right + distance }
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

fn client_with_clock(server: &Arc<Scripted>, clock: Arc<DriftingClock>) -> Things {
    let transport: Arc<dyn Transport> = Arc::clone(server) as _;
    let builder = Things::builder()
        .region("cn-beijing")
        .credentials(Credentials::new("the-key-id", "the-key-secret"))
        .clock(clock)
        .transport(transport);
    match builder.build() {
        Ok(client) => client,
        Err(error) => panic!("{error}"),
    }
}

fn client(server: &Arc<Scripted>) -> Things {
    client_with_clock(server, DriftingClock::new(0))
}

fn create(client: &Things) -> Typed<CreateThing> {
    client.request(named())
}

fn named() -> CreateThing {
    CreateThing { name: Some("thing".into()), ..CreateThing::default() }
}

async fn failure<O: Operation>(request: Typed<O>) -> Error {
    failed(request.send().await)
}

#[tokio::test(start_paused = true)]
async fn attempts_share_the_token_and_nothing_else() -> Result<(), Error> {
    let server = Scripted::new(|turn, _| match turn {
        1 => reply(500, r#"{"Code":"InternalError"}"#).header("retry-after", "3"),
        2 => lost(TransportErrorKind::Broken),
        _ => created(),
    });
    let raw = create(&client(&server)).send_raw().await?;
    assert_eq!(raw.decode::<CreateThing>()?.thing_id.as_deref(), Some("t-1"));
    let seen = server.seen();
    let tokens: Vec<_> = seen.iter().filter_map(|seen| seen.parameter("ClientToken")).collect();
    assert_eq!(tokens, [raw.token().unwrap_or_default(); 3]);
    assert_eq!(raw.token().map(str::len), Some(36));
    for header in ["x-acs-signature-nonce", "authorization"] {
        let mut values: Vec<_> = seen.iter().filter_map(|seen| seen.header(header)).collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), 3, "{header}");
    }
    // The second attempt waited at least the three seconds that the server asked for.
    assert_eq!(seen[0].header("x-acs-date"), Some("2024-03-05T06:07:08Z"));
    assert_eq!(seen[1].header("x-acs-date"), Some("2024-03-05T06:07:11Z"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_write_without_token_is_sent_once_if_it_may_have_been_applied() {
    let turns: [fn() -> Turn; 5] = [
        || reply(500, r#"{"Code":"InternalError"}"#),
        || reply(502, "<html>"),
        || Turn::Hang,
        || lost(TransportErrorKind::Broken),
        || lost(TransportErrorKind::Truncated),
    ];
    for turn in turns {
        let server = Scripted::new(move |_, _| turn());
        let client = client(&server);
        let error = failure(client.request(DeleteThing::default())).await;
        assert_eq!(server.calls(), 1, "{error}");
        assert!(error.may_have_been_applied(), "{error}");
        assert!(error.to_string().contains("look before asking again"), "{error}");

        let error = failure(client.request(DescribeThings::default())).await;
        assert_eq!((server.calls(), error.attempts()), (4, 3), "{error}");
        assert!(!error.may_have_been_applied(), "{error}");

        let error = failure(create(&client)).await;
        assert_eq!((server.calls(), error.attempts()), (7, 3), "{error}");
        assert!(error.may_have_been_applied() && error.token().is_some(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_left_is_sent_again_for_all_actions() {
    let server = Scripted::new(|_, _| lost(TransportErrorKind::Connect));
    let error = failure(client(&server).request(DeleteThing::default())).await;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3));
    assert!(!error.may_have_been_applied());
    let server = Scripted::new(|_, _| lost(TransportErrorKind::Tls));
    let error = failure(client(&server).request(DescribeThings::default())).await;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Tls, 1));
}

#[tokio::test(start_paused = true)]
async fn an_earlier_doubt_survives_a_later_certainty() {
    let server = Scripted::new(|turn, _| match turn {
        1 => lost(TransportErrorKind::Broken),
        _ => reply(400, r#"{"Code":"QuotaExceeded.Thing"}"#),
    });
    let error = failure(create(&client(&server))).await;
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Quota, 2));
    assert!(error.may_have_been_applied());
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_deadline() {
    let server = Scripted::new(|_, _| Turn::Hang);
    let client = client(&server);
    let late = client.request(DescribeThings::default()).with_deadline(Duration::ZERO);
    assert_eq!(failure(late).await.kind(), ErrorKind::Timeout);
    assert_eq!(server.calls(), 0);
    for (deadline, expected) in [(10, 10), (60, 60), (1_000, 180)] {
        let start = Instant::now();
        let request = client.request(DescribeThings::default());
        let request = match deadline {
            1_000 => request,
            _ => request.with_deadline(Duration::from_secs(deadline)),
        };
        let error = failure(request).await;
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let took = start.elapsed().as_secs_f64();
        assert!((took - f64::from(expected)).abs() < 0.5, "{took} {expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_pause_reaches_beyond_the_deadline() {
    let server =
        Scripted::new(|_, _| reply(429, r#"{"Code":"Throttling"}"#).header("x-acs-retry-after", "4000"));
    let start = Instant::now();
    let request = client(&server).request(DescribeThings::default());
    let error = failure(request.with_deadline(Duration::from_secs(3))).await;
    assert_eq!((error.class(), error.attempts()), (ErrorClass::Throttled, 1));
    assert!(start.elapsed() < Duration::from_millis(10));
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server =
            Scripted::new(move |_, _| reply(status, "").header("location", "https://evil.com/?Signature=x"));
        let error = failure(client(&server).request(DescribeThings::default())).await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedRedirect);
        assert_eq!((error.status(), server.calls()), (Some(status), 1));
        assert!(!error.to_string().contains("evil"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_bucket_brakes_all_clones_together() {
    let table = [(r#"{"Code":"ServiceUnavailable"}"#, 1_035), (r#"{"Code":"Throttling"}"#, 1_100)];
    for (body, expected) in table {
        let server = Scripted::new(move |_, _| reply(503, body));
        let first = client(&server);
        let second = first.clone();
        for number in 0..1_000 {
            let client = if number % 2 == 0 { &first } else { &second };
            failure(client.request(DescribeThings::default())).await;
        }
        assert_eq!(server.calls(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn successes_release_the_brake() -> Result<(), Error> {
    let is_well = Arc::new(AtomicI64::new(0));
    let health = Arc::clone(&is_well);
    let server = Scripted::new(move |_, _| match health.load(Ordering::Relaxed) {
        0 => reply(503, r#"{"Code":"ServiceUnavailable"}"#),
        _ => reply(200, r#"{"Total":1}"#),
    });
    let client = client(&server);
    let ask = || client.request(DescribeThings::default());
    for _ in 0..40 {
        failure(ask()).await;
    }
    assert_eq!(failure(ask()).await.attempts(), 1);
    is_well.store(1, Ordering::Relaxed);
    for _ in 0..14 {
        assert_eq!(ask().send().await?.total, Some(1));
    }
    is_well.store(0, Ordering::Relaxed);
    assert_eq!(failure(ask()).await.attempts(), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_token_belongs_to_one_logical_call() -> Result<(), Error> {
    let server = Scripted::new(|_, _| created());
    let client = client(&server);
    create(&client).send().await?;
    create(&client).send().await?;
    create(&client).with_token("mine").send().await?;
    create(&client).with_extra("ClientToken", "theirs").send().await?;
    let own = CreateThing { client_token: Some("own".to_owned()), ..named() };
    client.request(own).send().await?;
    let seen = server.seen();
    let tokens: Vec<_> = seen.iter().filter_map(|seen| seen.parameter("ClientToken")).collect();
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(tokens[2..], ["mine", "theirs", "own"]);
    let error = failure(client.request(DeleteThing::default()).with_token("mine")).await;
    assert_eq!((error.kind(), server.calls()), (ErrorKind::Configuration, 5));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_empty_token_protects_nothing() {
    let server = Scripted::new(|_, _| lost(TransportErrorKind::Broken));
    let client = client(&server);
    let error = failure(create(&client).with_token("")).await;
    assert_eq!((error.attempts(), error.token().map(str::len)), (3, Some(36)));
    let error = failure(create(&client).with_extra("ClientToken", "")).await;
    assert_eq!((error.attempts(), error.token()), (1, None));
}

#[tokio::test(start_paused = true)]
async fn answers_that_would_come_again_are_final() {
    let bodies = [
        r#"{"Code":"IdempotentParameterMismatch"}"#,
        r#"{"Code":"InvalidAccessKeyId.NotFound"}"#,
        r#"{"Code":"InvalidName.Malformed"}"#,
        r#"{"Code":"LimitExceededException"}"#,
    ];
    for body in bodies {
        let server = Scripted::new(move |_, _| reply(400, body));
        let error = failure(create(&client(&server))).await;
        assert_eq!(server.calls(), 1, "{error}");
        assert!(!error.may_have_been_applied(), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_used_nonce_is_replaced() -> Result<(), Error> {
    let server = Scripted::new(|turn, _| match turn {
        1 => reply(400, r#"{"Code":"SignatureNonceUsed"}"#),
        _ => created(),
    });
    assert_eq!(create(&client(&server)).send_raw().await?.attempts(), 2);
    Ok(())
}

/// A server that refuses requests more than 15 minutes off.
fn punctual_server(headers: &'static [(&'static str, &'static str)]) -> Arc<Scripted> {
    Scripted::new(move |_, request| {
        let date = request.headers().get("x-acs-date").and_then(|date| date.to_str().ok());
        if date.is_some_and(|date| date.starts_with("2024-03-05T06:0")) {
            return created();
        }
        let refused = reply(400, r#"{"Code":"InvalidTimeStamp.Expired"}"#);
        headers.iter().fold(refused, |refused, (name, value)| refused.header(name, value))
    })
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_corrected_once_for_the_client() -> Result<(), Error> {
    const DATE: (&str, &str) = ("date", "Tue, 05 Mar 2024 06:07:08 GMT");
    const MINUTE: i64 = 60_000;
    for drift in [20 * MINUTE, -20 * MINUTE, 1_440 * MINUTE, -1_440 * MINUTE] {
        let server = punctual_server(&[DATE]);
        let clock = DriftingClock::new(drift);
        let client = client_with_clock(&server, Arc::clone(&clock));
        assert_eq!(create(&client).send_raw().await?.attempts(), 2);
        assert_eq!(create(&client).send_raw().await?.attempts(), 1);
        clock.drift.store(0, Ordering::Relaxed);
        assert_eq!(create(&client).send_raw().await?.attempts(), 2);
        assert_eq!(create(&client).send_raw().await?.attempts(), 1);
    }
    let untrustworthy: [&'static [(&str, &str)]; 3] = [&[], &[("date", "soon")], &[DATE, ("age", "7")]];
    for headers in untrustworthy {
        let server = punctual_server(headers);
        let client = client_with_clock(&server, DriftingClock::new(20 * MINUTE));
        assert_eq!(failure(create(&client)).await.attempts(), 1);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn parameters_are_checked_before_anything_is_sent() -> Result<(), Error> {
    let server = Scripted::new(|_, _| created());
    let client = client(&server);
    let wrong = || client.request(CreateThing { name: Some("x".into()), ..CreateThing::default() });
    assert_eq!(wrong().validate().err().map(|error| error.kind()), Some(ErrorKind::Validation));
    let error = failure(wrong()).await;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Validation, 0));
    assert_eq!(error.violations().len(), 1);
    assert!(error.to_string().starts_with("CreateThing (section 6.1) failed: "), "{error}");
    assert_eq!(server.calls(), 0);
    wrong().with_validation(ValidationPolicy::Warn).send().await?;
    wrong().with_validation(ValidationPolicy::Off).send().await?;
    assert_eq!(server.calls(), 2);
    assert_eq!(CreateThing::default().validate().err().map(|broken| broken.len()), Some(1));
    create(&client).validate()
}

#[tokio::test(start_paused = true)]
async fn the_region_is_filled_in_where_it_is_absent() -> Result<(), Error> {
    let server = Scripted::new(|_, _| created());
    let client = client(&server);
    create(&client).send().await?;
    let elsewhere = CreateThing { region_id: Some("eu-west-1".into()), ..CreateThing::default() };
    client.request(elsewhere).send().await?;
    create(&client).with_extra("RegionId", "us-east-1").with_extra("New", "1").send().await?;
    let seen = server.seen();
    let regions: Vec<_> = seen.iter().filter_map(|seen| seen.parameter("RegionId")).collect();
    assert_eq!(regions, ["cn-beijing", "eu-west-1", "us-east-1"]);
    assert_eq!(seen[2].parameter("New").as_deref(), Some("1"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_that_passes_is_a_success() -> Result<(), Error> {
    let server = Scripted::new(|turn, _| match turn {
        1 => reply(400, r#"{"Code":"DryRunOperation"}"#),
        _ => reply(403, r#"{"Code":"NoPermission"}"#),
    });
    let client = client(&server);
    create(&client).dry_run().await?;
    assert_eq!(server.seen()[0].parameter("DryRun").as_deref(), Some("true"));
    let refused = create(&client).dry_run().await.err();
    assert_eq!(refused.map(|error| error.class()), Some(ErrorClass::Permission));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_throttled_success_is_tried_again() -> Result<(), Error> {
    let server = Scripted::new(|turn, _| match turn {
        1 => reply(200, r#"{"Success":false,"Code":"Throttling.User"}"#),
        _ => reply(200, r#"{"Success":true,"Total":"7"}"#),
    });
    let output = client(&server).request(DescribeThings::default()).send().await?;
    assert_eq!(output.total, Some(7));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_success_keeps_what_is_known() {
    let server = Scripted::new(|_, _| {
        let page = "<html><title>Bad Password=hunter2</title>hunter3</html>";
        reply(200, page).header("x-acs-request-id", "r-9")
    });
    let error = failure(create(&client(&server))).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Response, Some(200)));
    assert_eq!(error.request_id(), Some("r-9"));
    assert_eq!(error.body_excerpt(), Some("Bad Password=***"));
    assert!(error.may_have_been_applied());
    assert_eq!(error.token(), server.seen()[0].parameter("ClientToken").as_deref());
    assert!(error.token().is_some());
}

/// A source that changes its mind, and at last has nothing.
#[derive(Debug, Default)]
struct Rotating(AtomicI64);

impl ProvideCredentials for Rotating {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(std::future::ready(match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(Credentials::new("first", "secret")),
            1 => Ok(Credentials::new("second", "secret")),
            _ => Err(CredentialsError::new("none left")),
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_are_asked_for_on_every_attempt() -> Result<(), Error> {
    let server = Scripted::new(|_, _| lost(TransportErrorKind::Connect));
    let transport: Arc<dyn Transport> = Arc::clone(&server) as _;
    let client = Things::builder()
        .region("cn-beijing")
        .credentials(Arc::new(Rotating::default()))
        .transport(transport)
        .build()?;
    let error = failure(client.request(DescribeThings::default())).await;
    assert_eq!((error.kind(), error.message()), (ErrorKind::Credentials, "none left"));
    let seen = server.seen();
    let keys: Vec<_> = seen.iter().filter_map(|seen| seen.header("authorization")).collect();
    assert!(keys[0].contains("Credential=first,") && keys[1].contains("Credential=second,"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn no_error_repeats_a_secret() {
    let server = Scripted::new(|turn, request| {
        let signed =
            request.headers().get("authorization").and_then(|text| text.to_str().ok()).unwrap_or("?");
        let body = format!("{} {signed} the-key-secret", request.uri().query().unwrap_or_default());
        match turn {
            1 => reply(400, &format!(r#"{{"Code":"{body}","Message":"{body}"}}"#)),
            2 => reply(403, &body),
            _ => reply(200, &body),
        }
    });
    let client = client(&server);
    for _ in 1..=3 {
        let request = client
            .request(CreateThing { password: Some(Secret::from("hunter 2")), ..CreateThing::default() });
        assert!(!format!("{request:?} {client:?}").contains("hunter"));
        let error = failure(request).await;
        let text = format!("{error} {error:?}");
        let seen = server.seen();
        let signed = seen.last().and_then(|seen| seen.header("authorization"));
        let signature = signed.and_then(|text| text.rsplit_once('=')).map(|(_, tail)| tail);
        for secret in ["hunter 2", "hunter%202", "the-key-secret", signature.unwrap_or("?")] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_action_of_another_service_is_not_sent() -> Result<(), Error> {
    let server = Scripted::new(|_, _| created());
    let transport: Arc<dyn Transport> = Arc::clone(&server) as _;
    let client = GlobalThings::builder().transport(transport).build()?;
    assert_eq!((client.region(), client.endpoint().len()), ("us-west-2", 43));
    let error = failure(client.request(DescribeThings::default())).await;
    assert_eq!((error.kind(), server.calls()), (ErrorKind::Configuration, 0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_cannot_work_is_not_made() {
    let build = |change: fn(ClientBuilder<Things>) -> ClientBuilder<Things>| {
        let transport = Scripted::new(|_, _| created());
        change(Things::builder().transport(transport)).build().err().map(|error| error.kind())
    };
    assert_eq!(build(|builder| builder), Some(ErrorKind::Configuration));
    assert_eq!(build(|builder| builder.region("a/b")), Some(ErrorKind::Configuration));
    let wrong = build(|builder| builder.region("a").endpoint("http://example.com"));
    assert_eq!(wrong, Some(ErrorKind::Configuration));
    let wrong = build(|builder| builder.region("a").user_agent("a\r\nb"));
    assert_eq!(wrong, Some(ErrorKind::Configuration));
    assert_eq!(build(|builder| builder.region("a").user_agent("shop/1.0")), None);
}

#[tokio::test(start_paused = true)]
async fn missing_variables_are_named() {
    let server = Scripted::new(|_, _| created());
    let transport: Arc<dyn Transport> = server;
    let source = EnvironmentCredentials::alibaba_cloud().with_lookup(|_| None);
    let client = Things::builder().region("a").credentials(source).transport(transport).build();
    let Ok(client) = client else { panic!("no client") };
    let error = failure(client.request(DescribeThings::default())).await;
    assert!(error.message().contains("ALIBABA_CLOUD_ACCESS_KEY_ID"), "{error}");
}

#[tokio::test]
async fn futures_are_small_and_can_move_between_threads() {
    fn size<T: Future + Send>(future: &T) -> usize {
        size_of_val(future)
    }
    let server = Scripted::new(|_, _| created());
    let client = client(&server);
    let input = size_of::<Typed<CreateThing>>();
    let sizes =
        [size(&create(&client).send()), size(&create(&client).send_raw()), size(&create(&client).dry_run())];
    assert!(sizes.iter().all(|size| *size < 4096 && *size <= 3 * input + 512), "{input} {sizes:?}");
}

/// Answers of one kind, then of another.
fn at_first(times: usize, first: fn() -> Turn, then: fn() -> Turn) -> Arc<Scripted> {
    Scripted::new(move |turn, _| if turn <= times { first() } else { then() })
}

fn busy() -> Turn {
    reply(400, r#"{"Code":"TaskConflict","Message":"one at a time","RequestId":"r-b"}"#)
}

fn throttled() -> Turn {
    reply(400, r#"{"Code":"Throttling.User"}"#)
}

#[tokio::test(start_paused = true)]
async fn what_is_busy_is_asked_again_until_the_deadline_however_few_attempts_are_allowed() -> Result<(), Error>
{
    for turn in [busy, throttled] {
        let server = at_first(12, turn, created);
        let raw = create(&client(&server)).with_retry(RetryPolicy::default().with_max_attempts(1));
        let raw = raw.with_deadline(Duration::from_secs(3_600)).send_raw().await?;
        assert_eq!(raw.attempts(), 13);
        let seen = server.seen();
        assert!(seen.iter().all(|seen| seen.parameter("ClientToken").as_deref() == raw.token()));
    }
    let server = Scripted::new(|_, _| busy());
    let start = Instant::now();
    let error = failure(create(&client(&server))).await;
    let took = start.elapsed();
    assert!((Duration::from_secs(169)..Duration::from_secs(180)).contains(&took), "{took:?}");
    assert_eq!((error.class(), error.may_have_been_applied()), (ErrorClass::Busy, false), "{error}");
    assert!(error.attempts() > 20, "{error}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn busy_resources_do_not_use_up_the_brake() -> Result<(), Error> {
    let server = Scripted::new(|_, _| busy());
    let client = client(&server);
    while server.calls() < 400 {
        failure(create(&client)).await;
    }
    assert!(failure(create(&client)).await.attempts() > 20);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn busy_can_be_told_at_once_or_after_a_while() {
    for turn in [busy, throttled] {
        let policy = RetryPolicy::default();
        for (policy, longest) in [
            (RetryPolicy::none(), 0),
            (policy.clone().fail_fast_on_busy(), 0),
            (policy.clone().retry_on(|_| true).fail_fast_on_busy(), 0),
            (policy.with_busy_deadline(Duration::from_secs(20)), 20),
        ] {
            let server = Scripted::new(move |_, _| turn());
            let start = Instant::now();
            let error = failure(create(&client(&server)).with_retry(policy)).await;
            let took = start.elapsed();
            assert_eq!(error.attempts() == 1, longest == 0, "{error}");
            assert!(took <= Duration::from_secs(longest), "{took:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn busy_answers_and_failures_are_counted_apart() -> Result<(), Error> {
    let server = Scripted::new(|turn, _| match turn {
        1..=5 | 7..=9 => busy(),
        6 | 10 => lost(TransportErrorKind::Connect),
        _ => created(),
    });
    let sent = create(&client(&server)).with_deadline(Duration::from_secs(3_600)).send_raw().await?;
    assert_eq!(sent.attempts(), 11);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_predicate_adds_codes_that_the_tables_miss() -> Result<(), Error> {
    fn strange() -> Turn {
        reply(400, r#"{"Code":"OperationUnsupported.SoonItWillDo"}"#)
    }
    let server = at_first(4, strange, created);
    assert_eq!(failure(create(&client(&server))).await.class(), ErrorClass::Unknown);
    let policy = RetryPolicy::default().retry_on(|error| {
        error.action() == Some("CreateThing") && error.code().is_some_and(|code| code.contains("Soon"))
    });
    assert_eq!(create(&client(&server)).with_retry(policy).send_raw().await?.attempts(), 4);

    // What may have been applied is not the predicate's to judge, nor is a dry run that passed.
    let always = || RetryPolicy::default().retry_on(|_| true);
    for turn in [|| lost(TransportErrorKind::Broken), || reply(500, ""), || reply(307, "")] {
        let server = Scripted::new(move |_, _| turn());
        let error = failure(client(&server).request(DeleteThing::default()).with_retry(always())).await;
        assert_eq!((error.attempts(), error.may_have_been_applied()), (1, true), "{error}");
    }
    let server = Scripted::new(|_, _| reply(400, r#"{"Code":"DryRunOperation"}"#));
    create(&client(&server)).with_retry(always()).dry_run().await?;
    assert_eq!(server.calls(), 1);
    Ok(())
}

/// The longest pauses there can be.
#[derive(Debug)]
struct Highest;

impl Entropy for Highest {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.fill(0xff);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_would_hardly_be_answered_is_not_begun() -> Result<(), Error> {
    for (left_ms, attempts, kind) in
        [(10, 1, ErrorKind::Service), (249, 1, ErrorKind::Service), (251, 2, ErrorKind::Timeout)]
    {
        let server = Scripted::new(|turn, _| if turn == 1 { throttled() } else { Turn::Hang });
        let transport: Arc<dyn Transport> = Arc::clone(&server) as _;
        let client = Things::builder()
            .region("cn-beijing")
            .credentials(Credentials::new("id", "secret"))
            .entropy(Arc::new(Highest))
            .transport(transport)
            .build()?;
        let deadline = Duration::from_millis(1_000 + left_ms);
        let error = failure(create(&client).with_deadline(deadline)).await;
        assert_eq!((error.attempts(), error.kind()), (attempts, kind), "{error}");
        let is_silence = kind == ErrorKind::Timeout;
        assert_eq!(error.may_have_been_applied(), is_silence, "{error}");
        assert_eq!(error.code().is_none(), is_silence);
        assert!(error.message().contains("Throttling.User") == is_silence, "{error}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_not_replaced_by_a_failure_that_sent_nothing() {
    let refused = || lost(TransportErrorKind::Connect);
    let error = failure(create(&client(&at_first(2, busy, refused)))).await;
    assert_eq!((error.code(), error.request_id(), error.attempts()), (Some("TaskConflict"), Some("r-b"), 5));
    assert!(!error.may_have_been_applied());
    assert!(error.message().starts_with("one at a time; then no connection: "), "{error}");
    // With a doubt from in between, the error that may stand beside the doubt.
    let server = Scripted::new(move |turn, _| match turn {
        1 => busy(),
        2 => lost(TransportErrorKind::Broken),
        _ => refused(),
    });
    let error = failure(create(&client(&server))).await;
    assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Connect, true), "{error}");
}

/// Credentials that take half a minute.
#[derive(Debug)]
struct Slow;

impl ProvideCredentials for Slow {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Ok(Credentials::new("id", "secret"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_never_sent_was_not_applied() -> Result<(), Error> {
    let server = Scripted::new(|_, _| created());
    let transport: Arc<dyn Transport> = Arc::clone(&server) as _;
    let client = Things::builder().region("cn-beijing").credentials(Slow).transport(transport).build()?;
    // The last one ends with the very moment at which the credentials are there.
    for seconds in [0, 29, 30] {
        for request in [create(&client), create(&client).with_token("t")] {
            let error = failure(request.with_deadline(Duration::from_secs(seconds))).await;
            assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Timeout, false), "{error}");
            assert_eq!(error.attempts(), u32::from(seconds > 0));
        }
    }
    assert_eq!(server.calls(), 0);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_is_never_applied_and_can_be_repeated() {
    let lost = || Scripted::new(|_, _| lost(TransportErrorKind::Broken));
    let error = match client(&lost()).request(TryThing::default()).dry_run().await {
        Ok(()) => panic!("it passed"),
        Err(error) => error,
    };
    assert_eq!((error.attempts(), error.may_have_been_applied()), (3, false), "{error}");
    let by_field = TryThing { dry_run: Some(true) };
    let not_at_all = TryThing { dry_run: Some(false) };
    let losing = client(&lost());
    for (request, attempts, may_have_been_applied) in [
        (losing.request(by_field), 3, false),
        (losing.request(TryThing::default()).with_extra("DryRun", "True"), 3, false),
        (losing.request(not_at_all), 1, true),
        (losing.request(TryThing { dry_run: Some(true) }).with_extra("DryRun", "false"), 1, true),
    ] {
        let error = failure(request).await;
        let found = (error.attempts(), error.may_have_been_applied());
        assert_eq!(found, (attempts, may_have_been_applied), "{error}");
    }
    let server = Scripted::new(|_, _| reply(200, "<html>"));
    let tried = client(&server).request(TryThing { dry_run: Some(true) }).send().await;
    assert_eq!(tried.err().map(|error| error.may_have_been_applied()), Some(false));
}

#[tokio::test(start_paused = true)]
async fn a_cut_body_that_was_framed_anew_is_read_again() -> Result<(), Error> {
    fn cut() -> Turn {
        reply(200, r#"{"RequestId":"r","A":{"B":[]}"#).header("content-length", "29")
    }
    fn whole() -> Turn {
        reply(200, r#"{"Total":7}"#)
    }
    let server = at_first(2, cut, whole);
    assert_eq!(client(&server).request(DescribeThings::default()).send().await?.total, Some(7));
    let error = failure(client(&at_first(9, cut, whole)).request(DeleteThing::default())).await;
    assert_eq!((error.kind(), error.attempts(), error.request_id()), (ErrorKind::Truncated, 1, Some("r")));
    assert!(error.may_have_been_applied());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_token_among_the_extra_parameters_protects_the_call() {
    let server = Scripted::new(|_, _| lost(TransportErrorKind::Broken));
    let error = failure(create(&client(&server)).with_extra("ClientToken", "theirs")).await;
    assert_eq!((error.attempts(), error.token()), (3, Some("theirs")));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_right_is_not_corrected() {
    let server = Scripted::new(|_, _| {
        reply(400, r#"{"Code":"InvalidTimeStamp.Expired"}"#).header("date", "Tue, 05 Mar 2024 06:07:10 GMT")
    });
    assert_eq!(failure(create(&client(&server))).await.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn silence_ends_when_the_documents_say_so() -> Result<(), Error> {
    let server = Scripted::new(|_, _| Turn::Hang);
    let client = client(&server);
    let start = Instant::now();
    failure(client.request(DeleteThing::default())).await;
    assert_eq!(start.elapsed().as_secs(), 60);
    let limits = server.seen()[0].limits;
    assert_eq!((limits.idle.as_secs(), limits.max_body), (20, 32 * 1024 * 1024));
    let start = Instant::now();
    failure(client.request(DescribeThings::default())).await;
    assert_eq!(start.elapsed().as_secs(), 180);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_central_service_is_given_its_own_region() -> Result<(), Error> {
    let server = Scripted::new(|_, _| created());
    for region in [None, Some("cn-beijing")] {
        let transport: Arc<dyn Transport> = Arc::clone(&server) as _;
        let builder = GlobalThings::builder().transport(transport);
        let builder = builder.credentials(Credentials::new("id", "secret"));
        let client = match region {
            Some(region) => builder.region(region).build()?,
            None => builder.build()?,
        };
        client.request(MakeGlobalThing::default()).send().await?;
        let own = MakeGlobalThing { region_id: Some("own".into()) };
        client.request(own).send().await?;
    }
    let bodies: Vec<_> = server.seen().iter().map(|seen| seen.body().into_owned()).collect();
    let [home, own] = [r#"{"RegionId":"us-west-2"}"#, r#"{"RegionId":"own"}"#];
    assert_eq!(bodies, [home, own, home, own]);
    assert!(server.seen().iter().all(|seen| {
        seen.header("authorization").is_some_and(|text| text.contains("/us-west-2/globalthing/"))
    }));
    Ok(())
}
