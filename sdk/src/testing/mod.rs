//! Tests of programs that use this crate, without an account and without waiting.
//!
//! [`Documented`] answers in the process: every action with the response that its document
//! shows, or as a rule says. [`ManualClock`] makes pauses of retries and waits pass at once. What
//! was asked is in a log. What remembers what it is told is the crate `cloudnet-emulator`.
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
//! use serde_json::json;
//!
//! // The connection breaks once the VPC exists, and the VPC takes its time.
//! let clock = ManualClock::automatic();
//! let service = Documented::with_clock(&clock);
//! service.on("CreateVpc").reset_after().json(&json!({ "VpcId": "vpc-1" }));
//! service.on("DescribeVpcAttribute").json(&json!({ "VpcId": "vpc-1", "Status": "Pending" })).times(3);
//! service.on("DescribeVpcAttribute").json(&json!({ "VpcId": "vpc-1", "Status": "Available" }));
//!
//! let vpc: vpc::Client = service.client("cn-hangzhou")?;
//! assert_eq!(network(&vpc).await?, "vpc-1");
//!
//! // It was asked for twice with one token, so there is one VPC.
//! let creations = service.calls_of("CreateVpc");
//! assert_eq!(creations.len(), 2);
//! assert_eq!(creations[0].parameter("ClientToken"), creations[1].parameter("ClientToken"));
//! assert_eq!(service.calls_of("DescribeVpcAttribute").len(), 4);
//! assert!(clock.passed().as_secs() > 10);
//!
//! // Errors come by their code.
//! service.fail("DeleteVpc", "DependencyViolation.VSwitch");
//! let error = vpc.delete_vpc().vpc_id("vpc-1").send().await.unwrap_err();
//! assert_eq!(error.class(), ErrorClass::Dependency);
//! # Ok(())
//! # }
//! ```

mod call;
mod manual_clock;
mod rule;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::client::ServiceClient;
use crate::clock::{Clock, SystemClock};
use crate::credentials::Credentials;
use crate::error::Error;
use crate::table::registry::{self, Entry};
use crate::transport::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};

pub use call::Call;
pub use manual_clock::ManualClock;
pub use rule::{Fault, Rule};

use rule::{Answer, Reply};

/// Answers every action with the response that its document shows, or as rules say.
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
    answers: HashMap<String, VecDeque<Answer>>,
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
            .credentials(Credentials::new("test", "test"))
            .clock(Arc::clone(&self.inner.clock))
            .transport(Arc::new(self.clone()))
            .build()
    }

    /// Starts a rule: how the next calls of an action are answered, after those that rules speak
    /// of already. When all are used up, the documented response is the answer again.
    pub fn on(&self, action: &str) -> Rule<'_> {
        Rule::new(self, action)
    }

    /// Answers the next call of an action with a status and a body.
    pub fn answer(&self, action: &str, status: StatusCode, body: impl Into<Bytes>) {
        self.on(action).answer(status, body);
    }

    /// Answers the next call of an action with an error code.
    pub fn fail(&self, action: &str, code: &str) {
        self.on(action).fail(code);
    }

    /// The calls so far, in their order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The calls of an action so far, in their order.
    #[must_use]
    pub fn calls_of(&self, action: &str) -> Vec<Call> {
        self.state().calls.iter().filter(|call| call.action == action).cloned().collect()
    }

    /// Forgets rules and calls.
    pub fn reset(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_answer(&self, request: Request<Bytes>) -> Answer {
        let mut call = call::recorded(request);
        let mut state = self.state();
        let told = state.answers.get_mut(&call.action).and_then(rule::take);
        let answer = told.unwrap_or_else(|| documented(&call.action));
        call.fault = answer.fault();
        state.calls.push(call);
        answer
    }
}

impl Transport for Documented {
    fn send<'a>(&'a self, request: Request<Bytes>, _: Limits) -> ResponseFuture<'a> {
        let answer = self.next_answer(request);
        Box::pin(async move {
            if !answer.delay.is_zero() {
                self.inner.clock.sleep(answer.delay).await;
            }
            match answer.reply {
                Reply::Response(status, body) => {
                    let mut response = Response::new(body);
                    *response.status_mut() = status;
                    Ok(response)
                }
                Reply::Fault(Fault::ResetBefore) => {
                    Err(TransportError::new(TransportErrorKind::Connect, "reset before it was sent"))
                }
                Reply::Fault(Fault::ResetAfter) => {
                    Err(TransportError::new(TransportErrorKind::Broken, "reset after it was sent"))
                }
                Reply::Fault(Fault::Silence) => std::future::pending().await,
            }
        })
    }
}

fn entry(action: &str) -> Option<&'static Entry> {
    registry::entries().find(|entry| entry.action.name == action)
}

fn documented(action: &str) -> Answer {
    match entry(action) {
        Some(entry) => {
            let example = if entry.example.is_empty() { "{}" } else { entry.example };
            Answer::of(Reply::Response(StatusCode::OK, Bytes::from_static(example.as_bytes())))
        }
        None => {
            let body = Bytes::from_static(br#"{"Code":"InvalidAction.NotFound"}"#);
            Answer::of(Reply::Response(StatusCode::NOT_FOUND, body))
        }
    }
}
