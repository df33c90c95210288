//! Tests of programs that use this crate, without an account and without waiting.
//!
//! Feature: `testing`.
//!
//! [`Documented`] answers in the process: every action with the response that its document
//! shows, or as [rules](Rule) say. [`ManualClock`] makes pauses of retries and waits pass at once. What
//! was asked is in a [log](Call).
//!
//! ```
//! use cloudnet::{Error, ErrorClass, vpc};
//!
//! /// A function of your program.
//! async fn network(vpc: &vpc::Client) -> Result<String, Error> {
//!     let created = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8").send_and_wait().await?;
//!     Ok(created.vpc_id.unwrap_or_default())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! use cloudnet::testing::{Documented, ManualClock};
//! use cloudnet::vpc::{CreateVpc, CreateVpcOutput, DeleteVpc};
//! use cloudnet::vpc::{DescribeVpcAttribute, DescribeVpcAttributeOutput};
//!
//! // The connection breaks once the VPC exists, and the VPC takes its time.
//! let clock = ManualClock::automatic();
//! let service = Documented::with_clock(&clock);
//! service
//!     .on::<CreateVpc>()
//!     .when(|create| create.cidr_block.as_deref() == Some("10.0.0.0/8"))
//!     .reset_after()
//!     .answer(CreateVpcOutput::default().vpc_id("vpc-1"));
//! let found = DescribeVpcAttributeOutput::default().vpc_id("vpc-1");
//! service
//!     .on::<DescribeVpcAttribute>()
//!     .answer(found.clone().status("Pending"))
//!     .times(3)
//!     .answer(found.status("Available"));
//!
//! let vpc: vpc::Client = service.client("cn-hangzhou")?;
//! assert_eq!(network(&vpc).await?, "vpc-1");
//! service.assert_all_used();
//!
//! // It was asked for twice with one token, so there is one VPC.
//! let creations = service.requests::<CreateVpc>();
//! assert_eq!(creations.len(), 2);
//! assert_eq!(creations[0].client_token, creations[1].client_token);
//! assert_eq!(service.calls_of("CreateVpc")[1].attempt, 2);
//! assert!(clock.passed().as_secs() > 10);
//!
//! // Errors come by their code.
//! service.on::<DeleteVpc>().fail("DependencyViolation.VSwitch");
//! let error = vpc.delete_vpc().vpc_id("vpc-1").send().await.unwrap_err();
//! assert_eq!(error.class(), ErrorClass::Dependency);
//! # Ok(())
//! # }
//! ```
//!
//! # What remembers
//!
//! `Documented` remembers nothing: a describe does not list what a create made, IDs are those that the
//! documents print, stars included, and a wait ends only as a rule says. Where a test is about more than a call
//! or two, the crate `cloudnet-emulator` is all of the services, made from the same specs: IDs of its own, states
//! that take time, deletes that are refused while something depends on what should go.
//!
//! ```ignore
//! let emulator = cloudnet_emulator::Emulator::start();
//! let vpc: vpc::Client = emulator.client()?;
//! let id = network(&vpc).await?;
//! let found = vpc.describe_vpcs().vpc_id(&id).send().await?;
//! assert_eq!(found.vpcs[0].vpc_name.as_deref(), Some("prod"));
//! ```

mod call;
mod known;
mod manual_clock;
mod rule;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::client::ServiceClient;
use crate::clock::{Clock, SystemClock};
use crate::credentials::Credentials;
use crate::error::Error;
use crate::table::operation::Operation;
use crate::transport::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};

pub use call::Call;
pub use manual_clock::ManualClock;
pub use rule::{ByName, Fault, Rule};

pub(crate) use call::marked;

use rule::{Answer, Made, Told};

/// What clients of tests sign with. No text that a test shows has a part of it: that would be masked as a secret.
const KEY_ID: &str = "mjfnRrTFYS3sa2e2MVgw31mX";

/// The secret of the same key.
const KEY_SECRET: &str = "a93130MeBK9xmTvshAgIt5JmFxRedF";

/// Answers every action with the response that its document shows, or as rules say.
///
/// What is documented is a picture, not a state: IDs are printed with stars, a describe shows what no create
/// made, and a wait for a delete waits in vain, unless a rule says what should be seen. What
/// remembers is the crate `cloudnet-emulator`.
///
/// Cheap to clone; clones are one service.
#[derive(Clone, Debug)]
pub struct Documented {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Arc<Told>>,
    calls: Vec<Call>,
}

impl Default for Documented {
    fn default() -> Self {
        Self::new()
    }
}

impl Documented {
    /// A service that knows every action and was not called yet. It takes its time from tokio.
    #[must_use]
    pub fn new() -> Self {
        Self::on_clock(Arc::new(SystemClock))
    }

    /// The same, with delays that pass on a clock, which [`client`](Self::client) uses too.
    #[must_use]
    pub fn with_clock(clock: &ManualClock) -> Self {
        Self::on_clock(Arc::new(clock.clone()))
    }

