//! Clients of several services and regions that share what they can.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloudnet::credentials::{CachedCredentials, CredentialsFuture, ProvideCredentials};
use cloudnet::transport::HttpTransport;
use cloudnet::{Config, Credentials, Error, ErrorKind, RetryPolicy, aws_global_accelerator, ga, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::{Scripted, Turn};
use cloudnet_tests::server::Server;

/// Counts how often it is asked.
#[derive(Debug, Default)]
struct Counting(Arc<AtomicUsize>);

impl ProvideCredentials for Counting {
    fn provide(&self) -> CredentialsFuture<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(Credentials::new("id", "a secret of the caller")) })
    }
}

#[tokio::test]
async fn clients_of_a_configuration_share_transport_credentials_and_settings() -> Result<(), Error> {
    let transport = Scripted::new(|_, _| Turn::answer(400, r#"{"Code":"TaskConflict"}"#));
    let asked = Arc::new(AtomicUsize::new(0));
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    let config = Config::builder()
        .region("cn-hangzhou")
        .credentials(CachedCredentials::new(Counting(Arc::clone(&asked))))
        .retry(RetryPolicy::none())
        .transport(Arc::clone(&transport) as _)
        .on_attempt(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        })
        .build()?;
    let vpc = vpc::Client::from_config(&config)?;
    let beijing = config.client::<vpc::Client>("cn-beijing")?;
    let ga = ga::Client::from_config(&config)?;
    let shanghai = vpc.for_region("cn-shanghai")?;
    let regions = [vpc.region(), beijing.region(), ga.region(), shanghai.region()];
    assert_eq!(regions, ["cn-hangzhou", "cn-beijing", "cn-hangzhou", "cn-shanghai"]);
    assert_eq!(shanghai.endpoint(), "https://vpc.cn-shanghai.aliyuncs.com");

    for client in [&vpc, &beijing, &shanghai] {
        assert_eq!(failed(client.describe_vpcs().send().await).region(), Some(client.region()));
    }
    let aws = aws_global_accelerator::Client::from_config(&config)?;
    assert_eq!(aws.endpoint(), "https://globalaccelerator.us-west-2.amazonaws.com");
    assert_eq!((transport.calls(), attempts.load(Ordering::SeqCst)), (3, 3));
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one cache for all");
    Ok(())
}

#[tokio::test]
async fn a_client_gives_its_settings_back() -> Result<(), Error> {
    let transport = Scripted::new(|_, _| Turn::Hang);
    let client = transport.vpc();
    let hurried = client.to_builder().operation_timeout(Duration::from_millis(20)).build()?;
    let error = failed(hurried.describe_vpcs().send().await);
    assert_eq!((error.kind(), error.region()), (ErrorKind::Timeout, Some("cn-hangzhou")));
    assert_eq!(transport.calls(), 1, "the transport is the same");

    let other = Scripted::empty();
    let moved = client.to_builder().region("cn-beijing").transport(Arc::clone(&other) as _).build()?;
    moved.describe_vpcs().send().await?;
    assert_eq!((moved.region(), client.region()), ("cn-beijing", "cn-hangzhou"));
    assert_eq!((transport.calls(), other.calls()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn regions_share_the_pool_and_a_set_endpoint_stays() -> Result<(), Error> {
    let server = Server::start();
    let hangzhou = server.aim(vpc::Client::builder()).build()?;
    for region in ["cn-hangzhou", "cn-beijing", "cn-shanghai"] {
        let client = hangzhou.for_region(region)?;
        assert_eq!(client.endpoint(), hangzhou.endpoint());
        client.describe_vpcs().send().await?;
        assert_eq!(server.last().parameters.get("RegionId").map(String::as_str), Some(region));
    }
    assert_eq!((server.requests(), server.connections()), (3, 1));
    Ok(())
}

#[tokio::test]
async fn a_pool_keeps_as_many_connections_as_it_is_told() -> Result<(), Error> {
    let server = Server::start();
    let transport = HttpTransport::builder().max_idle_connections(0).build()?;
    let client = server.aim(vpc::Client::builder()).transport(Arc::new(transport)).build()?;
    for _ in 0..3 {
        client.describe_vpcs().send().await?;
    }
    assert_eq!((server.requests(), server.connections()), (3, 3));
    Ok(())
}

#[test]
fn what_is_wrong_is_found_when_it_is_made() -> Result<(), Error> {
    let config = Config::builder().transport(Scripted::empty()).build()?;
    assert_eq!(config.region(), None);
    assert!(failed(vpc::Client::from_config(&config)).to_string().contains("no region is set"));
    assert!(failed(config.client::<vpc::Client>("a.b")).to_string().contains("the region must be"));
    let wrong = config.to_builder().user_agent("\n").build();
    assert!(failed(wrong).to_string().contains("the user agent"));
    let named = config.to_builder().region("cn-beijing").endpoint("https://user:hunter2@h").build()?;
    assert!(!format!("{named:?} {:?}", vpc::Client::from_config(&named)).contains("hunter2"));
    Ok(())
}
