//! Takes secrets out of foreign text before it enters an error.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request};

use crate::credentials::Credentials;
use crate::record::{Record, Value};

/// Longest excerpt of a response, in bytes.
const EXCERPT: usize = 1024;

/// How much of a response is searched for the excerpt.
const SEARCHED: usize = 64 * 1024;

/// Shorter secrets are left alone: hiding them would hide half of any text.
const SHORTEST_SECRET: usize = 4;

/// Where a service quotes what it expected to be signed: all parameters, secret ones too.
const QUOTED_REQUESTS: [&str; 4] = ["string to sign", "stringtosign", "canonical string", "canonicalrequest"];

/// Parts of names whose values are never shown.
const SECRET_NAMES: [&str; 9] = [
    "secret",
    "password",
    "passwd",
    "psk",
    "token",
    "signature",
    "privatekey",
    "credential",
    "authorization",
];

/// The secrets of one call.
///
/// Cheap to make: most calls succeed and have no text to clean, so the secrets that other values hold
/// are looked for when there is one.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
    credentials: Option<Credentials>,
    signature: Option<SignedIn>,
}

/// The part of a request that has its signature.
#[derive(Clone)]
pub(crate) enum SignedIn {
    /// The header `Authorization`.
    Header(HeaderValue),
    /// The query.
    Query(PathAndQuery),
}

impl SignedIn {
    /// The part, wherever the request's protocol puts the signature.
    pub(crate) fn of<T>(request: &Request<T>) -> Option<Self> {
        match request.headers().get(AUTHORIZATION) {
            Some(header) => Some(Self::Header(header.clone())),
            None => request.uri().path_and_query().cloned().map(Self::Query),
        }
    }

    fn signature(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Header(value) => Some(value.to_str().ok()?.rsplit_once("Signature=")?.1.into()),
            Self::Query(target) => {
                target.query()?.split('&').find_map(|pair| pair.strip_prefix("Signature=")).map(decoded)
            }
        }
    }
}

impl Redactor {
    /// Learns the secret parameters of a call.
    pub(crate) fn learn_parameters(&mut self, input: &dyn Record, extra: &[(String, String)]) {
        self.learn_record(input);
        for (name, value) in extra {
            if names_secret(name) {
                self.learn(value);
            }
        }
    }

    /// Learns one secret.
    pub(crate) fn learn(&mut self, secret: &str) {
        self.secrets.push(secret.to_owned());
    }

    /// Learns what a request was signed with.
    pub(crate) fn learn_credentials(&mut self, credentials: &Credentials) {
        self.credentials = Some(credentials.clone());
    }

    /// Learns the signature of a request.
    pub(crate) fn learn_signature(&mut self, signature: Option<SignedIn>) {
        self.signature = signature;
    }

    /// A message of the service, on one line and without secrets.
    pub(crate) fn message(&self, text: &str) -> String {
        let lower = text.to_ascii_lowercase();
        let quoted = QUOTED_REQUESTS.iter().filter_map(|mark| lower.find(mark)).min();
        let text = text.get(..quoted.unwrap_or(text.len())).unwrap_or_default();
        self.one_line(text)
    }

    /// The beginning of a response, on one line and without secrets.
    pub(crate) fn excerpt(&self, body: &[u8]) -> String {
        let body = body.get(..SEARCHED).unwrap_or(body);
        let mut excerpt = self.one_line(&String::from_utf8_lossy(body));
        let end = (0..=EXCERPT.min(excerpt.len())).rev().find(|end| excerpt.is_char_boundary(*end));
        excerpt.truncate(end.unwrap_or_default());
        excerpt
    }

    fn one_line(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.spellings() {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "***");
            }
        }
        hide_named(&text).replace(char::is_control, " ").trim().to_owned()
    }

    /// The secrets in all the spellings that a server may send back, longest first.
    fn spellings(&self) -> Vec<String> {
        let mut spellings = Vec::new();
        for secret in self.secrets() {
            let encoded = percent_encode(&secret);
            spellings.push(percent_encode(&encoded));
            spellings.push(encoded);
            spellings.push(secret.replace('\\', "\\\\").replace('"', "\\\""));
            spellings.push(secret.into_owned());
        }
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        spellings.dedup();
        spellings
    }

    fn secrets(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let parameters = self.secrets.iter().map(String::as_str);
        let key = self.credentials.iter().flat_map(|credentials| {
            [Some(credentials.access_key_secret()), credentials.security_token()].into_iter().flatten()
        });
        let signature = self.signature.as_ref().and_then(SignedIn::signature);
        let secrets = parameters.chain(key).map(Cow::Borrowed).chain(signature);
        secrets.filter(|secret| secret.len() >= SHORTEST_SECRET)
    }

    fn learn_record(&mut self, record: &dyn Record) {
        record.fields(&mut |fields| fields.iter().for_each(|field| self.learn_value(field.value())));
    }

    fn learn_value(&mut self, value: Value<'_>) {
        match value {
            Value::Secret(secret) => self.learn(secret),
            Value::Record(record) => self.learn_record(record),
            Value::List(list) => {
                (0..list.len()).for_each(|index| self.learn_value(list.entry(index)));
            }
            _ => {}
        }
    }
}

