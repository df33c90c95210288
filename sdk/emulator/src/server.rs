//! The engine on a port: HTTP/1.1 with a bound on all that a client may send, or keep waiting.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use crate::Emulator;
use crate::control::{self, Arrived, Save};
use crate::faults::Delivery;
use crate::log::Call;
use crate::state_file;

/// Is told of calls.
pub type Watch = Box<dyn Fn(&Call) + Send + Sync>;

/// What a server does besides answering.
#[derive(Default)]
#[non_exhaustive]
pub struct ListenOptions {
    /// Where `POST /_cloudnet/state/save` writes to.
    pub state_file: Option<PathBuf>,
    /// Who is told of each call, once it is judged.
    pub watch: Option<Watch>,
    pub(crate) limits: Limits,
}

impl Emulator {
    /// Answers requests that come to an address, from a thread of its own.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub fn listen(&self, address: SocketAddr) -> io::Result<Listening> {
        self.listen_with(address, ListenOptions::default())
    }

    /// [`listen`](Self::listen), and what else there is to do.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub fn listen_with(&self, address: SocketAddr, options: ListenOptions) -> io::Result<Listening> {
        listen(self.clone(), address, options)
    }
}

impl fmt::Debug for ListenOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ListenOptions").field("state_file", &self.state_file).finish_non_exhaustive()
    }
}

/// How much a client may send, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) head: Duration,
    pub(crate) body: Duration,
    /// For any of an answer to be taken.
    pub(crate) write: Duration,
    pub(crate) body_bytes: usize,
    pub(crate) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let patience = Duration::from_secs(30);
        Self { head: patience, body: patience, write: patience, body_bytes: 1 << 20, connections: 512 }
    }
}

/// Of a request line with all headers.
const HEAD_BYTES: usize = 64 << 10;
/// A whole state may be put back, however much was made.
const STATE_BYTES: usize = 64 << 20;

/// A server on a port, until it is dropped.
#[must_use = "it stops when it is dropped"]
pub struct Listening {
    address: SocketAddr,
    /// Open as long as the server is wanted.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// Where it listens; with the port that was chosen if port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:4510`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Listening").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop = None;
        // If it panicked, that has been printed.
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

fn listen(emulator: Emulator, address: SocketAddr, options: ListenOptions) -> io::Result<Listening> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let (stop, stopped) = oneshot::channel();
    let server = Arc::new(Server { emulator, options, saving: tokio::sync::Mutex::new(()) });
    let listener = {
        let _entered = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let work = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = stopped => {}
                () = accept(listener, server) => {}
            }
        });
    };
    let thread = thread::Builder::new().name("cloudnet-emulator".to_owned()).spawn(work)?;
    Ok(Listening { address, stop: Some(stop), thread: Some(thread) })
}

struct Server {
    emulator: Emulator,
    options: ListenOptions,
    /// Who writes the file does it alone, and what is written last was asked for last.
    saving: tokio::sync::Mutex<()>,
}

async fn accept(listener: tokio::net::TcpListener, server: Arc<Server>) {
    let places = Arc::new(Semaphore::new(server.options.limits.connections));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Most often there are too many open files; some will be closed.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            server.serve(stream).await;
            drop(place);
        });
    }
}

impl Server {
    async fn serve(&self, stream: TcpStream) {
        let Ok(address) = stream.local_addr() else { return };
        // It only makes answers wait for more of them.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.options.limits.write));
        let reset = Notify::new();
        let service = service_fn(|request| Box::pin(self.answer(request, address, &reset)));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.options.limits.head)
            .max_buf_size(HEAD_BYTES)
            .half_close(true)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let is_reset = tokio::select! {
            biased;
            () = reset.notified() => true,
            // Whatever ended it, the connection is done with.
            _ = poll_fn(|context| connection.poll_without_shutdown(context)) => false,
        };
        let stream = connection.into_parts().io.into_inner();
        if is_reset {
            // If it cannot be reset, then at least it closes.
            let _reset = stream.get_ref().set_zero_linger();
        } else {
            part(stream).await;
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        address: SocketAddr,
        reset: &Notify,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let mut request = match self.whole(request).await {
            Ok(request) => request,
            Err(refusal) => return Ok(refusal.map(Full::new)),
        };
        request.extensions_mut().insert(Arrived { address });
        let mut response = self.handle(&request);
        if response.extensions().get::<Save>().is_some() {
            response = self.save(response).await;
        }
        match response.extensions().get::<Delivery>() {
            Some(Delivery::Reset) => {
                reset.notify_one();
                std::future::pending::<()>().await;
            }
            Some(Delivery::Delay(by)) => sleep(*by).await,
            None => {}
        }
        Ok(response.map(Full::new))
    }

