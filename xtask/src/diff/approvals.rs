//! What is approved: effects by their fingerprint, each with a reason and an end.
//!
//! ```yaml
//! approvals:
//!   - fingerprint: 0123456789ab
//!     reason: The service has refused such names for a year.
//!     until: 0.2.0          # a version of the crate, or a date: 2027-03-31
//! ```

use std::path::Path;
use std::{fs, io};

use cloudnet_codegen::Findings;
use cloudnet_codegen::diagnostic::{Diagnostics, Location, Sources};
use cloudnet_codegen::yaml::{Node, Value, parse};

use super::compare::Effect;
use super::version::is_over;

/// The approvals of a file.
#[derive(Debug, Default)]
pub struct Approvals {
    entries: Vec<Approval>,
}

#[derive(Debug)]
struct Approval {
    fingerprint: String,
    reason: String,
    until: String,
    /// The file and the line.
    place: String,
}

impl Approvals {
    /// Reads a file; one that is not there approves nothing.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file.
    pub fn of_file(path: &Path) -> Result<Self, Findings> {
        let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match fs::read_to_string(path) {
            Ok(text) => Self::read(&shown, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Self::read(&shown, &format!("# {error}\napprovals: unreadable\n")),
        }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(path: &str, text: &str) -> Result<Self, Findings> {
        let (mut sources, diagnostics) = (Sources::default(), Diagnostics::default());
        let file = sources.add(path, text);
        let root = parse(file, text, &diagnostics);
        let entries = root.map_or_else(Vec::new, |root| entries(path, &root, &diagnostics));
        let findings = Findings::new(diagnostics, sources);
        if findings.errors() == 0 { Ok(Self { entries }) } else { Err(findings) }
    }

    /// Marks what is approved, and says which approvals are over or approve nothing.
    pub fn apply(&self, effects: &mut [Effect], version: Option<&str>, today: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        for Approval { fingerprint, reason, until, place } in &self.entries {
            if is_over(until, version, today) != Some(false) {
                complaints.push(format!("{place}: the approval of {fingerprint} is over since {until}"));
                continue;
            }
            let mut matching =
                effects.iter_mut().filter(|effect| effect.fingerprint == *fingerprint).peekable();
            if matching.peek().is_none() {
                complaints.push(format!("{place}: the approval of {fingerprint} approves nothing"));
            }
            matching.for_each(|effect| effect.approved = Some(reason.clone()));
        }
        complaints
    }
}

fn entries(path: &str, root: &Node, diagnostics: &Diagnostics) -> Vec<Approval> {
    const HELP: &str = "Write `approvals:` and below it entries `{ fingerprint: …, reason: …, until: … }`.";
    let list = match &root.value {
        Value::Map(keys) => match keys.as_slice() {
            [only] if only.key == "approvals" => Some(&only.value),
            _ => None,
        },
        _ => None,
    };
    let Some(Value::List(list)) = list.map(|node| &node.value) else {
        diagnostics.error("bad-approvals", root.location, "these are no approvals", HELP);
        return Vec::new();
    };
    list.iter().filter_map(|node| approval(path, node, diagnostics)).collect()
}

fn approval(path: &str, node: &Node, diagnostics: &Diagnostics) -> Option<Approval> {
    let Value::Map(keys) = &node.value else {
        let help = "Write `{ fingerprint: …, reason: …, until: … }`.";
        diagnostics.error("bad-approvals", node.location, "this is no approval", help);
        return None;
    };
    let known = ["fingerprint", "reason", "until"];
    for entry in keys.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let message = format!("unknown key `{}`", entry.key);
        diagnostics.error("unknown-key", entry.key_location, message, "Known: fingerprint, reason, until.");
    }
    let [fingerprint, reason, until] = known.map(|key| {
        let entry = keys.iter().find(|entry| entry.key == key);
        let text = entry.and_then(|entry| entry.value.written()).filter(|text| !text.trim().is_empty());
        if text.is_none() {
            let help = format!("Add `{key}: …`.");
            diagnostics.error("missing-key", node.location, format!("`{key}` is missing"), help);
        }
        text.map(str::to_owned)
    });
    let until = until.filter(|until| is_end(until, node.location, diagnostics));
    let place = format!("{path}:{}:{}", node.location.line, node.location.column);
    Some(Approval { fingerprint: fingerprint?, reason: reason?, until: until?, place })
}

fn is_end(until: &str, location: Location, diagnostics: &Diagnostics) -> bool {
    let is_end = is_over(until, None, "").is_some();
    if !is_end {
        let message = format!("`until: {until}` is neither a version nor a date");
        diagnostics.error("bad-approvals", location, message, "Write `0.2.0` or `2027-03-31`.");
    }
    is_end
}
