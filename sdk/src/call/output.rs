//! Reads a response into the output of its action.

use crate::error::{Error, ErrorKind};
use crate::record::Record;
use crate::response::RawResponse;
use crate::schema::{Action, Protocol};
use crate::table::operation::Operation;
use crate::wire::decode;

impl RawResponse {
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

    /// Reads the body as JSON, whatever it holds. An envelope that is named after the action is taken off, and an
    /// AWS action that has nothing to say gives an empty object.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Response`] if the body is not one JSON object.
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        let is_aws = matches!(self.action.service().protocol, Protocol::AwsJson { .. });
        if is_aws && self.body().trim_ascii().is_empty() {
            return Ok(serde_json::json!({}));
        }
        decode::free_response(self.action.name(), self.body()).map_err(|error| self.unreadable(&error))
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
        details.action = Some(self.action.clone());
        details.status = Some(self.status());
        details.request_id = self.request_id();
        details.attempts = self.attempts;
        details.token.clone_from(&self.token);
        details.may_have_been_applied = self.has_effect;
        details.body_excerpt = self.redactor.excerpt(&self.action, self.body());
        error.in_region(&self.region)
    }
}
