//! The application as a screen sees it.

use std::sync::Arc;

use tokio::sync::watch;

use super::message::Dossier;
use super::session::{Tower, dossier};
use crate::app::command::{Command, CommandError, Reply};
use crate::app::engine::Handle;
use crate::app::snapshot::Snapshot;
use crate::store::{Cursor, Failure, HistoryFilter, Page, StoreError};

impl Tower for Handle {
    fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        Self::watch(self)
    }

    async fn submit(&self, command: Command) -> Result<Reply, CommandError> {
        Self::submit(self, command).await
    }

    async fn history(&self, filter: HistoryFilter, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.query().history(&filter, after, limit).await
    }

    async fn dossier(&self, id: i64) -> Result<Dossier, StoreError> {
        let dossier = dossier(&*self.query(), id).await?;
        let known_issue = self.known_issue(&dossier.failure);
        Ok(Dossier { known_issue, ..dossier })
    }

    async fn explain(&self, id: i64) -> Result<Failure, CommandError> {
        Self::explain(self, id).await
    }
}
