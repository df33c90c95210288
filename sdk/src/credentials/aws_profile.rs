//! The shared configuration of AWS's clients.

use std::future::ready;
use std::io;
use std::path::PathBuf;

use super::ini::{Ini, Section};
use super::source::{self, Fetch};
use super::surroundings::unreadable;
use super::{CachedCredentials, Credentials, CredentialsError, Providing, Surroundings};

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
/// otherwise.
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
    pub fn build(self, around: &Surroundings) -> CachedCredentials {
        source::cached(self, around)
    }

    fn credentials(&self, around: &Surroundings) -> Result<Credentials, CredentialsError> {
        let name = self.profile.clone().or_else(|| around.variable("AWS_PROFILE"));
        let name = name.unwrap_or_else(|| "default".to_owned());
        let problem = |text: &str| CredentialsError::new(format!("profile `{name}`: {text}"));
        let keys = read(around, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?;
        let config = read(around, "AWS_CONFIG_FILE", ".aws/config")?;
        let of_config = if name == "default" { None } else { Some(format!("profile {name}")) };
        let sections = [
            (keys.section(&name), "shared-credentials-file"),
            (config.section(of_config.as_ref().unwrap_or(&name)), "config-file"),
        ];
        let sections: Vec<_> =
            sections.into_iter().filter_map(|(section, kind)| Some((section?, kind))).collect();
        if sections.is_empty() {
            return Err(problem("it is neither in ~/.aws/credentials nor in ~/.aws/config"));
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

impl Fetch for AwsProfile {
    fn fetch<'a>(&'a self, around: &'a Surroundings) -> Providing<'a> {
        Box::pin(ready(self.credentials(around)))
    }
}

/// A file that is not there has no sections.
fn read(around: &Surroundings, variable: &str, usual: &str) -> Result<Ini, CredentialsError> {
    let path = match around.variable(variable) {
        Some(path) => PathBuf::from(path),
        None => around.in_home(usual)?,
    };
    match around.read(&path) {
        Ok(text) => Ini::parse(&text, before_comment)
            .map_err(|error| CredentialsError::new(format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ini::default()),
        Err(error) => Err(unreadable(&path, &error)),
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
    let required =
        |key: &str| section.get(key).ok_or_else(|| CredentialsError::new(format!("it has no `{key}`")));
    let key = Credentials::new(required("aws_access_key_id")?, required("aws_secret_access_key")?);
    Ok(match section.get("aws_session_token") {
        Some(token) => key.with_security_token(token),
        None => key,
    })
}
