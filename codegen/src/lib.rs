//! Turns the YAML specs into the generated code of the SDK.

pub mod diagnostic;
pub mod read;
mod visible;
pub mod yaml;
