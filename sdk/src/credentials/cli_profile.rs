//! The configuration of Alibaba Cloud's command line.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;

use super::cache;
use super::key::OF_FILES;
use super::provider_config::unreadable;
use super::source::{self, LoadCredentials, Source};
use super::sts::Session;
use super::{
    AssumeRole, AssumeRoleWithOidc, CachedCredentials, Credentials, CredentialsError, CredentialsFuture,
    CredentialsUri, EcsRamRole, ExternalCommand, ProviderConfig, answer,
};
use crate::clock::Clock;

const SWITCH_OFF: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";

/// Longest chain of profiles that name each other as their source.
const MAX_CHAIN: usize = 16;

/// A profile of `~/.aliyun/config.json`, as the command line `aliyun` writes it.
///
/// The modes `AK`, `StsToken`, `RamRoleArn`, `ChainableRamRoleArn`, `EcsRamRole`,
/// `RamRoleArnWithRoleName`, `OIDC`, `CredentialsURI` and `External` are supported. Of `CloudSSO` and
/// `OAuth`, which need a browser, the temporary key serves that the command line got at its last
/// login, until it expires; then the error says how to log in. Other modes are not supported. The
/// file is read anew when a key is about to expire, or after 15 minutes. What is not set comes from `ALIBABA_CLOUD_CONFIG_FILE` and
/// `ALIBABA_CLOUD_PROFILE`; the profile is the file's `current` one otherwise.
/// `ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true` switches this source off.
#[derive(Clone, Debug, Default)]
pub struct CliProfile {
    path: Option<PathBuf>,
    profile: Option<String>,
}

impl CliProfile {
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
        Ok(source.load(config).await?.passed_on_by("cli_profile"))
    }

    fn source(&self, config: &ProviderConfig) -> Result<Source, CredentialsError> {
        if config.is_switched_on(SWITCH_OFF) {
            return Err(CredentialsError::new(format!("switched off by {SWITCH_OFF}")));
        }
        let named = || config.variable("ALIBABA_CLOUD_CONFIG_FILE").map(PathBuf::from);
        let path = match self.path.clone().or_else(named) {
            Some(path) => path,
            None => config.in_home(".aliyun/config.json")?,
        };
        let text = config.read(&path).map_err(|error| unreadable(&path, &error))?;
        let in_file = |problem| CredentialsError::new(format!("{}: {problem}", path.display()));
        // What serde_json says about a text may quote it.
        let file: Value =
            serde_json::from_slice(text.as_bytes()).map_err(|_| in_file("it is not JSON".to_owned()))?;
        let name = self.profile.clone().or_else(|| config.variable("ALIBABA_CLOUD_PROFILE"));
        let name = name.as_deref().or_else(|| answer::text(&file, "current"));
        let name = name.ok_or_else(|| in_file("it has no current profile".to_owned()))?;
        source_of(&file, name, config, MAX_CHAIN).map_err(|error| in_file(error.to_string()))
    }
}

impl LoadCredentials for CliProfile {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(self.credentials(config))
    }
}

/// `depth` is how many more profiles may follow.
fn source_of(
    file: &Value,
    name: &str,
    config: &ProviderConfig,
    depth: usize,
) -> Result<Source, CredentialsError> {
    let profiles = file.get("profiles").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let found = profiles.iter().find(|profile| answer::text(profile, "name") == Some(name));
    let members = found.ok_or_else(|| CredentialsError::new(format!("there is no profile `{name}`")))?;
    let profile = Profile { name, members };
    Ok(match profile.required("mode")? {
        "AK" => Box::new(profile.key_without_token()?),
        "StsToken" => Box::new(profile.temporary_key()?),
        "CloudSSO" => Box::new(profile.key_of_login(config, "CloudSSO")?.with_provider_name("cloud_sso")),
        "OAuth" => Box::new(profile.key_of_login(config, "OAuth")?.with_provider_name("oauth")),
        "RamRoleArn" => profile.role_for(profile.key()?, config)?,
        "ChainableRamRoleArn" => {
            let endless = || profile.problem("the chain of its source profiles does not end");
            let depth = depth.checked_sub(1).ok_or_else(endless)?;
            let source = source_of(file, profile.required("source_profile")?, config, depth)?;
            profile.role_for(source, config)?
        }
        "RamRoleArnWithRoleName" => profile.role_for(profile.instance_role(), config)?,
        "EcsRamRole" => Box::new(profile.instance_role()),
        "OIDC" => Box::new(profile.oidc()?),
        "CredentialsURI" => Box::new(CredentialsUri::new().uri(profile.required("credentials_uri")?)),
        "External" => Box::new(ExternalCommand::new(profile.required("process_command")?)),
        other => return Err(profile.problem(&format!("its mode `{other}` is not supported"))),
    })
}

