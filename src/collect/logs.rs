//! Logs that are waited for are fetched, a few at a time, live failures first.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{CollectError, Collector};
use crate::app::command::{Command, CommandError};
use crate::github::{FetchedLog, GitHubError, Purpose, Repository};
use crate::ingest::RowKey;
use crate::store::{RunKey, StoreError, WaitingLog};
use crate::telemetry::LogFetched;
use crate::verdict::LogState;

/// Logs under way at one time.
const FETCHING: usize = 8;

/// Fetched logs that are judged at one time: deliveries are judged on the other threads.
static JUDGING: Semaphore = Semaphore::const_new(1);

/// From this try on a log that is cut is taken as it is.
const TAKEN_AS_IT_IS: u32 = 2;

/// Until when nobody is asked, for each purpose.
#[derive(Debug, Default)]
struct Pauses {
    live: Option<Timestamp>,
    past: Option<Timestamp>,
}

impl Pauses {
    /// A limit that holds for live failures holds for past ones too.
    fn hold(&mut self, purpose: Purpose, until: Timestamp) {
        self.past = self.past.max(Some(until));
        if purpose == Purpose::Live {
            self.live = self.live.max(Some(until));
        }
    }

    fn is_over(&self, purpose: Purpose, now: Timestamp) -> bool {
        let until = match purpose {
            Purpose::Live => self.live,
            Purpose::Past => self.past,
        };
        until.is_none_or(|until| until <= now)
    }
}

/// A fetch that a limit ended.
type Limited = Option<(Purpose, Timestamp)>;

/// Fetches until `closing`.
pub(super) async fn run(collector: &Collector, closing: &CancellationToken) {
    let mut pauses = Pauses::default();
    let mut tasks: JoinSet<Limited> = JoinSet::new();
    let mut under_way: HashMap<Id, i64> = HashMap::new();
    loop {
        if tasks.len() < FETCHING {
            match next(collector, &pauses, &under_way).await {
                Ok(waiting) => {
                    for log in waiting {
                        let (id, collector) = (log.failure.id(), collector.clone());
                        let task = tasks.spawn(async move { collector.fetch(log).await });
                        under_way.insert(task.id(), id);
                    }
                }
                Err(error) => tracing::warn!(%error, "logs that are waited for cannot be read"),
            }
        }
        tokio::select! {
            () = closing.cancelled() => break,
            Some(done) = tasks.join_next_with_id() => {
                let (task, limited) = match done {
                    Ok((task, limited)) => (task, limited),
                    Err(died) => (died.id(), None),
                };
                under_way.remove(&task);
                if let Some((purpose, until)) = limited {
                    tracing::info!(%until, ?purpose, "logs wait for GitHub's limit");
                    pauses.hold(purpose, until);
                }
            }
            () = sleep(collector.patience.look) => {}
        }
    }
    // What is under way is still waited for in the database.
    tasks.shutdown().await;
}

/// What to fetch now.
async fn next(
    collector: &Collector,
    pauses: &Pauses,
    under_way: &HashMap<Id, i64>,
) -> Result<Vec<WaitingLog>, StoreError> {
    let store = collector.handle.query();
    let room = FETCHING.saturating_sub(under_way.len());
    let mut found: Vec<WaitingLog> = Vec::new();
    for purpose in [Purpose::Live, Purpose::Past] {
        let now = collector.now();
        if found.len() >= room || !pauses.is_over(purpose, now) {
            continue;
        }
        let past = purpose == Purpose::Past;
        let due = store.collecting().due_logs(now, past, room + under_way.len()).await?;
        found.extend(due.into_iter().filter(|log| !under_way.values().any(|id| *id == log.failure.id())));
    }
    found.truncate(room);
    Ok(found)
}

fn say(noted: Result<(), CollectError>) {
    if let Err(error) = noted {
        tracing::warn!(%error, "what became of a log could not be stored");
    }
}

