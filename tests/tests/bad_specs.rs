//! Every mistake in a spec is found, with its place and its fix, and all of them at once.
//!
//! A fixture of `tests/bad-specs/` is a file, or a folder of files, that is laid over a small
//! service without a mistake. Comments at its top say what must be found in it, and nothing else
//! may be:
//!
//! ```text
//! # file: vendor/sample/Loop.yaml          where it is put, if not in the usual place
//! # expect: unknown-key 7:1 requierd       code, line and column, a part of the message or the help
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cloudnet_codegen::catalogue;
use cloudnet_codegen::diagnostic::Diagnostic;
use cloudnet_codegen::{Findings, generate};
use cloudnet_tests::{Folder, SAMPLE_SERVICE, processor_time, texts, workspace};

const SERVICE: &str = "vendor/sample/_service.yaml";
const ACTION: &str = "vendor/sample/CreateThing.yaml";

/// A service without a mistake.
const SAMPLE: [(&str, &str); 2] = [
    (SERVICE, SAMPLE_SERVICE),
    (
        "vendor/sample/DescribeThing.yaml",
        r#"action: DescribeThing
section: "1.2"
summary: Describes a thing.
effect: read
answers: example
answers_because: Nothing is kept.
request:
  - { name: ThingId, type: string, required: true, summary: ID of the thing. }
response:
  - { path: Status, type: string, summary: State of the thing. }
"#,
    ),
];

/// An action without a mistake.
const GOOD: &str = "action: CreateThing
section: \"1.1\"
summary: Creates a thing.
effect: write
answers: example
answers_because: Nothing is kept.
";

/// What is found in the sample once these files are laid over it.
fn findings(name: &str, files: &[(String, Vec<u8>)]) -> Findings {
    let tree = Folder::new(&format!("bad-specs-{name}"));
    for (path, text) in SAMPLE {
        tree.put(path, text);
    }
    for (path, bytes) in files {
        tree.put(path, bytes);
    }
    let (outcome, took) = processor_time(|| generate(tree.path()));
    assert!(took < Duration::from_secs(5), "{name} takes {took:?}");
    outcome.map_or_else(|findings| findings, |generated| generated.warnings)
}

fn found_in_action(name: &str, bytes: impl Into<Vec<u8>>) -> Findings {
    findings(name, &[(ACTION.to_owned(), bytes.into())])
}

/// `code line:column`, in order.
fn codes(findings: &Findings) -> Vec<String> {
    let shown =
        |found: &Diagnostic| format!("{} {}:{}", found.code, found.primary.line, found.primary.column);
    findings.diagnostics.iter().map(shown).collect()
}

/// One fixture: its files, and what must be found in each.
struct Fixture {
    name: String,
    files: Vec<(String, Vec<u8>)>,
    expected: Vec<Expected>,
}

struct Expected {
    path: String,
    code: String,
    place: String,
    words: String,
}

impl Fixture {
    fn read(place: &Path) -> Self {
        let name = place.file_stem().unwrap().to_string_lossy().into_owned();
        let files = if place.is_dir() {
            texts(place)
        } else {
            let text = fs::read_to_string(place).unwrap();
            vec![(usual_place(&text), text)]
        };
        let expected = files.iter().flat_map(|(path, text)| expectations(path, text)).collect();
        let files = files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
        Self { name, files, expected }
    }

