//! Profiles in files.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::ProvideCredentials;
use cloudnet::credentials::{AwsProfile, CachedCredentials, Chain, CliProfile, ProfileFile, ProviderConfig};
use cloudnet_tests::machine::{Seen, machine};
use serde_json::json;
use tokio::time::advance;

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
        ("RsaKeyPair", "its mode `RsaKeyPair` is not supported"),
        ("BearerToken", "its mode `BearerToken` is not supported"),
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

#[tokio::test(start_paused = true)]
async fn the_key_of_a_login_serves_until_it_ends() {
    // 2024-03-05T06:07:08Z is second 1,709,618,828.
    const NOW: u64 = 1_709_618_828;
    for (mode, provider) in [("CloudSSO", "cloud_sso"), ("OAuth", "oauth")] {
        let profile = |expiration: u64| {
            json!([{
                "name": "used", "mode": mode, "access_key_id": "STS.id", "access_key_secret": "s\n",
                "sts_token": "t", "sts_expiration": expiration, "access_token": "canary",
            }])
        };
        let (outcome, _) = of_config(profile(NOW + 60)).await;
        assert_eq!(outcome, key("STS.id", &format!("cli_profile/{provider}")));
        let login = format!("log in with `aliyun configure --mode {mode} --profile used`");
        let missing = json!([{ "name": "used", "mode": mode, "sts_expiration": NOW + 60 }]);
        for (profiles, problem) in [
            (profile(NOW + 9), "its temporary key expired"),
            (profile(0), "its temporary key expired"),
            (missing, "it has no temporary key"),
        ] {
            let (outcome, seen) = of_config(profiles).await;
            let expected = format!("/home/me/.aliyun/config.json: profile `used`: {problem}; {login}");
            assert_eq!(outcome, Err(expected));
            assert!(seen.is_empty());
        }
        let (outcome, _) = of_config(profile(u64::MAX)).await;
        assert!(outcome.is_err_and(|text| text.contains("`sts_expiration` is no time")));
        let chained = json!([
            { "name": "used", "mode": "ChainableRamRoleArn", "source_profile": "login", "ram_role_arn": "a" },
            { "name": "login", "mode": mode, "access_key_id": "STS.id", "access_key_secret": "s",
              "sts_token": "t", "sts_expiration": NOW + 60 },
        ]);
        assert_eq!(
            of_config(chained).await.0,
            key("STS.role", &format!("cli_profile/ram_role_arn/{provider}"))
        );
    }
}

/// A machine with one file, which changes.
fn changing(text: &Arc<Mutex<String>>) -> ProviderConfig {
    let text = Arc::clone(text);
    machine(&[], &[], &nothing()).with_files(move |_| Ok(text.lock().unwrap().clone().into_bytes()))
}