/// A signature of the query as it was computed.
fn decoded(signature: &str) -> Cow<'_, str> {
    let codes = [("%2B", "+"), ("%2F", "/"), ("%3D", "=")];
    codes.into_iter().fold(signature.to_owned(), |text, (code, sign)| text.replace(code, sign)).into()
}

/// Hides the values of `"Password": "…"`, `<Password>…<` and `Password=…&`.
fn hide_named(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (before, named) = rest.split_at(start);
        let end = named.find(|c: char| !is_name(c)).unwrap_or(named.len());
        let (name, after) = named.split_at(end);
        shown.push_str(before);
        shown.push_str(name);
        rest = after;
        if let Some((separator, after_value)) = split_value(after)
            && names_secret(name)
            && !before.ends_with("</")
        {
            shown.push_str(separator);
            shown.push_str("***");
            rest = after_value;
        }
    }
    shown.push_str(rest);
    shown
}

/// What stands between a name and its value, and what follows the value.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '\\');
    let after_name = text.trim_start_matches(is_quote).trim_start();
    let after_sign = after_name.strip_prefix([':', '=', '>'])?.trim_start();
    let value = after_sign.trim_start_matches(is_quote);
    let is_quoted = value.len() < after_sign.len();
    let is_element = after_name.starts_with('>');
    let end = match (is_quoted, is_element) {
        (true, _) => end_of_quoted(value),
        (false, true) => value.find('<'),
        (false, false) => value.find(ends_bare_value),
    };
    let separator = text.get(..text.len() - value.len())?;
    Some((separator, value.get(end.unwrap_or(value.len())..)?))
}

fn end_of_quoted(value: &str) -> Option<usize> {
    let mut is_escaped = false;
    value.find(|c: char| {
        let ends = !is_escaped && matches!(c, '"' | '\'');
        is_escaped = !is_escaped && c == '\\';
        ends
    })
}

fn ends_bare_value(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '&' | '<' | ',' | ';' | '}' | ']')
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '-', '.'], "");
    SECRET_NAMES.iter().any(|part| name.contains(part))
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_secret_is_hidden_in_every_spelling() {
        let mut redactor = Redactor::default();
        redactor.learn("pa/ss \"word");
        let text = r#"pa/ss "word, pa%2Fss%20%22word, pa%252Fss%2520%2522word, pa/ss \"word"#;
        assert_eq!(redactor.message(text), "***, ***, ***, ***");
    }

    #[test]
    fn a_quoted_request_is_cut_off() {
        let redactor = Redactor::default();
        let text = "No match. server string to sign is:POST&%2F&SecurityToken%3Dabc";
        assert_eq!(redactor.message(text), "No match. server");
        let text = "The Canonical String for this request should have been 'POST x-amz-…'";
        assert_eq!(redactor.message(text), "The");
    }

    #[test]
    fn values_with_secret_names_are_hidden() {
        let redactor = Redactor::default();
        let shown = |text: &str| redactor.excerpt(text.as_bytes());
        assert_eq!(shown(r#"{"Psk" : "a\"b", "Id": "x"}"#), r#"{"Psk" : "***", "Id": "x"}"#);
        assert_eq!(shown("<Password>a b,c=d</Password>"), "<Password>***</Password>");
        assert_eq!(shown("?SecurityToken=abc&Id=x"), "?SecurityToken=***&Id=x");
        assert_eq!(shown("the token is gone"), "the token is gone");
        assert_eq!(shown(r#"{"Password":"unfinished"#), r#"{"Password":"***"#);
        assert_eq!(shown(r#"{\"Password\":\"abc\"}"#), r#"{\"Password\":\"***"#);
    }

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        let redactor = Redactor::default();
        assert_eq!(redactor.excerpt(&[b'<'; 5000]).len(), EXCERPT);
        assert!(redactor.excerpt("é".repeat(5000).as_bytes()).len() <= EXCERPT);
        assert_eq!(redactor.excerpt(b"a\r\nb\xff"), "a  b\u{fffd}");
    }
}
