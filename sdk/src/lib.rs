//! Typed clients for the network services of Alibaba Cloud and AWS Global Accelerator: checked
//! before the wire, created once.
//!
//! A [`Client`] of a service has a method for each of its actions; what the method returns is a
//! [`Request`] with a setter for each parameter.
//!
//! ```no_run
//! # async fn run() -> Result<(), cloudnet::Error> {
//! let vpc = cloudnet::vpc::Client::builder().region("cn-hangzhou").build()?;
//! let created = vpc.create_vpc().vpc_name("prod").cidr_block("10.0.0.0/8").send().await?;
//! println!("{:?}", created.vpc_id);
//! # Ok(())
//! # }
//! ```
//!
//! - [`Error`] says what failed and what that means: [`Error::class`], [`Error::code`],
//!   [`Error::may_have_been_applied`].
//! - [`ValidationPolicy`] says what becomes of parameters that break limits;
//!   [`Operation::validate`] checks them without a client.
//! - [`RetryPolicy`], [`Transport`](transport::Transport), [`Clock`](clock::Clock) and
//!   [`ProvideCredentials`] are where a program can put its own.
//! - [`credentials`] has every source of access keys, and says where a client looks by itself.
//! - [`schema`] has the tables behind it all: names, limits, error codes, states.
//!
//! | feature | what |
//! |---|---|
//! | `vpc`, `ga`, `privatelink`, `aws-global-accelerator` | a service each; all of them by default |
//! | `vpc-eip`, `vpc-nat-gateway`, … | a chapter of a service each: its actions, and its waits |
//! | `blocking` | calls from programs without an async runtime |
//! | `dynamic` | calls by name with JSON in wire names |
//! | `testing` | a transport that answers from the documented examples |

#![cfg_attr(
    not(all(feature = "aws-global-accelerator", feature = "ga", feature = "privatelink", feature = "vpc")),
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        unused_macros,
        reason = "some of the runtime serves one service only"
    )
)]

#[cfg(feature = "blocking")]
pub mod blocking;
pub mod clock;
pub mod credentials;
#[cfg(feature = "dynamic")]
pub mod dynamic;
pub mod endpoint;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
pub mod wire;

mod call;
mod check;
mod client;
mod error;
#[rustfmt::skip]
#[expect(clippy::module_inception, reason = "a chapter can have the name of its service")]
mod generated;
mod pages;
mod prelude;
mod response;
mod secret;
mod table;
#[cfg(test)]
mod test_service;
mod waiter;

pub use call::report::AttemptReport;
pub use call::retry::RetryPolicy;
pub use call::runtime::ValidationPolicy;
pub use check::Violation;
pub use client::{Client, ClientBuilder, Request};
pub use credentials::{Credentials, CredentialsError, EnvironmentCredentials, ProvideCredentials, Providing};
pub use endpoint::Network;
pub use error::{Error, ErrorKind};
pub use generated::*;
pub use pages::{Items, PagePosition, Pages};
pub use response::RawResponse;
pub use schema::ErrorClass;
pub use secret::Secret;
pub use sign::Signature;
pub use table::operation::{Awaited, DryRunnable, Operation, Paged, ServiceMarker};
pub use table::{record, schema};
pub use waiter::{ResourceState, UnknownState, Waiter};
pub use wire::protocol::AccessDeniedDetail;
pub use wire::sign;

#[cfg(any(feature = "dynamic", feature = "testing"))]
use table::registry;

/// The example of the README must compile too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
