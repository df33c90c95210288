//! Typed clients for the network services of Alibaba Cloud and AWS Global Accelerator.

pub mod clock;
#[cfg(feature = "dynamic")]
pub mod dynamic;
pub mod endpoint;
pub mod record;
pub mod schema;
pub mod sign;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;
pub mod wire;

mod builder;
mod call;
mod classify;
mod client;
mod credentials;
mod credentials_provider;
mod decode;
mod encode;
mod error;
mod failure;
#[rustfmt::skip]
#[expect(clippy::module_inception, reason = "a chapter can have the name of its service")]
mod generated;
mod operation;
mod prelude;
mod protocol;
mod redact;
#[cfg(any(feature = "dynamic", feature = "testing"))]
mod registry;
mod response;
mod retry;
mod secret;
#[cfg(test)]
mod test_service;
mod timestamp;
mod validate;

pub use builder::ClientBuilder;
pub use call::ValidationPolicy;
pub use client::{Client, Request};
pub use credentials::Credentials;
pub use credentials_provider::{CredentialsError, EnvironmentCredentials, ProvideCredentials, Providing};
pub use endpoint::Network;
pub use error::{Error, ErrorKind};
pub use generated::*;
pub use operation::{DryRunnable, Operation, ServiceMarker};
pub use protocol::AccessDeniedDetail;
pub use response::RawResponse;
pub use retry::RetryPolicy;
pub use schema::ErrorClass;
pub use secret::Secret;
pub use sign::Signature;
pub use validate::Violation;
