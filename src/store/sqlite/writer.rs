//! The one writer: a thread that commits what waits for it in one transaction, and answers after the commit.
//!
//! Syncing the disk costs milliseconds whatever the size of the transaction. Shared by all requests that wait, it makes
//! `synchronous=FULL` affordable, the only setting that survives a power cut. A request that fails fails alone: the
//! transaction is rolled back and done again with a savepoint around each request. Savepoints copy every page before it
//! changes, so that only who needs them pays for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::totals::Delta;
use super::wal::Checkpoints;
use crate::background::go_first;
use crate::store::StoreError;
use crate::telemetry::StoreCommit;

/// Requests in one transaction. More would make the first of them wait without making the disk faster.
const BATCH: usize = 256;

/// Requests that are not kept waiting for more to share a sync with.
const ENOUGH: usize = 32;

/// How long more are waited for at a time, while more keep coming ...
const LULL: Duration = Duration::from_micros(200);

/// ... and how often at most.
const LULLS: usize = 10;

/// Requests since the last look, up to which the writer has time for what is not asked for.
const QUIET: usize = 64;

/// The way to the writer's thread. Dropped, it waits until everything accepted is on disk.
pub(super) struct Writer {
    requests: Option<mpsc::Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
    /// Requests since [`Writer::is_quiet`] was asked.
    lately: AtomicUsize,
}

impl Writer {
    /// Starts the thread; at most `queue` requests wait for it.
    pub(super) fn start(db: Connection, checkpoints: Checkpoints, queue: usize) -> Result<Self, StoreError> {
        let (requests, queued) = mpsc::channel(queue);
        let messenger = Handle::try_current().ok();
        let thread = Builder::new()
            .name("store-writer".into())
            .spawn(move || run(db, checkpoints, queued, messenger.as_ref()));
        let thread = thread.map_err(|error| StoreError::Unwritable(format!("starting the writer: {error}")))?;
        Ok(Self {
            requests: Some(requests),
            thread: Some(thread),
            lately: AtomicUsize::new(0),
        })
    }

    /// Whether few requests have come since this was asked last.
    pub(super) fn is_quiet(&self) -> bool {
        self.lately.swap(0, Ordering::Relaxed) <= QUIET
    }

    /// Does `work` inside the next transaction and answers when that is on disk. It may be done twice: what it did first is
    /// then rolled back.
    ///
    /// # Errors
    /// [`StoreError::Busy`] at once when the queue is full; what `work` says; what the commit says.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Connection, &mut Delta) -> Result<T, StoreError> + Send + 'static,
    {
        self.lately.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Pending {
            work,
            outcome: None,
            reply,
        });
        self.requests
            .as_ref()
            .ok_or_else(stopped)?
            .try_send(request)
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => StoreError::Busy,
                mpsc::error::TrySendError::Closed(_) => stopped(),
            })?;
        answer.await.unwrap_or_else(|_gone| Err(stopped()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer had panicked");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unwritable("the writer has stopped; restart sentinel".into())
}

/// A piece of work with somebody who waits for it.
trait Request: Send {
    /// Does the work. What failed is not to be kept.
    fn run(&mut self, db: &Connection, delta: &mut Delta) -> Kept;

    /// Answers, after the commit or with what kept it from happening.
    fn answer(self: Box<Self>, trouble: Option<&str>);
}

#[derive(PartialEq, Eq)]
enum Kept {
    Yes,
    No,
}

struct Pending<T, F> {
    work: F,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Pending<T, F>
where
    T: Send,
    F: Fn(&Connection, &mut Delta) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, db: &Connection, delta: &mut Delta) -> Kept {
        self.outcome = Some((self.work)(db, delta));
        if matches!(self.outcome, Some(Ok(_))) {
            Kept::Yes
        } else {
            Kept::No
        }
    }

    fn answer(self: Box<Self>, trouble: Option<&str>) {
        let Self { work, outcome, reply } = *self;
        // First: who waits may have given a share of what it holds, and is to be its only owner again.
        drop(work);
        let answer = match (outcome, trouble) {
            (Some(Ok(_)) | None, Some(trouble)) => Err(StoreError::Unwritable(trouble.to_owned())),
            (Some(outcome), _) => outcome,
            (None, None) => Err(stopped()),
        };
        if reply.send(answer).is_err() {
            tracing::debug!("nobody waits any more for an answer of the store");
        }
    }
}

