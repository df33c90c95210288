//! Parameters in the form of the RPC wire: one pair per scalar, `Tag.1.Key`.

use std::borrow::Cow;
use std::fmt::Write;

use crate::encode::json;
use crate::record::{Record, Value};
use crate::schema::{Kind, Shape};

/// A parameter: its name on the wire and its value, neither of them encoded.
pub(crate) type Pair = (Cow<'static, str>, String);

/// The parameters of a request.
#[derive(Default)]
pub(crate) struct Flat {
    /// Those that travel in the query.
    pub(crate) query: Vec<Pair>,
    /// Those that travel in the form body.
    pub(crate) form: Vec<Pair>,
}

/// The parameters of a record, in the order of its shape.
pub(crate) fn flatten(shape: &Shape, record: &dyn Record) -> Flat {
    let mut query = Pairs::with_capacity(shape.fields.len());
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

/// The parameters of a JSON object, in its order. Anything else has none.
pub(crate) fn flatten_json(params: &serde_json::Value) -> Vec<Pair> {
    let mut pairs = Pairs::default();
    for (name, value) in params.as_object().into_iter().flatten() {
        pairs.add(Cow::Owned(name.clone()), value);
    }
    pairs.pairs
}

/// A value that is nothing, one scalar, or made of further values.
trait Tree {
    fn flatten(&self, pairs: &mut Pairs);
}

/// The pairs made so far, and the name of the value being flattened.
#[derive(Default)]
struct Pairs {
    name: Cow<'static, str>,
    pairs: Vec<Pair>,
}

impl Pairs {
    fn with_capacity(pairs: usize) -> Self {
        Self { name: Cow::default(), pairs: Vec::with_capacity(pairs) }
    }

    fn add(&mut self, name: Cow<'static, str>, tree: &dyn Tree) {
        self.name = name;
        tree.flatten(self);
    }

    fn scalar(&mut self, text: impl Into<String>) {
        // Cheap for the plain parameters, whose names are borrowed from the table.
        self.pairs.push((self.name.clone(), text.into()));
    }

    fn field(&mut self, name: &str, tree: &dyn Tree) {
        self.below(tree, |full| {
            full.push('.');
            full.push_str(name);
        });
    }

    /// `index` counts from 0 and the wire from 1.
    fn entry(&mut self, index: usize, tree: &dyn Tree) {
        self.below(tree, |full| {
            // Writing to a string cannot fail.
            write!(full, ".{}", index + 1).ok();
        });
    }

    fn below(&mut self, tree: &dyn Tree, extend: impl FnOnce(&mut String)) {
        let length = self.name.len();
        extend(self.name.to_mut());
        tree.flatten(self);
        self.name.to_mut().truncate(length);
    }
}

/// A field of a struct, with what its table says about it.
struct Typed<'a> {
    kind: &'a Kind,
    value: Value<'a>,
}

impl Tree for Typed<'_> {
    fn flatten(&self, pairs: &mut Pairs) {
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
            (_, Value::Text(text) | Value::Secret(text)) => pairs.scalar(text),
            (_, Value::Integer(number)) => pairs.scalar(number.to_string()),
            (_, Value::Double(number)) => pairs.scalar(number.to_string()),
            (_, Value::Boolean(flag)) => pairs.scalar(boolean(flag)),
            // Absent, or a table that does not fit its struct; generated ones always do.
            (_, Value::Absent | Value::List(_) | Value::Record(_)) => {}
        }
    }
}

impl Tree for serde_json::Value {
    fn flatten(&self, pairs: &mut Pairs) {
        match self {
            Self::Null => {}
            Self::Bool(flag) => pairs.scalar(boolean(*flag)),
            Self::Number(number) => pairs.scalar(number.to_string()),
            Self::String(text) => pairs.scalar(text.as_str()),
            Self::Array(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    pairs.entry(index, entry);
                }
            }
            Self::Object(fields) => {
                for (name, field) in fields {
                    pairs.field(name, field);
                }
            }
        }
    }
}

fn boolean(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}
