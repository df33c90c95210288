//! What a whole call costs without the network, beside the floor of what it cannot do without.
//!
//! ```console
//! $ cargo bench -p cloudnet --bench call
//! ```

mod created;

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use cloudnet::transport::{Limits, ResponseFuture, Transport};
use cloudnet::{Credentials, Operation, ServiceClient, Signature, vpc};
use divan::{AllocProfiler, Bencher};
use http::header::CONTENT_LENGTH;
use http::{Request, Response};

use created::{CREATED, KEY_ID, KEY_SECRET, Kept};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    for signature in SIGNATURES {
        by_hand::assert_same_bytes(signature);
    }
    divan::main();
}

const SIGNATURES: [Signature; 2] = [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1];

/// Answers at once, with a length as a server does.
#[derive(Debug)]
struct Instant(Bytes);

impl Transport for Instant {
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        black_box(request);
        let mut response = Response::new(self.0.clone());
        response.headers_mut().insert(CONTENT_LENGTH, self.0.len().into());
        Box::pin(std::future::ready(Ok(response)))
    }
}

fn client<C: ServiceClient>(transport: impl Transport + 'static, signature: Signature) -> C {
    C::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new(KEY_ID, KEY_SECRET))
        .transport(Arc::new(transport))
        .signature(signature)
        .build()
        .expect("the client is complete")
}

/// The output of a future that waits for nothing, without an executor that would be measured too.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the transport answers at once"),
    }
}

fn create(vpc: &vpc::Client) -> cloudnet::Request<vpc::CreateVpc> {
    vpc.create_vpc()
        .region_id("cn-hangzhou")
        .vpc_name("production")
        .cidr_block("192.168.0.0/16")
        .description("made by a benchmark")
        .client_token("123e4567-e89b-12d3-a456-426655440000")
}

/// Build, validate, encode, sign, judge, decode.
#[divan::bench(args = SIGNATURES)]
fn whole_call(bencher: Bencher, signature: Signature) {
    let vpc = client(Instant(Bytes::from_static(CREATED.as_bytes())), signature);
    bencher.bench_local(|| at_once(create(&vpc).send()).expect("it is answered"));
}

/// The same request, byte for byte, and the same answer in a struct, in straight code: what no client
/// can do without. It checks, fills in and keeps nothing.
#[divan::bench(args = SIGNATURES)]
fn floor_sign_and_parse(bencher: Bencher, signature: Signature) {
    bencher.bench_local(|| {
        black_box(by_hand::request(signature, by_hand::DATE, &by_hand::nonce()));
        serde_json::from_str::<derived::Created>(black_box(CREATED)).expect("JSON")
    });
}

#[divan::bench]
fn validate_alone(bencher: Bencher) {
    let input = create(&client(Instant(Bytes::new()), Signature::default())).into_input();
    bencher.bench_local(|| black_box(&input).validate());
}

fn listing(entries: usize) -> Bytes {
    let one = r#"{"CreationTime":"2018-04-18T15:02:37Z","Status":"Available","VpcId":"vpc-bp15zckdt37pq72zvw3","VpcName":"vpc1","CidrBlock":"10.0.0.0/24","IsDefault":false,"VRouterId":"vrt-bp1lhl0taikrteen80oxx","RegionId":"cn-hangzhou","Description":"","Ipv6CidrBlock":"","ResourceGroupId":"rg-acfmxazb4ph6aiy","VSwitchIds":{"VSwitchId":["vsw-bp12mw1f8k3jgygk9bmlj","vsw-bp12mw1f8k3jgygk9bmlk"]},"UserCidrs":{"UserCidr":[]},"NatGatewayIds":{"NatGatewayIds":[]},"RouterTableIds":{"RouterTableIds":["vtb-bp145q7glnuzdvzu21pom"]},"Tags":{"Tag":[{"Key":"env","Value":"internal"}]}}"#;
    let all = vec![one; entries].join(",");
    let text = format!(
        r#"{{"PageNumber":1,"PageSize":{entries},"TotalCount":{entries},"RequestId":"C6532AA8-D0F7-497F-A8EE-094126D441F5","Vpcs":{{"Vpc":[{all}]}}}}"#
    );
    Bytes::from(text)
}

