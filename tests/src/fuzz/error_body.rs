//! Answers of any status: the first line has the status and an action, the rest is the body.

use cloudnet::{Credentials, Error, ErrorKind};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::{action, answer, client_for, first_line, hash, wait_for};

/// The keys that each call is signed with.
const SECRET: &str = "canary-secret-of-the-key";
const TOKEN: &str = "canary-token-of-the-session";

/// The longest error that is printed: a program may log each.
const LONGEST: usize = 1 << 20;

/// Any status and bytes are an answer or a typed error, on one line, without the keys of the call.
///
/// # Panics
///
/// If they are not.
pub fn error_body(input: &[u8]) {
    let (line, body) = first_line(input);
    let mut words = line.split_whitespace();
    let status = words.next().unwrap_or_default();
    let number = status.parse().unwrap_or_else(|_| 100 + u16::try_from(hash(status) % 900).unwrap_or(0));
    let status = StatusCode::from_u16(number).map_or(400, |status| status.as_u16());
    let action = action(words.next().unwrap_or_default());
    let mut response = answer(status, body);
    // What is left of the line is a header.
    let header = words.next().and_then(|word| HeaderValue::from_str(word).ok());
    header.map(|value| response.headers_mut().insert("x-acs-request-id", value));
    let credentials = Credentials::new("id", SECRET).with_security_token(TOKEN);
    let client = client_for(action, credentials, response);
    let call = client.call(action.name, &json!({})).unwrap_or_else(|error| panic!("{error}"));
    match wait_for(call.send_raw()) {
        Ok(response) => assert!((200..300).contains(&status) && response.status() == status, "{status}"),
        Err(error) => assert_is_sound(&error, status),
    }
}

fn assert_is_sound(error: &Error, status: u16) {
    let is_of_answer = matches!(
        error.kind(),
        ErrorKind::Response | ErrorKind::Service | ErrorKind::Truncated | ErrorKind::UnexpectedRedirect
    );
    assert!(is_of_answer, "{error}");
    assert_eq!((error.status(), error.attempts()), (Some(status), 1), "{error}");
    assert!(error.body_excerpt().unwrap_or_default().len() <= 1_024, "{error}");
    let (shown, debug) = (error.to_string(), format!("{error:?}"));
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(shown.len() + debug.len() < LONGEST, "{}", shown.len());
    for secret in [SECRET, TOKEN] {
        assert!(!shown.contains(secret) && !debug.contains(secret), "{shown} {debug}");
    }
    let detail = format!("{:?} {:?}", error.access_denied_detail(), error.recommend());
    assert!(![SECRET, TOKEN].iter().any(|secret| detail.contains(secret)), "{detail}");
}
