//! The draft of a spec for an action that a vendor publishes and the specs lack.
//!
//! What the package says stands in it as it is. What is likely, and what only a person can write, stands as a
//! placeholder, which codegen refuses. The vendor's words do not stand in it: they are for the eyes of whoever fills it.

mod behavior;
mod codes;
mod known;
mod names;
mod pages;
mod rows;
mod subject;
mod yaml;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cloudnet_codegen::model::{Model, Service};
use cloudnet_codegen::suggest::{did_you_mean, nearest};
use cloudnet_codegen::{SERVICE_FILE, refuse_action_name};

use self::behavior::{Acting, chapter_of};
use self::known::Known;
use self::names::Names;
use self::pages::{Pages, has};
use self::subject::{Deed, Subject};
use self::yaml::Yaml;
use crate::follow::Source;
use crate::follow::published::{Action, Method, Type};

/// What tokens that make a call safe to repeat are called, in lower case.
const TOKENS: [&str; 2] = ["clienttoken", "idempotencytoken"];

const DRY_RUN: &str = "DryRun";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Wire name of the action.
    pub action: &'a str,
    /// Folder of its chapter, where that cannot be told from others.
    pub chapter: Option<&'a str>,
}

/// A draft that was written.
#[derive(Debug)]
pub struct Draft {
    /// The file.
    pub path: PathBuf,
    /// How many values are left to be written or confirmed.
    pub unfilled: usize,
    /// The vendor's words: what they are about, and what they say.
    pub words: Vec<(String, String)>,
}

/// Why there is no draft.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No file has such an action.
    Unknown {
        /// The name.
        name: String,
        /// What it is a slip for.
        near: Option<String>,
    },
    /// Several files have it.
    Ambiguous {
        /// The name.
        name: String,
        /// The files.
        files: Vec<PathBuf>,
    },
    /// The name cannot be that of an action.
    BadName {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The specs have it.
    Exists(PathBuf),
    /// The chapter is not told, or is none.
    Chapter {
        /// What was said.
        given: Option<String>,
        /// What there is.
        known: Vec<String>,
    },
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
            Self::Unknown { name, near } => {
                write!(formatter, "no action named `{name}` is published there.")?;
                near.as_ref().map_or(Ok(()), |near| write!(formatter, " {}", did_you_mean(near)))
            }
            Self::Ambiguous { name, files } => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                write!(formatter, "`{name}` is in {}; give one of them", files.join(" and "))
            }
            Self::BadName { name, problem } => write!(formatter, "the action name `{name}` {problem}"),
            Self::Exists(path) => {
                write!(formatter, "{} is there already, and stays as it is", path.display())
            }
            Self::Chapter { given: None, known } => {
                write!(
                    formatter,
                    "nothing tells the chapter; say it with `--chapter`: `{}`",
                    known.join("`, `")
                )
            }
            Self::Chapter { given: Some(given), known } if known.is_empty() => {
                write!(formatter, "the service has no chapters, and none is `{given}`")
            }
            Self::Chapter { given: Some(given), known } => {
                write!(formatter, "no chapter is `{given}`; there are `{}`", known.join("`, `"))
            }
            Self::Io { path, source } => write!(formatter, "cannot write {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Io { source, .. } = self { Some(source) } else { None }
    }
}

/// Writes the draft of an action into the folder of its service or chapter.
///
/// # Errors
///
/// Nothing is written if no source has the action, if the specs have it, or if nothing tells where it belongs.
pub fn write(
    specs: &Path,
    model: &Model,
    sources: &[Source<'_>],
    wanted: &Wanted<'_>,
) -> Result<Draft, Error> {
    let (source, action) = find(sources, wanted.action)?;
    if let Some(problem) = refuse_action_name(wanted.action) {
        return Err(Error::BadName { name: wanted.action.to_owned(), problem });
    }
    let service = source.service;
    if let Some(path) = there_already(specs, service, wanted.action) {
        return Err(Error::Exists(path));
    }
    let subject = Subject::of(wanted.action);
    let folder = folder(service, &subject, wanted.chapter)?;
    let path = specs.join(&folder).join(format!("{}.yaml", wanted.action));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let described = specs.join(&service.spec.folder).join(SERVICE_FILE);
    let text = fs::read_to_string(&described).map_err(failed(&described))?;
    let drafting = Drafting {
        specs,
        service,
        source,
        name: wanted.action,
        action,
        subject: &subject,
        folder: &folder,
        known: Known::new(model, service, &text),
    };
    let entries = drafting.entries();
    let write = || {
        // A chapter may be described before it has an action.
        path.parent().map(fs::create_dir_all).transpose()?;
        let mut file = File::create_new(&path)?;
        file.write_all(yaml::file(&entries).as_bytes()).inspect_err(|_| drop(fs::remove_file(&path)))
    };
    write().map_err(failed(&path))?;
    let unfilled = entries.iter().map(|(_, value)| value.unfilled()).sum();
    Ok(Draft { path, unfilled, words: words(wanted.action, action) })
}

fn find<'s, 'm>(sources: &'s [Source<'m>], name: &str) -> Result<(&'s Source<'m>, &'s Action), Error> {
    let having = sources.iter().filter_map(|source| Some((source, source.published.actions.get(name)?)));
    let having: Vec<_> = having.collect();
    let name = name.to_owned();
    match having.as_slice() {
        [one] => Ok(*one),
        [] => {
            let known = sources.iter().flat_map(|source| source.published.actions.keys());
            let known: Vec<&str> = known.map(String::as_str).collect();
            Err(Error::Unknown { near: nearest(&name, &known).map(str::to_owned), name })
        }
        several => {
            let files = several.iter().map(|(source, _)| source.file.clone()).collect();
            Err(Error::Ambiguous { name, files })
        }
    }
}

