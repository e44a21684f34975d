//! The only module with SQL. An async trait of domain calls, so that a second engine fits.
//!
//! The promise: what a call acknowledged is on disk, and the unique keys in here, nobody else, decide what is new.

mod collecting;
pub mod merge;
pub mod sqlite;

use std::fs::File;
use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::collecting::{
    Collecting, KnownRepository, Novelty, OF_THE_COMMIT, OUTAGE_REPOSITORIES, OUTAGE_TIME, PassedLater, RECENT,
    ReadLog, RunKey, Sightings, WaitingLog, is_flaky,
};
use crate::class::FailureClass;
use crate::correction::{Correction, Feedback, Proposal, StoredCorrection, StoredProposal, Voice};
use crate::drift::{DriftSnapshot, Watched};
use crate::features::FeatureVector;
use crate::ingest::{DeliveryId, EventSource, FailedJob};
use crate::verdict::{Contribution, DecidedFrom, Verdict};

/// What to store of one judged failure.
#[derive(Debug, Clone)]
pub struct NewFailure {
    /// The row's time: when the event arrived (a backfill: when the job failed).
    pub timestamp: Timestamp,
    /// What failed.
    pub job: FailedJob,
    /// What was said of it. `id` is still empty.
    pub verdict: Verdict,
    /// What drift watches of it.
    pub watched: Watched,
    /// What the model read, for contributions on demand.
    pub features: FeatureVector,
    /// Largest PSI of the window before this event.
    pub psi_drift_stat: Option<f64>,
    /// The delivery that brought it, if one did.
    pub delivery: Option<NewDelivery>,
    /// SHA-256 of the bytes as received, hex.
    pub raw_sha256: String,
    /// The masked bytes; the store compresses them.
    pub raw_payload: Vec<u8>,
    /// The masked log, if one came and is to be kept; the store compresses it.
    pub log: Option<Vec<u8>>,
    /// Whether its log is to be asked for.
    pub awaits_log: bool,
    /// The default branch of its repository, where it is known.
    pub default_branch: Option<String>,
    /// The event that started its run, where this is what told of the run.
    pub run_event: Option<String>,
}

/// The arrival that brought a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// GitHub's id.
    pub id: DeliveryId,
    /// `workflow_run`, `workflow_job` or `check_run`.
    pub event: String,
}

/// What became of a [`NewFailure`].
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    /// It is a row of its own now. `replaces` is the run's job-0 row that has become its parent and left history,
    /// drift and counts with it.
    New {
        /// The row.
        row: Box<Failure>,
        /// The id of the parent, where this is the first failed job of a run that had a row.
        replaces: Option<i64>,
        /// Whether its run has told it more than it was judged on, so that its verdict should be given again.
        learned: bool,
    },
    /// Its job was known and this delivery said something new of it: the row holds the merged job, and its verdict
    /// should be given again from that.
    ///
    /// `replaces` is as in [`Recorded::New`]: a job may turn out only later to be one of a run that has a row.
    Added {
        /// The row.
        row: Box<Failure>,
        /// The id of the row that has become its parent.
        replaces: Option<i64>,
    },
    /// Delivery or job were known, and nothing changed.
    Duplicate(i64),
}

/// A stored failure: one row of `log_entries`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The row's time.
    pub timestamp: Timestamp,
    /// Counts the verdicts on this row, from 1.
    pub revision: i64,
    /// Largest PSI of the window before this event.
    pub psi_drift_stat: Option<f64>,
    /// The delivery that made the row.
    pub delivery_id: Option<String>,
    /// SHA-256 of the bytes as received.
    pub raw_sha256: String,
    /// What failed.
    pub job: FailedJob,
    /// The verdict, with `id`, and with `label` and `corrected_by` as corrections say.
    pub verdict: Verdict,
    /// What drift watches of it.
    pub watched: Watched,
    /// What the model read. `verdict.decided_from` says so too, but where a person's word on the same failure answers.
    pub read_from: DecidedFrom,
}

impl Failure {
    /// The row's id.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.verdict.id.unwrap_or_default()
    }
}

/// Which rows of the history. Empty means all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistoryFilter {
    /// Label (not prediction).
    pub class: Option<FailureClass>,
    /// Repository, as `owner/name`, without regard to case.
    pub repo: Option<String>,
    /// Source.
    pub source: Option<EventSource>,
    /// Whether the verdict is uncertain.
    pub uncertain: Option<bool>,
    /// Not older than this.
    pub since: Option<Timestamp>,
    /// Words in repository, workflow, job, steps, branch, or evidence.
    pub q: Option<String>,
}

