use super::*;

use std::sync::{Arc, Mutex, OnceLock};
use std::time::UNIX_EPOCH;

use cloudnet::credentials::{AssumeRole, AssumeRoleWithOidc, ProviderConfig};
use cloudnet::transport::{Limits, ResponseFuture, Transport};
use cloudnet::{Credentials, ErrorClass, ErrorKind, RetryPolicy, ServiceClient, Signature};
use cloudnet::{aws_global_accelerator as aws, vpc};
use serde_json::json;

use crate::options::Lenient;
use crate::{Emulator, signature};

/// Three services with a few actions, whatever the specs say today.
fn services() -> &'static [Service] {
    static SERVICES: OnceLock<Vec<Service>> = OnceLock::new();
    SERVICES.get_or_init(|| serde_json::from_str(include_str!("services.json")).unwrap())
}

fn engine(options: Options) -> Engine {
    Engine::of(services(), options)
}

fn emulator(options: Options) -> Emulator {
    Emulator::of(engine(options))
}

/// 2024-03-05T06:07:08Z
fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_709_618_828)
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let written: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    written.join("&")
}

/// The parameters of a call in the older style, signed.
fn v1(method: &str, own: &[(&'static str, &str)], changed: &[(&'static str, &str)]) -> String {
    let mut pairs = vec![
        ("AccessKeyId", "testid"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", "nonce-1"),
        ("Timestamp", "2024-03-05T06:07:08Z"),
        ("Version", "2016-04-28"),
    ];
    pairs.extend(own);
    for (name, value) in changed {
        pairs.retain(|(known, _)| known != name);
        if *value != "~" {
            pairs.push((name, value));
        }
    }
    let owned: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let signature = signature::rpc(method, &owned, "testsecret");
    pairs.push(("Signature", &signature));
    encoded(&pairs)
}

fn get(query: &str) -> Request<Bytes> {
    Request::get(format!("/?{query}")).header("host", "vpc.aliyuncs.com").body(Bytes::new()).unwrap()
}

const CREATE: [(&str, &str); 4] =
    [("Action", "CreateVpc"), ("RegionId", "cn-hangzhou"), ("VpcName", "prod"), ("ClientToken", "t-1")];

fn code(outcome: &(Response<Bytes>, Call)) -> &str {
    outcome.1.code.as_deref().unwrap_or_default()
}

fn json_of(response: &Response<Bytes>) -> Json {
    serde_json::from_slice(response.body()).unwrap()
}

/// Passes requests on, and keeps them.
#[derive(Debug)]
struct Recorder(Emulator, Mutex<Vec<Request<Bytes>>>);

impl Transport for Recorder {
    fn send<'a>(&'a self, request: Request<Bytes>, limits: Limits) -> ResponseFuture<'a> {
        self.1.lock().unwrap().push(request.clone());
        self.0.send(request, limits)
    }
}

fn recorded<C: ServiceClient>(emulator: &Emulator, signature: Signature) -> (C, Arc<Recorder>) {
    let recorder = Arc::new(Recorder(emulator.clone(), Mutex::default()));
    let builder =
        emulator.builder::<C>().signature(signature).transport(Arc::clone(&recorder) as Arc<dyn Transport>);
    (builder.build().unwrap(), recorder)
}

async fn a_request(style: Signature) -> Request<Bytes> {
    let emulator = emulator(Options::default());
    if style == Signature::AwsSigV4 {
        let (client, recorder) = recorded::<aws::Client>(&emulator, Signature::default());
        call_aws(&client).await.unwrap();
        return recorder.1.lock().unwrap().remove(0);
    }
    let (client, recorder) = recorded::<vpc::Client>(&emulator, style);
    client.create_vpc().vpc_name("prod").send().await.unwrap();
    recorder.1.lock().unwrap().remove(0)
}

async fn call_aws(client: &aws::Client) -> Result<(), cloudnet::Error> {
    use aws::create_custom_routing_endpoint_group::{DestinationConfiguration, DestinationProtocol};
    let range =
        DestinationConfiguration::default().from_port(80).to_port(81).protocols([DestinationProtocol::Tcp]);
    let call = client.create_custom_routing_endpoint_group().listener_arn("arn:1");
    call.endpoint_group_region("us-east-1").destination_configurations([range]).send().await.map(drop)
}

