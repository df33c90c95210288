//! What goes wrong with a request, as told by a test.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

/// What the server does with one request instead of answering it properly.
///
/// Three things are chosen apart: whether the request has its effect, what the answer says, and
/// how the answer is delivered.
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) is_read: bool,
    pub(super) is_applied: bool,
    pub(super) answer: Option<Answer>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) delivery: Delivery,
}

/// What the server says.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, without those of the framing.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// How an answer reaches the client, if it does.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// Whole.
    Whole,
    /// Whole, and then the connection is closed without a word about it.
    WholeThenClose,
    /// Not at all: the connection is reset.
    Reset,
    /// Not at all: the connection stays open.
    Silence,
    /// The head and half of the body, and then nothing.
    Stall,
    /// A byte at a time, with a pause after each.
    Drip(Duration),
    /// With a length beyond the body, and then the connection is closed.
    LengthTooLong,
    /// With a length that ends in the middle of the body.
    LengthTooShort,
    /// In chunks, of which the last is missing, and then the connection is closed.
    Unended,
    /// Without a length: half of the body, and then the connection is closed.
    Cut,
    /// After a body of so many bytes announced, which is then sent.
    Announced(usize),
    /// In chunks that go on until so many bytes are sent.
    Endless(usize),
    /// With so many headers.
    Headers(usize),
}

impl Answer {
    /// A success with a JSON body.
    #[must_use]
    pub fn ok(body: &serde_json::Value) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.to_string().into() }
    }

    /// An error of the service.
    #[must_use]
    pub fn code(status: u16, code: &str) -> Self {
        let body = serde_json::json!({
            "Code": code, "Message": "As a test wanted.", "RequestId": "0FAULT00", "__type": code,
        });
        Self { status, headers: Vec::new(), body: body.to_string().into() }
    }

    /// The same for those who speak of HTTP and not of bytes.
    pub(super) fn response(self) -> http::Result<Response<Bytes>> {
        let headers = self.headers.iter();
        let response = headers.fold(Response::builder().status(self.status), |response, (name, value)| {
            response.header(name, value)
        });
        response.body(Bytes::from(self.body))
    }
}

impl Fault {
    /// The request has its effect, and its answer is delivered like this.
    #[must_use]
    pub fn delivery(delivery: Delivery) -> Self {
        Self { is_read: true, is_applied: true, answer: None, headers: Vec::new(), delivery }
    }

    /// The connection is reset before any of the request is read.
    #[must_use]
    pub fn unread() -> Self {
        Self { is_read: false, is_applied: false, ..Self::delivery(Delivery::Reset) }
    }

    /// The request has no effect, and this is the answer. `{signature}`, `{target}` and `{body}` in
    /// it become those of the request.
    #[must_use]
    pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let answer = Answer { status, headers: Vec::new(), body: body.into() };
        Self { is_applied: false, answer: Some(answer), ..Self::delivery(Delivery::Whole) }
    }

    /// The request has no effect, and the answer is an error of the service.
    #[must_use]
    pub fn code(status: u16, code: &str) -> Self {
        Self::answer(status, Answer::code(status, code).body)
    }

    /// The request has its effect all the same.
    #[must_use]
    pub fn applied(mut self) -> Self {
        self.is_applied = true;
        self
    }

    /// Adds a header to the answer, in the place of one of the same name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Delivers the answer in another way.
    #[must_use]
    pub fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }
}
