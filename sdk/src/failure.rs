//! What a failed attempt means: whether it may be repeated, and whether it may have had effect.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::classify;
use crate::decode;
use crate::error::{Error, ErrorKind};
use crate::protocol::{self, ServiceError};
use crate::record::record;
use crate::redact::Redactor;
use crate::schema::{Action, ErrorClass, Field, Protocol, Shape};
use crate::transport::{TransportError, TransportErrorKind};

/// One failed attempt.
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// Whether the service may have done what was asked.
    pub(crate) is_ambiguous: bool,
    pub(crate) recourse: Recourse,
    /// How long the server asks to wait.
    pub(crate) hint: Option<Duration>,
}

/// Whether an attempt may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recourse {
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
        Self { error, is_ambiguous: false, recourse: Recourse::Never, hint: None }
    }

    /// The request left, and nothing came back in time.
    pub(crate) fn silence(error: Error) -> Self {
        Self { error, is_ambiguous: true, recourse: Recourse::IfRepeatable, hint: None }
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
        let recourse = match error.kind() {
            From::Request | From::Tls | From::TooLarge => Recourse::Never,
            _ if is_ambiguous => Recourse::IfRepeatable,
            _ => Recourse::Always,
        };
        let error = Error::new(kind, redactor.transport_message(error.message()));
        Self { error, is_ambiguous, recourse, hint: None }
    }
}

/// Whether a response is a success. A redactor is made only if it is not.
pub(crate) fn judge(
    action: &'static Action,
    response: &Response<Bytes>,
    redactor: impl Fn() -> Redactor,
) -> Result<(), Failure> {
    let is_success = response.status().is_success();
    let verdict = match response.status().as_u16() {
        200..=299 if is_cut_off(action, response) => {
            let error = Error::new(ErrorKind::Truncated, "the body ends in the middle");
            Some(Failure::silence(error))
        }
        200..=299 if !says_failed(action, response.body()) => None,
        300..=399 => Some(redirected()),
        _ => Some(refused(action, response, &redactor())),
    };
    let Some(mut failure) = verdict else { return Ok(()) };
    failure.error.details.status = Some(response.status().as_u16());
    if !is_success && failure.error.details.request_id.is_none() {
        failure.error.details.request_id = request_id(action, response, &redactor());
    }
    Err(failure)
}

/// Whether a body ends in the middle. One that lasts until the connection closes was cut where
/// nothing else would tell; a length can be wrong.
fn is_cut_off(action: &Action, response: &Response<Bytes>) -> bool {
    let headers = response.headers();
    let is_framed = headers.contains_key(http::header::CONTENT_LENGTH)
        || headers.contains_key(http::header::TRANSFER_ENCODING);
    match response.body().trim_ascii() {
        [] => !is_framed && action.service.protocol == Protocol::AcsRpc,
        // Nearly every body is framed and ends in a brace, and is not read twice.
        object @ [b'{', ..] => !(is_framed && object.ends_with(b"}")) && ends_early(object),
        _ => false,
    }
}

fn ends_early(json: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(json).is_err_and(|error| error.is_eof())
}

/// A redirect tells nothing about what the server did before it.
fn redirected() -> Failure {
    let message = "the server asked to go elsewhere, which a signed request must not";
    let error = Error::new(ErrorKind::UnexpectedRedirect, message);
    Failure { error, is_ambiguous: true, recourse: Recourse::Never, hint: None }
}

fn refused(action: &'static Action, response: &Response<Bytes>, redactor: &Redactor) -> Failure {
    let status = response.status().as_u16();
    let answer = read_error(action, response);
    let class = classify::classify(action, &answer.code, status);
    let has_code = !answer.code.is_empty();
    let mut error = Error::new(ErrorKind::Service, redactor.message(&answer.message));
    let details = &mut *error.details;
    details.class = class;
    details.request_id = answer.request_id.map(|id| redactor.message(&id));
    details.recommend = answer.recommend.map(|link| redactor.message(&link));
    details.access_denied_detail =
        answer.access_denied_detail.map(|detail| detail.map(|text| redactor.message(text)));
    if has_code {
        details.code = Some(redactor.message(&answer.code));
    } else {
        details.body_excerpt = redactor.excerpt(action, response.body());
    }
    let (recourse, is_ambiguous) = recourse(class, &answer.code);
    Failure { error, is_ambiguous, recourse, hint: None }
}

