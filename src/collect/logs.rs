//! Logs that are waited for are fetched, a few at a time, live failures first.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::jobs::repository_of;
use super::{CollectError, Collector};
use crate::app::command::{Command, CommandError};
use crate::github::{FetchedLog, GitHubError, Purpose};
use crate::ingest::RowKey;
use crate::store::{RunKey, WaitingLog};
use crate::telemetry::LogFetched;
use crate::verdict::LogState;

/// Fetched logs that are judged at one time: deliveries are judged on the other threads.
static JUDGING: Semaphore = Semaphore::const_new(1);

/// From this try on a log that is cut is taken as it is.
const TAKEN_AS_IT_IS: u32 = 2;

/// The checks of others than Actions have no log.
const ACTIONS: &str = "github-actions";

/// Repositories whose checks are remembered as not ours to read.
const SPARED: usize = 10_000;

/// What is under way, and until when nobody is asked.
#[derive(Debug, Default)]
pub(super) struct Fetching(Mutex<UnderWay>);

#[derive(Debug, Default)]
struct UnderWay {
    ids: HashSet<i64>,
    live: Option<Timestamp>,
    past: Option<Timestamp>,
    /// Repositories whose checks we may not read.
    spared: HashSet<i64>,
    /// Repositories whose hooks we may not see, and until when that is believed.
    hidden: HashMap<i64, Timestamp>,
}

impl Fetching {
    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A limit that holds for live failures holds for past ones too.
    fn hold(&self, purpose: Purpose, until: Timestamp) {
        let mut under_way = self.lock();
        under_way.past = under_way.past.max(Some(until));
        if purpose == Purpose::Live {
            under_way.live = under_way.live.max(Some(until));
        }
    }

    /// Until when nobody is asked for this purpose.
    pub(super) fn held(&self, purpose: Purpose, now: Timestamp) -> Option<Timestamp> {
        let under_way = self.lock();
        let until = match purpose {
            Purpose::Live => under_way.live,
            Purpose::Past => under_way.past,
        };
        until.filter(|until| *until > now)
    }

    /// Whether annotations of this repository are worth asking for.
    pub(super) fn may_read_checks(&self, repository: i64) -> bool {
        !self.lock().spared.contains(&repository)
    }

    /// Asks for annotations of this repository no more, until the next start.
    pub(super) fn spare_checks(&self, repository: i64) {
        let mut under_way = self.lock();
        if under_way.spared.len() >= SPARED {
            under_way.spared.clear();
        }
        under_way.spared.insert(repository);
    }

    /// Whether the hooks of this repository were not ours to see a while ago.
    pub(super) fn hooks_are_hidden(&self, repository: i64, now: Timestamp) -> bool {
        self.lock().hidden.get(&repository).is_some_and(|until| *until > now)
    }

    /// Believes until then that they are not.
    pub(super) fn hide_hooks(&self, repository: i64, until: Timestamp) {
        let mut under_way = self.lock();
        if under_way.hidden.len() >= SPARED {
            under_way.hidden.clear();
        }
        under_way.hidden.insert(repository, until);
    }

    fn ids(&self) -> HashSet<i64> {
        self.lock().ids.clone()
    }
}

/// A log that nobody else fetches meanwhile.
struct Claim {
    id: i64,
    fetching: Arc<Fetching>,
}

