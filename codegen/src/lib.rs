//! Turns the YAML specs into the generated code of the SDK.

pub mod diagnostic;
pub mod doc;
pub mod files;
mod portable;
pub mod read;
pub mod render;
pub mod source_tree;
mod visible;
pub mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use diagnostic::{Diagnostic, Diagnostics, Severity, Sources};
use files::Files;

/// What the spec directory is called in messages and in generated code, wherever it lies.
const SPEC: &str = "spec";

/// The generated tree and where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// The files, by their path below the output directory.
    pub files: Files,
    /// The spec file that each generated file is made from.
    pub origins: BTreeMap<String, String>,
    /// How many services there are.
    pub services: usize,
    /// How many actions there are.
    pub actions: usize,
    /// What is worth a look.
    pub warnings: Findings,
}

/// Diagnostics in order, with the sources they point into.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// By file, line and column, each once.
    pub diagnostics: Vec<Diagnostic>,
    /// The files they point into.
    pub sources: Sources,
}

impl Findings {
    /// Sorts what was found.
    #[must_use]
    pub fn new(diagnostics: Diagnostics, sources: Sources) -> Self {
        Self {
            diagnostics: diagnostics.into_sorted(),
            sources,
        }
    }

    /// How many of them are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        let is_error = |found: &&Diagnostic| found.severity == Severity::Error;
        self.diagnostics.iter().filter(is_error).count()
    }

    /// All of them as text for a terminal.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        diagnostic::render(&self.diagnostics, &self.sources, color)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Findings {}

/// Reads the specs and makes the code of the SDK from them.
///
/// # Errors
///
/// Everything that is wrong with the specs, all at once.
pub fn generate(spec_dir: &Path) -> Result<Generated, Findings> {
    let mut sources = Sources::default();
    let diagnostics = Diagnostics::default();
    let specs = source_tree::load(spec_dir, SPEC, &mut sources, &diagnostics);
    let mut generated = Generated::default();
    for file in specs {
        let tree = yaml::parse(file, sources.text(file), &diagnostics);
        if tree.is_some() && sources.path(file).ends_with("/_service.yaml") {
            generated.services += 1;
        } else if tree.is_some() {
            generated.actions += 1;
        }
    }
    let findings = Findings::new(diagnostics, sources);
    if findings.errors() > 0 {
        return Err(findings);
    }
    generated.warnings = findings;
    Ok(generated)
}
