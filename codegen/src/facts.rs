//! Facts that need no decision, each as it is read: what lowering passes on, and docs and tables say.
#![expect(missing_docs, reason = "the names are those of the dialect, which spec/README.md explains")]

use std::collections::HashSet;
use std::fmt;

use crate::diagnostic::{Diagnostics, Location};
use crate::mapping::{Mapping, mapping, text, word};
use crate::path::Path;
use crate::read::{Fields, FromNode, Spanned, all};
use crate::rule::RuleSpec;
use crate::shape::{self, Shape};
use crate::yaml::{Entry, Node, Value, json_object};

mapping! {
    /// What an action says of itself as a whole.
    struct ActionFacts {
        name: Spanned<String> = |map| text(map, "action"),
        /// The package that has it, where no document does.
        published: Option<Published>,
        /// Empty where no document has it.
        section: Spanned<String> = section,
        document: Option<String>,
        summary: Spanned<String>,
        status: Status = |map| map.one_of("status", Status::WORDS).unwrap_or_default(),
        status_note: Option<String>,
        replaced_by: Option<Spanned<String>>,
        effect: Effect = effect,
        get: bool = |map| map.one_of("method", &[("GET", true), ("POST", false)]).unwrap_or_default(),
        idempotency: Option<Spanned<String>>,
        dry_run: Option<DryRun>,
        serialize_by: Vec<Spanned<String>>,
        pagination: Option<Pagination>,
        ram: Option<Ram>,
        notes: Vec<Note>,
        rules: Vec<RuleSpec>,
        /// Whether no source has its codes.
        unsourced: bool = unsourced,
        errors: Vec<ErrorCode> = |map| {
            let is_word = map.node("errors").is_some_and(is_text);
            let list = if is_word { None } else { map.get("errors") };
            all(list.unwrap_or_default(), map.diagnostics())
        },
        observed: Vec<ErrorCode>,
        examples: Vec<Example>,
        resolutions: Vec<Resolution>,
    }

    /// What a vendor publishes a fact in that no document has, and the version that had it.
    #[derive(Clone, PartialEq, Eq)]
    struct Published {
        package: String,
        version: String,
    }

    struct DryRun {
        parameter: Spanned<String>,
        /// The code of what would succeed; none where that is answered like a call that was done.
        passed: Option<String>,
    }

    struct Ram {
        section: Option<String>,
        action: Option<String>,
        access: Option<&'static str> =
            |map| map.word("access", &["create", "list", "get", "update", "delete"]),
        resources: Vec<RamResource>,
    }

    struct Note {
        kind: &'static str = |map| map.required_word("kind", NOTES).unwrap_or_default(),
        text: String,
        today: Option<String>,
    }

    struct Example {
        /// Printed pairs, as text.
        request: Vec<(String, String)> = printed_pairs,
        /// The names of these pairs.
        parameters: Vec<Spanned<String>> = printed_parameters,
        response: Option<serde_json::Value> = |map| map.get("response").map(json_object),
        /// The paths of what the response prints, `.` between names, each of a list once.
        members: Vec<Spanned<String>> = printed_members,
        response_xml: Option<String>,
        note: Option<String>,
    }

    #[derive(Clone)]
    struct ErrorCode {
        location: Location = |map| map.location(),
        /// 0 where none is documented.
        status: u16 = |map| {
            let status = map.integer_in("status", 100..=599).unwrap_or(0);
            u16::try_from(status).unwrap_or(0)
        },
        code: Spanned<String>,
        /// Name of the runtime's class.
        class: &'static str = |map| map.required_one_of("class", CLASSES).unwrap_or_default(),
        /// What passes without the caller; on busy codes only.
        passes: Option<String> = passes,
        summary: String,
        /// Printed rows that this entry stands for.
        rows: i64 = |map| map.integer_in("rows", 1..=1000).unwrap_or(1),
        /// Whether it means that the resource is away; by default a `not-found` code does.
        gone: Option<bool>,
    }

    struct Resolution {
        about: String,
        note: String,
    }
}

impl fmt::Display for Published {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.package, self.version)
    }
}

