//! Rules of tests, told in types: what they match, what they answer, and which slips they do not let pass.

use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::clock::Clock;
use cloudnet::testing::{Documented, ManualClock};
use cloudnet::vpc::{
    self, CreateVSwitch, CreateVpc, CreateVpcOutput, CreateVpnConnection, DeleteVpc, DescribeVpcs,
    DescribeVpcsOutput, DescribeVpnConnection, DescribeVpnConnectionOutput, create_vpn_connection,
    describe_vpcs, describe_vpn_connection,
};
use cloudnet::{Credentials, ErrorClass, ValidationPolicy, aws_global_accelerator, dynamic, privatelink};
use http::StatusCode;
use serde_json::{Value as Json, json};

fn client(service: &Documented) -> vpc::Client {
    service.client("cn-hangzhou").unwrap()
}

#[tokio::test]
async fn what_a_test_answers_is_what_the_program_sees() {
    let listed = DescribeVpcsOutput::default()
        .vpcs([
            describe_vpcs::Vpc::default()
                .vpc_id("vpc-1")
                .is_default(false)
                .status("Hibernating")
                .vswitch_ids(["vsw-1", "vsw-2"])
                .tags([vpc::types::Tag::default().key("k").value("")]),
            describe_vpcs::Vpc::default().vpc_name("\u{4e2d} \"quoted\"\n"),
        ])
        .total_count(2)
        .request_id("r-1");
    let ike = describe_vpn_connection::IkeConfig::default().ike_lifetime(86_400).psk("pre-shared");
    let connection = DescribeVpnConnectionOutput::default()
        .create_time(1_490_000_000_000)
        .effect_immediately(true)
        .ike_config(ike)
        .name(None::<String>);

    let service = Documented::new();
    service.on::<DescribeVpcs>().answer(listed.clone()).times(2);
    service.on::<DescribeVpnConnection>().answer(connection.clone());
    let vpc = client(&service);
    assert_eq!(vpc.describe_vpcs().send().await.unwrap(), listed);
    let found = vpc.describe_vpn_connection().vpn_connection_id("vco-1").send().await.unwrap();
    assert_eq!(found, connection);
    assert_eq!(found.ike_config.unwrap().psk.unwrap().expose(), "pre-shared");

    // The wire has the wrappers that the service has.
    let raw = vpc.describe_vpcs().send_raw().await.unwrap();
    let body: Json = serde_json::from_slice(raw.body()).unwrap();
    assert_eq!(body["Vpcs"]["Vpc"][0]["VSwitchIds"]["VSwitchId"], json!(["vsw-1", "vsw-2"]));
    service.assert_all_used();
}

#[tokio::test]
async fn rules_look_at_typed_requests() {
    let service = Documented::new();
    service
        .on::<CreateVpc>()
        .when(|create| create.cidr_block.as_deref() == Some("10.0.0.0/8"))
        .fail("QuotaExceeded.Vpc")
        .answer(CreateVpcOutput::default().vpc_id("vpc-second"));
    service
        .on::<CreateVpc>()
        .answer_with(|create| {
            CreateVpcOutput::default().vpc_id(format!("vpc-{}", create.vpc_name.as_deref().unwrap_or("none")))
        })
        .always();
    let vpc = client(&service);
    let made = async |cidr: &str| {
        vpc.create_vpc().vpc_name("a+b & c").cidr_block(cidr).send().await.map(|made| made.vpc_id.unwrap())
    };
    assert_eq!(made("192.168.0.0/16").await.unwrap(), "vpc-a+b & c");
    assert_eq!(made("10.0.0.0/8").await.unwrap_err().class(), ErrorClass::Quota);
    assert_eq!(made("192.168.0.0/16").await.unwrap(), "vpc-a+b & c");
    assert_eq!(made("10.0.0.0/8").await.unwrap(), "vpc-second");
    // The first rule is used up.
    assert_eq!(made("10.0.0.0/8").await.unwrap(), "vpc-a+b & c");
    service.assert_all_used();
}

