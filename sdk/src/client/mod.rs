//! The typed shell around the untyped call: the only generic code of the runtime.

mod builder;
mod request;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::call::runtime::{Options, Runtime};
use crate::schema::Wait;
use crate::table::operation::{Operation, ServiceMarker};
use crate::waiter::Waiter;

pub use builder::ClientBuilder;
pub use request::Request;

/// A client of one service.
///
/// Cheap to clone. Clones share connections, the corrected clock and the brake on retries.
pub struct Client<S> {
    pub(crate) runtime: Arc<Runtime>,
    service: PhantomData<fn() -> S>,
}

impl<S: ServiceMarker> Client<S> {
    /// Starts a request with these parameters.
    pub fn request<O: Operation>(&self, input: O) -> Request<O> {
        Request { runtime: Arc::clone(&self.runtime), input, options: Options::default() }
    }
}

impl<S> Client<S> {
    /// Starts a wait for a resource that is named by parameters of the poll.
    pub(crate) fn waiter<P: Operation>(
        &self,
        wait: &'static Wait,
        arguments: &[(&'static str, String)],
    ) -> Waiter {
        Waiter::of_resource::<P>(Arc::clone(&self.runtime), wait, arguments)
    }

    pub(crate) fn new(runtime: Runtime) -> Self {
        Self { runtime: Arc::new(runtime), service: PhantomData }
    }

    /// The region that requests are for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.runtime.region
    }

    /// Where requests go: `https://host[:port]`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.runtime.endpoint.origin
    }
}

impl<S> Clone for Client<S> {
    fn clone(&self) -> Self {
        Self { runtime: Arc::clone(&self.runtime), service: PhantomData }
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.runtime.service.name)
            .field("region", &self.runtime.region)
            .field("endpoint", &self.runtime.endpoint.origin)
            .finish_non_exhaustive()
    }
}