const NOTES: &[&str] =
    &["quota", "state", "precondition", "concurrency", "asynchronous", "billing", "effect", "caution"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    Active,
    Deprecated,
    Retired,
}

impl Status {
    pub(crate) const WORDS: &'static [(&'static str, Self)] =
        &[("active", Self::Active), ("deprecated", Self::Deprecated), ("retired", Self::Retired)];

    /// The word of the dialect.
    pub fn word(self) -> &'static str {
        word(Self::WORDS, self)
    }
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Documented {
    /// The document's table has it.
    #[default]
    Table,
    /// Only an example of the document has it.
    Example,
    /// No document has it, and the vendor's clients do.
    Published,
    /// No document has it.
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Read,
    Write,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    AcsRpc,
    AwsJson { target: String, signing_name: String },
}

#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    pub variable: Option<String>,
    pub rule: String,
    pub vpc_network: Option<String>,
    pub central: Option<String>,
    pub home_region: Option<String>,
    pub map: Vec<(String, String)>,
}

/// How results are divided into pages.
#[derive(Debug)]
pub struct Pagination {
    /// Whether pages are named by a token instead of a number.
    pub by_token: bool,
    /// `page` or `token`.
    pub position: Spanned<String>,
    pub size: Option<Spanned<String>>,
    /// `total` or `next`.
    pub end: Spanned<Path>,
    pub items: Spanned<Path>,
}

#[derive(Debug)]
pub struct RamResource {
    /// An ARN pattern, a resource type, or both with a blank between.
    pub text: String,
    pub when: Option<String>,
}

fn effect(map: &mut Fields<'_>) -> Effect {
    let words = [("read", Effect::Read), ("write", Effect::Write)];
    map.required_one_of("effect", &words).unwrap_or(Effect::Write)
}

/// What passes without the caller: every busy row says it, and no other row can.
fn passes(map: &mut Fields<'_>) -> Option<String> {
    let class = map.node("class").and_then(Node::written).unwrap_or_default();
    match map.key_location("passes") {
        None if class == BUSY => {
            let message = "`passes` is missing: a busy row says what passes without the caller";
            let help = "Add `passes: the pending state of the VPC` or the like; if nothing passes without \
                        the caller, give the class that this is, such as `precondition`.";
            map.diagnostics().error("missing-key", map.location(), message, help);
        }
        // A class that cannot be read is reported already.
        Some(place) if class != BUSY && CLASSES.iter().any(|(word, _)| *word == class) => {
            let message = format!("`passes` stands on a row of class `{class}`");
            let help = "Remove it, or make the class `busy` if this passes without the caller.";
            map.diagnostics().error("misplaced-key", place, message, help);
        }
        _ => {}
    }
    map.get("passes")
}

/// The dialect's word for a class of the runtime.
pub fn class_word(class: &str) -> &'static str {
    word(CLASSES, class)
}

/// The words for the classes.
#[cfg(test)]
pub(crate) fn classes() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|(word, _)| *word)
}

/// The class of calls that the client repeats until its deadline.
const BUSY: &str = "busy";

/// Words of the dialect and the classes of the runtime.
const CLASSES: &[(&str, &str)] = &[
    ("throttled", "Throttled"),
    (BUSY, "Busy"),
    ("unavailable", "Unavailable"),
    ("internal", "Internal"),
    ("dependency", "Dependency"),
    ("quota", "Quota"),
    ("not-found", "NotFound"),
    ("already-exists", "AlreadyExists"),
    ("permission", "Permission"),
    ("authentication", "Authentication"),
    ("invalid-parameter", "InvalidParameter"),
    ("unsupported", "Unsupported"),
    ("precondition", "Precondition"),
    ("billing", "Billing"),
    ("idempotency", "Idempotency"),
    ("dry-run-passed", "DryRunPassed"),
];

impl Pagination {
    /// What its position and its end are called.
    pub fn ends(&self) -> (&'static str, &'static str) {
        if self.by_token { ("token", "next") } else { ("page", "total") }
    }
}

