//! What became of the cases of a law, and the exceptions from it.

use std::collections::BTreeMap;

use cloudnet_tests::workspace;
use serde_yaml as yaml;

/// The cases of one law.
pub(crate) struct Ledger {
    law: &'static str,
    held: usize,
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
        Self { law, held: 0, broken: Vec::new(), counts: BTreeMap::new(), exceptions: exceptions(law) }
    }

    /// Notes how a case ended.
    pub(crate) fn note(&mut self, action: &str, about: &str, end: Result<(), String>) {
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
    }
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
