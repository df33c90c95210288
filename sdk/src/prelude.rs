//! All that generated code may import.

pub(crate) use crate::client::{Client, Request};
pub(crate) use crate::record::{element, open_enum, record};
pub(crate) use crate::schema::Action;
pub(crate) use crate::secret::Secret;
pub(crate) use crate::table::operation::{Awaited, DryRunnable, Operation, Paged, ServiceMarker};
