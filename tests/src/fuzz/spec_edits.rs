//! The specs of the project with mistakes in them: the bytes choose a file, and what is changed in it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use cloudnet_codegen::{Files, generate};

use super::spec::is_sound;
use crate::{Folder, specs, texts};

/// The most changes at once.
const CHANGES: usize = 4;

/// What a value is replaced by.
const VALUES: [&str; 24] = [
    "5",
    "-1",
    "true",
    "~",
    "[]",
    "{}",
    "[a, b]",
    "{ a: b }",
    "\"\"",
    "\"a\\nb\"",
    "1e400",
    "99999999999999999999",
    "N.M",
    "self",
    "string",
    "list",
    ".nan",
    "0x7fffffffffffffff",
    "&a x",
    "*a",
    "!!binary x",
    "|",
    "\"\\ud800\"",
    "\u{feff}",
];

/// A spec that was changed is generated from, or refused with places and fixes.
///
/// # Panics
///
/// If it is not.
pub fn spec_edits(input: &[u8]) {
    let mut bytes = input.iter();
    // Two bytes a choice; what is missing is the first choice.
    let mut choose = |limit: usize| {
        let [high, low] = [(); 2].map(|()| usize::from(bytes.next().copied().unwrap_or_default()));
        (high * 256 + low) % limit.max(1)
    };
    let all = all();
    // Of a service first: the largest has nearly all files, and takes a hundred times as long.
    let services: Vec<&str> = folders(all).collect();
    let folder = services[choose(services.len())];
    let specs = service(all, folder);
    let chosen = specs[choose(specs.len())];
    let mut text = chosen.1.clone();
    for _ in 0..=choose(CHANGES) {
        text = edited(&text, &mut choose);
    }
    let tree = Folder::new("fuzz-spec-edits");
    for (path, text) in specs {
        tree.put(path, text);
    }
    tree.put(&chosen.0, &text);
    is_sound(generate(tree.path()), unchanged(all, folder));
}

fn folders(all: &[(String, String)]) -> impl Iterator<Item = &str> {
    all.iter().filter_map(|(path, _)| path.strip_suffix("_service.yaml"))
}

/// What is generated from the specs of a service as they are.
fn unchanged(all: &[(String, String)], folder: &str) -> &'static Files {
    static GENERATED: OnceLock<BTreeMap<String, Files>> = OnceLock::new();
    let of_all =
        || folders(all).map(|folder| (folder.to_owned(), generated(&service(all, folder)))).collect();
    &GENERATED.get_or_init(of_all)[folder]
}

fn generated(specs: &[&(String, String)]) -> Files {
    let tree = Folder::new("fuzz-spec-unchanged");
    specs.iter().for_each(|(path, text)| tree.put(path, text));
    generate(tree.path()).unwrap_or_else(|findings| panic!("{findings}")).files
}

fn all() -> &'static [(String, String)] {
    static SPECS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    SPECS.get_or_init(|| texts(&specs()).into_iter().filter(|(path, _)| path.ends_with(".yaml")).collect())
}

/// Gives a number below its argument.
type Choose<'a> = &'a mut dyn FnMut(usize) -> usize;

/// Changes a spec in one way.
#[must_use]
pub fn edited(text: &str, choose: Choose<'_>) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = choose(lines.len());
    match choose(6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = choose(lines.len());
            swap_values(&mut lines, at, other, choose);
        }
        3 => {
            let replaced = VALUES[choose(VALUES.len())];
            if let Some(place) = value(&lines[at], choose) {
                lines[at].replace_range(place, replaced);
            }
        }
        4 => {
            if let Some(place) = place(&lines[at], &[", ", "{ "], choose) {
                let end = lines[at][place..].find(", ").map_or(place, |length| place + length + 2);
                lines[at].replace_range(place..end, "");
            }
        }
        _ => {
            let mut places = lines[at].char_indices().map(|(place, _)| place);
            let place = places.nth(choose(lines[at].chars().count())).unwrap_or(0);
            lines[at].truncate(place);
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn swap_values(lines: &mut [String], first: usize, second: usize, choose: Choose<'_>) {
    let (Some(one), Some(other)) = (value(&lines[first], choose), value(&lines[second], choose)) else {
        return;
    };
    if first != second {
        let (left, right) = (lines[first][one.clone()].to_owned(), lines[second][other.clone()].to_owned());
        lines[first].replace_range(one, &right);
        lines[second].replace_range(other, &left);
    }
}

/// A value of a line: what follows a key, up to what ends it.
fn value(line: &str, choose: Choose<'_>) -> Option<std::ops::Range<usize>> {
    let start = place(line, &[": "], choose)?;
    let end = line[start..].find([',', '}', ']']).map_or(line.len(), |length| start + length);
    Some(start..end)
}

/// The place behind one of the marks in a line.
fn place(line: &str, marks: &[&str], choose: Choose<'_>) -> Option<usize> {
    let found: Vec<usize> =
        marks.iter().flat_map(|mark| line.match_indices(mark).map(|(at, mark)| at + mark.len())).collect();
    (!found.is_empty()).then(|| found[choose(found.len())])
}

/// The specs of the service that one is of, without which names of its would dangle.
pub fn service<'a>(specs: &'a [(String, String)], path: &str) -> Vec<&'a (String, String)> {
    let folder = folders(specs).find(|folder| path.starts_with(folder)).unwrap_or(path);
    specs.iter().filter(|(other, _)| other.starts_with(folder)).collect()
}
