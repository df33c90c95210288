//! Endpoints that environment variables name.

use std::sync::Arc;

use cloudnet::schema::Protocol;
use cloudnet::{ClientBuilder, Error, ErrorKind, ServiceClient as _, dynamic, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::Scripted;
use cloudnet_tests::server::{KEY_ID, KEY_SECRET, Server};
use serde_json::json;

use crate::things::GlobalThings;

const ALL_ALIBABA: &str = "ALIBABA_CLOUD_ENDPOINT";
const ALL_AWS: &str = "AWS_ENDPOINT_URL";
const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// An environment with these variables.
fn with<C>(builder: ClientBuilder<C>, variables: &[(&str, &str)]) -> ClientBuilder<C> {
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let owned: Vec<_> = owned.collect();
    builder.variables(move |name| Some(owned.iter().find(|(known, _)| known == name)?.1.clone()))
}

/// A client of a service, by its name, where there is no network.
fn built(
    service: &str,
    variables: &[(&str, &str)],
    change: impl FnOnce(ClientBuilder<dynamic::Client>) -> ClientBuilder<dynamic::Client>,
) -> Result<dynamic::Client, Error> {
    let builder = dynamic::builder(service)?.region("cn-hangzhou").transport(Scripted::empty());
    change(with(builder, variables)).build()
}

fn endpoint(service: &str, variables: &[(&str, &str)]) -> Result<String, Error> {
    Ok(built(service, variables, |builder| builder)?.endpoint().to_owned())
}

#[test]
fn every_service_has_a_variable_of_its_own() -> Result<(), Error> {
    let expected = [
        ("vpc", "ALIBABA_CLOUD_ENDPOINT_VPC"),
        ("ga", "ALIBABA_CLOUD_ENDPOINT_GA"),
        ("privatelink", "ALIBABA_CLOUD_ENDPOINT_PRIVATELINK"),
        ("aws-global-accelerator", "AWS_ENDPOINT_URL_GLOBAL_ACCELERATOR"),
    ];
    for (service, variable) in expected {
        let found = endpoint(service, &[(variable, "own.example.com:8443")])?;
        assert_eq!(found, "https://own.example.com:8443", "{service}");
    }
    let mut found: Vec<_> =
        dynamic::services().map(|service| (service.name, service.endpoints.variable)).collect();
    let mut expected = expected.map(|(service, variable)| (service, Some(variable)));
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "whoever adds a service names its variable");
    Ok(())
}

#[test]
fn a_variable_of_the_vendor_counts_for_all_its_services_and_no_other() -> Result<(), Error> {
    let both = [(ALL_ALIBABA, "alibaba.example.com"), (ALL_AWS, "https://aws.example.com/")];
    for service in dynamic::services() {
        let expected = match service.protocol {
            Protocol::AcsRpc => "https://alibaba.example.com",
            _ => "https://aws.example.com",
        };
        assert_eq!(endpoint(service.name, &both)?, expected, "{}", service.name);
    }
    let none =
        endpoint("vpc", &[("ALIBABA_CLOUD_ENDPOINT_GA", "ga.example.com"), (ALL_AWS, "aws.example.com")])?;
    assert_eq!(none, "https://vpc.aliyuncs.com");
    // One that has none of its own still has the vendor's.
    let builder = with(GlobalThings::builder().transport(Scripted::empty()), &both);
    assert_eq!(builder.build()?.endpoint(), "https://aws.example.com");
    Ok(())
}

#[test]
fn what_is_set_wins_over_the_services_variable_and_that_over_the_vendors() -> Result<(), Error> {
    for (service, of_service, of_vendor, by_table) in [
        ("vpc", "ALIBABA_CLOUD_ENDPOINT_VPC", ALL_ALIBABA, "https://vpc.aliyuncs.com"),
        (
            "aws-global-accelerator",
            "AWS_ENDPOINT_URL_GLOBAL_ACCELERATOR",
            ALL_AWS,
            "https://globalaccelerator.us-west-2.amazonaws.com",
        ),
    ] {
        let both = [(of_vendor, "vendor.example.com"), (of_service, "\t service.example.com \n")];
        assert_eq!(endpoint(service, &both)?, "https://service.example.com");
        let set = built(service, &both, |builder| builder.endpoint("set.example.com"))?;
        assert_eq!(set.endpoint(), "https://set.example.com");
        for empty in ["", "  "] {
            let found = endpoint(service, &[(of_service, empty), (of_vendor, "vendor.example.com")])?;
            assert_eq!(found, "https://vendor.example.com", "an empty variable counts as missing");
            assert_eq!(endpoint(service, &[(of_service, empty), (of_vendor, empty)])?, by_table);
        }
        // What is not asked for is not looked at.
        let wrong = [(of_service, "ftp://x"), (of_vendor, "ftp://x")];
        assert!(built(service, &wrong, |builder| builder.endpoint("set.example.com")).is_ok());
    }
    Ok(())
}

