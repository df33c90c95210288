//! For each effect that breaks a build, the smallest program that builds before and not after.

use std::path::Path;
use std::{fs, io};

use super::compare::Effect;

/// Writes a program for each effect that has one, named by its kind and fingerprint; returns how many.
///
/// # Errors
///
/// The folder cannot be written.
pub fn write(folder: &Path, effects: &[Effect]) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let mut written = 0;
    for effect in effects.iter().filter(|effect| !effect.witness.is_empty()) {
        let name = format!("{}_{}.rs", effect.kind.key.replace('-', "_"), effect.fingerprint);
        fs::write(folder.join(name), program(effect))?;
        written += 1;
    }
    Ok(written)
}

/// The program as a file.
fn program(effect: &Effect) -> String {
    let Effect { kind, subject, item, witness, .. } = effect;
    format!(
        "//! `{subject}` {}: {} `{item}` {}.\n#![allow(dead_code)]\n\n{witness}\n\nfn main() {{}}\n",
        kind.said,
        kind.rust.item(),
        kind.rust.word(),
    )
}
