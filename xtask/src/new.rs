//! The spec of a new action, with the keys of another one and its facts left to be written.

mod agreed;
mod skeleton;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cloudnet_codegen::diagnostic::{Diagnostics, FileId, Sources};
use cloudnet_codegen::suggest::{did_you_mean, nearest};
use cloudnet_codegen::yaml::{self, Node};
use cloudnet_codegen::{Findings, RESOURCES_FILE, SERVICE_FILE, SPEC, refuse_action_name, source_tree};

use self::agreed::Agreed;
pub use self::skeleton::Skeleton;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Wire name of the new action.
    pub action: &'a str,
    /// Wire name of the action whose keys it gets.
    pub like: &'a str,
    /// The service of that action, if several have one of this name.
    pub service: Option<&'a str>,
}

/// Why there is no new spec.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The specs that are there cannot be read.
    Specs(Findings),
    /// The name cannot be that of an action.
    BadName {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no such neighbour.
    Unknown {
        /// The name.
        name: String,
        /// What it is a slip for.
        near: Option<String>,
    },
    /// Several services have such a neighbour.
    Ambiguous {
        /// The name.
        name: String,
        /// The files.
        paths: Vec<String>,
    },
    /// The service has the action already.
    Exists(String),
    /// The system refused.
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Specs(findings) => write!(formatter, "{findings}"),
            Self::BadName { name, problem } => write!(formatter, "the action name `{name}` {problem}"),
            Self::Unknown { name, near } => {
                write!(formatter, "no action is named `{name}`.")?;
                near.as_ref().map_or(Ok(()), |near| write!(formatter, " {}", did_you_mean(near)))
            }
            Self::Ambiguous { name, paths } => {
                write!(formatter, "`{name}` is in {}; say which with `--service`", paths.join(" and "))
            }
            Self::Exists(path) => write!(formatter, "{path} is there already, and stays as it is"),
            Self::Io { path, source } => write!(formatter, "cannot write {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Specs(findings) => Some(findings),
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Writes the spec of a new action beside that of its neighbour; gives its path.
///
/// # Errors
///
/// Nothing is written if there is no such neighbour, or the service has the action already.
pub fn write(specs: &Path, wanted: &Wanted<'_>) -> Result<(PathBuf, Skeleton), Error> {
    let tree = Tree::read(specs)?;
    let (shown, skeleton) = tree.skeleton(wanted)?;
    let path = specs.join(shown.trim_start_matches(SPEC).trim_start_matches('/'));
    let write = || {
        let mut file = File::create_new(&path)?;
        file.write_all(skeleton.text.as_bytes()).inspect_err(|_| drop(fs::remove_file(&path)))
    };
    match write() {
        Ok(()) => Ok((path, skeleton)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Error::Exists(shown)),
        Err(source) => Err(Error::Io { path, source }),
    }
}

/// The specs as YAML.
struct Tree {
    sources: Sources,
    actions: Vec<Parsed>,
    /// The folders of services, with the name of each.
    services: Vec<(String, String)>,
}

/// The YAML of one action.
pub(crate) struct Parsed {
    file: FileId,
    path: String,
    node: Node,
}

impl Parsed {
    fn name(&self) -> &str {
        let file = self.path.rsplit('/').next().unwrap_or_default();
        file.trim_end_matches(".yaml")
    }

    fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Tree {
    fn read(specs: &Path) -> Result<Self, Error> {
        let (mut sources, diagnostics) = (Sources::default(), Diagnostics::default());
        let files = source_tree::load(specs, SPEC, &mut sources, &diagnostics);
        let (mut actions, mut services) = (Vec::new(), Vec::new());
        for file in files {
            let Some(node) = yaml::parse(file, sources.text(file), &diagnostics) else { continue };
            let parsed = Parsed { file, path: sources.path(file).to_owned(), node };
            match format!("{}.yaml", parsed.name()).as_str() {
                SERVICE_FILE => {
                    let name = skeleton::member(&parsed.node, "service").and_then(Node::written);
                    services.push((parsed.folder().to_owned(), name.unwrap_or_default().to_owned()));
                }
                RESOURCES_FILE => {}
                _ => actions.push(parsed),
            }
        }
        match diagnostics.errors() {
            0 => Ok(Self { sources, actions, services }),
            _ => Err(Error::Specs(Findings::new(diagnostics, sources))),
        }
    }

    /// The new spec, and where it belongs.
    fn skeleton(&self, wanted: &Wanted<'_>) -> Result<(String, Skeleton), Error> {
        if let Some(problem) = refuse_action_name(wanted.action) {
            return Err(Error::BadName { name: wanted.action.to_owned(), problem });
        }
        let neighbour = self.neighbour(wanted)?;
        let (service, _) = self.service_of(neighbour);
        let of_service = || self.actions.iter().filter(|one| self.service_of(one).0 == service);
        if let Some(there) = of_service().find(|one| one.name().eq_ignore_ascii_case(wanted.action)) {
            return Err(Error::Exists(there.path.clone()));
        }
        let agreed = Agreed::among(of_service(), wanted.action, &self.sources);
        let text = self.sources.text(neighbour.file);
        let path = format!("{}/{}.yaml", neighbour.folder(), wanted.action);
        Ok((path, skeleton::of(&neighbour.node, text, wanted.action, &agreed)))
    }

    fn neighbour(&self, wanted: &Wanted<'_>) -> Result<&Parsed, Error> {
        let is_meant = |one: &&Parsed| wanted.service.is_none_or(|service| self.service_of(one).1 == service);
        let candidates = || self.actions.iter().filter(is_meant);
        let found: Vec<&Parsed> = candidates().filter(|one| one.name() == wanted.like).collect();
        let name = wanted.like.to_owned();
        match found.as_slice() {
            [one] => Ok(one),
            [] => {
                let known: Vec<&str> = candidates().map(Parsed::name).collect();
                Err(Error::Unknown { near: nearest(wanted.like, &known).map(str::to_owned), name })
            }
            several => {
                Err(Error::Ambiguous { name, paths: several.iter().map(|one| one.path.clone()).collect() })
            }
        }
    }

    /// The folder of the service of an action, and its name.
    fn service_of(&self, action: &Parsed) -> (&str, &str) {
        let is_above =
            |folder: &str| action.path.strip_prefix(folder).is_some_and(|below| below.starts_with('/'));
        let above = self.services.iter().find(|(folder, _)| is_above(folder));
        above.map_or(("", ""), |(folder, name)| (folder.as_str(), name.as_str()))
    }
}
