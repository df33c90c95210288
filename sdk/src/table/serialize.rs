//! Structs as JSON or any other format of serde, by their wire names: through the table, not derived.

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, SerializeSeq, Serializer};

use crate::record::{Field as Slot, List, Record, Value};
use crate::schema::{Field, Kind, Shape};

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
        record(self.0, T::shape(), true, serializer)
    }
}

impl<T> std::fmt::Debug for WithSecrets<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WithSecrets(***)")
    }
}

/// Writes a struct, without what is absent.
pub(crate) fn record<S: Serializer>(
    record: &dyn Record,
    shape: &'static Shape,
    with_secrets: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut serializer = Some(serializer);
    let mut written = None;
    record.fields(&mut |slots| {
        written = serializer.take().map(|serializer| members(slots, shape, with_secrets, serializer));
    });
    written.unwrap_or_else(|| Err(S::Error::custom("the struct has no fields")))
}

fn members<S: Serializer>(
    slots: &[&dyn Slot],
    shape: &'static Shape,
    with_secrets: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let present = || shape.fields.iter().zip(slots).filter(|(_, slot)| !slot.value().is_absent());
    let mut map = serializer.serialize_map(Some(present().count()))?;
    for (Field { name, kind, wrapped, .. }, slot) in present() {
        let member = Member { value: slot.value(), kind, with_secrets };
        match *wrapped {
            "" => map.serialize_entry(name, &member)?,
            inner => map.serialize_entry(name, &Wrapped { name: inner, member })?,
        }
    }
    map.end()
}

/// A list inside the object that is around it on the wire.
struct Wrapped<'a> {
    name: &'static str,
    member: Member<'a>,
}

impl Serialize for Wrapped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.name, &self.member)?;
        map.end()
    }
}

struct Member<'a> {
    value: Value<'a>,
    kind: &'static Kind,
    with_secrets: bool,
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Absent => serializer.serialize_none(),
            Value::Secret(_) if !self.with_secrets => serializer.serialize_str("***"),
            Value::Text(text) | Value::Secret(text) => serializer.serialize_str(text),
            Value::Integer(number) => serializer.serialize_i64(number),
            Value::Double(number) => serializer.serialize_f64(number),
            Value::Boolean(flag) => serializer.serialize_bool(flag),
            Value::List(list) => self.entries(list, serializer),
            Value::Record(inner) => match self.kind.shape() {
                Some(shape) => record(inner, shape, self.with_secrets, serializer),
                None => Err(S::Error::custom("the table has no struct here")),
            },
        }
    }
}

impl Member<'_> {
    fn entries<S: Serializer>(&self, list: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match *self.kind {
            Kind::List(entry) => entry,
            _ => self.kind,
        };
        let mut entries = serializer.serialize_seq(Some(list.len()))?;
        for index in 0..list.len() {
            let value = list.entry(index);
            entries.serialize_element(&Member { value, kind, with_secrets: self.with_secrets })?;
        }
        entries.end()
    }
}