/// The file of an action, also if that is a draft still.
fn there_already(specs: &Path, service: &Service, name: &str) -> Option<PathBuf> {
    let read = service.actions.iter().find(|action| action.spec.name.value == name);
    let folder = specs.join(&service.spec.folder);
    read.map(|action| specs.join(&action.spec.file)).or_else(|| file_below(&folder, &format!("{name}.yaml")))
}

fn file_below(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.find_map(|folder| file_below(&folder, name))
}

/// The folder that the file belongs into, relative to the specs.
fn folder(service: &Service, subject: &Subject, given: Option<&str>) -> Result<String, Error> {
    let spec = &service.spec;
    let known = || spec.chapters.iter().map(|chapter| chapter.folder.value.clone()).collect::<Vec<_>>();
    let chapter = match given {
        Some(given) if known().iter().any(|folder| folder == given) => given,
        Some(given) => return Err(Error::Chapter { given: Some(given.to_owned()), known: known() }),
        None if spec.chapters.is_empty() => return Ok(spec.folder.clone()),
        None => chapter_of(subject, service).ok_or_else(|| Error::Chapter { given: None, known: known() })?,
    };
    Ok(format!("{}/{chapter}", spec.folder))
}

struct Drafting<'a, 'm> {
    specs: &'a Path,
    service: &'a Service,
    source: &'a Source<'m>,
    name: &'a str,
    action: &'a Action,
    subject: &'a Subject,
    folder: &'a str,
    known: Known<'a>,
}

impl Drafting<'_, '_> {
    /// The keys of the file, in the order of the dialect's page.
    fn entries(&self) -> Vec<(String, Yaml)> {
        let (action, token, pages) = (self.action, self.token(), Pages::of(self.action));
        let dry_run = has(&action.request, DRY_RUN, Type::Boolean).then(|| DRY_RUN.to_owned());
        let harmless: Vec<String> =
            token.clone().into_iter().chain(pages.as_ref().and_then(Pages::token)).collect();
        let mut names = Names::new(self.name, &self.subject.noun(), self.known.shared_types());
        let tables = rows::tables(action, &self.known, &mut names, &harmless);
        let mut entries = self.head(token.as_deref());
        if dry_run.is_some() {
            let passed = Yaml::guess("DryRunOperation");
            entries.push(("dry_run", Yaml::map([("parameter", Yaml::text(DRY_RUN)), ("passed", passed)])));
        }
        entries.extend(pages.as_ref().map(|pages| ("pagination", pages.yaml())));
        let filled = [("request", tables.request), ("response", tables.response)];
        let filled = filled.into_iter().filter(|(_, rows)| !rows.is_empty());
        entries.extend(filled.map(|(key, rows)| (key, Yaml::List(rows))));
        let errors = codes::errors(action.errors.as_deref(), self.subject, &self.known);
        entries.extend(errors.map(|errors| ("errors", errors)));
        let acting = Acting {
            service: self.service,
            published: &self.source.published,
            action,
            subject: self.subject,
            pages: pages.as_ref(),
            of_call: &token.iter().cloned().chain(dry_run).collect::<Vec<_>>(),
            folder: self.folder,
            is_here: &|name| there_already(self.specs, self.service, name).is_some(),
        };
        entries.extend(acting.entries());
        let mut acknowledged = tables.differences;
        if let Some(token) = token.filter(|_| self.is_read()) {
            let reason = Yaml::hint("why a read has a token");
            let lint = ("lint", Yaml::text("read-with-token"));
            acknowledged.push(Yaml::map([lint, ("about", Yaml::text(&token)), ("reason", reason)]));
        }
        if !acknowledged.is_empty() {
            entries.push(("acknowledged", Yaml::List(acknowledged)));
        }
        entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// What it says of itself as a whole.
    fn head(&self, token: Option<&str>) -> Vec<(&'static str, Yaml)> {
        let published = &self.source.published;
        let (package, version) = (Yaml::text(&published.package), Yaml::text(&published.version));
        let mut entries = vec![
            ("action", Yaml::text(self.name)),
            ("published", Yaml::map([("package", package), ("version", version)])),
            ("summary", Yaml::hint("what the call does")),
        ];
        if self.action.deprecated == Some(true) {
            entries.push(("status", Yaml::text("deprecated")));
            entries.push(("status_note", Yaml::hint("since when, or what takes its place")));
        }
        entries.push(("effect", Yaml::guess(if self.is_read() { "read" } else { "write" })));
        entries.extend((self.action.method == Method::Get).then(|| ("method", Yaml::text("GET"))));
        entries.extend(token.map(|token| ("idempotency", Yaml::text(token))));
        entries
    }

    fn is_read(&self) -> bool {
        self.subject.deed() == Deed::Read
    }

    /// The row of the token that makes the call safe to repeat.
    fn token(&self) -> Option<String> {
        let is_token = |name: &str| TOKENS.contains(&name.to_ascii_lowercase().as_str());
        let row = self.action.request.iter().find(|row| row.ty == Type::Text && is_token(&row.path))?;
        Some(row.path.clone())
    }
}

/// What the vendor says of an action and its rows.
fn words(name: &str, action: &Action) -> Vec<(String, String)> {
    let rows = |table: &'static str, rows: &[crate::follow::published::Row]| {
        let told = rows.iter().filter(|row| !row.doc.is_empty());
        told.map(|row| (format!("{table} {}", row.path), row.doc.clone())).collect::<Vec<_>>()
    };
    let of_action = Some((name.to_owned(), action.doc.clone())).filter(|(_, doc)| !doc.is_empty());
    of_action
        .into_iter()
        .chain(rows("request", &action.request))
        .chain(rows("response", &action.response))
        .collect()
}
