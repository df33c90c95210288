//! Slips of notation in real specs are found where they are made: sixty of them, always the same ones.
//!
//! A slip is drawn by the hash of its name and a seed, so neither a new action nor a new fact changes whose turn it
//! is. What a document could say as well is a slip of fact, which no generator can know: it is drawn, tried and counted
//! apart. `cargo test -p cloudnet-tests --test slips -- --nocapture` prints all of them with what is said of each.

use std::fmt::Write as _;

use cloudnet_codegen::diagnostic::{Diagnostics, Location, Sources};
use cloudnet_codegen::generate;
use cloudnet_codegen::yaml::{Entry, Node, Value, parse};
use cloudnet_tests::{Folder, specs, texts};

const SEED: &str = "cloudnet 1";

/// How many are drawn of each kind.
const OF_EACH: usize = 10;

/// How many may pass.
const PASSING: usize = 3;

const KINDS: [Kind; 6] =
    [Kind::Misspelt, Kind::Word, Kind::Dropped, Kind::Swapped, Kind::Pasted, Kind::WrongType];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A letter of a key is lost, doubled or in the other's place.
    Misspelt,
    /// The same in a word of the dialect, or in what refers to something.
    Word,
    /// A key with its value, a value, or a sign of punctuation is lost.
    Dropped,
    /// The values of two keys change places.
    Swapped,
    /// A value or an entry stands as it was copied from a sibling.
    Pasted,
    /// A list for a text, a text for a number.
    WrongType,
}

/// Keys whose value is a word of the dialect, or the name of something that the specs have.
const WORDS: [&str; 47] = [
    "type",
    "class",
    "kind",
    "effect",
    "format",
    "starts_with",
    "ends_with",
    "chars",
    "style",
    "use",
    "source",
    "method",
    "access",
    "in",
    "protocol",
    "idempotency",
    "serialize_by",
    "parameter",
    "page",
    "size",
    "total",
    "token",
    "next",
    "items",
    "replaced_by",
    "if",
    "of",
    "then",
    "excludes",
    "exactly_one",
    "at_least_one",
    "together",
    "ordered",
    "disjoint",
    "resource",
    "by",
    "until",
    "create",
    "change",
    "delete",
    "set",
    "many",
    "stores",
    "list",
    "show",
    "keys",
    "lint",
];

/// Keys that must be there.
const REQUIRED: [&str; 21] = [
    "action", "section", "summary", "effect", "name", "path", "type", "code", "class", "kind", "text",
    "about", "reason", "lint", "resource", "until", "source", "style", "page", "total", "keys",
];

/// Keys whose value is unlike that of any sibling.
const OWN: [&str; 10] =
    ["action", "section", "summary", "name", "path", "code", "items", "rows", "dry_run", "create"];

/// A file with one slip in it.
struct Slip {
    kind: Kind,
    path: String,
    /// What is changed, by its keys from the top.
    keys: String,
    line: u32,
    before: String,
    after: String,
    text: String,
    is_fact: bool,
}

/// An entry of a mapping, and the mapping that it is in.
struct Place<'a> {
    keys: String,
    entry: &'a Entry,
    siblings: &'a [Entry],
    /// The list entry that the mapping is, if it is one.
    item: Option<&'a Node>,
}

struct Spec {
    path: String,
    text: String,
    tree: Node,
}

