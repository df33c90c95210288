//! Two trees, and every effect of what differs between them.

use std::collections::{BTreeMap, HashMap, HashSet};

use cloudnet_codegen::names;
use sha2::{Digest as _, Sha256};

use super::catalogue::{Change, InRust, Kind, NOTATION, Step, find, special};
use super::state::{Place, State};
use super::tree::{Fact, Node, Part, Rust, Value};

/// What a change does.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Which of the catalogue's kinds it is.
    pub kind: &'static Kind,
    /// Tells it from all others, and stays the same as long as the change does.
    pub fingerprint: String,
    /// The service; empty where it is about a file.
    pub service: String,
    /// The chapter, where the service has chapters.
    pub chapter: String,
    /// What changes: `CreateVpc VpcName`.
    pub subject: String,
    /// Which of several: the kind of a limit, a region.
    pub about: String,
    /// What was said, and where.
    pub old: Side,
    /// What is said, and where.
    pub new: Side,
    /// The item of Rust that is new, gone or another.
    pub item: String,
    /// The body of a program that builds before and not after; empty where there is none.
    pub witness: String,
    /// The reason for which it is approved.
    pub approved: Option<String>,
}

/// One side of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// What is said; empty where nothing is.
    pub value: String,
    /// Where, or where it would stand.
    pub place: Option<Place>,
}

/// Every effect, the largest step first.
pub fn compare(old: &State, new: &State) -> Vec<Effect> {
    let mut comparison = Comparison { old, new, path: Vec::new(), effects: Vec::new() };
    match (old.tree(), new.tree()) {
        (Some(before), Some(after)) => comparison.nodes(&before, &after),
        (None, Some(after)) => after.children.iter().for_each(|child| comparison.whole(None, Some(child))),
        (Some(before), None) => before.children.iter().for_each(|child| comparison.whole(Some(child), None)),
        (None, None) => {}
    }
    let mut effects = comparison.effects;
    without_echoes(&mut effects);
    effects.extend(notation(old, new, &effects));
    effects.sort_by(|one, other| order(one).cmp(&order(other)));
    effects
}

fn order(effect: &Effect) -> (std::cmp::Reverse<Step>, &str, &str, &str, &str, &str) {
    let Effect { kind, service, chapter, subject, about, .. } = effect;
    (std::cmp::Reverse(kind.step), service, chapter, subject, kind.key, about)
}

struct Comparison<'s> {
    old: &'s State,
    new: &'s State,
    /// Names from the service inwards.
    path: Vec<Way>,
    effects: Vec<Effect>,
}

/// A step of the way to a node.
#[derive(Clone, Debug)]
struct Way {
    part: Part,
    name: String,
    chapter: String,
}

type Facts<'n> = BTreeMap<(&'static str, &'n str), &'n Fact>;

