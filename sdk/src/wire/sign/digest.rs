//! Hashes, keyed and not, and their hex form. The only file that knows who computes them.

use hmac::digest::{Output, OutputSizeUser};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Lower-case hex SHA-256.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// [`sha256_hex`] of nothing, which most bodies are.
pub(crate) const SHA256_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Lower-case hex HMAC-SHA256.
pub(super) fn hmac_sha256_hex(key: &[u8], message: &[u8]) -> String {
    hex(&hmac_sha256(key, message))
}

/// HMAC-SHA256.
pub(super) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    keyed::<Hmac<Sha256>>(key, message).into()
}

/// HMAC-SHA1, which the older signature is made of. Nothing is known to break SHA-1 in its keyed form.
pub(super) fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    keyed::<Hmac<Sha1>>(key, message).into()
}

/// Keys of any length will do, so there always is a hash.
fn keyed<M: Mac + KeyInit + OutputSizeUser>(key: &[u8], message: &[u8]) -> Output<M> {
    let mac = <M as KeyInit>::new_from_slice(key).map(|mac| mac.chain_update(message));
    mac.map(|mac| mac.finalize().into_bytes()).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    append_hex(&mut text, bytes);
    text
}

/// Appends two digits for each byte.
pub(crate) fn append_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for bytes in bytes.chunks(32) {
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        // Digits are UTF-8, so nothing is ever left out.
        text.push_str(str::from_utf8(&digits[..2 * bytes.len()]).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(sha256_hex(b""), SHA256_OF_NOTHING);
        // RFC 4231, cases 2 and 6: a short key, and one longer than a block.
        assert_eq!(
            hmac_sha256_hex(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hmac_sha256_hex(&[0xAA; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
