//! A service whose certificate proves nothing is told nothing.

use std::error::Error as StdError;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use cloudnet::transport::HttpTransport;
use cloudnet::{Credentials, ErrorKind, vpc};
use cloudnet_tests::failed;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

type Outcome<T> = Result<T, Box<dyn StdError>>;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\nconnection: close\r\n\r\n{\"VpcId\":\"vpc-1\"}";

/// A server with a certificate that it signed itself.
struct Service {
    address: SocketAddr,
    certificate: String,
    connections: Arc<AtomicUsize>,
    /// Handshakes that came to a request.
    requests: Arc<AtomicUsize>,
}

fn service(host: &str, is_expired: bool) -> Outcome<Service> {
    let mut params = CertificateParams::new([host.to_owned()])?;
    if is_expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let service = Service {
        address: listener.local_addr()?,
        certificate: certificate.pem(),
        connections: Arc::clone(&connections),
        requests: Arc::clone(&requests),
    };
    let config = Arc::new(config);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            connections.fetch_add(1, Ordering::SeqCst);
            // A client that hangs up is what most tests want.
            answer(stream, &config, &requests).ok();
        }
    });
    Ok(service)
}

fn answer(stream: TcpStream, config: &Arc<ServerConfig>, requests: &AtomicUsize) -> io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    if stream.read(&mut [0; 8192])? > 0 {
        requests.fetch_add(1, Ordering::SeqCst);
        stream.write_all(ANSWER)?;
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

/// A client that trusts what its transport trusts.
fn client(service: &Service, transport: HttpTransport) -> Result<vpc::Client, cloudnet::Error> {
    vpc::Client::builder()
        .region("cn-hangzhou")
        .endpoint(format!("https://{}", service.address))
        .credentials(Credentials::new("id", "secret"))
        .transport(Arc::new(transport))
        .build()
}

fn trusting(service: &Service) -> Result<HttpTransport, cloudnet::Error> {
    HttpTransport::with_root_certificates(Duration::from_secs(5), service.certificate.as_bytes())
}

#[tokio::test]
async fn r30_a_good_certificate_is_answered() -> Outcome<()> {
    let service = service("127.0.0.1", false)?;
    let created = client(&service, trusting(&service)?)?.create_vpc().send().await?;
    assert_eq!(created.vpc_id.as_deref(), Some("vpc-1"));
    assert_eq!(service.requests.load(Ordering::SeqCst), 1);
    Ok(())
}

#[tokio::test]
async fn r30_a_bad_certificate_is_tried_once_and_told_nothing() -> Outcome<()> {
    let unknown = service("127.0.0.1", false)?;
    let (elsewhere, expired) = (service("elsewhere.test", false)?, service("127.0.0.1", true)?);
    let cases = [
        ("signed by itself", &unknown, HttpTransport::new(Duration::from_secs(5))?),
        ("of another host", &elsewhere, trusting(&elsewhere)?),
        ("expired", &expired, trusting(&expired)?),
    ];
    for (name, service, transport) in cases {
        let error = failed(client(service, transport)?.create_vpc().send().await);
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Tls, 1), "{name}: {error}");
        assert!(!error.may_have_been_applied(), "{name}: {error}");
        assert_eq!(service.connections.load(Ordering::SeqCst), 1, "{name}");
        assert_eq!(service.requests.load(Ordering::SeqCst), 0, "{name}");
    }
    Ok(())
}
