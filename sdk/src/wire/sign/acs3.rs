//! `ACS3-HMAC-SHA256` of Alibaba Cloud.

use super::digest::{hmac_sha256_hex, sha256_hex};
use super::{Signed, ToSign, canonical_request, compare_names, sorted};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Signs a request. The headers must hold `x-acs-content-sha256` if it is sent.
#[must_use]
pub fn sign(request: &ToSign<'_>, access_key_id: &str, access_key_secret: &str) -> Signed {
    let headers =
        sorted(request.headers, |one, other| compare_names(one.0, other.0).then(one.1.cmp(other.1)));
    let (canonical_request, signed_headers) = canonical_request(request, &headers, String::push_str);
    let string_to_sign = [ALGORITHM, "\n", &sha256_hex(canonical_request.as_bytes())].concat();
    let signature = hmac_sha256_hex(access_key_secret.as_bytes(), string_to_sign.as_bytes());
    let authorization = [
        ALGORITHM,
        " Credential=",
        access_key_id,
        ",SignedHeaders=",
        &signed_headers,
        ",Signature=",
        &signature,
    ]
    .concat();
    Signed { canonical_request, signed_headers, string_to_sign, signature, authorization }
}
