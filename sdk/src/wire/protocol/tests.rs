use std::time::{Duration, Instant, UNIX_EPOCH};

use super::*;
use crate::schema::{Action, Effect, Endpoints, Service, Shape, Status};
use crate::sign::{ToSign, acs3};
use crate::wire::encode::sample::{CREATE, Create, Endpoint, Tag};

static ACS: Service = service(Protocol::AcsRpc);
static AWS: Service = service(Protocol::AwsJson { target: "Target_V1", signing_name: "signing" });
static ACS_ACTION: Called = Called::Described(&ACS_ACTION_TABLE);
static ACS_ACTION_TABLE: Action = action(&ACS, Method::Post);
static ACS_GET: Called = Called::Described(&ACS_GET_TABLE);
static ACS_GET_TABLE: Action = action(&ACS, Method::Get);
static AWS_ACTION: Called = Called::Described(&AWS_ACTION_TABLE);
static AWS_ACTION_TABLE: Action = action(&AWS, Method::Post);

const fn service(protocol: Protocol) -> Service {
    Service {
        name: "vpc",
        title: "",
        product: "Vpc",
        version: "2016-04-28",
        protocol,
        endpoints: Endpoints::by(""),
        errors: &[],
    }
}

const fn action(service: &'static Service, method: Method) -> Action {
    Action {
        name: "CreateVpc",
        section: "",
        service,
        effect: Effect::Write,
        status: Status::Active,
        method,
        token: None,
        dry_run: None,
        serialize_by: &[],
        pagination: None,
        request: CREATE,
        response: Shape { fields: &[], rules: &[] },
        errors: &[],
        observed: &[],
        wait: None,
        permission: None,
        resources: &[],
    }
}

static USER_AGENT: HeaderValue = HeaderValue::from_static("cloudnet");

fn attempt(credentials: &Credentials) -> Attempt<'_> {
    Attempt {
        origin: "https://vpc.aliyuncs.com:8443",
        host: "vpc.aliyuncs.com:8443",
        region: "us-west-2",
        credentials,
        at: UNIX_EPOCH + Duration::from_secs(1_709_618_828),
        nonce: "3156853299f313e23d1673dc12e1703d",
        user_agent: &USER_AGENT,
        number: 1,
    }
}

