//! What a server may answer, and what a call makes of it: a value or a typed error, never a
//! panic, a redirect or a full memory.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use cloudnet::record::{Record, Value};
use cloudnet::{Error, ErrorClass, ErrorKind, dynamic, vpc};
use cloudnet_tests::noise::Noise;
use cloudnet_tests::server::{Delivery, Fault, Server, catalog};
use cloudnet_tests::{failed, processor_time};
use serde_json::{Value as Json, json};

#[tokio::test]
async fn r14_what_is_no_answer_is_a_typed_error() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let long = format!("<html>{}", "x".repeat(5_000));
    for body in
        ["<html>hello</html>", "[]", "[{}]", "null", "\u{feff}", "7", "\"text\"", "{]", long.as_str(), ""]
    {
        let fault =
            Fault::answer(200, body).header("x-acs-request-id", "ID-1").header("content-type", "text/html");
        let before = server.requests();
        server.fault_always(Some(fault));
        let describe = failed(client.describe_vpcs().send().await);
        assert_eq!(
            (describe.kind(), describe.status()),
            (ErrorKind::Response, Some(200)),
            "{body:.20}: {describe}"
        );
        assert_eq!((describe.request_id(), describe.attempts()), (Some("ID-1"), 1), "{body:.20}");
        let excerpt = describe.body_excerpt().unwrap_or_default();
        // No table has any of it.
        assert!(excerpt.len() <= 1_024 && !excerpt.contains(char::is_alphanumeric), "{excerpt}");
        let create = failed(client.create_vpc().send().await);
        assert!(create.may_have_been_applied() && create.kind() == ErrorKind::Response, "{create}");
        assert_eq!(server.requests() - before, 2);
    }
    Ok(())
}

#[tokio::test]
async fn r14_a_gateway_that_fails_is_asked_again() -> Result<(), Error> {
    let server = Server::start();
    for body in ["<html><title>502 Bad Gateway</title></html>", "", "\u{feff}", "[]", "null", "{}"] {
        let client = server.aim(vpc::Client::builder()).build()?;
        server.fault_next(Fault::answer(502, body));
        client.create_vpc().send().await?;
        server.fault_always(Some(Fault::answer(502, body).header("x-acs-request-id", "ID-2")));
        let error = failed(client.describe_vpcs().send().await);
        assert_eq!((error.status(), error.attempts()), (Some(502), 3), "{error}");
        assert_eq!((error.class(), error.request_id()), (ErrorClass::Internal, Some("ID-2")), "{error}");
        server.fault_always(None);
    }
    Ok(())
}

#[tokio::test]
async fn r14_a_type_that_is_wrong_or_a_mark_before_it_do_no_harm() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    for (body, kind) in [
        ("\u{feff}{\"VpcId\":\"vpc-1\"}", "application/json"),
        (" \r\n{\"VpcId\":\"vpc-1\"}\n", "text/html"),
        ("{\"VpcId\":\"vpc-1\"}", "application/octet-stream"),
    ] {
        server.fault_next(Fault::answer(200, body).header("content-type", kind));
        assert_eq!(client.create_vpc().send().await?.vpc_id.as_deref(), Some("vpc-1"));
    }
    Ok(())
}

#[tokio::test]
async fn r16_a_body_is_never_held_beyond_its_limit() -> Result<(), Error> {
    const LIMIT: usize = 32 * 1024 * 1024;
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    for delivery in [Delivery::Announced(LIMIT + 1), Delivery::Announced(1 << 40), Delivery::Endless(1 << 34)]
    {
        server.fault_always(Some(Fault::delivery(delivery.clone())));
        let before = peak_memory();
        let error = failed(client.describe_vpcs().send().await);
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::ResponseTooLarge, 1),
            "{delivery:?}: {error}"
        );
        let grown = peak_memory().saturating_sub(before);
        assert!(grown <= 48 * 1024, "{delivery:?}: {grown} KiB");
    }
    let used: Vec<_> = server.arrivals().iter().map(|arrival| arrival.connection).collect();
    assert_eq!(used, [1, 2, 3], "each was closed");
    Ok(())
}

/// The most memory this process has held so far, in KiB.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

