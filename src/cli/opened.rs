//! The data folder opened by this process: its lock taken, its model loaded, the application running.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use super::known_issues;
use crate::app::engine::{App, AppLimits, AppParts, Handle, Learning};
use crate::collect::{Collector, Patience};
use crate::config::Settings;
use crate::github::{GitHub, Pace};
use crate::registry::Registry;
use crate::server::ServerDoors;
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::training::fit::TrainSettings;

/// The application, and how its doors are set up.
pub(super) struct Opened {
    pub(super) handle: Handle,
    pub(super) doors: ServerDoors,
    /// Who collects from GitHub, where there is a credential. A server lets it run.
    pub(super) collector: Option<Collector>,
}

impl Opened {
    /// Opens the folder, making it where it is missing. `address` is where the server listens, for the screen.
    ///
    /// # Errors
    /// [`crate::store::StoreError::Locked`] when another process has it open; what is wrong with database or models.
    pub(super) async fn open(settings: &Settings, address: String) -> Result<Self> {
        let dir = settings.data.dir.clone();
        let store = SqliteStore::open(&dir, SqliteLimits::default())?;
        let (registry, loaded) = Registry::open(&dir, &settings.model, Timestamp::now())?;
        if let Some(notice) = &loaded.notice {
            tracing::error!(notice, "the model in the data folder is not served");
        }
        let clock = Arc::new(Timestamp::now);
        let github = github(settings)?;
        let handle = App::start(AppParts {
            store,
            bundle: Arc::new(loaded.bundle),
            learning: Learning {
                registry: Arc::new(registry),
                notice: loaded.notice,
                corpus: None,
                settings: TrainSettings::default(),
                auto: settings.retrain.auto,
            },
            drift: settings.drift.clone(),
            retrain_threshold: settings.retrain.threshold,
            address,
            limits: AppLimits::default(),
            store_logs: settings.data.store_logs,
            github: github.clone(),
            known_issues: Arc::new(known_issues::read(&settings.github.known_issues)?),
            clock: clock.clone(),
        })
        .await?;
        let collector = github.map(|github| {
            let (clock, settings) = (clock.clone(), &settings.github);
            Collector::new(handle.clone(), github, clock, settings, Patience::default())
        });
        let doors = ServerDoors {
            server: settings.server.clone(),
            webhook: settings.webhook.clone(),
            api: settings.api.clone(),
            metrics: settings.metrics.clone(),
            mcp: settings.mcp.clone(),
            clock,
            collector: collector.clone(),
            ..ServerDoors::default()
        };
        Ok(Self {
            handle,
            doors,
            collector,
        })
    }
}

/// The client of GitHub, where there is a credential. Its use is said.
fn github(settings: &Settings) -> Result<Option<Arc<GitHub>>> {
    if !settings.github.has_credential() {
        tracing::info!("no GitHub token or App: verdicts come from payloads alone");
        return Ok(None);
    }
    let github = GitHub::new(&settings.github, Arc::new(Timestamp::now), Pace::default())?;
    let (credential, host) = (github.credential(), github.host());
    tracing::info!(credential, host, "logs of failed jobs are fetched from GitHub");
    Ok(Some(Arc::new(github)))
}
