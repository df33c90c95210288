//! What an error code means for the caller.

use crate::schema::{Action, ErrorClass, ErrorCode, Service};
use crate::table::called::Called;

/// What an error of the service means, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Classification {
    pub(crate) class: ErrorClass,
    /// Whether a table or the form of the code says so. Otherwise only the HTTP status does, and
    /// who answered is anyone's guess.
    pub(crate) is_known: bool,
}

/// What an error of the service means. The first that knows the code decides: the action's table,
/// what was observed of it, the service's table, the action's dry run, the form of the code, the
/// HTTP status.
pub(crate) fn classify(action: &Called, code: &str, status: u16) -> Classification {
    let known = nearest_row(action.service(), action.table(), code, status)
        .map(|row| row.class)
        .or_else(|| class_of_dry_run(action, code))
        .or_else(|| class_of_code(code));
    match known {
        Some(class) => Classification { class, is_known: true },
        None => Classification { class: class_of_status(code, status), is_known: false },
    }
}

/// Whether an error means that the resource of the action is away: only tables can tell, since a
/// wrong region must never read as "already deleted".
pub(crate) fn is_gone(action: &Called, code: &str, status: u16) -> bool {
    own_row(action.table(), code, status).is_some_and(|row| row.gone)
}

/// An error code as the table has it that knows it.
pub(crate) fn known_code(
    service: &Service,
    table: Option<&Action>,
    code: &str,
    status: u16,
) -> Option<&'static str> {
    nearest_row(service, table, code, status).map(|row| row.code)
}

/// What the nearest table says that a code means, in words.
pub(crate) fn meaning(action: &Called, code: &str, status: u16) -> Option<&'static str> {
    let known = nearest_row(action.service(), action.table(), code, status);
    known.map(|row| row.meaning).filter(|meaning| !meaning.is_empty())
}

/// The row of the action's tables, or else of the service's.
fn nearest_row(
    service: &Service,
    table: Option<&Action>,
    code: &str,
    status: u16,
) -> Option<&'static ErrorCode> {
    own_row(table, code, status).or_else(|| row(service.errors, code, status))
}

/// The row of what the action's table says, or else of what was observed of it; a raw action has neither.
fn own_row(table: Option<&Action>, code: &str, status: u16) -> Option<&'static ErrorCode> {
    let table = table?;
    [table.errors, table.observed].into_iter().find_map(|rows| row(rows, code, status))
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

/// One code can stand in a table with several statuses; the row with the right one is better.
fn row(table: &'static [ErrorCode], code: &str, status: u16) -> Option<&'static ErrorCode> {
    let matching = || table.iter().filter(|row| row.matches(code));
    let exact = matching().find(|row| row.status == status);
    exact.or_else(|| matching().next())
}

fn class_of_dry_run(action: &Called, code: &str) -> Option<ErrorClass> {
    let passed = action.dry_run().is_some_and(|dry_run| dry_run.passed == Some(code));
    passed.then_some(ErrorClass::DryRunPassed)
}

/// What the form of a code says when no table knows it.
fn class_of_code(code: &str) -> Option<ErrorClass> {
    if code.is_empty() {
        return None;
    }
    if is_clock_error(code, "") || is_nonce_error(code) {
        return Some(ErrorClass::Authentication);
    }
    let whole = |(known, class): &(&str, ErrorClass)| (*known == code).then_some(*class);
    let part = |(known, class): &(&str, ErrorClass)| code.contains(known).then_some(*class);
    let is_billing = || words(code).iter().any(|word| BILLING_WORDS.contains(&word.as_str()));
    WHOLE_CODES
        .iter()
        .find_map(whole)
        .or_else(|| PARTS_OF_CODES.iter().find_map(part))
        .or_else(|| is_billing().then_some(ErrorClass::Billing))
}

/// The words of a code, in small letters: `EIPOrderError.X` has `eip`, `order`, `error` and `x`.
fn words(code: &str) -> Vec<String> {
    let letters: Vec<char> = code.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| letters.get(index));
        let is_after_small = before.is_some_and(|before| before.is_lowercase());
        let is_before_small = letters.get(index + 1).is_some_and(|after| after.is_lowercase());
        let begins = letter.is_uppercase() && (is_after_small || is_before_small);
        if begins || !letter.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.push(word);
    words
}

