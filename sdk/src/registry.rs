//! Actions by name, for calls that are not known when a program is compiled.

use crate::generated::SERVICES;
use crate::operation::Operation;
use crate::schema::Action;
#[cfg(feature = "dynamic")]
use crate::{decode::DecodeError, record::Record, schema::Service};

/// What a call by name needs of an action.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) action: &'static Action,
    /// A documented response; empty where the document has none.
    #[cfg(feature = "testing")]
    pub(crate) example: &'static str,
    /// Parameters, all absent.
    #[cfg(feature = "dynamic")]
    pub(crate) input: fn() -> Box<dyn Record>,
    /// Reads a response as the typed call would.
    #[cfg(feature = "dynamic")]
    pub(crate) decode: fn(&[u8]) -> Decoded,
}

/// An output, or why the response cannot be read.
#[cfg(feature = "dynamic")]
pub(crate) type Decoded = Result<Box<dyn Record>, DecodeError>;

impl Entry {
    #[cfg_attr(not(feature = "testing"), expect(unused_variables, reason = "examples are for tests"))]
    pub(crate) const fn of<O: Operation>(example: &'static str) -> Self {
        Self {
            action: O::ACTION,
            #[cfg(feature = "testing")]
            example,
            #[cfg(feature = "dynamic")]
            input: || Box::new(O::default()),
            #[cfg(feature = "dynamic")]
            decode: |body| {
                let mut output = O::Output::default();
                crate::decode::decode_response(O::ACTION, body, &mut output)?;
                Ok(Box::new(output))
            },
        }
    }
}

/// Every service.
#[cfg(feature = "dynamic")]
pub(crate) fn services() -> impl Iterator<Item = &'static Service> {
    SERVICES.iter().map(|(service, _)| *service)
}

/// Every action of every service, by chapter.
pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    SERVICES.iter().flat_map(|(_, chapters)| chapters.iter().copied().flatten())
}

/// The actions of a service.
#[cfg(feature = "dynamic")]
pub(crate) fn actions(service: &str) -> impl Iterator<Item = &'static Entry> {
    entries().filter(move |entry| entry.action.service.name == service)
}

/// The action of a name.
#[cfg(feature = "dynamic")]
pub(crate) fn action(service: &str, name: &str) -> Option<&'static Entry> {
    actions(service).find(|entry| entry.action.name == name)
}
