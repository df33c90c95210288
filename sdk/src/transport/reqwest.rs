//! The transport that clients use. The only file that knows reqwest.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Response};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};
use crate::duration::Readable;
use crate::error::Error;
use crate::secret::Secret;

/// The gateways drop idle connections after about 10 s; a request on one of those is lost.
const POOL_IDLE: Duration = Duration::from_secs(8);

/// Memory set aside for a body before any of it has arrived.
const FIRST_RESERVE: usize = 64 * 1024;

/// HTTP/1.1 over TLS, or HTTP/2 where that is [asked for](HttpTransportBuilder::http2), with a pool of connections that all clones and clients share.
///
/// Certificates are checked against the roots of the operating system. Proxies are taken from
/// the environment (`HTTPS_PROXY`, `NO_PROXY`, …). No redirect is followed and no request
/// repeated.
///
/// TLS is on the [provider](https://docs.rs/rustls/latest/rustls/crypto/struct.CryptoProvider.html)
/// that the program has installed for the process, and otherwise on the one of the feature:
/// `aws-lc-rs`, or `ring` where that one is off.
///
/// A pool belongs to the tokio runtime on which it is first used.
#[derive(Clone)]
pub struct HttpTransport {
    client: Client,
}

impl HttpTransport {
    /// Starts making a transport: for a proxy, roots or a client certificate of your own, or another pool.
    pub fn builder() -> HttpTransportBuilder {
        HttpTransportBuilder::default()
    }

    /// A transport that gives up connecting, TLS handshake included, after `connect_timeout`.
    ///
    /// # Errors
    ///
    /// If the operating system has no root certificates, or there is no provider: neither of the
    /// features `aws-lc-rs` and `ring` is on, and none is installed.
    pub fn new(connect_timeout: Duration) -> Result<Self, Error> {
        Self::builder().connect_timeout(connect_timeout).build()
    }

    /// As [`new`](Self::new), and trusts the certificates in a PEM text as roots too.
    ///
    /// # Errors
    ///
    /// If the text is not PEM or holds no certificate that can be a root, and where
    /// [`new`](Self::new) fails.
    pub fn with_root_certificates(connect_timeout: Duration, pem: &[u8]) -> Result<Self, Error> {
        Self::builder().connect_timeout(connect_timeout).root_certificates(pem).build()
    }

    /// A transport for plain HTTP that uses no proxy, whatever the environment says: for the
    /// metadata service and for hosts of this machine. It trusts no certificate.
    ///
    /// # Errors
    ///
    /// If there is no provider, as with [`new`](Self::new).
    pub fn direct(connect_timeout: Duration) -> Result<Self, Error> {
        let direct = Self::builder().connect_timeout(connect_timeout).no_proxy();
        let tls = ClientConfig::builder_with_provider(provider()?)
            .with_safe_default_protocol_versions()
            .map_err(|error| tls_problem(&error))?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        direct.built(tls)
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let mut request = reqwest::Request::try_from(request)
            .map_err(|error| caused(TransportErrorKind::Request, error))?;
        request.headers_mut().values_mut().for_each(|value| value.set_sensitive(true));
        let sent = tokio::time::timeout(limits.idle, self.client.execute(request));
        let response = sent.await.map_err(|_| silence(limits.idle))?.map_err(classify)?;
        read(response, limits).await
    }
}

impl Transport for HttpTransport {
    fn send<'a>(&'a self, request: http::Request<Bytes>, limits: Limits) -> ResponseFuture<'a> {
        Box::pin(self.exchange(request, limits))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}

/// Settings of an [`HttpTransport`] to be.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use cloudnet::transport::HttpTransport;
/// use cloudnet::vpc;
///
/// # fn connect() -> Result<(), cloudnet::Error> {
/// let transport = HttpTransport::builder()
///     .proxy("http://proxy.example.com:3128")
///     .connect_timeout(Duration::from_secs(5))
///     .max_idle_connections(8)
///     .build()?;
/// let client = vpc::Client::builder().region("cn-hangzhou").transport(Arc::new(transport)).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// # assert!(connect().is_ok());
/// ```
#[derive(Clone)]
#[must_use = "a builder makes nothing until it is built"]
pub struct HttpTransportBuilder {
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_idle: usize,
    proxy: Proxying,
    roots: Option<Vec<u8>>,
    client_certificate: Option<Secret>,
    protocols: &'static [&'static str],
}

