//! From parameters to an HTTP request, and from an error answer to what the service said.
//!
//! Pure: nothing here reads a clock, makes a random number or does I/O.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, USER_AGENT};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};

use crate::call::Extra;
use crate::credentials::Credentials;
use crate::record::Record;
use crate::schema::{Method, Protocol};
use crate::sign::{Signature, ToSign};
use crate::table::called::Called;

mod acs_rpc;
mod answer;
mod aws_json;

#[cfg(test)]
mod tests;

pub use answer::{AccessDeniedDetail, ServiceError};

/// What a logical call sends, made once; attempts differ only in time, nonce and credentials.
pub(crate) struct Prepared<'a> {
    action: &'a Called,
    wire: Wire<'a>,
}

/// The part of a request that every attempt repeats.
enum Wire<'a> {
    Acs3(acs_rpc::Acs3),
    AcsV1(acs_rpc::AcsV1<'a>),
    AwsJson(aws_json::AwsJson),
}

/// Encodes the parameters. An extra one takes the place of one of the same name.
pub(crate) fn prepare<'a>(
    action: &'a Called,
    input: &'a dyn Record,
    extra: &'a [Extra],
    signature: Signature,
) -> Prepared<'a> {
    let shape = action.request();
    let wire = match action.service().protocol {
        Protocol::AwsJson { target, signing_name } => {
            let body = crate::wire::encode::json::object(shape, input, extra);
            Wire::AwsJson(aws_json::AwsJson::new(target, signing_name, body))
        }
        Protocol::AcsRpc => {
            let mut flat = crate::wire::encode::flatten::flatten(shape, input);
            flat.replace(extra);
            match signature {
                Signature::AcsRpcHmacSha1 => Wire::AcsV1(acs_rpc::AcsV1::new(flat)),
                Signature::Acs3HmacSha256 | Signature::AwsSigV4 => Wire::Acs3(acs_rpc::Acs3::new(&flat)),
            }
        }
    };
    Prepared { action, wire }
}

/// Everything that is new on each attempt.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    /// Scheme, host and port: `https://vpc.aliyuncs.com`.
    pub(crate) origin: &'a str,
    /// The header `Host`, with the port unless it is the scheme's own.
    pub(crate) host: &'a str,
    /// The region that is called.
    pub(crate) region: &'a str,
    /// What to sign with.
    pub(crate) credentials: &'a Credentials,
    /// The time to sign.
    pub(crate) at: SystemTime,
    /// A text that no other request has.
    pub(crate) nonce: &'a str,
    /// The header `User-Agent`.
    pub(crate) user_agent: &'a HeaderValue,
    /// Counts from 1.
    pub(crate) number: u32,
}

/// Builds and signs the request of one attempt.
pub(crate) fn sign_request(
    prepared: &Prepared<'_>,
    attempt: &Attempt<'_>,
) -> Result<Request<Bytes>, InvalidRequest> {
    match &prepared.wire {
        Wire::Acs3(wire) => wire.sign(prepared.action, attempt),
        Wire::AcsV1(wire) => wire.sign(prepared.action, attempt),
        Wire::AwsJson(wire) => wire.sign(prepared.action, attempt),
    }
}

/// Reads an error answer. What it lacks, or cannot be read, is left empty.
pub(crate) fn read_error(protocol: Protocol, headers: &HeaderMap, body: &[u8]) -> ServiceError {
    match protocol {
        Protocol::AcsRpc => answer::read_acs(headers, body),
        Protocol::AwsJson { .. } => answer::read_aws(headers, body),
    }
}

/// The ID under which the service knows a request, from a header or, as given, from the body.
pub(crate) fn request_id(protocol: Protocol, headers: &HeaderMap, in_body: Option<String>) -> Option<String> {
    match protocol {
        Protocol::AcsRpc => answer::acs_request_id(headers, in_body),
        Protocol::AwsJson { .. } => answer::aws_request_id(headers, in_body),
    }
}

/// The title of an HTML page.
pub(crate) fn title(page: &[u8]) -> Option<String> {
    answer::title(page)
}

/// Whether a parameter's name is one that the protocol sets itself, in whichever way a call is signed: a
/// service could take it from either place. In any case, since nobody promises that gateways tell one
/// case from another. The members of a JSON body are the action's own.
pub(crate) fn is_reserved(protocol: Protocol, name: &str) -> bool {
    match protocol {
        Protocol::AcsRpc => acs_rpc::is_reserved(name),
        Protocol::AwsJson { .. } => false,
    }
}