impl Mapping for Pagination {
    fn read(map: &mut Fields<'_>) -> Self {
        map.describe(|keys| ["token", "next"].into_iter().for_each(|key| keys.is(key, shape::text())));
        let by_token = map.required_one_of("style", &[("page-number", false), ("token", true)]);
        let by_token = by_token.unwrap_or_default();
        let (position, end) = if by_token { ("token", "next") } else { ("page", "total") };
        let pagination = Self {
            by_token,
            position: text(map, position),
            size: map.get("size"),
            end: text(map, end).map(Path::response),
            items: text(map, "items").map(Path::response),
        };
        // Which of them there must be hangs on the style.
        map.describe(|keys| ["page", "total"].into_iter().for_each(|key| keys.spare(key)));
        pagination
    }
}

impl FromNode<'_> for RamResource {
    fn shape() -> Shape {
        let described = shape::of(|map| ["type", "arn", "when"].map(|key| map.get::<String>(key)));
        shape::either([shape::text(), described])
    }

    fn from_node(node: &Node, diagnostics: &Diagnostics) -> Option<Self> {
        if is_text(node) {
            return Some(Self { text: String::from_node(node, diagnostics)?, when: None });
        }
        let mut map = Fields::from_node(node, diagnostics)?;
        let parts: [Option<String>; 2] = [map.get("type"), map.get("arn")];
        if parts == [None, None] {
            let message = "the resource has neither an ARN nor a type";
            diagnostics.error("missing-key", node.location, message, "Add `arn: …` or `type: …`.");
        }
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let resource = Self { text, when: map.get("when") };
        map.deny_unknown();
        Some(resource)
    }
}

/// A document has sections, a package has none.
fn section(map: &mut Fields<'_>) -> Spanned<String> {
    let nowhere = Spanned::new(String::new(), map.location());
    let section = if map.has("published") { map.get("section") } else { map.required("section") };
    map.describe(|keys| keys.spare("section"));
    section.unwrap_or(nowhere)
}

/// `errors: unsourced`.
fn unsourced(map: &mut Fields<'_>) -> bool {
    let either = || shape::either([shape::words(["unsourced"]), shape::list(ErrorCode::shape())]);
    map.describe(|keys| keys.is("errors", either()));
    let text = map.node("errors").filter(|node| is_text(node));
    text.and_then(|node| node.word(&["unsourced"], map.diagnostics())).is_some()
}

fn is_text(node: &Node) -> bool {
    matches!(node.value, Value::Text(_))
}

fn printed_pairs(map: &mut Fields<'_>) -> Vec<(String, String)> {
    map.describe(|keys| keys.is("request", shape::each(shape::scalar())));
    let (pairs, diagnostics) = (map.get::<&[Entry]>("request").unwrap_or_default(), map.diagnostics());
    let pair = |entry: &Entry| Some((entry.key.clone(), entry.value.scalar(diagnostics)?.value));
    pairs.iter().filter_map(pair).collect()
}

fn printed_parameters(map: &mut Fields<'_>) -> Vec<Spanned<String>> {
    let pairs = map.node("request").map(entries).unwrap_or_default();
    pairs.iter().map(|entry| Spanned::new(entry.key.clone(), entry.key_location)).collect()
}

fn printed_members(map: &mut Fields<'_>) -> Vec<Spanned<String>> {
    let (mut members, mut seen) = (Vec::new(), HashSet::new());
    if let Some(response) = map.node("response") {
        collect_members(response, "", &mut seen, &mut members);
    }
    members
}

fn collect_members(node: &Node, above: &str, seen: &mut HashSet<String>, members: &mut Vec<Spanned<String>>) {
    if let Value::List(items) = &node.value {
        items.iter().for_each(|item| collect_members(item, above, seen, members));
    }
    for entry in entries(node) {
        let path = if above.is_empty() { entry.key.clone() } else { format!("{above}.{}", entry.key) };
        if seen.insert(path.clone()) {
            members.push(Spanned::new(path.clone(), entry.key_location));
        }
        collect_members(&entry.value, &path, seen, members);
    }
}

fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}
