//! Reading an access key out of named texts, the same way wherever they stand.

use super::{Credentials, CredentialsError};

/// What a place calls the parts of an access key.
pub(super) struct KeyNames {
    pub(super) access_key_id: &'static str,
    pub(super) access_key_secret: &'static str,
    pub(super) security_token: &'static str,
}

/// In the files of Alibaba Cloud's clients, and in what programs print for them.
pub(super) const OF_FILES: KeyNames = KeyNames {
    access_key_id: "access_key_id",
    access_key_secret: "access_key_secret",
    security_token: "sts_token",
};

impl KeyNames {
    /// The key that these names stand for, with its token if there is one.
    ///
    /// White space around a part belongs to the file or the shell that it comes from, and is cut
    /// off. `lacks` says that a part is missing, which an empty one is too.
    pub(super) fn read<T: AsRef<str>>(
        &self,
        look_up: impl Fn(&'static str) -> Option<T>,
        lacks: impl Fn(&'static str) -> CredentialsError,
    ) -> Result<Credentials, CredentialsError> {
        let key = self.read_without_token(&look_up, lacks)?;
        Ok(match part(self.security_token, look_up)? {
            Some(token) => key.with_security_token(token),
            None => key,
        })
    }

    /// As [`read`](Self::read), but for a key that is not temporary.
    pub(super) fn read_without_token<T: AsRef<str>>(
        &self,
        look_up: impl Fn(&'static str) -> Option<T>,
        lacks: impl Fn(&'static str) -> CredentialsError,
    ) -> Result<Credentials, CredentialsError> {
        let required = |name| part(name, &look_up)?.ok_or_else(|| lacks(name));
        Ok(Credentials::new(required(self.access_key_id)?, required(self.access_key_secret)?))
    }
}

fn part<T: AsRef<str>>(
    name: &'static str,
    look_up: impl Fn(&'static str) -> Option<T>,
) -> Result<Option<String>, CredentialsError> {
    let found = look_up(name);
    match found.as_ref().map(|text| text.as_ref().trim()) {
        None | Some("") => Ok(None),
        Some(text) if text.contains(char::is_control) => {
            let problem = "has a line break or another control character in it; write it anew";
            Err(CredentialsError::new(format!("`{name}` {problem}")))
        }
        Some(text) => Ok(Some(text.to_owned())),
    }
}