#[test]
fn slips_of_notation_are_found_where_they_are_made() {
    let specs = read();
    let mut said = String::new();
    let (mut passing, mut misplaced, mut helpless) = (Vec::new(), 0, 0);
    for kind in KINDS {
        let slips = drawn(&specs, kind);
        let (facts, slips): (Vec<_>, Vec<_>) = slips.into_iter().partition(|slip| slip.is_fact);
        assert_eq!(slips.len(), OF_EACH, "{kind:?}");
        let mut caught = 0;
        for slip in &slips {
            let finding = finding(&specs, slip);
            let Some(finding) = finding else {
                passing.push(shown(slip));
                continue;
            };
            caught += 1;
            misplaced += usize::from(!finding.is_near);
            helpless += usize::from(finding.help.is_empty());
            writeln!(said, "{}\n    {} {}: {}", shown(slip), finding.code, finding.place, finding.help)
                .unwrap();
        }
        let known = facts.iter().filter(|slip| finding(&specs, slip).is_some()).count();
        writeln!(said, "{kind:?}: {caught} of {OF_EACH}; of fact: {known} of {}", facts.len()).unwrap();
    }
    let total = KINDS.len() * OF_EACH;
    println!("{said}{misplaced} elsewhere\n{} of {total} pass:\n{}", passing.len(), passing.join("\n"));
    assert!(passing.len() <= PASSING, "{} of {total} pass:\n{}", passing.len(), passing.join("\n"));
    assert!(misplaced <= PASSING, "{misplaced} of {total} are shown elsewhere:\n{said}");
    assert_eq!(helpless, 0, "{said}");
}

fn shown(slip: &Slip) -> String {
    let Slip { kind, path, keys, line, before, after, .. } = slip;
    format!("{kind:?} {path}:{line} {keys}: `{before}` is `{after}`")
}

struct Finding {
    code: &'static str,
    place: String,
    help: String,
    is_near: bool,
}

/// What is said of a slip: the finding nearest to it.
fn finding(specs: &[Spec], slip: &Slip) -> Option<Finding> {
    let tree = Folder::new("slips");
    for spec in specs {
        tree.put(&spec.path, if spec.path == slip.path { &slip.text } else { &spec.text });
    }
    let found = match generate(tree.path()) {
        Ok(generated) => generated.warnings,
        Err(findings) => findings,
    };
    let path = format!("spec/{}", slip.path);
    let distance = |at: &Location| match found.sources.path(at.file) == path {
        true => at.line.abs_diff(slip.line),
        false => u32::MAX,
    };
    let nearest = found.diagnostics.iter().min_by_key(|one| distance(&one.primary))?;
    let place = format!("{}:{}", nearest.primary.line, nearest.primary.column);
    let is_near = distance(&nearest.primary) <= 10;
    Some(Finding { code: nearest.code, place, help: nearest.help.clone(), is_near })
}

fn read() -> Vec<Spec> {
    let files = texts(&specs()).into_iter().filter(|(path, _)| path.ends_with(".yaml"));
    files.map(|(path, text)| Spec { tree: tree(&text), path, text }).collect()
}

fn tree(text: &str) -> Node {
    let file = Sources::default().add("", "");
    parse(file, text, &Diagnostics::default()).unwrap()
}

/// The first slips of a kind whose turn it is: as many as asked for of notation, and those of fact on the way.
fn drawn(specs: &[Spec], kind: Kind) -> Vec<Slip> {
    let mut turns: Vec<(u64, usize, usize)> = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        for (place, keys) in places(&spec.tree).iter().map(|place| &place.keys).enumerate() {
            let turn = hash(&format!("{SEED}\n{kind:?}\n{}\n{keys}", spec.path));
            turns.push((turn, index, place));
        }
    }
    turns.sort();
    let mut slips: Vec<Slip> = Vec::new();
    for (turn, index, place) in turns {
        let spec = &specs[index];
        let places = places(&spec.tree);
        slips.extend(slip(specs, spec, &places[place], kind, turn));
        if slips.iter().filter(|slip| !slip.is_fact).count() == OF_EACH {
            break;
        }
    }
    slips
}

/// FNV-1a, with its bits mixed: the same on every machine.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    (hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn places(tree: &Node) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    collect(tree, "", None, &mut found);
    found
}

