//! A service on this machine that behaves as the specs say, or as badly as a test wants.
//!
//! It is the engine of `cloudnet-emulator` behind bare sockets: that verifies every signature, takes no nonce
//! twice, checks the date against a virtual clock, demands required parameters, and applies a request with a
//! token once. Here every connection and every request is counted, so that nothing the HTTP stack does goes
//! unseen, and answers are delivered as badly as a test wants. Unless a test wants it to remember, it answers
//! from the documented examples, whatever a call names.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cloudnet::transport::Transport;
use cloudnet::{ClientBuilder, Credentials};
use tokio::net::TcpSocket;
use tokio::sync::oneshot;

use crate::time::{HeldTime, TestClock, Time, pass};
use in_process::InProcess;
use state::{Script, Shared};

pub mod catalog;
mod delivery;
mod fault;
mod in_process;
mod listener;
mod message;
mod parameters;
mod state;

pub use cloudnet_emulator::{Answers, Key};
pub use fault::{Answer, Delivery, Fault};
pub use message::Message;
pub use parameters::{Parameters, encode, flatten, pairs};
pub use state::Arrival;

/// ID of the access key that every server knows.
pub const KEY_ID: &str = "LTAItestkeyid";
/// Secret of that access key.
pub const KEY_SECRET: &str = "test+secret/=canary-of-the-key";

/// A server on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Open as long as the server is.
    stop: Option<oneshot::Sender<()>>,
    socket: Option<TcpSocket>,
}

impl Server {
    /// A server that listens.
    ///
    /// # Panics
    ///
    /// If this machine has no loopback port to spare.
    #[must_use]
    pub fn start() -> Self {
        let mut server = Self::closed();
        server.open();
        server
    }

    /// A server that remembers what it made, and knows nothing else.
    ///
    /// # Panics
    ///
    /// If this machine has no loopback port to spare.
    #[must_use]
    pub fn remembering() -> Self {
        let mut server = Self::answering(Answers::State);
        server.open();
        server
    }

    /// A server whose port refuses connections until it is [opened](Self::open).
    ///
    /// # Panics
    ///
    /// If this machine has no loopback port to spare.
    #[must_use]
    pub fn closed() -> Self {
        Self::answering(Answers::Examples)
    }

    fn answering(answers: Answers) -> Self {
        let (socket, address) = reserve().unwrap_or_else(|error| panic!("no loopback port: {error}"));
        let key = Key { id: KEY_ID.to_owned(), secret: KEY_SECRET.to_owned(), token: None };
        let shared = Arc::new(Shared::new(Time::new(), vec![key], answers));
        Self { address, shared, stop: None, socket: Some(socket) }
    }

    /// Starts listening, once.
    pub fn open(&mut self) {
        let Some(socket) = self.socket.take() else { return };
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let (listening, is_listening) = std::sync::mpsc::channel();
        thread::spawn(move || -> io::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let listener = socket.listen(1024)?;
                listening.send(()).unwrap_or_default();
                tokio::select! {
                    ended = listener::accept(listener, shared) => ended,
                    _ = stopped => Ok(()),
                }
            })
        });
        // If the thread failed, the first connection will say so.
        is_listening.recv_timeout(Duration::from_secs(60)).unwrap_or_default();
        self.stop = Some(stop);
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's own time.
    #[must_use]
    pub fn time(&self) -> Time {
        self.shared.time.clone()
    }

    /// A new clock that shows the server's time.
    #[must_use]
    pub fn clock(&self) -> TestClock {
        TestClock::new(self.time())
    }

    /// Holds the paused time of a test, which then passes only when the server falls silent, by so
    /// much each time.
    #[must_use]
    pub fn hold_time(&self, step: Duration) -> HeldTime {
        let shared = Arc::clone(&self.shared);
        HeldTime::start().passing(async move {
            loop {
                shared.silence.notified().await;
                pass(step).await;
            }
        })
    }

    /// A client that calls this server, with its access key and a clock of its own.
    #[must_use]
    pub fn aim<S>(&self, builder: ClientBuilder<S>) -> ClientBuilder<S> {
        builder
            .region("cn-hangzhou")
            .endpoint(self.url())
            .credentials(Credentials::new(KEY_ID, KEY_SECRET))
            .clock(Arc::new(self.clock()))
    }

    /// A transport that hands requests over without a connection and has each answer at once, so
    /// that time only passes where the client pauses. Of faults it knows the answers alone.
    #[must_use]
    pub fn in_process(&self) -> Arc<dyn Transport> {
        Arc::new(InProcess(Arc::clone(&self.shared)))
    }

    /// Adds an access key.
    pub fn know(&self, key: Key) {
        self.shared.state().know(key);
    }

    /// Says what goes wrong with the request of a number, counted from 1.
    pub fn fault(&self, number: usize, fault: Fault) {
        self.shared.state().faults.insert(number, fault);
    }

    /// Says what goes wrong with the next request.
    pub fn fault_next(&self, fault: Fault) {
        let number = self.requests() + 1;
        self.fault(number, fault);
    }

    /// Says what goes wrong with every request that has no fault of its own; `None` ends that.
    pub fn fault_always(&self, fault: Option<Fault>) {
        self.shared.state().always = fault;
    }

    /// Says what authentic requests are answered with, by action and parameters, in the place of
    /// what the server remembers; `None` leaves a request to the server.
    pub fn script(&self, answer: impl FnMut(&str, &Parameters) -> Option<Answer> + Send + 'static) {
        self.shared.state().script = Some(Script(Box::new(answer)));
    }

    /// Forgets all requests and what they made; keys, faults and the script stay.
    pub fn forget(&self) {
        self.shared.state().forget();
    }

    /// Connections so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Requests so far, those included that were not read to their end.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.state().arrivals.len()
    }

    /// How often an action had its effect.
    #[must_use]
    pub fn applied(&self, action: &str) -> usize {
        let state = self.shared.state();
        state.arrivals.iter().filter(|arrival| arrival.is_applied && arrival.action == action).count()
    }

    /// All requests so far.
    #[must_use]
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shared.state().arrivals.clone()
    }

    /// The latest request.
    ///
    /// # Panics
    ///
    /// If there was none.
    #[must_use]
    pub fn last(&self) -> Arrival {
        let state = self.shared.state();
        state.arrivals.last().unwrap_or_else(|| panic!("no request arrived")).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).unwrap_or_default();
        }
    }
}

/// A port that belongs to us and does not listen yet.
fn reserve() -> io::Result<(TcpSocket, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}
