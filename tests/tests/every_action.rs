//! Every action of the specs against the server, with parameters made from its own table: by name
//! in the library and through the `call` program, in every signature of its protocol.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cloudnet::transport::HttpTransport;
use cloudnet::{Error, Signature, dynamic};
use cloudnet_codegen::model::{Action, Service, Shape, Type};
use cloudnet_tests::failed;
use cloudnet_tests::sample::{self, Extent};
use cloudnet_tests::server::{self, Answer, Arrival, KEY_ID, KEY_SECRET, Parameters, Server, catalog};
use serde_json::{Value as Json, json};
use tokio::process::Command;

/// Every action, with each signature that its protocol has.
fn calls() -> impl Iterator<Item = (&'static Service, &'static Action, Signature)> {
    const ACS: &[Signature] = &[Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1];
    const AWS: &[Signature] = &[Signature::AwsSigV4];
    catalog::actions().flat_map(|(service, action)| {
        let signatures = if catalog::is_json(service) { AWS } else { ACS };
        signatures.iter().map(move |signature| (service, action, *signature))
    })
}

#[tokio::test]
async fn every_action_by_name() -> Result<(), Error> {
    let server = Server::start();
    let transport = Arc::new(HttpTransport::new(Duration::from_secs(3))?);
    let mut called = 0;
    for (service, action, signature) in calls() {
        let builder = server.aim(dynamic::builder(&service.spec.name.value)?);
        let client = builder.transport(transport.clone()).signature(signature).build()?;
        for extent in [Extent::Least, Extent::Most] {
            let parameters = sample::parameters(&action.request, extent);
            let name = &action.spec.name.value;
            let response = client.call(name, &parameters)?.send_raw().await;
            let response = response.unwrap_or_else(|error| panic!("{extent:?} {parameters}: {error}"));
            let arrival = server.last();
            assert_received(action, &parameters, &arrival);
            assert_eq!(response.body(), &arrival.answer.body, "{name}");
            assert_eq!(response.attempts(), 1, "{name}");
            called += server.requests();
            // The next calls make up IDs that a server with a memory would not know.
            server.forget();
        }
    }
    let described = catalog::actions().count();
    assert!(called > 3 * described && called == 2 * calls().count(), "{called} calls of {described} actions");
    Ok(())
}

#[tokio::test]
async fn what_the_service_may_accept_is_sent() -> Result<(), Error> {
    let server = Server::start();
    let transport = Arc::new(HttpTransport::new(Duration::from_secs(3))?);
    let client = server.aim(dynamic::builder("vpc")?).transport(transport).build()?;
    let region = "cn-hangzhou";
    let subnets = "172.16.1.0/24,172.16.2.0/24";
    let forward = json!({ "RegionId": region, "ForwardTableId": "ftb-1", "ExternalIp": "192.0.2.7", "InternalIp": "10.0.0.7",
        "ExternalPort": "80/90", "InternalPort": "80/90", "IpProtocol": "tcp" });
    for (name, parameters) in [
        (
            "CreateSslVpnServer",
            json!({ "RegionId": region, "VpnGatewayId": "vpn-1", "ClientIpPool": "192.168.1.0/24", "LocalSubnet": subnets }),
        ),
        ("CreateForwardEntry", forward.clone()),
        (
            "CreateCommonBandwidthPackage",
            json!({ "RegionId": region, "Bandwidth": 5, "Ratio": 100, "InternetChargeType": "PayByBandwidth" }),
        ),
        (
            "CreatePhysicalConnection",
            json!({ "RegionId": region, "AccessPointId": "ap-1", "LineOperator": "CT", "bandwidth": 10 }),
        ),
        (
            "AllocateEipAddress",
            json!({ "RegionId": region, "Bandwidth": "1000", "InternetChargeType": "PayByTraffic", "InstanceChargeType": "PostPaid" }),
        ),
    ] {
        let sent = client.call(name, &parameters)?.send_raw().await;
        assert!(sent.is_ok(), "{name}: {sent:?}");
    }
    let mut any = forward;
    any["IpProtocol"] = json!("any");
    let refused = client.call("CreateForwardEntry", &any)?.send_raw().await;
    assert!(refused.is_err(), "the ports of any must be any");
    Ok(())
}

