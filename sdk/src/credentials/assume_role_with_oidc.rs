//! A role that a token of an identity provider may assume.

use std::path::PathBuf;
use std::time::Duration;

use super::source::{self, Fetch};
use super::sts::{Call, Session};
use super::surroundings::unreadable;
use super::{CachedCredentials, Credentials, CredentialsError, Providing, Surroundings};

const ROLE_ARN: &str = "ALIBABA_CLOUD_ROLE_ARN";
const PROVIDER_ARN: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";

/// A role of Alibaba Cloud, assumed through STS with a token of an OpenID Connect provider, as
/// pods of a cluster do. No access key is needed.
///
/// What is not set comes from `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`,
/// `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, `ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALIBABA_CLOUD_STS_REGION`
/// and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`.
#[derive(Clone, Debug, Default)]
pub struct AssumeRoleWithOidc {
    role_arn: Option<String>,
    provider_arn: Option<String>,
    token_file: Option<PathBuf>,
    session: Session,
}

impl AssumeRoleWithOidc {
    /// All from the environment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the ARN of the role.
    #[must_use]
    pub fn role_arn(mut self, arn: impl Into<String>) -> Self {
        self.role_arn = Some(arn.into());
        self
    }

    /// Sets the ARN of the identity provider.
    #[must_use]
    pub fn provider_arn(mut self, arn: impl Into<String>) -> Self {
        self.provider_arn = Some(arn.into());
        self
    }

    /// Sets the file with the token. It is read anew for each refresh, and sent as it is.
    #[must_use]
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
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
        let variable = |name| around.variable(name);
        let role_arn = self.role_arn.clone().or_else(|| variable(ROLE_ARN));
        let provider_arn = self.provider_arn.clone().or_else(|| variable(PROVIDER_ARN));
        let token_file = self.token_file.clone().or_else(|| variable(TOKEN_FILE).map(PathBuf::from));
        let (Some(role_arn), Some(provider_arn), Some(token_file)) = (&role_arn, &provider_arn, &token_file)
        else {
            let present = [role_arn.is_some(), provider_arn.is_some(), token_file.is_some()];
            return Err(missing(present));
        };
        let token = around.read(token_file).map_err(|error| unreadable(token_file, &error))?;
        let mut parameters = self.session.parameters(around, role_arn)?;
        parameters.extend([("OIDCProviderArn", provider_arn.clone()), ("OIDCToken", token.clone())]);
        let call = Call {
            action: "AssumeRoleWithOIDC",
            session: &self.session,
            parameters: &parameters,
            secrets: &[&token, token.trim()],
            caller: None,
        };
        Ok(call.send(around).await?.with_provider_name("oidc_role_arn"))
    }
}

impl Fetch for AssumeRoleWithOidc {
    fn fetch<'a>(&'a self, around: &'a Surroundings) -> Providing<'a> {
        Box::pin(self.assume(around))
    }
}

fn missing(present: [bool; 3]) -> CredentialsError {
    let names = [ROLE_ARN, PROVIDER_ARN, TOKEN_FILE].into_iter().zip(present);
    let missing: Vec<_> = names.filter(|(_, is_present)| !is_present).map(|(name, _)| name).collect();
    CredentialsError::new(match missing.as_slice() {
        [name] => format!("the variable {name} is not set"),
        names => format!("the variables {} are not set", names.join(", ")),
    })
}
