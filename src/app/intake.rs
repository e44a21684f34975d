//! From a command to what is durable: judge, record, judge again what has learned something, tell the state.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard, Semaphore, mpsc, watch};

use super::command::{Command, CommandError, JudgeRequest, Reply};
use super::engine::Clock;
use super::event::Event;
use super::judging::Case;
use super::learner::Learner;
use super::live::Live;
use super::snapshot::Snapshot;
use crate::drift::DriftSettings;
use crate::github::GitHub;
use crate::ingest::{Delivery, EventSource, FailedJob};
use crate::judge::Judged;
use crate::store::{Failure, NewDelivery, NewFailure, Recorded, Store, StoreError};
use crate::telemetry::VerdictRecorded;
use crate::verdict::{DecidedFrom, LogState};

/// How often a row is judged again while it keeps learning. Each time one more telling of the job arrived in between, and
/// a job has three.
const MAX_ROUNDS: usize = 8;

/// Everything that carries out commands.
pub(super) struct Intake {
    pub(super) store: Arc<dyn Store>,
    pub(super) live: Arc<Live>,
    pub(super) learner: Arc<Learner>,
    pub(super) drift: DriftSettings,
    pub(super) clock: Clock,
    pub(super) store_logs: bool,
    /// Who is asked for logs.
    pub(super) github: Option<Arc<GitHub>>,
    /// One permit a thread that judges.
    pub(super) judging: Arc<Semaphore>,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) rows: RowLocks,
}

/// Locks that keep the events of one row in the order of its changes. Rows share them by id.
pub(super) struct RowLocks([Mutex<()>; 64]);

impl RowLocks {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }

    pub(super) async fn lock(&self, id: i64) -> MutexGuard<'_, ()> {
        let slot = usize::try_from(id.unsigned_abs() % 64).unwrap_or_default();
        self.0[slot].lock().await
    }
}

/// A failure on its way in. Boxed: it is of a kilobyte, and all that waits on its way would hold it several times.
struct Arrival {
    job: FailedJob,
    log: Option<Vec<u8>>,
    input_id: Option<serde_json::Value>,
    raw_sha256: String,
    raw_payload: Vec<u8>,
    delivery: Option<NewDelivery>,
    default_branch: Option<String>,
    run_event: Option<String>,
}

impl From<JudgeRequest> for Box<Arrival> {
    fn from(request: JudgeRequest) -> Self {
        let JudgeRequest {
            job,
            log,
            input_id,
            raw_sha256,
            raw_payload,
        } = request;
        Self::new(Arrival {
            job,
            log,
            input_id,
            raw_sha256,
            raw_payload,
            delivery: None,
            default_branch: None,
            run_event: None,
        })
    }
}

impl TryFrom<Delivery> for Box<Arrival> {
    type Error = CommandError;

    fn try_from(delivery: Delivery) -> Result<Self, CommandError> {
        let Delivery {
            id,
            event,
            failed,
            default_branch,
            run_event,
            raw_sha256,
            masked_body,
            ..
        } = delivery;
        let job = failed.ok_or_else(|| CommandError::Judge(format!("nothing failed in delivery {}", id.0)))?;
        let delivery = Some(NewDelivery { id, event });
        Ok(Self::new(Arrival {
            job,
            log: None,
            input_id: None,
            raw_sha256,
            raw_payload: masked_body,
            delivery,
            default_branch,
            run_event,
        }))
    }
}

impl Arrival {
    /// What was listed and never delivered: its id is nobody's, and is not kept.
    fn found(delivery: Delivery, source: EventSource) -> Result<Box<Self>, CommandError> {
        let mut arrival: Box<Self> = delivery.try_into()?;
        arrival.delivery = None;
        arrival.job.source = source;
        Ok(arrival)
    }
}

