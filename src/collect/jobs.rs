//! Runs and their failed jobs become rows.

use super::{CollectError, Collector, is_news};
use crate::app::command::Command;
use crate::github::{Attempt, GitHubError, Purpose, Repository, Run};
use crate::ingest::{Delivery, EventSource, RowKey};
use crate::store::RunKey;

/// Earlier attempts of one run that are looked at.
const MAX_ATTEMPTS: i64 = 100;

impl Collector {
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
        let failed = self.github.failed_jobs(repository, attempt, purpose).await?;
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
        if run.passed()
            && latest > 1
            && let Some(mut passed) = run
                .delivery(repository, self.now())
                .and_then(|delivery| delivery.passed)
        {
            if let RowKey::Job { host: named, .. } = &mut passed.key {
                host.clone_into(named);
            }
            self.handle.mark_passed(&passed).await?;
        }
        Ok(new)
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
