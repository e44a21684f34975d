//! Logs that were fetched for rows, and what is listed elsewhere: the second stage of a verdict.

use jiff::Timestamp;

use super::command::{CommandError, Reply};
use super::intake::{Intake, emit};
use super::judging::Case;
use crate::github::LogText;
use crate::ingest::{EventSource, FailedJob, PassedJob, RowKey};
use crate::store::ReadLog;
use crate::verdict::LogState;

impl Intake {
    /// Whether the log of this failure is to be asked for.
    pub(super) fn awaits_log(&self, job: &FailedJob, log: Option<&[u8]>) -> bool {
        let from_github = matches!(job.source, EventSource::GithubWebhook | EventSource::Backfill);
        let there = |host: &str| self.github.as_ref().is_some_and(|github| github.answers_for(host));
        match &job.key {
            RowKey::Job {
                host, repository_id, ..
            } => log.is_none() && from_github && *repository_id > 0 && there(host),
            RowKey::Own => false,
        }
    }

    /// Judges a row again on the log that came for it.
    pub(super) async fn attach_log(&self, id: i64, text: LogText) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(id).await;
        let row = self.row(id).await?;
        let state = if text.whole { LogState::Ok } else { LogState::Truncated };
        let Case { log, judged, .. } = *self.judge_read(row.job, text).await?;
        let mut verdict = judged.verdict;
        verdict.input_id = row.verdict.input_id;
        verdict.log_state = state;
        let read = ReadLog {
            verdict,
            watched: judged.watched,
            features: judged.features,
            log,
        };
        let attached = self.store.collecting().attach_log(id, read).await;
        let row = self.noted(attached).await?;
        emit(&row);
        Ok(self.revised(row).await)
    }

    /// Notes what became of a log that did not come.
    pub(super) async fn miss_log(
        &self,
        id: i64,
        state: LogState,
        again: Option<Timestamp>,
    ) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(id).await;
        let missed = self.store.collecting().miss_log(id, state, again).await;
        let row = self.noted(missed).await?;
        Ok(self.revised(row).await)
    }

    /// Marks the failures that a success disproves.
    pub(super) async fn mark_passed(
        &self,
        passed: &PassedJob,
        run_event: Option<&str>,
    ) -> Result<Vec<i64>, CommandError> {
        let marked = self.store.collecting().mark_passed(passed, run_event).await;
        let ids = self.noted(marked).await?;
        for id in &ids {
            tracing::info!(id, "failure passed later on the same tree");
        }
        Ok(ids)
    }
}
