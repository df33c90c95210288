//! Fills generated structs from JSON, forgiving what the services are known to send.
//!
//! | the wire has | a field of another type reads |
//! |---|---|
//! | number or boolean where text is documented | its text |
//! | text where a number or boolean is documented | the number or boolean in it |
//! | `""` or `null` where anything but text is documented | nothing |
//! | a bare array where a wrapper object is documented | the list |
//! | a single value where a list is documented | a list of one |
//! | a value that does not fit at all | nothing; the raw body still has it |
//! | a member that no table knows | nothing; the raw body still has it |
//! | an envelope named after the action | its content |
//! | a member twice | the last one |

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
    read(Object { shape: &action.response, record: output, enveloped_by: action.name }, body)
}

/// Fills `record` from one JSON object.
pub(crate) fn decode(shape: &'static Shape, body: &[u8], record: &mut dyn Record) -> Result<(), DecodeError> {
    read(Object { shape, record, enveloped_by: "" }, body)
}

fn read(object: Object<'_>, body: &[u8]) -> Result<(), DecodeError> {
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
struct Object<'r> {
    shape: &'static Shape,
    record: &'r mut dyn Record,
    /// Name of the action whose envelope may be around the object; empty for none.
    enveloped_by: &'static str,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        fill(self.shape, self.record, self.enveloped_by, &mut Order::default(), map)
    }

    refuse_all_but_objects!();
}

/// Reads the members of an object into the fields of a record.
fn fill<'de, A: MapAccess<'de>>(
    shape: &'static Shape,
    record: &mut dyn Record,
    enveloped_by: &'static str,
    order: &mut Order,
    map: A,
) -> Result<(), A::Error> {
    let mut map = Some(map);
    let mut outcome = Ok(());
    record.fields_mut(&mut |slots| {
        if let Some(map) = map.take() {
            outcome = fill_slots(shape, slots, Came::default(), enveloped_by, order, map);
        }
    });
    outcome
}

fn fill_slots<'de, A: MapAccess<'de>>(
    shape: &'static Shape,
    slots: &mut [&mut dyn Slot],
    mut came: Came,
    enveloped_by: &'static str,
    order: &mut Order,
    mut map: A,
) -> Result<(), A::Error> {
    let mut expected = order.first();
    while let Some(found) = map.next_key_seed(Name { shape, expected, enveloped_by })? {
        let index = match found {
            Found::Field(index) => index,
            Found::Envelope => {
                map.next_value_seed(Envelope { shape, slots })?;
                came = Came::PERHAPS_ALL;
                continue;
            }
            Found::Nothing => {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
        };
        if let (Some(field), Some(slot)) = (shape.fields.get(index), slots.get_mut(index)) {
            expected = order.followed_by(index);
            if came.before(index) {
                slot.clear();
            }
            map.next_value_seed(Member { field, slot: &mut **slot })?;
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
        fill_slots(self.shape, self.slots, Came::PERHAPS_ALL, "", &mut Order::default(), map)
    }
}

/// Which fields of an object have come: a member that comes again replaces what came before.
#[derive(Default)]
struct Came(u64);

impl Came {
    const PERHAPS_ALL: Self = Self(u64::MAX);

    /// Whether the field has perhaps come before; from now on it has.
    fn before(&mut self, field: usize) -> bool {
        let bit = u32::try_from(field).ok().and_then(|field| 1_u64.checked_shl(field)).unwrap_or(0);
        let before = bit == 0 || self.0 & bit != 0;
        self.0 |= bit;
        before
    }
}

/// In which order the members of an object come: that of the table, until an entry of the same list
/// comes in another. Entries are alike, so most names are found where they are expected.
struct Order {
    /// The field after each field, counted from 1; at 0 the first one.
    next: [u8; Self::FIELDS],
    last: usize,
}

impl Default for Order {
    fn default() -> Self {
        const TABLE: [u8; Order::FIELDS] = {
            let mut next = [0; Order::FIELDS];
            let mut index = 0;
            while index < Order::FIELDS {
                next[index] = index as u8;
                index += 1;
            }
            next
        };
        Self { next: TABLE, last: 0 }
    }
}

impl Order {
    /// Fields beyond these are expected in the order of their table.
    const FIELDS: usize = 64;

    /// The field that is expected first.
    fn first(&mut self) -> usize {
        self.last = 0;
        self.expected()
    }

    /// Learns which field came, and says which is expected next.
    fn followed_by(&mut self, field: usize) -> usize {
        if let (Some(next), Ok(field)) = (self.next.get_mut(self.last), u8::try_from(field)) {
            *next = field;
        }
        self.last = field + 1;
        self.expected()
    }

    fn expected(&self) -> usize {
        self.next.get(self.last).map_or(self.last, |next| usize::from(*next))
    }
}

/// A member name, looked up where it is expected.
struct Name {
    shape: &'static Shape,
    expected: usize,
    enveloped_by: &'static str,
}

enum Found {
    Field(usize),
    Envelope,
    Nothing,
}

impl Name {
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

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.find(name))
    }
}

/// A member's value that fills a field.
struct Member<'s> {
    field: &'static Field,
    slot: &'s mut dyn Slot,
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let wrapped = self.field.wrapped;
        deserializer.deserialize_any(Held { kind: &self.field.kind, wrapped, slot: self.slot, order: None })
    }
}

/// A value of a known kind.
struct Held<'s> {
    kind: &'static Kind,
    /// Name of the list inside a wrapper object; empty without a wrapper.
    wrapped: &'static str,
    slot: &'s mut dyn Slot,
    /// That of the entries before in the same list.
    order: Option<&'s mut Order>,
}

impl Held<'_> {
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

impl<'de> DeserializeSeed<'de> for Held<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Held<'_> {
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
            let mut order = Order::default();
            loop {
                let entry = Held { kind, wrapped: "", slot: self.slot, order: Some(&mut order) };
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
                while let Some(is_list) = map.next_key_seed(Is(self.wrapped))? {
                    if is_list {
                        let list = Held { kind: self.kind, wrapped: "", slot: self.slot, order: None };
                        map.next_value_seed(list)?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(())
            }
            Kind::List(kind) => Held { kind, wrapped: "", ..self }.visit_map(map),
            Kind::Object(shape) | Kind::Json(shape) => match self.slot.nested() {
                Some(record) => fill(shape, record, "", self.order.unwrap_or(&mut Order::default()), map),
                None => ignore(map),
            },
            Kind::Text | Kind::Integer | Kind::Double | Kind::Boolean => ignore(map),
        }
    }
}

/// Whether a member has the given name.
struct Is(&'static str);

impl<'de> DeserializeSeed<'de> for Is {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Is {
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
            read(Object { shape: &LISTING, record: &mut listing, enveloped_by: "List" }, body.as_bytes())?;
            assert_eq!(listing.entries, [Entry { b: Some(1), ..Entry::default() }], "{body}");
        }
        Ok(())
    }
}
