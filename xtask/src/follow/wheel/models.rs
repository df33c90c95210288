//! `models/_*.py`: classes with their typed fields, and what each is called on the wire.

use std::collections::BTreeMap;

use super::lines::{Line, Text, between, is_name};
use crate::follow::published::Type;

/// Classes by name.
pub(super) type Classes = BTreeMap<String, Class>;

/// A class: its fields in order.
#[derive(Debug, Default)]
pub(super) struct Class {
    pub(super) fields: Vec<Field>,
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    /// Name of the attribute.
    pub(super) attribute: String,
    /// Name on the wire.
    pub(super) name: String,
    pub(super) ty: FieldType,
    /// The comment above it, a line each.
    pub(super) comment: Vec<String>,
}

/// What a field is declared as.
#[derive(Debug, PartialEq)]
pub(super) enum FieldType {
    Scalar(Type),
    Class(String),
    Scalars(Type),
    Classes(String),
}

/// Reads the classes of a file.
pub(super) fn read(text: Text<'_>, classes: &mut Classes) -> Result<(), String> {
    let mut reading: Option<Reading<'_>> = None;
    for line in text.lines() {
        if !line.text.is_empty() && !line.text.starts_with(' ') {
            reading.take().map(|reading| reading.finish(classes)).transpose()?;
        }
        if let Some(reading) = &mut reading {
            reading.line(line)?;
        } else if let Some(class) = line.text.strip_prefix("class ") {
            let name = class.strip_suffix("(DaraModel):").filter(|name| is_name(name));
            let name = name.ok_or_else(|| line.wrong("a class of `DaraModel`"))?;
            reading = Some(Reading::new(line, name));
        }
    }
    reading.map(|reading| reading.finish(classes)).transpose()?;
    Ok(())
}

/// The part of a class that is read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Between,
    Parameters,
    Attributes,
    Wire,
    /// What says nothing new.
    Other,
}

/// A class half read.
#[derive(Debug)]
struct Reading<'a> {
    first: Line<'a>,
    name: &'a str,
    part: Part,
    types: Vec<(&'a str, FieldType)>,
    comment: Vec<String>,
    comments: BTreeMap<&'a str, Vec<String>>,
    /// The attribute that the line before asked for.
    guard: Option<&'a str>,
    /// The list that is filled: name, attribute.
    filled: Option<&'a str>,
    wire: BTreeMap<&'a str, (&'a str, Written)>,
}

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Written {
    Plainly,
    Mapped,
    EachMapped,
}

impl<'a> Reading<'a> {
    fn new(first: Line<'a>, name: &'a str) -> Self {
        Self {
            first,
            name,
            part: Part::Between,
            types: Vec::new(),
            comment: Vec::new(),
            comments: BTreeMap::new(),
            guard: None,
            filled: None,
            wire: BTreeMap::new(),
        }
    }

    fn line(&mut self, line: Line<'a>) -> Result<(), String> {
        let code = line.code();
        if let Some(method) = line.text.strip_prefix("    def ") {
            self.part = match method {
                "__init__(" => Part::Parameters,
                "to_map(self):" => Part::Wire,
                "validate(self):" | "from_map(self, m: dict = None):" => Part::Other,
                _ => return Err(line.wrong("a method of a model")),
            };
            return Ok(());
        }
        let (understood, expected) = match self.part {
            Part::Other => (Some(()), ""),
            Part::Between => (code.is_empty().then_some(()), "a method of a model"),
            Part::Parameters => (self.parameter(code), "a field with its type"),
            Part::Attributes => (self.attribute(code), "a comment, or the attribute of a field"),
            Part::Wire => (self.wire(code), "a field with its name on the wire"),
        };
        understood.ok_or_else(|| line.wrong(expected))
    }

    fn parameter(&mut self, code: &'a str) -> Option<()> {
        match code {
            "" | "self," => {}
            "):" => self.part = Part::Attributes,
            _ => {
                let (name, ty) = code.strip_suffix(" = None,")?.split_once(": ")?;
                self.types.push((Some(name).filter(|name| is_name(name))?, FieldType::of(ty)?));
            }
        }
        Some(())
    }

