//! The codes that calls are refused with: those of the action's own table, where it has them.

use super::Call;
use crate::model::Codes;
use crate::refusal::Refusal;
use crate::refused::Called;

impl Call<'_> {
    /// A resource that is not there.
    pub(super) fn not_found(self, row: &str) -> Refusal {
        let own = Codes::pick(&self.action.codes.not_found, row);
        self.refusal(own, "ResourceNotFound", 404, &format!("{row} names nothing that there is."))
    }

    /// A value that cannot be.
    pub(super) fn invalid(self, row: &str, why: &str) -> Refusal {
        let own = Codes::pick(&self.action.codes.invalid, row);
        self.refusal(own, "InvalidParameter", 400, why)
    }

    pub(super) fn inside(self, field: &str) -> Refusal {
        let own =
            self.action.codes.inside.as_deref().or_else(|| Codes::pick(&self.action.codes.invalid, field));
        self.refusal(
            own,
            "InvalidParameter",
            400,
            &format!("{field} does not lie in the block of its parent."),
        )
    }

    pub(super) fn apart(self, field: &str) -> Refusal {
        let own =
            self.action.codes.apart.as_deref().or_else(|| Codes::pick(&self.action.codes.invalid, field));
        self.refusal(own, "InvalidParameter", 400, &format!("{field} overlaps the block of another one."))
    }

    pub(super) fn exists(self, what: &str) -> Refusal {
        let own = self.action.codes.exists.as_deref();
        self.refusal(own, "ResourceAlreadyExists", 400, &format!("There is one with this {what}."))
    }

    pub(super) fn quota(self, title: &str, most: usize) -> Refusal {
        let own = self.action.codes.quota.as_deref();
        self.refusal(
            own,
            "QuotaExceeded",
            400,
            &format!("There are {most} of kind {title}, as many as may be."),
        )
    }

    /// A state that forbids the call.
    pub(super) fn state(self, state: &str) -> Refusal {
        let own = Codes::pick(&self.action.codes.state, state);
        self.refusal(own, "IncorrectStatus", 400, &format!("The state {state} does not allow this."))
    }

    /// A field that must have another value first.
    pub(super) fn needs(self, field: &str) -> Refusal {
        let own = Codes::pick(&self.action.codes.needs, field);
        self.refusal(own, "IncorrectStatus", 400, &format!("{field} does not allow this."))
    }

    /// What stands in the way of a delete; none if the table has no code for it.
    pub(super) fn dependency(self, kind: &str, id: &str) -> Option<Refusal> {
        let own = Codes::pick(&self.action.codes.dependency, kind)?;
        Some(self.refusal(Some(own), "", 400, &format!("{kind} {id} depends on it.")))
    }

    fn refusal(self, own: Option<&str>, general: &str, status: u16, message: &str) -> Refusal {
        let code = own.unwrap_or(general);
        let called = Called { service: self.service, action: self.action };
        match called.row(|row| row.code == code) {
            Some(row) => Refusal::new(row.http_status(), code, format!("{} {message}", row.summary)),
            None => Refusal::new(status, code, message),
        }
    }
}