impl Comparison<'_> {
    fn nodes(&mut self, old: &Node, new: &Node) {
        self.path.push(step(new));
        self.facts(old, new);
        let (before, after) = (named(&old.children), named(&new.children));
        for child in &new.children {
            let key = key_of(child, &new.children);
            match before.get(&key) {
                Some(same) => self.nodes(same, child),
                None if is_new_with_parameter(child, old) => {
                    let kind = find(Part::DryRun, "parameter", Change::Added);
                    self.told(kind, None, Some(child), &child.rust);
                }
                None => self.whole(None, Some(child)),
            }
        }
        for child in &old.children {
            if !after.contains_key(&key_of(child, &old.children)) {
                self.whole(Some(child), None);
            }
        }
        self.path.pop();
    }

    fn facts(&mut self, old: &Node, new: &Node) {
        let (before, after) = (facts(old), facts(new));
        let keys: HashSet<_> = before.keys().chain(after.keys()).copied().collect();
        for key in keys {
            let (was, is) = (before.get(&key).copied(), after.get(&key).copied());
            let Some(change) = change(was, is) else { continue };
            let kind = find(new.part, key.0, change);
            let rust = was.and_then(|fact| fact.rust.as_ref()).unwrap_or(&old.rust);
            let side = |fact: Option<&Fact>, node: &Node, state: &State| Side {
                value: fact.map_or_else(String::new, |fact| fact.value.text()),
                place: Some(state.place(fact.map_or(node.place, |fact| fact.place))),
            };
            let sides = (side(was, old, self.old), side(is, new, self.new));
            self.add(kind, key.1, sides, rust);
        }
    }

    /// A part that is new, or gone.
    fn whole(&mut self, old: Option<&Node>, new: Option<&Node>) {
        let Some(node) = new.or(old) else { return };
        let change = if new.is_some() { Change::Added } else { Change::Removed };
        let telling = node.facts.iter().find_map(|fact| special(node.part, fact.aspect, change));
        let kind = telling.unwrap_or_else(|| find(node.part, "", change));
        let rust =
            if node.part == Part::DryRun && new.is_some() { setter_of(node) } else { node.rust.clone() };
        self.told(kind, old, new, &rust);
    }

    fn told(&mut self, kind: &'static Kind, old: Option<&Node>, new: Option<&Node>, rust: &Rust) {
        let Some(node) = new.or(old) else { return };
        self.path.push(step(node));
        let side = |node: Option<&Node>, state: &State| Side {
            value: node.map_or_else(String::new, described),
            place: node.map(|node| state.place(node.place)),
        };
        let sides = (side(old, self.old), side(new, self.new));
        self.add(kind, "", sides, rust);
        self.path.pop();
    }

    fn add(&mut self, kind: &'static Kind, about: &str, (old, new): (Side, Side), rust: &Rust) {
        let name = |part| self.path.iter().find(|step| step.part == part);
        let service = name(Part::Service).map_or_else(String::new, |step| step.name.clone());
        let chapter = self.path.iter().map(|step| step.chapter.as_str()).find(|chapter| !chapter.is_empty());
        let inner = self.path.iter().filter(|step| !matches!(step.part, Part::Root | Part::Service));
        let subject = inner.map(|step| step.name.as_str()).collect::<Vec<_>>().join(" ");
        let stays = kind.rust == InRust::Stays;
        self.effects.push(Effect {
            fingerprint: fingerprint(&[kind.key, &service, &subject, about, &old.value, &new.value]),
            kind,
            service,
            chapter: chapter.unwrap_or_default().to_owned(),
            subject,
            about: about.to_owned(),
            old,
            new,
            item: if stays { String::new() } else { rust.item.clone() },
            witness: if kind.rust.breaks() { rust.usage.clone() } else { String::new() },
            approved: None,
        });
    }
}

fn step(node: &Node) -> Way {
    let chapter = match node.part {
        Part::Chapter => node.name.clone(),
        _ => node
            .facts
            .iter()
            .find(|fact| fact.aspect == "chapter")
            .map_or_else(String::new, |one| one.value.text()),
    };
    Way { part: node.part, name: node.name.clone(), chapter }
}

/// What a part is in a few words.
fn described(node: &Node) -> String {
    let told = ["type", "class", "style", "value"];
    let fact = node.facts.iter().find(|fact| told.contains(&fact.aspect));
    fact.map_or_else(|| node.name.clone(), |fact| format!("{}: {}", node.name, fact.value.text()))
}

/// Whether it is a dry run whose parameter there was not either, so that no setter is lost.
fn is_new_with_parameter(node: &Node, old: &Node) -> bool {
    let had_it = |one: &Node| one.part == Part::Parameter && one.name == node.name;
    node.part == Part::DryRun && !old.children.iter().any(had_it)
}

/// The setter that a dry run takes away.
fn setter_of(node: &Node) -> Rust {
    let path = node.rust.item.rsplit(' ').next().unwrap_or_default();
    let setter = names::setter(&names::snake(&node.name));
    Rust::new(
        format!("{path}::{setter}()"),
        format!("fn uses(it: cloudnet::{path}) -> cloudnet::{path} {{ it.{setter}(true) }}"),
    )
}

/// Parts by kind and name; of several of one name each has its number.
type Named<'n> = HashMap<(Part, &'n str, usize), &'n Node>;

