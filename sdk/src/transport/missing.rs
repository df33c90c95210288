//! What stands in for the shipped transport in a build without it: there is none, and it says so.

use std::time::Duration;

use bytes::Bytes;

use super::{Limits, ResponseFuture, Transport};
use crate::error::Error;

/// Never there.
#[derive(Debug)]
pub(crate) enum HttpTransport {}

impl HttpTransport {
    pub(crate) fn new(_: Duration) -> Result<Self, Error> {
        Err(missing(
            "a transport",
            "`ClientBuilder::transport` or, for credentials, `ProviderConfig::with_transport`",
        ))
    }

    pub(crate) fn direct(_: Duration) -> Result<Self, Error> {
        Err(missing("a transport that uses no proxy", "`ProviderConfig::with_direct_transport`"))
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, _: http::Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        match *self {}
    }
}

fn missing(what: &str, setter: &str) -> Error {
    Error::configuration(format!(
        "this build has no transport of its own: set {what} with {setter}, or turn on the feature `aws-lc-rs` or `ring`"
    ))
}