/// Structs, lists, JSON in a parameter, secrets, numbers and booleans, and a body that is JSON.
#[tokio::test]
async fn requests_come_back_from_the_wire_as_they_were() {
    let service = Documented::new();
    let ike = create_vpn_connection::IkeConfig::default().ike_lifetime(7_200).psk("pre+shared&more");
    let connect = CreateVpnConnection::default()
        .region_id("cn-hangzhou")
        .client_token("token")
        .vpn_gateway_id("vpn-1")
        .customer_gateway_id("cgw-1")
        .local_subnet("10.0.0.0/8")
        .remote_subnet("192.168.0.0/16")
        .effect_immediately(true)
        .ike_config(ike);
    client(&service).request(connect.clone()).send().await.unwrap();
    assert_eq!(service.requests::<CreateVpnConnection>(), [connect]);

    // Twelve entries: as texts, the tenth number comes before the second.
    let tags = (1..=12).map(|n| privatelink::types::Tag::default().key(format!("k{n}")).value(""));
    let publish = privatelink::CreateVpcEndpointService::default()
        .region_id("cn-hangzhou")
        .client_token("token")
        .tags(tags);
    let link: privatelink::Client = service.client("cn-hangzhou").unwrap();
    link.request(publish.clone()).with_validation(ValidationPolicy::Off).send().await.unwrap();
    assert_eq!(service.requests::<privatelink::CreateVpcEndpointService>(), [publish]);

    let destination =
        aws_global_accelerator::create_custom_routing_endpoint_group::DestinationConfiguration::default()
            .from_port(80)
            .to_port(81)
            .protocols(["TCP", "UDP"]);
    let group = aws_global_accelerator::CreateCustomRoutingEndpointGroup::default()
        .listener_arn("arn:1")
        .endpoint_group_region("us-east-1")
        .idempotency_token("token")
        .destination_configurations([destination]);
    let aws: aws_global_accelerator::Client = service.client("us-east-1").unwrap();
    aws.request(group.clone()).send().await.unwrap();
    assert_eq!(service.requests::<aws_global_accelerator::CreateCustomRoutingEndpointGroup>(), [group]);
    let calls = service.calls_of("CreateCustomRoutingEndpointGroup");
    assert_eq!(calls[0].parameter("DestinationConfigurations.1.Protocols.2"), Some("UDP"));
    assert_eq!(calls[0].service, "aws-global-accelerator");
}

#[tokio::test]
async fn regions_do_not_get_each_others_answers() {
    let service = Documented::new();
    for region in ["cn-hangzhou", "eu-central-1"] {
        let id = format!("vpc-{region}");
        service.on::<CreateVpc>().region(region).answer(CreateVpcOutput::default().vpc_id(id)).always();
    }
    let europe: vpc::Client = service.client("eu-central-1").unwrap();
    let hangzhou = client(&service);
    let id = async |call: cloudnet::Request<CreateVpc>| call.send().await.unwrap().vpc_id.unwrap();
    assert_eq!(id(europe.create_vpc()).await, "vpc-eu-central-1");
    assert_eq!(id(hangzhou.create_vpc()).await, "vpc-cn-hangzhou");
    // What is asked for counts, not who asks.
    assert_eq!(id(hangzhou.create_vpc().region_id("eu-central-1")).await, "vpc-eu-central-1");
    let regions: Vec<_> = service.calls().into_iter().map(|call| call.region).collect();
    assert_eq!(regions, ["eu-central-1", "cn-hangzhou", "eu-central-1"]);
}

#[tokio::test]
async fn the_log_tells_when_where_and_which_attempt() {
    let clock = ManualClock::automatic();
    let began = clock.now();
    let service = Documented::with_clock(&clock);
    service.on::<CreateVpc>().reset_after().delay(Duration::from_secs(2));
    let vpc = vpc::Client::builder()
        .region("eu-central-1")
        .credentials(Credentials::new("the-key-id", "the-key-secret").with_security_token("the-session"))
        .clock(Arc::new(clock))
        .transport(Arc::new(service.clone()))
        .build()
        .unwrap();
    vpc.create_vpc().vpc_name("prod").send().await.unwrap();
    let calls = service.calls();
    assert_eq!(calls.iter().map(|call| call.attempt).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(calls[0].time, began);
    assert!(calls[1].time >= began + Duration::from_secs(2));
    assert_eq!(calls[1].host, "vpc.eu-central-1.aliyuncs.com");
    assert_eq!((&*calls[1].service, &*calls[1].region), ("vpc", "eu-central-1"));
    assert_eq!(calls[1].parameter("VpcName"), Some("prod"));
    assert_eq!(calls[1].headers["x-acs-action"], "CreateVpc");
    assert!(calls[1].headers.contains_key("x-acs-signature-nonce"));
    assert_eq!(calls[1].headers["authorization"], "***");
    assert_eq!(calls[1].headers["x-acs-security-token"], "***");
    assert!(!format!("{:?}", calls[1].headers).contains("the-"), "{:?}", calls[1].headers);
}

#[tokio::test]
async fn rules_may_look_at_the_log_and_at_headers() {
    let service = Documented::new();
    let seen = service.clone();
    service
        .on_action("DescribeVpcs")
        .when_call(move |call| call.attempt == 1 && seen.calls_of("DescribeVpcs").is_empty())
        .fail("ServiceUnavailable");
    let counted = service.clone();
    service.on::<DescribeVpcs>().answer_with(move |_| {
        let calls = i64::try_from(counted.calls().len()).unwrap();
        DescribeVpcsOutput::default().total_count(calls)
    });
    let found = client(&service).describe_vpcs().send().await.unwrap();
    assert_eq!(found.total_count, Some(2));
    service.assert_all_used();
}

/// Why a test ends, and on which line.
fn mistake(act: impl FnOnce()) -> (String, u32) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    let told = Arc::new(AtomicU32::new(0));
    let kept = Arc::clone(&told);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let place = panic.location().filter(|place| place.file().ends_with("rules.rs"));
        kept.store(place.map_or(0, Location::line), Ordering::Relaxed);
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(act));
    panic::set_hook(hook);
    let reason = outcome.expect_err("it is refused").downcast::<String>().unwrap();
    (*reason, told.load(Ordering::Relaxed))
}

