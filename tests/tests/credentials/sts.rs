//! Roles, and the calls of STS that they take.

use std::sync::Arc;
use std::time::Duration;

use cloudnet::credentials::{AssumeRole, AssumeRoleWithOidc, CachedCredentials, Chain, ProviderConfig};
use cloudnet::sign::acs_rpc;
use cloudnet::{Credentials, ProvideCredentials};
use cloudnet_tests::machine::{Network, Reply, beginning, machine};
use serde_json::json;
use tokio::time::advance;

use crate::{VARIABLES, cloud, found, key, temporary};

#[tokio::test(start_paused = true)]
async fn oidc_needs_all_three_variables_and_signs_nothing() {
    for missing in 0..3 {
        let mut variables = VARIABLES[1].to_vec();
        let (name, _) = variables.remove(missing);
        let source = AssumeRoleWithOidc::new().build(&machine(&variables, &[], &cloud()));
        assert_eq!(found(source).await, Err(format!("the variable {name} is not set")));
    }
    let network = cloud();
    let mut variables = VARIABLES[1].to_vec();
    variables.push(("ALIBABA_CLOUD_STS_REGION", "cn-beijing"));
    let machine = machine(&variables, &[("token", "eyJ.canary\n")], &network);
    let source = AssumeRoleWithOidc::new().policy(r#"{"Version": "1"}"#).build(&machine);
    assert_eq!(found(source).await, key("STS.role", "oidc_role_arn"));
    let [seen] = network.seen().try_into().unwrap();
    assert_eq!(seen.line, "POST https://sts.cn-beijing.aliyuncs.com/");
    let expected = [
        ("Action", "AssumeRoleWithOIDC"),
        ("DurationSeconds", "3600"),
        ("Format", "JSON"),
        ("OIDCProviderArn", "acs:ram::1:oidc-provider/p"),
        ("OIDCToken", "eyJ.canary\n"),
        ("Policy", r#"{"Version": "1"}"#),
        ("RoleArn", "acs:ram::1:role/r"),
        ("RoleSessionName", "cloudnet-1709618828"),
        ("Timestamp", "2024-03-05T06:07:08Z"),
        ("Version", "2015-04-01"),
    ];
    assert_eq!(seen.parameters, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(!seen.query.contains("canary"), "the token is in the body");
}

#[tokio::test(start_paused = true)]
async fn a_role_is_assumed_with_a_signature_over_all_parameters() {
    let network = cloud();
    let machine = machine(&[], &[], &network);
    let caller = Credentials::new("STS.NTtest", "sts-secret").with_security_token("CAIS+token/with==");
    let role = AssumeRole::new("acs:ram::123456789012:role/demo", caller)
        .session_name("sess-1")
        .duration(Duration::from_secs(900))
        .policy(r#"{"Version": "1", "x": "*+~"}"#)
        .external_id("ext 1")
        .build(&machine);
    let key = role.provide().await.unwrap();
    assert_eq!(key.provider_name(), "ram_role_arn/static_sts");
    assert_eq!(key.expires_at(), Some(beginning() + Duration::from_secs(3600)));
    let [seen] = network.seen().try_into().unwrap();
    assert_eq!(seen.line, "POST https://sts.aliyuncs.com/");
    for (name, value) in [
        ("AccessKeyId", "STS.NTtest"),
        ("DurationSeconds", "900"),
        ("ExternalId", "ext 1"),
        ("RoleSessionName", "sess-1"),
        ("SecurityToken", "CAIS+token/with=="),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("Version", "2015-04-01"),
    ] {
        assert_eq!(seen.parameter(name), Some(value), "{name}");
    }
    assert_eq!(seen.parameter("SignatureNonce").map(str::len), Some(32));
    let signed = seen.parameters.iter().filter(|(name, _)| name != "Signature");
    let signed = signed.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let signature = acs_rpc::sign("POST", signed, "sts-secret").signature;
    assert_eq!(seen.parameter("Signature"), Some(signature.as_str()));
}

#[tokio::test(start_paused = true)]
async fn sts_has_a_host_per_region_and_network() {
    let region = ("ALIBABA_CLOUD_STS_REGION", "cn-beijing");
    let vpc = ("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "true");
    type Row<'a> = (&'a [(&'a str, &'a str)], fn(AssumeRole) -> AssumeRole, &'a str);
    let table: [Row<'_>; 7] = [
        (&[], |role| role, "sts.aliyuncs.com"),
        (&[vpc], |role| role, "sts.aliyuncs.com"),
        (&[region], |role| role, "sts.cn-beijing.aliyuncs.com"),
        (&[region, vpc], |role| role, "sts-vpc.cn-beijing.aliyuncs.com"),
        (&[region, vpc], |role| role.inside_vpc(false), "sts.cn-beijing.aliyuncs.com"),
        (&[region], |role| role.region("eu-west-1").inside_vpc(true), "sts-vpc.eu-west-1.aliyuncs.com"),
        (&[], |role| role.inside_vpc(true), "sts.aliyuncs.com"),
    ];
    for (variables, change, host) in table {
        let network = cloud();
        let role = change(AssumeRole::new("arn", Credentials::new("id", "secret")));
        assert!(role.build(&machine(variables, &[], &network)).provide().await.is_ok());
        assert_eq!(network.lines(), [format!("POST https://{host}/")]);
    }
    let network = cloud();
    let role = AssumeRole::new("arn", Credentials::new("id", "secret")).region("x@evil.com:443/#");
    assert!(role.build(&machine(&[], &[], &network)).provide().await.is_err());
    let role = AssumeRole::new("arn", Credentials::new("id", "secret")).duration(Duration::from_secs(899));
    let error = found(role.build(&machine(&[], &[], &network))).await;
    assert_eq!(error, Err("a session for a role lasts 900 s or longer".to_owned()));
    assert!(network.seen().is_empty());
}

/// STS by a clock that is 20 minutes ahead of the machine's, and moves with it.
fn punctual_sts(date: Option<&'static str>) -> Arc<Network> {
    Network::new(move |seen| {
        let is_fine = seen.parameter("Timestamp").is_some_and(|time| time >= "2024-03-05T06:27:08Z");
        let refused = json!({ "Code": "InvalidTimeStamp.Expired", "Message": "too late" }).to_string();
        match date {
            _ if is_fine => {
                let mut key = temporary("STS.role");
                key["Expiration"] = json!("2024-03-05T06:47:08Z");
                Reply::Answer(200, json!({ "Credentials": key }).to_string())
            }
            Some(date) => Reply::Dated(400, refused, date),
            None => Reply::Answer(400, refused),
        }
    })
}

#[tokio::test(start_paused = true)]
async fn sts_corrects_a_wrong_clock_and_it_stays_so() {
    const DATE: &str = "Tue, 05 Mar 2024 06:27:08 GMT";
    let files = [("token", "oidc")];
    type Build = fn(&ProviderConfig) -> CachedCredentials;
    let roles: [Build; 2] = [
        |machine| AssumeRole::new("a", Credentials::new("id", "s")).build(machine),
        |machine| AssumeRoleWithOidc::new().build(machine),
    ];
    for build in roles {
        let network = punctual_sts(Some(DATE));
        let machine_ = machine(VARIABLES[1], &files, &network);
        let role = build(&machine_);
        assert!(role.provide().await.is_ok());
        assert_eq!(network.seen().len(), 2);
        // By the service's clock 4 minutes are left of the key, by the machine's 24.
        advance(Duration::from_secs(16 * 60)).await;
        assert!(role.provide().await.is_ok());
        tokio::task::yield_now().await;
        assert_eq!(network.seen().len(), 3, "refreshed in time, and at the first attempt");
        assert!(build(&machine_).provide().await.is_ok());
        assert_eq!(network.seen().len(), 4, "others on the machine know it too");
        for useless in [punctual_sts(None), punctual_sts(Some("yesterday"))] {
            let error = found(build(&machine(VARIABLES[1], &files, &useless))).await.unwrap_err();
            assert!(error.contains("InvalidTimeStamp.Expired"), "{error}");
            assert_eq!(useless.seen().len(), 1);
        }
        // A date that is the machine's own is no news.
        let own = punctual_sts(Some("Tue, 05 Mar 2024 06:07:08 GMT"));
        assert!(build(&machine(VARIABLES[1], &files, &own)).provide().await.is_err());
        assert_eq!(own.seen().len(), 1);
        // What the service says does not help: there is no third attempt.
        let stubborn = punctual_sts(Some("Tue, 05 Mar 2024 06:17:08 GMT"));
        assert!(build(&machine(VARIABLES[1], &files, &stubborn)).provide().await.is_err());
        assert_eq!(stubborn.seen().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn the_answer_of_sts_says_when_the_key_ends() {
    let mut endless = temporary("STS.role");
    endless.as_object_mut().unwrap().remove("Expiration");
    let body = json!({ "Credentials": endless }).to_string();
    let network = Network::new(move |_| Reply::Answer(200, body.clone()));
    let role = AssumeRole::new("a", Credentials::new("id", "s")).build(&machine(&[], &[], &network));
    assert_eq!(found(role).await, Err("the answer of STS: it lacks `Expiration`".to_owned()));
}

/// Assumes a role in both ways. The first lines that arrived, or the error, and whether a proxy may
/// have seen them.
async fn both_roles(
    variables: &[(&str, &str)],
    change: impl Fn(ProviderConfig) -> ProviderConfig,
) -> [(Result<String, String>, Option<bool>); 2] {
    type Build = fn(&ProviderConfig) -> CachedCredentials;
    let roles: [Build; 2] = [
        |machine| AssumeRole::new("a", Credentials::new("id", "s")).region("cn-beijing").build(machine),
        |machine| AssumeRoleWithOidc::new().region("cn-beijing").build(machine),
    ];
    let mut outcomes = [const { (Ok(String::new()), None) }; 2];
    for (build, outcome) in roles.into_iter().zip(&mut outcomes) {
        let body = json!({ "Credentials": temporary("STS.role") }).to_string();
        let network = Network::new(move |_| Reply::Answer(200, body.clone()));
        let variables = [VARIABLES[1], variables].concat();
        let machine = change(machine(&variables, &[("token", "oidc")], &network));
        *outcome = match found(build(&machine)).await {
            Ok(_) => {
                let [seen] = network.seen().try_into().unwrap();
                (Ok(seen.line), Some(seen.is_direct))
            }
            Err(error) => {
                assert!(network.seen().is_empty());
                (Err(error), None)
            }
        };
    }
    outcomes
}

const OF_STS: &str = "ALIBABA_CLOUD_ENDPOINT_STS";
const OF_ALL: &str = "ALIBABA_CLOUD_ENDPOINT";

#[tokio::test(start_paused = true)]
async fn an_endpoint_of_sts_wins_over_its_region() {
    type Row<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, &'a str);
    let region = ("ALIBABA_CLOUD_STS_REGION", "eu-west-1");
    let table: [Row<'_>; 9] = [
        (&[], None, "https://sts.cn-beijing.aliyuncs.com"),
        (&[(OF_STS, "sts.example.com")], None, "https://sts.example.com"),
        (&[(OF_ALL, "https://all.example.com/")], None, "https://all.example.com"),
        (
            &[(OF_ALL, "all.example.com"), (OF_STS, "sts.example.com:8443"), region],
            None,
            "https://sts.example.com:8443",
        ),
        (&[(OF_ALL, "all.example.com"), (OF_STS, " ")], None, "https://all.example.com"),
        (&[(OF_ALL, ""), (OF_STS, "")], None, "https://sts.cn-beijing.aliyuncs.com"),
        (&[], Some("set.example.com"), "https://set.example.com"),
        (
            &[(OF_STS, "ftp://x"), (OF_ALL, "ftp://x"), region],
            Some("set.example.com"),
            "https://set.example.com",
        ),
        (&[("ALIBABA_CLOUD_ENDPOINT_VPC", "vpc.example.com")], None, "https://sts.cn-beijing.aliyuncs.com"),
    ];
    for (variables, set, expected) in table {
        let change = |machine: ProviderConfig| match set {
            Some(endpoint) => machine.with_sts_endpoint(endpoint),
            None => machine,
        };
        for outcome in both_roles(variables, change).await {
            assert_eq!(outcome, (Ok(format!("POST {expected}/")), Some(false)), "{variables:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn sts_in_the_clear_is_on_this_machine_and_past_all_proxies() {
    for (url, expected) in [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ] {
        let expected = (Ok(format!("POST {expected}/")), Some(true));
        for name in [OF_STS, OF_ALL] {
            assert_eq!(
                both_roles(&[(name, url)], |machine| machine).await,
                [expected.clone(), expected.clone()]
            );
        }
        let set = both_roles(&[], |machine| machine.with_sts_endpoint(url)).await;
        assert_eq!(set, [expected.clone(), expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_endpoint_of_sts_is_named_by_its_variable_and_not_quoted() {
    for value in [
        "http://hunter2.example.com",
        "http://10.0.0.1",
        "http://localhost.hunter2.example",
        "https://user:hunter2@example.com",
        "https://example.com/hunter2",
        "ftp://hunter2",
        "example.com?hunter2",
        "hunter2\r\nx: y",
        "http://127.1",
    ] {
        for name in [OF_STS, OF_ALL] {
            for (outcome, _) in both_roles(&[(name, value)], |machine| machine).await {
                let error = outcome.unwrap_err();
                assert!(error.starts_with(&format!("the endpoint in {name} is refused: ")), "{error}");
                assert!(!error.contains("hunter2"), "{error}");
            }
        }
        let set = |machine: ProviderConfig| machine.with_sts_endpoint(value);
        for (outcome, _) in both_roles(&[], set).await {
            let error = outcome.unwrap_err();
            assert!(error.starts_with("the endpoint of STS is refused: "), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let machine = set(ProviderConfig::empty());
        assert!(!format!("{machine:?}").contains("hunter2"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_profile_and_a_chain_call_sts_at_its_endpoint() {
    const PROFILES: &str = r#"{"current": "p", "profiles": [{
        "name": "p", "mode": "RamRoleArn", "access_key_id": "id", "access_key_secret": "s",
        "ram_role_arn": "arn", "ram_session_name": "n", "sts_region": "cn-beijing"
    }]}"#;
    const PROFILE: &str = "[default]\ntype = ram_role_arn\naccess_key_id = id\naccess_key_secret = s\n\
        role_arn = arn\nrole_session_name = n";
    for (path, text) in [(".aliyun/config.json", PROFILES), (".alibabacloud/credentials", PROFILE)] {
        let network = cloud();
        let machine = machine(&[(OF_STS, "sts.example.com")], &[(path, text)], &network);
        let found = Chain::alibaba_cloud(&machine).provide().await.unwrap();
        assert_eq!(found.access_key_id(), "STS.role");
        assert_eq!(network.lines(), ["POST https://sts.example.com/"]);
    }
}
