//! What an error code means for the caller.

use crate::schema::{Action, ErrorClass, ErrorCode};

/// What an error of the service means. The first that knows the code decides: the action's table,
/// what was observed of the action, the service's table, the form of the code, the HTTP status.
pub(crate) fn classify(action: &Action, code: &str, status: u16) -> ErrorClass {
    [action.errors, action.observed, action.service.errors]
        .into_iter()
        .find_map(|table| look_up(table, code, status))
        .or_else(|| class_of_code(code))
        .unwrap_or_else(|| class_of_status(status))
}

/// Whether an error means that the resource of the action is away: only tables can tell, since a
/// wrong region must never read as "already deleted".
pub(crate) fn is_gone(action: &Action, code: &str, status: u16) -> bool {
    let known = [action.errors, action.observed].into_iter().find_map(|table| row(table, code, status));
    known.is_some_and(|row| row.gone)
}

/// Whether the service found the time of the request wrong.
pub(crate) fn is_clock_error(code: &str, message: &str) -> bool {
    const CODES: [&str; 6] = [
        "InvalidTimeStamp",
        "IllegalTimestamp",
        "InvalidTimestamp",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "RequestInTheFuture",
    ];
    // AWS has no code of its own for it.
    let says_so = |words: &&str| message.contains(*words);
    CODES.iter().any(|known| code.starts_with(known))
        || code.starts_with("InvalidSignature")
            && ["Signature expired", "Signature not yet current"].iter().any(says_so)
}

/// Whether the service found that the access key's time is over.
pub(crate) fn is_expired_key(code: &str) -> bool {
    code.contains("ExpiredToken") || code.contains("SecurityToken") && code.contains("Expired")
}

/// Whether the service has seen the nonce before.
pub(crate) fn is_nonce_error(code: &str) -> bool {
    code == "SignatureNonceUsed" || code == "InvalidSignatureNonce" || code == "NonceUsed"
}

fn look_up(table: &[ErrorCode], code: &str, status: u16) -> Option<ErrorClass> {
    row(table, code, status).map(|row| row.class)
}

/// One code can stand in a table with several statuses; the row with the right one is better.
fn row<'a>(table: &'a [ErrorCode], code: &str, status: u16) -> Option<&'a ErrorCode> {
    let matching = || table.iter().filter(|row| row.matches(code));
    let exact = matching().find(|row| row.status == status);
    exact.or_else(|| matching().next())
}

/// What the form of a code says when no table knows it.
fn class_of_code(code: &str) -> Option<ErrorClass> {
    if is_clock_error(code, "") || is_nonce_error(code) {
        return Some(ErrorClass::Authentication);
    }
    let whole = |(known, class): &(&str, ErrorClass)| (*known == code).then_some(*class);
    let part = |(known, class): &(&str, ErrorClass)| code.contains(known).then_some(*class);
    WHOLE_CODES.iter().find_map(whole).or_else(|| PARTS_OF_CODES.iter().find_map(part))
}

fn class_of_status(status: u16) -> ErrorClass {
    match status {
        400 | 405 | 411 | 413..=415 | 422 => ErrorClass::InvalidParameter,
        401 => ErrorClass::Authentication,
        403 => ErrorClass::Permission,
        404 | 410 => ErrorClass::NotFound,
        429 => ErrorClass::Throttled,
        503 => ErrorClass::Unavailable,
        408 | 500..=599 => ErrorClass::Internal,
        _ => ErrorClass::Unknown,
    }
}

const WHOLE_CODES: [(&str, ErrorClass); 26] = [
    ("TooManyRequestsException", ErrorClass::Throttled),
    ("TooManyRequests", ErrorClass::Throttled),
    ("RequestLimitExceeded", ErrorClass::Throttled),
    ("RequestThrottled", ErrorClass::Throttled),
    ("RequestThrottledException", ErrorClass::Throttled),
    ("BandwidthLimitExceeded", ErrorClass::Throttled),
    ("ProvisionedThroughputExceededException", ErrorClass::Throttled),
    ("SlowDown", ErrorClass::Throttled),
    ("PriorRequestNotComplete", ErrorClass::Busy),
    ("TransactionInProgressException", ErrorClass::Busy),
    ("SystemBusy", ErrorClass::Busy),
    ("OperationConflict", ErrorClass::Busy),
    ("LastTokenProcessing", ErrorClass::Busy),
    ("TaskConflict", ErrorClass::Busy),
    ("ConcurrentCallNotSupported", ErrorClass::Busy),
    ("IdempotentParameterMismatch", ErrorClass::Idempotency),
    ("IdempotentParameterMismatchException", ErrorClass::Idempotency),
    ("ServiceUnavailable", ErrorClass::Unavailable),
    ("ServiceUnavailableException", ErrorClass::Unavailable),
    ("InternalError", ErrorClass::Internal),
    ("InternalFailure", ErrorClass::Internal),
    ("InternalServiceErrorException", ErrorClass::Internal),
    ("InternalServerException", ErrorClass::Internal),
    ("LimitExceededException", ErrorClass::Quota),
    ("AccessDeniedException", ErrorClass::Permission),
    ("ValidationException", ErrorClass::InvalidParameter),
];

