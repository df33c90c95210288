//! Asking for credentials over HTTP, and reading them out of JSON.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use super::key::{KeyNames, OF_FILES};
use super::{Credentials, CredentialsError, ProviderConfig};
use crate::clock;
use crate::duration::Readable;
use crate::transport::{Limits, Transport};
use crate::wire::timestamp;

/// Largest answer, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// In answers of services.
const OF_SERVICE: KeyNames = KeyNames {
    access_key_id: "AccessKeyId",
    access_key_secret: "AccessKeySecret",
    security_token: "SecurityToken",
};

/// Sends a request that no longer than `limit` is waited for.
pub(super) async fn ask(
    config: &ProviderConfig,
    transport: &dyn Transport,
    request: Request<Bytes>,
    limit: Duration,
) -> Result<Response<Bytes>, CredentialsError> {
    let limits = Limits { max_body: MAX_BODY, attempt: limit, idle: limit };
    let sending = transport.send(request, limits);
    match clock::within(&**config.clock(), limit, sending).await {
        Some(Ok(response)) => Ok(response),
        Some(Err(error)) => Err(CredentialsError::new(format!("the connection failed: {error}"))),
        None => Err(CredentialsError::new(format!("no answer within {}", Readable(limit)))),
    }
}

/// The JSON of an answer. What is wrong with it is not quoted: it may hold a secret.
pub(super) fn json(body: &[u8], giver: &str) -> Result<Value, CredentialsError> {
    serde_json::from_slice(body)
        .map_err(|_| CredentialsError::new(format!("the answer of {giver} is not JSON")))
}

/// Temporary credentials of a service, whose answer must say when they expire.
pub(super) fn temporary(answer: &Value, giver: &str) -> Result<Credentials, CredentialsError> {
    let lacks = |name: &str| lacks(giver, name);
    let expires_at = expiry(answer, "Expiration", giver)?.ok_or_else(|| lacks("Expiration"))?;
    let credentials = read(answer, &OF_SERVICE, giver)?;
    match credentials.security_token() {
        Some(_) => Ok(credentials.with_expiry(expires_at)),
        None => Err(lacks(OF_SERVICE.security_token)),
    }
}

/// Credentials that a program printed, of either kind; they may say when they expire.
pub(super) fn printed(answer: &Value, giver: &str) -> Result<Credentials, CredentialsError> {
    let credentials = read(answer, &OF_FILES, giver)?;
    Ok(match expiry(answer, "expiration", giver)? {
        Some(expires_at) => credentials.with_expiry(expires_at),
        None => credentials,
    })
}

/// A member that is a text and not empty, without the white space around it.
pub(super) fn text<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    Some(answer.get(name)?.as_str()?.trim()).filter(|text| !text.is_empty())
}

fn read(answer: &Value, names: &KeyNames, giver: &str) -> Result<Credentials, CredentialsError> {
    let lacks = |name| CredentialsError::new(format!("it lacks `{name}`"));
    let problem = |error| CredentialsError::new(format!("the answer of {giver}: {error}"));
    names.read(|name| text(answer, name), lacks).map_err(problem)
}

fn expiry(answer: &Value, name: &str, giver: &str) -> Result<Option<SystemTime>, CredentialsError> {
    let Some(written) = text(answer, name) else { return Ok(None) };
    let unreadable = || {
        let problem = format!("its `{name}` is no time such as 2026-01-01T00:00:00Z");
        CredentialsError::new(format!("the answer of {giver}: {problem}"))
    };
    timestamp::parse(written).map(Some).ok_or_else(unreadable)
}

fn lacks(giver: &str, name: &str) -> CredentialsError {
    CredentialsError::new(format!("the answer of {giver}: it lacks `{name}`"))
}
