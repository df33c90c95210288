//! Why the server does not do what it was asked.

/// An error that the server answers with.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    /// A part of the signature is not there.
    pub(super) fn incomplete(part: &str) -> Self {
        Self::new(400, "IncompleteSignature", format!("{part} is missing or malformed."))
    }

    /// The signature is not over what arrived.
    pub(super) fn mismatch(message: impl Into<String>) -> Self {
        Self::new(400, "SignatureDoesNotMatch", message)
    }

    /// A parameter is there twice.
    pub(super) fn twice() -> Self {
        Self::new(400, "InvalidQuery", "A parameter is there twice.")
    }
}
