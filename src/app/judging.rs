//! The model at work: verdicts and contributions, on a bounded number of threads.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::Either;

use super::command::CommandError;
use super::event::Event;
use super::intake::Intake;
use crate::background::{in_background, in_turn};
use crate::github::LogText;
use crate::ingest::FailedJob;
use crate::ingest::mask::mask;
use crate::judge::{JudgeError, Judged, explain, judge, judge_read};
use crate::store::Failure;
use crate::telemetry::InferenceFailed;

/// Bytes of text that are read at once, in some tens of microseconds; more is read on another thread.
const SHORT: usize = 1 << 10;

/// A verdict, and what it was given on.
pub(super) struct Case {
    pub(super) job: FailedJob,
    /// Masked, where it is to be stored.
    pub(super) log: Option<Vec<u8>>,
    pub(super) judged: Judged,
}

impl Intake {
    /// Judges, and masks the log if it is to be stored. What is short has been judged when this returns, so that nobody waits
    /// with it in hand.
    pub(super) fn judge(
        &self,
        job: FailedJob,
        log: Option<Vec<u8>>,
    ) -> impl Future<Output = Result<Box<Case>, CommandError>> + use<'_> {
        let (bundle, mask_log) = (self.live.bundle(), self.store_logs);
        let read = log.as_ref().map_or(0, Vec::len) + job.message.as_ref().map_or(0, String::len);
        let judging = move || {
            let start = Instant::now();
            let mut judged = judge(&job, log.as_deref(), &bundle)?;
            judged.verdict.latency_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
            let mut log = log;
            if let Some(log) = log.as_mut().filter(|_| mask_log) {
                mask(log);
            }
            Ok(Box::new(Case { job, log, judged }))
        };
        if read <= SHORT {
            Either::Left(self.answer_of(at_once(judging)))
        } else {
            Either::Right(self.on_a_thread(Box::new(judging)))
        }
    }

    /// Judges what was read of a log that was fetched, and masks the log itself, if it is to be stored. That takes long, and
    /// what arrives meanwhile comes first; the model is asked beside it, since its lock is not for a thread that yields.
    pub(super) async fn judge_read(&self, job: FailedJob, text: LogText) -> Result<Box<Case>, CommandError> {
        let (bundle, store_logs) = (self.live.bundle(), self.store_logs);
        let LogText { evidence, kept, .. } = text;
        let mut case = self
            .on_a_thread(move || {
                let start = Instant::now();
                let mut judged = judge_read(&job, evidence, &bundle)?;
                judged.verdict.latency_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
                Ok(Box::new(Case { job, log: None, judged }))
            })
            .await?;
        if let Some(mut log) = kept.filter(|_| store_logs) {
            let masking = in_background("mask log", move || {
                in_turn(|| mask(&mut log));
                log
            });
            let masked = masking.await;
            case.log = Some(masked.map_err(|died| CommandError::Judge(format!("masking was cut off: {died}")))?);
        }
        Ok(case)
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, JudgeError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let permit = Arc::clone(&self.judging).acquire_owned().await;
        let permit = permit.map_err(|_closed| CommandError::ShuttingDown)?;
        let worked = tokio::task::spawn_blocking(move || {
            let answer = work();
            drop(permit);
            answer
        });
        self.answer_of(worked.await).await
    }

    /// What came of some work. Where nothing did, that is told.
    async fn answer_of<T, D: Display>(&self, worked: Result<Result<T, JudgeError>, D>) -> Result<T, CommandError> {
        let failure = match worked {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error.to_string(),
            Err(died) => format!("cut off: {died}"),
        };
        InferenceFailed { error: &failure }.emit();
        self.tell(Event::Troubled(failure.clone())).await;
        Err(CommandError::Judge(failure))
    }

    /// A row with its contributions, computed if they were not asked for before.
    pub(super) async fn explain(&self, id: i64) -> Result<Failure, CommandError> {
        let mut row = self.row(id).await?;
        if !row.verdict.top_contributing_features.is_empty() {
            let kept = std::mem::take(&mut row.verdict.top_contributing_features);
            row.verdict.explain(kept);
            return Ok(row);
        }
        let Some(features) = self.noted(self.store.features(id).await).await? else {
            return Ok(row);
        };
        let bundle = self.live.bundle();
        if features.schema != bundle.schema.hash || row.verdict.model_version != bundle.version {
            // Said by a model that is gone: it cannot explain itself any more.
            return Ok(row);
        }
        let verdict = row.verdict.clone();
        let why = self.on_a_thread(move || explain(&features, &verdict, &bundle)).await?;
        row.verdict.explain(why.clone());
        self.noted(self.store.keep_contributions(id, row.revision, why).await)
            .await?;
        Ok(row)
    }
}

/// Work that takes less than the way to another thread and back.
fn at_once<T>(work: impl FnOnce() -> Result<T, JudgeError>) -> Result<Result<T, JudgeError>, &'static str> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_panic| "it panicked")
}
