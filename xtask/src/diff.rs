//! What a change of the specs means to whoever uses the crate: on the wire, in Rust, and for the version.
//!
//! Both states are read into the generator's own model, laid out as trees ([`tree`]), and compared part by part. Each
//! difference is looked up in one catalogue of effects ([`catalogue`]), which says what step it is due. A difference
//! that the catalogue lacks is a fault of the tool and counts as the largest.

pub mod approvals;
pub mod catalogue;
pub mod compare;
pub mod report;
pub mod state;
pub mod tree;
pub mod version;
pub mod witness;

pub use approvals::Approvals;
pub use catalogue::{KINDS, Kind, Step};
pub use compare::{Effect, compare};
pub use state::State;

/// Two states, what differs between them, and what follows for the version.
#[derive(Debug)]
pub struct Report {
    /// What the old state is called, and its version.
    pub old: (String, Option<String>),
    /// The same of the new one.
    pub new: (String, Option<String>),
    /// Mistakes in the specs of the old state; what they are about is not compared.
    pub unread: usize,
    /// Every effect, the largest step first.
    pub effects: Vec<Effect>,
    /// What is wrong with the approvals.
    pub complaints: Vec<String>,
    /// The largest step that is allowed.
    pub allowed: Step,
}

impl Report {
    /// Compares two states. Every approval must fit something, and none be over: `today` is a date, `2026-11-28`.
    pub fn new(old: &State, new: &State, approvals: &Approvals, today: &str, allowed: Step) -> Self {
        let mut effects = compare(old, new);
        let complaints = approvals.apply(&mut effects, new.version.as_deref(), today);
        Self {
            old: (old.label.clone(), old.version.clone()),
            new: (new.label.clone(), new.version.clone()),
            unread: old.errors,
            effects,
            complaints,
            allowed,
        }
    }

    /// The largest step that is not approved.
    pub fn verdict(&self) -> Step {
        let open = self.effects.iter().filter(|effect| effect.approved.is_none());
        open.map(|effect| effect.kind.step).max().unwrap_or_default()
    }

    /// The version that the verdict asks for, after that of the old state.
    pub fn due(&self) -> Option<String> {
        version::after(self.old.1.as_deref()?, self.verdict())
    }

    /// Whether the new state has a version that is high enough.
    pub fn has_due_version(&self) -> Option<bool> {
        version::is_at_least(self.new.1.as_deref()?, &self.due()?)
    }

    /// Whether nothing is above what is allowed, and no approval is at fault.
    pub fn passes(&self) -> bool {
        self.verdict() <= self.allowed && self.complaints.is_empty()
    }
}
