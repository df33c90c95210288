//! The Security Token Service: temporary credentials for a role.

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response};

use super::{Credentials, CredentialsError, ProviderConfig, answer};
use crate::call::classify;
use crate::call::redact::Redactor;
use crate::call::retry;
use crate::clock::{self, Clock};
use crate::endpoint::{self, Named, Origin, Variables};
use crate::schema::Protocol;
use crate::sign::{self, acs_rpc};
use crate::wire;
use crate::wire::protocol::{self, ServiceError};
use crate::wire::timestamp;

const VERSION: &str = "2015-04-01";

/// Names its endpoint.
const ENDPOINT: &str = "ALIBABA_CLOUD_ENDPOINT_STS";

/// As errors call it.
const GIVER: &str = "STS";

/// Longest exchange.
const LIMIT: Duration = Duration::from_secs(10);

/// How long credentials for a role last unless told otherwise.
const USUAL_DURATION: Duration = Duration::from_secs(3600);

/// STS gives none for less.
const SHORTEST_DURATION: Duration = Duration::from_secs(900);

/// What both ways to a role have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    pub(super) name: Option<String>,
    pub(super) duration: Option<Duration>,
    pub(super) policy: Option<String>,
    pub(super) region: Option<String>,
    pub(super) is_inside_vpc: Option<bool>,
}

/// The setters of a session, on whatever has a field `session`.
macro_rules! session_setters {
    ($role:ident) => {
        impl $role {
            /// Sets the name under which the session shows in audit logs: 2 to 64 characters of letters,
            /// digits and `.@-_`. `cloudnet-` and the time in seconds since 1970 unless set.
            #[must_use]
            pub fn session_name(mut self, name: impl Into<String>) -> Self {
                self.session.name = Some(name.into());
                self
            }

            /// Sets how long the credentials last: 900 s at least, and no longer than the role allows.
            /// 3600 s unless set.
            #[must_use]
            pub fn duration(mut self, duration: Duration) -> Self {
                self.session.duration = Some(duration);
                self
            }

            /// Sets a policy, as JSON, that narrows what the role may do.
            #[must_use]
            pub fn policy(mut self, policy: impl Into<String>) -> Self {
                self.session.policy = Some(policy.into());
                self
            }

            /// Sets the region whose STS is called; the central one unless set. It says nothing where
            /// [an endpoint is named](super::ProviderConfig::with_sts_endpoint).
            #[must_use]
            pub fn region(mut self, region: impl Into<String>) -> Self {
                self.session.region = Some(region.into());
                self
            }

            /// Sets whether STS is called inside a VPC, which takes a region.
            #[must_use]
            pub fn inside_vpc(mut self, is_inside: bool) -> Self {
                self.session.is_inside_vpc = Some(is_inside);
                self
            }

            /// As read from a file.
            pub(super) fn with_session(mut self, session: Session) -> Self {
                self.session = session;
                self
            }
        }
    };
}
pub(super) use session_setters;

impl Session {
    /// The parameters that describe the session.
    pub(super) fn parameters(
        &self,
        config: &ProviderConfig,
        role_arn: &str,
    ) -> Result<Vec<(&'static str, String)>, CredentialsError> {
        let duration = self.duration.unwrap_or(USUAL_DURATION);
        if duration < SHORTEST_DURATION {
            return Err(CredentialsError::new("a session for a role lasts 900 s or longer"));
        }
        let mut parameters = vec![
            ("RoleArn", role_arn.to_owned()),
            ("RoleSessionName", self.name(config)),
            ("DurationSeconds", duration.as_secs().to_string()),
        ];
        parameters.extend(self.policy.clone().map(|policy| ("Policy", policy)));
        Ok(parameters)
    }

    fn name(&self, config: &ProviderConfig) -> String {
        let given = self.name.clone().or_else(|| config.variable("ALIBABA_CLOUD_ROLE_SESSION_NAME"));
        given.unwrap_or_else(|| {
            let since = config.clock().now().duration_since(UNIX_EPOCH).unwrap_or_default();
            format!("cloudnet-{}", since.as_secs())
        })
    }

    /// Where STS is called: at the endpoint that is named, or at the host of the region.
    fn origin(&self, config: &ProviderConfig) -> Result<Origin, CredentialsError> {
        let in_code = config.sts_endpoint().map(|text| Named::in_code("the endpoint of STS", text));
        match in_code.or_else(|| Variables::of_alibaba_cloud(Some(ENDPOINT)).named(config)) {
            Some(named) => named.origin(false).map_err(|error| CredentialsError::new(error.message())),
            None => Ok(Origin::https(self.host(config)?)),
        }
    }

    /// The host of the region, or the central one; only the regions have hosts inside a VPC.
    fn host(&self, config: &ProviderConfig) -> Result<String, CredentialsError> {
        let Some(region) = self.region.clone().or_else(|| config.variable("ALIBABA_CLOUD_STS_REGION")) else {
            return Ok("sts.aliyuncs.com".to_owned());
        };
        endpoint::check_region(&region).map_err(|error| CredentialsError::new(error.message()))?;
        let from_variable = || config.is_switched_on("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED");
        let is_inside_vpc = self.is_inside_vpc.unwrap_or_else(from_variable);
        Ok(format!("{}.{region}.aliyuncs.com", if is_inside_vpc { "sts-vpc" } else { "sts" }))
    }
}

