//! The metadata service of an instance.

use cloudnet::ProvideCredentials;
use cloudnet::credentials::EcsRamRole;
use cloudnet_tests::machine::{Network, Reply, machine};
use serde_json::json;

use crate::{cloud, found, key, temporary};

const METADATA: &str = "http://100.100.100.200/latest";

#[tokio::test(start_paused = true)]
async fn r34_the_metadata_service_is_asked_with_a_token() {
    let network = cloud();
    let machine_ = machine(&[], &[], &network);
    assert_eq!(found(EcsRamRole::new().build(&machine_)).await, key("STS.ecs", "ecs_ram_role"));
    let seen = network.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line.replace(METADATA, "")).collect();
    let roles = "/meta-data/ram/security-credentials/";
    assert_eq!(lines, ["PUT /api/token".to_owned(), format!("GET {roles}"), format!("GET {roles}web")]);
    let lifetime = seen[0].headers.get("x-aliyun-ecs-metadata-token-ttl-seconds");
    assert_eq!(lifetime.map(String::as_str), Some("21600"));
    for seen in &seen[1..] {
        let token = seen.headers.get("x-aliyun-ecs-metadata-token");
        assert_eq!(token.map(String::as_str), Some("metadata-token"));
    }
    let named = cloud();
    let with_name = machine(&[("ALIBABA_CLOUD_ECS_METADATA", "a/b")], &[], &named);
    assert!(EcsRamRole::new().build(&with_name).provide().await.is_ok());
    assert_eq!(named.lines()[1], format!("GET {METADATA}{roles}a%2Fb"));
}

#[tokio::test(start_paused = true)]
async fn without_a_token_the_metadata_service_is_asked_unless_that_is_forbidden() {
    type Token = fn() -> Reply;
    let tokens: [Token; 4] = [
        || Reply::Answer(404, String::new()),
        || Reply::Answer(200, " \n".to_owned()),
        || Reply::Fail,
        || Reply::Hang,
    ];
    for token in tokens {
        let network = |token: Token| {
            let whole = cloud();
            Network::new(move |seen| if seen.line.starts_with("PUT") { token() } else { whole.answer(seen) })
        };
        let old = network(token);
        let found_key = found(EcsRamRole::new().build(&machine(&[], &[], &old))).await;
        assert_eq!(found_key, key("STS.ecs", "ecs_ram_role"));
        assert!(old.seen().iter().all(|seen| !seen.headers.contains_key("x-aliyun-ecs-metadata-token")));
        let strict = network(token);
        let variables = [("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")];
        let error = found(EcsRamRole::new().build(&machine(&variables, &[], &strict))).await;
        assert!(error.is_err_and(|text| text.starts_with("no metadata token: ")));
        assert_eq!(strict.seen().len(), 1);
        let strict = network(token);
        let source = EcsRamRole::new().require_token(true).build(&machine(&[], &[], &strict));
        assert!(source.provide().await.is_err());
        assert_eq!(strict.seen().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn r34_a_silent_metadata_service_is_given_up_after_a_second_each() {
    let network = Network::new(|_| Reply::Hang);
    let began = tokio::time::Instant::now();
    let error = found(EcsRamRole::new().build(&machine(&[], &[], &network))).await;
    assert_eq!(error, Err("no answer within 1 s".to_owned()));
    assert_eq!(began.elapsed().as_millis() / 10, 200, "one second for the token, one for the role");
}

#[tokio::test(start_paused = true)]
async fn a_metadata_service_that_says_something_else_is_not_believed() {
    let offline = [("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")];
    let network = cloud();
    let error = found(EcsRamRole::new().build(&machine(&offline, &[], &network))).await;
    assert_eq!(error, Err("switched off by ALIBABA_CLOUD_ECS_METADATA_DISABLED".to_owned()));
    assert!(network.seen().is_empty());
    let page = "<html>canary sign in</html>";
    let mut failed = temporary("id");
    failed["Code"] = json!("Failed");
    let mut endless = temporary("id");
    endless["Expiration"] = json!("canary");
    let mut without_end = temporary("id");
    without_end.as_object_mut().unwrap().remove("Expiration");
    for (role, answer) in [
        (page, String::new()),
        ("", String::new()),
        ("web", page.to_owned()),
        ("web", failed.to_string()),
        ("web", endless.to_string()),
        ("web", without_end.to_string()),
        ("web", r#"{"Code":"Success","AccessKeyId":"canary"}"#.to_owned()),
        ("web", "[]".to_owned()),
    ] {
        let network = Network::new(move |seen| {
            let is_role = seen.line.ends_with("/security-credentials/");
            Reply::Answer(200, if is_role { role.to_owned() } else { answer.clone() })
        });
        let error = found(EcsRamRole::new().build(&machine(&[], &[], &network))).await.unwrap_err();
        assert!(!error.contains("canary"), "{error}");
        let is_asked_for_key = network
            .lines()
            .iter()
            .any(|line| line.starts_with("GET") && !line.ends_with("/security-credentials/"));
        assert_eq!(is_asked_for_key, role == "web", "what is no name is not asked for: {error}");
    }
}