impl Intake {
    /// Each way is boxed by itself, so that what comes seldom does not make what comes often any larger.
    pub(super) fn carry_out(&self, command: Command) -> BoxFuture<'_, Result<Reply, CommandError>> {
        match command {
            Command::Deliver(delivery) => Box::pin(async { self.take_in((*delivery).try_into()?).await }),
            Command::Find { delivery, source } => {
                Box::pin(async move { self.take_in(Arrival::found(*delivery, source)?).await })
            }
            Command::AttachLog { id, text } => Box::pin(self.attach_log(id, *text)),
            Command::MissLog { id, state, again } => Box::pin(self.miss_log(id, state, again)),
            Command::Judge(request) => Box::pin(self.take_in((*request).into())),
            Command::Correct { id, correction } => Box::pin(self.correct(id, correction)),
            Command::CorrectGroup { id, correction } => Box::pin(self.correct_group(id, correction)),
            Command::Undo { id, correction } => Box::pin(self.undo(id, correction)),
            Command::UndoLast => Box::pin(self.undo_last()),
            Command::Redo => Box::pin(self.redo()),
            Command::Propose { id, proposal } => Box::pin(self.propose(id, proposal)),
            Command::Accept { proposal, actor } => Box::pin(self.accept(proposal, actor)),
            Command::Reject { proposal, actor } => Box::pin(self.reject(proposal, actor)),
            Command::Retrain { actor, reason } => Box::pin(async move {
                let begun = Arc::clone(&self.learner).start(&actor, &reason).await?;
                Ok(Reply::Retraining(Box::new(begun)))
            }),
            Command::CancelRetraining => {
                Box::pin(async { Ok(Reply::Retraining(Box::new(self.learner.cancel().await?))) })
            }
            Command::Promote { version, actor, reason } => {
                Box::pin(async move { self.learner.promote(version, actor, &reason).await.map(Reply::Served) })
            }
            Command::RollBack { actor, reason } => {
                Box::pin(async move { self.learner.roll_back(actor, &reason).await.map(Reply::Served) })
            }
        }
    }

    async fn take_in(&self, arrival: Box<Arrival>) -> Result<Reply, CommandError> {
        let awaits_log = self.awaits_log(&arrival.job, arrival.log.as_deref());
        let case = self.judge(arrival.job, arrival.log).await?;
        let Case { job, log, mut judged } = *case;
        judged.verdict.input_id = arrival.input_id;
        let (stored_log, log) = if self.store_logs { (log, None) } else { (None, log) };
        let recording = self.store.record(NewFailure {
            timestamp: self.time_of(&job),
            job,
            verdict: judged.verdict,
            watched: judged.watched,
            features: judged.features,
            psi_drift_stat: self.snapshots.borrow().drift.largest_psi(),
            delivery: arrival.delivery,
            raw_sha256: arrival.raw_sha256,
            raw_payload: arrival.raw_payload,
            log: stored_log,
            awaits_log,
            default_branch: arrival.default_branch,
            run_event: arrival.run_event,
        });
        match self.noted(recording.await).await? {
            Recorded::New { row, replaces, learned } => self.recorded(Arc::from(row), replaces, learned, log).await,
            Recorded::Added { row, replaces } => Box::pin(self.added(*row, replaces, log)).await,
            Recorded::Duplicate(id) => Ok(Reply::Duplicate(id)),
        }
    }

    /// A past failure stands where it belongs in history, any other where it arrived.
    fn time_of(&self, job: &FailedJob) -> Timestamp {
        match job.source {
            EventSource::Backfill => job.failed_at,
            EventSource::GithubWebhook
            | EventSource::Mcp
            | EventSource::Api
            | EventSource::Exec
            | EventSource::Simulator => (self.clock)(),
        }
    }

    async fn recorded(
        &self,
        row: Arc<Failure>,
        replaces: Option<i64>,
        learned: bool,
        log: Option<Vec<u8>>,
    ) -> Result<Reply, CommandError> {
        emit(&row);
        self.tell(Event::Recorded(Arc::clone(&row))).await;
        self.tell_replaced(replaces).await;
        if learned {
            Box::pin(self.settle(Arc::unwrap_or_clone(row), log)).await
        } else {
            Ok(Reply::Judged(row))
        }
    }

    async fn added(&self, row: Failure, replaces: Option<i64>, log: Option<Vec<u8>>) -> Result<Reply, CommandError> {
        self.tell_replaced(replaces).await;
        self.settle(row, log).await
    }

    /// Judges a row again on all that is known of it by now, until nothing more has come in between.
    async fn settle(&self, mut row: Failure, log: Option<Vec<u8>>) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(row.id()).await;
        let mut log = match log {
            Some(log) => Some(log),
            None => self.noted(self.store.log(row.id()).await).await?,
        };
        // A verdict from a log that was not kept is better than any from what is left.
        if log.is_some() || row.read_from != DecidedFrom::Log {
            for _ in 0..MAX_ROUNDS {
                let known = row.job.clone();
                (row, log) = self.judge_again(row, log).await?;
                if row.job == known {
                    break;
                }
            }
        }
        Ok(self.revised(row).await)
    }

    /// Tells the state of a row that has changed, and is the answer to whoever changed it.
    pub(super) async fn revised(&self, row: Failure) -> Reply {
        let row = Arc::new(row);
        self.tell(Event::Revised(Arc::clone(&row))).await;
        Reply::Judged(row)
    }

    async fn judge_again(
        &self,
        row: Failure,
        log: Option<Vec<u8>>,
    ) -> Result<(Failure, Option<Vec<u8>>), CommandError> {
        let id = row.id();
        let Case { log, judged, .. } = *self.judge(row.job, log).await?;
        let Judged {
            mut verdict,
            watched,
            features,
        } = judged;
        verdict.input_id = row.verdict.input_id;
        if verdict.log_state == LogState::NotTried || row.verdict.log_state == LogState::Truncated {
            verdict.log_state = row.verdict.log_state;
        }
        let revised = self
            .noted(self.store.revise(id, verdict, watched, features).await)
            .await?;
        emit(&revised);
        Ok((revised, log))
    }

    pub(super) async fn row(&self, id: i64) -> Result<Failure, CommandError> {
        let row = self.noted(self.store.failure(id).await).await?;
        row.ok_or(CommandError::Store(StoreError::NoFailure(id)))
    }

    /// Whether the store can be written now.
    pub(super) async fn check_store(&self) -> Result<(), CommandError> {
        self.noted(self.store.check().await).await
    }

    /// Tells the state when the store is in trouble, and the sender when it is only full.
    pub(super) async fn noted<T>(&self, answer: Result<T, StoreError>) -> Result<T, CommandError> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(StoreError::Busy) => Err(CommandError::Busy),
            Err(error) => {
                if let StoreError::Unwritable(_) = &error {
                    self.tell(Event::StoreFailed(error.to_string())).await;
                }
                Err(CommandError::Store(error))
            }
        }
    }

    async fn tell_replaced(&self, parent: Option<i64>) {
        if let Some(parent) = parent {
            self.tell(Event::Replaced { parent }).await;
        }
    }

    pub(super) async fn tell(&self, event: Event) {
        if self.events.send(event).await.is_err() {
            tracing::debug!("the state takes in nothing any more");
        }
    }
}

pub(super) fn emit(row: &Failure) {
    VerdictRecorded {
        verdict: &row.verdict,
        repository: row.job.repository.as_deref(),
    }
    .emit();
}
