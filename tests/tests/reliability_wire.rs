//! What leaves the client: values arrive as they were given, and nothing moves a request elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloudnet::transport::HttpTransport;
use cloudnet::{Credentials, Error, ErrorKind, Network, Signature, ValidationPolicy, dynamic, wire};
use cloudnet::{aws_global_accelerator as aws, endpoint, ga, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::noise::Noise;
use cloudnet_tests::scripted::Scripted;
use cloudnet_tests::server::{KEY_ID, KEY_SECRET, Server, encode};
use serde_json::json;

#[tokio::test]
async fn r27_ten_thousand_values_arrive_as_they_were_given() -> Result<(), Error> {
    const IN_ONE_CALL: usize = 50;
    let server = Server::start();
    let mut noise = Noise::new(27);
    let mut values = 0;
    for (signature, calls) in [(Signature::Acs3HmacSha256, 80), (Signature::AcsRpcHmacSha1, 80)] {
        let client = server.aim(vpc::Client::builder()).signature(signature).build()?;
        for _ in 0..calls {
            let given = given(&mut noise, IN_ONE_CALL);
            let mut call = client.release_eip_address().allocation_id(noise.text(5) + "i");
            for (name, value) in &given {
                call = call.with_extra(name, value);
            }
            let id = call.input().allocation_id.clone();
            call.with_validation(ValidationPolicy::Off).send().await?;
            let mut received = server.last().parameters;
            assert_eq!(
                (received.remove("AllocationId"), received.remove("RegionId")),
                (id, Some("cn-hangzhou".into()))
            );
            assert_eq!(received, given);
            values += given.len();
        }
    }
    let client =
        server.aim(dynamic::builder("aws-global-accelerator")?).validation(ValidationPolicy::Off).build()?;
    for _ in 0..40 {
        let given = given(&mut noise, IN_ONE_CALL);
        let parameters = json!({ "Name": "a", "IdempotencyToken": "t" });
        let mut call = client.call("CreateCustomRoutingAccelerator", &parameters)?;
        for (name, value) in &given {
            call = call.with_extra(name, value);
        }
        server.forget();
        call.send_raw().await?;
        let mut received = server.last().parameters;
        received.retain(|name, _| name.starts_with("Extra"));
        assert_eq!(received, given);
        values += given.len();
    }
    assert_eq!(values, 10_000);
    Ok(())
}

fn given(noise: &mut Noise, count: usize) -> BTreeMap<String, String> {
    (0..count).map(|index| (format!("Extra{index}"), noise.text(8))).collect()
}

#[tokio::test]
async fn r27_what_a_request_cannot_carry_is_found_before_it_is_sent() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let long = failed(client.describe_vpcs().with_extra("Long", "x".repeat(1 << 20)).send().await);
    assert_eq!((long.kind(), long.attempts()), (ErrorKind::Request, 1), "{long}");
    for text in ["a\r\nb: c", "a\nb", "a\0b", "é", "\u{7f}"] {
        let agent = server.aim(vpc::Client::builder()).user_agent(text).build();
        assert_eq!(failed(agent).kind(), ErrorKind::Configuration, "{text:?}");
        for credentials in [
            Credentials::new(KEY_ID, KEY_SECRET).with_security_token(text),
            Credentials::new(text, KEY_SECRET),
        ] {
            let client = server.aim(vpc::Client::builder()).credentials(credentials).build()?;
            let error = failed(client.describe_vpcs().send().await);
            assert_eq!(error.kind(), ErrorKind::Request, "{text:?}: {error}");
            assert!(!format!("{error} {error:?}").contains(text), "{error:?}");
        }
    }
    assert_eq!(server.connections(), 0);
    let client = server.aim(aws::Client::builder()).build()?;
    let call = client.create_custom_routing_endpoint_group().with_extra("Long", "x".repeat(1 << 20));
    failed(call.with_validation(ValidationPolicy::Off).send().await);
    assert_eq!(server.last().parameters["Long"].len(), 1 << 20, "a body has room");
    Ok(())
}

