//! Takes secrets out of foreign text before it enters an error.
//!
//! What is secret is known in three ways, each where it can be: the values that a call sent are searched
//! for, in any spelling; what an answer holds is shown as far as its table says that it is no secret; and
//! in free text, of which no table knows anything, nothing is shown after a name that sounds like one.

mod excerpt;
mod needles;
mod normalized;

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request};

use crate::call::Extra;
use crate::credentials::Credentials;
use crate::record::{Record, Value};
use crate::schema::{Kind, Shape};
use crate::table::called::Called;
use crate::table::text;
use needles::Needles;
use normalized::Normalized;

/// How much of a text is looked at, in bytes. Nothing is shown of what lies beyond.
const SEARCHED: usize = 64 * 1024;

/// Where a service quotes what it expected to be signed: all parameters, secret ones too.
const QUOTED_REQUESTS: [&str; 4] = ["string to sign", "stringtosign", "canonical string", "canonicalrequest"];

/// Parts of names after which free text is not shown. No table describes such text: it may quote
/// headers, other requests or what stands behind the service.
const SECRET_NAMES: [&str; 10] = [
    "secret",
    "password",
    "passwd",
    "psk",
    "token",
    "signature",
    "privatekey",
    "authkey",
    "credential",
    "authorization",
];

/// The secrets of one call.
///
/// Cheap to make: most calls succeed and have no text to clean, so the secrets that other values hold
/// are looked for when there is one.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
    action: Option<Called>,
    credentials: Option<Credentials>,
    signature: Option<SignedIn>,
}

/// The part of a request that has its signature.
#[derive(Clone)]
pub(crate) enum SignedIn {
    /// The header `Authorization`.
    Header(HeaderValue),
    /// The query.
    Query(PathAndQuery),
}

impl SignedIn {
    /// The part, wherever the request's protocol puts the signature.
    pub(crate) fn of<T>(request: &Request<T>) -> Option<Self> {
        match request.headers().get(AUTHORIZATION) {
            Some(header) => Some(Self::Header(header.clone())),
            None => request.uri().path_and_query().cloned().map(Self::Query),
        }
    }

    /// As it was sent: in a query it is percent-encoded.
    fn signature(&self) -> Option<&str> {
        match self {
            Self::Header(value) => Some(value.to_str().ok()?.rsplit_once("Signature=")?.1),
            Self::Query(target) => {
                target.query()?.split('&').find_map(|pair| pair.strip_prefix("Signature="))
            }
        }
    }
}

impl Redactor {
    /// Learns the parameters of a call.
    pub(crate) fn learn_parameters(&mut self, action: &Called, input: &dyn Record, extra: &[Extra]) {
        self.action = Some(action.clone());
        self.learn_record(input);
        let secret = extra.iter().filter(|extra| extra.is_secret);
        secret.for_each(|extra| self.learn_extra(action.request(), extra));
    }

    /// Learns one secret.
    pub(crate) fn learn(&mut self, secret: &str) {
        self.secrets.push(secret.to_owned());
    }

    /// Learns what a request was signed with.
    pub(crate) fn learn_credentials(&mut self, credentials: &Credentials) {
        self.credentials = Some(credentials.clone());
    }

    /// Learns the signature of a request.
    pub(crate) fn learn_signature(&mut self, signature: Option<SignedIn>) {
        self.signature = signature;
    }

    /// A message of the service, on one line and without secrets.
    pub(crate) fn message(&self, text: &str) -> String {
        self.clean(text, &self.needles())
    }

    /// A message of a transport: as one of the service, and without the queries of URLs.
    pub(crate) fn transport_message(&self, text: &str) -> String {
        self.message(&without_queries(text))
    }

    /// What can be shown of a response; `None` if it is nothing. See [`excerpt`].
    pub(crate) fn excerpt(&self, action: &Called, body: &[u8]) -> Option<String> {
        let needles = self.needles();
        excerpt::of(action, &body[..body.len().min(SEARCHED)], &|text| self.clean(text, &needles))
    }

    fn clean(&self, text: &str, needles: &Needles) -> String {
        let text = beginning(text, SEARCHED);
        let mut shown = needles.hide_in(text);
        if let Some(end) = self.end_of_harmless(&Normalized::of(&shown)) {
            shown.truncate(end);
            shown.push_str("***");
        }
        shown.replace(char::is_control, " ").trim().to_owned()
    }

