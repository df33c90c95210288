//! Whatever a spec is turned into, it is generated from or refused, soon and without a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cloudnet_codegen::generate;
use cloudnet_tests::fuzz::{edited, service};
use cloudnet_tests::{Folder, processor_time, specs, texts};

const MUTANTS: u64 = 100;

/// Marsaglia's xorshift: the same mutants on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

#[test]
fn mutants_are_generated_from_or_refused() {
    let specs: Vec<(String, String)> =
        texts(&specs()).into_iter().filter(|(path, _)| path.ends_with(".yaml")).collect();
    let mut accepted = 0;
    for seed in 1..=MUTANTS {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let chosen = &specs[random.below(specs.len())];
        let mutant = edited(&chosen.1, &mut |limit| random.below(limit));
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
