//! Access keys in environment variables, as shells and files put them there.

use cloudnet::credentials::Chain;
use cloudnet::{EnvironmentCredentials, ProvideCredentials};
use cloudnet_tests::machine::machine;

use crate::{cloud, found, key, nothing};

#[tokio::test]
async fn white_space_around_a_key_is_cut_off() {
    let prefixes = [
        ("ALIBABA_CLOUD_", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"),
        ("AWS_", "SECRET_ACCESS_KEY", "SESSION_TOKEN"),
    ];
    for (vendor, secret, token) in prefixes {
        let source = match vendor {
            "AWS_" => EnvironmentCredentials::aws(),
            _ => EnvironmentCredentials::alibaba_cloud(),
        };
        let with = |end: &'static str| {
            source.clone().with_lookup(move |name| {
                let value = match name.strip_prefix(vendor)? {
                    "ACCESS_KEY_ID" => "id",
                    part if part == secret => "s e=c/r+et",
                    part if part == token => "token",
                    _ => return None,
                };
                Some(format!("{end}{value}{end}"))
            })
        };
        for end in ["", " ", "\t", "\n", "\r\n", " \n\n"] {
            let key = with(end).provide().await.unwrap();
            let parts = (key.access_key_id(), key.access_key_secret(), key.security_token());
            assert_eq!(parts, ("id", "s e=c/r+et", Some("token")), "{end:?}");
        }
    }
}

#[tokio::test]
async fn a_key_with_a_control_character_inside_is_named_and_not_quoted() {
    for broken in ["canary\nof", "canary\0", "can\tary", "can\u{7f}ary"] {
        let variables = [("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", broken)];
        let source = Chain::alibaba_cloud(&machine(&variables, &[], &nothing()));
        let error = found(source).await.unwrap_err();
        assert!(error.contains("environment: `ALIBABA_CLOUD_ACCESS_KEY_SECRET` has a line break"), "{error}");
        assert!(!error.contains("can") || !error.contains("ary"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn white_space_around_other_variables_is_cut_off_too() {
    let variables = [
        ("ALIBABA_CLOUD_CREDENTIALS_URI", "http://localhost:7002/x?y\n"),
        ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", " true\n"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", " \n"),
    ];
    let source = Chain::alibaba_cloud(&machine(&variables, &[], &cloud()));
    assert_eq!(found(source).await, key("STS.uri", "default/credential_uri"));
}
