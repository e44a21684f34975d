//! GitHub's REST API, as far as failures need it: jobs of a run's attempt, logs, runs, deliveries that did not arrive.
//!
//! The promise: addresses are built from the setting and from ids, never taken from a payload; what proves who we are goes
//! to the host of the setting alone, whatever a redirect names; and GitHub's limits are kept before they are reached.

mod actions;
mod budget;
mod checks;
mod client;
mod credentials;
mod deliveries;
mod log;
mod settings;

use jiff::Timestamp;

pub use actions::{Attempt, MAX_FOUND_RUNS, Repository, Run};
pub use client::{Clock, GitHub, Pace};
pub use deliveries::{DeliveryPage, Hook, Sent};
pub use log::{FetchedLog, LogText, MAX_KEPT_LOG};
pub use settings::{GitHubSettings, SettingError};

/// What a request is for. Where little is left of the hour's requests, only live failures are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A failure that has just arrived.
    Live,
    /// The past: a backfill, a sweep.
    Past,
}

/// Why GitHub gave no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// Who we are was not believed, or cannot be proved.
    #[error("GitHub credentials: {0}")]
    Credentials(String),
    /// Not ours to read.
    #[error("GitHub does not let us read {what} (403); the token or App needs the permission actions:read there")]
    Forbidden {
        /// The address, without its query.
        what: String,
    },
    /// Not there, or not to be seen by us.
    #[error("GitHub has no {what} (404), or does not show it to this token or App")]
    NotFound {
        /// The address, without its query.
        what: String,
    },
    /// Deleted.
    #[error("GitHub has deleted {what} (410)")]
    Gone {
        /// The address, without its query.
        what: String,
    },
    /// Nothing more may be asked before then.
    #[error("GitHub's limit of requests is reached; the next one may be sent at {until}")]
    Limited {
        /// When to try again.
        until: Timestamp,
    },
    /// Not reached, or in trouble.
    #[error("GitHub did not answer for {what}: {why}")]
    Unavailable {
        /// The address, without its query.
        what: String,
        /// Why.
        why: String,
    },
    /// An answer that says something else than it should.
    #[error("GitHub's answer for {what} cannot be read: {why}")]
    Unexpected {
        /// The address, without its query.
        what: String,
        /// Why.
        why: String,
    },
}
