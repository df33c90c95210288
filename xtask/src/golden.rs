//! What the specs make besides code: counts, and the tables of pages. Tests hold the files to it, and
//! `cargo xtask codegen --accept` writes it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fmt, fs, io};

use cloudnet_codegen::catalogue;
use cloudnet_codegen::model::Model;

use crate::inventory;

/// A file of the workspace, as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Golden {
    /// Its path below the workspace.
    pub path: &'static str,
    /// What it should hold.
    pub text: String,
}

/// Why a file cannot be made or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A page lacks the marks between which its table stands.
    NoMark {
        /// The page.
        path: PathBuf,
        /// Name of the mark: `<!-- name -->`.
        mark: &'static str,
    },
    /// The system refused.
    Io {
        /// On which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMark { path, mark } => {
                let path = path.display();
                write!(formatter, "{path} has no `<!-- {mark} -->` with `<!-- /{mark} -->` below it")
            }
            Self::Io { path, source } => write!(formatter, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::NoMark { .. } => None,
        }
    }
}

/// All of the files.
///
/// # Errors
///
/// A page that cannot be read, or has no place for its table.
pub fn expected(workspace: &Path, model: &Model) -> Result<Vec<Golden>, Error> {
    Ok(vec![
        Golden { path: "tests/golden/rows.txt", text: inventory::counts(model) },
        page(workspace, "README.md", &[("inventory", inventory::table(model))])?,
        page(
            workspace,
            "spec/README.md",
            &[
                ("classes", catalogue::class_table()),
                ("lints", catalogue::lint_table()),
                ("differences", catalogue::difference_table()),
            ],
        )?,
    ])
}

/// Writes those that are not as they should be, and names them.
///
/// # Errors
///
/// As of [`expected`], or a file that cannot be written.
pub fn accept(workspace: &Path, model: &Model) -> Result<Vec<&'static str>, Error> {
    let mut accepted = Vec::new();
    for Golden { path, text } in expected(workspace, model)? {
        let full = workspace.join(path);
        let is_current = fs::read(&full).is_ok_and(|found| found == text.as_bytes());
        if !is_current {
            fs::write(&full, text).map_err(|source| Error::Io { path: full, source })?;
            accepted.push(path);
        }
    }
    Ok(accepted)
}

/// What has the laws of the emulator write which actions they are tried on, into `spec/_proofs.yaml`; fails if one does
/// not hold. A workspace may have no laws.
pub fn laws(workspace: &Path) -> Option<Command> {
    let arguments = ["test", "--quiet", "--package", "cloudnet-tests", "--test", "laws"];
    let mut laws = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    laws.args(arguments).current_dir(workspace).env("ACCEPT_PROOFS", "1");
    workspace.join("tests/tests/laws").is_dir().then_some(laws)
}

/// A page with its tables between their marks.
fn page(workspace: &Path, path: &'static str, tables: &[(&'static str, String)]) -> Result<Golden, Error> {
    let full = workspace.join(path);
    let mut text = fs::read_to_string(&full).map_err(|source| Error::Io { path: full.clone(), source })?;
    for (mark, table) in tables {
        text = replaced(&text, mark, table).ok_or(Error::NoMark { path: full.clone(), mark })?;
    }
    Ok(Golden { path, text })
}

fn replaced(text: &str, mark: &str, table: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{table}{end}{after}"))
}