/// In the order of precedence: `Throttling` before all, `NotFound` before `Invalid`.
const PARTS_OF_CODES: [(&str, ErrorClass); 20] = [
    ("Throttl", ErrorClass::Throttled),
    ("FlowControl", ErrorClass::Throttled),
    ("TokenProcessing", ErrorClass::Busy),
    ("Idempotent", ErrorClass::Idempotency),
    ("InvalidAccessKeyId", ErrorClass::Authentication),
    ("SecurityToken", ErrorClass::Authentication),
    ("Signature", ErrorClass::Authentication),
    ("ExpiredToken", ErrorClass::Authentication),
    ("UnrecognizedClient", ErrorClass::Authentication),
    ("NoPermission", ErrorClass::Permission),
    ("AccessDenied", ErrorClass::Permission),
    ("Forbidden.RAM", ErrorClass::Permission),
    ("NotAuthorized", ErrorClass::Permission),
    ("DependencyViolation", ErrorClass::Dependency),
    ("QuotaExceeded", ErrorClass::Quota),
    ("QuotaFull", ErrorClass::Quota),
    ("NotFound", ErrorClass::NotFound),
    ("AlreadyExist", ErrorClass::AlreadyExists),
    ("Missing", ErrorClass::InvalidParameter),
    ("InvalidParameter", ErrorClass::InvalidParameter),
];

#[cfg(test)]
mod tests {
    use super::*;

    use crate::schema::ErrorClass::*;
    use crate::test_service::{CREATE, DESCRIBE};

    #[test]
    fn every_code_has_its_class() {
        let table = [
            (Throttled, 400, "Throttling"),
            (Throttled, 400, "Throttling.User"),
            (Throttled, 400, "Throttling.Api"),
            (Throttled, 400, "Rejected.Throttling"),
            (Throttled, 503, "Throttling"),
            (Throttled, 400, "ThrottlingException"),
            (Throttled, 400, "ThrottledException"),
            (Throttled, 400, "TooManyRequestsException"),
            (Throttled, 400, "RequestLimitExceeded"),
            (Throttled, 400, "BandwidthLimitExceeded"),
            (Throttled, 400, "RequestThrottled"),
            (Throttled, 503, "SlowDown"),
            (Throttled, 429, ""),
            (Throttled, 429, "SomethingNew"),
            (Busy, 400, "SystemBusy"),
            (Busy, 409, "OperationConflict"),
            (Busy, 400, "LastTokenProcessing"),
            (Busy, 400, "OperationFailed.LastTokenProcessing"),
            (Busy, 400, "ServiceBusy"),
            (Unavailable, 503, "ServiceUnavailable"),
            (Unavailable, 400, "ServiceUnavailable"),
            (Unavailable, 503, ""),
            (Internal, 500, "InternalError"),
            (Internal, 400, "InternalServiceErrorException"),
            (Internal, 500, "UnknownError"),
            (Internal, 500, ""),
            (Internal, 502, ""),
            (Internal, 504, ""),
            (Idempotency, 400, "IdempotentParameterMismatch"),
            (Quota, 400, "LimitExceededException"),
            (Quota, 400, "QuotaExceeded.Vpc"),
            (Authentication, 404, "InvalidAccessKeyId.NotFound"),
            (Authentication, 400, "InvalidTimeStamp.Expired"),
            (Authentication, 400, "SignatureNonceUsed"),
            (Authentication, 400, "SignatureDoesNotMatch"),
            (Authentication, 400, "InvalidSecurityToken.Expired"),
            (Permission, 403, "NoPermission"),
            (Permission, 403, "SomethingNew"),
            (NotFound, 400, "InvalidVpcId.NotFound"),
            (NotFound, 404, ""),
            (InvalidParameter, 400, "MissingParameter"),
            (InvalidParameter, 400, "SomethingNew"),
            (Unknown, 418, "SomethingNew"),
        ];
        for (class, status, code) in table {
            assert_eq!(classify(&DESCRIBE, code, status), class, "{status} {code}");
        }
    }

    #[test]
    fn the_nearest_table_decides() {
        assert_eq!(classify(&CREATE, "Ambivalent", 400), Quota);
        assert_eq!(classify(&CREATE, "Ambivalent", 403), Permission);
        assert_eq!(classify(&CREATE, "Ambivalent", 404), Permission);
        assert_eq!(classify(&DESCRIBE, "Ambivalent", 400), Billing);
        assert_eq!(classify(&CREATE, "TaskConflict", 400), Busy);
        assert_eq!(classify(&CREATE, "OperationFailed.Anything", 500), Busy);
    }

    #[test]
    fn an_expired_key_is_known_by_its_code() {
        for code in
            ["InvalidSecurityToken.Expired", "SecurityTokenExpired", "ExpiredToken", "ExpiredTokenException"]
        {
            assert!(is_expired_key(code), "{code}");
            assert_eq!(classify(&DESCRIBE, code, 400), Authentication, "{code}");
        }
        for code in ["InvalidSecurityToken.Malformed", "InvalidTimeStamp.Expired", "RequestExpired", ""] {
            assert!(!is_expired_key(code), "{code}");
        }
    }

    #[test]
    fn a_clock_error_is_known_by_code_or_words() {
        assert!(is_clock_error("InvalidTimeStamp.Expired", ""));
        assert!(is_clock_error("RequestTimeTooSkewed", ""));
        let late = "Signature expired: 20240305T060708Z is now earlier than 20240305T062208Z";
        assert!(is_clock_error("InvalidSignatureException", late));
        assert!(!is_clock_error("InvalidSignatureException", "It does not match."));
        assert!(!is_clock_error("SignatureDoesNotMatch", ""));
    }
}