#[tokio::test]
async fn r16_a_limit_of_the_callers_own() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).max_body(1_000).build()?;
    for (length, fits) in [(1_000, true), (1_001, false)] {
        let body = format!("{{{}}}", " ".repeat(length - 2));
        server.fault_next(Fault::answer(200, body));
        let result = client.describe_vpcs().send().await;
        assert_eq!(
            result.map_err(|error| error.kind()).err(),
            (!fits).then_some(ErrorKind::ResponseTooLarge)
        );
    }
    Ok(())
}

#[tokio::test]
async fn r16_nothing_is_inflated() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    let zipped = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0xff; 261 * 1024]].concat();
    server.fault_next(Fault::answer(200, zipped).header("content-encoding", "gzip"));
    let error = failed(client.describe_vpcs().send().await);
    assert_eq!(error.kind(), ErrorKind::Response, "{error}");
    assert_eq!(server.last().message.header("accept-encoding"), None, "none was asked for");
    Ok(())
}

#[tokio::test]
async fn r16_a_hundred_thousand_headers() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    server.fault_always(Some(Fault::delivery(Delivery::Headers(100_000))));
    let error = failed(client.delete_vpc().vpc_id("vpc-1").send().await);
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::ResponseTooLarge, 1), "{error}");
    assert!(error.may_have_been_applied());
    Ok(())
}

/// Runs on a stack of 256 KiB.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let small = thread::Builder::new().stack_size(256 * 1024).spawn(run);
    if small.map(thread::JoinHandle::join).is_ok_and(|ended| ended.is_err()) {
        panic!("the thread panicked");
    }
}

#[test]
fn r17_depth_is_an_error_or_ignored() {
    on_a_small_stack(|| {
        let lists = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let objects = |depth: usize| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        for deep in [lists(10_000), "[".repeat(200_000), "{\"a\":".repeat(200_000), objects(10_000)] {
            for name in ["Unknown", "Vpcs", "TotalCount", "RequestId"] {
                let body = format!("{{\"{name}\":{deep},\"PageSize\":7}}");
                drop(dynamic::decode("vpc", "DescribeVpcs", body.as_bytes()));
            }
            let is_whole_object = deep.starts_with('{') && deep.ends_with('}');
            let alone = dynamic::decode("vpc", "DescribeVpcs", deep.as_bytes());
            assert_eq!(alone.is_ok(), is_whole_object);
        }
        let beside = format!("{{\"Unknown\":{},\"RequestId\":\"r\"}}", lists(10_000));
        let output = dynamic::decode("vpc", "CreateVpc", beside.as_bytes());
        assert!(output.is_ok_and(|output| leaf(&*output, "request_id") == Some("\"r\"".to_owned())));
    });
}

/// A field of an output as `Debug` prints it; `None` if it is absent.
fn leaf(record: &dyn Record, name: &str) -> Option<String> {
    let index = record.names().1.iter().position(|known| *known == name)?;
    let mut found = None;
    record.fields(&mut |fields| {
        let value = fields[index].value();
        found = (!value.is_absent()).then(|| format!("{value:?}"));
    });
    found
}

