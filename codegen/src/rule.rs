//! Rules across rows. Each kind is one entry of [`KINDS`], from its key in the YAML to the table.

use crate::diagnostic::{Diagnostics, Location};
use crate::doc::Doc;
use crate::limit::{Check, Content as Limit, RANGE, VALUES, ValueSpec};
use crate::mapping::{Mapping, text};
use crate::path::Path;
use crate::read::{Fields, Pair, Spanned};
use crate::shape;
use crate::syntax::{quoted, texts};
use crate::yaml::{self, Node};

/// Every kind.
pub const KINDS: &[Kind] = &[
    kind("requires", Form::Conditional, "requires", "Requires"),
    kind("forbids", Form::Conditional, "forbids", "Forbids"),
    kind("excludes", Form::Names, "at most one of", "Excludes"),
    kind("exactly_one", Form::Names, "exactly one of", "ExactlyOne"),
    kind("at_least_one", Form::Names, "at least one of", "AtLeastOne"),
    kind("together", Form::Names, "all or none of", "Together"),
    kind("at_most", Form::Counted, "at most", "AtMost"),
    kind("ordered", Form::Names, "each at most the next:", "Ordered"),
    kind("values", Form::Values, "limits", "Values"),
    kind("points", Form::Points, "at most", "Points"),
    kind("disjoint", Form::Names, "no block of one overlaps one of another:", "Disjoint"),
    kind("same_subnet", Form::Subnet, "in one subnet under", "SameSubnet"),
];

/// A kind of rule.
#[derive(Debug)]
pub struct Kind {
    /// Its key in the YAML.
    pub key: &'static str,
    /// What stands behind the key.
    form: Form,
    /// The words of docs.
    said: &'static str,
    /// Its variant of the runtime's `RuleKind`.
    variant: &'static str,
}

const fn kind(key: &'static str, form: Form, said: &'static str, variant: &'static str) -> Kind {
    Kind { key, form, said, variant }
}

impl Kind {
    /// Whether one of its operands must be given.
    pub(crate) fn wants_one(&self) -> bool {
        matches!(self.key, "exactly_one" | "at_least_one")
    }
}

/// How the content of a rule is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// `{ if, equals, then }`.
    Conditional,
    /// A list of names.
    Names,
    /// `{ count, of }`.
    Counted,
    /// `{ if, equals, of, range | values }`.
    Values,
    /// `{ from, to, step, max, default_step }`.
    Points,
    /// `{ of, mask }`.
    Subnet,
}

/// A rule; its operands are paths of the request, or relative to the shape that it stands on.
#[derive(Clone, Debug)]
pub struct Rule<P> {
    /// What it says of its operands.
    pub kind: &'static Kind,
    /// Its operands.
    pub content: Content<P>,
    /// Stated by the service today, rather than by the document.
    pub today: bool,
    /// Whether the service may accept what it speaks against.
    pub advice: bool,
}

/// The operands of a rule.
#[derive(Clone, Debug)]
pub enum Content<P> {
    /// Names that hang on a condition.
    Conditional(When<P>, Vec<P>),
    /// Names.
    Names(Vec<P>),
    /// Names and a number of them.
    Counted(u32, Vec<P>),
    /// A field that is limited further when the condition holds.
    Values(When<P>, P, Check),
    /// At most so many steps between two times.
    Points {
        /// The earlier time.
        from: P,
        /// The later time.
        to: P,
        /// Seconds of a step.
        step: P,
        /// Steps allowed.
        max: u32,
        /// Seconds of a step where none is given.
        default_step: u32,
    },
    /// Addresses and the mask of their subnet.
    Subnet(Vec<P>, P),
}

/// When a conditional rule applies.
#[derive(Clone, Debug)]
pub struct When<P> {
    /// The field looked at.
    pub field: P,
    /// Its values that make the rule apply; empty: any value.
    pub equals: Vec<Spanned<String>>,
}

/// A rule as it is written.
#[derive(Debug)]
pub struct RuleSpec {
    /// Where it stands.
    pub location: Location,
    /// What it says.
    pub rule: Rule<Spanned<Path>>,
    /// Documented, and no longer so.
    pub lifted: bool,
    /// What else is to be said.
    pub note: Option<String>,
}

