//! What maintenance does beside generating: the generated tree on disk, what the specs hold, new specs, explanations.

pub mod explain;
pub mod files;
pub mod golden;
pub mod inventory;
pub mod new;