impl Collector {
    /// One try at one log.
    async fn fetch(&self, waiting: WaitingLog) -> Limited {
        let purpose = if waiting.past { Purpose::Past } else { Purpose::Live };
        let id = waiting.failure.id();
        match self.try_to_fetch(&waiting, purpose).await {
            Ok(()) => None,
            Err(CollectError::GitHub(GitHubError::Limited { until })) => Some((purpose, until)),
            // Nothing was changed: it stays due.
            Err(CollectError::Command(CommandError::Busy | CommandError::ShuttingDown)) => None,
            Err(CollectError::GitHub(error)) => {
                tracing::warn!(id, %error, "log not fetched");
                let state = match error {
                    GitHubError::Credentials(_) | GitHubError::Forbidden { .. } => LogState::Forbidden,
                    GitHubError::Gone { .. } => LogState::Expired,
                    GitHubError::NotFound { .. }
                    | GitHubError::Limited { .. }
                    | GitHubError::Unavailable { .. }
                    | GitHubError::Unexpected { .. } => LogState::NotYet,
                };
                say(self.miss(&waiting, state, true).await);
                None
            }
            Err(error) => {
                tracing::warn!(id, %error, "log not fetched");
                say(self.miss(&waiting, waiting.failure.verdict.log_state, true).await);
                None
            }
        }
    }

    async fn try_to_fetch(&self, waiting: &WaitingLog, purpose: Purpose) -> Result<(), CollectError> {
        let failure = &waiting.failure;
        let RowKey::Job {
            host,
            repository_id,
            run_id,
            attempt,
            job_id,
        } = failure.job.key.clone()
        else {
            return self.drop_wait(failure.id()).await;
        };
        let run = RunKey {
            host,
            repository_id,
            run_id,
            attempt,
        };
        if job_id == 0 {
            return self.fetch_run(waiting, run, purpose).await;
        }
        let mut log = self.github.job_log(repository_id, job_id, purpose).await?;
        // Now and then a job's own log is missing while the archive of its run has it.
        if log == FetchedLog::Missing(LogState::NotYet) && waiting.tries > 0 && run_id > 0 {
            let name = failure.job.job.as_deref().unwrap_or_default();
            let archived = self
                .github
                .run_log(repository_id, (run_id, attempt), Some(name), purpose)
                .await?;
            if matches!(archived, FetchedLog::Text { .. }) {
                log = archived;
            }
        }
        self.take(waiting, log).await
    }

    /// A run whose failed jobs are not known gives way to them; one without any has a log of its own.
    async fn fetch_run(&self, waiting: &WaitingLog, run: RunKey, purpose: Purpose) -> Result<(), CollectError> {
        let job = &waiting.failure.job;
        let repository = Repository {
            id: run.repository_id,
            name: job.repository.clone(),
            default_branch: None,
        };
        if self.list(&repository, &run, job.source, purpose).await? > 0 {
            return self.drop_wait(waiting.failure.id()).await;
        }
        let attempt = (run.run_id, run.attempt);
        let log = self.github.run_log(run.repository_id, attempt, None, purpose).await?;
        self.take(waiting, log).await
    }

    async fn drop_wait(&self, id: i64) -> Result<(), CollectError> {
        Ok(self.handle.query().collecting().forget_log(id).await?)
    }

    /// What came is judged; what did not is asked for again, as long as there is hope.
    async fn take(&self, waiting: &WaitingLog, log: FetchedLog) -> Result<(), CollectError> {
        let id = waiting.failure.id();
        match log {
            FetchedLog::Text { whole: false, .. } if waiting.tries < TAKEN_AS_IT_IS => {
                self.miss(waiting, LogState::Truncated, true).await
            }
            FetchedLog::Text { bytes, whole } => {
                let length = bytes.len();
                let Ok(_turn) = JUDGING.acquire().await else {
                    return Ok(());
                };
                let _row = self.submit(Command::AttachLog { id, log: bytes, whole }).await?;
                LogFetched {
                    failure: id,
                    state: if whole { LogState::Ok } else { LogState::Truncated },
                    bytes: length,
                }
                .emit();
                Ok(())
            }
            FetchedLog::Missing(state) => {
                let hope = match state {
                    LogState::NotYet => true,
                    LogState::Truncated => waiting.tries < TAKEN_AS_IT_IS,
                    LogState::Ok | LogState::Expired | LogState::TooBig | LogState::Forbidden | LogState::NotTried => {
                        false
                    }
                };
                self.miss(waiting, state, hope).await
            }
        }
    }

    /// Notes a log that did not come.
    async fn miss(&self, waiting: &WaitingLog, state: LogState, hope: bool) -> Result<(), CollectError> {
        let id = waiting.failure.id();
        let pause = usize::try_from(waiting.tries).ok().and_then(|tries| self.patience.pauses.get(tries));
        let again = pause.filter(|_| hope).map(|pause| self.now() + *pause);
        let _row = self.submit(Command::MissLog { id, state, again }).await?;
        LogFetched {
            failure: id,
            state,
            bytes: 0,
        }
        .emit();
        Ok(())
    }
}
