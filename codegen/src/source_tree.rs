//! The spec files of a directory, read in one order on every system.

use std::fs::{self, DirEntry, File, FileType};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostics, FileId, Location, Sources};
use crate::portable::objection;
use crate::yaml::{LARGEST_FILE, decode, location_at};

/// The one file that is not a spec and has its place among them.
const PAGE: &str = "README.md";

/// No spec lies deeper than this.
const DEEPEST: usize = 8;

/// Reads every `.yaml` file below a directory, sorted by the bytes of its path.
///
/// Messages show `shown` in place of the directory itself, such as `spec`. Whatever is neither
/// a spec nor the page that explains them is reported, and so is what cannot be read.
pub fn load(directory: &Path, shown: &str, sources: &mut Sources, diagnostics: &Diagnostics) -> Vec<FileId> {
    let mut loader = Loader { sources, diagnostics, found: Vec::new() };
    loader.walk(directory, shown, 0);
    let mut found = std::mem::take(&mut loader.found);
    found.sort_by(|a, b| a.shown.as_bytes().cmp(b.shown.as_bytes()));
    let files: Vec<_> = found.iter().filter_map(|file| loader.read(file)).collect();
    if files.is_empty() && diagnostics.is_empty() {
        loader.report("no-specs", shown, "no spec is here", "Give the directory that holds them.");
    }
    files
}

/// The folders that a file or folder lies in, the outermost first.
pub(crate) fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// The folder that a file lies in; empty for none.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

struct Loader<'a> {
    sources: &'a mut Sources,
    diagnostics: &'a Diagnostics,
    found: Vec<Found>,
}

struct Found {
    path: PathBuf,
    shown: String,
}

