//! A source of which nothing is kept, and the cache in front of it.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use super::{CachedCredentials, Credentials, ProvideCredentials, Providing, Surroundings};

/// Reads or asks anew each time.
pub(super) trait Fetch: fmt::Debug + Send + Sync {
    fn fetch<'a>(&'a self, around: &'a Surroundings) -> Providing<'a>;

    /// Passes the time on to a source that it asks in turn; see [`ProvideCredentials::correct_clock`].
    fn correct_clock(&self, milliseconds_ahead: i64) {
        let _ = milliseconds_ahead;
    }
}

/// A source that was read from a file.
pub(super) type Source = Box<dyn Fetch>;

impl Fetch for Source {
    fn fetch<'a>(&'a self, around: &'a Surroundings) -> Providing<'a> {
        (**self).fetch(around)
    }
}

impl Fetch for Credentials {
    fn fetch<'a>(&'a self, _: &'a Surroundings) -> Providing<'a> {
        Box::pin(ready(Ok(self.clone())))
    }
}

/// Keeps what a source gives.
pub(super) fn cached(source: impl Fetch + 'static, around: &Surroundings) -> CachedCredentials {
    CachedCredentials::reading_anew(bound(source, around), Arc::clone(around.clock()))
}

/// A source together with what it sees.
pub(super) fn bound<F: Fetch>(source: F, around: &Surroundings) -> impl ProvideCredentials + use<F> {
    Bound { source, around: around.clone() }
}

struct Bound<F> {
    source: F,
    around: Surroundings,
}

impl<F: Fetch> ProvideCredentials for Bound<F> {
    fn provide(&self) -> Providing<'_> {
        self.source.fetch(&self.around)
    }

    fn correct_clock(&self, milliseconds_ahead: i64) {
        self.around.clock().correct(milliseconds_ahead);
        self.source.correct_clock(milliseconds_ahead);
    }
}

impl<F: Fetch> fmt::Debug for Bound<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
