//! A role that other credentials may assume.

use std::sync::Arc;
use std::time::Duration;

use super::source::{self, LoadCredentials};
use super::sts::{Call, Failure, Session, session_setters};
use super::{
    CachedCredentials, Credentials, CredentialsError, CredentialsFuture, ProvideCredentials, ProviderConfig,
};
use crate::secret::Secret;

/// A role of Alibaba Cloud, assumed through STS with other credentials.
///
/// The other credentials may be those of a role too. What is not set comes from
/// `ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALIBABA_CLOUD_STS_REGION` and
/// `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`. Another endpoint of STS is a setting of the machine:
/// [`ProviderConfig::with_sts_endpoint`].
#[derive(Clone, Debug)]
pub struct AssumeRole {
    role_arn: String,
    source: Arc<dyn ProvideCredentials>,
    external_id: Option<Secret>,
    session: Session,
}

impl AssumeRole {
    /// Assumes the role of this ARN with credentials from this source.
    pub fn new(role_arn: impl Into<String>, source: impl ProvideCredentials + 'static) -> Self {
        let role_arn = role_arn.into();
        Self { role_arn, source: Arc::new(source), external_id: None, session: Session::default() }
    }

    /// Sets the external ID that the role asks for. It is not printed.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<Secret>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// The credentials of the role, refreshed before they expire.
    #[must_use]
    pub fn build(self, config: &ProviderConfig) -> CachedCredentials {
        source::cached(self, config)
    }

    async fn assume(&self, config: &ProviderConfig) -> Result<Credentials, CredentialsError> {
        let mut parameters = self.session.parameters(config, &self.role_arn)?;
        parameters.extend(self.external_id.iter().map(|id| ("ExternalId", id.expose().to_owned())));
        let caller = self.source.provide().await?;
        match self.assume_as(&caller, &parameters, config).await {
            Err(failure) if failure.has_expired && self.source.reject(&caller) => {
                let caller = self.source.provide().await?;
                Ok(self.assume_as(&caller, &parameters, config).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    async fn assume_as(
        &self,
        caller: &Credentials,
        parameters: &[(&'static str, String)],
        config: &ProviderConfig,
    ) -> Result<Credentials, Failure> {
        let secrets: Vec<_> = self.external_id.iter().map(Secret::expose).collect();
        let call = Call {
            action: "AssumeRole",
            session: &self.session,
            parameters,
            secrets: &secrets,
            caller: Some(caller),
        };
        let name = format!("ram_role_arn/{}", caller.provider_name());
        Ok(call.send(config).await?.with_provider_name(name))
    }
}

session_setters!(AssumeRole);

impl LoadCredentials for AssumeRole {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(self.assume(config))
    }

    fn correct_clock(&self, milliseconds_ahead: i64) {
        self.source.correct_clock(milliseconds_ahead);
    }
}
