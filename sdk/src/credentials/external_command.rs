//! Credentials that a program prints.

use std::fmt;
use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::source::{self, Fetch};
use super::{CachedCredentials, Credentials, CredentialsError, Providing, Surroundings};
use super::{answer, command_line};
use crate::clock;

/// Longest output that is read, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// Longest run.
const LIMIT: Duration = Duration::from_secs(10);

/// How long a token lasts that does not say so: the shortest that STS gives.
const UNSAID_LIFETIME: Duration = Duration::from_secs(900);

/// Credentials of Alibaba Cloud that a program prints as
/// `{"mode":"StsToken","access_key_id":…,"access_key_secret":…,"sts_token":…,"expiration":…}`.
///
/// The program is run without a shell, without input, for at most 10 s; at most 64 KiB of its
/// output are read, and what it says on standard error goes nowhere. It ends with the refresh
/// that began it. A token without `expiration` counts as valid for 15 minutes, a key without a
/// token as valid for ever.
#[derive(Clone)]
pub struct ExternalCommand {
    line: String,
}

impl ExternalCommand {
    /// Runs the program that a command line begins with. White space separates its arguments,
    /// quotes hold them together; nothing is expanded.
    pub fn new(line: impl Into<String>) -> Self {
        Self { line: line.into() }
    }

    /// The credentials, refreshed before they expire.
    #[must_use]
    pub fn build(self, around: &Surroundings) -> CachedCredentials {
        source::cached(self, around)
    }

    async fn credentials(&self, around: &Surroundings) -> Result<Credentials, CredentialsError> {
        let run = clock::within(&**around.clock(), LIMIT, self.run());
        let too_slow = || CredentialsError::new("the program did not end within 10 s");
        let output = run.await.ok_or_else(too_slow)??;
        let printed = answer::json(&output)?;
        let or_at = around.clock().now() + UNSAID_LIFETIME;
        Ok(answer::any(&printed, &answer::OF_PROGRAM, or_at)?.with_provider_name("external"))
    }

    async fn run(&self) -> Result<Vec<u8>, CredentialsError> {
        let arguments = command_line::split(&self.line).unwrap_or_default();
        let Some((program, arguments)) = arguments.split_first() else {
            return Err(CredentialsError::new("the command line is empty, or a quote is left open"));
        };
        let failed =
            |error: io::Error| CredentialsError::new(format!("the program cannot be run: {}", error.kind()));
        let (_running, ended) = start(program, arguments).map_err(failed)?;
        let run = ended.await.map_err(|_| CredentialsError::new("the program was lost"))?;
        let Run { status, output } = run.map_err(failed)?;
        match status {
            _ if output.len() > MAX_OUTPUT => {
                Err(CredentialsError::new(format!("the program prints more than {MAX_OUTPUT} bytes")))
            }
            status if status.success() => Ok(output),
            status => Err(CredentialsError::new(format!("the program failed: {status}"))),
        }
    }
}

impl Fetch for ExternalCommand {
    fn fetch<'a>(&'a self, around: &'a Surroundings) -> Providing<'a> {
        Box::pin(self.credentials(around))
    }
}

/// Command lines may hold secrets.
impl fmt::Debug for ExternalCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalCommand").finish_non_exhaustive()
    }
}

struct Run {
    status: ExitStatus,
    output: Vec<u8>,
}

/// A program that is killed when nobody waits for it any more.
struct Running(Arc<Mutex<Child>>);

impl Drop for Running {
    fn drop(&mut self) {
        kill(&self.0);
    }
}

type Ended = oneshot::Receiver<io::Result<Run>>;

/// A thread of its own waits for the program, since nothing else can without a reactor.
fn start(program: &str, arguments: &[String]) -> io::Result<(Running, Ended)> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let output = child.stdout.take();
    let child = Arc::new(Mutex::new(child));
    let (sender, ended) = oneshot::channel();
    let running = Running(Arc::clone(&child));
    thread::Builder::new().name("credentials".to_owned()).spawn(move || {
        // If nobody waits any more, the program was killed and only had to be waited for.
        drop(sender.send(finish(&child, output)));
    })?;
    Ok((running, ended))
}

fn finish(child: &Mutex<Child>, stdout: Option<ChildStdout>) -> io::Result<Run> {
    let mut output = Vec::new();
    if let Some(stdout) = stdout {
        stdout.take(MAX_OUTPUT as u64 + 1).read_to_end(&mut output)?;
    }
    if output.len() > MAX_OUTPUT {
        kill(child);
    }
    loop {
        let ended = child.lock().unwrap_or_else(PoisonError::into_inner).try_wait()?;
        match ended {
            Some(status) => return Ok(Run { status, output }),
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn kill(child: &Mutex<Child>) {
    // That it has ended already is the only way in which this fails.
    child.lock().unwrap_or_else(PoisonError::into_inner).kill().unwrap_or_default();
}
