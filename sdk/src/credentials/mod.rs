//! Where the access keys come from that requests are signed with.
//!
//! A client that is told nothing asks the default chain of its service's vendor, which is
//! [`Chain::alibaba_cloud`] or [`Chain::aws`]. Each source of the chains can also be used alone:
//!
//! | source | what it asks |
//! |---|---|
//! | [`Credentials`] | nothing: a key that is given |
//! | [`EnvironmentCredentials`] | environment variables |
//! | [`AssumeRoleWithOidc`] | STS, with a token from a file |
//! | [`CliProfile`] | `~/.aliyun/config.json` |
//! | [`ProfileFile`] | `~/.alibabacloud/credentials.ini` |
//! | [`EcsRamRole`] | the metadata service of an ECS instance |
//! | [`CredentialsUri`] | a URL |
//! | [`AssumeRole`] | STS, with other credentials |
//! | [`ExternalCommand`] | a program |
//! | [`AwsProfile`] | `~/.aws/credentials` and `~/.aws/config` |
//!
//! What they see of the machine comes in as [`ProviderConfig`]. All but the first two keep what
//! they got, as [`CachedCredentials`] says; the same cache goes around any source of your own.
//! What does not say when it ends, as keys in files, is read anew after 15 minutes.
//!
//! White space around a key is cut off, wherever the key stands. A clock of the machine that is
//! wrong is put right by what the services answer, for signatures and for the end of keys alike.
//!
//! ```
//! use std::time::Duration;
//! use cloudnet::credentials::{AssumeRole, EcsRamRole, ProviderConfig};
//! use cloudnet::vpc;
//!
//! # fn connect() -> Result<(), cloudnet::Error> {
//! let machine = ProviderConfig::of_process();
//! let instance = EcsRamRole::new().build(&machine);
//! let auditor = AssumeRole::new("acs:ram::123456789012:role/auditor", instance)
//!     .session_name("nightly")
//!     .duration(Duration::from_secs(900))
//!     .build(&machine);
//! let client = vpc::Client::builder().region("cn-hangzhou").credentials(auditor).build()?;
//! # let _ = client;
//! # Ok(())
//! # }
//! # assert!(connect().is_ok());
//! ```

mod answer;
mod assume_role;
mod assume_role_with_oidc;
mod aws_profile;
mod cache;
mod chain;
mod cli_profile;
mod command_line;
mod corrected_clock;
mod credentials_uri;
mod ecs_ram_role;
mod environment;
mod external_command;
mod ini;
mod key;
mod profile_file;
mod provide;
mod provider_config;
mod source;
mod sts;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::secret::Secret;

pub use self::assume_role::AssumeRole;
pub use self::assume_role_with_oidc::AssumeRoleWithOidc;
pub use self::aws_profile::AwsProfile;
pub use self::cache::CachedCredentials;
pub use self::chain::Chain;
pub use self::cli_profile::CliProfile;
pub use self::credentials_uri::CredentialsUri;
pub use self::ecs_ram_role::EcsRamRole;
pub use self::environment::EnvironmentCredentials;
pub use self::external_command::ExternalCommand;
pub use self::profile_file::ProfileFile;
pub use self::provide::{CredentialsError, CredentialsFuture, ProvideCredentials};
pub use self::provider_config::ProviderConfig;

/// An access key, with a security token if it is a temporary one. Cheap to clone. `Debug` shows no
/// secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Arc<Key>);

#[derive(Clone, PartialEq, Eq)]
struct Key {
    access_key_id: String,
    access_key_secret: Secret,
    security_token: Option<Secret>,
    expires_at: Option<SystemTime>,
    provider_name: Option<Cow<'static, str>>,
}

impl Credentials {
    /// An access key that does not expire.
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<Secret>) -> Self {
        Self(Arc::new(Key {
            access_key_id: access_key_id.into(),
            access_key_secret: access_key_secret.into(),
            security_token: None,
            expires_at: None,
            provider_name: None,
        }))
    }

    /// Adds the token that came with a temporary access key.
    #[must_use]
    pub fn with_security_token(mut self, token: impl Into<Secret>) -> Self {
        self.key_mut().security_token = Some(token.into());
        self
    }

    /// Says when the service stops accepting the access key.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: SystemTime) -> Self {
        self.key_mut().expires_at = Some(expires_at);
        self
    }

    /// Says where the access key came from.
    #[must_use]
    pub fn with_provider_name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.key_mut().provider_name = Some(name.into());
        self
    }

    /// The public half of the access key.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// The secret half of the access key.
    #[must_use]
    pub fn access_key_secret(&self) -> &str {
        self.0.access_key_secret.expose()
    }

    /// The token of a temporary access key.
    #[must_use]
    pub fn security_token(&self) -> Option<&str> {
        self.0.security_token.as_ref().map(Secret::expose)
    }

    /// When the service stops accepting the access key.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// Where the access key came from, in the words of the vendor's clients: `static_ak` and
    /// `static_sts` for one that was given, `default/cli_profile/ram_role_arn/static_ak` for one
    /// that the default chain got for a role, which a key in the CLI's configuration may assume.
    #[must_use]
    pub fn provider_name(&self) -> &str {
        match &self.0.provider_name {
            Some(name) => name,
            None if self.0.security_token.is_some() => "static_sts",
            None => "static_ak",
        }
    }

    /// Whether both are one access key, whoever passed them on and whenever they end.
    fn is_same_key(&self, other: &Self) -> bool {
        let (one, other) = (&*self.0, &*other.0);
        one.access_key_id == other.access_key_id
            && one.access_key_secret == other.access_key_secret
            && one.security_token == other.security_token
    }

    /// Says that another provider passed the access key on.
    fn passed_on_by(self, provider: &str) -> Self {
        let name = format!("{provider}/{}", self.provider_name());
        self.with_provider_name(name)
    }

    fn key_mut(&mut self) -> &mut Key {
        Arc::make_mut(&mut self.0)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key { access_key_id, access_key_secret, security_token, expires_at, provider_name } = &*self.0;
        f.debug_struct("Credentials")
            .field("access_key_id", access_key_id)
            .field("access_key_secret", access_key_secret)
            .field("security_token", security_token)
            .field("expires_at", expires_at)
            .field("provider_name", provider_name)
            .finish()
    }
}

#[cfg(test)]
mod tests;
