//! Settings: built-in defaults < `config.toml` < environment < flags, checked in one pass.
//!
//! The known keys are those of the default settings; a key that is not among them is an error that names the nearest.

mod layers;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::drift::DriftSettings;
use crate::github::{GitHubSettings, SettingError};
use crate::health::RetrainSettings;
use crate::http::{ApiSettings, MetricsSettings, TrustedProxies, WebhookSettings};
use crate::mcp::McpSettings;
use crate::registry::ModelSettings;
use crate::server::ServerSettings;
use crate::store::{BackupSettings, DataSettings};
use crate::telemetry::LogSettings;
use crate::tui::settings::TuiSettings;
pub use layers::{Environment, Origins, load, trace};

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen.
    pub server: ServerSettings,
    /// What is kept, and where.
    pub data: DataSettings,
    /// The door of GitHub.
    pub webhook: WebhookSettings,
    /// The door of programs.
    pub api: ApiSettings,
    /// The door of Prometheus.
    pub metrics: MetricsSettings,
    /// The door of agents.
    pub mcp: McpSettings,
    /// Which models are served.
    pub model: ModelSettings,
    /// When drift is called so.
    pub drift: DriftSettings,
    /// When a new model is suggested.
    pub retrain: RetrainSettings,
    /// Logs, runs and missed deliveries.
    pub github: GitHubSettings,
    /// Copies of the database.
    pub backup: BackupSettings,
    /// The terminal.
    pub tui: TuiSettings,
    /// Log lines.
    pub log: LogSettings,
}

/// A setting that cannot be used, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: {what}")]
    File {
        /// Which.
        file: String,
        /// Why.
        what: String,
    },
    /// No such key.
    #[error("{origin}: there is no setting `{key}`{}", nearest.as_ref().map_or(String::new(), |key| format!("; did you mean `{key}`?")))]
    Unknown {
        /// The file, variable or flag.
        origin: String,
        /// The key.
        key: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// A value that does not fit its key.
    #[error("{origin}: {key} = {value}: {what}")]
    Value {
        /// The file, variable or flag.
        origin: String,
        /// The key.
        key: String,
        /// The value, or `***` for a secret.
        value: String,
        /// What is allowed.
        what: String,
    },
}

impl Settings {
    /// Checks what single values cannot tell.
    ///
    /// # Errors
    /// The first setting that contradicts another one or can never work.
    pub fn check(&self) -> Result<(), ConfigError> {
        let drift = &self.drift;
        let listen = self.server.listen.parse::<std::net::SocketAddr>();
        let share = |value: f64| value > 0.0 && value < 1.0;
        for (holds, key, value, what) in [
            (
                listen.is_ok(),
                "server.listen",
                self.server.listen.clone(),
                "give an IP address and a port, as 127.0.0.1:8200",
            ),
            (
                drift.psi_moderate > 0.0,
                "drift.psi_moderate",
                drift.psi_moderate.to_string(),
                "must be above 0",
            ),
            (
                drift.psi_severe >= drift.psi_moderate,
                "drift.psi_severe",
                drift.psi_severe.to_string(),
                "must not be below drift.psi_moderate; raise it",
            ),
            (
                share(drift.alpha),
                "drift.alpha",
                drift.alpha.to_string(),
                "must lie between 0 and 1",
            ),
            (
                (2..=100).contains(&drift.bins),
                "drift.bins",
                drift.bins.to_string(),
                "must be 2 to 100",
            ),
            (
                (10..=100_000).contains(&drift.window),
                "drift.window",
                drift.window.to_string(),
                "must be 10 to 100000",
            ),
            (
                drift.min_samples <= drift.window,
                "drift.min_samples",
                drift.min_samples.to_string(),
                "must not be above drift.window, or nothing would ever be said",
            ),
            (
                (1_024..=1 << 30).contains(&self.webhook.max_body_bytes),
                "webhook.max_body_bytes",
                self.webhook.max_body_bytes.to_string(),
                "must be 1024 to 1073741824",
            ),
            (
                self.backup.every_hours > 0,
                "backup.every_hours",
                self.backup.every_hours.to_string(),
                "must be above 0; without backup.dir no copies are made",
            ),
            (
                self.backup.keep > 0,
                "backup.keep",
                self.backup.keep.to_string(),
                "must be above 0; without backup.dir no copies are made",
            ),
            (
                self.retrain.threshold > 0,
                "retrain.threshold",
                self.retrain.threshold.to_string(),
                "must be above 0",
            ),
        ] {
            if !holds {
                return Err(ConfigError::Value {
                    origin: "settings".into(),
                    key: key.into(),
                    value,
                    what: what.into(),
                });
            }
        }
        self.check_proxies()?;
        self.check_github()?;
        self.check_exposure()
    }

    fn check_github(&self) -> Result<(), ConfigError> {
        self.github
            .check()
            .map_err(|SettingError { key, value, what }| ConfigError::Value {
                origin: "settings".into(),
                key: key.into(),
                value,
                what: what.into(),
            })
    }

    fn check_proxies(&self) -> Result<(), ConfigError> {
        let Err(error) = TrustedProxies::parse(&self.server.trusted_proxies) else {
            return Ok(());
        };
        Err(ConfigError::Value {
            origin: "settings".into(),
            key: "server.trusted_proxies".into(),
            value: format!("{:?}", self.server.trusted_proxies),
            what: error.to_string(),
        })
    }

    /// Without secrets only this machine may talk to Sentinel.
    fn check_exposure(&self) -> Result<(), ConfigError> {
        let loopback = self
            .server
            .listen
            .parse::<std::net::SocketAddr>()
            .is_ok_and(|address| address.ip().is_loopback());
        let guarded = !self.webhook.secrets.is_empty() && !self.api.keys.is_empty();
        if loopback || guarded || self.server.insecure {
            return Ok(());
        }
        Err(ConfigError::Value {
            origin: "settings".into(),
            key: "server.listen".into(),
            value: self.server.listen.clone(),
            what: "listening beyond this machine needs a webhook secret (GITHUB_WEBHOOK_SECRET) and an API key \
                   (SENTINEL_API_KEY), or server.insecure = true"
                .into(),
        })
    }
}

/// The file to read where none was named: `$SENTINEL_CONFIG`, the user's, the machine's. Never the working folder, since
/// commands run in foreign checkouts.
#[must_use]
pub fn default_file(environment: &Environment) -> Option<PathBuf> {
    if let Some(file) = environment.get("SENTINEL_CONFIG") {
        return Some(PathBuf::from(file));
    }
    let home = environment
        .get("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| environment.get("HOME").map(|home| Path::new(home).join(".config")));
    let candidates = home.map(|home| home.join("sentinel/config.toml")).into_iter();
    candidates
        .chain([PathBuf::from("/etc/sentinel/config.toml")])
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests;
