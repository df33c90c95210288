use std::time::{Duration, Instant};

use super::{LARGEST_FILE, Node, Value, decode, json, parse};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};

fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let file = Sources::default().add("x.yaml", text);
    let diagnostics = Diagnostics::default();
    let node = parse(file, text, &diagnostics);
    (node, diagnostics.into_sorted())
}

fn refused(text: &str) -> (&'static str, u32, u32) {
    let (node, found) = read(text);
    assert!(node.is_none(), "{text:?} was read");
    let first = found.first().expect("a refusal says why");
    (first.code, first.primary.line, first.primary.column)
}

fn map(text: &str) -> Vec<(String, Node)> {
    let (node, found) = read(text);
    assert_eq!(found, []);
    let Some(Value::Map(entries)) = node.map(|node| node.value) else {
        panic!("{text:?} is no mapping");
    };
    entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
}

#[test]
fn scalars_are_resolved_by_the_core_schema_and_kept_as_written() {
    let whole = |number| Value::Integer(number);
    let text = |text: &str| Value::Text(text.to_owned());
    for (written, value) in [
        ("010", whole(10)),
        ("0x1F", whole(31)),
        ("0o17", whole(15)),
        ("-7", whole(-7)),
        ("9223372036854775807", whole(i64::MAX)),
        ("9223372036854775808", Value::Float(9_223_372_036_854_775_808.0)),
        ("1.0", Value::Float(1.0)),
        ("1e3", Value::Float(1000.0)),
        (".5", Value::Float(0.5)),
        ("true", Value::Bool(true)),
        ("~", Value::Null),
        ("", Value::Null),
        ("yes", text("yes")),
        ("on", text("on")),
        ("1_000", text("1_000")),
        ("2016-04-28", text("2016-04-28")),
        ("0x+1", text("0x+1")),
        ("infinity", text("infinity")),
        ("10.0.0.0/8", text("10.0.0.0/8")),
        ("+", text("+")),
    ] {
        let (_, node) = map(&format!("a: {written}\n")).remove(0);
        assert_eq!(node.value, value, "{written:?}");
        assert_eq!(node.written(), Some(written));
    }
    let (_, quoted) = map("a: \"010\"").remove(0);
    assert_eq!(quoted.value, text("010"));
}

#[test]
fn every_node_knows_its_place() {
    let text = "é: 中\nlist:\n  - { a: \"b\", c: [1, 2] }\n  - d:\n      e: f\n\n# end\nlast: x\n";
    let (node, found) = read(text);
    assert_eq!(found, []);
    let mut seen = Vec::new();
    collect(&node.expect("it is YAML"), text, &mut seen);
    assert_eq!(
        seen,
        [
            ("é: 中\nlist:\n  - { a: \"b\", c: [1, 2] }\n  - d:\n      e: f\n\n# end\nlast: x", 1, 1),
            ("é", 1, 1),
            ("中", 1, 4),
            ("list", 2, 1),
            ("- { a: \"b\", c: [1, 2] }\n  - d:\n      e: f", 3, 3),
            ("{ a: \"b\", c: [1, 2] }", 3, 5),
            ("a", 3, 7),
            ("\"b\"", 3, 10),
            ("c", 3, 15),
            ("[1, 2]", 3, 18),
            ("1", 3, 19),
            ("2", 3, 22),
            ("d:\n      e: f", 4, 5),
            ("d", 4, 5),
            ("e: f", 5, 7),
            ("e", 5, 7),
            ("f", 5, 10),
            ("last", 8, 1),
            ("x", 8, 7),
        ]
    );
}

fn collect<'a>(node: &Node, text: &'a str, seen: &mut Vec<(&'a str, u32, u32)>) {
    let mut see = |place: crate::diagnostic::Location| {
        let stretch = &text[place.start as usize..place.end as usize];
        seen.push((stretch, place.line, place.column));
    };
    see(node.location);
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| collect(item, text, seen)),
        Value::Map(entries) => {
            for entry in entries {
                let (start, end) = (entry.key_location.start as usize, entry.key_location.end as usize);
                seen.push((&text[start..end], entry.key_location.line, entry.key_location.column));
                collect(&entry.value, text, seen);
            }
        }
        _ => {}
    }
}

#[test]
fn every_duplicate_key_is_reported_with_both_places() {
    let (node, found) = read("a: 1\nb: { c: 1, c: 2 }\na: 2\na: 3\n");
    let places: Vec<_> =
        found.iter().map(|d| (d.code, d.primary.line, d.primary.column, d.secondary[0].0.line)).collect();
    let expected = [("duplicate-key", 2, 12, 2), ("duplicate-key", 3, 1, 1), ("duplicate-key", 4, 1, 1)];
    assert_eq!(places, expected);
    assert!(matches!(node.map(|n| n.value), Some(Value::Map(entries)) if entries.len() == 2));
}

