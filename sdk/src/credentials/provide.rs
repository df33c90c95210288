//! What a source of credentials is.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use super::Credentials;

/// What a [`ProvideCredentials`] returns while it works.
pub type Providing<'a> = Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

/// A source of credentials. Asked once for every attempt, so that rotated keys are noticed.
///
/// A source that has to work for its answer belongs into a
/// [`CachedCredentials`](super::CachedCredentials).
pub trait ProvideCredentials: Send + Sync + fmt::Debug {
    /// The credentials to sign the next request with.
    ///
    /// The future may be dropped at any time.
    fn provide(&self) -> Providing<'_>;
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
    fn provide(&self) -> Providing<'_> {
        Box::pin(ready(Ok(self.clone())))
    }
}

/// One source shared by several clients.
impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Arc<P> {
    fn provide(&self) -> Providing<'_> {
        (**self).provide()
    }
}
