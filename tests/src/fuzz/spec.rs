//! Specs as any bytes: a line `=== path` begins a file, and what stands before the first one is an action. They lie
//! in a service without a mistake.

use std::fs;
use std::path::Path;

use cloudnet_codegen::diagnostic::Diagnostic;
use cloudnet_codegen::{Files, Findings, Generated, generate};

use crate::{Folder, SAMPLE_SERVICE};

/// The longest part of a path, and the longest path.
const LONGEST_NAME: usize = 60;
const LONGEST_PATH: usize = 300;

/// The file without a name.
const ACTION: &str = "vendor/sample/things/CreateThing.yaml";

/// Any files are generated from, to the same code twice, or refused with places and fixes.
///
/// # Panics
///
/// If they are not.
pub fn spec(input: &[u8]) {
    let tree = Folder::new("fuzz-spec");
    tree.put("vendor/sample/_service.yaml", SAMPLE_SERVICE);
    for (path, content) in files(input) {
        put(tree.path(), &path, content);
    }
    let outcome = generate(tree.path());
    let files = outcome.as_ref().ok().map(|generated| generated.files.clone());
    if is_sound(outcome, &Files::new()) {
        let again = generate(tree.path()).ok().map(|generated| generated.files);
        assert!(again == files, "another time, other code");
    }
}

/// Whether code was made of a folder of specs; what is made is Rust or JSON, and what is refused has places and fixes.
/// Files that are known are not read.
///
/// # Panics
///
/// If it does not hold.
pub fn is_sound(outcome: Result<Generated, Findings>, known: &Files) -> bool {
    match outcome {
        Ok(mut generated) => {
            generated.files.retain(|path, text| known.get(path) != Some(text));
            assert_can_be_read(&generated.files);
            assert_have_places(&generated.warnings);
            true
        }
        Err(findings) => {
            assert!(findings.errors() > 0, "refused without a reason");
            assert_have_places(&findings);
            false
        }
    }
}

fn assert_can_be_read(files: &Files) {
    for (path, text) in files {
        let fault = match path.rsplit_once('.') {
            Some((_, "rs")) => syn::parse_file(text).err().map(|error| error.to_string()),
            Some((_, "json")) => {
                serde_json::from_str::<serde_json::Value>(text).err().map(|error| error.to_string())
            }
            _ => (!path.ends_with(".md")).then(|| "of no kind".to_owned()),
        };
        assert_eq!(fault, None, "{path}: {text}");
    }
    let out = Folder::new("fuzz-out");
    xtask::files::write(out.path(), files, false).unwrap_or_else(|error| panic!("{error}"));
    let differences = xtask::files::diff(out.path(), files).unwrap_or_else(|error| panic!("{error}"));
    assert!(differences.is_empty(), "what was written is not current");
}

fn assert_have_places(findings: &Findings) {
    for found in &findings.diagnostics {
        assert!(!found.message.is_empty() && !found.help.is_empty(), "{found:?}");
        assert_has_place(found, findings);
    }
    let shown = findings.to_string();
    assert_eq!(shown.is_empty(), findings.diagnostics.is_empty());
    let deceives = |sign: &char| {
        let turns =
            matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || sign.is_control() && *sign != '\n'
    };
    assert_eq!(shown.chars().find(deceives), None, "{shown:?}");
}

fn assert_has_place(found: &Diagnostic, findings: &Findings) {
    let secondary = found.secondary.iter().map(|(place, _)| place);
    for place in std::iter::once(&found.primary).chain(secondary) {
        let text = findings.sources.text(place.file);
        let marked = text.get(place.start as usize..place.end as usize);
        assert!(marked.is_some() && place.line > 0 && place.column > 0, "{found:?}");
        let lines = text.split('\n').count().max(1);
        assert!(place.line as usize <= lines, "{found:?}");
    }
}

fn files(input: &[u8]) -> Vec<(String, &[u8])> {
    const MARK: &[u8] = b"=== ";
    let mut files = vec![(ACTION.to_owned(), 0..0)];
    let mut at = 0;
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        if let Some(path) = line.strip_prefix(MARK) {
            let begin = at + line.len();
            files.push((String::from_utf8_lossy(path).trim_ascii().to_owned(), begin..begin));
        } else if let Some((_, place)) = files.last_mut() {
            place.end = at + line.len();
        }
        at += line.len();
    }
    let is_meant = |(index, place): (usize, &std::ops::Range<usize>)| index > 0 || !place.is_empty();
    let meant = files.iter().enumerate().filter(|(index, (_, place))| is_meant((*index, place)));
    meant.map(|(_, (path, place))| (path.clone(), &input[place.clone()])).collect()
}

/// Writes a file if its path stays below the folder and no other file lies in its way.
fn put(folder: &Path, path: &str, content: &[u8]) {
    let is_name = |name: &str| {
        !matches!(name, "" | "." | "..") && name.len() <= LONGEST_NAME && !name.contains(['\0', '\\'])
    };
    if path.len() > LONGEST_PATH || !path.split('/').all(is_name) {
        return;
    }
    let full = folder.join(path);
    let made = full.parent().map_or(Ok(()), fs::create_dir_all);
    if made.is_ok() && !full.is_dir() {
        fs::write(&full, content).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}
