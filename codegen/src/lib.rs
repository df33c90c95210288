//! Turns the YAML specs into the generated code of the SDK.

pub mod diagnostic;
pub mod doc;
pub mod read;
pub mod render;
mod visible;
pub mod yaml;
