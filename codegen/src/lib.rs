//! Turns the YAML specs into the generated code of the SDK.

pub mod diagnostic;
pub mod doc;
pub mod files;
mod portable;
pub mod read;
pub mod render;
pub mod source_tree;
mod visible;
pub mod yaml;
