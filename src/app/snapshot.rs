//! What every screen and door may see of the state: immutable, behind an `Arc`, replaced at most 20 times a second.

#![deny(clippy::disallowed_methods)]

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::retraining::Retraining;
use crate::correction::StoredProposal;
use crate::drift::aging::MOST_COLUMNS;
use crate::drift::{DriftReport, DriftSnapshot};
use crate::health::Health;
use crate::registry::RegistryView;
use crate::store::{Failure, Totals};

/// How many of the newest rows a snapshot holds; older ones come by query.
pub const NEWEST_ROWS: usize = 200;

/// How many columns of the heat map a snapshot holds.
pub const HEAT_MAP_COLUMNS: usize = MOST_COLUMNS + 32;

/// How many waiting proposals a snapshot holds: the next ones move up as people decide.
pub const SHOWN_PROPOSALS: usize = 100;

/// The state at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Counts up with each change.
    pub sequence: u64,
    /// When the server started.
    pub started_at: Timestamp,
    /// Where it listens, as `127.0.0.1:8200`.
    pub address: String,
    /// The live model.
    pub model_version: String,
    /// Corrections that no training has seen.
    pub corrections_waiting: u64,
    /// The retraining under way, and the last one.
    pub retraining: Arc<Retraining>,
    /// Versions of the model, and who made which live.
    pub registry: Arc<RegistryView>,
    /// The word on the badge.
    pub health: Health,
    /// The live window.
    pub drift: Arc<DriftReport>,
    /// Columns of the heat map, oldest first.
    pub heat_map: Arc<VecDeque<DriftSnapshot>>,
    /// How much of the model's gain each watched feature has, from 0 to 1, in their order.
    pub importance: Arc<[f64]>,
    /// Counts over everything stored. A row that is being taken in may be counted a moment before it is among `rows`.
    pub totals: Totals,
    /// Proposals that wait for a person, oldest first: as many as [`SHOWN_PROPOSALS`].
    pub proposals: Arc<[StoredProposal]>,
    /// Newest rows, newest first.
    pub rows: Arc<VecDeque<Arc<Failure>>>,
    /// Commands being carried out or waiting.
    pub in_flight: usize,
    /// The last trouble worth a person's eye, and when it came.
    pub trouble: Option<(Timestamp, String)>,
}
