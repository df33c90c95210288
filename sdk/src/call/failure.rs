//! What a failed attempt means: whether it may be repeated, and whether it may have had effect.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::call::body_scan::BodyScan;
use crate::call::cause;
use crate::call::classify;
use crate::call::classify::Classification;
use crate::call::redact::Redactor;
use crate::error::{Error, ErrorKind};
use crate::schema::{ErrorClass, Protocol};
use crate::table::called::Called;
use crate::transport::{TransportError, TransportErrorKind};
use crate::wire::protocol::{self, ServiceError};

/// One failed attempt.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether the service may have done what was asked.
    pub(crate) is_ambiguous: bool,
    pub(crate) retryability: Retryability,
    /// How long the server asks to wait.
    pub(crate) hint: Option<Duration>,
}

/// Whether an attempt may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retryability {
    /// It had no effect, and may succeed later.
    Always,
    /// It may have had effect: only if repeating changes nothing.
    IfRepeatable,
    /// It would fail again.
    Never,
}

impl Failure {
    /// The request never left; the reason will not go away by itself.
    pub(crate) fn before_sending(error: Error) -> Self {
        Self { error, is_ambiguous: false, retryability: Retryability::Never, hint: None }
    }

    /// The request left, and nothing came back in time.
    pub(crate) fn silence(error: Error) -> Self {
        Self { error, is_ambiguous: true, retryability: Retryability::IfRepeatable, hint: None }
    }

    /// The transport gave up.
    pub(crate) fn of_transport(error: &TransportError, redactor: &Redactor) -> Self {
        use TransportErrorKind as From;
        let kind = match error.kind() {
            From::Request => ErrorKind::Request,
            From::Connect => ErrorKind::Connect,
            From::Tls => ErrorKind::Tls,
            From::Timeout => ErrorKind::Timeout,
            From::Broken => ErrorKind::Transport,
            From::Truncated => ErrorKind::Truncated,
            From::TooLarge => ErrorKind::ResponseTooLarge,
        };
        let is_ambiguous = error.may_have_been_sent();
        let retryability = match error.kind() {
            From::Request | From::Tls | From::TooLarge => Retryability::Never,
            _ if is_ambiguous => Retryability::IfRepeatable,
            _ => Retryability::Always,
        };
        let clean = |text: &str| redactor.transport_message(text);
        let told = Error::new(kind, clean(error.message())).caused_by(cause::retold(error, clean));
        Self { error: told, is_ambiguous, retryability, hint: None }
    }

    /// Says which host did not do what it should.
    pub(crate) fn of_host(mut self, host: &str) -> Self {
        self.error.details.host = Some(host.to_owned());
        self
    }

    /// Whether the server answered.
    pub(crate) fn is_answer(&self) -> bool {
        self.error.status().is_some()
    }

    /// The error to tell if the last attempt failed so, after an attempt that was answered.
    ///
    /// An attempt that sent nothing tells nothing about the call, and does not replace what the
    /// service said; silence does, since it may hide an effect that the answer before denies.
    pub(crate) fn told_after(self, answered: Option<Self>, is_ambiguous: bool) -> Error {
        let Some(mut before) = answered.filter(|_| !self.is_answer()) else { return self.error };
        let mut last = self.error;
        if self.is_ambiguous || (is_ambiguous && !before.is_ambiguous) {
            let answer = before.error.code().map_or_else(|| before.error.kind().to_string(), str::to_owned);
            last.details
                .message
                .push_str(&format!("; the last answer was {answer} ({})", before.error.class()));
            return last;
        }
        let after = format!("; then {}: {}", last.kind(), last.message());
        let details = &mut *before.error.details;
        details.message.push_str(&after);
        details.host = last.details.host.take();
        details.source = last.details.source.take();
        before.error
    }
}

/// Whether a response is a success, and the ID under which the service knows the request. A
/// redactor is made only if it is none.
pub(crate) fn judge(
    action: &Called,
    response: &Response<Bytes>,
    redactor: impl Fn() -> Redactor,
) -> Result<Option<String>, Failure> {
    let status = response.status();
    let mut failure = match status.as_u16() {
        200..=299 => {
            let scan = BodyScan::of(response.body());
            if is_cut_off(action, response, &scan) {
                cut_off(scan, &redactor())
            } else if says_failed(action, &scan) {
                refused(action, response, &redactor())
            } else {
                let protocol = action.service().protocol;
                return Ok(protocol::request_id(protocol, response.headers(), scan.request_id));
            }
        }
        300..=399 => redirected(action, response, &redactor()),
        _ => refused(action, response, &redactor()),
    };
    failure.error.details.status = Some(status.as_u16());
    if !status.is_success() && failure.error.details.request_id.is_none() {
        let answer = read_error(action, response);
        failure.error.details.request_id = answer.request_id.map(|id| redactor().message(&id));
    }
    Err(failure)
}