#[test]
fn slips_are_refused_where_they_are_told() {
    let service = Documented::new();
    let (told, line) = mistake(|| _ = service.on_action("CreateVcp"));
    assert_eq!((&*told, line), ("`CreateVcp` is no action of `vpc`; did you mean `CreateVpc`?", line!() - 1));
    let (told, line) = mistake(|| _ = service.calls_of("DescribeVpc"));
    assert_eq!(
        (&*told, line),
        ("`DescribeVpc` is no action of `vpc`; did you mean `DescribeVpcs`?", line!() - 3)
    );
    let (told, line) = mistake(|| _ = service.on_action("AssumeRole"));
    assert_eq!(line, line!() - 1);
    assert!(told.contains("`vpc`") && told.ends_with("`on_undocumented` takes any"), "{told}");

    let (told, line) = mistake(|| _ = service.on::<CreateVpc>().fail("QuotaExceeded.Vcp"));
    assert_eq!(line, line!() - 1);
    assert_eq!(
        told,
        "no table has a code `QuotaExceeded.Vcp` of `CreateVpc` and of no action of `vpc`; did you mean \
         `QuotaExceeded.Vpc`?\n`fail_undocumented` takes any"
    );
    let (told, _) = mistake(|| _ = service.on_action("CreateVpc").fail("DependencyViolation.VSwitch"));
    assert!(!told.contains("did you mean"), "{told}");

    let json = |json: Json| _ = service.on::<DescribeVpcs>().json(&json);
    let (told, _) = mistake(|| json(json!({ "Vpcs": { "Vpc": [{}, { "VpcID": "vpc-1" }] } })));
    assert_eq!(told, "`Vpcs.Vpc[].VpcID` is no member of what `DescribeVpcs` returns; did you mean `VpcId`?");
    let (told, _) = mistake(|| json(json!({ "Vpcs": { "Vcp": [] } })));
    assert_eq!(told, "`Vpcs.Vcp` is no member of what `DescribeVpcs` returns; did you mean `Vpc`?");
    let (told, line) = mistake(|| _ = service.on::<CreateVpc>().json(&json!({ "Nonsense": 1 })));
    assert_eq!(line, line!() - 1);
    assert!(told.contains("there are `VpcId`, `VRouterId`"), "{told}");
}

#[tokio::test]
async fn what_nobody_documents_can_be_told_too() {
    let service = Documented::new();
    service.on::<CreateVpc>().fail_undocumented(StatusCode::FORBIDDEN, "Forbidden.RAM");
    service.on::<CreateVpc>().respond(StatusCode::OK, r#"{"VpcId":"vpc-1","New":1}"#);
    service.on_undocumented("AssumeRole").json(&json!({ "Any": 1 })).fail("Thing");
    assert!(service.calls_of("AssumeRole").is_empty());
    let vpc = client(&service);
    let error = vpc.create_vpc().send().await.unwrap_err();
    assert_eq!((error.class(), error.status()), (ErrorClass::Permission, Some(403)));
    assert_eq!(vpc.create_vpc().send().await.unwrap().vpc_id.as_deref(), Some("vpc-1"));
}

#[tokio::test]
async fn codes_of_tables_come_with_their_status() {
    let service = Documented::new();
    let rule = service.on::<CreateVSwitch>();
    rule.fail("InvalidZoneId.NotFound").fail("Throttling.User").times(0).fail("taskconflict");
    let vpc = client(&service);
    let create = || vpc.create_vswitch().vpc_id("vpc-1").zone_id("b").cidr_block("10.0.1.0/24");
    let error = create().send().await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Some("InvalidZoneId.NotFound"), Some(404)));
    let error = create().with_retry(cloudnet::RetryPolicy::none()).send().await.unwrap_err();
    assert_eq!((error.class(), error.status()), (ErrorClass::Busy, Some(400)));
    service.assert_all_used();
}

