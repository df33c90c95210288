//! Calls of actions by wire name, without a table.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use crate::call::retry::RetryPolicy;
use crate::call::runtime::{Options, Runtime};
use crate::call::{self, Extra, extra};
use crate::error::Error;
use crate::pages::{Items, Listing, Page, PagePosition, Pager, Pages, Reader};
use crate::record::record;
use crate::response::RawResponse;
use crate::schema::{Effect, Pagination};
use crate::table::called::{Called, RawAction};
use crate::table::path;

/// A call of an action by its wire name, with parameters by theirs: for the actions of a service that this
/// crate does not know. It does nothing until it is sent.
///
/// Names and values are sent as they are given, and nothing is checked but what would make another call of
/// this one: names that are empty, given twice, or those of the protocol, such as `Action` and `Signature`. All
/// else is as with every call: region, signature, retries, deadlines, hooks, spans and errors. Codes are known
/// by the service's own table and by their form, since an action's own table is what a raw call lacks; the
/// answer is JSON.
///
/// What the caller does not say is not known. So a raw call counts as a write, and is not sent again after a
/// failure that may have been applied, until [`read`](Self::read) says that it changes nothing, or
/// [`idempotent_by`](Self::idempotent_by) which parameter makes it safe.
///
/// ```no_run
/// # async fn run() -> Result<(), cloudnet::Error> {
/// use cloudnet::schema::Pagination;
/// use serde_json::json;
///
/// let vpc = cloudnet::vpc::Client::builder().region("cn-hangzhou").build()?;
/// vpc.raw("TagResources")
///     .param("ResourceType", "VPC")
///     .param("ResourceId", ["vpc-1", "vpc-2"])
///     .param("Tag", json!([{ "Key": "stage", "Value": "prod" }]))
///     .send()
///     .await?;
///
/// let gateway = vpc.raw("CreateIpv6Gateway").param("VpcId", "vpc-1").idempotent_by("ClientToken");
/// println!("{}", gateway.send().await?["Ipv6GatewayId"]);
///
/// let mut tags = vpc
///     .raw("ListTagResources")
///     .param("ResourceType", "VPC")
///     .items(Pagination::by_token("TagResources.TagResource"));
/// while let Some(tag) = tags.next().await {
///     println!("{}", tag?["TagKey"]);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct RawRequest {
    runtime: Arc<Runtime>,
    action: RawAction,
    options: Options,
}

impl RawRequest {
    pub(super) fn new(runtime: Arc<Runtime>, name: String) -> Self {
        let service = runtime.service;
        let action = RawAction { name, service, effect: Effect::Write, token: None, pagination: None };
        Self { runtime, action, options: Options::default() }
    }

    /// Sets a parameter, in the place of one of the same name. Values count as harmless: `Debug` shows them.
    ///
    /// Where parameters travel as a query, lists and objects become a parameter for each scalar in them, such as
    /// `ResourceId.1` and `Tag.1.Key`, which can also be given by these names; where they travel as JSON, they
    /// stay what they are. `null` is not sent.
    ///
    /// ```
    /// # fn show(vpc: cloudnet::vpc::Client) {
    /// let one = vpc.raw("TagResources").param("ResourceId", ["vpc-1"]);
    /// let same = vpc.raw("TagResources").param("ResourceId.1", "vpc-1");
    /// # drop((one, same));
    /// # }
    /// ```
    pub fn param(self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.with(name.into(), value.into(), false)
    }

    /// Sets a parameter for each of these, such as the members of a JSON object.
    pub fn params<N: Into<String>, V: Into<Json>>(self, params: impl IntoIterator<Item = (N, V)>) -> Self {
        params.into_iter().fold(self, |request, (name, value)| request.param(name, value))
    }

    /// Sets a parameter that travels as one text of JSON, such as the `IkeConfig` of a VPN connection.
    pub fn json_param(self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.param(name, value.into().to_string())
    }

    /// Sets a parameter that is a password, key or the like: neither it nor what it holds is ever printed, and
    /// what the service quotes of it is hidden.
    pub fn secret_param(self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.with(name.into(), value.into(), true)
    }

    /// Says that the action changes nothing: it is sent again whatever happened to it.
    pub fn read(mut self) -> Self {
        self.action.effect = Effect::Read;
        self
    }

