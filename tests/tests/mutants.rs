//! Whatever a spec is turned into, it is generated from or refused, soon and without a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cloudnet_codegen::generate;
use cloudnet_tests::{Folder, processor_time, specs, texts};

const MUTANTS: u64 = 100;

/// What a value is replaced by.
const VALUES: [&str; 16] = [
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
];

/// Marsaglia's xorshift: the same mutants on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    /// The place of one of many characters, behind it if `behind`.
    fn place(&mut self, line: &str, marks: &[&str]) -> Option<usize> {
        let found: Vec<usize> = marks
            .iter()
            .flat_map(|mark| line.match_indices(mark).map(|(at, mark)| at + mark.len()))
            .collect();
        (!found.is_empty()).then(|| found[self.below(found.len())])
    }
}

/// A value of a line: what follows a key, up to what ends it.
fn value(line: &str, random: &mut Random) -> Option<std::ops::Range<usize>> {
    let start = random.place(line, &[": "])?;
    let end = line[start..].find([',', '}', ']']).map_or(line.len(), |length| start + length);
    Some(start..end)
}

/// Changes a spec in one way.
fn mutated(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = random.below(lines.len());
    match random.below(6) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = random.below(lines.len());
            swap_values(&mut lines, at, other, random);
        }
        3 => {
            let replaced = VALUES[random.below(VALUES.len())];
            if let Some(place) = value(&lines[at], random) {
                lines[at].replace_range(place, replaced);
            }
        }
        4 => {
            if let Some(place) = random.place(&lines[at], &[", ", "{ "]) {
                let end = lines[at][place..].find(", ").map_or(place, |length| place + length + 2);
                lines[at].replace_range(place..end, "");
            }
        }
        _ => {
            let mut places = lines[at].char_indices().map(|(place, _)| place);
            let place = places.nth(random.below(lines[at].chars().count())).unwrap_or(0);
            lines[at].truncate(place);
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn swap_values(lines: &mut [String], first: usize, second: usize, random: &mut Random) {
    let (Some(one), Some(other)) = (value(&lines[first], random), value(&lines[second], random)) else {
        return;
    };
    if first != second {
        let (left, right) = (lines[first][one.clone()].to_owned(), lines[second][other.clone()].to_owned());
        lines[first].replace_range(one, &right);
        lines[second].replace_range(other, &left);
    }
}

/// The specs of the service that one is of, without which names of its would dangle.
fn service<'a>(specs: &'a [(String, String)], path: &str) -> Vec<&'a (String, String)> {
    let mut folders = specs.iter().filter_map(|(other, _)| other.strip_suffix("_service.yaml"));
    let folder = folders.find(|folder| path.starts_with(folder)).unwrap_or(path);
    specs.iter().filter(|(other, _)| other.starts_with(folder)).collect()
}

#[test]
fn mutants_are_generated_from_or_refused() {
    let specs: Vec<(String, String)> =
        texts(&specs()).into_iter().filter(|(path, _)| path.ends_with(".yaml")).collect();
    let mut accepted = 0;
    for seed in 1..=MUTANTS {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let chosen = &specs[random.below(specs.len())];
        let mutant = mutated(&chosen.1, &mut random);
        let tree = Folder::new("mutants");
        for (path, text) in service(&specs, &chosen.0) {
            tree.put(path, text);
        }
        tree.put(&chosen.0, &mutant);
        accepted += u32::from(is_sound(&tree, seed, &chosen.0, &mutant));
    }
    assert!((10..85).contains(&accepted), "{accepted} of {MUTANTS} mutants were accepted");
}

/// Whether code was made from a mutant; what is made is Rust or JSON, and what is refused has a fix.
fn is_sound(tree: &Folder, seed: u64, path: &str, mutant: &str) -> bool {
    let (outcome, took) = processor_time(|| catch_unwind(AssertUnwindSafe(|| generate(tree.path()))));
    let outcome = outcome.unwrap_or_else(|_| panic!("seed {seed}: a panic on {path}:\n{mutant}"));
    assert!(took < Duration::from_secs(2), "seed {seed}: {path} takes {took:?}");
    match outcome {
        Ok(generated) => {
            for (file, code) in &generated.files {
                let is_read = match file.rsplit_once('.') {
                    Some((_, "rs")) => syn::parse_file(code).is_ok(),
                    Some((_, "json")) => serde_json::from_str::<serde_json::Value>(code).is_ok(),
                    _ => file.ends_with(".md"),
                };
                assert!(is_read, "seed {seed}: {file} of {path} cannot be read:\n{mutant}");
            }
            true
        }
        Err(findings) => {
            let helpless = findings.diagnostics.iter().find(|found| found.help.is_empty());
            assert_eq!(helpless, None, "seed {seed}: {path}");
            assert!(!findings.to_string().is_empty());
            false
        }
    }
}