fn collect<'a>(node: &'a Node, above: &str, item: Option<&'a Node>, found: &mut Vec<Place<'a>>) {
    match &node.value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{above}[{index}]"), Some(item), found);
            }
        }
        Value::Map(siblings) => {
            for entry in siblings {
                let keys = format!("{above}.{}", entry.key).trim_start_matches('.').to_owned();
                // What an example prints has no keys of the dialect.
                let is_data = above.starts_with("examples") && entry.key.starts_with("re");
                if !is_data {
                    collect(&entry.value, &keys, None, found);
                }
                found.push(Place { keys, entry, siblings, item });
            }
        }
        _ => {}
    }
}

/// One slip of a kind at a place, if there is one.
fn slip(specs: &[Spec], spec: &Spec, place: &Place<'_>, kind: Kind, turn: u64) -> Option<Slip> {
    let (key, value) = (place.entry.key.as_str(), &place.entry.value);
    let choice = usize::try_from(turn % 9973).unwrap();
    let (range, after, is_fact) = match kind {
        Kind::Misspelt => {
            // The keys of some mappings are names of the document.
            is_dialect(key).then_some(())?;
            (span(place.entry.key_location), misspelt(key, choice), false)
        }
        Kind::Word => {
            // The types of these are names of the document.
            let words = if place.keys.starts_with("ram.") { Vec::new() } else { scalars(value) };
            let word = words.get(choice % words.len().max(1)).filter(|_| WORDS.contains(&key))?;
            let written = &spec.text[span(word.location)];
            (span(word.location), misspelt(written, choice), false)
        }
        Kind::Dropped => dropped(&spec.text, place, choice),
        Kind::Swapped => return swapped(spec, place, choice),
        Kind::Pasted => pasted(specs, spec, place, choice)?,
        Kind::WrongType => {
            (span(value.location), of_wrong_type(value, &spec.text[span(value.location)])?, false)
        }
    };
    let before = spec.text[range.clone()].to_owned();
    (before != after).then(|| {
        let mut text = spec.text.clone();
        text.replace_range(range, &after);
        made(spec, place, kind, (before, after), text, is_fact)
    })
}

fn made(
    spec: &Spec,
    place: &Place<'_>,
    kind: Kind,
    (before, after): (String, String),
    text: String,
    is_fact: bool,
) -> Slip {
    let short = |text: String| text.chars().take(60).collect();
    Slip {
        kind,
        path: spec.path.clone(),
        keys: place.keys.clone(),
        line: place.entry.key_location.line,
        before: short(before),
        after: short(after),
        text,
        is_fact,
    }
}

fn span(location: Location) -> std::ops::Range<usize> {
    location.start as usize..location.end as usize
}

fn is_dialect(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && key.len() > 1
}

/// A text without a letter, with one twice, or with two in the other's place.
fn misspelt(text: &str, choice: usize) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let inner: Vec<usize> = (0..letters.len()).filter(|at| letters[*at].is_ascii_alphabetic()).collect();
    let Some(at) = inner.get(choice / 3 % inner.len().max(1)).copied() else { return text.to_owned() };
    match choice % 3 {
        0 if letters.len() > 3 => drop(letters.remove(at)),
        1 if at + 1 < letters.len()
            && letters[at] != letters[at + 1]
            && letters[at + 1].is_alphanumeric() =>
        {
            letters.swap(at, at + 1);
        }
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

/// The scalars of a value: itself, or those in its list or mapping.
fn scalars(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::List(items) => items.iter().flat_map(scalars).collect(),
        Value::Map(entries) => entries.iter().map(|entry| &entry.value).flat_map(scalars).collect(),
        Value::Text(text) if !text.is_empty() => vec![node],
        _ => Vec::new(),
    }
}

