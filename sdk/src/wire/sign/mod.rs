//! Signatures, as pure functions: time, nonce and keys come in as values.
//!
//! Each function returns what it computed on the way, because that is what a service quotes when
//! it finds a signature wrong. `Debug` prints none of it: a query or a header may be secret.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::wire::encode::percent;

pub mod acs3;
pub mod acs_rpc;
pub mod sigv4;

mod digest;

pub use digest::sha256_hex;

pub(crate) use digest::{SHA256_OF_NOTHING, append_hex};

/// How requests are signed.
///
/// A protocol falls back to its own default if it lacks the one chosen, so one choice can serve
/// clients of both vendors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signature {
    /// `ACS3-HMAC-SHA256` of Alibaba Cloud, in headers.
    #[default]
    Acs3HmacSha256,
    /// `HMAC-SHA1` version 1.0 of Alibaba Cloud, in the query.
    AcsRpcHmacSha1,
    /// `AWS4-HMAC-SHA256` of AWS, in headers.
    AwsSigV4,
}

/// What a signature in headers covers.
#[derive(Clone, Copy)]
pub struct ToSign<'a> {
    /// HTTP verb.
    pub method: &'a str,
    /// Path of the URL, encoded.
    pub path: &'a str,
    /// Query of the URL as [`canonical_query`] writes it, without the `?`.
    pub query: &'a str,
    /// Exactly the headers to sign, in any order and case.
    pub headers: &'a [(&'a str, &'a str)],
    /// Lower-case hex SHA-256 of the body.
    pub body_sha256: &'a str,
}

impl fmt::Debug for ToSign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToSign")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A signature in headers, and what it was computed from.
#[derive(Clone)]
#[non_exhaustive]
pub struct Signed {
    /// The request in the form that is hashed.
    pub canonical_request: String,
    /// Names of the signed headers, joined with `;`.
    pub signed_headers: String,
    /// What the key was applied to.
    pub string_to_sign: String,
    /// The signature in lower-case hex.
    pub signature: String,
    /// Value of the header `Authorization`.
    pub authorization: String,
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("signed_headers", &self.signed_headers).finish_non_exhaustive()
    }
}

/// The parameters sorted by name, byte by byte, encoded and joined; empty values stay as `Name=`.
#[must_use]
pub fn canonical_query(mut parameters: Vec<(&str, &str)>) -> String {
    parameters.sort_unstable();
    join_pairs(&parameters, percent::append)
}

/// The same parameters as a form body: a space is written `+`.
pub(crate) fn form_body(mut parameters: Vec<(&str, &str)>) -> String {
    parameters.sort_unstable();
    join_pairs(&parameters, percent::append_form)
}

fn join_pairs(parameters: &[(&str, &str)], append: fn(&mut String, &str)) -> String {
    let raw_length: usize = parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    // A quarter more is room for the escapes of dates, CIDR blocks and descriptions.
    let mut joined = String::with_capacity(raw_length + raw_length / 4);
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            joined.push('&');
        }
        append(&mut joined, name);
        joined.push('=');
        append(&mut joined, value);
    }
    joined
}

/// The headers in their order, copied only if they come in another.
fn sorted<'h, 'a>(
    headers: &'h [(&'a str, &'a str)],
    compare: fn(&(&str, &str), &(&str, &str)) -> Ordering,
) -> Cow<'h, [(&'a str, &'a str)]> {
    if headers.is_sorted_by(|one, next| compare(one, next).is_le()) {
        return Cow::Borrowed(headers);
    }
    let mut headers = headers.to_vec();
    headers.sort_by(compare);
    Cow::Owned(headers)
}

/// The canonical request and the names of its headers, which must come sorted by name.
fn canonical_request(
    request: &ToSign<'_>,
    sorted_headers: &[(&str, &str)],
    append_value: fn(&mut String, &str),
) -> (String, String) {
    let header_length: usize =
        sorted_headers.iter().map(|(name, value)| 2 * name.len() + value.len() + 3).sum();
    let mut canonical = String::with_capacity(header_length + request.query.len() + request.path.len() + 80);
    for line in [request.method, request.path, request.query] {
        canonical.push_str(line);
        canonical.push('\n');
    }
    let mut names = String::with_capacity(header_length / 2);
    for same_name in sorted_headers.chunk_by(|one, next| one.0.eq_ignore_ascii_case(next.0)) {
        append_header(&mut canonical, &mut names, same_name, append_value);
    }
    for part in ["\n", &names, "\n", request.body_sha256] {
        canonical.push_str(part);
    }
    (canonical, names)
}

/// Appends the line of one header, and its name to the list of names.
fn append_header(
    canonical: &mut String,
    names: &mut String,
    same_name: &[(&str, &str)],
    append_value: fn(&mut String, &str),
) {
    let Some((name, _)) = same_name.first() else { return };
    let name = lower_case(name);
    if !names.is_empty() {
        names.push(';');
    }
    names.push_str(&name);
    canonical.push_str(&name);
    for (index, (_, value)) in same_name.iter().enumerate() {
        canonical.push(if index == 0 { ':' } else { ',' });
        append_value(canonical, value.trim());
    }
    canonical.push('\n');
}

/// Our own headers are in lower case to begin with, and are not copied.
fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Order of header names, whose case does not count.
fn compare_names(one: &str, other: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    one.bytes().map(lower).cmp(other.bytes().map(lower))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_sort_by_raw_name_and_keep_empty_values() {
        assert_eq!(canonical_query(vec![]), "");
        let parameters = vec![("b", ""), ("Tag.2", "x y"), ("Tag.10", "é"), ("Tag.1.", "*"), ("B", "~")];
        assert_eq!(canonical_query(parameters), "B=~&Tag.1.=%2A&Tag.10=%C3%A9&Tag.2=x%20y&b=");
        assert_eq!(form_body(vec![("b", "x y"), ("a", "+")]), "a=%2B&b=x+y");
    }

    #[test]
    fn headers_are_lowered_trimmed_and_joined() {
        let headers = [("accept", " a  b\t"), ("X-One", "2"), ("x-one", " 1 ")];
        let request = ToSign { method: "GET", path: "/", query: "", headers: &headers, body_sha256: "hash" };
        let (canonical, names) = canonical_request(&request, &headers, String::push_str);
        assert_eq!(canonical, "GET\n/\n\naccept:a  b\nx-one:2,1\n\naccept;x-one\nhash");
        assert_eq!(names, "accept;x-one");
    }

    #[test]
    fn debug_prints_no_signed_text() {
        let headers = [("x-acs-security-token", "token-value")];
        let request = ToSign {
            method: "POST",
            path: "/",
            query: "Password=pass-value",
            headers: &headers,
            body_sha256: "",
        };
        let printed = format!("{request:?} {:?}", acs3::sign(&request, "id", "secret-value"));
        assert!(!printed.contains("-value"), "{printed}");
    }
}
