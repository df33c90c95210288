//! HTTP/1.1 requests, from the bytes as they came.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::parameters;

/// A request as it came: nothing is decoded.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Verb.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case, in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

const MOST_HEADERS: usize = 64;
const LONGEST_HEAD: usize = 256 * 1024;

impl Message {
    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The signature that the request claims to have, decoded.
    #[must_use]
    pub fn signature(&self) -> Option<String> {
        let header = self.header("authorization").and_then(|text| text.rsplit_once("Signature="));
        let in_query = parameters::pairs(self.query()).unwrap_or_default();
        let in_query = in_query.into_iter().find(|(name, _)| name == "Signature");
        header.map(|(_, signature)| signature.to_owned()).or(in_query.map(|(_, signature)| signature))
    }

    /// The target before its `?`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The target after its `?`.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// Reads the next request; what follows it stays in `buffer`. `None` if the peer has hung up.
pub(super) async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Message>> {
    loop {
        if let Some((mut message, head)) = parse_head(buffer)? {
            let end = head + body_length(&message)?;
            while buffer.len() < end {
                if stream.read_buf(buffer).await? == 0 {
                    return Ok(None);
                }
            }
            message.body = buffer[head..end].to_vec();
            buffer.drain(..end);
            return Ok(Some(message));
        }
        if buffer.len() > LONGEST_HEAD {
            return Err(malformed("the head is too long"));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<(Message, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = request.parse(bytes).map_err(malformed)? else {
        return Ok(None);
    };
    let header = |header: &httparse::Header<'_>| {
        let value = std::str::from_utf8(header.value).map_err(malformed)?;
        Ok((header.name.to_ascii_lowercase(), value.to_owned()))
    };
    let message = Message {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers: request.headers.iter().map(header).collect::<io::Result<_>>()?,
        body: Vec::new(),
    };
    Ok(Some((message, length)))
}

fn body_length(message: &Message) -> io::Result<usize> {
    match (message.header("content-length"), message.header("transfer-encoding")) {
        (Some(length), None) => length.parse().map_err(malformed),
        (None, None) => Ok(0),
        (_, Some(_)) => Err(malformed("a signed body has a length")),
    }
}

fn malformed(problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}
