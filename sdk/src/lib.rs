//! Typed clients for the network services of Alibaba Cloud and AWS Global Accelerator.

pub mod clock;
pub mod endpoint;
pub mod record;
pub mod schema;
pub mod sign;
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
mod operation;
mod protocol;
mod redact;
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
pub use credentials_provider::{
    CredentialsError, EnvironmentCredentials, ProvideCredentials, Providing,
};
pub use endpoint::Network;
pub use error::{Error, ErrorKind};
pub use operation::{DryRunnable, Operation, ServiceMarker};
pub use protocol::AccessDeniedDetail;
pub use response::RawResponse;
pub use retry::RetryPolicy;
pub use schema::ErrorClass;
pub use secret::Secret;
pub use sign::Signature;
pub use validate::Violation;
