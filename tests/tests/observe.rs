//! What a program sees of its calls: reports, and calls that wait for each other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cloudnet::transport::{Limits, Sending, Transport};
use cloudnet::{Client, ClientBuilder, Credentials, ErrorClass, ErrorKind, vpc};
use http::{Request, Response, StatusCode};
use tokio::time::Instant;

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
        .credentials(Credentials::new("the-key-id", "the-key-secret"))
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