fn named(nodes: &[Node]) -> Named<'_> {
    nodes.iter().map(|node| (key_of(node, nodes), node)).collect()
}

fn key_of<'n>(node: &'n Node, siblings: &'n [Node]) -> (Part, &'n str, usize) {
    let same = siblings.iter().take_while(|other| !std::ptr::eq(*other, node));
    let before = same.filter(|other| other.part == node.part && other.name == node.name).count();
    (node.part, &node.name, before + 1)
}

fn facts(node: &Node) -> Facts<'_> {
    node.facts.iter().map(|fact| ((fact.aspect, fact.about.as_str()), fact)).collect()
}

/// How what is said changes, if it does.
fn change(old: Option<&Fact>, new: Option<&Fact>) -> Option<Change> {
    match (old, new) {
        (None, Some(_)) => Some(Change::Appears),
        (Some(_), None) => Some(Change::Vanishes),
        (Some(old), Some(new)) => of_values(&old.value, &new.value),
        (None, None) => None,
    }
}

fn of_values(old: &Value, new: &Value) -> Option<Change> {
    match (old, new) {
        (Value::Number(old), Value::Number(new)) if old < new => Some(Change::Rises),
        (Value::Number(old), Value::Number(new)) => (old > new).then_some(Change::Falls),
        (Value::Limit(old), Value::Limit(new)) => match (new.passes_all_of(old), old.passes_all_of(new)) {
            (true, true) => None,
            (true, false) => Some(Change::Widens),
            (false, true) => Some(Change::Narrows),
            (false, false) => Some(Change::Differs),
        },
        (Value::Type(_, old), Value::Type(_, new)) if old != new => Some(Change::Differs),
        (Value::Type(old, _), Value::Type(new, _)) => (old != new).then_some(Change::Respelt),
        _ => (old.text() != new.text()).then_some(Change::Differs),
    }
}

/// What the document says is no news beside what follows from it.
fn without_echoes(effects: &mut Vec<Effect>) {
    const ECHOES: [(&str, &[&str]); 4] = [
        ("limit-documented", LIMITS),
        ("limit-today", LIMITS),
        ("default-documented", &["default-changed"]),
        ("parameter-required-documented", &["parameter-required", "parameter-optional"]),
    ];
    const LIMITS: &[&str] = &["limit-narrowed", "limit-widened", "limit-comes", "limit-goes", "limit-moved"];
    let said: HashSet<(&'static str, String)> =
        effects.iter().map(|one| (one.kind.key, change_of(one))).collect();
    effects.retain(|one| {
        let echoed = ECHOES.iter().find(|(key, _)| *key == one.kind.key);
        let change = change_of(one);
        echoed.is_none_or(|(_, of)| !of.iter().any(|key| said.contains(&(*key, change.clone()))))
    });
}

fn change_of(effect: &Effect) -> String {
    let Effect { service, subject, about, old, new, .. } = effect;
    [service, subject, about, &old.value, &new.value].map(String::as_str).join("\n")
}

/// Files that read otherwise, though nothing in them means anything else.
fn notation(old: &State, new: &State, effects: &[Effect]) -> Vec<Effect> {
    let told: HashSet<&str> = effects
        .iter()
        .flat_map(|one| [&one.old.place, &one.new.place])
        .flatten()
        .map(|place| place.path.as_str())
        .collect();
    let (before, after) = (old.texts(), new.texts());
    let differing = after.iter().filter(|(path, text)| before.get(*path).is_some_and(|old| old != *text));
    let notes = differing.filter(|(path, _)| !told.contains(path.as_str())).map(|(path, _)| Effect {
        kind: &NOTATION,
        fingerprint: fingerprint(&[NOTATION.key, path]),
        service: String::new(),
        chapter: String::new(),
        subject: (*path).to_owned(),
        about: String::new(),
        old: Side { value: String::new(), place: Some(Place::start_of(path)) },
        new: Side { value: String::new(), place: Some(Place::start_of(path)) },
        item: String::new(),
        witness: String::new(),
        approved: None,
    });
    notes.collect()
}

/// The first twelve digits of a hash over what makes a change what it is. Places are not among it.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
