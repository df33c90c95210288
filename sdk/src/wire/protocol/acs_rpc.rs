//! Requests in the RPC style of Alibaba Cloud.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, Request};

use super::{Attempt, InvalidRequest, RequestBuilder, copied, verb};
use crate::sign::{self, ToSign, acs_rpc, acs3};
use crate::table::called::Called;
use crate::wire::encode::flatten::{Flat, Pair};
use crate::wire::encode::percent;
use crate::wire::timestamp;

/// A call signed in headers: parameters in the query, some in a form body.
pub(super) struct Acs3 {
    query: String,
    body: Bytes,
    body_sha256: Cow<'static, str>,
}

// Read from their text once, not for every request.
static ACCESS_KEY_ID: HeaderName = HeaderName::from_static("x-acs-accesskey-id");
static ACTION: HeaderName = HeaderName::from_static("x-acs-action");
static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-acs-content-sha256");
static DATE: HeaderName = HeaderName::from_static("x-acs-date");
static RETRY_ATTEMPTS: HeaderName = HeaderName::from_static("x-acs-retry-attempts");
static SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-acs-security-token");
static SIGNATURE_NONCE: HeaderName = HeaderName::from_static("x-acs-signature-nonce");
static VERSION: HeaderName = HeaderName::from_static("x-acs-version");

impl Acs3 {
    pub(super) fn new(flat: &Flat<'_>) -> Self {
        let body = sign::form_body(borrowed(&flat.form));
        let body_sha256 = match body.as_bytes() {
            [] => Cow::Borrowed(sign::SHA256_OF_NOTHING),
            body => Cow::Owned(sign::sha256_hex(body)),
        };
        Self { query: sign::canonical_query(borrowed(&flat.query)), body: Bytes::from(body), body_sha256 }
    }

    pub(super) fn sign(
        &self,
        action: &Called,
        attempt: &Attempt<'_>,
    ) -> Result<Request<Bytes>, InvalidRequest> {
        let credentials = attempt.credentials;
        let (id, secret) = (credentials.access_key_id(), credentials.access_key_secret());
        let mut request = RequestBuilder::new(action.method(), attempt, &self.query, self.body.clone())?;
        if !self.body.is_empty() {
            request.header(&CONTENT_TYPE, "application/x-www-form-urlencoded")?;
        }
        // In their alphabetical order, in which they are signed.
        if credentials.security_token().is_some() {
            request.header(&ACCESS_KEY_ID, copied(id))?;
        }
        request.header(&ACTION, copied(action.name()))?;
        request.header(&CONTENT_SHA256, copied(&self.body_sha256))?;
        request.header(&DATE, timestamp::extended(attempt.at))?;
        if attempt.number > 1 {
            request.header(&RETRY_ATTEMPTS, (attempt.number - 1).to_string())?;
        }
        if let Some(token) = credentials.security_token() {
            request.secret_header(&SECURITY_TOKEN, copied(token))?;
        }
        request.header(&SIGNATURE_NONCE, copied(attempt.nonce))?;
        request.header(&VERSION, action.service().version)?;
        let authorization = |to_sign: &ToSign<'_>| acs3::sign(to_sign, id, secret).authorization;
        request.sign(&self.query, &self.body_sha256, authorization)?;
        request.header(&ACCEPT, "application/json")?;
        Ok(request.finish(attempt))
    }
}

/// A call signed in the query, where every parameter is.
pub(super) struct AcsV1<'a> {
    parameters: Vec<Pair<'a>>,
}

impl<'a> AcsV1<'a> {
    pub(super) fn new(flat: Flat<'a>) -> Self {
        let mut parameters = flat.query;
        parameters.extend(flat.form);
        Self { parameters }
    }

    pub(super) fn sign(
        &self,
        action: &Called,
        attempt: &Attempt<'_>,
    ) -> Result<Request<Bytes>, InvalidRequest> {
        let date = timestamp::extended(attempt.at);
        let mut parameters = Vec::with_capacity(RESERVED.len() + self.parameters.len());
        parameters.extend(common_parameters(action, attempt, &date));
        parameters.extend(attempt.credentials.security_token().map(|token| ("SecurityToken", token)));
        parameters.extend(borrowed_each(&self.parameters));
        let secret = attempt.credentials.access_key_secret();
        let signed = acs_rpc::sign(verb(action.method()).as_str(), parameters, secret);
        let mut query = signed.canonicalized_query;
        query.push_str("&Signature=");
        percent::append(&mut query, &signed.signature);
        let mut request = RequestBuilder::new(action.method(), attempt, &query, Bytes::new())?;
        request.header(&ACCEPT, "application/json")?;
        Ok(request.finish(attempt))
    }
}

/// What a call signed in the query may have beside its parameters.
const RESERVED: [&str; 12] = [
    "AccessKeyId",
    "Action",
    "BearerToken",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// Whether a name is one of these, or one of the headers of a call signed in headers.
pub(super) fn is_reserved(name: &str) -> bool {
    const HEADERS: &str = "x-acs-";
    let is_header = name.get(..HEADERS.len()).is_some_and(|start| start.eq_ignore_ascii_case(HEADERS));
    is_header || RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

fn common_parameters<'a>(
    action: &'a Called,
    attempt: &Attempt<'a>,
    date: &'a str,
) -> [(&'a str, &'a str); 8] {
    [
        ("AccessKeyId", attempt.credentials.access_key_id()),
        ("Action", action.name()),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", attempt.nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", date),
        ("Version", action.service().version),
    ]
}

fn borrowed<'a>(pairs: &'a [Pair<'_>]) -> Vec<(&'a str, &'a str)> {
    borrowed_each(pairs).collect()
}

fn borrowed_each<'a>(pairs: &'a [Pair<'_>]) -> impl Iterator<Item = (&'a str, &'a str)> {
    pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
}
