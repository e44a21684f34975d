//! HTTP: webhooks in, verdicts and history out.
//!
//! A request passes [`mod@routes`] (path and method), its `Doors` (is it for us, is it too often, who asks), and one handler, which
//! reads its body within bounds and submits a command or queries a page. Every refusal leaves through `reject`.

mod agents;
mod api;
mod auth;
mod backfill;
mod backup;
mod body;
mod client;
mod corrections;
mod doors;
mod events;
mod history;
mod host;
mod limit;
mod metrics;
mod models;
mod openapi;
mod proposals;
mod reject;
mod reply;
mod routes;
mod webhook;

use serde::{Deserialize, Serialize};

pub use crate::ingest::secret::Secret;
pub(crate) use agents::Agent;
pub use body::BodyLimits;
pub(crate) use body::Broken;
pub use client::{ProxyError, TrustedProxies};
pub use doors::{DoorParts, Doors, LocalUser, Peer};
pub(crate) use reject::Problem;
pub use routes::routes;

/// `[webhook]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSettings {
    /// Secrets that a delivery may be signed with; several while one is being replaced.
    pub secrets: Vec<Secret>,
    /// Largest body; GitHub's own cap is 25 MB.
    pub max_body_bytes: usize,
    /// Deliveries with a wrong signature a minute and client address; 0 = no limit.
    pub rate_per_minute: u32,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            secrets: Vec::new(),
            max_body_bytes: 25 * 1_024 * 1_024,
            rate_per_minute: 60,
        }
    }
}

/// `[api]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiSettings {
    /// Keys of `X-API-Key`.
    pub keys: Vec<ApiKey>,
    /// Requests a minute and client address; 0 = no limit.
    pub rate_per_minute: u32,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            rate_per_minute: 30,
        }
    }
}

/// A key and what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Who acts with it; recorded with what is done.
    pub name: String,
    /// The key.
    pub key: Secret,
    /// What it may do.
    pub role: Role,
}

/// What a key may do; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    Read,
    /// Submit failures and corrections.
    Write,
    /// Change what is live.
    Admin,
}

/// `[metrics]` of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSettings {
    /// Whether `/metrics` asks for a key.
    pub auth: bool,
}
