//! A body that nobody reads to its end. A server that answers early and hangs up resets the connection under a sender who
//! is still sending, and the sender never sees the answer. So what is left is read away, within bounds, while the answer
//! is on its way.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// Bytes that are read away; a sender of more has not looked at its answer for long.
const MAX_BYTES: usize = 64 << 20;

/// Time in which they are read away.
const MAX_TIME: Duration = Duration::from_secs(3);

/// A body whose rest is read away when it is dropped.
pub(super) struct Lingering<B: Body<Data = Bytes> + Send + Unpin + 'static> {
    body: Option<B>,
    /// The sender waits for a sign (`Expect: 100-continue`) that it never got: nothing is on its way.
    held_back: bool,
    tasks: TaskTracker,
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Lingering<B> {
    /// `tasks` owns the reading away. `held_back` says whether the sender waits for a sign before it sends.
    pub(super) const fn new(body: B, held_back: bool, tasks: TaskTracker) -> Self {
        Self {
            body: Some(body),
            held_back,
            tasks,
        }
    }
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Body for Lingering<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.held_back = false;
        self.body
            .as_mut()
            .map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Drop for Lingering<B> {
    fn drop(&mut self) {
        let left = self.body.take().filter(|body| !self.held_back && !body.is_end_stream());
        // Outside of the runtime, which is going down then, nobody waits for an answer.
        if let (Some(body), Ok(_inside)) = (left, tokio::runtime::Handle::try_current()) {
            self.tasks
                .spawn(async move { timeout(MAX_TIME, read_away(body)).await.unwrap_or(()) });
        }
    }
}

async fn read_away<B: Body<Data = Bytes> + Unpin>(mut body: B) {
    let mut read = 0_usize;
    while let Some(Ok(frame)) = body.frame().await {
        read = read.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if read > MAX_BYTES {
            break;
        }
    }
}