/// Whether a body ends in the middle. One that lasts until the connection closes was cut where
/// nothing else would tell; a length can be wrong, or that of what a gateway got.
fn is_cut_off(action: &Called, response: &Response<Bytes>, scan: &BodyScan) -> bool {
    let headers = response.headers();
    let is_framed = headers.contains_key(http::header::CONTENT_LENGTH)
        || headers.contains_key(http::header::TRANSFER_ENCODING);
    let is_empty = response.body().trim_ascii().is_empty();
    scan.is_cut || (is_empty && !is_framed && action.service().protocol == Protocol::AcsRpc)
}

fn cut_off(scan: BodyScan, redactor: &Redactor) -> Failure {
    let mut error = Error::new(ErrorKind::Truncated, "the body ends in the middle");
    error.details.request_id = scan.request_id.map(|id| redactor.message(&id));
    Failure::silence(error)
}

/// A redirect tells nothing about what the server did before it.
fn redirected(action: &Called, response: &Response<Bytes>, redactor: &Redactor) -> Failure {
    let message = "the server asked to go elsewhere, which a signed request must not";
    let mut error = Error::new(ErrorKind::UnexpectedRedirect, message);
    let answer = protocol::read_error(action.service().protocol, response.headers(), response.body());
    error.details.request_id = answer.request_id.map(|id| redactor.message(&id));
    Failure { error, is_ambiguous: true, retryability: Retryability::Never, hint: None }
}

fn refused(action: &Called, response: &Response<Bytes>, redactor: &Redactor) -> Failure {
    let status = response.status().as_u16();
    let answer = protocol::read_error(action.service().protocol, response.headers(), response.body());
    let classification = classify::classify(action, &answer.code, status);
    let has_code = !answer.code.is_empty();
    let mut error = Error::new(ErrorKind::Service, redactor.message(&answer.message));
    let details = &mut *error.details;
    details.class = classification.class;
    details.request_id = answer.request_id.map(|id| redactor.message(&id));
    details.recommend = answer.recommend.map(|link| redactor.message(&link));
    details.access_denied_detail =
        answer.access_denied_detail.map(|detail| detail.map(|text| redactor.message(text)));
    if has_code {
        details.code = Some(redactor.message(&answer.code));
    } else {
        details.body_excerpt = redactor.excerpt(action, response.body());
    }
    let (retryability, is_ambiguous) = retryability(classification, &answer.code);
    Failure { error, is_ambiguous, retryability, hint: None }
}

/// What can be done after an error of a class, and whether the call may have had effect.
fn retryability(classification: Classification, code: &str) -> (Retryability, bool) {
    match classification.class {
        ErrorClass::Throttled | ErrorClass::Busy => (Retryability::Always, false),
        ErrorClass::Unavailable if classification.is_known => (Retryability::Always, false),
        // Without a code that the service is known for, a gateway may have answered, and what the
        // service did is anyone's guess.
        ErrorClass::Unavailable | ErrorClass::Internal => (Retryability::IfRepeatable, true),
        // The nonce is new on every attempt: if it was used, our request arrived before.
        ErrorClass::Authentication if classify::is_nonce_error(code) => (Retryability::IfRepeatable, true),
        _ => (Retryability::Never, false),
    }
}

/// Whether a body says `"Success": false` with a code, although the status says otherwise.
fn says_failed(action: &Called, scan: &BodyScan) -> bool {
    // What a raw action can say is not known.
    let can_say = action.is_raw()
        || action.response().fields.iter().any(|field| field.name.eq_ignore_ascii_case("Success"));
    can_say && scan.is_failure && scan.code.is_some()
}

fn read_error(action: &Called, response: &Response<Bytes>) -> ServiceError {
    protocol::read_error(action.service().protocol, response.headers(), response.body())
}

#[cfg(test)]
mod tests {
    use super::*;

    use http::StatusCode;

    use crate::schema::Action;
    use crate::test_service::{CREATE, DESCRIBE};

    fn fail(action: &'static Action, status: StatusCode, body: &'static str) -> Option<Failure> {
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = status;
        judge(&action.into(), &response, Redactor::default).err()
    }

