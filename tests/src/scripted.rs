//! A transport that sends nothing and does what a test says.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use cloudnet::transport::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};
use cloudnet::{Credentials, RetryPolicy, vpc};
use http::header::HeaderValue;
use http::{Request, Response, StatusCode};
use tokio::time::Instant;

/// What becomes of one request.
#[derive(Debug)]
pub enum Turn {
    /// It is answered.
    Answer(Response<Bytes>),
    /// It fails so, and with these words.
    Fail(TransportErrorKind, Cow<'static, str>),
    /// Nothing, for ever.
    Hang,
    /// Something, but later.
    Late(Duration, Box<Turn>),
}

impl Turn {
    /// An answer without headers.
    ///
    /// # Panics
    ///
    /// If there is no such status.
    #[must_use]
    pub fn answer(status: u16, body: impl Into<Bytes>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Self::Answer(response)
    }

    /// A failure of the transport, in these words.
    #[must_use]
    pub fn fail(kind: TransportErrorKind, words: impl Into<Cow<'static, str>>) -> Self {
        Self::Fail(kind, words.into())
    }

    /// The same, with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        if let Self::Answer(response) = &mut self {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        self
    }

    /// The same, so much later.
    #[must_use]
    pub fn after(self, pause: Duration) -> Self {
        Self::Late(pause, Box::new(self))
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The request.
    pub request: Request<Bytes>,
    /// What it was to keep within.
    pub limits: Limits,
    /// When it came.
    pub at: Instant,
}

impl Seen {
    /// The action that it is for.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.header("x-acs-action")
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// A parameter of the query.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        parameter(&self.request, name)
    }

    /// What stands in the body.
    #[must_use]
    pub fn body(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.request.body())
    }
}

/// A parameter of the query of a request.
#[must_use]
pub fn parameter<'a>(request: &'a Request<Bytes>, name: &str) -> Option<Cow<'a, str>> {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value)
}

/// So many requests are remembered, the last ones.
const REMEMBERED: usize = 4096;

type Script = dyn Fn(usize, &Request<Bytes>) -> Turn + Send + Sync;

/// Does with each request what its script says, given the request's number, counted from 1.
pub struct Scripted {
    script: Box<Script>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: usize,
    seen: VecDeque<Seen>,
    at_once: usize,
    most_at_once: usize,
}

impl Scripted {
    /// A transport with this script.
    #[must_use]
    pub fn new(script: impl Fn(usize, &Request<Bytes>) -> Turn + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { script: Box::new(script), state: Mutex::default() })
    }

    /// A transport that answers everything with an empty object.
    #[must_use]
    pub fn empty() -> Arc<Self> {
        Self::new(|_, _| Turn::answer(200, "{}"))
    }

    /// A client of VPC that sends each call once, and to here.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    #[must_use]
    pub fn vpc(self: &Arc<Self>) -> vpc::Client {
        vpc::Client::builder()
            .region("cn-hangzhou")
            .credentials(Credentials::new("id", "secret"))
            .retry(RetryPolicy::none())
            .transport(Arc::clone(self) as _)
            .build()
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The last request, once.
    #[must_use]
    pub fn take_last(&self) -> Option<Request<Bytes>> {
        self.state().seen.pop_back().map(|seen| seen.request)
    }

    /// The requests so far, in their order: the last few thousand of them.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.state().seen.iter().cloned().collect()
    }

    /// Requests so far.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// The most requests that were under way at the same time.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.state().most_at_once
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, seen: Seen) -> (usize, UnderWay<'_>) {
        let mut state = self.state();
        state.calls += 1;
        if state.seen.len() == REMEMBERED {
            state.seen.pop_front();
        }
        state.seen.push_back(seen);
        state.at_once += 1;
        state.most_at_once = state.most_at_once.max(state.at_once);
        (state.calls, UnderWay(self))
    }
}

/// A request that is neither answered nor dropped.
struct UnderWay<'a>(&'a Scripted);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state().at_once -= 1;
    }
}

impl Transport for Scripted {
    fn send<'a>(&'a self, request: Request<Bytes>, limits: Limits) -> ResponseFuture<'a> {
        Box::pin(async move {
            let seen = Seen { request: request.clone(), limits, at: Instant::now() };
            let (number, _under_way) = self.enter(seen);
            let mut turn = (self.script)(number, &request);
            loop {
                turn = match turn {
                    Turn::Answer(response) => return Ok(response),
                    Turn::Fail(kind, words) => return Err(TransportError::new(kind, words)),
                    Turn::Hang => pending().await,
                    Turn::Late(pause, then) => {
                        tokio::time::sleep(pause).await;
                        *then
                    }
                };
            }
        })
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").finish_non_exhaustive()
    }
}
