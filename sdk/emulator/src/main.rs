//! `cloudnet-emulator`: the services on a port of this machine.

use std::env;
use std::fmt;
use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cloudnet_emulator::{
    Call, Emulator, InvalidOption, Key, Lenient, ListenOptions, Options, StateError, StateLock, TimeSource,
    Transitions,
};

fn main() -> ExitCode {
    let arguments = command().get_matches_from(env::args_os());
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn command() -> Command {
    let option = |name, value| Arg::new(name).long(name).value_name(value);
    let bind = option("bind", "ADDRESS").value_parser(value_parser!(IpAddr)).default_value("127.0.0.1");
    let key = option("key", "ID:SECRET").value_parser(str::parse::<Key>).action(ArgAction::Append);
    let transitions = option("transitions", "instant|SECONDS|polls:N");
    let transitions = transitions.value_parser(str::parse::<Transitions>).default_value("instant");
    let lenient = option("lenient", "WHAT").value_parser(PossibleValuesParser::new(Lenient::WORDS));
    let quiet = Arg::new("quiet").long("quiet").action(ArgAction::SetTrue);
    Command::new("cloudnet-emulator").about("The network services as a local service that remembers").args([
        option("port", "PORT")
            .value_parser(value_parser!(u16))
            .default_value("4510")
            .help("Port to listen on; 0 takes a free one"),
        bind.help("Address to listen on; other machines reach only what is not loopback"),
        key.help("Access key that is known; may be given several times [default: testid:testsecret]"),
        option("state", "FILE")
            .value_parser(value_parser!(PathBuf))
            .help("File that the state is read from at the start, and written to at the end and on demand"),
        transitions.help("How long a resource takes from one state to the next"),
        option("seed", "N")
            .value_parser(value_parser!(u64))
            .default_value("0")
            .help("What IDs are made from"),
        lenient.action(ArgAction::Append).help("What is not insisted on; may be given several times"),
        option("answers", "WHICH")
            .value_parser(PossibleValuesParser::new(["state", "examples"]))
            .default_value("state")
            .help("From what is remembered, or the printed example of each action"),
        option("outside", "HOW")
            .value_parser(PossibleValuesParser::new(["strict"]))
            .help("Refuses the IDs of what no action makes, such as ECS instances"),
        option("clock", "WHICH")
            .value_parser(PossibleValuesParser::new(["virtual", "wall"]))
            .default_value("virtual")
            .help("Where the times in answers come from"),
        quiet.help("Prints no line for each request"),
    ])
}

fn run(arguments: &ArgMatches) -> Result<(), Failure> {
    let emulator = Emulator::with(options(arguments)?);
    let state_file = arguments.get_one::<PathBuf>("state").cloned();
    let _lock = state_file.as_deref().map(StateLock::take).transpose()?;
    if let Some(file) = &state_file {
        emulator.read_state(file)?;
        // A file that cannot be written is better known of now than at the end.
        emulator.write_state(file)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::System)?;
    let ended = runtime.block_on(async { ended() }).map_err(Failure::System)?;
    let address = address(arguments);
    let mut listen = ListenOptions::default();
    listen.state_file.clone_from(&state_file);
    if !arguments.get_flag("quiet") {
        listen.watch = Some(Box::new(|call| say(&line(call))));
    }
    let listening =
        emulator.listen_with(address, listen).map_err(|error| Failure::Listening(address, error))?;
    announce(&listening.url()).map_err(Failure::System)?;
    runtime.block_on(ended);
    // What still comes in would not be in the file.
    drop(listening);
    if let Some(file) = &state_file {
        emulator.write_state(file)?;
    }
    Ok(())
}

fn options(arguments: &ArgMatches) -> Result<Options, InvalidOption> {
    let mut options = Options::default();
    if let Some(keys) = arguments.get_many::<Key>("key") {
        options.keys = keys.cloned().collect();
    }
    for what in arguments.get_many::<String>("lenient").into_iter().flatten() {
        options.lenient.allow(what)?;
    }
    options.transitions = arguments.get_one("transitions").copied().unwrap_or_default();
    options.seed = arguments.get_one("seed").copied().unwrap_or_default();
    options.outside_strict = arguments.contains_id("outside");
    let answers = arguments.get_one::<String>("answers").map(|answers| answers.parse());
    options.answers = answers.transpose()?.unwrap_or_default();
    let clock = arguments.get_one::<String>("clock").map(|clock| clock.parse());
    options.clock = clock.transpose()?.unwrap_or(TimeSource::Virtual);
    Ok(options)
}

fn address(arguments: &ArgMatches) -> SocketAddr {
    let bind = arguments.get_one("bind").copied().unwrap_or(IpAddr::from([127, 0, 0, 1]));
    SocketAddr::new(bind, arguments.get_one("port").copied().unwrap_or_default())
}

/// Somebody wants the program to end.
#[cfg(unix)]
fn ended() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Somebody wants the program to end.
#[cfg(not(unix))]
fn ended() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without signals it runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

fn announce(url: &str) -> io::Result<()> {
    let mut output = io::stdout();
    writeln!(output, "listening on {url}")?;
    output.flush()
}

/// A call in a line: `CreateVpc (vpc, cn-hangzhou): 200 ok`.
fn line(call: &Call) -> String {
    let action = if call.action.is_empty() { "unknown action" } else { &call.action };
    let about = [&call.service, &call.region].map(|part| part.escape_debug().to_string());
    let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    format!("{}{about}: {} {}", action.escape_debug(), call.status, call.verdict())
}

/// A closed standard error is no reason to stop.
fn say(line: &str) {
    let _closed = writeln!(io::stderr().lock(), "{line}");
}

/// Why the program ends.
enum Failure {
    Option(InvalidOption),
    State(StateError),
    Listening(SocketAddr, io::Error),
    System(io::Error),
}

impl From<InvalidOption> for Failure {
    fn from(error: InvalidOption) -> Self {
        Self::Option(error)
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(error) => error.fmt(formatter),
            Self::State(error) => error.fmt(formatter),
            Self::Listening(address, error) => write!(formatter, "cannot listen on {address}: {error}"),
            Self::System(error) => error.fmt(formatter),
        }
    }
}
