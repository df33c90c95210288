//! Every kind of effect that a change of the specs can have: what it does on the wire, what in Rust, and which step
//! of the version it is due.
//!
//! A change is looked up by what it changes, which question that answers, and how. Structs are non-exhaustive, their
//! fields optional, enums open: so what is new there breaks nobody, and what is required is no matter of types.

use std::fmt;

use super::tree::Part::{self, *};
use Change::*;
use Step::{Major, Minor, Patch};
use Wire::{Behaviour, Error, Nothing, Request, Response};

/// A step of the version, from none to the largest. Below 1.0 the minor digit is the major one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A note: nobody can tell the difference.
    #[default]
    None,
    /// Docs, messages, what is advised.
    Patch,
    /// What is new, and what happens otherwise without breaking a program.
    Minor,
    /// What breaks a build, is no longer sent, or happens otherwise in a way that a program may rely on.
    Major,
}

impl Step {
    /// Every step, from none to the largest.
    pub const ALL: [Self; 4] = [Self::None, Self::Patch, Self::Minor, Self::Major];

    /// `none`, `patch`, `minor` or `major`.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The step of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// Where the wire, or what is done around it, differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// What is sent, or sent no more.
    Request,
    /// What is read from an answer.
    Response,
    /// What an error means.
    Error,
    /// What the client, or the emulator, does.
    Behaviour,
    /// Nowhere.
    Nothing,
}

impl Wire {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Request => "request",
            Response => "response",
            Error => "error",
            Behaviour => "behaviour",
            Nothing => "nothing",
        }
    }
}

/// What becomes of an item of Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InRust {
    /// There is none, or it stays.
    Stays,
    /// It is new.
    Adds(&'static str),
    /// It is gone.
    Removes(&'static str),
    /// It has another type.
    Retypes(&'static str),
    /// Using it warns.
    Deprecates(&'static str),
}

impl InRust {
    /// What item it is: "field and setter".
    pub fn item(self) -> &'static str {
        match self {
            Self::Stays => "",
            Self::Adds(item) | Self::Removes(item) | Self::Retypes(item) | Self::Deprecates(item) => item,
        }
    }

    /// What becomes of it, as one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Adds(_) => "added",
            Self::Removes(_) => "removed",
            Self::Retypes(_) => "retyped",
            Self::Deprecates(_) => "deprecated",
        }
    }

    /// Whether a program that uses the item no longer builds.
    pub fn breaks(self) -> bool {
        matches!(self, Self::Removes(_) | Self::Retypes(_))
    }
}

/// How a part, or what is said of it, changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The part is new; where an aspect is given, and says this.
    Added,
    /// The part is gone; where an aspect is given, and said this.
    Removed,
    /// It is said now.
    Appears,
    /// It is no longer said.
    Vanishes,
    /// Less is allowed.
    Narrows,
    /// More is allowed.
    Widens,
    /// The number is smaller.
    Falls,
    /// The number is larger.
    Rises,
    /// It is another type of the dialect, and the same one in Rust.
    Respelt,
    /// Anything else.
    Differs,
    /// Whatever has no entry of its own.
    Any,
}

/// A kind of effect.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name, which stays the same between versions.
    pub key: &'static str,
    /// What changes, in which respect, and how.
    pub on: (Part, &'static str, Change),
    /// Where the wire differs.
    pub wire: Wire,
    /// What becomes of which item.
    pub rust: InRust,
    /// The step it is due.
    pub step: Step,
    /// What it means to whoever uses the crate.
    pub said: &'static str,
}

const fn kind(
    key: &'static str,
    on: (Part, &'static str, Change),
    wire: Wire,
    rust: InRust,
    step: Step,
    said: &'static str,
) -> Kind {
    Kind { key, on, wire, rust, step, said }
}

/// Another spelling of the same: the file differs, and nothing that is read from it.
pub const NOTATION: Kind =
    kind("notation", (Root, "", Any), Nothing, STAYS, Step::None, "is written otherwise and says the same");

/// What the tool does not know; a fault of the tool.
pub const UNKNOWN: Kind =
    kind("unknown", (Root, "?", Any), Behaviour, STAYS, Major, "changes in a way that the catalogue lacks");

/// The kind of a change.
pub fn find(part: Part, aspect: &str, change: Change) -> &'static Kind {
    let of = |change| KINDS.iter().find(|kind| kind.on == (part, aspect, change));
    of(change).or_else(|| of(Any)).unwrap_or(&UNKNOWN)
}

