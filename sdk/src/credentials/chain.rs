//! Several sources, of which the first that works is kept.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::cache::LIMIT;
use super::corrected_clock::CorrectedClock;
use super::{
    AssumeRoleWithOidc, AwsProfile, CachedCredentials, CliProfile, Credentials, CredentialsError,
    CredentialsFuture, CredentialsUri, EcsRamRole, EnvironmentCredentials, ProfileFile, ProvideCredentials,
    ProviderConfig,
};
use crate::clock;
use crate::duration::Readable;

/// Sources of credentials, asked one after the other.
///
/// The first that works is the only one asked from then on: a program does not change who it is
/// because a file was away for a moment. Until one has worked, every call asks them all, many
/// calls at once do so together, and the one error lists what each source lacks.
#[derive(Clone)]
pub struct Chain {
    links: Arc<Links>,
    first_that_works: CachedCredentials,
}

impl Chain {
    /// The default chain of Alibaba Cloud's own clients: [`EnvironmentCredentials`],
    /// [`AssumeRoleWithOidc`], [`CliProfile`], [`ProfileFile`], [`EcsRamRole`] and
    /// [`CredentialsUri`].
    #[must_use]
    pub fn alibaba_cloud(config: &ProviderConfig) -> Self {
        let environment = EnvironmentCredentials::alibaba_cloud().with_lookup(config.look_up());
        let links: [(_, Arc<dyn ProvideCredentials>); 6] = [
            ("environment", Arc::new(environment)),
            ("OIDC role", Arc::new(AssumeRoleWithOidc::new().build(config))),
            ("CLI configuration", Arc::new(CliProfile::new().build(config))),
            ("profile file", Arc::new(ProfileFile::new().build(config))),
            ("ECS RAM role", Arc::new(EcsRamRole::new().build(config))),
            ("credentials URI", Arc::new(CredentialsUri::new().build(config))),
        ];
        Self::named(Some("default"), links, config)
    }

    /// The part of AWS's default chain that needs no network: [`EnvironmentCredentials`] and
    /// [`AwsProfile`].
    #[must_use]
    pub fn aws(config: &ProviderConfig) -> Self {
        let environment = EnvironmentCredentials::aws().with_lookup(config.look_up());
        let links: [(_, Arc<dyn ProvideCredentials>); 2] = [
            ("environment", Arc::new(environment)),
            ("shared profile", Arc::new(AwsProfile::new().build(config))),
        ];
        Self::named(None, links, config)
    }

    /// A chain of your own. Each source has 10 s; its name is for the error.
    pub fn of(
        links: impl IntoIterator<Item = (&'static str, Arc<dyn ProvideCredentials>)>,
        config: &ProviderConfig,
    ) -> Self {
        Self::named(None, links, config)
    }

    fn named(
        name: Option<&'static str>,
        links: impl IntoIterator<Item = (&'static str, Arc<dyn ProvideCredentials>)>,
        config: &ProviderConfig,
    ) -> Self {
        let links: Vec<_> = links.into_iter().map(|(name, source)| Link { name, source }).collect();
        let limit = links.iter().fold(Duration::ZERO, |limit, _| limit + LIMIT + LIMIT / 10);
        let clock = Arc::clone(config.clock());
        let links = Arc::new(Links { name, links, clock: Arc::clone(&clock), working: OnceLock::new() });
        let first_that_works = CachedCredentials::with_limit(Arc::clone(&links), clock, limit);
        Self { links, first_that_works }
    }
}

impl ProvideCredentials for Chain {
    fn provide(&self) -> CredentialsFuture<'_> {
        match self.links.working() {
            Some(link) => Box::pin(self.links.ask(link)),
            None => self.first_that_works.provide(),
        }
    }

    fn correct_clock(&self, milliseconds_ahead: i64) {
        self.links.clock.correct(milliseconds_ahead);
        self.links.links.iter().for_each(|link| link.source.correct_clock(milliseconds_ahead));
    }

    fn reject(&self, credentials: &Credentials) -> bool {
        self.links.working().is_some_and(|link| link.source.reject(credentials))
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.links.fmt(f)
    }
}

struct Links {
    name: Option<&'static str>,
    links: Vec<Link>,
    clock: Arc<CorrectedClock>,
    working: OnceLock<usize>,
}

struct Link {
    name: &'static str,
    source: Arc<dyn ProvideCredentials>,
}

impl Links {
    fn working(&self) -> Option<&Link> {
        self.links.get(*self.working.get()?)
    }

    async fn ask(&self, link: &Link) -> Result<Credentials, CredentialsError> {
        let credentials = link.source.provide().await?;
        Ok(match self.name {
            Some(name) => credentials.passed_on_by(name),
            None => credentials,
        })
    }

    async fn ask_all(&self) -> Result<Credentials, CredentialsError> {
        let mut missing = Vec::new();
        for (index, link) in self.links.iter().enumerate() {
            // A cached source ends by itself, and says more.
            let limit = LIMIT + LIMIT / 20;
            let problem = match clock::within(&*self.clock, limit, self.ask(link)).await {
                Some(Ok(credentials)) => {
                    self.working.get_or_init(|| index);
                    tracing::debug!(source = link.name, "credentials found");
                    return Ok(credentials);
                }
                Some(Err(error)) => error.to_string(),
                None => format!("no answer within {}", Readable(LIMIT)),
            };
            missing.push(format!("{}: {problem}", link.name));
        }
        Err(CredentialsError::new(format!("no credentials were found. {}", missing.join("; "))))
    }
}

impl ProvideCredentials for Links {
    fn provide(&self) -> CredentialsFuture<'_> {
        Box::pin(self.ask_all())
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.links.iter().map(|link| link.name);
        f.debug_list().entries(names).finish()
    }
}
