//! What all calls of a client share, and what one call does differently.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use http::HeaderValue;

use super::extra::Extra;
use super::queue::Queues;
use super::report::Hooks;
use super::retry::{RetryPolicy, TokenBucket};
use crate::client::Settings;
use crate::clock::{Clock, Entropy};
use crate::credentials::ProvideCredentials;
use crate::endpoint::Endpoint;
use crate::schema::Service;
use crate::sign::Signature;
use crate::transport::{Limits, Transport};

/// What happens to parameters that break the limits of the action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValidationPolicy {
    /// The call fails, with every violation at once, and nothing is sent.
    #[default]
    Deny,
    /// Violations are logged as `tracing` warnings, and the request is sent.
    Warn,
    /// Nothing is checked.
    Off,
}

/// What all clones of a client share.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) service: &'static Service,
    pub(crate) region: Arc<str>,
    pub(crate) endpoint: Endpoint,
    pub(crate) credentials: Arc<dyn ProvideCredentials>,
    pub(crate) signature: Signature,
    pub(crate) validation: ValidationPolicy,
    pub(crate) retry: RetryPolicy,
    pub(crate) bucket: TokenBucket,
    pub(crate) limits: Limits,
    pub(crate) deadline: Duration,
    pub(crate) wait: WaitOptions,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) user_agent: HeaderValue,
    /// How far the service's clock is ahead of ours, in milliseconds.
    pub(crate) clock_offset: AtomicI64,
    /// Told of each call, attempt and wait.
    pub(crate) hooks: Hooks,
    /// What all of this was made by.
    pub(crate) settings: Settings,
    /// Where calls that conflict wait for each other, if they do.
    pub(crate) queues: Option<Queues>,
}

/// What one call does differently from its client.
///
/// No `Debug`: extra parameters can be secrets.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) extra: Vec<Extra>,
    pub(crate) validation: Option<ValidationPolicy>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) wait: WaitOptions,
    pub(crate) token: Option<String>,
    pub(crate) is_dry_run: bool,
}

/// How waits go, where that was set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WaitOptions {
    pub(crate) deadline: Option<Duration>,
    pub(crate) interval: Option<Duration>,
}
