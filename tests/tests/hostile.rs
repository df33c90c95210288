//! Text of a spec stays text: whatever it says, the code around it is the same.

use std::path::Path;

use cloudnet_codegen::{Files, Findings, generate};
use cloudnet_tests::Folder;
use proc_macro2::{TokenStream, TokenTree};

/// Texts that would end a comment, a literal or a paragraph, or show something else than they say.
const HOSTILE: &[&str] = &[
    "a\nb",
    "a\n\nb",
    "a\rb",
    "a\r\nb",
    "*/ fn main() {} /*",
    "\"# \"## \" '",
    "#![feature(x)]",
    "#[doc = \"x\"]",
    "\\ \\\" \\n \\u{0} \\",
    "{} {0} {{",
    "a\u{202E}b\u{2066}c\u{200B}d\u{FEFF}e\u{2028}f\u{AD}g\u{E0001}h",
    "a\0b\u{1B}[31mc\u{7F}d\u{85}e",
    "</script><script>x</script> <b> <!-- x",
    "[x]: y",
    "[x](y) ![x](y) [`Vec`] [crate::x]",
    "`x",
    "`` x ` y ```",
    "x\n```\npanic!()\n```",
    "```rust\npanic!()\n```",
    "~~~\npanic!()",
    "x\n\n    panic!()",
    "x\n\tpanic!()",
    "# heading",
    "x\n# heading\n## heading",
    "x\n===\ny\n---",
    "> quote",
    "x\n\n> quote",
    "| pipe | pipe |\n|---|---|",
    "- item\n* item\n+ item\n1. item\n2) item",
    "x\n\n- item",
    "*x* _x_ **x** ~~x~~ &lt; &#0;",
    "https://example.com/?a=b&c",
    "r#type $crate $x macro_rules! include!(\"/etc/passwd\")",
    "%s %n ${HOME} $(id) ; rm",
];

const HARMLESS: &str = "harmless words";

/// What the docs have for headings of their own.
const HEADINGS: [&str; 9] = [
    "# Notes",
    "# Rules across parameters",
    "# How the document is read",
    "# Errors",
    "# Create",
    "# Describe",
    "# Modify",
    "# Delete",
    "# Wait",
];

const SERVICE: &str = r#"
service: sample
title: @
summary: @.
product: Sample
version: "1"
document: @
protocol: acs-rpc
endpoints: { rule: sample.example.com }
chapters: [{ folder: things, section: @, title: @, summary: @. }]
types: { Tag: [Key, Value] }
parameters: [{ name: RegionId, type: string, summary: @., example: @, default: @, note: @. }]
errors: [{ code: @, class: quota, summary: @. }]
ram_resources: [{ resource: @, arns: [@] }]
without_section: [{ name: @, known: [@] }]
notes: [{ kind: quota, text: @., today: @ }]
"#;

const ACTION: &str = r#"
action: CreateThing
section: @
document: @
summary: @.
status: deprecated
status_note: @.
effect: write
dry_run: { parameter: DryRun, passed: @ }
ram: { section: @, action: @, resources: [@, { arn: @, when: @. }, { type: @ }] }
notes: [{ kind: state, text: @., today: @ }, { kind: state, text: @. }]
request:
  - { use: RegionId }
  - { name: DryRun, type: boolean, summary: @., note: @. }
  - name: Name
    documented_as: @PRINTED
    type: string
    summary: @.
    unit: @
    example: @
    not_starting_with: [@, x]
    not_containing: [@, x]
    today: { not_containing: [@, y] }
    status: retired
    documented: false
    note: @.
  - { name: Preset, type: string, summary: A preset., default: @, today: { default: @ } }
  - { name: Mode, type: string, required: true, summary: @., values: [{ value: @, as: First, summary: @. }, { value: x, summary: @. }] }
  - { name: Tag.N.Key, type: string, summary: @., example: @ }
  - { name: Tag.N.Value, type: string, summary: @., default: @, today: { default: @ }, note: @. }
rules:
  - { requires: { if: Name, equals: [@], then: [Mode] }, note: @. }
  - { values: { if: Name, equals: @, of: Tag.N.Key, values: [@] } }
response:
  - { path: "Things[].State", type: string, also: [@PRINTED], summary: @., unit: @, example: @, note: @. }
errors: [{ status: 400, code: @, class: quota, summary: @. }]
observed: [{ code: x, class: quota, summary: @. }]
wait:
  resource: Thing
  by: { ThingId: request.Name }
  until: [@]
  until_if: [{ if: request.Name, equals: @, until: [@] }]
  shows: { State: request.Name }
  source: observed
  note: @.
examples: [{ request: { Name: @ }, response: { RequestId: @, @: @ }, note: @. }, { response_xml: @ }]
resolutions: [{ about: @, note: @. }]
"#;