/// The kind of a part that is new or gone and has something said of it that makes a difference.
pub fn special(part: Part, aspect: &str, change: Change) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| !aspect.is_empty() && kind.on == (part, aspect, change))
}

const STAYS: InRust = InRust::Stays;

const fn adds(item: &'static str) -> InRust {
    InRust::Adds(item)
}

const fn removes(item: &'static str) -> InRust {
    InRust::Removes(item)
}

const fn retypes(item: &'static str) -> InRust {
    InRust::Retypes(item)
}

const FIELD: &str = "field";
const SETTER: &str = "field and setter";
const METHOD: &str = "method";
const IMPL: &str = "implementation";

/// Every kind.
#[rustfmt::skip]
pub const KINDS: &[Kind] = &[
    // Services and chapters.
    kind("service-added", (Service, "", Added), Request, adds("feature and module"), Minor, "can be called"),
    kind("service-removed", (Service, "", Removed), Request, removes("feature and module"), Major, "can no longer be called"),
    kind("service-version", (Service, "version", Any), Request, STAYS, Major, "is called at another version of its API"),
    kind("service-product", (Service, "product", Any), Request, STAYS, Patch, "goes by another product name"),
    kind("service-protocol", (Service, "protocol", Any), Request, STAYS, Major, "is spoken to in another protocol"),
    kind("endpoint-added", (Service, "endpoint", Appears), Request, STAYS, Minor, "is also found at another endpoint"),
    kind("endpoint-removed", (Service, "endpoint", Vanishes), Request, STAYS, Major, "is no longer found at an endpoint"),
    kind("endpoint-changed", (Service, "endpoint", Any), Request, STAYS, Minor, "is found at another endpoint"),
    kind("service-text", (Service, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("chapter-added", (Chapter, "", Added), Nothing, adds("feature and module"), Minor, "is a new chapter"),
    kind("chapter-removed", (Chapter, "", Removed), Nothing, removes("feature and module"), Major, "is no longer a chapter"),
    kind("chapter-text", (Chapter, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("shared-type-added", (SharedType, "", Added), Nothing, adds("struct"), Minor, "is shared by actions"),
    kind("shared-type-removed", (SharedType, "", Removed), Nothing, removes("struct"), Major, "is no longer shared by actions"),
    kind("shared-type-field-added", (SharedType, "field", Appears), Request, adds(SETTER), Minor, "has a new field"),
    kind("shared-type-field-removed", (SharedType, "field", Vanishes), Request, removes(SETTER), Major, "has lost a field"),
    // Actions.
    kind("action-added", (Action, "", Added), Request, adds("structs and method"), Minor, "can be called"),
    kind("action-removed", (Action, "", Removed), Request, removes("structs and method"), Major, "can no longer be called"),
    kind("action-moved", (Action, "chapter", Any), Nothing, removes("module and feature"), Major, "is behind the feature of another chapter"),
    kind("action-deprecated", (Action, "deprecated", Appears), Nothing, InRust::Deprecates("struct and method"), Minor, "warns whoever calls it"),
    kind("action-undeprecated", (Action, "deprecated", Vanishes), Nothing, STAYS, Patch, "warns nobody any more"),
    kind("action-deprecation", (Action, "deprecated", Any), Nothing, STAYS, Patch, "warns in other words"),
    kind("action-text", (Action, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("action-section", (Action, "section", Any), Nothing, STAYS, Patch, "stands at another place of its document"),
    kind("action-method", (Action, "method", Any), Request, STAYS, Minor, "is sent by another method of HTTP"),
    kind("effect-becomes-write", (Action, "read", Vanishes), Behaviour, STAYS, Major, "is no longer repeated after a failure that may have been applied"),
    kind("effect-becomes-read", (Action, "read", Appears), Behaviour, STAYS, Major, "is repeated after any failure that passes"),
    kind("token-comes", (Action, "token", Appears), Behaviour, STAYS, Minor, "is created once: a token is sent, and it is repeated"),
    kind("token-goes", (Action, "token", Vanishes), Behaviour, STAYS, Major, "is no longer created once: no token is sent, and it is not repeated"),
    kind("token-changes", (Action, "token", Any), Behaviour, STAYS, Major, "has its token in another parameter"),
    kind("serialisation", (Action, "serialised", Any), Behaviour, STAYS, Minor, "queues behind other calls than before"),
    kind("permission", (Action, "permission", Any), Nothing, STAYS, Patch, "needs other permissions, by its document"),
    kind("wait-outside", (Action, "outside", Any), Nothing, STAYS, Patch, "is told of elsewhere by another action"),
    kind("emulator-effect-added", (Action, "emulated effect", Appears), Behaviour, STAYS, Minor, "does more in the emulator"),
    kind("emulator-effect-removed", (Action, "emulated effect", Vanishes), Behaviour, STAYS, Minor, "does less in the emulator"),
    kind("emulator-effect-changed", (Action, "emulated effect", Any), Behaviour, STAYS, Minor, "does something else in the emulator"),
    kind("emulator-read", (Action, "emulated read", Any), Behaviour, STAYS, Minor, "shows other resources in the emulator"),
    kind("emulator-filter", (Action, "emulated filter", Any), Behaviour, STAYS, Minor, "filters otherwise in the emulator"),
    kind("emulator-answer", (Action, "emulated answer", Any), Behaviour, STAYS, Minor, "answers otherwise in the emulator"),
    kind("emulator-reference", (Action, "emulated reference", Any), Behaviour, STAYS, Minor, "looks for other resources in the emulator"),
    kind("emulator-refusal", (Action, "emulated refusal", Any), Behaviour, STAYS, Patch, "refuses with another code in the emulator"),
    // What is sent.
    kind("parameter-added", (Parameter, "", Added), Request, adds(SETTER), Minor, "can be given"),
    kind("parameter-added-required", (Parameter, "required", Added), Request, adds(SETTER), Major, "must be given: calls without it are refused"),
    kind("parameter-removed", (Parameter, "", Removed), Request, removes(SETTER), Major, "can no longer be given"),
    kind("parameter-required", (Parameter, "required", Appears), Request, STAYS, Major, "must be given now: calls without it are refused"),
    kind("parameter-optional", (Parameter, "required", Vanishes), Request, STAYS, Minor, "need not be given any more"),
    kind("parameter-required-documented", (Parameter, "documented required", Any), Nothing, STAYS, Patch, "is required, or not, by its document; the client does as before"),
    kind("parameter-type", (Parameter, "type", Differs), Request, retypes(SETTER), Major, "has another type"),
    kind("parameter-type-word", (Parameter, "type", Respelt), Nothing, STAYS, Patch, "has another type in the document, and the same one here"),
    kind("parameter-enum-comes", (Parameter, "enum", Appears), Nothing, retypes(SETTER), Major, "is an open enum now"),
    kind("parameter-enum-goes", (Parameter, "enum", Vanishes), Nothing, retypes(SETTER), Major, "is plain text now"),
    kind("parameter-enum-renamed", (Parameter, "enum", Any), Nothing, retypes(SETTER), Major, "is another open enum"),
    kind("parameter-sensitive", (Parameter, "sensitive", Appears), Behaviour, retypes(SETTER), Major, "is a secret: hidden in all texts"),
    kind("parameter-plain", (Parameter, "sensitive", Vanishes), Behaviour, retypes(SETTER), Major, "is no secret any more: shown in logs and errors"),
    kind("parameter-place", (Parameter, "place", Any), Request, STAYS, Minor, "travels in another place of the request"),
    kind("default-changed", (Parameter, "default", Any), Behaviour, STAYS, Minor, "means something else where it is left out"),
    kind("default-documented", (Parameter, "documented default", Any), Nothing, STAYS, Patch, "has another default in the document, and the same one today"),
    kind("limit-narrowed", (Parameter, "limit", Narrows), Behaviour, STAYS, Major, "is refused where it was sent"),
    kind("limit-comes", (Parameter, "limit", Appears), Behaviour, STAYS, Major, "is limited where it was not"),
    kind("limit-widened", (Parameter, "limit", Widens), Behaviour, STAYS, Minor, "is sent where it was refused"),
    kind("limit-goes", (Parameter, "limit", Vanishes), Behaviour, STAYS, Minor, "is no longer limited"),
    kind("limit-moved", (Parameter, "limit", Any), Behaviour, STAYS, Major, "is refused where it was sent, and sent where it was refused"),
    kind("advice-changed", (Parameter, "advice", Any), Behaviour, STAYS, Patch, "is advised otherwise: sent all the same, and told when the service refuses"),
    kind("limit-documented", (Parameter, "documented limit", Any), Nothing, STAYS, Patch, "has another limit in the document"),
    kind("limit-today", (Parameter, "limit of today", Any), Nothing, STAYS, Patch, "has another limit today"),
    kind("parameter-deprecated", (Parameter, "deprecated", Appears), Nothing, InRust::Deprecates(SETTER), Minor, "warns whoever gives it"),
    kind("parameter-undeprecated", (Parameter, "deprecated", Vanishes), Nothing, STAYS, Patch, "warns nobody any more"),
    kind("parameter-provenance", (Parameter, "provenance", Any), Nothing, STAYS, Patch, "is known from elsewhere"),
    kind("parameter-text", (Parameter, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("rule-added", (Rule, "refuses", Added), Behaviour, STAYS, Major, "is a new rule: calls that break it are refused"),
    kind("rule-removed", (Rule, "refuses", Removed), Behaviour, STAYS, Minor, "is a rule no more: calls that break it are sent"),
    kind("rule-hardened", (Rule, "refuses", Appears), Behaviour, STAYS, Major, "refuses calls now"),
    kind("rule-softened", (Rule, "refuses", Vanishes), Behaviour, STAYS, Minor, "refuses no call any more"),
    kind("rule-advised", (Rule, "", Added), Nothing, STAYS, Patch, "is a rule that refuses nothing"),
    kind("rule-unadvised", (Rule, "", Removed), Nothing, STAYS, Patch, "was a rule that refused nothing"),
    kind("rule-text", (Rule, "text", Any), Nothing, STAYS, Patch, "is stated otherwise"),
    // What is read.
    kind("field-added", (Field, "", Added), Response, adds(FIELD), Minor, "is read from answers"),
    kind("field-removed", (Field, "", Removed), Response, removes(FIELD), Major, "is no longer read from answers"),
    kind("field-type", (Field, "type", Differs), Response, retypes(FIELD), Major, "has another type"),
    kind("field-type-word", (Field, "type", Respelt), Nothing, STAYS, Patch, "has another type in the document, and the same one here"),
    kind("field-enum-comes", (Field, "enum", Appears), Nothing, retypes(FIELD), Major, "is an open enum now"),
    kind("field-enum-goes", (Field, "enum", Vanishes), Nothing, retypes(FIELD), Major, "is plain text now"),
    kind("field-enum-renamed", (Field, "enum", Any), Nothing, retypes(FIELD), Major, "is another open enum"),
    kind("field-sensitive", (Field, "sensitive", Appears), Behaviour, retypes(FIELD), Major, "is a secret: hidden in all texts"),
    kind("field-plain", (Field, "sensitive", Vanishes), Behaviour, retypes(FIELD), Major, "is no secret any more: shown in logs and errors"),
    kind("field-wrapper", (Field, "wrapper", Any), Response, STAYS, Minor, "is looked for inside another wrapper"),
    kind("spelling-added", (Field, "spelling", Appears), Response, STAYS, Minor, "is also read under another name"),
    kind("spelling-removed", (Field, "spelling", Vanishes), Response, STAYS, Major, "is no longer read under another name"),
    kind("field-limit", (Field, "documented limit", Any), Nothing, STAYS, Patch, "has other values or another form, by its document"),
    kind("field-deprecated", (Field, "deprecated", Appears), Nothing, InRust::Deprecates(FIELD), Minor, "warns whoever reads it"),
    kind("field-undeprecated", (Field, "deprecated", Vanishes), Nothing, STAYS, Patch, "warns nobody any more"),
    kind("field-provenance", (Field, "provenance", Any), Nothing, STAYS, Patch, "is known from elsewhere"),
    kind("field-text", (Field, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("struct-added", (Struct, "", Added), Nothing, adds("struct"), Minor, "is a new struct"),
    kind("struct-removed", (Struct, "", Removed), Nothing, removes("struct"), Major, "is no longer a struct"),
    kind("enum-added", (Enum, "", Added), Nothing, adds("open enum"), Minor, "is a new open enum"),
    kind("enum-removed", (Enum, "", Removed), Nothing, removes("open enum"), Major, "is no longer an enum"),
    kind("variant-added", (Variant, "", Added), Nothing, adds("variant"), Minor, "is a variant where it was unknown"),
    kind("variant-removed", (Variant, "", Removed), Nothing, removes("variant"), Major, "is no longer a variant"),
    kind("variant-value", (Variant, "value", Any), Request, STAYS, Major, "stands for another text on the wire"),
    kind("variant-text", (Variant, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("conversion-added", (Conversion, "", Added), Nothing, adds(IMPL), Minor, "is taken by setters"),
    kind("conversion-removed", (Conversion, "", Removed), Nothing, removes(IMPL), Major, "is no longer taken by setters"),
    // What errors mean.
    kind("code-added", (Code, "", Added), Error, STAYS, Minor, "has a class of its own"),
    kind("code-added-retried", (Code, "retried", Added), Error, STAYS, Minor, "has a class of its own, and is retried"),
    kind("code-removed", (Code, "", Removed), Error, STAYS, Minor, "is classed by its form alone"),
    kind("code-removed-retried", (Code, "retried", Removed), Error, STAYS, Major, "is classed by its form alone, and no longer sure to be retried"),
    kind("code-class", (Code, "class", Any), Error, STAYS, Minor, "has another class"),
    kind("code-retried", (Code, "retried", Appears), Behaviour, STAYS, Major, "is retried now"),
    kind("code-not-retried", (Code, "retried", Vanishes), Behaviour, STAYS, Major, "is no longer retried"),
    kind("code-retried-otherwise", (Code, "retried", Any), Behaviour, STAYS, Major, "is retried for another time"),
    kind("code-gone", (Code, "gone", Appears), Behaviour, STAYS, Major, "means that the resource is away: waits end, deletes succeed"),
    kind("code-not-gone", (Code, "gone", Vanishes), Behaviour, STAYS, Major, "no longer means that the resource is away"),
    kind("code-status", (Code, "status", Any), Error, STAYS, Patch, "comes with another status"),
    kind("code-provenance", (Code, "provenance", Any), Nothing, STAYS, Patch, "is known from elsewhere"),
    kind("code-text", (Code, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    // Pages, dry runs and waits.
    kind("paging-comes", (Pagination, "", Added), Behaviour, adds(IMPL), Minor, "are listed page by page"),
    kind("paging-goes", (Pagination, "", Removed), Behaviour, removes(IMPL), Major, "are no longer listed page by page"),
    kind("paging-entry", (Pagination, "entry", Any), Response, retypes("associated type"), Major, "are entries of another type"),
    kind("paging-style", (Pagination, "style", Any), Behaviour, STAYS, Minor, "are asked for in another way"),
    kind("dry-run-comes", (DryRun, "", Added), Request, removes("setter"), Major, "is a way of sending, and no longer a setter"),
    kind("dry-run-added", (DryRun, "parameter", Added), Request, adds(IMPL), Minor, "can be tried without effect"),
    kind("dry-run-goes", (DryRun, "", Removed), Request, removes(IMPL), Major, "is a parameter, and no longer a way of sending"),
    kind("dry-run-code", (DryRun, "passed", Any), Error, STAYS, Minor, "is told to have passed by another code"),
    kind("wait-comes", (Wait, "", Added), Behaviour, adds(IMPL), Minor, "can be waited for"),
    kind("wait-goes", (Wait, "", Removed), Behaviour, removes(IMPL), Major, "can no longer be waited for"),
    kind("wait-poll", (Wait, "poll", Any), Behaviour, retypes("associated type"), Major, "is seen by another action"),
    kind("wait-goal", (Wait, "goal", Any), Behaviour, STAYS, Minor, "ends in other states, or of other resources"),
    kind("wait-shorter", (Wait, "deadline", Falls), Behaviour, STAYS, Minor, "is given up earlier"),
    kind("wait-longer", (Wait, "deadline", Rises), Behaviour, STAYS, Patch, "is given up later"),
    kind("wait-delay", (Wait, "first delay", Any), Behaviour, STAYS, Patch, "begins to poll at another time"),
    kind("wait-provenance", (Wait, "provenance", Any), Nothing, STAYS, Patch, "is known from elsewhere"),
    kind("wait-text", (Wait, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("waiter-added", (Waiter, "", Added), Nothing, adds(METHOD), Minor, "can be waited for"),
    kind("waiter-removed", (Waiter, "", Removed), Nothing, removes(METHOD), Major, "can no longer be waited for"),
    kind("waiter-keys", (Waiter, "keys", Any), Nothing, retypes(METHOD), Major, "takes other keys"),
    kind("waiter-poll", (Waiter, "poll", Any), Behaviour, STAYS, Minor, "asks another action"),
    kind("waiter-goal", (Waiter, "goal", Any), Behaviour, STAYS, Minor, "ends in other states"),
    kind("waiter-shorter", (Waiter, "deadline", Falls), Behaviour, STAYS, Minor, "is given up earlier"),
    kind("waiter-longer", (Waiter, "deadline", Rises), Behaviour, STAYS, Patch, "is given up later"),
    kind("waiter-delay", (Waiter, "first delay", Any), Behaviour, STAYS, Patch, "begins to poll at another time"),
    kind("waiter-provenance", (Waiter, "provenance", Any), Nothing, STAYS, Patch, "is known from elsewhere"),
    kind("waiter-text", (Waiter, "text", Any), Nothing, STAYS, Patch, "is described otherwise"),
    kind("resource-added", (Resource, "", Added), Nothing, STAYS, Minor, "can be looked at by waits"),
    kind("resource-removed", (Resource, "", Removed), Nothing, STAYS, Minor, "is no longer looked at by waits"),
    kind("resource-found", (Resource, "found", Any), Behaviour, STAYS, Minor, "is looked for in another way"),
    kind("resource-state-added", (Resource, "state", Appears), Behaviour, STAYS, Minor, "has a state more on its way: waits go on in it"),
    kind("resource-state-removed", (Resource, "state", Vanishes), Behaviour, STAYS, Minor, "has a state less: waits that meet it say that it is unknown"),
    // What the emulator keeps.
    kind("kept-added", (Kept, "", Added), Behaviour, STAYS, Minor, "is kept by the emulator"),
    kind("kept-removed", (Kept, "", Removed), Behaviour, STAYS, Minor, "is no longer kept by the emulator"),
    kind("kept-changed", (Kept, "kept", Any), Behaviour, STAYS, Minor, "is kept otherwise by the emulator"),
    kind("kept-state", (Kept, "state", Any), Behaviour, STAYS, Minor, "passes through other states in the emulator"),
    kind("kept-text", (Kept, "text", Any), Nothing, STAYS, Patch, "goes by another title"),
];
