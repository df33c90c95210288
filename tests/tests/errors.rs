//! What an error says, in its text and to a program: enough to act on, and no secret.

use std::error::Error as _;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use cloudnet::credentials::{CredentialsError, CredentialsFuture, ProvideCredentials};
use cloudnet::transport::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};
use cloudnet::{
    Config, Credentials, Error, ErrorClass, ErrorKind, RetryPolicy, ValidationPolicy, dynamic, privatelink,
    vpc,
};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::{Scripted, Turn};

/// What a call of `CreateVpc` fails with if it is answered so.
async fn refused(status: u16, body: &'static str) -> Error {
    let client = Scripted::new(move |_, _| Turn::answer(status, body)).vpc();
    failed(client.create_vpc().send().await)
}

fn causes(error: &Error) -> Vec<String> {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.map(ToString::to_string).collect()
}

fn system_cause(error: &Error) -> Option<io::ErrorKind> {
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
}

#[tokio::test]
async fn a_missing_permission_is_named_with_who_lacks_it_and_where_to_look() {
    let error = refused(
        403,
        r#"{"Code":"Forbidden.RAM","Message":"User not authorized.","RequestId":"R-1",
            "Recommend":"https://example.com/troubleshoot?q=Forbidden.RAM",
            "AccessDeniedDetail":{"AuthAction":"vpc:CreateVpc","AuthPrincipalType":"SubUser",
            "AuthPrincipalDisplayName":"alice","AuthPrincipalOwnerId":"1234",
            "NoPermissionType":"ImplicitDeny","PolicyType":"AccountLevelIdentityBasedPolicy",
            "EncodedDiagnosticMessage":"AQEAAA"}}"#,
    )
    .await;
    let text = error.to_string();
    assert_eq!(
        text,
        "CreateVpc (section 6.1) failed: Forbidden.RAM (permission): User not authorized.; missing \
         permission vpc:CreateVpc for SubUser alice of account 1234 (ImplicitDeny, \
         AccountLevelIdentityBasedPolicy); HTTP 403; request ID R-1; 1 attempt in cn-hangzhou; see \
         https://example.com/troubleshoot?q=Forbidden.RAM"
    );
    assert_eq!(error.region(), Some("cn-hangzhou"));
    assert!(format!("{error:?}").contains("vpc:CreateVpc"));
}

