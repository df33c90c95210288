//! Maintenance commands of the workspace, run as `cargo xtask <command>`.

use std::env;
use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cloudnet_codegen::{Findings, Generated, generate, model};
use xtask::files::{self, Difference, Kind};
use xtask::{inventory, schemas};

fn main() -> ExitCode {
    let matches = command().get_matches();
    let done = match matches.subcommand() {
        Some(("codegen", arguments)) => codegen(arguments),
        Some(("inventory", arguments)) => inventory(arguments),
        _ => Ok(ExitCode::FAILURE),
    };
    done.unwrap_or_else(|failure| {
        say_error(&failure);
        ExitCode::FAILURE
    })
}

fn command() -> Command {
    let flag = |name| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let directory = |name| {
        let argument = Arg::new(name).long(name).value_name("DIR");
        argument.value_parser(value_parser!(PathBuf))
    };
    let spec = directory("spec").help("Where the specs are [default: spec]");
    let output =
        directory("output").help("The folder of the crates, for what is generated in it [default: sdk]");
    let check = flag("check")
        .help("Write nothing; fail if the code is not what the specs make, or if there are warnings");
    let force = flag("force").help("Delete files in the output that were not generated");
    let formats = PossibleValuesParser::new(["table", "json"]);
    let format = Arg::new("format").long("format").value_parser(formats);
    let format = format.default_value("table").help("How to print it");
    Command::new("cargo xtask")
        .about("Maintenance commands of the cloudnet workspace")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("codegen").about("Generates the code of the SDK from the specs").args([
            check,
            force.conflicts_with("check"),
            spec.clone(),
            output,
        ]))
        .subcommand(
            Command::new("inventory")
                .about("Lists the specs and what is generated from each")
                .args([spec, format]),
        )
}

/// Why a command ended early.
enum Failure {
    Specs(Findings),
    Output(files::Error),
    Schemas(io::Error),
    Printing(serde_json::Error),
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
            Self::Schemas(error) => write!(formatter, "error: cannot keep the schemas current: {error}"),
            Self::Printing(error) => write!(formatter, "error: cannot print: {error}"),
        }
    }
}

fn codegen(arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let generated = generated(arguments)?;
    let output = directory(arguments, "output", "sdk");
    // The schemas are those of the workspace, wherever specs and code are.
    let is_elsewhere = ["spec", "output"].iter().any(|name| arguments.contains_id(name));
    let dialect = (!is_elsewhere).then(workspace);
    if arguments.get_flag("check") {
        return check(&output, &generated, dialect.as_deref());
    }
    let force = arguments.get_flag("force");
    let report = files::write(&output, &generated.files, force).map_err(Failure::Output)?;
    let schemas = dialect.as_deref().map(schemas::write).transpose().map_err(Failure::Schemas)?;
    for path in schemas.unwrap_or_default() {
        say(&format!("written: {}", from_workspace(&path).display()));
    }
    say(&format!(
        "{}: {} written, {} unchanged, {} removed in {:.2} s",
        size(&generated),
        counted(report.written, "file", "files"),
        report.unchanged,
        report.removed,
        start.elapsed().as_secs_f64(),
    ));
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
    let (model, warnings) = model(&directory(arguments, "spec", "spec")).map_err(Failure::Specs)?;
    warn(&warnings);
    let is_json = arguments.get_one::<String>("format").is_some_and(|format| format == "json");
    if is_json {
        let json = inventory::json(&model);
        say(&serde_json::to_string_pretty(&json).map_err(Failure::Printing)?);
    } else {
        say(inventory::table(&model).trim_end());
    }
    Ok(ExitCode::SUCCESS)
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
        assert!(parse("xtask inventory --format yaml").is_err());
        assert!(parse("xtask unknown").is_err());
    }
}