fn dropped(text: &str, place: &Place<'_>, choice: usize) -> (std::ops::Range<usize>, String, bool) {
    let (key, value) = (span(place.entry.key_location), span(place.entry.value.location));
    match choice % 3 {
        // The colon and what follows it.
        0 => (key.end..value.start, " ".to_owned(), false),
        1 => (value, "~".to_owned(), false),
        _ => {
            let rest = &text[value.end..];
            let end = if rest.starts_with(", ") { value.end + 2 } else { value.end };
            let starts_line =
                text[..key.start].rsplit('\n').next().is_some_and(|lead| lead.trim().is_empty());
            let start =
                if starts_line { text[..key.start].rfind('\n').map_or(0, |at| at + 1) } else { key.start };
            let end =
                if starts_line { text[end..].find('\n').map_or(text.len(), |at| end + at + 1) } else { end };
            // A shared row has what its entry lacks.
            let is_shared = place.siblings.iter().any(|one| one.key == "use");
            (start..end, String::new(), is_shared || !REQUIRED.contains(&place.entry.key.as_str()))
        }
    }
}

/// Two values that change places.
fn swapped(spec: &Spec, place: &Place<'_>, choice: usize) -> Option<Slip> {
    let is_scalar = |entry: &&Entry| !matches!(entry.value.value, Value::List(_) | Value::Map(_));
    let mut others: Vec<&Entry> = place.siblings.iter().filter(is_scalar).collect();
    is_scalar(&place.entry).then_some(())?;
    others.retain(|other| other.key != place.entry.key && is_dialect(&other.key));
    let other = others.get(choice % others.len().max(1)).filter(|_| is_dialect(&place.entry.key))?;
    let (one, other) = (span(place.entry.value.location), span(other.value.location));
    let (first, second) = if one.start < other.start { (one, other) } else { (other, one) };
    let (left, right) = (spec.text[first.clone()].to_owned(), spec.text[second.clone()].to_owned());
    (left != right).then(|| {
        let mut text = spec.text.clone();
        text.replace_range(second, &left);
        text.replace_range(first, &right);
        let is_fact = false;
        made(spec, place, Kind::Swapped, (left, right), text, is_fact)
    })
}

/// The value that the same key has in a sibling, or the entry twice.
fn pasted(
    specs: &[Spec],
    spec: &Spec,
    place: &Place<'_>,
    choice: usize,
) -> Option<(std::ops::Range<usize>, String, bool)> {
    let value = span(place.entry.value.location);
    if let Some(item) = place.item.filter(|_| choice.is_multiple_of(2)) {
        // Before what it is a copy of, and in the notation of a list.
        let item = span(item.location);
        let lead = spec.text[..item.start].rsplit('\n').next()?;
        let is_block = lead.trim() == "-";
        let between = if is_block { format!("\n{lead}") } else { ", ".to_owned() };
        return Some((item.start..item.start, format!("{}{between}", spec.text[item].trim_end()), false));
    }
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let siblings: Vec<&Spec> = specs
        .iter()
        .filter(|other| other.path != spec.path && folder(&other.path) == folder(&spec.path))
        .collect();
    let mut values: Vec<String> = Vec::new();
    for other in siblings {
        let same = places(&other.tree).into_iter().filter(|one| one.keys == place.keys);
        values.extend(same.map(|one| other.text[span(one.entry.value.location)].to_owned()));
    }
    values.retain(|other| *other != spec.text[value.clone()] && !other.contains('\n'));
    let pasted = values.get(choice / 2 % values.len().max(1))?.clone();
    let is_one_line = !spec.text[value.clone()].contains('\n');
    is_one_line.then(|| (value, pasted, !OWN.contains(&place.entry.key.as_str())))
}

fn of_wrong_type(value: &Node, written: &str) -> Option<String> {
    Some(match &value.value {
        Value::Text(_) => format!("[{}]", written.replace('\n', " ")),
        Value::Integer(_) | Value::Float(_) => "many".to_owned(),
        Value::Bool(_) => "yes".to_owned(),
        Value::List(_) if !written.contains('\n') => "5".to_owned(),
        Value::Map(_) if !written.contains('\n') => "[a, b]".to_owned(),
        _ => return None,
    })
}
