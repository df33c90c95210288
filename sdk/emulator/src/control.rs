//! The routes below `/_cloudnet/`: what people look at, and what tests in other languages steer by.
//!
//! Pages of other sites run in the browsers of those who run this program. So nothing here is answered
//! under a foreign name, or to a foreign origin, and what changes something wants a content type that
//! no form can send.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::engine::Engine;
use crate::options::TimeSource;
use crate::timestamp::rfc3339;
use crate::{page, state_file};

mod faults;

/// The state as a whole.
pub(crate) const STATE: &str = "/_cloudnet/state";
const SAVE: &str = "/_cloudnet/state/save";
const CALLS: &str = "/_cloudnet/calls";
const CLOCK: &str = "/_cloudnet/clock";
const FAULTS: &str = "/_cloudnet/faults";
const PAGE: &str = "/_cloudnet/";
const RESET: &str = "/_cloudnet/reset";

/// Every route with its methods.
const ROUTES: [(&str, &[Method]); 7] = [
    (PAGE, &[Method::GET]),
    (CALLS, &[Method::GET]),
    (CLOCK, &[Method::GET, Method::POST]),
    (FAULTS, &[Method::GET, Method::POST, Method::DELETE]),
    (RESET, &[Method::POST]),
    (STATE, &[Method::GET, Method::PUT]),
    (SAVE, &[Method::POST]),
];

/// The longest time that anything is told to take: a hundred years.
const LONGEST: u64 = 100 * 366 * 86_400;

/// On requests: which of this machine's addresses it came to. Without it, it came from this process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived {
    pub(crate) address: SocketAddr,
}

/// On responses: the state is to be written to its file, if there is one; the response is for when
/// there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Save;

/// Why a request is refused.
pub(crate) struct Refused {
    status: StatusCode,
    problem: String,
}

pub(crate) type Answer = Result<Response<Bytes>, Refused>;

/// Answers a request whose path is `/_cloudnet` or begins with `/_cloudnet/`.
pub(crate) fn answer(engine: &mut Engine, request: &Request<Bytes>) -> Response<Bytes> {
    let mut response = respond(engine, request)
        .unwrap_or_else(|refused| said(refused.status, &json!({ "error": refused.problem })));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// What [`Save`] is answered with once the file is written.
pub(crate) fn saved() -> Response<Bytes> {
    ok(&json!({ "saved": true }))
}

/// What [`Save`] is answered with if it cannot be written.
pub(crate) fn unsaved(problem: &str) -> Response<Bytes> {
    said(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": problem }))
}

fn respond(engine: &mut Engine, request: &Request<Bytes>) -> Answer {
    check_sender(request)?;
    let path = if request.uri().path() == "/_cloudnet" { PAGE } else { request.uri().path() };
    let Some((_, methods)) = ROUTES.iter().find(|(known, _)| *known == path) else {
        let known = ROUTES.map(|(path, _)| path).join(", ");
        return Err(Refused::new(StatusCode::NOT_FOUND, format!("there is nothing here; there are {known}")));
    };
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    if !methods.contains(method) {
        return Ok(wrong_method(methods));
    }
    if path != PAGE && request.uri().query().is_some() {
        return Err(Refused::request(format!("{path} takes no query")));
    }
    if [Method::POST, Method::PUT].contains(method) {
        check_type(request.headers())?;
    }
    match (method.as_str(), path) {
        ("GET", PAGE) => page::answer(engine, request.uri().query().unwrap_or_default()),
        ("GET", CALLS) => Ok(ok(&calls(engine))),
        ("GET", CLOCK) => Ok(ok(&clock(engine))),
        ("POST", CLOCK) => set_clock(engine, request.body()),
        ("POST", FAULTS) => faults::add(engine, request.body()),
        ("DELETE", FAULTS) => Ok(faults::clear(engine)),
        ("GET", FAULTS) => Ok(faults::list(engine)),
        ("POST", RESET) => reset(engine, request.body()),
        ("GET", STATE) => state(engine),
        ("PUT", STATE) => restore(engine, request.body()),
        (_, SAVE) => save(request.body()),
        _ => Ok(wrong_method(methods)),
    }
}

/// Refuses who speaks for another site, or under the name of one that now leads here.
fn check_sender(request: &Request<Bytes>) -> Result<(), Refused> {
    let foreign = |what: &str, value: &[u8]| {
        let value = String::from_utf8_lossy(&value[..value.len().min(100)]);
        let problem = format!("{what} {value:?} is not this program's; use http://localhost and its port");
        Refused::new(StatusCode::FORBIDDEN, problem)
    };
    let host = only(request.headers(), header::HOST).map_err(|()| foreign("Host", b"(several)"))?;
    let host = host.map(HeaderValue::as_bytes);
    let named = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    if let Some(Arrived { address }) = request.extensions().get() {
        for host in [host.unwrap_or_default()].into_iter().chain(named) {
            if !leads_here(host, *address) {
                return Err(foreign("Host", host));
            }
        }
    }
    let origin = only(request.headers(), header::ORIGIN).map_err(|()| foreign("Origin", b"(several)"))?;
    match origin.map(HeaderValue::as_bytes) {
        Some(origin) if origin.strip_prefix(b"http://") != host.or(named) => Err(foreign("Origin", origin)),
        _ => Ok(()),
    }
}

fn only(headers: &HeaderMap, name: header::HeaderName) -> Result<Option<&HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(()) } else { Ok(first) }
}

