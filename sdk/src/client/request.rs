//! A call that is being put together, and the ways to send it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::call::retry::RetryPolicy;
use crate::call::runtime::{Options, Runtime, ValidationPolicy};
use crate::call::{self, Extra};
use crate::error::Error;
use crate::pages::{Items, PagePosition, Pager, Pages, Reader};
use crate::response::RawResponse;
use crate::schema::ErrorClass;
use crate::table::operation::{Awaited, DryRunnable, Operation, Paged};
use crate::waiter::{PendingWaiter, Poll, Waiter};

/// A call that is being put together. It does nothing until it is sent.
///
/// Every setter of the input `O` is a method of its request too: [`CreateVpc::vpc_name`] is shown
/// there, and `vpc.create_vpc().vpc_name("prod")` sets it here.
///
/// ```
/// use std::time::Duration;
/// use cloudnet::{Client, Error, Operation, RetryPolicy};
///
/// async fn ask<O: Operation>(client: &Client, parameters: O) -> Result<O::Output, Error> {
///     client
///         .request(parameters)
///         .with_deadline(Duration::from_secs(30))
///         .with_retry(RetryPolicy::default().with_max_attempts(5))
///         .send()
///         .await
/// }
/// ```
///
/// [`CreateVpc::vpc_name`]: crate::vpc::CreateVpc::vpc_name
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request<O> {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) input: O,
    pub(crate) options: Options,
}

impl<O: Operation> Request<O> {
    /// Adds a parameter by its wire name, such as one that this crate does not know yet. It is
    /// not checked, nor are rules across parameters that name it, and it takes the place of a
    /// parameter of the same name. With a name that the protocol sets itself, such as `Action`, the
    /// call fails.
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.extra.push(Extra::text(name, value));
        self
    }

    /// Sets what happens if the parameters break limits, instead of what the client does.
    pub fn with_validation(mut self, policy: ValidationPolicy) -> Self {
        self.options.validation = Some(policy);
        self
    }

    /// Sets how long the call may take with all its attempts, instead of the client's limit; with
    /// [`send_and_wait`](Self::send_and_wait), the call and its wait together, however long the wait
    /// would be by itself. What sets the wait alone is [`with_wait_deadline`](Self::with_wait_deadline).
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets which failures the call is tried again after, instead of the client's policy.
    pub fn with_retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sets the idempotency token. Give the one of an [`Error`] to take up the call that failed;
    /// without this, every call has its own. Sending fails if the action takes no token.
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.options.token = Some(token.into());
        self
    }

    /// The parameters as they are now.
    #[must_use]
    pub fn input(&self) -> &O {
        &self.input
    }

    /// Gives the parameters back.
    #[must_use]
    pub fn into_input(self) -> O {
        self.input
    }

    /// Checks the parameters, with what the client would fill in, and sends nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with every violation, whatever the
    /// policy is.
    pub fn validate(&self) -> Result<(), Error> {
        let mut input = self.input.clone();
        call::check(&self.runtime, &O::ACTION.into(), &mut input, &self.options)
    }

    /// Sends the request until it is answered, cannot be repeated, or the deadline is there.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send(mut self) -> Result<O::Output, Error> {
        call::send(&self.runtime, O::ACTION.into(), &mut self.input, &self.options).await?.decode::<O>()
    }

    /// As [`send`](Self::send), and returns the response undecoded.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send_raw(mut self) -> Result<RawResponse, Error> {
        call::send(&self.runtime, O::ACTION.into(), &mut self.input, &self.options).await
    }
}

impl<O: DryRunnable> Request<O> {
    /// Asks whether the call would succeed, without effect.
    ///
    /// # Errors
    ///
    /// What [`send`](Self::send) would fail with.
    pub async fn dry_run(mut self) -> Result<(), Error> {
        self.options.is_dry_run = true;
        match self.send_raw().await {
            Err(error) if error.class() != ErrorClass::DryRunPassed => Err(error),
            _ => Ok(()),
        }
    }
}

impl<O: Paged> Request<O> {
    /// The pages of the listing, from the page that the request names, or the first.
    ///
    /// ```no_run
    /// # async fn run(vpc: cloudnet::vpc::Client) -> Result<(), cloudnet::Error> {
    /// let mut pages = vpc.describe_vpcs().pages();
    /// let first = pages.next().await.transpose()?;
    /// let rest = vpc.describe_vpcs().pages_from(pages.position().clone());
    /// # let _ = (first, rest);
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(self) -> Pages<O> {
        pages_at(self, None)
    }

