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
    /// The spans that the thread is in.
    within: Mutex<Vec<u64>>,
    spans: Mutex<HashMap<u64, Span>>,
    text: Mutex<String>,
}

struct Recorder<'a>(&'a mut HashMap<String, String>);

impl Visit for Recorder<'_> {
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
        span.record(&mut Recorder(&mut fields));
        if let Some(outer) = self.0.within.lock().unwrap().last() {
            let outer = self.0.spans.lock().unwrap()[outer].0.clone();
            fields.insert("(within)".to_owned(), outer);
        }
        self.0.spans.lock().unwrap().insert(id, (span.metadata().name().to_owned(), fields));
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.0.spans.lock().unwrap();
        values.record(&mut Recorder(&mut spans.get_mut(&id.into_u64()).unwrap().1));
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = HashMap::new();
        event.record(&mut Recorder(&mut fields));
        writeln!(self.0.text.lock().unwrap(), "{fields:?}").unwrap();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, id: &Id) {
        self.0.within.lock().unwrap().push(id.into_u64());
    }

    fn exit(&self, _: &Id) {
        self.0.within.lock().unwrap().pop();
    }
}

#[tokio::test]
async fn spans_tell_how_calls_and_attempts_ended_and_no_secret() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let clock = ManualClock::automatic();
    let service = Documented::with_clock(&clock);
    let throttled = r#"{"Code":"Throttling.User","RequestId":"r-1"}"#;
    let rule = service.on::<vpc::CreateVSwitch>().respond(StatusCode::BAD_REQUEST, throttled);
    rule.delay(Duration::from_secs(1))
        .times(4)
        .json(&json!({ "RequestId": "r-2" }))
        .delay(Duration::from_secs(1));
    let client = vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("the-key-id", "the-key-secret").with_security_token("the-session"))
        .clock(Arc::new(clock))
        .transport(Arc::new(service.clone()))
        .build()
        .unwrap();
    let create = || client.create_vswitch().vpc_id("vpc-1").zone_id("b").cidr_block("172.16.0.0/24");
    create().with_retry(RetryPolicy::none()).send().await.unwrap_err();
    create().send().await.unwrap();
    client.raw("TagResources").param("ResourceId", ["vpc-1"]).send().await.unwrap_err();
    service
        .on_action("DescribeVpcAttribute")
        .json(&json!({ "VpcId": "vpc-1", "Status": "Pending" }))
        .times(3);
    service.on_action("CreateVpc").json(&json!({ "VpcId": "vpc-1" }));
    client.create_vpc().send_and_wait().await.unwrap();
    service.on_action("DescribeVpcAttribute").fail_undocumented(StatusCode::FORBIDDEN, "NoPermission");
    client.wait_for_vpc_gone("vpc-2").await.unwrap_err();
    client.describe_vpcs().send().await.unwrap();

    spans.check_calls();
    spans.check_waits();
    let all = format!("{:?} {}", spans.0.spans.lock().unwrap(), spans.0.text.lock().unwrap());
    for secret in ["the-key-secret", "the-session", "Signature="] {
        assert!(!all.contains(secret), "{all}");
    }
}

type Fields = HashMap<String, String>;

impl Spans {
    /// The fields of all spans of a name, in the order of their beginning.
    fn named(&self, name: &str) -> Vec<Fields> {
        let kept = self.0.spans.lock().unwrap();
        let mut found: Vec<_> = kept.iter().filter(|(_, span)| span.0 == name).collect();
        found.sort_by_key(|(id, _)| **id);
        found.into_iter().map(|(_, span)| span.1.clone()).collect()
    }

    fn check_calls(&self) {
        let calls = self.named("cloudnet");
        let common = [("service", "\"vpc\""), ("action", "\"CreateVSwitch\""), ("region", "\"cn-hangzhou\"")];
        let refused = [("status", "400"), ("code", "\"Throttling.User\""), ("class", "\"throttled\"")];
        let good = [("status", "200"), ("request_id", "\"r-2\"")];
        calls[..2].iter().for_each(|fields| expect(fields, &common));
        expect(&calls[0], &refused);
        expect(&calls[0], &[("attempts", "1"), ("request_id", "\"r-1\"")]);
        expect(&calls[1], &good);
        expect(&calls[1], &[("attempts", "4")]);
        let raw = [("service", "\"vpc\""), ("action", "\"TagResources\""), ("attempts", "1")];
        expect(&calls[2], &raw);
        expect(&calls[2], &[("code", "\"InvalidAction.NotFound\""), ("class", "\"not-found\"")]);
        assert!(calls[..2].iter().all(|fields| fields["elapsed_ms"].parse::<u64>().unwrap() >= 1_000));
        let attempts = self.named("attempt");
        assert_eq!(attempts.len(), 5 + 8);
        attempts[..4].iter().for_each(|fields| expect(fields, &refused));
        expect(&attempts[4], &good);
        expect(&attempts[4], &[("number", "4")]);
    }

    fn check_waits(&self) {
        let waits = self.named("wait");
        let common =
            [("service", "\"vpc\""), ("poll", "\"DescribeVpcAttribute\""), ("region", "\"cn-hangzhou\"")];
        waits.iter().for_each(|fields| expect(fields, &common));
        assert_eq!(waits.len(), 2);
        expect(
            &waits[0],
            &[("action", "\"CreateVpc\""), ("resource", "VpcId vpc-1"), ("goal", "\"Available\"")],
        );
        expect(&waits[0], &[("outcome", "\"reached\""), ("polls", "4"), ("last_state", "\"Available\"")]);
        assert!(waits[0]["elapsed_ms"].parse::<u64>().unwrap() >= 18_000, "{waits:?}");
        expect(&waits[1], &[("resource", "VpcId vpc-2"), ("goal", "\"(gone)\"")]);
        expect(&waits[1], &[("outcome", "\"failed\""), ("class", "\"permission\""), ("polls", "1")]);
        assert!(!waits[1].contains_key("action") && !waits[1].contains_key("last_state"), "{waits:?}");
        // Polls are within their wait, and nothing else is.
        let is_poll = |fields: &Fields| fields["action"] == "\"DescribeVpcAttribute\"";
        let (polls, others): (Vec<Fields>, Vec<Fields>) =
            self.named("cloudnet").into_iter().partition(is_poll);
        assert_eq!((polls.len(), others.len()), (5, 5));
        assert!(polls.iter().all(|fields| fields["(within)"] == "wait"), "{polls:?}");
        assert!(others.iter().all(|fields| !fields.contains_key("(within)")), "{others:?}");
        let text = self.0.text.lock().unwrap().clone();
        let ends: Vec<&str> = text.lines().filter(|line| line.contains("\"message\": \"waited\"")).collect();
        assert_eq!(ends.len(), 2, "{text}");
        for told in ["\"outcome\": \"\\\"reached\\\"\"", "\"polls\": \"4\"", "\"seconds\": "] {
            assert!(ends[0].contains(told), "{told} in {}", ends[0]);
        }
        assert!(ends[1].contains("failed") && ends[1].contains("NoPermission"), "{}", ends[1]);
    }
}

fn expect(fields: &Fields, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(fields.get(*name).map(String::as_str), Some(*value), "{name} of {fields:?}");
    }
}
