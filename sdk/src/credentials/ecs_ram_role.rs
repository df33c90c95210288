//! The role of the ECS instance that the program runs on.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};

use super::source::{self, LoadCredentials};
use super::{CachedCredentials, Credentials, CredentialsError, CredentialsFuture, ProviderConfig, answer};
use crate::wire;

const ORIGIN: &str = "http://100.100.100.200";
const TOKEN_PATH: &str = "/latest/api/token";
const ROLES_PATH: &str = "/latest/meta-data/ram/security-credentials/";

/// As errors call it.
const GIVER: &str = "the metadata service";

/// Longest exchange. The service is next door, or not there at all.
const LIMIT: Duration = Duration::from_secs(1);

/// How long a token of the metadata service lasts, in seconds.
const TOKEN_LIFETIME: &str = "21600";

const SWITCH_OFF: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const SWITCH_OFF_V1: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";

/// The RAM role of the ECS instance, from the metadata service at 100.100.100.200.
///
/// The service is never asked through a proxy. It first gives a token, with which it is then
/// asked; if it gives none, it is asked without. What is not set comes from
/// `ALIBABA_CLOUD_ECS_METADATA`, the name of the role, and `ALIBABA_CLOUD_IMDSV1_DISABLED`.
/// `ALIBABA_CLOUD_ECS_METADATA_DISABLED=true` switches this source off.
#[derive(Clone, Debug, Default)]
pub struct EcsRamRole {
    role_name: Option<String>,
    requires_token: Option<bool>,
}

impl EcsRamRole {
    /// The role that the instance has.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the role, which saves asking for it.
    #[must_use]
    pub fn role_name(mut self, name: impl Into<String>) -> Self {
        self.role_name = Some(name.into());
        self
    }

    /// Sets whether to fail rather than to ask without a token.
    #[must_use]
    pub fn require_token(mut self, is_required: bool) -> Self {
        self.requires_token = Some(is_required);
        self
    }

    /// The credentials of the role, refreshed before they expire.
    #[must_use]
    pub fn build(self, config: &ProviderConfig) -> CachedCredentials {
        source::cached(self, config)
    }

    async fn credentials(&self, config: &ProviderConfig) -> Result<Credentials, CredentialsError> {
        if config.is_switched_on(SWITCH_OFF) {
            return Err(CredentialsError::new(format!("switched off by {SWITCH_OFF}")));
        }
        let token = self.token(config).await?;
        let given = self.role_name.clone().or_else(|| config.variable("ALIBABA_CLOUD_ECS_METADATA"));
        let role = match given {
            Some(role) => role,
            None => discover(config, token.as_ref()).await?,
        };
        let path = format!("{ROLES_PATH}{}", wire::percent_encode(&role));
        let found = get(config, &path, token.as_ref()).await?;
        let found = answer::json(&found, GIVER)?;
        match answer::text(&found, "Code") {
            Some("Success") => {}
            _ => return Err(CredentialsError::new("the metadata service reports no success")),
        }
        Ok(answer::temporary(&found, GIVER)?.with_provider_name("ecs_ram_role"))
    }

    /// The token to ask with; `None` if the service has none and may be asked without.
    async fn token(&self, config: &ProviderConfig) -> Result<Option<HeaderValue>, CredentialsError> {
        let header = ("X-aliyun-ecs-metadata-token-ttl-seconds", HeaderValue::from_static(TOKEN_LIFETIME));
        let token = ask(config, Method::PUT, TOKEN_PATH, Some(header)).await.and_then(|body| {
            let not_one = || CredentialsError::new("the metadata service gave no token");
            let body = body.trim_ascii();
            let token = (!body.is_empty()).then(|| HeaderValue::from_bytes(body).ok()).flatten();
            token.ok_or_else(not_one)
        });
        let is_required = self.requires_token.unwrap_or_else(|| config.is_switched_on(SWITCH_OFF_V1));
        match token {
            Ok(mut token) => {
                token.set_sensitive(true);
                Ok(Some(token))
            }
            Err(error) if is_required => Err(CredentialsError::new(format!("no metadata token: {error}"))),
            Err(_) => Ok(None),
        }
    }
}

impl LoadCredentials for EcsRamRole {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(self.credentials(config))
    }
}

async fn discover(config: &ProviderConfig, token: Option<&HeaderValue>) -> Result<String, CredentialsError> {
    let body = get(config, ROLES_PATH, token).await?;
    let name = String::from_utf8_lossy(&body).trim().to_owned();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || !name.chars().all(is_name) {
        return Err(CredentialsError::new("the metadata service names no RAM role"));
    }
    Ok(name)
}

async fn get(
    config: &ProviderConfig,
    path: &str,
    token: Option<&HeaderValue>,
) -> Result<Bytes, CredentialsError> {
    let header = token.map(|token| ("X-aliyun-ecs-metadata-token", token.clone()));
    ask(config, Method::GET, path, header).await
}

async fn ask(
    config: &ProviderConfig,
    method: Method,
    path: &str,
    header: Option<(&'static str, HeaderValue)>,
) -> Result<Bytes, CredentialsError> {
    let mut request = Request::builder().method(method).uri(format!("{ORIGIN}{path}"));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let request = request
        .body(Bytes::new())
        .map_err(|_| CredentialsError::new("the name of the role cannot be expressed in HTTP"))?;
    let response = answer::ask(config, config.direct_transport(), request, LIMIT).await?;
    match response.status() {
        StatusCode::OK => Ok(response.into_body()),
        StatusCode::NOT_FOUND => {
            Err(CredentialsError::new("the metadata service has no such thing: has the instance a RAM role?"))
        }
        status => Err(CredentialsError::new(format!(
            "the metadata service answers with status {}",
            status.as_u16()
        ))),
    }
}