const HTTP_1: &[&str] = &["http/1.1"];
#[cfg(feature = "http2")]
const HTTP_2_OR_1: &[&str] = &["h2", "http/1.1"];

/// What carries requests to the server.
#[derive(Clone)]
enum Proxying {
    OfEnvironment,
    Through(Secret),
    None,
}

impl Default for HttpTransportBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            idle_timeout: POOL_IDLE,
            max_idle: usize::MAX,
            proxy: Proxying::OfEnvironment,
            roots: None,
            client_certificate: None,
            protocols: HTTP_1,
        }
    }
}

impl HttpTransportBuilder {
    /// Sets how long connecting may take, TLS handshake included; 3 s unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long a connection without a request is kept; 8 s unless set. The gateways drop
    /// connections after about 10 s, and a request on one of those is lost.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how many connections without a request are kept for each host; any number unless set, and
    /// with 0 each request has a connection of its own.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// Sets the proxy for all requests, instead of those that the environment names: a URL, with user
    /// name and password if it asks for them. It is never printed.
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.proxy = Proxying::Through(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxying::None;
        self
    }

    /// Trusts the certificates in a PEM text as roots, besides those of the operating system.
    pub fn root_certificates(mut self, pem: &[u8]) -> Self {
        self.roots = Some(pem.to_vec());
        self
    }

    /// Sets what proves to the server, or to a proxy that looks into TLS, who the client is: its
    /// certificate, those between it and the root, and its private key, in one PEM text.
    pub fn client_certificate(mut self, pem: impl Into<Secret>) -> Self {
        self.client_certificate = Some(pem.into());
        self
    }

    /// Speaks HTTP/2 with servers that offer it in the TLS handshake: calls at once share a connection. With
    /// others, and without TLS, it stays with HTTP/1.1.
    #[cfg(feature = "http2")]
    pub fn http2(mut self) -> Self {
        self.protocols = HTTP_2_OR_1;
        self
    }

    /// Makes the transport. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If a PEM text does not hold what it should, the proxy is no URL, the operating system has no root
    /// certificates, or there is no provider: see [`HttpTransport::new`].
    pub fn build(self) -> Result<HttpTransport, Error> {
        let provider = provider()?;
        let verifier = Verifier::new_with_extra_roots(self.roots()?, Arc::clone(&provider))
            .map_err(|error| tls_problem(&error))?;
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| tls_problem(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut tls = match &self.client_certificate {
            None => tls.with_no_client_auth(),
            Some(pem) => {
                let (chain, key) = identity(pem)?;
                tls.with_client_auth_cert(chain, key).map_err(|error| tls_problem(&error))?
            }
        };
        tls.alpn_protocols = self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self.built(tls)
    }

    fn roots(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let Some(pem) = &self.roots else { return Ok(Vec::new()) };
        let roots = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Error::configuration(format!("the root certificates: {error}")))?;
        if roots.is_empty() {
            return Err(Error::configuration("the text holds no root certificate"));
        }
        Ok(roots)
    }

    fn built(self, tls: ClientConfig) -> Result<HttpTransport, Error> {
        let settings = Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.idle_timeout)
            .pool_max_idle_per_host(self.max_idle)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never());
        let settings = if self.protocols == HTTP_1 { settings.http1_only() } else { settings };
        let settings = match &self.proxy {
            Proxying::OfEnvironment => settings,
            Proxying::None => settings.no_proxy(),
            // What reqwest says about a URL may quote it.
            Proxying::Through(url) => settings.proxy(
                reqwest::Proxy::all(url.expose())
                    .map_err(|_| Error::configuration("the proxy is not a URL that can be used"))?,
            ),
        };
        let client =
            settings.build().map_err(|error| Error::configuration(describe(&error.without_url())))?;
        Ok(HttpTransport { client })
    }
}

impl fmt::Debug for HttpTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_idle_connections", &self.max_idle)
            .finish_non_exhaustive()
    }
}

