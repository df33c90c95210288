//! A source of which nothing is kept, and the cache in front of it.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use super::{CachedCredentials, Credentials, CredentialsFuture, ProvideCredentials, ProviderConfig};

/// Reads or asks anew each time.
pub(super) trait LoadCredentials: fmt::Debug + Send + Sync {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a>;

    /// Passes the time on to a source that it asks in turn; see [`ProvideCredentials::correct_clock`].
    fn correct_clock(&self, milliseconds_ahead: i64) {
        let _ = milliseconds_ahead;
    }
}

/// A source that was read from a file.
pub(super) type Source = Box<dyn LoadCredentials>;

impl LoadCredentials for Source {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        (**self).load(config)
    }
}

impl LoadCredentials for Credentials {
    fn load<'a>(&'a self, _: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(ready(Ok(self.clone())))
    }
}

/// Keeps what a source gives.
pub(super) fn cached(source: impl LoadCredentials + 'static, config: &ProviderConfig) -> CachedCredentials {
    CachedCredentials::reading_anew(bound(source, config), Arc::clone(config.clock()))
}

/// A source together with what it sees.
pub(super) fn bound<F: LoadCredentials>(
    source: F,
    config: &ProviderConfig,
) -> impl ProvideCredentials + use<F> {
    Bound { source, config: config.clone() }
}

struct Bound<F> {
    source: F,
    config: ProviderConfig,
}

impl<F: LoadCredentials> ProvideCredentials for Bound<F> {
    fn provide(&self) -> CredentialsFuture<'_> {
        self.source.load(&self.config)
    }

    fn correct_clock(&self, milliseconds_ahead: i64) {
        self.config.clock().correct(milliseconds_ahead);
        self.source.correct_clock(milliseconds_ahead);
    }
}

impl<F: LoadCredentials> fmt::Debug for Bound<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