fn lacks(member: &str) -> CredentialsError {
    CredentialsError::new(format!("it has no `{member}`"))
}

struct Profile<'a> {
    name: &'a str,
    members: &'a Value,
}

impl Profile<'_> {
    fn text(&self, member: &str) -> Option<&str> {
        answer::text(self.members, member)
    }

    fn required(&self, member: &str) -> Result<&str, CredentialsError> {
        self.text(member).ok_or_else(|| self.problem(&lacks(member).to_string()))
    }

    fn problem(&self, problem: &str) -> CredentialsError {
        CredentialsError::new(format!("profile `{}`: {problem}", self.name))
    }

    fn key(&self) -> Result<Credentials, CredentialsError> {
        let key = OF_FILES.read(|name| self.text(name), lacks);
        key.map_err(|error| self.problem(&error.to_string()))
    }

    fn key_without_token(&self) -> Result<Credentials, CredentialsError> {
        let key = OF_FILES.read_without_token(|name| self.text(name), lacks);
        key.map_err(|error| self.problem(&error.to_string()))
    }

    fn temporary_key(&self) -> Result<Credentials, CredentialsError> {
        let key = self.key()?;
        self.required(OF_FILES.security_token)?;
        Ok(key)
    }

    /// The key that the command line keeps from its last login.
    fn key_of_login(&self, config: &ProviderConfig, mode: &str) -> Result<Credentials, CredentialsError> {
        let login = |problem: &str| {
            let command = format!("aliyun configure --mode {mode} --profile {}", self.name);
            self.problem(&format!("{problem}; log in with `{command}`"))
        };
        let seconds = self.members.get("sts_expiration").and_then(Value::as_u64).unwrap_or_default();
        let ends_at = UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
        let ends_at = ends_at.ok_or_else(|| self.problem("its `sts_expiration` is no time"))?;
        if ["access_key_id", "access_key_secret", "sts_token"].iter().any(|name| self.text(name).is_none()) {
            return Err(login("it has no temporary key"));
        }
        // A correction of the clock may be out of date.
        let nows = [config.clock().now(), config.clock().uncorrected()];
        if !nows.into_iter().any(|now| cache::is_usable_until(ends_at, now)) {
            return Err(login("its temporary key expired"));
        }
        Ok(self.key()?.with_expiry(ends_at))
    }

    fn instance_role(&self) -> EcsRamRole {
        match self.text("ram_role_name") {
            Some(name) => EcsRamRole::new().role_name(name),
            None => EcsRamRole::new(),
        }
    }

    fn oidc(&self) -> Result<AssumeRoleWithOidc, CredentialsError> {
        Ok(AssumeRoleWithOidc::new()
            .role_arn(self.required("ram_role_arn")?)
            .provider_arn(self.required("oidc_provider_arn")?)
            .token_file(self.required("oidc_token_file")?)
            .with_session(self.session()))
    }

    fn role_for(
        &self,
        caller: impl LoadCredentials + 'static,
        config: &ProviderConfig,
    ) -> Result<Source, CredentialsError> {
        let role = AssumeRole::new(self.required("ram_role_arn")?, source::bound(caller, config));
        let role = role.with_session(self.session());
        Ok(match self.text("external_id") {
            Some(id) => Box::new(role.external_id(id)),
            None => Box::new(role),
        })
    }

    fn session(&self) -> Session {
        let owned = |member| self.text(member).map(str::to_owned);
        let seconds = self.members.get("expired_seconds").and_then(Value::as_u64);
        Session {
            // The vendor's clients do not agree on the name.
            name: owned("ram_session_name").or_else(|| owned("role_session_name")),
            duration: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            policy: owned("policy"),
            region: owned("sts_region"),
            is_inside_vpc: self.members.get("enable_vpc").and_then(Value::as_bool),
        }
    }
}
