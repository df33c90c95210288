//! Requests that reach the server without a connection.

use std::sync::Arc;

use bytes::Bytes;
use cloudnet::transport::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};
use http::Request;

use super::fault::Delivery;
use super::message::Message;
use super::state::Shared;

/// The way to a server in the same process.
#[derive(Debug)]
pub(super) struct InProcess(pub(super) Arc<Shared>);

impl Transport for InProcess {
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        let (number, fault) = self.0.arrived(0);
        let answer = self.0.answer(number, message(&request), &fault);
        let is_whole = matches!(fault.delivery, Delivery::Whole) && fault.is_read;
        let broken = || TransportError::new(TransportErrorKind::Broken, "the answer is not delivered whole");
        let unsent = |error: http::Error| TransportError::new(TransportErrorKind::Broken, error.to_string());
        let response = if is_whole { answer.response().map_err(unsent) } else { Err(broken()) };
        Box::pin(std::future::ready(response))
    }
}

/// The request as it would have come over the wire.
fn message(request: &Request<Bytes>) -> Message {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut headers: Vec<(String, String)> =
        request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    if !request.headers().contains_key("host") {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        headers.push(("host".to_owned(), host));
    }
    Message {
        method: request.method().to_string(),
        target: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers,
        body: request.body().to_vec(),
    }
}
