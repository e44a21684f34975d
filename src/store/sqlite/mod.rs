//! The store on `SQLite`: one data folder, one writer thread, a few readers.
//!
//! Write-ahead log and `synchronous=FULL`: an answered request survives a power cut. All writing goes through
//! [`writer::Writer`], all reading through [`readers::Readers`]; the modules beside them are the SQL.

mod care;
mod collecting;
mod columns;
mod error;
mod folder;
mod heat_map;
mod history;
mod identity;
mod label;
mod moments;
mod passes;
mod proposal;
mod readers;
mod record;
mod repositories;
mod retention;
mod row;
mod schema;
mod search;
mod sightings;
mod taught;
mod totals;
mod wal;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::Mutex;

pub use self::care::{Inspection, NewCopy, inspect};
use self::folder::Folder;
use self::readers::{PREPARED, Readers};
use self::wal::Checkpoints;
use self::writer::Writer;
use super::{
    Collecting, Cursor, Failure, HistoryFilter, KnownRepository, NewFailure, Page, PassedLater, ReadLog, Recorded,
    RunKey, Sightings, Store, StoreError, Totals, WaitingLog,
};
use crate::background::{in_background, in_turn};
use crate::correction::{Correction, Feedback, Proposal, StoredCorrection, StoredProposal, Voice};
use crate::drift::{DriftSnapshot, Watched};
use crate::features::FeatureVector;
use crate::ingest::{DeliveryId, PassedJob};
use crate::verdict::{Contribution, LogState, Verdict};

/// How long a statement waits for another process that reads or copies the database.
const BUSY: Duration = Duration::from_secs(5);

/// What is compressed on the blocking pool and not at once: from here on it takes about a millisecond.
const WIDE: usize = 256 * 1024;

/// Bytes of a page of a new database; one that was made with pages of 4 KiB keeps them. A row of some 2 to 3.5 KB left much
/// of such a page empty.
const PAGE_BYTES: i64 = 8 << 10;

/// Memory for pages of the writer, which touches a dozen indices with each row.
const CACHE_KIB: i64 = 8 << 10;

/// The bounds of one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteLimits {
    /// Requests that may wait for the writer; more are [`StoreError::Busy`].
    pub queue: usize,
    /// Queries at one time.
    pub readers: usize,
}

impl Default for SqliteLimits {
    fn default() -> Self {
        Self {
            queue: 1_024,
            readers: 4,
        }
    }
}

/// A data folder that is ours. Dropped, it waits for the writer and then gives up the lock.
pub struct SqliteStore {
    // In this order: the last connection to close empties the write-ahead log, and the lock goes last.
    readers: Readers,
    writer: Writer,
    /// Held while a copy is made that is sent on: it takes the room of the database once more.
    copying: Mutex<()>,
    folder: Folder,
}

impl SqliteStore {
    /// Whether a data folder has a database.
    #[must_use]
    pub fn is_in(dir: &Path) -> bool {
        Folder::has_database(dir)
    }

    /// Takes the data folder `dir`, makes it where it is missing, and brings its database up to date.
    ///
    /// # Errors
    /// When another process owns the folder, a newer sentinel wrote the database, or it cannot be read or written.
    pub fn open(dir: &Path, limits: SqliteLimits) -> Result<Arc<Self>, StoreError> {
        let folder = Folder::own(dir)?;
        let file = folder.database();
        let mut db = Connection::open(&file)?;
        db.busy_timeout(BUSY)?;
        db.set_prepared_statement_cache_capacity(PREPARED);
        db.pragma_update(None, "page_size", PAGE_BYTES)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", true)?;
        make_writing_cheap(&db)?;
        schema::migrate(&mut db, &file.display().to_string())?;
        let checkpoints = Checkpoints::start(&mut db, &file)?;
        let writer = Writer::start(db, checkpoints, limits.queue.max(1))?;
        Ok(Arc::new(Self {
            readers: Readers::new(file, limits.readers),
            writer,
            copying: Mutex::new(()),
            folder,
        }))
    }
}

