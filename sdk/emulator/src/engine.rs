//! The service itself, without any input or output.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};

use crate::control;
use crate::faults::{Fault, Faults};
use crate::log::{Call, Log};
use crate::options::Options;
use crate::state::State;

/// All services: it takes a request and gives the answer, and does nothing else.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    state: State,
    log: Log,
    faults: Faults,
}

impl Engine {
    /// Services that remember nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let state = State::new(options.seed, options.transitions, options.outside_strict);
        Self { options, state, log: Log::default(), faults: Faults::default() }
    }

    /// Answers a request that came at a time of the machine's. The answer may have a
    /// [`Delivery`](crate::Delivery) among its extensions.
    pub fn handle(&mut self, request: &Request<Bytes>, now: SystemTime) -> Response<Bytes> {
        let path = request.uri().path();
        if path == "/_cloudnet" || path.starts_with("/_cloudnet/") {
            return control::answer(self, request);
        }
        self.outcome(request, now, false).0
    }

    /// The same with what is logged of it, but for the routes below `/_cloudnet`. With `faulted`, the
    /// request is judged and has no effect.
    pub fn outcome(
        &mut self,
        request: &Request<Bytes>,
        now: SystemTime,
        faulted: bool,
    ) -> (Response<Bytes>, Call) {
        let _ = (request, now, faulted);
        (Response::new(Bytes::new()), Call::default())
    }

    /// The latest calls, from the oldest on.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.log.calls()
    }

    /// Tells what goes wrong with calls to come; `false` if too much was told already.
    pub fn fault(&mut self, fault: Fault) -> bool {
        self.faults.add(fault)
    }

    /// Lets virtual time pass.
    pub fn advance(&mut self, by: Duration) {
        self.state.advance(by);
    }

    /// Forgets all but the options: resources, calls, faults, tokens, and the time that has passed.
    pub fn reset(&mut self) {
        *self = Self::new(self.options.clone());
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Takes over what another one remembered.
    pub(crate) fn restore(&mut self, state: State) {
        self.state = state;
    }
}
