//! Credentials that a URL gives.

use cloudnet::ProvideCredentials;
use cloudnet::credentials::CredentialsUri;
use cloudnet_tests::machine::{Network, Reply, machine};

use crate::{VARIABLES, cloud, found, key, temporary};

#[tokio::test(start_paused = true)]
async fn a_uri_gives_credentials_and_plain_ones_are_asked_directly() {
    let direct = cloud();
    let far = Network::new(|_| Reply::Answer(200, temporary("STS.far").to_string()));
    let both = machine(VARIABLES[2], &[], &direct).with_transport(far.transport());
    assert_eq!(found(CredentialsUri::new().build(&both)).await, key("STS.uri", "credential_uri"));
    assert_eq!(direct.lines(), ["GET http://localhost:7002/x"]);
    let source = CredentialsUri::new().uri("https://vault.example.com/canary").build(&both);
    assert_eq!(found(source).await, key("STS.far", "credential_uri"));
    for refused in ["ftp://canary", "canary", "/canary", "http://canary host/"] {
        let source = CredentialsUri::new().uri(refused).build(&both);
        let printed = format!("{source:?}");
        let error = found(source).await.unwrap_err();
        assert!(!error.contains("canary") && !printed.contains("canary"), "{error} {printed}");
    }
    let whole = temporary("STS.uri").to_string();
    let mut endless = temporary("STS.uri");
    endless.as_object_mut().unwrap().remove("Expiration");
    for (status, body) in [
        (500, whole.clone()),
        (203, whole),
        (200, endless.to_string()),
        (200, r#"{"Code":"No"}"#.to_owned()),
        (200, "x".to_owned()),
        (302, String::new()),
    ] {
        let network = Network::new({
            let body = body.clone();
            move |_| Reply::Answer(status, body.clone())
        });
        let failing = machine(VARIABLES[2], &[], &network);
        assert!(CredentialsUri::new().build(&failing).provide().await.is_err(), "{status} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_key_is_read_in_all_ways_to_write_it() {
    for (written, is_fine) in [
        ("2024-03-05T07:07:08Z", true),
        ("2024-03-05T07:07:08.123Z", true),
        ("2024-03-05T15:07:08+08:00", true),
        ("2024-03-05T06:07:17+00:00", false),
        ("2024-03-05T07:07:08", false),
        ("1709622428", false),
    ] {
        let mut answer = temporary("STS.uri");
        answer["Expiration"] = written.into();
        answer["AccessKeySecret"] = " canary\r\n".into();
        let network = Network::new(move |_| Reply::Answer(200, answer.to_string()));
        let outcome = CredentialsUri::new().build(&machine(VARIABLES[2], &[], &network)).provide().await;
        assert_eq!(outcome.is_ok(), is_fine, "{written} {outcome:?}");
        assert!(outcome.is_ok_and(|key| key.access_key_secret() == "canary") || !is_fine);
    }
    let mut answer = temporary("STS.uri");
    answer["AccessKeySecret"] = "can\nary".into();
    let network = Network::new(move |_| Reply::Answer(200, answer.to_string()));
    let error = found(CredentialsUri::new().build(&machine(VARIABLES[2], &[], &network))).await.unwrap_err();
    assert!(
        error.starts_with("the answer of the credentials URI: `AccessKeySecret` has a line break"),
        "{error}"
    );
    assert!(!error.contains("ary"), "{error}");
}
