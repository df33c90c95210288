//! What maintenance does beside generating: the generated tree on disk, what the specs hold in numbers, and what a
//! change of them means.

pub mod diff;
pub mod files;
pub mod inventory;
