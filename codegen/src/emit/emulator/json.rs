//! JSON in the order in which it is said, a row a line.

use serde_json::Value;

use crate::visible::is_deceptive;

/// What is longer stands on several lines, unless it is a row: an object or a list of scalars alone.
const WIDTH: usize = 110;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Json {
    /// Text, a number or a truth value, as it is written.
    Scalar(String),
    List(Vec<Json>),
    Object(Object),
}

/// Members in order. What is empty is left out: absence says the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Object(Vec<(&'static str, Json)>);

impl Object {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn text(self, name: &'static str, text: &str) -> Self {
        if text.is_empty() { self } else { self.exact(name, text) }
    }

    /// Text that says something even if it is empty.
    pub(super) fn exact(self, name: &'static str, text: &str) -> Self {
        self.member(name, text.into())
    }

    pub(super) fn some(self, name: &'static str, text: Option<impl AsRef<str>>) -> Self {
        match text {
            Some(text) => self.text(name, text.as_ref()),
            None => self,
        }
    }

    pub(super) fn number(self, name: &'static str, number: impl Into<i64>) -> Self {
        self.member(name, Json::Scalar(number.into().to_string()))
    }

    pub(super) fn flag(self, name: &'static str, flag: bool) -> Self {
        if flag { self.member(name, Json::Scalar("true".to_owned())) } else { self }
    }

    pub(super) fn list(self, name: &'static str, entries: impl IntoIterator<Item = Json>) -> Self {
        let entries: Vec<Json> = entries.into_iter().collect();
        if entries.is_empty() { self } else { self.always(name, entries) }
    }

    /// A list that says something even if it is empty.
    pub(super) fn always(self, name: &'static str, entries: impl IntoIterator<Item = Json>) -> Self {
        self.member(name, Json::List(entries.into_iter().collect()))
    }

    pub(super) fn object(self, name: &'static str, object: Self) -> Self {
        if object.0.is_empty() { self } else { self.member(name, object.into()) }
    }

    pub(super) fn raw(self, name: &'static str, value: Option<&Value>) -> Self {
        match value {
            Some(value) => self.member(name, Json::Scalar(escaped(&value.to_string()))),
            None => self,
        }
    }

    /// The members of another one, behind its own.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn print(self) -> String {
        let mut text = String::new();
        Json::Object(self).push(&mut text, 0);
        text.push('\n');
        text
    }

    fn member(mut self, name: &'static str, value: Json) -> Self {
        self.0.push((name, value));
        self
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Scalar(quoted(text))
    }
}

/// Texts.
pub(super) fn names(texts: &[String]) -> impl Iterator<Item = Json> {
    texts.iter().map(|text| text.as_str().into())
}

/// Lists of two.
pub(super) fn pairs(pairs: &[(String, String)]) -> impl Iterator<Item = Json> {
    pairs.iter().map(|(left, right)| Json::List(vec![left.as_str().into(), right.as_str().into()]))
}

impl Json {
    fn push(&self, text: &mut String, depth: usize) {
        let line = self.line();
        if self.is_row() || depth > 0 && line.chars().count() + depth <= WIDTH {
            text.push_str(&line);
            return;
        }
        let (open, close) = if matches!(self, Self::Object(_)) { ('{', '}') } else { ('[', ']') };
        text.push(open);
        for (index, (name, value)) in self.members().into_iter().enumerate() {
            text.push_str(if index == 0 { "" } else { "," });
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', depth + 1));
            text.push_str(&label(name));
            value.push(text, depth + 1);
        }
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', depth));
        text.push(close);
    }

    fn line(&self) -> String {
        let members = self.members().into_iter().map(|(name, value)| label(name) + &value.line());
        let members = members.collect::<Vec<_>>().join(", ");
        match self {
            Self::Scalar(written) => written.clone(),
            Self::List(_) => format!("[{members}]"),
            Self::Object(_) => format!("{{{members}}}"),
        }
    }

    fn is_row(&self) -> bool {
        self.members().iter().all(|(_, value)| matches!(value, Self::Scalar(_)))
    }

    fn members(&self) -> Vec<(Option<&'static str>, &Self)> {
        match self {
            Self::Scalar(_) => Vec::new(),
            Self::List(entries) => entries.iter().map(|entry| (None, entry)).collect(),
            Self::Object(object) => object.0.iter().map(|(name, value)| (Some(*name), value)).collect(),
        }
    }
}

fn label(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("{}: ", quoted(name)))
}

fn quoted(text: &str) -> String {
    escaped(&Value::from(text).to_string())
}

/// What would not be seen for what it is, as escapes.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if is_deceptive(character) {
            let mut units = [0; 2];
            text.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Json, Object, pairs};

    #[test]
    fn rows_are_lines_and_what_is_empty_is_left_out() {
        let row = || Object::new().text("name", "A").flag("write", false).number("status", 400_u16);
        let long = "x".repeat(100);
        let wide = Object::new().list("pairs", pairs(&[("a".to_owned(), long.clone())])).with(row());
        let object = Object::new().text("", "").list("rows", [row().into(), wide.into()]).always("none", []);
        assert_eq!(
            object.print(),
            format!(
                "{{\n \"rows\": [\n  {{\"name\": \"A\", \"status\": 400}},\n  {{\n   \"pairs\": [\n    [\"a\", \"{long}\"]\n   ],\n   \
                 \"name\": \"A\",\n   \"status\": 400\n  }}\n ],\n \"none\": []\n}}\n"
            )
        );
    }

    #[test]
    fn any_text_comes_back_and_is_seen() {
        let text = "\" \\ \u{202E}\u{7}\u{E0001}é中\n";
        let printed =
            Object::new().list("a", [Json::from(text)]).raw("b", Some(&json!({ text: text }))).print();
        assert!(!printed.chars().any(|one| one != '\n' && crate::visible::is_deceptive(one)), "{printed}");
        let read: Value = serde_json::from_str(&printed).expect("it is JSON");
        assert_eq!(read, json!({ "a": [text], "b": { text: text } }));
    }
}
