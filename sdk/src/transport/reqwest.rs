//! The transport that clients use. The only file that knows reqwest.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, ClientBuilder, Response};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};
use crate::duration::Readable;
use crate::error::Error;

/// The gateways drop idle connections after about 10 s; a request on one of those is lost.
const POOL_IDLE: Duration = Duration::from_secs(8);

/// Memory set aside for a body before any of it has arrived.
const FIRST_RESERVE: usize = 64 * 1024;

/// HTTP/1.1 over TLS, with a pool of connections that all clones and clients share.
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
    /// A transport that gives up connecting, TLS handshake included, after `connect_timeout`.
    ///
    /// # Errors
    ///
    /// If the operating system has no root certificates, or there is no provider: neither of the
    /// features `aws-lc-rs` and `ring` is on, and none is installed.
    pub fn new(connect_timeout: Duration) -> Result<Self, Error> {
        Self::with_roots(connect_timeout, Vec::new())
    }

    /// As [`new`](Self::new), and trusts the certificates in a PEM text as roots too.
    ///
    /// # Errors
    ///
    /// If the text is not PEM or holds no certificate that can be a root, and where
    /// [`new`](Self::new) fails.
    pub fn with_root_certificates(connect_timeout: Duration, pem: &[u8]) -> Result<Self, Error> {
        let roots = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Error::configuration(format!("the root certificates: {error}")))?;
        if roots.is_empty() {
            return Err(Error::configuration("the text holds no root certificate"));
        }
        Self::with_roots(connect_timeout, roots)
    }

    /// A transport for plain HTTP that uses no proxy, whatever the environment says: for the
    /// metadata service and for hosts of this machine. It trusts no certificate.
    ///
    /// # Errors
    ///
    /// If there is no provider, as with [`new`](Self::new).
    pub fn direct(connect_timeout: Duration) -> Result<Self, Error> {
        let tls = ClientConfig::builder_with_provider(provider()?)
            .with_safe_default_protocol_versions()
            .map_err(|error| tls_problem(&error))?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        Self::built(settings(connect_timeout, tls).no_proxy())
    }

    fn with_roots(timeout: Duration, roots: Vec<CertificateDer<'static>>) -> Result<Self, Error> {
        let tls = tls(roots, provider()?).map_err(|error| tls_problem(&error))?;
        Self::built(settings(timeout, tls))
    }

    fn built(settings: ClientBuilder) -> Result<Self, Error> {
        let client =
            settings.build().map_err(|error| Error::configuration(describe(&error.without_url())))?;
        Ok(Self { client })
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

fn settings(connect_timeout: Duration, tls: ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
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

fn tls(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, rustls::Error> {
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
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
