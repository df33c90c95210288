//! Tokens that make a call safe to repeat, beside what the action says of itself.

use super::Findings;
use crate::facts::Effect;
use crate::model::Action;
use crate::spec::RowSpec;

/// What services call the row of such a token, in lower case.
const NAMES: [&str; 2] = ["clienttoken", "idempotencytoken"];

impl<'m> Findings<'m> {
    /// A token that nobody makes, and one of a call that needs none.
    pub(super) fn tokens(&mut self, action: &'m Action) {
        let spec = &action.spec;
        match (&spec.idempotency, spec.effect) {
            (Some(token), Effect::Read) => {
                let message = format!("`{}` is a read, and a read needs no token", *spec.name);
                self.add("read-with-token", token, Some(action), token.location, message);
            }
            (None, _) => {
                for row in spec.request.iter().filter(|row| is_token(row)) {
                    let message = format!(
                        "`{}` makes a call safe to repeat, and no `idempotency` says that it does",
                        &**row.path
                    );
                    self.add(
                        "token-without-idempotency",
                        &row.path,
                        Some(action),
                        row.path.location,
                        message,
                    );
                }
            }
            (Some(_), Effect::Write) => {}
        }
    }
}

fn is_token(row: &RowSpec) -> bool {
    NAMES.contains(&row.path.to_ascii_lowercase().as_str())
}
