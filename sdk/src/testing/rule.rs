//! Rules: what the next calls of an action are answered with.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value as Json;

use super::{Call, known};
use crate::record::Record;
use crate::schema::Action;
use crate::table::operation::Operation;
use crate::wire::encode;

/// How a request goes wrong on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The connection breaks before the service sees the request.
    ResetBefore,
    /// The connection breaks after the service has done what was asked.
    ResetAfter,
    /// The service does what was asked, and never answers.
    Silence,
}

impl Fault {
    pub(super) fn is_after(self) -> bool {
        self != Self::ResetBefore
    }
}

/// A rule being told: conditions, which all hold for all of it, and answers, of which each is for one more call.
///
/// A call gets its answer from the first rule that is for it and has one left.
///
/// ```
/// use cloudnet::testing::Documented;
/// use cloudnet::vpc::{DescribeVpcs, DescribeVpcsOutput};
/// use std::time::Duration;
///
/// let service = Documented::new();
/// // In Hangzhou two failures, then a slow success, then what the document shows.
/// service
///     .on::<DescribeVpcs>()
///     .region("cn-hangzhou")
///     .fail("Throttling")
///     .times(2)
///     .answer(DescribeVpcsOutput::default())
///     .delay(Duration::from_secs(3));
/// ```
///
/// What no table has is refused where it is told, with a panic: a test that waits for it would wait in vain.
///
/// ```should_panic
/// # use cloudnet::testing::Documented;
/// # use cloudnet::vpc::CreateVpc;
/// # let service = Documented::new();
/// // no table has a code `QuotaExceeded.Vcp` of `CreateVpc` and of no action of `vpc`; did you mean `QuotaExceeded.Vpc`?
/// service.on::<CreateVpc>().fail("QuotaExceeded.Vcp");
/// ```
pub struct Rule<By = ByName> {
    told: Arc<Told>,
    by: PhantomData<fn() -> By>,
}

/// The kind of rules for an action that is known by its name alone.
#[derive(Debug)]
pub enum ByName {}

impl<By> Rule<By> {
    pub(super) fn of(told: Arc<Told>) -> Self {
        Self { told, by: PhantomData }
    }

    /// For calls to this region alone: two clients in one test do not get each other's answers.
    ///
    /// ```
    /// # use cloudnet::testing::Documented;
    /// # use cloudnet::vpc::{self, CreateVpc, CreateVpcOutput};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudnet::Error> {
    /// let service = Documented::new();
    /// service.on::<CreateVpc>().region("cn-hangzhou").answer(CreateVpcOutput::default().vpc_id("vpc-cn"));
    /// service.on::<CreateVpc>().region("eu-central-1").answer(CreateVpcOutput::default().vpc_id("vpc-eu"));
    /// let europe: vpc::Client = service.client("eu-central-1")?;
    /// assert_eq!(europe.create_vpc().send().await?.vpc_id.as_deref(), Some("vpc-eu"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn region(self, region: impl Into<String>) -> Self {
        let region = region.into();
        self.when_call(move |call| call.region == region)
    }

    /// For calls alone of which this is true: of their parameters by wire name, headers or attempt.
    pub fn when_call(self, holds: impl Fn(&Call) -> bool + Send + Sync + 'static) -> Self {
        self.told.held().conditions.push(Arc::new(holds));
        self
    }

    /// A success with this JSON, by wire names and with the wrappers that the wire has.
    ///
    /// # Panics
    ///
    /// If it has a member that the table of the action has not: [`respond`](Self::respond) takes any.
    #[track_caller]
    pub fn json(self, body: &Json) -> Self {
        if let Some(action) = self.told.table {
            known::check_answer(action, body);
        }
        self.respond(StatusCode::OK, body.to_string())
    }

    /// A status and a body, whatever they are.
    pub fn respond(self, status: StatusCode, body: impl Into<Bytes>) -> Self {
        self.add(Reply::Response(status, body.into()))
    }

    /// An error code that is documented for the action or for all of its service, under the status that the
    /// tables give it, and 400 if they give none.
    ///
    /// # Panics
    ///
    /// If no table has the code: [`fail_undocumented`](Self::fail_undocumented) takes any.
    #[track_caller]
    pub fn fail(self, code: &str) -> Self {
        let status = match self.told.table {
            Some(action) => known::status(action, code),
            None => StatusCode::BAD_REQUEST,
        };
        self.fail_undocumented(status, code)
    }

    /// An error code that no table has to know: those of other times, of gateways and of permissions. What it
    /// means for the program goes by its form and by the status.
    ///
    /// ```
    /// # use cloudnet::testing::Documented;
    /// # use cloudnet::vpc::CreateVpc;
    /// # let service = Documented::new();
    /// use http::StatusCode;
    ///
    /// service.on::<CreateVpc>().fail_undocumented(StatusCode::FORBIDDEN, "Forbidden.RAM");
    /// ```
    pub fn fail_undocumented(self, status: StatusCode, code: &str) -> Self {
        let body = serde_json::json!({
            "Code": code,
            "__type": code,
            "Message": "Answered by a test.",
            "RequestId": "00000000-0000-0000-0000-000000000000",
        });
        self.respond(status, body.to_string())
    }

    /// A fault.
    pub fn fault(self, fault: Fault) -> Self {
        self.add(Reply::Fault(fault))
    }

    /// [`Fault::ResetBefore`].
    pub fn reset_before(self) -> Self {
        self.fault(Fault::ResetBefore)
    }

    /// [`Fault::ResetAfter`].
    pub fn reset_after(self) -> Self {
        self.fault(Fault::ResetAfter)
    }

    /// [`Fault::Silence`].
    pub fn silence(self) -> Self {
        self.fault(Fault::Silence)
    }

    /// Lets the last answer come so much later.
    pub fn delay(self, delay: Duration) -> Self {
        self.change_last(|answer| answer.delay = delay)
    }

    /// Gives the last answer to so many calls instead of one.
    pub fn times(self, calls: u32) -> Self {
        self.change_last(|answer| answer.times = Some(calls))
    }

    /// Gives the last answer to all further calls.
    pub fn always(self) -> Self {
        self.change_last(|answer| answer.times = None)
    }

    fn add(self, reply: Reply) -> Self {
        self.told.held().answers.push_back(Answer::of(reply));
        self
    }

    fn change_last(self, change: impl FnOnce(&mut Answer)) -> Self {
        if let Some(answer) = self.told.held().answers.back_mut() {
            change(answer);
        }
        self
    }
}

