//! Asking for credentials over HTTP, and reading them out of JSON.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use super::{Credentials, CredentialsError, Surroundings};
use crate::clock;
use crate::timestamp;
use crate::transport::{Limits, Transport};

/// Largest answer, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// What the vendor calls the parts of an access key.
pub(super) struct Names {
    access_key_id: &'static str,
    access_key_secret: &'static str,
    security_token: &'static str,
    expiration: &'static str,
}

/// In answers of services.
pub(super) const OF_SERVICE: Names = Names {
    access_key_id: "AccessKeyId",
    access_key_secret: "AccessKeySecret",
    security_token: "SecurityToken",
    expiration: "Expiration",
};

/// In the output of programs.
pub(super) const OF_PROGRAM: Names = Names {
    access_key_id: "access_key_id",
    access_key_secret: "access_key_secret",
    security_token: "sts_token",
    expiration: "expiration",
};

/// Sends a request that no longer than `limit` is waited for.
pub(super) async fn ask(
    around: &Surroundings,
    transport: &dyn Transport,
    request: Request<Bytes>,
    limit: Duration,
) -> Result<Response<Bytes>, CredentialsError> {
    let limits = Limits { max_body: MAX_BODY, attempt: limit, idle: limit };
    let sending = transport.send(request, limits);
    match clock::within(&**around.clock(), limit, sending).await {
        Some(Ok(response)) => Ok(response),
        Some(Err(error)) => Err(CredentialsError::new(format!("the connection failed: {error}"))),
        None => Err(CredentialsError::new(format!("no answer within {} s", limit.as_secs_f32()))),
    }
}

/// The JSON of an answer. What is wrong with it is not quoted: it may hold a secret.
pub(super) fn json(body: &[u8]) -> Result<Value, CredentialsError> {
    serde_json::from_slice(body).map_err(|_| CredentialsError::new("the answer is not JSON"))
}

/// Temporary credentials, whose answer must say when they expire.
pub(super) fn temporary(answer: &Value, names: &Names) -> Result<Credentials, CredentialsError> {
    let expires_at = expiry(answer, names)?.ok_or_else(|| lacks(names.expiration))?;
    let token = text(answer, names.security_token).ok_or_else(|| lacks(names.security_token))?;
    Ok(key(answer, names)?.with_security_token(token).with_expiry(expires_at))
}

/// Credentials of either kind. A token that does not say when it expires does so at `or_at`.
pub(super) fn any(answer: &Value, names: &Names, or_at: SystemTime) -> Result<Credentials, CredentialsError> {
    let (credentials, expires_at) = (key(answer, names)?, expiry(answer, names)?);
    Ok(match (text(answer, names.security_token), expires_at) {
        (Some(token), _) => credentials.with_security_token(token).with_expiry(expires_at.unwrap_or(or_at)),
        (None, Some(expires_at)) => credentials.with_expiry(expires_at),
        (None, None) => credentials,
    })
}

/// A member that is a text and not empty.
pub(super) fn text<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    answer.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn key(answer: &Value, names: &Names) -> Result<Credentials, CredentialsError> {
    let required = |name| text(answer, name).ok_or_else(|| lacks(name));
    Ok(Credentials::new(required(names.access_key_id)?, required(names.access_key_secret)?))
}

fn expiry(answer: &Value, names: &Names) -> Result<Option<SystemTime>, CredentialsError> {
    let Some(written) = text(answer, names.expiration) else { return Ok(None) };
    let unreadable = || CredentialsError::new(format!("`{}` is no time", names.expiration));
    timestamp::parse_extended(written).map(Some).ok_or_else(unreadable)
}

fn lacks(name: &str) -> CredentialsError {
    CredentialsError::new(format!("the answer lacks `{name}`"))
}
