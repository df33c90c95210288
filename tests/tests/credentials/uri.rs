//! Credentials that a URL gives.

use std::sync::Arc;

use cloudnet::ProvideCredentials;
use cloudnet::credentials::CredentialsUri;
use cloudnet_tests::machine::{Network, Reply, machine};

use crate::{VARIABLES, cloud, found, key, temporary};

#[tokio::test(start_paused = true)]
async fn a_uri_gives_credentials_and_plain_ones_are_asked_directly() {
    let direct = cloud();
    let far = Network::new(|_| Reply::Answer(200, temporary("STS.far").to_string()));
    let both = machine(VARIABLES[2], &[], &direct).with_transport(Arc::clone(&far) as _);
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
    for (status, body) in [(500, "{}"), (200, r#"{"Code":"No"}"#), (200, "x"), (302, "")] {
        let network = Network::new(move |_| Reply::Answer(status, body.to_owned()));
        let failing = machine(VARIABLES[2], &[], &network);
        assert!(CredentialsUri::new().build(&failing).provide().await.is_err(), "{status} {body}");
    }
}
