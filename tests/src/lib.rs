//! Rigs shared by the tests of this crate.

pub mod noise;
pub mod sample;
pub mod server;
pub mod time;

use std::path::{Path, PathBuf};

/// The root of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// The specs.
#[must_use]
pub fn specs() -> PathBuf {
    workspace().join("spec")
}

/// Compares a file of the workspace with what it should be. With `UPDATE_GOLDEN` set, rewrites it.
///
/// # Panics
///
/// If they differ.
pub fn assert_golden(path: &str, expected: &str) {
    let full = workspace().join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&full, expected).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let found = std::fs::read_to_string(&full).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(found == expected, "{path} is not current; set UPDATE_GOLDEN and read the diff:\n{expected}");
}

/// The error of a call that must fail.
///
/// # Panics
///
/// If it succeeded.
pub fn failed<T>(result: Result<T, cloudnet::Error>) -> cloudnet::Error {
    match result {
        Ok(_) => panic!("the call succeeded"),
        Err(error) => error,
    }
}