    /// What differs between what is expected and what is found.
    fn complaints(&self) -> Vec<String> {
        let findings = findings(&self.name, &self.files);
        let mut missing: Vec<&Expected> = self.expected.iter().collect();
        let mut complaints = Vec::new();
        for found in &findings.diagnostics {
            let path = findings.sources.path(found.primary.file).trim_start_matches("spec/");
            let place = format!("{}:{}", found.primary.line, found.primary.column);
            let is_this = |expected: &&Expected| {
                expected.path == path
                    && expected.code == found.code
                    && expected.place == place
                    && format!("{} {}", found.message, found.help).contains(&expected.words)
            };
            match missing.iter().position(is_this) {
                Some(index) => drop(missing.remove(index)),
                None => complaints
                    .push(format!("{path}: also {} {place} {} {}", found.code, found.message, found.help)),
            }
            if found.help.is_empty() {
                complaints.push(format!("{path}: no help for {} {place}", found.code));
            }
        }
        complaints.extend(missing.iter().map(|expected| {
            let Expected { path, code, place, words } = expected;
            format!("{path}: not found: {code} {place} {words}")
        }));
        complaints.iter().map(|complaint| format!("{}: {complaint}", self.name)).collect()
    }
}

/// The comments at the top that begin with a word.
fn directives<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    let comments = text.lines().take_while(|line| line.starts_with("# "));
    comments.filter_map(move |line| line.strip_prefix("# ")?.strip_prefix(word)?.strip_prefix(": "))
}

fn usual_place(text: &str) -> String {
    let is_service = text.lines().any(|line| line.starts_with("service:"));
    let usual = if is_service { SERVICE } else { ACTION };
    directives(text, "file").next().unwrap_or(usual).to_owned()
}

fn expectations(path: &str, text: &str) -> Vec<Expected> {
    let read = |line: &str| {
        let mut parts = line.splitn(3, ' ').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_else(|| panic!("{path}: {line}"));
        Expected { path: path.to_owned(), code: next(), place: next(), words: next() }
    };
    directives(text, "expect").map(read).collect()
}

fn fixtures() -> Vec<Fixture> {
    let folder = workspace().join("tests/bad-specs");
    let mut places: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    places.sort();
    places.iter().map(|place| Fixture::read(place)).collect()
}

#[test]
fn every_mistake_is_found_at_its_place_with_a_fix() {
    let fixtures = fixtures();
    assert!(fixtures.len() > 100, "{} fixtures are left", fixtures.len());
    let complaints: Vec<String> = fixtures.iter().flat_map(Fixture::complaints).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(fixtures.iter().all(|fixture| !fixture.expected.is_empty()), "a fixture expects nothing");
}

/// What can be found is what can be explained.
#[test]
fn every_finding_is_in_the_catalogue_and_nothing_else() {
    let mut sources = texts(&workspace().join("codegen/src"));
    sources.retain(|(path, _)| path != "catalogue.rs" && !path.ends_with("tests.rs"));
    let reported: BTreeSet<&str> = sources.iter().flat_map(|(_, text)| reported(text)).collect();
    // Differences from what is published are found by `cargo xtask follow`, whose tests meet each of them.
    let is_own = |entry: &&catalogue::Entry| !matches!(entry.kind, catalogue::Kind::Difference { .. });
    let explained: BTreeSet<&str> =
        catalogue::ENTRIES.iter().filter(is_own).map(|entry| entry.code).collect();
    assert_eq!(reported, explained);
    for fixture in fixtures() {
        for expected in fixture.expected {
            assert!(explained.contains(expected.code.as_str()), "{}: {}", fixture.name, expected.code);
        }
    }
}

/// The codes in a source: words with hyphens, or one of the few without, given to what reports.
fn reported(text: &str) -> impl Iterator<Item = &str> {
    const BEGINS: [&str; 8] =
        ["error(", "error_beside(", "warning(", "report(", ".add(", "take(", "Refusal = (", "Refusal ="];
    let after =
        BEGINS.iter().flat_map(|begin| text.match_indices(begin).map(|(at, _)| &text[at + begin.len()..]));
    let literal = |rest: &'_ str| -> Option<usize> {
        let skipped = rest.len() - rest.trim_start_matches([' ', '\n', '(']).len();
        rest[skipped..].starts_with('"').then_some(skipped + 1)
    };
    let codes = after.filter_map(move |rest| rest[literal(rest)?..].split('"').next());
    codes.filter(|code| {
        code.len() > 1 && code.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte == b'8')
    })
}