#[test]
fn r28_a_hundred_thousand_texts_are_encoded_as_the_second_way_has_it() {
    let bytes: String = (0..=255).filter_map(char::from_u32).collect();
    assert_eq!(wire::percent_encode(&bytes), encode(&bytes));
    assert_eq!(wire::percent_encode("*~ /+é"), "%2A~%20%2F%2B%C3%A9");
    let mut noise = Noise::new(28);
    for _ in 0..100_000 {
        let text = noise.text(6);
        assert_eq!(wire::percent_encode(&text), encode(&text), "{text:?}");
    }
}

#[tokio::test]
async fn r29_no_region_or_endpoint_moves_a_request() -> Result<(), Error> {
    let server = Server::start();
    let address = server.address();
    let long = "a".repeat(64);
    for region in [
        "x@evil.com:443/#",
        "a/b",
        "..",
        "a.b",
        "a\r\nb",
        "",
        " ",
        "A",
        "é",
        "xn--é",
        "-a",
        "a_b",
        "%2e",
        &long,
    ] {
        for network in [Network::Public, Network::Vpc] {
            let built = vpc::Client::builder().region(region).network(network).build();
            assert_eq!(failed(built).kind(), ErrorKind::Configuration, "{region:?}");
        }
        let built = server.aim(vpc::Client::builder()).region(region).build();
        assert_eq!(failed(built).kind(), ErrorKind::Configuration, "{region:?}");
        for service in dynamic::services() {
            assert!(endpoint::resolve(service, region, Network::Public).is_err(), "{region:?}");
        }
    }
    for endpoint in [
        format!("http://user@{address}"),
        format!("http://user:word@{address}"),
        format!("http://{address}/path"),
        format!("http://{address}/.."),
        format!("http://{address}?a=b"),
        format!("http://{address}#f"),
        format!("http://{address}\r\nx: y"),
        format!("http://evil.example@{address}"),
        format!("http://{address}@evil.example"),
        format!("http://127.1:{}", address.port()),
        format!("http://2130706433:{}", address.port()),
        format!("http://0x7f.1:{}", address.port()),
        format!("http://[::ffff:127.0.0.1%25lo]:{}", address.port()),
        format!("ftp://{address}"),
        format!("http://http://{address}"),
        "http://10.0.0.1".to_owned(),
        "http://localhost.evil.example".to_owned(),
    ] {
        let refused = failed(server.aim(vpc::Client::builder()).endpoint(&endpoint).build());
        assert_eq!(refused.kind(), ErrorKind::Configuration, "{endpoint:?}");
        assert!(!format!("{refused} {refused:?}").contains("word"), "{refused}");
    }
    assert_eq!(server.connections(), 0);
    Ok(())
}

#[tokio::test]
async fn r29_the_region_of_a_request_moves_nothing() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    client.describe_vpcs().region_id("x@evil.com:443/#").send().await?;
    assert_eq!(server.last().parameters["RegionId"], "x@evil.com:443/#");
    assert_eq!(server.last().message.header("host"), Some(server.address().to_string().as_str()));
    Ok(())
}

