//! A role that other credentials may assume.

use std::sync::Arc;
use std::time::Duration;

use super::source::{self, Fetch};
use super::sts::{Call, Session};
use super::{CachedCredentials, Credentials, CredentialsError, ProvideCredentials, Providing, Surroundings};
use crate::secret::Secret;

/// A role of Alibaba Cloud, assumed through STS with other credentials.
///
/// The other credentials may be those of a role too. What is not set comes from
/// `ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALIBABA_CLOUD_STS_REGION` and
/// `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`.
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

    /// Sets the name under which the session shows in audit logs: 2 to 64 characters of letters,
    /// digits and `.@-_`. `cloudnet-` and the time in seconds since 1970 unless set.
    #[must_use]
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session.name = Some(name.into());
        self
    }

    /// Sets how long the credentials last: 900 s at least, and no longer than the role allows.
    /// 3600 s unless set.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.session.duration = Some(duration);
        self
    }

    /// Sets a policy, as JSON, that narrows what the role may do.
    #[must_use]
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.session.policy = Some(policy.into());
        self
    }

    /// Sets the external ID that the role asks for. It is not printed.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<Secret>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets the region whose STS is called; the central one unless set.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.session.region = Some(region.into());
        self
    }

    /// Sets whether STS is called inside a VPC, which takes a region.
    #[must_use]
    pub fn inside_vpc(mut self, is_inside: bool) -> Self {
        self.session.is_inside_vpc = Some(is_inside);
        self
    }

    /// The credentials of the role, refreshed before they expire.
    #[must_use]
    pub fn build(self, around: &Surroundings) -> CachedCredentials {
        source::cached(self, around)
    }

    /// As read from a file.
    pub(super) fn with_session(mut self, session: Session) -> Self {
        self.session = session;
        self
    }

    async fn assume(&self, around: &Surroundings) -> Result<Credentials, CredentialsError> {
        let mut parameters = self.session.parameters(around, &self.role_arn)?;
        parameters.extend(self.external_id.iter().map(|id| ("ExternalId", id.expose().to_owned())));
        let caller = self.source.provide().await?;
        let secrets: Vec<_> = self.external_id.iter().map(Secret::expose).collect();
        let call = Call {
            action: "AssumeRole",
            session: &self.session,
            parameters: &parameters,
            secrets: &secrets,
            caller: Some(&caller),
        };
        let name = format!("ram_role_arn/{}", caller.provider_name());
        Ok(call.send(around).await?.with_provider_name(name))
    }
}

impl Fetch for AssumeRole {
    fn fetch<'a>(&'a self, around: &'a Surroundings) -> Providing<'a> {
        Box::pin(self.assume(around))
    }
}