/// One call of STS.
pub(super) struct Call<'a> {
    pub(super) action: &'static str,
    pub(super) session: &'a Session,
    pub(super) parameters: &'a [(&'static str, String)],
    /// The parameters that must not show, by their values.
    pub(super) secrets: &'a [&'a str],
    /// Who calls; nobody for a call that carries its own proof.
    pub(super) caller: Option<&'a Credentials>,
}

impl Call<'_> {
    /// Asks STS for credentials, and once more if it was only the time that was wrong.
    pub(super) async fn send(&self, config: &ProviderConfig) -> Result<Credentials, Failure> {
        let (mut response, mut redactor) = self.exchange(config).await?;
        if tells_the_time(config, &response) {
            (response, redactor) = self.exchange(config).await?;
        }
        if !response.status().is_success() {
            return Err(refused(&response, &redactor));
        }
        let body = answer::json(response.body(), GIVER)?;
        let missing = || CredentialsError::new("the answer of STS has no credentials");
        let found = body.get("Credentials").ok_or_else(missing)?;
        Ok(answer::temporary(found, GIVER)?)
    }

    async fn exchange(
        &self,
        config: &ProviderConfig,
    ) -> Result<(Response<Bytes>, Redactor), CredentialsError> {
        let origin = self.session.origin(config)?;
        let (request, redactor) = self.request(&origin, config)?;
        // Credentials come back: in the clear, no proxy may see them.
        let transport = if origin.is_plain { config.direct_transport() } else { config.transport() };
        Ok((answer::ask(config, transport, request, LIMIT).await?, redactor))
    }

    /// What is common to all calls goes in the query, and the call's own in the body: a token
    /// must not end up in the logs of a proxy.
    fn request(
        &self,
        origin: &Origin,
        config: &ProviderConfig,
    ) -> Result<(Request<Bytes>, Redactor), CredentialsError> {
        let own = || self.parameters.iter().map(|(name, value)| (*name, value.as_str()));
        let body = sign::form_body(own().collect());
        let common = self.common_parameters(config)?;
        let common = || common.iter().map(|(name, value)| (*name, value.as_ref()));
        let mut query = sign::canonical_query(common().collect());
        let mut redactor = Redactor::default();
        self.secrets.iter().for_each(|secret| redactor.learn(secret));
        if let Some(caller) = self.caller {
            let secret = caller.access_key_secret();
            let signature = acs_rpc::sign("POST", common().chain(own()).collect(), secret).signature;
            query.push_str("&Signature=");
            query.push_str(&wire::percent_encode(&signature));
            let token = caller.security_token().unwrap_or_default();
            [secret, token, &signature].into_iter().for_each(|secret| redactor.learn(secret));
        }
        let request = Request::post(format!("{origin}/?{query}"))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body))
            .map_err(|_| CredentialsError::new("the call of STS cannot be expressed in HTTP"))?;
        Ok((request, redactor))
    }

    fn common_parameters(
        &self,
        config: &ProviderConfig,
    ) -> Result<Vec<(&'static str, Cow<'_, str>)>, CredentialsError> {
        let date = timestamp::extended(config.clock().now());
        let mut parameters: Vec<(_, Cow<'_, str>)> = vec![
            ("Action", self.action.into()),
            ("Format", "JSON".into()),
            ("Timestamp", date.into()),
            ("Version", VERSION.into()),
        ];
        let Some(caller) = self.caller else { return Ok(parameters) };
        let nonce = clock::nonce(config.entropy())
            .map_err(|error| CredentialsError::new(format!("no random numbers: {error}")))?;
        parameters.extend([
            ("AccessKeyId", caller.access_key_id().into()),
            ("SignatureMethod", "HMAC-SHA1".into()),
            ("SignatureNonce", nonce.into()),
            ("SignatureVersion", "1.0".into()),
        ]);
        parameters.extend(caller.security_token().map(|token| ("SecurityToken", token.into())));
        Ok(parameters)
    }
}

/// Why STS gave nothing.
pub(super) struct Failure {
    error: CredentialsError,
    /// Whether it found that the caller's own access key has expired.
    pub(super) has_expired: bool,
}

impl From<CredentialsError> for Failure {
    fn from(error: CredentialsError) -> Self {
        Self { error, has_expired: false }
    }
}

impl From<Failure> for CredentialsError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// Corrects the clock by an answer that finds the time wrong. Whether that was news.
fn tells_the_time(config: &ProviderConfig, response: &Response<Bytes>) -> bool {
    if response.status().is_success() {
        return false;
    }
    let answer = read_error(response);
    let offset = retry::clock_offset(response.headers(), config.clock().uncorrected());
    classify::is_clock_error(&answer.code, &answer.message)
        && offset.is_some_and(|offset| config.clock().correct(offset))
}

fn read_error(response: &Response<Bytes>) -> ServiceError {
    protocol::read_error(Protocol::AcsRpc, response.headers(), response.body())
}

fn refused(response: &Response<Bytes>, redactor: &Redactor) -> Failure {
    let answer = read_error(response);
    let mut text = format!("STS refused with status {}", response.status().as_u16());
    for (name, value) in [("code", &answer.code), ("message", &answer.message)] {
        if !value.is_empty() {
            text.push_str(&format!(", {name}: {}", redactor.message(value)));
        }
    }
    if let Some(id) = answer.request_id {
        text.push_str(&format!(", request ID: {}", redactor.message(&id)));
    }
    let has_expired = classify::is_expired_key(&answer.code);
    Failure { error: CredentialsError::new(text), has_expired }
}
