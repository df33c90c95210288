//! What goes wrong because it was told to, and what becomes of it.

use std::time::Duration;

use cloudnet::{Error, ErrorClass, ErrorKind};
use cloudnet_emulator::Fault;

use crate::cloud::{Cloud, only};

#[tokio::test]
async fn what_is_busy_is_asked_again() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    cloud.emulator.fault(Fault::code("TaskConflict").on("CreateVpc").times(2));
    let before = cloud.emulator.clock().passed();
    let created = cloud.vpc.create_vpc().vpc_name("prod").send().await?;
    let calls = cloud.emulator.calls();
    let verdicts: Vec<_> = calls.iter().map(|call| call.verdict()).collect();
    assert_eq!(verdicts, ["TaskConflict", "TaskConflict", "ok"]);
    assert_eq!(only(cloud.vpc.describe_vpcs()).await?.vpc_id, created.vpc_id);
    assert!(cloud.emulator.clock().passed() > before, "there were pauses");
    Ok(())
}

#[tokio::test]
async fn what_nobody_heard_of_is_made_once() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    cloud.emulator.fault(Fault::reset().on("CreateVpc").applied());
    let created = cloud.vpc.create_vpc().vpc_name("prod").send_and_wait().await?;
    let calls = cloud.emulator.calls();
    assert!(calls[0].is_applied && calls[1].is_replay);
    let made = cloud.remembered("Vpc");
    assert_eq!((made.len(), made[0]["VpcId"].as_str()), (1, created.vpc_id.as_deref()));
    Ok(())
}

#[tokio::test]
async fn a_write_without_a_token_is_not_sent_again() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    let vpc = cloud.vpc("10.0.0.0/8").await?;
    cloud.emulator.fault(Fault::reset().on("ModifyVpcAttribute").applied());
    let error = cloud.vpc.modify_vpc_attribute().vpc_id(&vpc).vpc_name("live").send().await.unwrap_err();
    assert!(error.may_have_been_applied() && error.kind() == ErrorKind::Transport, "{error}");
    // And so it was.
    assert_eq!(only(cloud.vpc.describe_vpcs()).await?.vpc_name.as_deref(), Some("live"));
    Ok(())
}

#[tokio::test]
async fn a_wait_says_in_which_state_it_failed() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    cloud.emulator.fault(Fault::ends_in("Rejected").on("CreatePhysicalConnection"));
    let order = cloud.vpc.create_physical_connection().access_point_id("ap-cn-hangzhou-yh-E");
    let order = order.line_operator("CT").peer_location("Hangzhou");
    let error = order.send_and_wait().await.unwrap_err();
    assert_eq!((error.kind(), error.class()), (ErrorKind::Wait, ErrorClass::Precondition), "{error}");
    assert_eq!(error.last_state(), Some("Rejected"));
    let (named, line) = &error.waited_for()[0];
    assert_eq!(
        (*named, cloud.remembered("PhysicalConnection")[0][*named].as_str()),
        ("PhysicalConnectionId", Some(&**line))
    );
    assert!(error.to_string().contains("Rejected"), "{error}");
    Ok(())
}

#[tokio::test]
async fn silence_ends_in_time() -> Result<(), Error> {
    let cloud = Cloud::start()?;
    cloud.emulator.fault(Fault::delay(Duration::from_secs(3_600)).on("DescribeVpcs").times(u64::MAX));
    let error = cloud.vpc.describe_vpcs().send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    Ok(())
}
