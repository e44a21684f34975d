//! Work that may wait: on threads that yield to all others, so that what arrives meanwhile is not kept waiting.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

/// How much they yield: beside a busy thread of the usual priority, such a one gets a thirtieth of a processor.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 15;

/// Does something on a thread of its own, from now on. Waiting for the answer fails where the work panicked, or there was no
/// thread to be had.
///
/// The pool of blocking threads is no place for this: a thread that has yielded cannot become important again.
pub fn in_background<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> oneshot::Receiver<T> {
    let (answer, answered) = oneshot::channel();
    let work = move || {
        yield_to_others();
        // Who would hear it may be gone: then nobody needs it.
        let _unheard = answer.send(work());
    };
    if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(work) {
        tracing::warn!(%error, name, "no thread to work on");
    }
    answered
}

/// Whose turn it is among them.
static TURN: Mutex<()> = Mutex::new(());

/// Does something that keeps a processor busy while no other such work is done: the other processors are for what arrives
/// meanwhile. A thread that yields is still in the way of one that wakes up, until the scheduler's next tick.
pub fn in_turn<T>(work: impl FnOnce() -> T) -> T {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Elsewhere than on Linux this would slow the whole process down.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "this runs at the priority of all others");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_answer_comes_back_and_work_that_panics_has_none() {
        assert_eq!(in_background("sum", || 1 + 1).await.ok(), Some(2));
        assert!(
            in_background("boom", || assert!(std::env::args().count() == 0))
                .await
                .is_err()
        );
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn it_yields_and_this_thread_does_not() {
        fn priority() -> Option<i32> {
            rustix::process::getpriority_process(None).ok()
        }
        let here = priority();
        let there = in_background("nice", priority).await.ok().flatten();
        assert_eq!(there, here.map(|here| (here + NICENESS).min(19)));
        assert_eq!(priority(), here);
    }
}
