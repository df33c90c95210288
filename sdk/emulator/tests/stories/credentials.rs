//! Keys that are given for a role.

use std::time::Duration;

use cloudnet::credentials::{AssumeRole, ProviderConfig};
use cloudnet::{Credentials, Error, ErrorClass, vpc};
use cloudnet_emulator::Emulator;

#[tokio::test]
async fn a_role_is_assumed_for_a_call() -> Result<(), Error> {
    let emulator = Emulator::start();
    let machine = ProviderConfig::empty().with_transport(emulator.transport());
    let role =
        AssumeRole::new("acs:ram::1234567890123456:role/network", Credentials::new("testid", "testsecret"));
    let role = role.session_name("story").duration(Duration::from_secs(900)).build(&machine);
    let vpc: vpc::Client = emulator.builder().credentials(role).build()?;
    vpc.create_vpc().vpc_name("prod").send_and_wait().await?;
    vpc.describe_vpcs().send().await?;

    let calls = emulator.calls();
    let actions: Vec<_> = calls.iter().map(|call| (call.service.as_str(), call.action.as_str())).collect();
    assert_eq!(actions[..2], [("sts", "AssumeRole"), ("vpc", "CreateVpc")]);
    assert!(calls[1..].iter().all(|call| call.service == "vpc" && call.code.is_none()));
    Ok(())
}

#[tokio::test]
async fn nobody_else_is_known() -> Result<(), Error> {
    let emulator = Emulator::start();
    let machine = ProviderConfig::empty().with_transport(emulator.transport());
    let stranger = Credentials::new("testid", "guessed");
    let role = AssumeRole::new("acs:ram::1234567890123456:role/network", stranger.clone()).build(&machine);
    for vpc in
        [emulator.builder().credentials(stranger).build()?, emulator.builder().credentials(role).build()?]
    {
        let vpc: vpc::Client = vpc;
        let error = vpc.describe_vpcs().send().await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Authentication, "{error}");
    }
    Ok(())
}
