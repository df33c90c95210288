//! A state of the specs: a folder, or a commit that is taken out of the repository for as long as it is looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fmt, fs, io};

use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::model::Model;
use cloudnet_codegen::{Findings, model, model_as_far_as_read, source_tree};
use tempfile::TempDir;

use super::tree::{self, Node};

/// Where the specs lie in the workspace.
const SPEC: &str = "spec";

/// Where the version stands in the workspace.
const MANIFEST: &str = "Cargo.toml";

/// The specs as they were or are.
#[derive(Debug)]
pub struct State {
    /// What it is called: a revision or a folder.
    pub label: String,
    /// The crate's version there, where a manifest says it.
    pub version: Option<String>,
    /// How many mistakes were found in the specs; what they are about is left out.
    pub errors: usize,
    model: Model,
    findings: Findings,
    texts: BTreeMap<String, String>,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, below the workspace.
    pub path: String,
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
    /// The last line of what stands there.
    pub end_line: u32,
    /// The text of the line.
    pub text: String,
}

impl Place {
    /// The beginning of a file.
    pub(crate) fn start_of(path: &str) -> Self {
        Self { path: path.to_owned(), line: 1, column: 1, end_line: 1, text: String::new() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// Why a state was not read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The specs are wrong.
    Specs(Findings),
    /// There is neither such a folder nor such a revision.
    Missing(String),
    /// Git did not do what it was asked for.
    Git {
        /// What it was asked for.
        arguments: String,
        /// What it said.
        said: String,
    },
    /// The system refused.
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Specs(findings) => write!(formatter, "{findings}"),
            Self::Missing(name) => {
                write!(formatter, "`{name}` is neither a folder with specs nor a revision")
            }
            Self::Git { arguments, said } => write!(formatter, "`git {arguments}` failed: {}", said.trim()),
            Self::Io { action, path, source } => {
                write!(formatter, "cannot {action} {}: {source}", path.display())
            }
        }
    }
}

impl std::error::Error for Error {}

impl State {
    /// The specs of a folder, which must be right.
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    pub fn of_folder(folder: &Path, label: &str) -> Result<Self, Error> {
        let (model, findings) = model(folder).map_err(Error::Specs)?;
        Self::new(folder, label, model, findings)
    }

    /// The specs of a folder, as far as they can be read.
    ///
    /// # Errors
    ///
    /// Files that cannot be read at all.
    pub fn of_former_folder(folder: &Path, label: &str) -> Result<Self, Error> {
        let (model, findings) = model_as_far_as_read(folder);
        Self::new(folder, label, model, findings)
    }

    /// The specs of a revision: of another time, so as far as they can be read.
    ///
    /// # Errors
    ///
    /// What git says.
    pub fn of_revision(repository: &Path, revision: &str) -> Result<Self, Error> {
        let folder = TempDir::new().map_err(failed("make", Path::new("a temporary folder")))?;
        take_out(repository, revision, folder.path())?;
        let mut state = Self::of_former_folder(&folder.path().join(SPEC), revision)?;
        let manifest = git(repository, None, &["show", &format!("{revision}:{MANIFEST}")]);
        state.version = manifest.ok().and_then(|text| version(&text));
        Ok(state)
    }

    /// A folder if there is one, else a revision.
    ///
    /// # Errors
    ///
    /// There is neither, or it cannot be read.
    pub fn named(repository: &Path, name: &str) -> Result<Self, Error> {
        let folder = Path::new(name);
        if folder.is_dir() {
            let inner = folder.join(SPEC);
            return Self::of_former_folder(if inner.is_dir() { &inner } else { folder }, name);
        }
        let revision = format!("{name}^{{commit}}");
        git(repository, None, &["rev-parse", "--verify", "--quiet", "--end-of-options", &revision])
            .map_err(|_| Error::Missing(name.to_owned()))?;
        Self::of_revision(repository, name)
    }

    pub(crate) fn tree(&self) -> Option<Node> {
        tree::tree(&self.model)
    }

    pub(crate) fn place(&self, location: Location) -> Place {
        let sources = &self.findings.sources;
        let text = sources.text(location.file);
        let line = text.lines().nth(location.line.saturating_sub(1) as usize).unwrap_or_default();
        let covered = text.get(location.start as usize..location.end as usize).unwrap_or_default();
        let further = u32::try_from(covered.trim_end().matches('\n').count()).unwrap_or(0);
        Place {
            path: sources.path(location.file).to_owned(),
            line: location.line,
            column: location.column,
            end_line: location.line + further,
            text: line.trim_end().to_owned(),
        }
    }

    /// What is wrong with the specs.
    pub fn into_findings(self) -> Findings {
        self.findings
    }

    pub(crate) fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    fn new(folder: &Path, label: &str, model: Model, findings: Findings) -> Result<Self, Error> {
        let errors = findings.errors();
        let manifest = folder.parent().map(|parent| parent.join(MANIFEST));
        let version = manifest.and_then(|path| fs::read_to_string(path).ok()).and_then(|text| version(&text));
        let texts = texts(folder)?;
        Ok(Self { label: label.to_owned(), version, errors, model, findings, texts })
    }
}

/// The texts of the specs, by the paths that messages have.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut sources = cloudnet_codegen::diagnostic::Sources::default();
    let files = source_tree::load(folder, SPEC, &mut sources, &Default::default());
    Ok(files.into_iter().map(|file| (sources.path(file).to_owned(), sources.text(file).to_owned())).collect())
}

/// Writes the specs of a revision below a folder, with an index of its own: neither the repository's index nor
/// its files are touched.
fn take_out(repository: &Path, revision: &str, folder: &Path) -> Result<(), Error> {
    let index = folder.join("index");
    let tree = format!("{revision}:{SPEC}");
    let prefix = format!("--prefix={}/", folder.join(SPEC).display());
    fs::create_dir_all(folder.join(SPEC)).map_err(failed("make", folder))?;
    git(repository, Some(&index), &["read-tree", &tree])?;
    git(repository, Some(&index), &["checkout-index", "--all", "--force", &prefix])?;
    Ok(())
}

fn git(repository: &Path, index: Option<&Path>, arguments: &[&str]) -> Result<String, Error> {
    let mut command = Command::new("git");
    command.current_dir(repository).args(arguments);
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", index);
    }
    let output = command.output().map_err(failed("run", Path::new("git")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Git { arguments: arguments.join(" "), said });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first version that a manifest gives.
fn version(manifest: &str) -> Option<String> {
    let line = manifest.lines().find_map(|line| line.strip_prefix("version"))?;
    let text = line.trim_start().strip_prefix('=')?.trim();
    Some(text.trim_matches('"').to_owned())
}

fn failed<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| Error::Io { action, path: path.to_owned(), source }
}
