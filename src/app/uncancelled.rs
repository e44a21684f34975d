//! Work that nobody can cut off.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;

/// A future that ends whether or not whoever awaits it stays: dropped once it has begun, the rest of it becomes a task of its
/// own. As long as somebody stays it is none, which saves the way to another task and back.
pub(super) struct Uncancelled<F>(Option<Pin<Box<F>>>)
where
    F: Future<Output: Send> + Send + 'static;

impl<F> Uncancelled<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    pub(super) fn new(work: F) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<F> Future for Uncancelled<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Some(work) = &mut self.0 else {
            return Poll::Pending;
        };
        let ended = ready!(work.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(ended)
    }
}

impl<F> Drop for Uncancelled<F>
where
    F: Future<Output: Send> + Send + 'static,
{
    fn drop(&mut self) {
        if let Some(rest) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            drop(runtime.spawn(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn it_ends_for_whoever_waits_and_for_nobody() {
        assert_eq!(Uncancelled::new(async { 1 + 1 }).await, 2);
        let (go, gone) = oneshot::channel::<u8>();
        let (tell, told) = oneshot::channel();
        let mut left = Uncancelled::new(async move { tell.send(gone.await) });
        assert!(poll!(&mut left).is_pending());
        drop(left);
        go.send(3).expect("it still waits");
        assert_eq!(told.await.expect("it goes on"), Ok(3));
    }
}