#[tokio::test]
async fn requests_of_each_style_are_accepted() {
    let emulator = emulator(Options::default());
    for style in [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1] {
        let client: vpc::Client = emulator.builder().signature(style).build().unwrap();
        client.create_vpc().vpc_name("a b+/*~ü").send().await.unwrap();
    }
    call_aws(&emulator.client().unwrap()).await.unwrap();
    let calls = emulator.calls();
    assert_eq!(calls.len(), 3);
    assert!(
        calls.iter().all(|call| call.is_applied && call.status == 200 && call.code.is_none()),
        "{calls:?}"
    );
    assert_eq!(calls[0].parameters["VpcName"], "a b+/*~ü");
    assert_eq!((calls[0].region.as_str(), calls[2].region.as_str()), ("cn-hangzhou", "us-west-2"));
    assert_eq!(calls[2].parameters["DestinationConfigurations.1.FromPort"], "80");
}

#[test]
fn the_style_is_not_told_by_a_header_of_the_action() {
    let mut engine = engine(Options::default());
    let query = v1("POST", &CREATE, &[]);
    let request = Request::post(format!("/?{query}")).header("host", "vpc.aliyuncs.com");
    let request = request.header("x-acs-action", "CreateVpc").header("x-acs-version", "2016-04-28");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let outcome = engine.outcome(&request.body(Bytes::new()).unwrap(), noon(), Effect::Real);
    assert!(outcome.1.is_applied, "{outcome:?}");

    let form =
        v1("POST", &CREATE, &[("SignatureNonce", "nonce-2"), ("Format", "json"), ("SignatureType", "")]);
    let request =
        Request::post("/").header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let outcome = engine.outcome(&request.body(Bytes::from(form)).unwrap(), noon(), Effect::Real);
    assert!(outcome.1.is_replay, "{outcome:?}");
}

#[tokio::test]
async fn no_signed_part_can_be_changed() {
    for style in [Signature::Acs3HmacSha256, Signature::AwsSigV4] {
        let request = a_request(style).await;
        let judge = |request: &Request<Bytes>| {
            engine(Options::default()).outcome(request, SystemTime::now(), Effect::Real)
        };
        assert!(judge(&request).1.is_applied, "{style:?}");
        for name in request.headers().keys().filter(|name| !matches!(name.as_str(), "user-agent" | "accept"))
        {
            let mut without = request.clone();
            without.headers_mut().remove(name);
            // The host is in the URL as well.
            let outcome = judge(&without);
            assert!(name == "host" || !outcome.1.is_applied && outcome.1.code.is_some(), "{style:?} {name}");
            let mut changed = request.clone();
            changed.headers_mut().insert(name, "other".parse().unwrap());
            assert!(!judge(&changed).1.is_applied, "{style:?} {name}");
        }
        let added = if style == Signature::AwsSigV4 { "x-amz-more" } else { "x-acs-more" };
        let mut more = request.clone();
        more.headers_mut().insert(added, "unsigned".parse().unwrap());
        assert!(code(&judge(&more)).contains("Signature"), "{style:?}");
        let mut body = request.clone();
        *body.body_mut() = Bytes::from_static(b"{}");
        body.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        assert!(!judge(&body).1.is_applied, "{style:?}");
    }
}