/// The answers of a batch are one task of the runtime, where there is one: who waits is woken there, and the writer, whom all
/// wait for, is not held up by it.
fn run(
    mut db: Connection,
    mut checkpoints: Checkpoints,
    mut queued: mpsc::Receiver<Box<dyn Request>>,
    messenger: Option<&Handle>,
) {
    go_first();
    let mut batch = Vec::new();
    while queued.blocking_recv_many(&mut batch, BATCH) > 0 {
        gather(&mut batch, &mut queued);
        let start = Instant::now();
        let committed = commit(&mut db, &mut batch).map_err(|error| error.to_string());
        let error = committed.err();
        StoreCommit {
            seconds: start.elapsed().as_secs_f64(),
            requests: batch.len(),
            error: error.as_deref(),
        }
        .emit();
        let answered = std::mem::take(&mut batch);
        let answers = move || {
            for request in answered {
                request.answer(error.as_deref());
            }
        };
        match messenger {
            Some(runtime) => drop(runtime.spawn(async move { answers() })),
            None => answers(),
        }
        checkpoints.after_commit(&db);
    }
    // The last connection to close empties the log, and that is to happen here, where it is waited for.
    let file = checkpoints.file();
    drop(checkpoints);
    drop(db);
    drop(file);
}

/// Waits for more while more keep coming, up to [`ENOUGH`]. Who writes goes first, and would else sync the disk for a few
/// requests while many others are about to come. A request that comes alone is not kept waiting.
fn gather<T>(batch: &mut Vec<T>, queued: &mut mpsc::Receiver<T>) {
    let mut before = 1;
    for _ in 0..LULLS {
        if batch.len() <= before || batch.len() >= ENOUGH {
            return;
        }
        before = batch.len();
        std::thread::sleep(LULL);
        while batch.len() < BATCH
            && let Ok(request) = queued.try_recv()
        {
            batch.push(request);
        }
    }
}

/// One transaction around the whole batch.
fn commit(db: &mut Connection, batch: &mut [Box<dyn Request>]) -> Result<(), StoreError> {
    if transaction(db, batch, |db, request, delta| Ok(request.run(db, delta)))? == Kept::No {
        transaction(db, batch, run_alone)?;
    }
    Ok(())
}

/// Commits if everything of the batch is to be kept; dropped before that, it rolls back.
fn transaction(
    db: &mut Connection,
    batch: &mut [Box<dyn Request>],
    run: fn(&Connection, &mut dyn Request, &mut Delta) -> Result<Kept, StoreError>,
) -> Result<Kept, StoreError> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut delta = Delta::default();
    for request in batch {
        if run(&transaction, request.as_mut(), &mut delta)? == Kept::No {
            return Ok(Kept::No);
        }
    }
    delta.apply(&transaction)?;
    transaction.commit()?;
    Ok(Kept::Yes)
}

