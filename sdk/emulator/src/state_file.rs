//! What the services remember, as one JSON document: in a file, and in `/_cloudnet/state`.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::Emulator;
use crate::state::State;
use crate::tokens::Tokens;

/// Of the document; a change that older programs would read wrongly takes the next number.
const FORMAT: u64 = 1;

/// What a document holds.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) state: State,
    pub(crate) tokens: Tokens,
}

/// Why a document is not taken, or a file not read or written.
#[derive(Debug)]
pub struct StateError {
    /// `None` where the document came with a request.
    file: Option<PathBuf>,
    problem: String,
}

impl Emulator {
    /// Takes over what a file remembers, if there is one yet.
    ///
    /// # Errors
    ///
    /// If the file is not one that [`write_state`](Self::write_state) wrote, or cannot be read.
    pub fn read_state(&self, path: &Path) -> Result<bool, StateError> {
        let remembered = read(path)?;
        let is_there = remembered.is_some();
        if let Some(remembered) = remembered {
            self.with_engine(|engine| engine.restore(remembered));
        }
        Ok(is_there)
    }

    /// Writes everything that is remembered to a file, for its owner alone. A program that is killed
    /// meanwhile leaves the old file or the new one.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write_state(&self, path: &Path) -> Result<(), StateError> {
        let document = self.with_engine(|engine| document(&engine.remembered()))?;
        write(path, &document)
    }
}

/// What is in a file. A missing file is one that is yet to be written.
pub(crate) fn read(path: &Path) -> Result<Option<Remembered>, StateError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StateError::new(format!("cannot be read: {error}")).of(path)),
    };
    parse(&text).map(Some).map_err(|error| error.of(path))
}

/// Puts a document where the file is, whole: whoever is killed meanwhile leaves the old or the new one.
pub(crate) fn write(path: &Path, document: &[u8]) -> Result<(), StateError> {
    replace(path, document).map_err(|error| StateError::new(format!("cannot be written: {error}")).of(path))
}

/// The document of what is remembered; equal memories make equal bytes.
pub(crate) fn document(remembered: &Remembered) -> Result<Vec<u8>, StateError> {
    let failed = |error| StateError::new(format!("cannot be made: {error}"));
    let mut state = serde_json::to_value(&remembered.state).map_err(failed)?;
    state.sort_all_objects();
    let mut document = Map::from_iter([("format".to_owned(), FORMAT.into()), ("state".to_owned(), state)]);
    if !remembered.tokens.is_empty() {
        let mut tokens = serde_json::to_value(&remembered.tokens).map_err(failed)?;
        tokens.sort_all_objects();
        document.insert("tokens".to_owned(), tokens);
    }
    let mut text = serde_json::to_vec_pretty(&document).map_err(failed)?;
    text.push(b'\n');
    Ok(text)
}

/// What a document holds.
pub(crate) fn parse(text: &[u8]) -> Result<Remembered, StateError> {
    let not_json = |error| StateError::new(format!("is not a JSON object: {}", cut(error)));
    let mut document: Map<String, Json> = serde_json::from_slice(text).map_err(not_json)?;
    match document.remove("format") {
        Some(format) if format == FORMAT => {}
        Some(format) => {
            let format = cut(format);
            let problem = format!("has format {format}; this program reads and writes format {FORMAT}");
            return Err(StateError::new(problem));
        }
        None => return Err(StateError::new(format!("has no `format` (this program's is {FORMAT})"))),
    }
    let state = document.remove("state").ok_or_else(|| StateError::new("has no `state`".to_owned()))?;
    let tokens = document.remove("tokens").unwrap_or_else(|| Json::Array(Vec::new()));
    if let Some(unknown) = document.keys().next() {
        let unknown = cut(unknown);
        let problem = format!("has a member `{unknown}`; known are `format`, `state` and `tokens`");
        return Err(StateError::new(problem));
    }
    Ok(Remembered { state: member("state", state)?, tokens: member("tokens", tokens)? })
}

fn member<T: DeserializeOwned>(name: &str, json: Json) -> Result<T, StateError> {
    serde_json::from_value(json)
        .map_err(|error| StateError::new(format!("has `{name}` that cannot be understood: {}", cut(error))))
}

/// What somebody wrote, in a message about it.
fn cut(written: impl fmt::Display) -> String {
    written.to_string().chars().take(500).collect()
}

/// A state file that no other program takes for as long as this is there.
#[derive(Debug)]
#[must_use = "it is let go when it is dropped"]
pub struct StateLock {
    _held: Option<File>,
}