/// What a batch of small writes would pay for and does not need.
fn make_writing_cheap(db: &Connection) -> Result<(), StoreError> {
    // Plans do not look at bound values: else some statements would be compiled anew each time they get other ones.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // The pages a savepoint may bring back are kept in memory, not in a file.
    db.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(db.pragma_update(None, "cache_size", -CACHE_KIB)?)
}

#[async_trait]
impl Store for SqliteStore {
    async fn record(&self, new: NewFailure) -> Result<Recorded, StoreError> {
        let wide = new.raw_payload.len() + new.log.as_ref().map_or(0, Vec::len) >= WIDE;
        let packed = if wide {
            let packing = tokio::task::spawn_blocking(move || record::Packed::new(new));
            packing
                .await
                .unwrap_or_else(|died| Err(StoreError::Database(format!("compressing was cut off: {died}"))))
        } else {
            record::Packed::new(new)
        };
        let arrival = Arc::new(packed?);
        let told = Arc::clone(&arrival);
        let outcome = self
            .writer
            .write(move |db, delta| record::record(db, delta, &told))
            .await?;
        Ok(arrival.told(outcome))
    }

    async fn revise(
        &self,
        id: i64,
        verdict: Verdict,
        watched: Watched,
        features: FeatureVector,
    ) -> Result<Failure, StoreError> {
        let packed = columns::pack_features(&features.values);
        let revision = label::Revision {
            verdict,
            watched,
            schema: features.schema,
            features: packed,
        };
        self.writer
            .write(move |db, delta| label::revise(db, delta, id, &revision))
            .await
    }

    async fn features(&self, id: i64) -> Result<Option<FeatureVector>, StoreError> {
        self.readers.read(move |db| features(db, id)).await
    }

    async fn known_delivery(&self, id: &DeliveryId, event: &str) -> Result<Option<i64>, StoreError> {
        let (id, event) = (id.0.clone(), event.to_owned());
        self.readers
            .read(move |db| record::known_delivery(db, &id, &event))
            .await
    }

    async fn failure(&self, id: i64) -> Result<Option<Failure>, StoreError> {
        self.readers.read(move |db| row::load(db, id)).await
    }

    async fn log(&self, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers.read(move |db| log(db, id)).await
    }

    async fn history(&self, filter: &HistoryFilter, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let filter = filter.clone();
        self.readers
            .read(move |db| history::page(db, &filter, after, limit))
            .await
    }

    async fn newest(&self, live_only: bool, limit: usize) -> Result<Vec<Failure>, StoreError> {
        self.readers.read(move |db| history::newest(db, live_only, limit)).await
    }

    async fn correct(&self, id: i64, correction: Correction, at: Timestamp) -> Result<StoredCorrection, StoreError> {
        self.writer
            .write(move |db, delta| label::correct(db, delta, id, correction.clone(), at))
            .await
    }

    async fn correct_group(
        &self,
        id: i64,
        correction: Correction,
        at: Timestamp,
    ) -> Result<StoredCorrection, StoreError> {
        self.writer
            .write(move |db, delta| label::correct_group(db, delta, id, correction.clone(), at))
            .await
    }

    async fn undo(&self, id: i64, correction: i64, at: Timestamp) -> Result<StoredCorrection, StoreError> {
        self.writer
            .write(move |db, delta| label::undo(db, delta, id, correction, at))
            .await
    }

    async fn redo(&self) -> Result<StoredCorrection, StoreError> {
        self.writer.write(label::redo).await
    }

    async fn corrections(&self, id: i64) -> Result<Vec<StoredCorrection>, StoreError> {
        self.readers.read(move |db| label::corrections(db, id)).await
    }

