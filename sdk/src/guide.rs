//! How things are done: a page each, with examples that are compiled and run.

/// Clients of services and regions, where their keys come from, and what they share.
///
#[doc = include_str!("../docs/clients.md")]
pub mod clients {}

/// What failed, what that means, and what may have been done all the same.
///
#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

/// What is sent again, for how long, and how to say otherwise.
///
#[doc = include_str!("../docs/retries.md")]
pub mod retries {}

/// Until a call has taken effect, or a resource is there or gone.
///
#[doc = include_str!("../docs/waits.md")]
pub mod waits {}

/// Tests without an account and without waiting.
///
#[doc = include_str!("../docs/tests.md")]
pub mod tests {}

/// Hooks for metrics, spans, and the names of both.
///
#[doc = include_str!("../docs/observability.md")]
pub mod observability {}

/// Proxies, certificates and pools, or a transport of your own.
///
#[doc = include_str!("../docs/transports.md")]
pub mod transports {}

/// What is documented, published, observed or advised, and what becomes of it.
///
#[doc = include_str!("../docs/sources.md")]
pub mod sources {}

/// Which features a program needs, and which TLS.
///
#[doc = include_str!("../docs/builds.md")]
pub mod builds {}