const LIST: &str = r#"
action: DescribeThings
section: @
summary: @.
effect: read
filters: { Filter: { none: @. } }
request:
  - { name: Filter, type: string, summary: @. }
response:
  - { path: "Things[].ThingId", type: string, summary: @. }
  - { path: "Things[].State", type: string, summary: @. }
"#;

const OUTSIDE: &str = r#"
action: DeleteThing
section: @
summary: @.
effect: write
answers: example
answers_because: @.
wait: { outside: @, field: @, until: [@], source: observed, note: @. }
"#;

const RESOURCES: &str = r#"
resources:
  - name: Thing
    title: @
    keys: [ThingId]
    list:
      action: DescribeThings
      rows: "Things[]"
      ask: { Filter: LITERAL }
      where: { ThingId: ThingId }
      state: State
    states: { settled: [@] }
    waiters:
      - { name: ThingThere, summary: @., until: [@], source: observed, note: @. }
"#;

/// Text between double quotes, all that is not plain as an escape.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' | '\\' => format!("\\{character}"),
        ' '..='~' => character.to_string(),
        _ => format!("\\U{:08X}", u32::from(character)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A spec with the same text at every place that holds one.
fn generated(text: &str) -> Files {
    // A printed name is a spelling to decode only without these.
    let printed = quoted(&text.replace(['.', '['], ""));
    let literal = quoted(&format!("literal.{text}"));
    let sentence = quoted(&format!("{text}."));
    let filled = |template: &str| {
        let template = template.replace("@PRINTED", &printed).replace("@.", &sentence);
        template.replace('@', &quoted(text)).replace("LITERAL", &literal)
    };
    let tree = Folder::new("hostile");
    tree.put("vendor/sample/_service.yaml", filled(SERVICE));
    tree.put("vendor/sample/things/CreateThing.yaml", filled(ACTION));
    tree.put("vendor/sample/things/DescribeThings.yaml", filled(LIST));
    tree.put("vendor/sample/things/DeleteThing.yaml", filled(OUTSIDE));
    tree.put("vendor/sample/things/_resources.yaml", filled(RESOURCES));
    generated_from(tree.path()).unwrap_or_else(|findings| panic!("{text:?}: {findings}"))
}

fn generated_from(specs: &Path) -> Result<Files, Findings> {
    generate(specs).map(|generated| generated.files)
}

/// What data and pages are besides their words: what stands in what, and the cells and headings of a page.
fn outline(path: &str, text: &str) -> Vec<String> {
    if path.ends_with(".json") {
        let mut flat = Vec::new();
        members(&serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")), &mut flat);
        return flat;
    }
    // A backslash takes the meaning of what follows, and a code span of all in it but a bar.
    let line = |line: &str| {
        let parts = line.replace("\\\\", "").replace("\\|", "").replace("\\<", "").replace("\\`", "");
        let spans =
            parts.split('`').skip(1).step_by(2).fold(parts.clone(), |line, span| line.replace(span, ""));
        assert!(!spans.contains('<') || spans.starts_with("<!-- @generated"), "HTML of the spec's: {line}");
        let heading: String = line.chars().take_while(|mark| "#|".contains(*mark)).collect();
        format!("{heading} {}", parts.matches('|').count())
    };
    text.lines().map(line).collect()
}

fn members(json: &serde_json::Value, flat: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                // The members of a printed answer are the spec's, and in the order of their names.
                let is_own = name.chars().all(|mark| mark.is_ascii_lowercase() || "_/".contains(mark));
                flat.push(if is_own { name.clone() } else { "printed".to_owned() });
                members(value, flat);
            }
        }
        serde_json::Value::Array(list) => {
            flat.push(format!("[{}]", list.len()));
            list.iter().for_each(|entry| members(entry, flat));
        }
        serde_json::Value::String(_) => flat.push("text".to_owned()),
        other => flat.push(other.to_string()),
    }
}

/// The tokens of a file, without docs and with every literal blank.
fn shape(text: &str) -> Vec<String> {
    syn::parse_file(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let mut flat = Vec::new();
    flatten(text.parse().unwrap(), &mut flat);
    flat
}

fn flatten(tokens: TokenStream, flat: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Literal(_) => flat.push("literal".to_owned()),
            TokenTree::Group(group) if is_doc(&group) => {
                // The docs of a file stand behind `#!`.
                flat.pop_if(|last| last == "!");
                flat.pop();
            }
            TokenTree::Group(group) => {
                flat.push(format!("{:?}", group.delimiter()));
                flatten(group.stream(), flat);
                close(flat, "end");
            }
            TokenTree::Punct(mark) if mark.as_char() == '>' => close(flat, ">"),
            other => flat.push(other.to_string()),
        }
    }
}

/// A comma stands behind the last item if the items stand on lines of their own.
fn close(flat: &mut Vec<String>, end: &str) {
    flat.pop_if(|last| last == ",");
    flat.push(end.to_owned());
}

