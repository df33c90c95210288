//! Waits and waiters as JSON.

use serde_json::{Map, Value, json};

use super::{names, text};
use crate::read::Spanned;
use crate::spec::{UntilSpec, WaitSpec, WaiterSpec};

/// A wait, in the words of the dialect.
pub(super) fn wait(wait: &WaitSpec) -> Value {
    let mut entry = json!({
        "poll": *wait.poll,
        "outside": wait.outside,
        "with": pairs(&wait.with),
        "field": text(&wait.field),
        "pending": names(&wait.pending),
        "success": names(&wait.success),
        "failure": names(&wait.failure),
        "until": match wait.until {
            UntilSpec::State => "state",
            UntilSpec::Gone => "gone",
            UntilSpec::Present => "present",
        },
        "deadline_s": wait.deadline_s,
        "first_delay_s": wait.first_delay_s,
        "source": if wait.observed { "observed" } else { "documented" },
    });
    if !wait.rows.is_empty() {
        entry["where"] = pairs(&wait.rows).into();
    }
    if wait.empty.is_some() {
        entry["empty"] = text(&wait.empty);
    }
    entry
}

/// A waiter of a service.
pub(super) fn waiter(waiter: &WaiterSpec) -> Value {
    let mut entry = wait(&waiter.wait);
    entry["name"] = waiter.name.as_str().into();
    entry["by"] = waiter.by.iter().map(|name| name.value.as_str()).collect();
    entry
}

fn pairs(pairs: &[(Spanned<String>, Spanned<String>)]) -> Map<String, Value> {
    pairs.iter().map(|(name, source)| (name.value.clone(), source.value.as_str().into())).collect()
}