    async fn latest_correction(&self) -> Result<Option<StoredCorrection>, StoreError> {
        self.readers.read(label::latest_correction).await
    }

    async fn corrected(&self, live_only: bool, limit: usize) -> Result<Vec<(Failure, StoredCorrection)>, StoreError> {
        self.readers
            .read(move |db| label::corrected(db, live_only, limit))
            .await
    }

    async fn feedback(&self) -> Result<Vec<Feedback>, StoreError> {
        self.readers.read(label::feedback).await
    }

    async fn voices(&self) -> Result<Vec<Voice>, StoreError> {
        self.readers.read(label::voices).await
    }

    async fn propose(&self, id: i64, proposal: Proposal, at: Timestamp) -> Result<StoredProposal, StoreError> {
        self.writer
            .write(move |db, delta| proposal::propose(db, delta, id, &proposal, at))
            .await
    }

    async fn proposals(&self, id: Option<i64>, limit: usize) -> Result<Vec<StoredProposal>, StoreError> {
        self.readers.read(move |db| proposal::waiting(db, id, limit)).await
    }

    async fn accept(&self, proposal: i64, actor: String, at: Timestamp) -> Result<StoredCorrection, StoreError> {
        self.writer
            .write(move |db, delta| proposal::accept(db, delta, proposal, actor.clone(), at))
            .await
    }

    async fn reject(&self, proposal: i64, actor: String, at: Timestamp) -> Result<StoredProposal, StoreError> {
        self.writer
            .write(move |db, delta| proposal::reject(db, delta, proposal, &actor, at))
            .await
    }

    async fn group_size(&self, fingerprint: &str) -> Result<u64, StoreError> {
        let fingerprint = fingerprint.to_owned();
        self.readers.read(move |db| history::group_size(db, &fingerprint)).await
    }

    async fn keep_contributions(
        &self,
        id: i64,
        revision: i64,
        contributions: Vec<Contribution>,
    ) -> Result<(), StoreError> {
        self.writer
            .write(move |db, _delta| label::keep_contributions(db, id, revision, &contributions))
            .await
    }

    async fn totals(&self) -> Result<Totals, StoreError> {
        self.readers.read(totals::totals).await
    }

    async fn keep_drift(&self, snapshot: DriftSnapshot) -> Result<(), StoreError> {
        self.writer.write(move |db, _delta| heat_map::keep(db, &snapshot)).await
    }

    async fn drift_snapshots(&self, limit: usize) -> Result<Vec<DriftSnapshot>, StoreError> {
        self.readers.read(move |db| heat_map::newest(db, limit)).await
    }

    fn collecting(&self) -> &dyn Collecting {
        self
    }

    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.writer
            .write(move |db, delta| retention::forget(db, delta, before, limit))
            .await
    }

    async fn index_words(&self) -> Result<bool, StoreError> {
        if !self.writer.is_quiet() || !self.readers.read(moments::is_any_due).await? {
            return Ok(false);
        }
        let indexed = self.writer.write(|db, _delta| moments::index(db)).await?;
        Ok(indexed == moments::BATCH)
    }

    async fn used_bytes(&self) -> Result<u64, StoreError> {
        self.readers.read(retention::used_bytes).await
    }

    async fn copy(&self) -> Result<File, StoreError> {
        let _one_at_a_time = self.copying.lock().await;
        let dir = self.folder.dir().to_owned();
        self.readers.read(move |db| care::nameless_copy(db, &dir)).await
    }

    async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        self.readers.read(move |db| care::copy(db, &to)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer
            .write(|db, _delta| {
                db.prepare_cached("UPDATE totals SET write_checks = write_checks + 1")?
                    .execute([])?;
                Ok(())
            })
            .await
    }
}

