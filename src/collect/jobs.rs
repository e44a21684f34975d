//! The failed jobs of a run become rows.

use super::{CollectError, Collector};
use crate::app::command::Command;
use crate::github::{Attempt, Purpose, Repository};
use crate::ingest::{Delivery, EventSource, RowKey};
use crate::store::RunKey;

impl Collector {
    /// Makes rows of all failed jobs of an attempt; how many there are. Those that are rows already learn what is new.
    pub(super) async fn list(
        &self,
        repository: &Repository,
        run: &RunKey,
        source: EventSource,
        purpose: Purpose,
    ) -> Result<usize, CollectError> {
        let attempt = Attempt {
            run: run.run_id,
            number: run.attempt,
        };
        let failed = self.github.failed_jobs(repository, attempt, purpose).await?;
        let count = failed.len();
        for delivery in failed {
            self.find(delivery, &run.host, source).await?;
        }
        self.handle.query().collecting().keep_listed(run.clone()).await?;
        Ok(count)
    }

    /// Makes a row of what GitHub lists. `host` is the one that deliveries name: identity hangs on it.
    pub(super) async fn find(
        &self,
        mut delivery: Delivery,
        host: &str,
        source: EventSource,
    ) -> Result<(), CollectError> {
        if let Some(RowKey::Job { host: named, .. }) = delivery.failed.as_mut().map(|job| &mut job.key) {
            host.clone_into(named);
        }
        let delivery = Box::new(delivery);
        let _row = self.submit(Command::Find { delivery, source }).await?;
        Ok(())
    }
}
