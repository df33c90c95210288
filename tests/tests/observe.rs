//! What a program sees of its calls: reports, and calls that wait for each other.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::{
    ClientBuilder, Credentials, ErrorClass, ErrorKind, ServiceClient, aws_global_accelerator, privatelink,
    vpc,
};
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

/// What the hooks were told, in a form that can be compared.
type Told = Arc<Mutex<Vec<(String, u32, bool, String)>>>;

fn labels(attributes: &[(&'static str, std::borrow::Cow<'_, str>)]) -> String {
    attributes.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// A client whose calls are told: action, attempts, whether it paused, labels.
fn told_of<C: ServiceClient>(
    service: &Arc<Scripted>,
    change: fn(ClientBuilder<C>) -> ClientBuilder<C>,
) -> (C, Told) {
    let told = Told::default();
    let log = Arc::clone(&told);
    let builder = change(C::builder().region("cn-hangzhou"))
        .credentials(Credentials::new("the-key-id", "the-key-secret"))
        .transport(Arc::clone(service) as _)
        .on_call(move |call| {
            assert!(call.elapsed >= call.waited);
            let (name, paused) = (call.action.to_owned(), !call.waited.is_zero());
            log.lock().unwrap().push((name, call.attempts, paused, labels(&call.attributes())));
        });
    (builder.build().unwrap(), told)
}

const LABELS: &str = "rpc.system.name=acs_rpc rpc.method=Vpc/CreateVSwitch cloud.region=cn-hangzhou \
                      server.address=vpc.aliyuncs.com";

#[tokio::test(start_paused = true)]
async fn the_hook_of_calls_sees_each_once_with_all_its_attempts() {
    let of = |attempts, paused, labels: String| ("CreateVSwitch".to_owned(), attempts, paused, labels);
    let (client, told) = told_of::<vpc::Client>(&slow(2), |builder| builder);
    create(&client, "vpc-1").send().await.unwrap();
    assert_eq!(*told.lock().unwrap(), [of(3, true, LABELS.to_owned())]);
    // One that fails, and one that is never sent.
    let (client, told) =
        told_of::<vpc::Client>(&slow(2), |builder| builder.retry(cloudnet::RetryPolicy::none()));
    create(&client, "vpc-1").send().await.unwrap_err();
    create(&client, "vpc-1").cidr_block("everything").send().await.unwrap_err();
    let failed = format!("{LABELS} error.type=throttled rpc.response.status_code=Throttling.User");
    let refused = format!("{LABELS} error.type=invalid-parameter");
    assert_eq!(*told.lock().unwrap(), [of(1, false, failed), of(0, false, refused)]);
}

#[tokio::test]
async fn labels_are_of_a_small_set() {
    let service = Scripted::new(|number, _| {
        let body = format!(
            r#"{{"Code":"Curious.vsw-{number}","Message":"of vsw-{number}, the-key-secret","RequestId":"r-{number}"}}"#
        );
        Turn::answer(400, body)
    });
    let (client, told) =
        told_of::<vpc::Client>(&service, |builder| builder.endpoint("http://127.0.0.1:4510"));
    for vpc in ["vpc-1", "vpc-2", "vpc-3"] {
        create(&client, vpc).description("of the-key-secret").send().await.unwrap_err();
    }
    let labels = "rpc.system.name=acs_rpc rpc.method=Vpc/CreateVSwitch cloud.region=cn-hangzhou \
                  server.address=127.0.0.1 server.port=4510 error.type=unknown";
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|(.., found)| found == labels), "{told:?}");
}

#[tokio::test]
async fn a_dry_run_that_passed_did_not_fail_and_aws_is_aws() {
    let passed = Scripted::new(|_, _| Turn::answer(400, r#"{"Code":"DryRunOperation"}"#));
    let (client, told) = told_of::<privatelink::Client>(&passed, |builder| builder);
    client.create_vpc_endpoint_service().dry_run().await.unwrap();
    let found = told.lock().unwrap().remove(0).3;
    assert!(found.contains("Privatelink/CreateVpcEndpointService"), "{found}");
    assert!(!found.contains("error.type") && !found.contains("status_code"), "{found}");

    let (client, told) = told_of::<aws_global_accelerator::Client>(&Scripted::empty(), |builder| builder);
    client.create_custom_routing_endpoint_group().send().await.unwrap_err();
    let expected = "rpc.system.name=aws-api \
                    rpc.method=GlobalAccelerator/CreateCustomRoutingEndpointGroup cloud.region=cn-hangzhou \
                    server.address=globalaccelerator.us-west-2.amazonaws.com error.type=invalid-parameter";
    assert_eq!(told.lock().unwrap()[0].3, expected);
}

#[tokio::test(start_paused = true)]
async fn the_hook_of_waits_sees_each_once_and_its_polls_are_calls() {
    let service = Scripted::new(|number, request| {
        match (request.headers()["x-acs-action"].to_str().unwrap(), number) {
            ("CreateVpc", _) => Turn::answer(200, r#"{"VpcId":"vpc-1"}"#),
            (_, 4) => Turn::answer(200, r#"{"VpcId":"vpc-1","Status":"Available"}"#),
            _ => Turn::answer(200, r#"{"VpcId":"vpc-1","Status":"Pending"}"#),
        }
    });
    let (calls, told) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (count, log) = (Arc::clone(&calls), Arc::clone(&told));
    let client = vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("the-key-id", "the-key-secret"))
        .transport(Arc::clone(&service) as _)
        .on_call(move |_| *count.lock().unwrap() += 1)
        .on_wait(move |wait| {
            let (action, class) = (wait.action.map(|action| action.name), wait.class());
            let (resource, state) = (wait.resource.clone(), wait.last_state.clone());
            let facts = (action, wait.poll.name, wait.goal.clone(), wait.polls, class);
            log.lock().unwrap().push((facts, resource, state, wait.elapsed, labels(&wait.attributes())));
        })
        .build()
        .unwrap();
    client.create_vpc().send_and_wait().await.unwrap();
    assert_eq!(*calls.lock().unwrap(), 4);
    client.wait_for_vpc_gone("vpc-1").with_deadline(Duration::from_secs(7)).await.unwrap_err();
    // One that is dropped is not told of.
    drop(client.wait_for_vpc_gone("vpc-1").next().await);

    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    let resource = || vec![("VpcId", "vpc-1".to_owned())];
    let (facts, named, state, elapsed, labels) = told[0].clone();
    assert_eq!(facts, (Some("CreateVpc"), "DescribeVpcAttribute", "Available".to_owned(), 3, None));
    assert_eq!((named, state.as_deref()), (resource(), Some("Available")));
    assert!((11..18).contains(&elapsed.as_secs()), "{elapsed:?}");
    assert!(labels.contains("rpc.method=Vpc/CreateVpc") && !labels.contains("error.type"), "{labels}");
    let (facts, named, state, elapsed, labels) = told[1].clone();
    let class = Some(ErrorClass::Busy);
    assert_eq!(facts, (None, "DescribeVpcAttribute", "(gone)".to_owned(), 3, class));
    assert_eq!((named, state.as_deref(), elapsed.as_secs()), (resource(), Some("Pending"), 7));
    assert!(labels.contains("rpc.method=Vpc/DescribeVpcAttribute") && labels.ends_with("error.type=busy"));
    assert!(!labels.contains("vpc-1"), "{labels}");
}