impl Mapping for RuleSpec {
    fn read(map: &mut Fields<'_>) -> Self {
        let location = map.location();
        map.describe(|keys| KINDS.iter().for_each(|kind| keys.is(kind.key, kind.form.shape())));
        let given: Vec<&'static Kind> = KINDS.iter().filter(|kind| map.has(kind.key)).collect();
        if given.len() != 1 {
            let message = format!("a rule says one thing, this one says {}", given.len());
            let keys: Vec<&str> = KINDS.iter().map(|kind| kind.key).collect();
            let help = format!("Give one of `{}`.", keys.join("`, `"));
            map.diagnostics().error("bad-rule", location, message, help);
        }
        let kind = given.first().copied().unwrap_or(&KINDS[0]);
        let content = given.first().and_then(|kind| kind.form.read(map, kind.key));
        let content = content.unwrap_or(Content::Names(Vec::new()));
        let [today, advice] = ["today", "advice"].map(|key| map.get(key).unwrap_or_default());
        let rule = Rule { kind, content, today, advice };
        Self { location, rule, lifted: map.get("lifted").unwrap_or_default(), note: map.get("note") }
    }
}

impl Form {
    fn shape(self) -> shape::Shape {
        match self {
            Self::Names => shape::filled(shape::text()),
            _ => shape::of(|map| self.content(map)),
        }
    }

    fn read(self, map: &mut Fields<'_>, key: &'static str) -> Option<Content<Spanned<Path>>> {
        if let Self::Names = self {
            return Some(Content::Names(operands(map, key)));
        }
        let mut map: Fields<'_> = map.get(key)?;
        let content = self.content(&mut map)?;
        map.deny_unknown();
        Some(content)
    }

    fn content(self, map: &mut Fields<'_>) -> Option<Content<Spanned<Path>>> {
        Some(match self {
            Self::Conditional => {
                let when = when(map);
                map.required_node("then");
                Content::Conditional(when, operands(map, "then"))
            }
            Self::Values => Content::Values(when(map), operand(map, "of"), limit(map)?),
            Self::Points => Content::Points {
                from: operand(map, "from"),
                to: operand(map, "to"),
                step: operand(map, "step"),
                max: required_number(map, "max"),
                default_step: required_number(map, "default_step"),
            },
            Self::Subnet => {
                map.required_node("of");
                Content::Subnet(operands(map, "of"), operand(map, "mask"))
            }
            Self::Counted | Self::Names => {
                Content::Counted(required_number(map, "count"), operands(map, "of"))
            }
        })
    }
}

fn operand(map: &mut Fields<'_>, key: &'static str) -> Spanned<Path> {
    text(map, key).map(Path::request)
}

fn operands(map: &mut Fields<'_>, key: &'static str) -> Vec<Spanned<Path>> {
    let names: Vec<Spanned<String>> = map.all(key).unwrap_or_default();
    names.into_iter().map(|name| name.map(Path::request)).collect()
}

fn when(map: &mut Fields<'_>) -> When<Spanned<Path>> {
    map.describe(|keys| keys.is("equals", shape::either([shape::scalar(), shape::filled(shape::scalar())])));
    let field = operand(map, "if");
    let diagnostics = map.diagnostics();
    When { field, equals: map.node("equals").map_or_else(Vec::new, |node| scalars(node, diagnostics)) }
}

/// One value or a list of them, as written.
fn scalars(node: &Node, diagnostics: &Diagnostics) -> Vec<Spanned<String>> {
    let one = |node: &Node| node.scalar(diagnostics);
    match &node.value {
        yaml::Value::List(items) if items.is_empty() => {
            let help = "Name the values, or leave the key out.";
            diagnostics.error("empty-list", node.location, "an empty list of values", help);
            Vec::new()
        }
        yaml::Value::List(items) => items.iter().filter_map(one).collect(),
        _ => one(node).into_iter().collect(),
    }
}

fn limit(map: &mut Fields<'_>) -> Option<Check> {
    let diagnostics = map.diagnostics();
    map.describe(|keys| keys.is(VALUES, shape::either([shape::scalar(), shape::filled(shape::scalar())])));
    let range = map.get::<Pair>(RANGE);
    let listed = map.node(VALUES).map(|node| scalars(node, diagnostics));
    match (range, listed) {
        (Some(range), None) => Check::new(RANGE, Limit::Bounds(range)),
        (None, listed) => {
            if listed.is_none() {
                contradiction(map);
            }
            let entry = |value| ValueSpec { value, variant: None, summary: None };
            Check::new(VALUES, Limit::Values(listed.unwrap_or_default().into_iter().map(entry).collect()))
        }
        (Some(_), Some(_)) => {
            contradiction(map);
            Check::new(VALUES, Limit::Values(Vec::new()))
        }
    }
}

fn contradiction(map: &Fields<'_>) {
    let help = "Give either `range: [min, max]` or `values: […]`.";
    map.diagnostics().error("bad-rule", map.location(), "a `values` rule gives one limit", help);
}

