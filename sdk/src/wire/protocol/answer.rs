//! What an error answer says, in whichever form it comes.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};
use serde_json::{Map, Value};

/// An error answer of a service. A text is empty, or `None`, where the answer has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The error code, letter for letter.
    pub code: String,
    /// What the service says about it; of an HTML page its title.
    pub message: String,
    /// The ID under which the service knows the request.
    pub request_id: Option<String>,
    /// The host that answered, as it calls itself.
    pub host_id: Option<String>,
    /// A link to help.
    pub recommend: Option<String>,
    /// Which permission is missing.
    pub access_denied_detail: Option<AccessDeniedDetail>,
}

/// Which permission a refused caller lacks. A member is `None` where the answer has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessDeniedDetail {
    /// `AuthAction`: the action that is not permitted.
    pub auth_action: Option<String>,
    /// `AuthPrincipalType`: what kind of identity called.
    pub auth_principal_type: Option<String>,
    /// `AuthPrincipalOwnerId`: the account the identity belongs to.
    pub auth_principal_owner_id: Option<String>,
    /// `AuthPrincipalDisplayName`: the identity that called.
    pub auth_principal_display_name: Option<String>,
    /// `NoPermissionType`: whether a policy denies it or none allows it.
    pub no_permission_type: Option<String>,
    /// `PolicyType`: the kind of policy that decided.
    pub policy_type: Option<String>,
    /// `EncodedDiagnosticMessage`: details for the account's administrator.
    pub encoded_diagnostic_message: Option<String>,
}

pub(super) fn read_acs(headers: &HeaderMap, body: &[u8]) -> ServiceError {
    let members = Members::read(body);
    ServiceError {
        code: members.first(&["Code", "code"]).unwrap_or_default(),
        message: members.first(&["Message", "message"]).unwrap_or_default(),
        request_id: acs_request_id(headers, members.request_id()),
        host_id: members.first(&["HostId", "hostId"]),
        recommend: members.first(&["Recommend", "recommend"]),
        access_denied_detail: members.access_denied_detail(),
    }
}

pub(super) fn read_aws(headers: &HeaderMap, body: &[u8]) -> ServiceError {
    let members = Members::read(body);
    let code = header(headers, "x-amzn-errortype")
        .or_else(|| members.first(&["code", "Code", "__type"]))
        .unwrap_or_default();
    ServiceError {
        code: bare_code(&code).to_owned(),
        message: members.first(&["message", "Message"]).unwrap_or_default(),
        request_id: aws_request_id(headers, members.request_id()),
        ..ServiceError::default()
    }
}

pub(super) fn acs_request_id(headers: &HeaderMap, in_body: Option<String>) -> Option<String> {
    in_body.or_else(|| header(headers, "x-acs-request-id"))
}

pub(super) fn aws_request_id(headers: &HeaderMap, in_body: Option<String>) -> Option<String> {
    header(headers, "x-amzn-requestid").or(in_body)
}

/// The title of an HTML page.
pub(super) fn title(page: &[u8]) -> Option<String> {
    text(xml_leaves(&String::from_utf8_lossy(page)).get("title")?)
}

/// A code may stand between a namespace and a URL: `ns#Code:http://…`.
fn bare_code(code: &str) -> &str {
    let before_url = code.split(':').next().unwrap_or_default();
    before_url.rsplit('#').next().unwrap_or_default().trim()
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The named texts of an answer.
struct Members(Map<String, Value>);

impl Members {
    fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.starts_with('<') {
            return Self(serde_json::from_slice(text.as_bytes()).unwrap_or_default());
        }
        let members = xml_leaves(text);
        if members.contains_key("Code") {
            return Self(members);
        }
        // An HTML page. Its title says as much as is safe: its text may quote the request.
        let title = members.get("title").cloned();
        Self(title.map(|title| ("Message".to_owned(), title)).into_iter().collect())
    }

    /// The first of these that has a text which is not empty.
    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| text(self.0.get(*name)?))
    }

    fn request_id(&self) -> Option<String> {
        self.first(&["RequestId", "requestId"])
    }

    fn access_denied_detail(&self) -> Option<AccessDeniedDetail> {
        let nested = ["AccessDeniedDetail", "accessDeniedDetail"]
            .iter()
            .find_map(|name| self.0.get(*name)?.as_object());
        // The leaves of an XML answer are all in one map, and the names meet nowhere else.
        AccessDeniedDetail::read(nested.unwrap_or(&self.0))
    }
}

impl AccessDeniedDetail {
    /// The detail, with each text changed.
    pub(crate) fn map(self, change: impl Fn(&str) -> String) -> Self {
        let changed = |text: Option<String>| text.map(|text| change(&text));
        Self {
            auth_action: changed(self.auth_action),
            auth_principal_type: changed(self.auth_principal_type),
            auth_principal_owner_id: changed(self.auth_principal_owner_id),
            auth_principal_display_name: changed(self.auth_principal_display_name),
            no_permission_type: changed(self.no_permission_type),
            policy_type: changed(self.policy_type),
            encoded_diagnostic_message: changed(self.encoded_diagnostic_message),
        }
    }

    /// `None` if not one of its members is there.
    fn read(members: &Map<String, Value>) -> Option<Self> {
        let member = |name: &str| text(members.get(name)?);
        let detail = Self {
            auth_action: member("AuthAction"),
            auth_principal_type: member("AuthPrincipalType"),
            auth_principal_owner_id: member("AuthPrincipalOwnerId"),
            auth_principal_display_name: member("AuthPrincipalDisplayName"),
            no_permission_type: member("NoPermissionType"),
            policy_type: member("PolicyType"),
            encoded_diagnostic_message: member("EncodedDiagnosticMessage"),
        };
        (detail != Self::default()).then_some(detail)
    }
}

