//! What became of the cases of a law, and the exceptions from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use cloudnet_tests::{assert_golden, workspace};
use serde_json::Value as Json;
use serde_yaml as yaml;

/// The cases of one law.
pub(crate) struct Ledger {
    law: &'static str,
    is_about_actions: bool,
    held: usize,
    /// The actions that a case was about.
    tried: BTreeSet<String>,
    /// Action and what it was about, and what was wrong.
    broken: Vec<(String, String, String)>,
    counts: BTreeMap<String, usize>,
    exceptions: Vec<Exception>,
}

/// A case in which a law does not hold, and why.
struct Exception {
    action: String,
    about: String,
    used: bool,
}

impl Ledger {
    pub(crate) fn of(law: &'static str) -> Self {
        Self {
            law,
            is_about_actions: true,
            held: 0,
            tried: BTreeSet::new(),
            broken: Vec::new(),
            counts: BTreeMap::new(),
            exceptions: exceptions(law),
        }
    }

    /// A law whose cases are named by something else than an action.
    pub(crate) fn beside_actions(law: &'static str) -> Self {
        Self { is_about_actions: false, ..Self::of(law) }
    }

    /// Notes how a case ended.
    pub(crate) fn note(&mut self, action: &str, about: &str, end: Result<(), String>) {
        self.tried.insert(action.to_owned());
        match end {
            Ok(()) => self.held += 1,
            Err(why) => self.broken.push((action.to_owned(), about.to_owned(), why)),
        }
    }

    /// Counts what is worth knowing.
    pub(crate) fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// Says how many cases there were; they must be so many, and no more broken than the exceptions say.
    pub(crate) fn close(mut self, least: usize) {
        let mut faults = Vec::new();
        let mut excepted = 0;
        for (action, about, why) in &self.broken {
            let is_it = |exception: &&mut Exception| exception.action == *action && exception.about == *about;
            match self.exceptions.iter_mut().find(is_it) {
                Some(exception) => {
                    exception.used = true;
                    excepted += 1;
                }
                None => faults.push(format!("{action} {about}: {why}")),
            }
        }
        let idle = self.exceptions.iter().filter(|exception| !exception.used);
        faults
            .extend(idle.map(|idle| format!("{} {}: the exception is not needed", idle.action, idle.about)));
        let (law, held) = (self.law, self.held);
        let counts = self.counts.iter().map(|(what, count)| format!(", {count} {what}"));
        println!("{law}: {held} cases hold, {excepted} exceptions{}", counts.collect::<String>());
        assert!(faults.is_empty(), "{law}: {} faults:\n{}", faults.len(), faults.join("\n"));
        assert!(held >= least, "{law}: only {held} cases");
        if self.is_about_actions {
            prove(law, &self.tried);
        }
    }
}

/// Compares the actions that a law was tried on with what `spec/_proofs.yaml` says of them, which the fidelity page
/// shows. `cargo xtask codegen --accept` has it rewritten.
fn prove(law: &str, tried: &BTreeSet<String>) {
    static FILE: Mutex<()> = Mutex::new(());
    let _alone = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let text = std::fs::read_to_string(workspace().join(PROOFS)).unwrap_or_default();
    let mut said = proofs(&text);
    said.insert(law.to_owned(), tried.clone());
    let mut expected = HEAD.to_owned();
    for (law, actions) in &said {
        expected.push_str(&format!("  - law: {law}\n    actions:\n"));
        actions.iter().for_each(|action| expected.push_str(&format!("      - {action}\n")));
    }
    if std::env::var_os("ACCEPT_PROOFS").is_some() {
        std::fs::write(workspace().join(PROOFS), expected).expect("the specs can be written");
    } else {
        assert_golden(PROOFS, &expected);
    }
}

const PROOFS: &str = "spec/_proofs.yaml";

const HEAD: &str = "\
# The actions that each law of tests/tests/laws has a case about, for sdk/emulator/FIDELITY.md. The laws write it:
# `cargo xtask codegen --accept`.
proofs:
";

fn proofs(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let said: Json = yaml::from_str(text).unwrap_or_default();
    let texts = |json: &Json| json.as_str().map(str::to_owned);
    let proof = |proof: &Json| {
        let actions = proof["actions"].as_array()?.iter().filter_map(texts);
        Some((texts(&proof["law"])?, actions.collect()))
    };
    said["proofs"].as_array().into_iter().flatten().filter_map(proof).collect()
}

fn exceptions(law: &str) -> Vec<Exception> {
    let text = std::fs::read_to_string(workspace().join("tests/exceptions.yaml")).expect("it is there");
    let all: Vec<BTreeMap<String, String>> = yaml::from_str(&text).expect("it is a list of mappings");
    let mut found = Vec::new();
    for entry in all {
        let get = |key: &str| entry.get(key).cloned().unwrap_or_default();
        assert!(!get("because").is_empty(), "an exception needs a reason: {entry:?}");
        if get("law") == law {
            let abouts = get("about");
            let each = abouts.split(' ').map(str::to_owned);
            found.extend(each.map(|about| Exception { action: get("action"), about, used: false }));
        }
    }
    found
}