    /// Says that the action changes something, as it is understood without a word.
    pub fn write(mut self) -> Self {
        self.action.effect = Effect::Write;
        self
    }

    /// Says which parameter carries the idempotency token, such as `ClientToken`. One is made for the call
    /// unless the parameter is given, is the same on every attempt, and is told by an [`Error`]: the action is
    /// then sent again after failures that may have been applied. Of an action that knows no such parameter it
    /// would be a second effect.
    pub fn idempotent_by(mut self, parameter: impl Into<String>) -> Self {
        self.action.token = Some(parameter.into());
        self
    }

    /// Sets the idempotency token. Give the one of an [`Error`] to take up the call that failed. Sending fails
    /// if [`idempotent_by`](Self::idempotent_by) does not say where it belongs.
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.options.token = Some(token.into());
        self
    }

    /// Sets how long the call may take with all its attempts, instead of the client's limit.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets which failures the call is tried again after, instead of the client's policy.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sends the request until it is answered, cannot be repeated, or the deadline is there.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send(self) -> Result<Json, Error> {
        self.send_raw().await?.to_json()
    }

    /// As [`send`](Self::send), and returns the response undecoded.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send_raw(self) -> Result<RawResponse, Error> {
        let Self { runtime, action, options } = self;
        call::send(&runtime, Called::Raw(Arc::new(action)), &mut NoFields::default(), &options).await
    }

    /// The pages of a listing, from the page that the parameters name, or the first. A listing reads, whether
    /// [`read`](Self::read) says so or not.
    pub fn pages<T: AsRef<str>>(self, pagination: Pagination<T>) -> Pages<RawListing> {
        self.pages_at(&pagination, None)
    }

    /// The pages of a listing from a position that an earlier one had.
    pub fn pages_from<T: AsRef<str>>(
        self,
        pagination: Pagination<T>,
        position: PagePosition,
    ) -> Pages<RawListing> {
        self.pages_at(&pagination, Some(position))
    }

    /// The entries of a listing, page after page.
    pub fn items<T: AsRef<str>>(self, pagination: Pagination<T>) -> Items<RawListing> {
        Items::new(self.pages(pagination))
    }

    /// The entries of a listing from a position that an earlier one had.
    pub fn items_from<T: AsRef<str>>(
        self,
        pagination: Pagination<T>,
        position: PagePosition,
    ) -> Items<RawListing> {
        Items::new(self.pages_from(pagination, position))
    }

    fn with(mut self, name: String, value: Json, is_secret: bool) -> Self {
        extra::set(&mut self.options.extra, Extra { name, value, is_secret });
        self
    }

    fn pages_at<T: AsRef<str>>(
        self,
        pagination: &Pagination<T>,
        position: Option<PagePosition>,
    ) -> Pages<RawListing> {
        let Self { runtime, mut action, options } = self.read();
        action.pagination = Some(pagination.map(|name| name.as_ref().to_owned()));
        let action = Called::Raw(Arc::new(action));
        Pages::new(
            Pager::new(runtime, action, Box::new(NoFields::default()), options, position),
            Reader::raw(),
        )
    }
}

/// Shows no secret.
impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest")
            .field("action", &self.action.name)
            .field("effect", &self.action.effect)
            .field("token", &self.action.token)
            .field("params", &self.options.extra)
            .finish_non_exhaustive()
    }
}

/// The listing of a [raw call](RawRequest::items): pages and entries are JSON.
#[derive(Debug)]
pub enum RawListing {}

impl Listing for RawListing {
    type Page = Json;
    type Item = Json;
}

impl Reader<RawListing> {
    fn raw() -> Self {
        Self { page: RawResponse::to_json, view: |page| Page::Json(page), items: entries }
    }
}

fn entries(action: &Called, page: Json) -> Vec<Json> {
    let mut entries = Vec::new();
    if let Some(pagination) = action.pagination() {
        path::json_values(&page, pagination.items(), &mut |entry| entries.push(entry.clone()));
    }
    entries
}

/// A raw call has all its parameters beside the fields of a table.
#[derive(Default)]
struct NoFields {}
record!(NoFields {});
