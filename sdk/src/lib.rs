//! Typed clients for the network services of Alibaba Cloud and AWS Global Accelerator.

pub mod record;
pub mod schema;
pub mod sign;
pub mod wire;

mod credentials;
mod encode;
mod operation;
mod protocol;
mod secret;
mod timestamp;

pub use credentials::Credentials;
pub use operation::{DryRunnable, Operation, ServiceMarker};
pub use secret::Secret;
