//! Making a client: everything that can be wrong is found here, before any call.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use http::HeaderValue;

use super::{Client, Config, OfClient};
use crate::call::queue::Queues;
use crate::call::report::{AttemptReport, CallReport, Hooks, WaitReport};
use crate::call::retry::{RetryPolicy, TokenBucket};
use crate::call::runtime::{Runtime, ValidationPolicy, WaitOptions};
use crate::clock::{Clock, Entropy, OsEntropy, SystemClock};
use crate::credentials::{Chain, EnvironmentCredentials, ProvideCredentials, ProviderConfig};
use crate::endpoint::{Endpoint, Named, Network, Variables};
use crate::error::Error;
use crate::schema::{Protocol, Service};
use crate::sign::Signature;
use crate::transport::{HttpTransport, Limits, Transport};

/// Settings of a client `C` to be: of [`vpc::Client`](crate::vpc::Client), for one; or of a [`Config`],
/// from which clients of several services and regions are made.
#[derive(Clone)]
pub struct ClientBuilder<C> {
    settings: Settings,
    service: Option<&'static Service>,
    client: PhantomData<fn() -> C>,
}

/// What can be set. Cheap to clone: what is costly to make is shared.
#[derive(Clone)]
pub(crate) struct Settings {
    region: Option<String>,
    endpoint: Option<String>,
    network: Network,
    allow_plain_http: bool,
    credentials: Source,
    signature: Signature,
    validation: ValidationPolicy,
    retry: RetryPolicy,
    limits: Limits,
    connect_timeout: Duration,
    operation_timeout: Duration,
    wait: WaitOptions,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    user_agent: Option<String>,
    hooks: Hooks,
    serialize: bool,
    machine: ProviderConfig,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            network: Network::default(),
            allow_plain_http: false,
            credentials: Source::Chain,
            signature: Signature::default(),
            validation: ValidationPolicy::default(),
            retry: RetryPolicy::default(),
            limits: Limits::default(),
            connect_timeout: Duration::from_secs(3),
            operation_timeout: Duration::from_secs(180),
            wait: WaitOptions::default(),
            transport: None,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            user_agent: None,
            hooks: Hooks::default(),
            serialize: false,
            machine: ProviderConfig::of_process(),
        }
    }
}

impl<C> ClientBuilder<C> {
    pub(crate) fn new(service: &'static Service) -> Self {
        Self { settings: Settings::default(), service: Some(service), client: PhantomData }
    }

    /// A builder that begins with what a client has.
    pub(crate) fn of(settings: Settings, service: &'static Service) -> Self {
        Self { settings, service: Some(service), client: PhantomData }
    }

