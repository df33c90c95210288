//! Credentials that a program prints.

#![cfg(target_os = "linux")]

use std::time::Duration;

use cloudnet::credentials::{ExternalCommand, Surroundings};
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
        ("printf canary", "the answer is not JSON"),
        ("false", "the program failed: exit status: 1"),
        ("/no/such/program --canary", "the program cannot be run: entity not found"),
        ("", "the command line is empty, or a quote is left open"),
        ("yes canary", "the program prints more than 65536 bytes"),
    ] {
        assert_eq!(printed(line).await.unwrap_err().to_string(), problem);
    }
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
        assert!(began.elapsed() < Duration::from_secs(5), "it never happened");
        tokio::task::yield_now().await;
    }
}

/// Whether a program with this argument runs.
fn is_running(argument: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines.into_iter().any(|line| line.split(|byte| *byte == 0).any(|part| part == argument.as_bytes()))
}

async fn printed(line: &str) -> Result<Credentials, CredentialsError> {
    ExternalCommand::new(line).build(&Surroundings::empty()).provide().await
}
