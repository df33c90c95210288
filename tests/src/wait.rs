//! What the specs say of waits, read from the specs and not from what is generated of them, and a
//! stage on which a resource goes from one look to the next as a test wants.

mod rows;
mod stage;
mod subject;

pub use rows::{Other, Row};
pub use stage::{Looked, Sight, Stage};
pub use subject::{Begin, Goal, Subject, subjects};
