//! Actions by name, for calls that are not known when a program is compiled.

use crate::operation::Operation;
use crate::schema::Action;
#[cfg(feature = "dynamic")]
use crate::{decode::DecodeError, generated::SERVICES, record::Record, schema::Service};

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

/// The service of a name.
#[cfg(feature = "dynamic")]
pub(crate) fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().map(|(service, _)| *service).find(|service| service.name == name)
}

/// The actions of a service, by chapter.
#[cfg(feature = "dynamic")]
pub(crate) fn actions(service: &str) -> impl Iterator<Item = &'static Entry> {
    let named = SERVICES.iter().filter(move |(known, _)| known.name == service);
    named.flat_map(|(_, chapters)| chapters.iter().copied().flatten())
}

/// The action of a name.
#[cfg(feature = "dynamic")]
pub(crate) fn action(service: &str, name: &str) -> Option<&'static Entry> {
    actions(service).find(|entry| entry.action.name == name)
}