impl Claim {
    /// One more, where fewer than `most` are under way.
    fn of(fetching: &Arc<Fetching>, id: i64, most: usize) -> Option<Self> {
        let mut under_way = fetching.lock();
        (under_way.ids.len() < most && under_way.ids.insert(id)).then(|| Self {
            id,
            fetching: Arc::clone(fetching),
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.fetching.lock().ids.remove(&self.id);
    }
}

/// Fetches until `closing`.
pub(super) async fn run(collector: &Collector, closing: &CancellationToken) {
    let mut tasks = JoinSet::new();
    loop {
        for purpose in [Purpose::Live, Purpose::Past] {
            collector.begin(purpose, &mut tasks).await;
        }
        tokio::select! {
            () = closing.cancelled() => break,
            Some(_done) = tasks.join_next() => {}
            () = sleep(collector.patience.look) => {}
        }
    }
    // What is under way is still waited for in the database.
    tasks.shutdown().await;
}

fn say(noted: Result<(), CollectError>) {
    if let Err(error) = noted {
        tracing::warn!(%error, "what became of a log could not be stored");
    }
}

impl Collector {
    /// Fetches past logs that are due, as long as there are any; those of others are not waited for.
    pub(super) async fn fetch_past(&self) {
        let mut tasks = JoinSet::new();
        loop {
            self.begin(Purpose::Past, &mut tasks).await;
            if tasks.join_next().await.is_none() {
                return;
            }
        }
    }

    /// Begins with what is due, as far as there is room.
    async fn begin(&self, purpose: Purpose, tasks: &mut JoinSet<()>) {
        let (now, busy) = (self.now(), self.fetching.ids());
        let most = self.settings.logs_at_once;
        if busy.len() >= most || self.fetching.held(purpose, now).is_some() {
            return;
        }
        let store = self.handle.query();
        let due = store
            .collecting()
            .due_logs(now, purpose == Purpose::Past, most + busy.len())
            .await;
        let due = due.unwrap_or_else(|error| {
            tracing::warn!(%error, "logs that are waited for cannot be read");
            Vec::new()
        });
        // What was under way when this was asked may have ended since, and is due no more.
        for waiting in due.into_iter().filter(|log| !busy.contains(&log.failure.id())) {
            let Some(claim) = Claim::of(&self.fetching, waiting.failure.id(), most) else {
                continue;
            };
            let collector = self.clone();
            tasks.spawn(async move {
                if !collector.still_waits(&waiting).await {
                    return;
                }
                if let Some(until) = collector.fetch(waiting, purpose).await {
                    tracing::info!(%until, ?purpose, "logs wait for GitHub's limit");
                    collector.fetching.hold(purpose, until);
                }
                drop(claim);
            });
        }
    }

    /// Whether nobody else has got this log since it was found to be due.
    async fn still_waits(&self, waiting: &WaitingLog) -> bool {
        let now = self.handle.query().failure(waiting.failure.id()).await;
        matches!(now, Ok(Some(row)) if row.revision == waiting.failure.revision)
    }

    /// One try at one log; until when to wait, where a limit ended it.
    async fn fetch(&self, waiting: WaitingLog, purpose: Purpose) -> Option<Timestamp> {
        let id = waiting.failure.id();
        match self.try_to_fetch(&waiting, purpose).await {
            Ok(()) => None,
            Err(CollectError::GitHub(GitHubError::Limited { until })) => Some(until),
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
        if waiting.tries == 0 {
            self.complete(failure, &run, job_id).await?;
            if purpose == Purpose::Live {
                self.annotate(failure, &run, job_id).await?;
            }
        }
        if failure
            .job
            .categories
            .ci_tool
            .as_deref()
            .is_some_and(|tool| tool != ACTIONS)
        {
            return self.drop_wait(failure.id()).await;
        }
        let mut log = self.github.job_log(repository_id, job_id, purpose).await?;
        // Now and then a job's own log is missing while the archive of its run has it.
        let not_yet = matches!(log, FetchedLog::Missing(LogState::NotYet));
        if not_yet && waiting.tries > 0 && run_id > 0 {
            let name = failure.job.job.as_deref().unwrap_or_default();
            let archived = self
                .github
                .run_log(repository_id, (run_id, attempt), Some(name), purpose)
                .await?;
            if matches!(archived, FetchedLog::Text(_)) {
                log = archived;
            }
        }
        // Of a past failure only where they are all that is left: an hour's requests are few for a month.
        if purpose == Purpose::Past && matches!(&log, FetchedLog::Missing(state) if *state != LogState::NotYet) {
            self.annotate(failure, &run, job_id).await?;
        }
        self.take(waiting, log).await
    }

    /// A run whose failed jobs are not known gives way to them; one without any has a log of its own.
    async fn fetch_run(&self, waiting: &WaitingLog, run: RunKey, purpose: Purpose) -> Result<(), CollectError> {
        let failure = &waiting.failure;
        let repository = repository_of(failure, &run);
        if self.list(&repository, &run, failure.job.source, purpose).await?.0 > 0 {
            return self.drop_wait(failure.id()).await;
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
            FetchedLog::Text(text) if !text.whole && waiting.tries < TAKEN_AS_IT_IS => {
                self.miss(waiting, LogState::Truncated, true).await
            }
            FetchedLog::Text(text) => {
                let fetched = LogFetched {
                    failure: id,
                    state: if text.whole { LogState::Ok } else { LogState::Truncated },
                    bytes: text.length,
                };
                let Ok(_turn) = JUDGING.acquire().await else {
                    return Ok(());
                };
                let _row = self.submit(Command::AttachLog { id, text }).await?;
                fetched.emit();
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
        let pause = usize::try_from(waiting.tries)
            .ok()
            .and_then(|tries| self.patience.pauses.get(tries));
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