/// Runs one request in a savepoint; what is left of it is to be kept.
///
/// # Errors
/// When `SQLite` has given up the whole transaction, as it does on a full disk.
fn run_alone(db: &Connection, request: &mut dyn Request, delta: &mut Delta) -> Result<Kept, StoreError> {
    db.prepare_cached("SAVEPOINT request")?.execute([])?;
    let before = delta.clone();
    if request.run(db, delta) == Kept::No {
        if db.is_autocommit() {
            return Err(StoreError::Unwritable("the transaction was given up".into()));
        }
        *delta = before;
        db.prepare_cached("ROLLBACK TO request")?.execute([])?;
    }
    db.prepare_cached("RELEASE request")?.execute([])?;
    Ok(Kept::Yes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    use super::*;

    fn writer(queue: usize) -> Writer {
        let mut db = Connection::open_in_memory().expect("a database in memory");
        db.execute_batch("CREATE TABLE t (n INTEGER UNIQUE)").expect("a table");
        let checkpoints = Checkpoints::start(&mut db, Path::new(":memory:")).expect("checkpoints");
        Writer::start(db, checkpoints, queue).expect("a writer")
    }

    async fn put(writer: &Writer, n: i64) -> Result<(), StoreError> {
        let insert = move |db: &Connection, _: &mut Delta| {
            db.execute("INSERT INTO t VALUES (?)", [n])?;
            Ok(())
        };
        writer.write(insert).await
    }

    async fn count(writer: &Writer) -> i64 {
        let count = |db: &Connection, _: &mut Delta| Ok(db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?);
        writer.write(count).await.expect("a count")
    }

    /// Holds the writer inside a request until the returned sender is dropped.
    async fn hold(writer: &Arc<Writer>) -> std::sync::mpsc::Sender<()> {
        let (release, held) = channel::<()>();
        let (begun, mut started) = mpsc::unbounded_channel();
        let writer = Arc::clone(writer);
        tokio::spawn(async move {
            let wait = move |_: &Connection, _: &mut Delta| {
                begun.send(()).ok();
                held.recv().ok();
                Ok(())
            };
            writer.write(wait).await
        });
        started.recv().await.expect("the writer has begun");
        release
    }

    #[tokio::test]
    async fn a_request_that_fails_fails_alone_in_its_batch() {
        let writer = Arc::new(writer(16));
        let release = hold(&writer).await;
        let batch = futures_util::future::join_all([1, 2, 2, 3].map(|n| put(&writer, n)));
        let (answers, ()) = tokio::join!(batch, async { drop(release) });
        let kept: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(kept, [true, true, false, true]);
        assert_eq!(count(&writer).await, 3);
    }

    #[test]
    fn a_batch_grows_while_more_keep_coming_but_for_one_that_came_alone() {
        let (requests, mut queued) = mpsc::channel(4 * ENOUGH);
        (0..ENOUGH).for_each(|n| requests.try_send(n).expect("room"));
        let mut alone = vec![0];
        gather(&mut alone, &mut queued);
        assert_eq!(alone, [0]);
        let mut several = vec![0, 0];
        gather(&mut several, &mut queued);
        assert_eq!(several.len(), 2 + ENOUGH);
        (0..ENOUGH).for_each(|n| requests.try_send(n).expect("room"));
        let mut enough = vec![0; ENOUGH];
        gather(&mut enough, &mut queued);
        assert_eq!(enough.len(), ENOUGH);
    }

    #[tokio::test]
    async fn a_full_queue_is_busy_at_once() {
        let writer = Arc::new(writer(1));
        let release = hold(&writer).await;
        let refused = async {
            let refused = put(&writer, 2).await;
            drop(release);
            refused
        };
        let (first, second) = tokio::join!(put(&writer, 1), refused);
        assert!(first.is_ok());
        assert!(matches!(second, Err(StoreError::Busy)), "{second:?}");
    }

    #[tokio::test]
    async fn a_commit_that_fails_fails_every_request_in_it() {
        let writer = Arc::new(writer(16));
        let release = hold(&writer).await;
        let spoil = writer.write(|db, _| Ok(db.execute_batch("ROLLBACK")?));
        let (first, spoilt, ()) = tokio::join!(put(&writer, 1), spoil, async { drop(release) });
        assert!(first.is_err() && spoilt.is_err());
        assert_eq!(count(&writer).await, 0);
    }
}
