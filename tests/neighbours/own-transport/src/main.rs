//! Calls and credentials go through the program's transport; where it is missing, the error says so.

use std::future::ready;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cloudnet::credentials::{AssumeRole, CredentialsUri, EcsRamRole, ProviderConfig};
use cloudnet::transport::{Limits, ResponseFuture, Transport};
use cloudnet::{Credentials, ErrorKind, ProvideCredentials, vpc};
use http::{Request, Response};

const ANSWER: &str = r#"{"RequestId":"1","VpcId":"vpc-1","Code":"Success",
    "AccessKeyId":"id","AccessKeySecret":"secret","SecurityToken":"token","Expiration":"2099-01-01T00:00:00Z",
    "Credentials":{"AccessKeyId":"id","AccessKeySecret":"secret","SecurityToken":"token","Expiration":"2099-01-01T00:00:00Z"}}"#;

/// Remembers the hosts that were asked, and gives all of them the same answer.
#[derive(Clone, Debug, Default)]
struct Own(Arc<Mutex<Vec<String>>>);

impl Transport for Own {
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        self.0.lock().expect("no panic").push(host);
        Box::pin(ready(Ok(Response::new(Bytes::from_static(ANSWER.as_bytes())))))
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(calls_go_through_the_transport());
    runtime.block_on(credentials_go_through_the_transport());
    runtime.block_on(what_is_missing_is_named());
}

fn key() -> Credentials {
    Credentials::new("id", "secret")
}

async fn calls_go_through_the_transport() {
    let own = Own::default();
    let builder = vpc::Client::builder().region("cn-hangzhou").credentials(key());
    let client = builder.transport(Arc::new(own.clone())).build().expect("a client");
    let created = client.create_vpc().send().await.expect("it is answered");
    assert_eq!(created.vpc_id.as_deref(), Some("vpc-1"));
    assert_eq!(*own.0.lock().expect("no panic"), ["vpc.aliyuncs.com"]);
}

async fn credentials_go_through_the_transport() {
    let (own, direct) = (Own::default(), Own::default());
    let machine = ProviderConfig::empty()
        .with_transport(Arc::new(own.clone()))
        .with_direct_transport(Arc::new(direct.clone()));
    let role = AssumeRole::new("acs:ram::1:role/r", key()).build(&machine);
    assert!(role.provide().await.is_ok(), "STS");
    assert!(
        CredentialsUri::new().uri("https://keys.example").build(&machine).provide().await.is_ok(),
        "a URI"
    );
    assert_eq!(*own.0.lock().expect("no panic"), ["sts.aliyuncs.com", "keys.example"]);
    assert!(EcsRamRole::new().role_name("r").build(&machine).provide().await.is_ok(), "metadata");
    assert!(direct.0.lock().expect("no panic").iter().all(|host| host == "100.100.100.200"));
}

async fn what_is_missing_is_named() {
    let error =
        vpc::Client::builder().region("cn-hangzhou").credentials(key()).build().expect_err("no transport");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("`ClientBuilder::transport`"), "{error}");
    let machine = ProviderConfig::of_process();
    let failed = AssumeRole::new("acs:ram::1:role/r", key()).build(&machine).provide().await;
    let text = failed.expect_err("no transport").to_string();
    assert!(text.contains("`ProviderConfig::with_transport`"), "{text}");
    let failed = EcsRamRole::new().role_name("r").build(&machine).provide().await;
    let text = failed.expect_err("no direct transport").to_string();
    assert!(text.contains("`ProviderConfig::with_direct_transport`"), "{text}");
}
