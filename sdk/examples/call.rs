//! Calls any action by name, with its parameters as JSON in wire names.
//!
//! ```console
//! $ cargo run -q -p cloudnet --features dynamic --example call -- vpc DescribeVpcs '{"PageSize": 10}' --region cn-hangzhou
//! ```
//!
//! Without an account, every action can be tried on a local service that remembers: start it with
//! `cargo run -p cloudnet-emulator`, and put `. sdk/emulator/env &&` before the line above.
//!
//! Credentials come from the environment, the region from `--region` or `RegionId`, an endpoint from `--endpoint` or
//! from the environment. The response goes to standard output as it came, errors to standard error; the exit status
//! is 0 on success, 1 if the service or the way to it failed, and 2 if the input is wrong. With `--wait` the call is over when it
//! has taken effect: each state on the way goes to standard error. `--unchecked NAME=VALUE` sends one
//! parameter as it is, whatever the tables say of it; it may be given several times.
//!
//! `--raw` calls an action that this crate does not know. It counts as a write and is not repeated after a failure
//! that may have been applied, unless `--read` says that it changes nothing, or `--token NAME` which parameter
//! carries its idempotency token:
//!
//! ```console
//! $ cargo run -q -p cloudnet --features dynamic --example call -- vpc ListTagResources '{"ResourceType": "VPC"}' --region cn-hangzhou --raw --read
//! ```

use std::env;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use cloudnet::{Error, ErrorKind, RawRequest, RawResponse, Signature, ValidationPolicy, dynamic};
use serde_json::Value as Json;

const USAGE: &str = "usage: call SERVICE ACTION JSON [--endpoint URL] [--region R] \
    [--validate deny|warn|off] [--signature acs3|rpc] [--allow-plain-http] [--wait] [--unchecked NAME=VALUE] \
    [--raw [--read] [--token NAME]]\n\
    JSON is an object of parameters in wire names, or - to read it from standard input";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

async fn run() -> Result<(), Failure> {
    let arguments = Arguments::parse(env::args().skip(1))?;
    let parameters: Json = serde_json::from_str(&arguments.json()?)
        .map_err(|error| Failure::Input(format!("the parameters are no JSON: {error}")))?;
    let mut builder = dynamic::builder(&arguments.service)?
        .validation(arguments.validation)
        .signature(arguments.signature)
        .allow_plain_http(arguments.allow_plain_http)
        .credentials_from_environment();
    let named = parameters["RegionId"].as_str().map(str::to_owned);
    if let Some(region) = arguments.region.or(named) {
        builder = builder.region(region);
    }
    if let Some(endpoint) = arguments.endpoint {
        builder = builder.endpoint(endpoint);
    }
    let client = builder.build()?;
    if let Some(raw) = arguments.raw {
        let call = raw.call(&client, &arguments.action, parameters, arguments.unchecked)?;
        return print(&call.send_raw().await?);
    }
    let mut call = client.call(&arguments.action, &parameters)?;
    for (name, value) in arguments.unchecked {
        call = call.with_extra(name, value);
    }
    if !arguments.wait {
        return print(&call.send_raw().await?);
    }
    let (response, mut waiter) = call.send_with_waiter().await?;
    if let Some(response) = &response {
        print(response)?;
    }
    while let Some(progress) = waiter.next().await {
        eprintln!("{}", progress?);
    }
    waiter.await?;
    Ok(())
}

fn print(response: &RawResponse) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    let written = output.write_all(response.body()).and_then(|()| output.write_all(b"\n"));
    written.and_then(|()| output.flush()).map_err(Failure::Output)
}

#[derive(Default)]
struct Arguments {
    service: String,
    action: String,
    parameters: String,
    endpoint: Option<String>,
    region: Option<String>,
    validation: ValidationPolicy,
    signature: Signature,
    allow_plain_http: bool,
    wait: bool,
    unchecked: Vec<(String, String)>,
    raw: Option<Raw>,
}

