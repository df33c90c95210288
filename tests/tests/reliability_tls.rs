//! Who cannot prove to be the service is not told anything: no request, no second attempt.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::transport::HttpTransport;
use cloudnet::{Credentials, Error, ErrorKind, vpc};
use cloudnet_tests::failed;
use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto::aws_lc_rs};

/// The hello of a server that speaks TLS 1.1 at most: record and message heads, then the version.
const HELLO_OF_TLS_1_1: [u8; 11] = [0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
/// What follows: 32 random bytes, no session, a cipher suite of that time, no compression.
const REST_OF_HELLO: [u8; 36] = {
    let mut rest = [0; 36];
    (rest[33], rest[34]) = (0xc0, 0x14);
    rest
};

#[tokio::test]
async fn r30_a_good_certificate_is_accepted() {
    let authority = Authority::new();
    let server = Server::start(Some(authority.acceptor(&CertificateParams::new(here()).unwrap()))).await;
    let answer = call(&server, &authority).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!((server.connections(), server.requests()), (1, 1));
}

#[tokio::test]
async fn r30_an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let mut expired = CertificateParams::new(here()).unwrap();
    (expired.not_before, expired.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    let server = Server::start(Some(authority.acceptor(&expired))).await;
    refused(&server, &authority, "expired").await;
}

#[tokio::test]
async fn r30_a_certificate_of_another_host_is_refused() {
    let authority = Authority::new();
    let other = CertificateParams::new(vec!["vpc.example.com".to_owned()]).unwrap();
    let server = Server::start(Some(authority.acceptor(&other))).await;
    refused(&server, &authority, "not valid for name").await;
}

#[tokio::test]
async fn r30_a_certificate_that_signed_itself_is_refused() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(here()).unwrap().self_signed(&key).unwrap();
    let server = Server::start(Some(acceptor(certificate.der().clone(), &key))).await;
    refused(&server, &Authority::new(), "UnknownIssuer").await;
}

#[tokio::test]
async fn r30_tls_1_1_is_refused() {
    let server = Server::start(None).await;
    refused(&server, &Authority::new(), "peer is incompatible").await;
}

#[tokio::test]
async fn a_client_shows_its_certificate_where_it_is_asked_for() {
    let authority = Authority::new();
    let server = Server::start(Some(authority.demanding())).await;
    assert!(call(&server, &authority).await.is_err());
    assert_eq!(server.requests(), 0);

    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["caller".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority.0).unwrap();
    let identity = certificate.pem() + &key.serialize_pem();
    let transport = HttpTransport::builder()
        .root_certificates(authority.0.pem().as_bytes())
        .client_certificate(identity)
        .build();
    let answer = call_by(transport, &server).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(server.requests(), 1);
}

/// Both sides can; the client does where it is asked to.
#[tokio::test]
async fn calls_at_once_share_a_connection_by_http2_where_that_is_asked_for() {
    let authority = Authority::new();
    let builder = || HttpTransport::builder().root_certificates(authority.0.pem().as_bytes());
    for (transport, version, connections) in
        [(builder(), Version::HTTP_11, 2), (builder().http2(), Version::HTTP_2, 1)]
    {
        let server = Modern::start(&authority).await;
        let client = client_by(transport.build(), server.address).unwrap();
        client.create_vpc().send().await.unwrap();
        let calls = [(); 2].map(|()| client.create_vpc().send());
        let [first, second] = calls;
        let (first, second) = tokio::join!(first, second);
        assert_eq!(first.unwrap().vpc_id.as_deref(), Some("vpc-1"));
        assert_eq!(second.unwrap().vpc_id.as_deref(), Some("vpc-1"));
        assert_eq!(*server.versions.lock().unwrap(), [version; 3]);
        assert_eq!(server.connections.load(Ordering::SeqCst), connections);
    }
}

#[test]
fn what_is_no_identity_is_refused_and_not_quoted() {
    let key = KeyPair::generate().unwrap().serialize_pem();
    for pem in ["hunter2", &key, "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n"] {
        let error = failed(HttpTransport::builder().client_certificate(pem).build());
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        assert!(error.to_string().contains("the client certificate"), "{error}");
    }
    let error = failed(HttpTransport::builder().root_certificates(b"").build());
    assert!(error.to_string().contains("no root certificate"), "{error}");
}

