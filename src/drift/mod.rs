//! How far what arrives now lies from what the model was trained on, a watched feature at a time.
//!
//! The promise: an alarm is a difference that is both large (PSI) and unlikely by chance (a p-value corrected for all
//! features). Where nothing drifts, at most one window in twenty alarms; `tests/drift_simulation.rs` prints what was
//! measured.

#![deny(clippy::disallowed_methods)]

pub mod table;
pub mod psi;
pub mod chi_square;
pub mod order;
pub mod significance;
pub mod bins;
pub mod reference;
mod report;
mod habit;
pub mod sliding;
pub mod older_reports;
pub mod performance;
pub mod aging;
pub mod ranking;

use self::performance::Performance;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One value of a watched feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WatchedValue {
    /// Not known.
    Missing,
    /// A finite number.
    Number(f64),
    /// A word of a small set.
    Category(String),
}

/// All watched values of one failure, in the order of [`reference::WATCHED`]. Stored with the row, so that windows can be
/// rebuilt exactly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watched(pub Vec<WatchedValue>);

/// How much a watched feature moved. Takes effect size and corrected significance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Too few values to say anything.
    NotEnoughData,
    /// As in training.
    None,
    /// Moved.
    Moderate,
    /// Moved far.
    Severe,
}

impl Severity {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotEnoughData => "not_enough_data",
            Self::None => "none",
            Self::Moderate => "moderate",
            Self::Severe => "severe",
        }
    }
}

/// Which statistic tests a feature. Both are scored by PSI; the test gives the p-value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A number in bins frozen at training.
    Psi,
    /// A category.
    ChiSquare,
}

/// The drift of one watched feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeatureDrift {
    /// Name of the watched feature.
    pub feature: String,
    /// Which statistic tests it.
    pub method: Method,
    /// Population stability index; `null` with too little data.
    pub score: Option<f64>,
    /// p-value, corrected for the number of features; `null` with too little data.
    pub p_value: Option<f64>,
    /// Effect and significance together.
    pub severity: Severity,
    /// Moderate or severe.
    pub is_drifted: bool,
    /// Values in the window.
    pub n: usize,
    /// Names of the bins.
    pub bins: Vec<String>,
    /// Expected share of each bin.
    pub reference: Vec<f64>,
    /// Observed share of each bin; zeros where the window is empty.
    pub live: Vec<f64>,
}

impl FeatureDrift {
    /// Whether it is compared with what came before the window instead of with training (see [`reference::HABITS`]).
    #[must_use]
    pub fn is_habit(&self) -> bool {
        reference::HABITS.contains(&self.feature.as_str())
    }
}

/// The drift of the live window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftReport {
    /// When the window's last event arrived; `null` while it is empty.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub at: Option<Timestamp>,
    /// Events in the window.
    pub n: usize,
    /// How many it holds when full.
    pub window: usize,
    /// Under this many nothing is said.
    pub min_samples: usize,
    /// Mean confidence of the verdicts in the window, without those on payloads alone, which say next to nothing of what
    /// failed; `null` where there are fewer than `min_samples` others.
    pub mean_confidence: Option<f64>,
    /// How right it is; `null` while it is empty.
    #[serde(default)]
    pub performance: Option<Performance>,
    /// One a watched feature, in the order of [`reference::WATCHED`].
    pub features: Vec<FeatureDrift>,
}

impl DriftReport {
    /// The largest PSI among features with enough data.
    #[must_use]
    pub fn largest_psi(&self) -> Option<f64> {
        self.features
            .iter()
            .filter_map(|feature| feature.score)
            .reduce(f64::max)
    }

    /// How many features are drifted.
    #[must_use]
    pub fn drifted(&self) -> usize {
        self.features.iter().filter(|feature| feature.is_drifted).count()
    }

    /// The report as one column of the heat map. `None` while the window is empty.
    #[must_use]
    pub fn snapshot(&self) -> Option<DriftSnapshot> {
        let cells = self
            .features
            .iter()
            .map(|feature| (feature.score.map(kept), feature.severity))
            .collect();
        Some(DriftSnapshot {
            at: self.at?,
            n: self.n,
            cells,
        })
    }
}

/// A score as it is kept: four decimals are more than a screen shows, and are read back from JSON to the last bit.
fn kept(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

/// One column of the heat map: the scores of one window, as kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftSnapshot {
    /// When the window ended.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Events in it.
    pub n: usize,
    /// `(score, severity)` of each watched feature, in the order of [`reference::WATCHED`].
    pub cells: Vec<(Option<f64>, Severity)>,
}

/// `[drift]` of the configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriftSettings {
    /// Events in the live window.
    pub window: usize,
    /// Quantile bins of a number, frozen when a model is trained.
    pub bins: usize,
    /// Under this many values nothing is said.
    pub min_samples: usize,
    /// PSI from which a feature has moved.
    pub psi_moderate: f64,
    /// PSI from which it has moved far.
    pub psi_severe: f64,
    /// False discovery rate of the tests over all watched features.
    pub alpha: f64,
    /// Whether simulated and backfilled failures feed drift and badge even where there are live ones.
    pub include_simulated: bool,
}

impl Default for DriftSettings {
    fn default() -> Self {
        Self {
            window: 100,
            bins: 10,
            min_samples: 50,
            psi_moderate: 0.10,
            psi_severe: 0.25,
            alpha: 0.04,
            include_simulated: false,
        }
    }
}
