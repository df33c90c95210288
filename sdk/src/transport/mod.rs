//! How one HTTP request is carried to the server and one response back.

#[cfg(not(feature = "transport"))]
mod missing;
#[cfg(feature = "transport")]
mod reqwest;

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

#[cfg(not(feature = "transport"))]
pub(crate) use self::missing::HttpTransport;
#[cfg(feature = "transport")]
pub use self::reqwest::{HttpTransport, HttpTransportBuilder};
use crate::call::cause::Source;

/// What a [`Transport`] returns while it works.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, TransportError>> + Send + 'a>>;

/// Carries signed requests.
///
/// [`HttpTransport`] is the one that clients use unless they are given another; the features
/// `aws-lc-rs`, `ring` and `transport` bring it, and a build without them must be given one. An
/// implementation must not follow redirects, repeat requests or change them: a repeated request
/// is a second creation, a changed one has the wrong signature.
///
/// ```
/// use bytes::Bytes;
/// use cloudnet::transport::{Limits, ResponseFuture, Transport};
///
/// /// Answers everything with an empty object.
/// #[derive(Debug)]
/// struct Nothing;
///
/// impl Transport for Nothing {
///     fn send<'a>(&'a self, _request: http::Request<Bytes>, _limits: Limits) -> ResponseFuture<'a> {
///         Box::pin(async { Ok(http::Response::new(Bytes::from_static(b"{}"))) })
///     }
/// }
/// ```
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends one request once, and returns whatever the server answers, errors and redirects
    /// included.
    ///
    /// The future may be dropped at any time; the connection must then not be used again.
    fn send<'a>(&'a self, request: http::Request<Bytes>, limits: Limits) -> ResponseFuture<'a>;
}

/// What an attempt may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Largest body that is read, in bytes.
    pub max_body: usize,
    /// Longest attempt. The caller of the transport drops the future then.
    pub attempt: Duration,
    /// Longest wait for the head of the response, and for each further part of it.
    pub idle: Duration,
}

impl Default for Limits {
    /// 32 MiB, 60 s and 20 s.
    fn default() -> Self {
        Self { max_body: 32 * 1024 * 1024, attempt: Duration::from_secs(60), idle: Duration::from_secs(20) }
    }
}

/// Why there is no response.
#[derive(Clone)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    may_have_been_sent: bool,
    source: Option<Source>,
}

/// At which point a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The transport cannot express the request.
    Request,
    /// No connection was made.
    Connect,
    /// The server could not prove who it is.
    Tls,
    /// The server was silent for too long.
    Timeout,
    /// The connection broke.
    Broken,
    /// The body ended too early.
    Truncated,
    /// The body exceeds [`Limits::max_body`].
    TooLarge,
}

impl TransportError {
    /// An error of a request of which the server may have seen a part, unless the kind rules
    /// that out. The message must not contain the URL or a header.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        use TransportErrorKind::{Connect, Request, Tls};
        let may_have_been_sent = !matches!(kind, Request | Connect | Tls);
        Self { kind, message: message.into(), may_have_been_sent, source: None }
    }

    /// Adds what caused it. An [`Error`](crate::Error) tells it as its own source, with what the call
    /// keeps secret taken out of the texts; the message should say all that matters by itself.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// At which point the request failed.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// What went wrong, in words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the server may have received the request.
    #[must_use]
    pub fn may_have_been_sent(&self) -> bool {
        self.may_have_been_sent
    }

    /// Says that the server cannot have received the request.
    #[must_use]
    pub fn before_sending(mut self) -> Self {
        self.may_have_been_sent = false;
        self
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The source is left out: other crates' errors print URLs and values.
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("may_have_been_sent", &self.may_have_been_sent)
            .finish_non_exhaustive()
    }
}

/// Two are equal if they say the same, whatever caused them.
impl PartialEq for TransportError {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.message, self.may_have_been_sent)
            == (other.kind, &other.message, other.may_have_been_sent)
    }
}

impl Eq for TransportError {}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}

#[cfg(all(test, any(feature = "aws-lc-rs", feature = "ring")))]
mod tests;