/// A call whose answer is 1,000 entries: almost all of it is decoding.
#[divan::bench]
fn decode_1000(bencher: Bencher) {
    let vpc = client::<vpc::Client>(Instant(listing(1000)), Signature::default());
    bencher.bench_local(|| at_once(vpc.describe_vpcs().send()).expect("it is answered"));
}

/// The same body into the same structs by derived code.
#[divan::bench]
fn floor_decode_1000_derived(bencher: Bencher) {
    let body = listing(1000);
    bencher.bench_local(|| serde_json::from_slice::<derived::Output>(black_box(&body)).expect("JSON"));
}

mod by_hand {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use hmac::{Hmac, KeyInit, Mac};
    use http::header::{ACCEPT, AUTHORIZATION, HOST, USER_AGENT};
    use sha1::Sha1;
    use sha2::{Digest, Sha256};

    use super::*;

    pub(crate) const DATE: &str = "2024-03-05T06:07:08Z";

    const SERVER: &str = "vpc.aliyuncs.com";
    const AGENT: &str = "cloudnet/0.1.0 (linux; x86_64)";
    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    pub(crate) fn nonce() -> String {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("randomness");
        hex(&bytes)
    }

    pub(crate) fn request(signature: Signature, date: &str, nonce: &str) -> Request<Bytes> {
        let own = [
            ("RegionId", "cn-hangzhou"),
            ("VpcName", "production"),
            ("CidrBlock", "192.168.0.0/16"),
            ("Description", "made by a benchmark"),
            ("ClientToken", "123e4567-e89b-12d3-a456-426655440000"),
        ];
        match signature {
            Signature::AcsRpcHmacSha1 => rpc(black_box(&own), date, nonce),
            _ => acs3(black_box(&own), date, nonce),
        }
    }

    fn acs3(own: &[(&str, &str)], date: &str, nonce: &str) -> Request<Bytes> {
        let query = query(own.to_vec());
        let signed = [
            ("host", SERVER),
            ("x-acs-action", "CreateVpc"),
            ("x-acs-content-sha256", NOTHING),
            ("x-acs-date", date),
            ("x-acs-signature-nonce", nonce),
            ("x-acs-version", "2016-04-28"),
        ];
        let names = signed.map(|(name, _)| name).join(";");
        let mut canonical = String::with_capacity(1024);
        canonical.extend(["POST\n/\n", &query, "\n"]);
        signed.iter().for_each(|(name, value)| canonical.extend([name, ":", value, "\n"]));
        canonical.extend(["\n", &names, "\n", NOTHING]);
        let hash = hex(&Sha256::digest(canonical.as_bytes()));
        let mac = Hmac::<Sha256>::new_from_slice(KEY_SECRET.as_bytes()).expect("a key of any length");
        let mac = mac.chain_update(["ACS3-HMAC-SHA256\n", &hash].concat());
        let signature = hex(&mac.finalize().into_bytes());
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders={names},Signature={signature}");
        let request = Request::post(["https://", SERVER, "/?", &query].concat());
        let request = signed.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.header(AUTHORIZATION, authorization).header(USER_AGENT, AGENT);
        request.header(ACCEPT, "application/json").body(Bytes::new()).expect("a request")
    }

    fn rpc(own: &[(&str, &str)], date: &str, nonce: &str) -> Request<Bytes> {
        let mut parameters = own.to_vec();
        parameters.extend([
            ("AccessKeyId", KEY_ID),
            ("Action", "CreateVpc"),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", date),
            ("Version", "2016-04-28"),
        ]);
        let query = query(parameters);
        let mut to_sign = String::with_capacity(2 * query.len());
        to_sign.push_str("POST&%2F&");
        encode(&mut to_sign, &query);
        let key = [KEY_SECRET, "&"].concat();
        let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("a key of any length");
        let signature = STANDARD.encode(mac.chain_update(&to_sign).finalize().into_bytes());
        let mut target = ["https://", SERVER, "/?", &query, "&Signature="].concat();
        encode(&mut target, &signature);
        let request = Request::post(target).header(HOST, SERVER).header(USER_AGENT, AGENT);
        request.header(ACCEPT, "application/json").body(Bytes::new()).expect("a request")
    }