#[test]
fn what_the_dialect_has_no_use_for_is_refused() {
    for (text, refusal) in [
        ("a: &x 1\n", ("yaml-anchor", 1, 4)),
        ("a: &x {}\n", ("yaml-anchor", 1, 4)),
        ("a: &x 1\nb: *x\n", ("yaml-anchor", 1, 4)),
        ("a: *x\n", ("yaml-alias", 1, 4)),
        ("*x : 1\n", ("yaml-alias", 1, 1)),
        ("a: !!str 5\n", ("yaml-tag", 1, 4)),
        ("a: !foo [1]\n", ("yaml-tag", 1, 4)),
        ("<<: {a: 1}\n", ("yaml-merge-key", 1, 1)),
        ("? [a, b]\n: 1\n", ("yaml-key", 1, 3)),
        ("a: 1\n---\nb: 2\n", ("several-documents", 2, 1)),
        ("", ("empty-file", 1, 1)),
        ("# only a comment\n", ("empty-file", 1, 1)),
        ("a: [1,\n", ("yaml-syntax", 1, 4)),
        ("a: b: c\n", ("yaml-syntax", 1, 5)),
        ("a: x\0y\n", ("control-character", 1, 5)),
        ("a: \"\u{1B}\"\n", ("control-character", 1, 5)),
        ("a: x\ry\n", ("control-character", 1, 5)),
    ] {
        assert_eq!(refused(text), refusal, "{text:?}");
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read() {
    assert_eq!(map("\u{FEFF}a: 1\r\nb: 2\r\n").len(), 2);
    assert_eq!(map("---\na: 1\n...\n").len(), 1);
}

#[test]
fn only_utf8_is_text() {
    assert_eq!(decode(b"a: \xC3\xA9"), Ok("a: é"));
    assert_eq!(decode(b"a: \xFF").map_err(|(offset, _)| offset), Err(3));
    assert_eq!(decode(b"\xFF\xFEa\0"), Err((0, "the file is UTF-16")));
}

#[test]
fn bombs_are_refused_at_once() {
    let lol = (1..30).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))
    });
    let deep_block = (0..10_000).fold(String::new(), |text, n| format!("{text}{}a:\n", " ".repeat(n % 90)));
    let start = Instant::now();
    for text in [
        lol,
        "[".repeat(10_000),
        "{a: ".repeat(10_000),
        "- ".repeat(10_000),
        "? ".repeat(10_000),
        deep_block,
        "x".repeat(LARGEST_FILE + 1),
    ] {
        let (node, found) = read(&text);
        assert!(node.is_none() && !found.is_empty(), "{:.20}", text);
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn wide_files_are_read_in_linear_time() {
    let start = Instant::now();
    let wide = (0..60_000).fold(String::new(), |text, n| text + &format!("k{n}: {n}\n"));
    assert_eq!(map(&wide).len(), 60_000);
    let repeated = "k: 1\n".repeat(60_000);
    assert_eq!(read(&repeated).1.len(), 59_999);
    assert!(start.elapsed() < Duration::from_secs(20));
}

/// A document cut off anywhere is a tree or a diagnostic, and every place is inside the text.
#[test]
fn any_prefix_is_read_or_refused() {
    let text = "a: \"é\\n\"\nb: |\n  x\n  y\nc: { d: [1, ~], e: 'f' }\ng:\n- h: >-\n    i\n  j: !k &l *m\n";
    for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        let prefix = &text[..end];
        let (node, found) = read(prefix);
        assert!(node.is_some() || !found.is_empty(), "{prefix:?}");
        if let Some(node) = node {
            collect(&node, prefix, &mut Vec::new());
        }
        for diagnostic in found {
            assert!(prefix.get(diagnostic.primary.start as usize..).is_some());
        }
    }
}

/// Whatever a document is turned into, it is read or refused, and every message can be shown.
#[test]
fn any_mutation_is_read_or_refused() {
    const SEED: &str = "a: \"é\"\nb: |\n  x\nc: { d: [1, ~], 'e': f }\n? g\n: - h\n  - &i !j *k\n";
    let pieces =
        ["\0", "\t", "\n", "&", "*", "!", "[", "}", ": ", "- ", "\"", "'", "|", "%", "\u{202E}", "é"];
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    for _ in 0..5_000 {
        let mut characters: Vec<char> = SEED.chars().collect();
        for _ in 0..=next(4) {
            let at = next(characters.len());
            match next(3) {
                0 => drop(characters.remove(at)),
                1 => characters.swap(at, 0),
                _ => drop(characters.splice(at..at, pieces[next(pieces.len())].chars())),
            }
        }
        let text: String = characters.into_iter().collect();
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", text.as_str());
        let diagnostics = Diagnostics::default();
        let node = parse(file, &text, &diagnostics);
        assert!(node.is_some() || !diagnostics.is_empty(), "{text:?}");
        let shown = diagnostics.render(&sources, false);
        assert!(!shown.contains(['\0', '\u{202E}']), "{text:?}");
    }
}

/// The second opinion: serde-saphyr reads the same values.
#[test]
fn agrees_with_serde() {
    let text = "a: \"x\\ty\"\nb: |\n  one\n  two\nc: >-\n  folded\n  text\n\n  here\nd: [1, -2, 0x10, 1.5, true, ~, 'it''s']\n\
                e: { f: {}, g: [], \"Tag.1.Key\": k }\nh: plain text # comment\ni:\n- j\n-\n  k: l\n7: seven\nm: two\n  lines\n";
    let (node, found) = read(text);
    assert_eq!(found, []);
    let theirs: serde_json::Value = serde_yaml::from_str(text).expect("it is YAML");
    assert_eq!(json(&node.expect("it is YAML")), theirs);
}
