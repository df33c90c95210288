//! Actions by name, for calls that are not known when a program is compiled.

use crate::decode::DecodeError;
use crate::generated::SERVICES;
use crate::operation::Operation;
use crate::record::Record;
use crate::schema::{Action, Service};

/// What a call by name needs of an action.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) action: &'static Action,
    /// A documented response; empty where the document has none.
    pub(crate) example: &'static str,
    /// Parameters, all absent.
    pub(crate) input: fn() -> Box<dyn Record>,
    /// Reads a response as the typed call would.
    pub(crate) decode: fn(&[u8]) -> Result<Box<dyn Record>, DecodeError>,
}

impl Entry {
    pub(crate) const fn of<O: Operation>(example: &'static str) -> Self {
        Self {
            action: O::ACTION,
            example,
            input: || Box::new(O::default()),
            decode: |body| {
                let mut output = O::Output::default();
                crate::decode::decode_response(O::ACTION, body, &mut output)?;
                Ok(Box::new(output))
            },
        }
    }
}

/// The service of a name, with its actions.
pub(crate) fn service(name: &str) -> Option<(&'static Service, &'static [Entry])> {
    SERVICES.iter().find(|(service, _)| service.name == name).copied()
}

/// The action of a name.
pub(crate) fn action(service: &Service, name: &str) -> Option<&'static Entry> {
    self::service(service.name)?.1.iter().find(|entry| entry.action.name == name)
}