#[async_trait]
impl Collecting for SqliteStore {
    async fn attach_log(&self, id: i64, log: ReadLog) -> Result<Failure, StoreError> {
        let packing = in_background("pack log", move || in_turn(|| collecting::PackedLog::new(log)));
        let packed = packing
            .await
            .unwrap_or_else(|died| Err(StoreError::Database(format!("compressing was cut off: {died}"))))?;
        self.writer
            .write(move |db, delta| collecting::attach(db, delta, id, &packed))
            .await
    }

    async fn miss_log(&self, id: i64, state: LogState, again: Option<Timestamp>) -> Result<Failure, StoreError> {
        self.writer
            .write(move |db, _delta| collecting::miss(db, id, state, again))
            .await
    }

    async fn forget_log(&self, id: i64) -> Result<(), StoreError> {
        self.writer.write(move |db, _delta| collecting::forget(db, id)).await
    }

    async fn due_logs(&self, now: Timestamp, past: bool, limit: usize) -> Result<Vec<WaitingLog>, StoreError> {
        self.readers.read(move |db| collecting::due(db, now, past, limit)).await
    }

    async fn logs_waiting(&self) -> Result<u64, StoreError> {
        self.readers.read(collecting::waiting).await
    }

    async fn place(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        self.readers.read(move |db| collecting::place(db, &name)).await
    }

    async fn keep_place(&self, name: &str, place: &str) -> Result<(), StoreError> {
        let (name, place) = (name.to_owned(), place.to_owned());
        self.writer
            .write(move |db, _delta| collecting::keep_place(db, &name, &place))
            .await
    }

    async fn is_listed(&self, run: &RunKey) -> Result<bool, StoreError> {
        let run = run.clone();
        self.readers.read(move |db| collecting::is_listed(db, &run)).await
    }

    async fn keep_listed(&self, run: RunKey) -> Result<(), StoreError> {
        self.writer
            .write(move |db, _delta| collecting::keep_listed(db, &run))
            .await
    }

    async fn repositories(&self, since: Timestamp) -> Result<Vec<KnownRepository>, StoreError> {
        self.readers.read(move |db| repositories::known(db, since)).await
    }

    async fn mark_passed(&self, passed: &PassedJob, run_event: Option<&str>) -> Result<Vec<i64>, StoreError> {
        let (looked_for, passed) = (passed.clone(), passed.clone());
        let run_event = run_event.map(str::to_owned);
        if !self.readers.read(move |db| passes::matters(db, &looked_for)).await? {
            // As for nearly every success: nothing is written.
            return Ok(Vec::new());
        }
        let mark = move |db: &Connection, _: &mut totals::Delta| passes::mark(db, &passed, run_event.as_deref());
        self.writer.write(mark).await
    }

    async fn awaits_pass(&self, passed: &PassedJob) -> Result<bool, StoreError> {
        let passed = passed.clone();
        self.readers.read(move |db| passes::awaits(db, &passed)).await
    }

    async fn passed_later(&self, id: i64) -> Result<Option<PassedLater>, StoreError> {
        self.readers.read(move |db| passes::passed_later(db, id)).await
    }

    async fn sightings(&self, id: i64) -> Result<Option<Sightings>, StoreError> {
        self.readers.read(move |db| sightings::sightings(db, id)).await
    }
}

fn features(db: &Connection, id: i64) -> Result<Option<FeatureVector>, StoreError> {
    let sql = "SELECT feature_schema, features FROM log_entries WHERE id = ?";
    let mut statement = db.prepare_cached(sql)?;
    let found = statement
        .query_row([id], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let read = |(schema, packed): (_, Vec<u8>)| {
        Ok(FeatureVector {
            schema,
            values: columns::unpack_features(&packed)?,
        })
    };
    found.map(read).transpose()
}

fn log(db: &Connection, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = db.prepare_cached("SELECT log FROM logs WHERE failure_id = ?")?;
    let packed: Option<Vec<u8>> = statement.query_row([id], |row| row.get(0)).optional()?;
    packed.map(|packed| columns::unpack(&packed)).transpose()
}