#[test]
fn what_is_wrong_with_a_signature_is_told_by_its_code() {
    let cases: [(&[(&str, &str)], &str); 12] = [
        (&[("AccessKeyId", "other")], "InvalidAccessKeyId.NotFound"),
        (&[("AccessKeyId", "~")], "IncompleteSignature"),
        (&[("SecurityToken", "t")], "InvalidSecurityToken.Malformed"),
        (&[("SignatureMethod", "HMAC-SHA256")], "IncompleteSignature"),
        (&[("SignatureType", "BEARERTOKEN")], "IncompleteSignature"),
        (&[("SignatureNonce", "~")], "IncompleteSignature"),
        (&[("Timestamp", "2024-03-05T06:22:09Z")], "InvalidTimeStamp.Expired"),
        (&[("Timestamp", "2024-03-05T05:52:07Z")], "InvalidTimeStamp.Expired"),
        (&[("Timestamp", "noon")], "IncompleteSignature"),
        (&[("Version", "2014-05-26")], "InvalidVersion"),
        (&[("Action", "CreateVps")], "InvalidAction.NotFound"),
        (&[("Format", "XML")], "UnsupportedFormat"),
    ];
    for (changed, expected) in cases {
        let outcome =
            engine(Options::default()).outcome(&get(&v1("GET", &CREATE, changed)), noon(), Effect::Real);
        assert_eq!(code(&outcome), expected, "{changed:?}");
        let body = json_of(&outcome.0);
        assert_eq!((&body["Code"], &body["HostId"]), (&json!(expected), &json!("vpc.aliyuncs.com")));
        assert_eq!(body["RequestId"], outcome.0.headers()["x-acs-request-id"].to_str().unwrap());
    }
    for at_the_edge in ["2024-03-05T06:22:08Z", "2024-03-05T05:52:08Z"] {
        let query = v1("GET", &CREATE, &[("Timestamp", at_the_edge), ("Format", "~")]);
        assert!(
            engine(Options::default()).outcome(&get(&query), noon(), Effect::Real).1.is_applied,
            "{at_the_edge}"
        );
    }
    let unsigned = engine(Options::default()).outcome(&get(&encoded(&CREATE)), noon(), Effect::Real);
    assert_eq!((code(&unsigned), unsigned.1.action.as_str()), ("IncompleteSignature", "CreateVpc"));
    let tampered = get(&format!("{}&Description=x", v1("GET", &CREATE, &[])));
    assert_eq!(
        code(&engine(Options::default()).outcome(&tampered, noon(), Effect::Real)),
        "SignatureDoesNotMatch"
    );
    let twice = get(&format!("{}&VpcName=x", v1("GET", &CREATE, &[])));
    assert_eq!(code(&engine(Options::default()).outcome(&twice, noon(), Effect::Real)), "InvalidQuery");
}

#[test]
fn a_nonce_is_good_for_one_request() {
    let mut engine = engine(Options::default());
    let request = get(&v1("GET", &CREATE, &[]));
    assert!(engine.outcome(&request, noon(), Effect::Real).1.is_applied);
    let at_the_end = noon() + TOLERANCE;
    assert_eq!(code(&engine.outcome(&request, noon(), Effect::Real)), "SignatureNonceUsed");
    assert_eq!(code(&engine.outcome(&request, at_the_end, Effect::Real)), "SignatureNonceUsed");
    engine.reset();
    assert_eq!(code(&engine.outcome(&request, at_the_end, Effect::Real)), "SignatureNonceUsed");
    let later = at_the_end + Duration::from_secs(1);
    assert_eq!(code(&engine.outcome(&request, later, Effect::Real)), "InvalidTimeStamp.Expired");
    // A request that was not authentic has used up nothing.
    let wrong = get(&v1("GET", &CREATE, &[("SignatureNonce", "n"), ("AccessKeyId", "other")]));
    assert_eq!(code(&engine.outcome(&wrong, noon(), Effect::Real)), "InvalidAccessKeyId.NotFound");
    assert!(
        engine
            .outcome(&get(&v1("GET", &CREATE, &[("SignatureNonce", "n")])), noon(), Effect::Real)
            .1
            .is_applied
    );
}

#[test]
fn each_flag_relaxes_one_thing() {
    let judge = |word: &str, request: &Request<Bytes>| {
        let mut lenient = Lenient::default();
        lenient.allow(word).unwrap();
        let mut engine = engine(Options { lenient, ..Options::default() });
        engine.outcome(request, noon(), Effect::Real);
        engine.outcome(request, noon(), Effect::Real).1
    };
    let unsigned = get(&encoded(&[
        ("Action", "CreateVpc"),
        ("Version", "2016-04-28"),
        ("VpcName", "p"),
        ("RegionId", "r"),
    ]));
    let cases = [
        ("signature", unsigned),
        ("nonce", get(&v1("GET", &CREATE, &[]))),
        ("date", get(&v1("GET", &CREATE, &[("Timestamp", "2000-01-01T00:00:00Z")]))),
        ("version", get(&v1("GET", &CREATE, &[("Version", "2000-01-01")]))),
        ("unknown-parameters", get(&v1("GET", &CREATE, &[("VpcNam", "x"), ("Tag.1.Key", "k")]))),
    ];
    for (word, request) in &cases {
        let call = judge(word, request);
        let is_past = call.is_applied || call.is_replay || call.code.as_deref() == Some("SignatureNonceUsed");
        assert!(is_past, "{word} {call:?}");
        for other in Lenient::WORDS.iter().filter(|other| *other != word) {
            let call = judge(other, request);
            assert!(!call.is_replay && (!call.is_applied || *word == "nonce"), "{word} {other} {call:?}");
        }
    }
}

