//! Several sources, one after the other.

use std::sync::atomic::{AtomicUsize, Ordering};

use cloudnet::credentials::{AssumeRole, AssumeRoleWithOidc, Chain, ExternalCommand};
use cloudnet::{Credentials, ProvideCredentials};
use cloudnet_tests::machine::{Network, Reply, machine};
use serde_json::json;

use crate::{VARIABLES, cloud, found, key, nothing};

const CLI: (&str, &str) = (
    ".aliyun/config.json",
    r#"{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"cli-id","access_key_secret":"s"}]}"#,
);
const INI: (&str, &str) = (
    ".alibabacloud/credentials",
    "[default]\ntype = access_key\naccess_key_id = ini-id\naccess_key_secret = s\n",
);

#[tokio::test(start_paused = true)]
async fn the_chain_has_the_vendors_order() {
    let expected = [
        key("env-id", "default/env"),
        key("STS.role", "default/oidc_role_arn"),
        key("cli-id", "default/cli_profile/static_ak"),
        key("ini-id", "default/profile/static_ak"),
        key("STS.ecs", "default/ecs_ram_role"),
        key("STS.uri", "default/credential_uri"),
    ];
    // Each machine lacks what the one before has first.
    for (lacks, expected) in expected.into_iter().enumerate() {
        let mut variables = VARIABLES[2].to_vec();
        variables.extend((lacks < 1).then_some(VARIABLES[0]).into_iter().flatten());
        variables.extend((lacks < 2).then_some(VARIABLES[1]).into_iter().flatten());
        variables.extend((lacks > 4).then_some(("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "TRUE")));
        let mut files = vec![("token", "oidc")];
        files.extend((lacks < 3).then_some(CLI));
        files.extend((lacks < 4).then_some(INI));
        let chain = Chain::alibaba_cloud(&machine(&variables, &files, &cloud()));
        assert_eq!(found(chain.clone()).await, expected, "{lacks}");
        assert_eq!(found(chain.clone()).await, expected, "{lacks}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_error_says_what_every_source_lacks() {
    let chain = Chain::alibaba_cloud(&machine(&[], &[], &nothing()));
    let text = found(chain).await.unwrap_err();
    assert_eq!(
        text,
        "no credentials were found. \
         environment: the variable ALIBABA_CLOUD_ACCESS_KEY_ID is not set; \
         OIDC role: the variables ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN, \
         ALIBABA_CLOUD_OIDC_TOKEN_FILE are not set; \
         CLI configuration: /home/me/.aliyun/config.json: there is no such file; \
         profile file: there is neither ~/.alibabacloud/credentials.ini nor ~/.alibabacloud/credentials; \
         ECS RAM role: the connection failed: no route to host; \
         credentials URI: the variable ALIBABA_CLOUD_CREDENTIALS_URI is not set"
    );
    let chain = Chain::aws(&machine(&[], &[], &nothing()));
    assert_eq!(
        found(chain).await.unwrap_err(),
        "no credentials were found. environment: the variable AWS_ACCESS_KEY_ID is not set; \
         shared profile: profile `default`: it is neither in ~/.aws/credentials nor in ~/.aws/config"
    );
}

#[tokio::test(start_paused = true)]
async fn the_chain_stays_with_what_worked_and_asks_once_for_all() {
    let network = cloud();
    let machine = machine(&[], &[], &network);
    let chain = Chain::alibaba_cloud(&machine);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let chain = chain.clone();
        tasks.spawn(async move { found(chain).await });
    }
    let expected = key("STS.ecs", "default/ecs_ram_role");
    assert!(tasks.join_all().await.iter().all(|outcome| *outcome == expected));
    assert_eq!(network.lines().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn keys_that_change_in_the_environment_are_noticed() {
    let turn = AtomicUsize::new(0);
    let machine = machine(&[], &[], &nothing()).with_variables(move |name| match name {
        "ALIBABA_CLOUD_ACCESS_KEY_ID" => Some(format!("id-{}", turn.fetch_add(1, Ordering::SeqCst))),
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET" => Some("s".to_owned()),
        _ => None,
    });
    let chain = Chain::alibaba_cloud(&machine);
    for turn in 0..3 {
        assert_eq!(found(chain.clone()).await, key(&format!("id-{turn}"), "default/env"));
    }
}

#[tokio::test(start_paused = true)]
async fn no_source_prints_a_secret() {
    let ini =
        "[default]\ntype = ram_role_arn\naccess_key_id = id\naccess_key_secret = canary-key\nrole_arn = a";
    let echo = Network::new(|seen| {
        let told = format!("{} {:?}", seen.query, seen.parameters);
        let body = json!({ "Code": told.clone(), "Message": told.clone(), "RequestId": told });
        Reply::Answer(403, body.to_string())
    });
    let machine = machine(&[], &[(".alibabacloud/credentials", ini), ("token", "canary-token\n")], &echo);
    let caller = Credentials::new("id", "canary-key").with_security_token("canary+token/");
    let role = AssumeRole::new("a", caller).external_id("canary-external").build(&machine);
    let oidc = AssumeRoleWithOidc::new().role_arn("a").provider_arn("p").token_file("/home/me/token");
    let oidc = oidc.build(&machine);
    let chain = Chain::alibaba_cloud(&machine);
    let program = ExternalCommand::new("printf canary").build(&machine);
    let sources: [&dyn ProvideCredentials; 4] = [&role, &oidc, &chain, &program];
    for source in sources {
        let error = source.provide().await.unwrap_err();
        for printed in [format!("{source:?}"), error.to_string(), format!("{error:?}")] {
            assert!(!printed.contains("canary"), "{printed}");
        }
    }
    let signature =
        echo.seen().iter().find_map(|seen| seen.parameter("Signature").map(str::to_owned)).unwrap();
    let error = role.provide().await.unwrap_err().to_string();
    assert!(error.starts_with("STS refused with status 403") && !error.contains(&signature), "{error}");
}
