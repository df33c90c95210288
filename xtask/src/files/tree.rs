//! What is in a tree, and what has to happen to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use cloudnet_codegen::Files;
use cloudnet_codegen::portable::objection;

use super::{Error, MARK, Report, failed};

/// The plain files below a directory, or the one file that stands there.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: BTreeMap<String, PathBuf>,
    /// What is neither a file nor a folder, or has a name that no generator gives.
    pub(super) odd: Vec<PathBuf>,
}

impl Tree {
    pub(super) fn scan(root: &Path) -> Result<Self, Error> {
        let mut tree = Self::default();
        match fs::symlink_metadata(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(tree),
            Err(error) => Err(failed("read", root)(error)),
            Ok(metadata) if metadata.is_symlink() => Err(Error::Symlink(root.to_owned())),
            Ok(metadata) if metadata.is_dir() => tree.walk(root, "").map(|()| tree),
            Ok(metadata) if metadata.is_file() => {
                tree.files.insert(String::new(), root.to_owned());
                Ok(tree)
            }
            Ok(_) => Err(Error::Foreign(vec![root.to_owned()])),
        }
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        for entry in fs::read_dir(folder).map_err(failed("list", folder))? {
            let entry = entry.map_err(failed("list", folder))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(failed("read", &path))?;
            let name = entry.file_name().into_string().ok();
            match name.filter(|name| objection(name).is_none()) {
                _ if kind.is_symlink() => return Err(Error::Symlink(path)),
                Some(name) if kind.is_dir() => self.walk(&path, &format!("{prefix}{name}/"))?,
                Some(name) if kind.is_file() => {
                    self.files.insert(format!("{prefix}{name}"), path);
                }
                _ => self.odd.push(path),
            }
        }
        Ok(())
    }
}

/// What has to happen to a tree.
pub(super) struct Plan<'a> {
    pub(super) unchanged: BTreeSet<&'a str>,
    pub(super) foreign: Vec<PathBuf>,
    written: usize,
    removed: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(files: &'a Files, present: &Tree) -> Result<Self, Error> {
        let mut plan = Self {
            unchanged: BTreeSet::new(),
            foreign: present.odd.clone(),
            written: 0,
            removed: present.odd.len(),
        };
        for (path, text) in files {
            match present.files.get(path) {
                Some(file) if same_text(file, text)? => {
                    plan.unchanged.insert(path);
                    continue;
                }
                Some(file) => plan.note_foreign(file)?,
                None => {}
            }
            plan.written += 1;
        }
        for (path, file) in &present.files {
            if !files.contains_key(path) {
                plan.note_foreign(file)?;
                plan.removed += 1;
            }
        }
        Ok(plan)
    }

    fn note_foreign(&mut self, file: &Path) -> Result<(), Error> {
        if !is_generated(file)? {
            self.foreign.push(file.to_owned());
        }
        Ok(())
    }

    pub(super) fn is_done(&self) -> bool {
        self.written == 0 && self.removed == 0
    }

    pub(super) fn report(&self) -> Report {
        Report { written: self.written, unchanged: self.unchanged.len(), removed: self.removed }
    }
}

pub(super) fn same_text(file: &Path, text: &str) -> Result<bool, Error> {
    let metadata = fs::metadata(file).map_err(failed("read", file))?;
    if metadata.len() != text.len() as u64 {
        return Ok(false);
    }
    let bytes = fs::read(file).map_err(failed("read", file))?;
    Ok(bytes == text.as_bytes())
}

fn is_generated(file: &Path) -> Result<bool, Error> {
    /// No comment begins with more.
    const OPENING: u64 = 16;
    let mut head = Vec::new();
    File::open(file)
        .and_then(|file| file.take(OPENING + MARK.len() as u64).read_to_end(&mut head))
        .map_err(failed("read", file))?;
    let head = String::from_utf8_lossy(&head);
    let is_opening = |character: char| "/<!-{\n\": ".contains(character);
    Ok(head.trim_start_matches(is_opening).starts_with(MARK))
}