#[tokio::test]
async fn a_client_whose_clock_is_wrong_corrects_it() {
    let emulator = emulator(Options { signature_offset: -7_200, ..Options::default() });
    let client: vpc::Client = emulator.client().unwrap();
    client.create_vpc().send().await.unwrap();
    let codes: Vec<_> = emulator.calls().into_iter().map(|call| call.code).collect();
    assert_eq!(codes, [Some("InvalidTimeStamp.Expired".to_owned()), None]);
    call_aws(&emulator.client().unwrap()).await.unwrap();
    assert_eq!(emulator.calls()[2].code.as_deref(), Some("InvalidSignatureException"));
}

#[test]
fn parameters_are_refused_with_the_codes_of_the_action() {
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("RegionId", "~")], "MissingParameter"),
        (&[("VpcName", "http://x")], "InvalidVpcName.Malformed"),
        (&[("CidrBlock", "10.0.0.0/99")], "InvalidParameter"),
        (&[("EnableIpv6", "yes")], "InvalidParameter"),
        (&[("EnableIpv6", "True")], ""),
        (&[("VpcNam", "x")], "InvalidParameter"),
        (&[("VpcName.1", "x"), ("VpcName", "~")], "InvalidVpcName.Malformed"),
        (&[("OwnerId", "1"), ("ResourceOwnerAccount", "")], ""),
    ];
    for (changed, expected) in cases {
        let outcome =
            engine(Options::default()).outcome(&get(&v1("GET", &CREATE, changed)), noon(), Effect::Real);
        assert_eq!(code(&outcome), expected, "{changed:?} {:?}", outcome.0);
    }
}

#[test]
fn nothing_secret_is_logged() {
    let ike = r#"{"Psk":"c4nary","IkeLifetime":5}"#;
    let own = [("Action", "CreateVpnConnection"), ("IkeConfig", ike), ("Pks", "c4nary"), ("RegionId", "r")];
    let mut engine = engine(Options::default());
    let outcome = engine.outcome(&get(&v1("GET", &own, &[])), noon(), Effect::Real);
    let logged = serde_json::to_string(engine.calls().last().unwrap()).unwrap();
    assert!(outcome.1.code.is_some() && logged.contains("IkeConfig.IkeLifetime") && logged.contains("Pks"));
    assert!(!logged.contains("c4nary") && !logged.contains("testsecret"), "{logged}");
    assert!(!String::from_utf8_lossy(outcome.0.body()).contains("c4nary"));
}