#[test]
fn what_the_mistakes_are_laid_over_has_none() {
    assert_eq!(codes(&found_in_action("none", GOOD)), [] as [&str; 0]);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_mistake() {
    let windows = format!("\u{FEFF}{}", GOOD.replace('\n', "\r\n"));
    assert_eq!(codes(&found_in_action("mark", windows)), [] as [&str; 0]);
}

#[test]
fn what_is_no_text_is_refused() {
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(GOOD.bytes().flat_map(|byte| [byte, 0])).collect();
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("empty", Vec::new(), "empty-file 1:1"),
        ("binary", vec![0x7F, b'E', b'L', b'F', 2, 1, 1, 0xFF], "not-utf8 1:8"),
        ("utf16", utf16, "not-utf8 1:1"),
        ("nul", GOOD.replace("a thing", "a\0thing").into(), "control-character 3:19"),
        ("escape", GOOD.replace("a thing", "a\u{1B}thing").into(), "control-character 3:19"),
        ("cut", b"action: \xE4\xB8"[..].into(), "not-utf8 1:9"),
    ];
    for (name, bytes, expected) in cases {
        let found = found_in_action(name, bytes);
        assert_eq!(codes(&found)[..1], [expected], "{name}");
        assert!(!found.diagnostics[0].help.is_empty(), "{name}");
        assert!(!found.to_string().contains(['\0', '\u{1B}']), "{name}");
    }
}

#[test]
fn bombs_are_refused_at_once() {
    let aliases = (1..40).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        format!("{text}a{level}: &a{level} [{below}]\n")
    });
    let path = |names: usize| format!("  - {{ name: {}A, type: string, summary: x. }}\n", "A.".repeat(names));
    for (name, text, code) in [
        ("aliases", aliases, "yaml-anchor"),
        ("lists", format!("{GOOD}notes: {}", "[".repeat(10_000)), "yaml-syntax"),
        ("mappings", format!("{GOOD}notes: {}", "{a: ".repeat(10_000)), "nested-too-deeply"),
        ("size", format!("{GOOD}#{}", "x".repeat(1 << 20)), "file-too-large"),
        ("request-path", format!("{GOOD}request:\n{}", path(400_000)), "bad-path"),
        ("response-path", format!("{GOOD}response:\n{}", path(400_000).replace("name", "path")), "bad-path"),
    ] {
        let found = found_in_action(name, text);
        assert!(codes(&found)[0].starts_with(code), "{name}: {:?}", codes(&found).first());
        assert!(found.to_string().len() < 3_000_000, "{name}");
    }
}

/// A file at its limit of size is read in time, whatever it is full of.
#[test]
fn wide_files_are_judged_in_time() {
    let full = |key: &str, line: &dyn Fn(usize) -> String| {
        let lines = (0..).map(line).scan(0, |size, line| {
            *size += line.len();
            (*size < 250_000).then_some(line)
        });
        format!("{GOOD}{key}\n{}", lines.collect::<String>())
    };
    let row = |name: String| format!("  - {{ name: {name}, type: string, summary: x. }}\n");
    for (name, text) in [
        ("rows", full("request:", &|index| row(format!("A{index}")))),
        ("same-rows", full("request:", &|_| row("A".to_owned()))),
        ("keys", full("summry: x", &|index| format!("summry{index}: x\n"))),
        (
            "errors",
            full("errors:", &|index| format!("  - {{ code: C{index}, class: quota, summary: x. }}\n")),
        ),
        ("rules", full("rules:", &|index| format!("  - {{ excludes: [A{index}, B] }}\n"))),
        (
            "values",
            full("request:\n  - name: A\n    type: string\n    summary: x.\n    values:", &|index| {
                format!("      - v{index}\n")
            }),
        ),
        ("response", full("response:", &|index| row(format!("A{index}")).replace("name", "path"))),
    ] {
        found_in_action(name, text);
    }
}

