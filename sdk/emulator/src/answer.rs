//! Answers in the form of each protocol.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value as Json, json};

use crate::model::Protocol;
use crate::refusal::Refusal;

/// What an answer says of the call that it is for.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) request_id: &'a str,
    pub(crate) host: &'a str,
    /// The service's own time.
    pub(crate) now: SystemTime,
}

impl Frame<'_> {
    /// The answer to a call that had its effect.
    pub(crate) fn success(self, mut body: Map<String, Json>) -> Response<Bytes> {
        if self.protocol == Protocol::AcsRpc {
            body.insert("RequestId".to_owned(), self.request_id.into());
        }
        self.response(200, &Json::Object(body))
    }

    /// The answer to a call that is refused.
    pub(crate) fn refused(self, refusal: &Refusal) -> Response<Bytes> {
        let Refusal { status, code, message } = refusal;
        if self.protocol == Protocol::AcsRpc {
            let (id, host) = (self.request_id, self.host);
            let body = json!({ "RequestId": id, "HostId": host, "Code": code, "Message": message });
            return self.response(*status, &body);
        }
        // The errors that the service models have a `Message`, those of what stands before it do not.
        let name = if code.ends_with("Exception") { "Message" } else { "message" };
        let mut response = self.response(*status, &json!({ "__type": code, name: message }));
        response.headers_mut().extend(HeaderValue::from_str(code).ok().map(|code| (ERROR_TYPE, code)));
        response
    }

    /// An answer that says nothing but its status.
    pub(crate) fn bare(self, status: u16) -> Response<Bytes> {
        let mut response = self.response(status, &Json::Null);
        *response.body_mut() = Bytes::new();
        response.headers_mut().remove(http::header::CONTENT_TYPE);
        response
    }

    fn response(self, status: u16, body: &Json) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (id, kind) = match self.protocol {
            Protocol::AcsRpc => ("x-acs-request-id", "application/json;charset=utf-8"),
            Protocol::AwsJson => ("x-amzn-requestid", "application/x-amz-json-1.1"),
        };
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let texts = [(id, self.request_id.to_owned()), ("date", date(self.now))];
        for (name, text) in texts {
            headers.extend(HeaderValue::from_str(&text).ok().map(|text| (header(name), text)));
        }
        response
    }
}

const ERROR_TYPE: http::HeaderName = http::HeaderName::from_static("x-amzn-errortype");

fn header(name: &'static str) -> http::HeaderName {
    http::HeaderName::from_static(name)
}

/// Clocks are set by it; it has no form for years before 1970 and after 9999.
fn date(now: SystemTime) -> String {
    let is_within =
        now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.as_secs() < 253_402_300_800);
    httpdate::fmt_http_date(if is_within { now } else { SystemTime::UNIX_EPOCH })
}
