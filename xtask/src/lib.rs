//! What maintenance does beside generating: the generated tree on disk, and what the specs hold in numbers.

pub mod files;
pub mod inventory;
pub mod schemas;
