//! A report as JSON.
//!
//! ```json
//! {
//!   "format": 1,
//!   "verdict": "major",
//!   "passes": false,
//!   "allowed": "none",
//!   "old": { "name": "HEAD", "version": "0.1.0", "unread": 0 },
//!   "new": { "name": "the working tree", "version": "0.1.0", "is_enough": false },
//!   "due": "0.2.0",
//!   "complaints": [],
//!   "effects": [{
//!     "kind": "limit-narrowed", "step": "major", "fingerprint": "0123456789ab",
//!     "service": "vpc", "chapter": "vpc", "subject": "CreateVpc VpcName", "about": "length",
//!     "said": "is refused where it was sent",
//!     "wire": "behaviour",
//!     "rust": { "item": "", "path": "", "change": "stays" },
//!     "old": { "value": "2 to 128 characters", "path": "spec/…/CreateVpc.yaml", "line": 71, "column": 13 },
//!     "new": { "value": "2 to 64 characters", "path": "spec/…/CreateVpc.yaml", "line": 71, "column": 13 },
//!     "approved": null
//!   }]
//! }
//! ```
//!
//! Steps are `major`, `minor`, `patch` and `none`; `verdict` is the largest that is not approved. `wire` is `request`,
//! `response`, `error`, `behaviour` or `nothing`, `change` is `added`, `removed`, `retyped`, `deprecated` or `stays`. A
//! side without a place is `null`, and what is unknown is too. `format` rises with what would break a reader.

use serde_json::{Value, json};

use super::super::Report;
use super::super::compare::{Effect, Side};

/// All of it.
pub fn json(report: &Report) -> Value {
    json!({
        "format": 1,
        "verdict": report.verdict().word(),
        "passes": report.passes(),
        "allowed": report.allowed.word(),
        "old": { "name": report.old.0, "version": report.old.1, "unread": report.unread },
        "new": { "name": report.new.0, "version": report.new.1, "is_enough": report.has_due_version() },
        "due": report.due(),
        "complaints": report.complaints,
        "effects": report.effects.iter().map(effect).collect::<Vec<_>>(),
    })
}

fn effect(effect: &Effect) -> Value {
    let kind = effect.kind;
    json!({
        "kind": kind.key,
        "step": kind.step.word(),
        "fingerprint": effect.fingerprint,
        "service": effect.service,
        "chapter": effect.chapter,
        "subject": effect.subject,
        "about": effect.about,
        "said": kind.said,
        "wire": kind.wire.word(),
        "rust": { "item": kind.rust.item(), "path": effect.item, "change": kind.rust.word() },
        "old": side(&effect.old),
        "new": side(&effect.new),
        "approved": effect.approved,
    })
}

fn side(side: &Side) -> Value {
    side.place.as_ref().map_or(Value::Null, |place| {
        json!({ "value": side.value, "path": place.path, "line": place.line, "column": place.column })
    })
}
