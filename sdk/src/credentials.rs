//! What requests are signed with.

use std::time::SystemTime;

use crate::secret::Secret;

/// An access key, with a security token if it is a temporary one. `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    access_key_id: String,
    access_key_secret: Secret,
    security_token: Option<Secret>,
    expires_at: Option<SystemTime>,
}

impl Credentials {
    /// An access key that does not expire.
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<Secret>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            access_key_secret: access_key_secret.into(),
            security_token: None,
            expires_at: None,
        }
    }

    /// Adds the token that came with a temporary access key.
    #[must_use]
    pub fn with_security_token(mut self, token: impl Into<Secret>) -> Self {
        self.security_token = Some(token.into());
        self
    }

    /// Says when the service stops accepting the access key.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// The public half of the access key.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret half of the access key.
    #[must_use]
    pub fn access_key_secret(&self) -> &str {
        self.access_key_secret.expose()
    }

    /// The token of a temporary access key.
    #[must_use]
    pub fn security_token(&self) -> Option<&str> {
        self.security_token.as_ref().map(Secret::expose)
    }

    /// When the service stops accepting the access key.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_id_and_no_secret() {
        let credentials = Credentials::new("LTAI1", "very-secret").with_security_token("also-secret");
        let printed = format!("{credentials:?}");
        assert!(printed.contains("LTAI1"), "{printed}");
        assert!(!printed.contains("secret\""), "{printed}");
        assert!(!printed.contains("very") && !printed.contains("also"), "{printed}");
    }
}
