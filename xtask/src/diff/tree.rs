//! A state of the specs as a tree of named parts, each with what is said of it and where.

mod actions;
mod rows;
mod services;

use cloudnet_codegen::diagnostic::Location;
use cloudnet_codegen::limit::Check;

pub(crate) use services::tree;

/// What a node of the tree stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// All services.
    Root,
    /// A service.
    Service,
    /// A folder of actions.
    Chapter,
    /// A type that actions share.
    SharedType,
    /// An action.
    Action,
    /// A row of a request, or a list that only rows below it show.
    Parameter,
    /// A row of a response.
    Field,
    /// A struct inside a request or response.
    Struct,
    /// An open enum.
    Enum,
    /// A value of an open enum.
    Variant,
    /// A struct of another action that a setter takes.
    Conversion,
    /// A code of an error table.
    Code,
    /// A rule across parameters.
    Rule,
    /// How results are divided into pages.
    Pagination,
    /// A call that only asks whether it would work.
    DryRun,
    /// How the effect of an action is seen.
    Wait,
    /// A wait for a resource, whoever changed it.
    Waiter,
    /// A resource, as waits look at it.
    Resource,
    /// A resource, as the emulator keeps it.
    Kept,
}

/// A part and what is said of it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) part: Part,
    /// Tells it from its siblings of the same part.
    pub(crate) name: String,
    pub(crate) place: Location,
    pub(crate) rust: Rust,
    pub(crate) facts: Vec<Fact>,
    pub(crate) children: Vec<Self>,
}

/// What a part is in Rust, and the body of a program that uses it; both empty where it is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rust {
    pub(crate) item: String,
    pub(crate) usage: String,
}

impl Rust {
    pub(crate) fn new(item: impl Into<String>, usage: impl Into<String>) -> Self {
        Self { item: item.into(), usage: usage.into() }
    }
}

/// Something said of a part.
#[derive(Debug)]
pub(crate) struct Fact {
    /// Which question it answers.
    pub(crate) aspect: &'static str,
    /// Tells it from others of the same aspect.
    pub(crate) about: String,
    pub(crate) value: Value,
    pub(crate) place: Location,
    /// Where it is something else in Rust than its part.
    pub(crate) rust: Option<Rust>,
}

/// A value, with what is needed to compare it with another.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Limit(Check),
    /// The dialect's word for a type, and the type in Rust.
    Type(&'static str, String),
}

impl Value {
    /// For people.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Limit(check) => check.said().collect::<Vec<_>>().join(", "),
            Self::Type(word, rust) => format!("{word} ({rust})"),
        }
    }
}

impl Node {
    pub(crate) fn new(part: Part, name: impl Into<String>, place: Location) -> Self {
        Self {
            part,
            name: name.into(),
            place,
            rust: Rust::default(),
            facts: Vec::new(),
            children: Vec::new(),
        }
    }

    pub(crate) fn in_rust(mut self, item: impl Into<String>, usage: impl Into<String>) -> Self {
        self.rust = Rust::new(item, usage);
        self
    }

    /// Says something of it that stands where the part stands.
    pub(crate) fn say(&mut self, aspect: &'static str, text: impl Into<String>) {
        self.say_of(aspect, "", text, self.place);
    }

    pub(crate) fn say_of(
        &mut self,
        aspect: &'static str,
        about: impl Into<String>,
        text: impl Into<String>,
        place: Location,
    ) {
        self.put(aspect, about, Value::Text(text.into()), place);
    }

    pub(crate) fn put(
        &mut self,
        aspect: &'static str,
        about: impl Into<String>,
        value: Value,
        place: Location,
    ) {
        self.facts.push(Fact { aspect, about: about.into(), value, place, rust: None });
    }

    /// What the last fact is in Rust.
    pub(crate) fn last_in_rust(&mut self, item: impl Into<String>, usage: impl Into<String>) {
        if let Some(fact) = self.facts.last_mut() {
            fact.rust = Some(Rust::new(item, usage));
        }
    }

    /// Says something if it is so.
    pub(crate) fn flag(&mut self, aspect: &'static str, is_so: bool) {
        if is_so {
            self.say(aspect, "yes");
        }
    }

    /// Says something if there is anything to say.
    pub(crate) fn maybe<T: Into<String>>(&mut self, aspect: &'static str, text: Option<T>) {
        if let Some(text) = text {
            self.say(aspect, text);
        }
    }
}
