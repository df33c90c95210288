//! Structs as JSON or any other format of serde, by their wire names: through the table, not derived.
//!
//! Feature: `serde`.

use serde::{Serialize, Serializer};

use crate::record::Record;
use crate::schema::Shape;
use crate::wire::encode::json::{Object, Secrets};

/// A struct that can be serialised: parameters, what an action returns, and what is inside of them.
pub trait Described: Record {
    #[doc(hidden)]
    fn shape() -> &'static Shape;
}

/// A struct with its secrets in the clear: see [`with_secrets`].
#[derive(Clone, Copy)]
pub struct WithSecrets<'a, T>(&'a T);

/// Lets a struct be serialised with its passwords, keys and tokens, which are `"***"` otherwise.
///
/// ```
/// use cloudnet::serialize::with_secrets;
/// use cloudnet::vpc::CreateSslVpnClientCertOutput;
/// # let answer = br#"{"SslVpnClientCertId":"vsc-1"}"#;
///
/// fn to_keep(certificate: &CreateSslVpnClientCertOutput) -> serde_json::Result<String> {
///     serde_json::to_string(&with_secrets(certificate))
/// }
/// ```
#[must_use]
pub fn with_secrets<T: Described>(described: &T) -> WithSecrets<'_, T> {
    WithSecrets(described)
}

impl<T: Described> Serialize for WithSecrets<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Object { shape: T::shape(), record: self.0, extra: &[], secrets: Secrets::Shown }
            .serialize(serializer)
    }
}

impl<T> std::fmt::Debug for WithSecrets<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WithSecrets(***)")
    }
}

/// Writes a struct, without what is absent and without its secrets.
pub(crate) fn masked<S: Serializer>(
    record: &dyn Record,
    shape: &Shape,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Object { shape, record, extra: &[], secrets: Secrets::Masked }.serialize(serializer)
}
