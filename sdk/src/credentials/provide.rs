//! What a source of credentials is.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use super::Credentials;
use crate::call::cause::Source;

/// What a [`ProvideCredentials`] returns while it works.
pub type CredentialsFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

/// A source of credentials. Asked once for every attempt, so that rotated keys are noticed.
///
/// A source that has to work for its answer belongs into a
/// [`CachedCredentials`](super::CachedCredentials).
pub trait ProvideCredentials: Send + Sync + fmt::Debug {
    /// The credentials to sign the next request with.
    ///
    /// The future may be dropped at any time.
    fn provide(&self) -> CredentialsFuture<'_>;

    /// Takes note that the services' clocks are so many milliseconds ahead of this machine's, or
    /// behind it if the number is negative.
    ///
    /// A client says so when a service found the time of a request wrong, or the credentials
    /// expired. A source that looks at a clock, to tell whether credentials are still good or to
    /// sign a request of its own, corrects it by this; one that wraps another passes it on. Does
    /// nothing unless overridden.
    fn correct_clock(&self, milliseconds_ahead: i64) {
        let _ = milliseconds_ahead;
    }

    /// Takes note that a service refused these credentials as expired, and says whether
    /// [`provide`](Self::provide) may give others now: then the request is sent once more.
    ///
    /// A source that keeps credentials drops these; one that wraps another asks that one. It must
    /// not say `true` for the same credentials again and again. `false` unless overridden.
    fn reject(&self, credentials: &Credentials) -> bool {
        let _ = credentials;
        false
    }
}

/// Why there are no credentials. The message must not contain any.
#[derive(Clone)]
pub struct CredentialsError {
    message: String,
    source: Option<Source>,
}

impl CredentialsError {
    /// Says what is missing, and where to put it.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// Adds what caused it, which an [`Error`](crate::Error) tells as its own source. It must not hold
    /// credentials either.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: Some(Arc::from(source.into())), ..self }
    }

    /// What it was caused by.
    pub(crate) fn into_source(self) -> Option<Source> {
        self.source
    }
}

impl fmt::Debug for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CredentialsError").field(&self.message).finish()
    }
}

/// Two are equal if they say the same, whatever caused them.
impl PartialEq for CredentialsError {
    fn eq(&self, other: &Self) -> bool {
        self.message == other.message
    }
}

impl Eq for CredentialsError {}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for CredentialsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.source.as_ref()?)
    }
}

/// The same credentials for ever.
impl ProvideCredentials for Credentials {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(ready(Ok(self.clone())))
    }
}

/// One source shared by several clients.
impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Arc<P> {
    fn provide(&self) -> CredentialsFuture<'_> {
        (**self).provide()
    }

    fn correct_clock(&self, milliseconds_ahead: i64) {
        (**self).correct_clock(milliseconds_ahead);
    }

    fn reject(&self, credentials: &Credentials) -> bool {
        (**self).reject(credentials)
    }
}
