//! The write-ahead log is brought into the database beside the writer, which would else stand still for it.
//!
//! A passive checkpoint (SQLite, *Write-Ahead Logging*, 3.1) runs beside a writer, but never ends while the writer goes on:
//! a log is begun anew only where all of it has been brought over. So a thread of its own brings over what there is, and
//! then what has come meanwhile, until that is little; the writer itself does the rest. Before the log is begun anew the
//! database is synced, and whoever does that waits for all that was written to it: the thread syncs after each round, so
//! that little is left of that for the writer too.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::BUSY;
use crate::store::StoreError;

/// Pages of the log, of 8 KiB each, from which on it is brought over. Pages that many batches change are brought over once.
const FROM_PAGES: usize = 4_000;

/// Pages from which on the writer does not wait for the other thread any more.
const MOST_PAGES: usize = 16_000;

/// Pages that are left to the writer: a few milliseconds' work.
const FEW_PAGES: i64 = 200;

/// Rounds of the thread. Each is shorter than the one before as long as the writer is slower than the thread.
const ROUNDS: usize = 6;

/// The writer's view of its log. Dropped, it waits for the thread.
pub(super) struct Checkpoints {
    /// In the log after the latest commit.
    pages: Arc<AtomicUsize>,
    /// Whether the thread has been asked to bring them over.
    asked: bool,
    /// Whether it has done so.
    brought: Arc<AtomicBool>,
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    file: Option<Arc<File>>,
}

impl Checkpoints {
    /// For the connection of the writer, in place of its own checkpoints.
    pub(super) fn start(writer: &mut Connection, file: &Path) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&pages);
        writer.wal_hook(Some(move |_: &mut Wal, pages| {
            counted.store(usize::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        let beside = Connection::open(file)?;
        beside.busy_timeout(BUSY)?;
        beside.pragma_update(None, "synchronous", "FULL")?;
        let brought = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&brought);
        let (ask, asked) = sync_channel(1);
        let file = File::open(file).ok().map(Arc::new);
        let synced = file.clone();
        let thread = Builder::new()
            .name("store-wal".into())
            .spawn(move || run(&beside, synced.as_deref(), &asked, &done));
        let thread = thread.map_err(|error| StoreError::Unwritable(format!("starting the checkpoints: {error}")))?;
        Ok(Self {
            pages,
            asked: false,
            brought,
            ask: Some(ask),
            thread: Some(thread),
            file,
        })
    }

    /// The handle that the database is synced by. To be closed after the last connection: with any handle of a file that it
    /// closes, a process gives up all its locks on that file (POSIX, `fcntl`).
    pub(super) fn file(&self) -> Option<Arc<File>> {
        self.file.clone()
    }

    /// What is to be done after a commit.
    pub(super) fn after_commit(&mut self, writer: &Connection) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < FROM_PAGES {
            return;
        }
        if !self.asked {
            self.brought.store(false, Ordering::Relaxed);
            self.asked = self.ask.as_ref().is_some_and(|ask| ask.try_send(()).is_ok());
        } else if self.brought.load(Ordering::Relaxed) || pages >= MOST_PAGES {
            self.asked = false;
            let _pages = bring_over(writer);
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.ask.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's checkpoints had panicked");
        }
    }
}

fn run(db: &Connection, file: Option<&File>, asked: &Receiver<()>, done: &AtomicBool) {
    for () in asked {
        let mut before = 0;
        for _ in 0..ROUNDS {
            let pages = bring_over(db);
            if let Some(Err(error)) = file.map(File::sync_data) {
                tracing::warn!(%error, "the database could not be synced; the writer will");
            }
            if pages - before < FEW_PAGES {
                break;
            }
            before = pages;
        }
        done.store(true, Ordering::Relaxed);
    }
}

/// Brings over what no reader and no other checkpoint holds up; how many pages of the log stand in the database by then. What
/// fails is tried again after a later commit; nothing is lost while it stands in the log.
fn bring_over(db: &Connection) -> i64 {
    let brought = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2));
    brought.unwrap_or_else(|error| {
        tracing::warn!(%error, "the write-ahead log could not be brought into the database");
        0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages of about one row each.
    const ROW: i64 = 3_000;

    fn open(file: &Path) -> Connection {
        let db = Connection::open(file).expect("opens");
        db.pragma_update(None, "journal_mode", "WAL").expect("a pragma");
        db
    }

    fn started(file: &Path) -> (Connection, Checkpoints) {
        let mut db = open(file);
        db.execute_batch("CREATE TABLE t (x BLOB); PRAGMA synchronous = OFF")
            .expect("a table");
        let checkpoints = Checkpoints::start(&mut db, file).expect("starts");
        (db, checkpoints)
    }

    fn count(db: &Connection) -> usize {
        let count = db.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0));
        usize::try_from(count.expect("counted")).expect("a count")
    }

    #[test]
    fn the_log_is_begun_anew_while_the_writer_never_rests() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("t.db");
        let (db, mut checkpoints) = started(&file);
        // As the store writes: a writer that waits for no disk could outrun the thread, which does.
        db.pragma_update(None, "synchronous", "FULL").expect("a pragma");
        let (mut before, mut begun_anew, mut rows) = (0, false, 0);
        while !begun_anew && rows < 10 * FROM_PAGES {
            db.execute_batch("BEGIN").expect("begun");
            for _ in 0..10 {
                db.execute("INSERT INTO t VALUES (zeroblob(?))", [ROW]).expect("a row");
            }
            db.execute_batch("COMMIT").expect("committed");
            rows += 10;
            let pages = checkpoints.pages.load(Ordering::Relaxed);
            begun_anew = pages < before;
            before = pages;
            checkpoints.after_commit(&db);
        }
        assert!(begun_anew, "{before} pages and more");
        drop(checkpoints);
        drop(db);
        assert!(!dir.path().join("t.db-wal").exists(), "the last to close empties it");
        assert_eq!(count(&open(&file)), rows);
    }

    #[test]
    fn a_reader_that_stays_holds_it_up_and_loses_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("t.db");
        let (db, mut checkpoints) = started(&file);
        let mut reader = open(&file);
        let reading = reader.transaction().expect("begun");
        assert_eq!(count(&reading), 0);
        for _ in 0..2 * FROM_PAGES {
            db.execute("INSERT INTO t VALUES (zeroblob(?))", [ROW]).expect("a row");
            checkpoints.after_commit(&db);
        }
        assert_eq!(count(&reading), 0, "its view of the moment it began");
        drop(reading);
        assert_eq!(count(&reader), 2 * FROM_PAGES);
    }
}
