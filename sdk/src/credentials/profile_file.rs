//! The profile file of Alibaba Cloud's clients.

use std::io;
use std::path::PathBuf;

use super::ini::{Ini, Section};
use super::key::OF_FILES;
use super::provider_config::unreadable;
use super::source::{self, LoadCredentials, Source};
use super::sts::Session;
use super::{
    AssumeRole, AssumeRoleWithOidc, CachedCredentials, Credentials, CredentialsError, CredentialsFuture,
    EcsRamRole, ProviderConfig,
};

/// The vendor's clients do not agree on the name.
const FILES: [&str; 2] = [".alibabacloud/credentials.ini", ".alibabacloud/credentials"];

/// A profile of `~/.alibabacloud/credentials.ini`, or of `~/.alibabacloud/credentials` if there is
/// no such file.
///
/// The profile is a section of one `type`: `access_key`, `ram_role_arn`, `ecs_ram_role` or
/// `oidc_role_arn`. A value ends at the first `#`. The file is read anew after 15 minutes. What is not set comes from
/// `ALIBABA_CLOUD_CREDENTIALS_FILE` and `ALIBABA_CLOUD_PROFILE`; the profile is `default` otherwise.
#[derive(Clone, Debug, Default)]
pub struct ProfileFile {
    path: Option<PathBuf>,
    profile: Option<String>,
}

impl ProfileFile {
    /// The profile of the environment.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the profile.
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the file.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The credentials of the profile, refreshed before they expire.
    #[must_use]
    pub fn build(self, config: &ProviderConfig) -> CachedCredentials {
        source::cached(self, config)
    }

    async fn credentials(&self, config: &ProviderConfig) -> Result<Credentials, CredentialsError> {
        let source = self.source(config)?;
        Ok(source.load(config).await?.passed_on_by("profile"))
    }

    fn source(&self, config: &ProviderConfig) -> Result<Source, CredentialsError> {
        let (path, text) = self.read(config)?;
        let name = self.profile.clone().or_else(|| config.variable("ALIBABA_CLOUD_PROFILE"));
        let name = name.unwrap_or_else(|| "default".to_owned());
        let describe = |problem: &dyn std::fmt::Display| {
            CredentialsError::new(format!("{}: profile `{name}`: {problem}", path.display()))
        };
        let file = Ini::parse(&text, before_hash).map_err(|error| describe(&error))?;
        let section = file.section(&name).ok_or_else(|| describe(&"it is not there"))?;
        source_of(section, config).map_err(|error| describe(&error))
    }

    fn read(&self, config: &ProviderConfig) -> Result<(PathBuf, String), CredentialsError> {
        let named = || config.variable("ALIBABA_CLOUD_CREDENTIALS_FILE").map(PathBuf::from);
        if let Some(path) = self.path.clone().or_else(named) {
            let text = config.read(&path).map_err(|error| unreadable(&path, &error))?;
            return Ok((path, text));
        }
        for file in FILES {
            let path = config.in_home(file)?;
            match config.read(&path) {
                Ok(text) => return Ok((path, text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(&path, &error)),
            }
        }
        let [one, other] = FILES;
        Err(CredentialsError::new(format!("there is neither ~/{one} nor ~/{other}")))
    }
}

impl LoadCredentials for ProfileFile {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(self.credentials(config))
    }
}

fn before_hash(value: &str) -> &str {
    value.split('#').next().unwrap_or_default()
}

fn source_of(section: &Section, config: &ProviderConfig) -> Result<Source, CredentialsError> {
    let required =
        |key: &str| section.get(key).ok_or_else(|| CredentialsError::new(format!("it has no `{key}`")));
    let access_key = || -> Result<Credentials, CredentialsError> {
        let lacks = |name| CredentialsError::new(format!("it has no `{name}`"));
        OF_FILES.read_without_token(|name| section.get(name), lacks)
    };
    let owned = |key: &str| section.get(key).map(str::to_owned);
    let session =
        || Session { name: owned("role_session_name"), policy: owned("policy"), ..Session::default() };
    Ok(match required("type")? {
        "access_key" => Box::new(access_key()?),
        "ram_role_arn" => {
            let caller = source::bound(access_key()?, config);
            Box::new(AssumeRole::new(required("role_arn")?, caller).with_session(session()))
        }
        "ecs_ram_role" => match section.get("role_name") {
            Some(name) => Box::new(EcsRamRole::new().role_name(name)),
            None => Box::new(EcsRamRole::new()),
        },
        "oidc_role_arn" => Box::new(
            AssumeRoleWithOidc::new()
                .role_arn(required("role_arn")?)
                .provider_arn(required("oidc_provider_arn")?)
                .token_file(required("oidc_token_file_path")?)
                .with_session(session()),
        ),
        other => {
            return Err(CredentialsError::new(format!(
                "`type = {other}` is not supported; access_key, ram_role_arn, ecs_ram_role and oidc_role_arn are"
            )));
        }
    })
}
