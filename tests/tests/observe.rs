//! What a program sees of its calls: reports, and calls that wait for each other.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::{ClientBuilder, Credentials, ErrorClass, ErrorKind, vpc};
use cloudnet_tests::scripted::{Scripted, Turn};
use tokio::time::Instant;

/// Answers after a second, so many times that it is throttled.
fn slow(throttled: usize) -> Arc<Scripted> {
    Scripted::new(move |number, _| {
        let (status, body) = match number <= throttled {
            true => (400, r#"{"Code":"Throttling.User","RequestId":"r-1"}"#),
            false => (200, r#"{"VSwitchId":"vsw-1","RequestId":"r-2"}"#),
        };
        Turn::answer(status, body).after(Duration::from_secs(1))
    })
}

fn client(
    service: &Arc<Scripted>,
    change: fn(ClientBuilder<vpc::Client>) -> ClientBuilder<vpc::Client>,
) -> vpc::Client {
    let builder = vpc::Client::builder()
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
    let service = slow(0);
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
    assert_eq!(service.most_at_once(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_asking_nothing_waits() {
    let service = slow(0);
    let client = client(&service, |builder| builder);
    let calls = ["vpc-1", "vpc-1", "vpc-1"].map(|vpc| tokio::spawn(create(&client, vpc).send()));
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(service.most_at_once(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_lets_the_next_one_in_and_waiting_has_an_end() {
    let service = slow(0);
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
    assert_eq!(service.calls(), 2, "the first and the second");
}

#[tokio::test(start_paused = true)]
async fn the_hook_sees_every_attempt() {
    let service = slow(2);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let client = vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("the-key-id", "the-key-secret"))
        .transport(Arc::clone(&service) as _)
        .on_attempt(move |attempt| {
            assert!(attempt.elapsed >= Duration::from_secs(1));
            log.lock().unwrap().push((
                attempt.action.to_owned(),
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
        ("CreateVSwitch".to_owned(), number, Some(400), code, class, Some("r-1".to_owned()), number == 1)
    };
    let good = ("CreateVSwitch".to_owned(), 3, Some(200), None, None, Some("r-2".to_owned()), false);
    assert_eq!(*seen.lock().unwrap(), [throttled(1), throttled(2), good]);
}