#[tokio::test]
async fn r29_a_central_service_is_called_and_signed_in_its_region() -> Result<(), Error> {
    let keys = || Credentials::new(KEY_ID, KEY_SECRET);
    for region in [None, Some("eu-west-1"), Some("us-west-2")] {
        for endpoint in [None, Some("https://proxy.example.com")] {
            let sent = Scripted::empty();
            let mut builder = aws::Client::builder().credentials(keys()).transport(sent.clone());
            if let Some(region) = region {
                builder = builder.region(region);
            }
            if let Some(endpoint) = endpoint {
                builder = builder.endpoint(endpoint);
            }
            let call = builder.build()?.create_custom_routing_endpoint_group();
            call.with_validation(ValidationPolicy::Off).send().await?;
            let request = sent.take_last().unwrap();
            let host = if endpoint.is_some() { "proxy.example.com" } else { AWS_HOST };
            assert_eq!(request.uri().host(), Some(host), "{region:?}");
            let signed = request.headers()["authorization"].to_str().unwrap_or_default().to_owned();
            assert!(signed.contains("/us-west-2/globalaccelerator/aws4_request"), "{signed}");
        }
    }
    for (region, given, expected) in
        [(None, None, "cn-hangzhou"), (Some("cn-beijing"), None, "cn-hangzhou"), (None, Some("own"), "own")]
    {
        let sent = Scripted::empty();
        let mut builder = ga::Client::builder().credentials(keys()).transport(sent.clone());
        if let Some(region) = region {
            builder = builder.region(region);
        }
        let call = builder.build()?.create_endpoint_group().accelerator_id("ga-1").listener_id("lsr-1");
        let call = call.endpoint_group_region("cn-beijing");
        let call = match given {
            Some(given) => call.with_extra("RegionId", given),
            None => call,
        };
        call.validate()?;
        call.send().await?;
        let request = sent.take_last().unwrap();
        assert_eq!(request.uri().host(), Some("ga.cn-hangzhou.aliyuncs.com"));
        let query = request.uri().query().unwrap_or_default();
        assert!(query.contains(&format!("RegionId={expected}")), "{query}");
    }
    Ok(())
}

const AWS_HOST: &str = "globalaccelerator.us-west-2.amazonaws.com";

#[tokio::test]
async fn every_action_of_a_host_that_regions_share_names_its_region() -> Result<(), Error> {
    let sent = Scripted::empty();
    let builder = vpc::Client::builder().region("cn-shanghai-finance-1").transport(sent.clone());
    let client = builder.credentials(Credentials::new(KEY_ID, KEY_SECRET)).build()?;
    client.delete_vswitch().vswitch_id("vsw-1").send().await?;
    let request = sent.take_last().unwrap();
    assert_eq!(request.uri().host(), Some("vpc.aliyuncs.com"));
    let query = request.uri().query().unwrap_or_default();
    assert!(query.contains("RegionId=cn-shanghai-finance-1"), "{query}");
    // Whoever adds an action sees to it. The list of regions is the same everywhere.
    for action in dynamic::actions("vpc") {
        let has_region = action.request.fields.iter().any(|field| field.name == "RegionId");
        assert!(has_region || action.name == "DescribeRegions", "{}", action.name);
    }
    Ok(())
}

#[tokio::test]
async fn r31_an_id_is_a_value_and_never_a_path() -> Result<(), Error> {
    let server = Server::start();
    let transport = Arc::new(HttpTransport::new(std::time::Duration::from_secs(3))?);
    for signature in [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1] {
        let builder = server.aim(vpc::Client::builder()).transport(transport.clone());
        let client = builder.signature(signature).build()?;
        for id in [
            "../x",
            "..",
            ".",
            "a?b",
            "a#b",
            "%2e%2e",
            "%2F",
            "a/b",
            "a&AllocationId=b",
            "\\..\\x",
            "//evil.example/",
        ] {
            client.release_eip_address().allocation_id(id).send().await?;
            let arrival = server.last();
            assert_eq!((arrival.message.path(), arrival.parameters["AllocationId"].as_str()), ("/", id));
            assert_eq!(arrival.parameters.len(), 2, "{:?}", arrival.parameters);
        }
    }
    Ok(())
}

