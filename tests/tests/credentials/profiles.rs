//! Profiles in files.

use cloudnet::ProvideCredentials;
use cloudnet::credentials::{AwsProfile, Chain, CliProfile, ProfileFile};
use cloudnet_tests::machine::{Seen, machine};
use serde_json::json;

use crate::{cloud, found, key, nothing};

fn config(profiles: &serde_json::Value) -> String {
    json!({ "current": "used", "profiles": profiles }).to_string()
}

async fn of_config(profiles: serde_json::Value) -> (Result<(String, String), String>, Vec<Seen>) {
    let network = cloud();
    let text = config(&profiles);
    let machine = machine(&[], &[(".aliyun/config.json", &text), ("token", "oidc")], &network);
    (found(CliProfile::new().build(&machine)).await, network.seen())
}

#[tokio::test(start_paused = true)]
async fn every_mode_of_the_cli_gives_credentials_or_says_why_not() {
    let ak = json!({ "name": "base", "mode": "AK", "access_key_id": "id", "access_key_secret": "s" });
    let used = |mode: &str, members: serde_json::Value| {
        let mut profile = members;
        profile["name"] = json!("used");
        profile["mode"] = json!(mode);
        json!([ak, profile])
    };
    let role = json!({
        "access_key_id": "id", "access_key_secret": "s", "ram_role_arn": "arn", "ram_session_name": "me",
        "expired_seconds": 1800, "policy": "{}", "external_id": "e", "sts_region": "cn-beijing",
        "enable_vpc": true, "source_profile": "base", "ram_role_name": "web",
        "oidc_provider_arn": "p", "oidc_token_file": "/home/me/token",
        "credentials_uri": "http://localhost/c", "sts_token": "t",
    });
    for (mode, expected) in [
        ("AK", key("id", "cli_profile/static_ak")),
        ("StsToken", key("id", "cli_profile/static_sts")),
        ("RamRoleArn", key("STS.role", "cli_profile/ram_role_arn/static_sts")),
        ("ChainableRamRoleArn", key("STS.role", "cli_profile/ram_role_arn/static_ak")),
        ("RamRoleArnWithRoleName", key("STS.role", "cli_profile/ram_role_arn/ecs_ram_role")),
        ("EcsRamRole", key("STS.ecs", "cli_profile/ecs_ram_role")),
        ("OIDC", key("STS.role", "cli_profile/oidc_role_arn")),
        ("CredentialsURI", key("STS.uri", "cli_profile/credential_uri")),
    ] {
        let (outcome, seen) = of_config(used(mode, role.clone())).await;
        assert_eq!(outcome, expected, "{mode}");
        for seen in seen.iter().filter(|seen| seen.line.contains("sts")) {
            assert_eq!(seen.line, "POST https://sts-vpc.cn-beijing.aliyuncs.com/");
            assert_eq!(seen.parameter("RoleSessionName"), Some("me"));
            assert_eq!(seen.parameter("DurationSeconds"), Some("1800"));
        }
    }
    for (mode, problem) in [
        ("CloudSSO", "its mode `CloudSSO` is not supported"),
        ("OAuth", "its mode `OAuth` is not supported"),
        ("AK", "it has no `access_key_id`"),
        ("ChainableRamRoleArn", "it has no `source_profile`"),
    ] {
        let (outcome, _) = of_config(used(mode, json!({}))).await;
        let expected = format!("/home/me/.aliyun/config.json: profile `used`: {problem}");
        assert_eq!(outcome, Err(expected), "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn profiles_that_name_each_other_end() {
    let chained = |name, source| json!({ "name": name, "mode": "ChainableRamRoleArn", "source_profile": source, "ram_role_arn": "a" });
    let (outcome, seen) = of_config(json!([chained("used", "other"), chained("other", "used")])).await;
    assert!(outcome.is_err_and(|text| text.contains("does not end")));
    assert!(seen.is_empty());
    let (outcome, _) = of_config(json!([chained("used", "gone")])).await;
    assert!(outcome.is_err_and(|text| text.ends_with("there is no profile `gone`")));
}

#[tokio::test(start_paused = true)]
async fn the_environment_chooses_file_and_profile_of_the_cli() {
    let text = config(&json!([
        { "name": "used", "mode": "AK", "access_key_id": "one", "access_key_secret": "s" },
        { "name": "other", "mode": "AK", "access_key_id": "two", "access_key_secret": "s" },
    ]));
    let of = |variables: &[(&str, &str)], file: &str, source: CliProfile| {
        let machine = machine(variables, &[(file, &text)], &nothing());
        found(source.build(&machine))
    };
    let usual = ".aliyun/config.json";
    assert_eq!(of(&[], usual, CliProfile::new()).await, key("one", "cli_profile/static_ak"));
    let variables = [("ALIBABA_CLOUD_PROFILE", "other")];
    assert_eq!(of(&variables, usual, CliProfile::new()).await, key("two", "cli_profile/static_ak"));
    let explicit = CliProfile::new().profile("used");
    assert_eq!(of(&variables, usual, explicit).await, key("one", "cli_profile/static_ak"));
    let variables = [("ALIBABA_CLOUD_CONFIG_FILE", "/home/me/c")];
    assert_eq!(of(&variables, "c", CliProfile::new()).await, key("one", "cli_profile/static_ak"));
    let variables = [("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")];
    assert!(of(&variables, usual, CliProfile::new()).await.is_err_and(|text| text.contains("switched off")));
}

#[tokio::test(start_paused = true)]
async fn every_type_of_the_profile_file_gives_credentials_or_says_why_not() {
    let text = "[default]\ntype = access_key # c\naccess_key_id = id\naccess_key_secret = s#c\n\
        [role]\ntype=ram_role_arn\naccess_key_id=id\naccess_key_secret=s\nrole_arn=a\nrole_session_name=me\n\
        [ecs]\ntype = ecs_ram_role\nrole_name = web\n\
        [oidc]\ntype = oidc_role_arn\nrole_arn = a\noidc_provider_arn = p\n\
        oidc_token_file_path = /home/me/token\n\
        [rsa]\ntype = rsa_key_pair\npublic_key_id = canary\n[broken]\ntype = access_key\naccess_key_id = id";
    let of = |profile: &str, file: &str| {
        let network = cloud();
        let files = [(file, text), ("token", "oidc")];
        let machine = machine(&[("ALIBABA_CLOUD_PROFILE", profile)], &files, &network);
        found(ProfileFile::new().build(&machine))
    };
    for file in [".alibabacloud/credentials.ini", ".alibabacloud/credentials"] {
        assert_eq!(of("default", file).await, key("id", "profile/static_ak"));
    }
    let file = ".alibabacloud/credentials";
    assert_eq!(of("role", file).await, key("STS.role", "profile/ram_role_arn/static_ak"));
    assert_eq!(of("ecs", file).await, key("STS.ecs", "profile/ecs_ram_role"));
    assert_eq!(of("oidc", file).await, key("STS.role", "profile/oidc_role_arn"));
    for (profile, problem) in [
        ("rsa", "`type = rsa_key_pair` is not supported"),
        ("broken", "it has no `access_key_secret`"),
        ("gone", "it is not there"),
    ] {
        let error = of(profile, file).await.unwrap_err();
        assert!(error.contains(&format!("credentials: profile `{profile}`: {problem}")), "{error}");
    }
    let both = [(".alibabacloud/credentials.ini", text), (".alibabacloud/credentials", "[x]")];
    assert!(ProfileFile::new().build(&machine(&[], &both, &nothing())).provide().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn aws_profiles_give_keys_and_nothing_else() {
    let credentials = "[default]\naws_access_key_id = one\naws_secret_access_key = s#not;a # comment\n\
        [both]\naws_access_key_id = two\naws_secret_access_key = s\naws_session_token = t\n\
        [half]\naws_access_key_id = half\n";
    let config = "[profile both]\naws_access_key_id = no\naws_secret_access_key = s\nregion = us-west-2\n\
        s3 =\n  max_concurrent_requests = 20\n[profile config]\naws_access_key_id = three\n\
        aws_secret_access_key = s\n[profile role]\nrole_arn = a\naws_access_key_id = x\n\
        aws_secret_access_key = s\n[profile sso]\nsso_session = s\n\
        [profile program]\ncredential_process = canary\n[profile empty]\nregion = x\n";
    let files = [(".aws/credentials", credentials), (".aws/config", config)];
    let of = |profile: &str| {
        let machine = machine(&[("AWS_PROFILE", profile)], &files, &nothing());
        found(AwsProfile::new().build(&machine))
    };
    assert_eq!(of("").await, key("one", "shared-credentials-file"));
    assert_eq!(of("both").await, key("two", "shared-credentials-file"));
    assert_eq!(of("config").await, key("three", "config-file"));
    for (profile, problem) in [
        ("half", "it has no `aws_secret_access_key`"),
        ("role", "its `role_arn` is not supported"),
        ("sso", "its `sso_session` is not supported"),
        ("program", "its `credential_process` is not supported"),
        ("empty", "it has no `aws_access_key_id`"),
        ("gone", "it is neither in ~/.aws/credentials nor in ~/.aws/config"),
    ] {
        assert_eq!(of(profile).await, Err(format!("profile `{profile}`: {problem}")));
    }
    let variables = [("AWS_SHARED_CREDENTIALS_FILE", "/home/me/k"), ("AWS_CONFIG_FILE", "/home/me/c")];
    let elsewhere = machine(&variables, &[("k", credentials), ("c", config)], &nothing());
    let key_ = AwsProfile::new().build(&elsewhere).provide().await.unwrap();
    assert_eq!((key_.access_key_secret(), key_.expires_at()), ("s#not;a", None));
    let environment = [("AWS_ACCESS_KEY_ID", "env"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let chain = Chain::aws(&machine(&environment, &files, &nothing()));
    assert_eq!(found(chain).await, key("env", "env"));
    let chain = Chain::aws(&machine(&[], &files, &nothing()));
    assert_eq!(found(chain).await, key("one", "shared-credentials-file"));
}
