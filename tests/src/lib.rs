//! Rigs shared by the tests of this crate.

pub mod fuzz;
pub mod machine;
pub mod noise;
pub mod sample;
pub mod scripted;
pub mod server;
pub mod spellings;
pub mod time;
pub mod wait;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

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

/// A package of the workspace, as cargo reads its manifest.
///
/// # Panics
///
/// If cargo does not run, or knows no such package.
#[must_use]
pub fn package(name: &str) -> serde_json::Value {
    static PACKAGES: OnceLock<Vec<serde_json::Value>> = OnceLock::new();
    let packages = PACKAGES.get_or_init(|| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(workspace());
        let described = cargo.args(["metadata", "--no-deps", "--format-version", "1"]).output();
        let mut metadata: serde_json::Value =
            serde_json::from_slice(&described.expect("cargo runs").stdout).expect("it is JSON");
        serde_json::from_value(metadata["packages"].take()).expect("a workspace has packages")
    });
    let package = packages.iter().find(|package| package["name"] == name);
    package.unwrap_or_else(|| panic!("no package {name}")).clone()
}

/// What accepts the files that [`assert_golden`] compares.
const ACCEPT: &str = "cargo xtask codegen --accept";

/// Compares a file of the workspace with what it should be.
///
/// # Panics
///
/// If they differ.
pub fn assert_golden(path: &str, expected: &str) {
    let full = workspace().join(path);
    let found = std::fs::read_to_string(&full).unwrap_or_else(|error| panic!("{path}: {error}"));
    let diff = diffy::create_patch(&found, expected);
    assert!(
        found == expected,
        "{path} is not current; if the change is meant, run\n\n    {ACCEPT}\n\n{diff}"
    );
}

/// The `_service.yaml` of a small service without a mistake.
pub const SAMPLE_SERVICE: &str = r#"service: sample
title: Sample service
product: Sample
version: "2020-01-01"
document: Sample reference
protocol: acs-rpc
endpoints: { rule: "sample.{region}.example.com" }
chapters: [{ folder: things, section: "2", title: Things, summary: What it is about. }]
types: { Tag: [Key, Value] }
parameters:
  - { name: RegionId, type: string, summary: ID of the region. }
summary: What is sampled.
"#;

/// A temporary folder that is gone with the test.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder, whose name says which test it is of.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("cloudnet-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and the folders above it.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let full = self.0.join(path);
        let folder = full.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(&full, content));
        written.unwrap_or_else(|error| panic!("{}: {error}", full.display()));
    }

    /// Copies every file below a directory, its text changed on the way.
    ///
    /// # Panics
    ///
    /// If a file cannot be read or written.
    pub fn copy_of(&self, from: &Path, change: &dyn Fn(&str) -> String) {
        for (path, text) in texts(from) {
            self.put(&path, change(&text));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Every file below a directory, by its path there, sorted.
///
/// # Panics
///
/// If one cannot be read or is no text.
#[must_use]
pub fn texts(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(directory, "", &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<(String, String)>) {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in listed.flatten().map(|entry| entry.path()) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let below = format!("{prefix}{}", name.unwrap_or_default());
        if path.is_dir() {
            collect(&path, &format!("{below}/"), found);
        } else {
            let text = fs::read_to_string(&path);
            found.push((below, text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))));
        }
    }
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

/// Waits until something is so, which may take long on a busy machine. Real time must pass by itself.
///
/// # Panics
///
/// If it is not so after a minute.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "not even after a minute: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until no task of this runtime is left.
///
/// # Panics
///
/// If one is left after a minute.
pub async fn no_task_is_left() {
    let metrics = tokio::runtime::Handle::current().metrics();
    eventually("no task is left", || metrics.num_alive_tasks() == 0).await;
}

/// Does some work on this thread, and says how long a processor was busy with it. On the wall the
/// time of a busy machine says nothing about the work; where the system cannot tell, it has to do.
pub fn processor_time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (wall, start) = (Instant::now(), time_of_this_thread());
    let done = work();
    let busy = start.zip(time_of_this_thread()).map(|(start, end)| end.saturating_sub(start));
    (done, busy.unwrap_or_else(|| wall.elapsed()))
}

fn time_of_this_thread() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Drops a future after so many polls, unless it ends before.
pub async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut polled = 0;
    std::future::poll_fn(|context| {
        if polled == polls {
            return std::task::Poll::Ready(None);
        }
        polled += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
