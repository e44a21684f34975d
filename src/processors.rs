//! Which processors threads run on: each worker of a server's runtime keeps to one of its own.
//!
//! Linux moves a waiting thread to an idle processor only where that is likely to stay idle for a while. Workers and the
//! store's writer sleep and wake thousands of times a second; left alone, two of them often wait for one processor beside an
//! idle one, and find the caches of the other.

use tokio::runtime::Builder;

/// Gives each worker of a runtime a processor of its own, where there are as many of one as of the other: a process that may
/// use two of many processors would else crowd onto the same two as all others. Other threads of the runtime run anywhere.
pub fn keep_workers_apart(runtime: &mut Builder) {
    #[cfg(target_os = "linux")]
    linux::keep_workers_apart(runtime);
    #[cfg(not(target_os = "linux"))]
    let _as_it_is = runtime;
}

/// Lets this thread run anywhere: it may have been started by a worker, and threads begin where their makers are.
pub fn run_anywhere() {
    #[cfg(target_os = "linux")]
    linux::run_anywhere();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread::{available_parallelism, current};

    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    use tokio::runtime::Builder;

    /// What the threads of workers are called, before their number.
    const WORKER: &str = "worker-";

    /// sched(7): the calling thread.
    const THIS: Pid = Pid::from_raw(0);

    /// The processors of this process, once its workers keep to theirs.
    static ALL: OnceLock<CpuSet> = OnceLock::new();

    pub(super) fn keep_workers_apart(runtime: &mut Builder) {
        let Ok(all) = sched_getaffinity(THIS) else { return };
        let processors: Vec<usize> = (0..CpuSet::count())
            .filter(|cpu| all.is_set(*cpu).unwrap_or(false))
            .collect();
        let workers = available_parallelism().map_or(1, usize::from);
        if workers < 2 || processors.len() != workers {
            return;
        }
        ALL.get_or_init(|| all);
        runtime.worker_threads(workers);
        // Names are given in the order in which threads are made, and a runtime makes its workers first.
        let made = AtomicUsize::new(0);
        runtime.thread_name_fn(move || match made.fetch_add(1, Ordering::Relaxed) {
            number if number < workers => format!("{WORKER}{number}"),
            _ => "blocking".to_owned(),
        });
        runtime.on_thread_start(move || match number().and_then(|number| processors.get(number)) {
            Some(processor) => run_on(*processor),
            None => run_anywhere(),
        });
    }

    fn number() -> Option<usize> {
        current().name()?.strip_prefix(WORKER)?.parse().ok()
    }

    fn run_on(processor: usize) {
        let mut own = CpuSet::new();
        keep(own.set(processor).and_then(|()| sched_setaffinity(THIS, &own)));
    }

    pub(super) fn run_anywhere() {
        if let Some(all) = ALL.get() {
            keep(sched_setaffinity(THIS, all));
        }
    }

    fn keep(kept: nix::Result<()>) {
        if let Err(error) = kept {
            tracing::debug!(%error, "this thread runs where the system lets it");
        }
    }

    #[cfg(test)]
    mod tests {
        use std::collections::BTreeSet;
        use std::sync::{Arc, Barrier};

        use super::*;

        fn here() -> Vec<usize> {
            let set = sched_getaffinity(THIS).expect("the processors of a thread");
            (0..CpuSet::count())
                .filter(|cpu| set.is_set(*cpu) == Ok(true))
                .collect()
        }

        #[test]
        fn each_worker_has_a_processor_of_its_own_and_all_others_have_all() {
            let all = here();
            let mut builder = Builder::new_multi_thread();
            super::super::keep_workers_apart(&mut builder);
            let runtime = builder.build().expect("a runtime");
            let workers = runtime.metrics().num_workers();
            // They meet, so that each runs on another worker.
            let meet = Arc::new(Barrier::new(workers));
            let tasks: Vec<_> = (0..workers)
                .map(|_| {
                    let (meet, everywhere) = (Arc::clone(&meet), all.clone());
                    runtime.spawn(async move {
                        meet.wait();
                        let own = here();
                        let blocking = tokio::task::spawn_blocking(here).await.expect("a blocking thread");
                        let started = std::thread::spawn(|| {
                            run_anywhere();
                            here()
                        });
                        let started = started.join().expect("a thread");
                        assert_eq!([&blocking, &started], [&everywhere; 2]);
                        own
                    })
                })
                .collect();
            let own = tasks.into_iter().map(|task| runtime.block_on(task).expect("a task"));
            let own: Vec<_> = own.collect();
            if ALL.get().is_none() {
                eprintln!("skipped: there are {workers} workers and {} processors", all.len());
                return;
            }
            assert!(own.iter().all(|own| own.len() == 1), "{own:?}");
            assert_eq!(
                own.concat().into_iter().collect::<BTreeSet<_>>(),
                all.iter().copied().collect()
            );
            assert_eq!(here(), all);
        }
    }
}
