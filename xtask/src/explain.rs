//! What a lint, a diagnostic, an error code or a class means, and who has it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloudnet_codegen::Findings;
use cloudnet_codegen::catalogue::{self, CLASSES, ENTRIES, Entry, Kind};
use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::facts::{ErrorCode, class_word};
use cloudnet_codegen::model::{Action, Model, Service};
use cloudnet_codegen::suggest::{did_you_mean, nearest};

/// What stands for any text in a code.
const ANY: &str = "%s";

/// The explanation of a word, or what it is a slip for.
///
/// # Errors
///
/// That nothing is called so, with the nearest name that there is. `model` is none where the specs are not in order:
/// then only what needs none of them is explained.
pub fn explain(word: &str, model: Option<&Model>, findings: &Findings) -> Result<String, String> {
    if let Some(entry) = catalogue::find(word) {
        return Ok(of_entry(entry, model, findings));
    }
    let uses = model.map(uses).unwrap_or_default();
    if let Some(meaning) = catalogue::class_meaning(word) {
        return Ok(of_class(word, meaning, &uses));
    }
    let exact: Vec<&Use<'_>> = uses.iter().filter(|one| one.error.code.value == word).collect();
    let found = match exact.as_slice() {
        [] => uses.iter().filter(|one| stands_for(&one.error.code, word)).collect(),
        _ => exact,
    };
    match found.as_slice() {
        [] => Err(unknown(word, &uses)),
        found => Ok(of_code(found, findings)),
    }
}

fn unknown(word: &str, uses: &[Use<'_>]) -> String {
    let entries = ENTRIES.iter().map(|entry| entry.code);
    let classes = CLASSES.iter().map(|(class, _)| *class);
    let codes = uses.iter().map(|one| one.error.code.value.as_str());
    let known: Vec<&str> = entries.chain(classes).chain(codes).collect();
    let near = nearest(word, &known).map(did_you_mean).unwrap_or_default();
    let message = format!("`{word}` is no lint, difference, diagnostic, class or error code. {near}");
    message.trim_end().to_owned()
}

/// An entry of an error table, and who has it.
struct Use<'m> {
    service: &'m Service,
    /// None for what any action may return.
    action: Option<&'m Action>,
    error: &'m ErrorCode,
    is_observed: bool,
}

fn uses(model: &Model) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    for service in &model.services {
        let one = |action, is_observed| move |error| Use { service, action, error, is_observed };
        uses.extend(service.errors.iter().map(one(None, false)));
        for action in &service.actions {
            uses.extend(action.spec.errors.iter().map(one(Some(action), false)));
            uses.extend(action.spec.observed.iter().map(one(Some(action), true)));
        }
    }
    uses
}

/// `Invalid%s.NotFound` stands for `InvalidVpc.NotFound`; case does not count.
fn stands_for(code: &str, word: &str) -> bool {
    let (code, word) = (code.to_ascii_lowercase(), word.to_ascii_lowercase());
    match code.split_once(ANY) {
        Some((before, after)) => {
            let rest = word.strip_prefix(before);
            rest.is_some_and(|rest| rest.ends_with(after)) && !(before.is_empty() && after.is_empty())
        }
        None => code == word,
    }
}

fn of_code(found: &[&Use<'_>], findings: &Findings) -> String {
    let mut by_code: BTreeMap<(&str, &str), Vec<&Use<'_>>> = BTreeMap::new();
    for one in found {
        by_code.entry((&one.error.code.value, class_word(one.error.class))).or_default().push(one);
    }
    let mut text = String::new();
    for ((code, class), uses) in by_code {
        let meaning = catalogue::class_meaning(class).unwrap_or_default();
        writeln!(text, "{code}: error code, classed as {class}\n{meaning}").ok();
        for one in uses {
            writeln!(text, "  {}", of_use(one, findings)).ok();
        }
    }
    text
}

/// Where it stands, who has it, how it is met, and what it says.
fn of_use(one: &Use<'_>, findings: &Findings) -> String {
    let Use { service, action, error, is_observed } = one;
    let whose = match action {
        Some(action) => format!("{} ({})", *action.spec.name, *action.spec.section),
        None => format!("any action of {}", service.name),
    };
    let met = match (is_observed, error.status) {
        (true, _) => ", met in practice".to_owned(),
        (false, 0) => String::new(),
        (false, status) => format!(", status {status}"),
    };
    let passes = error.passes.as_ref().map(|what| format!(" Passes: {what}.")).unwrap_or_default();
    let is_gone = error.gone.unwrap_or(error.class == "NotFound");
    let gone = match (is_gone, error.gone) {
        (true, _) => " On a delete or a poll: it is away.",
        (false, Some(false)) => " Says nothing of whether the resource is away.",
        (false, _) => "",
    };
    let place = place(error.code.location, findings);
    format!("{place} {whose}{met}: {}{passes}{gone}", error.summary)
}

fn of_class(class: &str, meaning: &str, uses: &[Use<'_>]) -> String {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for one in uses.iter().filter(|one| class_word(one.error.class) == class) {
        *codes.entry(&one.error.code.value).or_default() += 1;
    }
    let mut text = format!("{class}: class of {} error codes\n{meaning}\n", codes.len());
    for (code, count) in codes {
        writeln!(text, "  {code} ({count})").ok();
    }
    text
}

fn of_entry(entry: &Entry, model: Option<&Model>, findings: &Findings) -> String {
    let Entry { code, meaning, .. } = entry;
    let mut text = match entry.kind {
        Kind::Error => format!("{code}: error, nothing is generated\n{meaning}\n"),
        Kind::Warning => format!("{code}: warning, to be mended\n{meaning}\n"),
        Kind::Lint { about } => format!(
            "{code}: warning, to be mended or acknowledged\nLooks for: {meaning}.\n\
             If the documents have it so: `acknowledged: [{{ lint: {code}, about: …, reason: … }}]`, about {about}.\n"
        ),
        Kind::Difference { about } => format!(
            "{code}: difference from what is published, to be taken over or acknowledged\nFound: {meaning}.\n\
             If the spec is to stay so: `acknowledged: [{{ difference: {code}, about: …, reason: … }}]`, about {about}.\n"
        ),
    };
    for found in findings.diagnostics.iter().filter(|found| found.code == *code) {
        writeln!(text, "  found: {} {}", place(found.primary, findings), found.message).ok();
    }
    for one in model.iter().flat_map(|model| acknowledged(model)).filter(|one| one.finding.code() == *code) {
        for about in &one.about {
            let place = place(about.location, findings);
            writeln!(text, "  acknowledged: {place} {}: {}", about.value, one.reason).ok();
        }
    }
    text
}

fn acknowledged(model: &Model) -> impl Iterator<Item = &cloudnet_codegen::spec::AcknowledgedSpec> {
    model.services.iter().flat_map(|service| {
        let of_actions = service.actions.iter().flat_map(|action| &action.spec.acknowledged);
        service.spec.acknowledged.iter().chain(of_actions)
    })
}

fn place(location: Location, findings: &Findings) -> String {
    format!("{}:{}:{}", findings.sources.path(location.file), location.line, location.column)
}
