//! Requests that reach the emulator without a connection.

use bytes::Bytes;
use cloudnet::transport::{Limits, ResponseFuture, Transport, TransportError, TransportErrorKind};
use http::{Request, Response};

use crate::Emulator;
use crate::faults::Delivery;

/// The way to an emulator in the same process. Delays pass in virtual time.
impl Transport for Emulator {
    fn send<'a>(&'a self, request: Request<Bytes>, limits: Limits) -> ResponseFuture<'a> {
        Box::pin(async move { self.delivered(self.handle(&request), limits) })
    }
}

impl Emulator {
    fn delivered(
        &self,
        mut response: Response<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let longest = limits.idle.min(limits.attempt);
        match response.extensions_mut().remove::<Delivery>() {
            Some(Delivery::Reset) => Err(broken(TransportErrorKind::Broken, "the connection was reset")),
            Some(Delivery::Delay(time)) if time > longest => {
                self.advance(longest);
                Err(broken(TransportErrorKind::Timeout, "the server is silent"))
            }
            Some(Delivery::Delay(time)) => {
                self.advance(time);
                Ok(response)
            }
            _ if response.body().len() > limits.max_body => {
                Err(broken(TransportErrorKind::TooLarge, "the body is too large"))
            }
            _ => Ok(response),
        }
    }
}

fn broken(kind: TransportErrorKind, message: &str) -> TransportError {
    TransportError::new(kind, message)
}
