//! Maintenance commands of the workspace, run as `cargo xtask <command>`.

use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cloudnet_codegen::model::Model;
use cloudnet_codegen::{Findings, Generated, generate, model, model_as_far_as_read};
use xtask::diff::{self, Approvals, Report, State, Step, report, version, witness};
use xtask::explain::explain;
use xtask::files::{self, Difference, Kind};
use xtask::follow;
use xtask::inventory::{self, Selection};
use xtask::{golden, new, scaffold, schemas};

fn main() -> ExitCode {
    let matches = command().get_matches();
    let done = match matches.subcommand() {
        Some(("codegen", arguments)) => codegen(arguments),
        Some(("explain", arguments)) => explained(arguments),
        Some(("inventory", arguments)) => inventory(arguments),
        Some(("new", arguments)) => new_action(arguments),
        Some(("diff", arguments)) => diff(arguments),
        Some(("follow", arguments)) => follow(arguments),
        _ => Ok(ExitCode::FAILURE),
    };
    done.unwrap_or_else(|failure| {
        say_error(&failure);
        failure.exit_code()
    })
}

fn command() -> Command {
    let spec = folder("spec").help("Where the specs are [default: spec]");
    let formats = PossibleValuesParser::new(["table", "json"]);
    let format = Arg::new("format").long("format").value_parser(formats);
    let format = format.default_value("table").help("How to print it");
    let word = |name, value| Arg::new(name).value_name(value);
    let service = word("service", "NAME").long("service");
    Command::new("cargo xtask")
        .about("Maintenance commands of the cloudnet workspace")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(codegen_command(spec.clone()))
        .subcommand(
            Command::new("new")
                .about("Writes the spec of a new action, with its facts left to be filled in")
                .args([
                    word("action", "ACTION").required(true).help("Wire name of the new action"),
                    word("like", "OTHER")
                        .long("like")
                        .required(true)
                        .help("The action whose keys it gets, and whose folder"),
                    service.clone().help("The service of that action, if several have one of this name"),
                    spec.clone(),
                ]),
        )
        .subcommand(
            Command::new("explain")
                .about("Says what a lint, a diagnostic, an error code or a class means, and who has it")
                .args([word("word", "WORD").required(true).help("Its name"), spec.clone()]),
        )
        .subcommand(follow_command(spec.clone(), format.clone()))
        .subcommand(
            Command::new("inventory").about("Lists the specs and what is generated from each").args([
                spec,
                format,
                service.help("Only this service"),
                word("chapter", "NAME")
                    .long("chapter")
                    .help("Only this chapter, by folder, section or title"),
                word("action", "NAME").long("action").help("Only this action"),
            ]),
        )
        .subcommand(diff_command())
}

fn folder(name: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("DIR").value_parser(value_parser!(PathBuf))
}

fn codegen_command(spec: Arg) -> Command {
    let flag = |name| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let output =
        folder("output").help("The folder of the crates, for what is generated in it [default: sdk]");
    let workspace = folder("workspace").help("Where README.md and tests/golden are [default: the workspace]");
    let accept = flag("accept").help("Write the counts and tables that tests hold to the specs too");
    let check = flag("check")
        .help("Write nothing; fail if the code is not what the specs make, or if there are warnings");
    let force = flag("force").help("Delete files in the output that were not generated");
    Command::new("codegen").about("Generates the code of the SDK from the specs").args([
        check,
        force.conflicts_with("check"),
        accept.conflicts_with("check"),
        spec,
        output,
        workspace.requires("accept"),
    ])
}

