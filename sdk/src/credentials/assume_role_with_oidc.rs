//! A role that a token of an identity provider may assume.

use std::path::PathBuf;
use std::time::Duration;

use super::provider_config::unreadable;
use super::source::{self, LoadCredentials};
use super::sts::{Call, Session, session_setters};
use super::{CachedCredentials, Credentials, CredentialsError, CredentialsFuture, ProviderConfig};

const ROLE_ARN: &str = "ALIBABA_CLOUD_ROLE_ARN";
const PROVIDER_ARN: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";

/// A role of Alibaba Cloud, assumed through STS with a token of an OpenID Connect provider, as
/// pods of a cluster do. No access key is needed.
///
/// What is not set comes from `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`,
/// `ALIBABA_CLOUD_OIDC_TOKEN_FILE`, `ALIBABA_CLOUD_ROLE_SESSION_NAME`, `ALIBABA_CLOUD_STS_REGION`
/// and `ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED`. Another endpoint of STS is a setting of the machine:
/// [`ProviderConfig::with_sts_endpoint`].
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

    /// The credentials of the role, refreshed before they expire.
    #[must_use]
    pub fn build(self, config: &ProviderConfig) -> CachedCredentials {
        source::cached(self, config)
    }

    async fn assume(&self, config: &ProviderConfig) -> Result<Credentials, CredentialsError> {
        let variable = |name| config.variable(name);
        let role_arn = self.role_arn.clone().or_else(|| variable(ROLE_ARN));
        let provider_arn = self.provider_arn.clone().or_else(|| variable(PROVIDER_ARN));
        let token_file = self.token_file.clone().or_else(|| variable(TOKEN_FILE).map(PathBuf::from));
        let (Some(role_arn), Some(provider_arn), Some(token_file)) = (&role_arn, &provider_arn, &token_file)
        else {
            let present = [role_arn.is_some(), provider_arn.is_some(), token_file.is_some()];
            return Err(missing(present));
        };
        let token = config.read(token_file).map_err(|error| unreadable(token_file, &error))?;
        let mut parameters = self.session.parameters(config, role_arn)?;
        parameters.extend([("OIDCProviderArn", provider_arn.clone()), ("OIDCToken", token.clone())]);
        let call = Call {
            action: "AssumeRoleWithOIDC",
            session: &self.session,
            parameters: &parameters,
            secrets: &[&token, token.trim()],
            caller: None,
        };
        Ok(call.send(config).await?.with_provider_name("oidc_role_arn"))
    }
}

session_setters!(AssumeRoleWithOidc);

impl LoadCredentials for AssumeRoleWithOidc {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(self.assume(config))
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