    #[test]
    fn a_failure_says_what_can_be_done() {
        use Retryability::{Always, IfRepeatable, Never};
        let table = [
            (429, "", Always, false),
            (400, r#"{"Code":"Throttling.User"}"#, Always, false),
            (503, r#"{"Code":"ServiceUnavailable"}"#, Always, false),
            (503, "<html>", IfRepeatable, true),
            (503, "", IfRepeatable, true),
            (503, r#"{"Message":"later"}"#, IfRepeatable, true),
            (503, r#"{"Code":"GatewayIsTired"}"#, IfRepeatable, true),
            (503, r#"{"Code":"ServiceUnavailable","Mess"#, IfRepeatable, true),
            (500, r#"{"Code":"GatewayIsTired"}"#, IfRepeatable, true),
            (400, r#"{"Code":"GatewayIsTired"}"#, Never, false),
            (502, "", IfRepeatable, true),
            (400, r#"{"Code":"TaskConflict"}"#, Always, false),
            (500, r#"{"Code":"InternalError"}"#, IfRepeatable, true),
            (502, "<html>", IfRepeatable, true),
            (504, "", IfRepeatable, true),
            (400, r#"{"Code":"SignatureNonceUsed"}"#, IfRepeatable, true),
            (400, r#"{"Code":"InvalidTimeStamp.Expired"}"#, Never, false),
            (400, r#"{"Code":"IdempotentParameterMismatch"}"#, Never, false),
            (404, r#"{"Code":"InvalidAccessKeyId.NotFound"}"#, Never, false),
            (403, "", Never, false),
            (307, "", Never, true),
        ];
        for (status, body, retryability, is_ambiguous) in table {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            let failure = fail(&CREATE, status, body);
            let found = failure.map(|failure| (failure.retryability, failure.is_ambiguous));
            assert_eq!(found, Some((retryability, is_ambiguous)), "{status} {body}");
        }
    }

    #[test]
    fn a_success_can_hold_a_failure() {
        let body = r#"{"Success":false,"Code":"Throttling","Message":"slow"}"#;
        let failure = fail(&DESCRIBE, StatusCode::OK, body);
        assert_eq!(failure.map(|failure| failure.retryability), Some(Retryability::Always));
        assert!(fail(&DESCRIBE, StatusCode::OK, r#"{"Success":true,"Code":"200"}"#).is_none());
        assert!(fail(&DESCRIBE, StatusCode::OK, r#"{"Success":false}"#).is_none());
        assert!(fail(&CREATE, StatusCode::OK, body).is_none());
    }

    #[test]
    fn a_body_without_length_that_ends_early_is_truncated() {
        let kind = |body| fail(&CREATE, StatusCode::OK, body).map(|f| f.error.kind());
        assert_eq!(kind(r#"{"ThingId":"t-"#), Some(ErrorKind::Truncated));
        assert_eq!(kind(r#"{"Thing":{"ThingId":"t-1"}"#), Some(ErrorKind::Truncated));
        assert_eq!(kind(""), Some(ErrorKind::Truncated));
        assert_eq!(kind("{\"ThingId\":\"t-1\"}\n"), None);
        assert_eq!(kind("<html></html>"), None);
    }

    #[test]
    fn a_length_can_end_in_the_middle() {
        let kind = |body: &'static str| {
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            response.headers_mut().insert(http::header::CONTENT_LENGTH, body.len().into());
            judge(&Called::from(&CREATE), &response, Redactor::default)
                .err()
                .map(|failure| failure.error.kind())
        };
        assert_eq!(kind(r#"{"ThingId":"t-"#), Some(ErrorKind::Truncated));
        assert_eq!(kind(r#"{"Things":{"Thing":[{"ThingId":"t-1"}"#), Some(ErrorKind::Truncated));
        assert_eq!(kind(r#"{"ThingId":"t-1"} and more"#), None);
        assert_eq!(kind(r#"{"ThingId":}"#), None);
        assert_eq!(kind(""), None);
    }

    #[test]
    fn an_answer_outlasts_what_sent_nothing_and_yields_to_silence() {
        let new = |kind| Error::new(kind, "why");
        let answer = |status, code: &str| {
            let mut response = Response::new(Bytes::from(format!(r#"{{"Code":"{code}","Message":"text"}}"#)));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
            judge(&Called::from(&CREATE), &response, Redactor::default).err()
        };
        let unsent = || Failure::before_sending(new(ErrorKind::Credentials));
        let silence = || Failure::silence(new(ErrorKind::Timeout));
        let told = |last: Failure, before, is_ambiguous| {
            let error = last.told_after(before, is_ambiguous);
            (error.kind(), error.message().to_owned())
        };
        let busy = || answer(400, "TaskConflict");
        let lost = || answer(500, "InternalError");
        let then = "text; then no credentials: why";
        for (last, before, is_ambiguous, kind, message) in [
            (unsent(), None, false, ErrorKind::Credentials, "why"),
            (unsent(), busy(), false, ErrorKind::Service, then),
            (unsent(), busy(), true, ErrorKind::Credentials, "why; the last answer was TaskConflict (busy)"),
            (unsent(), lost(), true, ErrorKind::Service, then),
            (silence(), busy(), true, ErrorKind::Timeout, "why; the last answer was TaskConflict (busy)"),
            (
                silence(),
                lost(),
                true,
                ErrorKind::Timeout,
                "why; the last answer was InternalError (internal)",
            ),
        ] {
            assert_eq!(told(last, before, is_ambiguous), (kind, message.to_owned()));
        }
    }
}