#[test]
fn a_token_is_answered_alike_or_refused() {
    let mut engine = engine(Options::default());
    let mut send = |nonce: &str, changed: &[(&'static str, &str)]| {
        let mut all = vec![("SignatureNonce", nonce)];
        all.extend(changed);
        engine.outcome(&get(&v1("GET", &CREATE, &all)), noon(), Effect::Real)
    };
    let (first, second) = (send("1", &[]), send("2", &[]));
    assert!(first.1.is_applied && !second.1.is_applied && second.1.is_replay);
    assert_eq!(first.0.body(), second.0.body());
    assert_eq!(code(&send("3", &[("VpcName", "other")])), "IdempotentParameterMismatch");
    assert!(send("4", &[("RegionId", "cn-beijing")]).1.is_applied);
    assert!(send("5", &[("ClientToken", "")]).1.is_applied && send("6", &[("ClientToken", "")]).1.is_applied);
}

#[test]
fn a_dry_run_has_no_effect() {
    let own = [
        ("Action", "CreateCustomRoutingEndpointGroupDestinations"),
        ("RegionId", "cn-hangzhou"),
        ("DryRun", "true"),
        ("Version", "2019-11-20"),
        ("EndpointGroupId", "epg-1"),
        ("DestinationConfigurations.1.ToPort", "90"),
        ("DestinationConfigurations.1.Protocols.1", "TCP"),
        ("ClientToken", "t"),
    ];
    let send = |from: &str, nonce: &str| {
        let mut engine = engine(Options::default());
        let changed = [("SignatureNonce", nonce), ("DestinationConfigurations.1.FromPort", from)];
        let query = v1("GET", &[], &[&own[..], &changed].concat());
        engine.outcome(&get(&query), noon(), Effect::Real)
    };
    let outcome = send("80", "1");
    assert_eq!((code(&outcome), outcome.1.is_applied), ("DryRunOperation", false));
    assert_eq!(code(&send("0", "2")), "InvalidPort.From");
}

#[tokio::test]
async fn errors_of_aws_have_its_form() {
    let mut request = a_request(Signature::AwsSigV4).await;
    request.headers_mut().remove("authorization");
    let (response, _) = engine(Options::default()).outcome(&request, SystemTime::now(), Effect::Real);
    assert_eq!(json_of(&response)["__type"], "MissingAuthenticationTokenException");
    assert_eq!(response.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
    assert!(
        response.headers().contains_key("x-amzn-requestid") && json_of(&response).get("RequestId").is_none()
    );

    let emulator = emulator(Options::default());
    let client: aws::Client = emulator.client().unwrap();
    emulator.fault(Fault::code("ThrottlingException"));
    call_aws(&client).await.unwrap();
    assert_eq!(emulator.calls().len(), 2);
    let other: aws::Client = emulator.builder().credentials(Credentials::new("x", "y")).build().unwrap();
    let error = call_aws(&other).await.unwrap_err();
    assert_eq!(
        (error.code(), error.class()),
        (Some("UnrecognizedClientException"), ErrorClass::Authentication)
    );
}

#[tokio::test]
async fn faults_strike_as_they_were_told() {
    let emulator = emulator(Options::default());
    let builder = || emulator.builder::<vpc::Client>().retry(RetryPolicy::none());
    let client = builder().build().unwrap();
    let create = || client.create_vpc().vpc_name("prod").send();

    emulator.fault(Fault::code("InternalError").on("CreateVpc"));
    let error = create().await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Some("InternalError"), Some(500)));
    emulator.fault(Fault::status(503));
    assert_eq!(create().await.unwrap_err().status(), Some(503));
    emulator.fault(Fault::reset());
    assert_eq!(create().await.unwrap_err().kind(), ErrorKind::Transport);
    assert!(emulator.calls().iter().all(|call| !call.is_applied));

    let before = emulator.with_engine(|engine| engine.state().now());
    emulator.fault(Fault::delay(Duration::from_secs(5)));
    create().await.unwrap();
    emulator.fault(Fault::delay(Duration::from_secs(3_600)));
    assert_eq!(create().await.unwrap_err().kind(), ErrorKind::Timeout);
    let passed = emulator.with_engine(|engine| engine.state().now()).duration_since(before).unwrap();
    assert_eq!(passed, Duration::from_secs(25) + 2 * PER_REQUEST);
    emulator.fault(Fault::reset().applied());
    create().await.unwrap_err();
    assert_eq!(emulator.calls().iter().filter(|call| call.is_applied).count(), 3);
}

#[tokio::test]
async fn pauses_take_no_time() {
    use cloudnet::clock::Clock;
    let emulator = emulator(Options::default());
    let now = || emulator.with_engine(|engine| engine.state().now());
    let (before, clock) = (now(), emulator.clock());
    tokio::join!(clock.sleep(Duration::from_secs(86_400)), clock.sleep(Duration::from_secs(3_600)));
    assert_eq!(now().duration_since(before).unwrap(), Duration::from_secs(86_400));
    emulator.advance(Duration::from_secs(1));
    assert_eq!(now().duration_since(before).unwrap(), Duration::from_secs(86_401));
}

