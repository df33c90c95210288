//! Fills generated structs from JSON, forgiving what the services are known to send.
//!
//! | the wire has | a field of another type reads |
//! |---|---|
//! | number or boolean where text is documented | its text |
//! | text where a number or boolean is documented | the number or boolean in it |
//! | text where a moment is documented | the seconds in it, or what RFC 3339 makes of it |
//! | `""` or `null` where anything but text is documented | nothing |
//! | a bare array where a wrapper object is documented | the list |
//! | a single value where a list is documented | a list of one |
//! | a value that does not fit at all | nothing; the raw body still has it |
//! | a member that no table knows | nothing; the raw body still has it |
//! | an envelope named after the action | its content |
//! | a member twice | the last one |

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use crate::record::{Field as Slot, Record, Scalar};
use crate::schema::{Action, Field, Kind, Shape};

/// Why a body could not be read at all. Says where, never what stood there.
#[derive(Debug)]
pub(crate) struct DecodeError(String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Fills the output of an action from a response, also from one in an envelope: some gateways
/// answer `{"CreateVpcResponse": {…}}`.
pub(crate) fn decode_response(
    action: &'static Action,
    body: &[u8],
    output: &mut dyn Record,
) -> Result<(), DecodeError> {
    read(ObjectSeed { shape: &action.response, record: output, enveloped_by: action.name }, body)
}

/// The JSON object that a response is, whatever it holds; out of its envelope, if it is in one.
pub(crate) fn free_response(action: &str, body: &[u8]) -> Result<Json, DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // Read as any value first: no message of the parser quotes one then.
    let json: Json = serde_json::from_slice(body).map_err(|error| DecodeError(error.to_string()))?;
    let Json::Object(mut members) = json else {
        return Err(DecodeError("expected a JSON object, found another value".to_owned()));
    };
    let is_whole = members.len() == 1;
    match members.get_mut(&format!("{action}Response")) {
        Some(inner) if is_whole && inner.is_object() => Ok(inner.take()),
        _ => Ok(Json::Object(members)),
    }
}

/// Fills `record` from one JSON object.
pub(crate) fn decode(shape: &'static Shape, body: &[u8], record: &mut dyn Record) -> Result<(), DecodeError> {
    read(ObjectSeed { shape, record, enveloped_by: "" }, body)
}

fn read(object: ObjectSeed<'_>, body: &[u8]) -> Result<(), DecodeError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut json = serde_json::Deserializer::from_slice(body);
    // No message of this module or of serde_json's parser quotes a value.
    object.deserialize(&mut json).and_then(|()| json.end()).map_err(|error| DecodeError(error.to_string()))
}

/// What a visitor of an object does with other values: serde's own messages would quote them.
macro_rules! refuse_all_but_objects {
    () => {
        fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
            Err(E::custom("expected a JSON object, found null"))
        }

        fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
            Err(E::custom("expected a JSON object, found a boolean"))
        }

        fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
            Err(E::custom("expected a JSON object, found a number"))
        }

        fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
            Err(E::custom("expected a JSON object, found a number"))
        }

        fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
            Err(E::custom("expected a JSON object, found a number"))
        }

        fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
            Err(E::custom("expected a JSON object, found a string"))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
            Err(A::Error::custom("expected a JSON object, found an array"))
        }
    };
}

/// A JSON object that fills a record.
struct ObjectSeed<'r> {
    shape: &'static Shape,
    record: &'r mut dyn Record,
    /// Name of the action whose envelope may be around the object; empty for none.
    enveloped_by: &'static str,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        fill(self.shape, self.record, self.enveloped_by, map)
    }

    refuse_all_but_objects!();
}

/// Reads the members of an object into the fields of a record.
fn fill<'de, A: MapAccess<'de>>(
    shape: &'static Shape,
    record: &mut dyn Record,
    enveloped_by: &'static str,
    map: A,
) -> Result<(), A::Error> {
    let mut map = Some(map);
    let mut outcome = Ok(());
    record.fields_mut(&mut |slots| {
        if let Some(map) = map.take() {
            outcome = fill_slots(shape, slots, enveloped_by, map);
        }
    });
    outcome
}

