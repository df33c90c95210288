//! The network services of Alibaba Cloud and AWS Global Accelerator as a local service that remembers, made
//! from the same specs as the clients of [`cloudnet`]: for tests of what you build with them, without an
//! account.
//!
//! It is as strict as the services are: signatures, nonces, dates, unknown parameters, limits, rules, states
//! and dependencies are held to what the documents say, and refused with the codes of their tables.
//!
//! ```
//! use cloudnet::{Error, ErrorClass, vpc};
//! use cloudnet_emulator::{Emulator, Fault};
//!
//! /// A function of your program.
//! async fn network(vpc: &vpc::Client) -> Result<String, Error> {
//!     let created = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8").send().await?;
//!     Ok(created.vpc_id.unwrap_or_default())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let emulator = Emulator::start();
//! let vpc: vpc::Client = emulator.client()?;
//!
//! // The connection breaks once the VPC exists; it is asked for again with the same token.
//! emulator.fault(Fault::reset().on("CreateVpc").applied());
//! network(&vpc).await?;
//! let calls = emulator.calls();
//! assert_eq!(calls.len(), 2);
//! assert!(calls[0].is_applied && calls[1].is_replay);
//!
//! // Errors come by their code.
//! emulator.fault(Fault::code("QuotaExceeded.Vpc"));
//! let error = network(&vpc).await.unwrap_err();
//! assert_eq!(error.class(), ErrorClass::Quota);
//! # Ok(())
//! # }
//! ```

mod answer;
mod authentication;
mod clock;
mod control;
mod engine;
mod faults;
mod log;
mod message;
mod model;
mod nonces;
mod options;
mod page;
mod parameters;
mod refusal;
mod refused;
mod server;
mod signature;
mod state;
mod state_file;
mod sts;
mod timestamp;
mod tokens;
mod transport;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use cloudnet::transport::Transport;
use cloudnet::{ClientBuilder, Credentials, Error, ServiceClient};
use http::{Request, Response};
use serde_json::Value as Json;

pub use clock::EmulatorClock;
pub use engine::{Effect, Engine};
pub use faults::{Delivery, Fault, FaultKind};
pub use log::Call;
pub use options::{Answers, InvalidOption, Key, Lenient, Options, TimeSource, Transitions};
pub use server::{ListenOptions, Listening, Watch};
pub use state_file::{StateError, StateLock};

/// The services of one account.
///
/// Cheap to clone; clones are one emulator, and as many others as you like live beside it. It is also a
/// [`Transport`], for clients that are set up in a way of their own.
#[derive(Clone, Debug)]
pub struct Emulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: EmulatorClock,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    engine: Engine,
    /// How much of the clock's time the engine has seen pass.
    passed: Duration,
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
        Self::of(Engine::new(options))
    }

    pub(crate) fn of(engine: Engine) -> Self {
        let held = Mutex::new(Held { engine, passed: Duration::ZERO });
        Self { shared: Arc::new(Shared { clock: EmulatorClock::new(), held }) }
    }

    /// A client of a service, in this process and without a socket. Its pauses and waits take no time, as
    /// [`clock`](Self::clock) says.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    pub fn client<C: ServiceClient>(&self) -> Result<C, Error> {
        self.builder().build()
    }

    /// What [`client`](Self::client) is made from: the region is `cn-hangzhou`, and the credentials are the
    /// first of the [keys](Options::keys).
    #[must_use]
    pub fn builder<C: ServiceClient>(&self) -> ClientBuilder<C> {
        let key = self.with_engine(|engine| engine.options().keys.first().cloned());
        let key = key.unwrap_or_else(|| Key::new("testid", "testsecret"));
        let credentials = Credentials::new(key.id, key.secret);
        let credentials = match key.token {
            Some(token) => credentials.with_security_token(token),
            None => credentials,
        };
        C::builder()
            .region("cn-hangzhou")
            .credentials(credentials)
            .transport(self.transport())
            .clock(Arc::new(self.clock()))
    }

    /// The way to the services for any client in this process.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::new(self.clone())
    }

    /// A clock for clients in this process: they sign at the machine's time, and their pauses and waits pass
    /// at once, in virtual time.
    #[must_use]
    pub fn clock(&self) -> EmulatorClock {
        self.shared.clock.clone()
    }

    /// Answers a request that has just come. The answer may have a [`Delivery`] among its extensions.
    #[must_use]
    pub fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.with_engine(|engine| engine.handle(request, SystemTime::now()))
    }

    /// Tells what goes wrong with calls to come.
    pub fn fault(&self, fault: Fault) {
        self.with_engine(|engine| engine.fault(fault));
    }

    /// Lets virtual time pass: for states that change, and for who sleeps by [`clock`](Self::clock).
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
        self.with_engine(|_| ());
    }

    /// The latest calls, from the oldest on: the last 1,000.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.with_engine(|engine| engine.calls().cloned().collect())
    }

    /// Everything that is remembered.
    #[must_use]
    pub fn state(&self) -> Json {
        self.with_engine(|engine| serde_json::to_value(engine.state()).unwrap_or_default())
    }

    /// Forgets everything but how it was set up.
    pub fn reset(&self) {
        self.with_engine(Engine::reset);
    }

    /// Does something with the engine, once it knows what time it is.
    pub(crate) fn with_engine<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        let mut held = self.held();
        let passed = self.shared.clock.passed();
        let since = passed.saturating_sub(held.passed);
        held.passed = passed;
        if !since.is_zero() {
            held.engine.advance(since);
        }
        act(&mut held.engine)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.shared.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