impl Loader<'_> {
    fn walk(&mut self, directory: &Path, shown: &str, depth: usize) {
        let listed = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        match listed {
            Ok(entries) => {
                for entry in entries {
                    self.entry(&entry, shown, depth);
                }
            }
            Err(error) => self.unreadable(shown, &error),
        }
    }

    fn entry(&mut self, entry: &DirEntry, parent: &str, depth: usize) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let shown = format!("{parent}/{name}");
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.unreadable(&shown, &error),
        };
        if let Some(reason) = objection(&name) {
            let message = format!("this name cannot be used: {reason}");
            self.report("bad-file-name", &shown, &message, "Rename it.");
        } else if kind.is_symlink() {
            self.report("symlink", &shown, "a symbolic link", "Put the file itself here.");
        } else if kind.is_dir() {
            self.folder(entry, &shown, depth);
        } else {
            self.file(entry, &name, shown, kind);
        }
    }

    fn folder(&mut self, entry: &DirEntry, shown: &str, depth: usize) {
        if depth == DEEPEST {
            let help = "Specs lie at `<vendor>/<service>/<chapter>/`.";
            self.report("nested-too-deeply", shown, "too many folders deep", help);
        } else {
            self.walk(&entry.path(), shown, depth + 1);
        }
    }

    fn file(&mut self, entry: &DirEntry, name: &str, shown: String, kind: FileType) {
        let path = entry.path();
        if kind.is_file() && name.ends_with(".yaml") {
            self.found.push(Found { path, shown });
        } else if name != PAGE || !kind.is_file() {
            let help = "A spec ends in `.yaml`; keep anything else elsewhere.";
            self.report("foreign-file", &shown, "this is no spec", help);
        }
    }

    fn read(&mut self, found: &Found) -> Option<FileId> {
        let mut bytes = Vec::new();
        let limit = LARGEST_FILE as u64 + 1;
        let read = File::open(&found.path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
        if let Err(error) = read {
            self.unreadable(&found.shown, &error);
            return None;
        }
        if bytes.len() > LARGEST_FILE {
            let message = format!("the file has more than {LARGEST_FILE} bytes");
            self.report("file-too-large", &found.shown, &message, "One file is one action; split it.");
            return None;
        }
        match decode(&bytes) {
            Ok(text) => Some(self.sources.add(&found.shown, text)),
            Err((offset, reason)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let file = self.sources.add(&found.shown, text);
                let location = location_at(file, self.sources.text(file), offset);
                self.diagnostics.error("not-utf8", location, reason, "Save it as UTF-8.");
                None
            }
        }
    }

    fn unreadable(&mut self, shown: &str, error: &io::Error) {
        let message = format!("cannot be read: {error}");
        self.report("unreadable", shown, &message, "Check the path and its permissions.");
    }

    fn report(&mut self, code: &'static str, shown: &str, message: &str, help: &str) {
        let file = self.sources.add(shown, "");
        self.diagnostics.error(code, Location::start_of(file), message, help);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::tempdir;

    use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
    use crate::yaml::LARGEST_FILE;

    fn put(specs: &Path, path: &str, bytes: &[u8]) {
        let path = specs.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("ours");
        fs::write(path, bytes).expect("ours");
    }

    /// The paths read, and what is wrong as `path code`.
    fn load(specs: &Path) -> (Vec<String>, Vec<String>) {
        let (mut sources, diagnostics) = (Sources::default(), Diagnostics::default());
        let files = super::load(specs, "spec", &mut sources, &diagnostics);
        let found = diagnostics.into_sorted().into_iter();
        let shown = |d: Diagnostic| format!("{} {}", sources.path(d.primary.file), d.code);
        let mut found: Vec<_> = found.map(shown).collect();
        found.sort();
        let read = files.into_iter().map(|file| sources.path(file).to_owned());
        (read.collect(), found)
    }

    #[test]
    fn specs_come_in_the_order_of_their_bytes() {
        let specs = tempdir().expect("the temporary directory can be written");
        for path in ["b/z.yaml", "b/_service.yaml", "b/A.yaml", "a/x.yaml", "a-b/x.yaml", "b/c/d.yaml"] {
            put(specs.path(), path, b"a: 1\n");
        }
        put(specs.path(), "README.md", b"page");
        let (read, found) = load(specs.path());
        assert_eq!(
            read,
            [
                "spec/a-b/x.yaml",
                "spec/a/x.yaml",
                "spec/b/A.yaml",
                "spec/b/_service.yaml",
                "spec/b/c/d.yaml",
                "spec/b/z.yaml",
            ]
        );
        assert_eq!(found, [] as [String; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn everything_else_is_reported_and_the_rest_is_read() {
        let specs = tempdir().expect("the temporary directory can be written");
        put(specs.path(), "ok.yaml", b"a: 1\n");
        put(specs.path(), "notes.txt", b"");
        put(specs.path(), "a.yml", b"a: 1\n");
        put(specs.path(), "aux.yaml", b"a: 1\n");
        put(specs.path(), "x y.yaml", b"a: 1\n");
        put(specs.path(), "latin.yaml", b"a: \xE9\n");
        put(specs.path(), "large.yaml", &vec![b'#'; LARGEST_FILE + 1]);
        put(specs.path(), "1/2/3/4/5/6/7/8/9/x.yaml", b"a: 1\n");
        std::os::unix::fs::symlink("/etc/passwd", specs.path().join("link.yaml")).expect("ours");
        let (read, found) = load(specs.path());
        assert_eq!(read, ["spec/ok.yaml"]);
        assert_eq!(
            found,
            [
                "spec/1/2/3/4/5/6/7/8/9 nested-too-deeply",
                "spec/a.yml foreign-file",
                "spec/aux.yaml bad-file-name",
                "spec/large.yaml file-too-large",
                "spec/latin.yaml not-utf8",
                "spec/link.yaml symlink",
                "spec/notes.txt foreign-file",
                "spec/x y.yaml bad-file-name",
            ]
        );
    }

    #[test]
    fn a_place_without_specs_is_an_error() {
        let specs = tempdir().expect("the temporary directory can be written");
        assert_eq!(load(specs.path()).1, ["spec no-specs"]);
        fs::remove_dir_all(specs.path()).expect("ours");
        assert_eq!(load(specs.path()).1, ["spec unreadable"]);
    }
}