fn fill_slots<'de, A: MapAccess<'de>>(
    shape: &'static Shape,
    slots: &mut [&mut dyn Slot],
    enveloped_by: &'static str,
    mut map: A,
) -> Result<(), A::Error> {
    let mut expected = 0;
    while let Some(found) = map.next_key_seed(NameSeed { shape, expected, enveloped_by })? {
        let index = match found {
            Found::Field(index) => index,
            Found::Envelope => {
                map.next_value_seed(Envelope { shape, slots })?;
                continue;
            }
            Found::Nothing => {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
        };
        if let (Some(field), Some(slot)) = (shape.fields.get(index), slots.get_mut(index)) {
            expected = index + 1;
            // A member that comes again replaces what came before.
            slot.clear();
            map.next_value_seed(MemberSeed { field, slot: &mut **slot })?;
        }
    }
    Ok(())
}

/// The object inside an envelope.
struct Envelope<'s, 'f> {
    shape: &'static Shape,
    slots: &'s mut [&'f mut dyn Slot],
}

impl<'de> DeserializeSeed<'de> for Envelope<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Envelope<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object inside the envelope")
    }

    refuse_all_but_objects!();

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        fill_slots(self.shape, self.slots, "", map)
    }
}

/// A member name, looked up where it is expected.
struct NameSeed {
    shape: &'static Shape,
    expected: usize,
    enveloped_by: &'static str,
}

enum Found {
    Field(usize),
    Envelope,
    Nothing,
}

impl NameSeed {
    fn find(&self, name: &str) -> Found {
        let fields = self.shape.fields;
        if fields.get(self.expected).is_some_and(|field| field.name == name) {
            return Found::Field(self.expected);
        }
        let named = fields.iter().position(|field| field.name == name);
        match named.or_else(|| fields.iter().position(|field| field.aliases.contains(&name))) {
            Some(index) => Found::Field(index),
            None if self.is_envelope(name) => Found::Envelope,
            None => Found::Nothing,
        }
    }

    fn is_envelope(&self, name: &str) -> bool {
        !self.enveloped_by.is_empty() && name.strip_suffix("Response") == Some(self.enveloped_by)
    }
}

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.find(name))
    }
}

/// A member's value that fills a field.
struct MemberSeed<'s> {
    field: &'static Field,
    slot: &'s mut dyn Slot,
}

impl<'de> DeserializeSeed<'de> for MemberSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let wrapped = self.field.wrapped;
        deserializer.deserialize_any(ValueSeed { kind: &self.field.kind, wrapped, slot: self.slot })
    }
}

/// A value of a known kind.
struct ValueSeed<'s> {
    kind: &'static Kind,
    /// Name of the list inside a wrapper object; empty without a wrapper.
    wrapped: &'static str,
    slot: &'s mut dyn Slot,
}

