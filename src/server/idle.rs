//! A connection that ends when nothing moves on it: neither a sender nor a reader may sit on it for ever. Who waits for an
//! answer of ours is not idle; who takes one away drop by drop is.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Bytes of HTTP/2's preface. Until so many have come the protocol is not known, and no other time-out runs.
const PREFACE: usize = 24;

/// Bytes that a reader who is behind has to take within the limit: a kilobyte a second for a minute.
const PACE: usize = 64 * 1024;

/// Requests of one connection that are being answered.
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    /// Counts one more, until what is returned is dropped.
    pub(super) fn one_more(&self) -> Answering {
        self.0.fetch_add(1, Ordering::Relaxed);
        Answering(self.clone())
    }

    fn is_any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Answering(UnderWay);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream under two time-outs: one until its first bytes are there, whole; one between any two movements after that.
pub(super) struct Idle<S> {
    stream: S,
    limit: Duration,
    deadline: Pin<Box<Sleep>>,
    received: usize,
    /// Where the other end does not take what there is for it: the bytes it took since the deadline was moved.
    behind: Option<usize>,
    answering: UnderWay,
}

impl<S> Idle<S> {
    /// Ends `stream` when its first bytes take longer than `first`, or nothing moves for `limit`.
    pub(super) fn new(stream: S, first: Duration, limit: Duration, answering: UnderWay) -> Self {
        Self {
            stream,
            limit,
            deadline: Box::pin(sleep(first)),
            received: 0,
            behind: None,
            answering,
        }
    }

    fn moved(&mut self) {
        if self.received >= PREFACE {
            self.deadline.as_mut().reset(Instant::now() + self.limit);
        }
    }

    /// Nothing moves now: not for longer than the limit.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        while self.deadline.as_mut().poll(cx).is_ready() {
            if self.behind.is_some() || !self.answering.is_any() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.deadline.as_mut().reset(Instant::now() + self.limit);
        }
        Poll::Pending
    }

    /// So many of the `offered` bytes were taken, or none could be.
    fn wrote(
        &mut self,
        polled: Poll<io::Result<usize>>,
        offered: usize,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(result) = polled else {
            self.behind.get_or_insert(0);
            return self.wait(cx);
        };
        let taken = *result.as_ref().unwrap_or(&0);
        match &mut self.behind {
            Some(since) if taken < offered => {
                *since += taken;
                if *since >= PACE {
                    *since = 0;
                    self.moved();
                }
            }
            _ => {
                self.behind = None;
                self.moved();
            }
        }
        Poll::Ready(result)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Idle<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.received = self.received.saturating_add(buffer.filled().len() - before);
        if polled.is_pending() {
            return self.wait(cx);
        }
        if self.behind.is_none() {
            self.moved();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Idle<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(polled, bytes.len(), cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(polled, slices.iter().map(|slice| slice.len()).sum(), cx)
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
        let error = Idle::new(server, SHORT, LONG, UnderWay::default())
            .read_u8()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_few_first_bytes_win_no_time() {
        let (mut client, server) = duplex(64);
        client.write_all(b"PRI * HTTP/2.0").await.unwrap();
        let mut server = Idle::new(server, SHORT, LONG, UnderWay::default());
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
        let mut server = Idle::new(server, LONG, SHORT, UnderWay::default());
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

    #[tokio::test]
    async fn who_waits_for_an_answer_is_not_idle() {
        let (mut client, server) = duplex(64);
        client.write_all(&[b'x'; 30]).await.unwrap();
        let answering = UnderWay::default();
        let mut server = Idle::new(server, LONG, SHORT, answering.clone());
        server.read_exact(&mut [0; 30]).await.unwrap();
        let request = answering.one_more();
        let waited = tokio::time::timeout(SHORT * 5, server.read_u8()).await;
        assert!(waited.is_err(), "cut off while we were working: {waited:?}");
        drop(request);
        assert_eq!(server.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_takes_an_answer_drop_by_drop_is_cut_off() {
        let (mut client, server) = duplex(64);
        client.write_all(&[b'x'; 30]).await.unwrap();
        let mut server = Idle::new(server, LONG, SHORT, UnderWay::default());
        server.read_exact(&mut [0; 30]).await.unwrap();
        let drops = async {
            let mut taken = 0;
            while let Ok(1..) = client.read(&mut [0; 8]).await {
                taken += 8;
                tokio::time::sleep(SHORT / 4).await;
            }
            taken
        };
        let sends = async {
            let answer = vec![0; 1_000_000];
            let sent = server.write_all(&answer).await;
            drop(server);
            sent
        };
        let (sent, taken) = tokio::join!(sends, drops);
        assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(taken < 1_000, "{taken}");
    }
}