    /// The request with its body, if that is within the limits.
    async fn whole(&self, request: Request<Incoming>) -> Result<Request<Bytes>, Response<Bytes>> {
        let limits = self.options.limits;
        let most = match request.uri().path() {
            control::STATE => STATE_BYTES,
            _ => limits.body_bytes,
        };
        let too_large = || {
            let problem = format!("The body is longer than {most} bytes.");
            refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &problem)
        };
        let (head, body) = request.into_parts();
        if body.size_hint().lower() > most as u64 {
            return Err(too_large());
        }
        let Ok(body) = timeout(limits.body, Limited::new(body, most).collect()).await else {
            let problem = format!("The body took longer than {} s.", limits.body.as_secs_f64());
            return Err(refusal(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", &problem));
        };
        match body {
            Ok(body) => Ok(Request::from_parts(head, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(error) => {
                let problem = format!("The body cannot be read: {error}.");
                Err(refusal(StatusCode::BAD_REQUEST, "BadRequest", &problem))
            }
        }
    }

    fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let (response, call) = self.emulator.with_engine(|engine| {
            let before = engine.calls().next_back().map(|call| call.number);
            let response = engine.handle(request, SystemTime::now());
            let call = engine.calls().next_back().filter(|call| before != Some(call.number)).cloned();
            (response, call)
        });
        if let (Some(watch), Some(call)) = (&self.options.watch, call) {
            watch(&call);
        }
        response
    }

    /// Writes the state, if there is a file for it; the engine can do neither.
    async fn save(&self, unsaved: Response<Bytes>) -> Response<Bytes> {
        let Some(path) = self.options.state_file.clone() else { return unsaved };
        let _alone = self.saving.lock().await;
        let remembered = self.emulator.with_engine(|engine| engine.remembered());
        let write = move || state_file::write(&path, &state_file::document(&remembered)?);
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => control::saved(),
            Ok(Err(error)) => control::unsaved(&error.to_string()),
            Err(error) => control::unsaved(&error.to_string()),
        }
    }
}

/// Closes a connection so that the answer is read even by a client that is still sending.
async fn part(mut stream: Pin<Box<TimeoutStream<TcpStream>>>) {
    const PATIENCE: Duration = Duration::from_secs(1);
    const MOST: u64 = 8 << 20;
    if stream.shutdown().await.is_ok() {
        let mut rest = stream.take(MOST);
        let _over = timeout(PATIENCE, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
    }
}

/// What ends a connection whose request cannot be read.
fn refusal(status: StatusCode, code: &str, problem: &str) -> Response<Bytes> {
    let body = serde_json::json!({ "Code": code, "Message": problem }).to_string();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Instant;

    use super::*;

    /// A server that loses patience soon.
    fn listening(connections: usize) -> Listening {
        let patience = Duration::from_millis(300);
        let limits =
            Limits { head: patience, body: patience, write: patience, body_bytes: 1 << 20, connections };
        let options = ListenOptions { limits, ..ListenOptions::default() };
        Emulator::start().listen_with(SocketAddr::from(([127, 0, 0, 1], 0)), options).unwrap()
    }

    /// What comes until the other side closes.
    fn answer(stream: &mut TcpStream) -> String {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn who_is_slow_is_not_waited_for() {
        let listening = listening(8);
        for (slow, answered) in [
            ("", ""),
            ("GET / HT", ""),
            ("GET / HTTP/1.1\r\nhost: a\r\n", ""),
            ("POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nabc", "HTTP/1.1 408 "),
            ("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc", "HTTP/1.1 408 "),
        ] {
            let start = Instant::now();
            let mut stream = TcpStream::connect(listening.address()).unwrap();
            stream.write_all(slow.as_bytes()).unwrap();
            let answer = answer(&mut stream);
            assert!(answer.starts_with(answered), "{slow:?}: {answer:?}");
            assert!(start.elapsed() < Duration::from_secs(10), "{slow:?}");
        }
    }

    #[test]
    fn connections_that_do_nothing_make_way() {
        let listening = listening(2);
        let idle: Vec<_> = (0..10).map(|_| TcpStream::connect(listening.address()).unwrap()).collect();
        let mut stream = TcpStream::connect(listening.address()).unwrap();
        stream.write_all(b"GET /_cloudnet/calls HTTP/1.0\r\n\r\n").unwrap();
        assert!(answer(&mut stream).starts_with("HTTP/1.0 403 "));
        drop(idle);
    }

    /// More than any socket holds, for one who reads nothing of it.
    #[test]
    fn who_never_reads_is_not_waited_for() {
        let listening = listening(1);
        let address = listening.address();
        let mut deaf = TcpStream::connect(address).unwrap();
        deaf.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        let page = format!("GET /_cloudnet/ HTTP/1.1\r\nhost: {address}\r\n\r\n");
        let start = Instant::now();
        // It ends once the server does not read any more, or has closed.
        while deaf.write_all(page.repeat(64).as_bytes()).is_ok() {}
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /_cloudnet/calls HTTP/1.0\r\n\r\n").unwrap();
        assert!(answer(&mut stream).starts_with("HTTP/1.0 403 "));
    }

    #[test]
    fn it_stops_when_it_is_dropped() {
        let listening = listening(2);
        let address = listening.address();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET / HT").unwrap();
        drop(listening);
        let refused = TcpStream::connect(address).expect_err("nobody listens");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    }
}