/// `[doc = "…"]`, which stands behind a `#`.
fn is_doc(group: &proc_macro2::Group) -> bool {
    let mut tokens = group.stream().into_iter();
    let is_word = |token: Option<TokenTree>, word: &str| token.is_some_and(|token| token.to_string() == word);
    is_word(tokens.next(), "doc") && is_word(tokens.next(), "=")
}

fn doc_line(line: &str) -> Option<&str> {
    line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))
}

/// The lines of the docs that begin a block, each as what it begins; the code of examples as it is.
fn blocks(text: &str) -> Vec<&str> {
    let docs = text.lines().map(str::trim_start).filter_map(doc_line);
    let mut is_code = false;
    let begun = docs.filter_map(|line| {
        if line == " ```no_run" || (is_code && line == " ```") {
            is_code = !is_code;
            return Some(line);
        }
        if is_code { Some(line) } else { block(line) }
    });
    begun.collect()
}

fn block(line: &str) -> Option<&'static str> {
    let content = line.strip_prefix(' ').unwrap_or(line);
    let indent = content.len() - content.trim_start().len();
    assert!(indent < 4 && !content.starts_with('\t'), "an indented code block: {line}");
    let content = content.trim_start();
    let is_rule = |mark: char| !content.is_empty() && content.chars().all(|c| c == mark);
    // With a backtick behind it a fence is a code span.
    let is_fence = content.starts_with("```") && !content.trim_start_matches('`').contains('`');
    assert!(!is_fence, "a fenced code block: {line}");
    let forbidden = ["~~~", "<", ">", "* ", "+ ", "1.", "2)", "[x]"];
    assert!(!forbidden.iter().any(|mark| content.starts_with(mark)), "a block of the spec's: {line}");
    assert!(!is_rule('=') && !is_rule('-'), "an underlined heading: {line}");
    if content.starts_with('#') {
        assert!(HEADINGS.contains(&content), "a heading of the spec's: {line}");
        return Some("heading");
    }
    let marks = [("- ", "item"), ("|", "row")];
    marks.iter().find(|(mark, _)| content.starts_with(mark)).map(|(_, block)| *block)
}

fn is_deceptive(character: char) -> bool {
    let format = ['\u{AD}', '\u{61C}', '\u{FEFF}', '\u{E0001}'];
    let ranges = ['\u{200B}'..='\u{200F}', '\u{2028}'..='\u{202E}', '\u{2060}'..='\u{206F}'];
    let in_range = ranges.iter().any(|range| range.contains(&character));
    (character.is_control() && character != '\n') || format.contains(&character) || in_range
}

#[test]
fn hostile_text_changes_only_literals_and_docs() {
    let benign = generated(HARMLESS);
    for text in HOSTILE {
        let hostile = generated(text);
        assert!(hostile.keys().eq(benign.keys()), "{text:?}");
        for (path, code) in &hostile {
            let shown = code.chars().find(|character| is_deceptive(*character));
            assert_eq!(shown, None, "{text:?} in {path}");
            if !path.ends_with(".rs") {
                assert_eq!(outline(path, code), outline(path, &benign[path]), "{text:?} in {path}");
                continue;
            }
            let (found, expected) = (shape(code), shape(&benign[path]));
            let differs = found.iter().zip(&expected).position(|(found, expected)| found != expected);
            let context = differs.map(|at| found[at.saturating_sub(20)..].join(" "));
            assert!(found == expected, "{text:?} in {path}: {context:?}");
            assert_eq!(blocks(code), blocks(&benign[path]), "{text:?} in {path}");
        }
    }
}

/// The text at all places is told apart from the template around it.
#[test]
fn every_place_of_the_template_is_filled() {
    let code = generated(HARMLESS);
    let occurrences = code["src/generated/sample/things/create_thing.rs"].matches(HARMLESS).count();
    assert!(occurrences > 50, "the text stands at {occurrences} places only");
}

/// A value of which no variant can be made is refused, and the others are literals.
#[test]
fn hostile_values_are_variants_or_refused() {
    for text in HOSTILE {
        let quoted = quoted(text);
        let tree = Folder::new("hostile-values");
        tree.put("vendor/sample/_service.yaml", SERVICE.replace("@.", "x.").replace('@', "\"x\""));
        let row = format!("  - {{ name: Mode, type: string, summary: x., values: [{quoted}] }}\n");
        let head = "action: CreateThing\nsection: x\nsummary: x.\neffect: read\nrequest:\n";
        tree.put("vendor/sample/CreateThing.yaml", format!("{head}{row}"));
        match generated_from(tree.path()) {
            Ok(files) => drop(shape(&files["src/generated/sample/create_thing.rs"])),
            Err(findings) => {
                let codes: Vec<&str> = findings.diagnostics.iter().map(|found| found.code).collect();
                assert_eq!(codes, ["bad-variant"], "{text:?}");
            }
        }
    }
}