fn follow_command(spec: Arg, format: Arg) -> Command {
    let from = Arg::new("from").long("from").value_name("FILE").value_parser(value_parser!(PathBuf));
    let from = from.required(true).num_args(1..).action(ArgAction::Append);
    Command::new("follow")
        .about("Compares the specs with what the vendors publish: wheels of Python, and botocore")
        .after_help(
            "Exits with 0 if every difference is acknowledged, 1 if one is not, 2 if the tool failed.",
        )
        .args([from.help("Wheels, or a service-2.json of botocore"), format, spec])
        .args([
            Arg::new("scaffold").long("scaffold").value_name("ACTION").conflicts_with("format").help(
                "Write a draft of the spec of an action that is published and not here, and compare nothing",
            ),
            Arg::new("chapter")
                .long("chapter")
                .value_name("FOLDER")
                .requires("scaffold")
                .help("The chapter that it belongs into, where others do not tell"),
        ])
}

fn diff_command() -> Command {
    let state = |name, help| Arg::new(name).value_name("REV|DIR").help(help);
    let words = |name, words: &'static [&'static str]| {
        Arg::new(name).long(name).value_parser(PossibleValuesParser::new(words))
    };
    let file = |name, value, help| {
        let argument = Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf));
        argument.help(help)
    };
    Command::new("diff")
        .about("Says what a change of the specs means, on the wire, in Rust and for the version")
        .after_help(
            "Exits with 0 if nothing is above what is allowed, 1 if something is, 2 if the tool failed.",
        )
        .args([
            state("old", "The former state [default: the last commit]"),
            state("new", "The state to judge [default: the specs of the working tree]"),
            words("format", &["text", "json", "github", "changelog"])
                .default_value("text")
                .help("How to print it"),
            words("allow", &["none", "patch", "minor", "major"])
                .default_value("none")
                .help("The largest step of the version that is allowed"),
            file("approvals", "FILE", "What is approved, and until when [default: .ci/approved.yaml]"),
            file("witness", "DIR", "Write a program for each effect that breaks a build"),
        ])
}

/// Why a command ended early.
enum Failure {
    Specs(Findings),
    Output(files::Error),
    Accepting(golden::Error),
    Proving(io::Error),
    Laws,
    New(new::Error),
    Unknown(String),
    Schemas(io::Error),
    Printing(serde_json::Error),
    /// Of a comparison: its exit code must not look like a verdict.
    Comparing(String),
    Following(Vec<follow::Error>),
    Drafting(scaffold::Error),
}

impl Failure {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Comparing(_) | Self::Following(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Specs(findings) => {
                let errors = counted(findings.errors(), "error", "errors");
                formatter.write_str(&findings.render(is_colored()))?;
                write!(formatter, "{errors}; no file was touched.")
            }
            Self::Output(error) => write!(formatter, "error: {error}"),
            Self::Accepting(error) => write!(formatter, "error: {error}"),
            Self::Proving(error) => {
                write!(formatter, "error: the laws of the emulator cannot be tried: {error}")
            }
            Self::Laws => formatter.write_str(
                "error: a law of the emulator does not hold, as said above. Mend the spec, or say in \
                 tests/exceptions.yaml why it cannot hold.",
            ),
            Self::New(new::Error::Specs(findings)) => write!(formatter, "{}", findings.render(is_colored())),
            Self::New(error) => write!(formatter, "error: {error}"),
            Self::Unknown(what) => write!(formatter, "error: {what}"),
            Self::Schemas(error) => write!(formatter, "error: cannot keep the schemas current: {error}"),
            Self::Printing(error) => write!(formatter, "error: cannot print: {error}"),
            Self::Following(errors) => {
                let mut errors = errors.iter().map(|error| format!("error: {error}"));
                formatter.write_str(&errors.by_ref().collect::<Vec<_>>().join("\n"))
            }
            Self::Drafting(error) => write!(formatter, "error: {error}"),
            Self::Comparing(message) => {
                write!(formatter, "error: nothing was compared: {}", message.trim_end())
            }
        }
    }
}

