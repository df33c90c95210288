//! What generating costs as the specs grow: CPU time and memory for each action.
//!
//! The real specs are copied under further names, once into services that are there and once as
//! further services, and a process of its own generates from each tree. Nothing is asserted: a
//! machine that is busy with something else must fail nobody's build.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use cloudnet_codegen::diagnostic::{Diagnostics, Sources};
use cloudnet_codegen::source_tree;

/// The directory of the specs in paths.
const SPEC: &str = "spec";

/// Tells this program to generate from a directory instead of comparing.
const GENERATE: &str = "--generate";

/// How many times a tree holds the real specs, and how often it is generated from; the median counts.
const TREES: [(usize, usize); 3] = [(1, 9), (10, 5), (100, 1)];

fn main() -> ExitCode {
    let mut arguments = env::args().skip_while(|argument| argument != GENERATE).skip(1);
    let done = match arguments.next() {
        Some(specs) => generate(Path::new(&specs)),
        None => compare(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Generates once and says what this process has used for it.
fn generate(specs: &Path) -> io::Result<()> {
    let generated = cloudnet_codegen::generate(specs).map_err(io::Error::other)?;
    if !generated.warnings.diagnostics.is_empty() {
        return Err(io::Error::other(generated.warnings.to_string()));
    }
    println!("{} {} {}", generated.actions, cpu_nanoseconds()?, peak_kibibytes()?);
    Ok(())
}

fn compare() -> io::Result<()> {
    if cpu_nanoseconds().is_err() {
        println!("This system has no /proc, which says what a process has used.");
        return Ok(());
    }
    println!(
        "{:>8} {:18} {:>8} {:>14} {:>8} {:>8} {:>14}",
        "actions", "", "CPU s", "ms per action", "ratio", "MiB", "KiB per action"
    );
    for growth in [Growth::SameServices, Growth::FurtherServices] {
        let mut first = None;
        for (copies, rounds) in TREES {
            let cost = Cost::median(&Specs::grown(growth, copies)?, rounds)?;
            let per_action = cost.per_action();
            let ratio = per_action / *first.get_or_insert(per_action);
            println!(
                "{:>8} {:18} {:>8.3} {:>14.3} {ratio:>8.2} {:>8.1} {:>14.1}",
                cost.actions,
                growth.name(),
                cost.cpu_seconds,
                per_action * 1e3,
                cost.peak_kibibytes / 1024.0,
                cost.peak_kibibytes / cost.actions,
            );
        }
    }
    Ok(())
}

/// What a process has used to generate from one tree.
struct Cost {
    actions: f64,
    cpu_seconds: f64,
    peak_kibibytes: f64,
}

impl Cost {
    fn median(specs: &Specs, rounds: usize) -> io::Result<Self> {
        let mut costs = (0..rounds).map(|_| Self::of(specs)).collect::<io::Result<Vec<_>>>()?;
        costs.sort_by(|one, other| one.cpu_seconds.total_cmp(&other.cpu_seconds));
        Ok(costs.swap_remove(rounds / 2))
    }

    fn of(specs: &Specs) -> io::Result<Self> {
        let output = Command::new(env::current_exe()?).arg(GENERATE).arg(&specs.0).output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = printed.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match numbers[..] {
            [actions, cpu, peak_kibibytes] => Ok(Self { actions, cpu_seconds: cpu / 1e9, peak_kibibytes }),
            _ => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
        }
    }

    fn per_action(&self) -> f64 {
        self.cpu_seconds / self.actions
    }
}

/// The time that this process has run on a processor, its own and the system's.
fn cpu_nanoseconds() -> io::Result<u64> {
    let times = fs::read_to_string("/proc/self/schedstat")?;
    number(times.split_whitespace().next())
}

fn peak_kibibytes() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    number(peak.and_then(|peak| peak.split_whitespace().next()))
}

fn number(word: Option<&str>) -> io::Result<u64> {
    word.unwrap_or_default().parse().map_err(io::Error::other)
}

/// Where copies of an action go.
#[derive(Clone, Copy)]
enum Growth {
    SameServices,
    FurtherServices,
}

impl Growth {
    fn name(self) -> &'static str {
        match self {
            Self::SameServices => "in 4 services",
            Self::FurtherServices => "in more services",
        }
    }
}

/// A directory of specs, gone with it.
struct Specs(PathBuf);

impl Specs {
    /// The real specs, so many times.
    fn grown(growth: Growth, copies: usize) -> io::Result<Self> {
        let specs = Self(env::temp_dir().join(format!("cloudnet-growth-{}", std::process::id())));
        let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(SPEC);
        let mut sources = Sources::default();
        for file in source_tree::load(&real, SPEC, &mut sources, &Diagnostics::default()) {
            let path = Path::new(sources.path(file)).strip_prefix(SPEC).map_err(io::Error::other)?;
            for copy in 0..copies {
                specs.put(growth, path, sources.text(file), copy)?;
            }
        }
        Ok(specs)
    }

    fn put(&self, growth: Growth, path: &Path, text: &str, copy: usize) -> io::Result<()> {
        // What copies of an action share with it: their service, and the resources of their chapter.
        let is_shared = path.ends_with("_service.yaml") || path.ends_with("_resources.yaml");
        match growth {
            _ if copy == 0 => write(&self.0.join(path), text),
            Growth::SameServices if is_shared => Ok(()),
            Growth::SameServices => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                // Behind the verb, so that the copy is about a resource of the same kind.
                let verb =
                    name.char_indices().skip(1).find(|(_, c)| c.is_uppercase()).map_or(0, |(at, _)| at);
                let (verb, noun) = name.split_at(verb);
                let copied = format!("{verb}Copy{copy}{noun}");
                let text = text.replacen(&name[..], &copied, 1);
                let text = text.replacen("\nsummary: ", &format!("\nsummary: Copy {copy}. "), 1);
                write(&self.0.join(path.with_file_name(format!("{copied}.yaml"))), &text)
            }
            Growth::FurtherServices => {
                let text = match text.strip_prefix("service: ") {
                    Some(rest) => format!("service: copy-{copy}-of-{rest}"),
                    None => text.to_owned(),
                };
                write(&self.0.join(format!("copy{copy}")).join(path), &text)
            }
        }
    }
}

impl Drop for Specs {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