impl<O: Operation> Rule<O> {
    /// For calls alone with parameters of which this is true.
    ///
    /// ```
    /// # use cloudnet::testing::Documented;
    /// # use cloudnet::vpc::{self, CreateVpc};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudnet::Error> {
    /// let service = Documented::new();
    /// service
    ///     .on::<CreateVpc>()
    ///     .when(|create| create.cidr_block.as_deref() == Some("10.0.0.0/8"))
    ///     .fail("QuotaExceeded.Vpc");
    /// let vpc: vpc::Client = service.client("cn-hangzhou")?;
    /// assert!(vpc.create_vpc().cidr_block("192.168.0.0/16").send().await.is_ok());
    /// assert!(vpc.create_vpc().cidr_block("10.0.0.0/8").send().await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn when(self, holds: impl Fn(&O) -> bool + Send + Sync + 'static) -> Self {
        self.when_call(move |call| call.request::<O>().is_some_and(|request| holds(&request)))
    }

    /// A success. It takes the way of the wire, as what the service says does: to JSON and back.
    ///
    /// ```
    /// # use cloudnet::testing::Documented;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudnet::Error> {
    /// use cloudnet::vpc::{self, DescribeVpcs, DescribeVpcsOutput, describe_vpcs::Vpc};
    ///
    /// let service = Documented::new();
    /// let listed = [Vpc::default().vpc_id("vpc-1").status("Available"), Vpc::default().vpc_id("vpc-2")];
    /// service.on::<DescribeVpcs>().answer(DescribeVpcsOutput::default().vpcs(listed).total_count(2));
    ///
    /// let vpc: vpc::Client = service.client("cn-hangzhou")?;
    /// assert_eq!(vpc.describe_vpcs().send().await?.vpcs[1].vpc_id.as_deref(), Some("vpc-2"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer(self, output: O::Output) -> Self {
        self.add(Reply::Response(StatusCode::OK, encoded::<O>(&output)))
    }

    /// A success that is made for each call, out of its parameters.
    ///
    /// ```
    /// # use cloudnet::testing::Documented;
    /// # use cloudnet::vpc::{self, CreateVSwitch, CreateVSwitchOutput};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudnet::Error> {
    /// let service = Documented::new();
    /// let mut made = 0;
    /// service
    ///     .on::<CreateVSwitch>()
    ///     .answer_with(move |create| {
    ///         made += 1;
    ///         let zone = create.zone_id.as_deref().unwrap_or_default();
    ///         CreateVSwitchOutput::default().vswitch_id(format!("vsw-{zone}-{made}"))
    ///     })
    ///     .always();
    /// let vpc: vpc::Client = service.client("cn-hangzhou")?;
    /// let create = || vpc.create_vswitch().vpc_id("vpc-1").zone_id("b").cidr_block("10.0.1.0/24");
    /// create().send().await?;
    /// assert_eq!(create().send().await?.vswitch_id.as_deref(), Some("vsw-b-2"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer_with(self, answer: impl FnMut(&O) -> O::Output + Send + 'static) -> Self {
        let answer = Mutex::new(answer);
        self.add(Reply::Computed(Arc::new(move |call| {
            let request = call.request::<O>().unwrap_or_default();
            let output = {
                let mut answer = answer.lock().unwrap_or_else(PoisonError::into_inner);
                (*answer)(&request)
            };
            encoded::<O>(&output)
        })))
    }
}

