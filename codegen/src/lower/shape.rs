//! The tree of a table becomes structs, open enums and their fields.

use std::collections::HashMap;
use std::sync::Arc;

use super::tree::Node;
use super::{limits, row};
use crate::diagnostic::{Diagnostics, Location};
use crate::limit::{Limits, ValueSpec};
use crate::model::{Field, OpenEnum, Shape, Struct, StructType, Type, Variant};
use crate::names;
use crate::path::Table;
use crate::spec::{RowSpec, TypeName, TypeSpec};

/// The types of one action's module, filled by its request and then by its response.
pub(super) struct Module<'a> {
    pub shared: &'a [TypeSpec],
    pub structs: Vec<Struct>,
    pub enums: Vec<OpenEnum>,
    /// Type names of the module and where each was first asked for.
    pub taken: HashMap<String, Location>,
}

/// One table being lowered.
pub(super) struct Lowering<'s, 'm> {
    pub table: Table,
    pub rows: &'m [RowSpec],
    pub module: &'m mut Module<'s>,
    pub diagnostics: &'m Diagnostics,
}

impl Lowering<'_, '_> {
    /// The shape of the root or of a nested struct.
    pub(super) fn shape(&mut self, node: &Node, parent: &str, path: &str) -> Shape {
        let fields: Vec<Field> = node.children.iter().map(|child| self.field(child, parent, path)).collect();
        self.check_rust_names(node, &fields);
        self.check_aliases(node, &fields);
        Shape { fields, rules: Vec::new() }
    }

    fn field(&mut self, node: &Node, parent: &str, path: &str) -> Field {
        let path = join(path, &node.name);
        let wrapped = self.wrapped(node);
        let content = wrapped.unwrap_or(node);
        let content_path = wrapped.map_or_else(|| path.clone(), |inner| join(&path, &inner.name));
        let row = node.row.or(content.row);
        let describing = row.map(|index| &self.rows[index]);
        let container_item = describing.and_then(|row| row.item.as_ref());
        let one = if content.children.is_empty() {
            self.scalar(content, parent)
        } else {
            let name = container_item.map_or(content.name.as_str(), |item| item.value.as_str());
            let struct_type = self.nested(content, name, &content_path);
            let is_json = describing.is_some_and(|row| row.ty.value == TypeName::Json);
            if is_json { Type::Json(struct_type) } else { Type::Struct(struct_type) }
        };
        Field {
            name: node.name.clone(),
            rust: names::snake(&node.name),
            ty: if content.is_list { Type::List(Box::new(one)) } else { one },
            required: describing.is_some_and(|row| self.is_required(row)),
            limits: self.limits(content, row),
            form: describing.is_some_and(|row| row.form),
            aliases: describing.map_or_else(Vec::new, |row| aliases(row, &node.name)),
            wrapped: wrapped.map(|inner| inner.name.clone()),
            row: describing.map(|row| Arc::new(row::described(row))),
        }
    }

