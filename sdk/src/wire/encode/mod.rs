//! Values in the forms that travel.

pub(crate) mod flatten;
pub(crate) mod json;
pub(crate) mod percent;

#[cfg(test)]
pub(crate) mod sample;