/// One attempt, a typed error that says why, and not a byte of the request.
async fn refused(server: &Server, authority: &Authority, reason: &str) {
    let error = failed(call(server, authority).await);
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
    assert!(error.message().contains(reason), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_applied()), (1, false));
    assert_eq!((server.connections(), server.requests()), (1, 0));
}

async fn call(server: &Server, authority: &Authority) -> Result<vpc::CreateVpcOutput, Error> {
    let trusting =
        HttpTransport::with_root_certificates(Duration::from_secs(5), authority.0.pem().as_bytes());
    call_by(trusting, server).await
}

async fn call_by(
    transport: Result<HttpTransport, Error>,
    server: &Server,
) -> Result<vpc::CreateVpcOutput, Error> {
    client_by(transport, server.address)?.create_vpc().send().await
}

fn client_by(transport: Result<HttpTransport, Error>, address: SocketAddr) -> Result<vpc::Client, Error> {
    vpc::Client::builder()
        .region("cn-hangzhou")
        .endpoint(format!("https://{address}"))
        .credentials(Credentials::new("AKID", "a secret of the caller"))
        .transport(Arc::new(transport?))
        .build()
}

/// The host that the client believes to call.
fn here() -> Vec<String> {
    vec!["127.0.0.1".to_owned()]
}

/// Whoever the client trusts.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "the trusted root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Whose clients must have a certificate of the authority.
    fn demanding(&self) -> TlsAcceptor {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(here()).unwrap().signed_by(&key, &self.0).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    fn acceptor(&self, params: &CertificateParams) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        acceptor(certificate.der().clone(), &key)
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Speaks HTTP/2 and HTTP/1.1, whichever the client wants, and takes its time for an answer.
struct Modern {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    versions: Arc<Mutex<Vec<Version>>>,
}

impl Modern {
    async fn start(authority: &Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let modern = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            versions: Arc::default(),
        };
        let (connections, versions) = (Arc::clone(&modern.connections), Arc::clone(&modern.versions));
        let acceptor = authority.acceptor(&CertificateParams::new(here()).unwrap());
        let mut config = ServerConfig::clone(acceptor.config());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(acceptor.clone(), stream, Arc::clone(&versions)));
            }
        });
        modern
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, versions: Arc<Mutex<Vec<Version>>>) {
    let stream = acceptor.accept(stream).await.unwrap();
    let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request: Request<Incoming>| {
        versions.lock().unwrap().push(request.version());
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok::<_, Infallible>(Response::new(r#"{"VpcId":"vpc-1"}"#.to_owned()))
        }
    });
    let stream = TokioIo::new(stream);
    // A client that goes away breaks the connection off.
    if is_h2 {
        http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await.ok();
    } else {
        http1::Builder::new().serve_connection(stream, service).await.ok();
    }
}

/// Counts its connections, and the requests that came through a handshake.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Without an acceptor it speaks TLS 1.1.
    async fn start(acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let (connected, requested) = (Arc::clone(&connections), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connected.fetch_add(1, Ordering::SeqCst);
                match &acceptor {
                    Some(acceptor) => answer(acceptor, stream, &requested).await,
                    None => greet(stream).await,
                }
            }
        });
        Self { address, connections, requests }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn answer(acceptor: &TlsAcceptor, stream: TcpStream, requested: &AtomicUsize) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    if !matches!(stream.read(&mut [0; 16 * 1024]).await, Ok(read) if read > 0) {
        return;
    }
    requested.fetch_add(1, Ordering::SeqCst);
    let body = r#"{"RequestId":"1","VpcId":"vpc-1"}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all((head + body).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

async fn greet(mut stream: TcpStream) {
    let read = stream.read(&mut [0; 16 * 1024]).await.unwrap();
    assert!(read > 0, "the hello of the client");
    stream.write_all(&[&HELLO_OF_TLS_1_1[..], &REST_OF_HELLO].concat()).await.unwrap();
    // Whatever the client says to that, until it goes.
    while matches!(stream.read(&mut [0; 1024]).await, Ok(read) if read > 0) {}
}
