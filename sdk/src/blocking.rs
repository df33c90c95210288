//! Calls from programs without an async runtime.
//!
//! Feature: `blocking`.
//!
//! [`Client`] is the client of a service together with a small runtime. It has all methods of
//! the async client, and [`run`](Client::run) does what they start: calls, waits, anything that
//! can be awaited. [`each`](Client::each) walks through listings, and through what a
//! [`Waiter`](crate::Waiter) sees on the way.
//!
//! ```
//! # use cloudnet::testing::Documented;
//! use cloudnet::{blocking, vpc};
//!
//! # fn run() -> Result<(), cloudnet::Error> {
//! # let service = Documented::new();
//! let vpc = blocking::Client::new(vpc::Client::builder().region("cn-hangzhou").build()?)?;
//! # let vpc = blocking::Client::new(service.client::<vpc::Client>("cn-hangzhou")?)?;
//! let created = vpc.run(vpc.create_vpc().vpc_name("prod").send())?;
//! println!("{:?}", created.vpc_id);
//!
//! for one in vpc.each(vpc.describe_vpcs().items()) {
//!     println!("{:?}", one?.vpc_id);
//! }
//! for progress in vpc.each(vpc.wait_for_vpc_available("vpc-1")) {
//!     println!("{}", progress?);
//! }
//! # Ok(())
//! # }
//! # run().unwrap();
//! ```

use std::fmt;
use std::future::IntoFuture;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Error;

/// A client of one service that a program without an async runtime can use.
///
/// Cheap to clone; clones share the runtime and the connections, and can be used from several
/// threads. Connections rest between calls: none is kept alive in the background.
#[derive(Clone)]
pub struct Client<C> {
    client: C,
    runtime: Arc<Owned>,
}

impl<C> Client<C> {
    /// Gives a client a runtime of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the system refuses what a
    /// runtime needs.
    pub fn new(client: C) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::configuration(format!("no runtime: {error}")))?;
        Ok(Self { client, runtime: Arc::new(Owned(Some(runtime))) })
    }

    /// Does what a method of the client has started, and returns when it is done.
    ///
    /// # Errors
    ///
    /// What awaiting it fails with, and
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) inside an async runtime,
    /// whose thread it would block: await it there instead.
    pub fn run<T>(&self, work: impl IntoFuture<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime.block_on(work.into_future())?
    }

    /// Walks through the pages or entries of a listing, or what a [`Waiter`](crate::Waiter) tells
    /// on the way. An error of a listing that passes does not end the walk: the next step tries
    /// again where it stopped. Any other is followed by the end.
    pub fn each<L, T>(&self, listing: L) -> Each<L>
    where
        L: Stream<Item = Result<T, Error>> + Unpin,
    {
        Each { listing, runtime: Arc::clone(&self.runtime), is_over: false }
    }
}

impl<C> Deref for Client<C> {
    type Target = C;

    fn deref(&self) -> &Self::Target {
        &self.client
    }
}

impl<C: fmt::Debug> fmt::Debug for Client<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Client").field(&self.client).finish()
    }
}

/// The steps of a listing. See [`Client::each`].
#[must_use = "pages are fetched when they are asked for"]
pub struct Each<L> {
    listing: L,
    runtime: Arc<Owned>,
    /// It cannot go on: there is an async runtime around it.
    is_over: bool,
}

impl<L> Each<L> {
    /// The listing, to ask for its position, or the waiter.
    pub fn listing(&self) -> &L {
        &self.listing
    }
}

impl<L, T> Iterator for Each<L>
where
    L: Stream<Item = Result<T, Error>> + Unpin,
{
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let listing = &mut self.listing;
        let step = std::future::poll_fn(|context| Pin::new(&mut *listing).poll_next(context));
        self.runtime.block_on(step).unwrap_or_else(|error| {
            self.is_over = true;
            Some(Err(error))
        })
    }
}

impl<L: fmt::Debug> fmt::Debug for Each<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Each").field("listing", &self.listing).finish_non_exhaustive()
    }
}

/// A runtime that can be dropped anywhere; empty only while that happens.
struct Owned(Option<Runtime>);

impl Owned {
    fn block_on<F: Future>(&self, work: F) -> Result<F::Output, Error> {
        if Handle::try_current().is_ok() {
            let message = "a blocking client is used inside an async runtime; await the request there";
            return Err(Error::configuration(message));
        }
        match &self.0 {
            Some(runtime) => Ok(runtime.block_on(work)),
            None => Err(Error::configuration("the runtime is gone")),
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Dropping a runtime waits for its threads, which panics inside another one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
