//! Credentials that a program prints.

use std::fmt;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::source::{self, LoadCredentials};
use super::{CachedCredentials, Credentials, CredentialsError, CredentialsFuture, ProviderConfig};
use super::{answer, command_line};
use crate::clock;

/// As errors call it.
const GIVER: &str = "the program";

/// Longest output that is read, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// Longest run.
const LIMIT: Duration = Duration::from_secs(10);

/// Written behind what the program printed, when it has ended.
const END: &[u8] = b"\0cloudnet: the program ended\0";

/// Credentials of Alibaba Cloud that a program prints as
/// `{"mode":"StsToken","access_key_id":…,"access_key_secret":…,"sts_token":…,"expiration":…}`.
///
/// The program is run without a shell, without input, for at most 10 s; at most 64 KiB of its
/// output are read, and what it says on standard error goes nowhere. It ends with the refresh
/// that began it; what it leaves running is not waited for. A token without `expiration` counts as
/// valid for 15 minutes; for a key without a token the program is run again after that time, and
/// the old key serves until it gives one.
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
    pub fn build(self, config: &ProviderConfig) -> CachedCredentials {
        source::cached(self, config)
    }

    async fn credentials(&self, config: &ProviderConfig) -> Result<Credentials, CredentialsError> {
        let run = clock::within(&**config.clock(), LIMIT, self.run());
        let too_slow = || CredentialsError::new("the program did not end within 10 s");
        let output = run.await.ok_or_else(too_slow)??;
        let printed = answer::json(&output, GIVER)?;
        Ok(answer::printed(&printed, GIVER)?.with_provider_name("external"))
    }

    async fn run(&self) -> Result<Vec<u8>, CredentialsError> {
        let arguments = command_line::split(&self.line).unwrap_or_default();
        let Some((program, arguments)) = arguments.split_first() else {
            return Err(CredentialsError::new("the command line is empty, or a quote is left open"));
        };
        let failed = |error: io::Error| {
            let kind = error.kind();
            CredentialsError::new(format!("the program cannot be run: {kind}"))
                .with_source(io::Error::from(kind))
        };
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

impl LoadCredentials for ExternalCommand {
    fn load<'a>(&'a self, config: &'a ProviderConfig) -> CredentialsFuture<'a> {
        Box::pin(self.credentials(config))
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

/// Threads of their own read and wait, since nothing else can without a reactor.
fn start(program: &str, arguments: &[String]) -> io::Result<(Running, Ended)> {
    let (output, input) = io::pipe()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(input.try_clone()?).stderr(Stdio::null());
    let child = Arc::new(Mutex::new(command.spawn()?));
    // With the command goes its end of the pipe.
    drop(command);
    let running = Running(Arc::clone(&child));
    let (sender, ended) = oneshot::channel();
    let (waiting, reading) = (Arc::clone(&child), child);
    let waiter = in_thread(move || wait(&waiting, input))?;
    in_thread(move || {
        let output = read(&reading, output);
        let status = waiter.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
        // If nobody waits any more, the program was killed and only had to be waited for.
        drop(sender.send(output.and_then(|output| Ok(Run { status: status?, output }))));
    })?;
    Ok((running, ended))
}

fn in_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    thread::Builder::new().name("credentials".to_owned()).spawn(work)
}

/// Waits for the program, and says so in the pipe: one that it left running may hold the pipe open
/// for ever, but what the program printed itself comes before this.
fn wait(child: &Mutex<Child>, mut input: PipeWriter) -> io::Result<ExitStatus> {
    let ended = loop {
        let ended = child.lock().unwrap_or_else(PoisonError::into_inner).try_wait();
        match ended {
            Ok(None) => thread::sleep(Duration::from_millis(2)),
            Ok(Some(status)) => break Ok(status),
            Err(error) => break Err(error),
        }
    };
    input.write_all(END).and(ended)
}

/// What the program printed. All of it is read, since the end may come behind too much, but no more
/// is kept than shows that it is too much.
fn read(child: &Mutex<Child>, mut pipe: PipeReader) -> io::Result<Vec<u8>> {
    let (mut output, mut chunk) = (Vec::new(), [0; 4096]);
    let mut is_too_much = false;
    loop {
        let length = match pipe.read(&mut chunk) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let searched_from = output.len().saturating_sub(END.len());
        output.extend_from_slice(&chunk[..length]);
        let end = output[searched_from..].windows(END.len()).position(|window| window == END);
        if let Some(end) = end.filter(|_| !is_too_much) {
            output.truncate(searched_from + end);
        }
        if end.is_some() || length == 0 {
            return Ok(output);
        }
        if output.len() > MAX_OUTPUT + END.len() {
            is_too_much = true;
            kill(child);
            // Only the beginning of the end can still matter.
            output.drain(MAX_OUTPUT + 1..output.len() - END.len() + 1);
        }
    }
}

fn kill(child: &Mutex<Child>) {
    // That it has ended already is the only way in which this fails.
    child.lock().unwrap_or_else(PoisonError::into_inner).kill().unwrap_or_default();
}