#[test]
fn every_prefix_is_read_or_refused() {
    for (path, text) in SAMPLE {
        for end in 0..text.len() {
            let found = findings("prefix", &[(path.to_owned(), text.as_bytes()[..end].to_vec())]);
            assert!(found.diagnostics.iter().all(|one| !one.help.is_empty()), "{path} cut at {end}");
        }
    }
}

/// The SDK and the generator agree on the names that no service, action or parameter can have.
#[test]
fn names_of_the_sdk_are_not_given_again() {
    let (client, request, modules) = names_of_the_sdk();
    assert!(client.len() > 3 && request.len() > 5 && modules.len() > 20);
    for method in client {
        let name = upper_camel(&method);
        let text = GOOD.replace("CreateThing", &name);
        let found = findings("taken-method", &[(format!("vendor/sample/{name}.yaml"), text.into())]);
        assert_eq!(codes(&found), ["bad-name 1:9"], "the client has a method `{method}`");
    }
    for module in modules {
        let text = SAMPLE[0].1.replace("service: sample", &format!("service: {module}"));
        let found = findings("taken-module", &[(SERVICE.to_owned(), text.into())]);
        assert_eq!(codes(&found), ["bad-name 1:10"], "the SDK has a module `{module}`");
    }
    let rows = request
        .iter()
        .map(|method| format!("  - {{ name: {}, type: string, summary: A row. }}\n", upper_camel(method)));
    let text = format!("{GOOD}request:\n{}", rows.collect::<String>());
    let tree = Folder::new("bad-specs-taken-setter");
    for (path, text) in SAMPLE.into_iter().chain([(ACTION, text.as_str())]) {
        tree.put(path, text);
    }
    let files = generate(tree.path()).unwrap_or_else(|findings| panic!("{findings}")).files;
    for method in request {
        let renamed = format!("#[setter({method}_)]");
        assert!(
            files["src/generated/sample/create_thing.rs"].contains(&renamed),
            "a request has a method `{method}`"
        );
    }
}

/// Methods of clients and of requests, and the modules of the SDK.
fn names_of_the_sdk() -> (BTreeSet<String>, BTreeSet<String>, BTreeSet<String>) {
    let (mut client, mut request, mut modules) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (path, text) in texts(&workspace().join("sdk/src")) {
        // The blocking client is another type of the same name, without actions.
        if path.starts_with("generated/") || path == "blocking.rs" || !path.ends_with(".rs") {
            continue;
        }
        for item in syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}")).items {
            match item {
                syn::Item::Impl(block) if block.trait_.is_none() && path.starts_with("client/") => {
                    match self_type(&block).as_str() {
                        "Client" => client.extend(methods(&block)),
                        "Request" => request.extend(methods(&block)),
                        _ => {}
                    }
                }
                syn::Item::Mod(module) if path == "lib.rs" => drop(modules.insert(module.ident.to_string())),
                syn::Item::Use(import) if path == "lib.rs" => modules.extend(imported_modules(&import.tree)),
                _ => {}
            }
        }
    }
    (client, request, modules)
}

/// What an import brings under a module's name; functions are not imported at the root.
fn imported_modules(tree: &syn::UseTree) -> Vec<String> {
    match tree {
        syn::UseTree::Path(path) => imported_modules(&path.tree),
        syn::UseTree::Group(group) => group.items.iter().flat_map(imported_modules).collect(),
        syn::UseTree::Name(name) => vec![name.ident.to_string()],
        syn::UseTree::Rename(_) | syn::UseTree::Glob(_) => Vec::new(),
    }
    .into_iter()
    .filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()))
    .collect()
}

fn self_type(block: &syn::ItemImpl) -> String {
    match &*block.self_ty {
        syn::Type::Path(path) => {
            path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn methods(block: &syn::ItemImpl) -> Vec<String> {
    let name = |item: &syn::ImplItem| match item {
        syn::ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
        _ => None,
    };
    block.items.iter().filter_map(name).collect()
}

/// `send_raw` is `SendRaw`.
fn upper_camel(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('_').map(word).collect()
}