/// What the HTTP status says. A code that nobody knows leaves open what the caller did wrong: the
/// statuses that all refusals share say nothing about it, and only those that leave the caller
/// no doubt count.
fn class_of_status(code: &str, status: u16) -> ErrorClass {
    match status {
        400 | 403..=405 | 410..=415 | 422 if !code.is_empty() => ErrorClass::Unknown,
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

const WHOLE_CODES: [(&str, ErrorClass); 27] = [
    ("DryRunOperation", ErrorClass::DryRunPassed),
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

/// Words of codes about orders and money, which any action that costs something can answer.
const BILLING_WORDS: [&str; 8] =
    ["order", "balance", "arrear", "arrears", "overdue", "price", "commodity", "financial"];

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

    use crate::schema::Action;
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
            (Permission, 403, ""),
            (Unknown, 403, "SomethingNew"),
            (Unknown, 404, "SomethingNew"),
            (Unavailable, 503, "SomethingNew"),
            (Internal, 500, "SomethingNew"),
            (NotFound, 400, "InvalidVpcId.NotFound"),
            (NotFound, 404, ""),
            (InvalidParameter, 400, "MissingParameter"),
            (InvalidParameter, 400, ""),
            (Unknown, 400, "SomethingNew"),
            (Unknown, 418, "SomethingNew"),
        ];
        for (class, status, code) in table {
            assert_eq!(classify(&Called::from(&DESCRIBE), code, status).class, class, "{status} {code}");
        }
    }

    #[test]
    fn a_status_decides_where_no_code_does() {
        let table = [
            (401, Authentication, Authentication),
            (408, Internal, Internal),
            (410, NotFound, Unknown),
            (413, InvalidParameter, Unknown),
            (422, InvalidParameter, Unknown),
        ];
        for (status, without, with) in table {
            for (class, code) in [(without, ""), (with, "SomethingNew")] {
                assert_eq!(classify(&Called::from(&DESCRIBE), code, status).class, class, "{status} {code}");
            }
        }
    }

    #[test]
    fn codes_about_money_are_known_by_their_words() {
        let table = [
            (Billing, 400, "OrderError.EIP"),
            (Billing, 400, "OrderFailed"),
            (Billing, 400, "ORDER.CHECK_FAILED"),
            (Billing, 400, "InsufficientBalance"),
            (Billing, 403, "InsufficientBalance.Eip"),
            (Billing, 400, "NotEnoughBalance"),
            (Billing, 400, "PriceNotMatch"),
            (Billing, 400, "COMMODITY.INVALID_COMPONENT"),
            (Billing, 400, "CommodityServiceCalling.Exception"),
            (Billing, 400, "Account.Arrears"),
            (Billing, 400, "Forbidden.AccountOverdue"),
            (Billing, 400, "PAY.INSUFFICIENT_BALANCE"),
            (Billing, 400, "EIPOrderFailed"),
            (Billing, 403, "Eip.FinancialLocked"),
            (Unknown, 400, "LoadBalancerIsDown"),
            (Unknown, 400, "VirtualBorderRouterIsDown"),
            (NotFound, 404, "InvalidOrderId.NotFound"),
        ];
        for (class, status, code) in table {
            assert_eq!(classify(&Called::from(&DESCRIBE), code, status).class, class, "{status} {code}");
        }
    }

    #[test]
    fn the_nearest_table_decides() {
        let class = |action: &'static Action, code, status| classify(&action.into(), code, status).class;
        assert_eq!(class(&CREATE, "Ambivalent", 400), Quota);
        assert_eq!(class(&CREATE, "Ambivalent", 403), Permission);
        assert_eq!(class(&CREATE, "Ambivalent", 404), Permission);
        assert_eq!(class(&DESCRIBE, "Ambivalent", 400), Billing);
        assert_eq!(class(&CREATE, "TaskConflict", 400), Busy);
        assert_eq!(class(&CREATE, "OperationFailed.Anything", 500), Busy);
        assert_eq!(class(&CREATE, "OrderError.Busy", 400), Busy);
    }

    #[test]
    fn a_code_is_known_by_a_table_or_its_form() {
        for (code, status, is_known) in [
            ("ServiceBusy", 400, true),
            ("ServiceUnavailable", 503, true),
            ("Invented.NotFound", 404, true),
            ("Invented", 503, false),
            ("", 503, false),
            ("", 429, false),
        ] {
            assert_eq!(classify(&Called::from(&DESCRIBE), code, status).is_known, is_known, "{code}");
        }
    }

    #[test]
    fn only_tables_say_gone() {
        assert!(is_gone(&Called::from(&CREATE), "InvalidThing.NotFound", 404));
        assert!(!is_gone(&Called::from(&CREATE), "InvalidRegionId.NotFound", 404));
        assert!(!is_gone(&Called::from(&CREATE), "Invented.NotFound", 404));
        assert!(!is_gone(&Called::from(&CREATE), "", 404));
    }

    #[test]
    fn a_dry_run_that_passed_is_known_without_a_row() {
        assert_eq!(classify(&Called::from(&crate::test_service::TRY), "TriedWell", 400).class, DryRunPassed);
        assert_eq!(classify(&Called::from(&DESCRIBE), "TriedWell", 400).class, Unknown);
    }

    #[test]
    fn an_expired_key_is_known_by_its_code() {
        for code in
            ["InvalidSecurityToken.Expired", "SecurityTokenExpired", "ExpiredToken", "ExpiredTokenException"]
        {
            assert!(is_expired_key(code), "{code}");
            assert_eq!(classify(&Called::from(&DESCRIBE), code, 400).class, Authentication, "{code}");
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
