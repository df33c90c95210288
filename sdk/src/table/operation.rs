//! What generated code says about an action.

use crate::check::{self, Violation};
use crate::record::Record;
use crate::schema::Action;

/// The parameters of one action; generated for every action.
pub trait Operation: Record + Clone + Default + 'static {
    /// Its table.
    const ACTION: &'static Action;
    /// What a successful call returns.
    type Output: Record + Default + 'static;

    /// Checks these parameters alone, without a client: a region or an idempotency token that a
    /// client would fill in counts as missing. [`Request::validate`](crate::Request::validate)
    /// fills in first.
    ///
    /// # Errors
    ///
    /// Every violation, in the order of the action's table.
    fn validate(&self) -> Result<(), Vec<Violation>> {
        match check::violations(Self::ACTION, self, &[]) {
            violations if violations.is_empty() => Ok(()),
            violations => Err(violations),
        }
    }

    /// What the texts advise against and the service may accept all the same, such as a bandwidth
    /// beyond what most accounts are given.
    fn advice(&self) -> Vec<Violation> {
        check::advice(Self::ACTION, self, &[])
    }
}

/// Implemented by the parameters of actions that can be tried without effect.
pub trait DryRunnable: Operation {}

/// Implemented by the parameters of actions whose results come in pages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no pages",
    note = "all that it finds comes in one answer: use `send()`"
)]
pub trait Paged: Operation {
    /// One entry of a page.
    type Item: Send + 'static;
    /// Takes the entries out of a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;
}

/// Implemented by the parameters of actions whose effect comes later and can be looked at.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has nothing to wait for",
    note = "its effect is there when it is answered, or no action tells of it: use `send()`"
)]
pub trait Awaited: Operation {
    /// The action that tells.
    type Poll: Operation;
}