#[test]
fn r18_what_the_wire_may_have_where_another_type_is_documented() {
    // The table of the decoder, held fast.
    for (member, name, expected) in [
        (r#""TotalCount":7"#, "total_count", Some("7")),
        (r#""TotalCount":" 7 ""#, "total_count", Some("7")),
        (r#""TotalCount":7.0"#, "total_count", Some("7")),
        (r#""TotalCount":7.5"#, "total_count", None),
        (r#""TotalCount":9223372036854775807"#, "total_count", Some("9223372036854775807")),
        (r#""TotalCount":9223372036854775808"#, "total_count", None),
        (r#""TotalCount":"99999999999999999999""#, "total_count", None),
        (r#""TotalCount":true"#, "total_count", Some("1")),
        (r#""TotalCount":"""#, "total_count", None),
        (r#""TotalCount":null"#, "total_count", None),
        (r#""TotalCount":[]"#, "total_count", None),
        (r#""TotalCount":{}"#, "total_count", None),
        (r#""TotalCount":1,"TotalCount":2"#, "total_count", Some("2")),
        (r#""RequestId":"""#, "request_id", Some("\"\"")),
        (r#""RequestId":5"#, "request_id", Some("\"5\"")),
        (r#""RequestId":false"#, "request_id", Some("\"false\"")),
        (r#""RequestId":"a\u0000b""#, "request_id", Some("\"a\\0b\"")),
        (r#""RequestId":null"#, "request_id", None),
        (r#""Vpcs":"""#, "vpcs", None),
        (r#""Vpcs":null"#, "vpcs", None),
        (r#""Vpcs":[]"#, "vpcs", None),
        (r#""Vpcs":{"Vpc":[]}"#, "vpcs", None),
        (r#""Vpcs":[{"VpcId":"v"}]"#, "vpcs", Some("[Vpc { vpc_id: \"v\" }]")),
        (r#""Vpcs":{"Vpc":{"VpcId":"v"}}"#, "vpcs", Some("[Vpc { vpc_id: \"v\" }]")),
        (r#""Vpcs":{"Vpc":[{"Status":"Dancing"}]}"#, "vpcs", Some("[Vpc { status: \"Dancing\" }]")),
    ] {
        let body = format!("{{{member}}}");
        let output = dynamic::decode("vpc", "DescribeVpcs", body.as_bytes());
        let found =
            output.map(|output| leaf(&*output, name)).unwrap_or_else(|error| panic!("{member}: {error}"));
        assert_eq!(found.as_deref(), expected, "{member}");
    }
    let enveloped = br#"{"DescribeVpcsResponse":{"TotalCount":3}}"#;
    assert!(
        dynamic::decode("vpc", "DescribeVpcs", enveloped)
            .is_ok_and(|output| { leaf(&*output, "total_count") == Some("3".to_owned()) })
    );
    let unreadable: [&[u8]; 6] = [
        b"{\"RequestId\":\"\xff\"}",
        br#"{"RequestId":"\ud800"}"#,
        br#"{"RequestId":"\q"}"#,
        br#"{"TotalCount":1e400}"#,
        br#"{"TotalCount":01}"#,
        br#"{"RequestId":"r"} x"#,
    ];
    for body in unreadable {
        assert!(dynamic::decode("vpc", "DescribeVpcs", body).is_err(), "{body:?}");
    }
}

#[tokio::test]
async fn r18_an_unknown_value_is_kept() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(vpc::Client::builder()).build()?;
    server.fault_next(Fault::answer(200, r#"{"Vpcs":{"Vpc":[{"Status":"Dancing"}]}}"#));
    let vpcs = client.describe_vpcs().send().await?.vpcs;
    let status = vpcs[0].status.as_ref().map(ToString::to_string);
    assert_eq!(status.as_deref(), Some("Dancing"));
    Ok(())
}

#[test]
fn r19_no_bytes_make_an_output_panic_or_hang() {
    let (begin, begun) = std::sync::mpsc::channel();
    let decoding = thread::spawn(move || decode_anything(&begin));
    let mut body = Vec::new();
    loop {
        match begun.recv_timeout(Duration::from_secs(60)) {
            Ok(next) => body = next,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("no end: {:?}", String::from_utf8_lossy(&body)),
        }
    }
    let decoded = decoding.join();
    let decoded = decoded.unwrap_or_else(|_| panic!("{:?}", String::from_utf8_lossy(&body)));
    assert!((INPUTS / 4..INPUTS).contains(&decoded), "{decoded}");
}

const INPUTS: usize = 40_000;

/// Tells each body before it is decoded; how many were outputs.
fn decode_anything(begin: &Sender<Vec<u8>>) -> usize {
    let actions: Vec<_> = catalog::actions().collect();
    let mut noise = Noise::new(19);
    let mut decoded = 0;
    for round in 0..INPUTS {
        let (service, action) = actions[round % actions.len()];
        let body = match noise.below(4) {
            0 => (0..noise.below(64)).map(|_| noise.number().to_le_bytes()[0]).collect(),
            1 => mutated(&documented(action), &mut noise),
            _ => shaped(&action.response, &mut noise, 4).to_string().into_bytes(),
        };
        begin.send(body.clone()).unwrap_or_default();
        let (output, took) = processor_time(|| {
            dynamic::decode(&service.spec.name.value, &action.spec.name.value, &body)
                .map(|output| format!("{:?}", Value::Record(&*output)))
        });
        if let Ok(printed) = output {
            decoded += 1;
            assert!(!printed.is_empty());
        }
        assert!(took < Duration::from_millis(500), "{took:?}");
    }
    decoded
}

fn documented(action: &cloudnet_codegen::model::Action) -> Vec<u8> {
    let response = action.spec.examples.iter().find_map(|example| example.response.as_ref());
    response.map_or_else(|| b"{\"RequestId\":\"r\"}".to_vec(), |response| response.to_string().into_bytes())
}

/// A body with some bytes changed, cut out or doubled.
fn mutated(body: &[u8], noise: &mut Noise) -> Vec<u8> {
    let mut body = body.to_vec();
    for _ in 0..=noise.below(4) {
        let at = noise.below(body.len().max(1)).min(body.len());
        let end = (at + noise.below(16)).min(body.len());
        match noise.below(3) {
            0 => drop(body.drain(at..end)),
            1 => body.splice(at..at, body[at..end].to_vec()).for_each(drop),
            _ => body[at..end].iter_mut().for_each(|byte| *byte = noise.number().to_le_bytes()[0]),
        }
    }
    body
}

/// JSON with the members of a table, and values that mostly do not fit.
fn shaped(shape: &cloudnet_codegen::model::Shape, noise: &mut Noise, depth: usize) -> Json {
    use cloudnet_codegen::model::Type;
    let mut members = serde_json::Map::new();
    for field in &shape.fields {
        let inner = match &field.ty {
            Type::Struct(inner) | Type::Json(inner) => Some(&inner.shape),
            Type::List(entry) => match &**entry {
                Type::Struct(inner) => Some(&inner.shape),
                _ => None,
            },
            _ => None,
        };
        let value = match (noise.below(3), inner) {
            (0, _) => continue,
            (1, Some(inner)) => {
                let entries = Json::Array((0..noise.below(3)).map(|_| shaped(inner, noise, depth)).collect());
                let wrapper = field.wrapped.as_deref().filter(|_| noise.below(4) > 0);
                wrapper.map_or(entries.clone(), |wrapper| json!({ wrapper: entries }))
            }
            _ => anything(noise, depth),
        };
        members.insert(field.name.clone(), value);
    }
    Json::Object(members)
}

fn anything(noise: &mut Noise, depth: usize) -> Json {
    match noise.below(if depth == 0 { 6 } else { 8 }) {
        0 => Json::Null,
        1 => json!(noise.below(2) == 0),
        2 => json!(noise.number()),
        3 => json!(i64::MIN.wrapping_add(i64::from(noise.below(9) as u32))),
        4 => json!(f64::from_bits(noise.number())),
        5 => json!(noise.text(6)),
        6 => Json::Array((0..noise.below(4)).map(|_| anything(noise, depth - 1)).collect()),
        _ => (0..noise.below(4)).map(|_| (noise.text(2), anything(noise, depth - 1))).collect(),
    }
}

#[tokio::test]
async fn r20_no_redirect_is_followed() -> Result<(), Error> {
    let elsewhere = Server::start();
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start();
        let client = Arc::new(server.aim(vpc::Client::builder()).build()?);
        for location in [
            elsewhere.url(),
            format!("{}/?a=b", server.url()),
            format!("https://{}/", elsewhere.address()),
            "/".to_owned(),
            "//evil.example/".to_owned(),
        ] {
            let before = server.requests();
            server.fault_always(Some(Fault::answer(status, "").header("location", location.as_str())));
            for error in
                [failed(client.describe_vpcs().send().await), failed(client.create_vpc().send().await)]
            {
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::UnexpectedRedirect, 1), "{error}");
                assert_eq!(error.status(), Some(status), "{location}");
            }
            assert_eq!(server.requests() - before, 2, "{location}");
        }
    }
    assert_eq!(elsewhere.connections(), 0);
    Ok(())
}