/// The permission, who lacks it and why, as far as the answer says.
impl fmt::Display for AccessDeniedDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.auth_action {
            Some(action) => write!(f, "missing permission {action}")?,
            None => f.write_str("missing permission")?,
        }
        let principal = [&self.auth_principal_type, &self.auth_principal_display_name];
        let principal: Vec<&str> = principal.into_iter().flatten().map(String::as_str).collect();
        if !principal.is_empty() {
            write!(f, " for {}", principal.join(" "))?;
        }
        if let Some(account) = &self.auth_principal_owner_id {
            write!(f, " of account {account}")?;
        }
        let reason = [&self.no_permission_type, &self.policy_type];
        let reason: Vec<&str> = reason.into_iter().flatten().map(String::as_str).collect();
        if reason.is_empty() { Ok(()) } else { write!(f, " ({})", reason.join(", ")) }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The texts of the innermost elements by name, the first of each name.
///
/// Reads as far as it can: half a page, or a page that is not quite XML, still has a title. Keeps
/// no nesting, so that depth costs nothing.
fn xml_leaves(text: &str) -> Map<String, Value> {
    let mut leaves = Map::new();
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut content = String::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(_) => content.clear(),
            Event::Text(part) => content.push_str(&part),
            Event::CData(part) => content.push_str(&part),
            Event::GeneralRef(reference) => content.push_str(&resolved(&reference)),
            Event::End(element) => {
                let name = element.local_name();
                let name = name.as_ref();
                if !leaves.contains_key(name) {
                    leaves.insert(name.to_owned(), Value::String(content.trim().to_owned()));
                }
                content.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    leaves
}

/// The text of an entity; one that is not known stays as it is written.
fn resolved<'a>(reference: &'a BytesRef<'_>) -> Cow<'a, str> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Cow::Owned(character.to_string());
    }
    match resolve_xml_entity(reference) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(format!("&{};", &**reference)),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn acs(body: &str) -> ServiceError {
        read_acs(&HeaderMap::new(), body.as_bytes())
    }

    fn aws(error_type: Option<&'static str>, body: &str) -> String {
        let mut headers = HeaderMap::new();
        if let Some(error_type) = error_type {
            headers.insert("x-amzn-errortype", HeaderValue::from_static(error_type));
        }
        read_aws(&headers, body.as_bytes()).code
    }

    #[test]
    fn xml_with_entities_cdata_and_detail() {
        let error = acs("\u{feff}<?xml version='1.0'?>\n<Error><RequestId>R</RequestId>\
             <Code>A.B</Code><Message>a &lt;b&gt; &#x41;&amp;<![CDATA[<c>]]> &odd;</Message>\
             <AccessDeniedDetail><AuthAction>vpc:CreateVpc</AuthAction></AccessDeniedDetail>\
             </Error>");
        assert_eq!(error.code, "A.B");
        assert_eq!(error.message, "a <b> A&<c> &odd;");
        assert_eq!(error.request_id.as_deref(), Some("R"));
        let detail = error.access_denied_detail.unwrap_or_default();
        assert_eq!(detail.auth_action.as_deref(), Some("vpc:CreateVpc"));
    }

    #[test]
    fn an_html_page_gives_its_title_alone() {
        let page = "<!DOCTYPE html><html><head><meta charset=utf-8><title>502 Bad Gateway</title>\
                    </head><body><hr>/?Password=hidden</body>";
        let title = "502 Bad Gateway".to_owned();
        assert_eq!(acs(page), ServiceError { message: title, ..ServiceError::default() });
        assert_eq!(acs("<html>Bad Gateway</html>"), ServiceError::default());
    }

    #[test]
    fn what_cannot_be_read_is_empty() {
        let deep_xml = "<a>".repeat(100_000);
        let deep_json = "[".repeat(100_000);
        for body in ["", " ", "Bad Gateway", "[1]", "null", "{", "<", "<Error>", "{\"Code\":{}}"] {
            assert_eq!(acs(body), ServiceError::default(), "{body}");
        }
        assert_eq!(acs(&deep_xml), ServiceError::default());
        assert_eq!(acs(&deep_json), ServiceError::default());
        assert_eq!(read_acs(&HeaderMap::new(), b"\xff\xfe"), ServiceError::default());
    }

    #[test]
    fn the_id_of_the_body_comes_before_that_of_the_header() {
        let mut headers = HeaderMap::new();
        headers.insert("x-acs-request-id", HeaderValue::from_static("header"));
        let id = |body: &[u8]| read_acs(&headers, body).request_id;
        assert_eq!(id(b"<html/>").as_deref(), Some("header"));
        assert_eq!(id(br#"{"RequestId":"body"}"#).as_deref(), Some("body"));
    }

    #[test]
    fn aws_codes_from_the_header_then_code_then_type() {
        let body = r#"{"code":"ns#FromCode","__type":"ns#FromType:http://x/#y"}"#;
        assert_eq!(aws(Some("FromHeader:http://internal/"), body), "FromHeader");
        assert_eq!(aws(None, body), "FromCode");
        assert_eq!(aws(None, r#"{"__type":"a.b#FromType:http://x/#y"}"#), "FromType");
        assert_eq!(aws(None, ""), "");
    }
}
