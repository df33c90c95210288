//! Accepts connections and passes requests on, in the order in which they arrive.

use std::io;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};

use super::delivery::{self, After};
use super::message;
use super::state::Shared;

/// Accepts connections for ever.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let (connection, shared) = (shared.connected(), Arc::clone(&shared));
        // A client that hangs up early ends its connection, and that is its right.
        tokio::spawn(async move { serve(stream, connection, &shared).await.unwrap_or_default() });
    }
}

async fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        if buffer.is_empty() && stream.peek(&mut [0]).await? == 0 {
            return Ok(());
        }
        let (number, fault) = shared.arrived(connection);
        if !fault.is_read {
            return stream.set_zero_linger();
        }
        let message = match message::read(&mut stream, &mut buffer).await {
            Ok(Some(message)) => message,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return delivery::not_http(&mut stream).await;
            }
            Err(error) => return Err(error),
        };
        let answer = shared.answer(number, message, &fault);
        if delivery::deliver(&mut stream, &answer, &fault.delivery, &shared.silence).await? == After::Close {
            return Ok(());
        }
    }
}