    /// The list inside a wrapper object of a response.
    fn wrapped<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        let is_object = node.row.is_some_and(|index| self.rows[index].ty.value == TypeName::Object);
        match node.children.as_slice() {
            [only] if self.table == Table::Response && !node.is_list && only.is_list && !is_object => {
                Some(only)
            }
            _ => None,
        }
    }

    fn is_required(&self, row: &RowSpec) -> bool {
        self.table == Table::Request && row.is_required()
    }

    /// Limits of the row, and of its list where only the rows of its fields state them.
    fn limits(&mut self, node: &Node, row: Option<usize>) -> Vec<crate::model::Limit> {
        if self.table == Table::Response {
            return Vec::new();
        }
        let has_items = |index: &usize| !limits::items(&self.rows[*index]).is_empty();
        let describing = row.filter(|index| node.children.is_empty() || has_items(index));
        let of_children = || node.children.iter().filter_map(|child| child.row).find(has_items);
        match (describing, node.is_list && !node.children.is_empty()) {
            (Some(index), is_container) => limits::effective(&self.rows[index], node.is_list, is_container),
            (None, true) => of_children().map_or_else(Vec::new, |index| limits::items(&self.rows[index])),
            (None, false) => Vec::new(),
        }
    }

    fn scalar(&mut self, node: &Node, parent: &str) -> Type {
        let Some(row) = node.row.map(|index| &self.rows[index]) else { return Type::Text };
        match row.ty.value {
            TypeName::Integer | TypeName::Long => Type::Integer,
            TypeName::Double => Type::Double,
            TypeName::Boolean => Type::Boolean,
            TypeName::Timestamp => Type::Timestamp,
            _ if row.sensitive => Type::Secret,
            _ => self.open_enum(row, node, parent).map_or(Type::Text, Type::Enum),
        }
    }

    /// The open enum of a row with a value list.
    fn open_enum(&mut self, row: &RowSpec, node: &Node, parent: &str) -> Option<String> {
        let documented = row.limits.values().unwrap_or_default();
        let today = row.today.as_ref().and_then(|today| today.limits.values());
        // Advice against a value does not say that it is gone.
        let is_of_today = row.today.is_some();
        let today = today.or_else(|| row.advised().find_map(Limits::values));
        if documented.is_empty() && today.is_none() {
            return None;
        }
        let default = format!("{parent}{}", names::upper_camel(&node.name));
        let name = row.type_name.as_ref().map_or(default, |name| name.value.clone());
        let location = row.type_name.as_ref().map_or(row.path.location, |name| name.location);
        let variants = self.variants(documented, today, is_of_today);
        let wanted = OpenEnum { name: name.clone(), path: row.path.to_string(), variants };
        let same_name = |known: &&OpenEnum| known.name == name;
        if let Some(known) = self.module.enums.iter().find(same_name) {
            if known.variants != wanted.variants || row.type_name.is_none() {
                let first = self.module.taken.get(&name).copied().unwrap_or(location);
                self.name_collision(&name, location, first);
            }
            return Some(name);
        }
        self.take(&name, location);
        self.module.enums.push(wanted);
        Some(name)
    }

    fn variants(
        &mut self,
        documented: &[ValueSpec],
        today: Option<&[ValueSpec]>,
        is_of_today: bool,
    ) -> Vec<Variant> {
        let has = |list: &[ValueSpec], value: &str| list.iter().any(|other| other.value.value == value);
        let added = today.unwrap_or_default().iter().filter(|value| !has(documented, &value.value));
        let mut variants: Vec<Variant> = Vec::new();
        let mut places: Vec<Location> = Vec::new();
        for entry in documented.iter().chain(added) {
            let name = match &entry.variant {
                Some(name) => name.value.clone(),
                None => names::upper_camel(&entry.value),
            };
            if let Some(problem) = names::refuse_variant_name(&name) {
                let message = format!("the variant `{name}` for the value `{}` {problem}", entry.value.value);
                let help = "Name it: `{ value: …, as: Name }`.";
                self.diagnostics.error("bad-variant", entry.value.location, message, help);
            } else if let Some(first) = variants.iter().position(|other| other.name == name)
                && variants[first].value != entry.value.value
            {
                let message = format!(
                    "the values `{}` and `{}` both become `{name}`",
                    variants[first].value, entry.value.value
                );
                let help = "Name one of them: `{ value: …, as: Name }`.";
                let (place, other) = (entry.value.location, (places[first], "the other one"));
                self.diagnostics.error_beside("rust-name-collision", place, other, message, help);
            }
            places.push(entry.value.location);
            variants.push(Variant {
                name,
                value: entry.value.value.clone(),
                summary: entry.summary.clone(),
                only_today: !documented.is_empty() && !has(documented, &entry.value),
                only_documented: is_of_today && today.is_some_and(|today| !has(today, &entry.value)),
            });
        }
        variants
    }

    fn nested(&mut self, node: &Node, name: &str, path: &str) -> StructType {
        let shared = self.module.shared.iter().find(|shared| shared.name.value == name);
        let mut shape = self.shape(node, name, path);
        let location = node.location;
        match shared {
            Some(shared) => {
                shape.fields = self.in_shared_order(shape.fields, shared, location);
            }
            None => {
                self.take(name, location);
                let is_input = self.table == Table::Request;
                let fields = shape.fields.clone();
                self.module.structs.push(Struct {
                    name: name.to_owned(),
                    is_input,
                    path: path.to_owned(),
                    fields,
                    equals: Vec::new(),
                });
            }
        }
        StructType { name: name.to_owned(), shared: shared.is_some(), shape }
    }

    /// The fields of a shared type, in its order: they must be the same strings.
    fn in_shared_order(&mut self, fields: Vec<Field>, shared: &TypeSpec, location: Location) -> Vec<Field> {
        let same_names = fields.len() == shared.fields.len()
            && shared.fields.iter().all(|name| fields.iter().any(|field| field.name == name.value));
        if !same_names || fields.iter().any(|field| field.ty != Type::Text) {
            let expected: Vec<&str> = shared.fields.iter().map(|name| name.value.as_str()).collect();
            let message = format!(
                "the shared type `{}` has the string fields {}",
                shared.name.value,
                expected.join(", ")
            );
            let help = "Give the rows these fields, or name another element type with `item`.";
            let other = (shared.name.location, "declared here");
            self.diagnostics.error_beside("shared-type-mismatch", location, other, message, help);
            return fields;
        }
        let position = |field: &Field| shared.fields.iter().position(|name| name.value == field.name);
        let mut fields = fields;
        fields.sort_by_key(position);
        fields
    }

    /// Reserves a type name in the module.
    fn take(&mut self, name: &str, location: Location) {
        if let Some(problem) = names::refuse_type_name(name) {
            let message = format!("the type name `{name}` {problem}");
            let help = "Name the type: `item` on the row of a container, `type_name` on a row with values.";
            self.diagnostics.error("bad-type-name", location, message, help);
        }
        if let Some(first) = self.module.taken.insert(name.to_owned(), location) {
            self.name_collision(name, location, first);
        }
    }

    fn name_collision(&mut self, name: &str, location: Location, first: Location) {
        let message = format!("two types of this action are named `{name}`");
        let help = "Name one of them: `item` on the row of a container, `type_name` on a row with values.";
        let other = (first, "the other one");
        self.diagnostics.error_beside("rust-name-collision", location, other, message, help);
    }

    /// A further spelling must not be the name of another field.
    fn check_aliases(&mut self, node: &Node, fields: &[Field]) {
        let mut taken: HashMap<&str, usize> = HashMap::new();
        for (index, field) in fields.iter().enumerate() {
            for spelling in std::iter::once(&field.name).chain(&field.aliases) {
                let first = *taken.entry(spelling).or_insert(index);
                if first != index {
                    let message =
                        format!("`{}` and `{}` both come as `{spelling}`", fields[first].name, field.name);
                    let help = "Correct `documented_as` or `also`: one spelling is one field.";
                    let place = |index: usize| node.children[index].location;
                    let (place, other) = (place(index), (place(first), "the other one"));
                    self.diagnostics.error_beside("ambiguous-spelling", place, other, message, help);
                }
            }
        }
    }

    fn check_rust_names(&mut self, node: &Node, fields: &[Field]) {
        let mut taken: HashMap<&str, usize> = HashMap::new();
        for (index, field) in fields.iter().enumerate() {
            let first = *taken.entry(&field.rust).or_insert(index);
            if first == index {
                continue;
            }
            let place = |index: usize| node.children[index].location;
            let message =
                format!("`{}` and `{}` both become `{}` in Rust", fields[first].name, field.name, field.rust);
            let help = "Correct one of the names: two parameters that differ only in case are one too many.";
            let other = (place(first), "the other one");
            self.diagnostics.error_beside("rust-name-collision", place(index), other, message, help);
        }
    }
}

