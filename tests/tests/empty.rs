//! A text that is required and empty: services take it for none, so it is refused like one.

use std::sync::Arc;

use cloudnet::{
    ErrorKind, Operation as _, ValidationPolicy, Violation, aws_global_accelerator, dynamic, vpc,
};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::{Scripted, Turn};
use serde_json::json;

/// A service that knows nothing by the name that it is asked for.
fn service() -> (Arc<Scripted>, vpc::Client) {
    let service = Scripted::new(|_, _| {
        Turn::answer(404, r#"{"Code":"InvalidVpcId.NotFound","Message":"no"}"#.to_owned())
    });
    let client = service.vpc();
    (service, client)
}

fn paths(violations: &[Violation]) -> Vec<&str> {
    violations.iter().map(|violation| violation.path.as_str()).collect()
}

#[tokio::test]
async fn what_is_deleted_has_a_name() {
    let (service, client) = service();
    let error = failed(client.delete_vpc().vpc_id("").send().await);
    assert_eq!((error.kind(), paths(error.violations())), (ErrorKind::Validation, vec!["VpcId"]));
    assert!(!error.is_gone() && error.to_string().contains("VpcId: is required, and is empty"), "{error}");
    let error = failed(client.wait_for_vpc_gone("").await);
    assert!(!error.is_gone(), "{error}");
    assert_eq!(service.seen().len(), 0);
}

#[test]
fn calls_by_name_have_the_same_check() {
    let parameters = json!({ "RegionId": "cn-hangzhou", "VpcId": "" });
    let error = dynamic::validate("vpc", "DeleteVpc", &parameters).unwrap_err();
    assert_eq!(paths(error.violations()), ["VpcId"]);
}

#[tokio::test]
async fn nothing_is_checked_that_a_caller_does_not_want_checked() {
    let (service, client) = service();
    let unchecked = client.delete_vpc().vpc_id("").with_validation(ValidationPolicy::Off).send().await;
    assert!(failed(unchecked).is_gone());
    assert!(client.raw("DeleteVpc").param("VpcId", "").send().await.is_err());
    assert_eq!(service.seen().len(), 2);
}

#[test]
fn an_empty_text_is_a_value_where_it_may_be_one() {
    let all = vpc::DescribeVpcs::default().region_id("cn-hangzhou").vpc_name("");
    assert_eq!(all.validate(), Ok(()));
    // Its length is from 0, in so many words; that of an ARN has a maximum alone.
    let tagged = aws_global_accelerator::TagResource::default().resource_arn("arn:aws:1").tag("env", "");
    assert_eq!(tagged.validate(), Ok(()));
    let delete = aws_global_accelerator::DeleteCustomRoutingAccelerator::default().accelerator_arn("");
    assert_eq!(paths(&delete.validate().unwrap_err()), ["AcceleratorArn"]);
}