#[tokio::test]
async fn rules_that_were_not_used_up_are_listed_with_their_places() {
    let service = Documented::new();
    let first = line!() + 1;
    service.on::<CreateVpc>().fail("Throttling").times(3);
    service.on_action("DeleteVpc").json(&json!({})).always();
    _ = service.on::<DescribeVpcs>();
    service.on::<CreateVSwitch>().fail("Throttling").always();
    let vpc = client(&service);
    let once = vpc.create_vpc().with_retry(cloudnet::RetryPolicy::none());
    once.send().await.unwrap_err();
    let create = vpc.create_vswitch().vpc_id("vpc-1").zone_id("b").cidr_block("10.0.1.0/24");
    create.with_retry(cloudnet::RetryPolicy::none()).send().await.unwrap_err();
    let (told, line) = mistake(|| service.assert_all_used());
    assert_eq!(line, line!() - 1);
    let expected = [
        "rules were not used up:".to_owned(),
        format!("CreateVpc at tests/tests/rules.rs:{first}:13: 2 more calls should have come"),
        format!("DeleteVpc at tests/tests/rules.rs:{}:13: 1 more call should have come", first + 1),
        format!("DescribeVpcs at tests/tests/rules.rs:{}:17: has no answer", first + 2),
    ];
    assert_eq!(told.replace('\\', "/"), expected.join("\n"));
    service.reset();
    service.assert_all_used();
}

#[tokio::test]
async fn the_key_of_the_tests_eats_no_text() {
    let service = Documented::new();
    let text = "Answered by a test: the testing key secret of vpc-test-1 in cloudnet, testid/testsecret, access key ID";
    let body = json!({ "Code": "IncorrectVpcStatus", "Message": text, "RequestId": "test" });
    service.on::<DeleteVpc>().respond(StatusCode::BAD_REQUEST, body.to_string());
    service.on::<DeleteVpc>().fail("InvalidVpcId.NotFound");
    let vpc = client(&service);
    let quick = || vpc.delete_vpc().vpc_id("vpc-test-1").with_retry(cloudnet::RetryPolicy::none()).send();
    let error = quick().await.unwrap_err();
    assert_eq!((error.message(), error.request_id()), (text, Some("test")));
    assert!(quick().await.unwrap_err().message().contains("Answered by a test."));
}

/// What their documents print has another action's envelope, or members that no table has.
const MISPRINTED: [&str; 5] = [
    "CreatePhysicalConnectionSetupOrder",
    "CreateVirtualBorderRouter",
    "DescribeSslVpnClientCerts",
    "DescribeVpnConnection",
    "ModifySslVpnServer",
];

/// What the documents show passes as an answer of a rule, and changes nothing.
#[tokio::test]
async fn every_documented_answer_can_be_told() {
    let (shown, told) = (Documented::new(), Documented::new());
    let mut answers = 0;
    for service in dynamic::services() {
        let client = |of: &Documented| {
            let builder = dynamic::builder(service.name).unwrap().region("cn-hangzhou");
            let builder = builder.credentials(Credentials::new("id-of-the-key", "secret-of-the-key"));
            let builder = builder.validation(ValidationPolicy::Off).variables(|_| None);
            builder.transport(Arc::new(of.clone())).build().unwrap()
        };
        let (shown, client_told) = (client(&shown), client(&told));
        for action in dynamic::actions(service.name) {
            let parameters = json!({});
            let answer = shown.call(action.name, &parameters).unwrap().send_raw().await.unwrap();
            let body: Json = serde_json::from_slice(answer.body()).unwrap();
            if MISPRINTED.contains(&action.name) {
                let (mistake, _) = mistake(|| _ = told.on_action(action.name).json(&body));
                assert!(mistake.contains("is no member of what"), "{mistake}");
                continue;
            }
            told.on_action(action.name).json(&body);
            let again = client_told.call(action.name, &parameters).unwrap().send_raw().await.unwrap();
            assert_eq!(serde_json::from_slice::<Json>(again.body()).unwrap(), body, "{}", action.name);
            answers += 1;
        }
    }
    assert!(answers > 150, "{answers}");
}
