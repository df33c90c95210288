//! Parameters in the form of the RPC wire: one pair per scalar, `Tag.1.Key`.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value as Json;

use crate::call::Extra;
use crate::record::{Record, Value};
use crate::schema::{Kind, Shape};
use crate::table::text;
use crate::wire::encode::json;

/// A parameter: its name on the wire and its value, neither of them encoded.
pub(crate) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The parameters of a request.
#[derive(Default)]
pub(crate) struct Flat<'a> {
    /// Those that travel in the query.
    pub(crate) query: Vec<Pair<'a>>,
    /// Those that travel in the form body.
    pub(crate) form: Vec<Pair<'a>>,
}

impl<'a> Flat<'a> {
    /// Adds parameters to the query, each in the place of one of the same name.
    pub(crate) fn replace(&mut self, extra: &'a [Extra]) {
        if extra.is_empty() {
            return;
        }
        let kept = |(name, _): &Pair<'_>| !extra.iter().any(|extra| extra.name == *name);
        self.query.retain(kept);
        self.form.retain(kept);
        self.query.extend(flatten_extra(extra));
    }
}

/// The parameters of a record, in the order of its shape.
pub(crate) fn flatten<'a>(shape: &'static Shape, record: &'a dyn Record) -> Flat<'a> {
    let mut query = Pairs { pairs: Vec::with_capacity(shape.fields.len()), ..Pairs::default() };
    let mut form = Pairs::default();
    record.fields(&mut |fields| {
        for (field, held) in shape.fields.iter().zip(fields) {
            let pairs = if field.form { &mut form } else { &mut query };
            let value = held.value();
            pairs.add(Cow::Borrowed(field.name), &Typed { kind: &field.kind, value });
        }
    });
    Flat { query: query.pairs, form: form.pairs }
}

/// Parameters that no table has, in their order.
pub(crate) fn flatten_extra(extra: &[Extra]) -> Vec<Pair<'_>> {
    let mut pairs = Pairs::default();
    for Extra { name, value, .. } in extra {
        pairs.add(name.into(), &value);
    }
    pairs.pairs
}

/// The parameters of a JSON object, in its order. Anything else has none.
pub(crate) fn flatten_json(params: &Json) -> Vec<Pair<'_>> {
    let mut pairs = Pairs::default();
    for (name, value) in params.as_object().into_iter().flatten() {
        pairs.add(name.into(), &value);
    }
    pairs.pairs
}

/// A value that is nothing, one scalar, or made of further values.
trait Tree<'a> {
    fn flatten(&self, pairs: &mut Pairs<'a>);
}

/// The pairs made so far, and the name of the value being flattened.
#[derive(Default)]
struct Pairs<'a> {
    name: Cow<'a, str>,
    pairs: Vec<Pair<'a>>,
}

impl<'a> Pairs<'a> {
    fn add(&mut self, name: Cow<'a, str>, tree: &dyn Tree<'a>) {
        self.name = name;
        tree.flatten(self);
    }

    fn scalar(&mut self, text: impl Into<Cow<'a, str>>) {
        // Cheap for the plain parameters, whose names are borrowed from the table.
        self.pairs.push((self.name.clone(), text.into()));
    }

    fn field(&mut self, name: &str, tree: &dyn Tree<'a>) {
        self.below(tree, |full| {
            full.push('.');
            full.push_str(name);
        });
    }

    /// `index` counts from 0 and the wire from 1.
    fn entry(&mut self, index: usize, tree: &dyn Tree<'a>) {
        self.below(tree, |full| {
            // Writing to a string cannot fail.
            write!(full, ".{}", index + 1).ok();
        });
    }

    fn below(&mut self, tree: &dyn Tree<'a>, extend: impl FnOnce(&mut String)) {
        let length = self.name.len();
        extend(self.name.to_mut());
        tree.flatten(self);
        self.name.to_mut().truncate(length);
    }
}

/// A field of a struct, with what its table says about it.
struct Typed<'a> {
    kind: &'static Kind,
    value: Value<'a>,
}

impl<'a> Tree<'a> for Typed<'a> {
    fn flatten(&self, pairs: &mut Pairs<'a>) {
        match (self.kind, self.value) {
            (Kind::Json(shape), Value::Record(record)) => {
                pairs.scalar(json::object(shape, record, &[]));
            }
            (Kind::Object(shape), Value::Record(record)) => record.fields(&mut |fields| {
                for (field, held) in shape.fields.iter().zip(fields) {
                    pairs.field(field.name, &Typed { kind: &field.kind, value: held.value() });
                }
            }),
            (Kind::List(kind), Value::List(list)) => {
                for index in 0..list.len() {
                    pairs.entry(index, &Typed { kind, value: list.entry(index) });
                }
            }
            // Of what is no scalar there are absent values left, and tables that do not fit their struct, which
            // generated ones always do.
            (_, value) => value.text().into_iter().for_each(|text| pairs.scalar(text)),
        }
    }
}