/// The place after a row in the history: newest first, by time and then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the last row seen.
    pub timestamp: Timestamp,
    /// Its id.
    pub id: i64,
}

/// Rows that one word on a group can answer.
pub const MAX_GROUP: usize = 10_000;

/// One page of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Newest first.
    pub items: Vec<Failure>,
    /// Where the next page starts, if there is one.
    pub next: Option<Cursor>,
}

/// Counts over everything stored, kept as events arrive: never counted by a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Failures in history.
    pub failures: u64,
    /// Verdicts given, revisions among them.
    pub inferences: u64,
    /// Corrections that stand.
    pub corrections: u64,
    /// Failures by class index, by label.
    pub by_class: [u64; crate::class::CLASS_COUNT],
    /// Failures whose verdict is uncertain.
    pub uncertain: u64,
    /// Proposals that wait for a person.
    pub proposals: u64,
    /// Live-source failures: where there are any, simulated and backfilled ones feed neither drift nor badge.
    pub live: u64,
}

/// `[data]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataSettings {
    /// The data folder.
    pub dir: PathBuf,
    /// Whether masked logs are kept beside their verdicts.
    pub store_logs: bool,
    /// Failures older than so many days are forgotten; 0 for never.
    pub retention_days: u32,
    /// Bytes of the database beyond which the oldest failures are forgotten; 0 for no limit.
    pub max_bytes: u64,
    /// The group that may use the Unix socket in the folder beside its owner; empty for none.
    pub socket_group: String,
}

impl Default for DataSettings {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("data"),
            store_logs: true,
            retention_days: 0,
            max_bytes: 0,
            socket_group: String::new(),
        }
    }
}

/// `[backup]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// Folder of copies of the database; empty for none.
    pub dir: PathBuf,
    /// Hours between two copies.
    pub every_hours: u32,
    /// Copies kept; the oldest beyond go.
    pub keep: usize,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            dir: PathBuf::new(),
            every_hours: 24,
            keep: 7,
        }
    }
}

impl BackupSettings {
    /// Whether copies are to be made.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.dir.as_os_str().is_empty()
    }
}

/// What can go wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process owns the data folder.
    #[error(
        "{dir} is in use by another sentinel (process {owner}); join it with `sentinel console`, or give this one its own --data folder"
    )]
    Locked {
        /// The folder.
        dir: String,
        /// The process id in the lock file, or `unknown`.
        owner: String,
    },
    /// The database was written by a newer version.
    #[error("{file} has schema {found}, this sentinel knows up to {known}; use a newer sentinel")]
    NewerSchema {
        /// The database.
        file: String,
        /// Its schema number.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// Nothing can be written now.
    #[error("the store cannot be written: {0}")]
    Unwritable(String),
    /// The queue to the writer is full.
    #[error("the store's queue is full; try again in a moment")]
    Busy,
    /// No such row.
    #[error("there is no failure {0}")]
    NoFailure(i64),
    /// No such correction on that row, or it was taken back already.
    #[error("failure {failure} has no standing correction {correction}")]
    NoCorrection {
        /// The row.
        failure: i64,
        /// The correction asked for.
        correction: i64,
    },
    /// No correction stands.
    #[error("there is no correction to take back")]
    NothingToUndo,
    /// Nothing was taken back, or a correction was made since.
    #[error("there is no correction to make again: none was taken back since the last one was made")]
    NothingToRedo,
    /// No such proposal, or somebody has decided on it already.
    #[error("no proposal {0} waits for a decision")]
    NoProposal(i64),
    /// People do not keep up with what is proposed.
    #[error("{0} proposals wait for a person already; accept or reject some of them first")]
    TooManyProposals(u64),
    /// The database said no.
    #[error("database: {0}")]
    Database(String),
}