#[tokio::test(start_paused = true)]
async fn files_are_read_anew_after_a_quarter_of_an_hour() {
    let cli = |id: &str, mode: &str| {
        config(
            &json!([{ "name": "used", "mode": mode, "access_key_id": id, "access_key_secret": "s", "sts_token": "t" }]),
        )
    };
    type Write<'a> = &'a dyn Fn(&str) -> String;
    type Build = fn(&ProviderConfig) -> CachedCredentials;
    let sources: [(Write<'_>, Build); 5] = [
        (&|id| cli(id, "StsToken"), |machine| CliProfile::new().build(machine)),
        (&|id| cli(id, "AK"), |machine| CliProfile::new().build(machine)),
        (&|id| format!("[default]\ntype=access_key\naccess_key_id={id}\naccess_key_secret=s"), |machine| {
            ProfileFile::new().build(machine)
        }),
        (&|id| format!("[default]\naws_access_key_id={id}\naws_secret_access_key=s"), |machine| {
            AwsProfile::new().build(machine)
        }),
        (
            &|id| format!("[default]\naws_access_key_id={id}\naws_secret_access_key=s\naws_session_token=t"),
            |machine| AwsProfile::new().build(machine),
        ),
    ];
    for (write, build) in sources {
        let text = Arc::new(Mutex::new(write("old")));
        let source = build(&changing(&text));
        let now = async || {
            let key = source.provide().await.map(|key| key.access_key_id().to_owned());
            tokio::task::yield_now().await;
            key
        };
        assert_eq!(now().await, Ok("old".to_owned()));
        *text.lock().unwrap() = write("new");
        advance(Duration::from_secs(599)).await;
        assert_eq!(now().await, Ok("old".to_owned()));
        assert_eq!(now().await, Ok("old".to_owned()));
        advance(Duration::from_secs(301)).await;
        // One that may have ended is not used again, and any other serves while the file is read.
        let key = source.provide().await.unwrap();
        assert!(key.access_key_id() == "new" || key.security_token().is_none(), "{key:?}");
        tokio::task::yield_now().await;
        assert_eq!(now().await, Ok("new".to_owned()));
        *text.lock().unwrap() = write("newest");
        let refused = source.provide().await.unwrap();
        assert!(source.reject(&refused));
        assert_eq!(now().await, Ok("newest".to_owned()), "at once if the service refuses it");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_without_an_end_outlive_their_file() {
    let text = Arc::new(Mutex::new("[default]\naws_access_key_id=id\naws_secret_access_key=s".to_owned()));
    let source = AwsProfile::new().build(&changing(&text));
    for _ in 0..5 {
        assert!(source.provide().await.is_ok_and(|key| key.expires_at().is_none()));
        *text.lock().unwrap() = String::new();
        advance(Duration::from_secs(3_600)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn files_that_are_named_need_no_home() {
    let keys = "[default]\naws_access_key_id = one\naws_secret_access_key = s\n";
    let config = "[default]\naws_access_key_id = two\naws_secret_access_key = s\n\
        [profile default]\naws_access_key_id = three\naws_secret_access_key = s\n";
    let of = |variables: &[(&'static str, &'static str)]| {
        let variables = variables.to_vec();
        let files = |path: &Path| match path.to_str() {
            Some("/k") => Ok(keys.into()),
            Some("/c") => Ok(config.into()),
            _ => Err(io::ErrorKind::NotFound.into()),
        };
        let homeless = ProviderConfig::empty().with_files(files).with_variables(move |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        });
        found(AwsProfile::new().build(&homeless))
    };
    let (in_keys, in_config) = (("AWS_SHARED_CREDENTIALS_FILE", "/k\n"), ("AWS_CONFIG_FILE", "/c"));
    assert_eq!(of(&[in_keys]).await, key("one", "shared-credentials-file"));
    assert_eq!(of(&[in_config]).await, key("three", "config-file"), "AWS prefers it to `[default]`");
    assert_eq!(of(&[in_keys, in_config]).await, key("one", "shared-credentials-file"));
    assert_eq!(of(&[]).await, Err("there is no home folder to find .aws/credentials in".to_owned()));
    let gone = of(&[("AWS_SHARED_CREDENTIALS_FILE", "/gone")]).await;
    assert_eq!(gone, Err("profile `default`: it is neither in /gone nor in ~/.aws/config".to_owned()));
    let home = machine(&[("AWS_SHARED_CREDENTIALS_FILE", "~/k")], &[("k", keys)], &nothing());
    assert_eq!(found(AwsProfile::new().build(&home)).await, key("one", "shared-credentials-file"));
}

#[tokio::test]
async fn a_file_may_have_a_mebibyte() {
    let path = std::env::temp_dir().join(format!("cloudnet-profile-{}", std::process::id()));
    let text = "[default]\ntype=access_key\naccess_key_id=id\naccess_key_secret=s\n#";
    let of = |length: usize| {
        std::fs::write(&path, text.to_owned() + &"#".repeat(length - text.len())).unwrap();
        found(ProfileFile::new().profile("default").file(&path).build(&ProviderConfig::of_process()))
    };
    assert_eq!(of(1 << 20).await, key("id", "profile/static_ak"));
    let error = of((1 << 20) + 1).await.unwrap_err();
    assert_eq!(error, format!("{}: file too large", path.display()));
    std::fs::remove_file(&path).unwrap();
}