    fn query(mut parameters: Vec<(&str, &str)>) -> String {
        parameters.sort_unstable();
        let mut query = String::with_capacity(512);
        for (name, value) in parameters {
            query.push_str(if query.is_empty() { "" } else { "&" });
            encode(&mut query, name);
            query.push('=');
            encode(&mut query, value);
        }
        query
    }

    fn encode(text: &mut String, raw: &str) {
        for byte in raw.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    text.push(char::from(byte));
                }
                _ => {
                    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                    let digits = [byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)]));
                    text.extend(['%', digits[0], digits[1]]);
                }
            }
        }
    }

    fn hex(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(2 * bytes.len());
        for digit in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
            text.push(char::from(DIGITS[usize::from(digit)]));
        }
        text
    }

    /// Holds the floor to sending what the client sends.
    pub(crate) fn assert_same_bytes(signature: Signature) {
        let kept = Kept::default();
        let vpc = client(kept.clone(), signature);
        at_once(create(&vpc).send()).expect("it is answered");
        let sent = kept.take();
        let mut query = sent.uri().query().unwrap_or_default().split('&');
        let mut given = |header: &str, parameter: &str| match sent.headers().get(header) {
            Some(value) => value.to_str().expect("ASCII").to_owned(),
            None => {
                query.find_map(|pair| pair.strip_prefix(parameter)).expect("it is sent").replace("%3A", ":")
            }
        };
        let nonce = given("x-acs-signature-nonce", "SignatureNonce=");
        let same = request(signature, &given("x-acs-date", "Timestamp="), &nonce);
        assert_eq!((sent.uri(), sent.headers()), (same.uri(), same.headers()));
    }
}

#[allow(dead_code, reason = "read by nobody: what counts is that they are filled")]
mod derived {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub(crate) struct Created {
        vpc_id: Option<String>,
        #[serde(rename = "VRouterId")]
        vrouter_id: Option<String>,
        route_table_id: Option<String>,
        request_id: Option<String>,
        resource_group_id: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub(crate) struct Output {
        vpcs: Vpcs,
        total_count: Option<i64>,
        page_number: Option<i64>,
        page_size: Option<i64>,
        request_id: Option<String>,
    }

    #[derive(Deserialize)]
    struct Vpcs {
        #[serde(rename = "Vpc")]
        vpc: Vec<Vpc>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Vpc {
        cidr_block: Option<String>,
        creation_time: Option<String>,
        description: Option<String>,
        ipv6_cidr_block: Option<String>,
        is_default: Option<bool>,
        nat_gateway_ids: NatGatewayIds,
        region_id: Option<String>,
        resource_group_id: Option<String>,
        router_table_ids: RouterTableIds,
        status: Option<Status>,
        tags: Tags,
        user_cidrs: UserCidrs,
        #[serde(rename = "VRouterId")]
        vrouter_id: Option<String>,
        #[serde(rename = "VSwitchIds")]
        vswitch_ids: VswitchIds,
        vpc_id: Option<String>,
        vpc_name: Option<String>,
    }

    #[derive(Deserialize)]
    enum Status {
        Pending,
        Available,
        #[serde(untagged)]
        Unknown(String),
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct NatGatewayIds {
        nat_gateway_ids: Vec<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct RouterTableIds {
        router_table_ids: Vec<String>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct UserCidrs {
        user_cidr: Vec<String>,
    }

    #[derive(Deserialize)]
    struct VswitchIds {
        #[serde(rename = "VSwitchId")]
        vswitch_id: Vec<String>,
    }

    #[derive(Deserialize)]
    struct Tags {
        #[serde(rename = "Tag")]
        tag: Vec<Tag>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Tag {
        key: Option<String>,
        value: Option<String>,
    }
}
