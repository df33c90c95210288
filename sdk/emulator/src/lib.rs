//! The network services of Alibaba Cloud and AWS Global Accelerator as a local service that remembers, made
//! from the same specs as the clients of [`cloudnet`]: for tests of what you build with them, without an
//! account.
//!
//! What is created is there until it is deleted, with its states, its parents and what came with it. And the
//! emulator is as strict as the services are: signatures, nonces, dates, unknown parameters, limits, rules,
//! states and dependencies are held to what the documents say, and refused with the codes of their tables.
//!
//! # In a test
//!
//! It is one of the `[dev-dependencies]`, from where `cloudnet` comes, beside `tokio` with `macros` and `rt`.
//! [`Emulator::start`] is ready in milliseconds, and each test has its own. Its clients are the usual ones,
//! which reach it in the process, without a socket.
//!
//! ```
//! use cloudnet::{Error, ErrorClass, vpc};
//! use cloudnet_emulator::Emulator;
//!
//! /// A function of your program.
//! async fn network(vpc: &vpc::Client) -> Result<String, Error> {
//!     let created = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8").send_and_wait().await?;
//!     let id = created.vpc_id.unwrap_or_default();
//!     let create = vpc.create_vswitch().vpc_id(&id).zone_id("cn-hangzhou-b").cidr_block("10.1.0.0/16");
//!     create.send_and_wait().await?;
//!     Ok(id)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let emulator = Emulator::start();
//! let vpc: vpc::Client = emulator.client()?;
//! let id = network(&vpc).await?;
//!
//! // What was made is found, and what is in use is not deleted.
//! let found = vpc.describe_vswitches().vpc_id(&id).send().await?;
//! assert_eq!(found.vswitches[0].cidr_block.as_deref(), Some("10.1.0.0/16"));
//! let error = vpc.delete_vpc().vpc_id(&id).send().await.unwrap_err();
//! assert_eq!((error.class(), error.code()), (ErrorClass::Dependency, Some("DependencyViolation.VSwitch")));
//! # Ok(())
//! # }
//! ```
//!
//! [`calls`](Emulator::calls) has what was asked of it, [`state`](Emulator::state) all that it remembers.
//!
//! # States and time
//!
//! Changes of state take effect at once, unless [`Options::transitions`] says that each takes a while, or
//! lasts for a number of looks at the resource. Time is virtual: it begins with 2024, a client that pauses or
//! waits lets it pass, and so does [`Emulator::advance`]. So a test of a wait takes no time. The same
//! requests with the same [seed](Options::seed) have the same answers.
//!
//! ```
//! # use cloudnet::{Error, vpc};
//! # use cloudnet_emulator::{Emulator, Options, Transitions};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let emulator = Emulator::with(Options { transitions: Transitions::Polls(2), ..Options::default() });
//! let vpc: vpc::Client = emulator.client()?;
//! let (_, mut waiter) = vpc.create_vpc().cidr_block("10.0.0.0/8").send_with_waiter().await?;
//! let mut states = Vec::new();
//! while let Some(state) = waiter.next_state().await {
//!     states.push(state?.to_string());
//! }
//! assert_eq!(states, ["Pending", "Pending", "Available"]);
//! # Ok(())
//! # }
//! ```
//!
//! # What goes wrong
//!
//! A [`Fault`] lets calls go wrong that would go well: with a code of the service, a status, a broken
//! connection or a delay, or by a change that ends in a state of failure. With [`applied`](Fault::applied)
//! the call has its effect all the same.
//!
//! ```
//! # use cloudnet::{Error, ErrorClass, vpc};
//! # use cloudnet_emulator::{Emulator, Fault};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let emulator = Emulator::start();
//! let vpc: vpc::Client = emulator.client()?;
//!
//! // The connection breaks once the VPC exists; it is asked for again with the same token.
//! emulator.fault(Fault::reset().on("CreateVpc").applied());
//! vpc.create_vpc().send().await?;
//! let calls = emulator.calls();
//! assert!(calls.len() == 2 && calls[0].is_applied && calls[1].is_replay);
//! assert_eq!(vpc.describe_vpcs().send().await?.vpcs.len(), 1);
//!
//! // Errors come by their code.
//! emulator.fault(Fault::code("QuotaExceeded.Vpc").on("CreateVpc"));
//! let error = vpc.create_vpc().send().await.unwrap_err();
//! assert_eq!(error.class(), ErrorClass::Quota);
//! # Ok(())
//! # }
//! ```
//!
//! # Other programs
//!
//! [`Emulator::listen`] answers on a port, and so does the program of this crate, `cloudnet-emulator`, for
//! clients in any language and for trying things by hand: it shows what there is in a browser, keeps it in a
//! file, and is steered by HTTP. Its README has the options and the routes. [`Engine`] is the whole of it
//! without any I/O: a request goes in, an answer comes out.
//!
//! # What it does not model
//!
//! No packet goes anywhere, nobody pays, and nobody is denied a thing but for a wrong key. What no action of
//! the specs makes, such as an ECS instance, is taken for granted where its ID is well-formed, unless
//! [`Options::outside_strict`] refuses it. Measurements and logs are those of the documents' examples.
//! `FIDELITY.md` beside the README says for each action what is stored, shown, filtered and refused, and what
//! proves it.
//!
//! # Examples
//!
//! - `provision`: a network with a way out, each state on the way, and all of it taken down again.
//! - `inventory`: what there is in several regions, asked for at once; one that fails does not stop the others.
//! - `site_to_site`: a VPC and an office connected by IPsec, with a key that is never printed.
//! - `blocking`: a small network by a program without an async runtime.
//! - `own_tests`: a function of a program, and its tests.
//!
//! The tests in `tests/stories` have more: fourteen stories of what people do with a network.

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
    ///
    /// ```
    /// use cloudnet_emulator::{Emulator, Key, Options};
    ///
    /// let emulator = Emulator::with(Options { keys: vec![Key::new("me", "mine")], ..Options::default() });
    /// # let _ = emulator;
    /// ```
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
    /// ```
    /// # use cloudnet::{ga, vpc};
    /// # use cloudnet_emulator::Emulator;
    /// let emulator = Emulator::start();
    /// let vpc: vpc::Client = emulator.client()?;
    /// let ga: ga::Client = emulator.client()?;
    /// # Ok::<(), cloudnet::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    pub fn client<C: ServiceClient>(&self) -> Result<C, Error> {
        self.builder().build()
    }

    /// What [`client`](Self::client) is made from: the region is `cn-hangzhou`, and the credentials are the
    /// first of the [keys](Options::keys).
    ///
    /// ```
    /// # use cloudnet::{RetryPolicy, vpc};
    /// # use cloudnet_emulator::Emulator;
    /// let emulator = Emulator::start();
    /// let vpc: vpc::Client = emulator.builder().region("eu-central-1").retry(RetryPolicy::none()).build()?;
    /// # Ok::<(), cloudnet::Error>(())
    /// ```
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
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use cloudnet_emulator::Emulator;
    /// let emulator = Emulator::start();
    /// emulator.advance(Duration::from_secs(3_600));
    /// assert!(emulator.clock().passed() >= Duration::from_secs(3_600));
    /// ```
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
        self.with_engine(|_| ());
    }

    /// The latest calls, from the oldest on: the last 1,000.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.with_engine(|engine| engine.calls().cloned().collect())
    }

    /// Everything that is remembered: under `kinds`, by service and kind of resource, each with its `fields`.
    /// It holds the secrets of what was made.
    ///
    /// ```
    /// # use cloudnet::vpc;
    /// # use cloudnet_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudnet::Error> {
    /// let emulator = Emulator::start();
    /// emulator.client::<vpc::Client>()?.create_vpc().vpc_name("prod").send().await?;
    /// let vpcs = &emulator.state()["kinds"]["vpc"]["Vpc"];
    /// let mut vpcs = vpcs.as_object().into_iter().flat_map(|vpcs| vpcs.values());
    /// assert_eq!(vpcs.next().map(|vpc| &vpc["fields"]["VpcName"]), Some(&"prod".into()));
    /// # Ok(())
    /// # }
    /// ```
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
