//! The targets of `cargo fuzz` on the toolchain that everything else needs: each with its committed corpus, and with a
//! few thousand changes of it, the same ones every time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs};

use cloudnet_tests::fuzz::{TARGETS, Target};
use cloudnet_tests::noise::Noise;
use cloudnet_tests::{processor_time, texts, workspace};

/// No input may take longer, in an unoptimized build.
const LONGEST: Duration = Duration::from_secs(5);

/// How much of an input is shown, in bytes.
const SHOWN: usize = 64 * 1024;

#[test]
fn decode() {
    hold("decode", 3_000);
}

#[test]
fn emulator() {
    hold("emulator", 400);
}

#[test]
fn error_body() {
    hold("error_body", 2_000);
}

#[test]
fn redaction() {
    hold("redaction", 1_500);
}

#[test]
fn spec() {
    hold("spec", 400);
}

#[test]
fn spec_edits() {
    hold("spec_edits", 60);
}

/// No input of the corpus is so long, or so deep.
#[test]
fn a_megabyte_and_a_million_levels() {
    const LONG: usize = 1 << 20;
    let long = |start: &str, part: &str, end: &str| {
        [start, &part.repeat(LONG / part.len()), end].concat().into_bytes()
    };
    for (start, part, end) in [
        ("", "[", ""),
        ("{\"Vpcs\":", "[", "x"),
        ("", "{\"Message\":", ""),
        ("{\"Vpcs\":{\"Vpc\":[", "{\"VpcId\":\"vpc-1\",\"CidrBlock\":\"10.0.0.0/8\"},", "{}]}}"),
        ("{\"Vpcs\":{\"Vpc\":[", "{\"VpcId\":\"vpc-1\"},", "x"),
        ("{", "\"TotalCount\":1,", "\"RequestId\":\"r\"}"),
        ("{\"Message\":\"", "\\\\\\u005c", "\",\"Code\":\"x\"}"),
        ("{\"Message\":\"", "%25", "\",\"RequestId\":\"r\"}"),
        ("{\"TotalCount\":", "9", "}"),
        ("", "<a>", ""),
        ("<html><title>", "&amp;", "</title>"),
        ("<Error><Code>x</Code><Message>", "é", "</Message></Error>"),
    ] {
        for (name, line) in [("decode", "DescribeVpcs\n"), ("error_body", "400 DescribeVpcs\n")] {
            let input = long(&format!("{line}{start}"), part, end);
            try_with(target(name), &input, &format!("{name}: {start}{part}…{end}"));
        }
    }
}

/// A target that cargo-fuzz does not know, or that has no corpus, would never be tried.
#[test]
fn every_target_is_one_of_cargo_fuzz_and_has_a_corpus() {
    let manifest = fs::read_to_string(workspace().join("tests/fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        let program =
            fs::read_to_string(workspace().join(format!("tests/fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("fuzz::{name}(input)")), "{name}: {program}");
        assert!(corpus(name).len() > 5, "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

/// Tries a target with its corpus, and with so many changes of it.
fn hold(name: &str, changes: usize) {
    let target = target(name);
    let corpus = corpus(name);
    corpus.iter().for_each(|(file, input)| try_with(target, input, file));
    let inputs: Vec<&[u8]> = corpus.iter().map(|(_, input)| input.as_slice()).filter(is_short).collect();
    let (seed, until) = open_ended().unwrap_or((1, None));
    let mut noise = Noise::new(seed);
    let goes_on = |number| until.map_or(number < changes, |until| Instant::now() < until);
    let mut number = 0;
    while goes_on(number) {
        let input = noise.changed(inputs[number % inputs.len()], &inputs);
        try_with(target, &input, &format!("change {number} of seed {seed}"));
        number += 1;
    }
    println!("{name}: {number} changes of seed {seed}");
}

fn target(name: &str) -> Target {
    TARGETS.into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// With `FUZZ_SECONDS` set, a seed of this run's own, and when it ends.
fn open_ended() -> Option<(u64, Option<Instant>)> {
    let seconds = env::var("FUZZ_SECONDS").ok()?.parse().ok()?;
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    Some((seed, Some(Instant::now() + Duration::from_secs(seconds))))
}

fn is_short(input: &&[u8]) -> bool {
    input.len() < 16 * 1024
}

fn try_with(target: Target, input: &[u8], about: &str) {
    let (outcome, took) = processor_time(|| catch_unwind(AssertUnwindSafe(|| target(input))));
    let input = String::from_utf8_lossy(&input[..input.len().min(SHOWN)]);
    assert!(outcome.is_ok() && took < LONGEST, "{about}: {took:?}: {input:?}");
}

/// The inputs that are kept, by their file. What cargo-fuzz found here has no ending.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = workspace().join("tests/fuzz/corpus").join(name);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.retain(|path| path.extension().is_some());
    paths.sort();
    let read = |path: &std::path::PathBuf| (path.display().to_string(), fs::read(path).unwrap());
    let mut inputs: Vec<_> = paths.iter().map(read).collect();
    if name == "spec" {
        inputs.extend(bad_specs());
    }
    inputs
}

/// A spec for each mistake that is known, each put where its first lines say.
fn bad_specs() -> Vec<(String, Vec<u8>)> {
    let specs = texts(&workspace().join("tests/bad-specs")).into_iter();
    let placed = specs.filter(|(path, _)| !path.contains('/')).map(|(path, text)| {
        let place = text.lines().find_map(|line| line.strip_prefix("# file: "));
        let head = place.map(|place| format!("=== {place}\n")).unwrap_or_default();
        (format!("bad-specs/{path}"), format!("{head}{text}").into_bytes())
    });
    placed.collect()
}