/// What a client proves who it is with. Nothing of the text is quoted: it holds a private key.
fn identity(pem: &Secret) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    let pem = pem.expose().as_bytes();
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().unwrap_or_default();
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) if !chain.is_empty() => Ok((chain, key)),
        Ok(_) => Err(Error::configuration("the client certificate is not there, or no PEM")),
        Err(_) => Err(Error::configuration("the client certificate comes without its private key")),
    }
}

fn tls_problem(error: &rustls::Error) -> Error {
    Error::configuration(format!("TLS: {error}"))
}

/// The provider that the program chose for the process, or else the crate's own. It is handed on by
/// value: rustls panics where it has to find one itself and the program's crates brought none, or two.
fn provider() -> Result<Arc<CryptoProvider>, Error> {
    let chosen = CryptoProvider::get_default().map(Arc::clone).or_else(own_provider);
    chosen.ok_or_else(|| {
        Error::configuration(
            "TLS has no crypto provider: turn on the feature `aws-lc-rs` or `ring`, or install one with `rustls::crypto::CryptoProvider::install_default`",
        )
    })
}

/// Of both, the one that others in the program take too.
fn own_provider() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "aws-lc-rs")]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
    None
}

async fn read(mut response: Response, limits: Limits) -> Result<http::Response<Bytes>, TransportError> {
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limits.max_body as u64) {
        return Err(too_large(limits));
    }
    let reserve = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut body = BytesMut::with_capacity(reserve.min(FIRST_RESERVE));
    loop {
        let part = tokio::time::timeout(limits.idle, response.chunk()).await;
        let part = part.map_err(|_| silence(limits.idle))?.map_err(classify_body)?;
        let Some(part) = part else { break };
        if body.len() + part.len() > limits.max_body {
            return Err(too_large(limits));
        }
        body.extend_from_slice(&part);
    }
    if announced.is_some_and(|length| length != body.len() as u64) {
        return Err(truncated("the body is shorter than announced"));
    }
    let mut whole = http::Response::new(body.freeze());
    *whole.status_mut() = response.status();
    *whole.headers_mut() = std::mem::take(response.headers_mut());
    Ok(whole)
}

fn classify(error: reqwest::Error) -> TransportError {
    let kind = match tls_failure(&error) {
        Some(_) => TransportErrorKind::Tls,
        None if error.is_builder() => TransportErrorKind::Request,
        None if is_too_large(&error) => TransportErrorKind::TooLarge,
        None if error.is_connect() => TransportErrorKind::Connect,
        None if error.is_timeout() => TransportErrorKind::Timeout,
        None => TransportErrorKind::Broken,
    };
    let is_unsent = error.is_connect() || error.is_builder();
    let mut classified = caused(kind, error);
    classified.may_have_been_sent = !is_unsent;
    classified
}

fn classify_body(error: reqwest::Error) -> TransportError {
    match tls_failure(&error) {
        Some(_) => classify(error),
        None => caused(TransportErrorKind::Truncated, error),
    }
}

/// Whether the head of the response exceeds what hyper takes, which it tells clients in words only.
fn is_too_large(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.to_string() == "message head is too large" {
            return true;
        }
        source = cause.source();
    }
    false
}

/// What rustls did not accept.
fn tls_failure(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(failure) = unwrap_tls(cause) {
            return Some(failure);
        }
        source = cause.source();
    }
    None
}

/// An I/O error hides what it wraps from `source`, and TLS errors are wrapped several times.
fn unwrap_tls<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = cause;
    while let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        cause = inner;
    }
    cause.downcast_ref()
}

/// The URL goes: its query holds parameters and the signature.
fn caused(kind: TransportErrorKind, error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    TransportError::new(kind, describe(&error)).with_source(error)
}

/// The whole chain as one text.
fn describe(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

fn silence(limit: Duration) -> TransportError {
    let message = format!("the server was silent for {}", Readable(limit));
    TransportError::new(TransportErrorKind::Timeout, message)
}

fn too_large(limits: Limits) -> TransportError {
    let message = format!("the body exceeds {} bytes", limits.max_body);
    TransportError::new(TransportErrorKind::TooLarge, message)
}

fn truncated(message: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Truncated, message)
}
