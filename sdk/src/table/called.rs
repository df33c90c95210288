//! The action of a call: one that a table describes, or a raw one, of which only its caller knows.

use std::sync::Arc;

use crate::schema::{Action, DryRun, Effect, Method, Pagination, Service, Shape};

/// An action as a call sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) enum Called {
    /// One that a table describes.
    Described(&'static Action),
    /// One that a caller describes.
    Raw(Arc<RawAction>),
}

/// What a caller says of an action that no table has to know.
#[derive(Clone, Debug)]
pub(crate) struct RawAction {
    pub(crate) name: String,
    pub(crate) service: &'static Service,
    pub(crate) effect: Effect,
    /// Name of the parameter that carries the idempotency token.
    pub(crate) token: Option<String>,
    pub(crate) pagination: Option<Pagination<String>>,
}

static NO_FIELDS: Shape = Shape::of(&[]);

impl Called {
    /// What the documents say of the action; nothing if it is a raw one.
    pub(crate) fn table(&self) -> Option<&'static Action> {
        match self {
            Self::Described(action) => Some(action),
            Self::Raw(_) => None,
        }
    }

    pub(crate) fn is_raw(&self) -> bool {
        matches!(self, Self::Raw(_))
    }

    /// Wire name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Described(action) => action.name,
            Self::Raw(raw) => &raw.name,
        }
    }

    pub(crate) fn service(&self) -> &'static Service {
        match self {
            Self::Described(action) => action.service,
            Self::Raw(raw) => raw.service,
        }
    }

    pub(crate) fn effect(&self) -> Effect {
        match self {
            Self::Described(action) => action.effect,
            Self::Raw(raw) => raw.effect,
        }
    }

    pub(crate) fn method(&self) -> Method {
        self.table().map_or(Method::Post, |action| action.method)
    }

    /// Wire name of the parameter that carries the idempotency token.
    pub(crate) fn token(&self) -> Option<&str> {
        match self {
            Self::Described(action) => action.token,
            Self::Raw(raw) => raw.token.as_deref(),
        }
    }

    pub(crate) fn pagination(&self) -> Option<Pagination<&str>> {
        match self {
            Self::Described(action) => action.pagination,
            Self::Raw(raw) => raw.pagination.as_ref().map(|pages| pages.map(String::as_str)),
        }
    }

    pub(crate) fn dry_run(&self) -> Option<&'static DryRun> {
        self.table()?.dry_run.as_ref()
    }

    pub(crate) fn serialize_by(&self) -> &'static [&'static str] {
        self.table().map_or(&[], |action| action.serialize_by)
    }

    /// Section of the document; empty if there is none.
    pub(crate) fn section(&self) -> &'static str {
        self.table().map_or("", |action| action.section)
    }

    /// The parameters that are known; a raw action has none of these.
    pub(crate) fn request(&self) -> &'static Shape {
        self.table().map_or(&NO_FIELDS, |action| &action.request)
    }

    /// The response fields that are known; a raw action has none of these.
    pub(crate) fn response(&self) -> &'static Shape {
        self.table().map_or(&NO_FIELDS, |action| &action.response)
    }
}

impl From<&'static Action> for Called {
    fn from(action: &'static Action) -> Self {
        Self::Described(action)
    }
}

impl From<&Called> for Called {
    fn from(action: &Called) -> Self {
        action.clone()
    }
}
