//! Runs and their failed jobs become rows.

use super::{CollectError, Collector, is_news};
use crate::app::command::Command;
use crate::github::{Attempt, GitHubError, Purpose, Repository, Run};
use crate::ingest::{Delivery, EventSource, PassedJob, RowKey};
use crate::store::{Failure, OF_THE_COMMIT, RunKey};

/// Earlier attempts of one run that are looked at.
const MAX_ATTEMPTS: i64 = 100;

/// The repository of a row.
pub(super) fn repository_of(failure: &Failure, run: &RunKey) -> Repository {
    Repository {
        id: run.repository_id,
        name: failure.job.repository.clone(),
        default_branch: None,
    }
}

/// As deliveries of this host would have named it.
fn of_host(mut passed: PassedJob, host: &str) -> PassedJob {
    if let RowKey::Job { host: named, .. } = &mut passed.key {
        host.clone_into(named);
    }
    passed
}

impl Collector {
    /// Asks for steps and runner of a job that came by its check alone.
    pub(super) async fn complete(&self, failure: &Failure, run: &RunKey, job_id: i64) -> Result<(), CollectError> {
        let job = &failure.job;
        if !job.runner_labels.is_empty() || !job.failed_steps.is_empty() {
            return Ok(());
        }
        let repository = repository_of(failure, run);
        let told = self.github.job(&repository, job_id, Purpose::Past).await;
        self.hear(failure, run, told).await
    }

    /// Asks for the annotations of a job's check.
    pub(super) async fn annotate(&self, failure: &Failure, run: &RunKey, job_id: i64) -> Result<(), CollectError> {
        if failure.job.message.is_some() || !self.fetching.may_read_checks(run.repository_id) {
            return Ok(());
        }
        let repository = repository_of(failure, run);
        let told = self.github.annotations(&repository, job_id, Purpose::Past).await;
        if matches!(told, Err(GitHubError::Forbidden { .. })) {
            self.fetching.spare_checks(run.repository_id);
        }
        self.hear(failure, run, told).await
    }

    /// What is told beside a log is not worth the requests that are kept for live logs, and a refusal holds no log up.
    async fn hear(
        &self,
        failure: &Failure,
        run: &RunKey,
        told: Result<Option<Delivery>, GitHubError>,
    ) -> Result<(), CollectError> {
        match told {
            Ok(Some(delivery)) => self.find(delivery, &run.host, failure.job.source).await.map(drop),
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::debug!(id = failure.id(), %error, "nothing more is known of a job than its log");
                Ok(())
            }
        }
    }

    /// Makes rows of all failed jobs of an attempt: how many there are, and how many of them are new. Those that are rows
    /// already learn what they did not know.
    pub(super) async fn list(
        &self,
        repository: &Repository,
        run: &RunKey,
        source: EventSource,
        purpose: Purpose,
    ) -> Result<(usize, usize), CollectError> {
        let attempt = Attempt {
            run: run.run_id,
            number: run.attempt,
        };
        let mut failed = self.github.jobs(repository, attempt, purpose).await?;
        failed.retain(|delivery| delivery.failed.is_some());
        let (count, mut new) = (failed.len(), 0);
        for delivery in failed {
            new += usize::from(self.find(delivery, &run.host, source).await?);
        }
        if count > 0 {
            self.handle.query().collecting().keep_listed(run.clone()).await?;
        }
        Ok((count, new))
    }

    /// Makes a row of what GitHub lists; whether it is a new one. `host` is the one that deliveries name: identity hangs on
    /// it.
    pub(super) async fn find(
        &self,
        mut delivery: Delivery,
        host: &str,
        source: EventSource,
    ) -> Result<bool, CollectError> {
        if let Some(RowKey::Job { host: named, .. }) = delivery.failed.as_mut().map(|job| &mut job.key) {
            host.clone_into(named);
        }
        let delivery = Box::new(delivery);
        Ok(is_news(&self.submit(Command::Find { delivery, source }).await?))
    }

    /// Takes in all attempts of a run that failed, and what its success proves; how many failures were new.
    pub(super) async fn take_run(
        &self,
        repository: &Repository,
        host: &str,
        run: &Run,
        source: EventSource,
    ) -> Result<usize, CollectError> {
        let mut new = 0;
        let latest = run.attempt.number;
        for number in (latest - MAX_ATTEMPTS).max(1)..latest {
            new += self
                .take_attempt(repository, host, run.attempt.run, number, None, source)
                .await?;
        }
        if run.failed() {
            new += self
                .take_attempt(repository, host, run.attempt.run, latest, Some(run), source)
                .await?;
        }
        if run.passed() {
            self.hold_against(repository, host, run).await?;
        }
        Ok(new)
    }

    /// Marks what the success of a run disproves: failures of its own earlier attempts, and those of jobs that passed in it and
    /// had failed in another run on the same commit. Its jobs are listed only where there are such failures.
    async fn hold_against(&self, repository: &Repository, host: &str, run: &Run) -> Result<(), CollectError> {
        let told = run.delivery(repository, self.now());
        let Some((whole, event)) = told.and_then(|told| Some((of_host(told.passed?, host), told.run_event))) else {
            return Ok(());
        };
        let may_prove = event.as_deref().is_some_and(|event| OF_THE_COMMIT.contains(&event));
        if may_prove && self.handle.query().collecting().awaits_pass(&whole).await? {
            let jobs = self.github.jobs(repository, run.attempt, Purpose::Past).await?;
            for job in jobs.into_iter().filter_map(|job| job.passed) {
                self.handle.mark_passed(&of_host(job, host), None).await?;
            }
        }
        self.handle.mark_passed(&whole, event.as_deref()).await?;
        Ok(())
    }

    /// Takes in one attempt, unless it was listed before. Where no job failed, the run itself did.
    async fn take_attempt(
        &self,
        repository: &Repository,
        host: &str,
        run_id: i64,
        attempt: i64,
        run: Option<&Run>,
        source: EventSource,
    ) -> Result<usize, CollectError> {
        let key = RunKey {
            host: host.to_owned(),
            repository_id: repository.id,
            run_id,
            attempt,
        };
        let store = self.handle.query();
        if store.collecting().is_listed(&key).await? {
            return Ok(0);
        }
        let mut new = 0;
        match self.list(repository, &key, source, Purpose::Past).await {
            Ok((0, _)) => {
                // Its own log is fetched as that of any row.
                if let Some(delivery) = run.and_then(|run| run.delivery(repository, self.now())) {
                    new += usize::from(self.find(delivery, host, source).await?);
                }
                store.collecting().keep_listed(key).await?;
            }
            Ok((_, found)) => new += found,
            // An attempt of long ago that GitHub no longer has.
            Err(CollectError::GitHub(GitHubError::NotFound { .. } | GitHubError::Gone { .. })) => {
                store.collecting().keep_listed(key).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(new)
    }
}
