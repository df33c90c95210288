//! What a source of credentials, or a client, sees of the machine it runs on.

use std::env;
use std::fmt;
use std::fs::File;
use std::future::ready;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;

use super::CredentialsError;
use super::corrected_clock::CorrectedClock;
use crate::clock::{Clock, Entropy, OsEntropy, SystemClock};
use crate::error::Error;
use crate::transport::{
    HttpTransport, Limits, ResponseFuture, Transport, TransportError, TransportErrorKind,
};

/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

type LookUp = dyn Fn(&str) -> Option<String> + Send + Sync;
type ReadFile = dyn Fn(&Path) -> io::Result<Vec<u8>> + Send + Sync;

/// What a source of credentials sees of the machine: variables, files, time, randomness and
/// network.
///
/// [`of_process`](Self::of_process) is the real machine. For a test,
/// [`empty`](Self::empty) is one that has nothing, to which the test adds what it wants to be
/// there:
///
/// ```
/// use cloudnet::ProvideCredentials;
/// use cloudnet::credentials::{ProfileFile, ProviderConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), cloudnet::CredentialsError> {
/// let machine = ProviderConfig::empty().with_home("/home/me").with_files(|path| {
///     match path.ends_with(".alibabacloud/credentials") {
///         true => Ok("[default]\ntype = access_key\naccess_key_id = id\naccess_key_secret = s".into()),
///         false => Err(std::io::ErrorKind::NotFound.into()),
///     }
/// });
/// let credentials = ProfileFile::new().build(&machine).provide().await?;
/// assert_eq!(credentials.access_key_id(), "id");
/// assert_eq!(credentials.provider_name(), "profile/static_ak");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ProviderConfig {
    variables: Arc<LookUp>,
    files: Arc<ReadFile>,
    home: Option<PathBuf>,
    sts_endpoint: Option<String>,
    transport: Arc<dyn Transport>,
    direct_transport: Arc<dyn Transport>,
    clock: Arc<CorrectedClock>,
    entropy: Arc<dyn Entropy>,
}

