//! Requests in the JSON 1.1 style of AWS.

use bytes::Bytes;
use http::Request;

use super::{Attempt, Draft, InvalidRequest, verb};
use crate::schema::Action;
use crate::sign::sigv4::{self, Scope};
use crate::sign::{self, ToSign};
use crate::timestamp;

/// A call whose parameters are one JSON object.
pub(super) struct AwsJson {
    target: &'static str,
    signing_name: &'static str,
    body: Bytes,
    body_sha256: String,
}

impl AwsJson {
    pub(super) fn new(target: &'static str, signing_name: &'static str, body: String) -> Self {
        let body_sha256 = sign::sha256_hex(body.as_bytes());
        Self { target, signing_name, body: Bytes::from(body), body_sha256 }
    }

    pub(super) fn sign(
        &self,
        action: &Action,
        attempt: &Attempt<'_>,
    ) -> Result<Request<Bytes>, InvalidRequest> {
        let credentials = attempt.credentials;
        let timestamp = timestamp::basic(attempt.at);
        let target = [self.target, ".", action.name].concat();
        let mut headers = vec![
            ("content-type", "application/x-amz-json-1.1"),
            ("host", attempt.host),
            ("x-amz-date", timestamp.as_str()),
            ("x-amz-target", target.as_str()),
        ];
        headers.extend(credentials.security_token().map(|token| ("x-amz-security-token", token)));
        let to_sign = ToSign {
            method: verb(action.method),
            path: "/",
            query: "",
            headers: &headers,
            body_sha256: &self.body_sha256,
        };
        let scope = Scope { timestamp: &timestamp, region: attempt.region, service: self.signing_name };
        let signed =
            sigv4::sign(&to_sign, &scope, credentials.access_key_id(), credentials.access_key_secret());
        let draft = Draft::new(action.method, attempt, "", self.body.clone())?;
        draft.signed(&headers, &signed.authorization)
    }
}