/// How long the service asks to wait before the next attempt, in a header of its own.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let milliseconds = headers.get("x-acs-retry-after")?.to_str().ok()?.trim().parse().ok()?;
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

/// A request that cannot be written down as HTTP. The value at fault is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidRequest {
    /// What is at fault: ``header `user-agent` ``.
    pub(crate) part: Cow<'static, str>,
    /// What is wrong with it.
    pub(crate) problem: &'static str,
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.part, self.problem)
    }
}

impl Error for InvalidRequest {}

/// A request being put together.
struct RequestBuilder {
    request: Request<Bytes>,
}

impl RequestBuilder {
    /// `query` comes encoded and without its `?`.
    fn new(method: Method, attempt: &Attempt<'_>, query: &str, body: Bytes) -> Result<Self, InvalidRequest> {
        let mut request = Request::new(body);
        *request.method_mut() = verb(method);
        request.headers_mut().reserve(HEADERS);
        let mut builder = Self { request };
        builder.header(&HOST, copied(attempt.host))?;
        *builder.request.uri_mut() = target(attempt, query)?;
        Ok(builder)
    }

    /// Takes over what is static or owned; what is borrowed has to be [`copied`].
    fn header(&mut self, name: &HeaderName, value: impl Into<Bytes>) -> Result<(), InvalidRequest> {
        let value = header_value(name, value.into())?;
        self.request.headers_mut().insert(name, value);
        Ok(())
    }

    fn secret_header(&mut self, name: &HeaderName, value: impl Into<Bytes>) -> Result<(), InvalidRequest> {
        let mut value = header_value(name, value.into())?;
        value.set_sensitive(true);
        self.request.headers_mut().insert(name, value);
        Ok(())
    }

    /// Adds a signature over all headers so far.
    fn sign(
        &mut self,
        query: &str,
        body_sha256: &str,
        sign: impl FnOnce(&ToSign<'_>) -> String,
    ) -> Result<(), InvalidRequest> {
        let headers = self.request.headers().iter();
        // The values are ASCII: `header_value` takes nothing else.
        let headers: Vec<_> =
            headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default())).collect();
        let method = self.request.method().as_str();
        let authorization = sign(&ToSign { method, path: "/", query, headers: &headers, body_sha256 });
        self.secret_header(&AUTHORIZATION, authorization)
    }

    /// The request, with what need not be signed.
    fn finish(mut self, attempt: &Attempt<'_>) -> Request<Bytes> {
        self.request.headers_mut().insert(USER_AGENT, attempt.user_agent.clone());
        self.request
    }
}

fn copied(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// Room for the headers of nearly all requests.
const HEADERS: usize = 12;

/// What [`Uri`] takes at most.
const LONGEST_TARGET: usize = 65_534;

fn target(attempt: &Attempt<'_>, query: &str) -> Result<Uri, InvalidRequest> {
    let separator = if query.is_empty() { "/" } else { "/?" };
    let target = [attempt.origin, separator, query].concat();
    if target.len() > LONGEST_TARGET {
        return Err(InvalidRequest {
            part: "the query".into(),
            problem: "is longer than a request line can be",
        });
    }
    let parsed = Uri::from_maybe_shared(Bytes::from(target)).ok();
    parsed.filter(|uri| is_addressed_to(uri, attempt.host, query)).ok_or(InvalidRequest {
        part: "the endpoint".into(),
        problem: "is more or less than a scheme, a host and a port",
    })
}

/// Whether the request goes where it is signed for, whatever its origin was made from.
fn is_addressed_to(uri: &Uri, host: &str, query: &str) -> bool {
    let Some(authority) = uri.authority().map(Authority::as_str) else { return false };
    let default_port = if uri.scheme() == Some(&Scheme::HTTP) { ":80" } else { ":443" };
    let without_default_port = authority.strip_suffix(default_port).unwrap_or(authority);
    [authority, without_default_port].contains(&host)
        && uri.path() == "/"
        && uri.query().unwrap_or_default() == query
}

fn header_value(name: &HeaderName, value: Bytes) -> Result<HeaderValue, InvalidRequest> {
    // `HeaderValue` itself takes bytes beyond ASCII, which no two servers read alike.
    let ascii = Some(value).filter(|value| value.is_ascii());
    let written = ascii.and_then(|value| HeaderValue::from_maybe_shared(value).ok());
    written.ok_or_else(|| InvalidRequest {
        part: format!("header `{name}`").into(),
        problem: "holds a character that no header can carry",
    })
}

fn verb(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
    }
}