/// What is said of an action that no table describes.
#[derive(Default)]
struct Raw {
    read: bool,
    token: Option<String>,
}

impl Raw {
    fn call(
        self,
        client: &dynamic::Client,
        action: &str,
        parameters: Json,
        unchecked: Vec<(String, String)>,
    ) -> Result<RawRequest, Failure> {
        let Json::Object(members) = parameters else {
            return Err(Failure::input("the parameters are no JSON object"));
        };
        let mut call = client.raw(action).params(members).params(unchecked);
        if self.read {
            call = call.read();
        }
        Ok(match self.token {
            Some(name) => call.idempotent_by(name),
            None => call,
        })
    }
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self::default();
        let mut positional = Vec::new();
        let (mut is_raw, mut raw) = (false, Raw::default());
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| Failure::input(&format!("{word} needs a value")));
            match word.as_str() {
                "--endpoint" => arguments.endpoint = Some(value()?),
                "--region" => arguments.region = Some(value()?),
                "--validate" => arguments.validation = validation(&value()?)?,
                "--signature" => arguments.signature = signature(&value()?)?,
                "--allow-plain-http" => arguments.allow_plain_http = true,
                "--wait" => arguments.wait = true,
                "--raw" => is_raw = true,
                "--read" => raw.read = true,
                "--token" => raw.token = Some(value()?),
                "--unchecked" => arguments.unchecked.push(pair(&value()?)?),
                unknown if unknown.starts_with("--") => {
                    return Err(Failure::input(&format!("unknown option {unknown}")));
                }
                _ => positional.push(word),
            }
        }
        if !is_raw && (raw.read || raw.token.is_some()) {
            return Err(Failure::input("--read and --token say what the tables know, but for --raw"));
        }
        if is_raw && arguments.wait {
            return Err(Failure::input("nothing says when a --raw call has taken effect"));
        }
        arguments.raw = is_raw.then_some(raw);
        let [service, action, parameters] = <[String; 3]>::try_from(positional)
            .map_err(|_| Failure::input("a service, an action and parameters are needed"))?;
        Ok(Self { service, action, parameters, ..arguments })
    }

    fn json(&self) -> Result<String, Failure> {
        if self.parameters != "-" {
            return Ok(self.parameters.clone());
        }
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::Input(format!("cannot read standard input: {error}")))?;
        Ok(text)
    }
}

fn pair(text: &str) -> Result<(String, String), Failure> {
    let (name, value) = text.split_once('=').ok_or_else(|| Failure::input("--unchecked takes NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn validation(word: &str) -> Result<ValidationPolicy, Failure> {
    match word {
        "deny" => Ok(ValidationPolicy::Deny),
        "warn" => Ok(ValidationPolicy::Warn),
        "off" => Ok(ValidationPolicy::Off),
        _ => Err(Failure::input("--validate takes deny, warn or off")),
    }
}

fn signature(word: &str) -> Result<Signature, Failure> {
    match word {
        "acs3" => Ok(Signature::Acs3HmacSha256),
        "rpc" => Ok(Signature::AcsRpcHmacSha1),
        _ => Err(Failure::input("--signature takes acs3 or rpc")),
    }
}

enum Failure {
    Input(String),
    Call(Error),
    Output(io::Error),
}

impl Failure {
    fn input(problem: &str) -> Self {
        Self::Input(format!("{problem}\n{USAGE}"))
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Call(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::Validation | ErrorKind::Configuration | ErrorKind::Request
                ) =>
            {
                ExitCode::FAILURE
            }
            Self::Output(_) => ExitCode::FAILURE,
            _ => ExitCode::from(2),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(problem) => f.write_str(problem),
            Self::Call(error) => fmt::Display::fmt(error, f),
            Self::Output(error) => write!(f, "cannot write the response: {error}"),
        }
    }
}
