//! A successful response, before it is decoded.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response};

use crate::call::redact::Redactor;
use crate::table::called::Called;

/// A successful response as it came: the way to what the documents do not describe.
///
/// `Debug` shows neither headers nor body: both can hold secrets.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) action: Called,
    pub(crate) region: Arc<str>,
    pub(crate) response: Response<Bytes>,
    pub(crate) attempts: u32,
    pub(crate) token: Option<String>,
    /// As the service sent it, whatever it put there.
    pub(crate) uncleaned_request_id: Option<String>,
    /// Whether it was asked for something that has effect.
    pub(crate) has_effect: bool,
    pub(crate) redactor: Redactor,
}

impl RawResponse {
    /// HTTP status, from 200 to 299.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The whole body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        self.response.body()
    }

    /// The ID under which the service knows the request, from the body or a header.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        self.uncleaned_request_id.as_deref().map(|id| self.redactor.message(id))
    }

    /// How often the request was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The idempotency token of the call.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("action", &self.action.name())
            .field("status", &self.status())
            .field("body_length", &self.body().len())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
