//! `service-2.json` of botocore, by itself or in its wheel.

use std::collections::BTreeMap;

use cloudnet_codegen::path::Table;
use serde_json::{Map, Value};

use super::archive::Wheel;
use super::published::{Action, Bounds, Growing, Limits, Place, Published, Row, Style, Type};

/// The package, and the name that a bare file stands for.
pub(super) const PACKAGE: &str = "botocore";

/// Reads the description of a service out of the wheel: `globalaccelerator`, `2018-08-08`.
pub(super) fn read_wheel(wheel: &mut Wheel, service: &str, api_version: &str) -> Result<Published, String> {
    let file = format!("{PACKAGE}/data/{service}/{api_version}/service-2.json");
    let name = wheel
        .names()
        .find(|name| *name == file || name.strip_suffix(".gz") == Some(&file))
        .map(str::to_owned);
    let name = name.ok_or_else(|| format!("has no `{file}`, plain or as `.gz`"))?;
    let text = wheel.text(&name)?;
    let published = read(&text).map_err(|error| format!("{name}: {error}"))?;
    Ok(Published { version: wheel.version.clone(), ..published })
}

/// Reads the text of such a file. Its version is that of the API, since it names no other.
pub(super) fn read(text: &str) -> Result<Published, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    let part = |key: &str| json.get(key).and_then(Value::as_object);
    let (Some(metadata), Some(operations), Some(shapes)) =
        (part("metadata"), part("operations"), part("shapes"))
    else {
        return Err("has no `metadata`, `operations` and `shapes`; expected a `service-2.json` of botocore"
            .to_owned());
    };
    let fact = |key: &str| {
        let text = metadata.get(key).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| format!("metadata: expected a `{key}`"))
    };
    let protocol = fact("protocol")?;
    if protocol != "json" {
        return Err(format!("the protocol is `{protocol}`; expected `json`"));
    }
    if operations.is_empty() {
        return Err("has no operations".to_owned());
    }
    let mut actions = BTreeMap::new();
    for (name, operation) in operations {
        actions.insert(name.clone(), action(operation, shapes).map_err(|error| format!("{name}: {error}"))?);
    }
    let api_version = fact("apiVersion")?;
    let (package, version, product) = (PACKAGE.to_owned(), api_version.clone(), fact("targetPrefix")?);
    Ok(Published { package, version, product, api_version, actions })
}

fn action(operation: &Value, shapes: &Map<String, Value>) -> Result<Action, String> {
    let table = |key, table| {
        let mut rows = Rows { shapes, rows: Vec::new() };
        if let Some(of) = operation.get(key) {
            rows.members(shape(shapes, of)?, &Growing::new(table))?;
        }
        Ok::<_, String>(rows.rows)
    };
    let errors = operation.get("errors").and_then(Value::as_array);
    let errors = errors.map(|errors| errors.iter().map(|error| code(error, shapes)).collect()).transpose()?;
    Ok(Action {
        deprecated: Some(is(operation, "deprecated")),
        request: table("input", Table::Request)?,
        response: table("output", Table::Response)?,
        errors: Some(errors.unwrap_or_default()),
        doc: doc(operation),
        ..Action::default()
    })
}

/// The code of an error: its shape's name, if the shape does not say another.
fn code(error: &Value, shapes: &Map<String, Value>) -> Result<String, String> {
    let name = error.get("shape").and_then(Value::as_str).ok_or("an error names no shape")?;
    let other = shape(shapes, error)?.pointer("/error/code").and_then(Value::as_str);
    Ok(other.unwrap_or(name).to_owned())
}

/// The shape that a reference names.
fn shape<'s>(shapes: &'s Map<String, Value>, reference: &Value) -> Result<&'s Value, String> {
    let name = reference.get("shape").and_then(Value::as_str).ok_or("a reference names no shape")?;
    shapes.get(name).ok_or_else(|| format!("there is no shape `{name}`"))
}