fn codegen(arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let generated = generated(arguments)?;
    let output = directory(arguments, "output", "sdk");
    // The schemas are those of the workspace, wherever specs and code are.
    let is_elsewhere = ["spec", "output"].iter().any(|name| arguments.contains_id(name));
    let dialect = (!is_elsewhere).then(workspace);
    if arguments.get_flag("check") {
        return check(&output, &generated, dialect.as_deref());
    }
    write(arguments, &generated)?;
    let schemas = dialect.as_deref().map(schemas::write).transpose().map_err(Failure::Schemas)?;
    for path in schemas.unwrap_or_default() {
        say(&format!("written: {}", from_workspace(&path).display()));
    }
    if arguments.get_flag("accept") {
        accept(arguments)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(arguments: &ArgMatches, generated: &Generated) -> Result<(), Failure> {
    let start = Instant::now();
    let force = arguments.get_flag("force");
    let output = directory(arguments, "output", "sdk");
    let report = files::write(&output, &generated.files, force).map_err(Failure::Output)?;
    say(&format!(
        "{}: {} written, {} unchanged, {} removed in {:.2} s",
        size(generated),
        counted(report.written, "file", "files"),
        report.unchanged,
        report.removed,
        start.elapsed().as_secs_f64(),
    ));
    Ok(())
}

/// Writes what tests hold to the specs, and has the laws say what they are tried on, which is generated from as well.
fn accept(arguments: &ArgMatches) -> Result<(), Failure> {
    let (model, _) = model(&directory(arguments, "spec", "spec")).map_err(Failure::Specs)?;
    let place = arguments.get_one::<PathBuf>("workspace").cloned().unwrap_or_else(workspace);
    let accepted = golden::accept(&place, &model).map_err(Failure::Accepting)?;
    match accepted.as_slice() {
        [] => say("The counts and tables are current."),
        paths => say(&format!("Accepted: {}", paths.join(", "))),
    }
    let Some(mut laws) = golden::laws(&place) else { return Ok(()) };
    say("Trying the laws of the emulator …");
    if !laws.status().map_err(Failure::Proving)?.success() {
        return Err(Failure::Laws);
    }
    write(arguments, &generated(arguments)?)
}

fn new_action(arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let text = |name| arguments.get_one::<String>(name).map(String::as_str);
    let wanted = new::Wanted {
        action: text("action").unwrap_or_default(),
        like: text("like").unwrap_or_default(),
        service: text("service"),
    };
    let specs = directory(arguments, "spec", "spec");
    let (path, skeleton) = new::write(&specs, &wanted).map_err(Failure::New)?;
    say(&format!(
        "{}: {} to be written, {} as others have {}",
        from_workspace(&path).display(),
        counted(skeleton.unfilled, "value", "values"),
        skeleton.copied,
        if skeleton.copied == 1 { "it" } else { "them" },
    ));
    say("Write what stands as TODO, or remove its entry; then run `cargo xtask codegen --accept`.");
    Ok(ExitCode::SUCCESS)
}

fn explained(arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let word = arguments.get_one::<String>("word").map_or("", String::as_str);
    let (model, findings) = match model(&directory(arguments, "spec", "spec")) {
        Ok((model, warnings)) => (Some(model), warnings),
        Err(findings) => (None, findings),
    };
    match explain(word, model.as_ref(), &findings) {
        Ok(text) => say(text.trim_end()),
        // What is missing may stand in a spec that cannot be read.
        Err(_) if model.is_none() => return Err(Failure::Specs(findings)),
        Err(unknown) => return Err(Failure::Unknown(unknown)),
    }
    Ok(ExitCode::SUCCESS)
}

fn check(output: &Path, generated: &Generated, dialect: Option<&Path>) -> Result<ExitCode, Failure> {
    let differences = files::diff(output, &generated.files).map_err(Failure::Output)?;
    let stale = dialect.map(schemas::stale).transpose().map_err(Failure::Schemas)?.unwrap_or_default();
    let warnings = generated.warnings.diagnostics.len();
    if differences.is_empty() && stale.is_empty() {
        let size = size(generated);
        say(&format!("{size}: the generated code is current"));
    }
    for difference in &differences {
        say(&description(difference, output, generated));
    }
    for (path, _) in &stale {
        say(&format!("changed: {} (from codegen and spec/README.md)", from_workspace(path).display()));
    }
    let different = differences.len() + stale.len();
    if different > 0 {
        let count = counted(different, "file differs", "files differ");
        say(&format!("{count}. Run `cargo xtask codegen` and commit the result."));
    }
    if warnings > 0 {
        let count = counted(warnings, "warning", "warnings");
        say(&format!("{count}. Mend the specs, or acknowledge with a reason what is a fact."));
    }
    Ok(if different + warnings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn description(difference: &Difference, output: &Path, generated: &Generated) -> String {
    let kind = match difference.kind {
        Kind::Changed => "changed",
        Kind::Missing => "missing",
        Kind::Orphaned => "orphaned",
    };
    let origin = match generated.origins.get(&difference.path) {
        Some(origin) if !origin.file.is_empty() => format!(" (from {})", origin.blamed(&difference.diff)),
        _ if difference.kind == Kind::Orphaned => " (from no spec)".to_owned(),
        _ => String::new(),
    };
    let path = from_workspace(output).join(&difference.path);
    format!("{kind}: {}{origin}\n{}", path.display(), difference.diff)
}

fn inventory(arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let (mut model, warnings) = model(&directory(arguments, "spec", "spec")).map_err(Failure::Specs)?;
    warn(&warnings);
    let text = |name| arguments.get_one::<String>(name).map(String::as_str);
    let selection = Selection { service: text("service"), chapter: text("chapter"), action: text("action") };
    inventory::select(&mut model, &selection).map_err(Failure::Unknown)?;
    let is_json = arguments.get_one::<String>("format").is_some_and(|format| format == "json");
    if is_json {
        let json = inventory::json(&model);
        say(&serde_json::to_string_pretty(&json).map_err(Failure::Printing)?);
    } else {
        say(inventory::table(&model).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

fn diff(arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let comparing = |error: &dyn fmt::Display| Failure::Comparing(error.to_string());
    let text = |name| arguments.get_one::<String>(name).map(String::as_str);
    let (old, new) = states(text("old"), text("new")).map_err(|error| comparing(&error))?;
    let approvals = directory(arguments, "approvals", ".ci/approved.yaml");
    let approvals = Approvals::of_file(&approvals).map_err(|findings| comparing(&findings))?;
    let allowed = text("allow").and_then(Step::of_word).unwrap_or_default();
    let report = Report::new(&old, &new, &approvals, &version::today(), allowed);
    if let Some(folder) = arguments.get_one::<PathBuf>("witness") {
        let written = witness::write(folder, &report.effects).map_err(|error| comparing(&error))?;
        say_error(&format!("{} written", counted(written, "witness", "witnesses")));
    }
    let printed = match text("format") {
        Some("json") => serde_json::to_string_pretty(&report::json(&report)).map_err(Failure::Printing)?,
        Some("github") => report::github(&report),
        Some("changelog") => report::changelog(&report),
        _ => report::text(&report),
    };
    say(printed.trim_end());
    Ok(if report.passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn follow(arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    if let Some(action) = arguments.get_one::<String>("scaffold") {
        return scaffold_action(arguments, action);
    }
    let model = model(&directory(arguments, "spec", "spec"));
    let (model, findings) = model.map_err(|findings| Failure::Comparing(findings.render(is_colored())))?;
    let sources = published(arguments, &model)?;
    let report = follow::Report::new(sources, &findings);
    let is_json = arguments.get_one::<String>("format").is_some_and(|format| format == "json");
    if is_json {
        let json = follow::report::json(&report);
        say(&serde_json::to_string_pretty(&json).map_err(Failure::Printing)?);
    } else {
        say(follow::report::table(&report).trim_end());
    }
    Ok(if report.passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn published<'m>(arguments: &ArgMatches, model: &'m Model) -> Result<Vec<follow::Source<'m>>, Failure> {
    let files: Vec<PathBuf> = arguments.get_many("from").into_iter().flatten().cloned().collect();
    follow::read(&files, model).map_err(Failure::Following)
}

/// Other drafts may be there already, which nothing can be made of yet.
fn scaffold_action(arguments: &ArgMatches, action: &str) -> Result<ExitCode, Failure> {
    let specs = directory(arguments, "spec", "spec");
    let (model, _) = model_as_far_as_read(&specs);
    let sources = published(arguments, &model)?;
    let chapter = arguments.get_one::<String>("chapter").map(String::as_str);
    let wanted = scaffold::Wanted { action, chapter };
    let draft = scaffold::write(&specs, &model, &sources, &wanted).map_err(Failure::Drafting)?;
    if !draft.words.is_empty() {
        say("The vendor's words, for your eyes and not for the file:");
        draft
            .words
            .iter()
            .for_each(|(about, words)| say(&format!("\n{about}\n  {}", words.replace('\n', "\n  "))));
        say("");
    }
    let path = from_workspace(&draft.path).display();
    let values = counted(draft.unfilled, "value", "values");
    say(&format!("{path}: {values} to be written or confirmed"));
    say(
        "TODO(…?) is a guess: write what stands in it, or what is right. Write what any other TODO asks for in your own",
    );
    say("words, or remove its entry. Then run `cargo xtask codegen --accept`.");
    Ok(ExitCode::SUCCESS)
}

/// The states to compare. What is judged must be right; the former one may speak an older dialect.
fn states(old: Option<&str>, new: Option<&str>) -> Result<(State, State), diff::state::Error> {
    let workspace = workspace();
    let new = match new {
        Some(name) => State::named(&workspace, name)?,
        None => State::of_folder(&workspace.join("spec"), "the working tree")?,
    };
    if new.errors > 0 {
        return Err(diff::state::Error::Specs(new.into_findings()));
    }
    Ok((State::named(&workspace, old.unwrap_or("HEAD"))?, new))
}

fn generated(arguments: &ArgMatches) -> Result<Generated, Failure> {
    let generated = generate(&directory(arguments, "spec", "spec")).map_err(Failure::Specs)?;
    warn(&generated.warnings);
    Ok(generated)
}

fn warn(warnings: &Findings) {
    if !warnings.diagnostics.is_empty() {
        say_error(&warnings.render(is_colored()).trim_end());
    }
}

fn size(generated: &Generated) -> String {
    let services = counted(generated.services, "service", "services");
    format!("{services}, {}", counted(generated.actions, "action", "actions"))
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A directory given on the command line, or the one of the workspace.
fn directory(arguments: &ArgMatches, name: &str, default: &str) -> PathBuf {
    let given = arguments.get_one::<PathBuf>(name).cloned();
    given.unwrap_or_else(|| workspace().join(default))
}

/// A path as it stands in the workspace, or in full if it lies elsewhere.
fn from_workspace(path: &Path) -> &Path {
    path.strip_prefix(workspace()).unwrap_or(path)
}

/// The root of the workspace. Cargo says at run time where this package lies; a program that
/// was moved or is run without Cargo falls back on where it was built.
fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or(package.clone(), Path::to_path_buf)
}

fn is_colored() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Prints a line. A reader that went away is no reason to fail.
fn say(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

fn say_error(line: &impl fmt::Display) {
    writeln!(io::stderr(), "{line}").ok();
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn the_commands_are_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn check_and_force_exclude_each_other() {
        let parse = |line: &str| command().try_get_matches_from(line.split(' '));
        assert!(parse("xtask codegen --check --spec a --output b").is_ok());
        assert!(parse("xtask codegen --check --force").is_err());
        assert!(parse("xtask codegen --check --accept").is_err());
        assert!(parse("xtask codegen --workspace a").is_err());
        assert!(parse("xtask new CreateThing").is_err());
        assert!(parse("xtask inventory --format yaml").is_err());
        assert!(parse("xtask unknown").is_err());
    }
}