/// What can be done after an error of a class, and whether the call may have had effect.
fn recourse(class: ErrorClass, code: &str) -> (Recourse, bool) {
    match class {
        ErrorClass::Throttled | ErrorClass::Busy => (Recourse::Always, false),
        ErrorClass::Unavailable if !code.is_empty() => (Recourse::Always, false),
        // Without a code a gateway answered, and what the service did is anyone's guess.
        ErrorClass::Unavailable | ErrorClass::Internal => (Recourse::IfRepeatable, true),
        // The nonce is new on every attempt: if it was used, our request arrived before.
        ErrorClass::Authentication if classify::is_nonce_error(code) => (Recourse::IfRepeatable, true),
        _ => (Recourse::Never, false),
    }
}

/// Whether a body says `"Success": false` with a code, although the status says otherwise.
fn says_failed(action: &Action, body: &[u8]) -> bool {
    if !action.response.fields.iter().any(|field| field.name.eq_ignore_ascii_case("Success")) {
        return false;
    }
    let mut verdict = Verdict::default();
    decode::decode(&VERDICT, body, &mut verdict).is_ok()
        && verdict.success == Some(false)
        && verdict.code.is_some_and(|code| !code.is_empty())
}

/// The ID under which the service knows the request of a response.
pub(crate) fn request_id(action: &Action, response: &Response<Bytes>, redactor: &Redactor) -> Option<String> {
    read_error(action, response).request_id.map(|id| redactor.message(&id))
}

fn read_error(action: &Action, response: &Response<Bytes>) -> ServiceError {
    let status = response.status().as_u16();
    protocol::read_error(action.service.protocol, status, response.headers(), response.body())
}

static VERDICT: Shape = Shape {
    fields: &[Field::boolean("Success").aliases(&["success"]), Field::text("Code").aliases(&["code"])],
    rules: &[],
};

#[derive(Default)]
struct Verdict {
    success: Option<bool>,
    code: Option<String>,
}
record!(Verdict { success, code });

#[cfg(test)]
mod tests {
    use super::*;

    use http::StatusCode;

    use crate::test_service::{CREATE, DESCRIBE};

    fn fail(action: &'static Action, status: StatusCode, body: &'static str) -> Option<Failure> {
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = status;
        judge(action, &response, Redactor::default).err()
    }

    #[test]
    fn a_failure_says_what_can_be_done() {
        use Recourse::{Always, IfRepeatable, Never};
        let table = [
            (429, "", Always, false),
            (400, r#"{"Code":"Throttling.User"}"#, Always, false),
            (503, r#"{"Code":"ServiceUnavailable"}"#, Always, false),
            (503, "<html>", IfRepeatable, true),
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
        for (status, body, recourse, is_ambiguous) in table {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            let failure = fail(&CREATE, status, body);
            let found = failure.map(|failure| (failure.recourse, failure.is_ambiguous));
            assert_eq!(found, Some((recourse, is_ambiguous)), "{status} {body}");
        }
    }

    #[test]
    fn a_success_can_hold_a_failure() {
        let body = r#"{"Success":false,"Code":"Throttling","Message":"slow"}"#;
        let failure = fail(&DESCRIBE, StatusCode::OK, body);
        assert_eq!(failure.map(|failure| failure.recourse), Some(Recourse::Always));
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
            judge(&CREATE, &response, Redactor::default).err().map(|failure| failure.error.kind())
        };
        assert_eq!(kind(r#"{"ThingId":"t-"#), Some(ErrorKind::Truncated));
        assert_eq!(kind(r#"{"ThingId":"t-1"} and more"#), None);
        assert_eq!(kind(""), None);
    }
}
