//! The swap of one tree for another.
//!
//! The new tree is built beside the old one and then takes its place by two renames:
//!
//! ```text
//! .generated.next      the tree being built; worth nothing until it is renamed
//! generated            the tree
//! .generated.previous  the tree before, between the two renames and until it is deleted
//! ```
//!
//! Wherever a run is killed, what is left tells the next one which trees are whole. Several trees are swapped one
//! after the other, and the trees before stay until all have been: while a tree is left that was built and not
//! swapped, those before count; then the new ones do.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cloudnet_codegen::Files;

use super::{Error, failed};

/// The output directory and the names beside it.
pub(super) struct Place {
    pub(super) root: PathBuf,
    parent: PathBuf,
    pub(super) next: PathBuf,
    pub(super) previous: PathBuf,
    pub(super) lock: PathBuf,
}

impl Place {
    pub(super) fn new(root: &Path) -> Result<Self, Error> {
        let root = std::path::absolute(root).map_err(failed("find", root))?;
        let (Some(parent), Some(name)) = (root.parent(), root.file_name()) else {
            return Err(Error::BadPath {
                path: root.display().to_string(),
                reason: "it has no place for the files beside it",
            });
        };
        let beside = |suffix: &str| {
            let mut hidden = OsString::from(".");
            hidden.push(name);
            hidden.push(suffix);
            parent.join(hidden)
        };
        Ok(Self {
            next: beside(".next"),
            previous: beside(".previous"),
            lock: beside(".lock"),
            parent: parent.to_owned(),
            root: root.clone(),
        })
    }

    /// Held until dropped; the system lets go of it when a process dies.
    ///
    /// The file stays: deleting it would let two others lock two different files of that name.
    pub(super) fn lock(&self) -> Result<File, Error> {
        fs::create_dir_all(&self.parent).map_err(failed("create", &self.parent))?;
        let mut options = File::options();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(&self.lock).map_err(failed("open", &self.lock))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::Locked(self.lock.clone())),
            Err(TryLockError::Error(error)) => Err(failed("lock", &self.lock)(error)),
        }
    }

    /// The tree that [`recover`] would leave.
    pub(super) fn whole_tree(&self, is_halfway: bool) -> Result<PathBuf, Error> {
        let counts = exists(&self.previous)? && (is_halfway || !exists(&self.root)?);
        Ok(if counts { &self.previous } else { &self.root }.clone())
    }

    pub(super) fn build(&self, files: &Files, unchanged: &BTreeSet<&str>) -> Result<(), Error> {
        let is_folder = !files.contains_key("");
        let mut folders: BTreeSet<PathBuf> = is_folder.then(|| self.next.clone()).into_iter().collect();
        for (path, text) in files {
            let target = below(&self.next, path);
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder).map_err(failed("create", folder))?;
                folders.insert(folder.to_owned());
            }
            if unchanged.contains(path.as_str()) {
                keep(&below(&self.root, path), &target)?;
            } else {
                write_through(&target, text)?;
            }
        }
        if is_folder {
            fs::create_dir_all(&self.next).map_err(failed("create", &self.next))?;
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }

    /// Puts the new tree into its place, and keeps the one before.
    pub(super) fn swap(&self) -> Result<(), Error> {
        if exists(&self.root)? {
            rename(&self.root, &self.previous)?;
        }
        rename(&self.next, &self.root)?;
        sync_folder(&self.parent)
    }

    /// Lets go of the tree before.
    pub(super) fn settle(&self) -> Result<(), Error> {
        remove_tree(&self.previous)
    }
}

/// Whether a run ended when it had swapped some trees and not all.
pub(super) fn is_halfway(places: &[Place]) -> Result<bool, Error> {
    let any = |of: fn(&Place) -> &PathBuf| -> Result<bool, Error> {
        places.iter().try_fold(false, |found, place| Ok(found || exists(of(place))?))
    };
    Ok(any(|place| &place.previous)? && any(|place| &place.next)?)
}

/// Cleans up after a run that was killed: the trees are those before it, or those after it.
pub(super) fn recover(places: &[Place]) -> Result<(), Error> {
    let is_halfway = is_halfway(places)?;
    for place in places {
        if place.whole_tree(is_halfway)? == place.previous {
            remove_tree(&place.root)?;
            rename(&place.previous, &place.root)?;
        }
        remove_tree(&place.previous)?;
    }
    // Last: as long as one of them is there, a run that is killed here is seen to have been halfway.
    places.iter().try_for_each(|place| remove_tree(&place.next))
}

/// A path below a root, or the root itself.
fn below(root: &Path, path: &str) -> PathBuf {
    if path.is_empty() { root.to_owned() } else { root.join(path) }
}

/// Takes a file into the new tree with its time of change.
fn keep(from: &Path, to: &Path) -> Result<(), Error> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let time = fs::metadata(from).and_then(|metadata| metadata.modified());
    fs::copy(from, to)
        .and_then(|_| File::options().write(true).open(to))
        .and_then(|copy| copy.set_modified(time?).and_then(|()| copy.sync_all()))
        .map_err(failed("copy", from))
}

fn write_through(path: &Path, text: &str) -> Result<(), Error> {
    let mut file = File::create_new(path).map_err(failed("create", path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed("write", path))
}

/// Makes renames in a folder outlast a power cut, where a folder can be opened for that.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("sync", folder))
}

fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(failed("rename", from))
}

fn remove_tree(path: &Path) -> Result<(), Error> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let removed = if is_file { fs::remove_file(path) } else { fs::remove_dir_all(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Whether there is anything of that name; a dangling link counts.
fn exists(path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("read", path)(error)),
    }
}
