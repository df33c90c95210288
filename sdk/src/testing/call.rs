//! The log: what was asked, read back from the wire.

use std::fmt;

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;

use super::Fault;

/// A request that came.
///
/// `Debug` shows neither the body nor the values of parameters that are secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Wire name of the action.
    pub action: String,
    /// Parameters as the wire had them: names and values of the query and the form, sorted by
    /// name. Empty for a service that takes JSON.
    pub parameters: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// What went wrong with it, if it was told to.
    pub fault: Option<Fault>,
}

impl Call {
    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the service got it, and did what it asks for.
    #[must_use]
    pub fn was_applied(&self) -> bool {
        self.fault.is_none_or(Fault::is_after)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = super::entry(&self.action).map(|entry| &entry.action.request);
        let is_harmless = |name: &str| {
            let field = known.and_then(|shape| shape.at(name));
            field.is_some_and(|field| !field.secret && field.kind.shape().is_none())
        };
        let shown = |(name, value): &(String, String)| {
            (name.clone(), if is_harmless(name) { value.clone() } else { "***".to_owned() })
        };
        f.debug_struct("Call")
            .field("action", &self.action)
            .field("parameters", &self.parameters.iter().map(shown).collect::<Vec<_>>())
            .field("body_length", &self.body.len())
            .field("fault", &self.fault)
            .finish()
    }
}

pub(super) fn recorded(request: Request<Bytes>) -> Call {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let is_form = header("content-type").is_some_and(|kind| kind.contains("urlencoded"));
    let form = if is_form { String::from_utf8_lossy(&body).into_owned() } else { String::new() };
    let query = head.uri.query().unwrap_or_default();
    let mut parameters: Vec<(String, String)> =
        [query, &form].into_iter().flat_map(|pairs| pairs.split('&')).filter_map(pair).collect();
    parameters.sort();
    let named = header("x-acs-action")
        .or_else(|| header("x-amz-target").and_then(|target| target.rsplit('.').next()));
    let in_query = parameters.iter().find(|(name, _)| name == "Action").map(|(_, name)| name);
    let action = named.or(in_query.map(String::as_str)).unwrap_or_default().to_owned();
    Call { action, parameters, body, fault: None }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((decoded(name), decoded(value)))
}

/// What a pair of a query or a form stands for: `+` is a blank.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
