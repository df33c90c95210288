//! The log: what was asked, read back from the wire.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderValue, Request};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};

use super::{Fault, known};
use crate::schema::{Action, Service};
use crate::table::operation::Operation;
use crate::wire;

/// A request that came.
///
/// `Debug` shows neither headers and body nor the values of parameters that are secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Wire name of the action.
    pub action: String,
    /// Name of the service in this crate: `vpc`. Empty if no table knows the action.
    pub service: String,
    /// The region that was asked for: `RegionId` of the parameters, and that of the client where they have none.
    pub region: String,
    /// The host that was called.
    pub host: String,
    /// When it came, by the clock of the test.
    pub time: SystemTime,
    /// Which attempt of its call it is, from 1.
    pub attempt: u32,
    /// Headers as they came, with `***` for the access key, its token and the signature.
    pub headers: HeaderMap,
    /// Names and values as the wire had them, sorted by name: of the query and the form, or of a body that is
    /// JSON, with names such as `EndpointConfigurations.1.EndpointId`.
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

    /// The parameters, typed; `None` if the call is of another action.
    ///
    /// ```
    /// # use cloudnet::testing::Documented;
    /// # use cloudnet::vpc::{self, CreateVpc};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudnet::Error> {
    /// let service = Documented::new();
    /// let vpc: vpc::Client = service.client("cn-hangzhou")?;
    /// vpc.create_vpc().vpc_name("prod").send().await?;
    /// let request = service.calls()[0].request::<CreateVpc>();
    /// assert_eq!(request.and_then(|create| create.vpc_name).as_deref(), Some("prod"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn request<O: Operation>(&self) -> Option<O> {
        if !self.is_of(O::ACTION) {
            return None;
        }
        let nested;
        let json = match is_json(&self.headers) {
            true => &*self.body,
            false => {
                nested = nested_json(&self.parameters).to_string();
                nested.as_bytes()
            }
        };
        let mut request = O::default();
        wire::decode::decode(&O::ACTION.request, json, &mut request).ok()?;
        Some(request)
    }

    /// Whether the service got it, and did what it asks for.
    #[must_use]
    pub fn was_applied(&self) -> bool {
        self.fault.is_none_or(Fault::is_after)
    }

    pub(super) fn is_of(&self, action: &Action) -> bool {
        self.action == action.name && self.service == action.service.name
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = known::entry(Some(&self.service), &self.action).map(|entry| &entry.action.request);
        let is_harmless = |name: &str| {
            let field = known.and_then(|shape| shape.at(name));
            field.is_some_and(|field| !field.secret && field.kind.shape().is_none())
        };
        let shown = |(name, value): &(String, String)| {
            (name.clone(), if is_harmless(name) { value.clone() } else { MASK.to_owned() })
        };
        f.debug_struct("Call")
            .field("action", &self.action)
            .field("region", &self.region)
            .field("attempt", &self.attempt)
            .field("parameters", &self.parameters.iter().map(shown).collect::<Vec<_>>())
            .field("body_length", &self.body.len())
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// What a client says of a request beside the wire, on which not all of it is.
#[derive(Clone)]
struct Sent {
    service: &'static Service,
    region: String,
    attempt: u32,
}

/// The request, saying what it is, should it come to a service of a test.
pub(crate) fn marked(
    mut request: Request<Bytes>,
    service: &'static Service,
    region: &str,
    attempt: u32,
) -> Request<Bytes> {
    request.extensions_mut().insert(Sent { service, region: region.to_owned(), attempt });
    request
}

pub(super) fn recorded(request: Request<Bytes>, time: SystemTime) -> Call {
    let (mut head, body) = request.into_parts();
    let sent = head.extensions.remove::<Sent>();
    let parameters = parameters(head.uri.query().unwrap_or_default(), &head.headers, &body);
    let value =
        |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let action = named(&head.headers).or_else(|| value("Action")).unwrap_or_default();
    let service = match &sent {
        Some(sent) => Some(sent.service),
        None => known::entry(None, &action).map(|entry| entry.action.service),
    };
    let host = header(&head.headers, HOST.as_str()).or(head.uri.host()).unwrap_or_default().to_owned();
    let attempt = sent.as_ref().map_or(1, |sent| sent.attempt);
    Call {
        region: value("RegionId").or(sent.map(|sent| sent.region)).unwrap_or_default(),
        service: service.map(|service| service.name.to_owned()).unwrap_or_default(),
        action,
        host,
        time,
        attempt,
        headers: redacted(head.headers),
        parameters,
        body,
        fault: None,
    }
}

fn parameters(query: &str, headers: &HeaderMap, body: &Bytes) -> Vec<(String, String)> {
    let is_form = header(headers, "content-type").is_some_and(|kind| kind.contains("urlencoded"));
    let form = if is_form { String::from_utf8_lossy(body).into_owned() } else { String::new() };
    let pairs = [query, &form].into_iter().flat_map(|pairs| pairs.split('&')).filter_map(pair);
    let json = if is_json(headers) { serde_json::from_slice(body).unwrap_or_default() } else { Json::Null };
    let mut parameters: Vec<_> = pairs.chain(wire::flatten(&json)).collect();
    parameters.sort();
    parameters
}

fn is_json(headers: &HeaderMap) -> bool {
    header(headers, "content-type").is_some_and(|kind| kind.contains("json"))
}

fn named(headers: &HeaderMap) -> Option<String> {
    let target = || header(headers, "x-amz-target")?.rsplit('.').next();
    header(headers, "x-acs-action").or_else(target).map(str::to_owned)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// What signers mark as sensitive, and what they sign with in any case.
fn redacted(mut headers: HeaderMap) -> HeaderMap {
    for (name, value) in &mut headers {
        if value.is_sensitive() || name == AUTHORIZATION || name == "x-acs-accesskey-id" {
            *value = HeaderValue::from_static(MASK);
        }
    }
    headers
}

/// Instead of what is not shown.
const MASK: &str = "***";

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((decoded(name), decoded(value)))
}

/// What a pair of a query or a form stands for: `+` is a blank.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Parameters of the names `Tag.1.Key` as the JSON that they were, with scalars as text.
fn nested_json(parameters: &[(String, String)]) -> Json {
    let mut root = Map::new();
    parameters.iter().for_each(|(name, value)| put(&mut root, name, value));
    with_lists(Json::Object(root))
}

fn put(object: &mut Map<String, Json>, name: &str, value: &str) {
    let Some((first, rest)) = name.split_once('.') else {
        object.insert(name.to_owned(), Json::from(value));
        return;
    };
    if let Json::Object(inner) = object.entry(first).or_insert_with(|| Map::new().into()) {
        put(inner, rest, value);
    }
}

/// Lists in the place of objects whose members are numbered.
fn with_lists(json: Json) -> Json {
    let Json::Object(members) = json else { return json };
    let numbers: Option<Vec<u32>> = members.keys().map(|name| name.parse().ok()).collect();
    let members = members.into_iter().map(|(name, json)| (name, with_lists(json)));
    match numbers.filter(|numbers| !numbers.is_empty()) {
        None => Json::Object(members.collect()),
        Some(numbers) => {
            let mut entries: Vec<_> = numbers.into_iter().zip(members).collect();
            entries.sort_by_key(|(number, _)| *number);
            entries.into_iter().map(|(_, (_, json))| json).collect()
        }
    }
}
