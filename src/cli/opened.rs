//! The data folder opened by this process: its lock taken, its model loaded, the application running.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use crate::app::engine::{App, AppLimits, AppParts, Handle, Learning};
use crate::config::Settings;
use crate::registry::Registry;
use crate::server::ServerDoors;
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::training::fit::TrainSettings;

/// The application, and how its doors are set up.
pub(super) struct Opened {
    pub(super) handle: Handle,
    pub(super) doors: ServerDoors,
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
            clock: clock.clone(),
        })
        .await?;
        let doors = ServerDoors {
            server: settings.server.clone(),
            webhook: settings.webhook.clone(),
            api: settings.api.clone(),
            metrics: settings.metrics.clone(),
            mcp: settings.mcp.clone(),
            clock,
            ..ServerDoors::default()
        };
        Ok(Self { handle, doors })
    }
}