#[tokio::test]
async fn keys_for_a_role_sign_until_they_expire() {
    let emulator = emulator(Options::default());
    let config = ProviderConfig::empty().with_transport(emulator.transport());
    let role = AssumeRole::new("acs:ram::123456789012:role/demo", Credentials::new("testid", "testsecret"));
    let credentials = role.session_name("sess-1").build(&config);
    for style in [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1] {
        let builder = emulator.builder::<vpc::Client>().signature(style).credentials(credentials.clone());
        builder.build().unwrap().create_vpc().send().await.unwrap();
    }
    let calls = emulator.calls();
    let actions: Vec<_> = calls.iter().map(|call| (call.service.as_str(), call.action.as_str())).collect();
    assert_eq!(actions, [("sts", "AssumeRole"), ("vpc", "CreateVpc"), ("vpc", "CreateVpc")]);
    assert_eq!(calls[0].parameters["RoleSessionName"], "sess-1");

    let own = [
        ("Action", "AssumeRole"),
        ("RoleArn", "acs:ram::1:role/r"),
        ("RoleSessionName", "s1"),
        ("Version", "2015-04-01"),
    ];
    let mut engine = engine(Options::default());
    let outcome = engine.outcome(&get(&v1("GET", &[], &own)), noon(), Effect::Real);
    let given = &json_of(&outcome.0)["Credentials"];
    assert_eq!(given["Expiration"], "2024-03-05T07:07:08Z");
    let logged = serde_json::to_string(&outcome.1).unwrap();
    assert!(!logged.contains(given["AccessKeySecret"].as_str().unwrap()));
    let mut ask = |at: SystemTime, nonce: &str| {
        let date = timestamp::rfc3339(at);
        let text = |name: &str| given[name].as_str().unwrap().to_owned();
        let pairs = [
            ("Action", "GetCallerIdentity"),
            ("Version", "2015-04-01"),
            ("SignatureNonce", nonce),
            ("Timestamp", &date),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
        ];
        let mut pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        pairs.extend([
            ("AccessKeyId".to_owned(), text("AccessKeyId")),
            ("SecurityToken".to_owned(), text("SecurityToken")),
        ]);
        let signature = signature::rpc("GET", &pairs, &text("AccessKeySecret"));
        pairs.push(("Signature".to_owned(), signature));
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        engine.outcome(&get(&encoded(&pairs)), at, Effect::Real)
    };
    assert_eq!(json_of(&ask(noon(), "a").0)["Arn"], "acs:ram::1:assumed-role/r/s1");
    assert_eq!(code(&ask(noon() + Duration::from_secs(3_600), "b")), "InvalidSecurityToken.Expired");
}

#[test]
fn the_token_service_takes_no_wrong_role() {
    let good = [
        ("Action", "AssumeRole"),
        ("RoleArn", "acs:ram::1:role/r"),
        ("RoleSessionName", "s1"),
        ("Version", "2015-04-01"),
    ];
    let cases = [
        ("RoleArn", "~", "MissingRoleArn"),
        ("RoleArn", "acs:ram::x:role/r", "InvalidParameter.RoleArn"),
        ("RoleSessionName", "s", "InvalidParameter.RoleSessionName"),
        ("DurationSeconds", "899", "InvalidParameter.DurationSeconds"),
        ("Policy", "[]", "InvalidParameter.Policy"),
        ("Action", "AssumeRoles", "InvalidVersion"),
    ];
    for (name, value, expected) in cases {
        let query = v1("GET", &[], &[&good[..], &[(name, value)]].concat());
        assert_eq!(
            code(&engine(Options::default()).outcome(&get(&query), noon(), Effect::Real)),
            expected,
            "{name} {value}"
        );
    }
}

#[test]
fn the_same_requests_have_the_same_answers() {
    let answers = |seed| {
        let mut engine = engine(Options { seed, ..Options::default() });
        let role = [
            ("Action", "AssumeRole"),
            ("RoleArn", "acs:ram::1:role/r"),
            ("RoleSessionName", "s1"),
            ("Version", "2015-04-01"),
        ];
        let queries =
            [v1("GET", &CREATE, &[]), v1("GET", &CREATE, &[]), v1("GET", &[], &role), "a".to_owned()];
        let mut answer = |query: &String| {
            let (response, call) = engine.outcome(&get(query), noon(), Effect::Real);
            (format!("{:?}", response.headers()), response.into_body(), call)
        };
        queries.iter().map(&mut answer).collect::<Vec<_>>()
    };
    assert_eq!(answers(1), answers(1));
    assert_ne!(answers(1), answers(2));
}

#[test]
fn what_is_faulted_is_judged_without_effect() {
    let mut engine = engine(Options::default());
    let (response, call) = engine.outcome(&get(&v1("GET", &CREATE, &[])), noon(), Effect::None);
    assert_eq!((response.status().as_u16(), call.is_applied), (200, false));
    let wrong = get(&v1("GET", &CREATE, &[("VpcNam", "x"), ("SignatureNonce", "2")]));
    assert_eq!(code(&engine.outcome(&wrong, noon(), Effect::None)), "InvalidParameter");
    assert!(
        engine
            .outcome(&get(&v1("GET", &CREATE, &[("SignatureNonce", "3")])), noon(), Effect::Real)
            .1
            .is_applied
    );
}

