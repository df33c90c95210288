//! A successful response, before it is decoded.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Response};

use crate::call::redact::Redactor;
use crate::error::{Error, ErrorKind};
use crate::record::Record;
use crate::schema::Action;
use crate::table::operation::Operation;
use crate::wire::decode;

/// A successful response as it came: the way to what the documents do not describe.
///
/// `Debug` shows neither headers nor body: both can hold secrets.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) action: &'static Action,
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

    /// Reads the body as the typed call would have.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Response`] if the body is not one JSON object, or not such as the action
    /// returns.
    pub fn decode<O: Operation>(&self) -> Result<O::Output, Error> {
        let mut output = O::Output::default();
        self.decode_into(O::ACTION, &mut output)?;
        Ok(output)
    }

    /// Reads the body into the output of an action.
    pub(crate) fn decode_into(&self, action: &'static Action, output: &mut dyn Record) -> Result<(), Error> {
        decode::decode_response(action, self.body(), output).map_err(|error| self.unreadable(&error))
    }

    /// Passes the response on if it can be read.
    #[cfg(feature = "dynamic")]
    pub(crate) fn checked_by<T>(
        self,
        read: impl FnOnce(&[u8]) -> Result<T, decode::DecodeError>,
    ) -> Result<Self, Error> {
        match read(self.body()) {
            Ok(_) => Ok(self),
            Err(error) => Err(self.unreadable(&error)),
        }
    }

    fn unreadable(&self, problem: &decode::DecodeError) -> Error {
        let mut error = Error::new(ErrorKind::Response, self.redactor.message(&problem.to_string()));
        let details = &mut *error.details;
        details.action = Some(self.action);
        details.status = Some(self.status());
        details.request_id = self.request_id();
        details.attempts = self.attempts;
        details.token.clone_from(&self.token);
        details.may_have_been_applied = self.has_effect;
        details.body_excerpt = self.redactor.excerpt(self.action, self.body());
        error
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("action", &self.action.name)
            .field("status", &self.status())
            .field("body_length", &self.body().len())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