impl<'a> Tree<'a> for &'a Json {
    fn flatten(&self, pairs: &mut Pairs<'a>) {
        match *self {
            Json::Array(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    pairs.entry(index, &entry);
                }
            }
            Json::Object(fields) => {
                for (name, field) in fields {
                    pairs.field(name, &field);
                }
            }
            scalar => text::of_json(scalar).into_iter().for_each(|text| pairs.scalar(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::Secret;
    use crate::wire::encode::sample::{CREATE, Create, Endpoint, Options, Tag};

    fn query(record: &Create) -> Vec<Pair<'_>> {
        flatten(&CREATE, record).query
    }

    fn pairs<'a>(expected: &[(&'a str, &'a str)]) -> Vec<Pair<'a>> {
        expected.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn absent_fields_vanish_and_empty_texts_stay() {
        assert_eq!(query(&Create::default()), []);
        let record = Create {
            name: Some(String::new()),
            tags: vec![Tag { key: Some(String::new()), value: None }, Tag::default()],
            options: Some(Options::default()),
            ..Create::default()
        };
        assert_eq!(query(&record), pairs(&[("Name", ""), ("Tag.1.Key", ""), ("Options", "{}")]));
    }

    #[test]
    fn every_kind_of_value() {
        let record = Create {
            name: Some("my vpc".into()),
            mask: Some(-24),
            ratio: Some(0.5),
            dry_run: Some(false),
            password: Some(Secret::from("p&w")),
            tags: vec![Tag { key: Some("k".into()), value: Some("v".into()) }],
            zone: Some(Tag { key: Some("z".into()), value: None }),
            options: Some(Options { psk: Some("a\"b\n".into()), ids: vec![7, 8] }),
            endpoints: vec![],
        };
        let expected = pairs(&[
            ("Name", "my vpc"),
            ("Mask", "-24"),
            ("Ratio", "0.5"),
            ("DryRun", "false"),
            ("Password", "p&w"),
            ("Tag.1.Key", "k"),
            ("Tag.1.Value", "v"),
            ("Zone.Key", "z"),
            ("Options", r#"{"Psk":"a\"b\n","Ids":[7,8]}"#),
        ]);
        assert_eq!(query(&record), expected);
    }

    #[test]
    fn plain_parameters_are_borrowed() {
        let record = Create { name: Some("n".into()), ..Create::default() };
        assert!(matches!(query(&record)[..], [(Cow::Borrowed("Name"), Cow::Borrowed("n"))]));
    }

    #[test]
    fn a_form_field_takes_its_children_along() {
        let one = Endpoint { port: Some(80), protocols: vec!["TCP".into(), "UDP".into()] };
        let endpoints = vec![one; 11];
        let record = Create { endpoints, ..Create::default() };
        let flat = flatten(&CREATE, &record);
        assert_eq!(flat.query, []);
        assert_eq!(flat.form.len(), 33);
        let first = pairs(&[
            ("Endpoints.1.Port", "80"),
            ("Endpoints.1.Protocols.1", "TCP"),
            ("Endpoints.1.Protocols.2", "UDP"),
        ]);
        assert_eq!(flat.form[..3], first[..]);
        assert_eq!(flat.form[32].0, "Endpoints.11.Protocols.2");
    }

    #[test]
    fn an_extra_pair_replaces_the_parameter_of_its_name() {
        let record = Create { name: Some("old".into()), ..Create::default() };
        let extra = [Extra::text("Name", "new"), Extra::text("Other", "")];
        let mut flat = flatten(&CREATE, &record);
        flat.replace(&extra);
        assert_eq!(flat.query, pairs(&[("Name", "new"), ("Other", "")]));
    }

    #[test]
    fn free_json_takes_the_same_way() {
        let params = json!({
            "A": [null, "x", [1, { "b": true }]], "B": {}, "C": [], "D": null, "E": "", "F": 1.5,
        });
        let expected = pairs(&[("A.2", "x"), ("A.3.1", "1"), ("A.3.2.b", "true"), ("E", ""), ("F", "1.5")]);
        assert_eq!(flatten_json(&params), expected);
        assert_eq!(flatten_json(&json!([1])), []);
    }
}
