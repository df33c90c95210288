//! Requests in the RPC style of Alibaba Cloud.

use bytes::Bytes;
use http::Request;
use http::header::ACCEPT;

use super::{Attempt, Draft, InvalidRequest, verb};
use crate::encode::flatten::{Flat, Pair};
use crate::encode::percent;
use crate::schema::Action;
use crate::sign::{self, ToSign, acs_rpc, acs3};
use crate::timestamp;

/// A call signed in headers: parameters in the query, some in a form body.
pub(super) struct Acs3 {
    query: String,
    body: Bytes,
    body_sha256: String,
}

impl Acs3 {
    pub(super) fn new(flat: &Flat) -> Self {
        let body = sign::form_body(borrowed(&flat.form));
        Self {
            query: sign::canonical_query(borrowed(&flat.query)),
            body_sha256: sign::sha256_hex(body.as_bytes()),
            body: Bytes::from(body),
        }
    }

    pub(super) fn sign(
        &self,
        action: &Action,
        attempt: &Attempt<'_>,
    ) -> Result<Request<Bytes>, InvalidRequest> {
        let credentials = attempt.credentials;
        let date = timestamp::extended(attempt.at);
        let retries = attempt.number.saturating_sub(1).to_string();
        let mut headers = Vec::with_capacity(10);
        if !self.body.is_empty() {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        headers.push(("host", attempt.host));
        if let Some(token) = credentials.security_token() {
            headers.push(("x-acs-accesskey-id", credentials.access_key_id()));
            headers.push(("x-acs-security-token", token));
        }
        if attempt.number > 1 {
            headers.push(("x-acs-retry-attempts", retries.as_str()));
        }
        headers.extend([
            ("x-acs-action", action.name),
            ("x-acs-content-sha256", self.body_sha256.as_str()),
            ("x-acs-date", date.as_str()),
            ("x-acs-signature-nonce", attempt.nonce),
            ("x-acs-version", action.service.version),
        ]);
        let to_sign = ToSign {
            method: verb(action.method),
            path: "/",
            query: &self.query,
            headers: &headers,
            body_sha256: &self.body_sha256,
        };
        let signed = acs3::sign(&to_sign, credentials.access_key_id(), credentials.access_key_secret());
        let mut draft = Draft::new(action.method, attempt, &self.query, self.body.clone())?;
        draft.header(ACCEPT, "application/json")?;
        draft.signed(&headers, &signed.authorization)
    }
}

/// A call signed in the query, where every parameter is.
pub(super) struct AcsV1 {
    parameters: Vec<Pair>,
}

impl AcsV1 {
    pub(super) fn new(flat: Flat) -> Self {
        let mut parameters = flat.query;
        parameters.extend(flat.form);
        Self { parameters }
    }

    pub(super) fn sign(
        &self,
        action: &Action,
        attempt: &Attempt<'_>,
    ) -> Result<Request<Bytes>, InvalidRequest> {
        let date = timestamp::extended(attempt.at);
        let mut parameters = common_parameters(action, attempt, &date);
        let own = borrowed(&self.parameters);
        if let Some((name, _)) = own.iter().find(|(name, _)| is_reserved(name)) {
            return Err(InvalidRequest {
                part: format!("parameter `{name}`").into(),
                problem: "has a name that the signature uses itself",
            });
        }
        parameters.extend(own);
        let signed = acs_rpc::sign(verb(action.method), parameters, attempt.credentials.access_key_secret());
        let mut query = signed.canonicalized_query;
        query.push_str("&Signature=");
        percent::append(&mut query, &signed.signature);
        let mut draft = Draft::new(action.method, attempt, &query, Bytes::new())?;
        draft.header(ACCEPT, "application/json")?;
        Ok(draft.request)
    }
}

const RESERVED: [&str; 10] = [
    "AccessKeyId",
    "Action",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

fn common_parameters<'a>(action: &Action, attempt: &Attempt<'a>, date: &'a str) -> Vec<(&'a str, &'a str)> {
    let credentials = attempt.credentials;
    let mut parameters = vec![
        ("AccessKeyId", credentials.access_key_id()),
        ("Action", action.name),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", attempt.nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", date),
        ("Version", action.service.version),
    ];
    parameters.extend(credentials.security_token().map(|token| ("SecurityToken", token)));
    parameters
}

fn borrowed(pairs: &[Pair]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect()
}
