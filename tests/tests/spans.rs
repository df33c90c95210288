//! What spans tell. Alone in its process: subscribers of one thread confuse those of another.

use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::testing::{Documented, ManualClock};
use cloudnet::{Credentials, RetryPolicy, vpc};
use http::StatusCode;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Name and fields.
type Span = (String, HashMap<String, String>);

/// Keeps the fields of every span, and all text.
#[derive(Clone, Default)]
struct Spans(Arc<Kept>);

#[derive(Default)]
struct Kept {
    next: AtomicU64,
    spans: Mutex<HashMap<u64, Span>>,
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

#[tokio::test]
async fn spans_tell_how_calls_and_attempts_ended_and_no_secret() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let clock = ManualClock::automatic();
    let service = Documented::with_clock(&clock);
    let throttled = r#"{"Code":"Throttling.User","RequestId":"r-1"}"#;
    let rule = service.on("CreateVSwitch").answer(StatusCode::BAD_REQUEST, throttled);
    rule.delay(Duration::from_secs(1))
        .times(4)
        .json(&json!({ "RequestId": "r-2" }))
        .delay(Duration::from_secs(1));
    let client = vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("the-key-id", "the-key-secret").with_security_token("the-session"))
        .clock(Arc::new(clock))
        .transport(Arc::new(service))
        .build()
        .unwrap();
    let create = || client.create_vswitch().vpc_id("vpc-1").zone_id("b").cidr_block("172.16.0.0/24");
    create().with_retry(RetryPolicy::none()).send().await.unwrap_err();
    create().send().await.unwrap();

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
    let refused = [("status", "400"), ("code", "\"Throttling.User\""), ("class", "\"throttled\"")];
    let good = [("status", "200"), ("request_id", "\"r-2\"")];
    calls.iter().for_each(|fields| expect(fields, &common));
    expect(calls[0], &refused);
    expect(calls[0], &[("attempts", "1"), ("request_id", "\"r-1\"")]);
    expect(calls[1], &good);
    expect(calls[1], &[("attempts", "4")]);
    assert!(calls.iter().all(|fields| fields["elapsed_ms"].parse::<u64>().unwrap() >= 1_000));
    let attempts = named("attempt");
    assert_eq!(attempts.len(), 5);
    attempts[..4].iter().for_each(|fields| expect(fields, &refused));
    expect(attempts[4], &good);
    expect(attempts[4], &[("number", "4")]);
    let all = format!("{kept:?} {}", spans.0.text.lock().unwrap());
    for secret in ["the-key-secret", "the-session", "Signature="] {
        assert!(!all.contains(secret), "{all}");
    }
}
