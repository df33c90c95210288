//! Writes an answer to a connection, properly or as a fault wants it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::fault::{Answer, Delivery};

/// Whether a connection can take another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Reuse,
    Close,
}

pub(super) async fn deliver(
    stream: &mut TcpStream,
    answer: &Answer,
    delivery: &Delivery,
    silence: &Notify,
) -> io::Result<After> {
    let (body, half) = (&answer.body[..], answer.body.len() / 2);
    match delivery {
        Delivery::Whole => {
            write_all(stream, answer, Some(body.len()), body).await?;
            return Ok(After::Reuse);
        }
        Delivery::WholeThenClose => write_all(stream, answer, Some(body.len()), body).await?,
        Delivery::Reset => stream.set_zero_linger()?,
        Delivery::Silence => keep_silent(stream, silence).await?,
        Delivery::Stall => {
            write_all(stream, answer, Some(body.len()), &body[..half]).await?;
            keep_silent(stream, silence).await?;
        }
        Delivery::Drip(pause) => drip(stream, answer, *pause).await?,
        Delivery::LengthTooLong => write_all(stream, answer, Some(body.len() + 1), body).await?,
        Delivery::LengthTooShort => write_all(stream, answer, Some(half), body).await?,
        Delivery::Unended => {
            stream.write_all(head(answer, "transfer-encoding: chunked\r\n").as_bytes()).await?;
            stream.write_all(&chunk(body)).await?;
        }
        Delivery::Cut => write_all(stream, answer, None, &body[..half]).await?,
        Delivery::Announced(length) => announced(stream, answer, *length).await?,
        Delivery::Endless(length) => endless(stream, answer, *length).await?,
        Delivery::Headers(count) => many_headers(stream, answer, *count).await?,
    }
    Ok(After::Close)
}

/// Answers what is no HTTP request. Closing at once would reset the connection before the answer
/// is read.
pub(super) async fn not_http(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await?;
    stream.shutdown().await?;
    wait_for_hang_up(stream).await
}

async fn write_all(
    stream: &mut TcpStream,
    answer: &Answer,
    length: Option<usize>,
    body: &[u8],
) -> io::Result<()> {
    let length = length.map(|length| format!("content-length: {length}\r\n")).unwrap_or_default();
    let mut bytes = head(answer, &length).into_bytes();
    bytes.extend_from_slice(body);
    stream.write_all(&bytes).await
}

fn head(answer: &Answer, framing: &str) -> String {
    let mut head = format!("HTTP/1.1 {} Answer\r\n{framing}", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

async fn wait_for_hang_up(stream: &mut TcpStream) -> io::Result<()> {
    while stream.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}

/// Says so until the client hangs up: it may have taken the last bytes only after the first time.
async fn keep_silent(stream: &mut TcpStream, silence: &Notify) -> io::Result<()> {
    loop {
        silence.notify_one();
        let waiting = tokio::time::timeout(Duration::from_secs(1), wait_for_hang_up(stream));
        if let Ok(ended) = waiting.await {
            return ended;
        }
    }
}

async fn drip(stream: &mut TcpStream, answer: &Answer, pause: Duration) -> io::Result<()> {
    let length = format!("content-length: {}\r\n", answer.body.len());
    stream.write_all(head(answer, &length).as_bytes()).await?;
    for byte in &answer.body {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

const BLOCK: usize = 64 * 1024;

async fn announced(stream: &mut TcpStream, answer: &Answer, length: usize) -> io::Result<()> {
    stream.write_all(head(answer, &format!("content-length: {length}\r\n")).as_bytes()).await?;
    let block = vec![b' '; BLOCK];
    for start in (0..length).step_by(BLOCK) {
        stream.write_all(&block[..BLOCK.min(length - start)]).await?;
    }
    Ok(())
}

async fn endless(stream: &mut TcpStream, answer: &Answer, length: usize) -> io::Result<()> {
    stream.write_all(head(answer, "transfer-encoding: chunked\r\n").as_bytes()).await?;
    let block = chunk(&vec![b' '; BLOCK]);
    for _ in 0..length.div_ceil(BLOCK) {
        stream.write_all(&block).await?;
    }
    Ok(())
}

async fn many_headers(stream: &mut TcpStream, answer: &Answer, count: usize) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Answer\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    (0..count).for_each(|index| head.push_str(&format!("x-{index}: {index}\r\n")));
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&answer.body).await
}
