//! Whatever comes is answered, in bounds, and leaves nothing broken behind.

use std::time::Duration;

use bytes::Bytes;
use cloudnet_emulator::{Effect, Engine, Options, Transitions};
use http::{Request, Uri};
use serde_json::{Value as Json, json};

use crate::requests::{Chance, Maker, ask, aws, control, engine, json_of, noon, query};

/// Of any answer about resources that are not many.
const MOST_BYTES: usize = 4 << 20;

fn check(engine: &mut Engine, request: &Request<Bytes>) -> u16 {
    let response = ask(engine, request);
    let (status, length) = (response.status().as_u16(), response.body().len());
    assert!((200..600).contains(&status) && length < MOST_BYTES, "{status} {length}");
    let is_json = serde_json::from_slice::<Json>(response.body()).is_ok();
    assert!(is_json || response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    status
}

/// Requests that are right but for some bytes, names, values or the length of something.
#[test]
fn requests_that_were_tampered_with_are_answered() {
    for transitions in [Transitions::Instant, Transitions::Polls(1)] {
        let mut engine = engine(Options { transitions, ..Options::default() });
        let mut maker = Maker::new(5);
        for _ in 0..1_000 {
            let mut request = maker.request();
            let right = ask(&mut engine, &request);
            maker.learn(&json_of(&right));
            tamper(&mut maker.chance, &mut request);
            check(&mut engine, &request);
        }
        let applied = engine.calls().filter(|call| call.is_applied).count();
        assert!(applied > 20, "{applied}");
    }
}

fn tamper(chance: &mut Chance, request: &mut Request<Bytes>) {
    let mut body = request.body().to_vec();
    let at = chance.below(body.len() + 1);
    match chance.below(7) {
        0 => body.truncate(at),
        1 => (0..8).for_each(|_| {
            let at = chance.below(body.len());
            if let Some(byte) = body.get_mut(at) {
                *byte = u8::try_from(chance.below(256)).unwrap();
            }
        }),
        2 => body.splice(at..at, [b'.', b'1']).for_each(drop),
        3 => body.splice(at..at, [b'A'; 5_000]).for_each(drop),
        4 => body.splice(at..at, *b"%00%F0%9F%98%80%22%5C").for_each(drop),
        5 => body
            .splice(at..at, *b"&Tag.1.Key=a&Tag.4294967295.Key=b&PageSize=18446744073709551615")
            .for_each(drop),
        _ => body
            .extend_from_slice(b"&PageNumber=18446744073709551615&PageSize=9223372036854775807&NextToken=-1"),
    }
    *request.body_mut() = body.into();
}

#[test]
fn what_is_long_or_deep_is_answered() {
    let mut engine = engine(Options::default());
    let long = "a".repeat(500_000);
    let own = |more: &[(&str, &str)]| {
        let all = [("Action", "CreateVpc"), ("Version", "2016-04-28")].iter().chain(more);
        query(&all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
    };
    let list: Vec<(String, String)> =
        (1..20_000).map(|at| (format!("Tag.{at}.Key"), "k".to_owned())).collect();
    let list: Vec<(&str, &str)> = list.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let deep = "[".repeat(200_000);
    let open = "{\"a\":".repeat(100_000);
    let requests = [
        own(&[("VpcName", &long)]),
        own(&[(&long, "x")]),
        own(&[(&"a.".repeat(200_000), "x")]),
        own(&[("Action", &long)]),
        own(&[("RegionId", &long)]),
        own(&[("ClientToken", &long)]),
        own(&[("IkeConfig", &deep), ("Action", "CreateVpnConnection")]),
        own(&list),
        aws("GlobalAccelerator_V20180706.CreateCustomRoutingEndpointGroup", deep.clone()),
        aws("GlobalAccelerator_V20180706.CreateCustomRoutingEndpointGroup", open),
        aws(&long, "{}".to_owned()),
    ];
    for request in &requests {
        check(&mut engine, request);
    }
    // What is logged of them is cut.
    let calls = control(&mut engine, "GET", "calls", "");
    assert!(calls.body().len() < 500_000, "{}", calls.body().len());
    for (method, path) in
        [("POST", "clock"), ("POST", "faults"), ("POST", "reset"), ("PUT", "state"), ("POST", "state/save")]
    {
        for body in [&deep, &long, &format!("{{\"action\":{deep}"), &format!("{{\"state\":{deep}"), "\u{0}"] {
            let answer = control(&mut engine, method, path, body.to_owned());
            assert!(answer.status() == 400 && answer.body().len() < 5_000, "{path} {:?}", answer.status());
        }
    }
}

#[test]
fn no_path_leads_to_where_it_should_not() {
    let mut engine = engine(Options::default());
    for path in [
        "/../_cloudnet/state",
        "/_cloudnet/../state",
        "/_cloudnet/..%2fstate",
        "/_cloudnet/%2e%2e/etc/passwd",
        "/_cloudnet//state",
        "/_cloudnet/state/",
        "/_cloudnet/state/../calls",
        "/_cloudnet\\state",
        "/_CLOUDNET/state",
        "/_cloudnet/state%00",
        "/_cloudnetx",
        "//_cloudnet/state",
    ] {
        let Ok(uri) = path.parse::<Uri>() else { continue };
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let status = check(&mut engine, &request);
        assert!((400..500).contains(&status), "{path} {status}");
    }
}

/// A document with something wrong in it is refused, or does no harm.
#[test]
fn states_that_make_no_sense_break_nothing() {
    let (mut maker, mut first) = (Maker::new(21), engine(Options::default()));
    for _ in 0..400 {
        let answer = ask(&mut first, &maker.request());
        maker.learn(&json_of(&answer));
    }
    let document = json_of(&control(&mut first, "GET", "state", ""));
    let (mut refused, mut taken) = (0, 0);
    for round in 0..150 {
        let transitions =
            if round % 2 == 0 { Transitions::Instant } else { Transitions::After(Duration::from_secs(5)) };
        let mut engine = engine(Options { transitions, ..Options::default() });
        let mut wrong = document.clone();
        for _ in 0..=maker.chance.below(2) {
            spoil(&mut maker.chance, &mut wrong);
        }
        let answer = control(&mut engine, "PUT", "state", wrong.to_string());
        match answer.status().as_u16() {
            200 => taken += 1,
            400 => {
                let error = json_of(&answer)["error"].as_str().unwrap_or_default().to_owned();
                assert!((1..2_000).contains(&error.len()), "{}", error.len());
                refused += 1;
            }
            status => panic!("{status}"),
        }
        for _ in 0..10 {
            let request = maker.request();
            check(&mut engine, &request);
        }
        let page = Request::get("/_cloudnet/").body(Bytes::new()).unwrap();
        check(&mut engine, &page);
        let clock = control(&mut engine, "POST", "clock", r#"{"advance_s":3000000000}"#);
        assert_eq!(clock.status(), 200);
        let kept = control(&mut engine, "GET", "state", "").into_body();
        // What it says, it takes.
        assert_eq!(control(&mut engine, "PUT", "state", kept).status(), 200);
    }
    assert!(refused > 5 && taken > 5, "{refused} refused, {taken} taken");
}

/// Puts something into a document that has no place there.
fn spoil(chance: &mut Chance, document: &mut Json) {
    let inner = if chance.one_in(12) { 0 } else { length(document) };
    let which = chance.below(inner);
    match document {
        Json::Object(members) if inner > 0 => spoil(chance, members.values_mut().nth(which).unwrap()),
        Json::Array(entries) if inner > 0 => spoil(chance, &mut entries[which]),
        at => replace(chance, at),
    }
}

fn length(json: &Json) -> usize {
    json.as_object().map(serde_json::Map::len).or(json.as_array().map(Vec::len)).unwrap_or_default()
}

fn replace(chance: &mut Chance, at: &mut Json) {
    let deep = (0..100).fold(json!("x"), |inner, _| json!({ "a": inner }));
    let wrong = [
        json!(null),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(7),
        json!("x"),
        json!(""),
        json!(true),
        json!([]),
        json!({}),
        json!(["a", ["b"], { "c": 1 }]),
        json!({ "secs": u64::MAX, "nanos": 4_294_967_295_u32 }),
        json!({ "secs": 200_000_000_000_u64, "nanos": 0 }),
        json!("a".repeat(10_000)),
        deep,
    ];
    match at {
        Json::Object(members) if chance.one_in(3) => {
            let which = chance.below(members.len());
            let name = members.keys().nth(which).cloned().unwrap_or_default();
            let value = members.remove(&name).unwrap_or_default();
            if chance.one_in(2) {
                let other =
                    *chance.pick(&["x", "0", "18446744073709551615", "-1", "brought_by", "change", "fields"]);
                members.insert(other.to_owned(), value);
            }
        }
        Json::Number(number) if chance.one_in(2) => *at = json!(number.as_u64().unwrap_or_default() / 2 + 1),
        at => *at = chance.pick(&wrong).clone(),
    }
}

/// Documents that are well-formed and cannot be.
#[test]
fn states_that_cannot_be_are_refused() {
    let mut engine = engine(Options::default());
    let whole = |fresh: Json, passed: Json, kinds: Json| json!({ "format": 1, "state": { "fresh": fresh, "passed": passed, "kinds": kinds } });
    let zero = || json!({ "secs": 0, "nanos": 0 });
    let thing = |more: Json| {
        let mut thing = json!({ "region": "cn-hangzhou", "created": zero(), "fields": { "VpcId": "vpc-1" } });
        thing.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        thing
    };
    let of = |kind: &str, number: &str, more: Json| {
        whole(json!(9), zero(), json!({ "vpc": { kind: { number: thing(more) } } }))
    };
    let cases = [
        (whole(json!(u64::MAX), zero(), json!({})), "`fresh` is beyond"),
        (whole(json!(-1), zero(), json!({})), "invalid value"),
        (whole(json!(1), json!({ "secs": u64::MAX, "nanos": 0 }), json!({})), "`passed` is beyond"),
        (whole(json!(1), json!({ "secs": u64::MAX, "nanos": u32::MAX }), json!({})), "overflow"),
        (whole(json!(1), zero(), json!({ "ecs": {} })), "there is no service `ecs`"),
        (whole(json!(1), zero(), json!({ "vpc": { "Instance": {} } })), "vpc has no kind `Instance`"),
        (of("Vpc", "0", json!({})), "vpc Vpc 0 has a number beyond `fresh`"),
        (of("Vpc", "10", json!({})), "vpc Vpc 10 has a number beyond `fresh`, which is 9"),
        (of("Vpc", "1", json!({ "created": { "secs": 1, "nanos": 0 } })), "was `created` after"),
        (of("Vpc", "1", json!({ "brought_by": 1 })), "vpc Vpc 1 was not brought by 1"),
        (of("VRouter", "2", json!({ "brought_by": 1 })), "vpc VRouter 2 was not brought by 1"),
        (of("VRouter", "2", json!({ "brought_by": 3 })), "vpc VRouter 2 was not brought by 3"),
        (of("Vpc", "1", json!({ "fields": [] })), "cannot be understood"),
        (of("Vpc", "1", json!({ "change": { "to": null } })), "missing field `when`"),
        (of("Vpc", "x", json!({})), "cannot be understood"),
    ];
    for (document, problem) in cases {
        let answer = control(&mut engine, "PUT", "state", document.to_string());
        let error = json_of(&answer)["error"].as_str().unwrap_or_default().to_owned();
        assert!(answer.status() == 400 && error.contains(problem), "{problem}: {error}");
    }
}

#[test]
fn time_ends() {
    let mut engine = engine(Options::default());
    engine.advance(Duration::MAX);
    let (response, call) = engine.outcome(&Maker::new(1).request(), noon(), Effect::Real);
    assert!((200..600).contains(&response.status().as_u16()) && call.time.starts_with("99"), "{}", call.time);
}
