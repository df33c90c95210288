//! What a whole call costs without the network, beside the floor of what it cannot do without.
//!
//! ```console
//! $ cargo bench -p cloudnet --bench call
//! ```

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use cloudnet::transport::{Limits, Sending, Transport};
use cloudnet::{Client, Credentials, Operation, ServiceMarker, Signature, vpc};
use divan::{AllocProfiler, Bencher};
use http::{Request, Response};
use ring::{digest, hmac};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const CREATED: &str = r#"{"VpcId":"vpc-bp15zckdt37pq72zv","VRouterId":"vrt-bp1lhl0taikrteen8","RouteTableId":"vtb-bp145q7glnuzdv","RequestId":"0ED8D006-F706-4D23-88ED-E11ED28DCAC0","ResourceGroupId":"rg-acfmxazb4ph6aiy"}"#;

/// Answers at once.
#[derive(Debug)]
struct Instant(Bytes);

impl Transport for Instant {
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> Sending<'a> {
        black_box(request);
        Box::pin(std::future::ready(Ok(Response::new(self.0.clone()))))
    }
}

fn client<S: ServiceMarker>(body: Bytes, signature: Signature) -> Client<S> {
    Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("LTAI5tExampleAccessKeyId", "ExampleAccessKeySecret30Letters"))
        .transport(Arc::new(Instant(body)))
        .signature(signature)
        .build()
        .expect("the client is complete")
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
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
#[divan::bench(args = [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1])]
fn whole_call(bencher: Bencher, signature: Signature) {
    let (runtime, vpc) = (runtime(), client(Bytes::from_static(CREATED.as_bytes()), signature));
    bencher.bench_local(|| runtime.block_on(create(&vpc).send()).expect("it is answered"));
}

/// Hashing what an ACS3 signature hashes, and parsing what the response holds; nothing else.
#[divan::bench]
fn floor_sign_and_parse(bencher: Bencher) {
    const CANONICAL: &str = "POST\n/\nCidrBlock=192.168.0.0%2F16&ClientToken=123e4567-e89b-12d3-a456-426655440000&Description=made%20by%20a%20benchmark&RegionId=cn-hangzhou&VpcName=production\nhost:vpc.aliyuncs.com\nx-acs-action:CreateVpc\nx-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-acs-date:2024-03-05T06:07:08Z\nx-acs-signature-nonce:3156853299f313e23d1673dc12e1703d\nx-acs-version:2016-04-28\n\nhost;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    bencher.bench_local(|| {
        let body = digest::digest(&digest::SHA256, black_box(b""));
        let request = digest::digest(&digest::SHA256, black_box(CANONICAL.as_bytes()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, black_box(b"ExampleAccessKeySecret30Letters"));
        let mut signing = hmac::Context::with_key(&key);
        signing.update(b"ACS3-HMAC-SHA256\n");
        signing.update(request.as_ref());
        let signature = signing.sign();
        let parsed: serde_json::Value = serde_json::from_str(black_box(CREATED)).expect("JSON");
        (body, signature, parsed)
    });
}

#[divan::bench]
fn validate_alone(bencher: Bencher) {
    let input = create(&client(Bytes::new(), Signature::default())).into_input();
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
    let (runtime, vpc) = (runtime(), client::<vpc::Vpc>(listing(1000), Signature::default()));
    bencher.bench_local(|| runtime.block_on(vpc.describe_vpcs().send()).expect("it is answered"));
}

/// The same body into the same structs by derived code.
#[divan::bench]
fn floor_decode_1000_derived(bencher: Bencher) {
    let body = listing(1000);
    bencher.bench_local(|| serde_json::from_slice::<derived::Output>(black_box(&body)).expect("JSON"));
}

#[allow(dead_code, reason = "read by nobody: what counts is that they are filled")]
mod derived {
    use serde::Deserialize;

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