#[tokio::test]
async fn r29_no_parameter_takes_the_place_of_the_protocols_own() -> Result<(), Error> {
    let server = Server::start();
    for signature in [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1] {
        for policy in [ValidationPolicy::Deny, ValidationPolicy::Warn, ValidationPolicy::Off] {
            for name in ["Action", "version", "SecurityToken", "SignatureType", "X-Acs-Action", "Format"] {
                let client = server.aim(vpc::Client::builder()).signature(signature).build()?;
                let call = client.describe_vpcs().with_extra(name, "DeleteVpc").with_extra("New", "1");
                let error = failed(call.with_validation(policy).send().await);
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Validation, 0), "{name}: {error}");
                let found: Vec<_> = error.violations().iter().map(|violation| &violation.path).collect();
                assert_eq!(found, [name], "{error}");
                assert!(!error.to_string().contains("DeleteVpc"), "{error}");
                let client = server.aim(dynamic::builder("vpc")?).signature(signature).validation(policy);
                let call = client.build()?.call("DescribeVpcs", &json!({ name: "DeleteVpc" }));
                let outcome = match call {
                    Ok(call) => call.send_raw().await.map(drop),
                    Err(error) => Err(error),
                };
                assert_eq!(failed(outcome).kind(), ErrorKind::Validation, "{name}");
            }
        }
    }
    assert_eq!(server.requests(), 0);
    // The members of a JSON body are the action's own.
    let client = server.aim(aws::Client::builder()).validation(ValidationPolicy::Off).build()?;
    failed(client.create_custom_routing_endpoint_group().with_extra("Action", "x").send().await);
    assert_eq!(server.requests(), 1);
    Ok(())
}

#[tokio::test]
async fn a_json_parameter_is_read_alike_as_text_and_as_an_object() -> Result<(), Error> {
    let server = Server::start();
    let build = |policy| server.aim(dynamic::builder("vpc")?).validation(policy).build();
    let config = json!({ "Psk": "k\"&\\", "IkeVersion": "ikev2" });
    for policy in [ValidationPolicy::Warn, ValidationPolicy::Off] {
        for given in [config.clone(), json!(config.to_string())] {
            let call = build(policy)?.call("CreateVpnConnection", &json!({ "IkeConfig": given }))?;
            drop(call.send_raw().await);
            let sent = serde_json::from_str::<serde_json::Value>(&server.last().parameters["IkeConfig"]);
            assert_eq!(sent.ok().as_ref(), Some(&config));
        }
        // What no table has is sent where it was given.
        let newer = json!({ "psk": "k", "IkeVersion": "ikev2", "New": { "A": [1] } });
        for given in [newer.clone(), json!(newer.to_string())] {
            let call = build(policy)?.call("CreateVpnConnection", &json!({ "IkeConfig": given }))?;
            drop(call.send_raw().await);
            let received = server.last().parameters;
            let sent = serde_json::from_str::<serde_json::Value>(&received["IkeConfig"]);
            assert_eq!(sent.ok().as_ref(), Some(&newer));
            assert!(!received.keys().any(|name| name.starts_with("IkeConfig.")), "{received:?}");
        }
    }
    for policy in [ValidationPolicy::Deny, ValidationPolicy::Warn, ValidationPolicy::Off] {
        for (parameters, rule) in [
            (json!({ "IkeConfig": "{\"Psk\": \"x\", oops" }), "at line 1 column 14"),
            (json!({ "IkeConfig": "[]" }), "IkeConfig: must be a JSON object"),
            (json!({ "IkeConfig": 7 }), "IkeConfig: must be a JSON object"),
            (
                json!({ "IkeConfig": "{\"IkeLifetime\": \"long\"}" }),
                "IkeConfig.IkeLifetime: must be a whole number",
            ),
            (
                json!({ "EffectImmediately": "maybe" }),
                "EffectImmediately: must be true or false, not \"maybe\"",
            ),
            (json!({ "TunnelOptionsSpecification": {} }), "TunnelOptionsSpecification: must be a list"),
            (json!({ "Name": ["x"] }), "Name: must be text"),
        ] {
            let refused = build(policy)?.call("CreateVpnConnection", &parameters).err();
            let said = refused.map(|error| error.to_string()).unwrap_or_default();
            assert!(said.contains(rule), "{parameters}: {said}");
        }
    }
    Ok(())
}