fn required_number(map: &mut Fields<'_>, key: &'static str) -> u32 {
    map.required_node(key);
    let number = map.integer_in(key, 1..=u32::MAX.into()).unwrap_or(0);
    u32::try_from(number).unwrap_or(0)
}

impl<P> Content<P> {
    /// All fields that the rule is about.
    pub fn operands(&self) -> Vec<&P> {
        match self {
            Self::Conditional(when, names) => std::iter::once(&when.field).chain(names).collect(),
            Self::Names(names) | Self::Counted(_, names) => names.iter().collect(),
            Self::Values(when, field, _) => vec![&when.field, field],
            Self::Points { from, to, step, .. } => vec![from, to, step],
            Self::Subnet(names, mask) => names.iter().chain([mask]).collect(),
        }
    }

    /// The same of other names.
    pub(crate) fn map<Q>(&self, name: impl Fn(&P) -> Q) -> Content<Q> {
        let all = |names: &[P]| names.iter().map(&name).collect();
        let when = |when: &When<P>| When { field: name(&when.field), equals: when.equals.clone() };
        match self {
            Self::Conditional(condition, names) => Content::Conditional(when(condition), all(names)),
            Self::Names(names) => Content::Names(all(names)),
            Self::Counted(count, names) => Content::Counted(*count, all(names)),
            Self::Values(condition, field, check) => {
                Content::Values(when(condition), name(field), check.clone())
            }
            Self::Points { from, to, step, max, default_step } => Content::Points {
                from: name(from),
                to: name(to),
                step: name(step),
                max: *max,
                default_step: *default_step,
            },
            Self::Subnet(names, mask) => Content::Subnet(all(names), name(mask)),
        }
    }
}

impl Rule<String> {
    /// Its entry in a table.
    pub(crate) fn table(&self) -> String {
        let says = if self.today { "today" } else { "documented" };
        let advice = if self.advice { ".advice()" } else { "" };
        format!("Rule::{says}({}){advice}", self.content.table(self.kind.variant))
    }
}

impl Content<String> {
    fn table(&self, variant: &str) -> String {
        match self {
            Self::Conditional(when, then) => format!("{variant}({}, {})", when.table(), texts(then)),
            Self::Names(names) => format!("{variant}({})", texts(names)),
            Self::Counted(most, names) => format!("{variant}({most}, {})", texts(names)),
            Self::Values(when, field, check) => {
                format!("{variant}({}, {}, &{})", when.table(), quoted(field), check.table())
            }
            Self::Points { from, to, step, max, default_step } => {
                let [from, to, step] = [from, to, step].map(|name| quoted(name));
                let ends = format!("from: {from}, to: {to}, step: {step}");
                format!("{variant} {{ {ends}, max: {max}, default_step: {default_step} }}")
            }
            Self::Subnet(names, mask) => format!("{variant}({}, {})", texts(names), quoted(mask)),
        }
    }
}

impl When<String> {
    fn table(&self) -> String {
        let equals = texts(self.equals.iter().map(|value| value.as_str()));
        format!("When {{ field: {}, equals: {equals} }}", quoted(&self.field))
    }
}

impl Rule<Spanned<Path>> {
    /// What docs say of it.
    pub(crate) fn said(&self, doc: Doc) -> Doc {
        let said = self.kind.said;
        match &self.content {
            Content::Conditional(when, then) => {
                when.said(doc).markup(&format!(" {said} ")).codes(plain(then))
            }
            Content::Names(names) => doc.markup(&format!("{said} ")).codes(plain(names)),
            Content::Counted(count, names) => doc.markup(&format!("{said} {count} of ")).codes(plain(names)),
            Content::Values(when, field, check) => {
                let doc = when.said(doc).markup(&format!(" {said} ")).code(field).markup(" to ");
                match &check.content {
                    Limit::Values(values) => doc.codes(values.iter().map(|value| value.value.as_str())),
                    content => doc.markup(&content.said().join(", ")),
                }
            }
            Content::Points { from, to, step, max, .. } => {
                let doc = doc.markup(&format!("{said} {max} steps of ")).code(step).markup(" from ");
                doc.code(from).markup(" to ").code(to)
            }
            Content::Subnet(names, mask) => doc.codes(plain(names)).markup(&format!(" {said} ")).code(mask),
        }
    }
}

impl When<Spanned<Path>> {
    fn said(&self, doc: Doc) -> Doc {
        let doc = doc.code(&self.field);
        match self.equals.is_empty() {
            true => doc,
            false => doc.markup(" = ").codes(self.equals.iter().map(|value| value.as_str())),
        }
    }
}

fn plain(names: &[Spanned<Path>]) -> impl Iterator<Item = &str> {
    names.iter().map(|name| &***name)
}
