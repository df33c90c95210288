//! What generated code is made of: tables, records, and what reads them by path or by name.

pub mod record;
pub mod schema;

pub(crate) mod called;
pub(crate) mod declare;
pub(crate) mod maybe;
pub(crate) mod operation;
pub(crate) mod path;
#[cfg(any(feature = "dynamic", feature = "testing"))]
pub(crate) mod registry;
#[cfg(feature = "serde")]
pub mod serialize;
pub(crate) mod text;
