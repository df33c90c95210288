//! The states of a resource, as a wait sees them.

use std::fmt;

/// What a poll saw.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResourceState {
    /// It is there, in the state that the service names, letter for letter.
    Named(String),
    /// It is there; a state is not looked at.
    Present,
    /// It is not there.
    Gone,
}

impl fmt::Display for ResourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named(state) if state.is_empty() => "(no state)",
            Self::Named(state) => state,
            Self::Present => "(present)",
            Self::Gone => "(gone)",
        })
    }
}

/// What becomes of a wait when the resource is in a state that the documents do not list for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownState {
    /// The wait goes on.
    #[default]
    KeepWaiting,
    /// The wait ends with an error.
    Fail,
}
