//! Requests in the JSON 1.1 style of AWS.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, Request};

use super::{Attempt, InvalidRequest, RequestBuilder, copied};
use crate::sign::sigv4::{self, Scope};
use crate::sign::{self, ToSign};
use crate::table::called::Called;
use crate::wire::timestamp;

/// A call whose parameters are one JSON object.
pub(super) struct AwsJson {
    target: &'static str,
    signing_name: &'static str,
    body: Bytes,
    body_sha256: String,
}

static DATE: HeaderName = HeaderName::from_static("x-amz-date");
static SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
static TARGET: HeaderName = HeaderName::from_static("x-amz-target");

impl AwsJson {
    pub(super) fn new(target: &'static str, signing_name: &'static str, body: String) -> Self {
        let body_sha256 = sign::sha256_hex(body.as_bytes());
        Self { target, signing_name, body: Bytes::from(body), body_sha256 }
    }

    pub(super) fn sign(
        &self,
        action: &Called,
        attempt: &Attempt<'_>,
    ) -> Result<Request<Bytes>, InvalidRequest> {
        let credentials = attempt.credentials;
        let timestamp = timestamp::basic(attempt.at);
        let (id, secret) = (credentials.access_key_id(), credentials.access_key_secret());
        let scope = Scope { timestamp: &timestamp, region: attempt.region, service: self.signing_name };
        let mut request = RequestBuilder::new(action.method(), attempt, "", self.body.clone())?;
        request.header(&CONTENT_TYPE, "application/x-amz-json-1.1")?;
        request.header(&DATE, copied(&timestamp))?;
        if let Some(token) = credentials.security_token() {
            request.secret_header(&SECURITY_TOKEN, copied(token))?;
        }
        request.header(&TARGET, [self.target, ".", action.name()].concat())?;
        let authorization = |to_sign: &ToSign<'_>| sigv4::sign(to_sign, &scope, id, secret).authorization;
        request.sign("", &self.body_sha256, authorization)?;
        Ok(request.finish(attempt))
    }
}
