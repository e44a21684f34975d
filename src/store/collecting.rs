//! What the store keeps for those who collect from GitHub: logs that are waited for, places in lists, proofs.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Failure, StoreError};
use crate::drift::Watched;
use crate::features::FeatureVector;
use crate::ingest::PassedJob;
use crate::verdict::{LogState, Verdict};

/// A failure seen within this time on the default branch is nobody's new one.
pub const RECENT: SignedDuration = SignedDuration::from_hours(21 * 24);

/// A failure that this many repositories have within [`OUTAGE_TIME`] on either side is an outage, and no flaky job.
pub const OUTAGE_REPOSITORIES: u64 = 3;

/// What starts a run that has the tree of its commit, and nothing else that changes: a run for a pull request builds the merge
/// with a base that moves, and a run by hand has inputs of its own.
pub const OF_THE_COMMIT: [&str; 3] = ["push", "schedule", "merge_group"];

/// See [`OUTAGE_REPOSITORIES`].
pub const OUTAGE_TIME: SignedDuration = SignedDuration::from_mins(30);

/// A log that came, and what was said on reading it.
#[derive(Debug, Clone)]
pub struct ReadLog {
    /// The verdict.
    pub verdict: Verdict,
    /// What drift watches of it.
    pub watched: Watched,
    /// What the model read.
    pub features: FeatureVector,
    /// The masked log, if it is to be kept.
    pub log: Option<Vec<u8>>,
}

/// A failure whose log is waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingLog {
    /// The row.
    pub failure: Failure,
    /// How often its log was asked for.
    pub tries: u32,
}

/// One attempt of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunKey {
    /// Host of the forge.
    pub host: String,
    /// Repository.
    pub repository_id: i64,
    /// Run.
    pub run_id: i64,
    /// Attempt, from 1.
    pub attempt: i64,
}

/// A repository that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRepository {
    /// Host of the forge.
    pub host: String,
    /// Repository.
    pub id: i64,
    /// `owner/name`.
    pub name: String,
    /// Its default branch, where it is known.
    pub default_branch: Option<String>,
}

/// Whether a failure is this change's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Novelty {
    /// Its fingerprint was never seen before on the default branch of the repository.
    New,
    /// It was, in the last 21 days.
    Seen,
    /// It was, but longer ago: it had gone, and is back.
    Regressed,
}

/// Where else the fingerprint of a failure was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sightings {
    /// Failures with this fingerprint, this one among them.
    pub count: u64,
    /// The first of them.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub first_seen: Timestamp,
    /// The last of them.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_seen: Timestamp,
    /// Repositories that have it.
    pub repositories: u64,
    /// Against the default branch of its own repository; where that is not known, against all of its branches.
    pub novelty: Novelty,
    /// Whether several repositories had it within the same hour: an outage of something that they share.
    pub outage: bool,
}

/// Proof that a failure passed later on the same tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PassedLater {
    /// The re-run that passed, from 1; 0 for the first attempt of another run.
    pub rerun: i64,
    /// Re-runs of that run that are known of.
    pub of: i64,
    /// The other run of the same workflow on the same tree that passed; `null` where a re-run of its own run did.
    pub run_id: Option<i64>,
    /// When it passed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

/// Whether a failure is proved flaky: it passed later on the same tree, while nothing that several repositories share was down.
#[must_use]
pub fn is_flaky(seen: Option<&Sightings>, passed: Option<&PassedLater>) -> bool {
    passed.is_some() && !seen.is_some_and(|seen| seen.outage)
}

/// What collecting from GitHub needs of a store.
#[async_trait]
pub trait Collecting: Send + Sync {
    /// Gives a row the log that came and the verdict on it, one revision up; nothing is waited for any more. Returns after
    /// it is durable.
    async fn attach_log(&self, id: i64, log: ReadLog) -> Result<Failure, StoreError>;

    /// Says what became of a log that did not come, and when to ask again; never, if `None`.
    async fn miss_log(&self, id: i64, state: LogState, again: Option<Timestamp>) -> Result<Failure, StoreError>;

    /// Waits for the log of this row no longer.
    async fn forget_log(&self, id: i64) -> Result<(), StoreError>;

    /// Logs to ask for now: live failures before past ones, those that came due last first.
    async fn due_logs(&self, now: Timestamp, past: bool, limit: usize) -> Result<Vec<WaitingLog>, StoreError>;

    /// How many logs are waited for.
    async fn logs_waiting(&self) -> Result<u64, StoreError>;

    /// How far somebody has come.
    async fn place(&self, name: &str) -> Result<Option<String>, StoreError>;

    /// Remembers how far somebody has come.
    async fn keep_place(&self, name: &str, place: &str) -> Result<(), StoreError>;

    /// Whether all failed jobs of this attempt are rows.
    async fn is_listed(&self, run: &RunKey) -> Result<bool, StoreError>;

    /// All failed jobs of this attempt are rows.
    async fn keep_listed(&self, run: RunKey) -> Result<(), StoreError>;

    /// Repositories with a live failure since then.
    async fn repositories(&self, since: Timestamp) -> Result<Vec<KnownRepository>, StoreError>;

    /// Marks the failures that a success disproves; their ids. `run_event` is what started its run, where that is known.
    async fn mark_passed(&self, passed: &PassedJob, run_event: Option<&str>) -> Result<Vec<i64>, StoreError>;

    /// Whether a job failed before on the commit of this run that passed, and nothing proves yet that it passes.
    async fn awaits_pass(&self, passed: &PassedJob) -> Result<bool, StoreError>;

    /// Proof that a failure passed later.
    async fn passed_later(&self, id: i64) -> Result<Option<PassedLater>, StoreError>;

    /// Where else the fingerprint of this row was seen; `None` where it has none.
    async fn sightings(&self, id: i64) -> Result<Option<Sightings>, StoreError>;
}