    /// Sets the region: where the service is called, and the `RegionId` of requests that have
    /// none. A service with one central endpoint is called there, signed for and given the
    /// region of that endpoint, whether another one is set or none.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.settings.region = Some(region.into());
        self
    }

    /// Sets the endpoint instead of deriving it from the region: a host, or a URL without path,
    /// query and user info. `http` is refused unless the host is a loopback one.
    ///
    /// Unless set, it is the value of an environment variable if there is one, under the same
    /// conditions: of the service's own, such as `ALIBABA_CLOUD_ENDPOINT_VPC`, or else of
    /// `ALIBABA_CLOUD_ENDPOINT`, which counts for all services of the vendor. For AWS they are
    /// `AWS_ENDPOINT_URL_GLOBAL_ACCELERATOR` and `AWS_ENDPOINT_URL`, and
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true` switches both off. The name of a service's own is
    /// [`Endpoints::variable`](crate::schema::Endpoints::variable).
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.endpoint = Some(endpoint.into());
        self
    }

    /// Sets from where the service is called; the internet unless set. It says nothing where an
    /// [endpoint](Self::endpoint) is named.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.settings.network = network;
        self
    }

    /// Lets the endpoint be an `http` URL of any host. Parameters, session tokens and responses
    /// then travel in the clear.
    #[must_use]
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.settings.allow_plain_http = allow;
        self
    }

    /// Sets the credentials, or where they come from; the default chain of the service's vendor
    /// unless set: [`Chain::alibaba_cloud`] or [`Chain::aws`]. In that chain, the client's own
    /// transport carries the calls of STS that are `https`, and never those of the metadata service.
    ///
    /// Sources that several clients share come as an `Arc`, or as clones of one
    /// [`CachedCredentials`](crate::credentials::CachedCredentials).
    #[must_use]
    pub fn credentials(mut self, credentials: impl ProvideCredentials + 'static) -> Self {
        self.settings.credentials = Source::Given(Arc::new(credentials));
        self
    }

    /// Takes the credentials from the environment variables of the service's vendor, as
    /// [`EnvironmentCredentials`] does.
    #[must_use]
    pub fn credentials_from_environment(mut self) -> Self {
        self.settings.credentials = Source::Environment;
        self
    }

    /// Sets where environment variables are looked up, those of the [endpoint](Self::endpoint) and
    /// of the credentials, instead of in the environment of the process. White space around a value
    /// is cut off, and an empty value counts as missing.
    #[must_use]
    pub fn variables(mut self, look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.settings.machine = self.settings.machine.with_variables(look_up);
        self
    }

    /// Sets how requests are signed, where the service's protocol leaves a choice.
    #[must_use]
    pub fn signature(mut self, signature: Signature) -> Self {
        self.settings.signature = signature;
        self
    }

    /// Sets what happens to parameters that break limits; they are refused unless set.
    #[must_use]
    pub fn validation(mut self, policy: ValidationPolicy) -> Self {
        self.settings.validation = policy;
        self
    }

    /// Sets which failures calls are tried again after, and how often.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sets how long connecting may take, TLS handshake included; 3 s unless set. Without effect
    /// on a [`transport`](Self::transport) of your own.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Sets how long the server may be silent; 20 s unless set.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.settings.limits.idle = timeout;
        self
    }

    /// Sets how long one attempt may take; 60 s unless set.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.limits.attempt = timeout;
        self
    }

    /// Sets how long a call may take with all attempts and pauses; 180 s unless set. Busy
    /// resources and throttling are waited out for as long.
    #[must_use]
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.settings.operation_timeout = timeout;
        self
    }

    /// Sets how long a [`Waiter`](crate::Waiter) waits at most, first pause included; what the
    /// documents or practice suggest for what is waited for unless set.
    #[must_use]
    pub fn wait_deadline(mut self, deadline: Duration) -> Self {
        self.settings.wait.deadline = Some(deadline);
        self
    }

    /// Sets how long a [`Waiter`](crate::Waiter) pauses between polls, give or take a fifth; 3, 6, then
    /// 10 s unless set. See [`Waiter::with_interval`](crate::Waiter::with_interval).
    #[must_use]
    pub fn wait_interval(mut self, interval: Duration) -> Self {
        self.settings.wait.interval = Some(interval);
        self
    }

    /// Sets the largest response that is read, in bytes; 32 MiB unless set.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.limits.max_body = bytes;
        self
    }

    /// Sets how requests are carried: for tests, special networks, or to share one pool of
    /// connections among clients of several services.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.settings.transport = Some(transport);
        self
    }

    /// Sets where time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Sets where randomness comes from.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.settings.entropy = entropy;
        self
    }

    /// Adds the name of the calling program to the user agent: printable ASCII.
    #[must_use]
    pub fn user_agent(mut self, suffix: impl Into<String>) -> Self {
        self.settings.user_agent = Some(suffix.into());
        self
    }

    /// Calls a function after each attempt of each call, on the task of the call: to count, to
    /// log, to measure. It must not block.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// let retries = Arc::new(AtomicU32::new(0));
    /// let counted = Arc::clone(&retries);
    /// let builder = cloudnet::vpc::Client::builder().on_attempt(move |attempt| {
    ///     if attempt.number > 1 {
    ///         counted.fetch_add(1, Ordering::Relaxed);
    ///     }
    /// });
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn on_attempt(mut self, observer: impl Fn(&AttemptReport<'_>) + Send + Sync + 'static) -> Self {
        self.settings.hooks.attempt = Some(Arc::new(observer));
        self
    }

    /// Calls a function after each call, on the task of the call: to measure how long calls take, how
    /// often they are tried and how they end. It must not block. [`CallReport`] has an example, and says
    /// what else is told.
    #[must_use]
    pub fn on_call(mut self, observer: impl Fn(&CallReport<'_>) + Send + Sync + 'static) -> Self {
        self.settings.hooks.call = Some(Arc::new(observer));
        self
    }

    /// Calls a function after each wait of a [`Waiter`](crate::Waiter), on its task. It must not block.
    #[must_use]
    pub fn on_wait(mut self, observer: impl Fn(&WaitReport<'_>) + Send + Sync + 'static) -> Self {
        self.settings.hooks.wait = Some(Arc::new(observer));
        self
    }

    /// Lets calls that the documents forbid at the same time wait for each other: those of this
    /// client and its clones with the same values of the action's
    /// [`serialize_by`](crate::schema::Action::serialize_by), such as VSwitches created in one
    /// VPC. Waiting counts towards the deadline of a call. Off unless set; other programs are
    /// not waited for.
    #[must_use]
    pub fn serialize_conflicting_writes(mut self, serialize: bool) -> Self {
        self.settings.serialize = serialize;
        self
    }
}

impl<C: Built> ClientBuilder<C> {
    /// Makes the client, or the [`Config`]. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the region is missing or
    /// not one DNS label, the endpoint is refused, whether it was set or a variable names it, the user
    /// agent is not printable ASCII, or no [`transport`](Self::transport) is set and there is none by
    /// default: the operating system has no root certificates, TLS no crypto provider, or the crate is
    /// built without a transport. What is wrong with the region or the endpoint of a [`Config`] is found
    /// when a client is made from it.
    pub fn build(self) -> Result<C, Error> {
        C::built(self)
    }
}

/// What a builder makes: a client, or what clients share.
pub trait Built: Sized {
    #[doc(hidden)]
    fn built(builder: ClientBuilder<Self>) -> Result<Self, Error>;
}

impl<C: OfClient> Built for C {
    fn built(builder: ClientBuilder<Self>) -> Result<Self, Error> {
        let service = builder.service.ok_or_else(|| Error::configuration("no service is named"))?;
        Ok(C::of_client(builder.settings.shared()?.client(service)?))
    }
}

impl Built for Config {
    fn built(builder: ClientBuilder<Self>) -> Result<Self, Error> {
        Ok(Self { settings: builder.settings.shared()? })
    }
}

impl ClientBuilder<Config> {
    pub(super) fn of_config(settings: Settings) -> Self {
        Self { settings, service: None, client: PhantomData }
    }
}

impl Settings {
    /// The settings, for another region.
    pub(super) fn for_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The region, if one is set.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The settings, with all that clients share made, unless it is already.
    fn shared(mut self) -> Result<Self, Error> {
        user_agent(self.user_agent.as_deref())?;
        let transport: Arc<dyn Transport> = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new(self.connect_timeout)?),
        };
        let machine = self.machine.clone();
        let machine = machine
            .with_transport(Arc::clone(&transport))
            .with_clock(Arc::clone(&self.clock))
            .with_entropy(Arc::clone(&self.entropy));
        self.credentials = self.credentials.seen_on(&machine);
        self.transport = Some(transport);
        Ok(self)
    }

    /// The client of a service, by settings that have all that clients share.
    pub(super) fn client(self, service: &'static Service) -> Result<Client, Error> {
        let region = self.region.as_deref().or(service.endpoints.home_region);
        let region = region.ok_or_else(|| Error::configuration("no region is set"))?.to_owned();
        let in_code = self.endpoint.as_deref().map(|text| Named::in_code("the endpoint", text));
        let endpoint = match in_code.or_else(|| Variables::of(service).named(&self.machine)) {
            Some(named) => Endpoint::named(service, &named, &region, self.allow_plain_http)?,
            None => Endpoint::of(service, &region, self.network)?,
        };
        let (transport, credentials) = match (&self.transport, &self.credentials) {
            (Some(transport), Source::Made(made)) => (Arc::clone(transport), made.of(service.protocol)),
            _ => return self.shared()?.client(service),
        };
        let runtime = Runtime {
            service,
            region: region.into(),
            endpoint,
            credentials,
            signature: self.signature,
            validation: self.validation,
            retry: self.retry.clone(),
            bucket: TokenBucket::default(),
            limits: self.limits,
            deadline: self.operation_timeout,
            wait: self.wait,
            transport,
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            user_agent: user_agent(self.user_agent.as_deref())?,
            clock_offset: AtomicI64::new(0),
            hooks: self.hooks.clone(),
            queues: self.serialize.then(Queues::default),
            settings: self,
        };
        Ok(Client { runtime: Arc::new(runtime) })
    }
}

/// Where credentials come from.
#[derive(Clone)]
enum Source {
    Chain,
    Environment,
    Given(Arc<dyn ProvideCredentials>),
    /// What the settings came to, with its cache.
    Made(Made),
}

/// The source for the services of each vendor.
#[derive(Clone)]
struct Made {
    alibaba_cloud: Arc<dyn ProvideCredentials>,
    aws: Arc<dyn ProvideCredentials>,
}

impl Source {
    /// What there is of it on a machine.
    fn seen_on(self, machine: &ProviderConfig) -> Self {
        Self::Made(match self {
            Self::Chain => Made {
                alibaba_cloud: Arc::new(Chain::alibaba_cloud(machine)),
                aws: Arc::new(Chain::aws(machine)),
            },
            Self::Environment => Made {
                alibaba_cloud: Arc::new(
                    EnvironmentCredentials::alibaba_cloud().with_lookup(machine.look_up()),
                ),
                aws: Arc::new(EnvironmentCredentials::aws().with_lookup(machine.look_up())),
            },
            Self::Given(source) => Made { alibaba_cloud: Arc::clone(&source), aws: source },
            Self::Made(made) => made,
        })
    }
}

impl Made {
    fn of(&self, protocol: Protocol) -> Arc<dyn ProvideCredentials> {
        match protocol {
            Protocol::AcsRpc => Arc::clone(&self.alibaba_cloud),
            Protocol::AwsJson { .. } => Arc::clone(&self.aws),
        }
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.describe("ClientBuilder", f)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("Settings", f)
    }
}

impl Settings {
    pub(super) fn describe(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The endpoint is left out: before it is checked it may hold a password.
        f.debug_struct(name)
            .field("region", &self.region)
            .field("network", &self.network)
            .field("retry", &self.retry)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

fn user_agent(suffix: Option<&str>) -> Result<HeaderValue, Error> {
    use std::env::consts::{ARCH, OS};
    let suffix = suffix.unwrap_or_default();
    let text = format!("cloudnet/{} ({OS}; {ARCH}) {}", env!("CARGO_PKG_VERSION"), suffix.trim());
    let is_printable = suffix.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let value = HeaderValue::from_str(text.trim_end()).ok().filter(|_| is_printable);
    value.ok_or_else(|| Error::configuration("the user agent is not printable ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::test_service::{SERVICE, Things};

    #[test]
    fn limits_are_those_that_the_docs_name() {
        let builder: ClientBuilder<Things> = ClientBuilder::new(&SERVICE);
        let builder = builder.settings;
        let seconds = [builder.connect_timeout, builder.limits.idle, builder.limits.attempt];
        assert_eq!(seconds.map(|limit| limit.as_secs()), [3, 20, 60]);
        assert_eq!((builder.operation_timeout.as_secs(), builder.limits.max_body), (180, 32 << 20));
    }
}
