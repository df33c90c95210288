//! The shared configuration of AWS's clients.

use std::fmt;
use std::future::ready;
use std::io;
use std::path::PathBuf;

use super::ini::{Ini, Section};
use super::key::KeyNames;
use super::provider_config::unreadable;
use super::source::{self, LoadCredentials};
use super::{CachedCredentials, Credentials, CredentialsError, CredentialsFuture, ProviderConfig};

/// What precedes an access key in a profile, and is not supported.
const BEFORE_KEYS: [&str; 5] =
    ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id"];

/// What follows it.
const AFTER_KEYS: [&str; 3] = ["credential_process", "credential_source", "login_session"];

/// An access key in a profile of `~/.aws/credentials` or `~/.aws/config`.
///
/// Only access keys are supported, with a session token or without. A profile that assumes a
/// role, signs on or runs a program is an error that says so. What is not set comes from
/// `AWS_PROFILE`, `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE`; the profile is `default`
/// otherwise, for which `config` may say `[default]` or, which comes first, `[profile default]`. The
/// files are read anew after 15 minutes.
#[derive(Clone, Debug, Default)]
pub struct AwsProfile {
    profile: Option<String>,
}

impl AwsProfile {
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

    /// The credentials of the profile.
    #[must_use]
    pub fn build(self, config: &ProviderConfig) -> CachedCredentials {
        source::cached(self, config)
    }

    fn credentials(&self, config: &ProviderConfig) -> Result<Credentials, CredentialsError> {
        let name = self.profile.clone().or_else(|| config.variable("AWS_PROFILE"));
        let name = name.unwrap_or_else(|| "default".to_owned());
        let problem = |text: &str| CredentialsError::new(format!("profile `{name}`: {text}"));
        let (keys, settings) = (FileLocation::of(config, &KEYS)?, FileLocation::of(config, &CONFIG)?);
        if keys.path.is_none() && settings.path.is_none() {
            config.in_home(KEYS.usual)?;
        }
        let (keys_file, settings_file) = (keys.read(config)?, settings.read(config)?);
        let in_config = settings_file.section(&format!("profile {name}"));
        let plain = || settings_file.section(&name).filter(|_| name == "default");
        let sections = [
            (keys_file.section(&name), "shared-credentials-file"),
            (in_config.or_else(plain), "config-file"),
        ];
        let sections: Vec<_> =
            sections.into_iter().filter_map(|(section, kind)| Some((section?, kind))).collect();
        if sections.is_empty() {
            return Err(problem(&format!("it is neither in {keys} nor in {settings}")));
        }
        let unsupported = |keys: &[&str]| {
            let is_used = |key: &&&str| sections.iter().any(|(section, _)| section.get(key).is_some());
            let found = keys.iter().find(is_used);
            found.map_or(Ok(()), |key| Err(problem(&format!("its `{key}` is not supported"))))
        };
        unsupported(&BEFORE_KEYS)?;
        if let Some((section, kind)) = sections.iter().find(|(section, _)| names_key(section)) {
            return Ok(key(section).map_err(|error| problem(&error.to_string()))?.with_provider_name(*kind));
        }
        unsupported(&AFTER_KEYS)?;
        Err(problem("it has no `aws_access_key_id`"))
    }
}

impl LoadCredentials for AwsProfile {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(ready(self.credentials(config)))
    }
}

/// Where a file may be.
struct Names {
    variable: &'static str,
    usual: &'static str,
}

const KEYS: Names = Names { variable: "AWS_SHARED_CREDENTIALS_FILE", usual: ".aws/credentials" };
const CONFIG: Names = Names { variable: "AWS_CONFIG_FILE", usual: ".aws/config" };

/// Where a file is.
struct FileLocation {
    /// `None` if it would be in a home folder, and there is none.
    path: Option<PathBuf>,
    shown: String,
}

impl FileLocation {
    fn of(config: &ProviderConfig, names: &Names) -> Result<Self, CredentialsError> {
        let Some(given) = config.variable(names.variable) else {
            return Ok(Self { path: config.in_home(names.usual).ok(), shown: format!("~/{}", names.usual) });
        };
        let path = match given.strip_prefix("~/") {
            Some(below) => config.in_home(below)?,
            None => PathBuf::from(&given),
        };
        Ok(Self { path: Some(path), shown: given })
    }

    /// A file that is not there has no sections.
    fn read(&self, config: &ProviderConfig) -> Result<Ini, CredentialsError> {
        let Some(path) = &self.path else { return Ok(Ini::default()) };
        match config.read(path) {
            Ok(text) => Ini::parse(&text, before_comment)
                .map_err(|error| CredentialsError::new(format!("{}: {error}", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ini::default()),
            Err(error) => Err(unreadable(path, &error)),
        }
    }
}

impl fmt::Display for FileLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// A comment begins with `#` or `;` after a blank.
fn before_comment(value: &str) -> &str {
    let marks = [" #", " ;", "\t#", "\t;"];
    let end = marks.iter().filter_map(|mark| value.find(mark)).min();
    value.get(..end.unwrap_or(value.len())).unwrap_or_default()
}

fn names_key(section: &Section) -> bool {
    section.get("aws_access_key_id").is_some()
}

fn key(section: &Section) -> Result<Credentials, CredentialsError> {
    let names = KeyNames {
        access_key_id: "aws_access_key_id",
        access_key_secret: "aws_secret_access_key",
        security_token: "aws_session_token",
    };
    names.read(|name| section.get(name), |name| CredentialsError::new(format!("it has no `{name}`")))
}