fn is(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// The words of a description without its tags.
fn doc(value: &Value) -> String {
    let text = value.get("documentation").and_then(Value::as_str).unwrap_or_default();
    let mut depth = 0_u32;
    let outside = text.chars().filter(|one| {
        let is_outside = depth == 0 && *one != '<';
        match one {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_outside
    });
    outside.collect::<String>().trim().to_owned()
}

/// The rows of a table as they are found.
struct Rows<'s> {
    shapes: &'s Map<String, Value>,
    rows: Vec<Row>,
}

impl Rows<'_> {
    fn members(&mut self, structure: &Value, above: &Growing) -> Result<(), String> {
        let members = structure.get("members").and_then(Value::as_object);
        let members = members.ok_or_else(|| format!("`{}` has no members", above.text()))?;
        let required = structure.get("required").and_then(Value::as_array);
        for (name, member) in members {
            let is_required = required.is_some_and(|names| names.iter().any(|one| one == name.as_str()));
            let path = above.member(name).ok_or_else(|| deep(above))?;
            self.member(member, &path, is_required)?;
        }
        Ok(())
    }

    fn member(&mut self, member: &Value, path: &Growing, required: bool) -> Result<(), String> {
        let shape = shape(self.shapes, member)?;
        let ty = ty(shape).ok_or_else(|| format!("`{}` has a type that is not understood", path.text()))?;
        let doc = doc(member);
        let row = Row {
            path: path.text().to_owned(),
            ty,
            container: matches!(ty, Type::Object | Type::List),
            required: Some(required),
            place: Place::default(),
            style: Style::Flat,
            limits: limits(shape, ty),
            deprecated: Some(is(member, "deprecated") || is(shape, "deprecated")),
            doc: if doc.is_empty() { self::doc(shape) } else { doc },
            example: None,
        };
        self.rows.push(row.clone());
        match ty {
            Type::Object => self.members(shape, path),
            Type::List => self.entries(shape, path, row),
            _ => Ok(()),
        }
    }

    /// Entries that are scalars have a row; those that are structures have their members'.
    fn entries(&mut self, list: &Value, path: &Growing, row: Row) -> Result<(), String> {
        let member = list.get("member").ok_or_else(|| format!("`{}` has no `member`", path.text()))?;
        let shape = shape(self.shapes, member)?;
        let path = path.entry().ok_or_else(|| deep(path))?;
        match ty(shape) {
            Some(Type::Object) => self.members(shape, &path),
            None | Some(Type::List) => Err(format!("`{}` has a type that is not understood", path.text())),
            Some(ty) => {
                let (path, limits) = (path.text().to_owned(), limits(shape, ty));
                self.rows.push(Row { path, ty, container: false, limits, ..row });
                Ok(())
            }
        }
    }
}

fn deep(above: &Growing) -> String {
    format!("`{}` is nested deeper than any service does", above.text())
}

fn ty(shape: &Value) -> Option<Type> {
    Some(match shape.get("type").and_then(Value::as_str)? {
        "string" | "character" | "blob" => Type::Text,
        "integer" | "long" | "short" | "byte" => Type::Integer,
        "float" | "double" => Type::Double,
        // Seconds in JSON.
        "timestamp" => Type::Timestamp,
        "boolean" => Type::Boolean,
        "structure" => Type::Object,
        "list" => Type::List,
        "map" => Type::Map,
        _ => return None,
    })
}

fn limits(shape: &Value, ty: Type) -> Limits {
    let end = |key: &str| shape.get(key).and_then(Value::as_i64);
    let bounds: Option<Bounds> = match (end("min"), end("max")) {
        (None, None) => None,
        bounds => Some(bounds),
    };
    let texts =
        |key: &str| shape.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    Limits {
        length: bounds.filter(|_| ty == Type::Text),
        range: bounds.filter(|_| matches!(ty, Type::Integer | Type::Double)),
        items: bounds.filter(|_| ty == Type::List),
        values: texts("enum").map(str::to_owned).collect(),
        pattern: shape.get("pattern").and_then(Value::as_str).map(str::to_owned),
    }
}
