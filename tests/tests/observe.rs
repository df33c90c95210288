//! What a program sees of its calls: reports, spans, and calls that wait for each other.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cloudnet::transport::{Limits, Sending, Transport};
use cloudnet::{Client, ClientBuilder, Credentials, ErrorClass, ErrorKind, vpc};
use http::{Request, Response, StatusCode};
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Answers after a second, throttled at first, and counts how many it serves at once.
#[derive(Debug, Default)]
struct Slow {
    throttled: usize,
    calls: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Transport for Slow {
    fn send<'a>(&'a self, _: Request<Bytes>, _: Limits) -> Sending<'a> {
        Box::pin(async move {
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(now, Ordering::SeqCst);
            let _leave = Leave(&self.at_once);
            tokio::time::sleep(Duration::from_secs(1)).await;
            let is_throttled = self.calls.fetch_add(1, Ordering::SeqCst) < self.throttled;
            let (status, body) = match is_throttled {
                true => (400, r#"{"Code":"Throttling.User","RequestId":"r-1"}"#),
                false => (200, r#"{"VSwitchId":"vsw-1","RequestId":"r-2"}"#),
            };
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            Ok(response)
        })
    }
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn client(
    service: &Arc<Slow>,
    change: fn(ClientBuilder<vpc::Vpc>) -> ClientBuilder<vpc::Vpc>,
) -> vpc::Client {
    let builder = Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("the-key-id", "the-key-secret").with_security_token("the-session"))
        .transport(Arc::clone(service) as _);
    change(builder).build().unwrap()
}

fn create(client: &vpc::Client, vpc: &str) -> cloudnet::Request<vpc::CreateVSwitch> {
    client.create_vswitch().vpc_id(vpc).zone_id("cn-hangzhou-b").cidr_block("172.16.0.0/24")
}

#[tokio::test(start_paused = true)]
async fn conflicting_writes_wait_for_each_other() {
    let service = Arc::new(Slow::default());
    let client = client(&service, |builder| builder.serialize_conflicting_writes(true));
    let start = Instant::now();
    let calls = ["vpc-1", "vpc-1", "vpc-2", "vpc-1"].map(|vpc| {
        let request = create(&client.clone(), vpc);
        tokio::spawn(request.send())
    });
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(start.elapsed().as_secs(), 3);
    assert_eq!(service.most_at_once.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn without_asking_nothing_waits() {
    let service = Arc::new(Slow::default());
    let client = client(&service, |builder| builder);
    let calls = ["vpc-1", "vpc-1", "vpc-1"].map(|vpc| tokio::spawn(create(&client, vpc).send()));
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(service.most_at_once.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_lets_the_next_one_in_and_waiting_has_an_end() {
    let service = Arc::new(Slow::default());
    let client = client(&service, |builder| builder.serialize_conflicting_writes(true));
    let first = tokio::spawn(create(&client, "vpc-1").send());
    let second = tokio::spawn(create(&client, "vpc-1").send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let hasty = create(&client, "vpc-1").with_deadline(Duration::from_millis(300)).send().await;
    let error = hasty.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0));
    assert!(!error.may_have_been_applied());
    first.abort();
    second.await.unwrap().unwrap();
    assert_eq!(service.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn the_hook_sees_every_attempt() {
    let service = Arc::new(Slow { throttled: 2, ..Slow::default() });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let client = Client::<vpc::Vpc>::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("the-key-id", "the-key-secret"))
        .transport(Arc::clone(&service) as _)
        .on_attempt(move |attempt| {
            assert!(attempt.elapsed >= Duration::from_secs(1));
            log.lock().unwrap().push((
                attempt.action.name,
                attempt.number,
                attempt.status,
                attempt.code().map(str::to_owned),
                attempt.class(),
                attempt.request_id.map(str::to_owned),
                attempt.waited.is_zero(),
            ));
        })
        .build()
        .unwrap();
    create(&client, "vpc-1").send().await.unwrap();
    let throttled = |number| {
        let code = Some("Throttling.User".to_owned());
        let class = Some(ErrorClass::Throttled);
        ("CreateVSwitch", number, Some(400), code, class, Some("r-1".to_owned()), number == 1)
    };
    let good = ("CreateVSwitch", 3, Some(200), None, None, Some("r-2".to_owned()), false);
    assert_eq!(*seen.lock().unwrap(), [throttled(1), throttled(2), good]);
}

/// Keeps the fields of every span, and all text.
#[derive(Clone, Default)]
struct Spans(Arc<Kept>);

#[derive(Default)]
struct Kept {
    next: AtomicU64,
    spans: Mutex<HashMap<u64, (String, HashMap<String, String>)>>,
    text: Mutex<String>,
}

struct Fields<'a>(&'a mut HashMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = HashMap::new();
        span.record(&mut Fields(&mut fields));
        self.0.spans.lock().unwrap().insert(id, (span.metadata().name().to_owned(), fields));
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.0.spans.lock().unwrap();
        values.record(&mut Fields(&mut spans.get_mut(&id.into_u64()).unwrap().1));
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = HashMap::new();
        event.record(&mut Fields(&mut fields));
        writeln!(self.0.text.lock().unwrap(), "{fields:?}").unwrap();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn spans_tell_how_calls_and_attempts_ended_and_no_secret() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let service = Arc::new(Slow { throttled: 4, ..Slow::default() });
    let client = client(&service, |builder| builder);
    create(&client, "vpc-1").send().await.unwrap_err();
    create(&client, "vpc-1").send().await.unwrap();

    let kept = spans.0.spans.lock().unwrap();
    let named = |name: &str| {
        let mut found: Vec<_> = kept.iter().filter(|(_, span)| span.0 == name).collect();
        found.sort_by_key(|(id, _)| **id);
        found.into_iter().map(|(_, span)| &span.1).collect::<Vec<_>>()
    };
    let calls = named("cloudnet");
    let expect = |fields: &HashMap<String, String>, expected: &[(&str, &str)]| {
        for (name, value) in expected {
            assert_eq!(fields.get(*name).map(String::as_str), Some(*value), "{name} of {fields:?}");
        }
    };
    let common = [("service", "\"vpc\""), ("action", "\"CreateVSwitch\""), ("region", "\"cn-hangzhou\"")];
    let refused = [("status", "400"), ("code", "\"Throttling.User\""), ("class", "Throttled")];
    let good = [("status", "200"), ("request_id", "\"r-2\"")];
    calls.iter().for_each(|fields| expect(fields, &common));
    expect(calls[0], &refused);
    expect(calls[0], &[("attempts", "3"), ("request_id", "\"r-1\"")]);
    expect(calls[1], &good);
    expect(calls[1], &[("attempts", "2")]);
    assert!(calls.iter().all(|fields| fields["elapsed_ms"].parse::<u64>().unwrap() >= 2_000));
    let attempts = named("attempt");
    assert_eq!(attempts.len(), 5);
    attempts[..4].iter().for_each(|fields| expect(fields, &refused));
    expect(attempts[4], &good);
    expect(attempts[4], &[("number", "2")]);
    let all = format!("{kept:?} {}", spans.0.text.lock().unwrap());
    for secret in ["the-key-secret", "the-session", "Signature="] {
        assert!(!all.contains(secret), "{all}");
    }
}
