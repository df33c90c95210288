//! The wheels of the vendor's Python clients (`alibabacloud_…`): generated code, regular enough to be read as text.
//! Nothing in it is run.

mod client;
mod lines;
mod models;

use std::collections::BTreeMap;

use cloudnet_codegen::path::Table;

use self::client::{Call, Sends, Sent};
use self::lines::Text;
use self::models::{Class, Classes, Field, FieldType};
use super::archive::Wheel;
use super::published::{Action, Growing, Limits, Place, Published, Row, Style, Type};

/// The line that the vendor's generator writes into the comment of a required parameter.
const REQUIRED: &str = "This parameter is required.";
/// How the vendor's writers begin the note on a deprecated one.
const DEPRECATED: &str = "This parameter is deprecated.";

/// Reads what a wheel says of its service.
pub(super) fn read(wheel: &mut Wheel) -> Result<Published, String> {
    let folder = wheel.package.clone();
    let file = format!("{folder}/client.py");
    if !wheel.names().any(|name| name == file) {
        return Err(format!("has no `{file}`; expected a client of the vendor for Python"));
    }
    let text = wheel.text(&file)?;
    let calls = client::read(Text { name: &file, text: &text })?;
    let first = calls
        .first()
        .ok_or_else(|| format!("{file}: no actions are found; expected methods `…_with_options`"))?;
    let api_version = first.version.clone();
    let classes = classes(wheel, &folder)?;
    let mut actions = BTreeMap::new();
    for call in &calls {
        let action =
            action(call, &classes).map_err(|what| format!("{}:{}: {what}", call.place.0, call.place.1))?;
        if call.version != api_version {
            let (file, line) = &call.place;
            return Err(format!("{file}:{line}: version `{}` beside `{api_version}`", call.version));
        }
        if actions.insert(call.action.clone(), action).is_some() {
            let (file, line) = &call.place;
            return Err(format!("{file}:{line}: `{}` stands twice", call.action));
        }
    }
    let product =
        folder.trim_start_matches("alibabacloud_").trim_end_matches(|one: char| one.is_ascii_digit());
    let product = product.to_owned();
    Ok(Published { package: folder, version: wheel.version.clone(), product, api_version, actions })
}

fn classes(wheel: &mut Wheel, folder: &str) -> Result<Classes, String> {
    let models = format!("{folder}/models/_");
    let is_model =
        |name: &&str| name.starts_with(&models) && name.ends_with(".py") && !name.ends_with("__.py");
    let mut names: Vec<String> = wheel.names().filter(is_model).map(str::to_owned).collect();
    names.sort();
    if names.is_empty() {
        return Err(format!("has no `{models}*.py`; expected the classes of its requests and answers"));
    }
    let mut classes = Classes::new();
    for name in names {
        let text = wheel.text(&name)?;
        models::read(Text { name: &name, text: &text }, &mut classes)?;
    }
    Ok(classes)
}

fn action(call: &Call, classes: &Classes) -> Result<Action, String> {
    let mut request = Rows { classes, rows: Vec::new(), is_request: true };
    if let Some(name) = &call.request {
        let class = class(classes, name)?;
        match &call.sends {
            Sends::Whole => request.all_of(class, &Growing::new(Table::Request), Place::Query)?,
            Sends::Fields(sent) => request.sent(class, sent)?,
        }
    }
    let mut response = Rows { classes, rows: Vec::new(), is_request: false };
    let whole = class(classes, &call.response)?;
    let body = whole.fields.iter().find(|field| field.name == "body");
    if let Some(Field { ty: FieldType::Class(body), .. }) = body {
        response.all_of(class(classes, body)?, &Growing::new(Table::Response), Place::default())?;
    } else {
        return Err(format!("`{}` is not understood; expected a class with a `body`", call.response));
    }
    let (request, response) = (request.rows, response.rows);
    Ok(Action { method: call.method, request, response, ..Action::default() })
}

fn class<'c>(classes: &'c Classes, name: &str) -> Result<&'c Class, String> {
    classes.get(name).ok_or_else(|| format!("there is no class `{name}`"))
}

/// The rows of a table as they are found.
struct Rows<'c> {
    classes: &'c Classes,
    rows: Vec<Row>,
    is_request: bool,
}

impl Rows<'_> {
    /// The fields of a request that the client sends. One that it keeps back would be lost without a word.
    fn sent(&mut self, class: &Class, sent: &[Sent]) -> Result<(), String> {
        for one in sent {
            let field = class.fields.iter().find(|field| field.attribute == one.field);
            let field = field.ok_or_else(|| format!("`{}` is sent, which no class has", one.field))?;
            self.field(field, &one.name, &Growing::new(Table::Request), one.place, one.style)?;
        }
        let is_kept = |field: &&Field| !sent.iter().any(|one| one.field == field.attribute);
        match class.fields.iter().find(is_kept) {
            Some(field) => Err(format!("`{}` of the request is never sent", field.attribute)),
            None => Ok(()),
        }
    }

    fn all_of(&mut self, class: &Class, path: &Growing, place: Place) -> Result<(), String> {
        for field in &class.fields {
            self.field(field, &field.name, path, place, Style::Flat)?;
        }
        Ok(())
    }

    fn field(
        &mut self,
        field: &Field,
        name: &str,
        above: &Growing,
        place: Place,
        style: Style,
    ) -> Result<(), String> {
        let deep = || format!("`{}.{name}` is nested deeper than any service does", above.text());
        let path = above.member(name).ok_or_else(deep)?;
        let mut row = self.row(field, &path, place, style);
        match &field.ty {
            FieldType::Scalar(ty) => {
                row.ty = *ty;
                self.rows.push(row);
            }
            FieldType::Scalars(ty) if style == Style::Comma => {
                row.ty = *ty;
                self.rows.push(row);
            }
            FieldType::Scalars(ty) => {
                let path = path.entry().ok_or_else(deep)?.text().to_owned();
                let entry = Row { path, ty: *ty, ..row.clone() };
                self.rows.extend([Row { ty: Type::List, container: true, ..row }, entry]);
            }
            FieldType::Class(name) => {
                let inner = class(self.classes, name)?;
                self.rows.push(Row { ty: Type::Object, container: !inner.fields.is_empty(), ..row });
                self.all_of(inner, &path, place)?;
            }
            FieldType::Classes(name) => {
                let inner = class(self.classes, name)?;
                self.rows.push(Row { ty: Type::List, container: !inner.fields.is_empty(), ..row });
                self.all_of(inner, &path.entry().ok_or_else(deep)?, place)?;
            }
        }
        Ok(())
    }

    fn row(&self, field: &Field, path: &Growing, place: Place, style: Style) -> Row {
        let is_required = field.comment.iter().any(|line| plain(line) == REQUIRED);
        let is_deprecated = field.comment.iter().any(|line| plain(line).starts_with(DEPRECATED));
        let is_described = field.comment.iter().any(|line| !line.is_empty());
        let doc: Vec<&str> =
            field.comment.iter().map(String::as_str).filter(|line| *line != REQUIRED).collect();
        Row {
            path: path.text().to_owned(),
            ty: Type::Text,
            container: false,
            required: (self.is_request && is_described).then_some(is_required),
            place,
            style,
            limits: Limits::default(),
            deprecated: is_deprecated.then_some(true),
            doc: doc.join("\n").trim().to_owned(),
            example: None,
        }
    }
}

/// A line of a comment without what marks it as a note.
fn plain(line: &str) -> &str {
    line.trim_start_matches(['>', '*', '-', ' ']).trim_end()
}
