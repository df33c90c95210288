//! Turns the YAML specs into the generated code of the SDK.