#[tokio::test]
async fn every_action_through_the_program() {
    let server = Server::start();
    // Starting a program takes its time, so each action has one of the signatures, in turn; a
    // service with another one uses that.
    for ((service, action), signature) in catalog::actions().zip(["acs3", "rpc"].into_iter().cycle()) {
        server.forget();
        let parameters = sample::parameters(&action.request, Extent::Most);
        let name = &action.spec.name.value;
        let output = program(&server)
            .args([&service.spec.name.value, name, &parameters.to_string()])
            .args(["--signature", signature])
            .output()
            .await
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name} {parameters}: {errors}");
        let arrival = server.last();
        assert_eq!(&arrival.action, name);
        assert_received(action, &parameters, &arrival);
        assert_eq!(output.stdout.trim_ascii_end(), arrival.answer.body, "{name}");
        assert_eq!(server.requests(), 1, "{name}");
    }
}

#[tokio::test]
async fn the_program_says_what_is_wrong_and_how() {
    let server = Server::start();
    for (arguments, code, says) in [
        (&["vpc", "DeleteVpc", "{}"][..], 2, "VpcId"),
        (&["vpc", "NoSuchAction", "{}"], 2, "NoSuchAction"),
        (&["vpc", "DescribeVpcs", "{"], 2, "no JSON"),
        (&["vpc", "DescribeVpcs", "{}", "--validate", "maybe"], 2, "deny, warn or off"),
        (&["vpc", "DescribeVpcs", r#"{"Nothing":1}"#], 2, "Nothing"),
        (&["vpc", "DeleteVpc", "{}", "--validate", "off"], 1, "MissingParameter"),
        (&["vpc", "DeleteVpc", "{}", "--unchecked", "VpcId"], 2, "NAME=VALUE"),
        (&["vpc", "DeleteVpc", "{}", "--unchecked", "Surprise=x"], 2, "VpcId"),
        (&["vpc", "CreateVpnGateway", r#"{"Bandwidth":"much"}"#], 2, "Bandwidth: must be"),
        (&["vpc", "CreateVpnGateway", r#"{"Bandwidth":"much"}"#, "--validate", "off"], 2, "not \"much\""),
        (&["vpc", "CreateVpnConnection", r#"{"IkeConfig":"{\"Psk\": 1, oops"}"#], 2, "at line 1 column 12"),
        (
            &["vpc", "DeleteVpc", r#"{"Action":"x"}"#, "--validate", "off"],
            2,
            "Action: is set by the protocol",
        ),
    ] {
        let output = program(&server).args(arguments).output().await.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.contains(says) && output.stdout.is_empty(), "{arguments:?}: {errors}");
    }
    assert_eq!(server.requests(), 1);
    let unchecked = ["vpc", "DeleteVpc", "{}", "--unchecked", "VpcId=vpc-9"];
    let output = program(&server).args(unchecked).output().await.unwrap();
    assert_eq!((output.status.code(), server.requests()), (Some(0), 2), "{output:?}");
}

#[tokio::test]
async fn the_program_finds_the_endpoint_in_the_environment() {
    let server = Server::start();
    let arguments = ["vpc", "DescribeVpcs", "{}", "--region", "cn-hangzhou"];
    for name in ["ALIBABA_CLOUD_ENDPOINT_VPC", "ALIBABA_CLOUD_ENDPOINT"] {
        let output =
            program_with_keys(&server).args(arguments).env(name, server.url()).output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
        let output =
            program_with_keys(&server).args(arguments).env(name, "http://u:hunter2@h").output().await;
        let errors = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap();
        assert!(errors.contains(name) && !errors.contains("hunter2"), "{errors}");
    }
    assert_eq!(server.requests(), 2);
}

fn program(server: &Server) -> Command {
    let mut program = program_with_keys(server);
    program.args(["--endpoint", &server.url(), "--region", "cn-hangzhou"]);
    program
}

/// The `call` example, on the real clock: so the server's is put right too.
fn program_with_keys(server: &Server) -> Command {
    let behind = SystemTime::now().duration_since(server.time().now());
    server.time().advance(behind.unwrap_or_default());
    let mut program = Command::new(env!("CARGO_BIN_EXE_cloudnet-call"));
    program.env_clear().stdin(Stdio::null());
    for (id, secret) in [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ] {
        program.env(id, KEY_ID).env(secret, KEY_SECRET);
    }
    program
}

/// The server must have received what was given, what the client fills in, and nothing else.
fn assert_received(action: &'static Action, parameters: &Json, arrival: &Arrival) {
    let name = &action.spec.name.value;
    assert_eq!((&arrival.action, &arrival.refused), (name, &None), "{parameters}");
    let mut expected = server::flatten(parameters);
    for (name, text) in json_texts(&action.request, parameters) {
        expected.retain(|known, _| !known.starts_with(&format!("{name}.")));
        expected.insert(name, text);
    }
    let fill = |expected: &mut Parameters, name: &str, value: Option<&String>| {
        let is_known = action.request.fields.iter().any(|field| field.name == name);
        if let Some(value) = value.filter(|_| is_known) {
            expected.entry(name.to_owned()).or_insert_with(|| value.clone());
        }
    };
    fill(&mut expected, "RegionId", Some(&"cn-hangzhou".to_owned()));
    if let Some(token) = &action.spec.idempotency {
        fill(&mut expected, &token.value, arrival.parameters.get(&token.value));
    }
    let mut received = arrival.parameters.clone();
    for (name, _) in json_texts(&action.request, parameters) {
        let sorted = received.get(&name).and_then(|text| serde_json::from_str::<Json>(text).ok());
        received.extend(sorted.map(|json| (name, json.to_string())));
    }
    assert_eq!(received, expected, "{name}");
}

/// Objects that travel as one JSON text.
fn json_texts(shape: &Shape, parameters: &Json) -> Vec<(String, String)> {
    let is_json = |ty: &Type| matches!(ty, Type::Json(_));
    let fields = shape.fields.iter().filter(|field| is_json(&field.ty));
    let text = |name: &String| Some((name.clone(), parameters.get(name)?.to_string()));
    fields.filter_map(|field| text(&field.name)).collect()
}

#[tokio::test]
async fn r15_a_success_that_says_it_failed() -> Result<(), Error> {
    let server = Server::start();
    let body = r#"{"Success":false,"Code":"QuotaExceeded.Thing","Message":"no"}"#;
    let transport = Arc::new(HttpTransport::new(Duration::from_secs(3))?);
    for (service, action, signature) in calls() {
        let builder = server.aim(dynamic::builder(&service.spec.name.value)?);
        let client = builder.transport(transport.clone()).signature(signature).build()?;
        let parameters = sample::parameters(&action.request, Extent::Least);
        server.fault_next(server::Fault::answer(200, body));
        let result = client.call(&action.spec.name.value, &parameters)?.send_raw().await;
        let says_so = action.response.fields.iter().any(|field| field.name.eq_ignore_ascii_case("Success"));
        assert_eq!(result.is_err(), says_so, "{}", action.spec.name.value);
        if says_so {
            assert_eq!(failed(result).code(), Some("QuotaExceeded.Thing"));
            let passing = body.replace("QuotaExceeded.Thing", "Throttling.User");
            server.fault_next(server::Fault::answer(200, passing));
            client.call(&action.spec.name.value, &parameters)?.send_raw().await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_program_waits_and_tells_what_it_sees() {
    const GIVEN: &str = r#"{"VSwitchId":"vsw-1"}"#;
    let seen = |id: &str, state: &str| Answer::ok(&json!({ "VSwitchId": id, "Status": state }));
    for (action, parameters, poll, code, says) in [
        ("ModifyVSwitchAttribute", GIVEN, seen("vsw-1", "Available"), 0, "VSwitchId vsw-1: Available ("),
        ("DeleteVSwitch", GIVEN, seen("", ""), 0, "VSwitchId vsw-1: (gone) ("),
        ("DeleteVSwitch", GIVEN, Answer::code(403, "NoPermission"), 1, "DeleteVSwitch was applied"),
        ("DeleteVSwitch", "{}", seen("", ""), 2, "VSwitchId"),
    ] {
        let server = Server::start();
        server.script(move |action, _| {
            let is_poll = action == "DescribeVSwitchAttributes";
            Some(if is_poll { poll.clone() } else { Answer::ok(&json!({ "RequestId": "r" })) })
        });
        let output = program(&server).args(["vpc", action, parameters, "--wait"]).output().await.unwrap();
        let (answer, states) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{action} {parameters}: {states}");
        assert!(states.contains(says), "{action} {parameters}: {states}");
        // The answer of the call is printed once, also where the wait fails, and nothing else is.
        assert_eq!(answer, if code == 2 { "" } else { "{\"RequestId\":\"r\"}\n" }, "{action} {parameters}");
        assert_eq!(server.requests(), if code == 2 { 0 } else { 2 }, "{action} {parameters}");
    }
}

#[tokio::test]
async fn the_program_sends_what_no_table_has() {
    let server = Server::start();
    let call = async |action: &str, words: &[&str]| {
        let output = program(&server).args(["vpc", action]).args(words).output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, errors) = call("TagResources", &["{}"]).await;
    assert!(code == Some(2) && errors.contains("raw"), "{errors}");
    for (words, problem) in [
        (&["{}", "--read"][..], "--raw"),
        (&["{}", "--token", "ClientToken"], "--raw"),
        (&["{}", "--raw", "--wait"], "--raw"),
        (&["[]", "--raw"], "no JSON object"),
        (&[r#"{"Action":"DeleteVpc"}"#, "--raw"], "set by the protocol"),
    ] {
        let (code, _, errors) = call("TagResources", words).await;
        assert!(code == Some(2) && errors.contains(problem), "{words:?}: {errors}");
    }
    assert_eq!(server.requests(), 0);
    server.fault(1, server::Fault::code(503, "Odd"));
    server.script(|_, _| Some(Answer::ok(&json!({ "Done": true }))));
    let words =
        [r#"{"CidrBlock":"10.0.0.0/8"}"#, "--raw", "--token", "ClientToken", "--unchecked", "VpcName=a"];
    let done = call("CreateVpc", &words).await;
    assert_eq!(done, (Some(0), "{\"Done\":true}\n".to_owned(), String::new()));
    let arrivals = server.arrivals();
    let sent = |number: usize, name: &str| arrivals[number].parameters.get(name).cloned();
    assert_eq!((arrivals.len(), sent(0, "ClientToken")), (2, sent(1, "ClientToken")));
    assert!(sent(1, "ClientToken").is_some_and(|token| !token.is_empty()));
    assert_eq!(
        (sent(1, "CidrBlock").as_deref(), sent(1, "VpcName").as_deref()),
        (Some("10.0.0.0/8"), Some("a"))
    );
    let (code, _, errors) = call("TagResources", &["{}", "--raw", "--read"]).await;
    assert!(code == Some(1) && errors.contains("TagResources failed: InvalidAction.NotFound"), "{errors}");
}

#[tokio::test]
async fn the_program_has_nothing_to_print_where_all_is_gone() {
    let server = Server::start();
    server.script(|_, _| Some(Answer::code(404, "InvalidVpcId.NotFound")));
    let arguments = ["vpc", "DeleteVpc", r#"{"VpcId":"vpc-1"}"#, "--wait"];
    let output = program(&server).args(arguments).output().await.unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert_eq!(server.requests(), 1);
    // What is only read is not waited for.
    let output = program(&server).args(["vpc", "DescribeVpcs", "{}", "--wait"]).output().await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && errors.contains("nothing says when"), "{errors}");
    assert_eq!(server.requests(), 1);
}
