//! What GitHub has and we have not: logs of failed jobs, deliveries that never arrived, runs of the past.
//!
//! A failed fetch never loses or blocks anything: what is waited for stands in the database, live failures come before past
//! ones, and a restart goes on where the last one was.

mod backfill;
mod jobs;
mod logs;
mod sweep;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

pub use self::backfill::BackfillProgress;
use self::logs::Fetching;
use crate::app::command::{Command, CommandError, Reply};
use crate::app::engine::Handle;
use crate::github::{Clock, GitHub, GitHubError, GitHubSettings, Purpose};
use crate::store::StoreError;

/// Runs on one page of GitHub's list.
const RUNS_A_PAGE: usize = 100;

/// Whether an answer is of a row that is new or has learned something.
fn is_news(reply: &Reply) -> bool {
    match reply {
        Reply::Judged(_) => true,
        Reply::Duplicate(_) | Reply::Corrected(..) | Reply::Proposed(_) | Reply::Retraining(_) | Reply::Served(_) => {
            false
        }
    }
}

/// How patient the collector is. Tests are less so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long a log that is not there is waited for, try by try. After the last nobody asks any more.
    pub pauses: [SignedDuration; 6],
    /// Between two looks at what is due.
    pub look: Duration,
}

impl Default for Patience {
    /// A log is there some seconds after its job; trouble at GitHub lasts minutes, seldom hours.
    fn default() -> Self {
        Self {
            pauses: [10, 60, 5 * 60, 20 * 60, 3_600, 6 * 3_600].map(SignedDuration::from_secs),
            look: Duration::from_secs(1),
        }
    }
}

/// Who collects. Cheap to clone; clones share what they have under way.
#[derive(Clone)]
pub struct Collector {
    handle: Handle,
    github: Arc<GitHub>,
    clock: Clock,
    settings: Arc<GitHubSettings>,
    patience: Patience,
    fetching: Arc<Fetching>,
}

/// Why something could not be collected now.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// GitHub.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
    /// The application.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Collector {
    /// A collector for this application.
    #[must_use]
    pub fn new(
        handle: Handle,
        github: Arc<GitHub>,
        clock: Clock,
        settings: &GitHubSettings,
        patience: Patience,
    ) -> Self {
        Self {
            handle,
            github,
            clock,
            settings: Arc::new(settings.clone()),
            patience,
            fetching: Arc::default(),
        }
    }

    /// Collects until `closing`.
    pub async fn run(self, closing: CancellationToken) {
        tokio::join!(logs::run(&self, &closing), sweep::run(&self, &closing));
    }

    /// The host that deliveries of this GitHub name.
    fn host(&self) -> String {
        self.github.host()
    }

    /// Until when past logs are not asked for.
    fn held(&self, now: Timestamp) -> Option<Timestamp> {
        self.fetching.held(Purpose::Past, now)
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    async fn submit(&self, command: Command) -> Result<Reply, CommandError> {
        self.handle.submit(command).await
    }
}