impl ProviderConfig {
    /// The machine as this process sees it. Connections are made when they are needed. Where the
    /// crate is built without a transport, [`with_transport`](Self::with_transport) and
    /// [`with_direct_transport`](Self::with_direct_transport) must be set for the sources that ask
    /// over HTTP.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            variables: Arc::new(|name| env::var(name).ok()),
            files: Arc::new(read_file),
            home: env::home_dir(),
            sts_endpoint: None,
            transport: Arc::new(LazyTransport::new(|| HttpTransport::new(Duration::from_secs(5)))),
            direct_transport: Arc::new(LazyTransport::new(|| HttpTransport::direct(Duration::from_secs(1)))),
            clock: CorrectedClock::new(Arc::new(SystemClock)),
            entropy: Arc::new(OsEntropy),
        }
    }

    /// A machine without variables, files, home folder and network, which tells the time.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            variables: Arc::new(|_| None),
            files: Arc::new(|_| Err(io::ErrorKind::NotFound.into())),
            home: None,
            sts_endpoint: None,
            transport: Arc::new(NoNetwork),
            direct_transport: Arc::new(NoNetwork),
            clock: CorrectedClock::new(Arc::new(SystemClock)),
            entropy: Arc::new(OsEntropy),
        }
    }

    /// Sets where variables are looked up. White space around a value is cut off, and an empty
    /// value counts as missing.
    #[must_use]
    pub fn with_variables(
        mut self,
        look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.variables = Arc::new(look_up);
        self
    }

    /// Sets how files are read. Files are small, and are read when a source needs them.
    #[must_use]
    pub fn with_files(mut self, read: impl Fn(&Path) -> io::Result<Vec<u8>> + Send + Sync + 'static) -> Self {
        self.files = Arc::new(read);
        self
    }

    /// Sets the home folder.
    #[must_use]
    pub fn with_home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// Sets the endpoint of Alibaba Cloud's STS, for all sources that assume a role: a host, or a
    /// URL without path, query and user info. `http` is refused unless the host is a loopback one,
    /// which is then asked by the [direct transport](Self::with_direct_transport).
    ///
    /// Unless set, it is the value of `ALIBABA_CLOUD_ENDPOINT_STS` or else of
    /// `ALIBABA_CLOUD_ENDPOINT`, under the same conditions. Unless there is one, the region says
    /// which host is called: that of a role, or `ALIBABA_CLOUD_STS_REGION`.
    #[must_use]
    pub fn with_sts_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.sts_endpoint = Some(endpoint.into());
        self
    }

    /// Sets what carries requests to STS and to credential URIs that are `https`.
    #[must_use]
    pub fn with_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = transport;
        self
    }

    /// Sets what carries requests to the metadata service, and to credential URIs and an endpoint of
    /// STS that are `http`. It must not use a proxy: credentials come back in the clear.
    #[must_use]
    pub fn with_direct_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.direct_transport = transport;
        self
    }

    /// Sets where time comes from.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = CorrectedClock::new(clock);
        self
    }

    /// Sets where randomness comes from.
    #[must_use]
    pub fn with_entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// The value of a variable without the white space around it, unless it is empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// How others look a variable up.
    pub(crate) fn look_up(&self) -> impl Fn(&str) -> Option<String> + Send + Sync + 'static {
        let config = self.clone();
        move |name| config.variable(name)
    }

    /// Whether a variable says `true`.
    pub(crate) fn is_switched_on(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The endpoint of STS that was set.
    pub(super) fn sts_endpoint(&self) -> Option<&str> {
        self.sts_endpoint.as_deref()
    }

    /// A path below the home folder.
    pub(super) fn in_home(&self, path: &str) -> Result<PathBuf, CredentialsError> {
        let home = self
            .home
            .as_ref()
            .ok_or_else(|| CredentialsError::new(format!("there is no home folder to find {path} in")))?;
        Ok(home.join(path))
    }

    /// A file as text, without the mark that some editors put in front.
    pub(super) fn read(&self, path: &Path) -> io::Result<String> {
        let text = String::from_utf8((self.files)(path)?).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }

    pub(super) fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    pub(super) fn direct_transport(&self) -> &dyn Transport {
        &*self.direct_transport
    }

    /// The clock; what one source learns about it holds for all.
    pub(super) fn clock(&self) -> &Arc<CorrectedClock> {
        &self.clock
    }

    pub(super) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }
}

impl fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderConfig").field("home", &self.home).finish_non_exhaustive()
    }
}

/// Why a file cannot be read. The system's own text goes: a reader of files may quote them.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> CredentialsError {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        kind => kind.to_string(),
    };
    CredentialsError::new(format!("{}: {reason}", path.display())).with_source(io::Error::from(error.kind()))
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Most programs have their keys at hand and never need a connection for them.
#[derive(Debug)]
struct LazyTransport {
    make: fn() -> Result<HttpTransport, Error>,
    made: OnceLock<HttpTransport>,
}

impl LazyTransport {
    fn new(make: fn() -> Result<HttpTransport, Error>) -> Self {
        Self { make, made: OnceLock::new() }
    }

    fn get(&self) -> Result<&HttpTransport, Error> {
        if let Some(made) = self.made.get() {
            return Ok(made);
        }
        let made = (self.make)()?;
        Ok(self.made.get_or_init(|| made))
    }
}

impl Transport for LazyTransport {
    fn send<'a>(&'a self, request: http::Request<Bytes>, limits: Limits) -> ResponseFuture<'a> {
        match self.get() {
            Ok(transport) => transport.send(request, limits),
            Err(error) => {
                let failed = TransportError::new(TransportErrorKind::Request, error.message());
                Box::pin(ready(Err(failed)))
            }
        }
    }
}

/// No network at all.
#[derive(Debug)]
struct NoNetwork;

impl Transport for NoNetwork {
    fn send<'a>(&'a self, _: http::Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        Box::pin(ready(Err(TransportError::new(TransportErrorKind::Connect, "there is no network"))))
    }
}