#[tokio::test]
async fn the_permission_of_the_table_is_named_where_the_service_names_none() -> Result<(), Error> {
    let service = Scripted::new(|_, _| Turn::answer(403, r#"{"Code":"Forbidden.RAM","Message":"No."}"#));
    let vpc = service.vpc();
    let privatelink = Config::builder()
        .credentials(Credentials::new("id", "secret"))
        .validation(ValidationPolicy::Off)
        .transport(service)
        .build()?
        .client::<privatelink::Client>("cn-hangzhou")?;
    let error = failed(privatelink.create_vpc_endpoint_service().send().await);
    let needed = "; needs the permission privatelink:CreateVpcEndpointService; HTTP 403";
    assert!(error.to_string().contains(needed), "{error}");
    let error = failed(vpc.delete_vpc().vpc_id("vpc-1").send().await);
    assert!(!error.to_string().contains("needs the permission"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_code_is_explained_in_the_words_of_its_table() {
    let error = refused(400, r#"{"Code":"QuotaExceeded.Vpc","Message":"VPC quota exceeded."}"#).await;
    let meaning = "The account has no VPC left in its quota.";
    assert_eq!(error.meaning(), Some(meaning));
    assert!(error.to_string().contains(&format!("VPC quota exceeded.; meaning: {meaning}; HTTP 400")));
    // Observed codes have one too, and nothing is said twice.
    assert!(refused(400, r#"{"Code":"TaskConflict"}"#).await.meaning().is_some());
    let told = r#"{"Code":"QuotaExceeded.Vpc","Message":"The account has no VPC left in its quota."}"#;
    assert!(!refused(400, told).await.to_string().contains("meaning"));
    assert_eq!(refused(400, r#"{"Code":"Invented"}"#).await.meaning(), None);
}

#[tokio::test]
async fn a_code_of_no_table_is_unknown() {
    for status in [400, 403, 404] {
        assert_eq!(refused(status, r#"{"Code":"Invented"}"#).await.class(), ErrorClass::Unknown, "{status}");
    }
    assert_eq!(refused(400, "").await.class(), ErrorClass::InvalidParameter);
}

#[tokio::test]
async fn the_host_that_cannot_be_reached_is_named_and_the_cause_is_there_to_look_at() -> io::Result<()> {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let client = vpc::Client::builder()
        .region("cn-beijing")
        .endpoint(format!("http://{address}"))
        .credentials(Credentials::new("id", "secret"))
        .retry(RetryPolicy::none())
        .build();
    let error = failed(async { client?.describe_vpcs().send().await }.await);
    assert_eq!((error.kind(), error.region()), (ErrorKind::Connect, Some("cn-beijing")));
    assert_eq!(error.host(), Some(address.to_string().as_str()));
    let text = error.to_string();
    assert!(text.ends_with(&format!("; 1 attempt at {address} in cn-beijing")), "{text}");
    assert_eq!(system_cause(&error), Some(io::ErrorKind::ConnectionRefused));
    for cause in causes(&error) {
        assert_eq!(text.matches(&cause).count(), 1, "{cause:?} in {text}");
    }
    Ok(())
}

/// Fails with a source that quotes the request, and has one of the system.
#[derive(Debug)]
struct Quoting;

impl Transport for Quoting {
    fn send<'a>(&'a self, request: http::Request<bytes::Bytes>, _: Limits) -> ResponseFuture<'a> {
        let quoted = format!("{} {:?}", request.uri(), request.headers());
        let quoted = io::Error::new(io::ErrorKind::BrokenPipe, quoted + " hunter2 hunter2hunter2");
        let failed = TransportError::new(TransportErrorKind::Connect, "it broke").with_source(quoted);
        Box::pin(async { Err(failed) })
    }
}

#[tokio::test]
async fn causes_show_no_secrets() {
    let client = vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("id", "hunter2hunter2"))
        .retry(RetryPolicy::none())
        .transport(Arc::new(Quoting))
        .build();
    let error = failed(async { client?.describe_vpcs().vpc_name("named").send().await }.await);
    assert_eq!(system_cause(&error), Some(io::ErrorKind::BrokenPipe));
    let texts = format!("{error} {error:?} {:?} {:?}", causes(&error), error.source());
    for hidden in ["hunter2hunter2", "Signature=", "named"] {
        assert!(!texts.contains(hidden), "{hidden} in {texts}");
    }
}

/// Has no credentials, for a reason.
#[derive(Debug)]
struct Closed;

impl ProvideCredentials for Closed {
    fn provide(&self) -> CredentialsFuture<'_> {
        let cause = io::Error::from(io::ErrorKind::PermissionDenied);
        Box::pin(async { Err(CredentialsError::new("the vault is closed").with_source(cause)) })
    }
}

#[tokio::test]
async fn the_cause_of_missing_credentials_is_there_to_look_at() {
    let client =
        vpc::Client::builder().region("cn-hangzhou").credentials(Closed).transport(Scripted::empty()).build();
    let error = failed(async { client?.describe_vpcs().send().await }.await);
    assert_eq!(system_cause(&error), Some(io::ErrorKind::PermissionDenied));
    assert!(error.to_string().contains("the vault is closed"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn durations_are_those_of_people() {
    let client = Scripted::new(|_, _| Turn::Hang).vpc();
    for (limit, said) in [(Duration::from_micros(49_808), "49.8 ms"), (Duration::from_secs(59), "59 s")] {
        let error = failed(client.describe_vpcs().with_deadline(limit).send().await);
        assert!(error.to_string().contains(&format!("no answer within {said}")), "{error}");
    }
}

#[test]
fn a_class_is_a_label_in_the_words_of_the_docs() {
    for action in dynamic::services().flat_map(|service| dynamic::actions(service.name)) {
        for row in action.errors.iter().chain(action.observed) {
            let label = row.class.as_str();
            assert_eq!(label.replace('-', ""), format!("{:?}", row.class).to_lowercase());
            assert_eq!(row.class.to_string(), label);
            assert!(!row.meaning.is_empty(), "{} {}", action.name, row.code);
        }
    }
}
