//! Actions by name, for calls that are not known when a program is compiled.

use crate::generated::SERVICES;
use crate::schema::Action;
use crate::table::operation::Operation;
#[cfg(feature = "dynamic")]
use crate::{
    record::Record,
    schema::{Service, Wait},
    waiter::Poll,
    wire::decode::DecodeError,
};

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
    /// What a call returns, all absent.
    #[cfg(feature = "dynamic")]
    pub(crate) output: fn() -> Box<dyn Record>,
}

/// A wait for a resource by name.
#[cfg(feature = "dynamic")]
#[derive(Debug)]
pub(crate) struct WaiterEntry {
    pub(crate) name: &'static str,
    /// The keys that name the resource.
    pub(crate) by: &'static [&'static str],
    pub(crate) wait: &'static Wait,
}

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
            output: || Box::new(O::Output::default()),
        }
    }

    /// Reads a response as the typed call would.
    #[cfg(feature = "dynamic")]
    pub(crate) fn decode(&self, body: &[u8]) -> Result<Box<dyn Record>, DecodeError> {
        let mut output = (self.output)();
        crate::wire::decode::decode_response(self.action, body, &mut *output)?;
        Ok(output)
    }

    /// The action as one that tells of a resource.
    #[cfg(feature = "dynamic")]
    pub(crate) fn poll(&self) -> Poll {
        Poll { action: self.action, input: self.input, output: self.output }
    }
}

/// Every service.
#[cfg(feature = "dynamic")]
pub(crate) fn services() -> impl Iterator<Item = &'static Service> {
    SERVICES.iter().map(|(service, ..)| *service)
}

/// Every action of every service, by chapter.
pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    SERVICES.iter().flat_map(|(_, chapters, ..)| chapters.iter().copied().flatten())
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

/// The waiters of a service.
#[cfg(feature = "dynamic")]
pub(crate) fn waiters(service: &str) -> impl Iterator<Item = &'static WaiterEntry> {
    let of_service = crate::generated::WAITERS.iter().filter(move |(known, _)| known.name == service);
    of_service.flat_map(|(_, chapters)| chapters.iter().copied().flatten())
}
