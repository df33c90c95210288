//! Turns the YAML specs into the generated code of the SDK.

pub mod catalogue;
pub mod diagnostic;
pub mod doc;
mod emit;
pub mod facts;
pub mod limit;
mod lint;
mod lower;
mod mapping;
pub mod model;
pub mod names;
mod origin;
pub mod path;
pub mod placeholder;
pub mod portable;
pub mod read;
pub mod render;
mod repeated;
pub mod rule;
pub mod schema;
mod sentences;
mod shape;
pub mod source_tree;
pub mod spec;
pub mod suggest;
mod syntax;
mod type_name;
pub mod visible;
pub mod yaml;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use diagnostic::{Diagnostic, Diagnostics, FileId, Severity, Sources};
pub use lint::{classes_meant, is_named_like_a_secret};
use model::Model;
pub use names::refuse_action_name;
pub use origin::Origin;
use spec::row::SharedRows;
use yaml::Node;

/// What the spec directory is called in messages and in generated code, wherever it lies.
pub const SPEC: &str = "spec";

/// The file that describes a service.
pub const SERVICE_FILE: &str = "_service.yaml";

/// The file that describes what the actions of a folder make, show and delete.
pub const RESOURCES_FILE: &str = "_resources.yaml";

/// Where generated files lie below the folder of the crates: the code of the SDK and the data of the emulator, each in a
/// folder that holds nothing else, and a page.
pub const OUTPUTS: [&str; 3] = ["src/generated", "emulator/src/generated", "emulator/FIDELITY.md"];

/// The file, at the root, that says what the emulator's laws were tried on.
const PROOFS_FILE: &str = "_proofs.yaml";

/// Texts by their path below an output directory, separated by `/`.
pub type Files = BTreeMap<String, String>;

/// The generated tree and where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// The files, by their path below the folder of the crates.
    pub files: Files,
    /// What each generated file is made from.
    pub origins: BTreeMap<String, Origin>,
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
    pub fn new(diagnostics: Diagnostics, sources: Sources) -> Self {
        Self { diagnostics: diagnostics.into_sorted(), sources }
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        let is_error = |found: &&Diagnostic| found.severity == Severity::Error;
        self.diagnostics.iter().filter(is_error).count()
    }

    /// All of them as text for a terminal.
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
    let (model, warnings) = model(spec_dir)?;
    let mut generated = Generated {
        services: model.services.len(),
        actions: model.services.iter().map(|service| service.actions.len()).sum(),
        warnings,
        ..Generated::default()
    };
    for file in emit::files(&model) {
        generated.origins.insert(file.path.clone(), file.origin);
        generated.files.insert(file.path, file.text);
    }
    Ok(generated)
}

/// Reads the specs and settles what they mean; warnings come with the model.
///
/// # Errors
///
/// Everything that is wrong with the specs, all at once.
pub fn model(spec_dir: &Path) -> Result<(Model, Findings), Findings> {
    let (model, findings) = model_as_far_as_read(spec_dir);
    match findings.errors() {
        0 => Ok((model, findings)),
        _ => Err(findings),
    }
}

/// The same of specs that may be wrong, such as those of another time: what cannot be read is left out.
pub fn model_as_far_as_read(spec_dir: &Path) -> (Model, Findings) {
    let mut sources = Sources::default();
    let diagnostics = Diagnostics::default();
    let files = source_tree::load(spec_dir, SPEC, &mut sources, &diagnostics);
    let model = read_model(&files, &sources, &diagnostics);
    if diagnostics.errors() == 0 {
        lint::lint(&model, &diagnostics);
    }
    (model, Findings::new(diagnostics, sources))
}

fn read_model(files: &[FileId], sources: &Sources, diagnostics: &Diagnostics) -> Model {
    let parse = |file: &FileId| {
        let tree = yaml::parse(*file, sources.text(*file), diagnostics)?;
        placeholder::is_filled(&tree, diagnostics).then_some((*file, tree))
    };
    let trees: Vec<(FileId, Node)> = files.iter().filter_map(parse).collect();
    for (_, tree) in &trees {
        sentences::check(tree, diagnostics);
        repeated::check(tree, diagnostics);
    }
    let below = |file: FileId| sources.path(file).trim_start_matches(SPEC).trim_start_matches('/');
    let folder_of = |file: FileId, name: &str| {
        below(file).strip_suffix(name).filter(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    let folder = |file: FileId, name| folder_of(file, name).map(|folder| folder.trim_end_matches('/'));
    let mut services = Vec::new();
    let mut shared: HashMap<&str, SharedRows<'_>> = HashMap::new();
    for (file, tree) in &trees {
        let Some(folder) = folder(*file, SERVICE_FILE) else { continue };
        shared.insert(folder, spec::row::shared(spec::service::parameters(tree), diagnostics));
        services.extend(spec::service::read(folder, tree, diagnostics));
    }
    let none = SharedRows::new();
    let (mut actions, mut resources, mut proofs) = (Vec::new(), Vec::new(), Vec::new());
    for (file, tree) in trees.iter().filter(|(file, _)| folder(*file, SERVICE_FILE).is_none()) {
        if let Some(folder) = folder(*file, RESOURCES_FILE) {
            resources.extend(spec::resource::read(folder, tree, diagnostics));
            continue;
        }
        let path = below(*file);
        if path == PROOFS_FILE {
            proofs.extend(spec::proof::read(tree, diagnostics));
            continue;
        }
        let rows = source_tree::folders(path).find_map(|folder| shared.get(folder)).unwrap_or(&none);
        actions.extend(spec::action::read(path, tree, rows, diagnostics));
    }
    lower::lower(services, actions, resources, proofs, diagnostics)
}
