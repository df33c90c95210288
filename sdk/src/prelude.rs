//! All that generated code may import.

pub(crate) use std::time::SystemTime;

pub(crate) use crate::schema::Action;
pub(crate) use crate::secret::Secret;
pub(crate) use crate::table::declare::{
    client, described, element, equal, input, input_element, methods, open_enum, output,
};
pub(crate) use crate::table::operation::{Awaited, DryRunnable, Operation, Paged};
