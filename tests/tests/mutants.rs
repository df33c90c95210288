//! Whatever a spec is turned into, it is generated from or refused, soon and without a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cloudnet_codegen::{Files, generate};
use cloudnet_tests::fuzz::{edited, is_sound, service};
use cloudnet_tests::noise::Noise;
use cloudnet_tests::{Folder, processor_time, specs, texts};

const MUTANTS: u64 = 100;

#[test]
fn mutants_are_generated_from_or_refused() {
    let specs: Vec<(String, String)> =
        texts(&specs()).into_iter().filter(|(path, _)| path.ends_with(".yaml")).collect();
    let mut accepted = 0;
    for seed in 1..=MUTANTS {
        let mut random = Noise::new(seed);
        let chosen = &specs[random.below(specs.len())];
        let mutant = edited(&chosen.1, &mut |limit| random.below(limit));
        let tree = Folder::new("mutants");
        for (path, text) in service(&specs, &chosen.0) {
            tree.put(path, text);
        }
        tree.put(&chosen.0, &mutant);
        accepted += u32::from(is_accepted(&tree, seed, &chosen.0, &mutant));
    }
    assert!((10..85).contains(&accepted), "{accepted} of {MUTANTS} mutants were accepted");
}

/// Whether code was made from a mutant, soon; what is made or said of it holds.
fn is_accepted(tree: &Folder, seed: u64, path: &str, mutant: &str) -> bool {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let (outcome, took) = processor_time(|| generate(tree.path()));
        assert!(took < Duration::from_secs(2), "{path} takes {took:?}");
        is_sound(outcome, &Files::new())
    }));
    outcome.unwrap_or_else(|_| panic!("seed {seed}: {path}:\n{mutant}"))
}
