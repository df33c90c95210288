//! What the texts advise against is sent, and told if the service refuses; what a client alone refuses can be sent.

use std::sync::Arc;

use cloudnet::{ErrorKind, Operation as _, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::{Scripted, Turn};

fn service(status: u16, body: &'static str) -> (Arc<Scripted>, vpc::Client) {
    let service = Scripted::new(move |_, _| Turn::answer(status, body.to_owned()));
    let client = service.vpc();
    (service, client)
}

fn eip() -> vpc::AllocateEipAddress {
    let eip = vpc::AllocateEipAddress::default().region_id("cn-hangzhou").instance_charge_type("PostPaid");
    eip.internet_charge_type("PayByTraffic").bandwidth("1000")
}

#[tokio::test]
async fn advice_is_sent_and_quoted_when_the_service_refuses() {
    const ADVICE: &str = "Bandwidth 1000 is beyond today's 200 when InternetChargeType is PayByTraffic";
    let (service, client) = service(400, r#"{"Code":"InvalidParameter","Message":"no"}"#);
    let error = failed(client.request(eip()).send().await);
    assert_eq!((error.code(), service.seen().len()), (Some("InvalidParameter"), 1));
    assert!(
        error.advice().iter().any(|advice| advice.to_string().starts_with(ADVICE)),
        "{:?}",
        error.advice()
    );
    assert!(
        error.to_string().contains(ADVICE) && error.advice().iter().all(|advice| advice.is_advice),
        "{error}"
    );
    assert_eq!(error.violations(), []);
}

#[tokio::test]
async fn advice_is_not_told_of_what_has_other_reasons() {
    for (status, body) in
        [(503, "{}"), (400, r#"{"Code":"Throttling.User"}"#), (400, r#"{"Code":"TaskConflict"}"#)]
    {
        let (_, client) = service(status, body);
        let error = failed(client.request(eip()).send().await);
        assert_eq!(error.advice(), [], "{error}");
    }
    let (_, client) = service(200, r#"{"AllocationId":"eip-1"}"#);
    assert!(client.request(eip()).send().await.is_ok());
}

#[test]
fn advice_is_known_without_a_client() {
    assert_eq!(eip().validate(), Ok(()));
    assert!(!eip().advice().is_empty());
    assert_eq!(eip().bandwidth("5").advice(), []);
}

#[tokio::test]
async fn a_violation_names_the_ways_out_and_they_lead_out() {
    let (service, client) = service(200, "{}");
    let short = || client.create_vpc().region_id("cn-hangzhou").cidr_block("10.0.0.0/33");
    let error = failed(short().send().await);
    assert_eq!((error.kind(), service.seen().len()), (ErrorKind::Validation, 0));
    assert!(error.to_string().contains(r#"`with_extra("CidrBlock", …)`"#), "{error}");
    assert!(short().with_extra("CidrBlock", "10.0.0.0/33").send().await.is_ok());
    assert_eq!(service.seen()[0].parameter("CidrBlock").as_deref(), Some("10.0.0.0/33"));
}

#[tokio::test]
#[expect(deprecated, reason = "the list that is required stands in a retired action")]
async fn an_extra_parameter_satisfies_a_required_list() {
    let (service, client) = service(200, "{}");
    let request = || client.remove_bandwidth_package_ips().bandwidth_package_id("bwp-1");
    let error = failed(request().send().await);
    assert_eq!(error.violations()[0].path, "RemovedIpAddresses");
    assert!(request().with_extra("RemovedIpAddresses.1", "192.0.2.7").send().await.is_ok());
    assert_eq!(service.seen()[0].parameter("RemovedIpAddresses.1").as_deref(), Some("192.0.2.7"));
}