fn encoded<O: Operation>(output: &dyn Record) -> Bytes {
    encode::json::object(&O::ACTION.response, output, &[]).into()
}

impl<By> fmt::Debug for Rule<By> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told.fmt(f)
    }
}

/// A rule as it is kept.
pub(super) struct Told {
    action: String,
    /// The action's table, unless nobody documents it.
    table: Option<&'static Action>,
    /// Whether it is for actions of this name of other services too.
    is_by_name: bool,
    place: &'static Location<'static>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    conditions: Vec<Condition>,
    answers: VecDeque<Answer>,
    /// Whether it ever answered.
    is_used: bool,
}

type Condition = Arc<dyn Fn(&Call) -> bool + Send + Sync>;

impl Told {
    #[track_caller]
    pub(super) fn of(action: &'static Action) -> Self {
        Self { is_by_name: false, ..Self::named(action.name, Some(action)) }
    }

    #[track_caller]
    pub(super) fn named(action: &str, table: Option<&'static Action>) -> Self {
        let place = Location::caller();
        Self { action: action.to_owned(), table, is_by_name: true, place, held: Mutex::default() }
    }

    pub(super) fn is_about(&self, action: &str) -> bool {
        self.action == action
    }

    /// Uses up an answer, if it is for such a call and has one. What the test wrote is run without any lock.
    pub(super) fn answer(&self, call: &Call) -> Option<Answer> {
        let is_for = match self.table {
            Some(action) if !self.is_by_name => call.is_of(action),
            _ => self.action == call.action,
        };
        let conditions = if is_for { self.held().conditions.clone() } else { return None };
        if conditions.iter().all(|holds| holds(call)) { self.held().take() } else { None }
    }

    /// That there are calls that it was told for and that did not come; `None` if all came.
    pub(super) fn unused(&self) -> Option<String> {
        let held = self.held();
        let problem = match held.answers.iter().map(Answer::left).fold(0, u32::saturating_add) {
            0 if held.is_used => return None,
            0 => "has no answer".to_owned(),
            1 => "1 more call should have come".to_owned(),
            left => format!("{left} more calls should have come"),
        };
        Some(format!("{} at {}: {problem}", self.action, self.place))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn take(&mut self) -> Option<Answer> {
        while self.answers.front().is_some_and(|first| first.times == Some(0)) {
            self.answers.pop_front();
        }
        let first = self.answers.front_mut()?;
        first.times = first.times.map(|times| times - 1);
        first.is_used = true;
        self.is_used = true;
        Some(first.clone())
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("action", &self.action)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub(super) struct Answer {
    reply: Reply,
    delay: Duration,
    /// How many calls it is for; `None` for all.
    times: Option<u32>,
    is_used: bool,
}

#[derive(Clone)]
enum Reply {
    Response(StatusCode, Bytes),
    Computed(Arc<dyn Fn(&Call) -> Bytes + Send + Sync>),
    Fault(Fault),
}

impl Answer {
    pub(super) fn response(status: StatusCode, body: Bytes) -> Self {
        Self::of(Reply::Response(status, body))
    }

    fn of(reply: Reply) -> Self {
        Self { reply, delay: Duration::ZERO, times: Some(1), is_used: false }
    }

    /// How many calls it is for that did not come yet; where it is for all, one is enough.
    fn left(&self) -> u32 {
        self.times.unwrap_or(u32::from(!self.is_used))
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        match self.reply {
            Reply::Fault(fault) => Some(fault),
            Reply::Response(..) | Reply::Computed(_) => None,
        }
    }

    pub(super) fn made_for(self, call: &Call) -> Made {
        let outcome = match self.reply {
            Reply::Response(status, body) => Ok((status, body)),
            Reply::Computed(make) => Ok((StatusCode::OK, make(call))),
            Reply::Fault(fault) => Err(fault),
        };
        Made { delay: self.delay, outcome }
    }
}

/// An answer to one call.
pub(super) struct Made {
    pub(super) delay: Duration,
    pub(super) outcome: Result<(StatusCode, Bytes), Fault>,
}