/// Where failures live.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores a judged failure, or finds that it is known. Returns after it is durable.
    ///
    /// A failure is known by its delivery, or by its key: see [`merge`] for what two deliveries of one job make of it.
    async fn record(&self, new: NewFailure) -> Result<Recorded, StoreError>;

    /// Gives a row a new verdict, one revision up. Returns after it is durable.
    async fn revise(
        &self,
        id: i64,
        verdict: Verdict,
        watched: Watched,
        features: FeatureVector,
    ) -> Result<Failure, StoreError>;

    /// What the model read of a row.
    async fn features(&self, id: i64) -> Result<Option<FeatureVector>, StoreError>;

    /// The row a delivery was about, if that delivery is known.
    async fn known_delivery(&self, id: &DeliveryId, event: &str) -> Result<Option<i64>, StoreError>;

    /// One row.
    async fn failure(&self, id: i64) -> Result<Option<Failure>, StoreError>;

    /// The masked log of a row, if it was kept.
    async fn log(&self, id: i64) -> Result<Option<Vec<u8>>, StoreError>;

    /// A page of the history.
    async fn history(&self, filter: &HistoryFilter, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError>;

    /// The newest rows that feed drift, newest first: all sources, or live ones only.
    async fn newest(&self, live_only: bool, limit: usize) -> Result<Vec<Failure>, StoreError>;

    /// Stores a correction. Returns after it is durable.
    async fn correct(&self, id: i64, correction: Correction, at: Timestamp) -> Result<StoredCorrection, StoreError>;

    /// Stores a correction that answers as well for all rows of the same fingerprint without a word of their own, at most
    /// the newest [`MAX_GROUP`]. Taken back, all of them are as they were. Returns after it is durable.
    async fn correct_group(
        &self,
        id: i64,
        correction: Correction,
        at: Timestamp,
    ) -> Result<StoredCorrection, StoreError>;

    /// Takes a correction back. Returns after it is durable.
    async fn undo(&self, id: i64, correction: i64, at: Timestamp) -> Result<StoredCorrection, StoreError>;

    /// Makes the correction stand again that was taken back last, unless another was made since. Returns after it is durable.
    async fn redo(&self) -> Result<StoredCorrection, StoreError>;

    /// All corrections of a row, oldest first, undone ones among them.
    async fn corrections(&self, id: i64) -> Result<Vec<StoredCorrection>, StoreError>;

    /// The newest correction that stands, of any row.
    async fn latest_correction(&self) -> Result<Option<StoredCorrection>, StoreError>;

    /// The newest rows that people corrected themselves, with the words that stand, newest first.
    async fn corrected(&self, live_only: bool, limit: usize) -> Result<Vec<(Failure, StoredCorrection)>, StoreError>;

    /// How people have answered verdicts, by the latest word on each failure of history.
    async fn feedback(&self) -> Result<Vec<Feedback>, StoreError>;

    /// How many corrections stand, by person and class, in this order.
    async fn voices(&self) -> Result<Vec<Voice>, StoreError>;

    /// Stores a proposal; one that waits already is given back as it is. Returns after it is durable.
    async fn propose(&self, id: i64, proposal: Proposal, at: Timestamp) -> Result<StoredProposal, StoreError>;

    /// Proposals that wait for a person, on one row or on any, oldest first.
    async fn proposals(&self, id: Option<i64>, limit: usize) -> Result<Vec<StoredProposal>, StoreError>;

    /// Makes a waiting proposal the correction of `actor`, with who proposed it as author. Returns after it is durable.
    async fn accept(&self, proposal: i64, actor: String, at: Timestamp) -> Result<StoredCorrection, StoreError>;

    /// Turns a waiting proposal down. Returns after it is durable.
    async fn reject(&self, proposal: i64, actor: String, at: Timestamp) -> Result<StoredProposal, StoreError>;

    /// How many rows of history share a fingerprint.
    async fn group_size(&self, fingerprint: &str) -> Result<u64, StoreError>;

    /// Keeps contributions with the row, if its revision is still that one.
    async fn keep_contributions(
        &self,
        id: i64,
        revision: i64,
        contributions: Vec<Contribution>,
    ) -> Result<(), StoreError>;

    /// Counts over everything.
    async fn totals(&self) -> Result<Totals, StoreError>;

    /// Keeps one column of the heat map.
    async fn keep_drift(&self, snapshot: DriftSnapshot) -> Result<(), StoreError>;

    /// The newest columns of the heat map, oldest first.
    async fn drift_snapshots(&self, limit: usize) -> Result<Vec<DriftSnapshot>, StoreError>;

    /// What collecting from GitHub needs.
    fn collecting(&self) -> &dyn Collecting;

    /// Forgets the oldest failures from before `before`, at most `limit` of them, and says how many they were. Those that
    /// people had a word on stay.
    async fn forget(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Makes words that came lately quick to find: a bounded number of rows, and none while much else is written since the
    /// last call. Whether to ask again at once. Searches are right without it.
    async fn index_words(&self) -> Result<bool, StoreError>;

    /// Bytes that what is stored takes on disk, without room that was given back and will be filled again.
    async fn used_bytes(&self) -> Result<u64, StoreError>;

    /// Copies everything, as it is at one moment, into a checked file that has no name and goes when it is closed.
    async fn copy(&self) -> Result<File, StoreError>;

    /// Copies everything, as it is at one moment, into one checked file. An older copy of that name is replaced when the
    /// new one is whole.
    async fn backup(&self, to: PathBuf) -> Result<(), StoreError>;

    /// Whether it can be written now, by writing.
    async fn check(&self) -> Result<(), StoreError>;
}