    fn attribute(&mut self, code: &'a str) -> Option<()> {
        if let Some(comment) = code.strip_prefix('#') {
            self.comment.push(comment.trim().to_owned());
            return Some(());
        }
        if code.is_empty() || code == "pass" {
            return Some(());
        }
        let (attribute, value) = code.strip_prefix("self.")?.split_once(" = ")?;
        self.comments.insert(attribute, std::mem::take(&mut self.comment));
        (attribute == value).then_some(())
    }

    fn wire(&mut self, code: &'a str) -> Option<()> {
        const PROLOGUE: [&str; 6] = [
            "",
            "result = dict()",
            "_map = super().to_map()",
            "if _map is not None:",
            "result = _map",
            "return result",
        ];
        let guard = self.guard.take();
        if let Some(attribute) = guard {
            return self.written(attribute, code);
        }
        if PROLOGUE.contains(&code) {
            return Some(());
        }
        if let Some(attribute) = between(code, "if self.", " is not None:") {
            self.guard = Some(attribute);
            return Some(());
        }
        self.filled = Some(between(code, "result['", "'] = []")?);
        Some(())
    }

    /// What becomes of an attribute that is there. A list takes two lines.
    fn written(&mut self, attribute: &'a str, code: &'a str) -> Option<()> {
        if let Some(list) = self.filled {
            if between(code, "for k1 in self.", ":") == Some(attribute) {
                self.guard = Some(attribute);
                return Some(());
            }
            self.filled = None;
            let name = between(code, "result['", "'].append(k1.to_map() if k1 else None)")?;
            self.wire.insert(attribute, (name, Written::EachMapped));
            return (name == list).then_some(());
        }
        let (name, value) = code.strip_prefix("result['")?.split_once("'] = self.")?;
        let (value, written) = match value.strip_suffix(".to_map()") {
            Some(value) => (value, Written::Mapped),
            None => (value, Written::Plainly),
        };
        self.wire.insert(attribute, (name, written));
        (value == attribute).then_some(())
    }

    fn finish(mut self, classes: &mut Classes) -> Result<(), String> {
        let mut fields = Vec::new();
        for (attribute, ty) in std::mem::take(&mut self.types) {
            let fits = |(_, written): &(&str, Written)| *written == ty.written();
            let Some((name, _)) = self.wire.remove(attribute).filter(fits) else {
                return Err(self.first.wrong(&format!("`to_map` to write `{attribute}` as its type is")));
            };
            let comment = self.comments.remove(attribute).unwrap_or_default();
            fields.push(Field { attribute: attribute.to_owned(), name: name.to_owned(), ty, comment });
        }
        if let Some(attribute) = self.wire.keys().chain(self.comments.keys()).next() {
            return Err(self.first.wrong(&format!("a type of `{attribute}`")));
        }
        if classes.insert(self.name.to_owned(), Class { fields }).is_some() {
            return Err(self.first.wrong("one class of this name"));
        }
        Ok(())
    }
}

impl FieldType {
    fn of(text: &str) -> Option<Self> {
        let class =
            |text: &str| text.strip_prefix("main_models.").filter(|name| is_name(name)).map(str::to_owned);
        if let Some(entry) = between(text, "List[", "]") {
            return scalar(entry).map(Self::Scalars).or_else(|| class(entry).map(Self::Classes));
        }
        scalar(text).map(Self::Scalar).or_else(|| class(text).map(Self::Class))
    }

    fn written(&self) -> Written {
        match self {
            Self::Scalar(_) | Self::Scalars(_) => Written::Plainly,
            Self::Class(_) => Written::Mapped,
            Self::Classes(_) => Written::EachMapped,
        }
    }
}

fn scalar(text: &str) -> Option<Type> {
    Some(match text {
        "str" => Type::Text,
        "int" => Type::Integer,
        "float" => Type::Double,
        "bool" => Type::Boolean,
        "Dict[str, str]" | "Dict[str, Any]" => Type::Map,
        _ => return None,
    })
}
