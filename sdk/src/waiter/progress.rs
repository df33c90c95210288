//! What a wait tells on the way.

use std::fmt;
use std::time::Duration;

use super::state::ResourceState;
use crate::duration::whole_seconds;

/// A state that a [`Waiter`](crate::Waiter) saw, and how far the wait is. Its text is a line to show:
/// `VpcId vpc-1: Pending (5 s, 1 poll)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitProgress {
    /// What is waited for: the keys of the resource and their values.
    pub resource: Vec<(&'static str, String)>,
    /// The state.
    pub state: ResourceState,
    /// How long ago the waiter was first asked.
    pub elapsed: Duration,
    /// How often the resource was polled.
    pub polls: u32,
    /// Whether the wait is over: it is where it should be.
    pub is_end: bool,
}

impl fmt::Display for WaitProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_resource(f, &self.resource)?;
        let polls = if self.polls == 1 { "poll" } else { "polls" };
        write!(f, ": {} ({}, {} {polls})", self.state, whole_seconds(self.elapsed), self.polls)
    }
}

/// Writes what names a resource: `RouteTableId vtb-1, DestinationCidrBlock 10.1.0.0/16`.
pub(crate) fn write_resource(f: &mut fmt::Formatter<'_>, resource: &[(&'static str, String)]) -> fmt::Result {
    for (index, (key, value)) in resource.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}{key} {value}")?;
    }
    Ok(())
}