/// Every nested shape gets a table, whose name joins the names of its path.
pub(super) fn check_tables(request: &Shape, response: &Shape, action: Location, diagnostics: &Diagnostics) {
    for (shape, place) in [(request, "request"), (response, "response")] {
        check_places(shape, place, "", action, &mut HashMap::new(), diagnostics);
    }
}

fn check_places(
    outer: &Shape,
    place: &str,
    path: &str,
    action: Location,
    taken: &mut HashMap<String, String>,
    diagnostics: &Diagnostics,
) {
    for field in &outer.fields {
        let Some(inner) = field.ty.nested() else { continue };
        let (place, path) = (format!("{place}_{}", field.rust), join(path, &field.name));
        if let Some(first) = taken.insert(place.clone(), path.clone()) {
            let message = format!("the tables of `{first}` and `{path}` would have one name");
            let help = "Correct one of the names: no service tells them apart by an underscore.";
            diagnostics.error("rust-name-collision", action, message, help);
        }
        check_places(inner, &place, &path, action, taken, diagnostics);
    }
}

/// Further spellings under which a response may carry the field.
fn aliases(row: &RowSpec, name: &str) -> Vec<String> {
    let printed = row.documented_as.iter().filter(|printed| !printed.contains(['.', '[']));
    let mut aliases: Vec<String> = printed.chain(&row.also).filter(|alias| *alias != name).cloned().collect();
    aliases.dedup();
    aliases
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

/// The types that actions share, each a struct of strings.
pub(super) fn shared_types(types: &[TypeSpec]) -> Vec<Struct> {
    let field = |name: &str| Field {
        name: name.to_owned(),
        rust: names::snake(name),
        ty: Type::Text,
        required: false,
        limits: Vec::new(),
        form: false,
        aliases: Vec::new(),
        wrapped: None,
        row: None,
    };
    types
        .iter()
        .map(|shared| Struct {
            name: shared.name.value.clone(),
            is_input: true,
            path: shared.name.value.clone(),
            fields: shared.fields.iter().map(|name| field(name)).collect(),
            equals: Vec::new(),
        })
        .collect()
}
