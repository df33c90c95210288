//! Requests at the emulator, one behind the other, divided by lines `###`: `METHOD target`, headers, an empty line, and
//! the body. The word `strict` as the first line holds parameters to their limits and states to their time.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use cloudnet::{Credentials, ErrorKind, dynamic};
use cloudnet_emulator::{Delivery, Engine, Lenient, Options, Transitions};
use http::{Method, Request, Response, Uri};
use serde_json::{Value as Json, json};

use super::{action, client_for, wait_for};

/// The most requests of one input.
const REQUESTS: usize = 24;

/// What an emulator remembers.
const STATE: &str = "/_cloudnet/state";

/// Each request has an answer that clients can read, and what is remembered can be taken over by another.
///
/// # Panics
///
/// If it has not.
pub fn emulator(input: &[u8]) {
    let (is_strict, input) =
        input.strip_prefix(b"strict\n").map_or((false, input), |requests| (true, requests));
    let mut engine = Engine::new(options(is_strict));
    let requests: Vec<_> = requests(input).into_iter().take(REQUESTS).filter_map(read).collect();
    for request in &requests {
        let response = engine.handle(request, now());
        assert!(response.status().as_u16() >= 200, "{response:?}");
        if is_control(request) {
            let status = response.status();
            assert!(!status.is_server_error(), "{request:?}: {status}");
        } else {
            assert_is_readable(request, &engine, response);
        }
        engine.advance(Duration::from_secs(1));
    }
    let mut other = taken_over(&mut engine, is_strict);
    assert_go_on_alike(&mut engine, &mut other, &requests);
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_709_618_828)
}

fn options(is_strict: bool) -> Options {
    let lenient = Lenient {
        signature: true,
        nonce: true,
        date: true,
        version: !is_strict,
        unknown_parameters: !is_strict,
        limits: !is_strict,
    };
    let transitions = if is_strict { Transitions::Polls(1) } else { Transitions::default() };
    Options { lenient, transitions, outside_strict: is_strict, ..Options::default() }
}

fn requests(input: &[u8]) -> Vec<&[u8]> {
    const MARK: &[u8] = b"\n###\n";
    let mut requests = Vec::new();
    let mut rest = input;
    while let Some(at) = rest.windows(MARK.len()).position(|part| part == MARK) {
        requests.push(&rest[..at]);
        rest = &rest[at + MARK.len()..];
    }
    requests.push(rest);
    requests
}

/// `None` if HTTP has no such request.
fn read(text: &[u8]) -> Option<Request<Bytes>> {
    const EMPTY_LINE: &[u8] = b"\n\n";
    let end = text.windows(2).position(|part| part == EMPTY_LINE);
    let (head, body) = end.map_or((text, &[][..]), |end| (&text[..end], &text[end + 2..]));
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.next().unwrap_or_default();
    let at = line.iter().position(|byte| *byte == b' ')?;
    let (method, target) = (Method::from_bytes(&line[..at]).ok()?, Uri::try_from(&line[at + 1..]).ok()?);
    let mut request = Request::builder().method(method).uri(target);
    for line in lines {
        let at = line.iter().position(|byte| *byte == b':')?;
        request = request.header(&line[..at], line[at + 1..].trim_ascii());
    }
    request.body(Bytes::copy_from_slice(body)).ok()
}

/// The SDK makes an output of it, or an error with a code.
fn assert_is_readable(request: &Request<Bytes>, engine: &Engine, mut response: Response<Bytes>) {
    let is_broken = response.extensions_mut().remove::<Delivery>().is_some();
    let Some(call) = engine.calls().next_back().filter(|_| !is_broken) else { return };
    let (status, body) = (response.status(), response.body().clone());
    // What is asked in the style of AWS is answered so, whatever action it names.
    let is_of_aws = body.windows(8).any(|part| part == b"\"__type\"");
    let told = response.headers().get("x-acs-request-id").cloned();
    let known = action(if is_of_aws { "CreateCustomRoutingEndpointGroup" } else { &call.action });
    let known = if !is_of_aws && !status.is_success() { action("CreateVpc") } else { known };
    let client = client_for(known, Credentials::new("id", "secret"), response);
    let asked = client.call(known.name, &json!({})).unwrap_or_else(|error| panic!("{error}"));
    let about = || format!("{request:?}: {status} {}", String::from_utf8_lossy(&body));
    if let Some(id) = told.filter(|_| !body.is_empty()) {
        let read: Json = serde_json::from_slice(&body).unwrap_or_default();
        assert_eq!(read["RequestId"].as_str(), id.to_str().ok(), "{}", about());
    }
    match wait_for(asked.send_raw()) {
        Ok(answer) => {
            assert!(status.is_success(), "{}", about());
            let read = dynamic::decode(known.service.name, known.name, answer.body());
            assert!(read.is_ok() && answer.request_id().is_some(), "{}", about());
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Service, "{error}: {}", about());
            assert!(error.code().is_some() && !status.is_success(), "{error}: {}", about());
        }
    }
}

fn is_control(request: &Request<Bytes>) -> bool {
    request.uri().path().starts_with("/_cloudnet")
}

/// Another emulator that takes over what is remembered, and remembers the same then.
fn taken_over(engine: &mut Engine, is_strict: bool) -> Engine {
    let document = asked(engine, Method::GET, STATE, Bytes::new());
    let mut other = Engine::new(options(is_strict));
    asked(&mut other, Method::PUT, STATE, document);
    assert_remember_the_same(engine, &mut other);
    other
}

/// What is asked once more has the same effect at both.
fn assert_go_on_alike(engine: &mut Engine, other: &mut Engine, requests: &[Request<Bytes>]) {
    // Faults are told to one emulator, and not remembered.
    asked(engine, Method::DELETE, "/_cloudnet/faults", Bytes::new());
    for request in requests.iter().filter(|request| !is_control(request)) {
        let [first, second] =
            [&mut *engine, &mut *other].map(|engine| engine.handle(request, now()).status());
        assert_eq!(first, second, "{request:?}");
    }
    assert_remember_the_same(engine, other);
}

fn assert_remember_the_same(engine: &mut Engine, other: &mut Engine) {
    let [first, second] = [engine, other].map(|engine| asked(engine, Method::GET, STATE, Bytes::new()));
    let [read, again] = [&first, &second].map(|document| serde_json::from_slice::<Json>(document).ok());
    assert!(read.is_some() && without_ids(read) == without_ids(again), "{first:?} {second:?}");
}

/// The IDs of requests number those of one emulator.
fn without_ids(document: Option<Json>) -> Option<Json> {
    let mut document = document?;
    let tokens = document.get_mut("tokens").and_then(Json::as_array_mut);
    tokens.into_iter().flatten().filter_map(Json::as_object_mut).for_each(|token| {
        token.remove("request_id");
    });
    Some(document)
}

fn asked(engine: &mut Engine, method: Method, route: &str, document: Bytes) -> Bytes {
    let request = Request::builder()
        .method(method)
        .uri(route)
        .header("content-type", "application/json")
        .body(document)
        .unwrap_or_default();
    let response = engine.handle(&request, now());
    assert!(response.status().is_success(), "{:?}", response.body());
    response.into_body()
}