    /// Where a text begins to quote a request or to tell what has a secret's name.
    fn end_of_harmless(&self, text: &Normalized) -> Option<usize> {
        let quoted = QUOTED_REQUESTS.iter().filter_map(|mark| text.find(mark.as_bytes())).min();
        let mut named = Vec::new();
        if let Some(action) = &self.action {
            collect_names(action.request(), &mut named);
            collect_names(action.response(), &mut named);
        }
        let is_secret = |name: &str| {
            let name = bare(name);
            named.contains(&name) || SECRET_NAMES.iter().any(|part| name.contains(part))
        };
        let named = text.first_value_of(&is_secret);
        quoted.into_iter().chain(named).min()
    }

    fn needles(&self) -> Needles {
        let parameters = self.secrets.iter().map(String::as_str);
        let key = self.credentials.iter().flat_map(|credentials| {
            [Some(credentials.access_key_secret()), credentials.security_token()].into_iter().flatten()
        });
        let signature = self.signature.as_ref().and_then(SignedIn::signature);
        Needles::of(parameters.chain(key).chain(signature))
    }

    fn learn_record(&mut self, record: &dyn Record) {
        record.fields(&mut |fields| fields.iter().for_each(|field| self.learn_value(field.value())));
    }

    fn learn_value(&mut self, value: Value<'_>) {
        match value {
            Value::Secret(secret) => self.learn(secret),
            Value::Record(record) => self.learn_record(record),
            Value::List(list) => {
                (0..list.len()).for_each(|index| self.learn_value(list.entry(index)));
            }
            _ => {}
        }
    }

    /// What no table calls harmless counts as a secret: a name can be misspelt.
    fn learn_extra(&mut self, shape: &'static Shape, Extra { name, value, .. }: &Extra) {
        let Some(text) = text::of_json(value) else { return self.learn_members(None, value) };
        let value = &*text;
        match shape.at(name) {
            Some(field) if field.secret => self.learn(value),
            Some(field) => match field.kind {
                Kind::Json(shape) | Kind::Object(shape) => self.learn_json(Some(shape), value),
                Kind::List(_) => self.learn_json(None, value),
                _ => {}
            },
            None => self.learn_json(None, value),
        }
    }

    fn learn_json(&mut self, shape: Option<&'static Shape>, text: &str) {
        match serde_json::from_slice(text.as_bytes()) {
            Ok(json) => self.learn_members(shape, &json),
            Err(_) => self.learn(text),
        }
    }

    fn learn_members(&mut self, shape: Option<&'static Shape>, json: &serde_json::Value) {
        use serde_json::Value as Json;
        match json {
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => self.learn(&number.to_string()),
            Json::String(text) => self.learn(text),
            Json::Array(entries) => entries.iter().for_each(|entry| self.learn_members(shape, entry)),
            Json::Object(members) => {
                for (name, member) in members {
                    match shape.and_then(|shape| shape.member(name)) {
                        Some(field) if field.secret => self.learn_members(None, member),
                        Some(field) => {
                            if let Some(shape) = field.kind.shape() {
                                self.learn_members(Some(shape), member);
                            }
                        }
                        None => self.learn_members(None, member),
                    }
                }
            }
        }
    }
}

/// The names of a shape's secrets, at any depth.
fn collect_names(shape: &'static Shape, names: &mut Vec<String>) {
    for field in shape.fields {
        if field.secret {
            names.push(bare(field.name));
            names.extend(field.aliases.iter().map(|alias| bare(alias)));
        }
        if let Some(inner) = field.kind.shape() {
            collect_names(inner, names);
        }
    }
}

fn bare(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '-', '.'], "")
}

/// The beginning of a text, no longer than so many bytes.
fn beginning(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// A text, without the queries of the URLs in it.
fn without_queries(text: &str) -> Cow<'_, str> {
    if !text.contains('?') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('?') {
        shown.push_str(before);
        shown.push('?');
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || matches!(c, ')' | '"' | '\'' | '>');
        let end = if word.contains('/') { after.find(ends).unwrap_or(after.len()) } else { 0 };
        rest = after.get(end..).unwrap_or_default();
        if end > 0 {
            shown.push_str("***");
        }
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests;
