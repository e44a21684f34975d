//! Who goes first where all processors are busy. Work that may wait is done on threads that yield to all others, so that what
//! arrives meanwhile is not kept waiting; and a thread that all others wait for asks to go first.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

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

/// Whose turn it is among these threads.
static TURN: Mutex<()> = Mutex::new(());

/// Does something that keeps a processor busy while no other such work is done: the caches and the other processors are for
/// what arrives meanwhile.
pub fn in_turn<T>(work: impl FnOnce() -> T) -> T {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Linux's `SCHED_IDLE`, sched(7): any other thread that wakes up goes first at once, where one of a mere high niceness would
/// have kept it waiting until its slice is over. Elsewhere this would slow the whole process down.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::unix::{NormalThreadSchedulePolicy, ThreadSchedulePolicy};
        use thread_priority::unix::{set_thread_priority_and_policy, thread_native_id};
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        let least = thread_priority::ThreadPriority::Min;
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), least, idle) {
            tracing::debug!(?error, "this runs at the priority of all others");
        }
    }
}

/// A niceness of -10 on Linux, of the 40 there are.
#[cfg(target_os = "linux")]
const FIRST: u8 = 73;

/// Asks that this thread need not wait for milliseconds until a busy processor has time for it. That takes `CAP_SYS_NICE` or
/// an `RLIMIT_NICE` of 30 (setrlimit(2)); without, nothing changes.
pub fn go_first() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};
        let first = ThreadPriorityValue::try_from(FIRST).unwrap_or_default();
        if let Err(error) = set_current_thread_priority(ThreadPriority::Crossplatform(first)) {
            tracing::debug!(?error, "this runs at the priority of all others");
        }
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
        use thread_priority::unix::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy};
        let policy = || thread_schedule_policy().ok();
        let here = policy();
        let there = in_background("idle", policy).await.ok().flatten();
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        assert_eq!(there, Some(idle));
        assert_eq!(policy(), here);
        assert_ne!(here, Some(idle));
    }
}
