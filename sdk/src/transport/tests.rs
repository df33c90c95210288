//! The shipped transport against a loopback server that answers with raw bytes.

use super::*;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::Error;

/// Accepts connections for ever, and counts them and their requests.
struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream) -> io::Result<()> + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                // A client that hangs up early makes the write fail; that is its right.
                if read_head(&mut stream).is_ok() {
                    counter.fetch_add(1, Ordering::SeqCst);
                    answer(&mut stream).unwrap_or_default();
                }
            }
        });
        Ok(Self { address, requests })
    }

    fn answering(answer: &'static str) -> io::Result<Self> {
        Self::start(move |stream| stream.write_all(answer.as_bytes()))
    }

    async fn ask(&self, limits: Limits) -> Result<http::Response<Bytes>, TransportError> {
        let request = http::Request::post(format!("http://{}/?Signature=secret", self.address));
        let Ok(request) = request.body(Bytes::new()) else { panic!("no request") };
        match HttpTransport::new(PATIENCE) {
            Ok(transport) => transport.send(request, limits).await,
            Err(error) => panic!("{error}"),
        }
    }

    async fn fail(&self, limits: Limits) -> (TransportErrorKind, bool) {
        match self.ask(limits).await {
            Ok(response) => panic!("{response:?}"),
            Err(error) => {
                assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
                (error.kind(), error.may_have_been_sent())
            }
        }
    }
}

fn read_head(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(())
}

/// What a busy machine may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

fn small() -> Limits {
    Limits { max_body: 1024, idle: PATIENCE, ..Limits::default() }
}

#[tokio::test]
async fn a_response_comes_back_whole() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::answering("HTTP/1.1 404 No\r\nx-id: 7\r\ncontent-length: 2\r\n\r\n{}")?;
    let response = server.ask(small()).await?;
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (404, b"{}".as_ref()));
    assert_eq!(response.headers().get("x-id").map(http::HeaderValue::as_bytes), Some(b"7".as_ref()));
    Ok(())
}

#[tokio::test]
async fn a_redirect_comes_back_as_it_is() -> io::Result<()> {
    let elsewhere = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    let address = elsewhere.address;
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(move |stream| {
            let head = format!("HTTP/1.1 {status} Go\r\nlocation: http://{address}/\r\n");
            stream.write_all(format!("{head}content-length: 0\r\n\r\n").as_bytes())
        })?;
        let answered = server.ask(small()).await.map(|response| response.status().as_u16());
        assert_eq!(answered, Ok(status));
    }
    assert_eq!(elsewhere.requests.load(Ordering::SeqCst), 0);
    Ok(())
}

#[tokio::test]
async fn a_body_is_bounded_while_it_is_read() -> io::Result<()> {
    let announced = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 1025\r\n\r\n")?;
    assert_eq!(announced.fail(small()).await, (TransportErrorKind::TooLarge, true));
    let endless = Server::start(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        loop {
            stream.write_all(b"3\r\n{{{\r\n")?;
        }
    })?;
    assert_eq!(endless.fail(small()).await, (TransportErrorKind::TooLarge, true));
    Ok(())
}

#[tokio::test]
async fn a_body_that_ends_early_is_truncated() -> io::Result<()> {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
    ] {
        let server = Server::answering(answer)?;
        assert_eq!(server.fail(small()).await, (TransportErrorKind::Truncated, true));
        assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    }
    Ok(())
}

#[tokio::test]
async fn no_memory_is_set_aside_for_what_is_only_announced() -> io::Result<()> {
    // More than any machine has, and on most of them more than a program can ask for.
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775808\r\n\r\n{")?;
    let limits = Limits { max_body: usize::MAX, ..small() };
    let expected =
        if usize::BITS < 64 { TransportErrorKind::TooLarge } else { TransportErrorKind::Truncated };
    assert_eq!(server.fail(limits).await, (expected, true));
    Ok(())
}

#[tokio::test]
async fn a_connection_that_closes_is_not_asked_again() -> io::Result<()> {
    let server = Server::answering("")?;
    assert_eq!(server.fail(small()).await, (TransportErrorKind::Broken, true));
    assert_eq!(server.requests.load(Ordering::SeqCst), 1);
    Ok(())
}

#[tokio::test]
async fn silence_ends_before_and_after_the_head() -> io::Result<()> {
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let server = Server::start(move |stream| {
            stream.write_all(head.as_bytes())?;
            // Until the client hangs up.
            stream.read(&mut [0]).map(drop)
        })?;
        let limits = Limits { idle: Duration::from_millis(100), ..small() };
        assert_eq!(server.fail(limits).await, (TransportErrorKind::Timeout, true));
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_connection_has_seen_nothing() -> io::Result<()> {
    let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let server = Server { address, requests: Arc::default() };
    assert_eq!(server.fail(Limits::default()).await, (TransportErrorKind::Connect, false));
    Ok(())
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_cannot_prove_who_it_is() -> Result<(), Error> {
    let refused = || Error::configuration("no listener");
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|_| refused())?;
    let address = listener.local_addr().map_err(|_| refused())?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // Closing with unread bytes would reset the connection before the answer is read.
            let _greeting = stream.read(&mut [0; 4096]).unwrap_or_default();
            stream.write_all(b"HTTP/1.1 400 plain\r\n\r\n").unwrap_or_default();
        }
    });
    let request = http::Request::post(format!("https://{address}/")).body(Bytes::new());
    let Ok(request) = request else { panic!("no request") };
    let transport = HttpTransport::new(PATIENCE)?;
    let failed = transport.send(request, Limits::default()).await.err();
    let found = failed.as_ref().map(|error| (error.kind(), error.may_have_been_sent()));
    assert_eq!(found, Some((TransportErrorKind::Tls, false)), "{failed:?}");
    Ok(())
}

#[test]
fn roots_must_be_certificates() {
    let timeout = Duration::from_secs(3);
    assert!(HttpTransport::with_root_certificates(timeout, b"").is_err());
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(HttpTransport::with_root_certificates(timeout, broken).is_err());
}
