//! The typed shell around the untyped call: the only generic code of the runtime.

mod builder;
mod config;
mod raw;
mod request;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::call::runtime::{Options, Runtime};
use crate::error::Error;
use crate::schema::{Service, Wait};
use crate::table::operation::Operation;
use crate::waiter::Waiter;

pub(crate) use builder::Settings;
pub use builder::{Built, ClientBuilder};
pub use config::Config;
pub use raw::{RawListing, RawRequest};
pub use request::Request;

/// What the clients of all services have in common, and each of them is a reference to: see
/// [`ServiceClient`].
///
/// Cheap to clone. Clones share connections, the corrected clock and the brake on retries.
#[derive(Clone)]
pub struct Client {
    pub(crate) runtime: Arc<Runtime>,
}

impl Client {
    /// Starts a request with these parameters.
    pub fn request<O: Operation>(&self, input: O) -> Request<O> {
        Request { runtime: Arc::clone(&self.runtime), input, options: Options::default() }
    }

    /// Starts a call of any action of the service by its wire name, such as one that this crate does not know
    /// yet. See [`RawRequest`]. An action that it does know is called so as well, and then as unchecked as any
    /// other: its own method checks, knows its token and its error codes, and is the better way.
    pub fn raw(&self, action: impl Into<String>) -> RawRequest {
        RawRequest::new(Arc::clone(&self.runtime), action.into())
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

    /// What the client was made by, with what it shares.
    pub(crate) fn settings(&self) -> Settings {
        self.runtime.settings.clone()
    }

    /// Starts a wait for a resource that is named by parameters of the poll.
    pub(crate) fn waiter<P: Operation>(
        &self,
        wait: &'static Wait,
        arguments: &[(&'static str, String)],
    ) -> Waiter {
        Waiter::of_resource::<P>(Arc::clone(&self.runtime), wait, arguments)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.runtime.service.name)
            .field("region", &self.runtime.region)
            .field("endpoint", &self.runtime.endpoint.origin)
            .finish_non_exhaustive()
    }
}

/// The client of one service, such as [`vpc::Client`](crate::vpc::Client): it has a method for each
/// action and each wait, and what the clients of all services have.
pub trait ServiceClient:
    OfClient + Deref<Target = Client> + Clone + fmt::Debug + Send + Sync + 'static
{
    /// The table of the service.
    const SERVICE: &'static Service;

    /// Starts making a client, where the service is not known before.
    ///
    /// ```
    /// use cloudnet::{Credentials, Error, ServiceClient};
    ///
    /// fn connect<C: ServiceClient>() -> Result<C, Error> {
    ///     C::builder()
    ///         .region("cn-hangzhou")
    ///         .credentials(Credentials::new("access key ID", "access key secret"))
    ///         .build()
    /// }
    /// ```
    #[must_use]
    fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new(Self::SERVICE)
    }

    /// Makes a client by what several share, in the region of the configuration.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    fn from_config(config: &Config) -> Result<Self, Error> {
        Ok(Self::of_client(config.settings.clone().client(Self::SERVICE)?))
    }

    /// A builder that begins with the settings of this client. What is not set anew is shared: the pool
    /// of connections and the source of credentials, whatever is set about how to make them.
    #[must_use]
    fn to_builder(&self) -> ClientBuilder<Self> {
        ClientBuilder::of(self.settings(), Self::SERVICE)
    }

    /// A client for another region, which shares the pool of connections and the source of credentials.
    /// An [endpoint](ClientBuilder::endpoint) that was set stays. Nothing is sent, and it costs next to
    /// nothing.
    ///
    /// ```no_run
    /// # async fn run(vpc: cloudnet::vpc::Client) -> Result<(), cloudnet::Error> {
    /// for region in ["cn-hangzhou", "cn-beijing"] {
    ///     let found = vpc.for_region(region)?.describe_vpcs().send().await?;
    ///     println!("{region}: {:?} VPCs", found.total_count);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    fn for_region(&self, region: impl Into<String>) -> Result<Self, Error> {
        Ok(Self::of_client(self.settings().for_region(region).client(Self::SERVICE)?))
    }
}

/// What a builder makes.
pub trait OfClient: Sized {
    #[doc(hidden)]
    fn of_client(client: Client) -> Self;
}
