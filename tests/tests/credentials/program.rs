//! Credentials that a program prints.

#![cfg(target_os = "linux")]

use std::time::Duration;

use cloudnet::credentials::{ExternalCommand, ProviderConfig};
use cloudnet::{Credentials, CredentialsError, ProvideCredentials};
use cloudnet_tests::machine::machine;

use crate::{found, nothing};

#[tokio::test]
async fn a_program_prints_credentials() {
    let key =
        printed(r#"printf '{"mode":"AK","access_key_id":"id","access_key_secret":"$HOME"}'"#).await.unwrap();
    assert_eq!((key.access_key_secret(), key.provider_name()), ("$HOME", "external"));
    assert_eq!(key.expires_at(), None);
    let key =
        printed(r#"printf '{"access_key_id":"id","access_key_secret":"s","sts_token":"t"}'"#).await.unwrap();
    assert!(key.expires_at().is_some(), "a token ends, even if it does not say when");
    for (line, problem) in [
        ("printf canary", "the answer of the program is not JSON"),
        ("false", "the program failed: exit status: 1"),
        ("/no/such/program --canary", "the program cannot be run: entity not found"),
        ("", "the command line is empty, or a quote is left open"),
        ("yes canary", "the program prints more than 65536 bytes"),
    ] {
        assert_eq!(printed(line).await.unwrap_err().to_string(), problem);
    }
}

/// The limit of the test is the real clock's, and far from what it takes.
#[tokio::test]
async fn what_a_program_leaves_running_is_not_waited_for() {
    let seconds = (2_000_000 + std::process::id()).to_string();
    let _left = Left(&seconds);
    let print = r#"printf "{\"access_key_id\":\"id\",\"access_key_secret\":\"s\\\n\"}""#;
    let key = printed(&format!("sh -c 'sleep {seconds} & {print}'")).await.unwrap();
    assert_eq!((key.access_key_id(), key.access_key_secret()), ("id", "s"));
    // The child holds the output open from the moment that it is there.
    wait_until(|| is_running(&seconds)).await;
    wait_until(|| threads() == 0).await;
    // It floods the pipe without an end.
    let error = printed(&format!("sh -c 'yes {seconds} & sleep {seconds}'")).await.unwrap_err();
    assert_eq!(error.to_string(), "the program prints more than 65536 bytes");
    wait_until(|| threads() == 0).await;
}

/// Programs with this argument, which end with the test.
struct Left<'a>(&'a str);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        for number in running(self.0) {
            drop(std::process::Command::new("kill").arg(number).status());
        }
    }
}

#[tokio::test]
async fn output_up_to_the_limit_is_read_to_its_last_byte() {
    let of = |blanks: usize| {
        let key = r#"{"access_key_id":"id","access_key_secret":"s"}"#;
        format!("printf '%{}s' '{key}'", blanks)
    };
    assert!(printed(&of(65_536)).await.is_ok());
    let error = printed(&of(65_537)).await.unwrap_err();
    assert_eq!(error.to_string(), "the program prints more than 65536 bytes");
}

/// How many threads of this process wait for programs.
fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "credentials").count()
}

#[tokio::test(start_paused = true)]
async fn a_program_that_does_not_end_is_killed() {
    // A number that no other run sleeps for.
    let seconds = (1_000_000 + std::process::id()).to_string();
    let machine = machine(&[], &[], &nothing());
    let source = ExternalCommand::new(format!("sleep {seconds}")).build(&machine);
    let asking = tokio::spawn(found(source));
    // Time stands still while somebody yields.
    wait_until(|| is_running(&seconds)).await;
    let error = asking.await.unwrap().unwrap_err();
    assert!(error.contains("within 10 s"), "{error}");
    wait_until(|| !is_running(&seconds)).await;
}

async fn wait_until(condition: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never happened");
        tokio::task::yield_now().await;
    }
}

/// Whether a program with this argument runs.
fn is_running(argument: &str) -> bool {
    !running(argument).is_empty()
}

/// The numbers of the programs with this argument.
fn running(argument: &str) -> Vec<std::ffi::OsString> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let has_argument = |line: Vec<u8>| line.split(|byte| *byte == 0).any(|part| part == argument.as_bytes());
    let is_one =
        |process: &std::fs::DirEntry| std::fs::read(process.path().join("cmdline")).is_ok_and(has_argument);
    processes.filter(is_one).map(|process| process.file_name()).collect()
}

async fn printed(line: &str) -> Result<Credentials, CredentialsError> {
    ExternalCommand::new(line).build(&ProviderConfig::empty()).provide().await
}
