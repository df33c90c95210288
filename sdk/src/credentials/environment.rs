//! Access keys in environment variables.

use std::env;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

use super::key::KeyNames;
use super::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};

/// Credentials from environment variables, read anew for every attempt.
///
/// Alibaba Cloud: `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for
/// temporary keys, `ALIBABA_CLOUD_SECURITY_TOKEN`. AWS: `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`. White space around a value is cut off, and an
/// empty variable counts as missing.
///
/// ```
/// use cloudnet::EnvironmentCredentials;
///
/// let from_process = EnvironmentCredentials::alibaba_cloud();
/// let from_map = EnvironmentCredentials::aws().with_lookup(|name| match name {
///     "AWS_ACCESS_KEY_ID" => Some("id".to_owned()),
///     "AWS_SECRET_ACCESS_KEY" => Some("secret".to_owned()),
///     _ => None,
/// });
/// # let _ = (from_process, from_map);
/// ```
#[derive(Clone)]
pub struct EnvironmentCredentials {
    names: &'static KeyNames,
    look_up: Arc<LookUp>,
}

type LookUp = dyn Fn(&str) -> Option<String> + Send + Sync;

const ALIBABA_CLOUD: KeyNames = KeyNames {
    access_key_id: "ALIBABA_CLOUD_ACCESS_KEY_ID",
    access_key_secret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    security_token: "ALIBABA_CLOUD_SECURITY_TOKEN",
};

const AWS: KeyNames = KeyNames {
    access_key_id: "AWS_ACCESS_KEY_ID",
    access_key_secret: "AWS_SECRET_ACCESS_KEY",
    security_token: "AWS_SESSION_TOKEN",
};

impl EnvironmentCredentials {
    /// From the variables of Alibaba Cloud.
    #[must_use]
    pub fn alibaba_cloud() -> Self {
        Self::named(&ALIBABA_CLOUD)
    }

    /// From the variables of AWS.
    #[must_use]
    pub fn aws() -> Self {
        Self::named(&AWS)
    }

    /// Looks variables up elsewhere than in the environment of the process.
    #[must_use]
    pub fn with_lookup(mut self, look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.look_up = Arc::new(look_up);
        self
    }

    fn named(names: &'static KeyNames) -> Self {
        Self { names, look_up: Arc::new(|name| env::var(name).ok()) }
    }

    fn read(&self) -> Result<Credentials, CredentialsError> {
        let missing = |name| CredentialsError::new(format!("the variable {name} is not set"));
        Ok(self.names.read(|name| (self.look_up)(name), missing)?.with_provider_name("env"))
    }
}

impl ProvideCredentials for EnvironmentCredentials {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(ready(self.read()))
    }

    fn reject(&self, credentials: &Credentials) -> bool {
        self.read().is_ok_and(|current| !current.is_same_key(credentials))
    }
}

impl fmt::Debug for EnvironmentCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentCredentials")
            .field("access_key_id", &self.names.access_key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&str, &str)]) -> Result<Credentials, CredentialsError> {
        let look_up =
            |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        EnvironmentCredentials::alibaba_cloud().with_lookup(look_up).read()
    }

    #[test]
    fn a_key_is_read_with_and_without_token() -> Result<(), CredentialsError> {
        let key = with(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
        ])?;
        assert_eq!((key.access_key_id(), key.access_key_secret()), ("id", "secret"));
        assert_eq!(key.security_token(), None);
        let temporary = with(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "token"),
        ])?;
        assert_eq!(temporary.security_token(), Some("token"));
        Ok(())
    }

    #[test]
    fn the_missing_variable_is_named() {
        let error = with(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")]).err();
        let text = error.map(|error| error.to_string());
        let expected = "the variable ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set";
        assert_eq!(text.as_deref(), Some(expected));
    }
}
