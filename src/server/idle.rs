//! A connection that ends when nothing moves on it: neither a sender nor a reader may sit on it for ever.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Bytes of HTTP/2's preface. Until so many have come the protocol is not known, and no other time-out runs.
const PREFACE: usize = 24;

/// A stream under two time-outs: one until its first bytes are there, whole; one between any two movements after that.
pub(super) struct Idle<S> {
    stream: S,
    limit: Duration,
    deadline: Pin<Box<Sleep>>,
    received: usize,
}

impl<S> Idle<S> {
    /// Ends `stream` when its first bytes take longer than `first`, or nothing moves for `limit`.
    pub(super) fn new(stream: S, first: Duration, limit: Duration) -> Self {
        Self {
            stream,
            limit,
            deadline: Box::pin(sleep(first)),
            received: 0,
        }
    }

    fn watch<T>(&mut self, polled: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            if self.received >= PREFACE {
                self.deadline.as_mut().reset(Instant::now() + self.limit);
            }
            return polled;
        }
        self.deadline
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Idle<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.received = self.received.saturating_add(buffer.filled().len() - before);
        self.watch(polled, cx)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Idle<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.watch(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_mins(10);

    #[tokio::test]
    async fn who_sends_nothing_is_cut_off() {
        let (_quiet, server) = duplex(64);
        let error = Idle::new(server, SHORT, LONG).read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_few_first_bytes_win_no_time() {
        let (mut client, server) = duplex(64);
        client.write_all(b"PRI * HTTP/2.0").await.unwrap();
        let mut server = Idle::new(server, SHORT, LONG);
        let error = server.read_exact(&mut [0; PREFACE]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_falls_silent_is_cut_off_and_so_is_who_does_not_read() {
        let (mut client, server) = duplex(64);
        client
            .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut server = Idle::new(server, LONG, SHORT);
        server.read_exact(&mut [0; 30]).await.unwrap();
        assert_eq!(
            server.write_all(&[0; 1_000]).await.unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
        let mut rest = Vec::new();
        assert_eq!(
            server.read_to_end(&mut rest).await.unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
    }
}
