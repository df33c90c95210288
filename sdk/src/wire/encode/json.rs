//! Records as compact JSON text, fields in the order of their shape.

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, SerializeSeq, Serializer};

use crate::call::Extra;
use crate::record::{Field as Slot, List, Record, Value};
use crate::schema::{Field, Kind, Shape};
use crate::wire::timestamp;

/// The record as one JSON object, absent fields left out, with further members at its end. It is the one
/// that [`decode`](crate::wire::decode) reads, secrets included, whether a request or a response.
pub(crate) fn object(shape: &Shape, record: &dyn Record, extra: &[Extra]) -> String {
    // Writing to a string fails for nothing but a member name that is no string.
    serde_json::to_string(&Object { shape, record, extra, secrets: Secrets::Shown }).unwrap_or_default()
}

/// A record by its table, for any format of serde.
pub(crate) struct Object<'a> {
    pub(crate) shape: &'a Shape,
    pub(crate) record: &'a dyn Record,
    /// Further members, which replace those of the record.
    pub(crate) extra: &'a [Extra],
    pub(crate) secrets: Secrets,
}

/// What becomes of secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    Shown,
    #[cfg(feature = "serde")]
    Masked,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut serializer = Some(serializer);
        let mut written = None;
        self.record.fields(&mut |slots| {
            written = serializer.take().map(|serializer| self.members(slots, serializer));
        });
        written.unwrap_or_else(|| Err(S::Error::custom("the struct shows no fields")))
    }
}

impl Object<'_> {
    fn members<S: Serializer>(&self, slots: &[&dyn Slot], serializer: S) -> Result<S::Ok, S::Error> {
        let is_replaced = |field: &Field| self.extra.iter().any(|extra| extra.name == field.name);
        let fields = self.shape.fields.iter().zip(slots);
        let held = || fields.clone().filter(|(field, slot)| !slot.value().is_absent() && !is_replaced(field));
        let extra = || self.extra.iter().filter(|extra| !extra.value.is_null());
        let mut map = serializer.serialize_map(Some(held().count() + extra().count()))?;
        for (field, slot) in held() {
            let member = Member { kind: &field.kind, value: slot.value(), secrets: self.secrets };
            match field.wrapped {
                "" => map.serialize_entry(field.name, &member)?,
                inner => map.serialize_entry(field.name, &Wrapped { name: inner, member })?,
            }
        }
        extra().try_for_each(|extra| map.serialize_entry(&extra.name, &extra.value))?;
        map.end()
    }
}

/// A list inside the object that is around it on the wire.
struct Wrapped<'a> {
    name: &'a str,
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
    kind: &'a Kind,
    value: Value<'a>,
    secrets: Secrets,
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let secrets = self.secrets;
        match (self.kind, self.value) {
            (Kind::Object(shape) | Kind::Json(shape), Value::Record(record)) => {
                Object { shape, record, extra: &[], secrets }.serialize(serializer)
            }
            (Kind::List(kind), Value::List(list)) => entries(kind, list, secrets, serializer),
            (_, Value::Secret(_)) if secrets != Secrets::Shown => serializer.serialize_str("***"),
            (_, Value::Text(text) | Value::Secret(text)) => serializer.serialize_str(text),
            (_, Value::Integer(number)) => serializer.serialize_i64(number),
            (_, Value::Double(number)) => serializer.serialize_f64(number),
            (_, Value::Boolean(flag)) => serializer.serialize_bool(flag),
            (_, Value::Time(at)) => timestamp::seconds(at).serialize(serializer),
            // A table that does not fit its struct; generated ones are made from one source.
            (_, Value::Absent | Value::List(_) | Value::Record(_)) => serializer.serialize_unit(),
        }
    }
}

fn entries<S: Serializer>(
    kind: &Kind,
    list: &dyn List,
    secrets: Secrets,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut entries = serializer.serialize_seq(Some(list.len()))?;
    for index in 0..list.len() {
        entries.serialize_element(&Member { kind, value: list.entry(index), secrets })?;
    }
    entries.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::encode::sample::{CREATE, Create, Endpoint};

    #[test]
    fn members_stand_in_the_order_of_the_shape() {
        let record = Create {
            name: Some("q\"\u{1}é".into()),
            mask: Some(24),
            ratio: Some(1.0),
            dry_run: Some(true),
            endpoints: vec![Endpoint { port: Some(80), protocols: vec!["TCP".into()] }],
            ..Create::default()
        };
        assert_eq!(
            object(&CREATE, &record, &[]),
            concat!(
                r#"{"Name":"q\"\u0001é","Mask":24,"Ratio":1.0,"DryRun":true,"#,
                r#""Endpoints":[{"Port":80,"Protocols":["TCP"]}]}"#
            )
        );
    }

    #[test]
    fn a_list_stands_in_the_wrapper_of_its_table() {
        use crate::test_service::{LIST, ListThingsOutput};

        let listed = ListThingsOutput { things: vec!["a".into(), "b".into()], next_token: Some("c".into()) };
        let expected = r#"{"Things":{"Thing":["a","b"]},"NextToken":"c"}"#;
        assert_eq!(object(&LIST.response, &listed, &[]), expected);
    }

    #[cfg(all(feature = "dynamic", feature = "testing"))]
    #[test]
    fn every_documented_answer_is_the_same_on_the_way_back() {
        use crate::table::{path, registry};

        let mut listed = 0;
        for entry in registry::entries().filter(|entry| !entry.example.is_empty()) {
            let shape = &entry.action.response;
            let read = entry.decode(entry.example.as_bytes()).ok();
            let read = read.expect("an example can be read");
            let written = object(shape, &*read, &[]);
            let again = entry.decode(written.as_bytes()).ok();
            let same = again.is_some_and(|again| crate::record::equal(&*read, &*again));
            assert!(same, "{}: {written}", entry.action.name);
            if let Some(pages) = entry.action.pagination {
                listed += usize::from(path::first(shape, &*read, pages.items()).is_some());
            }
        }
        assert!(listed > 20, "lists and their wrappers are among them: {listed}");
    }

    #[test]
    fn nothing_is_an_empty_object_and_extra_members_replace() {
        assert_eq!(object(&CREATE, &Create::default(), &[]), "{}");
        let record = Create { name: Some("old".into()), ..Create::default() };
        let extra = [Extra::text("Name", "new")];
        assert_eq!(object(&CREATE, &record, &extra), r#"{"Name":"new"}"#);
    }
}
