//! The past of a repository, in steps that each end on disk: killed at any place, it goes on from there.
//!
//! Days are walked from the newest to the oldest. When a day is done its place is kept; an attempt whose jobs are rows is
//! not listed again, and a row that is there is not judged again.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::sweep::second;
use super::{CollectError, Collector, RUNS_A_PAGE};
use crate::github::{GitHubError, MAX_FOUND_RUNS, Purpose, Repository};
use crate::ingest::EventSource;

/// Runs are asked for in pieces of this length.
const PIECE: SignedDuration = SignedDuration::from_hours(24);

/// A piece with more runs than a search finds is halved, down to this.
const SHORTEST: SignedDuration = SignedDuration::from_mins(15);

/// How long a step that has nothing to do waits for logs that others fetch.
const WAIT: std::time::Duration = std::time::Duration::from_millis(500);

/// How far a backfill has come after a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BackfillProgress {
    /// `owner/name`.
    pub repository: String,
    /// Runs back to here have been looked at.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub reached: Timestamp,
    /// Runs that this step looked at.
    pub runs: usize,
    /// Failures that were new in this step.
    pub found: usize,
    /// Logs that are still waited for, of all past and live failures.
    pub logs_waiting: u64,
    /// Whether all runs have been looked at, and all logs that can be had are there.
    pub done: bool,
    /// Until when GitHub's limit holds everything up.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub limited_until: Option<Timestamp>,
}

impl Collector {
    /// One step of a backfill: a piece of the list of runs, or where that is done, the logs that are due.
    ///
    /// # Errors
    /// When the repository cannot be seen, or trouble does not pass. A limit is no error: it is in the answer.
    pub async fn backfill(&self, name: &str, since: Timestamp) -> Result<BackfillProgress, CollectError> {
        match self.backfill_step(name, since).await {
            Err(CollectError::GitHub(GitHubError::Limited { until })) => {
                let mut progress = self.progress(name, self.now()).await?;
                progress.limited_until = Some(until);
                Ok(progress)
            }
            other => other,
        }
    }

    async fn backfill_step(&self, name: &str, since: Timestamp) -> Result<BackfillProgress, CollectError> {
        let repository = self.github.repository(name, Purpose::Past).await?;
        let walk = Walk::load(self, &repository, since).await?;
        let Some((from, to)) = walk.piece() else {
            return self.logs_step(name, walk.reached).await;
        };
        let (from, runs, found) = self.piece(&repository, from, to).await?;
        walk.keep(self, from).await?;
        Ok(BackfillProgress {
            runs,
            found,
            ..self.progress(name, from).await?
        })
    }

    /// Takes in the runs made between two moments, or in the later part of that, where there are too many of them.
    async fn piece(
        &self,
        repository: &Repository,
        mut from: Timestamp,
        to: Timestamp,
    ) -> Result<(Timestamp, usize, usize), CollectError> {
        let host = self.host();
        let (mut seen, mut found, mut page) = (0, 0, 1);
        loop {
            let created = format!("{}..{}", second(from), second(to));
            let (runs, total) = self.github.runs(repository, &created, page, Purpose::Past).await?;
            let length = to.duration_since(from);
            if page == 1 && total > MAX_FOUND_RUNS && length > SHORTEST {
                from = to - length / 2;
                continue;
            }
            seen += runs.len();
            for run in &runs {
                found += self.take_run(repository, &host, run, EventSource::Backfill).await?;
            }
            if runs.len() < RUNS_A_PAGE {
                return Ok((from, seen, found));
            }
            page += 1;
        }
    }

    /// Fetches the logs that are due. Those that are not there yet are due later, and are not waited for.
    async fn logs_step(&self, name: &str, reached: Timestamp) -> Result<BackfillProgress, CollectError> {
        self.fetch_past().await;
        let now = self.now();
        let store = self.handle.query();
        let limited_until = self.held(now);
        let due = store.collecting().due_logs(now, true, 1).await?;
        if !due.is_empty() && limited_until.is_none() {
            tokio::time::sleep(WAIT).await;
        }
        Ok(BackfillProgress {
            done: due.is_empty(),
            limited_until: limited_until.filter(|_| !due.is_empty()),
            ..self.progress(name, reached).await?
        })
    }

    async fn progress(&self, name: &str, reached: Timestamp) -> Result<BackfillProgress, CollectError> {
        Ok(BackfillProgress {
            repository: name.to_owned(),
            reached,
            runs: 0,
            found: 0,
            logs_waiting: self.handle.query().collecting().logs_waiting().await?,
            done: false,
            limited_until: None,
        })
    }
}

/// Which part of the past has been walked: from `top` back to `reached`.
struct Walk {
    name: String,
    since: Timestamp,
    top: Timestamp,
    reached: Timestamp,
    now: Timestamp,
}

impl Walk {
    async fn load(collector: &Collector, repository: &Repository, since: Timestamp) -> Result<Self, CollectError> {
        let name = format!("backfill {}/{}", collector.host(), repository.id);
        let now = collector.now();
        let place = collector.handle.query().collecting().place(&name).await?;
        let parts = place.as_deref().and_then(|place| place.split_once(' '));
        let known = parts.and_then(|(top, reached)| Some((top.parse().ok()?, reached.parse().ok()?)));
        let (top, reached) = known.unwrap_or((now, now));
        Ok(Self {
            name,
            since,
            top,
            reached,
            now,
        })
    }

    /// The piece to walk next. What has come since the last walk began is the sweep's, unless that is more than a day: then the
    /// walk starts anew, and what it finds known costs one request a page.
    fn piece(&self) -> Option<(Timestamp, Timestamp)> {
        let stale = self.now.duration_since(self.top) > PIECE;
        let to = if stale { self.now } else { self.reached };
        (to > self.since).then(|| ((to - PIECE).max(self.since), to))
    }

    async fn keep(&self, collector: &Collector, reached: Timestamp) -> Result<(), CollectError> {
        let stale = self.now.duration_since(self.top) > PIECE;
        let top = if stale { self.now } else { self.top };
        let place = format!("{} {}", second(top), second(reached));
        Ok(collector
            .handle
            .query()
            .collecting()
            .keep_place(&self.name, &place)
            .await?)
    }
}
