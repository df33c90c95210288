//! Credentials that a URL gives.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};

use super::source::{self, LoadCredentials};
use super::{CachedCredentials, Credentials, CredentialsError, CredentialsFuture, ProviderConfig, answer};
use crate::secret::Secret;

const VARIABLE: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";

/// As errors call it.
const GIVER: &str = "the credentials URI";

/// Longest exchange.
const LIMIT: Duration = Duration::from_secs(10);

/// Temporary credentials of Alibaba Cloud from a URL that answers
/// `{"Code":"Success","AccessKeyId":…,"AccessKeySecret":…,"SecurityToken":…,"Expiration":…}`.
///
/// What is not set comes from `ALIBABA_CLOUD_CREDENTIALS_URI`. A URL that is `http` is never asked
/// through a proxy. URLs are not printed, since they may be secret.
#[derive(Clone, Default)]
pub struct CredentialsUri {
    uri: Option<Secret>,
}

impl CredentialsUri {
    /// The URL of the environment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the URL: `http` or `https`.
    #[must_use]
    pub fn uri(mut self, uri: impl Into<Secret>) -> Self {
        self.uri = Some(uri.into());
        self
    }

    /// The credentials, refreshed before they expire.
    #[must_use]
    pub fn build(self, config: &ProviderConfig) -> CachedCredentials {
        source::cached(self, config)
    }

    async fn credentials(&self, config: &ProviderConfig) -> Result<Credentials, CredentialsError> {
        let missing = || CredentialsError::new(format!("the variable {VARIABLE} is not set"));
        let given = self.uri.clone().or_else(|| config.variable(VARIABLE).map(Secret::from));
        let given = given.ok_or_else(missing)?;
        let refused = || CredentialsError::new("the credentials URI is neither an http nor an https URL");
        let uri: Uri = given.expose().parse().map_err(|_| refused())?;
        let transport = match uri.scheme_str() {
            Some("http") => config.direct_transport(),
            Some("https") => config.transport(),
            _ => return Err(refused()),
        };
        let request = Request::get(uri).body(Bytes::new()).map_err(|_| refused())?;
        let response = answer::ask(config, transport, request, LIMIT).await?;
        if response.status() != http::StatusCode::OK {
            let status = response.status().as_u16();
            return Err(CredentialsError::new(format!("the credentials URI answers with status {status}")));
        }
        let found = answer::json(response.body(), GIVER)?;
        if answer::text(&found, "Code").is_some_and(|code| code != "Success") {
            return Err(CredentialsError::new("the credentials URI reports no success"));
        }
        Ok(answer::temporary(&found, GIVER)?.with_provider_name("credential_uri"))
    }
}

impl LoadCredentials for CredentialsUri {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(self.credentials(config))
    }
}

impl fmt::Debug for CredentialsUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsUri").finish_non_exhaustive()
    }
}