fn named(name: &str) -> Create {
    Create { name: Some(name.into()), ..Create::default() }
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn signed_headers(request: &Request<Bytes>) -> Vec<&str> {
    let (_, rest) = header(request, "authorization").split_once("SignedHeaders=").unwrap();
    rest.split_once(',').unwrap().0.split(';').collect()
}

#[test]
fn acs3_sends_what_it_signs() {
    let credentials = Credentials::new("STS.id", "secret").with_security_token("token");
    let input = named("my vpc*");
    let prepared = prepare(&ACS_ACTION, &input, &[], Signature::default());
    let attempt = Attempt { number: 3, ..attempt(&credentials) };
    let request = sign_request(&prepared, &attempt).unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://vpc.aliyuncs.com:8443/?Name=my%20vpc%2A");
    assert_eq!(header(&request, "accept"), "application/json");
    assert_eq!(header(&request, "x-acs-action"), "CreateVpc");
    assert_eq!(header(&request, "x-acs-version"), "2016-04-28");
    assert_eq!(header(&request, "x-acs-date"), "2024-03-05T06:07:08Z");
    assert_eq!(header(&request, "x-acs-retry-attempts"), "2");
    assert!(request.headers()["x-acs-security-token"].is_sensitive());
    assert!(request.headers()["authorization"].is_sensitive());
    for (name, _) in request.headers() {
        let signed = name == "host" || name.as_str().starts_with("x-acs-");
        assert_eq!(signed_headers(&request).contains(&name.as_str()), signed, "{name}");
    }
    assert!(!request.headers().contains_key("content-type"));
    assert!(request.body().is_empty());
}

#[test]
fn acs3_signature_holds_for_the_request_as_sent() {
    let credentials = Credentials::new("id", "secret");
    let endpoints = vec![Endpoint { port: Some(80), protocols: vec!["a b".into()] }];
    let input = Create { name: Some("n".into()), endpoints, ..Create::default() };
    let prepared = prepare(&ACS_ACTION, &input, &[], Signature::default());
    let request = sign_request(&prepared, &attempt(&credentials)).unwrap();
    assert_eq!(request.body(), "Endpoints.1.Port=80&Endpoints.1.Protocols.1=a+b");
    assert_eq!(header(&request, "content-type"), "application/x-www-form-urlencoded");
    let headers: Vec<_> =
        signed_headers(&request).into_iter().map(|name| (name, header(&request, name))).collect();
    let to_sign = ToSign {
        method: "POST",
        path: "/",
        query: request.uri().query().unwrap(),
        headers: &headers,
        body_sha256: &crate::sign::sha256_hex(request.body()),
    };
    let signed = acs3::sign(&to_sign, "id", "secret");
    assert_eq!(header(&request, "authorization"), signed.authorization);
}

#[test]
fn v1_puts_everything_into_the_query() {
    let credentials = Credentials::new("id", "secret").with_security_token("to+ken");
    let endpoints = vec![Endpoint { port: Some(80), protocols: vec![] }];
    let input = Create { name: Some("a b".into()), endpoints, ..Create::default() };
    let prepared = prepare(&ACS_GET, &input, &[], Signature::AcsRpcHmacSha1);
    let request = sign_request(&prepared, &attempt(&credentials)).unwrap();
    assert_eq!(request.method(), "GET");
    let query = request.uri().query().unwrap();
    let (signed, signature) = query.split_once("&Signature=").unwrap();
    assert_eq!(
        signed,
        "AccessKeyId=id&Action=CreateVpc&Endpoints.1.Port=80&Format=JSON&Name=a%20b\
         &SecurityToken=to%2Bken&SignatureMethod=HMAC-SHA1\
         &SignatureNonce=3156853299f313e23d1673dc12e1703d&SignatureVersion=1.0\
         &Timestamp=2024-03-05T06%3A07%3A08Z&Version=2016-04-28"
    );
    assert!(signature.ends_with("%3D"), "{signature}");
    assert!(!request.headers().contains_key("authorization"));
}

#[test]
fn the_protocols_own_names_are_known_in_any_case() {
    for name in
        ["Action", "action", "SIGNATURE", "SignatureNonce", "SecurityToken", "x-acs-action", "X-Acs-New"]
    {
        assert!(is_reserved(Protocol::AcsRpc, name), "{name}");
    }
    let aws = Protocol::AwsJson { target: "", signing_name: "" };
    assert!(!is_reserved(Protocol::AcsRpc, "Actions") && !is_reserved(aws, "Action"));
}

#[cfg(any(feature = "dynamic", feature = "testing"))]
#[test]
fn no_action_has_a_parameter_of_the_protocols_own() {
    for action in crate::table::registry::entries().map(|entry| entry.action) {
        for field in action.request.fields {
            let name = field.name;
            assert!(!is_reserved(action.service.protocol, name), "{}: {name}", action.name);
        }
    }
}

#[test]
fn a_call_with_a_token_also_says_whose_it_is() {
    let credentials = Credentials::new("id", "secret").with_security_token("token");
    let input = named("n");
    let prepared = prepare(&ACS_ACTION, &input, &[], Signature::default());
    let request = sign_request(&prepared, &attempt(&credentials)).unwrap();
    let headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .filter(|(name, _)| *name != "authorization")
        .collect();
    let expected = [
        ("host", "vpc.aliyuncs.com:8443"),
        ("x-acs-accesskey-id", "id"),
        ("x-acs-action", "CreateVpc"),
        ("x-acs-content-sha256", crate::sign::SHA256_OF_NOTHING),
        ("x-acs-date", "2024-03-05T06:07:08Z"),
        ("x-acs-security-token", "token"),
        ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
        ("x-acs-version", "2016-04-28"),
        ("accept", "application/json"),
        ("user-agent", "cloudnet"),
    ];
    assert_eq!(headers, expected);
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let signed = "SignedHeaders=host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date;\
                  x-acs-security-token;x-acs-signature-nonce;x-acs-version,";
    assert!(authorization.contains(signed), "{authorization}");
}

#[test]
fn aws_sends_one_json_object() {
    let credentials = Credentials::new("AKID", "secret").with_security_token("token");
    let extra = [Extra::text("More", "x")];
    let input = named("n");
    let prepared = prepare(&AWS_ACTION, &input, &extra, Signature::default());
    let request = sign_request(&prepared, &attempt(&credentials)).unwrap();
    assert_eq!(request.uri(), "https://vpc.aliyuncs.com:8443/");
    assert_eq!(request.body(), r#"{"Name":"n","More":"x"}"#);
    assert_eq!(header(&request, "x-amz-target"), "Target_V1.CreateVpc");
    assert_eq!(header(&request, "content-type"), "application/x-amz-json-1.1");
    assert!(request.headers()["x-amz-security-token"].is_sensitive());
    let authorization = header(&request, "authorization");
    let scope = "Credential=AKID/20240305/us-west-2/signing/aws4_request, ";
    assert!(authorization.contains(scope), "{authorization}");
    let names = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ";
    assert!(authorization.contains(names), "{authorization}");
}

#[test]
fn what_no_header_can_carry_is_refused_by_name_alone() {
    for bad in ["a\r\nx: y", "a\nb", "a\0b", "é"] {
        let token = Credentials::new("id", "secret").with_security_token(bad);
        let key = Credentials::new(bad, "secret");
        let fine = Credentials::new("id", "secret");
        let cases = [
            (Attempt { ..attempt(&token) }, "header `x-acs-security-token`"),
            (Attempt { ..attempt(&key) }, "header `authorization`"),
            (Attempt { nonce: bad, ..attempt(&fine) }, "header `x-acs-signature-nonce`"),
            (Attempt { host: bad, ..attempt(&fine) }, "header `host`"),
        ];
        let input = named("n");
        let prepared = prepare(&ACS_ACTION, &input, &[], Signature::default());
        for (attempt, part) in cases {
            let refused = sign_request(&prepared, &attempt).unwrap_err();
            assert_eq!(refused.part, part);
            assert!(!refused.to_string().contains(bad), "{refused}");
        }
    }
}

#[test]
fn a_request_goes_to_the_host_it_is_signed_for() {
    let credentials = Credentials::new("id", "secret");
    let input = named("n");
    let prepared = prepare(&ACS_ACTION, &input, &[], Signature::AwsSigV4);
    let sign = |origin, host| sign_request(&prepared, &Attempt { origin, host, ..attempt(&credentials) });
    for (origin, host) in [
        ("https://a.example", "a.example"),
        ("https://a.example:443", "a.example"),
        ("http://a.example:80", "a.example"),
        ("http://[::1]:8080", "[::1]:8080"),
    ] {
        let request = sign(origin, host).unwrap();
        assert_eq!(request.uri(), format!("{origin}/?Name=n").as_str());
        assert!(header(&request, "authorization").starts_with("ACS3-HMAC-SHA256 "));
    }
    for (origin, host) in [
        ("https://b.example", "a.example"),
        ("https://b.example/.a.example", ".a.example"),
        ("https://user@a.example", "a.example"),
        ("https://a.example:80", "a.example"),
        ("https://a.example#", "a.example"),
        ("https://a.example?", "a.example"),
        ("https://a.example/path", "a.example"),
        ("a.example", "a.example"),
        ("https://a example", "a example"),
        ("", ""),
    ] {
        let refused = sign(origin, host).unwrap_err();
        assert_eq!(refused.part, "the endpoint", "{origin}");
    }
}

#[test]
fn a_query_no_request_line_can_hold_is_refused() {
    let credentials = Credentials::new("id", "secret");
    let input = named(&"é".repeat(20_000));
    let prepared = prepare(&ACS_ACTION, &input, &[], Signature::default());
    let refused = sign_request(&prepared, &attempt(&credentials)).unwrap_err();
    assert_eq!(refused.part, "the query");
}

#[test]
fn retry_after_counts_positive_milliseconds() {
    let read = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("x-acs-retry-after", HeaderValue::from_static(value));
        retry_after(&headers)
    };
    assert_eq!(read("200"), Some(Duration::from_millis(200)));
    assert_eq!((read("0"), read("-1"), read("soon")), (None, None, None));
    assert_eq!(retry_after(&HeaderMap::new()), None);
}

/// `cargo test --release -p cloudnet --lib measure -- --ignored --nocapture`
#[test]
#[ignore = "prints times, proves nothing"]
fn measure_encoding_and_signing() {
    let input = Create {
        name: Some("production network".into()),
        mask: Some(24),
        ratio: Some(0.5),
        dry_run: Some(false),
        tags: vec![Tag { key: Some("team".into()), value: Some("edge".into()) }; 2],
        zone: Some(Tag { key: Some("cn-hangzhou".into()), value: Some("192.168.0.0/16".into()) }),
        ..Create::default()
    };
    let credentials = Credentials::new("LTAI5tXXXXXXXXXXXXXXXXXX", "secretsecretsecretsecretsecret");
    let cases = [
        ("acs3", &ACS_ACTION, Signature::Acs3HmacSha256),
        ("v1", &ACS_ACTION, Signature::AcsRpcHmacSha1),
        ("aws", &AWS_ACTION, Signature::AwsSigV4),
    ];
    for (name, action, signature) in cases {
        const ROUNDS: u32 = 100_000;
        let start = Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(prepare(action, &input, &[], signature));
        }
        let preparing = start.elapsed() / ROUNDS;
        let prepared = prepare(action, &input, &[], signature);
        let start = Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(sign_request(&prepared, &attempt(&credentials)).is_ok());
        }
        println!("{name}: prepare {preparing:?}, sign {:?}", start.elapsed() / ROUNDS);
    }
}
