//! Typed clients for the network services of Alibaba Cloud and AWS Global Accelerator.

pub mod record;
pub mod schema;

mod operation;
mod secret;

pub use operation::{DryRunnable, Operation, ServiceMarker};
pub use secret::Secret;