/// Whatever the bytes are, there is an answer, and it is JSON.
#[tokio::test]
async fn no_bytes_are_too_much() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |most: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % u64::try_from(most).unwrap()).unwrap()
    };
    let models = [
        a_request(Signature::Acs3HmacSha256).await,
        a_request(Signature::AwsSigV4).await,
        get(&v1("GET", &CREATE, &[])),
    ];
    let mut lenient = Lenient::default();
    Lenient::WORDS.iter().for_each(|word| lenient.allow(word).unwrap());
    let mut engines = [engine(Options::default()), engine(Options { lenient, ..Options::default() })];
    for round in 0..4_000 {
        let mut request = models[next(3)].clone();
        let names: Vec<_> = request.headers().keys().cloned().collect();
        for _ in 0..next(4) {
            let bytes: Vec<u8> = (0..next(40))
                .map(|_| u8::try_from(next(224)).unwrap() + 32)
                .filter(|byte| *byte != 127)
                .collect();
            match next(3) {
                0 => *request.body_mut() = Bytes::from(bytes),
                1 if !names.is_empty() => {
                    let value = http::HeaderValue::from_bytes(&bytes).unwrap();
                    request.headers_mut().insert(names[next(names.len())].clone(), value);
                }
                _ => {
                    let pick = [
                        ".",
                        "1",
                        "=",
                        "&",
                        "%",
                        "%41",
                        "Tag",
                        "VpcName",
                        "Action",
                        "+",
                        "%00",
                        "4294967296",
                    ];
                    let noise: String = (0..next(12)).map(|_| pick[next(pick.len())]).collect();
                    let query = request.uri().query().unwrap_or_default();
                    *request.uri_mut() = format!("/?{query}&{noise}").parse().unwrap();
                }
            }
        }
        let outcome = engines[round % 2].outcome(&request, SystemTime::now(), Effect::Real);
        assert!(json_of(&outcome.0).is_object() && (200..600).contains(&outcome.1.status));
    }
}

#[tokio::test]
async fn no_json_lies_too_deep() {
    let mut request = a_request(Signature::AwsSigV4).await;
    let lenient = Lenient { signature: true, ..Lenient::default() };
    let mut engine = engine(Options { lenient, ..Options::default() });
    for body in ["[".repeat(100_000), format!("{{\"a\":{}", "{\"a\":".repeat(100_000)), "\u{0}".to_owned()] {
        *request.body_mut() = Bytes::from(body);
        assert_eq!(
            engine.outcome(&request, SystemTime::now(), Effect::Real).1.code.as_deref(),
            Some("SerializationException")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_many_at_once_are_all_answered() {
    let emulator = emulator(Options::default());
    let callers = (0..64).map(|caller| {
        let client: vpc::Client = emulator.client().unwrap();
        tokio::spawn(async move {
            for _ in 0..10 {
                client.create_vpc().vpc_name(format!("caller-{caller}")).send().await.unwrap();
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let calls = emulator.calls();
    let ids: std::collections::HashSet<_> = calls.iter().map(|call| &call.request_id).collect();
    assert_eq!((calls.len(), ids.len()), (640, 640));
    assert!(calls.iter().all(|call| call.is_applied));
}

#[tokio::test]
async fn a_token_of_a_provider_is_proof_enough_for_a_role() {
    let emulator = emulator(Options::default());
    let files = |_: &std::path::Path| Ok(b"token-of-the-provider\n".to_vec());
    let config = ProviderConfig::empty().with_transport(emulator.transport()).with_files(files);
    let role = AssumeRoleWithOidc::new()
        .role_arn("acs:ram::1:role/r")
        .provider_arn("acs:ram::1:oidc-provider/p")
        .token_file("/token");
    let client = emulator.builder::<vpc::Client>().credentials(role.build(&config)).build().unwrap();
    client.create_vpc().send().await.unwrap();
    let calls = emulator.calls();
    assert_eq!((calls[0].action.as_str(), calls[1].is_applied), ("AssumeRoleWithOIDC", true));
    assert_eq!(
        (&*calls[0].parameters["OIDCToken"], &*calls[0].parameters["RoleArn"]),
        ("***", "acs:ram::1:role/r")
    );

    let other = [("Action", "CreateVpc"), ("Version", "2016-04-28"), ("OIDCToken", "t")];
    let outcome = engine(Options::default()).outcome(&get(&encoded(&other)), noon(), Effect::Real);
    assert_eq!(code(&outcome), "IncompleteSignature");
}
