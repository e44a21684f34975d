//! MCP over streams: the standard input and output of a process, or a connection of the Unix socket.
//!
//! `sentinel mcp` speaks through the server that owns the data folder where there is one ([`bridge`] here, [`serve_stream`]
//! there), and is the server itself otherwise ([`serve_stdio`]). Nothing but the protocol goes to standard output.

use std::io;

use rmcp::RoleServer;
use rmcp::service::{QuitReason, ServerInitializeError};
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::caller::Caller;
use super::door::AgentDoor;

/// Bytes of one message: a log comes in one.
const MAX_MESSAGE_BYTES: usize = 32 << 20;

/// Bytes that are passed on at a time.
const CHUNK: usize = 64 << 10;

/// Why a conversation broke off.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It did not begin as one of this protocol.
    #[error("MCP: the conversation did not begin: {0}")]
    Begin(String),
    /// Its task died.
    #[error("MCP: the conversation broke off: {0}")]
    Died(String),
}

/// Serves the one at standard input and output, until input ends.
///
/// # Errors
/// When what comes in is not MCP.
pub async fn serve_stdio(door: AgentDoor, caller: Caller) -> Result<(), StreamError> {
    serve(tokio::io::stdin(), tokio::io::stdout(), door, caller).await
}

/// Serves the one at the other end of a connection, until it hangs up.
///
/// # Errors
/// When what comes in is not MCP.
pub async fn serve_stream<S>(stream: S, door: AgentDoor, caller: Caller) -> Result<(), StreamError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (input, output) = tokio::io::split(stream);
    serve(input, output, door, caller).await
}

async fn serve<R, W>(input: R, output: W, door: AgentDoor, caller: Caller) -> Result<(), StreamError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let transport =
        AsyncRwTransport::<RoleServer, R, W>::new_server(input, output).with_max_line_length(MAX_MESSAGE_BYTES);
    let running = match rmcp::serve_server(door.opened_to(caller), transport).await {
        Ok(running) => running,
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(StreamError::Begin(error.to_string())),
    };
    match running.waiting().await {
        Ok(QuitReason::JoinError(died)) | Err(died) => Err(StreamError::Died(died.to_string())),
        Ok(_) => Ok(()),
    }
}

/// Passes standard input on to a server and its answers to standard output, until either ends.
///
/// A read of standard input cannot be taken back: where the server hung up first, end the process.
///
/// # Errors
/// When a stream breaks.
pub async fn bridge<S>(stream: S) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite,
{
    pass_on(stream, tokio::io::stdin(), tokio::io::stdout()).await
}

/// When input has ended, the server is told so, and its last answers still come through.
async fn pass_on<S>(stream: S, input: impl AsyncRead, output: impl AsyncWrite) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite,
{
    let (from_server, to_server) = tokio::io::split(stream);
    let asking = async {
        copy(input, to_server).await?;
        // Its answers end the conversation.
        std::future::pending().await
    };
    tokio::select! {
        ended = copy(from_server, output) => ended,
        broken = asking => broken,
    }
}

/// Each chunk goes out at once: the other side waits for it.
async fn copy(from: impl AsyncRead, to: impl AsyncWrite) -> io::Result<()> {
    tokio::pin!(from, to);
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(chunk.get(..length).unwrap_or_default()).await?;
        to.flush().await?;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    #[tokio::test]
    async fn what_goes_in_comes_to_the_server_and_its_last_answers_come_out() {
        let (here, there) = duplex(64);
        let (mut answers, out) = duplex(1 << 20);
        let server = async {
            let (mut input, mut output) = tokio::io::split(there);
            let mut heard = Vec::new();
            input.read_to_end(&mut heard).await.unwrap();
            output.write_all(&heard.repeat(2)).await.unwrap();
            output.shutdown().await.unwrap();
        };
        let asked = vec![b'x'; 200_000];
        let (passed, ()) = tokio::join!(pass_on(here, asked.as_slice(), out), server);
        passed.unwrap();
        let mut heard = Vec::new();
        answers.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard.len(), 400_000);
    }

    #[tokio::test]
    async fn a_server_that_hangs_up_ends_it_while_input_is_open() {
        let (here, there) = duplex(64);
        drop(there);
        let (_open, input) = duplex(64);
        let (_answers, out) = duplex(64);
        pass_on(here, input, out).await.unwrap();
    }
}
