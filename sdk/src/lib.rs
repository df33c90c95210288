//! Typed clients for the network services of Alibaba Cloud and AWS Global Accelerator: checked
//! before the wire, created once.
//!
//! The client of a service, such as [`vpc::Client`], has a method for each of its actions; what the
//! method returns is a [`Request`] with a setter for each parameter.
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
//! [The guide](guide) has a page each on [clients and regions](guide::clients), [errors](guide::errors),
//! [retries](guide::retries), [waits](guide::waits), [tests](guide::tests), [metrics and
//! tracing](guide::observability), [transports](guide::transports), [whose the facts are](guide::sources) and [small builds](guide::builds).
//!
//! - [`Client::raw`] calls the actions that have no method.
//! - [`Error`] says what failed and what that means: [`Error::class`], [`Error::code`],
//!   [`Error::may_have_been_applied`].
//! - [`ValidationPolicy`] says what becomes of parameters that break limits;
//!   [`Operation::validate`] checks them without a client.
//! - [`RetryPolicy`], [`Transport`](transport::Transport), [`Clock`](clock::Clock) and
//!   [`ProvideCredentials`] are where a program can put its own.
//! - [`credentials`] has every source of access keys, and says where a client looks by itself.
//! - [`schema`] has the tables behind it all: names, limits, error codes, states.
//!
//! # Features
//!
//! | feature | what |
//! |---|---|
//! | `vpc`, `ga` | a service each; by default |
//! | `privatelink`, `aws-global-accelerator` | a service each, where a program asks for it |
//! | `vpc-…` | a chapter of `vpc` each, with its actions and waits: `vpc-bgp`, `vpc-eip`, `vpc-flow-log`, `vpc-global-acceleration`, `vpc-nat-gateway`, `vpc-physical-connection`, `vpc-region`, `vpc-route-table`, `vpc-router-interface`, `vpc-shared-bandwidth`, `vpc-virtual-border-router`, `vpc-vpc`, `vpc-vpn-gateway`, `vpc-vrouter`, `vpc-vswitch` |
//! | `aws-lc-rs` | [`HttpTransport`](transport::HttpTransport), with TLS on aws-lc-rs, the usual provider of rustls and reqwest; by default |
//! | `http2` | HTTP/2 for that transport, where a program asks for it |
//! | `ring` | the same transport, with TLS on ring: builds faster, and fits programs that use rustls on ring |
//! | `transport` | the same transport without a provider: the program installs one for the process |
//! | `blocking` | calls from programs without an async runtime |
//! | `dynamic` | calls by name with JSON in wire names |
//! | `serde` | `Serialize` for parameters, for what actions return and for what is inside, by wire names; secrets are `***` |
//! | `testing` | for tests: answers from the documented examples or by typed rules, a log of the calls, a clock |
//!
//! rustls and reqwest find their provider by the features of all crates in a program. So one of
//! `aws-lc-rs` and `ring` is right for a program: the one that its other crates have too. With both,
//! the clients of this crate take `aws-lc-rs`, but `rustls::ClientConfig::builder()` elsewhere panics,
//! as it does wherever two providers meet; and with `ring` or `transport` alone, making a client of
//! reqwest elsewhere panics unless reqwest has its feature `rustls` as well, or the program has
//! installed a provider first: `rustls::crypto::ring::default_provider().install_default()`.
//!
//! Without any of the three, neither HTTP client nor TLS is compiled: [`ClientBuilder::transport`]
//! must then be set, and so must the transports of [`ProviderConfig`](credentials::ProviderConfig) for
//! credentials from STS, metadata services and URIs. A client hands its own transport to STS.

#![cfg_attr(docsrs, feature(doc_cfg))]
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
// Its examples run against what answers in tests.
#[cfg(any(not(doctest), feature = "testing"))]
pub mod guide;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
pub mod wire;

mod call;
mod check;
mod client;
mod duration;
mod error;
#[rustfmt::skip]
#[allow(deprecated, reason = "what is deprecated is made here")]
#[expect(clippy::module_inception, reason = "a chapter can have the name of its service")]
mod generated;
mod pages;
mod prelude;
mod response;
mod secret;
mod table;
#[cfg(test)]
#[allow(dead_code, unreachable_pub, reason = "inputs have all their setters, used or not")]
mod test_service;
mod waiter;

pub use call::report::{AttemptReport, CallReport, WaitReport};
pub use call::retry::RetryPolicy;
pub use call::runtime::ValidationPolicy;
pub use check::Violation;
pub use client::{
    Built, Client, ClientBuilder, Config, OfClient, RawListing, RawRequest, Request, ServiceClient,
};
pub use credentials::{
    Credentials, CredentialsError, CredentialsFuture, EnvironmentCredentials, ProvideCredentials,
};
pub use endpoint::Network;
pub use error::{Error, ErrorKind};
pub use generated::*;
pub use pages::{Items, Listing, PagePosition, Pages};
pub use response::RawResponse;
pub use schema::ErrorClass;
pub use secret::Secret;
pub use sign::Signature;
pub use table::maybe::{AsOption, AsValue, MaybeInto};
pub use table::operation::{Awaited, DryRunnable, Operation, Paged};
#[cfg(feature = "serde")]
pub use table::serialize;
pub use table::{record, schema};
pub use waiter::{ResourceState, UnknownState, WaitProgress, Waiter};
pub use wire::protocol::AccessDeniedDetail;
pub use wire::sign;

/// The crates whose types stand in signatures of this one, in the versions that it means.
///
/// A program that writes a transport or calls by name needs no line of its own for them:
///
/// ```
/// use cloudnet::crates::{bytes::Bytes, http};
///
/// let answer: http::Response<Bytes> = http::Response::new(Bytes::from_static(b"{}"));
/// # let _ = answer;
/// ```
pub mod crates {
    /// `Bytes`: the bodies of requests and answers.
    pub use bytes;
    /// `Stream`: what pages, entries and waits are.
    pub use futures_core;
    /// Requests, answers and their headers.
    pub use http;
    /// `Serialize`, and what implements it.
    #[cfg(feature = "serde")]
    pub use serde;
    /// JSON: parameters of calls by name, answers of rules in tests.
    pub use serde_json;
    /// `Instant`: the time of a [`Clock`](crate::clock::Clock).
    pub use tokio;
}

#[cfg(any(feature = "dynamic", feature = "testing"))]
use table::registry;

/// The example of the README must compile too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