#[test]
fn a_switch_of_aws_turns_its_variables_off_and_no_others() -> Result<(), Error> {
    const OWN: &str = "AWS_ENDPOINT_URL_GLOBAL_ACCELERATOR";
    let service = "aws-global-accelerator";
    for (switch, is_off) in [("true", true), ("TRUE", true), ("false", false), ("", false), ("1", false)] {
        for name in [OWN, ALL_AWS] {
            let found = endpoint(service, &[(name, "aws.example.com"), (IGNORE, switch)])?;
            assert_eq!(found != "https://aws.example.com", is_off, "{name} {switch}");
        }
        let set = built(service, &[(IGNORE, switch)], |builder| builder.endpoint("set.example.com"))?;
        assert_eq!(set.endpoint(), "https://set.example.com");
        let found = endpoint("vpc", &[(ALL_ALIBABA, "alibaba.example.com"), (IGNORE, switch)])?;
        assert_eq!(found, "https://alibaba.example.com");
    }
    Ok(())
}

#[test]
fn a_variable_passes_the_guards_of_an_endpoint_that_is_set_and_is_not_quoted() {
    const REFUSED: &[&str] = &[
        "https://user:hunter2@example.com",
        "http://hunter2.example.com",
        "http://10.0.0.1/?hunter2",
        "http://localhost.hunter2.example",
        "ftp://hunter2.example.com",
        "https://example.com/hunter2",
        "example.com?hunter2",
        "example.com#hunter2",
        "example.com:hunter2",
        "hunter2\r\nx: y",
        "http://127.1",
    ];
    for (service, name) in [
        ("vpc", "ALIBABA_CLOUD_ENDPOINT_VPC"),
        ("ga", ALL_ALIBABA),
        ("aws-global-accelerator", "AWS_ENDPOINT_URL_GLOBAL_ACCELERATOR"),
        ("aws-global-accelerator", ALL_AWS),
    ] {
        for value in REFUSED {
            let error = failed(built(service, &[(name, value)], |builder| builder));
            let set = failed(built(service, &[], |builder| builder.endpoint(*value)));
            let said = set.message().replace("the endpoint is", &format!("the endpoint in {name} is"));
            assert_eq!((error.kind(), error.message()), (ErrorKind::Configuration, said.as_str()));
            assert!(error.message().starts_with(&format!("the endpoint in {name} is refused: ")), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        let plain = [(name, "http://10.0.0.1:8080")];
        let allowed = built(service, &plain, |builder| builder.allow_plain_http(true));
        assert_eq!(allowed.map(|client| client.endpoint().to_owned()).ok().as_deref(), Some(plain[0].1));
        assert_eq!(endpoint(service, &[(name, "http://[::1]:80/")]).ok().as_deref(), Some("http://[::1]"));
    }
    let builder = with(vpc::Client::builder(), &[(ALL_ALIBABA, "https://user:hunter2@h")]);
    assert!(!format!("{builder:?}").contains("hunter2"));
}

#[tokio::test]
async fn the_host_that_is_signed_is_that_of_the_variable_and_the_region_stays() -> Result<(), Error> {
    // The server takes no call whose signature does not cover the host that it was sent to.
    let server = Server::start();
    let host = server.address().to_string();
    let group = json!({
        "ListenerArn": "arn:aws:globalaccelerator::1:accelerator/a/listener/l", "EndpointGroupRegion": "eu-west-1",
        "DestinationConfigurations": [{ "FromPort": 1, "ToPort": 2, "Protocols": ["TCP"] }],
    });
    for (service, action, parameters, region, scope) in [
        ("vpc", "DescribeVpcs", &json!({}), "cn-beijing", None),
        (
            "aws-global-accelerator",
            "CreateCustomRoutingEndpointGroup",
            &group,
            "eu-west-1",
            Some("us-west-2"),
        ),
    ] {
        let url = server.url();
        let variables = [
            (ALL_ALIBABA, url.as_str()),
            (ALL_AWS, url.as_str()),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", KEY_SECRET),
            ("AWS_ACCESS_KEY_ID", KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", KEY_SECRET),
        ];
        let builder = with(dynamic::builder(service)?, &variables).region(region);
        let builder = builder.clock(Arc::new(server.clock()));
        let client = builder.credentials_from_environment().build()?;
        client.call(action, parameters)?.send_raw().await?;
        assert_eq!((client.endpoint(), client.region()), (url.as_str(), region));
        let arrived = server.last();
        assert_eq!(arrived.message.header("host"), Some(host.as_str()));
        match scope {
            None => assert_eq!(arrived.parameters["RegionId"], region),
            Some(signed_for) => {
                let signed = arrived.message.header("authorization").unwrap_or_default();
                assert!(signed.contains(&format!("/{signed_for}/globalaccelerator/")), "{signed}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn credentials_come_from_the_same_variables() -> Result<(), Error> {
    type Change = fn(ClientBuilder<vpc::Client>) -> ClientBuilder<vpc::Client>;
    let variables =
        [("ALIBABA_CLOUD_ACCESS_KEY_ID", "id-of-variable"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s")];
    let changes: [Change; 2] = [|builder| builder, |builder| builder.credentials_from_environment()];
    for change in changes {
        let sent = Scripted::empty();
        let builder = change(vpc::Client::builder().region("cn-hangzhou").transport(sent.clone()));
        with(builder, &variables).build()?.describe_vpcs().send().await?;
        let request = sent.take_last().unwrap();
        let signed = request.headers()["authorization"].to_str().unwrap_or_default().to_owned();
        assert!(signed.contains("Credential=id-of-variable,"), "{signed}");
    }
    Ok(())
}