impl ValueSeed<'_> {
    fn scalar<E>(self, scalar: Scalar<'_>) -> Result<(), E> {
        let entry = match self.kind {
            Kind::List(kind) => kind,
            kind => kind,
        };
        let blank = matches!(scalar, Scalar::Text(""));
        let is_struct = matches!(entry, Kind::Object(_) | Kind::Json(_));
        let blank_list = blank && matches!(self.kind, Kind::List(_));
        if !is_struct && !blank_list && !self.slot.set(scalar) {
            tracing::debug!("a response value does not fit its documented type");
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.scalar(Scalar::Boolean(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.scalar(Scalar::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        match i64::try_from(number) {
            Ok(number) => self.scalar(Scalar::Integer(number)),
            Err(_) => self.scalar(Scalar::Unsigned(number)),
        }
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.scalar(Scalar::Double(number))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if let Kind::Json(shape) = self.kind
            && let Some(record) = self.slot.nested()
        {
            // The text came as data: one that is no JSON object leaves the struct empty.
            return match decode(shape, text.as_bytes(), record) {
                Ok(()) => Ok(()),
                Err(_) => {
                    self.slot.clear();
                    Ok(())
                }
            };
        }
        self.scalar(Scalar::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        if let Kind::List(kind) = self.kind {
            loop {
                let entry = ValueSeed { kind, wrapped: "", slot: self.slot };
                if entries.next_element_seed(entry)?.is_none() {
                    break;
                }
            }
        } else {
            while entries.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self.kind {
            Kind::List(_) if !self.wrapped.is_empty() => {
                while let Some(is_list) = map.next_key_seed(NameIs(self.wrapped))? {
                    if is_list {
                        self.slot.clear();
                        let list = ValueSeed { kind: self.kind, wrapped: "", slot: self.slot };
                        map.next_value_seed(list)?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(())
            }
            Kind::List(kind) => ValueSeed { kind, wrapped: "", ..self }.visit_map(map),
            Kind::Object(shape) | Kind::Json(shape) => match self.slot.nested() {
                Some(record) => fill(shape, record, "", map),
                None => ignore(map),
            },
            Kind::Text | Kind::Integer | Kind::Double | Kind::Boolean | Kind::Timestamp => ignore(map),
        }
    }
}

/// Whether a member has the given name.
struct NameIs(&'static str);

impl<'de> DeserializeSeed<'de> for NameIs {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameIs {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

fn ignore<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::declare::{element, output};

    element! {
        struct Entry {
            a: Option<i64>,
            b: Option<i64>,
            c: Option<i64>,
        }
    }

    output! {
        struct Listing {
            entries: Vec<Entry>,
        }
    }

    static ENTRY: Shape =
        Shape { fields: &[Field::integer("A"), Field::integer("B"), Field::integer("C")], rules: &[] };
    static LISTING: Shape =
        Shape { fields: &[Field::of("Entries", Kind::List(&Kind::Object(&ENTRY)))], rules: &[] };

    #[test]
    fn entries_may_come_in_any_order_each() -> Result<(), DecodeError> {
        let entries = [
            r#"{"A":1,"B":2,"C":3}"#,
            r#"{"C":3,"A":1,"B":2}"#,
            r#"{"C":3,"Unknown":{"A":9},"B":2,"A":1}"#,
            r#"{"A":0,"A":1,"C":3,"B":2}"#,
            r#"{"B":2,"C":3,"A":1}"#,
        ];
        let body = format!(r#"{{"Entries":[{0},{0}]}}"#, entries.join(","));
        let mut listing = Listing::default();
        decode(&LISTING, body.as_bytes(), &mut listing)?;
        assert_eq!(listing.entries, vec![Entry { a: Some(1), b: Some(2), c: Some(3) }; 10]);
        Ok(())
    }

    #[test]
    fn of_a_member_that_comes_twice_the_last_one_counts() -> Result<(), DecodeError> {
        let inside = r#""Entries":[{"A":7,"B":7}],"Entries":[{"B":1}]"#;
        for body in [
            format!("{{{inside}}}"),
            format!(r#"{{"ListResponse":{{{inside}}}}}"#),
            format!(r#"{{"Entries":[{{"C":7}}],"ListResponse":{{{inside}}}}}"#),
            format!(r#"{{"ListResponse":{{"Entries":[{{"C":7}}]}},{inside}}}"#),
        ] {
            let mut listing = Listing::default();
            read(
                ObjectSeed { shape: &LISTING, record: &mut listing, enveloped_by: "List" },
                body.as_bytes(),
            )?;
            assert_eq!(listing.entries, [Entry { b: Some(1), ..Entry::default() }], "{body}");
        }
        Ok(())
    }

    #[test]
    fn of_a_wrapped_list_that_comes_twice_the_last_one_counts() -> Result<(), DecodeError> {
        static WRAPPED: Shape = Shape {
            fields: &[Field::of("Entries", Kind::List(&Kind::Object(&ENTRY))).wrapped("Entry")],
            rules: &[],
        };
        let read = |last: &str| {
            let body = format!(r#"{{"Entries":{{"Entry":[{{"A":7}},{{"A":8}}],"Entry":{last}}}}}"#);
            let mut listing = Listing::default();
            decode(&WRAPPED, body.as_bytes(), &mut listing).map(|()| listing.entries)
        };
        assert_eq!(read(r#"[{"B":1}]"#)?, [Entry { b: Some(1), ..Entry::default() }]);
        assert_eq!(read("null")?, []);
        Ok(())
    }
}
