//! How many calls go over loopback with 64 in flight, beside the bare HTTP client with the same bytes.
//!
//! ```console
//! $ cargo bench -p cloudnet --bench throughput
//! ```
//!
//! Both take turns in one process, against one server in a thread of its own.

mod created;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use cloudnet::transport::{HttpTransport, Transport};
use cloudnet::{Credentials, vpc};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use created::{CREATED, KEY_ID, KEY_SECRET, Kept};

const ROUNDS: usize = 15;
const CALLS: usize = 20_000;
const IN_FLIGHT: usize = 64;

fn main() {
    let server = serve();
    let runtime = runtime();
    let called = Called::new(server);
    let bare = Bare::new(runtime.block_on(called.captured()));
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    // The first round opens the connections.
    for round in 0..=ROUNDS {
        let taken = [measure(&runtime, &called), measure(&runtime, &bare)];
        if round > 0 {
            ours.push(taken[0]);
            floor.push(taken[1]);
        }
    }
    println!("{CALLS} calls, {IN_FLIGHT} in flight, medians of {ROUNDS} rounds in turns");
    println!("{:<10} {:>10} {:>16}", "", "calls/s", "CPU µs per call");
    for (name, taken) in [("cloudnet", &ours), ("reqwest", &floor)] {
        let cpu = median(taken.iter().map(|taken| taken.cpu.as_secs_f64() * 1e6 / CALLS as f64));
        println!("{name:<10} {:>10.0} {cpu:>16.1}", median(taken.iter().map(Taken::rate)));
    }
    let ratios = ours.iter().zip(&floor).map(|(ours, floor)| ours.rate() / floor.rate());
    println!("cloudnet / reqwest, median of the rounds: {:.1} %", 100.0 * median(ratios));
}

/// What one round took.
#[derive(Clone, Copy)]
struct Taken {
    time: Duration,
    cpu: Duration,
}

impl Taken {
    fn rate(&self) -> f64 {
        CALLS as f64 / self.time.as_secs_f64()
    }
}

/// One way to make the call.
trait Caller: Clone + Send + 'static {
    fn call(&self) -> impl Future<Output = ()> + Send;
}

fn measure(runtime: &Runtime, caller: &impl Caller) -> Taken {
    let (start, cpu) = (Instant::now(), cpu_time());
    runtime.block_on(call_all(caller));
    Taken { time: start.elapsed(), cpu: cpu_time() - cpu }
}

async fn call_all(caller: &impl Caller) {
    let begun = Arc::new(AtomicUsize::new(0));
    let callers = (0..IN_FLIGHT).map(|_| {
        let (caller, begun) = (caller.clone(), Arc::clone(&begun));
        tokio::spawn(async move {
            while begun.fetch_add(1, Ordering::Relaxed) < CALLS {
                caller.call().await;
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no call panics");
    }
}

/// Calls through the public client and the shipped transport.
#[derive(Clone)]
struct Called {
    vpc: vpc::Client,
    server: SocketAddr,
}

impl Called {
    fn new(server: SocketAddr) -> Self {
        let transport = HttpTransport::direct(Duration::from_secs(3)).expect("a transport");
        Self { vpc: client(server, Arc::new(transport)), server }
    }

    /// The request as it leaves the client.
    async fn captured(&self) -> http::Request<Bytes> {
        let kept = Kept::default();
        send(&client(self.server, Arc::new(kept.clone()))).await;
        kept.take()
    }
}

impl Caller for Called {
    async fn call(&self) {
        send(&self.vpc).await;
    }
}

fn client(server: SocketAddr, transport: Arc<dyn Transport>) -> vpc::Client {
    vpc::Client::builder()
        .region("cn-hangzhou")
        .endpoint(format!("http://{server}"))
        .credentials(Credentials::new(KEY_ID, KEY_SECRET))
        .transport(transport)
        .build()
        .expect("the client is complete")
}

async fn send(vpc: &vpc::Client) {
    let call = vpc.create_vpc().vpc_name("production").cidr_block("192.168.0.0/16");
    let created = call.description("made by a benchmark").send().await.expect("it is answered");
    assert!(created.vpc_id.is_some());
}

/// Sends the same request over and over, with the settings of the shipped transport.
#[derive(Clone)]
struct Bare {
    client: reqwest::Client,
    request: Arc<reqwest::Request>,
}

impl Bare {
    fn new(request: http::Request<Bytes>) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .http1_only()
            .connect_timeout(Duration::from_secs(3))
            .pool_idle_timeout(Duration::from_secs(8))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .build()
            .expect("a client");
        Self { client, request: Arc::new(request.try_into().expect("a URL")) }
    }
}

impl Caller for Bare {
    async fn call(&self) {
        let request = self.request.try_clone().expect("its body is bytes");
        let response = self.client.execute(request).await.expect("it is answered");
        assert_eq!(response.bytes().await.expect("a body").len(), CREATED.len());
    }
}

/// Starts a server that answers every request with the same body.
fn serve() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        runtime().block_on(async {
            listener.set_nonblocking(true).expect("a socket");
            let listener = TcpListener::from_std(listener).expect("a socket");
            while let Ok((connection, _)) = listener.accept().await {
                // A connection that breaks shows at its other end.
                tokio::spawn(async { answer(connection).await.ok() });
            }
        });
    });
    address
}

async fn answer(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let length = CREATED.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{CREATED}"
    );
    let mut received = BytesMut::with_capacity(4096);
    while connection.read_buf(&mut received).await? > 0 {
        // No request has a body.
        if received.ends_with(b"\r\n\r\n") {
            received.clear();
            connection.write_all(answer.as_bytes()).await?;
        }
    }
    Ok(())
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// User and system time of the main thread so far, on which all calls run and the server does not.
/// Only Linux tells.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
