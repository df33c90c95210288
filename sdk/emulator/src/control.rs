//! The routes below `/_cloudnet/`: what tests in other languages steer the service by.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::engine::Engine;

/// Answers a request whose path is `/_cloudnet` or begins with `/_cloudnet/`.
pub(crate) fn answer(_engine: &mut Engine, _request: &Request<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
