//! `AWS4-HMAC-SHA256`, signature version 4 of AWS.

use super::digest::{hmac_sha256, hmac_sha256_hex, sha256_hex};
use super::{Signed, ToSign, canonical_request, compare_names, sorted};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Where and when a signature holds.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The value of `x-amz-date`: `YYYYMMDDThhmmssZ`.
    pub timestamp: &'a str,
    /// The region that is called.
    pub region: &'a str,
    /// Name of the service in signatures.
    pub service: &'a str,
}

/// Signs a request.
#[must_use]
pub fn sign(request: &ToSign<'_>, scope: &Scope<'_>, access_key_id: &str, secret_access_key: &str) -> Signed {
    let headers = sorted(request.headers, |one, other| compare_names(one.0, other.0));
    let (canonical_request, signed_headers) = canonical_request(request, &headers, append_collapsed);
    let date = scope.date();
    let scope_text = [date, "/", scope.region, "/", scope.service, "/aws4_request"].concat();
    let request_hash = sha256_hex(canonical_request.as_bytes());
    let string_to_sign = [ALGORITHM, "\n", scope.timestamp, "\n", &scope_text, "\n", &request_hash].concat();
    let key = signing_key(scope, secret_access_key);
    let signature = hmac_sha256_hex(&key, string_to_sign.as_bytes());
    let authorization = [
        ALGORITHM,
        " Credential=",
        access_key_id,
        "/",
        &scope_text,
        ", SignedHeaders=",
        &signed_headers,
        ", Signature=",
        &signature,
    ]
    .concat();
    Signed { canonical_request, signed_headers, string_to_sign, signature, authorization }
}

impl<'a> Scope<'a> {
    fn date(&self) -> &'a str {
        self.timestamp.get(..8).unwrap_or(self.timestamp)
    }
}

fn signing_key(scope: &Scope<'_>, secret_access_key: &str) -> [u8; 32] {
    let secret = ["AWS4", secret_access_key].concat();
    let date_key = hmac_sha256(secret.as_bytes(), scope.date().as_bytes());
    let region_key = hmac_sha256(&date_key, scope.region.as_bytes());
    let service_key = hmac_sha256(&region_key, scope.service.as_bytes());
    hmac_sha256(&service_key, b"aws4_request")
}

/// Appends a header value with every run of blanks made one.
fn append_collapsed(out: &mut String, value: &str) {
    let mut after_blank = false;
    for character in value.chars() {
        let blank = matches!(character, ' ' | '\t');
        if !(blank && after_blank) {
            out.push(if blank { ' ' } else { character });
        }
        after_blank = blank;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_blanks_become_one() {
        let mut out = String::new();
        append_collapsed(&mut out, "a   b \t c");
        assert_eq!(out, "a b c");
    }
}
