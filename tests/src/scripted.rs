//! A transport that sends nothing and does what a test says.

use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use cloudnet::transport::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};
use http::header::{DATE, HeaderValue};
use http::{Request, Response, StatusCode};

/// What becomes of one request.
#[derive(Debug)]
pub enum Turn {
    /// It is answered.
    Answer(Response<Bytes>),
    /// It fails so, and with these words.
    Fail(TransportErrorKind, &'static str),
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

    /// The same, with this `Date`.
    #[must_use]
    pub fn dated(mut self, date: &'static str) -> Self {
        if let Self::Answer(response) = &mut self {
            response.headers_mut().insert(DATE, HeaderValue::from_static(date));
        }
        self
    }

    /// The same, so much later.
    #[must_use]
    pub fn after(self, pause: Duration) -> Self {
        Self::Late(pause, Box::new(self))
    }
}

type Script = dyn Fn(usize, &Request<Bytes>) -> Turn + Send + Sync;

/// Does with each request what its script says, given the request's number, counted from 1.
pub struct Scripted {
    script: Box<Script>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: usize,
    last: Option<Request<Bytes>>,
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

    /// The last request, once.
    #[must_use]
    pub fn take_last(&self) -> Option<Request<Bytes>> {
        self.state().last.take()
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

    fn enter(&self) -> (usize, UnderWay<'_>) {
        let mut state = self.state();
        state.calls += 1;
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
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        Box::pin(async move {
            let (number, _under_way) = self.enter();
            let mut turn = (self.script)(number, &request);
            self.state().last = Some(request);
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
