//! What clients of several services and regions share.

use std::fmt;

use super::{ClientBuilder, ServiceClient};
use crate::client::builder::Settings;
use crate::error::Error;

/// What clients of several services and regions share: one pool of connections, one cache of
/// credentials for each vendor, and all other settings.
///
/// Cheap to clone, as the clients are that are made from it.
///
/// ```
/// use cloudnet::{Config, Credentials, Error, RetryPolicy, ga, vpc};
///
/// # fn connect() -> Result<(), Error> {
/// let config = Config::builder()
///     .region("cn-hangzhou")
///     .credentials(Credentials::new("access key ID", "access key secret"))
///     .retry(RetryPolicy::default().with_max_attempts(5))
///     .build()?;
///
/// let vpc = vpc::Client::from_config(&config)?;
/// let ga = ga::Client::from_config(&config)?;
/// let beijing = vpc.for_region("cn-beijing")?;
/// let patient = vpc.to_builder().idle_timeout(std::time::Duration::from_secs(60)).build()?;
/// # let _ = (ga, beijing, patient);
/// # Ok(())
/// # }
/// # assert!(connect().is_ok());
/// ```
#[derive(Clone)]
pub struct Config {
    pub(super) settings: Settings,
}

impl Config {
    /// Starts making a configuration. Nothing has to be set.
    #[must_use]
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::of_config(Settings::default())
    }

    /// A builder that begins with these settings, transport and source of credentials included.
    #[must_use]
    pub fn to_builder(&self) -> ClientBuilder<Self> {
        ClientBuilder::of_config(self.settings.clone())
    }

    /// The region, if one is set.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.settings.region()
    }

    /// Makes the client of a service in a region, where the service is chosen by its type:
    /// `config.client::<vpc::Client>("cn-beijing")`.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    pub fn client<C: ServiceClient>(&self, region: impl Into<String>) -> Result<C, Error> {
        Ok(C::of_client(self.settings.clone().for_region(region).client(C::SERVICE)?))
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.describe("Config", f)
    }
}
