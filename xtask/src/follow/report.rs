//! What differs, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloudnet_codegen::Findings;
use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::path::Table;
use cloudnet_codegen::visible::visible;
use serde_json::{Value, json};

use super::compare::{Difference, compare};
use super::{Source, Stale, acknowledged};

/// Texts of a package are cut here in the table.
const LONGEST: usize = 120;

/// What differs between specs and packages, service by service.
#[derive(Debug)]
pub struct Report<'m> {
    services: Vec<Followed<'m>>,
    /// Names of the files that the specs are read from.
    findings: &'m Findings,
}

/// What differs of a service.
#[derive(Debug)]
struct Followed<'m> {
    source: Source<'m>,
    differences: Vec<Difference>,
    stale: Vec<Stale>,
}

impl<'m> Report<'m> {
    /// Compares what was read with the specs.
    #[must_use]
    pub fn new(sources: Vec<Source<'m>>, findings: &'m Findings) -> Self {
        let followed = |source: Source<'m>| {
            let mut differences = compare(source.service, &source.published);
            let stale = acknowledged::apply(source.service, &mut differences);
            Followed { source, differences, stale }
        };
        Self { services: sources.into_iter().map(followed).collect(), findings }
    }

    /// Whether every difference is acknowledged, and every acknowledgement is about one.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.services.iter().all(|one| one.open().next().is_none() && one.stale.is_empty())
    }

    fn place(&self, location: Location) -> String {
        format!("{}:{}:{}", self.findings.sources.path(location.file), location.line, location.column)
    }
}

impl Followed<'_> {
    fn open(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|one| one.acknowledged.is_none())
    }

    /// The version that the specs were compared with last, if it is another.
    fn other_version(&self) -> Option<&str> {
        let compared = self.source.service.spec.published.as_ref()?.version.as_str();
        (compared != self.source.published.version).then_some(compared)
    }

    /// Open and acknowledged ones, by kind.
    fn counts(&self) -> BTreeMap<&'static str, (usize, usize)> {
        let mut counts = BTreeMap::<_, (usize, usize)>::new();
        for one in &self.differences {
            let (open, acknowledged) = counts.entry(one.kind).or_default();
            *if one.acknowledged.is_none() { open } else { acknowledged } += 1;
        }
        counts
    }
}

/// Everything, acknowledged or not: `{ passes, services: [{ service, file, package, version, api_version, compared_with,
/// actions, counts: { kind: { open, acknowledged } }, differences: [{ kind, action, table, about, here, published, place,
/// acknowledged }], stale: [{ kind, about, place }] }] }`. `table` is `request`, `response` or nothing; `acknowledged` is
/// the reason; `place` is where the spec says it.
#[must_use]
pub fn json(report: &Report<'_>) -> Value {
    let services = report.services.iter().map(|one| {
        let published = &one.source.published;
        let counts = one.counts().into_iter().map(|(kind, (open, acknowledged))| {
            (kind.to_owned(), json!({ "open": open, "acknowledged": acknowledged }))
        });
        let stale = one.stale.iter().map(|stale| {
            json!({ "kind": stale.kind, "about": *stale.about, "place": report.place(stale.about.location) })
        });
        json!({
            "service": one.source.service.name,
            "file": one.source.file.display().to_string(),
            "package": published.package,
            "version": published.version,
            "api_version": published.api_version,
            "compared_with": one.source.service.spec.published.as_ref().map(|before| before.version.as_str()),
            "actions": published.actions.len(),
            "counts": Value::Object(counts.collect()),
            "differences": one.differences.iter().map(|one| difference(report, one)).collect::<Vec<_>>(),
            "stale": stale.collect::<Vec<_>>(),
        })
    });
    json!({ "passes": report.passes(), "services": services.collect::<Vec<_>>() })
}

fn difference(report: &Report<'_>, one: &Difference) -> Value {
    json!({
        "kind": one.kind,
        "action": one.action,
        "table": one.table.map(word),
        "about": one.about,
        "here": one.here,
        "published": one.there,
        "place": one.location.map(|location| report.place(location)),
        "acknowledged": one.acknowledged,
    })
}

fn word(table: Table) -> &'static str {
    match table {
        Table::Request => "request",
        Table::Response => "response",
    }
}

/// What is open, by service and action; of the rest the counts.
#[must_use]
pub fn table(report: &Report<'_>) -> String {
    let mut text = String::new();
    for one in &report.services {
        let published = &one.source.published;
        writeln!(text, "{}: {} {}", one.source.service.name, published.package, published.version).ok();
        if let Some(compared) = one.other_version() {
            writeln!(text, "  note: the specs were compared with {compared} last").ok();
        }
        let mut action = "";
        for found in one.open() {
            if action != found.action {
                action = &found.action;
                writeln!(text, "  {action}").ok();
            }
            writeln!(text, "    {}", line(found)).ok();
        }
        for stale in &one.stale {
            let place = report.place(stale.about.location);
            writeln!(text, "  stale: {place}: no `{}` is found about `{}`", stale.kind, *stale.about).ok();
        }
        for (kind, (open, acknowledged)) in one.counts() {
            writeln!(text, "  {kind:<16} {open:>5} open {acknowledged:>5} acknowledged").ok();
        }
        text.push('\n');
    }
    text.push_str(&verdict(report));
    text
}

fn line(found: &Difference) -> String {
    let table = found.table.map(|table| format!("{} ", word(table))).unwrap_or_default();
    let about = if found.about == found.action { String::new() } else { format!(" {table}{}", found.about) };
    let (here, there) = (cut(&found.here), cut(&found.there));
    let values = match (here.as_str(), there.as_str()) {
        ("", "") => String::new(),
        ("", there) => format!(": {there}"),
        (here, "") => format!(": {here} in the spec"),
        (here, there) => format!(": {here} in the spec, {there} published"),
    };
    format!("{}{about}{values}", found.kind)
}

fn cut(value: &str) -> String {
    let value = visible(value).into_owned();
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value,
    }
}

/// What to do.
fn verdict(report: &Report<'_>) -> String {
    let open: usize = report.services.iter().map(|one| one.open().count()).sum();
    let stale: usize = report.services.iter().map(|one| one.stale.len()).sum();
    let mut todo = Vec::new();
    if open > 0 {
        let differences = if open == 1 { "1 difference is" } else { &format!("{open} differences are") };
        todo.push(format!(
            "{differences} open: take over what is published, or write under `acknowledged` why the spec stays so."
        ));
    }
    if stale > 0 {
        let entries =
            if stale == 1 { "1 acknowledgement is" } else { &format!("{stale} acknowledgements are") };
        todo.push(format!("{entries} about nothing: remove them."));
    }
    if todo.is_empty() {
        todo.push("Every difference is acknowledged.".to_owned());
        if report.services.iter().any(|one| one.other_version().is_some()) {
            todo.push("Write the version into `published` of `_service.yaml`.".to_owned());
        }
    }
    todo.join(" ")
}
