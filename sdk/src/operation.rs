//! What generated code says about an action.

use crate::record::Record;
use crate::schema::{Action, Service};

/// The parameters of one action; generated for every action.
pub trait Operation: Record + Clone + Default + 'static {
    /// Its table.
    const ACTION: &'static Action;
    /// What a successful call returns.
    type Output: Record + Default + 'static;
}

/// Implemented by the parameters of actions that can be tried without effect.
pub trait DryRunnable: Operation {}

/// Marks the clients of one service; generated for every service.
pub trait ServiceMarker: Send + Sync + 'static {
    /// Its table.
    const SERVICE: &'static Service;
}
