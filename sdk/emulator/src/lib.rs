//! The network services of Alibaba Cloud and AWS Global Accelerator as a local service that remembers.

mod control;
mod engine;
mod faults;
mod log;
mod model;
mod options;
mod refusal;
mod state;
mod timestamp;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value as Json;

pub use engine::Engine;
pub use faults::{Delivery, Fault, FaultKind};
pub use log::Call;
pub use options::{InvalidOption, Key, Lenient, Options, TimeSource, Transitions};

/// The services of one account.
///
/// Cheap to clone; clones are one emulator.
#[derive(Clone, Debug)]
pub struct Emulator {
    engine: Arc<Mutex<Engine>>,
}

impl Emulator {
    /// Services that know the access key `testid` with the secret `testsecret`.
    #[must_use]
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// Services that are set up in a way of their own.
    #[must_use]
    pub fn with(options: Options) -> Self {
        Self { engine: Arc::new(Mutex::new(Engine::new(options))) }
    }

    /// Answers a request that has just come.
    pub(crate) fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.engine().handle(request, SystemTime::now())
    }

    /// Tells what goes wrong with calls to come.
    pub fn fault(&self, fault: Fault) {
        self.engine().fault(fault);
    }

    /// Lets virtual time pass.
    pub fn advance(&self, by: Duration) {
        self.engine().advance(by);
    }

    /// The latest calls, from the oldest on.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.engine().calls().cloned().collect()
    }

    /// Everything that is remembered.
    #[must_use]
    pub fn state(&self) -> Json {
        serde_json::to_value(self.engine().state()).unwrap_or_default()
    }

    /// Forgets everything.
    pub fn reset(&self) {
        self.engine().reset();
    }

    /// The engine, for whoever needs more of it at once.
    pub(crate) fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