    /// The pages of the listing from a position that an earlier one had.
    pub fn pages_from(self, position: PagePosition) -> Pages<O> {
        pages_at(self, Some(position))
    }

    /// The entries of the listing, page after page.
    pub fn items(self) -> Items<O> {
        Items::new(self.pages())
    }

    /// The entries of the listing from a position that an earlier one had.
    pub fn items_from(self, position: PagePosition) -> Items<O> {
        Items::new(self.pages_from(position))
    }
}

/// A function, since the name of a method could be that of a parameter.
fn pages_at<O: Paged>(request: Request<O>, position: Option<PagePosition>) -> Pages<O> {
    let Request { runtime, input, options } = request;
    let pager = Pager::new(runtime, O::ACTION.into(), Box::new(input), options, position);
    Pages::new(pager, Reader::typed())
}

impl<O: Awaited> Request<O> {
    /// Sets how long the wait for the effect of the call may take, instead of what the client says, or
    /// the documents or practice suggest: counted from the answer to the call, or from when the waiter
    /// of [`send_with_waiter`](Self::send_with_waiter) is first asked.
    pub fn with_wait_deadline(mut self, deadline: Duration) -> Self {
        self.options.wait.deadline = Some(deadline);
        self
    }

    /// Sets how long the wait pauses between polls, give or take a fifth, instead of what the client
    /// says, or 3, 6, then 10 s. See [`Waiter::with_interval`].
    pub fn with_wait_interval(mut self, interval: Duration) -> Self {
        self.options.wait.interval = Some(interval);
        self
    }

    /// Sends the request, and waits until it has taken effect: until the resource is in the
    /// state that the action leads to, is there, or is gone. A delete of what is gone already is
    /// a success.
    ///
    /// ```no_run
    /// # async fn run(vpc: cloudnet::vpc::Client) -> Result<(), cloudnet::Error> {
    /// let created = vpc.create_vpc().cidr_block("10.0.0.0/8").send_and_wait().await?;
    /// // It can be used now.
    /// # let _ = created;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It gives up
    ///
    /// | set | when |
    /// |---|---|
    /// | [`with_deadline`](Self::with_deadline) | so long after it began, with the call and the wait together |
    /// | [`with_wait_deadline`](Self::with_wait_deadline) | so long after the call was answered; the call has its own limit |
    /// | both | at what comes first |
    /// | neither | the client's [`operation_timeout`](crate::ClientBuilder::operation_timeout) for the call, and then its [`wait_deadline`](crate::ClientBuilder::wait_deadline), or as long as is usual for the resource |
    ///
    /// The last poll is at that time, and may take 2 s more.
    ///
    /// # Errors
    ///
    /// What [`send`](Self::send) fails with, and what waiting fails with: see [`Waiter`]. In the
    /// second case the call was applied; [`Error::waited_for`] names the resource, and
    /// [`Error::applied`] has the answer of the call. A call that does not name its resource is
    /// refused before it is sent.
    pub async fn send_and_wait(self) -> Result<O::Output, Error> {
        let (output, waiter) = self.send_with_waiter().await?;
        waiter.await?;
        Ok(output)
    }

    /// Sends the request, and returns its output at once, with the waiter for its effect: to see
    /// the states on the way, or to wait later. A delete of what is gone already is a success here too; its waiter
    /// is over at once, and tells nothing on the way.
    ///
    /// # Errors
    ///
    /// What [`send`](Self::send) fails with.
    pub async fn send_with_waiter(mut self) -> Result<(O::Output, Waiter), Error> {
        let poll = Poll::of::<O::Poll>();
        let effect = match PendingWaiter::of(&self.runtime, O::ACTION, poll, &self.input, &self.options) {
            Ok(effect) => effect,
            // All that is wrong with the parameters says more.
            Err(unnamed) => return Err(self.validate().err().unwrap_or(unnamed)),
        };
        let raw = match call::send(&self.runtime, O::ACTION.into(), &mut self.input, &self.options).await {
            Ok(raw) => raw,
            Err(error) => return Ok((O::Output::default(), effect.of_failure(error)?)),
        };
        let output = raw.decode::<O>()?;
        let waiter = effect.of_answer(&self.input, &self.options.extra, &output, raw);
        Ok((output, waiter))
    }
}

impl<O: fmt::Debug> fmt::Debug for Request<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("input", &self.input).finish_non_exhaustive()
    }
}
