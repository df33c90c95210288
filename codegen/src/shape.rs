//! What can stand at a place of a spec, in the words of JSON Schema. It is told by the readers themselves: each is run
//! once over a mapping that notes what it is asked for.

use std::ops::RangeInclusive;

use serde_json::{Map, Value as Json, json};

use crate::diagnostic::{Diagnostics, Location, Sources};
use crate::read::Fields;

/// A JSON schema of one value.
pub(crate) type Shape = Json;

/// The keys of a mapping, in the order in which they are read.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    keys: Vec<(&'static str, Shape)>,
    required: Vec<&'static str>,
}

impl Keys {
    /// There is such a key.
    pub(crate) fn ask(&mut self, key: &'static str) {
        if self.keys.iter().all(|(known, _)| *known != key) {
            self.keys.push((key, any()));
        }
    }

    /// This is what stands behind a key, unless something is known already.
    pub(crate) fn is(&mut self, key: &'static str, shape: Shape) {
        self.ask(key);
        if let Some((_, known)) =
            self.keys.iter_mut().find(|(known, _)| *known == key).filter(|(_, known)| *known == any())
        {
            *known = shape;
        }
    }

    /// The key must be there.
    pub(crate) fn require(&mut self, key: &'static str) {
        self.ask(key);
        if !self.required.contains(&key) {
            self.required.push(key);
        }
    }

    /// The key may be missing after all.
    pub(crate) fn spare(&mut self, key: &'static str) {
        self.required.retain(|known| *known != key);
    }

    fn into_shape(self) -> Shape {
        let keys: Map<String, Shape> =
            self.keys.into_iter().map(|(key, shape)| (key.to_owned(), shape)).collect();
        let mut shape = json!({ "type": "object", "additionalProperties": false, "properties": keys });
        if !self.required.is_empty() {
            shape["required"] = json!(self.required);
        }
        shape
    }
}

/// What a reader reads.
pub(crate) fn of<T>(read: impl FnOnce(&mut Fields<'_>) -> T) -> Shape {
    let diagnostics = Diagnostics::default();
    let mut map = Fields::unknown(Location::start_of(Sources::default().add("", "")), &diagnostics);
    read(&mut map);
    map.into_keys().into_shape()
}

/// Nothing is known.
pub(crate) fn any() -> Shape {
    json!({})
}

pub(crate) fn kind(name: &str) -> Shape {
    json!({ "type": name })
}

pub(crate) fn text() -> Shape {
    json!({ "type": "string", "minLength": 1 })
}

pub(crate) fn scalar() -> Shape {
    json!({ "type": ["string", "number", "boolean"] })
}

pub(crate) fn integer(bounds: &RangeInclusive<i64>) -> Shape {
    json!({ "type": "integer", "minimum": bounds.start(), "maximum": bounds.end() })
}

/// Words, of which some look like a number or a truth value to YAML.
pub(crate) fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Shape {
    let word = |word: &str| word.parse::<bool>().map_or_else(|_| json!(word), |flag| json!(flag));
    json!({ "enum": words.into_iter().map(word).collect::<Vec<Json>>() })
}

pub(crate) fn object() -> Shape {
    kind("object")
}

/// Any keys, all with the same kind of value.
pub(crate) fn each(value: Shape) -> Shape {
    json!({ "type": "object", "additionalProperties": value })
}

pub(crate) fn array() -> Shape {
    kind("array")
}

pub(crate) fn list(item: Shape) -> Shape {
    json!({ "type": "array", "items": item })
}

pub(crate) fn filled(item: Shape) -> Shape {
    json!({ "type": "array", "items": item, "minItems": 1 })
}

pub(crate) fn either(shapes: impl IntoIterator<Item = Shape>) -> Shape {
    json!({ "anyOf": shapes.into_iter().collect::<Vec<Shape>>() })
}

/// Two ends, either of them open.
pub(crate) fn pair(end: Shape) -> Shape {
    json!({ "type": "array", "items": either([end, kind("null")]), "minItems": 2, "maxItems": 2 })
}