    fn on_clock(clock: Arc<dyn Clock>) -> Self {
        Self { inner: Arc::new(Inner { clock, state: Mutex::default() }) }
    }

    /// A client of this service with credentials that mean nothing. For one that is set up
    /// otherwise, give the service to
    /// [`ClientBuilder::transport`](crate::ClientBuilder::transport).
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn client<C: ServiceClient>(&self, region: &str) -> Result<C, Error> {
        C::builder()
            .region(region)
            .variables(|_| None)
            .credentials(Credentials::new(KEY_ID, KEY_SECRET))
            .clock(Arc::clone(&self.inner.clock))
            .transport(Arc::new(self.clone()))
            .build()
    }

    /// Starts a rule: how the next calls of an action are answered, after those that rules before it are for.
    /// When all are used up, the documented response is the answer again.
    #[track_caller]
    pub fn on<O: Operation>(&self) -> Rule<O> {
        self.rule(Told::of(O::ACTION))
    }

    /// The same for an action by its wire name, where it is not known when the test is compiled.
    ///
    /// ```
    /// # let service = cloudnet::testing::Documented::new();
    /// for action in ["CreateVpc", "CreateVSwitch"] {
    ///     service.on_action(action).json(&serde_json::json!({ "RequestId": "r-1" })).always();
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If no service has the action: [`on_undocumented`](Self::on_undocumented) takes any.
    #[track_caller]
    pub fn on_action(&self, action: &str) -> Rule {
        let table = known::action(action);
        self.rule(Told::named(action, Some(table)))
    }

    /// The same for an action of which no table has to know: that of another service, such as `AssumeRole`.
    #[track_caller]
    pub fn on_undocumented(&self, action: &str) -> Rule {
        self.rule(Told::named(action, None))
    }

    /// Ends the test unless each rule was used up: all its answers given, and one that is for all further calls
    /// at least once.
    ///
    /// # Panics
    ///
    /// If one was not; the message has their actions and the places where they were told.
    #[track_caller]
    pub fn assert_all_used(&self) {
        let unused: Vec<String> = self.rules().iter().filter_map(|rule| rule.unused()).collect();
        assert!(unused.is_empty(), "rules were not used up:\n{}", unused.join("\n"));
    }

    /// The calls so far, in their order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The calls of an action so far, by its wire name and in their order.
    ///
    /// # Panics
    ///
    /// If neither a table nor a rule nor the log has the action.
    #[track_caller]
    #[must_use]
    pub fn calls_of(&self, action: &str) -> Vec<Call> {
        let calls: Vec<_> = self.calls().into_iter().filter(|call| call.action == action).collect();
        if calls.is_empty() && !self.rules().iter().any(|rule| rule.is_about(action)) {
            known::action(action);
        }
        calls
    }

    /// The parameters of the calls of an action so far, in their order.
    #[must_use]
    pub fn requests<O: Operation>(&self) -> Vec<O> {
        self.calls().iter().filter_map(Call::request).collect()
    }

    /// Forgets rules and calls.
    pub fn reset(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rules(&self) -> Vec<Arc<Told>> {
        self.state().rules.clone()
    }

    fn rule<By>(&self, told: Told) -> Rule<By> {
        let told = Arc::new(told);
        self.state().rules.push(Arc::clone(&told));
        Rule::of(told)
    }

    /// Conditions and answers that a test wrote may look at the service, so no lock is held while they do.
    fn answer(&self, request: Request<Bytes>) -> Made {
        let mut call = call::recorded(request, self.inner.clock.now());
        let told = self.rules().iter().find_map(|rule| rule.answer(&call));
        let answer = told.unwrap_or_else(|| documented(&call));
        call.fault = answer.fault();
        self.state().calls.push(call.clone());
        answer.made_for(&call)
    }
}

impl Transport for Documented {
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        let answer = self.answer(request);
        Box::pin(async move {
            if !answer.delay.is_zero() {
                self.inner.clock.sleep(answer.delay).await;
            }
            match answer.outcome {
                Ok((status, body)) => {
                    let mut response = Response::new(body);
                    *response.status_mut() = status;
                    Ok(response)
                }
                Err(Fault::ResetBefore) => {
                    Err(TransportError::new(TransportErrorKind::Connect, "reset before it was sent"))
                }
                Err(Fault::ResetAfter) => {
                    Err(TransportError::new(TransportErrorKind::Broken, "reset after it was sent"))
                }
                Err(Fault::Silence) => std::future::pending().await,
            }
        })
    }
}

fn documented(call: &Call) -> Answer {
    match known::entry(Some(&call.service), &call.action) {
        Some(entry) => {
            let example = if entry.example.is_empty() { "{}" } else { entry.example };
            Answer::response(StatusCode::OK, Bytes::from_static(example.as_bytes()))
        }
        None => {
            let body = Bytes::from_static(br#"{"Code":"InvalidAction.NotFound"}"#);
            Answer::response(StatusCode::NOT_FOUND, body)
        }
    }
}
