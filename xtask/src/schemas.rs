//! The JSON schemas of the dialect, which lie beside its readers, for editors.

use std::path::{Path, PathBuf};
use std::{fs, io};

use cloudnet_codegen::schema::schemas;

/// The folder of the schemas below that of the workspace.
const FOLDER: &str = "codegen/schema";

/// What describes the dialect.
const DESCRIPTION: &str = "spec/README.md";

/// Writes the schemas that are not current, and says which these are.
///
/// # Errors
///
/// What cannot be read or written.
pub fn write(workspace: &Path) -> io::Result<Vec<PathBuf>> {
    let stale = stale(workspace)?;
    for (path, text) in &stale {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    Ok(stale.into_iter().map(|(path, _)| path).collect())
}

/// The schemas that are not current, and what each should be.
///
/// # Errors
///
/// What cannot be read.
pub fn stale(workspace: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let description = fs::read_to_string(workspace.join(DESCRIPTION))?;
    let mut stale = Vec::new();
    for (file, text) in schemas(&description) {
        let path = workspace.join(FOLDER).join(file);
        if read(&path)?.as_deref() != Some(&text) {
            stale.push((path, text));
        }
    }
    Ok(stale)
}

/// The text of a file, its line ends as they are written; nothing if there is none.
fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.replace("\r\n", "\n"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
