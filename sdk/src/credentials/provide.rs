//! What a source of credentials is.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use super::Credentials;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsError(String);

impl CredentialsError {
    /// Says what is missing, and where to put it.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CredentialsError {}

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
