//! A request as authentication looks at it: what was signed is looked at as it came.

use bytes::Bytes;
use http::Request;

/// A request with everything in it text but the body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'r> {
    request: &'r Request<Bytes>,
}

impl<'r> Message<'r> {
    pub(crate) fn new(request: &'r Request<Bytes>) -> Self {
        Self { request }
    }

    pub(crate) fn method(self) -> &'r str {
        self.request.method().as_str()
    }

    pub(crate) fn path(self) -> &'r str {
        self.request.uri().path()
    }

    pub(crate) fn query(self) -> &'r str {
        self.request.uri().query().unwrap_or_default()
    }

    pub(crate) fn body(self) -> &'r [u8] {
        self.request.body()
    }

    /// The first value of a header, without the blanks around it; that of `host` is the URL's if there is
    /// no header.
    pub(crate) fn header(self, name: &str) -> Option<&'r str> {
        self.headers(name).next()
    }

    /// All values of a header, in the order in which they came.
    pub(crate) fn headers(self, name: &str) -> impl Iterator<Item = &'r str> {
        let headers = self.request.headers();
        let given = headers.get_all(name).iter().map(|value| text(value.as_bytes()));
        let is_in_url = name == "host" && !headers.contains_key("host");
        let authority = self.request.uri().authority().filter(|_| is_in_url);
        given.chain(authority.map(http::uri::Authority::as_str))
    }

    /// Names of the headers, in lower case.
    pub(crate) fn header_names(self) -> impl Iterator<Item = &'r str> {
        self.request.headers().keys().map(http::HeaderName::as_str)
    }

    /// Whether the body is a form.
    pub(crate) fn is_form(self) -> bool {
        let kind = self.header("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }
}

/// What is no UTF-8 is nothing: no name and no signature is made of it.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default().trim_matches([' ', '\t'])
}