/// Whether a `Host` names the address itself, or this machine, with the port.
fn leads_here(host: &[u8], address: SocketAddr) -> bool {
    let Ok(authority) = Authority::try_from(host) else { return false };
    let name = authority.host();
    let literal = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let is_literal = literal.parse().is_ok_and(|ip: IpAddr| {
        ip.to_canonical().is_loopback() || ip.to_canonical() == address.ip().to_canonical()
    });
    let has_user = authority.as_str().contains('@');
    let port = authority.port_u16().unwrap_or(80);
    (is_literal || name.eq_ignore_ascii_case("localhost")) && !has_user && port == address.port()
}

fn check_type(headers: &HeaderMap) -> Result<(), Refused> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = value.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let problem = "the content type has to be application/json".to_owned();
    Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem))
}

fn calls(engine: &Engine) -> Json {
    let calls: Vec<_> = engine.calls().collect();
    json!({ "total": calls.last().map_or(0, |call| call.number), "calls": calls })
}

fn clock(engine: &Engine) -> Json {
    let offset = engine.options().signature_offset;
    json!({ "now": rfc3339(engine.state().now()), "signature_offset_s": offset })
}

/// What `POST /_cloudnet/clock` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance_s: Option<f64>,
    signature_offset_s: Option<i64>,
}

fn set_clock(engine: &mut Engine, body: &[u8]) -> Answer {
    let told: Clock = read(body)?;
    if told.advance_s.is_none() && told.signature_offset_s.is_none() {
        return Err(Refused::request("it takes `advance_s`, `signature_offset_s` or both".to_owned()));
    }
    let by = told.advance_s.map(|seconds| duration("advance_s", seconds)).transpose()?;
    if by.is_some() && engine.options().clock == TimeSource::Wall {
        let problem = "the clock is the machine's (`--clock wall`), so it cannot be advanced".to_owned();
        return Err(Refused::new(StatusCode::CONFLICT, problem));
    }
    if let Some(offset) = told.signature_offset_s {
        if offset.unsigned_abs() > LONGEST {
            return Err(Refused::request(format!("`signature_offset_s` is within {LONGEST} seconds")));
        }
        engine.set_signature_offset(offset);
    }
    if let Some(by) = by {
        engine.advance(by);
    }
    Ok(ok(&clock(engine)))
}

fn reset(engine: &mut Engine, body: &[u8]) -> Answer {
    nothing(body)?;
    engine.reset();
    Ok(ok(&json!({ "reset": true })))
}

fn state(engine: &Engine) -> Answer {
    let failed = |error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}"));
    let document = state_file::document(&engine.remembered()).map_err(failed)?;
    let mut response = Response::new(document.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn restore(engine: &mut Engine, body: &[u8]) -> Answer {
    let remembered = state_file::parse(body).map_err(|error| Refused::request(error.to_string()))?;
    engine.restore(remembered);
    Ok(ok(&json!({ "restored": true, "resources": engine.state().count() })))
}

fn save(body: &[u8]) -> Answer {
    nothing(body)?;
    let problem = "there is no file to write to: it was started without `--state FILE`";
    let mut response = said(StatusCode::CONFLICT, &json!({ "error": problem }));
    response.extensions_mut().insert(Save);
    Ok(response)
}

/// An empty body, or an empty object.
fn nothing(body: &[u8]) -> Result<(), Refused> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    if body.is_empty() { Ok(()) } else { read::<Nothing>(body).map(|Nothing {}| ()) }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    // A list would fill the members by their order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refused::request("the body has to be a JSON object".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| Refused::request(shortened(&error.to_string(), 500)))
}

fn duration(member: &str, seconds: f64) -> Result<Duration, Refused> {
    let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| time.as_secs() <= LONGEST);
    time.ok_or_else(|| Refused::request(format!("`{member}` is a number of seconds, from 0 to {LONGEST}")))
}

/// What somebody sent, in a message about it.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn wrong_method(methods: &[Method]) -> Response<Bytes> {
    let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let methods = methods.join(", ");
    let problem = format!("the method has to be {methods}");
    let mut response = said(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": problem }));
    if let Ok(allow) = HeaderValue::try_from(methods) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

fn ok(body: &Json) -> Response<Bytes> {
    said(StatusCode::OK, body)
}

fn said(status: StatusCode, body: &Json) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("{body}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl Refused {
    fn new(status: StatusCode, problem: String) -> Self {
        Self { status, problem }
    }

    pub(crate) fn request(problem: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problem)
    }
}
