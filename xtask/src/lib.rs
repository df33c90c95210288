//! What maintenance does beside generating: the generated tree on disk, what the specs hold, what a change of them
//! means, new specs, explanations.

pub mod diff;
pub mod explain;
pub mod files;
pub mod follow;
pub mod golden;
pub mod inventory;
pub mod new;
pub mod scaffold;
pub mod schemas;
