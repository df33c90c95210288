//! A transport for tests that answers in the process: from the documented examples, or as told.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), cloudnet::Error> {
//! use std::sync::Arc;
//! use cloudnet::testing::Documented;
//! use cloudnet::{Credentials, vpc};
//!
//! let service = Arc::new(Documented::new());
//! let client = vpc::Client::builder()
//!     .region("cn-hangzhou")
//!     .credentials(Credentials::new("id", "secret"))
//!     .transport(service.clone())
//!     .build()?;
//!
//! let created = client.create_vpc().vpc_name("prod").send().await?;
//! assert!(created.vpc_id.is_some());
//!
//! service.fail("DeleteVpc", "DependencyViolation.VSwitch");
//! let error = client.delete_vpc().vpc_id("vpc-1").send().await.unwrap_err();
//! assert_eq!(error.class(), cloudnet::ErrorClass::Dependency);
//! assert_eq!(service.calls().len(), 2);
//! # Ok(())
//! # }
//! ```

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::generated::SERVICES;
use crate::registry::Entry;
use crate::transport::{Limits, Transport, TransportError};

/// Answers every action with the response that its document shows.
#[derive(Debug, Default)]
pub struct Documented {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    answers: HashMap<String, VecDeque<Answer>>,
    calls: Vec<Call>,
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    body: Bytes,
}

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Wire name of the action.
    pub action: String,
    /// Parameters as the wire had them: names and values of the query and the form, sorted by
    /// name. Empty for a service that takes JSON.
    pub parameters: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Call {
    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Documented {
    /// A service that knows every action and was not called yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the next call of an action with a status and a body, in the order of these calls.
    pub fn answer(&self, action: &str, status: StatusCode, body: impl Into<Bytes>) {
        let answer = Answer { status, body: body.into() };
        self.state().answers.entry(action.to_owned()).or_default().push_back(answer);
    }

    /// Answers the next call of an action with an error code, under the status that the tables
    /// give it and 400 otherwise.
    pub fn fail(&self, action: &str, code: &str) {
        let rows = entry(action).map_or(&[][..], |entry| entry.action.errors);
        let documented = rows.iter().find(|row| row.matches(code)).map(|row| row.status);
        let status = documented.and_then(|status| StatusCode::from_u16(status).ok());
        let body = serde_json::json!({
            "Code": code,
            "__type": code,
            "Message": "Answered by a test.",
            "RequestId": "00000000-0000-0000-0000-000000000000",
        });
        self.answer(action, status.unwrap_or(StatusCode::BAD_REQUEST), body.to_string());
    }

    /// The calls so far, in their order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let call = recorded(request);
        let told = self.state().answers.get_mut(&call.action).and_then(VecDeque::pop_front);
        let answer = told.unwrap_or_else(|| documented(&call.action));
        self.state().calls.push(call);
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        response
    }
}

impl Transport for Documented {
    fn send<'a>(
        &'a self,
        request: Request<Bytes>,
        _: Limits,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(self.respond(request))))
    }
}

fn entry(action: &str) -> Option<&'static Entry> {
    let mut entries = SERVICES.iter().flat_map(|(_, entries)| *entries);
    entries.find(|entry| entry.action.name == action)
}

fn documented(action: &str) -> Answer {
    match entry(action) {
        Some(entry) => {
            let example = if entry.example.is_empty() { "{}" } else { entry.example };
            Answer { status: StatusCode::OK, body: Bytes::from_static(example.as_bytes()) }
        }
        None => Answer {
            status: StatusCode::NOT_FOUND,
            body: Bytes::from_static(br#"{"Code":"InvalidAction.NotFound"}"#),
        },
    }
}

fn recorded(request: Request<Bytes>) -> Call {
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
    Call { action, parameters, body }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((decoded(name), decoded(value)))
}

/// Percent-decoding, with `+` for a blank.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%');
        let code = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        rest = if code.is_some() { &after[2..] } else { after };
        bytes.push(code.unwrap_or(if *first == b'+' { b' ' } else { *first }));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