impl StateLock {
    /// Takes a file, by an empty one beside it that stays there. Files on what knows no locks are not held.
    ///
    /// # Errors
    ///
    /// If another program has it, or nothing can be written beside it.
    pub fn take(path: &Path) -> Result<Self, StateError> {
        let unwritten = |error: io::Error| StateError::new(format!("cannot be written: {error}")).of(path);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file =
            open(&mut options, &beside(&target(path), ".lock").map_err(unwritten)?).map_err(unwritten)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: Some(file) }),
            Err(TryLockError::WouldBlock) => {
                Err(StateError::new("is in use by another program".to_owned()).of(path))
            }
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Self { _held: None })
            }
            Err(TryLockError::Error(error)) => {
                Err(StateError::new(format!("cannot be locked: {error}")).of(path))
            }
        }
    }
}

/// What a link leads to is what is meant, and not the link.
fn target(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn replace(path: &Path, document: &[u8]) -> io::Result<()> {
    let path = target(path);
    let beside = beside(&path, ".new")?;
    // A killed program may have left it, and what stands there by that name is not to be followed.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = open(OpenOptions::new().write(true).create_new(true), &beside)?;
    file.write_all(document)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, &path)?;
    keep_name(&path)
}

/// In the same directory, so that it can take the other's place at once.
fn beside(path: &Path, end: &str) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("it has no name"))?;
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(end);
    Ok(path.with_file_name(beside))
}

/// It holds keys and secrets of what was made, so that it is for the owner alone.
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

/// A new name lasts once its directory is written.
#[cfg(unix)]
fn keep_name(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn keep_name(_path: &Path) -> io::Result<()> {
    Ok(())
}

impl StateError {
    fn new(problem: String) -> Self {
        Self { file: None, problem }
    }

    fn of(self, file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }
}

impl fmt::Display for StateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(formatter, "the state file {} {}", file.display(), self.problem),
            None => write!(formatter, "the state {}", self.problem),
        }
    }
}

impl std::error::Error for StateError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Transitions;

    fn problem(text: &str) -> String {
        parse(text.as_bytes()).expect_err("no state").to_string()
    }

    #[test]
    fn documents_that_are_not_of_this_format_are_refused() {
        assert!(problem("").starts_with("the state is not a JSON object: EOF"));
        assert!(problem("[1]").starts_with("the state is not a JSON object: invalid type"));
        assert_eq!(problem("{}"), "the state has no `format` (this program's is 1)");
        assert_eq!(
            problem(r#"{"format":2,"state":{}}"#),
            "the state has format 2; this program reads and writes format 1"
        );
        assert!(problem(r#"{"format":"1","state":{}}"#).contains("has format \"1\""));
        assert_eq!(problem(r#"{"format":1}"#), "the state has no `state`");
        assert!(problem(r#"{"format":1,"state":{},"more":1}"#).contains("`more`"));
        assert!(
            problem(
                r#"{"format":1,"state":{"fresh":0,"passed":{"secs":0,"nanos":0},"kinds":{}},"tokens":7}"#
            )
            .contains("`tokens`")
        );
        assert!(problem(r#"{"format":1,"state":[7]}"#).contains("cannot be understood"));
        assert!(problem(&"[".repeat(100_000)).starts_with("the state is not a JSON object"));
    }

    #[test]
    fn a_state_comes_back_from_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        assert!(read(&path).unwrap().is_none());
        let state = State::new(7, Transitions::Polls(2), true);
        let first = document(&Remembered { state, tokens: Tokens::default() }).unwrap();
        write(&path, &first).unwrap();
        let again = read(&path).unwrap().expect("a state");
        assert_eq!(document(&again).unwrap(), first);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_one_programs() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let held = StateLock::take(&path).unwrap();
        let error = StateLock::take(&path).expect_err("it is taken").to_string();
        assert!(error.ends_with("state.json is in use by another program"), "{error}");
        drop(held);
        let _again = StateLock::take(&path).unwrap();
        let _other = StateLock::take(&directory.path().join("other.json")).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = read(directory.path()).expect_err("a directory").to_string();
        assert!(error.contains(&directory.path().display().to_string()), "{error}");
        let error = write(&directory.path().join("no/where.json"), b"{}").expect_err("no directory");
        assert!(error.to_string().contains("where.json cannot be written"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_and_what_is_in_the_way_is_not_followed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let other = directory.path().join("other");
        fs::write(&other, "kept").unwrap();
        symlink(&other, directory.path().join(".state.json.new")).unwrap();
        write(&path, b"{}").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_file_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (link, path) = (directory.path().join("link"), directory.path().join("state.json"));
        fs::write(&path, "{}").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, b"[]").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "[]");
    }
}
