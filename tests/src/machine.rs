//! A machine for sources of credentials: its time, its files and its network are the test's.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cloudnet::clock::Clock;
use cloudnet::credentials::ProviderConfig;
use cloudnet::transport::TransportErrorKind;
use http::Request;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::scripted::{Scripted, Turn};

/// 2024-03-05T06:07:08Z, when every test begins.
#[must_use]
pub fn beginning() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_709_618_828)
}

/// The time of a tokio runtime that is paused.
#[derive(Debug)]
pub struct PausedClock {
    began: Instant,
}

impl PausedClock {
    /// Starts at [`beginning`].
    #[must_use]
    pub fn start() -> Arc<Self> {
        Arc::new(Self { began: Instant::now() })
    }
}

impl Clock for PausedClock {
    fn now(&self) -> SystemTime {
        beginning() + self.began.elapsed()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Time that a test moves by hand, on any number of threads.
#[derive(Debug)]
pub struct HandClock {
    began: Instant,
    passed: Mutex<Duration>,
    moved: Notify,
}

impl HandClock {
    /// Starts at [`beginning`].
    #[must_use]
    pub fn start() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), passed: Mutex::default(), moved: Notify::new() })
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        *lock(&self.passed) += by;
        self.moved.notify_waiters();
    }

    fn passed(&self) -> Duration {
        *lock(&self.passed)
    }
}

impl Clock for HandClock {
    fn now(&self) -> SystemTime {
        beginning() + self.passed()
    }

    fn instant(&self) -> Instant {
        self.began + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let end = self.passed() + duration;
        Box::pin(async move {
            loop {
                let moved = self.moved.notified();
                if self.passed() >= end {
                    return;
                }
                moved.await;
            }
        })
    }
}

/// What the network does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers.
    Answer(u16, String),
    /// Answers with this `Date`.
    Dated(u16, String, &'static str),
    /// Fails before anything is sent.
    Fail,
    /// Says nothing, for ever.
    Hang,
}

/// A network that answers as a test says, and keeps what it was asked.
pub struct Network {
    answer: Box<dyn Fn(&Seen) -> Reply + Send + Sync>,
    seen: Mutex<Vec<Seen>>,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `PUT http://host/path`, without the query.
    pub line: String,
    /// Parameters of query and body, decoded and sorted.
    pub parameters: Vec<(String, String)>,
    /// The query as it was sent.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// Whether it came by the transport that uses no proxy.
    pub is_direct: bool,
}

impl Seen {
    fn of(request: &Request<Bytes>, is_direct: bool) -> Self {
        let (uri, query) = (request.uri(), request.uri().query().unwrap_or_default());
        let pairs = |text: &[u8]| form_urlencoded::parse(text).into_owned().collect::<Vec<_>>();
        let mut parameters = [pairs(query.as_bytes()), pairs(request.body())].concat();
        parameters.sort();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = request.headers().iter();
        let line = uri.to_string().split('?').next().unwrap_or_default().to_owned();
        Self {
            line: format!("{} {line}", request.method()),
            parameters,
            query: query.to_owned(),
            headers: headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            is_direct,
        }
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Network {
    /// A network that answers so.
    #[must_use]
    pub fn new(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), seen: Mutex::default() })
    }

    /// What this network does with a request.
    #[must_use]
    pub fn answer(&self, seen: &Seen) -> Reply {
        (self.answer)(seen)
    }

    /// The way into it that leads through a proxy where there is one.
    #[must_use]
    pub fn transport(self: &Arc<Self>) -> Arc<Scripted> {
        way_into(self, false)
    }

    /// What was asked so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    /// The first lines of what was asked so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

/// The way into a network: as by a proxy, or past all of them.
fn way_into(network: &Arc<Network>, is_direct: bool) -> Arc<Scripted> {
    let network = Arc::clone(network);
    Scripted::new(move |_, request| {
        let seen = Seen::of(request, is_direct);
        let reply = network.answer(&seen);
        lock(&network.seen).push(seen);
        match reply {
            Reply::Answer(status, body) => Turn::answer(status, body),
            Reply::Dated(status, body, date) => Turn::answer(status, body).header("date", date),
            Reply::Fail => Turn::fail(TransportErrorKind::Connect, "no route to host"),
            Reply::Hang => Turn::Hang,
        }
    })
}

/// A machine with these variables and files, whose home is `/home/me`, and with one network, which
/// sees by which transport it is asked. Files are named by their path below the home.
#[must_use]
pub fn machine(variables: &[(&str, &str)], files: &[(&str, &str)], network: &Arc<Network>) -> ProviderConfig {
    let owned = |pairs: &[(&str, &str)], prefix: &str| -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| (format!("{prefix}{name}"), (*value).to_owned())).collect()
    };
    let (variables, files) = (owned(variables, ""), owned(files, "/home/me/"));
    ProviderConfig::empty()
        .with_home("/home/me")
        .with_variables(move |name| variables.get(name).cloned())
        .with_files(move |path: &Path| {
            let found = path.to_str().and_then(|path| files.get(path));
            found.map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
        })
        .with_transport(network.transport())
        .with_direct_transport(way_into(network, true))
        .with_clock(PausedClock::start())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
