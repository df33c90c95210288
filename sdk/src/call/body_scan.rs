//! One quick look over the body of a success: whether it is whole, whether it says that it failed,
//! and which request it answers. Builds no tree, whatever the size.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a look over a body shows. Of a body that is no JSON object it shows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BodyScan {
    /// Whether the body ends in the middle.
    pub(crate) is_cut: bool,
    /// Whether it says `"Success": false`.
    pub(crate) is_failure: bool,
    /// `Code`, unless it is empty.
    pub(crate) code: Option<String>,
    /// `RequestId`, unless it is empty.
    pub(crate) request_id: Option<String>,
}

impl BodyScan {
    /// Looks over a body.
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut scan = Self::default();
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
        if body.starts_with(b"{") {
            let mut json = serde_json::Deserializer::from_slice(body);
            let read = json.deserialize_map(Members(&mut scan));
            scan.is_cut = read.is_err_and(|error| error.is_eof() || is_in_number(&error, body));
        }
        scan
    }
}

/// Whether a body ends in the middle of a number, which the parser calls a wrong one.
fn is_in_number(error: &serde_json::Error, body: &[u8]) -> bool {
    let last_line = body.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    error.column() == last_line.len() && matches!(body.last(), Some(b'-' | b'+' | b'.' | b'e' | b'E'))
}

/// Reads the members of the outermost object.
struct Members<'g>(&'g mut BodyScan);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(scan) = self;
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "RequestId" | "requestId" => scan.request_id = map.next_value::<Text>()?.filled(),
                "Code" | "code" => scan.code = map.next_value::<Text>()?.filled(),
                "Success" | "success" => {
                    let success = map.next_value::<Text>()?.filled();
                    scan.is_failure = success.is_some_and(|text| text.eq_ignore_ascii_case("false"));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The name of a member, borrowed if it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

/// A scalar as text; anything else is passed over.
struct Text(String);

impl Text {
    fn filled(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Text, E> {
        Ok(Text(flag.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
        Ok(Text(String::new()))
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text(String::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(String::new()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(String::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_wherever_it_ends_too_early() {
        let whole = r#"{"Vpcs":{"Vpc":[{"VpcId":"vpc-é\u00e9\\","Flag":true,"Size":-1.5e3}]},"None":null}"#;
        for end in 1..whole.len() {
            assert!(BodyScan::of(&whole.as_bytes()[..end]).is_cut, "{end} of {whole}");
        }
        for body in [whole, "", "null", "[{", "<html>", "{]", "{\"a\":}", "{\"a\":1} and more", "\u{feff}{}"]
        {
            assert!(!BodyScan::of(body.as_bytes()).is_cut, "{body}");
        }
        assert!(BodyScan::of("\u{feff}{\"a\":".as_bytes()).is_cut);
    }

    #[test]
    fn it_shows_what_is_on_the_outside_alone() {
        let body = r#"{"Inner":{"RequestId":"no","Success":false},"Request\u0049d":"r-1","Code":404,"Success":"False"}"#;
        let scan = BodyScan::of(body.as_bytes());
        assert_eq!((scan.request_id.as_deref(), scan.code.as_deref()), (Some("r-1"), Some("404")));
        assert!(scan.is_failure);
        let odd = r#"{"RequestId":{"a":[1]},"Code":[],"Success":null,"requestId":"","success":true}"#;
        assert_eq!(BodyScan::of(odd.as_bytes()), BodyScan::default());
    }

    #[test]
    fn depth_costs_nothing() {
        for name in ["Code", "Deep"] {
            let body =
                format!("{{\"{name}\":{}1{},\"RequestId\":\"r\"}}", "[".repeat(9_999), "]".repeat(9_999));
            assert_eq!(BodyScan::of(body.as_bytes()).request_id.as_deref(), Some("r"), "{name}");
        }
    }
}
